"""One request to the language model, from the queue to its last token."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from local_agent.engines.inference_thread import Job, Urgency
from local_agent.engines.llama.detokenizer import Detokenizer
from local_agent.engines.llama.kv_cache import Slot
from local_agent.engines.llama.native import NativeModel
from local_agent.engines.llama.novelty_penalty import replies
from local_agent.engines.llama.prompt import Prompt, Prompter
from local_agent.engines.llama.reasoning import Reasoning
from local_agent.engines.llama.sampler import Sampler
from local_agent.engines.llama.types import CallGrammar, Completion, Message, Prefilled, Sampling
from local_agent.engines.llama.vision import Views, chunk, row
from local_agent.engines.text.clauses import ends_sentence

FIRST_CLAUSE = 12
"""Tokens of a reply that are urgent: about what the first clause needs before it can be spoken."""
SPOKEN = 0.23
"""Seconds that speaking a token takes: 3.3 words a second of 1.3 tokens."""
IN_HAND = 24
"""Tokens that a reply must be written ahead of its voice, which speaks whole clauses: a long one, and its synthesis."""
THOUGHT = 256
"""Tokens of a thought at most, beside those of the reply; then it is ended for the model. A caller waits for them."""
CALL_MARKS = "<[{`"
"""Where one of these comes in a reply that may call, no text stops it: it may be an argument."""

RARER = (("qwen2", 800_000_000, 1.7),)
"""Architecture, parameters at most, and by how much in log odds such models give less to the end of a message than
SmolLM2 does, at ends and inside sentences alike (docs/decisions/end-of-turn.md). Others are not measured."""

KEPT = 12  # tokens of an attempt: what is urgent of a reply
REACH = 4  # tokens of an attempt that a reply may leave out ("so", in "I'm so sorry") before it is another one
ROWS = 7  # tokens verified in one step at most


class DraftTokens:
    """What a reply will probably say: tokens of an earlier attempt at it, so that several are verified in one step.

    A step that reads eight tokens takes hardly longer than one that reads a single token. Nothing is taken over unseen:
    each token is sampled as it would have been, and the first that differs throws away what was read behind it.
    attempt: tokens, from the reply's first one on.
    """

    def __init__(self, attempt: Sequence[int]) -> None:
        self._attempt, self._at = list(attempt), 0

    def follow(self, token: int) -> list[int]:
        """The reply goes on with this token. The tokens that probably come behind it, none where nothing is known."""
        ahead = self._attempt[self._at : self._at + REACH]
        if token not in ahead:
            return []
        self._at += ahead.index(token) + 1
        return self._attempt[self._at : self._at + ROWS]


@dataclass
class Request:
    """What was asked for. sampling None: only read the prompt (prefill). known: tokens of images by their marks. views:
    what they look like (`vision`).
    """

    job: Job[Any]
    messages: Sequence[Message]
    conversation: str
    urgency: Urgency
    order: int
    sampling: Sampling | None = None
    on_text: Callable[[str], None] | None = None
    grammar: str | None = None
    calls: CallGrammar | None = None
    tools: Sequence[Mapping[str, Any]] = ()
    said: Sequence[str] | None = None
    open_user_turn: bool = False
    timeout: float | None = None
    known: dict[str, list[int]] = field(default_factory=dict, repr=False)
    views: Views = field(default_factory=dict, repr=False)
    prompt: Prompt | None = field(default=None, repr=False)

    @property
    def yields(self) -> bool:
        """Its sequence is given up to whoever has a better use for it: nobody waits for a word of it."""
        return self.sampling is None or self.urgency is Urgency.SPECULATIVE

    @property
    def rank(self) -> tuple[int, int]:
        """Order of service: lower goes first."""
        return int(self.urgency), self.order


class ActiveRequest:
    """A request that has a sequence.

    count: tokens written. thoughts: how many of them nobody will hear. todo: tokens that go into the cache next; the
    last one's logits are wanted. expected: tokens that the reply will probably have behind them, verified in the same
    step.
    """

    def __init__(
        self, request: Request, slot: Slot, prompt: Sequence[int], model: NativeModel, prompter: Prompter
    ) -> None:
        self.request, self.slot, self._model, self._prompter = request, slot, model, prompter
        self.prompt_tokens, self.cached = len(prompt), len(slot.tokens)
        self.todo = list(prompt[self.cached :])
        self.expected: list[int] = []
        self.written: list[int] = []
        self.count = self.guessed = self.thoughts = 0
        self._guess = DraftTokens(slot.attempt if model.partial_prefix and request.sampling is not None else ())
        self.token_at = 0.0
        # Tokens up to the last word of an open user turn, counted from the end: the prompt may be spelled otherwise.
        self._judged = len(prompt) - request.prompt.opening if request.prompt and request.prompt.closing else 0
        self._chance = 0.0
        self._began = time.monotonic()
        self._first: float | None = None  # when a token came, and when one that is heard
        self._heard: float | None = None
        self._sampler = None
        if request.sampling is not None:
            varied = request.sampling.variety > 0
            said = replies(request.messages, model.tokenize, request.said) if varied else ()
            self._sampler = Sampler(model, request.sampling, request.grammar, said, request.calls)
            stops = (*request.sampling.stop, *prompter.stops)
            self._stream = Detokenizer(stops, until=CALL_MARKS if request.tools else "")
            self._reasoning = Reasoning()
            self._reasoning.push(prompter.template.opened)

    @property
    def decoding(self) -> bool:
        """The prompt is read, tokens are being written."""
        return self.count > 0

    @property
    def width(self) -> int:
        """Rows that it has for the next batch."""
        return len(self.todo) + len(self.expected)

    def leads_to(self, request: Request) -> bool:
        """Whether it reads, as urgently, what the prompt of another request of its conversation begins with."""
        if self._sampler is not None or self.request.urgency > request.urgency or request.prompt is None:
            return False
        read = [*self.slot.tokens, *self.todo]
        own = bool(request.conversation) and request.conversation == self.request.conversation
        return own and request.prompt.tokens[: len(read)] == read

    @property
    def attempt(self) -> list[int]:
        """The beginning of a reply that nobody has heard to its end: the next one may begin like it."""
        thrown_away = self.request.urgency is Urgency.SPECULATIVE or self.request.job.stopping
        return self.written if thrown_away else []

    @property
    def urgent(self) -> bool:
        """Somebody waits to hear something, or soon will: the prompt or the first clause is under way, or what has been
        written since is about to be spoken.
        """
        heard = self.count - self.thoughts
        if self.request.urgency != Urgency.NOW or heard < FIRST_CLAUSE or self._heard is None:
            return self.request.urgency == Urgency.NOW
        return (heard - IN_HAND) * SPOKEN < time.monotonic() - self._heard

    def rows(self, limit: int) -> list[tuple[int, int, int, bool]]:
        """Up to `limit` batch rows of (token, position, sequence, wants logits)."""
        start, taken = len(self.slot.tokens), [*self.todo, *self.expected][:limit]
        wanted = {self._judged - 1 - start, *range(len(self.todo) - 1, len(taken))}
        return [(token, start + at, self.slot.index, at in wanted) for at, token in enumerate(taken)]

    def piece(self, limit: int, *, whole: bool) -> int:
        """How many of up to `limit` rows may share a batch: the text before the next image, or a piece of one chunk of
        an image, all of it if `whole`.
        """
        if not self.request.views:
            return limit
        if self.todo[0] >= 0:
            return next((at for at, token in enumerate(self.todo[:limit]) if token < 0), limit)
        looked_at = chunk(self.todo[0])
        size = next((at for at, token in enumerate(self.todo) if chunk(token) != looked_at), len(self.todo))
        return size if whole else min(size, limit)

    def embeddings(self, rows: Sequence[tuple[int, int, int, bool]]) -> npt.NDArray[np.float32]:
        """float32 [rows, width] of rows that are all of one chunk of an image."""
        first = rows[0][0]
        return self.request.views[chunk(first)][row(first) : row(first) + len(rows)]

    def decoded(self, count: int, row: int, ends: frozenset[int], context: int) -> bool:
        """Account for `count` rows that were decoded, the last being `row` of the batch; True when the work is done."""
        start, read = len(self.slot.tokens), min(count, len(self.todo))
        row -= count - read
        self.slot.tokens += self.todo[:read]
        del self.todo[:read]
        if start < self._judged <= start + read:
            self._chance = self._probability(row - (start + read - self._judged))
        if self.todo:
            return False
        if self._sampler is None:
            if 0 < self._judged < self.prompt_tokens:
                self.slot.ahead = self._model.logits(row)
            self.request.job.finish(self._prefilled())
            return True
        return self._verify(row, self.expected[: count - read], ends, context)

    def begin(self, logits: npt.NDArray[np.float32], ends: frozenset[int], context: int) -> bool:
        """Write the first token from logits that were kept for it; True when the work is done."""
        assert self._sampler is not None and not self.todo
        self._sampler.bound = not self._reasoning.open
        return self._write(self._sampler.sample_from(logits), ends, context)

    def rewind(self) -> bool:
        """After a step that failed: only what was decoded before it is in the cache. The work is not done: False."""
        self._take_back()
        return False

    def _verify(self, row: int, expected: list[int], ends: frozenset[int], context: int) -> bool:
        """Write what follows a row, and go on while that is what was expected; True when the work is done."""
        assert self._sampler is not None
        done, taken = False, 0
        try:
            for foreseen in (*expected, None):
                self._sampler.bound = not self._reasoning.open
                token = self._sampler.sample(row + taken)
                self.guessed += token == foreseen
                done = self._write(token, ends, context)
                if done or token != foreseen or self.todo != [token]:
                    break
                self.slot.tokens.append(token)
                self.todo.clear()
                taken += 1
        finally:
            if taken < len(expected):
                self._take_back()
        return done

    def _take_back(self) -> None:
        """Free the cells of what was expected in vain; what goes with them, in caches that forget no part, is due."""
        held = self.slot.tokens
        kept = self._model.trim(self.slot.index, len(held))
        self.todo = [*held[kept:], *self.todo]
        del held[kept:]

    def free(self) -> None:
        """Give back native memory."""
        if self._sampler is not None:
            self._sampler.free()

    def _write(self, token: int, ends: frozenset[int], context: int) -> bool:
        sampling, thinking = self.request.sampling or Sampling(), self._reasoning.open
        self.token_at = time.monotonic()
        self._first = self._first or self.token_at
        self.request.job.goes_on(self.request.timeout)
        # What only ends a message ends no reply whose answer is in the next one.
        over = token in self._model.ends or (token in ends and not thinking)
        if over or (not thinking and self._said_enough(token, sampling.enough)):
            return self._finish("stop")
        if not self.count:
            self._say(self._stream.push(self._prompter.template.opened.encode(), stopping=False))
        self.count += 1
        if self.count <= KEPT:
            self.written.append(token)
        text = self._stream.push(self._model.piece(token), stopping=not thinking)
        if self._reasoning.push(text).strip():
            self._heard = self._heard or self.token_at
        self._say(text)
        if thinking or self._reasoning.open:
            self.thoughts = self.count if self._heard is None else self.thoughts + 1
        if self._stream.stopped:
            return self._finish("stop")
        tried = self.request.urgency is Urgency.SPECULATIVE  # and may not think for long either
        heard = self.count if tried else self.count - self.thoughts
        if heard >= sampling.max_tokens or len(self.slot.tokens) >= context:
            return self._finish("length")
        self.todo = [token]
        if self.thoughts >= THOUGHT and self._reasoning.open:
            return self._end_thought(context)
        self.expected = self._guess.follow(token)[: context - len(self.slot.tokens) - 1]
        return False

    def _end_thought(self, context: int) -> bool:
        """Write what begins the answer, in the model's place."""
        closing = self._reasoning.closing
        self.todo += self._model.tokenize(closing)
        self.expected = []
        self._say(self._stream.push(closing.encode(), stopping=False))
        self._reasoning.push(closing)
        return len(self.slot.tokens) + len(self.todo) > context and self._finish("length")

    def _said_enough(self, token: int, enough: int) -> bool:
        """Whether the token would begin a sentence more than the reply should have."""
        if not 0 < enough <= self.count or self.request.grammar is not None:
            return False
        return ends_sentence(self._stream.text, self._model.piece(token).decode("utf-8", "replace"))

    def _say(self, text: str) -> None:
        if text and self.request.on_text is not None:
            self.request.on_text(text)

    def _finish(self, reason: str) -> bool:
        self._say(self._stream.finish())
        submitted, now = self.request.job.submitted, time.monotonic()
        first = self._first or now
        self.request.job.finish(
            Completion(
                text=self._stream.text,
                finish=reason,
                prompt_tokens=self.prompt_tokens,
                cached_tokens=self.cached,
                completion_tokens=self.count,
                guessed_tokens=self.guessed,
                thought_tokens=self.thoughts,
                queued_s=self._began - submitted,
                prefill_s=first - self._began,
                first_token_s=first - submitted,
                total_s=now - submitted,
            )
        )
        return True

    def _prefilled(self) -> Prefilled:
        return Prefilled(self.prompt_tokens, self.cached, self._chance, time.monotonic() - self._began)

    def _probability(self, row: int) -> float:
        """Softmax probability that one of the closing tokens follows a row of the last batch."""
        assert self.request.prompt is not None
        logits = self._model.logits(row)
        weights = np.exp(logits.astype(np.float64) - logits.max())
        chance = float(weights[list(self.request.prompt.closing)].sum() / weights.sum())
        return comparable(chance, self._model.architecture, self._model.parameters)


def comparable(chance: float, architecture: str, parameters: int) -> float:
    """How likely a message ends, on the scale of the model that the waits were fitted with (`turns.endpointing`).

    chance: 0..1, as the model has it.
    """
    rarer = next((odds for name, most, odds in RARER if name == architecture and parameters <= most), 0.0)
    return chance / (chance + (1.0 - chance) * math.exp(-rarer))
