"""A second participant in a room reads nothing of what was said before, and either can have it forgotten."""

from __future__ import annotations

import asyncio
import json

import pytest
from livekit import rtc
from livekit.agents.voice.remote_session import RemoteSession
from livekit.agents.voice.room_io._pre_connect_audio import PRE_CONNECT_AUDIO_BUFFER_STREAM as EARLY_SOUND

from tests.calls.caller import Caller
from tests.calls.conftest import Product, Speak

pytestmark = pytest.mark.timeout(240)
METHOD, TOPIC = "local_agent.forget", "local_agent.forgotten"
NO_ANSWER = 3.0  # s; a session that answers at all does so in milliseconds


def agent_of(caller: Caller) -> str:
    kind = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return next(one.identity for one in caller.room.remote_participants.values() if one.kind == kind)


async def forget(caller: Caller, payload: str) -> str:
    return await caller.room.local_participant.perform_rpc(
        destination_identity=agent_of(caller), method=METHOD, payload=payload
    )


def test_a_stranger_in_the_room_reads_nothing_and_the_caller_is_forgotten(product: Product, speak: Speak) -> None:
    async def call() -> None:
        async with Caller(product.address, identity="owner") as owner:
            await owner.hear_greeting()
            await owner.ask(speak("What is the capital city of France?"))
            async with Caller(product.address, room=owner.room_name, identity="stranger") as stranger:
                await history_stays_closed(stranger)
                await sound_as_data_is_not_taken(stranger)
                product.wait_for(f"ignoring byte stream with topic '{EARLY_SOUND}'", 10)
            with pytest.raises(rtc.RpcError, match="expected last or everything"):
                await forget(owner, "something else")
            await is_forgotten(owner)

    asyncio.run(call())


async def history_stays_closed(stranger: Caller) -> None:
    session = RemoteSession.from_room(stranger.room, agent_of(stranger))
    await session.start()
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.get_chat_history(), NO_ANSWER)
    finally:
        await session.aclose()


async def sound_as_data_is_not_taken(stranger: Caller) -> None:
    """livekit-agents would keep it without bounds, and play it to the session as the microphone that it names."""
    attributes = {"trackId": "TR_any", "sampleRate": "48000", "channels": "1"}
    writer = await stranger.room.local_participant.stream_bytes("sound", topic=EARLY_SOUND, attributes=attributes)
    await writer.write(bytes(96_000))
    await writer.aclose()


async def is_forgotten(owner: Caller) -> None:
    told: list[tuple[str, object]] = []
    owner.room.on("data_received", lambda packet: told.append((packet.topic, json.loads(packet.data))))
    before = len(owner.said)
    confirmed = asyncio.create_task(owner.wait_for_sound(20))  # it may be over before the answer to the call arrives
    assert await forget(owner, "everything") == "forgotten"
    assert await confirmed, "no confirmation"
    assert await owner.wait_for_quiet()
    assert owner.said[before:] == ["Okay, I have forgotten everything."]
    assert told == [(TOPIC, {"exchanges": None})]
