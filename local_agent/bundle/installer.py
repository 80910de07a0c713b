"""The install command: into a local_agent that is there, or as a whole new one; standard library only."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from local_agent.bundle.archive import opened
from local_agent.bundle.fresh_install import install_all, start_line
from local_agent.bundle.install import install_models
from local_agent.errors import LocalAgentError
from local_agent.weights.progress import watcher

INTERRUPTED = 130  # what a shell reports after Ctrl-C


def install_command(bundle: Path, models_dir: Path, into: Path | None = None, digest: str | None = None) -> int:
    """Install and return the exit status: 0, 1 with one line, 130 after Ctrl-C.

    models_dir: where models go when `into`, the folder for a whole installation, is None.
    """
    try:
        with watcher() as display, opened(bundle, digest) as found:
            display.say(f"{bundle.name}: {', '.join(found.manifest.models)}; manifest {found.digest}")
            if into is None:
                fresh = install_models(found, models_dir, display)
                done = f"{', '.join(fresh)}: there and whole" if fresh else f"all there and whole in {models_dir}"
            else:
                done = f"installed; start it with: {start_line(install_all(found, into, display))}"
    except LocalAgentError as error:
        print(f"local_agent: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; what was verified is kept, and the same command goes on from there", file=sys.stderr)
        return INTERRUPTED
    print(done)
    return 0


def main(arguments: Sequence[str]) -> int:
    """The same for install.py, which has no command line of ours yet; a whole installation."""
    parser = argparse.ArgumentParser(prog="install.py")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--into", type=Path, default=Path("local_agent"), help="a new folder (default: local_agent)")
    parser.add_argument("--digest", help="what the manifest must have, as printed when the bundle was made")
    given = parser.parse_args(arguments)
    return install_command(given.bundle, given.into / "models", given.into, given.digest)
