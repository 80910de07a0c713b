"""Whatever the product says by itself is there in each language, and stands nowhere but in config/languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import local_agent
from local_agent.config.languages import en
from local_agent.config.languages.table import FACTS

LANGUAGES = ("de", "fr", "es", "it", "pt", "nl")
# Parts of what is known of a language that hold what is said: to callers, or to models of where they are.
SPOKEN = ("phrases", "forgetting", "recording", "timing", "situation")
NOT_EVERYWHERE = {"timing.single"}  # "5-minute timer", where others say "timer of 5 minutes"
ALIKE = {("fr", "minute"), ("fr", "minutes")}
PACKAGE = Path(local_agent.__file__).parent
# Where sentences are said, or might be.
TALKING = ("call", "config", "engines", "plugins", "recording", "turns")
# English by nature, and why that is said to nobody else.
ENGLISH = {
    "call/answer_times.py": "shown on the page",
    "call/tools": "read and answered in English; in another language the model tells it, or those of TRANSLATED answer",
    "config/languages": "a file a language",
    "config/settings.py": "what settings mean",
    "config/small_model.py": "shown to a model that speaks English",
    "engines/llama/json_grammar.py": "a grammar",
    "engines/llama/speed.py": "what is read to measure a model",
    "engines/llama/tool_prompt.py": "shown to a model, to tell how calls are written",
    "plugins/llama_options.py": "told to a model",
}
TRANSLATED = {f"call/tools/{name}.py" for name in ("by_table", "timers", "toolkit")}
# A capital, some words, and the mark of a sentence; or such a mark within.
SENTENCE = re.compile(r"\A\W*[A-Z{][\w',{}\"-]*( [\w',{}\"-]+)+[.?!](\W.*)?\Z|[a-z]{2,}[.?!] [A-Z][a-z' ]+", re.DOTALL)


def texts(known: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All strings of facts, by where they stand."""
    names = known._fields if hasattr(known, "_fields") else [one.name for one in fields(known)]
    for name in names:
        value, at = getattr(known, name), f"{path}.{name}".lstrip(".")
        if isinstance(value, str):
            yield at, value
        elif isinstance(value, tuple):
            flat = [text for part in value for text in (part if isinstance(part, tuple) else (part,))]
            yield from ((f"{at}.{index}", text) for index, text in enumerate(flat))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_there_in_each_language(language: str) -> None:
    wrong = []
    for part in SPOKEN:
        known, english = getattr(FACTS[language], part), getattr(en.FACTS, part)
        assert known is not None, f"{language} has no {part}"
        assert is_dataclass(known) or hasattr(known, "_fields")
        own = dict(texts(known, part))
        for at, text in texts(english, part):
            said = own.get(at, "")
            if at in NOT_EVERYWHERE:
                continue
            if not said or (said == text and (language, text) not in ALIKE):
                wrong.append(f"{at} is {said!r}")
            elif part in ("timing", "situation") and placeholders(said) != placeholders(text):
                wrong.append(f"{at} fills in other things: {said!r}")
    only_code = FACTS[language].writing.only_code
    assert wrong == [] and only_code and only_code != en.FACTS.writing.only_code
    assert FACTS[language].requests is not None


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", text))


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """English sentences that stand in a program, with their lines: not those of docstrings, errors and logs."""
    tree = ast.parse(source)
    passed = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        told = isinstance(node, ast.Call) and re.match(
            r"logger\.|re\.|.*(?:Error|Input|Missing)$", ast.unparse(node.func)
        )
        if isinstance(node, ast.Raise) or told:
            passed |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            passed |= {id(inner) for inner in ast.walk(node)}
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if SENTENCE.search(text) and len(re.findall(r"[^\W\d]{2,}", text)) > 1:
            yield node.lineno, text


def test_no_sentence_stands_elsewhere() -> None:
    """Who adds one writes it into each language's file, or here why nobody hears it in another language."""
    found = [
        f"{name}:{line}: {text}"
        for part in TALKING
        for path in sorted((PACKAGE / part).rglob("*.py"))
        if (name := str(path.relative_to(PACKAGE))) in TRANSLATED or not name.startswith(tuple(ENGLISH))
        for line, text in sentences(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_such_a_sentence_would_be_found() -> None:
    program = '''
"""It says nothing. Nobody hears it."""
def f(session, name):
    """Says it."""
    session.say("The timer is over.")
    session.say(f"Hello {name}, how are you?")
    logger.info("The call is over. It was long.")
    raise ConfigError("The file is gone.", fix="Make a new one.")
    return "5 is more", "That is it. Good bye"
'''
    assert [text for _, text in sentences(program)] == [
        "The timer is over.", "Hello {}, how are you?", "That is it. Good bye"
    ]  # fmt: skip
    assert {*ENGLISH, *TRANSLATED} <= {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*")}
