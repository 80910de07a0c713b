"""Speech to text of a caller who does not stop: every word once, in pieces, and the engine is not theirs alone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import numpy as np
import pytest

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.speech import ANSWERED, BURST, LEAD_IN, MOST, SPEAKING
from tests.plugins.fakeengines import COUNTING, FakeEngines, run, silence, speech
from tests.plugins.sttkit import Kind, plugin, talking

Sound = np.ndarray[tuple[int], np.dtype[np.int16]]


@pytest.mark.parametrize("pause", [0.06, 0.2], ids=["without a pause", "with pauses"])
def test_a_monologue_is_written_down_once_and_in_pieces(engines: FakeEngines, pause: float) -> None:
    chance, said, spoken = random.Random(1), list[str](), 0.0

    async def check() -> None:
        nonlocal spoken
        async with talking(plugin(engines, commits_turns=True)) as talk:
            while spoken < 45:
                words = chance.choices(COUNTING[:12], k=chance.randint(4, 9))
                said.extend(words)
                talk.hear(speech(" ".join(words)), silence(pause))
                spoken += 0.3 * len(words) + pause
                await talk.settle()
            talk.hear(silence(2))
            spoken += 2
            await talk.rest()
            finals = talk.texts(Kind.FINAL_TRANSCRIPT)
            assert " ".join(finals).replace(".", "").split() == said and len(finals) >= 3
            assert len(talk.of(Kind.END_OF_SPEECH)) == 1 and talk.kinds[-2] is Kind.END_OF_SPEECH
            lengths = [len(audio) / SPEECH_RATE for audio in engines.ears.heard]
            assert max(lengths) <= MOST + LEAD_IN + 1.0
            # Each segment once, whatever it costs, and beside that what the budget has.
            assert sum(lengths) <= spoken + BURST + SPEAKING * spoken + MOST

    run(check())


def test_whoever_never_stops_is_answered_all_the_same(engines: FakeEngines) -> None:
    async def check() -> None:
        async with talking(plugin(engines, commits_turns=True)) as talk:
            for _ in range(round((ANSWERED + 12) / 3)):
                talk.hear(speech("one two three four five six seven eight nine ten"))
                await talk.settle()
            await talk.until(Kind.END_OF_SPEECH)
            assert not talk.reading.done()

    run(check())


def crowd(seconds: float, *, lull: float = 0.0) -> Sound:
    """Noise that a detector takes for voices, int16 [samples]. lull: seconds of quiet now and then."""
    chance, step = np.random.default_rng(3), SPEECH_RATE // 50
    count = round(seconds * 50)
    levels = 67 + chance.normal(0, 3, count).clip(-6, 4)
    at = 0
    while lull and (at := at + int(chance.uniform(50, 250))) < count:
        levels[at : at + round(lull * 50)] = 20
    sound = chance.standard_normal((count, step)) * 10 ** (levels[:, None] / 20)
    return sound.clip(-32768, 32767).astype(np.int16).ravel()


def talkers(seconds: float) -> Sound:
    """Several near ones who never let a turn end, int16 [samples]."""
    chance, said = random.Random(2), list[Sound]()
    while sum(map(len, said)) < seconds * SPEECH_RATE:
        said += [speech(" ".join(chance.choices(COUNTING, k=chance.randint(1, 6)))), silence(chance.uniform(0.1, 0.3))]
    return np.concatenate(said)[: round(seconds * SPEECH_RATE)]


CROWDS: dict[str, Callable[[], Sound]] = {
    "without a pause": lambda: crowd(120),
    "with lulls": lambda: crowd(120, lull=0.3),
    "of words with pauses": lambda: talkers(120),
    "of words": lambda: np.tile(speech("one two three four five six seven"), 60)[: 120 * SPEECH_RATE],
}


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize("name", CROWDS)
def test_of_a_crowd_alone_hardly_more_is_transcribed_than_there_is(engines: FakeEngines, name: str) -> None:
    """Whisper is everybody's. Partial transcripts, which it makes in spare time, have a budget of their own."""
    sound = CROWDS[name]()

    async def check() -> None:
        async with talking(plugin(engines, commits_turns=True)) as talk:
            for at in range(0, len(sound), SPEECH_RATE // 10):
                talk.hear(sound[at : at + SPEECH_RATE // 10])
                await asyncio.sleep(0.1)
            given = sum(len(audio) for audio in engines.ears.heard) / len(sound)
            assert given <= 1.2

    run(check(), 200.0)
