"""From messages to tokens, part by part, so that what was said before costs nothing to read again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_agent.engines.llama.chat_template import ChatTemplate
from local_agent.engines.llama.native import NativeModel
from local_agent.engines.llama.types import MARK, Message

SMALL = 2_000_000_000
"""Parameters under which a model is shown how functions are called: told only, it calls none, or all the time
(engines/llama/tool_prompt.py).
"""
_MARKER = re.compile(r"\s*(<[^<>\s]{2,}>|\[[^\[\]\s]{2,}\])")


@dataclass(frozen=True)
class Prompt:
    """tokens: the whole of it. pieces: its parts and their tokens.

    closing: tokens that could end an open user turn: the template's, and the marks that end a sentence. opening: tokens
    behind the last word of that turn, which end it and open the assistant's.
    """

    tokens: list[int]
    pieces: dict[str, list[int]]
    closing: frozenset[int] = frozenset()
    opening: int = 0


class Prompter:
    """Renders and tokenizes; any thread may use it.

    A text is cut before every control token and each part tokenized alone, which yields the tokens of the whole
    (tokenizers never merge across control tokens) and lets parts be remembered. Marks of images are parts, too, whose
    tokens are in what is known.
    """

    def __init__(self, model: NativeModel) -> None:
        self._model = model
        texts = {token: model.token_text(token) for token in model.control}
        self.template = ChatTemplate(
            model.chat_template,
            bos=model.bos_text,
            eos=model.eos_text,
            control=filter(None, texts.values()),
            small=model.parameters < SMALL,
        )
        alternatives = "|".join(
            re.escape(text) for text in sorted(texts.values(), key=len, reverse=True) if len(text) > 1
        )
        borders = [f"(?={alternatives})"] if alternatives else []
        if model.eyes is not None:
            borders += [f"(?={MARK.pattern})", "(?<=\ue003)"]
        self._border = re.compile("|".join(borders)) if borders else None
        closing = self.template.closing()
        # Also what only ends a message, as "<|end|>" between a thought and its answer, or begins one.
        self.ends = model.ends | (set(self._tokens(closing, {}, {})) & model.control)
        self.stops = tuple(texts[token] for token in model.ends & model.control if len(texts[token]) > 2)
        if not self.ends.issuperset(self._tokens(closing.lstrip(), {}, {})[:1] or [-1]):
            marker = _MARKER.match(closing)  # spelled in letters, as there is no token for it
            self.stops += tuple(filter(str.strip, [marker[1] if marker else closing.rstrip()]))
        self._marks = frozenset(token for mark in ".?!" if (token := self._after_a_word(mark)) is not None)

    def closed(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), known: Mapping[str, list[int]] = {}
    ) -> Prompt:
        """The prompt of a conversation; the assistant's turn is open when somebody waits for it. Raises BadInput."""
        last = str(messages[-1].get("role")) if messages else ""
        return self.text(self.template.render(messages, tools=tools, reply=last != "assistant"), known)

    def reply(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), known: Mapping[str, list[int]] = {}
    ) -> Prompt:
        """The prompt of a conversation with the assistant's turn open. Raises BadInput."""
        return self.text(self.template.render(messages, tools=tools, reply=True), known)

    def open(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), known: Mapping[str, list[int]] = {}
    ) -> Prompt:
        """The prompt up to the last word of the user message at the end. Raises BadInput when there is none."""
        text, closing = self.template.render_open(messages, tools=tools)
        prompt = self.text(text, known)
        tokens = self._tokens(closing, {}, {})
        # A template may add words of its own to a message; the caller's end where it closes the turn.
        first = [token for token in tokens if token in self._model.control][:1] or tokens[:1]
        ends = frozenset(first) | self._model.ends | self._marks
        return Prompt(prompt.tokens, prompt.pieces, ends)

    def judged(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), known: Mapping[str, list[int]] = {}
    ) -> Prompt:
        """`open`, and behind it all that a reply needs when that was the end. Raises BadInput as `open`.

        Just `open` for a model that can't forget the rest when it was not, and where the tokens of both differ.
        """
        opened = self.open(messages, tools, known)
        if not self._model.partial_prefix:
            return opened
        whole = self.reply(messages, tools, known)
        size = len(opened.tokens)
        if whole.tokens[:size] != opened.tokens:
            return opened
        return Prompt(whole.tokens, whole.pieces, opened.closing, len(whole.tokens) - size)

    def text(self, text: str, known: Mapping[str, list[int]]) -> Prompt:
        """The prompt of a rendered text; parts found in `known` are not tokenized again."""
        pieces: dict[str, list[int]] = {}
        tokens = self._tokens(text, known, pieces)
        if self._model.adds_bos and self._model.bos is not None and tokens[:1] != [self._model.bos]:
            tokens.insert(0, self._model.bos)
        return Prompt(tokens, pieces)

    def _after_a_word(self, mark: str) -> int | None:
        """The one token that a mark is behind a word, None where it is a part of other tokens."""
        *word, last = self._model.tokenize(f"a{mark}")
        return last if word == self._model.tokenize("a") else None

    def _tokens(self, text: str, known: Mapping[str, list[int]], pieces: dict[str, list[int]]) -> list[int]:
        tokens: list[int] = []
        for part in self._border.split(text) if self._border else [text]:
            if not part:
                continue
            found = known.get(part) or pieces.get(part)
            pieces[part] = self._model.tokenize(part) if found is None else found
            tokens += pieces[part]
        return tokens
