"""Whisper's decoder in ONNX Runtime's hands: the likeliest tokens of what was heard, one step at a time."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from local_agent.engines.onnx_session import set_up
from local_agent.engines.whisper.ct2_checkpoint import Checkpoint
from local_agent.engines.whisper.decoder import Decoded, Task
from local_agent.engines.whisper.encoder_window import STATES, Encoder, Heard, array
from local_agent.errors import EngineError
from local_agent.weights.derived import Write

GUESSED = 32  # tokens of a guess at most: each takes the room of its logits, right or not
PIECE = 250  # encoder states that are turned into keys and values at a time: bounds the memory that it takes
# What the encoder makes of 30 s of padding, and the layers of that, as files; to be renamed with every change of them.
PADDING = ("model.silence-1.npy", "model.padding-1.npy")
EMBEDDINGS, PLACES = "decoder/embeddings/weight", "decoder/position_encodings/encodings"

Array = NDArray[np.float32]
Feed = dict[str, Any]
Keep = Callable[[Sequence[str], Write], Sequence[Path] | None]
"""Files of these names with what `Write` writes, made once on this machine; None where none can be kept."""


@dataclass(frozen=True)
class Rules:
    """Tokens with a meaning to the decoding. end: of the text. no_speech: whose probability tells that nobody spoke.
    never: may not be written. first: may not be written first.
    """

    end: int
    no_speech: int
    never: tuple[int, ...]
    first: tuple[int, ...]

    @staticmethod
    def of(config: Path, end: int, no_speech: int) -> Rules:
        """As a model's config.json says. Raises EngineError for one that can't be read."""
        try:
            told = json.loads(config.read_text(encoding="utf-8"))
            never, first = (tuple(map(int, told.get(name) or ())) for name in ("suppress_ids", "suppress_ids_begin"))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise EngineError(f"{config} can't be read: {error}", fix="python -m local_agent download") from error
        return Rules(end, no_speech, never, first)


class Decoder:
    """Belongs to one thread. weights: the model, for its embeddings. graphs: of the same
    (`engines.whisper.onnx_export`). ear: what
    encodes for it. threads: of ONNX Runtime. keep: where what padding comes to lies in mapped files, which processes
    share; without it each computes that.

    Raises EngineError for graphs that ONNX Runtime can't run here.
    """

    def __init__(
        self,
        weights: Checkpoint,
        graphs: tuple[Path, Path],
        ear: Encoder,
        rules: Rules,
        *,
        threads: int,
        keep: Keep | None = None,
    ) -> None:
        self._memory, self._session = (_open_session(path, threads) for path in graphs)
        self._ear, self._rules, self._keep = ear, rules, keep
        self._weights, self._places = weights, weights.array(PLACES)
        shapes = {given.name: given.shape for given in self._session.get_inputs()}
        self._names = sorted(name for name in shapes if name.startswith(("key_", "value_")))
        self._heads, self._size = shapes["key_0"][1], shapes["key_0"][3]
        # One piece for all layers and recordings: what is new costs more to touch than to fill, and numpy asks for huge
        # pages where a piece is large.
        self._space = np.empty(len(self._names) * self._heads * STATES * self._size, np.float32)
        self._padding: dict[str, Array] = {}
        self._remembered: tuple[Heard, float, Feed] | None = None
        self._outputs = [made.name for made in self._session.get_outputs()]
        self._past = [name.replace("present", "past") for name in self._outputs[1:]]
        self._without_logits = onnxruntime.RunOptions()
        self._without_logits.only_execute_path_to_fetches = True

    def decode(self, heard: Heard, tail: float, task: Task, check: Callable[[], None]) -> Decoded:
        """Tokens until the end of the text or the task's limit; `check` is called before each. See Decoding."""
        memory = self.remember(heard, tail)
        check()
        guess = task.guess[: min(GUESSED, task.limit - 1)]
        told = len(task.context)
        logits, past = self.step([*task.prompt, *guess], told, memory, self.read(task.context, memory))
        no_speech = math.exp(logits[0, self._rules.no_speech] - _log_sum(logits[0]))
        never = np.array([*self._rules.never, *task.never], np.int64)
        known = list(logits[len(task.prompt) - 1 :])  # what follows the prompt, and each token that was guessed
        known[0][np.array(self._rules.first, np.int64)] = -np.inf
        tokens, steps, total = list[int](), list[Array](), 0.0
        while True:
            row = known.pop(0)
            row[never] = -np.inf
            likeliest = int(row.argmax())
            total += float(row[likeliest]) - _log_sum(row)
            steps.append(row)
            if likeliest == self._rules.end:
                break
            tokens.append(likeliest)
            if len(tokens) >= task.limit:
                break
            if known and likeliest == guess[len(tokens) - 1]:
                continue
            check()
            first = told + len(task.prompt) + len(tokens) - 1
            if known:  # what was guessed from here on is not what was said
                past = {name: np.ascontiguousarray(held[:, :, :first]) for name, held in past.items()}
            logits, past = self.step([likeliest], first, memory, past)
            known = [logits[0]]
        return Decoded(tokens, total / (len(tokens) + 1), no_speech, steps)

    def step(self, tokens: Sequence[int], first: int, memory: Feed, past: Feed) -> tuple[Array, Feed]:
        """Logits float32 [tokens, vocabulary] of what may follow each token, and the past with all of them in it.

        first: how many tokens are in `past`. memory: from `remember`.
        """
        logits, *present = self._session.run(self._outputs, self._feed(tokens, first, memory, past))
        return logits[0], dict(zip(self._past, present, strict=True))

    def _feed(self, tokens: Sequence[int], first: int, memory: Feed, past: Feed) -> Feed:
        embedded = self._weights.array(EMBEDDINGS, tokens) + self._places[first : first + len(tokens)]
        return {"embedded": embedded[np.newaxis], **memory, **past}

    def read(self, context: Sequence[int], memory: Feed) -> Feed:
        """The past after the tokens before a prompt. Nobody asks what may follow them: logits are most of a step."""
        past = self.nothing()
        if not context:
            return past
        present = self._session.run(self._outputs[1:], self._feed(context, 0, memory, past), self._without_logits)
        return dict(zip(self._past, present, strict=True))

    def nothing(self) -> Feed:
        """The past before the first token."""
        return {name: np.zeros((1, self._heads, 0, self._size), np.float32) for name in self._past}

    def remember(self, heard: Heard, tail: float) -> Feed:
        """Every layer's keys and values of what was heard with `tail` seconds of padding behind; good until the next.

        Each is float32 [1, heads, states, size of a head]. What is decoded again is not computed again.
        """
        if self._remembered is not None and self._remembered[0] is heard and self._remembered[1] == tail:
            return self._remembered[2]
        self._remembered = None
        states = array(heard.encoded)[0]
        behind = self._ear.behind(heard, tail)
        count = len(states) + behind.stop - behind.start
        memory = self._shaped(self._space, count)
        self._project(states, memory)
        if behind.stop > behind.start:
            self.prepare()
            for name, padding in self._padding.items():
                memory[name][:, :, len(states) :] = padding[:, :, behind]
        self._remembered = heard, tail, memory
        return memory

    def prepare(self) -> None:
        """Have the keys and values of 30 s of padding. See Decoding."""
        if self._padding:
            return
        kept = self._keep(PADDING, self._write_padding) if self._keep else None
        if kept:
            self._ear.silence, behind = (np.load(path, mmap_mode="r") for path in kept)
        else:
            behind = self._behind_everything()
        self._padding = self._shaped(behind.reshape(-1), STATES)

    def _write_padding(self, paths: Sequence[Path]) -> None:
        for path, value in zip(paths, (self._ear.prepare(), self._behind_everything()), strict=True):
            with path.open("wb") as file:
                np.save(file, value)

    def _behind_everything(self) -> Array:
        """Of 30 s of padding what `_space` is of a recording."""
        made = np.empty_like(self._space)
        self._project(self._ear.prepare()[0], self._shaped(made, STATES))
        return made

    def _shaped(self, space: Array, count: int) -> dict[str, Array]:
        """Room for keys and values of so many states, at the beginning of `space`: what lies behind is not touched."""
        shape = (len(self._names), 1, self._heads, count, self._size)
        return dict(zip(self._names, space[: math.prod(shape)].reshape(shape), strict=True))

    def _project(self, states: Array, memory: dict[str, Array]) -> None:
        """Fill `memory` from its beginning with what the layers make of states [count, width]."""
        for first in range(0, len(states), PIECE):
            (made,) = self._memory.run(None, {"states": states[first : first + PIECE]})
            parts = made.reshape(len(made), -1, self._heads, self._size)
            for number in range(parts.shape[1]):
                name = f"{('key', 'value')[number % 2]}_{number // 2}"
                memory[name][0, :, first : first + len(made)] = parts[:, number].transpose(1, 0, 2)


def _log_sum(logits: Array) -> float:
    """log of the sum of exp(logits)."""
    highest = float(logits.max())
    return highest + math.log(float(np.exp(logits - highest).sum()))


def _open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(str(path), sess_options=set_up(threads), providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own kinds are many
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EngineError(f"ONNX Runtime can't run {path}: {reason}", fix=f"delete {path.name}") from error
