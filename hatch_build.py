"""Before a wheel is built: LiveKit's client for the page, so that `pip install .` brings a page that works; and what
llama.cpp is compiled with, for the command that `doctor` and the plan name where pip compiled another one.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Without npm the wheel is built all the same: plugins, `talk` and `console` need no page."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """version: "standard", or "editable" for a checkout, whose page `make setup` takes care of."""
        if version == "editable":
            return
        build_data["force_include"][str(Path(self.root) / "scripts" / "kernels")] = "local_agent/engines/llama/kernels"
        # with which `setup` fetches Go
        build_data["force_include"][str(Path(self.root) / "requirements" / "go.txt")] = (
            "local_agent/server/requirements/go.txt"
        )
        page = runpy.run_path(str(Path(self.root) / "scripts" / "page.py"))
        if page["main"]() != 0:
            print("the wheel has no page: `start` will say so; plugins, talk and console work", file=sys.stderr)
