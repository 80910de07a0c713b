"""Two people in one room: each is heard, whoever stays keeps the agent, and the room ends with the last of them."""

from __future__ import annotations

import asyncio

import pytest
from livekit import api

from tests.calls.caller import Caller
from tests.calls.conftest import Product, Speak, own_server
from tests.hearing import error_rate

pytestmark = pytest.mark.timeout(240)


async def rooms(product: Product) -> set[str]:
    url, key, secret = own_server(product)
    async with api.LiveKitAPI(url.replace("ws", "http", 1), key, secret) as client:
        return {room.name for room in (await client.room.list_rooms(api.ListRoomsRequest())).rooms}


async def ended(product: Product, room: str, within: float) -> bool:
    for _ in range(int(within / 0.1)):
        if room not in await rooms(product):
            return True
        await asyncio.sleep(0.1)
    return False


CITY, OCEAN, DINNER = (
    "What is the capital city of France?",
    "Please tell me something about the ocean and the fish in it.",
    "I would like to cook a dinner for four people.",
)


def understood(heard: str, asked: str) -> bool:
    """Whether most of the words arrived: one transcript alone mishears now and then."""
    return error_rate([(asked, heard)]) <= 0.5


def test_whoever_stays_is_heard(product: Product, speak: Speak) -> None:
    async def call() -> None:
        async with Caller(product.address, identity="second") as second:
            await second.hear_greeting()
            name = second.room_name
            async with Caller(product.address, room=name, identity="first") as first:
                heard, _, answer = await first.ask(speak(CITY))
                assert understood(heard, CITY) and len(answer)
                assert first.said, "an answer to one is heard by both"
                heard, _, answer = await second.ask(speak(OCEAN))
                assert understood(heard, OCEAN) and len(answer)
                tracks = first.room.local_participant
                await tracks.unpublish_track(next(iter(tracks.track_publications)))  # the microphone is lost
                heard, _, answer = await second.ask(speak(DINNER))
                assert understood(heard, DINNER) and len(answer)
            before = len(second.said)
            await second.room.local_participant.send_text("What do cows drink?", topic="lk.chat")
            assert await second.wait_for_sound(20) and await second.wait_for_quiet()
            assert len(second.said) > before
            heard, _, answer = await second.ask(speak(CITY))
            assert understood(heard, CITY) and len(answer)
            assert name in await rooms(product)
        assert await ended(product, name, 10), "the room outlives the last person"

    asyncio.run(call())
