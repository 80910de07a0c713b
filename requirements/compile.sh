#!/usr/bin/env bash
# Pin every dependency with its hashes again. Needs uv. The files name packages only, never where they come from.
set -euo pipefail
cd "$(dirname "$0")/.."
pin() { # pin OUTPUT INPUT [OPTION...]
  local output=$1 input=$2
  shift 2
  uv pip compile "$input" --quiet --universal --generate-hashes --python-version 3.11 \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@" |
    { echo "# Made by requirements/compile.sh; edit ${input##*/} instead."; cat; } >"requirements/$output"
}
tested=(--constraint requirements/tested.in)
pin runtime.txt pyproject.toml --extra agent "${tested[@]}" --no-emit-package llama-cpp-python
uv pip compile pyproject.toml --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links "${tested[@]}" |
  awk 'BEGIN { print "# Made by requirements/compile.sh; compiled here, because there is no wheel." }
       /^[a-z]/ { keep = /^llama-cpp-python==/ } keep' >requirements/llama.txt
pin dev.txt pyproject.toml --extra dev --constraint requirements/runtime.txt --no-emit-package llama-cpp-python
pin mcp.txt requirements/mcp.in --constraint requirements/runtime.txt
pin build.txt requirements/build.in
pin go.txt requirements/go.in
pin node.txt requirements/node.in
pin cuda.txt requirements/cuda.in
