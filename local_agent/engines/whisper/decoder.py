"""What Whisper's decoder is asked and what it answers, and how CTranslate2 does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from local_agent.engines.whisper.encoder_window import Encoder, Heard, Model


@dataclass(frozen=True)
class Task:
    """prompt: tokens to begin with, the start of the transcript first. limit: of the tokens that follow. never: tokens
    that may not follow, besides those that the model's own settings name. guess: tokens that probably follow: they are
    run together with the prompt, and those that would have been written are not written one by one. context: tokens
    before the prompt: what the model takes for the text that came before. beam: texts that are followed at once.
    """

    prompt: Sequence[int]
    limit: int
    never: Sequence[int] = ()
    guess: Sequence[int] = ()
    context: Sequence[int] = ()
    beam: int = 1


@dataclass(frozen=True)
class Decoded:
    """tokens: the likeliest, one after the other, without the end of the text. logprob: the sum of theirs and the end's
    over their count and one. no_speech: 0..1. steps: logits [vocabulary] each was picked from, and the end's; none
    where several texts were followed.
    """

    tokens: list[int]
    logprob: float
    no_speech: float
    steps: Sequence[Any]


class Decoding(Protocol):
    """A way of decoding what was heard with `tail` seconds of padding behind it.

    check: called between steps where there are any; raises to break off. `prepare` does what is done once, before the
    first: it takes a while.
    """

    def prepare(self) -> None: ...

    def decode(self, heard: Heard, tail: float, task: Task, check: Callable[[], None]) -> Decoded: ...


class Library:
    """CTranslate2's own decoding, which can't be broken off and makes nothing of a guess."""

    def __init__(self, model: Model, ear: Encoder) -> None:
        self._model, self._ear = model, ear

    def prepare(self) -> None:
        """See Decoding."""
        self._ear.prepare()

    def decode(self, heard: Heard, tail: float, task: Task, check: Callable[[], None]) -> Decoded:
        """See Decoding."""
        check()
        given = [*task.context, *task.prompt]
        (result,) = self._model.generate(
            self._ear.extend(heard, tail),
            [given],
            beam_size=task.beam,
            # CTranslate2 generates half of max_length, as Whisper does, or what the prompt leaves of it
            max_length=max(2 * task.limit, task.limit + len(given) - 1),
            return_scores=True,
            return_no_speech_prob=True,
            return_logits_vocab=task.beam == 1,  # costs nothing that can be measured
            suppress_tokens=[-1, *task.never],
        )
        check()
        tokens = result.sequences_ids[0]
        # CTranslate2 divides the sum by the tokens without the end
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return Decoded(tokens, logprob, result.no_speech_prob, result.logits[0] if task.beam == 1 else [])
