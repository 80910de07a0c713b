"""What may be shown of a reply, piece by piece."""

from __future__ import annotations

import pytest

from local_agent.engines.llama.detokenizer import Detokenizer


def test_characters_are_whole_however_their_bytes_arrive() -> None:
    stream = Detokenizer()
    shown = [stream.push(bytes([byte])) for byte in "é€😀".encode()]
    assert [text for text in shown if text] == ["é", "€", "😀"]


def test_bytes_of_an_unfinished_character_are_dropped_at_the_end() -> None:
    stream = Detokenizer()
    assert stream.push("a€".encode()[:-1]) == "a"
    assert stream.finish() == ""
    assert stream.text == "a"


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["Hello", "<|im", "_end|>", " more"], ["Hello", "", "", ""]),
        (["a<|", "b"], ["a", "<|b"]),
        (["x<|im_end|>y"], ["x"]),
        (["User", ": hi"], ["", ""]),
        (["Us", "e it"], ["", "Use it"]),
    ],
)
def test_stop_texts_never_leak(pieces: list[str], shown: list[str]) -> None:
    stream = Detokenizer(("<|im_end|>", "User:"))
    assert [stream.push(piece.encode()) for piece in pieces] == shown
    assert stream.text == "".join(shown)


def test_what_was_held_in_vain_comes_at_the_end() -> None:
    stream = Detokenizer(("STOP",))
    assert stream.push(b"so STO") == "so "
    assert not stream.stopped
    assert stream.finish() == "STO"
    assert stream.text == "so STO"


def test_the_earliest_of_several_stop_texts_counts() -> None:
    stream = Detokenizer(("b", "ab"))
    assert stream.push(b"1ab2") == "1"
    assert stream.stopped
    assert stream.finish() == ""
