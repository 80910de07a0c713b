"""Clauses out of streamed text: the first one early, so that somebody who waits hears it; later ones whole.

Decisions depend only on the text, never on how it was cut into chunks: a place is judged once the next word has begun
(and, where that word could be a conjunction, ended), and before that the cutter waits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from local_agent.config.languages import en
from local_agent.config.languages.facts import Writing
from local_agent.config.languages.length import unspaced, word_count, words_of
from local_agent.config.languages.table import facts

# Words of the first clause. A comma is worth a cut from two words on ("You're welcome,"): one word alone ("Well,") is
# over before the next clause can be ready. Behind a model that writes slowly that is still sooner heard than nothing.
MARK_WORDS, SLOW_MARK_WORDS = 2, 1
CONJUNCTION_WORDS = 6
PREPOSITION_WORDS = 9
FIRST_WORDS = 11
# Behind a model that writes slowly eight words are as soon heard as eleven behind a quick one, and last two seconds,
# in which it writes on. The same holds for the clause behind a brief one: else the silence in which a whole sentence is
# written would follow "I'm sorry,".
SLOW_WORDS = 8
OVERRUN = 3  # words more, rather than to stop after "the"
UNDERRUN = 3  # words fewer, before a conjunction or a preposition
# Later clauses: speech runs meanwhile, so only a long sentence is worth cutting.
LATER_MARK_WORDS = 20
# But behind one of so few words there is half a second of it: the next is wanted as soon, up to its first mark.
BRIEF = 4
BRIEF_MARK_WORDS = 4
LATER_CONJUNCTION_WORDS = 28
LATER_WORDS = 45
LONGEST_TOKEN = 300  # characters without any white space; Piper's memory grows with the square of a clause

WIDE_ENDS = ("。", "！", "？")
SENTENCE_ENDS = (".", "!", "?", *WIDE_ENDS)
WIDE_MARKS = ("、", "，", "；", "：")
CLOSERS = "\"'”’»)]}*_`~」』）》"
OPENERS = "\"'“‘«([{*_`「『（《"
DASHES = frozenset({"-", "--", "–"})
# A comma behind a plain word is one whatever follows, unlike that of "1,000" or of an address.
_COMMA = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*,")
# Between the marks of Chinese and Japanese there are no spaces; Japanese words mostly end where kana do.
_PLAIN = r"[^\s—。！？、，；：]"
_TOKEN = re.compile(
    rf"(?<!\S){_COMMA.pattern}|(?:(?![ぁ-ん]){_PLAIN})*[ぁ-ん]+(?=[々一-鿿ァ-ヶ])"
    rf"|{_PLAIN}*(?:—+|[。！？]+[」』”’）]*|[、，；：])|{_PLAIN}+"
)
_ITEM = re.compile(r"[-*+•#>|]|\d")
# Not spoken, and one word however long: the thoughts of a model, and a program.
_UNSPOKEN = ("<think>", "```", "~~~")
_BLOCK = re.compile(r"<think>.*?</think>|(```|~~~).*?\1", re.DOTALL)
# What goes on behind a dash: a range.
_RANGE_END = re.compile(r"[\d$€£¥]|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)")
_DAY_LISTED = re.compile(r"(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun),")  # Mon, Wed, Fri: one by one they are no days
_INCHES_BEHIND = frozenset({"ft", "ft.", "feet"}) | frozenset(map(str, range(100)))
_DECADE = re.compile(r"['’]?\d+s")
_ORDINAL_DIGITS = 2  # at most, before the full stop of one


@dataclass
class _Scan:
    """What is known at one place of the buffer: words so far, and characters of a script without spaces, open brackets,
    whether a quotation is open.
    """

    spaced: int = 0
    wide: int = 0
    depth: int = 0
    quoted: bool = False

    def take(self, token: str) -> None:
        if token.startswith(_UNSPOKEN):
            return
        if any(map(str.isalnum, token)):
            wide = unspaced(token)
            self.spaced, self.wide = self.spaced + (not wide), self.wide + wide
        self.depth = max(
            0, self.depth + sum(map(token.count, "([{“«「『（《")) - sum(map(token.count, ")]}”»」』）》"))
        )
        self.quoted ^= token.count('"') % 2 == 1

    @property
    def words(self) -> int:
        return words_of(self.spaced, self.wide)

    @property
    def nested(self) -> bool:
        return self.quoted or self.depth > 0


class ClauseCutter:
    """Cuts a token stream into clauses to speak. One per reply; not thread-safe.

    first_words: the most words that the first clause may hold before it is cut anyway; 0 treats it like the later ones.
    mark_words: the fewest that it may hold before a comma. second_words: the most that a clause behind a brief one may
    hold. language: what is known of it (`config.languages`) decides what ends a sentence; others are cut at marks and
    lengths. The clauses, joined, are exactly the text that was pushed (each keeps the white space that follows it),
    less white space at the very end that no clause follows.
    """

    def __init__(
        self,
        *,
        first_words: int = FIRST_WORDS,
        mark_words: int = MARK_WORDS,
        second_words: int = LATER_WORDS,
        language: str = "en",
    ) -> None:
        self._first_words, self._mark_words, self._second_words = first_words, mark_words, second_words
        known = facts(language)
        self._writing = known.writing
        self._breathless = known.writing.breathless or known.ends.dangling | known.ends.leaning
        self._buffer = ""
        self._cut_before = False
        self._words_before = 0  # in the clause before

    def push(self, text: str) -> list[str]:
        """Add text; the clauses that are complete now, in order."""
        self._buffer += text
        clauses = []
        while end := self._find():
            clauses.append(self._take(end))
        return clauses

    def _take(self, end: int) -> str:
        clause, self._buffer = self._buffer[:end], self._buffer[end:]
        self._cut_before, self._words_before = True, word_count(clause.split())
        return clause

    def likely(self) -> str:
        """What has been pushed, if it will be the first clause unless the next token says otherwise; else ""."""
        if self._cut_before or not self._buffer.endswith(SENTENCE_ENDS):
            return ""
        held = self._buffer
        self._buffer = f"{held} A"
        end = self._find()
        self._buffer = held
        return held if end > len(held) else ""

    def flush(self) -> list[str]:
        """The text has ended: what is left, as clauses. The cutter starts over with a first clause."""
        # A line break after the end settles every place that still waits for its next word.
        left, self._buffer = self._buffer, ""
        clauses = self._push_ended(left)
        self._cut_before = False
        return clauses

    def _push_ended(self, left: str) -> list[str]:
        body = left.rstrip()
        self._buffer = body
        clauses = []
        while end := self._find(ended=True):
            clauses.append(self._take(end))
        if self._buffer:
            clauses.append(self._buffer)
        if clauses:
            clauses[-1] += left[len(body) :]
        self._buffer = ""
        return clauses

    def _find(self, *, ended: bool = False) -> int:
        """Where the next clause ends, as an index into the buffer; 0 when that is not known yet."""
        scan, before = _Scan(), ""
        tokens = self._tokens(ended)
        here = next(tokens, None)
        while here is not None:
            start, end, complete = here
            if end - start > LONGEST_TOKEN and not self._buffer.startswith(_UNSPOKEN, start):
                return start + LONGEST_TOKEN
            if not complete:
                return 0
            scan.take(self._buffer[start:end])
            if self._breathes(scan, self._buffer[start:end]):
                return end
            following = next(tokens, None)
            if following is None:
                return 0
            verdict = self._judge(scan, before, start, end, following)
            if verdict is None:
                return 0
            if verdict:
                return following[0]
            here, before = following, self._buffer[start:end]
        return 0

    def _breathes(self, scan: _Scan, word: str) -> bool:
        """Whether a comma ends the first clause, which need not wait for what follows: that saves a token's time."""
        if self._cut_before or scan.nested or scan.words < self._limits()[0]:
            return False
        return word.endswith(WIDE_MARKS) or (_COMMA.fullmatch(word) is not None and not _DAY_LISTED.fullmatch(word))

    def _tokens(self, ended: bool) -> Iterator[tuple[int, int, bool]]:
        """(start, end, whether it can't grow any more) of each word; an unspoken <think> block is one word."""
        at = 0
        while match := _TOKEN.search(self._buffer, at):
            start, at = match.span()
            if _COMMA.fullmatch(match[0]) or match[0].endswith(WIDE_MARKS):
                yield start, at, True
            elif self._buffer.startswith(_UNSPOKEN, start):
                block = _BLOCK.match(self._buffer, start)
                at = block.end() if block else len(self._buffer)
                yield start, at, ended or (block is not None and at < len(self._buffer))
            else:
                yield start, at, ended or at < len(self._buffer)

    def _judge(self, scan: _Scan, before: str, start: int, end: int, following: tuple[int, int, bool]) -> bool | None:
        """Whether to cut after the word at start..end; None when it takes more text to tell. before: the one before."""
        word, gap = self._buffer[start:end], self._buffer[end : following[0]]
        after = self._buffer[following[0] : following[1]]
        mark_words, _, most_words = self._limits()
        if scan.words == 0:
            return False
        if scan.nested and scan.words < 2 * most_words:
            return False
        if _ends_paragraph(gap, after) or after.startswith(_UNSPOKEN[1:]):
            return True
        ends = _ends_sentence(self._writing, before, word, after, following[2], first=scan.words == 1)
        if ends is not False:
            return ends
        if scan.words >= mark_words and _ends_phrase(word, after):
            return True
        return self._splits_phrase(scan.words, word, after if following[2] else None)

    def _splits_phrase(self, words: int, word: str, after: str | None) -> bool | None:
        """Whether a phrase of so many words is long enough to be cut after `word`, though no mark says so."""
        _, conjunction_words, most_words = self._limits()
        if words < conjunction_words:
            return False
        if after is None:
            return None
        leaning = word.lower() in self._breathless or word.rstrip(".").lower() in self._writing.titles
        if words < 2 * most_words and (_DECADE.fullmatch(word) or (after[0].isdigit() and word[-1].isdigit())):
            return False  # the 60s and 70s, 1 000 000
        if words >= most_words + OVERRUN or (words >= most_words and not leaning):
            return True
        bare = after.lower().strip(",")
        if leaning or (bare == "in" and word in _INCHES_BEHIND):
            return False
        if bare in self._writing.conjunctions:
            return True
        return words >= min(PREPOSITION_WORDS, most_words - UNDERRUN) and bare in self._writing.prepositions

    def _limits(self) -> tuple[int, int, int]:
        """Words from which on a mark, a conjunction, or nothing at all is enough to cut."""
        if self._cut_before and 0 < self._words_before <= BRIEF and self._first_words > 0:
            most = self._second_words
            return BRIEF_MARK_WORDS, min(LATER_CONJUNCTION_WORDS, most - UNDERRUN), most
        if self._cut_before or self._first_words <= 0:
            return LATER_MARK_WORDS, LATER_CONJUNCTION_WORDS, LATER_WORDS
        most = self._first_words
        return min(self._mark_words, most), min(CONJUNCTION_WORDS, most - UNDERRUN), most


def ends_sentence(text: str, following: str) -> bool:
    """Whether `text` surely ends with a sentence's end, known from what follows it: at least a beginning of a word."""
    words, after = text.split(), following.strip()
    if not words or not after or not following[0].isspace():
        return False
    before = words[-2] if len(words) > 1 else ""
    return _ends_sentence(en.WRITING, before, words[-1], after, False, first=len(words) == 1) is True


def _ends_paragraph(gap: str, after: str) -> bool:
    """A blank line, or a line break before what begins a new line of its own: a capital, a list item, a heading."""
    return gap.count("\n") > 1 or ("\n" in gap and (after[0].isupper() or _ITEM.match(after) is not None))


def _ends_sentence(known: Writing, before: str, word: str, after: str, complete: bool, *, first: bool) -> bool | None:
    """Whether `word` ends a sentence, given the words around it; None when the one after must be `complete` to tell."""
    core = word.rstrip(CLOSERS)
    if core.endswith(WIDE_ENDS):
        return core == word or not after.startswith("と")  # whoever is quoted
    if core.endswith(("!", "?", "…", "...")):
        return not after.lstrip(OPENERS)[:1].islower()
    if not core.endswith(".") or (core != word and after[0].islower()):
        return False
    stem = core.rstrip(".").lstrip(OPENERS).lower()
    starts = after.strip(OPENERS + CLOSERS + ",;:.!?").partition("'")[0] in known.starters if complete else None
    if stem in known.streets and (before[:1].isupper() or before[:1].isdigit()):
        return starts
    if not stem or stem in known.titles or stem in known.streets or (stem in known.counted and after[0].isdigit()):
        return False
    if stem.isdigit() and (first or (known.ordinal_dot and len(stem) <= _ORDINAL_DIGITS)):
        return False if first or after[0].islower() else starts
    if len(stem) == 1 and stem.isalpha():
        return stem == "i"
    if stem in known.shortened or ("." in stem and not stem[-1].isdigit()):
        return starts
    return True


def _ends_phrase(word: str, after: str) -> bool:
    """Whether a speaker could take breath after `word`: a comma, semicolon, colon or dash, or an unfinished "..."."""
    core = word.rstrip(CLOSERS)
    if (word in DASHES and _RANGE_END.match(after)) or _DAY_LISTED.fullmatch(word):
        return False
    if core.endswith(",") and core[:-1].isdigit() and after[0].isdigit():
        return False  # January 5, 2024
    return core.endswith((",", ";", ":", "—", "…", "...", "!", "?", *WIDE_MARKS)) or word in DASHES
