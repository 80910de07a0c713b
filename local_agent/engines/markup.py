"""Markdown and HTML, as language models write them, down to the plain sentences a person would read out."""

from __future__ import annotations

import html
import re

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_LINE_TAG = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|table|h[1-6])\b[^<>]*>", re.IGNORECASE)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>|<![^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])")
_FOOTNOTE = re.compile(r"\[\^[^\]]*\]:?")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$\n?", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:[-*_=][ \t]*){3,}$", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$\n?", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(.*?)[ \t#]*$")
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]*)+")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•‣▪◦–][ \t]+|(?=\d{1,3}[.)][ \t]))(?:\[[ xX]\][ \t]+)?(.*)$")
_NUMBERED = re.compile(r"^(\d{1,3})[.)][ \t]+")
_EMPHASIS = re.compile(r"\*{2,}|_{2,}|~~|`+|(?<![\d\s])\*(?!\d)|\*(?=[^\W\d])|(?<![^\W_])_(?=\w)|(?<=\w)_(?![^\W_])")
_EMOTICON = re.compile(r"(?<!\S)[:;=]['’]?-?[()\[\]DPp|/\\*](?=[\s.,!?]|$)")
_TERMINATED = (".", "!", "?", ":", ";", ",", "…", "。", "！", "？")


def plain(text: str) -> str:
    """`text` without its markup: link texts instead of addresses, one sentence for a heading, list item or table row,
    nothing for `<think>` blocks, comments, emoticons and footnote marks. Paragraphs stay apart by a blank line."""
    text = _EMOTICON.sub("", _HIDDEN.sub(" ", _THOUGHT.sub(" ", text)))
    text = _AUTOLINK.sub(r"\1", _LINE_TAG.sub("\n", text))
    text = html.unescape(_TAG.sub("", text))
    text = _FOOTNOTE.sub("", _LINK.sub(r"\1", text))
    text = _TABLE_RULE.sub("", _RULE.sub("\n", _FENCE.sub("", text)))
    return _paragraphs([_line(line) for line in text.split("\n")])


def _line(line: str) -> tuple[str, bool]:
    """One line's words, and whether they are a sentence of their own."""
    line = _QUOTE.sub("", line)
    own = False
    if heading := _HEADING.match(line):
        line, own = heading[1], True
    elif line.lstrip().startswith("|") or line.rstrip().endswith("|"):
        line, own = ", ".join(cell.strip() for cell in line.strip().strip("|").split("|") if cell.strip()), True
    elif item := _ITEM.match(line):
        line, own = _NUMBERED.sub(r"\1, ", item[1]), True
    return _EMPHASIS.sub("", line).strip(), own


def _paragraphs(lines: list[tuple[str, bool]]) -> str:
    """Lines joined into paragraphs; what stands alone ends like a sentence, so that a pause follows."""
    joined = ""
    closed = False
    for at, (words, own) in enumerate(lines):
        if not words:
            closed = bool(joined)
            continue
        if joined:
            breaks = closed or own or lines[at - 1][1]
            joined = (_ended(joined) if breaks else joined) + ("\n\n" if closed else " ")
        joined, closed = joined + words, False
    return _ended(joined) if len(lines) > 1 and lines[-1][1] else joined


def _ended(text: str) -> str:
    last = text.rstrip("\"'”’)]»")[-1:]
    return text if last in _TERMINATED or not last else text + "."
