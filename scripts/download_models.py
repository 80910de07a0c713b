"""Download models: the same code as `python -m local_agent download`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from local_agent.weights.download import download_command  # noqa: E402  (works before anything is installed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="models of the catalogue")
    parser.add_argument("--profile", help="starter (default), multilingual, small, medium or large")
    parser.add_argument("--models-dir", type=Path, default=REPOSITORY / "models", help="where they go")
    parser.add_argument("--list", action="store_true", help="show the catalogue and stop")
    parser.add_argument("--verify", action="store_true", help="hash what is there again and stop")
    given = parser.parse_args()
    return download_command(given.names, given.profile, given.models_dir, given.list, given.verify)


if __name__ == "__main__":
    sys.exit(main())
