"""One reply of the language model, as AgentSession takes it: what is said and called, never what was thought."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from livekit.agents import APIConnectOptions, llm
from livekit.agents.llm import ChatChunk, ChatContext, ChoiceDelta, CompletionUsage, FunctionToolCall, Tool

from local_agent.engines.llama.context_window import Bounds
from local_agent.engines.llama.reasoning import Reasoning
from local_agent.engines.llama.types import Message, Sampling
from local_agent.errors import EngineCancelled, EngineError, LocalAgentError
from local_agent.hardware.capacity import REPLY_RESERVE
from local_agent.plugins.context_window import History
from local_agent.plugins.errors import api_errors, asked_timeout, limit, threadsafe, within
from local_agent.plugins.llama_options import Options
from local_agent.plugins.tool_calls import Calls, Toolbox
from local_agent.turns.speculation import Reading
from local_agent.turns.timeline import Listener, mark

if TYPE_CHECKING:
    from local_agent.engines.inference_thread import Job
    from local_agent.engines.llama.engine import Completion, Llama
    from local_agent.engines.registry import Engines

STAGE = "language model"
ATTEMPTS = 3  # at a reply: as the model likes, for the call that it could not write, in words
SILENT = 2  # of them in which it may say nothing
ANEW = 0.8  # temperature of a second attempt at least: the likeliest words were none


class Plugin(Protocol):
    """What a reply asks of the LLM that it belongs to (`plugins.llama`). conversation: its name. lasts: whether that
    conversation still goes on. drawn: the sampling of the next reply.
    """

    listener: Listener
    history: History
    reading: Reading

    @property
    def conversation(self) -> str: ...
    @property
    def engines(self) -> Engines: ...
    async def engine(self) -> Llama: ...
    def drawn(self, sampling: Sampling) -> Sampling: ...
    def lasts(self, conversation: str) -> bool: ...


class Stream(llm.LLMStream):
    """One reply. Closing it stops the model within one token.

    A call that can't be made as it is written is asked for again, bound to its function; where that fails, or the call
    was made already in this turn, the model is asked for words. Fails, so that the caller hears of it, when there is
    neither a word nor a call in the end. fault: why nothing can be asked.
    """

    def __init__(
        self,
        plugin: Plugin,
        *,
        chat_ctx: ChatContext,
        tools: list[Tool],
        conn_options: APIConnectOptions,
        options: Options,
        box: Toolbox,
        fault: LocalAgentError | None = None,
    ) -> None:
        self._plugin, self._options, self._box, self._fault = plugin, options, box, fault
        self._conversation = plugin.conversation
        super().__init__(cast("llm.LLM[Any]", plugin), chat_ctx=chat_ctx, tools=tools, conn_options=conn_options)
        self._retry_on_chunk_sent = False

    async def _run(self) -> None:
        with api_errors(STAGE):
            if self._fault is not None:
                raise self._fault
            async with limit(asked_timeout(self._conn_options), "loading the language model"):
                engine = await self._plugin.engine()
            sampling = self._box.sampling(self._options.drawn(self._plugin.engines.sampling()))
            sampling, told = self._plugin.drawn(sampling), self._options.told()
            messages = await fitted(engine, self._plugin.history, self._chat_ctx, sampling, self._box.schemas, told)
            await looked(self._plugin, engine, messages, self._conversation)
            reply = Reply(f"reply-{uuid.uuid4().hex[:12]}", self._event_ch)
            mark(self._plugin.listener, "asked")
            box, silent = self._box, 0
            for _ in range(ATTEMPTS):
                written = await self._attempt(engine, messages, sampling, reply, box)
                if reply.failed:
                    box = reply.again
                elif reply.answered:
                    return
                elif (silent := silent + 1) == SILENT:
                    break
                else:
                    sampling = replace(sampling, seed=None, temperature=max(ANEW, sampling.temperature))
            if box is not self._box:
                raise EngineError(
                    "the reply broke off within a function call, or its call can't be made, and no words came instead",
                    fix="set a larger max_tokens, or use another model",
                )
            raise EngineError(
                f"the language model said nothing in {written} tokens, and nothing when asked again",
                expected="words or a function call",
                fix="use another model, or set a larger max_tokens",
            )

    async def _attempt(
        self, engine: Llama, messages: Sequence[Message], sampling: Sampling, reply: Reply, box: Toolbox
    ) -> int:
        """Ask the model once; returns how many tokens it wrote. Raises EngineTimeout when no token comes for as long
        as the program allows, or else a setting.
        """
        if not self._plugin.lasts(self._conversation):
            raise EngineCancelled("the conversation was forgotten, or is over")
        timeout = asked_timeout(self._conn_options) or self._plugin.engines.settings.engine_timeout
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        job = engine.generate(
            messages,
            conversation=self._conversation,
            sampling=sampling,
            on_text=threadsafe(pieces.put_nowait),
            grammar=box.grammar(own_calls=engine.own_calls),
            calls=box.calls(own_calls=engine.own_calls),
            tools=box.schemas,
            said=self._plugin.history.said(self._chat_ctx),
            timeout=timeout,
        )
        job.add_done_callback(_once_done(pieces))
        try:
            reply.begin(box)
            while (piece := await _next(pieces, timeout)) is not None:
                if reply.push(piece):
                    mark(self._plugin.listener, "token")
                if reply.over:
                    return 0
            reply.end()
            done = await within(job, timeout, STAGE)
            self._send_usage(reply, done)
            if box.answer is not None and reply.told and done.finish == "length" and not reply.called:
                raise EngineError(
                    f"the JSON broke off after {done.completion_tokens} tokens",
                    fix="set a larger max_tokens, or ask for less",
                )
            return done.completion_tokens
        finally:
            job.cancel()

    def _send_usage(self, reply: Reply, done: Completion) -> None:
        self._plugin.reading.replied(done.cached_tokens)
        if done.guessed_tokens:
            mark(self._plugin.listener, "tried_token/used", done.guessed_tokens)
        if not reply.told:
            return  # a chunk would count as an answer
        usage = CompletionUsage(
            completion_tokens=done.completion_tokens,
            prompt_tokens=done.prompt_tokens,
            prompt_cached_tokens=done.cached_tokens,
            total_tokens=done.prompt_tokens + done.completion_tokens,
        )
        self._event_ch.send_nowait(ChatChunk(id=reply.id, usage=usage))


class Reply:
    """What of one reply's text is passed on, in as many attempts as it takes. told: some of it was words or a call.
    called: a call. answered: some of the attempt under way was.
    """

    def __init__(self, reply_id: str, channel: Any) -> None:
        self.id, self._channel = reply_id, channel
        self.told = self.called = False
        self.begin(Toolbox())

    def begin(self, box: Toolbox) -> None:
        """From nothing. box: what it may call."""
        self._reasoning, self._calls, self._spoken = Reasoning(), Calls(box), box.answer is None
        self._held = " " if self.told else ""  # white space and marks: no speech until a word comes
        self.answered = False

    @property
    def over(self) -> bool:
        """What comes next is for nobody: calls were made."""
        return self._calls.over

    @property
    def failed(self) -> bool:
        """The attempt ends with a call that is not made, and was no answer."""
        return self._calls.unmade or (self._calls.repeated and not self.answered)

    @property
    def again(self) -> Toolbox:
        """What the model is asked again with, after an attempt that failed."""
        return self._calls.again

    def push(self, piece: str) -> bool:
        """Pass on what may be; True when that begins the reply."""
        return self._pass_on(*self._calls.push(self._reasoning.push(piece)))

    def end(self) -> None:
        """Pass on what was held back in vain."""
        self._pass_on(*self._calls.push(self._reasoning.finish()))
        self._pass_on(*self._calls.rest())

    def _pass_on(self, text: str, made: list[FunctionToolCall]) -> bool:
        text = self._held + text
        if self._spoken and not self.answered and not any(map(str.isalnum, text)):
            self._held, text = text, ""
        else:
            self._held = ""
        if not text and not made:
            return False
        begun, self.told, self.answered, self.called = not self.told, True, True, self.called or bool(made)
        delta = ChoiceDelta(role="assistant", content=text or None, tool_calls=made)
        self._channel.send_nowait(ChatChunk(id=self.id, delta=delta))
        return begun


async def looked(plugin: Plugin, engine: Llama, messages: Sequence[Message], conversation: str) -> None:
    """Return when the engine knows what a conversation's images look like, which takes it seconds for a new one.

    Raises what `Llama.look` raises.
    """

    def look() -> None:
        engine.look(messages, conversation)
        if not plugin.lasts(conversation):  # which was forgotten meanwhile
            engine.forget(conversation)

    if not engine.looked(messages):
        await asyncio.to_thread(look)


async def fitted(
    engine: Llama,
    past: History,
    chat_ctx: ChatContext,
    sampling: Sampling,
    tools: Sequence[dict[str, Any]] = (),
    told: Sequence[Message] = (),
) -> Sequence[Message]:
    """What the model sees of a conversation, with room for its reply. told: behind it. Raises what `Llama.fit` raises.

    What was counted between two turns is not tokenized again while somebody waits.
    """
    history = [*past.messages(chat_ctx, engine.blind), *told]
    reserve = sampling.max_tokens + REPLY_RESERVE
    fresh, untold, held = past.uncounted(history, tools)
    if engine.fits(fresh, Bounds(reserve + held, untold)):
        return history
    return await asyncio.to_thread(engine.fit, history, Bounds(reserve, tools, past.examples))


async def _next(pieces: asyncio.Queue[str | None], seconds: float) -> str | None:
    """The next piece of text. Raises EngineTimeout when none comes for so many seconds, the first or any other."""
    if not pieces.empty():
        return pieces.get_nowait()
    async with limit(seconds, f"the next word of the {STAGE}"):
        return await pieces.get()


def _once_done(pieces: asyncio.Queue[str | None]) -> Any:
    """A callback that ends the queue, after the last piece: both travel through this loop, in order."""
    end = threadsafe(pieces.put_nowait)

    def callback(_: Job[Completion]) -> None:
        end(None)

    return callback
