"""After set-up, `make start` sends nothing, however often it is typed: the same method as the proof's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.setup.place import here
from scripts.setup.plan import chosen_gpu, steps
from scripts.setup.step import is_done
from tests.prove.provekit import need_namespaces
from tests.prove.starts import READY

ROOT = Path(__file__).resolve().parents[2]
TIMES = 2
STEP = re.compile(r"^\[\d+/\d+\] ", re.MULTILINE)  # how set-up begins to tell of one


@pytest.mark.timeout(300)
def test_no_packet_leaves_after_set_up(tmp_path: Path) -> None:
    need_namespaces()
    if not (ROOT / ".venv" / ".setup").is_dir():
        pytest.skip("this checkout was not set up by make")
    place = here(chosen_gpu(here(), None))
    undone = [step.name for step in steps(place, development=False, profile="starter") if not is_done(step, place)]
    assert undone == [], "make test sets up first"
    command = [sys.executable, "-m", "tests.prove.starts", str(ROOT), str(tmp_path), str(TIMES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["departures"] == []
    assert all(one["dns"] and one["tcp"] and one["named"] for one in told["controls"]), told["controls"]
    assert len(told["printed"]) == TIMES
    for printed in told["printed"]:
        assert READY in printed and not STEP.search(printed), printed
