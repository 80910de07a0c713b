"""Sums, as they are said: `answer("15% of 80")` is "15% of 80 is 12."."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from local_agent.call.tools.wording import asked

Number = Fraction | float

LONGEST = 200  # characters of a sum; nobody says more
LARGEST = 300  # decimal places of a result, about what a float holds

_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_VALUE = rf"(-?{_NUMBER}|\([^()]*\))"
_PERCENT = rf"({_NUMBER}) ?(?:%|percent)"
_PARTS = ["half", "third", "quarter", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_DENOMINATORS = dict(zip(_PARTS, (2, 3, 4, 4, 5, 6, 7, 8, 9, 10), strict=True)) | {"halve": 2}
_ORDINALS = {word: str(number) for number, word in enumerate(["second", *_PARTS[1:2], *_PARTS[3:]], 2)}
_PART = rf"(?:(an?|\d+) )?({'|'.join(_DENOMINATORS)})s?"
_LISTED = re.compile(rf"{_VALUE}(?:(?:,? and|,) {_VALUE})+")
_SAID: tuple[tuple[str, str], ...] = (
    (r"(?<=\d)[x×](?=\d)|(?<=\d) [x×] (?=[\d(])", "*"),
    (r"÷", "/"),
    (r"(\d/\d+) of(?: an?| the)? (?=[\d(])", r"(\1)*"),
    (r"\^", "**"),
    (rf"(?:(?<!\S)|(?<=[*/(]))(?<![\d)] )(?:minus|negative) (?={_NUMBER})", "-"),
    (rf"{_PERCENT} (?:tip|discount|tax)? ?off (?:of )?{_VALUE}", r"(\2*(1-\1/100))"),
    (rf"{_VALUE} (?:with|minus|less) (?:an? )?{_PERCENT}(?: discount| off)?", r"(\1*(1-\2/100))"),
    (rf"{_VALUE} plus (?:an? )?{_PERCENT}(?: tip| tax)?", r"(\1*(1+\2/100))"),
    (rf"{_PERCENT} (?:more|greater|higher|larger|bigger) than {_VALUE}", r"(\2*(1+\1/100))"),
    (rf"{_PERCENT} (?:less|lower|smaller|fewer) than {_VALUE}", r"(\2*(1-\1/100))"),
    (rf"increase {_VALUE} by {_PERCENT}|{_VALUE} increased by {_PERCENT}", r"(\1\3*(1+\2\4/100))"),
    (
        rf"(?:decrease|reduce) {_VALUE} by {_PERCENT}|{_VALUE} (?:decreased|reduced) by {_PERCENT}",
        r"(\1\3*(1-\2\4/100))",
    ),
    (rf"{_VALUE} (?:more|greater|higher|larger) than {_VALUE}", r"(\2+\1)"),
    (rf"{_VALUE} (?:less|lower|smaller|fewer) than {_VALUE}", r"(\2-\1)"),
    (rf"(?:more|greater|higher|larger|bigger|less|smaller) is {_VALUE} than {_VALUE}", r"abs(\1-\2)"),
    (rf"(?:an? )?{_PERCENT} (?:tip |tax )?(?:of|on|from|for)(?: an?)? ", r"(\1/100)*"),
    (rf"(?:the )?(?:cube|cubic|third) root of {_VALUE}", r"cbrt(\1)"),
    (rf"(?:the )?(?:square )?root (?:of|from) {_VALUE}", r"sqrt(\1)"),
    (rf"{_VALUE} squared|(?:the )?square (?:of )?{_VALUE}", r"(\1\2)**2"),
    (rf"{_VALUE} cubed|(?:the )?cube of {_VALUE}", r"(\1\2)**3"),
    (rf"{_VALUE} (?:raised )?to the (?:power of |power )?{_VALUE}(?:st|nd|rd|th)?(?: power)?", r"(\1)**\2"),
    (r"\b(?:double|twice) ", "2*"),
    (r"\b(?:triple|3 times) ", "3*"),
    (rf"subtract {_VALUE} from {_VALUE}|take {_VALUE} (?:away )?from {_VALUE}", r"(\2\4-\1\3)"),
    (rf"(?:add|the sum of|sum of|sum) {_VALUE} (?:and|to|plus|with) {_VALUE}", r"(\1+\2)"),
    (rf"{_VALUE} added to {_VALUE}", r"(\1+\2)"),
    (rf"{_VALUE} (?:subtracted|taken(?: away)?) from {_VALUE}", r"(\2-\1)"),
    (rf"(?:multiply|the product of|product of) {_VALUE} (?:by|and|with|times) {_VALUE}", r"(\1*\2)"),
    (rf"divide {_VALUE} (?:by|into) {_VALUE}", r"(\1/\2)"),
    (rf"(?:the )?difference (?:between|of) {_VALUE} and {_VALUE}", r"abs(\1-\2)"),
    (r" (?:multiplied by|times) ", "*"),
    (r" (?:divided by|over) ", "/"),
    (r" (?:plus|add) ", "+"),
    (r" (?:minus|take away|subtract|less) ", "-"),
)
_RULES = tuple((re.compile(pattern), instead) for pattern, instead in _SAID)
_OF_HUNDRED = r"(?:percent|percentage|%)"
_SHARE = re.compile(
    rf"(?:what|which|how many) {_OF_HUNDRED} of {_VALUE} (?:is|are) {_VALUE}"
    rf"|(?:{_VALUE} (?:is|are) (?:what|which|how many) {_OF_HUNDRED}|(?:what|which|how many) {_OF_HUNDRED} (?:is|are) "
    rf"{_VALUE}(?: out)?) of {_VALUE}"
    rf"|{_VALUE} (?:out )?of {_VALUE} (?:as|in)(?: an?)? {_OF_HUNDRED}"
)
_AVERAGE = re.compile(r"(?:the )?(?:average|mean) (?:of|between) (.+)")
_MONEY = re.compile(r"([$€£]) ?(?=\d)|(?<=\d) ?(dollars?|euros?|cents?|bucks|€|£)\b")
_COINS = re.compile(r"(\d+) (dollars?|euros?)(?: and)? (\d{2})(?: cents?)?(?=$|[,.?]| (?!percent|%))")
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "bucks": "dollars"}
_QUESTION = re.compile(
    r"(?:what (?:do|would|will|did) (?:you|i|we) (?:get|have) (?:for|(?:if|when) (?:you|i|we))"
    r"|what (?:is|are|does|do|makes?|equals|would be|will be)|how much (?:is|are|does|do|would)"
    r"|how much(?= (?:more|less|bigger|larger|greater|smaller|higher)\b)|calculate|compute|work out"
    r"|solve|figure out|give me|show me|take(?= \d+(?:\.\d+)? ?(?:%|percent) off)"
    r"|the result of|the answer to|evaluate) "
)
_SUPPOSED = re.compile(
    r"(?:if|when) (?:you|i|we) (?P<sum>.+?),? (?:what|how much) (?:do|would|will) (?:you|i|we) (?:get|have)"
    r"|(?:if|when) (?:you|i|we) (?P<other>.+?),? what is (?:it|that|the (?:result|answer|sum|total|product))"
)
_EQUALS = re.compile(r" (?:equals?|is|makes?|equals what|is what|makes what)$")
_TOGETHER = re.compile(rf"{_VALUE} and {_VALUE}(?: together)?")  # how much is seven and eight
_VERBS = re.compile(r"(?:add|subtract|take|multiply|divide|double|triple|sum|start|begin)\b")
_OPERATION = (
    r"add|plus|subtract|minus|take away|(?:multiply|multiplied|divide|divided)(?: (?:it|that|the result|this|all))? by"
    r"|times|double|triple|halve|square"
)
_STEPS = re.compile(rf"(?:,? (?:and )?then |, (?:and )?| and )(?=(?:{_OPERATION})\b)")
_STEP = re.compile(rf"({_OPERATION})(?: (?:it|that|the result|this|all))?(?: (.+))?")
_SIGNS = {"add": "+", "plus": "+", "subtract": "-", "minus": "-", "take away": "-", "times": "*"}
_ALONE = {"double": "*2", "triple": "*3", "halve": "/2", "square": "**2"}
_SAFE = re.compile(r"(?:\d|\.|\+|-|\*|/|\(|\)| |sqrt|cbrt|abs)+")
_OPERATORS: dict[type, Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[[Number], Number]] = {
    "abs": lambda x: -x if x < 0 else x,
    "sqrt": lambda x: _root(x, 2),
    "cbrt": lambda x: _root(x, 3),
}


class Unanswerable(ValueError):
    """A sum that has no answer, or none that can be said; its text says why, as a sentence to speak."""


def answer(text: str) -> str | None:
    """A sentence with the result; None where the text is no sum."""
    given = asked(text)
    words = _EQUALS.sub("", _plain(given)).strip(" =?")
    if words != given and _TOGETHER.fullmatch(words):
        words = words.removesuffix(" together").replace(" and ", " plus ")
    if (share := _SHARE.fullmatch(words)) is not None:
        whole, part = share[1] or share[5] or share[7], share[2] or share[3] or share[4] or share[6]
        return _told(lambda: evaluate(f"{part}/{whole}*100"), "That is", " percent")
    words, unit = without_money(words)
    said = expression(words)
    if said is None:
        return None
    bare = not any(map(str.isalpha, words)) or "(" in words or _VERBS.match(words)
    begun = "That is" if bare else f"{first_upper(words)} is"
    return _told(lambda: evaluate(said), begun, unit, places=2 if unit else 4)


def value(text: str) -> Number | None:
    """The result of a sum or the number that the text is; None for anything else."""
    words, _ = without_money(_plain(asked(text)))
    plain = words if re.fullmatch(rf"-?{_NUMBER}", words) else expression(words)
    try:
        return evaluate(plain) if plain is not None else None
    except Unanswerable:
        return None


def expression(words: str) -> str | None:
    """A sum in words as one in signs, for `evaluate`; None where the words are no sum.

    words: as `wording.asked` gives them.
    """
    if len(words) > LONGEST:
        return None
    if (listed := _AVERAGE.fullmatch(words)) is not None and _LISTED.fullmatch(listed[1]):
        numbers = re.findall(_NUMBER, listed[1])
        return f"({'+'.join(numbers)})/{len(numbers)}"
    if (
        several := re.fullmatch(r"(?:add(?: up| together)?|(?:the )?(?:sum|total) of|sum) (.+)", words)
    ) and _LISTED.fullmatch(several[1]):
        return "+".join(re.findall(_NUMBER, several[1]))
    if len(steps := _STEPS.split(words)) > 1:
        return _chained(steps)
    words = re.sub(r"\b(\d+) (?:and )?(\d+/\d+)", r"(\1+\2)", words)
    if re.search(r"\d \d", words):
        return None  # 4 99: nobody knows whether that is a price, a year or a number
    said = re.sub(rf"(?<=to the )({'|'.join(_ORDINALS)})\b", lambda found: _ORDINALS[found[1]], words)
    said = re.sub(rf"\b{_PART}\b(?! of\b| \d| \()", lambda found: f"({_share(found)})", said)
    for _ in range(3):  # half of a third of a quarter
        said = re.sub(rf"\b{_PART}(?: of(?: an?| the)?)? (?=[\d(])", lambda found: f"({_share(found)})*", said)
    for pattern, instead in _RULES:
        said = pattern.sub(instead, said)
    said = said.replace(" ", "")
    if not _SAFE.fullmatch(said) or not re.search(r"[*/+]|(?<=[\d)])-|sqrt|cbrt|abs", said):
        return None
    return said if _parsed(said) is not None else None


def _plain(words: str) -> str:
    """Without what only asks for the result."""
    supposed = _SUPPOSED.fullmatch(words)
    return (supposed["sum"] or supposed["other"]) if supposed else _QUESTION.sub("", words, count=1)


def _chained(steps: Sequence[str]) -> str | None:
    """Steps that are said one after the other, each of them done to the result of those before."""
    first = re.sub(r"^(?:take|start with|begin with|think of) (?=[\d(.-]+$)", "", steps[0])
    made = first if re.fullmatch(_VALUE, first) else expression(first)
    for step in steps[1:]:
        found = _STEP.fullmatch(step)
        if made is None or found is None:
            return None
        operation, operand = found[1], found[2] or ""
        if operation in _ALONE:
            made = f"(({made}){_ALONE[operation]})" if not operand else None
            continue
        value = operand if re.fullmatch(_VALUE, operand) else expression(operand)
        sign = _SIGNS.get(operation) or ("*" if operation.startswith("multipl") else "/")
        made = None if value is None else f"(({made}){sign}({value}))"
    return made


def evaluate(said: str) -> Number:
    """The value of a sum in signs: numbers, + - * / **, brackets, sqrt, cbrt and abs; a fraction as long as it can be.

    Raises Unanswerable for one that divides by zero or is too large, or is none.
    """
    tree = _parsed(said)
    if tree is None:
        raise Unanswerable("I don't understand that sum.")
    try:
        return _value(tree)
    except ZeroDivisionError:
        raise Unanswerable("Nothing can be divided by zero.") from None
    except (OverflowError, ValueError) as error:
        raise Unanswerable(str(error) if isinstance(error, Unanswerable) else _TOO_LARGE) from None


_TOO_LARGE = "That number is too large for me."


def told(number: Number, places: int = 4) -> str:
    """A result to speak: whole, with so many places at most, or "about" so much."""
    if isinstance(number, float):
        number = Fraction(number).limit_denominator(10**9)
    if number.denominator == 1:
        size = len(str(abs(number.numerator)))
        if size <= 15:
            return f"{number.numerator:,}"
        head, _, power = f"{number.numerator:.2e}".partition("e")
        return f"about {head} times 10 to the power of {int(power)}"
    if 10**places % number.denominator == 0:
        return f"{float(number):,.{places}f}".rstrip("0")
    near = f"{float(number):,.2f}" if abs(number) >= 1 else f"{float(f'{float(number):.3g}'):f}"
    return f"about {near.rstrip('0').rstrip('.')}"


def exact(number: Number) -> str:
    """A result in digits, to go on reckoning with."""
    return (
        f"({number.numerator}/{number.denominator})"
        if isinstance(number, Fraction) and number.denominator != 1
        else (f"{number:.12g}" if isinstance(number, float) else str(number))
    )


def _told(work: Callable[[], Number], begun: str, after: str = "", places: int = 4) -> str:
    try:
        return f"{begun} {told(work(), places)}{after}."
    except Unanswerable as why:
        return str(why)


def without_money(words: str) -> tuple[str, str]:
    """The words without currencies, and what their result is in."""
    words = _COINS.sub(r"\1.\3 \2", words)
    found = {mark or word for mark, word in _MONEY.findall(words)}
    names = {_CURRENCIES.get(one, one if one.endswith("s") else f"{one}s") for one in found}
    return _MONEY.sub("", words), f" {names.pop()}" if len(names) == 1 else ""


def _share(found: re.Match[str]) -> str:
    many = found[1] if found[1] and found[1].isdigit() else "1"
    return f"{many}/{_DENOMINATORS[found[2]]}"


def first_upper(words: str) -> str:
    """As a sentence begins."""
    return words[:1].upper() + words[1:]


def _parsed(said: str) -> ast.expr | None:
    # "007" is no number to Python, and "2(3)" would be a call.
    said = re.sub(r"(?<![\d.])0+(?=\d)", "", said)
    said = re.sub(r"(?<=\d)(?=\()|(?<=\))(?=[\d(])", "*", said)
    try:
        return ast.parse(said, mode="eval").body if len(said) <= LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(inner))
    raise Unanswerable("I don't understand that sum.")


def _power(base: Number, exponent: Number) -> Number:
    if base and abs(float(exponent) * math.log10(abs(float(base)))) > LARGEST:
        raise Unanswerable(_TOO_LARGE)
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        return Fraction(base) ** int(exponent)
    if base < 0:
        raise Unanswerable("That root is not a real number.")
    return math.pow(base, exponent)


def _root(number: Number, degree: int) -> Number:
    if number < 0 and degree == 2:
        raise Unanswerable("A negative number has no real square root.")
    exact = Fraction(number)
    roots = [round(abs(part) ** (1 / degree)) for part in (exact.numerator, exact.denominator)]
    if roots[0] ** degree == abs(exact.numerator) and roots[1] ** degree == exact.denominator:
        return Fraction(roots[0], roots[1]) * (-1 if number < 0 else 1)
    return math.copysign(abs(float(number)) ** (1 / degree), float(number))
