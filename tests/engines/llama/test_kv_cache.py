"""The choice of a sequence for a prompt, as a table."""

from __future__ import annotations

import pytest

from local_agent.engines.llama.kv_cache import Slot, aligned, choose, common_prefix, donor

WORDS = {1: b"he", 2: b"llo", 3: b"hello", 4: b" there", 5: b"hel", 6: b"lo", 7: b" you", 90: b"", 91: b""}
CONTROL = frozenset({90, 91})


@pytest.mark.parametrize(
    ("first", "second", "length"),
    [([], [1], 0), ([1], [2], 0), ([1, 2, 3], [1, 2], 2), ([1, 2, 3, 4], [1, 2, 9, 4], 2), ([1, 2], [1, 2], 2)],
)
def test_common_prefix(first: list[int], second: list[int], length: int) -> None:
    assert common_prefix(first, second) == common_prefix(second, first) == length


@pytest.mark.parametrize("length", range(12))
def test_common_prefix_of_every_length(length: int) -> None:
    assert common_prefix(list(range(12)), [*range(length), 99, 99]) == length


@pytest.mark.parametrize(
    ("held", "prompt", "expected"),
    [
        ([90, 1, 2, 4], [90, 3, 4, 91], [90, 1, 2, 4, 91]),  # the model wrote he|llo, the tokenizer writes hello
        ([90, 1, 2], [90, 5, 6, 4], [90, 1, 2, 4]),
        ([90, 1, 2, 7], [90, 3, 4], [90, 1, 2, 4]),  # the same word, then another
        ([90, 1, 2], [90, 4, 3], [90, 4, 3]),  # another text altogether
        ([90, 1, 90], [90, 3], [90, 3]),  # a control token is no text
        ([], [3, 4], [3, 4]),
        ([1, 2], [], []),
    ],
)
def test_a_prompt_is_spelled_as_the_cache_holds_it(held: list[int], prompt: list[int], expected: list[int]) -> None:
    assert aligned(held, prompt, WORDS.__getitem__, CONTROL) == expected


def slots(*described: tuple[list[int], str, bool, float]) -> list[Slot]:
    return [
        Slot(index, tokens, owner, busy=busy, last_used=used)
        for index, (tokens, owner, busy, used) in enumerate(described)
    ]


PROMPT = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("case", "held", "conversation", "expected"),
    [
        ("its own, though another shares more", [([1, 2, 3], "b", False, 1), ([1], "a", False, 2)], "a", 1),
        ("its own is busy: an empty one", [([1, 2], "a", True, 1), ([7], "b", False, 2), ([], "", False, 9)], "a", 2),
        ("nameless: the longest nameless prefix", [([1, 2, 3], "", False, 1), ([1, 2], "", False, 2)], "", 0),
        ("nameless: named ones are left alone", [([1, 2, 3], "b", False, 1), ([], "", False, 2)], "", 1),
        ("nameless: not where much would be lost", [([1, *[9] * 99], "", False, 1), ([], "", False, 2)], "", 1),
        ("none empty: the one used longest ago", [([7], "b", False, 5), ([8], "c", False, 3)], "a", 1),
        (
            "of a conversation that keeps another",
            [([7], "a", False, 1), ([8], "b", True, 9), ([8, 9], "b", False, 8), ([7], "d", False, 2)],
            "c",
            2,
        ),
        (
            "of two that a conversation holds, the older one",
            [([7], "a", False, 1), ([8], "b", False, 9), ([8, 9], "b", False, 8)],
            "c",
            2,
        ),
        ("all busy", [([7], "b", True, 5), ([8], "c", True, 3)], "a", None),
    ],
)
def test_choice(
    case: str, held: list[tuple[list[int], str, bool, float]], conversation: str, expected: int | None
) -> None:
    chosen = choose(slots(*held), PROMPT, conversation)
    assert (None if chosen is None else chosen.index) == expected, case


def test_a_shared_beginning_is_taken_from_any_sequence_that_has_more_of_it() -> None:
    held = slots(([1], "a", False, 1), ([1, 2, 3, 9], "b", True, 2), ([1, 2], "c", False, 3))
    assert donor(held, held[0], PROMPT, whole_only=False, worth=1) == (held[1], 3)
    assert donor(held, held[0], PROMPT, whole_only=True, worth=1) == (held[2], 2)
    assert donor(held[:1], held[0], PROMPT, whole_only=False, worth=1) is None
    assert donor(held, held[0], PROMPT, whole_only=False, worth=len(PROMPT)) is None
    assert donor(held, held[1], PROMPT, whole_only=False, worth=1) is None
