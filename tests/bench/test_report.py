from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from local_agent.bench import report
from local_agent.bench.report import OURS, Outcome
from local_agent.bench.statistics import Turn
from local_agent.bench.waterfall import LABELS, STAGES, TRANSPORT
from local_agent.errors import BadInput
from local_agent.turns.timeline import Mark

TURNS = (
    Turn(OURS, 0, 1, "a.wav", 100.0, 102.0, 102.5, "good morning", "Good morning.", "Hello."),
    Turn("naive", 0, 1, "a.wav", 110.0, 112.0, 114.0, "good morning", "Good warning.", "Hello."),
    Turn(OURS, 0, 2, "b.wav", 120.0, 122.0, None),
)
MARKS = {OURS: [Mark("silence", 102.2), Mark("voice", 102.4)], "naive": [Mark("silence", 112.5)]}
ONE = Outcome(TURNS, MARKS, "clips", callers=1)


def shown(table: Table | None) -> str:
    screen = Console(width=200, record=True, file=io.StringIO())
    screen.print(table)
    return screen.export_text()


def test_both_stacks_stand_side_by_side() -> None:
    table = shown(report.waits(ONE))
    p50 = next(line for line in table.splitlines() if "p50" in line)
    assert "0.500 s" in p50
    assert "2.000 s" in p50
    assert "4.0 x" in p50
    assert "25.0%" not in table
    assert "50.0%" in table


def test_the_waterfall_has_the_stages_that_took_time() -> None:
    table = shown(report.waterfall(ONE))
    assert LABELS["silence"] in table
    assert TRANSPORT in table
    assert LABELS["transcript"] not in table


def test_with_several_callers_nobody_knows_whose_marks_they_are() -> None:
    several = replace(ONE, callers=2)
    assert report.waterfall(several) is None
    assert report.facts(several)["stacks"][OURS]["waterfall"] == {"mean": {}, "median": {}}


def test_the_processes_of_a_program_are_told_with_their_memory() -> None:
    weighed = replace(ONE, jobs="process", memory={71: (249_000_000, 298_400_000)})
    assert report.memory(weighed) == ["process 71: 249 MB that no other shares, 298 MB behind the turns"]
    assert (report.facts(weighed)["jobs"], report.facts(weighed)["memory_mb"]) == ("process", [[249.0, 298.4]])
    assert report.memory(ONE) == []


def test_facts_are_json_with_machine_and_command(tmp_path: Path) -> None:
    report.save_json(tmp_path / "out.json", report.facts(ONE))
    told = json.loads((tmp_path / "out.json").read_text())
    assert {"version", "date", "machine", "command", "clips", "callers", "stacks", "ratios"} == set(told)
    assert told["machine"]["cores"] >= 1
    assert told["ratios"] == {"naive": {"p50": 4.0, "p95": 4.0}}
    ours = told["stacks"][OURS]
    assert ours["summary"]["missed"] == 1
    assert [turn["wait_s"] for turn in ours["turns"]] == [0.5, None]
    assert list(ours["turns"][0]["parts"]) == list(STAGES)
    assert sum(ours["turns"][0]["parts"].values()) == pytest.approx(0.5, abs=1e-3)
    assert "parts" not in ours["turns"][1]


def test_the_picture_tells_whose_turns_they_are() -> None:
    drawn = report.picture(ONE)
    assert "p50 0.500 s" in drawn
    assert ">a (naive)<" in drawn
    assert ">local_agent, mean<" in drawn


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be written"):
        report.save_json(tmp_path / "nowhere" / "out.json", {})
    for path in (tmp_path, tmp_path / "nowhere" / "out.json"):
        with pytest.raises(BadInput, match="can't be written"):
            report.demand_writable(None, path)
    report.demand_writable(tmp_path / "out.json")
