"""The programs for a machine that has nothing, gathered by set-up out of the checkout that made this installation."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from local_agent.bundle.target import Target, here
from local_agent.errors import ConfigError, InstallFailed

_ROOT = Path(__file__).resolve().parents[2]
_BUILT = "import llama_cpp; print(llama_cpp.llama_print_system_info().decode())"
_PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Programs:
    """folder: with wheels/ and bin/livekit-server. target: where they run."""

    folder: Path
    target: Target


def gather(folder: Path) -> Programs:
    """Bring the wheels and livekit-server into `folder`. Uses the network: pip fetches the pinned packages anew.

    Raises ConfigError where there is no checkout, InstallFailed when set-up could not bring them.
    """
    if not (_ROOT / "scripts" / "setup" / "programs.py").is_file() or not (_ROOT / "requirements").is_dir():
        raise ConfigError(
            "programs can only be bundled from a checkout of local_agent, with its pinned requirements",
            fix="git clone it, make setup, then ./local-agent bundle --with-programs there",
        )
    done = subprocess.run([sys.executable, "-m", "scripts.setup.programs", str(folder)], cwd=_ROOT, check=False)
    if done.returncode != 0:
        raise InstallFailed("the programs could not be gathered", fix="see the lines above")
    return Programs(folder, replace(here(), cpu=built_for()))


def built_for() -> tuple[str, ...]:
    """Flags of /proc/cpuinfo that the installed llama.cpp was compiled for. It is asked in a process of its own, which
    may load what ours must not.
    """
    from local_agent.doctor.machine import FLAGS

    done = subprocess.run(
        [sys.executable, "-c", _BUILT], capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    if done.returncode != 0:
        raise InstallFailed("llama.cpp does not load here", fix="python -m local_agent doctor")
    built = set(re.findall(r"(\w+) = 1", done.stdout))
    return tuple(sorted(flag for name, flag in FLAGS.items() if name in built))
