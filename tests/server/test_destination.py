"""A private agent does not become a cloud worker because of what stands in somebody's shell."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from livekit import api

from local_agent.call.worker import room_options
from local_agent.config.sources import load
from local_agent.errors import ConfigError
from local_agent.server import destination, rooms, tokens, web
from local_agent.server.destination import Place
from local_agent.server.web import LEAVE_PATH
from local_agent.server.web_options import WebOptions
from tests.server.webkit import KEY, SECRET, options, page_folder, serving
from tests.test_deploy import ROOT, unit

KEYS = {"LIVEKIT_API_KEY": "APIcloud", "LIVEKIT_API_SECRET": "s" * 32}
CLOUD = "wss://project.livekit.cloud"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        (None, Place.HERE),
        ("ws://localhost:7880", Place.HERE),
        ("ws://127.8.8.8:7880", Place.HERE),
        ("ws://[::1]:7880", Place.HERE),
        ("ws://[::ffff:127.0.0.1]:7880", Place.HERE),
        ("ws://10.1.2.3:7880", Place.NEAR),
        ("ws://172.31.0.1", Place.NEAR),
        ("https://192.168.1.5", Place.NEAR),
        ("ws://169.254.3.4:7880", Place.NEAR),
        ("ws://[fd00::5]:7880", Place.NEAR),
        ("ws://[fe80::1%25eth0]:7880", Place.NEAR),
        ("ws://[::ffff:10.0.0.1]:7880", Place.NEAR),
        ("ws://172.32.0.1:7880", Place.ELSEWHERE),
        ("ws://100.64.0.1:7880", Place.ELSEWHERE),  # a provider's customers share it
        ("ws://192.0.2.1:7880", Place.ELSEWHERE),
        ("ws://198.18.0.1:7880", Place.ELSEWHERE),
        ("ws://8.8.8.8:7880", Place.ELSEWHERE),
        ("ws://[2001:db8::1]:7880", Place.ELSEWHERE),
        ("ws://[64:ff9b::a00:1]:7880", Place.ELSEWHERE),
        ("ws://2130706433:7880", Place.ELSEWHERE),  # 127.0.0.1 to some, a name to others
        ("ws://livekit:7880", Place.ELSEWHERE),  # what a name leads to is known only to whoever is asked
        ("ws://livekit.local", Place.ELSEWHERE),
        ("ws://localhost.example.com:7880", Place.ELSEWHERE),
        ("ws://10.1.2.3.example.com:7880", Place.ELSEWHERE),
        (CLOUD, Place.ELSEWHERE),
    ],
)
def test_how_far_away_a_server_is(url: str | None, where: Place) -> None:
    assert destination.place(url) is where


def test_the_private_networks_are_those_that_the_kernel_lets_the_service_reach() -> None:
    allowed = set(unit()["IPAddressAllow"][0].split()) - {"localhost"}
    assert {str(network) for network in destination.PRIVATE} == allowed


@pytest.mark.parametrize("place", ["environment", ".env"])
@pytest.mark.parametrize("url", [CLOUD, "http://livekit:7880", "ws://203.0.113.4:7880", "ws://100.64.0.1:7880"])
def test_a_variable_left_behind_joins_no_server_elsewhere(tmp_path: Path, place: str, url: str) -> None:
    left = KEYS | {"LIVEKIT_URL": url}
    if place == ".env":
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in left.items()))
    settings = load(environ=left if place == "environment" else {}, folder=tmp_path)
    with pytest.raises(ConfigError, match="sound of every call would go there") as refused:
        destination.demand_meant(settings)
    assert f"--url {settings.livekit_url}" in str(refused.value) and place in str(refused.value)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:7880", "ws://192.168.1.5:7880", "http://localhost:7880"])
def test_a_server_here_or_in_a_private_network_is_joined_by_the_variable_alone(tmp_path: Path, url: str) -> None:
    destination.demand_meant(load(environ=KEYS | {"LIVEKIT_URL": url}, folder=tmp_path))


@pytest.mark.parametrize("word", ["flag", "variable", ".env", "file"])
def test_a_word_of_its_own_joins_any(tmp_path: Path, word: str) -> None:
    environ = KEYS | {"LIVEKIT_URL": "ws://192.168.1.5:7880"}
    flags: dict[str, object] = {}
    if word == "flag":
        flags["livekit_url"] = CLOUD
    elif word == "variable":
        environ |= {"LOCAL_AGENT_LIVEKIT_URL": CLOUD, "LOCAL_AGENT_LIVEKIT_API_KEY": "APIours"}
    elif word == ".env":
        (tmp_path / ".env").write_text(f"LOCAL_AGENT_LIVEKIT_URL={CLOUD}\n")
    else:
        (tmp_path / "local_agent.toml").write_text(f'[livekit]\nurl = "{CLOUD}"\n')
        del environ["LIVEKIT_URL"]
    settings = load(flags, environ=environ, folder=tmp_path)
    destination.demand_meant(settings)
    assert settings.livekit_url == CLOUD
    assert settings.livekit_api_key == ("APIours" if word == "variable" else "APIcloud")


@pytest.mark.parametrize("command", [["start"], ["start", "--port", "0"]])
def test_start_refuses_in_one_line_before_anything_is_loaded_or_asked(tmp_path: Path, command: list[str]) -> None:
    code = f"import sys; sys.argv = ['local_agent', *{command!r}]\nfrom local_agent.cli.app import main\nmain()"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LIVEKIT_", "LOCAL_AGENT_"))}
    environ |= KEYS | {"LIVEKIT_URL": CLOUD, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    (line,) = (line for line in done.stderr.splitlines() if "project.livekit.cloud" in line)
    assert done.returncode == 1 and "--url" in line and "Traceback" not in done.stderr


def shown(folder: Path, **changes: object) -> str:
    from local_agent.server.web_options import PAGE

    (folder / "index.html").write_text((PAGE / "index.html").read_text("utf-8"))

    async def run() -> str:
        async with serving(options(folder / "page", page_dir=folder, **changes)) as (_, client):
            return await (await client.get("/")).text()

    (folder / "vendor").mkdir()
    (folder / "vendor" / "livekit-client.umd.js").write_text("// livekit")
    return asyncio.run(run())


def test_the_page_says_where_sound_goes(tmp_path: Path) -> None:
    told = re.sub(r"\s+", " ", shown(tmp_path, privacy=destination.told(CLOUD)))
    assert "goes to the LiveKit server project.livekit.cloud" in told and "stays on" not in told


@pytest.mark.parametrize("url", [None, "ws://127.0.0.1:7880"])
def test_the_page_of_our_own_server_says_that_it_stays(tmp_path: Path, url: str | None) -> None:
    assert "What you say stays on the machine that serves this page." in shown(tmp_path, privacy=destination.told(url))


@pytest.mark.parametrize(("name", "called"), [("", None), ("clerk", [{"agentName": "clerk"}])])
def test_a_token_calls_the_agent_by_its_name(name: str, called: object) -> None:
    token = tokens.sign(tokens.Invitation("r", "ann"), key=KEY, secret=SECRET, minutes=1, agent=name)
    config = jwt.decode(token, SECRET, algorithms=["HS256"], issuer=KEY).get("roomConfig") or {}
    assert config.get("agents") == called


class OneRoom:
    """A LiveKit server with one room in which nobody but the holder is; notes what is done to it."""

    def __init__(self, *inside: api.ParticipantInfo) -> None:
        self.room = self
        self.inside = inside
        self.done: list[str] = []

    async def list_participants(self, _: object) -> api.ListParticipantsResponse:
        return api.ListParticipantsResponse(participants=self.inside)

    async def remove_participant(self, request: api.RoomParticipantIdentity) -> None:
        self.done.append(f"{request.identity} taken out")

    async def delete_room(self, request: api.DeleteRoomRequest) -> None:
        self.done.append(f"{request.room} deleted")

    async def aclose(self) -> None:
        """There is nothing to close."""


SLOW = api.ParticipantInfo(identity="agent", kind=api.ParticipantInfo.Kind.AGENT)  # it does not get to leaving


@pytest.mark.parametrize(
    ("url", "inside", "done"),
    [
        (None, [], ["ann taken out", "r deleted"]),
        (None, [SLOW], ["ann taken out"]),  # deleted under the agent, a room keeps a thread and a megabyte
        ("ws://127.0.0.1:7880", [], ["ann taken out"]),
        (CLOUD, [], ["ann taken out"]),
    ],
)
def test_who_leaves_last_ends_a_room_of_our_own_server_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str | None,
    inside: list[api.ParticipantInfo],
    done: list[str],
) -> None:
    """Nor does livekit-agents end one with its session."""
    monkeypatch.setattr(rooms, "AGENT_LEAVES", 0.2)
    settings = load(environ=KEYS | {"LIVEKIT_URL": url} if url else {}, folder=tmp_path)
    served = WebOptions.of(settings, url or "ws://127.0.0.1:7880", KEY, SECRET)
    server = OneRoom(*inside)
    monkeypatch.setattr(web.api, "LiveKitAPI", lambda *_, **__: server)
    token = tokens.sign(tokens.Invitation("r", "ann"), key=KEY, secret=SECRET, minutes=1)

    async def leave() -> None:
        async with serving(replace(served, port=0, page_dir=page_folder(tmp_path / "page"))) as (_, client):
            assert (await client.post(LEAVE_PATH, json={"token": token})).status == 200

    asyncio.run(leave())
    assert server.done == done
    assert room_options().delete_room_on_close is False
