"""The sequences of the cache: what each holds, and which one a prompt should be read into.

The rules are plain functions over token lists, so that they can be tried without a model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

WORTH = 16
"""Tokens that a copy must save: it costs as much as reading about two."""
NEARLY_ALL = 64
"""An idle sequence is taken over for its common prefix when no more tokens than this are lost with it."""


@dataclass
class Slot:
    """One sequence of the native cache.

    tokens: exactly what its cells hold, of images negative numbers (engines/llama/vision.py). owner: the conversation
    it last served. pieces: the tokens of the parts of its last prompt, so that a long history is not tokenized again at
    every turn. ahead: float32 [vocabulary], the logits behind the last of `tokens`, where they were kept for a reply;
    true as long as the tokens are the same. attempt: tokens of a reply that was given up, or only tried: the next one
    to its owner probably begins like it.
    """

    index: int
    tokens: list[int] = field(default_factory=list)
    owner: str = ""
    pieces: dict[str, list[int]] = field(default_factory=dict)
    busy: bool = False
    forget: bool = False
    last_used: float = 0.0
    ahead: npt.NDArray[np.float32] | None = None
    attempt: list[int] = field(default_factory=list)


def common_prefix(first: Sequence[int] | str, second: Sequence[int] | str) -> int:
    """How many tokens two lists, or letters two texts, share from their beginning."""
    limit = min(len(first), len(second))
    if first[:limit] == second[:limit]:
        return limit
    low, high = 0, limit
    while high - low > 1:
        middle = (low + high) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle
    return low


def aligned(
    held: Sequence[int], prompt: Sequence[int], piece: Callable[[int], bytes], control: frozenset[int]
) -> list[int]:
    """The prompt, written with the tokens of `held` as far as both spell the same text.

    A model often writes a word with other tokens than the tokenizer would. Read back as history, such a reply would
    part from the cache at that word; the tokens it really wrote are as true a spelling, and already computed. Control
    tokens must be the same ones. Returns `prompt` itself (as a list) when nothing is gained.
    """
    result, at_held, at_prompt = list(prompt), 0, 0
    while True:
        same = common_prefix(held[at_held:], prompt[at_prompt:])
        at_held, at_prompt = at_held + same, at_prompt + same
        step = _respelled(held, at_held, prompt, at_prompt, piece, control)
        if step is None:
            return [*held[:at_held], *result[at_prompt:]]
        at_held, at_prompt = step


def _respelled(
    held: Sequence[int],
    i: int,
    prompt: Sequence[int],
    j: int,
    piece: Callable[[int], bytes],
    control: frozenset[int],
    reach: int = 24,
) -> tuple[int, int] | None:
    """Where both lists spell equal bytes again after they parted at i and j; None when they don't within `reach`
    tokens.
    """
    left, right = b"", b""
    end_i, end_j = i + reach, j + reach
    while i < end_i and j < end_j:
        if len(left) <= len(right):
            if i >= len(held) or held[i] < 0 or held[i] in control:
                return None
            left, i = left + piece(held[i]), i + 1
        else:
            if j >= len(prompt) or prompt[j] < 0 or prompt[j] in control:
                return None
            right, j = right + piece(prompt[j]), j + 1
        shared = min(len(left), len(right))
        if left[:shared] != right[:shared]:
            return None
        if left == right:
            return i, j
    return None


def choose(slots: Sequence[Slot], prompt: Sequence[int], conversation: str, *, modest: bool = False) -> Slot | None:
    """The idle sequence for a prompt, None when all are busy. modest: also when it would be the only one of another
    conversation, while its own is busy: nobody waits for it.

    The conversation's own; else, for a nameless conversation, a nameless one of which nearly all is a prefix of the
    prompt; else an empty one; else one of a conversation that keeps another; else the one that was used longest ago.
    """
    idle = [slot for slot in slots if not slot.busy]
    if not idle:
        return None
    own = [slot for slot in idle if conversation and slot.owner == conversation and slot.tokens]
    if own:
        return max(own, key=lambda slot: common_prefix(slot.tokens, prompt))
    if not conversation:
        shared = {slot.index: common_prefix(slot.tokens, prompt) for slot in idle if not slot.owner}
        near = [slot for slot in idle if shared.get(slot.index) and len(slot.tokens) - shared[slot.index] <= NEARLY_ALL]
        if near:
            return max(near, key=lambda slot: shared[slot.index])
    held = Counter(slot.owner for slot in slots if slot.owner and slot.tokens)
    best = min(idle, key=lambda slot: (bool(slot.tokens), held[slot.owner] < 2, slot.last_used))
    waits = modest and any(slot.busy and slot.owner == conversation for slot in slots)
    return None if waits and best.tokens and best.owner and held[best.owner] < 2 else best


def donor(
    slots: Sequence[Slot], target: Slot, prompt: Sequence[int], whole_only: bool, worth: int = WORTH
) -> tuple[Slot, int] | None:
    """Another sequence that shares at least `worth` tokens more of the prompt than the target does, and how many;
    None when there is none.

    whole_only: only a sequence that is altogether a prefix will do (recurrent models cannot copy a part).
    """
    best, most = None, common_prefix(target.tokens, prompt) + worth - 1
    for slot in slots:
        shared = common_prefix(slot.tokens, prompt)
        if slot is not target and shared > most and (not whole_only or shared == len(slot.tokens)):
            best, most = slot, shared
    return None if best is None else (best, most)
