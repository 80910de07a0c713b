"""Scripted conversations: what a caller does, and how the engines behave. test_conversations.py holds what comes of it.

A script is what comes out of the microphone, part by part: words, spoken in the tones of `fakeengines`; a number,
seconds of silence; `~.35`, a noise; `mute .5`, no audio at all; `soft:` or `far:` words, 6 and 14 dB softer than usual;
`commit`, the session's own request to end the turn. Between them the engines change: `breaks whisper` (llama, piper,
ear), whose next piece of work fails; `is slow whisper 3`, from then on; `writes nothing`, the language model; `chance
.2`, how probably it takes a message for ended; `sounds .9`, the same of the sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LONG = tuple(f"This is sentence number {number}. " for number in range(12))
SHORT = ("The ", "answer ", "is ", "two.")
ASKS = ("Would you like to hear much more about it, and about all that came after it? ", "It is long.")


@dataclass(frozen=True)
class Conversation:
    """script: see above, parts between bars. answer: pieces of each reply. word: seconds of the agent's words. meant:
    what words really are. listens: the end of a turn is judged from its sound. spare: there is time for partial
    transcripts. settings: of the agent.
    """

    name: str
    script: str
    answer: tuple[str, ...] = SHORT
    word: float = 0.1
    meant: Mapping[str, str] = field(default_factory=dict)
    listens: bool = False
    spare: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


def _over(name: str, words: str, **given: object) -> Conversation:
    """Something comes in the midst of a long reply, the second one: by then it is known whether there is an echo."""
    script = f"one | 4.5 | two and two | 1.8 | {words} | 4.5"
    return Conversation(name, script, answer=LONG[:6], word=0.12, **given)  # type: ignore[arg-type]


CONVERSATIONS = [
    Conversation("a question", "one and one | 3"),
    Conversation("two questions", "one and one | 3 | two and two | 3"),
    Conversation("three in a row", "one | 3 | two | 3 | three | 3"),
    Conversation("a single word", "six | 3"),
    Conversation("a long question", "one two three four five six seven eight nine ten eleven twelve | 3"),
    Conversation("a question after a long silence", "8 | one and one | 3"),
    Conversation("partial transcripts", "one two three four five six seven eight | 3", spare=True),
    Conversation(
        "partial transcripts around a pause", "one two three four | .4 | five six seven eight | 3", spare=True
    ),
    Conversation("a turn that is committed by hand", "one and | commit | 2 | two and two | .1 | commit | 3"),
    Conversation("silence that is committed by hand", "1 | commit | 2 | one | 3"),
    Conversation("a pause of .3 s within", "one and | .3 | one | 3"),
    Conversation("a pause of .6 s within", "one and | .6 | one | 3"),
    Conversation("a pause of 1.2 s within", "one and | 1.2 | one | 3"),
    Conversation("many pauses", "one | .25 | two | .25 | three | .25 | four | .25 | five | 3"),
    Conversation("goes on while the reply is made", "one and one | .55 | two and two | 3"),
    Conversation("goes on right after the reply began", "one and one | .9 | two and two | 4"),
    Conversation("a message that surely ended", "chance .97 | one and one | 3"),
    Conversation("a message that surely goes on", "chance .02 | one and | 3"),
    Conversation("cut off twice, then patient", "one | .7 | two | .7 | three | .7 | four | 4"),
    Conversation("the sound says it is over", "sounds .95 | chance .2 | one and | 3", listens=True),
    Conversation("the sound says it goes on", "sounds .05 | chance .6 | one and | 3", listens=True),
    Conversation("the sound is no help", "sounds .5 | one and one | 3", listens=True),
    Conversation("a noise alone", "1 | ~.35 | 3"),
    Conversation("a click alone", "1 | ~.04 | 3"),
    Conversation("noises", "~.3 | .5 | ~.3 | .5 | ~.6 | 3"),
    Conversation("a noise, then a question", "~.35 | .4 | one and one | 3"),
    Conversation("a click in the silence behind a question", "one and one | .16 | ~.04 | 3"),
    Conversation("a noise in the silence behind a question", "one and one | .2 | ~.2 | 3"),
    Conversation("soft speech", "soft: one and one | 3"),
    Conversation("half a minute", " | .35 | ".join(["one two three four five six seven eight"] * 10) + " | 4"),
    Conversation("half a minute without a pause", " ".join(["one two three four five six seven eight"] * 10) + " | 4"),
    Conversation("a monologue", " | .2 | ".join(["one two three four five six seven"] * 42) + " | 4"),
    Conversation("muted behind a question", "one and one | mute 3"),
    Conversation("muted within a question", "one and | mute .4 | one | 3"),
    Conversation("muted within a reply", "one and one | 1 | mute 3 | two | 3", answer=LONG[:2]),
    Conversation("nothing is begun ahead", "one and one | 3", settings={"speculative": False}),
    Conversation("patient settings", "one and one | 4 | two | 4",
                 settings={"endpointing_min_delay": 0.6, "endpointing_max_delay": 1.6}),
    Conversation("very patient settings", "chance .02 | one and | 4 | one and | 12",
                 settings={"endpointing_max_delay": 10}),
    Conversation("whisper fails once", "breaks whisper | one and one | 3 | two | 3"),
    Conversation("whisper fails twice", "breaks whisper | breaks whisper | one and one | 4 | two and two | 4"),
    Conversation("whisper fails where speech went on", "breaks whisper | one and | .3 | one | 3"),
    Conversation("the language model fails", "breaks llama | one and one | 4 | two and two | 4"),
    Conversation("the language model fails twice", "breaks llama | breaks llama | one and one | 4 | two and two | 4"),
    Conversation("the voice fails", "breaks piper | one and one | 4 | two and two | 4"),
    Conversation("the voice fails twice", "breaks piper | breaks piper | one and one | 4 | two and two | 4"),
    Conversation("the sound cannot be judged", "breaks ear | chance .5 | one and one | 3", listens=True),
    Conversation("whisper is slow", "is slow whisper 1.5 | one and one | 5 | two | 5"),
    Conversation("whisper is slow, and speech goes on", "is slow whisper .6 | one and | .4 | one and two | 4"),
    Conversation("the language model is slow", "is slow llama 1.5 | one and one | 5"),
    Conversation("the voice is slow", "is slow piper 1.2 | one and one | 5"),
    Conversation("all are slow", "is slow whisper .8 | is slow llama .8 | is slow piper .8 | one and one | 5"),
    Conversation("a reply of nothing", "writes nothing | one and one | 4 | two | 4"),
    Conversation("whisper understands nothing", "one and one | 4", meant={"one and one.": ""}),
    _over("words over the reply", "three four five six"),
    _over("one word over the reply", "three"),
    _over("mhm over the reply", "five", meant={"five.": "Mhm."}),
    _over("okay over the reply", "five", meant={"five.": "Okay."}),
    _over("a noise over the reply", "~.35"),
    _over("a click over the reply", "~.04"),
    _over("three noises over the reply", "~.3 | .6 | ~.3 | .6 | ~.3"),
    _over("a long noise over the reply", "~4"),
    _over("mhm, then words over the reply", "five | .5 | three four", meant={"five.": "Mhm."}),
    _over("words in two parts over the reply", "three | .5 | four"),
    _over("many words over the reply, with partials", "three four five six seven eight nine ten", spare=True),
    _over("muted over the reply", "mute 1"),
    _over("soft words over the reply", "soft: three four five"),
    _over("stop over the reply, then another question", "three four | 4 | seven"),
    Conversation("yes to a question that goes on", "one | 5 | two | 1.8 | five | 6", answer=ASKS, word=0.15,
                 meant={"five.": "Okay, great."}),
    Conversation("okay behind the reply", "one | 5 | two | 1.6 | five | 4", meant={"five.": "Okay."}, word=0.2),
    Conversation("words over the greeting", "1 | three four | 5", settings={"greeting": " ".join(LONG[:3])}, word=0.2),
    Conversation("a softer voice behind a question", "one and one two three four five six | far: " +
                 " ".join(["seven eight nine"] * 6) + " | 4"),
    Conversation("voices that never stop, from the beginning", "far: " + " ".join(["seven eight nine ten"] * 12)
                 + " | one two three four five six | far: " + " ".join(["seven eight nine ten"] * 6) + " | 4"),
]  # fmt: skip
