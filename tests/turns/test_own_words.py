"""What Whisper makes of a distorted echo is told from a caller who talks over it, about the same things."""

from __future__ import annotations

from local_agent.turns.own_words import KEPT, OwnWords

RIVER = (
    "The river begins high in the mountains, where the snow lies until the middle of June.",
    "From there it runs through a narrow valley, past three old villages.",
)
# Transcripts of this text's echo on a machine with a load of nine, and what callers might say meanwhile.
CLEAR = (
    "from their runs through a narrow valley.",
    "The river begins high in the mountains, where the snow lies until the middle of juke of juke.",
    "snow lies until",
)
DISTORTED = (
    "against high in the mouth.",
    "from their run to an",
    "from their runs through an area.",
)
CALLERS = (
    "No, wait a moment.",
    "Which river is that?",
    "How high are the mountains there?",
    "No, the capital of Spain.",
    "Tell me about the villages instead.",
    "In June?",  # too little to tell
    "the snow",
    "Is there snow in winter, too?",
    "What is the name of that valley?",
)


def told() -> OwnWords:
    own = OwnWords()
    for clause in (*RIVER, "The capital of France is Paris."):
        own.say(clause)
    return own


def test_an_echo_is_told_from_a_caller() -> None:
    own = told()
    missed = [text for text in CLEAR if not own.hold(text, likely=False)]
    missed += [text for text in CLEAR + DISTORTED if not own.hold(text, likely=True)]
    silenced = [text for text in CALLERS if own.hold(text, likely=True)]
    assert not missed and not silenced


def test_where_no_echo_is_likely_a_caller_may_use_the_agents_words() -> None:
    own = told()
    assert own.hold("the capital of Spain", likely=True) and not own.hold("the capital of Spain", likely=False)


def test_a_language_without_spaces_is_compared_by_its_characters() -> None:
    own = OwnWords()
    own.say("东京是日本的首都，有很多人。")
    assert own.hold("日本的首都", likely=False) and not own.hold("那么北京呢", likely=True)


def test_what_was_said_long_ago_is_no_echo() -> None:
    own = told()
    own.say("word " * KEPT)
    assert not own.hold("runs through a narrow valley", likely=True)
    assert not OwnWords().hold("nothing was said", likely=True)
