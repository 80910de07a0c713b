"""`setup` after a plain `pip install`: livekit-server goes to the user's folders, and every failure is a few lines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local_agent.cli import setup
from local_agent.config.sources import cache_folder, load, program_folder
from local_agent.errors import ConfigError
from local_agent.server import livekit, livekit_build
from local_agent.weights.copies import HUB, Sources


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody with an empty home, no livekit-server, and a Go that makes one."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cp", "chmod", "mkdir", "env", "cat"):
        (tools / name).symlink_to(str(shutil.which(name)))
    made = f"#!{tools}/sh\necho livekit-server version {livekit_build.VERSION}\n"
    (tools / "made").write_text(made)
    go = tools / "go"
    go.write_text(
        f"#!{tools}/sh\n"
        'case "$1 $2" in\n'
        '"version -m") printf "\\tmod\\t%s\\tv%s\\t%s\\n" '
        f"{livekit_build.MODULE} {livekit_build.VERSION} {livekit_build.SUM};;\n"
        'version*) echo "go version go1.26.8 linux/amd64";;\n'
        f'install*) mkdir -p "$GOBIN"; cp {tools}/made "$GOBIN/server"; chmod 755 "$GOBIN/server";;\n'
        "esac\n"
    )
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(setup, "in_checkout", lambda: False)
    monkeypatch.setattr(livekit.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(setup, "download_command", lambda *_, **__: 0)
    return tmp_path


def run(profile: str = "starter") -> int:
    return setup.run(load(), Sources(hub=HUB), profile=profile)


def test_what_pip_does_not_bring_is_built_once_for_the_user(user: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    program = user / "home" / ".local" / "share" / "local_agent" / "bin" / "livekit-server"
    assert livekit_build.says_version(program) and livekit.binary(load()) == program
    assert program_folder() == program.parent and cache_folder() == user / "home" / ".cache" / "local_agent"
    assert str(program) in capsys.readouterr().out
    (user / "tools" / "go").unlink()
    assert run() == 0, "it is there: nothing is built"
    assert "one or two minutes" not in capsys.readouterr().out


def test_failures_say_what_to_do(
    user: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    go = user / "tools" / "go"
    go.write_text(go.read_text().replace("install*)", "install*) echo no such host; exit 1;;\nnever)"))
    assert run() == 1
    said = capsys.readouterr().err
    assert "| no such host" in said and "fix: the network" in said and "log: " in said
    blocked = user / "blocked"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert run() == 1
    said = capsys.readouterr().err
    assert "can't be written" in said and "XDG_CACHE_HOME" in said and len(said.splitlines()) == 2
    monkeypatch.setattr(setup, "in_checkout", lambda: True)
    with pytest.raises(ConfigError, match="make setup"):
        run()
    assert [path.name for path in cache_folder({}).iterdir()] == ["livekit-server.log"], "nothing half built is kept"
