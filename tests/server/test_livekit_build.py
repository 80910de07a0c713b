"""livekit-server is built from the module that is pinned, and from no other: with fake commands, no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_agent.errors import StepFailed
from local_agent.server import livekit_build


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26)),
        ("go version go1.9 linux/arm64", (1, 9)),
        ("command not found", (0, 0)),
    ],
)
def test_gos_version_is_read(said: str, expected: tuple[int, int]) -> None:
    assert livekit_build.go_version(said) == expected


def test_only_the_right_livekit_server_counts(tmp_path: Path) -> None:
    binary = tmp_path / "livekit-server"
    assert not livekit_build.says_version(binary)
    for version, right in ((livekit_build.VERSION, True), ("1.13.4", False)):
        binary.write_text(f"#!/bin/sh\necho livekit-server version {version}\n")
        binary.chmod(0o755)
        assert livekit_build.says_version(binary) is right
    binary.write_text("not a program")
    assert not livekit_build.says_version(binary)


def test_a_binary_made_from_another_module_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = tmp_path / "server"
    for said in (f"mod\t{livekit_build.MODULE}\tv{livekit_build.VERSION}\th1:other=\n", "nothing"):
        binary.touch()
        monkeypatch.setattr(livekit_build, "run", lambda *_, said=said, **__: said)
        with pytest.raises(StepFailed, match="not livekit-server"):
            livekit_build.check_module("go", binary, tmp_path / "log")
        assert not binary.exists()
    monkeypatch.setattr(
        livekit_build,
        "run",
        lambda *_, **__: f"\tmod\t{livekit_build.MODULE}\tv{livekit_build.VERSION}\t{livekit_build.SUM}\n",
    )
    binary.touch()
    livekit_build.check_module("go", binary, tmp_path / "log")
    assert binary.exists()
