"""After a crash in mid-call the agent knows that it lost the thread; after a call that ended it knows of nothing."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import api, rtc
from livekit.agents.voice.events import CloseReason

from local_agent.call import broken_off
from local_agent.call.broken_off import FRESH, Conversation, Note
from local_agent.config import phrases

REASON = rtc.DisconnectReason


class Room(rtc.EventEmitter[str]):
    def __init__(self, people: dict[str, Any]) -> None:
        super().__init__()
        self.remote_participants = people


class Call:
    """One job in a room: what of its context and its session is asked for."""

    def __init__(self, folder: Path, room: str = "kitchen", people: Iterable[Any] = ()) -> None:
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.room = Room({one.identity: one for one in people})
        self.session: rtc.EventEmitter[str] = rtc.EventEmitter()
        self.fault: Exception | None = None
        server = SimpleNamespace(room=SimpleNamespace(update_participant=self._update))
        job = SimpleNamespace(room=SimpleNamespace(name=room))
        context: Any = SimpleNamespace(room=self.room, job=job, api=server, add_shutdown_callback=self.at_end.append)
        self.note = Note(Conversation(folder, room), context)
        session: Any = self.session
        self.note.keep(session)

    async def _update(self, request: api.UpdateParticipantRequest) -> None:
        if self.fault is not None:
            raise self.fault
        self.room.remote_participants[request.identity].attributes |= dict(request.attributes)

    async def hears(self, role: str = "user") -> None:
        self.session.emit("conversation_item_added", SimpleNamespace(item=SimpleNamespace(role=role)))
        await asyncio.sleep(0)

    async def end(self, reason: CloseReason = CloseReason.JOB_SHUTDOWN) -> None:
        self.session.emit("close", SimpleNamespace(reason=reason))
        for callback in self.at_end:
            await callback()


def lost_after(scene: Callable[[Path], Awaitable[None]], folder: Path, room: str = "kitchen") -> bool:
    asyncio.run(asyncio.wait_for(scene(folder), 10))
    return Conversation(folder, room).broken_off()


async def killed(folder: Path) -> None:
    await Call(folder).hears()


async def ended(folder: Path) -> None:
    call = Call(folder)
    await call.hears()
    await call.end()


async def killed_before_a_word(folder: Path) -> None:
    await Call(folder).hears("assistant")


async def failed(folder: Path) -> None:
    call = Call(folder)
    await call.hears()
    await call.end(CloseReason.ERROR)


@pytest.mark.parametrize(
    ("scene", "lost"), [(killed, True), (failed, True), (ended, False), (killed_before_a_word, False)]
)
def test_only_a_conversation_that_nobody_ended_was_broken_off(
    scene: Callable[[Path], Awaitable[None]], lost: bool, tmp_path: Path
) -> None:
    assert not Conversation(tmp_path, "kitchen").broken_off()
    assert lost_after(scene, tmp_path) is lost
    assert not Conversation(tmp_path, "bathroom").broken_off()


@pytest.mark.parametrize("reason", REASON.values())
def test_a_room_that_vanished_is_no_end(reason: Any, tmp_path: Path) -> None:
    async def scene(folder: Path) -> None:
        call = Call(folder)
        await call.hears()
        call.room.emit("disconnected", reason)
        call.room.emit("disconnected", REASON.CLIENT_INITIATED)  # our own goodbye, after it
        await call.end()

    by_somebody = {REASON.CLIENT_INITIATED, REASON.ROOM_DELETED, REASON.ROOM_CLOSED, REASON.PARTICIPANT_REMOVED}
    lost = lost_after(scene, tmp_path)
    if reason in by_somebody:
        assert not lost
    if reason in {REASON.UNKNOWN_REASON, REASON.SERVER_SHUTDOWN, REASON.SIGNAL_CLOSE}:
        assert lost


def test_who_lost_the_thread_once_may_lose_it_again(tmp_path: Path) -> None:
    async def killed_twice(folder: Path) -> None:
        await Call(folder).hears()
        again = Call(folder)
        assert again.note.lost
        for path in (folder / broken_off.FOLDER).iterdir():
            path.unlink()
        await asyncio.sleep(0)

    async def then_ended(folder: Path) -> None:
        call = Call(folder)
        await asyncio.sleep(0)
        await call.end()

    assert lost_after(killed_twice, tmp_path)
    assert not lost_after(then_ended, tmp_path)


def person(identity: str, kind: int = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD) -> Any:
    return SimpleNamespace(identity=identity, kind=kind, attributes={})


def test_who_is_still_there_tells_an_agent_on_any_machine(tmp_path: Path) -> None:
    """The LiveKit server is another one, which went on, and so is the data folder."""

    async def scene() -> None:
        people = [person("ann"), person("other", rtc.ParticipantKind.PARTICIPANT_KIND_AGENT)]
        call = Call(tmp_path / "one", people=people)
        assert not call.note.lost
        await call.hears()
        assert Call(tmp_path / "another", people=people).note.lost
        assert not Call(tmp_path / "another", people=people[1:]).note.lost, "a machine is no witness"
        assert not Call(tmp_path / "another", people=[person("ben")]).note.lost

    asyncio.run(asyncio.wait_for(scene(), 10))


def test_a_server_that_marks_nobody_ends_no_call(tmp_path: Path) -> None:
    async def scene() -> None:
        call = Call(tmp_path, people=[person("ann")])
        call.fault = api.TwirpError("internal", "down", status=500)
        await call.hears()
        await asyncio.sleep(0.01)
        assert Conversation(tmp_path, "kitchen").broken_off()
        await call.end()

    asyncio.run(asyncio.wait_for(scene(), 10))


def test_what_was_long_ago_is_over_and_is_cleared_away(tmp_path: Path) -> None:
    asyncio.run(killed(tmp_path))
    (old,) = (tmp_path / broken_off.FOLDER).iterdir()
    long_ago = time.time() - 2 * FRESH
    os.utime(old, (long_ago, long_ago))
    assert not Conversation(tmp_path, "kitchen").broken_off()
    Conversation(tmp_path, "bathroom").goes_on()
    Conversation(tmp_path, "bathroom").end()
    assert list((tmp_path / broken_off.FOLDER).iterdir()) == []


def test_the_file_tells_nothing(tmp_path: Path) -> None:
    asyncio.run(killed(tmp_path))
    (file,) = (tmp_path / broken_off.FOLDER).iterdir()
    assert file.read_bytes() == b"" and "kitchen" not in file.name
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_can_not_be_written_ends_no_call(tmp_path: Path) -> None:
    (tmp_path / broken_off.FOLDER).write_text("in the way")
    assert not lost_after(killed, tmp_path) and not lost_after(ended, tmp_path)


def test_it_is_said_in_the_language_of_the_call() -> None:
    assert phrases.interrupted("fi") == phrases.interrupted("en") == phrases.interrupted("auto")
    assert len({phrases.interrupted(language) for language in ("en", "de", "fr", "es", "it", "nl", "pt")}) == 7
