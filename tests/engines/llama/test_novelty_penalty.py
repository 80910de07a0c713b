"""Words that would copy an earlier reply, and what they lose."""

from __future__ import annotations

import pytest

from local_agent.engines.llama.novelty_penalty import ALLOWED, GROWTH, REMEMBERED, CrossReplyPenalty, again, replies

EARLIER = [[1, 2, 3, 4, 5, 6], [7, 8, 3, 4, 9]]


def after(*tokens: int, said: list[list[int]] = EARLIER) -> dict[int, float]:
    following = CrossReplyPenalty(said, strength=2.0)
    for token in tokens:
        following.accept(token)
    return following.penalties()


def test_a_few_words_in_common_cost_nothing() -> None:
    assert after() == {}, "the first word is free: yes stays yes"
    assert after(50) == after(50, 3) == after(50, 3, 4) == after(4) == {}


def test_the_longer_the_copy_the_dearer_its_next_word() -> None:
    losses = [after(50, 2, 3, 4, 5)[6], after(50, 3, 4, 5)[6]]
    assert losses == [2.0 * GROWTH ** (4 - ALLOWED), 2.0 * GROWTH ** (3 - ALLOWED)]


def test_the_beginning_of_a_reply_counts_as_two_tokens() -> None:
    assert after(1) == {2: 2.0}
    assert after(1, 2) == {3: 2.0 * GROWTH}


def test_all_continuations_of_what_was_copied_lose_and_the_longest_copy_counts() -> None:
    said = [[1, 2, 3, 4, 5], [7, 2, 3, 4, 9], [0, 6, 2, 3, 4, 5]]
    assert after(50, 6, 2, 3, 4, said=said) == {5: 2.0 * GROWTH ** (4 - ALLOWED), 9: 2.0 * GROWTH ** (3 - ALLOWED)}


def test_a_copy_that_was_left_costs_nothing_more() -> None:
    assert after(1, 2, 3, 4, 60) == {}
    assert after(1, 2, 3, 4, 5, 6) == {}, "nothing follows the end of a reply"


def test_what_a_reply_shares_with_itself_is_free() -> None:
    assert after(50, 51, 52, 53, 50, 51, 52) == {}


def test_the_assistants_last_replies_are_read() -> None:
    messages = [{"role": "system", "content": "s"}]
    for turn in range(REMEMBERED + 2):
        messages += [{"role": "user", "content": "u"}, {"role": "assistant", "content": f"{turn}"}]
    messages += [{"role": "assistant", "content": None, "tool_calls": []}, {"role": "user", "content": "Well?"}]
    read = replies(messages, lambda text: [int(text)])
    assert read == [[turn] for turn in range(2, REMEMBERED + 2)], "a call is no speech"
    assert replies(messages, lambda text: [int(text)], ["7", "", "8"]) == [[7], [8]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Say that again, please.", True),
        ("Could you tell me the name once more?", True),
        ("Can you repeat that?", True),
        ("Pardon?", True),
        ("Sorry, I didn't catch that.", True),
        ("What did you say?", True),
        ("Tell me another one.", False),
        ("Say hello to my mother.", False),
        ("I didn't get the job.", False),
        ("It rains again.", False),
    ],
)
def test_who_asks_to_hear_it_again_may(text: str, expected: bool) -> None:
    assert again(text) is expected
    messages = [{"role": "assistant", "content": "I am fine."}, {"role": "user", "content": text}]
    assert (replies(messages, lambda text: [1, 2, 3]) == []) is expected
