"""Who is told that something went wrong, and when."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from local_agent.call.spoken_error import Apology

FATAL = SimpleNamespace(error=SimpleNamespace(recoverable=False, error="it broke"))


class Session:
    """What an apology sees of a session."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.closing = False
        self.flushed: list[int] = []  # how much was said before each flush of the voice
        self.current_speech: object = None
        self.output = SimpleNamespace(audio=SimpleNamespace(flush=lambda: self.flushed.append(len(self.said))))

    def say(self, text: str, **_: Any) -> None:
        if self.closing:
            raise RuntimeError("the session is closing")
        self.said.append(text)


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def apology(session: Session) -> Apology:
    engines = SimpleNamespace(apology=lambda language: ("Sorry.", bytes(1000), 22_050))
    return Apology(cast(Any, session), cast(Any, engines))


def hear(apology: Apology, *, final: bool) -> None:
    apology.on_transcribed(cast(Any, SimpleNamespace(is_final=final)))


def test_a_failure_is_told_at_once_and_not_over_and_over(apology: Apology, session: Session) -> None:
    apology.on_error(cast(Any, FATAL))
    apology.on_error(cast(Any, FATAL))
    assert session.said == ["Sorry."]


def test_text_that_a_failed_voice_left_behind_does_not_take_the_apologys(apology: Apology, session: Session) -> None:
    apology.on_error(cast(Any, FATAL))
    assert session.flushed == [0]


def test_a_reply_that_is_being_spoken_is_not_flushed(apology: Apology, session: Session) -> None:
    session.current_speech = object()
    apology.on_error(cast(Any, FATAL))
    assert session.said == ["Sorry."] and not session.flushed


def test_what_mends_itself_is_not_told(apology: Apology, session: Session) -> None:
    apology.on_error(cast(Any, SimpleNamespace(error=SimpleNamespace(recoverable=True))))
    assert session.said == []


def test_a_reply_begun_ahead_that_fails_is_told_when_the_turn_has_ended(
    apology: Apology, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_agent.call.spoken_error.AFTER_TURN", 0.0)

    async def call() -> None:
        hear(apology, final=False)
        apology.on_error(cast(Any, FATAL))
        assert session.said == []
        hear(apology, final=True)
        await asyncio.sleep(0.01)
        assert session.said == ["Sorry."]

    asyncio.run(call())


def test_a_reply_begun_ahead_that_is_thrown_away_is_no_matter(
    apology: Apology, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_agent.call.spoken_error.AFTER_TURN", 0.0)

    async def call() -> None:
        hear(apology, final=False)
        apology.on_error(cast(Any, FATAL))
        hear(apology, final=False)
        hear(apology, final=True)
        await asyncio.sleep(0.01)
        assert session.said == []

    asyncio.run(call())


def test_ears_that_fail_are_told_at_once(apology: Apology, session: Session) -> None:
    hear(apology, final=False)
    deaf = SimpleNamespace(error=SimpleNamespace(recoverable=False, error="it broke", type="stt_error"))
    apology.on_error(cast(Any, deaf))
    assert session.said == ["Sorry."]


def test_nobody_is_left_to_apologise_to(apology: Apology, session: Session) -> None:
    session.closing = True
    apology.on_error(cast(Any, FATAL))
    assert session.said == []


def test_words_that_were_lost_are_told_though_the_next_will_be_heard(apology: Apology, session: Session) -> None:
    lost = SimpleNamespace(error=SimpleNamespace(recoverable=True, error="too slow", type="stt_error"))
    apology.on_error(cast(Any, lost))
    assert session.said == ["Sorry."]
