#!/usr/bin/env bash
# Do agents in the manner of LiveKit's examples run with the newest that our ranges allow? In a virtual environment of its
# own, with the tests that need no weights; asks the package index. bash scripts/newest.sh TEST...: these tests.
set -euo pipefail
cd "$(dirname "$0")/.."
(($#)) || set -- tests/plugins/test_agents_like_upstreams.py tests/test_example_agents.py tests/test_private_names.py \
  tests/plugins/test_upstream_stt.py tests/plugins/test_upstream_tts.py
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
# All but llama-cpp-python, which pip would build, and which these tests do without.
"$folder/bin/python" - >"$folder/wanted" <<'PYTHON'
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
tools = [one for one in extras["dev"] if one.startswith("pytest")]
wanted = [*project["dependencies"], *extras["agent"], *extras["mcp"], *tools]
print(*(one for one in wanted if not one.startswith("llama-cpp-python")), sep="\n")
PYTHON
"$folder/bin/python" -m pip --disable-pip-version-check --no-input install --quiet --upgrade -r "$folder/wanted"
"$folder/bin/python" -m pip --disable-pip-version-check list 2>/dev/null | grep -E '^(livekit|mcp|onnxruntime)'
"$folder/bin/python" -m pytest -q -n 0 -p no:cacheprovider "$@"
