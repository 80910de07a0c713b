"""Messages that a caller types instead of speaking: from people in the room, and of a length people type."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.types import TOPIC_CHAT

from local_agent.call import forget_command
from local_agent.call.forgetting import Memory, in_room

logger = logging.getLogger("local_agent")

LONGEST = 4_000  # characters; the page lets 2,000 be typed
WAITING = 4  # messages being read at once; more than that nobody types


def serve(memory: Memory, session: AgentSession[None], room: rtc.Room, started: asyncio.Event) -> None:
    """Answer what people type into the room, once the session has `started`."""
    reading: set[asyncio.Task[None]] = set()

    async def read(reader: rtc.TextStreamReader, identity: str) -> None:
        text = await bounded(reader)
        await started.wait()
        if not in_room(room, identity):
            logger.warning("a typed message was dropped: nobody in the room wrote it")
        elif text is None:
            logger.warning("a typed message of more than %d characters was dropped", LONGEST)
        elif text.strip():
            await answer(memory, session, text)

    def begin(reader: rtc.TextStreamReader, identity: str) -> None:
        if len(reading) >= WAITING:
            logger.warning("a typed message was dropped: %d are being read", WAITING)
            return
        task = asyncio.get_running_loop().create_task(read(reader, identity))
        reading.add(task)
        task.add_done_callback(reading.discard)

    room.register_text_stream_handler(TOPIC_CHAT, begin)


async def bounded(pieces: AsyncIterable[str], longest: int = LONGEST) -> str | None:
    """The whole text; None when it is longer. Never holds more than `longest` characters and one piece."""
    kept: list[str] = []
    length = 0
    async for piece in pieces:
        length += len(piece)
        if length <= longest:
            kept.append(piece)
        else:
            kept.clear()
    return "".join(kept) if length <= longest else None


async def answer(memory: Memory, session: AgentSession[None], text: str) -> None:
    """Obey a request to forget, or reply."""
    async with session._claim_user_turn():
        if (asked := forget_command.command(text)) is not None:
            await memory.obey(asked)
            return
        await session.interrupt()
        session.generate_reply(user_input=text)
