"""A spoken conversation at this machine's own microphone and loudspeaker, for `console`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from concurrent.futures import Future

from livekit.agents import AgentSession
from livekit.agents.voice import io
from livekit.agents.voice.events import AgentStateChangedEvent, CloseEvent, UserInputTranscribedEvent
from rich.console import Console
from rich.live import Live
from rich.text import Text

from local_agent.audio.local_io import LocalAudio, PullAudioOutput, QueueAudioInput
from local_agent.audio.sound_card import SoundCard
from local_agent.call import answer_times, without_server, worker
from local_agent.call.assignments import Assignments
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import LocalAgentError

ROOM = "console"
REFRESH = 8  # times a second
QUIETEST, LOUDEST, BARS = -60.0, -10.0, 12  # dBFS at the ends of the level meter, and its width
WORDS = {"initializing": "starting", "idle": "listening"}  # where livekit-agents' word for a state is not a person's


def run(settings: Settings) -> int:
    """Exit status. Raises LocalAgentError."""
    screen = Screen(Console())
    Console(stderr=True).print("loading the models; Ctrl-C ends")
    asyncio.run(_converse(settings, screen))
    return 0


async def _converse(settings: Settings, screen: Screen) -> None:
    dialogue, engines = Dialogue(screen), Engines(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, dialogue.end)
    try:
        await asyncio.to_thread(engines.load)
        if dialogue.over.done():
            return
        server = worker.agent_server(
            settings, engines, assignments=Assignments(1), sound=LocalAudio(dialogue.begin, words=screen)
        )
        with Live(get_renderable=screen.status, console=screen.console, refresh_per_second=REFRESH, transient=True):
            await without_server.hold(server, dialogue.over, room=ROOM)
    finally:
        dialogue.close()
        engines.close()


class Dialogue:
    """One call between a session and the sound card. over: set when it has ended, from whichever thread."""

    def __init__(self, screen: Screen) -> None:
        self.over: Future[None] = Future()
        self._screen = screen
        self._card: SoundCard | None = None

    def begin(self, session: AgentSession[None], ear: QueueAudioInput, mouth: PullAudioOutput) -> None:
        """On the session's own event loop."""
        self._screen.watch(session)
        session.on("close", self._on_close)
        self._card = self._screen.card = SoundCard(ear, mouth, self._fail)
        try:
            self._card.open()
        except LocalAgentError as error:
            self._fail(error)

    def end(self) -> None:
        """Politely, and at the second time at once."""
        if self.over.done():
            os._exit(130)  # threads of running inference can't be stopped
        print("ending; Ctrl-C again ends at once", file=sys.stderr)
        self.over.set_result(None)

    def close(self) -> None:
        if self._card is not None:
            self._card.close()

    def _fail(self, error: LocalAgentError) -> None:
        if not self.over.done():
            self.over.set_exception(error)

    def _on_close(self, event: CloseEvent) -> None:
        self._fail(without_server.reason(event))


class Screen(io.TextOutput):
    """What both say, line by line, and below it what goes on now. Words reach it at the pace of the voice."""

    def __init__(self, console: Console) -> None:
        super().__init__(label="Screen", next_in_chain=None)
        self.console = console
        self.card: SoundCard | None = None
        self._state, self._hearing, self._saying = "starting", "", ""

    def watch(self, session: AgentSession[None]) -> None:
        session.on("agent_state_changed", self._on_state)
        session.on("user_input_transcribed", self._on_heard)
        answer_times.attach(session, lambda waited: self.console.print(str(waited), style="dim", highlight=False))

    async def capture_text(self, text: str) -> None:
        self._saying += text

    def flush(self) -> None:
        if self._saying.strip():
            self._line("agent", self._saying)
        self._saying = ""

    def status(self) -> Text:
        """The state, the level of the microphone, and the words that are not final yet."""
        level = self.card.level if self.card is not None else QUIETEST
        bars = round(BARS * min(1.0, max(0.0, (level - QUIETEST) / (LOUDEST - QUIETEST))))
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{self._state:<10}", style="bold")
        line.append("█" * bars, style="green").append("·" * (BARS - bars), style="dim")
        return line.append(f"  {(self._saying or self._hearing).strip()}", style="dim")

    def _on_state(self, event: AgentStateChangedEvent) -> None:
        self._state = WORDS.get(event.new_state, event.new_state)
        if event.old_state == "speaking":
            self.flush()

    def _on_heard(self, event: UserInputTranscribedEvent) -> None:
        self._hearing = "" if event.is_final else event.transcript
        if event.is_final and event.transcript.strip():
            self._line("you", event.transcript)

    def _line(self, who: str, words: str) -> None:
        self.console.print(Text.assemble((f"{who:<7}", "bold"), words.strip()))
