"""Voices that talk on whatever the agent says, by level and probability alone."""

from __future__ import annotations

import numpy as np
import pytest

from local_agent.plugins.interruptions import InterruptionHandler
from local_agent.turns.foreground import FAINT, Foreground
from tests.plugins.fakeengines import FakeEngines, run, silence, speech
from tests.plugins.sttkit import Kind, plugin, talking
from tests.turns.test_foreground import Windows, judged, quiet, seconds, voice


class Replying(InterruptionHandler):
    """The floor of an agent that replies whenever a test says so."""

    replies = False
    given_up = 0

    @property
    def busy(self) -> bool:
        return self.replies

    def give_up(self) -> None:
        self.given_up += 1


def told(foreground: Foreground, windows: Windows, *replies: tuple[float, float]) -> list[float]:
    """What it makes of them while the agent has the floor from and to so many seconds."""
    return [
        foreground.window(level, probability, replying=any(seconds(a) <= at < seconds(b) for a, b in replies))
        for at, (level, probability) in enumerate(windows)
    ]


def talk(duration: float, loud: float, pause: float = 0.5, seed: int = 0) -> Windows:
    """Somebody who makes a pause now and then."""
    windows: Windows = []
    while len(windows) < seconds(duration):
        windows += [*voice(2.5, loud, seed=seed + len(windows)), *quiet(pause)]
    return windows[: seconds(duration)]


GREETING, REPLY = (0.3, 1.5), (6.0, 7.0)


def test_a_television_that_talks_on_through_greeting_and_reply_is_nobody() -> None:
    foreground = Foreground()
    told(foreground, talk(9, 58), GREETING, REPLY)
    assert foreground.voices and max(judged(foreground, talk(20, 58, seed=50))) <= FAINT


def test_a_caller_is_heard_over_it_and_it_is_nobody_still() -> None:
    foreground = Foreground()
    told(foreground, talk(9, 58), GREETING, REPLY)
    assert np.mean(np.array(judged(foreground, voice(3, 72, seed=2))[15:]) >= 0.5) > 0.8
    assert max(judged(foreground, talk(10, 58, seed=50))[15:]) <= FAINT


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        (talk(20, 58), ()),
        (talk(20, 58), (GREETING,)),
        (talk(20, 74), (GREETING, REPLY)),
        ([*quiet(1.5), *talk(3, 58), *quiet(2.5), *talk(3, 58), *quiet(3)], ((0.3, 1.5), (4.8, 7.0))),
        (talk(30, 50, pause=2.0), (GREETING, (2.8, 4.3), (7.3, 8.8), (11.8, 13.3))),
    ],
    ids=["never answered", "over the greeting alone", "near", "who listens", "with long pauses"],
)
def test_a_caller_is_no_television(said: Windows, replies: tuple[tuple[float, float], ...]) -> None:
    assert told(Foreground(), said, *replies) == [probability for _, probability in said]


def test_it_is_forgotten_when_all_has_been_silent() -> None:
    foreground = Foreground()
    told(foreground, talk(9, 58), GREETING, REPLY)
    said = [*quiet(3.2), *voice(3, 58, seed=3)]
    assert judged(foreground, said)[seconds(3.2) :] == [probability for _, probability in said[seconds(3.2) :]]


def test_the_agents_own_voice_come_back_is_no_television() -> None:
    foreground, said = Foreground(), talk(9, 58)
    for at, (level, probability) in enumerate(said):
        replying = any(seconds(a) <= at < seconds(b) for a, b in (GREETING, REPLY))
        foreground.window(level, probability, replying=replying)
        if replying:
            foreground.echoed()
    assert not foreground.voices


def test_a_reply_to_a_television_is_given_up_and_who_is_louder_is_still_understood(engines: FakeEngines) -> None:
    sentence = np.concatenate([speech("one two three four one two three four") // 4, silence(0.6)])

    async def check() -> None:
        floor = Replying()
        async with talking(plugin(engines, commits_turns=True, floor=floor)) as talk:
            for replies in (False, True, False, True):
                floor.replies = replies
                talk.hear(sentence)
                await talk.settle()
            assert floor.given_up == 1
            floor.replies, answered = False, len(talk.of(Kind.FINAL_TRANSCRIPT))
            for _ in range(4):
                talk.hear(sentence)
                await talk.settle()
            assert len(talk.of(Kind.FINAL_TRANSCRIPT)) == answered
            talk.hear(silence(0.6), speech("five six seven eight"), silence(1.5))
            await talk.until(Kind.FINAL_TRANSCRIPT, answered + 1)
            assert talk.texts(Kind.FINAL_TRANSCRIPT)[-1] == "five six seven eight."

    run(check())
