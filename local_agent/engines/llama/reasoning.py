"""What a model thinks before it answers, told from what it says: thoughts are for nobody's ear.

A thought is recognised by what opened it, whatever the model: a tag with such a name where a line begins or ends, or
markup that only control tokens spell. What closes it follows from that. A tag in the middle of a sentence is part of
the sentence: somebody may have asked what it means.
"""

from __future__ import annotations

import re

_NAME = r"[\w:.-]*(?:think|thought|reason|reflection|scratchpad)[\w:.-]*"
_BRACKETS = ("THINK", "THINKING", "THOUGHT", "REASONING")
_OPENER = re.compile(
    rf"<(?P<tag>{_NAME})>|\[(?P<bracket>{'|'.join(_BRACKETS)})\]|◁(?P<arrow>think)▷"
    rf"|<\|(?!/|end)(?P<token>{_NAME})\|>|<\|(?P<channel>channel)>",
    re.IGNORECASE,
)
_CLOSER = re.compile(rf"</{_NAME}>|<{_NAME}/>|\[/(?:{'|'.join(_BRACKETS)})\]|◁/think▷|<channel\|>", re.IGNORECASE)
_HARMONY = re.compile(r"<\|(?:channel|message|start|end|call|return)\|>")
_HARMONY_BEGINS = ("<|channel|>", "<|message|>")
_RECIPIENT = re.compile(r"\s*t(?:o(?:=[^<]*)?)?")  # "to=functions.NAME", in front of a channel
_HEADING, _ANSWER = "Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"  # Apriel's, which has no tags
_MARK = re.compile(r"[<\[◁]")
_LONGEST = 48  # characters of an opener at most
_SPELLED = re.compile(
    r"think|thought|reason|reflection|scratchpad|channel|<\|(?:start|end|message|constrain|call)\|>|[tT]ool|TOOL"
    r"|function|python_tag|ACTION|ARGS|CALL_ID|<\|\"\|>",
    re.IGNORECASE,
)
_ENDS = {"start": "end", "begin": "end", "START": "END", "BEGIN": "END", "Begin": "End"}


def is_markup(control: str) -> bool:
    """Whether the text of a control token tells thoughts or calls from speech, so that it must be seen."""
    return _SPELLED.search(control) is not None


def _closer(opener: re.Match[str]) -> str:
    """What ends a thought that was opened by this."""
    if opener["channel"]:
        return "<channel|>"
    if opener["token"]:
        for begin, end in _ENDS.items():
            if begin in opener["token"]:
                return opener[0].replace(begin, end, 1)
        return f"<|/{opener['token']}|>"
    return f"{opener[0][0]}/{opener[0][1:]}"


def left_open(text: str) -> str:
    """The end of a text from the last thought on that is opened and not closed in it; "" where none is.

    text: what a template puts behind the last message, so that nobody's words are in it.
    """
    if _HEADING in text:
        return text[text.index(_HEADING) :]
    found = list(_OPENER.finditer(text))
    if not found or any(ending in text[found[-1].end() :] for ending in (_closer(found[-1]), "<|end|>")):
        return ""
    return text[found[-1].start() :]


class Reasoning:
    """Takes the thoughts out of one reply while it is written.

    open: what comes next is no speech. thought: whether there was a thought so far.
    """

    def __init__(self) -> None:
        self._held = ""
        self._closer = ""
        self._fresh = True  # nothing but white space since the last line break
        self._trims = False  # white space behind a thought belongs to it
        self._begun = False
        self._harmony: _Harmony | None = None
        self.thought = False

    @property
    def open(self) -> bool:
        return self._harmony.silent if self._harmony is not None else bool(self._closer)

    @property
    def closing(self) -> str:
        """What would end the thought under way and begin the answer."""
        return _Harmony.FINAL if self._harmony is not None else f"{self._closer}\n\n"

    def push(self, piece: str) -> str:
        """What may be said after this piece."""
        if self._harmony is not None:
            return self._harmony.push(piece)
        self._held += piece
        if not self._begun and self._held.startswith(_HEADING):
            self._closer, self.thought, self._begun = _ANSWER, True, True
        out = ""
        while self._held:
            if self._closer:
                _, found, rest = self._held.partition(self._closer)
                if not found:
                    self._held = self._held[max(0, len(self._held) - len(self._closer) + 1) :]
                    return out
                self._closer, self._held, self._fresh, self._trims = "", rest, True, True
                continue
            if self._trims:
                self._held = self._held.lstrip()
                self._trims = not self._held
                continue
            said, undecided = self._speech()
            out += said
            if self._harmony is not None:
                return out + self._harmony.push(self._taken())
            if undecided:
                return out
        return out

    def finish(self) -> str:
        """What was held back in vain."""
        if self._harmony is not None:
            return self._harmony.finish()
        return "" if self._closer else self._taken()

    def _taken(self) -> str:
        held, self._held = self._held, ""
        return held

    def _speech(self) -> tuple[str, bool]:
        """What is said of the held text up to a thought, and whether the rest must wait for more."""
        if not self._begun and self._held.isspace():  # a thought's, perhaps
            return "", True
        at = 0
        while (found := _MARK.search(self._held, at)) is not None:
            start = found.start()
            before, rest = self._held[:start], self._held[start:]
            if rest.startswith(_HARMONY_BEGINS):
                recipient = before if not self._begun and _RECIPIENT.fullmatch(before) else ""
                self._harmony, self._held, self.thought = _Harmony(recipient), rest, True
                return "" if recipient else before, False
            opener = _OPENER.match(rest)
            if opener is not None and rest == opener[0] and not self._opens(rest, opener, before):
                return self._cut(start, before), True  # what comes behind it tells
            if opener is not None and self._opens(rest, opener, before):
                self._closer, self.thought = _closer(opener), True
                self._held = rest[opener.end() :]
                return self._said(before.rstrip() if opener["channel"] else self._wanted(before)), False
            if self._at_line_start(before) and (stray := _CLOSER.match(rest)) is not None:
                self._held, self._trims = rest[stray.end() :], True
                return self._said(self._wanted(before)), False
            if _unfinished(rest):
                waits = not self._wanted(before) or (not self._begun and _RECIPIENT.fullmatch(before) is not None)
                return ("" if waits else self._cut(start, before)), True
            at = start + 1
        if not self._begun and _RECIPIENT.fullmatch(self._held):
            return "", True
        return self._said(self._taken()), False

    def _opens(self, rest: str, opener: re.Match[str], before: str) -> bool:
        """Whether a thought begins, or a sentence only names what would begin one."""
        alone = self._at_line_start(before) or rest[opener.end() :].startswith("\n")
        return rest.startswith(("<|", "◁")) or alone

    def _wanted(self, before: str) -> str:
        """Without the white space that a reply begins with before a thought."""
        return before if self._begun or before.strip() else ""

    def _cut(self, start: int, before: str) -> str:
        self._held = self._held[start:]
        return self._said(before)

    def _said(self, text: str) -> str:
        self._fresh, self._begun = self._at_line_start(text), self._begun or bool(text.strip())
        return text

    def _at_line_start(self, before: str) -> bool:
        line = before.rpartition("\n")
        return not line[2].strip() and (bool(line[1]) or self._fresh)


class _Harmony:
    """gpt-oss's form: every message names its channel, and only "final" is meant for the user.

    Speech beside calls ("commentary" without a recipient) is said, too. A call is let out as it stands, for whoever
    reads calls (engines/llama/tool_call_dialects.py).
    """

    FINAL = "<|end|><|start|>assistant<|channel|>final<|message|>"

    def __init__(self, recipient: str) -> None:
        self._held, self._header = "", recipient
        self._state = "between"  # "between" messages, "header", "thought", "speech", "call"
        self._final = False

    @property
    def silent(self) -> bool:
        return not self._final

    def push(self, piece: str) -> str:
        self._held += piece
        out = ""
        while (found := _HARMONY.search(self._held)) is not None:
            before, mark = self._held[: found.start()], found[0]
            self._held = self._held[found.end() :]
            out += self._let_out(before) + self._turn(mark)
        keep = next((n for n in range(min(12, len(self._held)), 0, -1) if _could_begin(self._held[-n:])), 0)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return out + self._let_out(ready)

    def finish(self) -> str:
        held, self._held = self._held, ""
        return self._let_out(held)

    def _let_out(self, text: str) -> str:
        if self._state in ("header", "between"):
            self._header += text
            return ""
        return text if self._state in ("speech", "call") else ""

    def _turn(self, mark: str) -> str:
        """Change to what a mark begins; what of it is part of a call."""
        if mark == "<|channel|>":
            self._state, self._header = "header", f"{self._header.removeprefix('assistant').strip()} ".lstrip()
            return ""
        if mark == "<|message|>":
            header, self._header = self._header, ""
            self._final = "to=" not in header and "analysis" not in header and "commentary" not in header
            if "to=" in header:
                self._state = "call"
                return f"<|channel|>{header}<|message|>"
            self._state = "thought" if "analysis" in header else "speech"
            return ""
        calling = self._state == "call"
        self._state, self._header, self._final = "between", "", False
        return mark if calling else ""


def _could_begin(text: str) -> bool:
    names = ("channel", "message", "start", "end", "call", "return")
    return any(f"<|{name}|>".startswith(text) for name in names)


def _unfinished(text: str) -> bool:
    """Whether a text may still become an opener or a closer: its mark is not over."""
    if text[0] == "[":
        return any(f"[{slash}{name}]".startswith(text.upper()) for slash in ("", "/") for name in _BRACKETS)
    return len(text) < _LONGEST and not re.search(r"[\s>▷]", text)
