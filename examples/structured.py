"""Structured output: each reply is a note with fields, of which one is spoken and the others steer the program."""

from collections.abc import AsyncIterator
from typing import Any, Literal

from livekit.agents import Agent, JobContext, ModelSettings, cli, llm
from pydantic import BaseModel

import local_agent

SPEEDS = {"calm": 0.85, "friendly": 1.0, "excited": 1.2}


class Note(BaseModel):
    reply: str  # written first: a small model finds the mood of words that are there
    mood: Literal["calm", "friendly", "excited"]


class Host(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You are the host of a small hotel. Reply briefly, in a fitting mood.")
        self.mood = "friendly"

    async def on_enter(self) -> None:
        self.session.say("The Lighthouse Hotel, good evening.")

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncIterator[str]:
        model: Any = self.session.llm
        patience = self.session.conn_options.llm_conn_options
        async with model.chat(chat_ctx=chat_ctx, tools=tools, response_format=Note, conn_options=patience) as written:
            text = "".join([piece async for piece in written.to_str_iterable()])
        note = Note.model_validate_json(text)
        self.mood = note.mood
        voice: Any = self.session.tts
        voice.update_options(speed=SPEEDS[note.mood])
        yield note.reply


server = local_agent.agent_server()


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    await local_agent.session().start(agent=Host(), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
