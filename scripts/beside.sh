#!/usr/bin/env bash
# Does the package install beside the newest of what a LiveKit program has? Asks the package index and installs nothing.
# bash scripts/beside.sh PACKAGE...: beside the newest of these.
set -euo pipefail
cd "$(dirname "$0")/.."
(($#)) || set -- livekit-agents livekit-plugins-openai onnxruntime
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
pip=("$folder/bin/python" -m pip --disable-pip-version-check --no-input)
beside=()
for package in "$@"; do
  newest=$("${pip[@]}" index versions "$package" 2>/dev/null | sed -nE '1s/.*\((.*)\)/\1/p')
  [[ $newest ]] || { echo "the package index names no version of $package" >&2 && exit 1; }
  beside+=("$package==$newest")
done
for ours in . ".[agent,mcp]"; do
  "${pip[@]}" install --dry-run --quiet --report "$folder/report" "$ours" "${beside[@]}" ||
    { echo "$ours does not install beside ${beside[*]}" >&2 && exit 1; }
  count=$("$folder/bin/python" -c "import json, sys; print(len(json.load(open(sys.argv[1]))['install']))" "$folder/report")
  echo "$ours installs beside ${beside[*]} ($count packages)"
done
