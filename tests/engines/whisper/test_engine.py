"""The engine around a fake model: what goes in, what comes out, retries, cancelling, closing."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.engines.inference_thread import CrossEnginePriority, Urgency
from local_agent.engines.whisper import engine as whisper
from local_agent.engines.whisper.engine import Whisper
from local_agent.engines.whisper.language import Spoken
from local_agent.errors import BadInput, EngineCancelled, EngineClosed, EngineError, EngineTimeout, WeightsMissing
from tests.engines.whisper.fakewhisper import FakeModel, OnGpu, Said

Make = Callable[..., tuple[Whisper, FakeModel]]


def hum(seconds: float) -> NDArray[np.float32]:
    return (0.3 * np.sin(np.arange(int(seconds * 16_000)) / 12)).astype(np.float32)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Builds an engine around a fake model that gives the answers in order."""
    engines: list[Whisper] = []

    def build(
        *answers: Said,
        multilingual: bool = False,
        go: threading.Event | None = None,
        way: CrossEnginePriority | None = None,
        device: str = "cpu",
        kind: str = "float32",
    ) -> tuple[Whisper, FakeModel]:
        model = FakeModel(itertools.repeat(Said("Hm.")), multilingual, device, getattr(ctranslate2.DataType, kind))
        monkeypatch.setattr(whisper, "load", lambda *_: (model, model.words))
        engine = Whisper(Path("nowhere"), way=way, device=device)
        engine.warm()
        for noted in (model.encoded, model.prompts, model.limits, model.beams, model.detected):
            noted.clear()
        model.entered.clear()
        model.answers, model.go = iter(answers), go
        engines.append(engine)
        return engine, model

    yield build
    for engine in engines:
        engine.close()


def test_a_good_take_is_the_transcript(make: Make) -> None:
    engine, model = make(Said("Turn on the lamp."))
    audio = np.concatenate([np.zeros(16_000, np.float32), hum(1.5), np.zeros(8_000, np.float32)])
    heard = engine.transcribe(audio).result(10)
    assert (heard.text, heard.language, heard.language_probability, heard.attempts) == (
        "Turn on the lamp.",
        "en",
        1.0,
        1,
    )
    assert heard.confidence == pytest.approx(np.exp(-0.3))
    assert (heard.start, heard.end, heard.audio_s) == (
        pytest.approx(1.0, abs=0.05),
        pytest.approx(2.5, abs=0.05),
        3.0,
    )
    assert heard.window_s == model.encoded[0] < 4.0


DOUBTED = [Said("Turn on the lamp. Turn on the"), Said("lamp", finished=False), Said("lamp")]


@pytest.mark.parametrize("doubted", DOUBTED, ids=["loop", "open", "short"])
def test_a_doubted_take_is_decoded_again_from_the_same_encoding(make: Make, doubted: Said) -> None:
    engine, model = make(doubted, Said("Turn on the lamp and the radio.", logprob=-0.85))
    heard = engine.transcribe(hum(4.0)).result(10)
    assert (heard.text, heard.attempts) == ("Turn on the lamp and the radio.", 2)
    assert heard.window_s == model.encoded[0]
    assert len(model.encoded) == 1


@pytest.mark.parametrize("doubted", DOUBTED, ids=["loop", "open", "short"])
def test_what_stays_doubted_is_heard_in_the_whole_window(make: Make, doubted: Said) -> None:
    engine, model = make(doubted, doubted, Said("Turn on the lamp and the radio."))
    heard = engine.transcribe(hum(4.0)).result(10)
    assert (heard.text, heard.attempts) == ("Turn on the lamp and the radio.", 3)
    assert model.encoded[1] == 30.0
    assert heard.window_s == sum(model.encoded)


UNSURE = Said("Turn on the clamp and the radio and so on.", logprob=-0.9)
BEST = Said("Turn on the lamp and the radio and so forth.", logprob=-0.5)


def test_where_the_model_doubts_its_words_several_texts_are_followed_in_the_same_encoding(make: Make) -> None:
    engine, model = make(UNSURE, BEST)
    heard = engine.transcribe(hum(4.0)).result(10)
    assert (heard.text, heard.attempts) == (BEST.text, 2)
    assert heard.window_s == model.encoded[0] and len(model.encoded) == 1
    assert model.beams == [1, 5]
    assert heard.ending == pytest.approx(0.5, abs=0.2)
    assert heard.tokens == tuple(model.words.encode(BEST.text))


def test_a_multilingual_model_searches_with_the_times_of_what_was_said(make: Make) -> None:
    engine, model = make(UNSURE, BEST, multilingual=True)
    heard = engine.transcribe(hum(3.0), language="de").result(10)
    assert model.prompts == [[1, 7, 6, 5], [1, 7, 6]]
    assert (heard.text, heard.tokens) == (BEST.text, tuple(model.words.encode(BEST.text))), "times are no part of it"


def test_what_stays_unsure_is_heard_in_the_whole_window(make: Make) -> None:
    engine, model = make(UNSURE, UNSURE, BEST, multilingual=True)
    heard = engine.transcribe(hum(4.0), language="de").result(10)
    assert (heard.text, heard.attempts) == (BEST.text, 3)
    assert model.beams == [1, 5, 5] and model.encoded[1] == 30.0


def test_nobody_waits_for_a_likelier_partial_transcript(make: Make) -> None:
    engine, model = make(UNSURE)
    heard = engine.transcribe(hum(4.0), urgency=Urgency.SPECULATIVE).result(10)
    assert (heard.text, model.beams) == (UNSURE.text, [1])


@pytest.mark.parametrize(
    ("language", "logprob", "text", "again"),
    [
        ("en", -0.5, "Turn on the lamp and the radio.", False),
        ("de", -0.5, "Mach die Lampe und das Radio an.", True),
        ("de", -0.3, "Mach die Lampe und das Radio an bitte.", False),
        ("de", -0.3, "Mach an.", True),
    ],
)
def test_other_languages_than_english_are_doubted_sooner(
    make: Make, language: str, logprob: float, text: str, again: bool
) -> None:
    """The small models know them less well, and write more tokens for a word."""
    engine, model = make(*[Said(text, logprob=logprob)] * 3, multilingual=True)
    engine.transcribe(hum(3.3), language=language).result(10)
    assert (len(model.beams) > 1) is again


def test_a_loop_that_never_ends_is_cut(make: Make) -> None:
    engine, _ = make(*[Said("on and on", finished=False)] * 3)
    assert engine.transcribe(hum(2.0)).result(10).text == "on and on"


def test_a_gpu_hears_the_whole_window_at_once(make: Make) -> None:
    engine, model = make(Said("Turn on the lamp."), device="cuda")
    assert engine.transcribe(hum(1.0)).result(10).attempts == 1
    assert model.encoded == [30.0]


@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16"])
def test_a_gpu_tells_how_likely_the_sentence_ends(make: Make, kind: str) -> None:
    """Its logits lie where numpy can't look."""
    engine, model = make(Said("Turn on the lamp ."), device="cuda", kind=kind)
    assert engine.transcribe(hum(1.0)).result(10).ending == pytest.approx(0.5, abs=0.2)
    view = model.encode(np.zeros((1, 80, 100), np.float32))
    with pytest.raises((TypeError, ValueError)):
        np.asarray(view, np.float32)


def test_a_processor_computes_in_what_numpy_does_not_know(make: Make) -> None:
    engine, _ = make(Said("Turn on the lamp ."), kind="bfloat16")
    assert engine.transcribe(hum(1.0)).result(10).ending == pytest.approx(0.5, abs=0.2)


def test_a_fake_view_on_a_gpu_is_as_the_librarys() -> None:
    """Which refuses what lies on the other kind of device in one and the same way."""
    view = ctranslate2.StorageView.from_array(np.zeros((1, 2), np.float32))
    with pytest.raises(AttributeError, match="Cannot get __cuda_array_interface__"):
        _ = view.__cuda_array_interface__
    gpu = OnGpu(view)
    with pytest.raises(AttributeError, match="Cannot get __array_interface__"):
        _ = gpu.__array_interface__
    own = {name for name in (*dir(OnGpu), *vars(gpu)) if name not in dir(object) and name[0] != "_"}
    assert own <= set(dir(view)) and not hasattr(gpu, "__array__") and not hasattr(view, "__array__")


@pytest.mark.parametrize("doubted", [*DOUBTED, UNSURE], ids=["loop", "open", "short", "unsure"])
def test_what_a_gpu_doubts_is_searched_for_a_likelier_text(make: Make, doubted: Said) -> None:
    engine, model = make(doubted, Said("Turn on the lamp and the radio."), device="cuda")
    heard = engine.transcribe(hum(4.0)).result(10)
    assert (heard.text, heard.attempts) == ("Turn on the lamp and the radio.", 2)
    assert model.encoded == [30.0] and model.beams == [1, 5]


@pytest.mark.parametrize(
    ("first", "again", "text"),
    [
        (Said("Six", logprob=-0.45, no_speech=0.45), None, "Six"),
        (Said("Six", logprob=-0.85, no_speech=0.65), Said("Six", logprob=-0.85, no_speech=0.85), "Six"),
        (Said("Sick", logprob=-0.85, no_speech=0.65), Said("Six", logprob=-0.85, no_speech=0.7), "Six"),
        (Said("I'm going home now", logprob=-0.85, no_speech=0.65), Said("I", logprob=-0.85, no_speech=0.85), ""),
        (Said("Thank you.", logprob=-0.8, no_speech=0.4), Said("Thank you.", logprob=-0.8, no_speech=0.8), ""),
    ],
    ids=["believed", "agreed", "a word", "noise", "an invention"],
)
def test_a_gpu_judges_noise_by_what_the_whole_window_tells(
    make: Make, first: Said, again: Said | None, text: str
) -> None:
    answers = [first] if again is None else [first, again]
    engine, model = make(*answers, device="cuda")
    assert engine.transcribe(hum(0.5)).result(10).text == text
    assert len(model.encoded) == len(answers)


def test_silence_is_not_even_decoded(make: Make) -> None:
    engine, model = make()
    heard = engine.transcribe(np.zeros(16_000, np.float32)).result(10)
    assert (heard.text, heard.attempts, heard.no_speech, model.encoded) == ("", 0, 1.0, [])


def test_noise_without_a_letter_is_decoded_once(make: Make) -> None:
    engine, model = make(Said(". . .", no_speech=0.9))
    heard = engine.transcribe(hum(2.0)).result(10)
    assert (heard.text, heard.no_speech, len(model.encoded)) == ("", 0.9, 1)


@pytest.mark.parametrize(
    ("again", "text"),
    [
        (Said("Six", logprob=-0.85, no_speech=0.45), "Six"),
        (Said("Six", logprob=-0.85, no_speech=0.6), ""),
        (Said("Thank you for watching.", logprob=-0.8, no_speech=0.4), ""),
        (Said("Six and six and", no_speech=0.1, finished=False), ""),
    ],
    ids=["a word", "a doubtful word", "an invention", "a loop"],
)
def test_words_taken_for_noise_are_heard_once_more_in_the_whole_window(make: Make, again: Said, text: str) -> None:
    engine, model = make(Said("Sick", logprob=-2.5, no_speech=0.77), again)
    heard = engine.transcribe(hum(0.5)).result(10)
    assert heard.text == text
    assert model.encoded[1:] == [30.0] and model.beams == [1, 1]


def test_nobody_waits_for_a_second_opinion_on_a_partial_transcript(make: Make) -> None:
    engine, model = make(Said("Sick", logprob=-2.5, no_speech=0.77))
    heard = engine.transcribe(hum(0.5), urgency=Urgency.SPECULATIVE).result(10)
    assert (heard.text, len(model.encoded)) == ("", 1)


def test_long_audio_is_heard_in_pieces(make: Make) -> None:
    engine, model = make(*(Said(f"Here come many more words of piece {number}" * 5) for number in "abc"))
    audio = np.concatenate([hum(20), np.zeros(8_000, np.float32), hum(20), np.zeros(8_000, np.float32), hum(20)])
    heard = engine.transcribe(audio).result(10)
    assert len(model.encoded) == 3
    assert all(seconds <= 30.0 for seconds in model.encoded)
    assert [heard.text.count(f"piece {number}") for number in "abc"] == [5, 5, 5]


@pytest.mark.parametrize(
    ("language", "least", "most"), [("en", 99, 119), ("hi", 195, 224), ("el", 195, 224), ("hu", 160, 224)]
)
def test_a_text_may_have_the_tokens_that_its_script_takes(make: Make, language: str, least: int, most: int) -> None:
    engine, model = make(*[Said("word", finished=False)] * 3, multilingual=True)
    engine.transcribe(hum(11.0), language=language).result(10)
    assert all(least <= limit <= most for limit in model.limits)


def test_what_takes_more_tokens_than_the_decoder_holds_is_heard_in_shorter_pieces(make: Make) -> None:
    """Which language it is in, the first hearing tells."""
    answers = [Said(f"Here come many more words of piece {number}" * 8) for number in range(2)]
    engine, model = make(*[Said("word", finished=False)] * 3, *answers, multilingual=True)
    model.chances = {"<|hi|>": 0.9}
    heard = engine.transcribe(hum(27.0)).result(10)
    assert (heard.text.count("piece 0"), heard.text.count("piece 1"), heard.language) == (8, 8, "hi")


def test_the_language_is_detected_unless_given(make: Make) -> None:
    engine, model = make(Said("Guten Tag"), Said("Good day"), multilingual=True)
    found = engine.transcribe(hum(1.0)).result(10)
    given = engine.transcribe(hum(1.0), language="en").result(10)
    assert (found.language, found.language_probability) == ("de", 0.9)
    assert (given.language, given.language_probability) == ("en", 1.0)
    assert model.prompts == [[1, 7, 6, 5], [1, 8, 6, 5]]
    assert model.detected == [model.encoded[0]], "the padding behind the speech tells nothing of its language"


def test_a_short_answer_stays_in_the_language_of_the_call(make: Make) -> None:
    engine, model = make(Said("Yes"), Said("Guten Tag, ich komme heute erst am Abend"), multilingual=True)
    english = Spoken("en", 0.95, 3.0)
    short = engine.transcribe(hum(1.0), before=english).result(10)
    long = engine.transcribe(hum(3.0), before=english).result(10)
    assert (short.language, short.language_probability) == ("en", 0.1)
    assert (long.language, long.language_probability) == ("de", 0.9)
    assert model.prompts == [[1, 8, 6, 5], [1, 7, 6, 5]]


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros(0, np.float32),
        np.zeros((2, 100), np.float32),
        np.zeros(100, np.int16),
        np.array([0.1, np.nan], np.float32),
        np.array([0.1, np.inf], np.float32),
        [0.1, 0.2],
    ],
    ids=["empty", "stereo", "int16", "nan", "infinite", "list"],
)
def test_bad_audio_is_refused_at_once(make: Make, audio: NDArray[np.float32]) -> None:
    engine, _ = make()
    with pytest.raises(BadInput, match="expected"):
        engine.transcribe(audio)


def test_an_unknown_language_is_refused(make: Make) -> None:
    engine, _ = make(multilingual=True)
    with pytest.raises(BadInput, match="klingon"):
        engine.transcribe(hum(1.0), language="klingon")


def test_cancelling_stops_before_the_decoding(make: Make) -> None:
    go = threading.Event()
    engine, model = make(Said("never heard"), Said("the next"), go=go)
    job = engine.transcribe(hum(1.0))
    assert model.entered.wait(10)
    job.cancel()
    go.set()
    with pytest.raises(EngineCancelled):
        job.result(10)
    assert engine.transcribe(hum(1.0)).result(10).text == "never heard", "the first answer was still unused"


def test_a_deadline_that_passes_is_an_error(make: Make) -> None:
    go = threading.Event()
    engine, model = make(Said("late"), go=go)
    first = engine.transcribe(hum(1.0))
    assert model.entered.wait(10)
    late = engine.transcribe(hum(1.0), timeout=0.0)
    go.set()
    first.result(10)
    with pytest.raises(EngineTimeout):
        late.result(10)


@pytest.mark.parametrize(("urgency", "held"), [(Urgency.NOW, True), (Urgency.SPECULATIVE, False)])
def test_only_wanted_work_claims_the_right_of_way(make: Make, urgency: Urgency, held: bool) -> None:
    go, way = threading.Event(), CrossEnginePriority()
    engine, model = make(Said("Turn on the lamp."), go=go, way=way)
    job = engine.transcribe(hum(1.0), urgency=urgency)
    assert model.entered.wait(10)
    assert (way.yield_to_urgent(patience=0.05) >= 0.05) is held
    go.set()
    assert job.result(10).text


def test_a_closed_engine_takes_no_work(make: Make) -> None:
    engine, _ = make()
    engine.close()
    with pytest.raises(EngineClosed):
        engine.transcribe(hum(1.0))


def test_an_error_of_the_library_becomes_ours(make: Make) -> None:
    engine, model = make(Said("fine"))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    model.generate = broken  # type: ignore[method-assign,assignment]
    with pytest.raises(EngineError, match="out of memory"):
        engine.transcribe(hum(1.0)).result(10)


def test_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsMissing, match=r"model\.bin, tokenizer\.json"):
        Whisper(tmp_path)


def test_weights_that_do_not_load_say_so(tmp_path: Path) -> None:
    for name in whisper.FILES:
        (tmp_path / name).write_text("{}")
    with pytest.raises(EngineError, match="cannot load"):
        Whisper(tmp_path)


NAMES = ("Okafor", "metoprolol")


def test_a_vocabulary_is_the_text_before_a_second_decoding(make: Make) -> None:
    first, again = Said("Ask Oka for it.", logprob=-0.5, no_speech=0.1), Said("Ask Okafor it", logprob=-0.9)
    engine, model = make(first, again)
    heard = engine.transcribe(hum(2.0), vocabulary=NAMES).result(10)
    assert (heard.text, heard.no_speech) == ("Ask Okafor it.", 0.1)
    assert heard.confidence == pytest.approx(np.exp(-0.5)) and heard.attempts == 1
    start = [1, 5]
    assert model.prompts == [start, [2, 10 + ord("O") % 90, 10 + ord("m") % 90, *start]]
    assert len(model.encoded) == 1, "the same sound is encoded once"
    assert model.limits[0] == model.limits[1]


@pytest.mark.parametrize("vocabulary", [(), ("...",)], ids=["none", "no word"])
def test_without_a_vocabulary_nothing_is_decoded_twice(make: Make, vocabulary: tuple[str, ...]) -> None:
    engine, model = make(Said("Ask Oka for it."), Said("Ask Oka for it."))
    assert engine.transcribe(hum(2.0), vocabulary=vocabulary).result(10).text == "Ask Oka for it."
    assert model.prompts[0] == [1, 5]


def test_noise_is_noise_whatever_the_vocabulary(make: Make) -> None:
    """Whisper repeats the text before where nobody speaks, so nobody asks it."""
    engine, model = make(Said(". . .", no_speech=0.9))
    assert engine.transcribe(hum(2.0), vocabulary=NAMES).result(10).text == ""
    assert len(model.prompts) == 1


def test_a_vocabulary_that_does_not_fit_is_refused_at_once(make: Make) -> None:
    engine, model = make()
    with pytest.raises(BadInput, match="vocabulary of 224 tokens; expected 223 at most"):
        engine.transcribe(hum(1.0), vocabulary=["word"] * 224)
    assert not model.encoded


def test_a_text_and_the_vocabulary_before_it_fit_the_decoder(make: Make) -> None:
    engine, model = make(*[Said(" ".join(map(str, range(40))))] * 2, multilingual=True)
    engine.transcribe(hum(11.0), language="hi", vocabulary=["word"] * 223).result(10)
    assert model.limits == [224, 448 - 224 - 4]
