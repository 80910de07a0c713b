"""A check never brings the doctor down: it crashes, hangs and depends on others, and stays one row of the table."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from local_agent.doctor import report
from local_agent.doctor.check import Check, Finding, check, fails, ok
from local_agent.doctor.context import Case
from local_agent.errors import ConfigError
from tests.doctor.doctorkit import ask, case


@check("good")
def good(_: Case) -> Finding:
    return ok("all is well")


@check("crashing")
def crashing(_: Case) -> Finding:
    raise ZeroDivisionError("by nothing")


@check("complaining")
async def complaining(_: Case) -> Finding:
    raise ConfigError("the sky is green", expected="blue", fix="look again")


@check("needy", needs=("crashing",))
def needy(_: Case) -> Finding:
    return ok("reached")


@check("asking", asks=True)
async def asking(_: Case) -> Finding:
    return ok("asked")


def test_a_crash_is_a_failing_finding_that_names_the_check(tmp_path: Path) -> None:
    found = ask(crashing, case(tmp_path))
    assert (found.what, found.status) == ("crashing", "fails")
    assert "crashing" in found.found
    assert "ZeroDivisionError: by nothing" in found.found


def test_an_error_of_ours_keeps_its_three_parts(tmp_path: Path) -> None:
    found = ask(complaining, case(tmp_path))
    assert found == Finding("complaining", "fails", "the sky is green; expected blue", "look again")


@pytest.mark.parametrize("is_async", [True, False])
def test_a_check_that_hangs_ends_at_its_limit(tmp_path: Path, is_async: bool) -> None:
    stuck = threading.Event()

    async def hang(_: Case) -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    def hang_in_thread(_: Case) -> Finding:
        stuck.wait()
        raise AssertionError

    try:
        found = ask(Check("slow", hang if is_async else hang_in_thread, seconds=0.05), case(tmp_path))
    finally:
        stuck.set()
    assert found.status == "fails"
    assert "within 0.05 s" in found.found


def test_a_check_is_skipped_where_what_it_needs_failed(tmp_path: Path) -> None:
    found = ask(needy, case(tmp_path, failed={"crashing"}))
    assert found == Finding("needy", "skipped", "needs crashing")
    assert ask(needy, case(tmp_path)).found == "reached"


def test_quick_leaves_servers_alone(tmp_path: Path) -> None:
    assert ask(asking, case(tmp_path, quick=True)).status == "skipped"
    assert ask(asking, case(tmp_path)).status == "ok"


def run(
    checks: tuple[Check, ...],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    as_json: bool = True,
    verbose: bool = False,
) -> tuple[int, bool]:
    """(exit status, whether what was started ended)."""
    monkeypatch.setattr(report, "ROOMS", (("room", checks),))
    patient, ended = case(folder), []
    patient.stack.callback(ended.append, True)
    return report.run(patient, as_json=as_json, verbose=verbose), bool(ended)


def test_exit_status_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run((good,), tmp_path, monkeypatch) == (0, True)
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert run((good, crashing, needy), tmp_path, monkeypatch) == (1, True)
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert [(row["what"], row["status"]) for row in told["findings"]] == [
        ("good", "ok"), ("crashing", "fails"), ("needy", "skipped"),
    ]  # fmt: skip
    assert set(told["findings"][0]) == {"what", "status", "found", "fix"}


def test_what_is_wrong_is_shown_first_and_what_is_well_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Check("bracketed", lambda _: fails("[bold] is no markup here", "turn [it] off"))
    assert run((good, bad), tmp_path, monkeypatch, as_json=False)[0] == 1
    shown = capsys.readouterr().out
    assert shown.startswith("fails bracketed: [bold] is no markup here\nfix: turn [it] off\n")
    assert "room: 1 ok, 1 fails" in shown and "good" not in shown
    run((good, bad), tmp_path, monkeypatch, as_json=False, verbose=True)
    shown = capsys.readouterr().out
    for words in ("good", "ok", "all is well", "bracketed", "fails", "[bold] is no markup here"):
        assert words in shown
    assert run((good,), tmp_path, monkeypatch, as_json=False)[0] == 0
    assert capsys.readouterr().out.startswith("nothing is wrong in what was looked at\n\nroom: 1 ok\n")
