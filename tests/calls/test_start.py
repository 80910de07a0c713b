"""`start` as a person meets it: what it says when something is wrong, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from livekit import api

from local_agent.server.ports import free_port
from tests.calls.caller import Caller
from tests.calls.conftest import Product, launch, own_server
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(180)
WRONG = "b7Qh2Lw9Zc4Vn6Tk1Rm8Xp3Ys5Jd0Gf-aEuIoSrNtDl"


def fails(product: Product) -> str:
    """The one line of a start that does not succeed."""
    try:
        assert product.process.wait(60) != 0, product.log
    finally:
        product.end()
    assert "Traceback" not in product.log, product.log
    faults = [line for line in product.lines if line.startswith("local_agent: ")]
    assert len(faults) == 1, product.log
    return faults[0]


def copied(starter: Starter, folder: Path) -> Path:
    """A models folder of links, in which single files can be broken."""
    for model in starter.folders:
        (folder / model.name).mkdir(parents=True)
        for file in model.iterdir():
            (folder / model.name / file.name).symlink_to(file.resolve())
    return folder


def remove(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    content = path.read_bytes()[:1000]
    path.unlink()
    path.write_bytes(content)


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize(("damage", "word"), [(remove, "not there"), (truncate, "truncated"), (alter, "altered")])
def test_damaged_model_is_named(starter: Starter, tmp_path: Path, damage: Callable[[Path], None], word: str) -> None:
    models = copied(starter, tmp_path / "weights")
    damage(models / starter.llama.name / starter.gguf.name)
    line = fails(launch(tmp_path, models))
    for expected in (starter.gguf.name, word, "expected", "local-agent download smollm2-135m-instruct"):
        assert expected in line, line


def test_no_models_at_all(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    line = fails(launch(tmp_path, tmp_path / "weights"))
    assert "is not there" in line
    assert "local-agent download" in line


@pytest.mark.parametrize("variable", ["LOCAL_AGENT_PORT", "LOCAL_AGENT_LIVEKIT_PORT"])
def test_port_in_use_is_named_with_its_holder(starter: Starter, tmp_path: Path, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        line = fails(launch(tmp_path, starter.whisper.parent, **{variable: str(port)}))
    assert str(port) in line
    assert "held by" in line
    assert variable in line or "--port" in line


def test_unreachable_livekit_url(starter: Starter, tmp_path: Path) -> None:
    variables = {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_API_KEY": "k1", "LIVEKIT_API_SECRET": "s" * 32}
    line = fails(launch(tmp_path, starter.whisper.parent, **variables))
    assert "nothing answers at ws://127.0.0.1:9" in line
    assert "LIVEKIT_URL" in line


def test_wrong_secret_is_refused(product: Product, starter: Starter, tmp_path: Path) -> None:
    url, key, _ = own_server(product)
    variables = {"LIVEKIT_URL": url, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": WRONG}
    line = fails(launch(tmp_path, starter.whisper.parent, **variables))
    assert "does not accept the key" in line
    assert "LIVEKIT_API_SECRET" in line
    assert WRONG not in line


def test_keys_are_private(product: Product) -> None:
    own_server(product)
    path = product.folder / ".local_agent" / "livekit-keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_joins_a_server_as_a_second_worker(product: Product, starter: Starter, tmp_path: Path) -> None:
    """LiveKit's own way to spread rooms: a worker with LIVEKIT_URL registers beside the first one. With a name it is
    called into the rooms of its own page and into no other.
    """
    url, key, secret = own_server(product)
    http = url.replace("ws", "http", 1)  # as people paste it
    variables = {"LIVEKIT_URL": http, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": secret}
    second = launch(tmp_path, starter.whisper.parent, LOCAL_AGENT_AGENT_NAME="clerk", **variables)

    async def greeted(address: str) -> str:
        async with Caller(address) as caller:
            assert await caller.wait_for_sound(20)
            assert len(caller.room.remote_participants) == 1
            return caller.room.name

    try:
        second.wait_for("Waiting for room connections")
        assert "What you say stays on the machine" in second.log
        address = second.wait_for(r"Open (http://\S+)")[1]
        for asked, other, page in ((second, product, address), (product, second, product.address)):
            joined = f"Agent joining room: {asyncio.run(greeted(page))}"
            assert joined in asked.log and joined not in other.log
        assert not (tmp_path / ".local_agent" / "livekit-keys.json").exists()
    finally:
        assert second.end() == 0, second.log


async def until_ready(address: str) -> list[int]:
    """The statuses of /health from the first answer to the first 200."""
    statuses: list[int] = []
    async with aiohttp.ClientSession() as http, asyncio.timeout(90):
        while 200 not in statuses:
            with contextlib.suppress(aiohttp.ClientError):  # nobody listens yet
                async with http.get(f"{address}/health") as answer:
                    statuses.append(answer.status)
            await asyncio.sleep(0.02)
    return statuses


def test_terminate_lets_the_call_finish_and_nobody_in(starter: Starter, tmp_path: Path) -> None:
    """Nor is it ready before LiveKit knows of it, when nobody would answer."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    started = launch(tmp_path, starter.whisper.parent, LOCAL_AGENT_PORT=str(port))

    async def call() -> bool:
        statuses = await until_ready(address)
        assert statuses[0] == 503 and set(statuses) == {503, 200}, statuses
        async with Caller(address) as caller, aiohttp.ClientSession(address) as http:
            await caller.hear_greeting()
            started.process.send_signal(15)
            await asyncio.sleep(3)
            for method, path in (("POST", "/api/livekit/token"), ("GET", "/health")):
                async with http.request(method, path) as answer:
                    assert answer.status == 503 and "is ending" in await answer.text()
            return caller.room.isconnected() and len(caller.room.remote_participants) == 1

    try:
        assert asyncio.run(call()), "the call was cut off"
        assert started.process.wait(40) == 0, started.log
    finally:
        started.end()


def test_without_a_reader_calls_go_on_and_end_with_a_goodbye(starter: Starter, tmp_path: Path) -> None:
    """`start | tee` whose tee ends: nothing that is written may end, silence or cut off a call."""
    started = launch(tmp_path, starter.whisper.parent, LOCAL_AGENT_DRAIN_TIMEOUT="2")
    try:
        address = started.wait_for(r"Open (http://\S+)")[1]
        started.wait_for("Waiting for room connections")
        started.deaf()

        async def call() -> list[str]:
            async with Caller(address) as caller:
                gone = asyncio.Event()
                caller.room.on("disconnected", lambda _: gone.set())
                await caller.hear_greeting()
                started.process.send_signal(signal.SIGINT)
                await asyncio.wait_for(gone.wait(), 25)
                return caller.said

        assert "goodbye" in asyncio.run(call())[-1].lower()
        assert started.process.wait(30) == 0
    finally:
        started.end()


def test_native_code_that_dies_says_where(starter: Starter, tmp_path: Path) -> None:
    """A shell's "Illegal instruction" alone tells nobody whose it was."""
    started = launch(tmp_path, starter.whisper.parent)
    started.wait_for("Waiting for room connections")
    started.process.send_signal(signal.SIGILL)
    assert started.process.wait(20) == -signal.SIGILL
    deadline = time.monotonic() + 5.0  # for the thread that reads its output
    where = re.compile(r"Fatal Python error: Illegal instruction[\s\S]+ File \".+\.py\", line \d+ in ")
    while not where.search(started.log) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert where.search(started.log), started.log


def test_livekit_server_dies_with_us_even_when_killed(starter: Starter, tmp_path: Path) -> None:
    started = launch(tmp_path, starter.whisper.parent)
    url, key, secret = own_server(started)
    started.wait_for("Waiting for room connections")
    started.process.kill()
    started.process.wait(10)

    async def answers() -> bool:
        for _ in range(50):
            try:
                async with api.LiveKitAPI(url.replace("ws", "http", 1), key, secret) as client:
                    await client.room.list_rooms(api.ListRoomsRequest())
            except Exception:
                return False
            await asyncio.sleep(0.1)
        return True

    assert not asyncio.run(answers()), "livekit-server outlived the agent"
    shutil.rmtree(tmp_path / ".local_agent")
