"""Finding silences in recordings and making more of them."""

from __future__ import annotations

import numpy as np
import pytest
from livekit.agents import vad
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench import pauses
from local_agent.bench.pauses import Word, cut, met, padded
from local_agent.turns.speech import LEAD_OUT, WINDOW


def events(*loud: bool) -> list[vad.VADEvent]:
    """What a detector says of windows that are loud or not; it is sure of speech after two loud ones."""
    told, speaking = [], False
    for number, this in enumerate(loud, start=1):
        common = {
            "speech_duration": 2 * WINDOW / SPEECH_RATE,
            "silence_duration": 0.0,
            "samples_index": number * WINDOW,
        }
        if this and not speaking and number > 1 and loud[number - 2]:
            speaking = True
            told.append(vad.VADEvent(type=vad.VADEventType.START_OF_SPEECH, timestamp=0.0, **common))  # type: ignore[arg-type]
        kind = vad.VADEventType.INFERENCE_DONE
        chance = 0.9 if this else 0.01
        told.append(vad.VADEvent(type=kind, timestamp=0.0, probability=chance, speaking=speaking, **common))  # type: ignore[arg-type]
    return told


class Detector(vad.VAD):
    """Finds the windows of whatever it hears loud or not, as it was told."""

    def __init__(self, *loud: bool) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=WINDOW / SPEECH_RATE))
        self.told = events(*loud)

    def stream(self) -> vad.VADStream:
        return Told(self)


class Told(vad.VADStream):
    def __init__(self, detector: Detector) -> None:
        super().__init__(detector)
        self.detector = detector

    async def _main_task(self) -> None:
        async for _ in self._input_ch:
            """All of it, first."""
        for event in self.detector.told:
            self._event_ch.send_nowait(event)


def tone(seconds: float, level: int = 8000) -> NDArray[np.int16]:
    return (level * np.sin(np.arange(int(seconds * SPEECH_RATE)) / 8)).astype(np.int16)


def test_each_silence_lasts_until_speech_goes_on() -> None:
    loud = [True] * 20 + [False] * 25 + [True] * 10 + [False] * 60
    samples = np.zeros(len(loud) * WINDOW, np.int16)
    inner, end = met("a", samples, Detector(*loud), [], least=0.0)
    assert inner.seconds == pytest.approx(26 * WINDOW / SPEECH_RATE)  # the first loud window may be a click
    assert inner.at == pytest.approx(20 * WINDOW / SPEECH_RATE) and end.at == pytest.approx(55 * WINDOW / SPEECH_RATE)
    assert len(inner.audio) == 20 * WINDOW + int(LEAD_OUT * SPEECH_RATE)
    assert end.seconds is None
    long = met("a", samples, Detector(*loud), [], least=27 * WINDOW / SPEECH_RATE)
    assert [pause.kind for pause in long] == ["end"]


def test_silence_alone_has_no_pause() -> None:
    assert met("a", np.zeros(50 * WINDOW, np.int16), Detector(*[False] * 50), [], least=0.0) == []


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ([], "phrase"),
        (["Well"], "phrase"),
        (["So.", "well"], "phrase"),
        (["So.", "well,"], "clause"),
        (["So,", "yes."], "sentence"),
        (["So", "yes?"], "sentence"),
    ],
)
def test_a_pause_is_named_after_the_word_before_it(said: list[str], kind: str) -> None:
    """Which may be told to last into the silence."""
    loud = [True] * 20 + [False] * 25 + [True] * 10 + [False] * 60  # speech rests from 0.64 to 1.47 s
    words = [Word(text, 0.3 * at, 0.3 * at + 0.6) for at, text in enumerate(said)]
    samples = np.zeros(len(loud) * WINDOW, np.int16)
    found = met("a", samples, Detector(*loud), [*words, Word("No:", 1.5, 1.7)], least=0.0)
    assert [pause.kind for pause in found] == [kind, "end"]


def test_a_recording_gets_room_behind_its_speech() -> None:
    longer = padded(np.concatenate([tone(1.0), np.zeros(SPEECH_RATE, np.int16), tone(1.0)]), speech_end=1.0)
    assert len(longer) / SPEECH_RATE == pytest.approx(1.0 + pauses.BEHIND + pauses.LONG_BEHIND)
    assert np.abs(longer[-SPEECH_RATE:]).max() <= 6 * pauses.LOUDEST_NOISE  # a later noise in it is not the speech


WORDS = [Word(" one", 0.0, 0.5), Word(" two", 0.5, 0.96), Word(" three", 1.04, 1.5), Word(" four,", 1.5, 2.0)]


def test_a_phrase_is_cut_where_the_voice_rests() -> None:
    samples = np.concatenate([tone(0.98), np.zeros(int(0.04 * SPEECH_RATE), np.int16), tone(0.98)])
    (made,) = cut("a", samples, WORDS, count=5, seed=1)
    assert (made.kind, made.seconds) == ("cut", pauses.MADE)
    assert made.at == pytest.approx(1.0, abs=0.02)
    assert made.audio.dtype == np.float32 and len(made.audio) / SPEECH_RATE == pytest.approx(
        made.at + LEAD_OUT + 0.05, abs=0.01
    )
    assert (
        np.abs(made.audio[: SPEECH_RATE // 2]).max() > 0.2
        and np.abs(made.audio[-int(LEAD_OUT * SPEECH_RATE) :]).max() < 0.02
    )


def test_words_that_run_into_each_other_are_not_cut() -> None:
    assert cut("a", tone(2.0), WORDS, count=5, seed=1) == []


def test_nothing_is_cut_after_a_comma() -> None:
    words = [WORDS[0], Word(" two,", 0.5, 0.96), *WORDS[2:]]
    samples = np.concatenate([tone(0.98), np.zeros(int(0.04 * SPEECH_RATE), np.int16), tone(0.98)])
    assert cut("a", samples, words, count=5, seed=1) == []
