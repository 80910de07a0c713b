"""A whole installation from a bundle with programs, on a machine that has Python and nothing else.

The new environment is built under a name of its own, tried, and only then becomes `.venv`, in one step.
"""

from __future__ import annotations

import fcntl
import shlex
import shutil
import subprocess
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local_agent.bundle import manifest as manifests
from local_agent.bundle.archive import Bundle
from local_agent.bundle.install import check_machine, install_models
from local_agent.bundle.staging import check_space, settle, stage, told
from local_agent.errors import ConfigError, InstallFailed
from local_agent.weights.progress import Silent

ENVIRONMENT = ".venv"
STAGING = ".bundle"
WHOLE = ".whole"  # in an environment that was finished and tried
_UNPACKED = 4  # times a wheel's size, compiled Python included
_PATIENCE = 1800.0  # seconds for pip; half a minute on two quiet cores


def install_all(bundle: Bundle, folder: Path, progress: Silent | None = None) -> Path:
    """Programs and models into `folder`; returns the Python to start the agent with.

    An interrupted call goes on when it is repeated; an earlier installation there is replaced in one step, and its
    environment is kept beside the new one. Raises ConfigError for a bundle without programs, BundleRefused,
    InstallFailed.
    """
    if bundle.manifest.target is None:
        raise ConfigError(
            f"{bundle.path.name} holds models only",
            expected="a bundle with programs",
            fix="make it with --with-programs, or install its models into a local_agent that is there already",
        )
    check_machine(bundle)
    folder = folder.absolute()
    environment = folder / f"{ENVIRONMENT}-{bundle.digest[:12]}"
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            _check_free(folder / ENVIRONMENT)
            if not (environment / WHOLE).is_file():
                _build(bundle, environment, folder / STAGING, progress or Silent())
            install_models(bundle, folder / "models", progress)
            _switch(folder / ENVIRONMENT, environment)
    return folder / ENVIRONMENT / "bin" / "python"


def _build(bundle: Bundle, environment: Path, staging: Path, progress: Silent) -> None:
    programs = bundle.manifest.programs
    packed = sum(member.size for member in bundle.manifest.files)
    check_space(programs, staging, staging.parent, more=_UNPACKED * packed)
    stage(bundle, programs, staging, progress)
    progress.say("installing the programs; half a minute")
    shutil.rmtree(environment, ignore_errors=True)
    venv.create(environment, symlinks=True, with_pip=False)
    python = environment / "bin" / "python"
    wheels = sorted((staging / "wheels").glob("*.whl"))
    pip = next((wheel for wheel in wheels if wheel.name.startswith("pip-")), None)
    if pip is None:
        raise InstallFailed(f"{bundle.path.name} has no wheel of pip", fix="make the bundle again")
    options = ("--isolated", "--disable-pip-version-check", "--no-input", "install", "--no-index", "--no-deps")
    _run([python, pip / "pip", *options, *wheels], "pip")
    server = environment / "bin" / "livekit-server"
    shutil.copyfile(staging / manifests.SERVER, server)
    server.chmod(0o755)
    said = _run([python, "-m", "local_agent", "version"], "the installed local_agent")
    if said.strip() != bundle.manifest.product:
        raise InstallFailed(
            f"what was installed says version {said.strip()!r}",
            expected=bundle.manifest.product,
            fix="make the bundle again",
        )
    (environment / WHOLE).write_text(bundle.digest + "\n")
    settle(environment)
    shutil.rmtree(staging)


def _run(words: Sequence[str | Path], what: str) -> str:
    """What the command prints. Raises InstallFailed with its last words."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False, cwd="/")
    except subprocess.TimeoutExpired as error:
        raise InstallFailed(f"{what} did not end within {_PATIENCE:g} s", fix="run the same command again") from error
    if done.returncode != 0:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        last = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "it said nothing")
        raise InstallFailed(f"{what} failed: {last}", fix="mend that, then run the same command again")
    return done.stdout


def _check_free(link: Path) -> None:
    if link.exists() and not link.is_symlink():
        raise InstallFailed(
            f"{link} is an environment that no bundle made",
            fix="name another folder with --into, or remove it",
        )


def _switch(link: Path, environment: Path) -> None:
    """`.venv` is the new environment from one moment to the next."""
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(environment.name)
    fresh.replace(link)
    settle(link.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InstallFailed(f"another install into {folder} is running", fix="wait for it") from error
        yield


def start_line(python: Path) -> str:
    """What a person types next."""
    folder = python.parents[2]
    return f"cd {shlex.quote(str(folder))} && {python.relative_to(folder)} -m local_agent start"
