"""What can be known of a language: pure data, of which each language fills in a file of its own.

Words are in lower case where not said otherwise. A `pattern` is a regular expression over a sentence in lower case,
without marks, its words parted by single spaces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


def words(text: str) -> frozenset[str]:
    """The words of a table that is easier read as a line than as a list."""
    return frozenset(text.split())


class Phrases(NamedTuple):
    """What the agent says by itself. interrupted: after a crash, to a caller it knows nothing of any more. no_voice: to
    a caller whose language no voice here speaks; in the letters that another language's voice reads.
    """

    greeting: str
    apology: str
    interrupted: str
    goodbye: str
    no_voice: str
    instructions: str


class Situation(NamedTuple):
    """What a model is told of where it is. named: {name}. limits: what it can't do or know.
    moment: {weekday}, {day}, {month}, {year}, {time}; date: the same without the time. weekdays: from Monday on.
    """

    named: str
    limits: str
    moment: str
    date: str
    weekdays: tuple[str, ...]


@dataclass(frozen=True)
class Listening:
    """What a listener says over the agent's voice without wanting the floor: alternatives of a pattern.

    yes: what answers a question, too. other: what only shows that somebody listens. alone: what is nothing yet as long
    as nothing follows; behind a yes it wants the floor. A hum and "okay" are a yes in any language.
    """

    yes: str = ""
    other: str = ""
    alone: str = ""


@dataclass(frozen=True)
class Ends:
    """Where a turn can't be over. dangling: words that nobody ends a request with: what follows is missing. leaning:
    those that end one now and then, so that a full stop after them tells nothing. Both are endings where words have no
    spaces between them. whole: a pattern of short answers that are complete all the same. digits: as they are dictated,
    alternatives of a pattern. hyphenated: what stands behind a hyphen is no word of its own ("Fais-le.").
    """

    dangling: frozenset[str] = frozenset()
    leaning: frozenset[str] = frozenset()
    whole: str = ""
    digits: str = ""
    hyphenated: bool = False


@dataclass(frozen=True)
class Forgetting:
    """Whole sentences that ask to forget. last, everything: patterns of them. turned: a pattern of what turns a request
    that follows it, after a pause that was written as a full stop, into its opposite or a report. forgotten,
    all_forgotten: what is said when it is done.
    """

    last: str
    everything: str
    turned: str
    forgotten: str
    all_forgotten: str


@dataclass(frozen=True)
class Timing:
    """What is said of timers. units: one and more hours, minutes, seconds. named: one that was set to a {span};
    single: to one {count} of one {unit}, where that has another name. left: of one, and of more. each: of {several}.
    """

    units: tuple[tuple[str, str], ...]
    joint: str
    named: str
    how_long: str
    limits: str
    many: str
    started: str
    promise: str
    none: str
    unknown: str
    left: tuple[str, str]
    several: str
    each: str
    off: str
    all_off: str
    over: str
    single: str = ""


@dataclass(frozen=True)
class Requests:
    """Plain words that ask for the time, a date, a sum or a timer, and what is said then. All are patterns over a text
    in lower case without marks, its numbers in digits, hyphens spaces; a tuple has several of the same meaning.

    before, after: what politeness puts around a request. one: the number, which may be an article. numbers: those that
    num2words does not spell so. time, date: ask for today's. days: how far off, and how an answer begins; day asks for
    a {day} of these. until: how far it is to a {until}, one of the feasts or written as a {number} and {month}.
    days_left: none, one, {count}. when: which day an {until} is; falls: how an answer begins.
    question, asked: before and after a sum. signs: what stands for what English calls so, of whole words. joined: adds
    only where a question is asked. money: names of currencies by pattern. impossible: a sum that has no result.
    seconds: of units of time. spans: seconds of others. and_half: half a unit more. set, cancel: with a {span}.
    going_on, drop: the same as left and cancel, right after a timer was talked of.
    """

    before: str
    after: str
    one: str
    numbers: dict[str, float]
    clock: str
    time: tuple[str, ...]
    date: tuple[str, ...]
    days: dict[str, tuple[int, str]]
    day: tuple[str, ...]
    dated: str
    until: tuple[str, ...]
    written: str
    feasts: dict[str, tuple[int, int]]
    days_left: tuple[str, str, str]
    when: tuple[str, ...]
    falls: str
    question: str
    asked: str
    signs: tuple[tuple[str, str], ...]
    joined: str
    money: dict[str, str]
    result: str
    impossible: str
    seconds: dict[str, int]
    spans: dict[str, int]
    and_half: str
    set: tuple[str, ...]
    cancel: tuple[str, ...]
    left: tuple[str, ...]
    going_on: str
    drop: str
    clock_one: str = ""


@dataclass(frozen=True)
class Refusals:
    """Requests for what nobody here can do or know, and what is said then: whole sentences, as patterns.

    please, thanks: what may stand before and behind any of them, spaces with it. do: what takes more than words.
    now: questions of what is new each day. always: what tells, anywhere in one, that it asks for something else.
    self: questions that only who sees the caller or was told can answer. others: what turns any of them into
    something else. told: words by which callers speak of themselves.
    """

    please: str
    thanks: str
    do: tuple[str, ...]
    cant: str
    now: tuple[str, ...]
    always: str
    unknown: str
    self: tuple[str, ...]
    unseen: str
    others: str
    told: str


@dataclass(frozen=True)
class Recording:
    """What is said of a recording of the call, and what callers say to that. question: wants a yes or a no. company: of
    several callers nobody can agree for the others. forgets_not: to whoever had their last words forgotten.

    yes: what agrees, alternatives of a pattern; before and after it may stand what the others name. no: how what
    declines begins. stop: whole requests to end a recording; both patterns.
    """

    question: str
    agreed: str
    declined: str
    company: str
    joined: str
    stopped: str
    forgets_not: str
    deleted: str
    not_begun: str
    broken_off: str
    not_deleted: str
    before: str
    yes: str
    after: str
    no: str
    stop: str


@dataclass(frozen=True)
class Writing:
    """How it is written, and cut into clauses. Abbreviations stand without their full stop and in lower case, except
    where something else is said.

    conjunctions, prepositions: a long clause may be cut before one. breathless: words that nobody takes breath after;
    none where they are those that no turn ends with. titles: abbreviations that never end a sentence. shortened: those
    that end one when a word follows that begins sentences. counted: abbreviations only before a number ("No. 5"), else
    words. streets: they name one behind a name, something else before one. starters: words that begin sentences, as
    they are written there. months: their names.
    ordinal_dot: "3." is an ordinal there, and its full stop no end. only_code: what is said where there are no words
    beside a program. spoken: abbreviations and signs, as written, and what is said for them. numbered: the same before
    a number. units: the same behind one, "one|more" where these differ.
    """

    conjunctions: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    breathless: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    shortened: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    starters: frozenset[str] = frozenset()
    months: tuple[str, ...] = ()
    numbered: dict[str, str] = field(default_factory=dict)
    ordinal_dot: bool = False
    only_code: str = ""
    spoken: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """How figures are read that a voice does not read right by itself: espeak-ng, which speaks for Piper, knows
    cardinal numbers and their marks in every language, but not what they count.

    code: num2words' of the language. thousands: the mark between them. minus, until, about: words. signs: said between
    numbers, by sign. fractions: by how they are written. half: "{} und ein halb".
    money: "one|more|one cent|cents" by sign or code of the currency. cents: both, "{} und {}". scales: "one|more" by
    what stands between a number and its currency, with what joins them.
    clock: patterns of a time, with HH and MM. hours: words for those that are not said like the number. at, sharp:
    "{hour} Uhr {minute}", and the same on the hour. one: both for one o'clock, where they differ.
    date: "{day} de {month} de {year}". first: the first of a month. before_day: a pattern of what stands before a day
    without a year.
    ordinals: "masculine", "feminine" or "short" by a pattern of what is written behind the number. special: those that
    num2words spells otherwise. romans: "{cardinal}" or "{ordinal}" by a pattern of a number in Roman figures, in the
    group n.
    masculine, feminine: what is often counted, by gender, in the number that stands behind 1 and behind more.
    phones: patterns of telephone numbers that begin with neither + nor 0. paired: they are read two by two.
    hundreds: the word for them where 1999 is said nineteen hundred ninety-nine.
    """

    code: str
    thousands: str = "."
    minus: str = "minus"
    until: str = ""
    about: str = ""
    signs: dict[str, str] = field(default_factory=dict)
    fractions: dict[str, str] = field(default_factory=dict)
    half: str = ""
    money: dict[str, str] = field(default_factory=dict)
    cents: str = "{} {}"
    scales: dict[str, str] = field(default_factory=dict)
    clock: tuple[str, ...] = ()
    hours: dict[int, str] = field(default_factory=dict)
    at: str = ""
    sharp: str = ""
    one: tuple[str, str] = ("", "")
    date: str = ""
    first: str = "1"
    before_day: str = ""
    ordinals: dict[str, str] = field(default_factory=dict)
    special: dict[int, str] = field(default_factory=dict)
    romans: dict[str, str] = field(default_factory=dict)
    masculine: frozenset[str] = frozenset()
    feminine: frozenset[str] = frozenset()
    phones: tuple[str, ...] = ()
    paired: bool = False
    hundreds: str = ""


@dataclass(frozen=True)
class Facts:
    """Of one language. None: nothing is known. spaced: its words have spaces between them."""

    phrases: Phrases | None = None
    listening: Listening = Listening()
    ends: Ends = Ends()
    forgetting: Forgetting | None = None
    writing: Writing = Writing()
    figures: Figures | None = None
    spaced: bool = True
    situation: Situation | None = None
    recording: Recording | None = None
    timing: Timing | None = None
    requests: Requests | None = None
    refusals: Refusals | None = None


# Abbreviations of more than one language: a text is rarely in one alone.
TITLES = words("dr mr mrs ms mx prof mt gen col sgt capt lt rev hon vs e.g i.e approx cf ca")
SHORTENED = words(
    "etc u.s u.k u.n e.u a.m p.m inc ltd co corp jr dept est jan feb mar apr jun jul aug sep sept oct nov dec ph.d b.c "
    "a.d"
)
COUNTED = words("no nos fig p pp vol ch sec art nr")
# Words that begin sentences in English, and by which a full stop is told in languages of which none are known.
STARTERS = words(
    "A About After All Also An And Any Are As At Because But Can Do Does For From Have He Her Here His How However I "
    "If In Is It Its Just Let Maybe My No Not Now On One Or Our Perhaps Please She So Some Sure That The Their Then "
    "There These They This Those To We Well What When Where Which Who Why With Would Yes You Your"
)
COMMON = Writing(titles=TITLES, shortened=SHORTENED, counted=COUNTED, starters=STARTERS)
