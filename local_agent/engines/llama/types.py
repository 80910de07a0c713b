"""What goes into the language model and what comes out: facts and options, free of any native library."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Message = Mapping[str, Any]
"""One entry of a conversation in OpenAI's chat format: role, content, and where they apply tool_calls, tool_call_id.
images: a tuple of `Image`, whose marks stand in the content.
"""
MARK = re.compile("\ue002image:[0-9a-f]{64}\ue003")  # private use characters: in no vocabulary, in nobody's speech


@dataclass(frozen=True)
class Image:
    """rgb: width * height * 3 bytes, row by row from the top. digest: equal for equal images. mark: what stands for it
    in a message's content.
    """

    rgb: bytes = field(repr=False, compare=False)
    width: int
    height: int
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        size = f"{self.width}x{self.height}:".encode()
        object.__setattr__(self, "digest", hashlib.sha256(size + self.rgb).hexdigest())

    @property
    def mark(self) -> str:
        return f"\ue002image:{self.digest}\ue003"


def images(messages: Sequence[Message]) -> list[Image]:
    """All of a conversation."""
    return [image for message in messages for image in message.get("images", ())]


@dataclass(frozen=True)
class Sampling:
    """How tokens are picked. temperature 0 always takes the likeliest token.

    repeat_penalty weighs down what the reply itself said in its last `repeat_last` tokens (the prompt is not counted:
    a reply must be able to name what it was asked about). variety: what a token's logit loses for copying on from an
    earlier reply of the conversation (engines/llama/novelty_penalty.py), 0 for nothing. seed None draws a new one each
    time. stop: texts that end the reply and are not part of it. max_tokens: of what is said, beside thoughts. enough:
    tokens after which the reply ends with the sentence under way, 0 for never; what a grammar binds is no speech and is
    not ended.
    """

    temperature: float = 0.2
    top_p: float = 0.95
    min_p: float = 0.05
    top_k: int = 40
    repeat_penalty: float = 1.1
    repeat_last: int = 64
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    variety: float = 0.0
    seed: int | None = None
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    enough: int = 0


@dataclass(frozen=True)
class CallGrammar:
    """When a reply is calls and nothing else. text: GBNF of such a reply. share: of the probability of the reply's
    first token that what begins a call must have, in whatever form the model likes: it spreads it over `{"`, `{`
    and a tag, and over all the words that an answer may begin with, so that the likeliest token says little.
    """

    text: str
    share: float


@dataclass(frozen=True)
class Completion:
    """A finished reply. Times are seconds since it was asked for, except prefill_s, which is spent reading the
    prompt. text: with the model's thoughts, which engines/llama/reasoning.py takes out. guessed_tokens: how many of it
    were verified along an earlier attempt (engines/llama/request.py). thought_tokens: how many are no part of what
    is said.
    """

    text: str
    finish: str  # "stop" (the model ended it, or a stop text came) or "length" (max_tokens, or the context is full)
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    queued_s: float
    prefill_s: float
    first_token_s: float
    total_s: float
    guessed_tokens: int = 0
    thought_tokens: int = 0


@dataclass(frozen=True)
class Prefilled:
    """A prompt that now waits in the cache.

    end_probability: how likely the model thinks that the last user message, or a sentence of it, ends after its last
    word, 0..1; 0 unless the turn was left open. compute_s: seconds between the start of the work and its end.
    """

    prompt_tokens: int
    cached_tokens: int
    end_probability: float
    compute_s: float
