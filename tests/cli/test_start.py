"""What `start` says before it serves anybody."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from local_agent.cli import start
from local_agent.cli.options import persona
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError
from local_agent.hardware.plan import Line, plan
from local_agent.hardware.probe import GIB, Hardware
from local_agent.isolation import seal
from local_agent.isolation.kernel_filter import Way
from local_agent.process.logs import Screen
from local_agent.weights.catalogue import CATALOGUE, PROFILES


@pytest.mark.parametrize(
    ("url", "level", "words"),
    [
        ("ws://127.0.0.1:7880", logging.INFO, "stays on the machine"),
        ("ws://localhost:7880", logging.INFO, "stays on the machine"),
        ("ws://[::1]:7880", logging.INFO, "stays on the machine"),
        ("ws://192.168.1.5:7880", logging.WARNING, "goes to the LiveKit server 192.168.1.5"),
        ("wss://calls.example.com", logging.WARNING, "goes to the LiveKit server calls.example.com"),
    ],
)
def test_only_a_server_that_is_not_this_machine_is_warned_of(
    caplog: pytest.LogCaptureFixture, url: str, level: int, words: str
) -> None:
    with caplog.at_level(logging.INFO):
        start.tell_destination(url)
    (told,) = caplog.records
    assert told.levelno == level and words in told.getMessage() and url in told.getMessage()


@pytest.mark.parametrize(
    ("published", "way", "warned"),
    [(True, Way.OPEN, True), (True, Way.DENIED, False), (True, Way.NONE, False), (False, Way.OPEN, False)],
)
def test_published_without_the_filter_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, published: bool, way: Way, warned: bool
) -> None:
    monkeypatch.setattr(start.asyncio, "run", lambda serving: serving.close())  # nothing is served
    monkeypatch.setattr(start, "log_to_screen", lambda *_: Screen())  # it would take the handler of this test away
    monkeypatch.setattr(seal, "state", lambda: seal.State(True, way))
    with caplog.at_level(logging.WARNING):
        assert start.run(Settings(published=published)) == 0
    assert bool(caplog.messages) is warned
    if warned:
        (line,) = caplog.messages
        for words in (
            "LOCAL_AGENT_PUBLISHED",
            "expected",
            "fix:",
            "container.hook.json",
            "local_agent.network=answers",
        ):
            assert words in line
        assert "\n" not in line


def test_a_plan_in_short_names_the_models_the_calls_and_what_to_decide() -> None:
    made = plan(Settings(profile="starter"), Hardware(cores=4, memory=8 * GIB, memory_free=6 * GIB))
    told = start.in_short(made)
    for words in ("Hears with", "whisper-tiny.en", "smollm2-135m-instruct", "piper-en_US-joe-medium", "the processor"):
        assert words in told
    asked = replace(made, lines=(Line("threads", "1/2/2", "as ever"), Line("GPU", "none", "it did not load", True)))
    short = start.in_short(asked)
    assert "GPU none: it did not load" in short and "as ever" not in short
    assert "as ever" in start.plan_lines(asked)


def test_what_is_better_and_to_be_had_here_is_told_in_short_also_where_it_lies_on_disk() -> None:
    machine = Hardware(cores=2, memory=8 * GIB, memory_free=6 * GIB, cpu_flags=frozenset({"avx512_vnni"}))
    everything = frozenset(CATALOGUE)
    for there in (frozenset(PROFILES["starter"].models), everything):
        told = start.in_short(plan(Settings(profile="starter"), machine, there)).splitlines()
        assert [line for line in told if line.startswith("better medium: this machine carries it")], told
    assert "better" not in start.in_short(plan(Settings(), machine, everything)), "of another machine"


def test_a_persona_is_words_or_a_file_that_holds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("desk.md").write_text("You are the front desk.\n")
    assert persona("desk.md") == "You are the front desk."
    assert persona("You answer in one sentence.") == "You answer in one sentence."
    with pytest.raises(ConfigError, match=r"--persona gone\.txt can't be read.*; expected .*; fix: "):
        persona("gone.txt")
    with pytest.raises(ConfigError, match=r"--persona is empty; expected .*; fix: "):
        persona(" ")
    Path("sound.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="it is not text in UTF-8"):
        persona("sound.txt")
