"""The hostile environment holds every variable of the installed packages that could make one of them call out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from local_agent.bundle.inventory import PRODUCT, packages
from local_agent.config import sources as config
from local_agent.prove.hostile_env import VARIABLES

# os.environ["NAME"], environ.get("NAME"), getenv("NAME"), and constants that hold such a name, as OpenTelemetry has.
READ = re.compile(r"(?:environ(?:\.\w+)?|getenv|get_env\w*)\s*[\[(]\s*[\"']([A-Za-z][A-Za-z0-9_]{2,})[\"']")
NAMED = re.compile(
    r"^\s*_?[A-Z][A-Z0-9_]* *(?::[^=\n]*)?= *\(?\s*[\"']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[\"']", re.MULTILINE
)
# Parts of a name by which it may say whom to call, with what, whether to, and what to tell.
RISKY = re.compile(
    "URL|URI|ENDPOINT|HOST|PROXY|TELEMETRY|DSN|TOKEN|KEY|SECRET|TRACK|STAGING|OFFLINE|UPDATE|EXPORTER|REMOTE|DEV_MODE"
    "|DUMP|CAPTURE|PII|ADDR|WEBHOOK|CLOUD",
    re.IGNORECASE,
)
# Read, and no matter of calling out.
HARMLESS = {
    "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET",  # our own settings: whoever sets them wants that server
    "HF_TOKEN_PATH",  # a file
    "HOST",  # of llama-cpp-python's own server, which nothing starts
    "OAUTH_CLIENT_SECRET", "WEBHOOK_SECRET",  # of a web server inside a hub's own machines
    "PYCHARM_HOSTED",  # colours
    "CURL_CA_BUNDLE",  # certificates
}  # fmt: skip
NOT_BUILT = "ORT_DEBUG_NODE_IO_"  # ONNX Runtime writes tensors to files, in builds made for that; ours has no such name


def sources() -> Iterator[Path]:
    """Python files of every package that the product needs here."""
    for component in packages():
        for file in metadata.files(component.name) or () if component.name != PRODUCT else ():
            if file.suffix == ".py" and (path := _place(file)).is_file():
                yield path


@pytest.fixture(scope="module")
def read() -> set[str]:
    """Names of environment variables that they read."""
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in sources())
    return {name for text in texts for name in (*READ.findall(text), *NAMED.findall(text))}


def test_every_variable_that_is_known_to_call_out_is_tried() -> None:
    assert {*config.CALLING_OUT, *config.SILENT} - {"TOKENIZERS_PARALLELISM"} <= set(VARIABLES)
    for prefix in config.CALLING_OUT_PREFIXES[:3]:
        assert any(name.startswith(prefix) for name in VARIABLES)


def test_every_risky_variable_that_a_package_reads_is_tried_or_removed(
    read: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version that reads another one fails here, until somebody has looked at what it does."""
    assert {"HF_TOKEN", "LIVEKIT_REMOTE_EOT_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "OPENAI_API_KEY"} <= read
    risky = {name for name in read if RISKY.search(name) and not name.startswith(NOT_BUILT)}
    monkeypatch.setattr(os, "environ", dict.fromkeys(risky - VARIABLES.keys() - HARMLESS, "set"))
    removed = config.prepare_process(1).removed
    assert risky - VARIABLES.keys() - HARMLESS - set(removed) == set()


def test_tensors_can_not_be_dumped() -> None:
    libraries = [path for path in map(_place, metadata.files("onnxruntime") or ()) if ".so" in path.name]
    assert libraries
    assert [path.name for path in libraries if NOT_BUILT.encode() in path.read_bytes()] == []


def _place(file: metadata.PackagePath) -> Path:
    return Path(str(file.locate()))
