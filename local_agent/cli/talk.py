"""The `talk` command: one recorded question through the whole agent, in real time, without any server."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from livekit.agents import AgentSession, ConversationItemAddedEvent, UserStateChangedEvent
from livekit.agents.voice.events import CloseEvent
from numpy.typing import NDArray
from rich.console import Console

from local_agent.audio import wav
from local_agent.audio.local_io import (
    FRAME,
    HEARD_RATE,
    SPOKEN_RATE,
    LocalAudio,
    PullAudioOutput,
    QueueAudioInput,
    resampled,
)
from local_agent.call import without_server, worker
from local_agent.call.assignments import Assignments
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.process.logs import log_to_screen

AUDIBLE = 500  # int16 peak of a 20 ms frame that counts as sound, as in our yardstick for waiting times
LEAD_IN = 0.5  # s of silence before the question: a microphone is open before its owner speaks
PATIENCE = 20.0  # s after the question's end without a sound from the agent
UNNOTICED = 3.0  # s after it, where no speech was noticed in it at all: nothing will come
QUIET = 1.2  # s without a sound that end the reply
ROOM = "talk"


@dataclass
class Answer:
    """heard, said: words. wait_s: from the end of the speech to the first audible sample. reply_s: length of the reply.

    stages: seconds of each part of the wait, as livekit-agents measures them. reply: int16 [samples] at SPOKEN_RATE.
    """

    heard: str = ""
    said: str = ""
    wait_s: float | None = None
    reply_s: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    reply: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16), repr=False)

    def facts(self) -> dict[str, Any]:
        rounded = {name: round(seconds, 3) for name, seconds in self.stages.items()}
        wait = None if self.wait_s is None else round(self.wait_s, 3)
        return {
            "heard": self.heard,
            "said": self.said,
            "wait_s": wait,
            "stages": rounded,
            "reply_s": round(self.reply_s, 2),
        }


def run(settings: Settings, question: Path, output: Path | None, *, as_json: bool) -> int:
    """Exit status: 0 when there was an answer, 1 when nothing was understood. Raises LocalAgentError."""
    log_to_screen(settings.log_level, libraries="error")
    samples = resampled(*wav.read(question), HEARD_RATE)
    if output is not None:
        wav.write(output, np.zeros(0, np.int16), SPOKEN_RATE)  # now, not after the call, is the time to learn it fails
    if not as_json:
        Console(stderr=True).print("loading the models")
    answer = asyncio.run(ask(settings.model_copy(update={"greeting": ""}), samples))
    if output is not None:
        wav.write(output, answer.reply, SPOKEN_RATE)
    if as_json:
        print(json.dumps(answer.facts()))
    else:
        _show(answer, output)
    if answer.wait_s is None:
        print("local_agent: no answer: nothing was understood in that recording", file=sys.stderr)
    return 1 if answer.wait_s is None else 0


def speech_end(samples: NDArray[np.int16]) -> float:
    """Seconds until the last 20 ms frame that is audible; the whole length where none is."""
    step = int(FRAME * HEARD_RATE)
    peaks = [int(np.abs(samples[at : at + step].astype(np.int32)).max()) for at in range(0, len(samples), step)]
    loud = [number for number, peak in enumerate(peaks) if peak > AUDIBLE]
    return (loud[-1] + 1) * FRAME if loud else len(samples) / HEARD_RATE


async def ask(settings: Settings, samples: NDArray[np.int16]) -> Answer:
    """Hold the call. samples: int16 [samples] at HEARD_RATE. Raises LocalAgentError."""
    engines = Engines(settings)
    try:
        await asyncio.to_thread(engines.load)
        call = _Call(samples)
        server = worker.agent_server(settings, engines, assignments=Assignments(1), sound=LocalAudio(call.begin))
        limit = LEAD_IN + len(samples) / HEARD_RATE + PATIENCE + 120.0
        return await without_server.hold(server, call.over, room=ROOM, limit=limit)
    finally:
        engines.close()


class _Call:
    """Plays the question into the session and records what comes back; runs on the session's own event loop."""

    def __init__(self, question: NDArray[np.int16]) -> None:
        self.question = question
        self.over: Future[Answer] = Future()
        self._answer = Answer()
        self._noticed = False  # speech, in the question
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, session: AgentSession[None], ear: QueueAudioInput, mouth: PullAudioOutput) -> None:
        session.on("user_state_changed", self._on_user)
        session.on("conversation_item_added", self._on_item)
        session.on("close", self._on_close)
        task = asyncio.get_running_loop().create_task(self._play(ear, mouth))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_user(self, event: UserStateChangedEvent) -> None:
        self._noticed = self._noticed or event.new_state == "speaking"

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        text = getattr(item, "text_content", None) or ""
        if getattr(item, "role", "") == "user":
            self._answer.heard = f"{self._answer.heard} {text}".strip()
        elif getattr(item, "role", "") == "assistant":
            self._answer.said = f"{self._answer.said} {text}".strip()
        for name, value in dict(getattr(item, "metrics", None) or {}).items():
            if isinstance(value, float) and name.endswith(("_delay", "_ttft", "_ttfb", "_latency")):
                self._answer.stages.setdefault(name, value)

    def _on_close(self, event: CloseEvent) -> None:
        if not self.over.done():
            self.over.set_exception(without_server.reason(event))

    async def _play(self, ear: QueueAudioInput, mouth: PullAudioOutput) -> None:
        lead_in = np.zeros(int(LEAD_IN * HEARD_RATE), np.int16)
        playing = np.concatenate([lead_in, self.question])
        end_of_speech = LEAD_IN + speech_end(self.question)
        step, out = int(FRAME * HEARD_RATE), int(FRAME * SPOKEN_RATE)
        began, frames = time.monotonic(), 0
        last_sound: float | None = None
        reply: list[NDArray[np.int16]] = []
        while True:
            now = frames * FRAME
            piece = playing[frames * step : (frames + 1) * step]
            ear.put(np.concatenate([piece, np.zeros(step - len(piece), np.int16)]))
            spoken = mouth.pull(out)
            if int(np.abs(spoken.astype(np.int32)).max()) > AUDIBLE:
                last_sound = now
                if self._answer.wait_s is None:
                    self._answer.wait_s = now - end_of_speech
            if self._answer.wait_s is not None:
                reply.append(spoken)
            over = now > len(playing) / HEARD_RATE
            if over and last_sound is None and now > end_of_speech + (PATIENCE if self._noticed else UNNOTICED):
                break
            if over and last_sound is not None and now - last_sound > QUIET and self._answer.said:
                break
            frames += 1
            await asyncio.sleep(max(0.0, began + frames * FRAME - time.monotonic()))
        self._finish(reply, last_sound, end_of_speech)

    def _finish(self, reply: list[NDArray[np.int16]], last_sound: float | None, end_of_speech: float) -> None:
        if reply and last_sound is not None and self._answer.wait_s is not None:
            self._answer.reply_s = last_sound - end_of_speech - self._answer.wait_s
            self._answer.reply = np.concatenate(reply)[: int((self._answer.reply_s + 0.3) * SPOKEN_RATE)]
        if not self.over.done():
            self.over.set_result(self._answer)


def _show(answer: Answer, output: Path | None) -> None:
    screen = Console()
    screen.print(f"[bold]heard[/bold]  {answer.heard}", highlight=False)
    screen.print(f"[bold]said[/bold]   {answer.said}", highlight=False)
    if answer.wait_s is not None:
        screen.print(f"[bold]wait[/bold]   {answer.wait_s:.2f} s from the end of speech to sound", highlight=False)
    for name, seconds in answer.stages.items():
        screen.print(f"       {name.replace('_', ' ')} {seconds:.2f} s", style="dim", highlight=False)
    if output is not None:
        screen.print(f"[bold]reply[/bold]  {answer.reply_s:.1f} s in {output}", highlight=False)
