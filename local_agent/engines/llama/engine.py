"""The language model engine: llama.cpp behind a handful of calls, for any number of conversations at once."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_agent.engines.inference_thread import CrossEnginePriority, Job, SpeculationBudget, Urgency
from local_agent.engines.llama.context_window import Bounds, beginning, trimmed
from local_agent.engines.llama.types import CallGrammar, Completion, Image, Message, Prefilled, Sampling, images
from local_agent.errors import BadInput

if TYPE_CHECKING:
    from local_agent.engines.llama.request import Request


log = logging.getLogger(__name__)

__all__ = ["Bounds", "Completion", "Image", "Llama", "Message", "Prefilled", "Sampling"]

REHEARSED_SHARE = 0.35
"""Of the engine's time for replies that nobody may ever hear: a try takes 0.2 s, and one caller's come every 0.64 s."""

_DEFAULT = Sampling()
_BOUNDS = Bounds()


class Llama:
    """One model, one context, one thread; thread-safe.

    path: a .gguf file. context: the most tokens of a conversation (less when the model was trained on less).
    conversations: sequences of that size, that is how many replies can be under way at once; more conversations than
    that take turns. threads:
    cores at most; fewer are used while that is faster. gpu_layers: 0 for none, -1 for all. small: the KV cache takes a
    quarter less memory. projector: a GGUF file with the model's eyes (engines/llama/vision.py). way: right of way
    shared with other engines on the same cores.

    blind: why it sees no images, "" where it does.

    Raises WeightsMissing, WeightsCorrupt, HardwareError (the GPU), EngineError (no memory). Falling back from GPU to
    CPU is the caller's decision.
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int = 4096,
        conversations: int = 8,
        threads: int = 2,
        gpu_layers: int = 0,
        small: bool = False,
        projector: Path | None = None,
        way: CrossEnginePriority | None = None,
    ) -> None:
        from local_agent.engines.llama.native import NativeModel
        from local_agent.engines.llama.prompt import Prompter
        from local_agent.engines.llama.scheduler import Scheduler

        model = NativeModel(
            Path(path),
            context=context,
            sequences=conversations,
            threads=threads,
            gpu_layers=gpu_layers,
            small=small,
            projector=projector,
        )
        self._eyes, self.blind = model.eyes, "" if model.eyes else model.blind
        self.name = model.name
        self.context = min(context, model.trained_context or context)
        if self.context < context:
            log.info("%s was trained on %d tokens: conversations are kept below that", self.name, self.context)
        self._prompter = Prompter(model)
        self._allowance = SpeculationBudget(REHEARSED_SHARE, "language model's", way)
        self._scheduler = Scheduler(model, self._prompter, self.context, way, threads)

    def generate(
        self,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        sampling: Sampling = _DEFAULT,
        on_text: Callable[[str], None] | None = None,
        grammar: str | None = None,
        calls: CallGrammar | None = None,
        tools: Sequence[Mapping[str, Any]] = (),
        said: Sequence[str] | None = None,
        urgency: Urgency = Urgency.NOW,
        timeout: float | None = 60.0,
    ) -> Job[Completion]:
        """Answer a conversation; returns at once.

        conversation: any name; its cache is reused from turn to turn. on_text: called on the engine's thread with
        each piece of text, whole characters only, so it must be quick; an exception in it fails this job alone.
        grammar: GBNF with a rule `root`. calls: what takes its place where the model is inclined to call. tools:
        function schemas in OpenAI's form. said: earlier replies, for `Sampling.variety`; None for those in `messages`.
        urgency: a SPECULATIVE reply is a try, of which nobody hears: the next one of its conversation is written sooner
        as far as both begin alike; tries get REHEARSED_SHARE of the engine's time and none while urgent work goes on
        anywhere. timeout: seconds until the first token, and from each to the next, after which the result is worth
        nothing.

        The job fails with EngineCancelled, EngineBusy (no sequence became free in time), EngineTimeout, EngineClosed,
        ContextExhausted, or BadInput (grammar, or a conversation that the chat template refuses). Raises EngineBusy
        at once when too many wait or there is no time for a try, EngineClosed after `close()`, BadInput for impossible
        sampling options.
        """
        self._check(messages, sampling)
        job: Job[Completion] = Job(None if timeout is None else time.monotonic() + timeout)
        request = self._request(job, messages, conversation, urgency)
        request.sampling, request.on_text, request.grammar, request.tools = sampling, on_text, grammar, tuple(tools)
        request.calls, request.said, request.timeout = calls, said, timeout
        if urgency is Urgency.SPECULATIVE:
            self._allowance.demand()
            job.add_done_callback(self._spent)
        self._scheduler.submit(request)
        return job

    def _spent(self, job: Future[Completion]) -> None:
        began = job.started if isinstance(job, Job) else None
        self._allowance.spent(0.0 if began is None else time.monotonic() - began)

    def prefill(
        self,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        open_user_turn: bool = False,
        tools: Sequence[Mapping[str, Any]] = (),
        urgency: Urgency = Urgency.SPECULATIVE,
        timeout: float | None = 10.0,
    ) -> Job[Prefilled]:
        """Read a conversation into the cache ahead of time; returns at once.

        open_user_turn: the last message, a user's, is not closed: more words may follow, and the result tells how
        likely the model thinks that none do. A `generate` that goes on from there reuses all of it. Fails and raises
        as `generate` does.
        """
        self._check(messages, _DEFAULT)
        job: Job[Prefilled] = Job(None if timeout is None else time.monotonic() + timeout)
        request = self._request(job, messages, conversation, urgency)
        request.open_user_turn, request.tools = open_user_turn, tuple(tools)
        self._scheduler.submit(request)
        return job

    def look(self, messages: Sequence[Message], conversation: str = "") -> None:
        """Make of a conversation's images what the model sees of them. Takes seconds an image on a CPU, on the caller's
        thread, and a `generate` or `prefill` that was not preceded by it as long. Raises BadInput, EngineError,
        EngineClosed.
        """
        if self._eyes is not None:
            self._eyes.look(images(messages), conversation)

    def looked(self, messages: Sequence[Message]) -> bool:
        """Whether `look` would be over at once."""
        return self._eyes is None or self._eyes.looked(images(messages))

    @property
    def own_calls(self) -> bool:
        """Whether the model calls functions in words of its own, so that only a call that must be is bound to ours."""
        return self._prompter.template.own_calls

    def fit(self, messages: Sequence[Message], bounds: Bounds = _BOUNDS) -> list[Message]:
        """The conversation without its oldest turns, so that it keeps within bounds.

        The system prompt, the examples behind it and the last turn stay. Raises ContextExhausted when even these do not
        fit, BadInput when the chat template refuses the conversation, EngineClosed.
        """
        if self.fits(messages, bounds):
            return list(messages)

        def count(kept: Sequence[Message]) -> int:
            return self.count(kept, tools=bounds.tools)

        limit = self.context - bounds.reserve - self._room_to_think
        return trimmed(messages, limit, count, self._size, examples=bounds.examples, talk=bounds.talk)

    def fits(self, messages: Sequence[Message], bounds: Bounds = _BOUNDS) -> bool:
        """Whether `fit` would surely leave all as it is, told at once and without the tokenizer."""
        if images(messages):
            return False  # nobody has counted their tokens
        # A token is a byte at least; 16 are more than any template adds to a message, 1024 than it says about tools.
        about = len(json.dumps(list(bounds.tools), indent=4)) + 1024 if bounds.tools else 0
        sizes = [_bytes(message) + 16 for message in messages]
        if bounds.talk is not None and sum(sizes[beginning(messages, bounds.examples) :]) > bounds.talk:
            return False
        return about + sum(sizes) <= self.context - bounds.reserve - self._room_to_think

    def count(self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = ()) -> int:
        """Tokens of a conversation with the assistant's turn opened. Raises BadInput, EngineClosed."""
        return len(self._prompter.reply(messages, tools, self._known(messages)).tokens)

    def forget(self, conversation: str) -> None:
        """Free what a conversation left behind: its cells and its text. Returns at once.

        What was asked for it before and has not ended is cancelled; its name may be used again.
        """
        self._scheduler.forget(conversation)
        if self._eyes is not None:
            self._eyes.forget(conversation)

    def warm(self) -> None:
        """Read and write once, so that the first caller does not wait for pages and threads. Raises as `generate`.

        Written as work that nobody waits for, so that it also learns how many threads are best now.
        """
        words = [{"role": "user", "content": "Hello. " * 32}]
        name = "warming up"
        once = Sampling(max_tokens=12)
        self.generate(words, conversation=name, sampling=once, urgency=Urgency.SOON, timeout=None).result(300)
        self.forget(name)

    def close(self) -> None:
        """End all work with EngineClosed and free the memory; safe to call twice."""
        self._scheduler.close()

    @property
    def _room_to_think(self) -> int:
        from local_agent.engines.llama.request import THOUGHT

        return THOUGHT if self._prompter.template.opened else 0

    def _size(self, message: Message) -> int:
        text = str(message.get("content") or "")
        return len(self._prompter.text(text, self._known([message])).tokens) + 8  # what templates put around it

    def _check(self, messages: Sequence[Message], sampling: Sampling) -> None:
        if not messages:
            raise BadInput("there is no message to answer", expected="at least one", fix="add a user message")
        if sampling.max_tokens < 1:
            raise BadInput(f"max_tokens is {sampling.max_tokens}", expected="1 or more")
        if sampling.repeat_penalty <= 0:
            raise BadInput(f"repeat_penalty is {sampling.repeat_penalty}", expected="more than 0 (1 for none)")
        if self._eyes is None and images(messages):
            raise BadInput(f"this model sees no images: {self.blind}", fix="leave them out")

    def _known(self, messages: Sequence[Message]) -> dict[str, list[int]]:
        return {} if self._eyes is None else self._eyes.known(images(messages))

    def _request(self, job: Job[Any], messages: Sequence[Message], conversation: str, urgency: Urgency) -> Request:
        from local_agent.engines.llama.request import Request

        request = Request(job, tuple(messages), conversation, urgency, order=0)
        if self._eyes is not None and (seen := images(messages)):
            request.known, request.views = self._eyes.known(seen), self._eyes.look(seen, conversation)
        return request


def _bytes(message: Message) -> int:
    return sum(len(str(value).encode()) for value in message.values())
