#!/usr/bin/env python3
"""Put LiveKit's client beside the page: `npm ci` from the lockfile (integrity checked), then copy its bundle.

Run by `make setup` and before a wheel is built. Does nothing, and needs no npm, when the bundle fits the lockfile. With
--dev it also brings axe-core, with which the tests look at the page.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "package-lock.json"
PACKAGE = ROOT / "node_modules" / "livekit-client"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
VENDOR = ROOT / "local_agent" / "server" / "page" / "vendor"
STAMP = VENDOR / "lock.sha256"
BUNDLE = "livekit-client.umd.js"


def main(arguments: Sequence[str] = sys.argv[1:]) -> int:
    """Returns the exit status: 0 when the bundle is in place. --dev: with what the page's tests need."""
    development = "--dev" in arguments
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    there = (VENDOR / BUNDLE).is_file() and STAMP.is_file() and STAMP.read_text() == wanted
    if there and (AXE.is_file() or not development):
        print("page: LiveKit's client is up to date")
        return 0
    npm = shutil.which("npm")
    if npm is None:
        print(
            "page: npm is not installed; expected Node.js with npm; fix: apt-get install npm, then again",
            file=sys.stderr,
        )
        return 1
    quietly = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    if subprocess.run([npm, "ci", *(() if development else ("--omit=dev",)), *quietly], cwd=ROOT).returncode:
        print("page: npm ci failed (see above); it needs the network once", file=sys.stderr)
        return 1
    VENDOR.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PACKAGE / "dist" / BUNDLE, VENDOR / BUNDLE)
    shutil.copyfile(PACKAGE / "LICENSE", VENDOR / "livekit-client.LICENSE.txt")
    STAMP.write_text(wanted)
    print(f"page: {BUNDLE} is in place")
    return 0


if __name__ == "__main__":
    sys.exit(main())
