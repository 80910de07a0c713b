"""In other languages: what is refused by their tables, and what only sounds like it and is the model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_agent.call.tools import limits
from local_agent.config.languages.table import FACTS

SENTENCES = Path(__file__).with_name("limits")  # a file a language: a line a sentence, below what is said to it


def _said(language: str) -> dict[str, list[str]]:
    parts = (SENTENCES / f"{language}.txt").read_text(encoding="utf-8").split("\n\n")
    return {lines[0].rstrip(":"): lines[1:] for lines in map(str.splitlines, parts)}


@pytest.mark.parametrize("language", sorted(file.stem for file in SENTENCES.iterdir()))
def test_in_other_languages_too(language: str) -> None:
    table, said = FACTS[language].refusals, _said(language)
    assert table is not None
    answers = {"cant": table.cant, "unknown": table.unknown, "unseen": table.unseen, "neither": None}
    wanted = {text: answer for kind, answer in answers.items() for text in said[kind]}
    answered = {text: limits.answer(text, language=language) for text in wanted}
    assert {text: one for text, one in answered.items() if one != wanted[text]} == {}
    assert not any(limits.answer(text, language=language, earlier=said["told"]) for text in said["unseen"])


def test_who_has_no_table_leaves_all_to_the_model_and_a_table_reads_its_own_language() -> None:
    assert limits.answer("Please call my mother.", language="is") is None
    assert limits.answer("Please call my mother.", language="de") is None
    assert limits.answer("Please call my mother.", language="auto") == limits.CANT
