"""`console`: typing against a model that is played, and whole processes with the starter weights."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest

from local_agent.cli import console_text
from local_agent.config.settings import GREETING, Settings
from local_agent.engines.inference_thread import Job
from local_agent.engines.llama.types import Completion, Sampling
from local_agent.engines.registry import Engines
from local_agent.errors import EngineCancelled, EngineError, WeightsMissing
from local_agent.hardware.plan import Hardware, plan

ROOT = Path(__file__).resolve().parents[2]
HUNG = 100  # s


class Parrot:
    """A language model that repeats the last message word by word; "fail" fails, "hang" waits for its cancellation."""

    own_calls = False
    blind = "it is a fake"

    def __init__(self) -> None:
        self.asked: list[list[tuple[str, str]]] = []
        self.jobs: list[Job[Completion]] = []
        self.forgotten: list[str] = []

    def looked(self, messages: Sequence[Any]) -> bool:
        return True

    def fit(self, messages: Sequence[Any], _: object) -> list[Any]:
        return list(messages)

    def fits(self, messages: Sequence[Any], _: object) -> bool:
        return True

    def count(self, messages: Sequence[Any], **_: object) -> int:
        return len(messages)

    def prefill(self, messages: Sequence[Any], **_: object) -> Job[None]:
        job: Job[None] = Job()
        job.finish(None)
        return job

    def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)

    def generate(self, messages: Sequence[Any], *, on_text: Callable[[str], None], **_: object) -> Job[Completion]:
        self.asked.append([(message["role"], str(message.get("content") or "")) for message in messages])
        question = self.asked[-1][-1][1]
        job: Job[Completion] = Job()
        self.jobs.append(job)
        if question == "hang":
            signal.raise_signal(signal.SIGINT)
        elif question == "fail":
            job.fail(EngineError("the model broke", fix="mend it"))
        else:
            for word in question.split():
                on_text(word + " ")
            job.finish(Completion(question, "stop", 1, 0, 1, 0.0, 0.0, 0.0, 0.0))
        return job


class OnlyLlama:
    """Engines without ears and voice: whoever asks for them gets an AttributeError."""

    def __init__(self, settings: Settings, parrot: Parrot | WeightsMissing) -> None:
        self.settings, self._future = settings, Future[Parrot]()
        self.plan = plan(Settings(llm_model="parrot.gguf"), Hardware(2, 8 << 30, 8 << 30))
        self.suits = self.demand = lambda *_, **__: None
        if isinstance(parrot, Parrot):
            self._future.set_result(parrot)
        else:
            self._future.set_exception(parrot)

    def llama(self, model: str | None = None) -> Future[Parrot]:
        return self._future

    def name(self, engine: str, model: str | None = None) -> str:
        return "parrot"

    def sampling(self) -> Sampling:
        return Sampling()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def converse(lines: io.StringIO, parrot: Parrot | WeightsMissing) -> tuple[int, str, str]:
    settings = Settings()
    out, notices = io.StringIO(), io.StringIO()
    engines = cast(Engines, OnlyLlama(settings, parrot))
    return console_text.converse(settings, engines, lines, out, notices), out.getvalue(), notices.getvalue()


def test_each_line_is_answered_and_the_end_of_input_ends_it() -> None:
    parrot = Parrot()
    status, out, notices = converse(io.StringIO("hello there\n\n   \nand again"), parrot)
    assert (status, notices) == (0, "")
    assert [line.strip() for line in out.splitlines()] == ["hello there", "and again"]
    assert len(parrot.forgotten) == 1


@pytest.mark.parametrize("word", ["/quit", "/QUIT ", "/exit", "/bye"])
def test_quit_ends_it_and_is_no_message(word: str) -> None:
    parrot = Parrot()
    status, out, notices = converse(io.StringIO(f"hello\n{word}\nnever said\n"), parrot)
    assert (status, out.strip(), notices) == (0, "hello", "")
    assert len(parrot.asked) == 1


def test_help_and_what_is_mistyped_are_answered_here() -> None:
    parrot = Parrot()
    status, out, notices = converse(io.StringIO("/help\n/quti\n/etc/hosts is a file\n"), parrot)
    assert status == 0 and out.split() == ["/etc/hosts", "is", "a", "file"]
    assert all(word in notices for word in ("/help", "/forget everything", "/quit"))
    assert "there is no command /quti" in notices and len(parrot.asked) == 1


def test_what_is_forgotten_at_a_word_is_not_told_again() -> None:
    parrot = Parrot()
    _, out, _ = converse(io.StringIO("one\n/forget everything\ntwo\n/forget\nthree\n"), parrot)
    assert [text.strip() for _, text in parrot.asked[-1][1:]] == ["three"]
    assert "forgotten everything" in out and "forgotten that" in out
    assert len(parrot.forgotten) == 3, "by the model, too: at each command, and at the end"


def test_no_input_at_all() -> None:
    assert converse(io.StringIO(""), Parrot()) == (0, "", "")


def test_the_history_is_kept() -> None:
    parrot = Parrot()
    converse(io.StringIO("one\ntwo\n"), parrot)
    roles = [role for role, _ in parrot.asked[1]]
    assert roles == ["system", "user", "assistant", "user"]
    assert [text.strip() for _, text in parrot.asked[1][1:]] == ["one", "one", "two"]


def test_a_failing_model_is_one_line_and_the_conversation_goes_on() -> None:
    status, out, notices = converse(io.StringIO("fail\nstill there\n"), Parrot())
    assert status == 0
    assert [line.strip() for line in out.splitlines() if line.strip()] == ["fail still there"], (
        "both messages wait for an answer"
    )
    assert len(notices.splitlines()) == 1
    assert "the model broke" in notices
    assert "fix: mend it" in notices


def test_a_model_that_does_not_load_is_the_persons_to_see() -> None:
    with pytest.raises(WeightsMissing, match="not here"):
        converse(io.StringIO("hello\n"), WeightsMissing("the model is not here"))


def test_a_person_is_greeted_and_prompted(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = iter(["hello"])

    def typed(prompt: str) -> str:
        assert prompt == console_text.YOU
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    status, out, notices = converse(Terminal(), Parrot())
    assert (status, notices) == (0, "")
    assert [line.strip() for line in out.splitlines()] == [console_text.AGENT + GREETING, console_text.AGENT + "hello"]


def test_ctrl_c_stops_an_answer_and_then_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    parrot = Parrot()
    lines = iter(["hang", "hello"])

    def typed(prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("builtins.input", typed)
    status, out, notices = converse(Terminal(), parrot)
    assert status == 0
    assert parrot.jobs[0].stopping
    assert not isinstance(parrot.jobs[1].exception(), EngineCancelled)
    assert out.splitlines()[-1].strip() == console_text.AGENT + "hang hello"  # the message that was not answered counts
    assert notices == "local_agent: stopped\n"


def console(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "local_agent", "console", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.timeout(240)
def test_a_question_through_a_pipe(starter: object) -> None:
    process = console("--text")
    out, error = process.communicate("What is the capital of France?\n", timeout=2 * HUNG)
    assert process.returncode == 0, error
    assert len(out.split()) >= 2
    assert "Traceback" not in error


@pytest.mark.parametrize(("fault", "words"), [("library", "PortAudio"), ("devices", "no microphone")])
def test_a_machine_without_sound_gets_one_line(fault: str, words: str) -> None:
    process = console(PYTHONPATH=str(Path(__file__).parents[1] / "card"), FAKE_CARD_FAULT=fault)
    out, error = process.communicate(timeout=HUNG)
    assert process.returncode == 1
    assert out == ""
    assert len(error.splitlines()) == 1
    assert words in error
    assert "console --text" in error
