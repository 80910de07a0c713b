"""Who is told that something went wrong, and when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from local_agent.apology import Apology

FATAL = SimpleNamespace(error=SimpleNamespace(recoverable=False, error="it broke"))


class Session:
    """What an apology sees of a session."""

    def __init__(self) -> None:
        self.user_state = "listening"
        self.said: list[str] = []
        self.closing = False

    def say(self, text: str, **_: Any) -> None:
        if self.closing:
            raise RuntimeError("the session is closing")
        self.said.append(text)


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def apology(session: Session) -> Apology:
    engines = SimpleNamespace(apology=lambda: ("Sorry.", bytes(1000), 22_050))
    return Apology(cast(Any, session), cast(Any, engines))


def tell(apology: Apology, session: Session, state: str) -> None:
    session.user_state = state
    apology.on_user_state(cast(Any, SimpleNamespace(new_state=state)))


def test_a_failure_is_told_at_once_and_not_over_and_over(apology: Apology, session: Session) -> None:
    apology.on_error(cast(Any, FATAL))
    apology.on_error(cast(Any, FATAL))
    assert session.said == ["Sorry."]


def test_what_mends_itself_is_not_told(apology: Apology, session: Session) -> None:
    apology.on_error(cast(Any, SimpleNamespace(error=SimpleNamespace(recoverable=True))))
    assert session.said == []


def test_a_reply_begun_ahead_that_fails_is_told_when_the_turn_ends(apology: Apology, session: Session) -> None:
    tell(apology, session, "speaking")
    apology.on_error(cast(Any, FATAL))
    assert session.said == []
    apology.on_transcribed(cast(Any, SimpleNamespace(is_final=True)))
    tell(apology, session, "listening")
    assert session.said == ["Sorry."]


def test_a_reply_begun_ahead_that_is_thrown_away_is_no_matter(apology: Apology, session: Session) -> None:
    tell(apology, session, "speaking")
    apology.on_error(cast(Any, FATAL))
    apology.on_transcribed(cast(Any, SimpleNamespace(is_final=False)))
    tell(apology, session, "listening")
    assert session.said == []


def test_nobody_is_left_to_apologise_to(apology: Apology, session: Session) -> None:
    session.closing = True
    apology.on_error(cast(Any, FATAL))
    assert session.said == []
