"""Speech to text of a caller who does not stop: every word once, in pieces, and the engine is not theirs alone."""

from __future__ import annotations

import random

import pytest

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.speech import ANSWERED, BURST, LEAD_IN, MOST, SPEAKING
from tests.plugins.fakeengines import COUNTING, FakeEngines, run, silence, speech
from tests.plugins.sttkit import Kind, plugin, talking


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
