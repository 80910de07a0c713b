"""Timers of one call. They end with it, and are forgotten with all that was said in it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from local_agent.call.tools import by_table
from local_agent.call.tools.units import quantity
from local_agent.call.tools.wording import asked
from local_agent.config.languages import en
from local_agent.config.languages.facts import Timing
from local_agent.config.languages.table import facts

MOST = 20  # at once; nobody keeps more apart
LONGEST = 24 * 3600  # s; no call lasts longer

Ring = Callable[[int], Coroutine[Any, Any, None]]


@dataclass
class Timer:
    """seconds: that it was set to. ends: on the loop's clock."""

    seconds: int
    ends: float
    task: asyncio.Task[None]


class Timers:
    """Belongs to the call's event loop. ring: says that one is over, given its seconds; awaited, and cancelled when the
    timer is. language: of the call, in which they are talked of.
    """

    def __init__(self, ring: Ring, language: str = "en") -> None:
        self._ring, self.language = ring, language
        self._running: list[Timer] = []
        self._told = False  # that they end with the call

    def set(self, duration: str) -> str:
        """Start one. duration: "5 minutes", "an hour and a half". What to say of it."""
        seconds, words = span(duration, self.language), _words(self.language)
        if seconds is None:
            return words.how_long
        if not 1 <= seconds <= LONGEST:
            return words.limits
        if len(self._running) >= MOST:
            return words.many.format(count=MOST)
        loop = asyncio.get_running_loop()
        timer = Timer(seconds, loop.time() + seconds, loop.create_task(self._wait(seconds)))
        self._running.append(timer)
        timer.task.add_done_callback(lambda _: self._running.remove(timer) if timer in self._running else None)
        told, self._told = self._told, True
        said = words.started.format(span=spoken(seconds, self.language))
        return said if told else f"{said} {words.promise}"

    def left(self) -> str:
        """What to say of those that run."""
        now, words = asyncio.get_running_loop().time(), _words(self.language)
        each = sorted((max(1, round(timer.ends - now)), timer.seconds) for timer in self._running)
        if not each:
            return words.none
        spans = [(spoken(rest, self.language), named(seconds, self.language)) for rest, seconds in each]
        if len(spans) == 1:
            return words.left[not spans[0][0].startswith("1 ")].format(span=spans[0][0])
        told = ", ".join(words.each.format(timer=timer, span=rest) for rest, timer in spans)
        return words.several.format(count=len(spans), each=told)

    def cancel(self, which: str = "") -> str:
        """Stop one, or all. which: how long it was set to, "" for all. What to say of it."""
        seconds, words = span(which, self.language), _words(self.language)
        ended = [timer for timer in self._running if seconds is None or timer.seconds == seconds]
        for timer in ended:
            timer.task.cancel()
            self._running.remove(timer)
        if not ended:
            return words.unknown if self._running else words.none
        return words.off.format(timer=named(ended[0].seconds, self.language)) if len(ended) == 1 else words.all_off

    def over(self, seconds: int) -> str:
        """What to say when one is, given what it was set to."""
        return _words(self.language).over.format(timer=named(seconds, self.language))

    def forget(self) -> None:
        """Stop all of them without a word."""
        for timer in self._running:
            timer.task.cancel()
        self._running.clear()

    async def _wait(self, seconds: int) -> None:
        await asyncio.sleep(seconds)
        await self._ring(seconds)


def span(duration: str, language: str = "en") -> int | None:
    """Seconds of a duration in a language, or in English, where a bare number is minutes; None for anything else."""
    if (seconds := by_table.span(duration, language)) is not None:
        return seconds
    words = asked(duration).removeprefix("for ").removesuffix(" timer").replace("-", " ").strip()
    found = quantity(f"{words} minutes" if re.fullmatch(r"\d+(\.\d+)?", words) else words)
    return round(found.size) if found is not None and found.unit.kind == "time" else None


def spoken(seconds: int, language: str = "en") -> str:
    """1 hour and 30 minutes."""
    counts = (seconds // 3600, seconds % 3600 // 60, seconds % 60)
    words = _words(language)
    parts = [
        f"{count} {one if count == 1 else more}"
        for count, (one, more) in zip(counts, words.units, strict=True)
        if count
    ]
    return f" {words.joint} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def named(seconds: int, language: str = "en") -> str:
    """5-minute timer."""
    words = _words(language)
    for unit, (one, _) in zip((3600, 60, 1), words.units, strict=True):
        if words.single and seconds % unit == 0 and (unit == 3600 or seconds < 60 * unit):
            return words.single.format(count=seconds // unit, unit=one)
    return words.named.format(span=spoken(seconds, language))


def _words(language: str) -> Timing:
    """What is said of timers; in English rather than not at all."""
    return facts(language).timing or en.TIMING


_TIMERS = r"(?:the |my |our |any |all |all the |running |active )*(?:(?!an? )[\w-]+ )?timers?"
_SET = re.compile(
    r"(?:(?:set|start|make|put|create|begin|run|give me|i need|i want|i(?:'d| would) like|(?:could"
    r"|can) i (?:have|get)|add(?! .* to (?:the|my|that) timer))(?: on)?(?: me)?(?: up)? )?"
    r"(?:an? |another |the |1 |my )?(?:new |kitchen |cooking |egg )?(?:(?P<before>.+?)[- ]timer|timer)"
    r"(?:,| that (?:ends|rings|goes off|is over))?(?: (?:for|of|to|with|at|in|after))?(?: (?P<after>.+))?"
)
_ALIKE = re.compile(
    r"(?:time(?: me)?(?: for)?|count down(?: from)?(?! \d+\Z)|start a countdown (?:of|for|from)"
    r"|start counting down(?: from)?"
    r"|(?:remind|alert|notify|ping|buzz|wake|tell|let) me (?:up |know )?(?:again )?(?:in|after)) (?P<after>.+?)"
    r"(?: (?:to|that|about) .*)?"
)
_STATES = r"(?: (?:are|is|do|did|i|have|there|still|running|set|on|active|going|doing))*"
_LEFT = re.compile(
    rf"how (?:much|long|many minutes)\b.* (?:left|remaining|remains?|until|till|before|for|on)\b.* ?{_TIMERS}.*"
    rf"|how (?:much|long|many minutes)\b.*{_TIMERS} (?:have|has|got|is)?.*(?:left|to go|over|done|ends?|rings?"
    rf"|goes off)"
    rf"|what is left (?:on|of) {_TIMERS}|how much longer"
    r"|how (?:much time|long) (?:is |do i have )?left(?: on (?:it|that))?"
    rf"|(?:list|show|check|read)(?: me)? {_TIMERS}|how (?:is|are) {_TIMERS}{_STATES}"
    rf"|(?:which|how many) {_TIMERS}{_STATES}|what (?:are )?(?:the |my )?timers{_STATES}"
    rf"|(?:is|are|do i have|did i set)(?: there)?(?: an?)? {_TIMERS}{_STATES}"
)
_CANCEL = re.compile(
    r"(?:cancel|stop|delete|remove|end|clear|turn off|kill|abort|forget|switch off)"
    r"(?: (?:the|my|all|that|this|both|every|of|our))*(?: (?P<which>.+?))?[- ]timers?(?: off)?"
    r"|(?:turn|switch) (?:(?:the|my|that|all) )*timers? off"
)
_IT = re.compile(
    r"(?:cancel|stop|delete|turn off|end|remove) (?:it|that|them|that 1|the last 1|this)(?: off)?|never ?mind"
)
_ANOTHER = re.compile(r"(?:set |start )?(?:another|1 more|a second|an additional)(?: 1)? (?:for|of|with) (?P<after>.+)")


def request(text: str, before: str = "") -> tuple[str, str] | None:
    """Which function words ask for, and the duration that they name; None where they ask for none.

    before: the function that was called right before, "" for none.
    """
    words = asked(text)
    if (found := _CANCEL.fullmatch(words)) is not None and ((which := found["which"]) is None or span(which)):
        return "cancel_timer", which or ""
    if before and _IT.fullmatch(words):
        return "cancel_timer", ""
    if _LEFT.fullmatch(words) and ("timer" in words or before):
        return "list_timers", ""
    found = _SET.fullmatch(words)
    if found is not None and not words.startswith(("what", "how", "is ", "the ")):
        given = [said for said in (found["before"], found["after"]) if said]
        durations = [duration for said in given if (duration := _duration(said))]
        if not given or len(durations) == 1:
            return "set_timer", "".join(durations)
    found = _ALIKE.fullmatch(words) or (_ANOTHER.fullmatch(words) if before else None)
    if found is not None and span(found["after"]):
        return "set_timer", found["after"]
    if before == "set_timer?" and span(words):
        return "set_timer", words
    return None


def _duration(said: str) -> str:
    """The one in words that may also tell what it is for: "5 minutes for the eggs", "pasta for 9 minutes"."""
    parts = re.split(
        r" (?:for|to|called|named|and call it|until|on|starting|egg|kitchen)(?: |\Z)", said.replace("-", " ")
    )
    return next((part for part in (said, *parts) if span(part)), "").removeprefix("a ")
