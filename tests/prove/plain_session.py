"""The control of `local_agent.prove.guest_program`: the same program with an AgentSession as livekit-agents makes it,
over our plugins, in a namespace whose way out is counted.

python -m tests.prove.plain_session FOLDER prints what left, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from livekit.agents import AgentSession, JobContext
from livekit.plugins import silero

from local_agent.plugins import llama, piper, whisper
from local_agent.prove import guest_program, namespace, tun_interface
from local_agent.prove.capture import Capture

WITHIN = 60.0  # s


async def entrypoint(ctx: JobContext) -> None:
    session = AgentSession[None](stt=whisper.STT(), llm=llama.LLM(), tts=piper.TTS(), vad=silero.VAD.load())
    await session.start(agent=guest_program.Receptionist(), room=ctx.room)


def count(folder: Path) -> list[tuple[str, str]]:
    """Name asked for, and process, of each packet until the first few left."""
    namespace.enter()
    tun = tun_interface.make()
    namespace.own_resolver()
    left: list[tuple[str, str]] = []
    with Capture(tun, os.getpid()) as capture, (folder / "plain.log").open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.prove.plain_session"],
            env=os.environ | {"LIVEKIT_DEV_MODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=namespace.give_up_rights,
        )
        deadline = time.monotonic() + WITHIN
        while not left and program.poll() is None and time.monotonic() < deadline:
            left += [(one.packet.name, one.process) for one in capture.take() if not one.packet.kernels_own]
        program.kill()
        program.wait()
    return left


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(count(Path(sys.argv[1]))))
    else:
        guest_program.leave(guest_program.main(entrypoint))
