"""A reply taken apart while it is written: what may be said, and the calls in it, wherever they stand.

A call may come behind a mark of its dialect, in a fence, as bare JSON, at the start or behind words. What may become
one is held until it is known what it is: nothing of a call is ever spoken, nor any JSON. Calls are made of functions
that are there, with arguments that they take, and once: the model is asked again for the others
(plugins/llama_stream.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local_agent.engines.llama.json_grammar import Schema
from local_agent.engines.llama.json_text import balanced, value_at
from local_agent.engines.llama.tool_arguments import Unfit, alike, fitted
from local_agent.engines.llama.tool_call_dialects import Call, function, known_name, last_named, written_in

MOST_CALLS = 4
"""In one reply."""
NEAR = 160  # characters in front of JSON in which the function may be named that it is for
_INLINE = 400  # characters of code within a line at most

_OPENER = re.compile(
    r"<[|｜]?[\w:▁|｜-]*(?:tool|function|action|invoke|python_tag)[\w▁=.:\"|｜ -]*>|<\|tool_call>"
    r"|<\|channel\|>[^<]*to=|\[TOOL_CALLS\]",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"<[^\s>]{0,48}|<(?:invoke|function)\s[^>]{0,80}|<\|channel\|>[^<]{0,80}")
_OUR_FORM = re.compile(r"<tool_call>\s*(?=[{\[])")
_OUR_END = re.compile(r"\s*</tool_call>")
_MARK = re.compile(r"[<\[{`]")
_LISTED = re.compile(r"\[\s*(?:\{|([\w.]+)\()")  # a list of objects, or of calls as Python writes them
_LISTED_YET = re.compile(r"\[\s*[\w.]{0,64}")
_OBJECT = re.compile(r"\{{1,2}\s*[\"']")
_OBJECT_YET = re.compile(r"\{{1,2}\s*")
_DATA = re.compile(r"(`+\w*\s*)?(?:\{{1,2}\s*[\"']|\[\s*(?:\{|[\w.]+\())")  # JSON or a list of calls
_ARGUMENTS = re.compile(r"\{{1,2}\s*[\"'}]")
_FENCE = "```"


@dataclass
class ToolCallParser:
    """functions: what may be called, in OpenAI's form; with none, whatever looks like a call is one. trims: white space
    is held until it is known what follows. made: calls of this turn whose results are there: none is made again.
    most: calls at most. anywhere: behind words, too, a call needs no mark, and arguments alone are one where their
    function was named in those words.

    calls: those of this reply. A call that was made already in it is left out: small models repeat themselves, and
    nobody wants the lamp switched twice. repeated: there was one of `made`. unfit: a function that was to be called,
    and can't be as it is written. unreadable: there was a call of which not even that is known, or JSON in place of
    an answer. over: what comes behind the calls is no call; nobody will hear it.
    """

    functions: Sequence[Schema] = ()
    trims: bool = True
    made: Sequence[Call] = ()
    most: int = MOST_CALLS
    anywhere: bool = True
    calls: list[Call] = field(default_factory=list)
    repeated: bool = False
    unfit: str | None = None
    unreadable: bool = False
    over: bool = False
    _held: str = ""
    _tagged: bool = False  # from here on it is the model's own dialect
    _begun: bool = False
    _before: str = ""  # the end of what was said

    def __post_init__(self) -> None:
        self._known: Mapping[str, Schema] = dict(map(function, self.functions))

    def push(self, piece: str) -> tuple[str, list[Call]]:
        """The text that may be spoken after this piece, and the calls that are complete with it."""
        self._held += piece
        text, found = "", list[Call]()
        while True:
            said, calls, more = self._in_tags() if self._tagged else self._step()
            text += said
            found += calls
            if not more:
                return text, found

    def rest(self) -> tuple[str, list[Call]]:
        """At the end of the reply: text that was held back in vain, and calls that end with it."""
        held, self._held = self._held, ""
        body = held.strip()
        if self._tagged:
            written = written_in(body, self._known)
            if not written and (_substance(body) or not (self.calls or self.repeated)):
                self._note(body)
            return "", self._taken(written)
        if body.startswith("`") and (written := self._written(body)):
            return "", self._taken(written)
        data = _DATA.match(body)
        if data is None or (data[1] and last_named(body, self._known) is None):  # a program, or no code at all
            return self._spoken(held.rstrip()), []
        if self._known:
            self._note(body)
            return "", []
        return self._spoken(_fenced(body)), []

    def _step(self) -> tuple[str, list[Call], bool]:
        """One step through what is held: what is said, what is called, whether there is more to do."""
        at = 0
        while (mark := _MARK.search(self._held, at)) is not None:
            rest = self._held[mark.start() :]
            self._tagged = _OPENER.match(rest) is not None
            bare = self.anywhere or rest[0] == "<" or not (self._begun or self._held[: mark.start()].strip())
            end = self._region(rest) if bare and not self._tagged else 0
            if end == 0 and not self._tagged:
                at = mark.end()
                continue
            said = self._cut(mark.start())
            if end is None:  # it is not known yet
                return said, [], False
            space, self._held = self._held[: -len(rest)], rest[end:]
            more, calls = self._judged(space, rest[:end]) if end else ("", [])
            return said + more, calls, True
        return self._cut(len(self._held)), [], False

    def _region(self, rest: str) -> int | None:
        """How long what begins with a mark is, 0 where that is plain text, None while it is not known."""
        if rest[0] == "<":
            return None if _UNFINISHED.fullmatch(rest) else 0
        if rest[0] == "`":
            return self._code(rest) if self._known else 0
        if rest[0] == "{":
            return balanced(rest) if _OBJECT.match(rest) else None if _OBJECT_YET.fullmatch(rest) else 0
        if (listed := _LISTED.match(rest)) is not None:
            name = (listed[1] or "").removeprefix("functions.")
            return balanced(rest) if not name or known_name(name, self._known) else 0
        listed_yet = "[TOOL_CALLS]".startswith(rest) or (self._known and _LISTED_YET.fullmatch(rest))
        return None if listed_yet else 0

    def _code(self, rest: str) -> int | None:
        ticks = rest[: len(rest) - len(rest.lstrip("`"))]
        if ticks == rest:
            return None
        if ticks.startswith(_FENCE):
            close = rest.find(_FENCE, len(ticks))
            return None if close < 0 else close + len(_FENCE)
        close, line = rest.find(ticks, len(ticks)), rest.find("\n")
        if close >= 0 and not 0 <= line < close:
            return close + len(ticks)
        return 0 if line >= 0 or len(rest) > _INLINE else None

    def _judged(self, space: str, body: str) -> tuple[str, list[Call]]:
        """A whole object, list or piece of code, with the white space in front: what is said, and what is called."""
        if written := self._written(body):
            return "", self._taken(written)
        if body[0] == "`" or value_at(body, 0) is None:
            return self._spoken(space + body), []
        if self._known and not self._begun:  # in place of an answer
            self._note(body)
            return "", []
        return self._spoken(_fenced(body)), []

    def _written(self, body: str) -> list[Call]:
        """The calls in JSON or code; also arguments alone, where their function was named in the words in front."""
        written = written_in(body, self._known)
        if written or not (self._known and self.anywhere and _ARGUMENTS.search(body)):
            return written
        return [call for call in written_in(self._before + body, self._known) if self._fitted(call) is not None]

    def _in_tags(self) -> tuple[str, list[Call], bool]:
        """Calls in our own form, as soon as they are closed; those of other dialects end with the reply."""
        opened = _OUR_FORM.match(self._held)
        end = balanced(self._held, opened.end()) if opened is not None else None
        closed = _OUR_END.match(self._held, end) if end is not None else None
        if closed is None:
            return "", [], False
        written = written_in(self._held[: closed.end()], self._known)
        if not written:
            self._note(self._held[: closed.end()])
        self._held, self._tagged = self._held[closed.end() :].lstrip(), False
        return "", self._taken(written), True

    def _taken(self, written: Sequence[Call]) -> list[Call]:
        """Those that are made: of known functions, with arguments that they take, and not a second time."""
        found: list[Call] = []
        for asked in written:
            call = self._fitted(asked)
            if call is None:
                self._note(asked.name)
            elif self._is_among(call, self.made):
                self.repeated = True
            elif self._is_among(call, self.calls):
                continue
            elif len(self.calls) >= self.most:
                self.over = True
            else:
                self.calls.append(call)
                found.append(call)
        return found

    def _fitted(self, call: Call) -> Call | None:
        """The call as it is made, None where there is no such function or it takes other arguments."""
        if not self._known:
            return call
        try:
            given = fitted(json.loads(call.arguments), self._known[call.name])
        except (KeyError, Unfit, ValueError):
            return None
        return Call(call.name, json.dumps(given, ensure_ascii=False))

    def _is_among(self, call: Call, others: Sequence[Call]) -> bool:
        schema = self._known.get(call.name)
        return any(call.name == one.name and alike(call.arguments, one.arguments, schema) for one in others)

    def _note(self, written: str) -> None:
        """A call that can't be read: whose it is, if it says so."""
        name = last_named(written, self._known) if self._known else None
        if name is not None:
            self.unfit = self.unfit or name
        else:
            self.unreadable = True

    def _cut(self, length: int) -> str:
        """Say what is held up to here; white space before a call belongs to the call."""
        text = self._held[:length]
        text = text.rstrip() if self.trims else text
        self._held = self._held[len(text) :]
        return self._spoken(text)

    def _spoken(self, text: str) -> str:
        """Nothing is said behind calls: the results are not there yet."""
        if self.calls and self._known:
            self.over = self.over or any(map(str.isalnum, text))
            return ""
        text = text.lstrip() if self.repeated and not self._begun else text
        self._begun = self._begun or bool(text.strip())
        self._before = (self._before + text)[-NEAR:]
        return text


def _fenced(written: str) -> str:
    """JSON as code, which is for the eyes."""
    return f"\n{_FENCE}json\n{written.strip()}\n{_FENCE}\n"


def _substance(text: str) -> bool:
    """Whether more is left than marks that end a call."""
    return bool(re.sub(r"<[^<>]*>|\[/?[A-Z_]+\]|[\s\]`]", "", text))
