"""The language model for AgentSession: `LLM()`, tokens streamed from the process's shared llama.cpp."""

from __future__ import annotations

import asyncio
import logging
import secrets
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr, llm
from livekit.agents.llm import ChatChunk, ChatContext, ChoiceDelta, CompletionUsage, Tool, ToolChoice

from local_agent.engines import registry
from local_agent.engines.completion import Message, Sampling
from local_agent.engines.history import Bounds
from local_agent.engines.lane import Urgency
from local_agent.errors import EngineError, LocalAgentError
from local_agent.marks import Listener, ignore, mark
from local_agent.plugins.edge import api_errors, limit, shielded, threadsafe, within
from local_agent.plugins.history import SPOKEN_ROOM, History
from local_agent.plugins.resumption import resumed
from local_agent.plugins.tally import Reading
from local_agent.plugins.tool import CALL_ROOM, Calls, Toolbox, schemas, toolbox

if TYPE_CHECKING:
    from local_agent.engines.lane import Job
    from local_agent.engines.llama import Completion, Llama, Prefilled

logger = logging.getLogger("local_agent")

STAGE = "language model"
REHEARSED = 10  # tokens of a reply that are tried: a first clause, and the word that tells that it is over
REPLY_RESERVE = 64  # tokens of slack beside max_tokens: the template's own, and tokens that merge differently


class LLM(llm.LLM[Any]):
    """llama.cpp on this machine.

    model: a name of the catalogue or the path of a GGUF file. The sampling options are those of
    `engines.llama.Sampling`; what is not given comes from the settings. examples: messages behind the instructions
    that are shown as examples and never dropped. talk: tokens of what was said that are kept between two turns, None
    for as many as fit. Make one object a session: each is a conversation of its own, whose history stays in the KV
    cache between turns.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        repeat_penalty: float | None = None,
        variety: float | None = None,
        max_tokens: int | None = None,
        seed: int | None = None,
        stop: tuple[str, ...] | None = None,
        enough: int | None = None,
        examples: int = 0,
        talk: int | None = None,
        engines: registry.Engines | None = None,
        listener: Listener = ignore,
    ) -> None:
        super().__init__()
        self._engines, self.listener = engines or registry.shared(), listener
        self._model = str(model) if model is not None else None
        given = {
            "temperature": temperature,
            "top_p": top_p,
            "min_p": min_p,
            "repeat_penalty": repeat_penalty,
            "variety": variety,
            "max_tokens": max_tokens,
            "seed": seed,
            "stop": stop,
            "enough": enough,
        }
        self._sampling: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self.conversation = uuid.uuid4().hex
        self._used: Future[Llama] | None = None
        self._ahead: Job[Prefilled] | Job[Completion] | None = None
        self._seed: int | None = None  # of this turn's replies
        self._judged = ""  # words of the message that was read to its end last
        self.history, self.reading = History(examples, talk), Reading(listener)
        self._told: Sequence[dict[str, Any]] = ()  # the functions that the model was told about last

    @property
    def model(self) -> str:
        return self._engines.name("llama", self._model)

    @property
    def provider(self) -> str:
        return "local_agent"

    @property
    def engines(self) -> registry.Engines:
        return self._engines

    async def engine(self) -> Llama:
        self._used = self._engines.llama(self._model)
        return await shielded(self._used)

    def prewarm(self, *args: object, **kwargs: object) -> None:
        """Start loading in the background, if nobody has yet."""
        self._engines.llama(self._model)

    def chat(
        self,
        *,
        chat_ctx: ChatContext,
        tools: list[Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> Stream:
        self._stop_reading()
        box = toolbox(tools or [], tool_choice, parallel_tool_calls)
        self._told = box.schemas
        return Stream(
            self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options, sampling=self._sampling, box=box
        )

    async def prepare(self, chat_ctx: ChatContext, tools: Sequence[Tool] = ()) -> None:
        """Read a conversation's beginning before anybody waits for an answer to it. Gives way to all that is wanted.

        Whatever goes wrong is left to the reply itself, which reports it.
        """
        engine = await self.engine()
        history, _ = resumed(chat_ctx).to_provider_format("openai")
        if not history:
            return
        timeout = self._engines.settings.engine_timeout
        self._told = schemas(tools)
        job = engine.prefill(history, conversation=self.conversation, tools=self._told, timeout=timeout)
        try:
            await asyncio.wrap_future(job)
        except LocalAgentError as error:
            logger.debug("the conversation's beginning was not read ahead: %s", error)

    async def settle(self, chat_ctx: ChatContext) -> None:
        """Between two turns: drop the oldest turns where little room is left, and read what remains.

        Gives way to all that is wanted; a reply or the caller's next words end it.
        """
        self._judged, self._seed = "", None  # the next message is another one
        engine = await self.engine()
        sampling = replace(self._engines.sampling(), **self._sampling)
        reserve = sampling.max_tokens + CALL_ROOM + REPLY_RESERVE + SPOKEN_ROOM
        past, told = self.history, self._told
        bounds = Bounds(reserve, told, past.examples, past.talk)
        history, _ = resumed(past.shown(chat_ctx)).to_provider_format("openai")
        try:
            if not history or engine.fits(history, bounds):
                return
            kept = await asyncio.to_thread(engine.fit, history, bounds)
            past.count(kept, told, await asyncio.to_thread(engine.count, kept, tools=told))
            if len(kept) == len(history):
                return
            past.keep(chat_ctx, past.turns(kept))
            self._stop_reading()
            self._ahead = engine.prefill(kept, conversation=self.conversation, tools=self._told)
        except LocalAgentError as error:
            logger.debug("the conversation was not made ready for the next turn: %s", error)

    def read_ahead(self, chat_ctx: ChatContext, words: str) -> None:
        """Read the beginning of a message while the rest is being spoken. Returns at once, gives way to all else.

        words: as far as they will probably stay as they are. What proves wrong is read again with the reply, which
        goes on from whatever is right; a reply that is asked for ends the reading.
        """
        if not self._judged.startswith(words):
            self._stop_reading()
            self._ahead = self._read(chat_ctx, words, Urgency.SPECULATIVE)

    def rehearse(self, chat_ctx: ChatContext, words: str) -> Job[Completion] | None:
        """Write how a reply would begin if nothing more were said. Returns at once, gives way to all else.

        The words are read with it; a reply to them, or to words that begin alike, is written sooner where it begins
        like this one. None when the engine takes no work now, or where functions may be called: a call is no speech.
        """
        engine = self._ready()
        if engine is None or self._told or not self._engines.settings.speculative or self._judged.startswith(words):
            return None
        self._stop_reading()
        self._seed = secrets.randbits(32) if self._seed is None else self._seed
        sampling = self.drawn(replace(self._engines.sampling(), **self._sampling))
        try:
            job = engine.generate(
                self._with(chat_ctx, words),
                conversation=self.conversation,
                sampling=replace(sampling, max_tokens=REHEARSED),
                said=self.history.said(chat_ctx),
                urgency=Urgency.SPECULATIVE,
                timeout=self._engines.settings.engine_timeout,
            )
        except LocalAgentError as error:
            logger.debug("no reply was tried: %s", error)
            return None
        job.add_done_callback(threadsafe(self._count))
        job.add_done_callback(threadsafe(self._count_tried))
        self._ahead = job
        return job

    def drawn(self, sampling: Sampling) -> Sampling:
        """With the seed of what was tried in this turn, if none is given: a reply draws as that did."""
        return sampling if sampling.seed is not None else replace(sampling, seed=self._seed)

    def judge_end(self, chat_ctx: ChatContext, words: str) -> Job[Prefilled] | None:
        """Read a message that is perhaps over; the result tells how likely the model thinks that it ends there.

        The reply that is asked for next goes on from there. None when the engine takes no work now.
        """
        self._stop_reading()
        self._judged = words
        return self._read(chat_ctx, words, Urgency.WANTED)

    def _read(self, chat_ctx: ChatContext, words: str, urgency: Urgency) -> Job[Prefilled] | None:
        engine = self._ready()
        if engine is None:
            return None
        try:
            job = engine.prefill(
                self._with(chat_ctx, words),
                conversation=self.conversation,
                open_user_turn=True,
                tools=self._told,
                urgency=urgency,
            )
        except LocalAgentError as error:
            logger.debug("nothing was read ahead: %s", error)
            return None
        job.add_done_callback(threadsafe(self._count))
        return job

    def _with(self, chat_ctx: ChatContext, words: str) -> Sequence[Message]:
        spoken = chat_ctx.copy()
        spoken.add_message(role="user", content=words)
        history, _ = resumed(self.history.shown(spoken)).to_provider_format("openai")
        return cast("Sequence[Message]", history)

    def _ready(self) -> Llama | None:
        done = self._used is not None and self._used.done() and self._used.exception() is None
        return self._used.result() if self._used is not None and done else None

    def _count(self, job: Future[Prefilled] | Future[Completion]) -> None:
        if not job.cancelled() and job.exception() is None:
            self.reading.read(job.result().prompt_tokens, job.result().cached_tokens)

    def _count_tried(self, job: Future[Completion]) -> None:
        if not job.cancelled() and job.exception() is None:
            mark(self.listener, "tried_token/made", job.result().completion_tokens)

    def _stop_reading(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None

    def forget(self) -> None:
        """Drop the conversation from the KV cache. What comes next is another one, which nothing late can reach."""
        self._stop_reading()
        self._judged, self._seed = "", None
        self.history.forget()
        left, self.conversation = self.conversation, uuid.uuid4().hex
        if (engine := self._ready()) is not None:
            engine.forget(left)

    async def aclose(self) -> None:
        """Free this conversation's place in the KV cache; the engine stays for the others."""
        await super().aclose()
        self.forget()


class Stream(llm.LLMStream):
    """One reply. Closing it stops the model within one token."""

    def __init__(
        self,
        plugin: LLM,
        *,
        chat_ctx: ChatContext,
        tools: list[Tool],
        conn_options: APIConnectOptions,
        sampling: dict[str, Any],
        box: Toolbox,
    ) -> None:
        self._plugin, self._sampling, self._box = plugin, sampling, box
        self._broken_off = False
        super().__init__(plugin, chat_ctx=chat_ctx, tools=tools, conn_options=conn_options)
        self._retry_on_chunk_sent = False

    async def _run(self) -> None:
        with api_errors(STAGE):
            engine = await self._plugin.engine()
            reply_id = f"reply-{uuid.uuid4().hex[:12]}"
            pieces: asyncio.Queue[str | None] = asyncio.Queue()
            sampling = self._box.sampling(replace(self._plugin.engines.sampling(), **self._sampling))
            sampling = self._plugin.drawn(sampling)
            messages = await fitted(engine, self._plugin.history, self._chat_ctx, sampling, self._box.schemas)
            timeout = self._plugin.engines.settings.engine_timeout
            mark(self._plugin.listener, "asked")
            job = engine.generate(
                messages,
                conversation=self._plugin.conversation,
                sampling=sampling,
                on_text=threadsafe(pieces.put_nowait),
                grammar=self._box.grammar(),
                tools=self._box.schemas,
                said=self._plugin.history.said(self._chat_ctx),
                timeout=timeout,
            )
            job.add_done_callback(_once_done(pieces))
            try:
                async with limit(timeout, STAGE):
                    await self._forward(reply_id, pieces)
                self._send_usage(reply_id, await within(job, timeout, STAGE))
                if self._broken_off:
                    raise EngineError("the reply broke off within a function call", fix="set a larger max_tokens")
            finally:
                job.cancel()

    async def _forward(self, reply_id: str, pieces: asyncio.Queue[str | None]) -> None:
        first, calls = True, Calls() if self._box else None
        while (piece := await pieces.get()) is not None:
            if first:
                mark(self._plugin.listener, "token")
                first = False
            text, made = (piece, []) if calls is None else calls.push(piece)
            if text or made:
                delta = ChoiceDelta(role="assistant", content=text or None, tool_calls=made)
                self._event_ch.send_nowait(ChatChunk(id=reply_id, delta=delta))
        self._broken_off = calls is not None and not calls.finished

    def _send_usage(self, reply_id: str, done: Completion) -> None:
        self._plugin.reading.replied(done.cached_tokens)
        if done.guessed_tokens:
            mark(self._plugin.listener, "tried_token/used", done.guessed_tokens)
        usage = CompletionUsage(
            completion_tokens=done.completion_tokens,
            prompt_tokens=done.prompt_tokens,
            prompt_cached_tokens=done.cached_tokens,
            total_tokens=done.prompt_tokens + done.completion_tokens,
        )
        self._event_ch.send_nowait(ChatChunk(id=reply_id, usage=usage))


async def fitted(
    engine: Llama, past: History, chat_ctx: ChatContext, sampling: Sampling, tools: Sequence[dict[str, Any]] = ()
) -> Sequence[Message]:
    """What the model sees of a conversation, with room for its reply. Raises what `Llama.fit` raises.

    What was counted between two turns is not tokenized again while somebody waits.
    """
    history, _ = resumed(past.shown(chat_ctx)).to_provider_format("openai")
    reserve = sampling.max_tokens + REPLY_RESERVE
    fresh, untold, held = past.uncounted(history, tools)
    if engine.fits(fresh, Bounds(reserve + held, untold)):
        return history
    return await asyncio.to_thread(engine.fit, history, Bounds(reserve, tools, past.examples))


def _once_done(pieces: asyncio.Queue[str | None]) -> Any:
    """A callback that ends the queue, after the last piece: both travel through this loop, in order."""
    end = threadsafe(pieces.put_nowait)

    def callback(_: Job[Completion]) -> None:
        end(None)

    return callback
