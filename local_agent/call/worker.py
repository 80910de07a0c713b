"""The agent itself: an AgentServer whose `@server.rtc_session()` entrypoint answers every room from the shared engines.

Nothing here may reach the network: models are instances (a string would mean a cloud), interruption works on voice
activity, recording and the session host are off, and turns are committed by our own stream.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import (
    AgentServer,
    AgentSession,
    AutoSubscribe,
    JobContext,
    JobExecutorType,
    room_io,
)
from livekit.agents.llm import Tool
from livekit.agents.voice.events import CloseEvent, ConversationItemAddedEvent, UserInputTranscribedEvent

from local_agent.audio.agent_voice import AgentVoice
from local_agent.audio.samples import SPEECH_RATE
from local_agent.call import (
    answer_times,
    broken_off,
    choices,
    empty_rooms,
    forgetting,
    heartbeat,
    typed_input,
)
from local_agent.call.agent_file import AgentFile
from local_agent.call.assignments import Assignments
from local_agent.call.assistant import Assistant
from local_agent.call.choices import Choices, Offer
from local_agent.call.room_input import INPUT_FRAME, Microphones, attribute
from local_agent.call.room_output import Loudspeaker
from local_agent.call.session import Call
from local_agent.call.tools.about import About
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import LiveKitUnreachable
from local_agent.process import operating_system
from local_agent.turns.timeline import Listener, ignore, mark

logger = logging.getLogger("local_agent")

FOREVER = 2**31  # tries of the worker to reach a LiveKit server that went away; 10 s lie between two at most
LOOK = 0.1  # s between two looks for the session of somebody's own agent
WARM = 4  # threads that wait for a job at most: callers who come at the same moment wait for none to be made


class MakeAssistant(Protocol):
    """Makes who talks in a room, for one call."""

    def __call__(self, settings: Settings, known: About, ctx: JobContext, *, lost: bool = False) -> Assistant:
        """lost: the thread of a conversation in this room was lost."""
        ...


def plain_assistant(settings: Settings, known: About, ctx: JobContext, *, lost: bool = False) -> Assistant:
    """Who records nothing."""
    return Assistant(settings, known, lost=lost)


class Sound(Protocol):
    """Takes the place of a room's audio: a file, or microphone and loudspeaker."""

    def attach(self, session: AgentSession[None]) -> AgentVoice:
        """Returns the end of the session's audio output."""
        ...


def room_options() -> room_io.RoomOptions:
    """Transcripts alone: audio comes from `Microphones`, goes to a `Loudspeaker`, and `Attendance` ends the call.

    What is typed is read by `message.serve`, which bounds it. Sound sent as data from before a call is not taken: any
    participant could send it without end, or as another's.
    """
    return room_io.RoomOptions(
        text_input=False, audio_input=False, audio_output=False, close_on_disconnect=False, delete_room_on_close=False
    )


def agent_server(
    settings: Settings,
    engines: Engines,
    *,
    assignments: Assignments,
    url: str = "",
    key: str = "",
    secret: str = "",
    recovers: bool = False,
    sound: Sound | None = None,
    assistant: MakeAssistant = plain_assistant,
    tools: Sequence[Tool] = (),
    on_session: Callable[[AgentSession[None]], object] = lambda _: None,
    listener: Listener = ignore,
    file: AgentFile | None = None,
) -> AgentServer:
    """The worker. assignments: which jobs it takes. recovers: the server is our own: rooms without an agent are given
    one there (server/redispatch.py), and end with the last person in them. sound: instead of a room's audio. assistant:
    makes who talks in a room. tools: functions that it may call, too. on_session: sees each session first. file:
    somebody's own agent, which answers in place of ours.
    """
    server = AgentServer(**_options(settings, assignments, file), ws_url=url, api_key=key, api_secret=secret)
    server.on("worker_started", lambda: assignments.watch(lambda: server.active_jobs))  # not asked for before

    def begin(session: AgentSession[None]) -> None:
        if settings.log_transcripts:
            _log_transcripts(session)
        on_session(session)

    ended = file.ended if file is not None else None

    @server.rtc_session(agent_name=settings.agent_name or "", on_request=assignments.answer, on_session_end=ended)
    async def call(ctx: JobContext) -> None:
        if sound is None and await empty_rooms.has_ended(ctx):
            return
        logger.info("Agent joining room: %s", ctx.room.name or ctx.job.room.name)
        attendance = empty_rooms.Attendance(ctx, own=recovers, stopping=lambda: server.draining or server._closed)
        if file is not None:
            await _answer_with(file, ctx, assignments, attendance, shared=not recovers, begin=begin)
            return
        one = Call(settings, engines, listener)
        session = one.session
        _leave(ctx, one, assignments)
        begin(session)
        if sound is not None:
            one.speak_through(sound.attach(session))
            await one.start(Assistant(settings, About.of(engines)))
            return
        await _join(ctx)
        if not await _is_wanted(ctx, shared=not recovers):
            return
        session.input.audio, session.output.audio = _ears_in(ctx, session), _voice_in(ctx, one)
        attendance.watch()
        await _begin(ctx, one, partial(assistant, known=About.of(engines), ctx=ctx), tools, Offer(settings, engines))

    server.on("worker_registered", _on_registered)
    return server


def _options(settings: Settings, assignments: Assignments, file: AgentFile | None) -> dict[str, Any]:
    """Of the AgentServer itself."""
    return {
        "job_executor_type": JobExecutorType.THREAD,
        "load_fnc": assignments.load,
        # Never full in LiveKit's eyes, which hear of a line that is free again up to 3 s late: `Assignments` says no.
        "load_threshold": math.inf,
        "num_idle_processes": min(assignments.capacity, WARM),
        "drain_timeout": int(settings.drain_timeout),
        "host": "127.0.0.1",
        "port": settings.agent_health_port,
        "http_proxy": None,
        "max_retry": FOREVER,
        "setup_fnc": file.prepare if file is not None else None,
    }


async def _answer_with(
    file: AgentFile,
    ctx: JobContext,
    assignments: Assignments,
    attendance: empty_rooms.Attendance,
    *,
    shared: bool,
    begin: Callable[[AgentSession[None]], object],
) -> None:
    """Let somebody's own entrypoint answer, in a room that is joined, and that ends as our own calls do.

    begin: gets its session as soon as there is one.
    """

    async def find() -> None:
        while True:
            try:
                begin(ctx.primary_session)
            except RuntimeError:  # none has started
                await asyncio.sleep(LOOK)
            else:
                return

    finding = asyncio.create_task(find())

    async def free() -> None:
        finding.cancel()
        logger.info("Agent leaving room: %s", ctx.job.room.name)
        assignments.release(ctx.job.room.name, ctx.job.id)
        await free_room(ctx.room, alone=assignments.taken() <= 1)

    ctx.add_shutdown_callback(free)
    await ctx.connect()
    if await _is_wanted(ctx, shared=shared):
        attendance.watch()
        await file.answer(ctx)


async def _begin(
    ctx: JobContext, one: Call, assistant: Callable[..., Assistant], tools: Sequence[Tool], offer: Offer
) -> None:
    """Start the call in its room, with what a caller may type, click and choose."""
    chosen = await choices.first(ctx.room, offer)
    one.choose(chosen)
    choices.serve(offer, partial(_choose, one), ctx.room)
    note = broken_off.Note(broken_off.Conversation(one.settings.data_dir, ctx.job.room.name), ctx)
    note.keep(one.session)
    talks = assistant(chosen.settings(one.settings), lost=note.lost)
    if tools:
        await talks.offer(tools)
    started = asyncio.Event()
    typed_input.serve(talks.memory, one.session, ctx.room, started)
    await one.start(talks, room=ctx.room, room_options=room_options())
    forgetting.serve(talks.memory, ctx.room)
    answer_times.serve(one.session, ctx.room)
    started.set()


async def _choose(one: Call, chosen: Choices) -> None:
    one.choose(chosen)
    if chosen.instructions is not None and isinstance(one.session.current_agent, Assistant):
        await one.session.current_agent.follow(chosen.instructions)


def _on_registered(*_: object) -> None:
    logger.info("Connected to LiveKit server")
    logger.info("Waiting for room connections")


async def _join(ctx: JobContext) -> None:
    """Take sound only. livekit-server subscribes us to everything, and we give back what is no sound.

    Not the other way round (AutoSubscribe.AUDIO_ONLY): a request for a track that is published while the connection is
    made anew is lost, and the agent would be deaf for the rest of the call.
    """

    def leave_out(publication: rtc.RemoteTrackPublication, _: rtc.RemoteParticipant) -> None:
        if publication.kind != rtc.TrackKind.KIND_AUDIO:
            publication.set_subscribed(False)

    def leave_all_out() -> None:
        for participant in ctx.room.remote_participants.values():
            for publication in participant.track_publications.values():
                leave_out(publication, participant)

    await ctx.connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_ALL)
    ctx.room.on("track_published", leave_out)
    ctx.room.on("reconnected", leave_all_out)
    leave_all_out()


async def _is_wanted(ctx: JobContext, *, shared: bool) -> bool:
    """Whether the room that was joined needs this agent; else the job is over. shared: others use the server, too."""
    if await empty_rooms.was_made_anew(ctx):
        return False
    return not shared or await heartbeat.Heartbeat(ctx).begin()


def _leave(ctx: JobContext, one: Call, assignments: Assignments) -> None:
    """When the session ends, the job does too: its thread, its event loop, its place in the KV cache and what the calls
    before it left to the C library are freed.
    """

    def on_close(event: CloseEvent) -> None:
        logger.info("Agent leaving room: %s", ctx.job.room.name)
        assignments.release(ctx.job.room.name, ctx.job.id)
        ctx.shutdown(reason=event.reason.value)

    async def free() -> None:
        await one.aclose()
        await free_room(ctx.room, alone=assignments.taken() <= 1)

    one.session.on("close", on_close)
    ctx.add_shutdown_callback(free)


async def free_room(room: rtc.Room, *, alone: bool) -> None:
    """Give back the memory of a call that is over. alone: no other call goes on.

    livekit's native library (1.1.21) keeps a room, half a megabyte, for as long as it has an RPC method. A call's
    objects refer to each other, and the buffers among them (some megabytes) would wait for Python's next full
    collection, which stops every thread for .05 to .09 s.
    """
    for method in list(room.local_participant._rpc_handlers):
        room.local_participant.unregister_rpc_method(method)
    if alone:
        await asyncio.to_thread(gc.collect)
    await asyncio.to_thread(operating_system.return_memory)


def _voice_in(ctx: JobContext, one: Call) -> Loudspeaker:
    """The agent's voice in the job's room."""
    voice = Loudspeaker(ctx.room)
    voice.on("playback_finished", lambda e: mark(one.listener, "voice_second/used", e.playback_position))
    one.speak_through(voice)
    ctx.add_shutdown_callback(voice.aclose)
    return voice


def _ears_in(ctx: JobContext, session: AgentSession[None]) -> Microphones:
    """Whoever speaks in the job's room."""
    ears = Microphones(ctx.room, rate=SPEECH_RATE, frame_ms=INPUT_FRAME)
    attribute(session, ears)
    ctx.add_shutdown_callback(ears.aclose)
    return ears


def _log_transcripts(session: AgentSession[None]) -> None:
    def heard(event: UserInputTranscribedEvent) -> None:
        if event.is_final:
            logger.info("heard: %s", event.transcript)

    def said(event: ConversationItemAddedEvent) -> None:
        text = getattr(event.item, "text_content", None)
        if getattr(event.item, "role", "") == "assistant" and text:
            logger.info("said: %s", text)

    session.on("user_input_transcribed", heard)
    session.on("conversation_item_added", said)


async def run(server: AgentServer, stopping: asyncio.Event, part: Callable[[], Awaitable[None]] | None = None) -> None:
    """Run the worker until `stopping` is set. part: awaited then, before the calls are ended.

    Raises LiveKitUnreachable when the worker gives up on its server.
    """
    running = asyncio.create_task(server.run())
    waiting = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await _ended(running)
    finally:
        waiting.cancel()
        if part is not None and not running.done():
            await part()
        await server.aclose()
        await asyncio.gather(running, return_exceptions=True)


async def _ended(running: asyncio.Task[None]) -> None:
    try:
        await running
    except RuntimeError as error:  # its retries are used up
        raise LiveKitUnreachable(
            f"the worker has lost its LiveKit server: {error}", expected="a server that answers", fix="start it again"
        ) from error
