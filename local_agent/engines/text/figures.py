"""Figures of languages other than English, as far as a voice does not read them right by itself, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from num2words import num2words

from local_agent.config.languages.facts import Facts, Figures
from local_agent.engines.text.codes import is_roman, roman_value
from local_agent.engines.text.readings import TAKEN, Reading, reading

Say = Callable[[re.Match[str]], "str | None"]

HOUR, MINUTE = r"(?P<hour>[01]?\d|2[0-4])", r"(?P<minute>[0-5]\d)"
DAY, MONTH, YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"((?:1\d|20)\d\d|\d\d)"
DASH = "[-–—‒]"
SHORTEST_PHONE = 7  # digits
VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4"}
CENTURY = 50  # years of two digits up to this one are of this century
_PHONES = (
    r"(?<![\w.,:/+-])(?:\+|00)\d[\d ()/.-]{6,18}\d(?!\w|[.,/-]\d)",
    r"(?<![\w.,:/+-])\(?0\d{1,5}\)?(?:[ /-]{1,3}\d{2,8}){1,5}(?!\w|[.,:/-]\d)",
    r"(?<![\w.,:/+-])0\d{8,12}(?!\w|[.,:/-]\d)",
)
# What makes of 1:10 no time.
_RATIO = re.compile(r"(?:Maßstab|Verhältnis|[ée]chelle|rapport|escala|scala|rapporto|proporç\w+|proporci\w+|schaal)"
                    r"(?: (?:von|de|di|van))? ?$", re.IGNORECASE)  # fmt: skip


def readings(known: Facts) -> Iterator[Reading]:
    """Of one language, the longest and surest first."""
    if known.figures is not None:
        yield from _Figures(known.figures, known.writing.months, known.writing.ordinal_dot).readings()


@dataclass(frozen=True)
class _Figures:
    """Makes words of matches. dotted: "3." is an ordinal."""

    known: Figures
    months: tuple[str, ...]
    dotted: bool

    @property
    def number(self) -> str:
        """Pattern of a number as it is written there."""
        mark = re.escape(self.known.thousands)
        return rf"(?:\d{{1,3}}(?:{mark}\d{{3}})+(?:,\d+)?|\d+,\d+|\d+\.\d\d|\d+)(?!\d)"

    def readings(self) -> Iterator[Reading]:
        known = self.known
        yield reading(rf"(?<![\w/.-]){DAY}([/.-]){MONTH}\2{YEAR}(?![\w/-]|[.,]\d)", self._full_date)
        yield reading(r"(?<![\w/.-])((?:1\d|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\w/-])", self._iso_date)
        if known.before_day:
            yield reading(rf"\b({known.before_day}) {DAY}([/.]){MONTH}(\.?)(?![\w/]|[.,]\d)", self._short_date)
        if known.first != "1":
            yield reading(rf"(?<![\w.,:/-])1(?= (?:de )?(?:{'|'.join(self.months)})(?!\w))", known.first)
        for pattern in (*_PHONES, *(rf"(?<![\w.,:/+-]){own}(?!\w|[.,:/-]\d)" for own in known.phones)):
            yield reading(pattern, self._phone)
        yield reading(r"(?<=\d) ?[−–-] ?(?=\d+ ?=)", f" {known.minus} ")
        yield reading(rf"(?:(?<=\d)|(?<=\dh)) ?{DASH} ?(?=\d)", self._range)
        yield reading(r"(?<!\w)[~≈] ?(?=\d)", f"{known.about} ")
        for pattern in known.clock:
            timed = pattern.replace("HH", HOUR).replace("MM", MINUTE)
            yield reading(rf"(?<![\w:.,/-]){timed}(?![\w:]|[.,]\d)", self._time)
        yield from self._amounts()
        for written in (*known.fractions, *(sign for sign, same in VULGAR.items() if same in known.fractions)):
            yield reading(rf"(?<![\w.,/])(?:(\d+) ?)?(?<!\d){re.escape(written)}(?![\w/]|[.,]\d)" if "/" in written
                          else rf"(?<![\w.,/])(?:(\d+) ?)?{written}", self._fraction)  # fmt: skip
        for written in sorted(known.ordinals, key=len, reverse=True):
            yield reading(rf"(?<![\w.,])(\d{{1,4}}){written}(?!\w)", self._ordinal_of(known.ordinals[written]))
        for written, form in known.romans.items():
            yield reading(written, self._roman_of(form))
        yield from self._agreements()
        if known.hundreds:
            yield reading(r"(?<![\w.,:/-])(1[1-9]\d\d)(er\b)?(?![\w%°/]|[.,:]\d)", self._hundreds)
        yield reading(rf"(?<![\w.,)\]%{TAKEN}])[-−](?=\d)", f"{known.minus} ")
        for sign, words in known.signs.items():
            yield reading(rf"(?<=[\d)%]) ?{re.escape(sign)} ?(?=[\d(])", f" {words} ")

    def _cardinal(self, number: int) -> str:
        return str(num2words(number, lang=self.known.code))

    def _ordinal(self, number: int, kind: str = "masculine") -> str:
        """first, second ...: in the form that a noun takes."""
        words = self.known.special.get(number) or str(num2words(number, lang=self.known.code, to="ordinal"))
        if kind == "feminine":
            return "première" if words == "premier" else re.sub(r"o\b", "a", words)
        return re.sub(r"(?<=primer)o$|(?<=tercer)o$", "", words) if kind == "short" else words

    def _ordinal_of(self, kind: str) -> Say:
        return lambda match: self._ordinal(int(match[1]), kind) if int(match[1]) else None

    def _roman_of(self, form: str) -> Say:
        def say(match: re.Match[str]) -> str | None:
            if not is_roman(match["n"]):
                return None
            value = roman_value(match["n"])
            return form.format(cardinal=self._cardinal(value), ordinal=self._ordinal(value))

        return say

    def _year(self, number: int) -> str:
        head, rest = divmod(number, 100)
        if not self.known.hundreds or not 11 <= head <= 19:
            return str(number)
        return f"{self._cardinal(head)}{self.known.hundreds}" + (f" {rest}" if rest else "")

    def _hundreds(self, match: re.Match[str]) -> str:
        return self._year(int(match[1])) + (match[2] or "")

    def _date(self, match: re.Match[str], day: int, month: int, year: int | None = None, before: str = "") -> str:
        known = self.known
        if self.dotted:
            said = german_ordinal(day, before or match.string[: match.start()])
        else:
            said = known.first if day == 1 else str(day)
        dated = known.date if year is not None else known.date.partition("{month}")[0] + "{month}"
        return dated.format(day=said, month=self.months[month - 1], year=self._year(year or 0))

    def _full_date(self, match: re.Match[str]) -> str:
        year = int(match[4]) + (0 if len(match[4]) == 4 else 2000 if int(match[4]) <= CENTURY else 1900)
        return self._date(match, int(match[1]), int(match[3]), year)

    def _iso_date(self, match: re.Match[str]) -> str:
        return self._date(match, int(match[3]), int(match[2]), int(match[1]))

    def _short_date(self, match: re.Match[str]) -> str | None:
        """am 1.5. and le 1/5."""
        before, day, mark, month, stop = match.groups()
        if self.dotted != (mark == "." and stop == "."):
            return None
        ended = stop if not self.dotted or not match.string[match.end() :].strip() else ""
        return f"{before} {self._date(match, int(day), int(month), before=f'{before} ')}{ended}"

    def _phone(self, match: re.Match[str]) -> str | None:
        written = re.sub(r"(?<=\d) ?\(0\)", " ", match[0])
        groups = re.findall(r"\d+", written)
        if sum(map(len, groups)) < SHORTEST_PHONE:
            return None
        plus = f"{self.known.signs['+']} " if written.startswith("+") else ""
        if self.known.paired:
            pairs = (re.findall(r"\d\d?", group) if len(group) > 3 else [group] for group in groups)
            return plus + ", ".join(digits for group in pairs for digits in group)
        return plus + ", ".join(" ".join(self._cardinal(int(digit)) for digit in group) for group in groups)

    def _range(self, match: re.Match[str]) -> str | None:
        """The dash of 10-12, which leads upwards, or from one time or year to the next."""
        first = re.search(r"(?<![\w/.,:-])(\d+(?:[.,]\d+)*)(?:[:h]\d*)?$", match.string[: match.start()])
        last = re.match(r"(\d+(?:[.,]\d+)*)(:\d+)?(?!-?\d)(?!/\d)", match.string[match.end() :])
        if not first or not last:
            return None
        years = len(first[1]) == 4 and len(last[1]) == 2
        ascends = self._value(first[1]) < self._value(last[1])
        return f" {self.known.until} " if ascends or years or last[2] else None

    def _value(self, text: str) -> float:
        text = re.sub(r"[. ](?=\d{3})", "", text).replace(",", ".")
        return float(text) if text.count(".") <= 1 else 0.0

    def _time(self, match: re.Match[str]) -> str | None:
        if _RATIO.search(match.string[: match.start()]):
            return None
        hour, minute = int(match["hour"]), int(match.groupdict().get("minute") or 0)
        known = self.known
        at, sharp = known.one if hour == 1 and known.one[0] else (known.at, known.sharp)
        return (at if minute else sharp).format(hour=known.hours.get(hour, str(hour)), minute=minute)

    def _amounts(self) -> Iterator[Reading]:
        known = self.known
        if not known.money:
            return
        sign = "|".join(re.escape(sign) for sign in sorted(known.money, key=len, reverse=True))
        scale = "|".join(re.escape(word) for word in sorted(known.scales, key=len, reverse=True)) or "(?!)"
        amount = rf"(?P<amount>{self.number})(?:(?:,|\.)(?:-|–|—)+)?"
        yield reading(rf"(?<![\w.,])(?P<sign>{sign}) ?{amount}(?: ?(?P<scale>{scale})(?!\w))?", self._money)
        yield reading(rf"(?<![\w.,]){amount} ?(?:(?P<scale>{scale}) ?)?(?P<sign>{sign})(?!\w)", self._money)

    def _money(self, match: re.Match[str]) -> str:
        one, more, cent, cents = (self.known.money[match["sign"]] + "|||").split("|")[:4]
        whole, _, part = (
            match["amount"].replace(".", "," if re.search(r"\.\d\d$", match["amount"]) else ".").partition(",")
        )
        if match["scale"]:
            single, many = self.known.scales[match["scale"]].split("|")
            return f"{single}{more}" if match["amount"] == "1" else f"{match['amount']} {many}{more}"
        said = one if whole == "1" else f"{whole} {more}"
        if not part or int(part) == 0:
            return said
        if len(part) != 2 or not cent:
            return f"{whole},{part} {more}"
        change = cent if int(part) == 1 else f"{int(part)} {cents}"
        return change if int(whole.replace(".", "").replace(" ", "")) == 0 else self.known.cents.format(said, int(part))

    def _fraction(self, match: re.Match[str]) -> str:
        written = match[0][len(match[1]) :].strip() if match[1] else match[0]
        written = VULGAR.get(written, written)
        if not match[1]:
            return self.known.fractions[written]
        if written == "1/2":
            return self.known.half.format(self._cardinal(int(match[1])))
        return f"{match[1]} {self.known.fractions[written]}"

    def _agreements(self) -> Iterator[Reading]:
        for nouns, say in ((self.known.masculine, self._masculine), (self.known.feminine, self._feminine)):
            if nouns:
                yield reading(rf"(?<![\w.,:/-])(\d{{1,3}}) (?=(?:{'|'.join(sorted(nouns))})(?!\w))", say)

    def _masculine(self, match: re.Match[str]) -> str | None:
        """1 Tag, 21 años."""
        words = self._cardinal(int(match[1]))
        agreed = re.sub(r"(?<=veinti)uno$", "ún", words)
        agreed = re.sub(r"(?<![a-z])(?:uno|eins)$", lambda m: m[0][:-1], agreed)
        return f"{agreed} " if agreed != words else None

    def _feminine(self, match: re.Match[str]) -> str | None:
        """1 Stunde, 21 heures, 200 personas, 2 horas."""
        words = self._cardinal(int(match[1]))
        agreed = re.sub(r"\beins$", "eine", words)
        agreed = re.sub(r"(?<![a-z])um$", "uma", re.sub(r"(?<![a-z])dois$", "duas", agreed))
        agreed = re.sub(r"uno$", "una", re.sub(r"(?<![a-z])un$", "une", agreed))
        agreed = re.sub(r"entos\b", "entas", agreed)
        return f"{agreed} " if agreed != words else None


# German ordinals take their ending from the word before.
_WEAK = re.compile(
    r"\b(?:am|vom|zum|zur|dem|den|des|im|beim|bis|ab|seit|einem|einen|jeden|jedem|meinem|meinen|meiner|deinem|deinen"
    r"|(?:in|an|auf|mit|aus|von|bei|zu|nach|vor|hinter|neben|über|unter|zwischen|seit) (?:der|den))\s$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\b(?:der|die|das|eine|meine|deine|seine|ihre|unsere|diese|dieser|dieses|jede|jeder|jedes)\s$", re.IGNORECASE
)


def german_ordinal(number: int, before: str) -> str:
    """dritten, dritte, dritter: behind the words `before`."""
    ending = "n" if _WEAK.search(before) else "" if _ARTICLE.search(before) else "r"
    return f"{num2words(number, lang='de', to='ordinal')}{ending}"
