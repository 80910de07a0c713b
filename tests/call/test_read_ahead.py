"""Words that are read into the language model before their sentence is over."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents.llm import ChatContext

from local_agent.call import read_ahead
from local_agent.call.read_ahead import lasting
from local_agent.plugins import llama


@pytest.mark.parametrize(
    ("partial", "kept"),
    [
        ("", ""),
        ("Turn", ""),
        ("Turn on", ""),
        ("Turn on the", "Turn"),
        ("Well, turn on the lamp in the.", "Well, turn on the lamp"),
        ("Turn on  the lamp now", "Turn on the"),
        ("明日の天気を教えて。", "明日の天気"),
        ("はい", ""),
    ],
)
def test_the_last_words_of_a_partial_transcript_may_change(partial: str, kept: str) -> None:
    assert lasting(partial) == kept


class Session:
    """What `attach` sees of one. busy: its language model tries nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, busy: bool = False) -> None:
        self.handlers: dict[str, Callable[[Any], None]] = {}
        self.tried: list[str] = []
        self.read: list[str] = []
        self.llm = object.__new__(llama.LLM)
        self.current_agent = SimpleNamespace(chat_ctx=ChatContext.empty())

        def rehearse(_: llama.LLM, chat_ctx: ChatContext, words: str) -> object:
            assert chat_ctx is self.current_agent.chat_ctx
            self.tried.append(words)
            return None if busy else object()

        monkeypatch.setattr(llama.LLM, "rehearse", rehearse)
        monkeypatch.setattr(llama.LLM, "read_ahead", lambda _, __, words: self.read.append(words))
        read_ahead.attach(self, self.llm)  # type: ignore[arg-type]

    def on(self, event: str, handler: Callable[[Any], None]) -> None:
        self.handlers[event] = handler

    def transcribed(self, text: str, *, final: bool = False) -> None:
        self.handlers["user_input_transcribed"](SimpleNamespace(transcript=text, is_final=final))


def test_a_reply_is_tried_with_each_partial_transcript(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(monkeypatch)
    session.transcribed("Turn on")
    session.transcribed("Turn on the lamp")
    session.transcribed("Turn on the lamp, please.", final=True)
    assert (session.tried, session.read) == (["Turn on the lamp"], [])


def test_where_none_is_tried_the_words_that_last_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(monkeypatch, busy=True)
    session.transcribed("Turn on the lamp")
    assert session.read == ["Turn on"]
