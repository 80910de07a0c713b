"""What stands in the way of a service is told all at once, before a model is loaded."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import ConfigError, LocalAgentError
from local_agent.recording import recorder
from local_agent.server import api_keys, obstacles
from local_agent.service import Service

ROOT = Path(__file__).resolve().parents[2]
PAIR: dict[str, Any] = {"livekit_api_key": "APItest", "livekit_api_secret": SecretStr("s" * 32)}


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens, and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


class Untouched(Engines):
    """Engines of which one thing is wrong, and that fail the test when they are loaded."""

    def findings(self, *engines: str) -> list[LocalAgentError]:
        return [ConfigError("the voice is hoarse", fix="give it tea")]

    def load(self, timeout: float = 300.0) -> None:
        pytest.fail("models were loaded")


def opened(settings: Settings) -> str:
    async def run() -> None:
        async with Service(settings, engines=Untouched(settings)):
            pytest.fail("it came up")

    with pytest.raises(LocalAgentError) as refused:
        asyncio.run(run())
    return str(refused.value)


def test_a_server_that_does_not_answer_is_told_before_models_load(tmp_path: Path, taken: int) -> None:
    (tmp_path / "file").touch()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{closed.getsockname()[1]}"
    told = opened(Settings(livekit_url=url, data_dir=tmp_path / "file", port=taken, **PAIR)).splitlines()
    assert told[0].startswith("4 things are wrong")
    for line, words in zip(
        told[1:], ("hoarse", "is no folder", f"port {taken}", f"nothing answers at {url}"), strict=True
    ):
        assert words in line and "; fix: " in line


@pytest.mark.parametrize("place", [".", "below/it"])
def test_a_file_where_the_data_folder_should_be(tmp_path: Path, place: str) -> None:
    file = tmp_path / "file"
    file.touch()
    (error,) = obstacles.found(Settings(data_dir=file / place, port=0, livekit_url="ws://127.0.0.1:1", **PAIR))
    assert f"{file} is no folder" in str(error) and "LOCAL_AGENT_DATA_DIR" in str(error)


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert (
        obstacles.found(Settings(data_dir=tmp_path / "a" / "b", port=0, livekit_url="ws://127.0.0.1:1", **PAIR)) == []
    )
    assert not list(tmp_path.iterdir())


def test_recordings_where_nobody_may_write(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    settings = Settings(data_dir=tmp_path, record=file, port=0, livekit_url="ws://127.0.0.1:1", **PAIR)
    (error,) = obstacles.found(settings, also=recorder.questions(settings))
    assert "recordings can't be written" in str(error) and "; fix: " in str(error)


def test_a_well_known_secret_in_front_of_a_server_that_others_reach(tmp_path: Path) -> None:
    pair = {"livekit_api_key": "devkey", "livekit_api_secret": "secret"}
    (error,) = obstacles.found(Settings(data_dir=tmp_path, port=0, livekit_url="ws://10.1.1.1:7880", **pair))
    assert "its well-known secret would guard a server that others reach" in str(error)
    assert "livekit-server generate-keys" in str(error)


def test_a_server_that_was_not_meant_is_not_asked(tmp_path: Path, taken: int) -> None:
    from local_agent.config import sources

    given = {"LIVEKIT_URL": f"ws://203.0.113.9:{taken}", "LIVEKIT_API_KEY": "APIx", "LIVEKIT_API_SECRET": "s" * 32}
    settings = sources.load({"port": 0}, environ=given, folder=tmp_path)
    assert asyncio.run(obstacles.far(settings)) == []
    assert "sound of every call" in str(obstacles.found(settings)[0])


def test_start_tells_of_wrong_settings_and_of_a_server_left_behind_at_once(tmp_path: Path, taken: int) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LIVEKIT_", "LOCAL_AGENT_"))}
    environ |= {"LIVEKIT_URL": "wss://p.livekit.cloud", "LIVEKIT_API_KEY": "APIx", "LIVEKIT_API_SECRET": "s" * 32}
    environ |= {"PYTHONPATH": str(ROOT), "LOCAL_AGENT_SPEED": "9", "LOCAL_AGENT_DATA_DIR": os.devnull}
    code = f"import sys; sys.argv = ['local_agent', 'start', '--port', '{taken}']\n"
    code += "from local_agent.cli.app import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    for words in ("LOCAL_AGENT_SPEED", "p.livekit.cloud", "is no folder", f"port {taken}"):
        assert sum(words in line for line in done.stderr.splitlines()) == 1, done.stderr


def test_the_keys_of_a_server_of_others() -> None:
    assert api_keys.given(Settings(livekit_url="ws://127.0.0.1:1", **PAIR)).secret == "s" * 32


def test_an_address_of_another_machine_is_told_even_for_a_port_that_is_free(tmp_path: Path) -> None:
    far = Settings(data_dir=tmp_path, host="203.0.113.9", access_key=SecretStr("k" * 20), port=0, **PAIR)
    (error,) = obstacles.found(far.model_copy(update={"livekit_url": "ws://127.0.0.1:1"}))
    assert "cannot listen on 203.0.113.9" in str(error) and "; fix: " in str(error)


def test_a_server_program_that_may_not_be_run(tmp_path: Path) -> None:
    program = tmp_path / "livekit-server"
    program.touch(mode=0o644)
    ports = {"port": 0, "livekit_port": 0, "rtc_tcp_port": 0, "rtc_udp_port": 0}
    (error,) = obstacles.found(Settings(data_dir=tmp_path, livekit_server=program, **ports))
    assert "may not be run" in str(error) and "chmod +x" in str(error)


@pytest.mark.parametrize(
    ("origin", "named"),
    [
        ("--url", "--url"),
        ("environment LIVEKIT_URL", "LIVEKIT_URL"),
        ("/x/.env LOCAL_AGENT_LIVEKIT_URL", "LOCAL_AGENT_LIVEKIT_URL"),
        ("/x/local_agent.toml", "livekit_url in /x/local_agent.toml"),
    ],
)
def test_a_server_that_does_not_answer_is_told_by_what_named_it(origin: str, named: str) -> None:
    said = Settings(livekit_url="ws://127.0.0.1:9", livekit_api_key="k", livekit_api_secret=SecretStr("s" * 32))
    (found,) = asyncio.run(obstacles.far(said.remember({"livekit_url": origin}, ())))
    assert f"check {named} and" in found.fix and f"leave {named} out" in found.fix
