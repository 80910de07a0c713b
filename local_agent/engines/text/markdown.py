"""Markdown and HTML, as language models write them, down to the plain sentences a person would read out."""

from __future__ import annotations

import html
import re

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_LINE_TAG = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|table|h[1-6])\b[^<>]*>", re.IGNORECASE)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:[\s=][^<>]*)?/?>|<![^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])")
_FOOTNOTE = re.compile(r"\[\^[^\]]*\]:?")
# Nobody listens to a program: a block of code is for the eyes, and left out.
CODE = re.compile(r"(```|~~~).*?(?:\1|\Z)|<pre\b.*?(?:</pre>|\Z)", re.DOTALL | re.IGNORECASE)
_TOKEN = re.compile(r"<\|[^|<>\n]{1,40}\|>|\[/?(?:INST|SYS)\]")  # marks of a chat template that a model wrote as text
# What an actor does instead of saying it.
_ACTS = (
    r"(?:sigh|laugh|chuckl|giggl|smil|grin|nod|wink|shrug|cough|gasp|groan|cr(?=y|ie)|sob|whisper|paus|sniff|yawn|blush"
    r"|clap|cheer|breath|inhal|exhal|hum|scream|gulp|snort|smirk|mutter|mumbl|wav(?=e|i)|bow|hug|think|typ|beep|applau"
    r"|snicker|whistl|sing|frown|gigg|winc|moan|growl|purr|bark|blink|stammer|stutter|squeal|weep|swallow|facepalm)"
    r"(?:y|e|s|es|ed|d|ing|ies|ping|ped|ging|ning|med|ming|thes|thing|ks|dding|gging|nned|nning)?"
)
_SOUNDS = r"(?:laughter|applause|music|silence|inaudible|crosstalk|static|noise|beat|long pause|background noise)"
_MANNER = r"(?:,? (?:[a-z]+ly|a little|a bit|again|to (?:him|her|it)self|with [a-z]+|out loud|loudly|hard|deep))?"
_DIRECTION = re.compile(
    r"(?<![\w*])\*\*(?:sighs|laughs|chuckles|giggles|gasps|smiles|grins|nods|winks|shrugs)\*\*(?![\w*])"
    rf"|(?<![\w~_{{])(?:~{_ACTS}~|_{_ACTS}_|\{{{_ACTS}\}})(?![\w~_}}])"
    rf"|(?<![\w*])\*(?:(?:he |she |they )?(?:[a-z]+ly |deep |soft |long )?{_ACTS}{_MANNER}|{_SOUNDS}"
    r"|(?!(?:this|its|his|is|was|has|always|yes|us|as|less|does|plus|thus|perhaps|sometimes)\b)"
    r"[a-z]{2,}s (?:[a-z']+ ){0,4}[a-z']+)[.!…]?\*(?![\w*])"
    rf"|\[(?:(?:[a-z]+ ){{0,3}}(?:{_ACTS}|{_SOUNDS}|[a-z]+ing){_MANNER}"
    r"|[a-z]+ (?:[a-z]+ )?(?:rings|opens|closes|plays|slams|barks|fades|stops|beeps))\]"
    rf"|\((?:(?:[a-z]+ly |long |short |deep )?{_ACTS}{_MANNER}|laughter|applause|beat|inaudible"
    r"|clears (?:his |her |my )?throat)\)|(?<![\w*])\*clears throat\*",
    re.IGNORECASE,
)
# How something is to be said, before it: [happy], (softly), *in a low voice*.
_TONE = re.compile(
    r"(?:^|(?<=[.!?…] ))(?:\[(?!yes|no\b)[a-z]+\](?!\()"
    r"|\((?!(?:option|usu|poss|hope|fin|re|on|most|prob|norm|typic)[a-z]*ly\))[a-z]+ly\)"
    r"|\*[a-z]+ly\*|[*(\[]in an? (?:[a-z]+ ){0,3}(?:voice|tone|whisper)[*)\]])(?=\s)",
    re.MULTILINE,
)
# Formulas of LaTeX, as signs that are read.
_FORMULA = re.compile(r"\$\$?(?=[A-Za-z\\(])([^$\n]*)\$\$?(?!\d)")
_LATEX = (
    (re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}"), r"\1/\2"),
    (re.compile(r"\\sqrt\{([^{}]*)\}"), r"√\1"),
    (re.compile(r"\\(?:times|cdot)\b"), "×"),
    (re.compile(r"\\(?:text|mathrm|mathbf)\{([^{}]*)\}"), r"\1"),
)
_RULE = re.compile(r"^[ \t]*(?:[-*_=][ \t]*){3,}$", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$\n?", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(.*?)[ \t#]*$")
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]*)+")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•‣▪◦–][ \t]+|(?=\d{1,3}[.)][ \t]))(?:\[[ xX]\][ \t]+)?(.*)$")
_NUMBERED = re.compile(r"^(\d{1,3})[.)][ \t]+")
_STRESSED = re.compile(
    r"\b(?:an?|the|to|my|your|his|her|its|our|their|i|you|we|they|he|she|it|who|this|that|of|with|and|or|not|really|just"
    r"|never|always|can|could|will|would|should|must|may|don't|do|did) $",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"\*{2,}|_{2,}|~~|`+|(?<![\d\s])\*(?!\d)|\*(?=[^\W\d])|(?<![^\W_])_(?=\w)|(?<=\w)_(?![^\W_])")
_EMOTICON = re.compile(
    r"(?<!\S)(?:(?<=you )|(?<=[!.] )|(?<!.))<3(?=\s*(?:[.!?]|$))|(?<!\S)[:;=]['’]?-?[()\[\]DPp|/\\*](?=[\s.,!?]|$)"
)
_TERMINATED = (".", "!", "?", ":", ";", ",", "…", "。", "！", "？")


def plain(text: str) -> str:
    """`text` without its markup: link texts instead of addresses, one sentence for a heading, list item or table row,
    nothing for `<think>` blocks, comments, emoticons and footnote marks. Paragraphs stay apart by a blank line."""
    text = _TOKEN.sub(" ", _HIDDEN.sub(" ", _THOUGHT.sub(" ", text)))
    text = _TONE.sub("", _formulas(text))
    text = _EMOTICON.sub("", _DIRECTION.sub(_undirected, CODE.sub("\n\n", text)))
    text = _AUTOLINK.sub(r"\1", _LINE_TAG.sub("\n", text))
    text = html.unescape(_TAG.sub("", text))
    text = _FOOTNOTE.sub("", _LINK.sub(r"\1", text))
    text = _TABLE_RULE.sub("", _RULE.sub("\n", text))
    return _paragraphs([_line(line) for line in text.split("\n")])


def _formulas(text: str) -> str:
    if "\\" not in text and "$" not in text:
        return text
    for sign, read in _LATEX:
        text = sign.sub(read, text)
    return _FORMULA.sub(r"\1", text)


def _undirected(match: re.Match[str]) -> str:
    """Nothing, unless what looks like a direction is a word of the sentence with stress on it: I *think* so."""
    return match[0] if match[0][0] in "*_~" and _STRESSED.search(match.string[: match.start()]) else " "


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
