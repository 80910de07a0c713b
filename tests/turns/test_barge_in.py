"""What a sound over the agent's voice means: decisions as tables, windows of 32 ms."""

from __future__ import annotations

import pytest

from local_agent.turns.backchannel import backchannel
from local_agent.turns.barge_in import STEP, Action, BargeIn, Patience

LOUD, MAYBE, HINT, QUIET = 0.95, 0.6, 0.2, 0.05


def feed(bargein: BargeIn, *probabilities: float, talking: bool = True) -> list[Action]:
    done = [bargein.window(probability, talking=talking) for probability in probabilities]
    return [action for action in done if action is not None]


@pytest.mark.parametrize(
    "text",
    [
        "Mhm.",
        "Mm-hmm-hmm.",
        "NMM.",
        "MMO",
        "Mm-hmm.",
        "Mm, hmm",
        "Uh-huh.",
        "uh huh",
        "Hmm...",
        "Yeah.",
        "Yeah, yeah.",
        "Okay, right.",
        "I see.",
        "Oh wow!",
        "So.",  # "uh-huh", as tiny.en writes it, like the next three
        "up",
        "Out.",
        "I'll...",
    ],
)
def test_listeners_noises_are_backchannels(text: str) -> None:
    assert backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "No.",
        "Stop.",
        "Wait!",
        "Yeah but why?",
        "Okay, what about Rome?",
        "Right, turn it off",
        "Oh no.",
        "So what?",
        "Get out!",
        "I do.",
        "Humble",
    ],
)
def test_what_wants_the_floor_is_none(text: str) -> None:
    assert not backchannel(text)


@pytest.mark.parametrize(
    ("windows", "actions"),
    [
        ((LOUD,), [Action.HOLD]),
        ((MAYBE,), [Action.HOLD]),
        ((HINT,), [Action.HOLD]),  # speech mostly begins softly
        ((HINT, *(QUIET,) * 5), [Action.HOLD, Action.RESUME]),
        ((*(QUIET,) * 20, HINT, QUIET, HINT, MAYBE, LOUD), [Action.HOLD]),  # the silence before it does not count
        ((QUIET,) * 20, []),
        ((LOUD, LOUD, *(QUIET,) * 5), [Action.HOLD, Action.RESUME]),
        ((*(LOUD,) * 10, *(QUIET,) * 5), [Action.HOLD]),  # long enough for a word: its transcript decides
        ((*(LOUD,) * 10, *(QUIET,) * 30), [Action.HOLD, Action.RESUME]),  # which never came
    ],
)
def test_sounds_hold_the_voice(windows: tuple[float, ...], actions: list[Action]) -> None:
    assert feed(BargeIn(), *windows) == actions


def test_silence_of_the_agent_needs_no_decision() -> None:
    bargein = BargeIn()
    assert feed(bargein, *(LOUD,) * 200, talking=False) == []
    assert bargein.words("turn it off", talking=False) is None and not bargein.holding
    assert feed(bargein, LOUD, LOUD) == [Action.HOLD]  # what was said before counts for nothing


def test_words_take_the_floor_in_the_midst_of_speech() -> None:
    bargein = BargeIn()
    feed(bargein, *(LOUD,) * 10)
    assert bargein.words("wait a", talking=True) is Action.INTERRUPT and not bargein.holding


def test_words_take_the_floor_also_after_the_voice_went_on() -> None:
    bargein = BargeIn()
    assert feed(bargein, *(LOUD,) * 3, *(QUIET,) * 6) == [Action.HOLD, Action.RESUME]
    assert bargein.words("No.", talking=True) is Action.INTERRUPT


def test_a_backchannel_gives_the_floor_back_once_it_is_over() -> None:
    bargein = BargeIn()
    feed(bargein, *(LOUD,) * 10)
    assert bargein.words("yeah", talking=True) is None and bargein.holding  # more may come
    feed(bargein, QUIET, QUIET)
    assert bargein.words("Yeah.", talking=True) is Action.RESUME


def test_a_sound_without_words_is_dismissed_until_it_ends() -> None:
    bargein = BargeIn()
    feed(bargein, *(LOUD,) * 20)
    assert bargein.words("", talking=True) is None
    assert bargein.words("", talking=True) is Action.RESUME
    assert feed(bargein, *(LOUD,) * 200) == []
    assert feed(bargein, *(QUIET,) * 30, LOUD) == [Action.HOLD]


def test_words_interrupt_even_a_dismissed_sound() -> None:
    bargein = BargeIn()
    feed(bargein, *(LOUD,) * 20)
    bargein.words("", talking=True), bargein.words("", talking=True)
    assert bargein.words("please stop now", talking=True) is Action.INTERRUPT


def test_speech_without_any_transcript_is_an_interruption_in_the_end() -> None:
    count = int(Patience().endless / STEP) + 1
    assert feed(BargeIn(), *(LOUD,) * count) == [Action.HOLD, Action.INTERRUPT]


def test_a_muted_microphone_gives_the_floor_back() -> None:
    bargein = BargeIn()
    feed(bargein, LOUD)
    assert bargein.window(0.0, talking=True, length=0.2) is Action.RESUME
