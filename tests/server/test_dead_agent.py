"""What a real livekit-server tells of agents and their heartbeats, and how one is taken out of its room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from livekit import api, rtc

from local_agent.config.sources import load
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import LiveKit, Ports, binary
from local_agent.server.redispatch import ServerRooms
from local_agent.server.rooms import ALIVE

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
