"""The `bundle` command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from local_agent.bundle.build import make
from local_agent.bundle.installer import INTERRUPTED
from local_agent.bundle.target import spoken
from local_agent.errors import LocalAgentError
from local_agent.weights.download import chosen
from local_agent.weights.progress import megabytes, watcher


def bundle_command(
    names: Sequence[str], profile: str | None, models_dir: Path, output: Path, *, programs: bool = False
) -> int:
    """Make a bundle, print what is in it and its digests, and return the exit status: 0, 1 with one line, 130."""
    try:
        entries = chosen(names, profile)
        with watcher() as display:
            made = make(entries, models_dir, output, programs=programs, progress=display)
    except LocalAgentError as error:
        print(f"local_agent: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; no bundle was written", file=sys.stderr)
        return INTERRUPTED
    for entry in entries:
        print(f"{entry.name}: {megabytes(entry.size)}, {entry.licence}")
    if target := made.manifest.target:
        print(f"programs for {target.system} {target.machine}, {target.libc} or newer, Python {spoken(target.python)}")
    print(f"{output}: {megabytes(made.size)}, {len(made.manifest.files)} files")
    print(f"sha256  {made.sha256}")
    print(f"digest  {made.digest}")
    if made.manifest.target:
        print(f"there:  tar -xOf {output.name} install.py | python3 - {output.name} --into local_agent")
    else:
        print(f"there:  python -m local_agent install {output.name} --digest {made.digest}")
    return 0
