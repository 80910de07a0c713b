"""How long an answer took, in the numbers that /metrics counts: for the page and the console, in the same words."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.events import ConversationItemAddedEvent
from livekit.rtc.participant import PublishDataError

from local_agent.call.empty_rooms import people

logger = logging.getLogger("local_agent")

TOPIC = "local_agent.waited"
# Of a message's metrics, as livekit-agents 1.8.9 names them; a turn's stages run side by side, so they are no sum.
HEARD, THOUGHT, VOICED, WAIT = "transcription_delay", "llm_node_ttft", "tts_node_ttfb", "e2e_latency"


@dataclass(frozen=True)
class Waited:
    """Seconds, None where they are unknown. wait: from the end of a person's speech to the answer. heard: to what they
    said in words. thought: to the language model's first word. voiced: from its words to the first sound.
    """

    wait: float
    heard: float | None
    thought: float | None
    voiced: float | None

    def __str__(self) -> str:
        """In the words of the page."""
        stages = (("understood", self.heard), ("first word", self.thought), ("voice", self.voiced))
        told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in stages if seconds is not None)
        return f"Answered in {self.wait:.1f} s." + (f" ({told})" if told else "")


def attach(session: AgentSession[None], tell: Callable[[Waited], object]) -> None:
    """Have `tell` called when an answer to something that was spoken is over."""
    heard: list[float | None] = [None]

    def on_item(event: ConversationItemAddedEvent) -> None:
        item = event.item
        if item.type != "message":
            return
        seconds = {name: _seconds(item.metrics.get(name)) for name in (HEARD, THOUGHT, VOICED, WAIT)}
        if item.role == "user":
            heard[0] = seconds[HEARD]
        elif item.role == "assistant" and (wait := seconds[WAIT]) is not None:
            tell(Waited(wait, heard[0], seconds[THOUGHT], seconds[VOICED]))

    session.on("conversation_item_added", on_item)


def serve(session: AgentSession[None], room: rtc.Room) -> None:
    """Tell the pages of the people in the room."""
    telling: set[asyncio.Task[None]] = set()

    async def publish(waited: Waited) -> None:
        there = [one.identity for one in people(room)]
        if not there or not room.isconnected():
            return
        facts = {name: None if one is None else round(one, 2) for name, one in asdict(waited).items()}
        try:
            await room.local_participant.publish_data(json.dumps(facts), topic=TOPIC, destination_identities=there)
        except PublishDataError as error:
            logger.debug("the page was not told how long the answer took: %s", error)

    def tell(waited: Waited) -> None:
        task = asyncio.get_running_loop().create_task(publish(waited))
        telling.add(task)
        task.add_done_callback(telling.discard)

    attach(session, tell)


def _seconds(found: object) -> float | None:
    """livekit-agents tells 0 where it could not measure."""
    return float(found) if isinstance(found, int | float) and found > 0 else None
