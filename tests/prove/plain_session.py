"""The control of `local_agent.prove.guest_program`: the same program with an AgentSession as livekit-agents makes it,
over our plugins.
"""

from __future__ import annotations

from livekit.agents import AgentSession, JobContext
from livekit.plugins import silero

from local_agent.plugins import llama, piper, whisper
from local_agent.process.exit import leave
from local_agent.prove import guest_program


async def entrypoint(ctx: JobContext) -> None:
    session = AgentSession[None](stt=whisper.STT(), llm=llama.LLM(), tts=piper.TTS(), vad=silero.VAD.load())
    await session.start(agent=guest_program.Receptionist(), room=ctx.room)


if __name__ == "__main__":
    leave(guest_program.main(entrypoint))
