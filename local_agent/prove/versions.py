"""What exactly was tried: versions of everything, and the hashes of the models' files."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from local_agent import __version__
from local_agent.config.settings import Settings
from local_agent.errors import LocalAgentError
from local_agent.prove.results import Weights
from local_agent.server import livekit
from local_agent.weights import store


def versions(settings: Settings) -> dict[str, str]:
    """Of the product, livekit-server, Python and the kernel."""
    return {
        "local_agent": __version__,
        "livekit-server": _livekit_server(settings),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "system": _system(),
    }


def packages() -> dict[str, str]:
    """Version of every package that this Python can import, by name."""
    found = {str(one.metadata["Name"]): one.version for one in metadata.distributions() if one.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def hashes(names: list[str], models_dir: Path, made: Mapping[Path, str]) -> list[Weights]:
    """Every file of the models in use, hashed now, and those that were made of them. Raises WeightsMissing or
    ConfigError for one that is not there.

    made: SHA-256 of what it was made from, by file.
    """
    found = []
    for name in dict.fromkeys(names):
        model = store.find(name, models_dir)
        sources = {}
        for file in model.files:
            found.append(_hashed(model.name, file.path))
            sources[found[-1].sha256] = file.path.name
        found += [_hashed(model.name, path, sources[source]) for path, source in made.items() if source in sources]
    return list(dict.fromkeys(found))  # each section makes its own, and they may be alike


def _hashed(model: str, path: Path, made_from: str = "") -> Weights:
    return Weights(model, path.name, path.stat().st_size, store.sha256_of(path), made_from)


def _livekit_server(settings: Settings) -> str:
    try:
        program = livekit.binary(settings)
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (LocalAgentError, OSError, subprocess.TimeoutExpired) as error:
        return f"unknown: {error}"
    return done.stdout.strip().removeprefix("livekit-server version ") or "unknown"


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    except OSError:
        return "unknown"
