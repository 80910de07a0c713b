"""`ask`: a question in writing, answered as in a call."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from local_agent.cli import ask
from local_agent.config.settings import Settings
from local_agent.errors import BadInput, WeightsMissing
from tests.cli.test_console import OnlyLlama, Parrot


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> Parrot:
    bird = Parrot()

    def engines(settings: Settings) -> Any:
        made: Any = OnlyLlama(settings, bird)
        made.close = lambda: None
        return made

    monkeypatch.setattr(ask, "Engines", engines)
    return bird


def test_the_answer_alone_is_printed(parrot: Parrot, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask.run(Settings(), ["Hello there"], as_json=False) == 0
    assert capsys.readouterr().out == "Hello there\n"
    assert [role for role, _ in parrot.asked[0]] == ["system", "assistant", "user"], "as in a call, with its greeting"


def test_several_questions_are_one_conversation_and_a_line_of_json_each(
    parrot: Parrot, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask.run(Settings(), ["What is 17 times 23?", "Hello"], as_json=True) == 0
    first, then = map(json.loads, capsys.readouterr().out.splitlines())
    assert first.keys() == then.keys() == {"question", "answer", "calls", "first_clause_s", "words", "model"}
    assert first["answer"] == "17 times 23 is 391." and first["words"] == 5 and first["first_clause_s"] >= 0
    assert first["calls"] == [{"name": "calculate", "arguments": {"question": "What is 17 times 23?"}}]
    assert (then["answer"], then["calls"], then["model"]) == ("Hello", [], "parrot")
    assert len(parrot.asked) == 1 and "17 times 23 is 391." in str(parrot.asked[0])


def test_questions_come_through_a_pipe(
    parrot: Parrot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("one more\n\nand another\n"))
    assert ask.run(Settings(), ["-"], as_json=False) == 0
    assert capsys.readouterr().out == "one more\nand another\n"


def test_what_goes_wrong_is_one_line_and_an_exit_status(parrot: Parrot, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask.run(Settings(), ["fail"], as_json=True) == 1
    shown = capsys.readouterr()
    assert "the model broke" in json.loads(shown.out)["fault"]
    assert shown.err.startswith("local_agent: ") and len(shown.err.splitlines()) == 1 and "mend it" in shown.err


@pytest.mark.parametrize("texts", [[""], ["  ", "\n"]])
def test_nothing_is_no_question(texts: list[str]) -> None:
    with pytest.raises(BadInput, match="nothing to answer"):
        ask.run(Settings(), texts, as_json=False)


def test_a_model_that_is_not_there_is_said_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def engines(settings: Settings) -> Any:
        made: Any = OnlyLlama(settings, WeightsMissing("the model is not here"))
        made.close = lambda: None
        return made

    monkeypatch.setattr(ask, "Engines", engines)
    with pytest.raises(WeightsMissing, match="not here"):
        ask.run(Settings(), ["Hello"], as_json=False)
