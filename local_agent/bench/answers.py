"""How good the answers are: everyday questions with checkable answers, asked in writing as a caller would ask them.

Every dialogue is a conversation of its own, with the prompt, functions and sampling of a call.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json as jsons
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from local_agent.bench.questions import DIALOGUES, Question
from local_agent.bench.report import demand_writable, heading, save_json
from local_agent.call.tools.numerals import digits
from local_agent.call.written import Answer, Interview
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines

SEED = 1  # where the settings name none: the same questions get the same answers
MOST_WORDS = 60  # of an answer that is still a spoken one
_WRITTEN = re.compile(r"```|^\s*(?:[-*#|]|\d+\.) |</?\w+>|[{}]|\bdef \w+\(|\bprint\(|\\[(\[]", re.MULTILINE)
_CONTRACTED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "‑": "-", "–": "-"})


@dataclass(frozen=True)
class Scored:
    """right: the words are. called: as it should be; None where both will do. repeated: calls that were made again for
    the same question.
    """

    question: Question
    answer: Answer
    right: bool
    called: bool | None
    repeated: int


def plain(text: str) -> str:
    """An answer as the patterns want it: lower case, plain quotes, numbers as digits."""
    return digits(text.translate(_CONTRACTED).lower())


def facts(now: dt.datetime, name: str) -> dict[str, str]:
    """What the patterns' `<...>` stand for, as patterns. now: when it was asked. name: the agent's."""
    weekdays = [f"{now + dt.timedelta(day):%A}".lower() for day in range(7)]
    minutes = [now + dt.timedelta(minutes=minute) for minute in range(3)]  # an answer may take a while
    christmas = dt.date(now.year, 12, 25)
    if christmas < now.date():
        christmas = christmas.replace(year=now.year + 1)
    return {
        "weekday": weekdays[0],
        "other_weekdays": "|".join(weekdays[1:]),
        "time": "|".join(f"{hour}[: ]{then:%M}" for then in minutes for hour in (then.hour, then.hour % 12 or 12)),
        "christmas": str((christmas - now.date()).days),
        "next_year": str(now.year + 1),
        "name": re.escape(name.lower()),
    }


def judged(question: Question, answer: Answer, known: dict[str, str]) -> Scored:
    """Whether an answer is right, and its calls. known: of `facts`, when it was asked."""
    words = plain(answer.text)
    spoken = bool(words) and answer.words <= MOST_WORDS and not _WRITTEN.search(answer.text)
    found = re.search(_filled(question.right, known), words) is not None
    spoiled = question.wrong and re.search(_filled(question.wrong, known), words) is not None
    names = [name for name, _ in answer.calls]
    called = None if question.call is None else names == ([question.call] if question.call else [])
    made = [jsons.dumps(call, sort_keys=True) for call in answer.calls]
    return Scored(question, answer, spoken and found and not spoiled, called, len(made) - len(set(made)))


def _filled(pattern: str, known: dict[str, str]) -> str:
    return re.sub(rf"<({'|'.join(known)})>", lambda found: known[found[1]], pattern)


async def interview(
    settings: Settings,
    engines: Engines,
    dialogues: Sequence[Sequence[Question]] = DIALOGUES,
    tell: Callable[[str], object] = lambda _: None,
) -> list[Scored]:
    """Ask everything. tell: hears each question. Raises LocalAgentError when the model does not load."""
    scored = []
    for dialogue in dialogues:
        async with Interview(settings, engines) as asking:
            for question in dialogue:
                tell(question.text)
                now = dt.datetime.now().astimezone()
                scored.append(judged(question, await asking.ask(question.text), facts(now, settings.name)))
    return scored


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """points: right answers. right_calls, no_calls: as they should be. Times in seconds, to the first clause."""
    waits = [one.answer.first_clause_s for one in scored if one.answer.first_clause_s is not None]
    needed = [one for one in scored if one.question.call]
    needless = [one for one in scored if one.question.call == ""]
    return {
        "questions": len(scored),
        "points": sum(one.right for one in scored),
        "calls_needed": len(needed),
        "right_calls": sum(bool(one.called) for one in needed),
        "calls_needless": len(needless),
        "no_calls": sum(bool(one.called) for one in needless),
        "repeated_calls": sum(one.repeated for one in scored),
        "first_clause_p50_s": _quantile(waits, 0.5),
        "first_clause_p95_s": _quantile(waits, 0.95),
        "words_p50": _quantile([one.answer.words for one in scored], 0.5),
    }


def run(settings: Settings, json: Path | None, *, show: bool = False) -> None:
    """Ask, print, and write the figures where a file is named. show: print every answer. Raises LocalAgentError."""
    demand_writable(json)
    engines = Engines(settings if settings.seed >= 0 else settings.model_copy(update={"seed": SEED}))
    try:
        engines.demand("llama")
        with Console(stderr=True).status("loading") as status:
            scored = asyncio.run(interview(engines.settings, engines, tell=status.update))
        found = summary(scored)
        model = engines.name("llama")
    finally:
        engines.close()
    screen = Console()
    if show:
        screen.print(_answers(scored))
    screen.print(table(found, model))
    told = [_facts(one) for one in scored]
    save_json(json, heading() | {"answers": {"model": model, **found, "seed": engines.settings.seed, "each": told}})


def table(found: dict[str, Any], model: str) -> Table:
    """The report for the screen."""
    shown = Table(title=f"Answers of {model}")
    shown.add_column("")
    shown.add_column("", justify="right")
    shown.add_row("points", f"{found['points']} of {found['questions']} ({found['points'] / found['questions']:.0%})")
    shown.add_row("right calls", f"{found['right_calls']} of {found['calls_needed']}")
    shown.add_row("no call where none is needed", f"{found['no_calls']} of {found['calls_needless']}")
    shown.add_row("calls made again", str(found["repeated_calls"]))
    for label, key in (("first clause, p50", "first_clause_p50_s"), ("first clause, p95", "first_clause_p95_s")):
        shown.add_row(label, "-" if found[key] is None else f"{found[key]:.2f} s")
    shown.add_row("words, median", "-" if found["words_p50"] is None else f"{found['words_p50']:.0f}")
    return shown


def _answers(scored: Sequence[Scored]) -> Table:
    shown = Table("", "question", "answer", "calls", "s")
    for one in scored:
        mark = "right" if one.right else "wrong"
        calls = ", ".join(name for name, _ in one.answer.calls) + ("" if one.called in (None, True) else " !")
        waited = one.answer.first_clause_s
        said = one.answer.text or one.answer.fault
        shown.add_row(mark, one.question.text, said, calls, "-" if waited is None else f"{waited:.2f}")
    return shown


def _facts(one: Scored) -> dict[str, Any]:
    waited = one.answer.first_clause_s
    return {
        "question": one.question.text,
        "answer": one.answer.text,
        "right": one.right,
        "calls": [{"name": name, "arguments": given} for name, given in one.answer.calls],
        "called_right": one.called,
        "first_clause_s": None if waited is None else round(waited, 3),
        "words": one.answer.words,
        **({"fault": one.answer.fault} if one.answer.fault else {}),
    }


def _quantile(values: Sequence[float], share: float) -> float | None:
    return round(float(np.quantile(values, share)), 3) if values else None
