"""Everybody in a room is heard: late comers, who stays when others leave, several at once, and nobody's machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from livekit import rtc

from local_agent.call.room_input import LATE, STALLED, Microphones, attribute

RATE, FRAME_MS = 16_000, 16
FRAME = RATE * FRAME_MS // 1000
KIND = rtc.ParticipantKind
MICROPHONE, SCREEN = rtc.TrackSource.SOURCE_MICROPHONE, rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO


class Sound:
    """A track's sound, as it comes in; ends with None."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[np.ndarray[Any, np.dtype[np.int16]] | None] = asyncio.Queue()

    def __aiter__(self) -> Sound:
        return self

    async def __anext__(self) -> Any:
        if (samples := await self.frames.get()) is None:
            raise StopAsyncIteration
        return SimpleNamespace(frame=rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))

    async def aclose(self) -> None:
        """A native stream has something to free."""


class Person:
    """A participant who may publish a microphone."""

    def __init__(
        self, room: Room, identity: str, kind: int = KIND.PARTICIPANT_KIND_STANDARD, **attributes: str
    ) -> None:
        self.room, self.identity, self.kind, self.attributes = room, identity, kind, attributes
        self.track_publications: dict[str, Any] = {}
        self.sound = Sound()
        self.track: Any = None
        room.remote_participants[identity] = self

    def publish(self, source: int = MICROPHONE) -> Person:
        sid = f"TR_{self.identity}_{len(self.track_publications)}"
        self.sound = Sound()
        self.track = SimpleNamespace(sid=sid, kind=rtc.TrackKind.KIND_AUDIO, sound=self.sound)
        self.track_publications[sid] = SimpleNamespace(sid=sid, source=source, track=self.track)
        self.room.emit("track_subscribed", self.track, self.track_publications[sid], self)
        return self

    def unpublish(self) -> None:
        gone = self.track_publications.pop(self.track.sid)
        self.room.emit("track_unsubscribed", self.track, gone, self)

    def says(self, *levels: int) -> None:
        for level in levels:
            self.sound.frames.put_nowait(np.full(FRAME, level, np.int16))


class Room(rtc.EventEmitter[str]):
    def __init__(self) -> None:
        super().__init__()
        self.remote_participants: dict[str, Person] = {}


class Ears:
    """Microphones, and the levels of the frames that they gave."""

    def __init__(self, room: Any) -> None:
        self.microphones = Microphones(room, rate=RATE, frame_ms=FRAME_MS)
        self.levels: list[int] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for frame in self.microphones:
            assert (frame.sample_rate, frame.num_channels) == (RATE, 1)
            self.levels.append(int(np.frombuffer(frame.data, np.int16)[0]))

    async def heard(self) -> list[int]:
        for _ in range(20):
            await asyncio.sleep(0)
        given, self.levels = self.levels, []
        return given


@pytest.fixture(autouse=True)
def streams(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_track(*, track: Any, sample_rate: int, num_channels: int, frame_size_ms: int) -> Any:
        assert (sample_rate, num_channels, frame_size_ms) == (RATE, 1, FRAME_MS)
        return track.sound

    monkeypatch.setattr(rtc.AudioStream, "from_track", from_track)


def in_a_room(scene: Callable[[Room], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(scene(Room()), 20))


def test_one_person_is_heard_as_they_are() -> None:
    async def scene(room: Room) -> None:
        ann = Person(room, "ann").publish()
        ears = Ears(room)
        await ears.heard()
        ann.says(1, 2, 3)
        assert await ears.heard() == [1, 2, 3]
        assert ears.microphones.speaker() == "ann"

    in_a_room(scene)


@pytest.mark.parametrize(
    "kind", [KIND.PARTICIPANT_KIND_STANDARD, KIND.PARTICIPANT_KIND_SIP, KIND.PARTICIPANT_KIND_CONNECTOR]
)
def test_a_second_person_is_heard_and_stays_heard_when_the_first_leaves(kind: int) -> None:
    async def scene(room: Room) -> None:
        ears, ann = Ears(room), Person(room, "ann").publish()
        ben = Person(room, "ben", kind).publish()
        await ears.heard()
        both: list[int] = []
        for _ in range(3):
            ann.says(100)
            ben.says(7)
            both += await ears.heard()
        assert len(both) == 3 and set(both[1:]) == {107}
        ann.unpublish()
        ben.says(8, 9)
        assert await ears.heard() == [7, 8, 9], "what came before is not lost"

    in_a_room(scene)


def test_who_is_muted_or_silent_holds_up_nobody() -> None:
    async def scene(room: Room) -> None:
        ears, ann, ben = Ears(room), Person(room, "ann").publish(), Person(room, "ben").publish()
        await ears.heard()
        ann.says(1)
        await ears.heard()
        await asyncio.sleep(2 * STALLED)  # a muted microphone sends nothing
        for _ in range(5):
            ben.says(5)
            assert await ears.heard() == [5]
        ann.says(1)
        ben.says(5)
        assert sum(await ears.heard()) == 6

    in_a_room(scene)


def test_who_is_ahead_waits_a_tenth_of_a_second_at_most() -> None:
    async def scene(room: Room) -> None:
        ears, ann, ben = Ears(room), Person(room, "ann").publish(), Person(room, "ben").publish()
        await ears.heard()
        ann.says(1)
        await ears.heard()
        ben.says(*range(10, 10 + 3 * LATE))
        ann.says(*[1] * (LATE + 2))
        heard = [level - 1 for level in await ears.heard()]
        assert heard[0] == 10 + 2 * LATE and heard.count(0) == 2

    in_a_room(scene)


def test_two_at_once_are_not_louder_than_loud() -> None:
    async def scene(room: Room) -> None:
        ears, ann, ben = Ears(room), Person(room, "ann").publish(), Person(room, "ben").publish()
        await ears.heard()
        ann.says(0)
        await ears.heard()
        ben.says(-30_000)
        await ears.heard()
        ann.says(-30_000)
        assert await ears.heard() == [-32_768]

    in_a_room(scene)


def test_a_microphone_that_comes_anew_is_heard() -> None:
    """Switched, published again, or with the same identity from another device."""

    async def scene(room: Room) -> None:
        ears, ann = Ears(room), Person(room, "ann").publish()
        ann.says(1)
        assert await ears.heard() == [1]
        ann.unpublish()
        ann.publish().says(2)
        assert await ears.heard() == [2]
        ann.sound.frames.put_nowait(None)  # lost without a word
        await ears.heard()
        Person(room, "ann").publish().says(3)
        assert await ears.heard() == [3]

    in_a_room(scene)


@pytest.mark.parametrize(
    ("kind", "source", "attributes"),
    [
        (KIND.PARTICIPANT_KIND_AGENT, MICROPHONE, {}),
        (KIND.PARTICIPANT_KIND_EGRESS, MICROPHONE, {}),
        (KIND.PARTICIPANT_KIND_STANDARD, MICROPHONE, {"lk.publish_on_behalf": "agent"}),
        (KIND.PARTICIPANT_KIND_STANDARD, SCREEN, {}),
    ],
)
def test_what_is_no_persons_voice_is_not_heard(kind: int, source: int, attributes: dict[str, str]) -> None:
    async def scene(room: Room) -> None:
        ears, other = Ears(room), Person(room, "other", kind, **attributes).publish(source)
        other.says(1, 2)
        assert await ears.heard() == [] and ears.microphones.speaker() is None

    in_a_room(scene)


def test_a_session_that_hears_nothing_now_is_not_given_it_later() -> None:
    async def scene(room: Room) -> None:
        ears, ann = Ears(room), Person(room, "ann").publish()
        ears.microphones.on_detached()
        ann.says(1)
        assert await ears.heard() == []
        ears.microphones.on_attached()
        ann.says(2)
        assert await ears.heard() == [2]

    in_a_room(scene)


class Session(rtc.EventEmitter[str]):
    """What of an AgentSession is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.room_io = SimpleNamespace(linked_participant=None, set_participant=self._link)

    def _link(self, identity: str) -> None:
        self.shown.append(identity)
        self.room_io.linked_participant = SimpleNamespace(identity=identity)

    def hears(self, words: str, *, final: bool) -> None:
        self.emit("user_input_transcribed", SimpleNamespace(transcript=words, is_final=final))


def test_words_are_shown_as_those_of_who_spoke_them() -> None:
    async def scene(room: Room) -> None:
        ears, ann, ben = Ears(room), Person(room, "ann").publish(), Person(room, "ben").publish()
        session: Any = Session()
        attribute(session, ears.microphones)
        await ears.heard()
        for speaker, silent in ((ann, ben), (ben, ann), (ann, ben)):
            for _ in range(120):  # a second and more
                speaker.says(3_000)
                silent.says(20)
                await ears.heard()
            session.hears("so", final=False)
            session.hears("so it is", final=True)
        assert session.shown == ["ann", "ben", "ann"]
        for _ in range(120):
            ben.says(3_000)
            await ears.heard()
        session.hears("no", final=False)
        for _ in range(240):
            ann.says(9_000)
            await ears.heard()
        session.hears("no, wait", final=True)  # a segment that was begun stays the same person's
        assert session.shown == ["ann", "ben", "ann", "ben"]

    in_a_room(scene)
