"""What a real livekit-server tells of agents and their heartbeats, how one is taken out of its room, and what becomes
of a call whose page dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from livekit import api, rtc

from local_agent.config.sources import load
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import LiveKit, Ports, binary
from local_agent.server.redispatch import ServerRooms
from local_agent.server.rooms import ALIVE
from tests.server.webkit import options, serving

KEYS = Keys("testkey", "testsecret-0123456789-abcdefghijklmnop")


async def joined(url: str, room: str, identity: str, kind: str) -> rtc.Room:
    grants = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=True)
    token = api.AccessToken(KEYS.key, KEYS.secret).with_identity(identity).with_kind(kind).with_grants(grants)  # type: ignore[arg-type]
    inside = rtc.Room()
    await inside.connect(url, token.with_attributes({ALIVE: "0"} if kind == "agent" else {}).to_jwt())
    return inside


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_an_agent_shows_its_heartbeat_and_is_told_that_it_was_taken_out() -> None:
    async def check() -> None:
        server = LiveKit(binary(load()), Ports.free(), KEYS)
        await server.start()
        try:
            async with api.LiveKitAPI(server.url.replace("ws", "http", 1), KEYS.key, KEYS.secret) as client:
                await taken_out(server.url, ServerRooms(client, elsewhere=True))
        finally:
            await server.stop()

    asyncio.run(check())


async def taken_out(url: str, rooms: ServerRooms) -> None:
    person = await joined(url, "ours", "ann", "standard")
    agent = await joined(url, "ours", "agent-1", "agent")
    stranger = await joined(url, "theirs", "agent-2", "agent")
    await rooms.ask_for_agent("ours")  # marks the room
    (seen,) = await rooms.look(())
    assert (seen.name, seen.people, seen.agents, dict(seen.beats)) == ("ours", ("ann",), 1, {"agent-1": "0"})
    await agent.local_participant.set_attributes({ALIVE: "1"})
    assert (await rooms.look(()))[0].beats == {"agent-1": "1"}
    why: list[int] = []
    agent.on("disconnected", why.append)
    assert await rooms.remove("ours", "agent-1")
    assert not await rooms.remove("ours", "agent-1"), "two workers would ask for an agent each"
    assert (await rooms.look(()))[0].agents == 0
    await until(lambda: bool(why))
    assert why == [rtc.DisconnectReason.PARTICIPANT_REMOVED]
    for one in (person, stranger):
        await one.disconnect()


class Entrance:
    """One address before several pages, as a load balancer is: who connects is passed on to the page of the moment."""

    def __init__(self) -> None:
        self.page = 0  # its port
        self._open: set[asyncio.StreamWriter] = set()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.page)
        except OSError:
            writer.close()
            return
        self._open |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
        except OSError:
            pass  # one side was cut off, and the other one is, too
        sink.close()

    def cut(self) -> None:
        """As when the machine behind it is gone."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()


def test_a_call_whose_page_dies_goes_on_through_another_one(tmp_path: Path) -> None:
    """The page's server passes signalling on and keeps nothing of a call."""

    async def check() -> None:
        server, entrance = LiveKit(binary(load()), Ports.free(), KEYS), Entrance()
        await server.start()
        web = options(tmp_path, livekit_ws=server.url, api_key=KEYS.key, api_secret=KEYS.secret)
        listening = await asyncio.start_server(entrance.pass_on, "127.0.0.1", 0)
        address = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        try:
            async with serving(web) as (survivor, _):
                async with serving(web) as (dying, _):
                    entrance.page = dying.port
                    person = await joined(address, "ours", "ann", "standard")
                    back: list[str] = []
                    person.on("reconnected", lambda: back.append("reconnected"))
                    person.on("disconnected", lambda *_: back.append("disconnected"))
                    entrance.page = survivor.port
                    entrance.cut()
                await until(lambda: bool(back))
                assert back == ["reconnected"] and person.isconnected()
                await person.local_participant.set_attributes({"mood": "calm"})
                async with api.LiveKitAPI(server.url.replace("ws", "http", 1), KEYS.key, KEYS.secret) as client:
                    found = await client.room.list_participants(api.ListParticipantsRequest(room="ours"))
                assert [dict(one.attributes) for one in found.participants] == [{"mood": "calm"}]
                await person.disconnect()
        finally:
            listening.close()
            await server.stop()

    asyncio.run(asyncio.wait_for(check(), 60))
