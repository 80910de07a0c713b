"""Our decoder writes what CTranslate2 writes, with the same scores, from the same weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ctranslate2
import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.engines.whisper import engine as whisper
from local_agent.engines.whisper import onnx_export
from local_agent.engines.whisper.ct2_checkpoint import read
from local_agent.engines.whisper.decoder import Decoded, Library, Task
from local_agent.engines.whisper.decoder_onnx import Decoder, Rules
from local_agent.engines.whisper.encoder_window import Encoder, Heard
from local_agent.engines.whisper.engine import Whisper
from local_agent.engines.whisper.onnx_export import graphs, made_for
from local_agent.errors import EngineCancelled, EngineError
from local_agent.hardware.plan import EnginePlan
from local_agent.weights import hash_cache
from local_agent.weights.derived import derived
from local_agent.weights.store import Model, ModelFile, sha256_of
from tests.engines.whisper import tinywhisper
from tests.engines.whisper.tinywhisper import END, LAYERS, NOBODY, PLAIN, START, WORDS

PROMPT = [START, PLAIN]
HUM = (0.3 * np.sin(np.arange(24_000) / 12)).astype(np.float32)
EXACT = 1  # the accuracy level at which MatMulNBits multiplies with float32, slowly


class Pair:
    """A tiny model, its graphs, and both ways of decoding."""

    def __init__(self, folder: Path, quantization: str | None = None, *, key_bias: bool = True) -> None:
        self.source = tinywhisper.write(folder, quantization, key_bias=key_bias)
        self.graphs = (folder / "memory.onnx", folder / "decoder.onnx")
        onnx_export.write(self.source, self.graphs)
        model = ctranslate2.models.Whisper(str(folder), compute_type="float32", intra_threads=1)
        self.model, self.ear = model, Encoder(model)
        self.theirs = Library(model, self.ear)
        self.ours = Decoder(
            read(self.source), self.graphs, self.ear, Rules.of(folder / "config.json", END, NOBODY), threads=1
        )

    def hear(self, seed: int, seconds: float = 1.0, padding: float | None = 1.0) -> Heard:
        random = np.random.default_rng(seed)
        return self.ear.encode((random.standard_normal(int(16_000 * seconds)) * 0.1).astype(np.float32), padding)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(onnx_export, "WHOLE_NUMBERS", EXACT)
        yield Pair(tmp_path_factory.mktemp("exact") / "tiny")


def idle() -> None:
    """Nobody cancels."""


def same(ours: Decoded, theirs: Decoded) -> None:
    assert ours.tokens == theirs.tokens
    assert ours.logprob == pytest.approx(theirs.logprob, abs=1e-4)
    assert ours.no_speech == pytest.approx(theirs.no_speech, abs=1e-5)
    assert len(ours.steps) == len(theirs.steps)
    for mine, other in zip(ours.steps, theirs.steps, strict=True):
        allowed = np.isfinite(mine)
        assert mine[allowed] == pytest.approx(np.asarray(other).reshape(-1)[allowed], abs=1e-3)


@pytest.mark.parametrize(
    ("seconds", "padding", "tail"),
    [(1.0, 1.0, 0.0), (1.0, 1.0, 3.0), (7.3, 1.0, 11.0), (2.0, 1.0, 30.0), (1.0, None, 0.0)],
    ids=["nothing behind", "padding", "longer", "all of it", "a whole window"],
)
def test_it_writes_what_ctranslate2_writes(pair: Pair, seconds: float, padding: float | None, tail: float) -> None:
    heard, task = pair.hear(1, seconds, padding), Task(PROMPT, 12, (4,))
    ours = pair.ours.decode(heard, tail, task, idle)
    assert len(ours.tokens) == 12
    same(ours, pair.theirs.decode(heard, tail, task, idle))


def test_it_ends_where_ctranslate2_ends(pair: Pair) -> None:
    """With most words forbidden the end comes soon; it may not come first."""
    heard, task = pair.hear(2), Task(PROMPT, 40, tuple(range(12, WORDS)))
    ours = pair.ours.decode(heard, 2.0, task, idle)
    assert 0 < len(ours.tokens) < 40 and len(ours.steps) == len(ours.tokens) + 1
    same(ours, pair.theirs.decode(heard, 2.0, task, idle))


@pytest.mark.parametrize(("quantization", "key_bias"), [("float16", True), ("int8", True), (None, False)])
def test_however_the_weights_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quantization: str | None, key_bias: bool
) -> None:
    monkeypatch.setattr(onnx_export, "WHOLE_NUMBERS", EXACT)
    pair = Pair(tmp_path / "tiny", quantization, key_bias=key_bias)
    heard, task = pair.hear(3), Task(PROMPT, 6)
    same(pair.ours.decode(heard, 2.0, task, idle), pair.theirs.decode(heard, 2.0, task, idle))


def test_ctranslate2_follows_several_texts(pair: Pair) -> None:
    heard, task = pair.hear(11, 2.0), Task(PROMPT, 12, (END,))
    greedy, best = (
        pair.theirs.decode(heard, 3.0, task, idle),
        pair.theirs.decode(heard, 3.0, replace(task, beam=5), idle),
    )
    assert best.logprob > greedy.logprob and len(best.tokens) == 12
    assert best.steps == [] and best.no_speech == pytest.approx(greedy.no_speech, abs=1e-6)


def test_several_tokens_at_once_are_as_one_by_one(tmp_path: Path) -> None:
    pair = Pair(tmp_path / "tiny")  # in 8-bit numbers, as in use
    ours, tokens = pair.ours, [20, 21, 84, 31, 7]
    memory = ours.remember(pair.hear(4), 2.0)
    _, begun = ours.step(PROMPT, 0, memory, ours.nothing())
    together, all_past = ours.step(tokens, 2, memory, begun)
    single, past = list[NDArray[np.float32]](), begun
    for place, token in enumerate(tokens, start=2):
        logits, past = ours.step([token], place, memory, past)
        single.append(logits[0])
    assert together.shape == (5, WORDS + 4)
    assert together == pytest.approx(np.stack(single), abs=1e-3)
    assert all_past.keys() == past.keys() and len(past) == 2 * LAYERS
    for name, kept in past.items():
        assert all_past[name] == pytest.approx(kept, abs=1e-4)


@pytest.mark.parametrize("right", [0, 1, 3, 99], ids=["nothing", "one", "three", "all"])
def test_a_guess_changes_nothing_but_the_steps(pair: Pair, right: int) -> None:
    """Right for so many tokens, then wrong; all of it right and longer than the limit in the end."""
    heard, steps = pair.hear(9, 2.0), [0]

    def check() -> None:
        steps[0] += 1

    alone = pair.ours.decode(heard, 2.0, Task(PROMPT, 12), check)
    one_by_one, steps[0] = steps[0], 0
    assert len(alone.tokens) > 4, "the tiny model says too little for this test"
    guess = [*alone.tokens[:right], *([] if right == 99 else [alone.tokens[right] + 1, 5, 6])]
    guessed = pair.ours.decode(heard, 2.0, Task(PROMPT, 12, guess=guess), check)
    assert guessed.tokens == alone.tokens and len(guessed.steps) == len(alone.steps)
    assert guessed.logprob == pytest.approx(alone.logprob, abs=1e-5)
    assert guessed.no_speech == pytest.approx(alone.no_speech, abs=1e-6)
    for mine, other in zip(guessed.steps, alone.steps, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-3)
    assert one_by_one - steps[0] == min(right, len(alone.tokens) - 1)


@pytest.mark.parametrize("told", [1, 30])
def test_the_text_before_a_prompt_is_read_as_ctranslate2_reads_it(pair: Pair, told: int) -> None:
    """Also where it is longer than what is written: CTranslate2 counts it in."""
    heard, context = pair.hear(10, 2.0), [5 + number % 60 for number in range(told)]
    task = Task(PROMPT, 12, (END,), context=context)
    ours, alone = pair.ours.decode(heard, 3.0, task, idle), pair.ours.decode(heard, 3.0, Task(PROMPT, 12, (END,)), idle)
    assert len(ours.tokens) == 12 and ours.tokens != alone.tokens
    same(ours, pair.theirs.decode(heard, 3.0, task, idle))
    guessed = pair.ours.decode(heard, 3.0, replace(task, guess=[*ours.tokens[:3], 5]), idle)
    assert guessed.tokens == ours.tokens and guessed.logprob == pytest.approx(ours.logprob, abs=1e-5)


def test_what_was_heard_before_leaves_no_trace(pair: Pair) -> None:
    task, long, short = Task(PROMPT, 5), pair.hear(5, 6.0), pair.hear(6, 0.5)
    alone = pair.ours.decode(short, 2.0, task, idle)
    pair.ours.decode(long, 11.0, task, idle)
    again = pair.ours.decode(short, 2.0, task, idle)
    assert (again.tokens, again.logprob) == (alone.tokens, alone.logprob)


def test_what_padding_comes_to_is_computed_once_on_a_machine(pair: Pair, tmp_path: Path) -> None:
    """Whoever comes later maps the files, encodes no padding, and writes the same."""
    source = tmp_path / pair.source.name
    source.write_bytes(pair.source.read_bytes())
    keep = partial(derived, source, sha256_of(source), noted=hash_cache.of(tmp_path / "data"))
    rules = Rules.of(pair.source.with_name("config.json"), END, NOBODY)
    task, written = Task(PROMPT, 12), list[Decoded]()
    for known in (False, True):
        ear = Encoder(SimpleNamespace(is_multilingual=False, n_mels=80) if known else pair.model)  # type: ignore[arg-type]
        made = Decoder(read(pair.source), pair.graphs, ear, rules, threads=1, keep=keep)
        made.prepare()
        written.append(made.decode(pair.hear(1), 11.0, task, idle))
        assert isinstance(ear.prepare(), np.memmap)
    same(written[1], written[0])
    same(written[0], pair.theirs.decode(pair.hear(1), 11.0, task, idle))


def test_it_stops_between_two_tokens(pair: Pair) -> None:
    left = [5]

    def check() -> None:
        left[0] -= 1
        if not left[0]:
            raise EngineCancelled("enough")

    with pytest.raises(EngineCancelled):
        pair.ours.decode(pair.hear(7), 2.0, Task(PROMPT, 200), check)
    assert left == [0]


def test_graphs_that_do_not_run_are_an_error_of_ours(pair: Pair, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no graph")
    rules = Rules.of(pair.source.with_name("config.json"), END, NOBODY)
    with pytest.raises(EngineError, match=r"broken\.onnx"):
        Decoder(read(pair.source), (broken, broken), pair.ear, rules, threads=1)


# the engine


def test_graphs_are_made_once_and_only_of_a_whisper(tmp_path: Path) -> None:
    source, noted = tinywhisper.write(tmp_path / "models" / "tiny"), hash_cache.of(tmp_path / "data")
    found = graphs(source, sha256_of(source), noted)
    assert found is not None and [path.name for path in found] == [
        f"model.{part}-{onnx_export.FORM}.onnx" for part in ("memory", "decoder")
    ]
    before = [path.stat().st_mtime_ns for path in found]
    assert graphs(source, sha256_of(source), noted) == found
    assert [path.stat().st_mtime_ns for path in found] == before
    for content in (b"no model", source.read_bytes()[:5000]):
        source.write_bytes(content)
        assert graphs(source, sha256_of(source), noted) is None


@pytest.mark.parametrize(
    ("device", "compute_type", "entry", "made"),
    [
        ("cpu", "int8", True, True),
        ("cpu", "float32", True, False),
        ("cuda", "int8_float16", True, False),
        ("cpu", "int8", False, False),
    ],
    ids=["cpu", "other numbers", "gpu", "somebody's own"],
)
def test_who_gets_graphs(tmp_path: Path, device: str, compute_type: str, entry: bool, made: bool) -> None:
    source = tinywhisper.write(tmp_path / "models" / "tiny")
    file = ModelFile(source, source.stat().st_size, sha256_of(source))
    known = SimpleNamespace(name="tiny") if entry else None
    model = Model("tiny", "stt", source.parent, (file,), known)  # type: ignore[arg-type]
    found = made_for(EnginePlan("tiny", device, 1, compute_type), model, hash_cache.of(tmp_path / "data"))
    assert [one is not None for one in found] == [made, made]


Make = Callable[..., Whisper]


@pytest.fixture
def make(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Builds an engine around the tiny model, whose tokenizer is made up."""
    engines: list[Whisper] = []

    def encode(text: str, add_special_tokens: bool) -> SimpleNamespace:
        return SimpleNamespace(ids=[10 + ord(text[0]) % 50])

    words = SimpleNamespace(
        sot=START, sot_prev=4, sot_lm=6, no_speech=NOBODY, no_timestamps=PLAIN, eot=END,
        tokenizer=SimpleNamespace(encode=encode),
        decode=lambda tokens: " ".join(f"w{token}" for token in tokens),
    )  # fmt: skip

    def build(graphs: tuple[Path, Path] | None) -> Whisper:
        monkeypatch.setattr(whisper, "load", lambda *_: (pair.model, words))
        engines.append(Whisper(pair.source.parent, threads=1, graphs=graphs))
        return engines[-1]

    yield build
    for engine in engines:
        engine.close()


def test_both_ways_give_the_same_transcript(pair: Pair, make: Make) -> None:
    ours, theirs = (make(graphs).transcribe(HUM).result(60) for graphs in (pair.graphs, None))
    assert ours.text == theirs.text
    assert (ours.confidence, ours.no_speech) == pytest.approx((theirs.confidence, theirs.no_speech), abs=1e-4)
    assert ours.ending == pytest.approx(theirs.ending, abs=1e-4)


@pytest.mark.parametrize("ours", [True, False])
def test_warming_keeps_the_faster_way(pair: Pair, make: Make, monkeypatch: pytest.MonkeyPatch, ours: bool) -> None:
    clock, asked = [0.0], list[type]()
    monkeypatch.setattr(whisper.time, "perf_counter", lambda: clock[0])

    def slowed(way: type[Decoder | Library], seconds: float) -> None:
        plain = way.decode

        def decode(*given: Any) -> Decoded:
            clock[0] += seconds
            asked.append(way)
            return plain(*given)

        monkeypatch.setattr(way, "decode", decode)

    slowed(Decoder, 1.0 if ours else 3.0)
    slowed(Library, 2.0)
    engine = make(pair.graphs)
    engine.warm()
    assert set(asked) == {Decoder, Library}
    asked.clear()
    assert engine.transcribe(HUM).result(60).text
    assert asked[0] is (Decoder if ours else Library) and (Decoder in asked) is ours


def test_graphs_that_do_not_run_leave_it_to_ctranslate2(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = make((tmp_path / "nothing.onnx", tmp_path / "nothing.onnx"))
    assert engine.transcribe(HUM).result(60).text == make(None).transcribe(HUM).result(60).text != ""
    assert "decodes with CTranslate2" in caplog.text
