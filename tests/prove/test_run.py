"""The command around the proof: what it hands on, and what it says where there can be none."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local_agent.config import sources
from local_agent.errors import ProofVoid
from local_agent.isolation import last_proof
from local_agent.prove import namespace, run, tun_interface, versions
from local_agent.prove.results import Proof
from local_agent.prove.run import Options
from tests.prove.provekit import LEAK, proof, section


@pytest.mark.parametrize(("given", "status"), [
    (proof(section()), 0), (proof(section(LEAK)), 1), (proof(section(faults=("deaf",))), 2),
])  # fmt: skip
def test_exit_status_and_files(
    given: Proof, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "prove", lambda *_: given)
    options = Options(json=tmp_path / "a.json", html=tmp_path / "a.html")
    settings = sources.load(environ={"LOCAL_AGENT_DATA_DIR": str(tmp_path / "data")}, folder=tmp_path)
    assert run.run(settings, options) == status
    kept = last_proof.read(settings.data_dir)  # for the page; a void one says nothing
    assert (kept.verdict if kept else "void") == ("proven", "leaked", "void")[status]
    assert kept is None or kept.packets_out == given.packets
    assert json.loads((tmp_path / "a.json").read_text())["packets_out"] == given.packets
    assert "<!doctype html>" in (tmp_path / "a.html").read_text()
    assert f"packets out: {given.packets}" in capsys.readouterr().out


def test_where_namespaces_are_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> Proof:
        raise namespace.forbidden(PermissionError(1, "unshare: Operation not permitted"))

    monkeypatch.setattr(run, "prove", refuse)
    assert run.run(sources.load(environ={}, folder=tmp_path), Options()) == 2
    said = capsys.readouterr().err
    for expected in ("unshare: Operation not permitted", "sudo", "apparmor_restrict_unprivileged_userns", "--strace"):
        assert expected in said, said


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ENODEV, errno.ENXIO])
def test_where_the_kernel_has_no_tun(number: int) -> None:
    told = str(namespace.forbidden(OSError(number, os.strerror(number), tun_interface.TUN)))
    for expected in (tun_interface.TUN, "modprobe tun", "--device /dev/net/tun", "--strace"):
        assert expected in told, told
    assert "sysctl" not in told, "that would not help"


def test_elsewhere_than_linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.sys, "platform", "darwin")
    tell: Callable[[str], None] = print
    with pytest.raises(ProofVoid, match="Linux"):
        run.prove(sources.load(environ={}, folder=tmp_path), Options(), tmp_path, tell)


def test_programs_find_their_own_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the proof shows must not come from switches that were set already."""
    for name in (*sources.SILENT, "LIVEKIT_URL", "LOCAL_AGENT_PORT", "HF_TOKEN"):
        monkeypatch.setenv(name, "1")
    settings = sources.load({"profile": "starter", "port": 1, "models_dir": tmp_path}, environ={}, folder=tmp_path)
    environment = sources.child_environment(settings, run.HANDED_ON)
    assert not set(sources.SILENT) & set(environment)
    assert {name: value for name, value in environment.items() if name.startswith(("LIVEKIT_", "LOCAL_AGENT_"))} == {
        "LOCAL_AGENT_MODELS_DIR": str(tmp_path),
        "LOCAL_AGENT_PROFILE": "starter",
    }
    assert environment["HF_TOKEN"] == "1"


def test_what_sections_made_alike_is_told_once(tmp_path: Path) -> None:
    model = tmp_path / "my.gguf"
    model.write_bytes(b"GGUF" + bytes(100))
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    made = {tmp_path / place / "my.as-Q8_0.gguf": digest for place in ("plain", "hostile", "other")}
    for path in made:
        path.parent.mkdir()
        path.write_bytes(b"GGUF other" if "other" in path.parts else b"GGUF made")
    told = versions.hashes([str(model)], tmp_path, made)
    assert [(one.file, one.made_from) for one in told] == [("my.gguf", "")] + 2 * [("my.as-Q8_0.gguf", "my.gguf")]
