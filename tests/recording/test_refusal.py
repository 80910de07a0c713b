"""`start --record` begins with a key that is safe, or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local_agent.recording import encrypted_file
from tests.calls.conftest import surroundings


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_start_refuses_a_key_that_others_may_read(tmp_path: Path, mode: int) -> None:
    key = tmp_path / "some.key"
    encrypted_file.own_key(key)
    key.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-m", "local_agent", "start", "--record", str(tmp_path / "calls")],
        cwd=tmp_path,
        env=surroundings(tmp_path / "models", LOCAL_AGENT_RECORD_KEY=str(key)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if str(key) in line)  # the models are missing, too
    assert f"mode {mode:04o}" in line and "0600" in line and f"chmod 600 {key}" in line
    assert list((tmp_path / "calls").iterdir()) == []
