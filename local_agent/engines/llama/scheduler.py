"""The one thread that runs the language model: continuous batching over all conversations.

Each step decodes one batch: the next token of every reply that is being written, and a bounded piece of the prompts
that are being read. So a long prompt in one room never stalls another room's reply by more than one piece, and a
cancelled request stops before the next step, its cells left in order for the next common prefix.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import ChainMap
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import numpy as np
import numpy.typing as npt

from local_agent.engines.inference_thread import CrossEnginePriority, Right, Urgency
from local_agent.engines.llama.batching import ALONE_CHUNK, PACE, SHARED_CHUNK, SPECULATIVE_CHUNK, compose
from local_agent.engines.llama.kv_cache import Slot, aligned, choose, common_prefix, donor
from local_agent.engines.llama.native import BATCH, NativeModel
from local_agent.engines.llama.prompt import Prompter
from local_agent.engines.llama.request import ActiveRequest, Request
from local_agent.engines.llama.thread_count import ThreadCountTuner
from local_agent.errors import ContextExhausted, EngineBusy, EngineCancelled, EngineClosed, EngineError, LocalAgentError

log = logging.getLogger(__name__)

__all__ = ["ALONE_CHUNK", "BATCH", "PACE", "SHARED_CHUNK", "SPECULATIVE_CHUNK", "Scheduler", "compose"]

CAPACITY = 64
"""Requests that may wait, as in any other lane."""
PATIENCE = 0.25
"""Seconds that one step of non-urgent work waits for another engine's urgent work, at most."""
_SLICE = 0.02  # seconds after which a waiting step looks for new requests of its own


class Scheduler:
    """Owns the model; everything native happens on its thread, also giving the memory back.

    context: the most tokens one conversation may have. way: the right of way shared with other engines. threads: cores
    at most.
    """

    def __init__(
        self, model: NativeModel, prompter: Prompter, context: int, way: CrossEnginePriority | None, threads: int = 1
    ) -> None:
        self._crew = ThreadCountTuner(threads)
        self._model, self._prompter, self._context, self._way = model, prompter, context, way
        self._slots = [Slot(index) for index in range(model.sequences)]
        self._ready = threading.Condition()
        self._inbox: list[Request] = []
        self._forgotten: dict[str, int] = {}  # conversation -> order of the first request that may use its name again
        self._closed = False
        self._order = itertools.count()
        self._waiting: list[Request] = []
        self._runs: list[ActiveRequest] = []
        self._stretch: AbstractContextManager[None] | None = None
        self._thread = threading.Thread(target=self._loop, name="lane-llama", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """Queue a request. Raises EngineBusy when too many wait, EngineClosed after `close()`."""
        with self._ready:
            if self._closed:
                raise EngineClosed("the language model is closed")
            wanted = sum(not other.job.stopping for other in (*self._inbox, *self._waiting))
            if wanted >= CAPACITY:
                raise EngineBusy(
                    f"{wanted} requests already wait for the language model",
                    expected=f"at most {CAPACITY}",
                    fix="allow fewer calls at once (LOCAL_AGENT_MAX_CALLS) or use a smaller model",
                )
            request.order = next(self._order)
            self._inbox.append(request)
            self._ready.notify()

    def forget(self, conversation: str) -> None:
        """End what is asked for a conversation so far, and free what it left in the cache as soon as that has ended."""
        with self._ready:
            self._forgotten[conversation] = next(self._order)
            self._ready.notify()

    def close(self, timeout: float = 5.0) -> None:
        """Refuse new work, end what waits or runs with EngineClosed, wait up to `timeout` seconds for the thread to
        end.
        """
        with self._ready:
            self._closed = True
            self._ready.notify()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _loop(self) -> None:
        try:
            while self._take_in():
                try:
                    self._step()
                except Exception as error:  # nothing may end this thread while calls depend on it
                    log.exception("a step of the language model failed")
                    self._fail_all(_ours(error))
        finally:
            self._leave()
            self._fail_all(EngineClosed("the language model was closed"))
            self._model.free()

    def _take_in(self) -> bool:
        with self._ready:
            while not (self._inbox or self._forgotten or self._waiting or self._runs or self._closed):
                self._leave()
                self._ready.wait()
            self._waiting += self._inbox
            forgotten, self._inbox, self._forgotten = self._forgotten, [], {}
            closed = self._closed
        for request in (*self._waiting, *(run.request for run in self._runs)):
            if request.order < forgotten.get(request.conversation, 0):
                request.job.cancel()  # what waits, read-ahead among it, would bring the words back into the cache
        for slot in self._slots:
            if slot.owner in forgotten:
                slot.forget = True
                self._tidy(slot)
        return not closed

    def _step(self) -> None:
        self._drop_unwanted()
        self._admit()
        if not self._runs:
            return
        self._mind_the_way()
        parts = compose(self._runs, time.monotonic(), self._crew.rows_within)
        eyes = self._model.eyes
        self._advance(parts if eyes is None else self._without_images(parts, whole=eyes.whole > 0))

    def _without_images(
        self, parts: Sequence[tuple[ActiveRequest, int]], *, whole: bool
    ) -> list[tuple[ActiveRequest, int]]:
        """The parts up to their next images. Whose next is an image has a batch of its own, and has had it now: what
        such a batch takes has no tokens.
        """
        texts = []
        for run, limit in parts:
            part = run, run.piece(limit, whole=whole)
            if run.todo[0] >= 0:
                texts.append(part)
            else:
                self._advance([part])
        return texts

    def _advance(self, parts: Sequence[tuple[ActiveRequest, int]]) -> None:
        """One batch. Where it fails, each part is tried alone: only whose own part fails is to blame."""
        rows = [row for run, limit in parts for row in run.rows(limit)]
        if not rows:
            return
        image = parts[0][0].embeddings(rows) if rows[0][0] < 0 else None
        try:
            self._decode(rows, image, urgent=any(run.urgent for run, _ in parts))
        except Exception as error:
            self._blame(parts, _ours(error))
            return
        end = 0
        for run, limit in parts:
            count = min(limit, run.width)
            end += count
            self._account(run, count, end - 1)

    def _blame(self, parts: Sequence[tuple[ActiveRequest, int]], error: LocalAgentError) -> None:
        if len(parts) == 1:
            run, _ = parts[0]
            log.error("a step of the language model failed: %s", error, exc_info=error.__cause__)
            self._release(run)
            self._clear(run.slot)
            run.request.job.fail(error)
            return
        for run, limit in parts:  # what a failed step leaves in the cache is not known
            self._conclude(run, run.rewind)
            if run in self._runs:
                self._advance([(run, limit)])

    def _account(self, run: ActiveRequest, count: int, row: int) -> None:
        self._conclude(run, lambda: run.decoded(count, row, self._prompter.ends, self._context))

    def _conclude(self, run: ActiveRequest, work: Callable[[], bool]) -> None:
        """Do a run's own part of a step, and end it when that says so."""
        try:
            done = work()
        except Exception as error:  # a caller's callback or a grammar: only this request is to blame
            self._release(run)
            run.request.job.fail(_ours(error))
        else:
            if done:
                self._release(run)

    def _drop_unwanted(self) -> None:
        for run in list(self._runs):
            try:
                run.request.job.check()
            except LocalAgentError as error:
                self._release(run)
                run.request.job.fail(error)
        now, kept = time.monotonic(), []
        for request in self._waiting:
            late = request.job.deadline is not None and now > request.job.deadline
            if not request.job.stopping and not late:
                kept.append(request)
            elif request.job.running() or request.job.begin():
                request.job.fail(self._why_dropped(request, now))
        self._waiting = kept

    def _why_dropped(self, request: Request, now: float) -> LocalAgentError:
        if request.job.stopping:
            return EngineCancelled("the work was cancelled")
        return EngineBusy(
            f"the language model's {len(self._slots)} sequences were all busy for {now - request.job.submitted:.1f} s",
            fix="allow fewer calls at once (LOCAL_AGENT_MAX_CALLS) or use a smaller model",
        )

    def _admit(self) -> None:
        for request in sorted(self._waiting, key=lambda request: request.rank):
            try:
                self._prepare(request)
                slot = self._slot_for(request)
                if slot is None:
                    continue
                self._waiting.remove(request)
                if request.job.running() or request.job.begin():
                    self._start(request, slot)
            except Exception as error:  # a bad prompt or grammar: only this request is to blame
                if request in self._waiting:
                    self._waiting.remove(request)
                if request.job.running() or request.job.begin():
                    request.job.fail(_ours(error))

    def _prepare(self, request: Request) -> None:
        if request.prompt is not None:
            return
        held = (slot.pieces for slot in self._slots if slot.owner == request.conversation)
        known = ChainMap(request.known, *held)
        if request.open_user_turn:
            ask = self._prompter.judged if request.urgency is Urgency.NOW else self._prompter.open
            request.prompt = ask(request.messages, request.tools, known)
        elif request.sampling is None:
            request.prompt = self._prompter.closed(request.messages, request.tools, known)
        else:
            request.prompt = self._prompter.reply(request.messages, request.tools, known)
        size = len(request.prompt.tokens)
        if size >= self._context:
            raise ContextExhausted(
                f"the conversation has {size} tokens",
                expected=f"fewer than the context's {self._context}",
                fix="trim it with fit(), or set a larger context",
            )

    def _slot_for(self, request: Request) -> Slot | None:
        """An idle sequence, else one that less urgent reading gives up, else None.

        None, too, while what it goes on from is being read for somebody who waits: read twice, both come later.
        """
        assert request.prompt is not None
        if any(run.leads_to(request) for run in self._runs):
            return None
        for run in list(self._runs):
            yields = run.request.yields and run.request.urgency > request.urgency
            if yields and request.conversation and run.request.conversation == request.conversation:
                self._suspend(run)
        slot = choose(self._slots, request.prompt.tokens, request.conversation, modest=request.yields)
        if slot is None:
            yielding = [r for r in self._runs if r.request.yields and r.request.urgency > request.urgency]
            if yielding:
                slot = max(yielding, key=lambda run: run.request.rank).slot
                self._suspend(next(run for run in self._runs if run.slot is slot))
        return slot

    def _start(self, request: Request, slot: Slot) -> None:
        assert request.prompt is not None
        prompt = self._spelled_as_held(request.prompt.tokens, request.conversation)
        given = donor(self._slots, slot, prompt, whole_only=not self._model.partial_prefix)
        if given is not None:
            source, shared = given
            self._model.trim(slot.index, 0)
            slot.tokens = source.tokens[: self._model.copy(source.index, slot.index, shared)]
        ahead, slot.ahead = slot.ahead, None
        if ahead is None or request.sampling is None or slot.tokens != prompt:
            ahead = None
            keep = min(common_prefix(slot.tokens, prompt), len(prompt) - request.prompt.opening - 1)
            del slot.tokens[self._model.trim(slot.index, keep) :]
        if slot.owner != request.conversation:
            slot.attempt = []
        slot.owner, slot.pieces, slot.forget = request.conversation, request.prompt.pieces, False
        run = ActiveRequest(request, slot, prompt, self._model, self._prompter)
        slot.busy = True
        self._runs.append(run)
        if ahead is not None:
            self._conclude(run, lambda: run.begin(ahead, self._prompter.ends, self._context))

    def _spelled_as_held(self, prompt: list[int], conversation: str) -> list[int]:
        best, most = prompt, 0
        for slot in self._slots:
            if slot.owner == conversation and slot.tokens:
                spelled = aligned(slot.tokens, prompt, self._model.piece, self._model.control)
                shared = common_prefix(slot.tokens, spelled)
                best, most = (spelled, shared) if shared > most else (best, most)
        return best

    def _decode(
        self, rows: list[tuple[int, int, int, bool]], image: npt.NDArray[np.float32] | None, *, urgent: bool
    ) -> None:
        size = self._crew.size(len(rows), urgent=urgent)
        began = time.monotonic()
        if image is None:
            self._model.decode(rows, size)
        else:
            self._model.decode_image(rows, size, image)
        self._crew.learn(size, len(rows), time.monotonic() - began)

    def _suspend(self, run: ActiveRequest) -> None:
        self._release(run)
        self._waiting.append(run.request)

    def _release(self, run: ActiveRequest) -> None:
        run.free()
        self._runs.remove(run)
        run.slot.busy, run.slot.last_used = False, time.monotonic()
        if run.decoding:
            run.slot.attempt = run.attempt
        self._tidy(run.slot)

    def _tidy(self, slot: Slot) -> None:
        if slot.forget and not slot.busy:
            self._clear(slot)

    def _clear(self, slot: Slot) -> None:
        self._model.trim(slot.index, 0)
        slot.tokens, slot.owner, slot.pieces, slot.forget, slot.ahead, slot.attempt = [], "", {}, False, None, []

    def _fail_all(self, error: LocalAgentError) -> None:
        with self._ready:
            waiting, self._waiting, self._inbox = [*self._waiting, *self._inbox], [], []
        for run in list(self._runs):
            self._release(run)
            self._clear(run.slot)
            run.request.job.fail(error)
        for request in waiting:
            if request.job.running() or request.job.begin():
                request.job.fail(error)

    def _mind_the_way(self) -> None:
        """Hold the right of way while somebody waits for our first words; else let others' urgent work pass."""
        if self._way is None:
            return
        right = Right.LATER
        if any(run.urgent for run in self._runs):
            if self._stretch is None:
                self._stretch = self._way.urgent()
                self._stretch.__enter__()
            # A first clause that is being spoken goes before the words after it, not before another caller's prompt.
            if any(run.urgent and not run.decoding for run in self._runs):
                return
            right = Right.THOUGHT
        else:
            self._leave()
        waited = 0.0
        while waited < PATIENCE and not self._inbox and not self._closed:
            spent = self._way.yield_to_urgent(_SLICE, right)
            waited += spent
            if spent < _SLICE:
                return

    def _leave(self) -> None:
        if self._stretch is not None:
            self._stretch.__exit__(None, None, None)
            self._stretch = None


def _ours(error: Exception) -> LocalAgentError:
    if isinstance(error, LocalAgentError):
        return error
    wrapped = EngineError(f"the language model failed: {type(error).__name__}: {error}")
    wrapped.__cause__ = error
    return wrapped
