"""The language model for AgentSession: `LLM()`, tokens streamed from the process's shared llama.cpp."""

from __future__ import annotations

import asyncio
import logging
import secrets
import uuid
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr, llm
from livekit.agents.llm import ChatContext, Tool, ToolChoice
from livekit.agents.utils import is_given

from local_agent.engines import registry
from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama.context_window import Bounds
from local_agent.engines.llama.types import Message, Sampling
from local_agent.errors import EngineClosed, LocalAgentError
from local_agent.hardware.capacity import REPLY_RESERVE, SPOKEN_ROOM
from local_agent.plugins import registered
from local_agent.plugins.call_language import CallLanguage
from local_agent.plugins.context_window import History
from local_agent.plugins.errors import logged, shielded, threadsafe
from local_agent.plugins.llama_options import Options
from local_agent.plugins.llama_stream import STAGE, Stream, looked
from local_agent.plugins.tool_calls import CALL_ROOM, Toolbox, schemas
from local_agent.turns.speculation import Reading
from local_agent.turns.timeline import Listener, ignore, mark

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.llama.engine import Completion, Llama, Prefilled

logger = logging.getLogger("local_agent")
registered.register()

REHEARSED = 10  # tokens of a reply that are tried: a first clause, and the word that tells that it is over


class LLM(llm.LLM[Any]):
    """llama.cpp on this machine.

    model: a name of the catalogue or the path of a GGUF file. The sampling options are those of
    `engines.llama.engine.Sampling`; what is not given comes from the settings. tool_choice, parallel_tool_calls: where
    `chat` is given none. examples: messages behind the
    instructions that are shown as examples and never dropped. talk: tokens of what was said that are kept between two
    turns, None for as many as fit. call_language: of what is said. Make one object a session: each is a conversation of
    its own, whose history stays in the KV cache between turns.

    Raises ConfigError for an option that no reply could be written with. What is wrong with the model is raised at its
    first use, and by `validate`.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        top_k: int | None = None,
        min_p: float | None = None,
        repeat_penalty: float | None = None,
        presence_penalty: float | None = None,
        frequency_penalty: float | None = None,
        variety: float | None = None,
        max_tokens: int | None = None,
        seed: int | None = None,
        stop: Sequence[str] | None = None,
        enough: int | None = None,
        tool_choice: ToolChoice | None = None,
        parallel_tool_calls: bool | None = None,
        examples: int = 0,
        talk: int | None = None,
        engines: registry.Engines | None = None,
        listener: Listener = ignore,
        call_language: CallLanguage | None = None,
    ) -> None:
        super().__init__()
        self._engines, self.listener = engines or registry.shared(), listener
        self._model = str(model) if model is not None else None
        self._options = Options().updated(
            {
                "temperature": temperature,
                "top_p": top_p,
                "top_k": top_k,
                "min_p": min_p,
                "repeat_penalty": repeat_penalty,
                "presence_penalty": presence_penalty,
                "frequency_penalty": frequency_penalty,
                "variety": variety,
                "max_tokens": max_tokens,
                "seed": seed,
                "stop": stop,
                "enough": enough,
                "tool_choice": tool_choice,
                "parallel_tool_calls": parallel_tool_calls,
            }
        )
        self.conversation = uuid.uuid4().hex
        self._used: dict[str | None, Future[Llama]] = {}  # by model: each has read of this conversation
        self._ahead: Job[Prefilled] | Job[Completion] | None = None
        self._seed: int | None = None  # of this turn's replies
        self._judged = ""  # words of the message that was read to its end last
        self.history = History(examples, talk, call_language or CallLanguage(lambda: self._engines.settings.language))
        self.reading = Reading(listener)
        self._told: Sequence[dict[str, Any]] = ()  # the functions that the model was told about last
        self._closed = False

    @property
    def model(self) -> str:
        return self._engines.name("llama", self._model)

    @property
    def provider(self) -> str:
        return "local_agent"

    @property
    def untold(self) -> frozenset[str]:
        """Names of functions that somebody else calls: the model is neither told of them nor shown their calls."""
        return self.history.untold

    @untold.setter
    def untold(self, names: frozenset[str]) -> None:
        self.history.untold = names

    @property
    def engines(self) -> registry.Engines:
        return self._engines

    async def engine(self) -> Llama:
        self._used[self._model] = loading = self._engines.llama(self._model)
        return await shielded(loading)

    def prewarm(self, *args: object, **kwargs: object) -> None:
        """Start loading in the background, if nobody has yet. A fault is logged, and raised at the first use."""
        logged(self._engines.llama(self._model), STAGE)

    def validate(self) -> None:
        """Return where the model is there and can hold a conversation. Takes its time: not for an event loop.

        Raises ConfigError, WeightsMissing, WeightsCorrupt, HardwareError.
        """
        self._engines.suits("llama", self._model)

    def update_options(
        self,
        *,
        model: NotGivenOr[str | Path | None] = NOT_GIVEN,
        temperature: NotGivenOr[float | None] = NOT_GIVEN,
        top_p: NotGivenOr[float | None] = NOT_GIVEN,
        top_k: NotGivenOr[int | None] = NOT_GIVEN,
        min_p: NotGivenOr[float | None] = NOT_GIVEN,
        repeat_penalty: NotGivenOr[float | None] = NOT_GIVEN,
        presence_penalty: NotGivenOr[float | None] = NOT_GIVEN,
        frequency_penalty: NotGivenOr[float | None] = NOT_GIVEN,
        max_tokens: NotGivenOr[int | None] = NOT_GIVEN,
        seed: NotGivenOr[int | None] = NOT_GIVEN,
        stop: NotGivenOr[Sequence[str] | None] = NOT_GIVEN,
        tool_choice: NotGivenOr[ToolChoice | None] = NOT_GIVEN,
        parallel_tool_calls: NotGivenOr[bool | None] = NOT_GIVEN,
    ) -> None:
        """From the next `chat` on; what is not given stays, None is what the settings say. A model that is not loaded
        yet is loaded by the next reply, or `prewarm()`, and reads the conversation anew.

        Raises ConfigError for a value that no reply could be written with. A model that is not there fails the reply.
        """
        given = {
            "temperature": temperature,
            "top_p": top_p,
            "top_k": top_k,
            "min_p": min_p,
            "repeat_penalty": repeat_penalty,
            "presence_penalty": presence_penalty,
            "frequency_penalty": frequency_penalty,
            "max_tokens": max_tokens,
            "seed": seed,
            "stop": stop,
            "tool_choice": tool_choice,
            "parallel_tool_calls": parallel_tool_calls,
        }
        self._options = self._options.updated({name: value for name, value in given.items() if is_given(value)})
        if is_given(model):
            self._stop_reading()
            self._judged = ""
            self.history.forget()  # another model counts other tokens
            self._model = str(model) if model is not None else None

    def chat(
        self,
        *,
        chat_ctx: ChatContext,
        tools: list[Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[ToolChoice] = NOT_GIVEN,
        response_format: NotGivenOr[type | dict[str, Any]] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> Stream:
        """Ask for a reply. response_format: a pydantic model, or what OpenAI takes; the reply is JSON of that schema,
        in several pieces of text. extra_kwargs: for this reply, sampling options by their names here or OpenAI's. What
        can't be done fails the stream, with APIError.

        conn_options.timeout: seconds until the first word, and from each to the next, once a program sets another than
        livekit's usual 10 s; before that it is the setting engine_timeout.
        """
        self._stop_reading()
        told = self._tellable(tools or ())
        options, box, fault = self._options, Toolbox(), None
        try:
            if self._closed:
                raise EngineClosed("this language model was closed", fix="make another llama.LLM()")
            options = options.asked(tool_choice, parallel_tool_calls, response_format, extra_kwargs)
            box = options.toolbox(told, chat_ctx)
            self._told = box.schemas
        except LocalAgentError as error:
            fault = error
        return Stream(
            self, chat_ctx=chat_ctx, tools=told, conn_options=conn_options, options=options, box=box, fault=fault
        )

    def _tellable(self, tools: Sequence[Tool]) -> list[Tool]:
        return [tool for tool in tools if tool.id not in self.untold]

    def prepare(self, chat_ctx: ChatContext, tools: Sequence[Tool] = ()) -> Coroutine[Any, Any, None]:
        """Read a conversation's beginning before anybody waits for an answer to it. Gives way to all that is wanted.

        Whatever goes wrong is left to the reply itself, which reports it.
        """
        return self._prepare(self.conversation, chat_ctx, tools)

    async def _prepare(self, conversation: str, chat_ctx: ChatContext, tools: Sequence[Tool]) -> None:
        engine = await self.engine()
        history = self.history.messages(chat_ctx, engine.blind)
        if not history or not self.lasts(conversation):
            return
        timeout = self._engines.settings.engine_timeout
        self._told = schemas(self._tellable(tools))
        try:
            await looked(self, engine, history, conversation)
            if not self.lasts(conversation):
                return
            job = engine.prefill(history, conversation=conversation, tools=self._told, timeout=timeout)
            await asyncio.wrap_future(job)
        except LocalAgentError as error:
            logger.debug("the conversation's beginning was not read ahead: %s", error)

    def settle(self, chat_ctx: ChatContext) -> Coroutine[Any, Any, None]:
        """Between two turns: drop the oldest turns where little room is left, and read what remains.

        Gives way to all that is wanted; a reply or the caller's next words end it. It is about the conversation as it
        is now: nothing of one that is forgotten before it is done is read or kept.
        """
        self._judged, self._seed = "", None  # the next message is another one
        return self._settle(self.conversation, chat_ctx)

    async def _settle(self, conversation: str, chat_ctx: ChatContext) -> None:
        engine = await self.engine()
        sampling = self._options.drawn(self._engines.sampling())
        reserve = sampling.max_tokens + CALL_ROOM + REPLY_RESERVE + SPOKEN_ROOM
        past, told = self.history, self._told
        bounds = Bounds(reserve, told, past.examples, past.talk)
        try:
            if not self.lasts(conversation):
                return
            history = past.messages(chat_ctx, engine.blind)
            if not history or engine.fits(history, bounds):
                return
            kept = await asyncio.to_thread(engine.fit, history, bounds)
            tokens = await asyncio.to_thread(engine.count, kept, tools=told)
            await looked(self, engine, kept, conversation)
            if not self.lasts(conversation):
                return
            past.count(kept, told, tokens)
            if len(kept) == len(history):
                return
            past.keep(chat_ctx, past.turns(kept))
            self._stop_reading()
            self._ahead = engine.prefill(kept, conversation=conversation, tools=told)
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
        like this one. None when the engine takes no work now. A call of a function that is tried is not made.
        """
        engine = self._ready()
        if engine is None or not self._engines.settings.speculative or self._judged.startswith(words):
            return None
        self._stop_reading()
        messages = self._with(chat_ctx, words, engine)
        if not engine.looked(messages):
            return None
        self._seed = secrets.randbits(32) if self._seed is None else self._seed
        sampling = self.drawn(self._options.drawn(self._engines.sampling()))
        box = replace(self._options.toolbox(()), schemas=self._told)
        try:
            job = engine.generate(
                messages,
                conversation=self.conversation,
                sampling=replace(sampling, max_tokens=REHEARSED),
                grammar=box.grammar(own_calls=engine.own_calls),
                calls=box.calls(own_calls=engine.own_calls),
                tools=box.schemas,
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
        return self._read(chat_ctx, words, Urgency.NOW)

    def _read(self, chat_ctx: ChatContext, words: str, urgency: Urgency) -> Job[Prefilled] | None:
        engine = self._ready()
        if engine is None or not engine.looked(messages := self._with(chat_ctx, words, engine)):
            return None
        try:
            job = engine.prefill(
                messages,
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

    def _with(self, chat_ctx: ChatContext, words: str, engine: Llama) -> Sequence[Message]:
        spoken = chat_ctx.copy()
        spoken.add_message(role="user", content=words)
        return self.history.messages(spoken, engine.blind)

    def lasts(self, conversation: str) -> bool:
        """Whether a conversation goes on: what is asked for it afterwards would bring forgotten words back."""
        return conversation == self.conversation and not self._closed

    def _ready(self) -> Llama | None:
        used = self._used.get(self._model)
        return used.result() if used is not None and _loaded(used) and not self._closed else None

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
        for engine in {used.result() for used in self._used.values() if _loaded(used)} if not self._closed else ():
            engine.forget(left)

    async def aclose(self) -> None:
        """Free this conversation's place in the KV cache; the engine stays for the others. Nothing is read after it."""
        await super().aclose()
        self.forget()
        self._closed = True


def _loaded(loading: Future[Llama]) -> bool:
    return loading.done() and loading.exception() is None
