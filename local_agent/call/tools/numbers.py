"""What is asked of numbers themselves: prime, factors, remainders, rounding, how they are written, counting."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction

from num2words import num2words

from local_agent.call.tools.arithmetic import first_upper, told, value

LARGEST = 10**9  # that is taken apart into factors, which a loop up to its root finds at once
MOST = 30  # numbers that are counted aloud
_WHOLE, _ANY = r"(\d{1,9})", r"(-?\d{1,12}(?:\.\d{1,9})?)"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_IS = r"(?:(?:what|how much) (?:is|are|does|would be) |calculate |find |give me |tell me )?"
_PLACES = {
    name: Fraction(size)
    for names, size in (
        ("whole number|integer|1|unit|dollar|euro", 1), ("ten|10", 10), ("hundred|100", 100),
        ("thousand|1000", 1000), ("million|1000000", 10**6), ("tenth", "1/10"), ("hundredth", "1/100"),
    )
    for name in names.split("|")
}  # fmt: skip


def answer(words: str) -> str | None:
    """A sentence; None where nothing of the kind is asked. words: as `wording.asked` gives them."""
    for pattern, tell in _QUESTIONS:
        if (found := pattern.fullmatch(words)) is not None:
            return tell(*(group or "" for group in found.groups()))
    return None


def roman(number: int) -> str:
    """From 1 to 3999, in capitals."""
    made = ""
    for size, letters in _ROMAN:
        count, number = divmod(number, size)
        made += letters * count
    return made.upper()


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % each for each in range(2, math.isqrt(number) + 1))


def _kind(number: str, kind: str, by: str) -> str:
    whole = int(number)
    true = _is_prime(whole) if kind == "prime" else whole % int(by) == 0 if by else whole % 2 == (kind == "odd")
    said = kind or f"divisible by {by}"
    return f"{'Yes' if true else 'No'}, {whole} is {'' if true else 'not '}{said}."


def _prime_beside(side: str, number: str) -> str:
    whole, step = int(number), -1 if side in ("before", "below", "under", "smaller than") else 1
    whole += step
    while whole > 1 and not _is_prime(whole):
        whole += step
    return f"That is {whole}." if whole > 1 else "There is none."


def _factorial(number: str, other: str) -> str:
    whole = int(number or other)
    return f"{whole} factorial is {told(Fraction(math.factorial(whole)))}." if whole <= 100 else "That is too large."


def _remainder(number: str, by: str) -> str:
    rest, times = int(number) % int(by), int(number) // int(by)
    return f"The remainder is {rest}: {by} goes {times} time{'' if times == 1 else 's'} into {number}."


def _goes_into(number: str, into: str) -> str:
    times, rest = divmod(int(into), int(number))
    left = f", and {rest} is left" if rest else ""
    return f"{number} goes {times} time{'' if times == 1 else 's'} into {into}{left}."


def _factors(prime: str, number: str) -> str | None:
    whole = int(number)
    if not 0 < whole <= LARGEST:
        return None
    if prime:
        made, each = [], 2
        while each * each <= whole:
            while whole % each == 0:
                made.append(each)
                whole //= each
            each += 1
        made += [whole] if whole > 1 else []
        return f"{number} is {' times '.join(map(str, made))}." if len(made) > 1 else f"{number} is a prime itself."
    small = [each for each in range(1, math.isqrt(whole) + 1) if whole % each == 0]
    return f"They are {_listed(sorted({*small, *(whole // each for each in small)}))}."


def _shared(kind: str, one: str, other: str) -> str | None:
    if not int(one) or not int(other):
        return None
    found = math.lcm(int(one), int(other)) if "multiple" in kind or kind == "lcm" else math.gcd(int(one), int(other))
    return f"That is {found:,}."


def _rounded(number: str, place: str, places: str) -> str:
    step = Fraction(1, 10 ** int(places)) if places else _PLACES[place or "whole number"]
    near = Fraction(math.floor(Fraction(number) / step + Fraction(1, 2))) * step
    return f"{number} is about {told(near)}."


def _in_base(number: str, base: str) -> str:
    made = format(int(number), {"binary": "b", "hex": "x", "hexadecimal": "x", "octal": "o"}[base]).upper()
    return f"{number} is {made} in {base}."


def _from_binary(number: str) -> str:
    return f"That is {int(number, 2)}."


def _in_roman(number: str) -> str:
    whole = int(number)
    return f"{whole} is {roman(whole)}." if 0 < whole < 4000 else "Roman numerals go from 1 to 3,999."


def _from_roman(letters: str) -> str | None:
    whole, rest = 0, letters
    for size, sign in _ROMAN:
        while rest.startswith(sign):
            whole, rest = whole + size, rest.removeprefix(sign)
    return f"{letters.upper()} is {whole}." if whole and roman(whole) == letters.upper() else None


def _in_words(number: str, other: str) -> str:
    whole = Fraction(number or other)
    return f"{first_upper(num2words(int(whole) if whole.denominator == 1 else float(whole)))}."


def _zeros(number: str) -> str | None:
    rest = number.lstrip("123456789")
    return f"It has {len(rest)} zeros." if rest and not rest.strip("0") else None


def _beside(side: str, number: str) -> str:
    beside = int(number) + (1 if side == "after" else -1)
    return f"{beside:,} comes {side} {int(number):,}."


def _counted(way: str, first: str, last: str, single: str) -> str | None:
    if single:
        begun, ended = (int(single), 1 if int(single) else 0) if way else (1, int(single))
    elif not first and not last:
        return None
    else:
        begun, ended = int(first), int(last or 1)
    step = 1 if ended >= begun else -1
    each = range(begun, ended + step, step)
    return f"{', '.join(map(str, each))}." if len(each) <= MOST else None


def _as_decimal(number: str, what: str) -> str | None:
    known = value(number)
    if known is None:
        return None
    exact = Fraction(known)
    if what.startswith("fraction"):
        return f"That is {exact.numerator}/{exact.denominator}."
    return f"That is {told(exact * 100)} percent." if what.startswith("percent") else f"That is {told(exact)}."


def _dozens(number: str) -> str:
    return f"That is {told(Fraction(number))}."


def _listed(numbers: list[int]) -> str:
    said = [f"{number:,}" for number in numbers]
    return " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))


_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[..., str | None]], ...] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (
            rf"is (?:the number )?{_WHOLE} (?:(?:an? )?(even|odd|prime)(?: number)?|divisible by ([1-9]\d{{0,8}}))",
            _kind,
        ),
        (
            r"(?:what is |which is )?the (?:next|first|last|previous|largest|smallest) prime(?: number)? "
            rf"(after|above|over|greater than|larger than|before|below|under|smaller than) {_WHOLE}",
            _prime_beside,
        ),
        (
            rf"{_IS}(?:the )?(?:{_WHOLE} factorial|factorial of {_WHOLE}|{_WHOLE}!)",
            lambda *n: _factorial("".join(n), ""),
        ),
        (rf"{_IS}{_WHOLE} (?:mod|modulo|modulus) ([1-9]\d{{0,8}})", _remainder),
        (
            rf"{_IS}(?:the )?(?:remainder|rest) (?:of|when|if|from|for)(?: you| i| we)?(?: divide| dividing)? {_WHOLE}"
            r"(?: is)?(?: divided)? by ([1-9]\d{0,8})",
            _remainder,
        ),
        (
            rf"how (?:many times|often) (?:does|do|will|can) ([1-9]\d{{0,8}}) (?:go|fit|divide) (?:in|into) {_WHOLE}",
            _goes_into,
        ),
        (rf"{_IS}(?:all )?(?:the )?(prime )?(?:factors|divisors) of {_WHOLE}", _factors),
        (
            r"(?:what is |find )?the ((?:greatest|highest|largest) common (?:divisor|factor)"
            r"|(?:least|lowest|smallest) common multiple|gcd|lcm) (?:of|for) "
            rf"{_WHOLE} and {_WHOLE}",
            _shared,
        ),
        (
            rf"(?:what is )?(?:round(?:ed)? )?{_ANY} (?:rounded )?(?:up |down )?(?:to the (?:nearest|closest) "
            rf"({'|'.join(_PLACES)})|to (\d) decimal(?:s| places?))",
            _rounded,
        ),
        (r"round (-?\d{1,12}\.\d{1,9})()()", _rounded),
        (
            rf"(?:what is |how do (?:you|i) (?:write|say) |convert |write )?(?:the number )?{_WHOLE} (?:in|to|into|as) "
            r"(binary|hex|hexadecimal|octal)(?: numbers?| code)?",
            _in_base,
        ),
        (r"(?:what is |convert )?(?:binary )?([01]{2,30}) (?:in|from|to) (?:binary|decimal)", _from_binary),
        (
            rf"(?:what is |how do (?:you|i) (?:write|say) |write |convert )?(?:the number )?{_WHOLE} (?:in|to|into|as)"
            r"(?: an?)? roman numerals?",
            _in_roman,
        ),
        (r"what (?:number )?is (?:the )?roman numerals? ([ivxlcdm]+)", _from_roman),
        (r"what (?:number )?(?:is|does) ([ivxlcdm]+) (?:mean )?(?:in|as an?) roman numerals?", _from_roman),
        (
            rf"(?:how do (?:you|i) (?:write|spell|say)|spell|write)(?: out)? (?:the number )?{_ANY}(?: (?:in|as|with) "
            r"(?:words|letters))?()",
            _in_words,
        ),
        (r"how many (?:zeros|zeroes|0s?) (?:are |does |do |has )?(?:there )?(?:in )?(?:an? )?(10+)(?: have)?", _zeros),
        (rf"(?:what|which) (?:number )?(?:comes|is|follows)(?: right| directly)? (after|before) {_WHOLE}", _beside),
        (
            r"how many (?:(?:eggs|things|items|pieces|rolls|roses|donuts|bagels|cookies) )?(?:is|are|are there|make)?"
            r"(?: in)? ?(\d{1,9})",
            _dozens,
        ),
        (
            rf"count (?:(backwards?|down) )?(?:for me )?(?:from {_WHOLE}(?: (?:down |up )?to {_WHOLE})?|to {_WHOLE})",
            _counted,
        ),
        (
            r"(?:what is |write |convert |express )?(.+?) (?:as|in|to|into|written as) (?:an? )?"
            r"(decimals?|percent|percentage|fractions?)(?: number)?",
            _as_decimal,
        ),
    )
)
