"""How a very small language model is shown what to say: a few turns of somebody else's conversation.

SmolLM2-135M follows examples better than instructions. With these, and an end at the first line break, its answers to
24 everyday questions have 12 words instead of 15.5 in the median, the first clause 5.2 instead of 6.2 on average, and
it writes no more letters and lists and apologises less for being a voice assistant. They cost no time in a call: every
room shares their place in the KV cache. Larger models need none.
"""

from __future__ import annotations

from typing import NamedTuple

from local_agent.config.settings import INSTRUCTIONS, Settings

SMALL = frozenset({"smollm2-135m-instruct"})
EXAMPLES = (
    ("Hello there.", "Hello, nice to hear you. What can I do for you?"),
    ("What is the capital of Spain?", "Madrid. It is the largest city in Spain, too."),
    ("Can you open the window?", "Sorry, I can't do that. I can only talk with you."),
    ("I had a long day.", "Oh, that sounds tiring. Do you want to talk about it?"),
    ("What do cows drink?", "Well, cows drink water."),
    ("The train was late again.", "Oh, that's annoying. Did you get home all right?"),
    ("I'd like a cup of tea, please.", "Sure, a cup of tea sounds lovely. With milk?"),
    ("What do you think about rain?", "Well, I like it. The garden needs it."),
)
STOP = ("\n",)  # such a model goes on with a letter or a list after a line break

VARIETY = 3.0  # of logit, docs/decisions/answers.md
TALK = 150  # tokens of what was said that it sees, four or five turns, docs/decisions/answers.md
ENOUGH = 16  # tokens, about twelve words, docs/decisions/answers.md


FOLLOWS = 400_000_000  # parameters from which on a model keeps to more than two sentences, docs/decisions/tools.md
CALLS = 2_500_000_000  # from which on one is told of functions, docs/decisions/tools.md


class LanguageModel(NamedTuple):
    """name: of the catalogue, or a path. parameters: 0 where nobody has counted."""

    name: str
    parameters: int = 0


def follows(model: LanguageModel) -> bool:
    """Whether a long prompt does more good than harm."""
    return model.name not in SMALL and not 0 < model.parameters < FOLLOWS


def calls(model: LanguageModel) -> bool:
    """Whether the model is told of the functions of the house: a smaller one calls too many, or the wrong ones."""
    return model.name not in SMALL and not 0 < model.parameters < CALLS


def variety(model: str) -> float:
    """How much a model is kept from copying what it said before: one that isn't small does not."""
    return VARIETY if model in SMALL else 0.0


def shown(settings: Settings, model: str) -> bool:
    """Whether the examples are used: a small model, English, and nobody wrote instructions of their own."""
    return model in SMALL and settings.instructions == INSTRUCTIONS and settings.language in ("en", "auto")


def examples(settings: Settings, model: str) -> tuple[tuple[str, str], ...]:
    """What somebody else asked, and was answered: those that are shown."""
    return EXAMPLES if shown(settings, model) else ()


def enough(settings: Settings, model: str) -> int:
    """Tokens after which a reply ends with its sentence, 0 for never: a small model that is asked for one or two
    sentences goes on until it may not, and more so with every long reply that it sees behind it.
    """
    return ENOUGH if shown(settings, model) else 0


def talk(model: str) -> int | None:
    """Tokens of what was said that a model is shown at most: a small one copies what it sees of its own replies."""
    return TALK if model in SMALL else None
