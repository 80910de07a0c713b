"""Picking the next token: llama.cpp's sampler chain for one reply."""

from __future__ import annotations

import ctypes
import secrets
from collections.abc import Sequence

import llama_cpp as native
import numpy as np

from local_agent.engines.llama.native import NativeModel
from local_agent.engines.llama.novelty_penalty import CrossReplyPenalty
from local_agent.engines.llama.types import CallGrammar, Sampling
from local_agent.errors import BadInput, EngineError

LIKELY = 256  # tokens that are looked at for what begins a call; the others have next to nothing
_TAG = b"<tool"
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Sampler:
    """Belongs to one reply and to the scheduler's thread; `free()` it.

    grammar: GBNF with a rule `root`, or None. bound: whether it applies now; not to what the model thinks. said: tokens
    of earlier replies, for `sampling.variety`. calls: takes the grammar's place where the first token that is bound has
    its share. Raises BadInput for a grammar that llama.cpp cannot read.
    """

    def __init__(
        self,
        model: NativeModel,
        sampling: Sampling,
        grammar: str | None = None,
        said: Sequence[Sequence[int]] = (),
        calls: CallGrammar | None = None,
    ) -> None:
        self._model = model
        self.bound = True
        self._grammar = None if grammar is None else _read(model, grammar)
        self._calls = calls
        self._variety = CrossReplyPenalty(said, sampling.variety) if said and sampling.variety > 0 else None
        self._chain = _chain(model, sampling)

    def sample(self, row: int) -> int:
        """The token that follows a row of the last batch. Raises EngineError when the grammar leaves none."""
        if self._variety is not None:
            logits = native.llama_get_logits_ith(self._model.handle, row)
            for token, penalty in self._variety.penalties().items():
                logits[token] -= penalty
        token = self._sample(row)
        if self._variety is not None:
            self._variety.accept(token)
        return token

    def sample_from(self, logits: np.ndarray[tuple[int], np.dtype[np.float32]]) -> int:
        """The token that follows logits [vocabulary] that were kept. Raises as `sample`."""
        if self._variety is not None:
            logits = logits.copy()
            for token, penalty in self._variety.penalties().items():
                logits[token] -= penalty
        token = self._choose(logits)
        if self._variety is not None:
            self._variety.accept(token)
        return token

    def _sample(self, row: int) -> int:
        if self._grammar is None or not self.bound:
            return int(native.llama_sampler_sample(self._chain, self._model.handle, row))
        return self._choose(self._model.logits(row))

    def _choose(self, logits: np.ndarray[tuple[int], np.dtype[np.float32]]) -> int:
        if self._calls is not None and self.bound:
            self._decide(self._calls, logits)
        token = self._pick(logits, constrained=False)
        grammar = self._grammar if self.bound else None
        if grammar is not None and not self._allows(token):
            token = self._pick(logits, constrained=True)
        native.llama_sampler_accept(self._chain, token)
        if grammar is not None and token not in self._model.ends:
            native.llama_sampler_accept(self._grammar, token)
        return token

    def _decide(self, calls: CallGrammar, logits: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
        """Whether the reply is to be calls, once."""
        self._calls = None
        weights = np.exp(logits.astype(np.float64) - logits.max())
        likely = np.argpartition(weights, -LIKELY)[-LIKELY:] if len(weights) > LIKELY else np.arange(len(weights))
        begins = [token for token in map(int, likely) if begins_call(self._model.piece(token))]
        if weights[begins].sum() >= calls.share * weights.sum():
            native.llama_sampler_free(self._grammar)
            self._grammar = _read(self._model, calls.text)

    def free(self) -> None:
        """Give back native memory; safe to call twice."""
        for sampler in (self._chain, self._grammar):
            if sampler:
                native.llama_sampler_free(sampler)
        self._chain = self._grammar = None

    def _pick(self, logits: np.ndarray[tuple[int], np.dtype[np.float32]], *, constrained: bool) -> int:
        candidates = np.zeros(len(logits), _CANDIDATE)
        candidates["id"], candidates["logit"] = np.arange(len(logits)), logits
        view = _view(candidates)
        if constrained:
            native.llama_sampler_apply(self._grammar, ctypes.byref(view))
            if not np.isfinite(candidates["logit"]).any():
                raise EngineError("no token of the model's vocabulary fits the grammar here", fix="loosen the grammar")
        native.llama_sampler_apply(self._chain, ctypes.byref(view))
        return int(view.data[view.selected].id)

    def _allows(self, token: int) -> bool:
        """Trying one token costs microseconds, all of the vocabulary milliseconds; most tokens fit at once."""
        one = np.array([(token, 1.0, 0.0)], _CANDIDATE)
        native.llama_sampler_apply(self._grammar, ctypes.byref(_view(one)))
        return bool(np.isfinite(one["logit"][0]))


def begins_call(piece: bytes) -> bool:
    """Whether the text of a reply's first token begins a call: a tag or JSON. A fence may hold any code."""
    text = piece.lstrip()
    return text.startswith((b"{", b"[{", _TAG)) or (text != b"" and _TAG.startswith(text))


def _read(model: NativeModel, grammar: str) -> object:
    # llama.cpp takes an empty grammar for none
    read = native.llama_sampler_init_grammar(model.vocab, grammar.encode(), b"root") if grammar.strip() else None
    if not read:
        raise BadInput("llama.cpp cannot read the grammar", expected="GBNF with a rule named root")
    return read


def _view(candidates: np.ndarray[tuple[int], np.dtype[np.void]]) -> native.llama_token_data_array:
    data = candidates.ctypes.data_as(ctypes.POINTER(native.llama_token_data))
    return native.llama_token_data_array(data=data, size=len(candidates), selected=-1, sorted=False)


def _bias(model: NativeModel, biases: Sequence[tuple[int, float]]) -> object:
    unknown = [token for token, _ in biases if not 0 <= token < model.vocabulary_size]
    if unknown:
        raise BadInput(f"logit_bias names the token {unknown[0]}", expected=f"0 to {model.vocabulary_size - 1}")
    listed = (native.llama_logit_bias * len(biases))(*(native.llama_logit_bias(*one) for one in biases))
    return native.llama_sampler_init_logit_bias(model.vocabulary_size, len(biases), listed)


def _chain(model: NativeModel, sampling: Sampling) -> object:
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    greedy = sampling.temperature <= 0
    keep = 1 if greedy else sampling.top_k
    stages = [_bias(model, sampling.logit_bias)] if sampling.logit_bias else []
    penalties = (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty)
    if penalties != (1.0, 0.0, 0.0) and sampling.repeat_last > 0:
        if keep > 0 and penalties[0] >= 1 and min(penalties[1:]) >= 0:
            # A penalty only lowers logits, and at most repeat_last of them: what is left after this cut still holds the
            # best `keep`, and the penalty, which is slow on a whole vocabulary, looks at a few candidates only.
            stages.append(native.llama_sampler_init_top_k(keep + sampling.repeat_last))
        stages.append(native.llama_sampler_init_penalties(model.vocabulary_size, sampling.repeat_last, *penalties))
    if greedy:
        stages.append(native.llama_sampler_init_greedy())
    else:
        seed = secrets.randbits(32) if sampling.seed is None else sampling.seed & 0xFFFFFFFF
        stages += [
            native.llama_sampler_init_top_k(sampling.top_k),
            native.llama_sampler_init_top_p(sampling.top_p, 1),
            native.llama_sampler_init_min_p(sampling.min_p, 1),
            native.llama_sampler_init_temp(sampling.temperature),
            native.llama_sampler_init_dist(seed),
        ]
    for stage in stages:
        native.llama_sampler_chain_add(chain, stage)
    return chain
