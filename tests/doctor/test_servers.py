"""Servers broken on purpose, with a real livekit-server: wrong scheme, wrong keys, no agent, STUN servers elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp import web

from local_agent.doctor import livekit_server as room
from local_agent.doctor import network, servers, throwaway_agent
from local_agent.doctor.check import Check, Finding
from local_agent.doctor.context import Case, Server
from local_agent.server import livekit
from local_agent.server.api_keys import Keys, own_keys
from local_agent.server.ports import free_port
from local_agent.server.web import WebOptions, WebServer
from tests.doctor.doctorkit import EXTERNAL, SECRET, ask, case, livekit_server
from tests.server.webkit import page_folder

KEYS = Keys("APIdoctored", "Zx8Cv2Bn5Mq1We7Rt4Yu9Io3Pa6Sd0Fg-hJkLzXc")
OTHERS = Keys("APIothers", "Qa1Ws2Ed3Rf4Tg5Yh6Uj7Ik8Ol9Pz0Xc-vBnMqWe")
PORT_OF_SERVER = {check.what: check for check in network.CHECKS}["port of livekit-server"]

Work = Callable[[str], Coroutine[object, object, Finding]]


def external(folder: Path, url: str, keys: Keys = KEYS) -> Case:
    return case(folder, {"LIVEKIT_URL": url, "LIVEKIT_API_KEY": keys.key, "LIVEKIT_API_SECRET": keys.secret})


def beside(work: Work, keys: Keys = KEYS, port: int = 0) -> Finding:
    """What `work`, given its URL, finds while a real server with these keys runs."""

    async def go() -> Finding:
        async with livekit_server(keys, port) as url:
            return await work(url)

    return asyncio.run(go())


@asynccontextmanager
async def page_without_agent(folder: Path, url: str, keys: Keys, port: int, access: str | None) -> AsyncIterator[None]:
    """Our own web server, as `start` has it, but nobody who answers."""
    options = WebOptions(
        livekit_ws=url,
        api_key=keys.key,
        api_secret=keys.secret,
        port=port,
        access_key=access,
        page_dir=page_folder(folder / "page"),
    )
    server = WebServer(options, health=lambda: {"ready": True, "livekit": url, "calls": 0, "capacity": 4})
    await server.start()
    try:
        yield
    finally:
        await server.stop()


def with_page(
    folder: Path,
    checks: tuple[Check, ...],
    *,
    signs: Keys | None = None,
    access: str | None = None,
    environ: dict[str, str] | None = None,
) -> list[Finding]:
    """What the checks find beside a server of our own and a page whose tokens are signed with `signs`."""
    own, port, signal = own_keys(folder / ".local_agent"), free_port(), free_port()
    told = {"LOCAL_AGENT_PORT": str(port), "LOCAL_AGENT_LIVEKIT_PORT": str(signal)} | (environ or {})

    async def go() -> list[Finding]:
        patient = case(folder, told)
        async with livekit_server(own, signal) as url, page_without_agent(folder, url, signs or own, port, access):
            await servers.recognise(patient)
            assert patient.page is not None
            assert patient.server == Server(f"ws://127.0.0.1:{signal}", own, "running")
            async with patient.stack:
                return [await check(patient) for check in checks]

    return asyncio.run(go())


# Root cause: ws and wss mixed.
def test_wss_against_a_plain_server_is_named_with_the_right_url(tmp_path: Path) -> None:
    async def work(url: str) -> Finding:
        return await room.answers(external(tmp_path, url.replace("ws:", "wss:")))

    found = beside(work)
    assert found.status == "fails"
    assert "wss://127.0.0.1" in found.found
    assert found.fix.startswith("LIVEKIT_URL=ws://127.0.0.1")


def test_nothing_at_the_url(tmp_path: Path) -> None:
    found = ask(room.answers, external(tmp_path, "ws://127.0.0.1:9"))
    assert found.status == "fails"
    assert "nothing answers at ws://127.0.0.1:9" in found.found
    assert "leave LIVEKIT_URL out" in found.fix


def test_something_else_at_the_url(tmp_path: Path) -> None:
    async def work(_: str) -> Finding:
        async def hello(_: web.Request) -> web.Response:
            return web.Response(text="<h1>It works!</h1>")

        app, port = web.Application(), free_port()
        app.router.add_get("/", hello)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            return await room.answers(external(tmp_path, f"ws://127.0.0.1:{port}"))
        finally:
            await runner.cleanup()

    found = beside(work)
    assert (found.status, "not like a LiveKit server" in found.found) == ("fails", True)


# Root cause: each part had its own copy of the keys.
def test_keys_that_the_server_does_not_take(tmp_path: Path) -> None:
    async def work(url: str) -> Finding:
        return await room.keys_accepted(external(tmp_path, url, Keys(KEYS.key, OTHERS.secret)))

    found = beside(work)
    assert found.status == "fails"
    assert "does not accept the key APIdoctored" in found.found
    assert OTHERS.secret not in found.found + found.fix


def test_keys_that_the_server_takes(tmp_path: Path) -> None:
    async def work(url: str) -> Finding:
        return await room.keys_accepted(external(tmp_path, url))

    assert beside(work).status == "ok"


@pytest.mark.parametrize("has_keys", [True, False])
def test_a_server_of_somebody_else_on_our_port_is_told_from_our_own(tmp_path: Path, has_keys: bool) -> None:
    port = free_port()
    if has_keys:
        own_keys(tmp_path / ".local_agent")

    async def work(_: str) -> Finding:
        patient = case(tmp_path, {"LOCAL_AGENT_LIVEKIT_PORT": str(port)})
        await servers.recognise(patient)
        return await PORT_OF_SERVER(patient)

    found = beside(work, OTHERS, port)
    assert found.status == "fails"
    assert "does not take the keys" in found.found


def test_a_page_that_signs_with_other_keys_is_named(tmp_path: Path) -> None:
    (found,) = with_page(tmp_path, (room.token,), signs=OTHERS)
    assert found.status == "fails"
    assert "does not take its tokens: 401" in found.found
    assert "keys in .env" in found.fix


def test_a_page_that_wants_another_access_key_is_named(tmp_path: Path) -> None:
    (found,) = with_page(tmp_path, (room.token,), access=SECRET)
    assert (found.status, "the access key is missing or wrong" in found.found) == ("fails", True)


def test_a_page_that_sends_people_elsewhere_is_named(tmp_path: Path) -> None:
    """It was started before LOCAL_AGENT_PUBLIC_URL was set."""
    environ = {"LOCAL_AGENT_PUBLIC_URL": "https://voice.example", "LOCAL_AGENT_ACCESS_KEY": SECRET}
    (found,) = with_page(tmp_path, (room.token,), access=SECRET, environ=environ)
    assert found.status == "fails"
    assert "are sent to ws://127.0.0.1" in found.found
    assert "wss://voice.example" in found.fix


# Root cause: no agent joined.
def test_a_room_without_an_agent_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throwaway_agent, "PATIENCE", 1.0)
    token, joined = with_page(tmp_path, (room.token, room.agent_joins))
    assert token.status == "ok", token.found
    assert joined.status == "fails"
    assert "nobody joined the room within 1 s (the agent that runs)" in joined.found


def test_a_running_agent_that_is_full_is_left_alone(tmp_path: Path) -> None:
    patient = case(tmp_path)
    patient.page = servers.Page("http://127.0.0.1:9", {"ready": True, "calls": 4, "capacity": 4})
    found = ask(room.agent_joins, patient)
    assert (found.status, "all 4 places" in found.found) == ("skipped", True)


def test_our_own_server_hands_out_no_stun_server(tmp_path: Path) -> None:
    found = ask(room.stun, case(tmp_path))
    assert found.status == "ok", found.found
    assert "127.0.0.1" in found.found


@pytest.mark.parametrize(("is_external", "status"), [(True, "warning"), (False, "fails")])
def test_public_stun_servers_are_a_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_external: bool, status: str
) -> None:
    """What livekit-server hands out where it is told of none. It is only asked for the list."""
    configuration = livekit.configuration

    def careless(ports: livekit.Ports, keys: Keys, node_ip: str | None = None, **more: bool) -> dict[str, object]:
        made = configuration(ports, keys, node_ip, **more)
        assert isinstance(made["rtc"], dict)
        del made["rtc"]["stun_servers"]
        return made

    monkeypatch.setattr(livekit, "configuration", careless)

    async def work(url: str) -> Finding:
        patient = external(tmp_path, url) if is_external else case(tmp_path)
        async with patient.stack:
            return await room.stun(patient)

    found = beside(work)
    assert found.status == status
    assert "stun:" in found.found


@pytest.mark.parametrize(
    ("urls", "status"),
    [
        ([], "ok"),
        (["stun:127.0.0.1:7883", "stun:[::1]:3478"], "ok"),
        (["stun:10.1.1.1:3478", "turns:10.1.1.1:443?transport=tcp"], "ok"),
        (["stun:127.0.0.1:7883", "turn:turn.example:3478?transport=udp"], "fails"),
    ],
)
def test_which_ice_servers_leak(urls: list[str], status: str) -> None:
    assert room.stun_finding(urls, Server("ws://10.1.1.1:7880", KEYS, "running")).status == status


@pytest.mark.parametrize(
    ("ahead", "status"), [(0, "ok"), (3, "ok"), (20, "warning"), (-20, "warning"), (90, "fails"), (-3600, "fails")]
)
def test_clocks(ahead: float, status: str) -> None:
    now = time.time()
    found = room.clock_finding(formatdate(now - ahead, usegmt=True), now)
    assert found.status == status
    assert status == "ok" or ("ahead of" if ahead > 0 else "behind") in found.found


def test_a_server_that_tells_no_time() -> None:
    assert room.clock_finding("", time.time()).status == "skipped"


def test_the_clocks_of_a_real_server(tmp_path: Path) -> None:
    assert ask(room.clocks, case(tmp_path)).status == "ok"


def test_the_program(tmp_path: Path) -> None:
    assert ask(room.program, case(tmp_path, EXTERNAL)).status == "skipped"
    assert (
        "there is no livekit-server"
        in ask(room.program, case(tmp_path, {"LOCAL_AGENT_LIVEKIT_SERVER": str(tmp_path / "none")})).found
    )
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho other 1.0\n")
    other.chmod(0o755)
    found = ask(room.program, case(tmp_path, {"LOCAL_AGENT_LIVEKIT_SERVER": str(other)}))
    assert (found.status, "is not a livekit-server: other 1.0" in found.found) == ("fails", True)


def test_examining_makes_no_keys(tmp_path: Path) -> None:
    assert ask(room.keys_accepted, case(tmp_path)).status == "ok"
    assert not (tmp_path / ".local_agent").exists()


def test_keys_that_may_not_be_read_do_not_stop_the_doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the service runs as another user."""

    def forbidden(_: Path) -> bool:
        raise PermissionError("not yours")

    port = free_port()

    async def work(_: str) -> Finding:
        patient = case(tmp_path, {"LOCAL_AGENT_LIVEKIT_PORT": str(port)})
        monkeypatch.setattr(Path, "is_file", forbidden)
        found = await servers.recognise(patient)
        assert patient.stranger
        return found

    assert beside(work, OTHERS, port).status == "ok"
