"""A whole installation where nothing is installed: by a Python without packages, in a namespace without network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local_agent import __version__
from local_agent.bundle import fresh_install, install
from local_agent.bundle.archive import opened
from local_agent.bundle.fresh_install import install_all
from local_agent.bundle.target import Target, here, misfit
from local_agent.errors import BundleRefused, InstallFailed
from tests.bundle.bundlekit import Parts, contents, whole

LINUX = Target("Linux", "x86_64", "glibc 2.36", "cp311", ("avx", "avx2"))


def isolated() -> list[str]:
    """No network where namespaces are allowed; a machine that forbids them tries the rest all the same."""
    tried = (
        subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
        if shutil.which("unshare")
        else None
    )
    return ["unshare", "-rn"] if tried is not None and tried.returncode == 0 else []


def run_installer(bundle: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """As the page about bundles says, by the Python that our environment was made with, which knows no packages."""
    script = subprocess.run(["tar", "-xOf", bundle, "install.py"], capture_output=True, text=True, check=True).stdout
    python = os.path.realpath(sys.executable)  # noqa: PTH  (out of the environment)
    return subprocess.run(
        [*isolated(), python, "-I", "-S", "-", str(bundle), "--into", str(folder)],
        input=script, capture_output=True, text=True, timeout=100, check=False, cwd=bundle.parent,
    )  # fmt: skip


def test_a_bundle_installs_itself(full: Path, tmp_path: Path) -> None:
    """The catalogue in the bundle knows none of the small models, so the line names one: all before it went well."""
    done = run_installer(full, tmp_path / "new")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "unknown here: 'tiny-llm'" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("path", ["manifest.json", "wheels/local_agent"])
def test_the_script_refuses_an_altered_bundle(path: str, full: Path, tmp_path: Path) -> None:
    parts = Parts(full.read_bytes())
    name = next(name for name in parts.data if name.startswith(path))
    bad = tmp_path / "bad.tar"
    bad.write_bytes(parts.flipped(parts.data[name] + 20))
    done = run_installer(bad, tmp_path / "new")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()


def test_the_script_says_that_models_alone_are_not_enough(full: Path, good: Path, tmp_path: Path) -> None:
    script = Parts(full.read_bytes()).files["install.py"].decode()
    done = subprocess.run(
        [sys.executable, "-I", "-", str(good)], input=script, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "--with-programs" in done.stderr


def test_programs_and_models_come_into_a_folder(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new place"
    with opened(full) as found:
        python = install_all(found, folder)
        assert python == folder / ".venv" / "bin" / "python"
        said = subprocess.run([python, "-m", "local_agent"], capture_output=True, text=True, check=True, cwd=folder)
        assert said.stdout.strip() == __version__
        server = subprocess.run([python.with_name("livekit-server")], capture_output=True, text=True, check=True)
        assert server.stdout == "hello\n"
        assert contents(folder / "models") == whole()
        assert not (folder / fresh_install.STAGING).exists()
        monkeypatch.setattr(fresh_install.venv, "create", lambda *_, **__: pytest.fail("it is there already"))
        assert install_all(found, folder) == python


def test_a_failed_installation_leaves_the_earlier_one_in_force(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = tmp_path / ".venv-earlier"
    earlier.mkdir()
    (tmp_path / ".venv").symlink_to(earlier.name)

    def fails(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no such wheel\n")

    monkeypatch.setattr(fresh_install.subprocess, "run", fails)
    with opened(full) as found, pytest.raises(InstallFailed, match="pip failed: ERROR: no such wheel"):
        install_all(found, tmp_path)
    assert (tmp_path / ".venv").resolve() == earlier
    assert not (tmp_path / "models").exists()


def test_an_environment_of_somebody_elses_is_not_touched(full: Path, tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    with opened(full) as found, pytest.raises(InstallFailed, match="no bundle made"):
        install_all(found, tmp_path)
    assert list((tmp_path / ".venv").iterdir()) == []


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (replace(LINUX, system="Darwin"), "Darwin x86_64"),
        (replace(LINUX, machine="aarch64"), "Linux aarch64"),
        (replace(LINUX, python="cp313"), "Python 3.13"),
        (replace(LINUX, libc="glibc 2.31"), "glibc 2.31"),
        (replace(LINUX, libc=""), "another C library"),
        (replace(LINUX, cpu=("avx",)), "avx2"),
    ],
)
def test_a_machine_that_the_programs_do_not_fit_is_told(machine: Target, said: str) -> None:
    assert said in misfit(LINUX, machine)


@pytest.mark.parametrize(
    "machine", [LINUX, replace(LINUX, libc="glibc 2.100"), replace(LINUX, cpu=("avx", "avx2", "avx512f"))]
)
def test_a_newer_machine_will_do(machine: Target) -> None:
    assert misfit(LINUX, machine) == ""


def test_a_bundle_for_another_machine_is_refused_with_its_programs_named(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install.target, "here", lambda: replace(here(), machine="riscv64"))
    with opened(full) as found:
        for attempt in (install.install_models, install_all):
            with pytest.raises(BundleRefused, match=r"bin/livekit-server and wheels/ .* riscv64"):
                attempt(found, tmp_path / "new")
    assert not (tmp_path / "new").exists()
