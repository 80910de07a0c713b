"""The page and foreign front ends in real Chromium: a public name, a TLS proxy, another origin."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("playwright", reason="Playwright is not installed (pip install playwright)")

from aiohttp import web
from playwright.sync_api import Error as PlaywrightError

from local_agent.server.ports import free_port
from local_agent.server.web_options import PAGE
from tests.calls.stage import Stage, Watched, browser, need_chromium, voice_file
from tests.server.webkit import ACCESS

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "front-end" / "index.html"


@pytest.fixture(scope="module", autouse=True)
def chromium() -> None:
    need_chromium()


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    return voice_file(tmp_path / "silence.wav", total=60)


def test_http_off_localhost_is_explained_and_the_access_key_asked_for(tmp_path, silence):
    """Under a name that is not localhost, http gives a page no microphone; typing still works, with the key."""
    port = free_port()
    address = f"http://voice.test:{port}"
    resolver = ("--host-resolver-rules=MAP voice.test 127.0.0.1",)
    with Stage(port=port, public_url=address, access_key=ACCESS) as opened:
        assert opened.address == address
        with browser(tmp_path / "profile", silence, more=resolver) as context:
            seen = Watched(context)
            seen.page.goto(address)
            assert "https" in seen.problem("insecure")
            seen.page.click("#talk")  # which says Type
            assert "access key" in seen.problem("key")
            seen.page.fill("#key", "wrong")
            seen.page.press("#key", "Enter")
            seen.problem("wrongkey")
            seen.page.fill("#key", ACCESS)
            seen.page.press("#key", "Enter")
            seen.state("Your turn to type")
            assert seen.foreign(address) == []


FOREIGN = """
async (endpoint) => {
  const { TokenSource, Room } = LivekitClient;
  const { serverUrl, participantToken } = await TokenSource.endpoint(endpoint).fetch({ participantName: 'Ann' });
  const room = new Room();
  await room.connect(serverUrl, participantToken);
  const name = room.name;
  await room.disconnect();
  return name;
}
"""


@pytest.mark.parametrize("listed", [True, False])
def test_a_front_end_on_another_origin_gets_in_only_when_listed(tmp_path, listed):
    """LiveKit's own TokenSource and Room, from a page that another server serves."""
    port = free_port()
    origin = f"http://localhost:{port}"
    with Stage(origins=(origin,) if listed else ()) as opened, browser(tmp_path / "profile") as context:
        runner = opened.do(front_end(port))
        seen = Watched(context)
        seen.page.goto(origin)
        endpoint = f"{opened.address}/api/livekit/token"
        if listed:
            assert seen.page.evaluate(FOREIGN, endpoint).startswith("user-")
            seen.page.goto(f"{origin}/example/?agent={opened.address}")
            seen.page.click("#call")
            seen.page.wait_for_selector("#state:text-matches('listening|thinking|speaking')", timeout=20_000)
            seen.page.wait_for_selector("#captions .agent:text-matches('.')", timeout=20_000)
        else:
            with pytest.raises(PlaywrightError, match="Failed to fetch"):
                seen.page.evaluate(FOREIGN, endpoint)
        opened.do(runner.cleanup())


async def front_end(port: int) -> web.AppRunner:
    """Somebody else's page with LiveKit's client in it."""

    async def index(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><script src=/client.js></script>", content_type="text/html")

    async def example(_: web.Request) -> web.FileResponse:
        return web.FileResponse(EXAMPLE)

    async def client(_: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "vendor" / "livekit-client.umd.js")

    app = web.Application()
    app.router.add_get("/", index)
    app.router.add_get("/client.js", client)
    app.router.add_get("/example/", example)
    app.router.add_get("/example/livekit-client.umd.js", client)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


def test_behind_a_tls_proxy_the_page_uses_wss_by_itself(tmp_path, silence):
    """The proxy passes bytes and nothing else: no forwarded headers, no configuration of ours."""
    with (
        Stage() as opened,
        tls(opened, tmp_path) as address,
        browser(tmp_path / "profile", silence, ignore_https_errors=True) as context,
    ):
        seen = Watched(context)
        seen.page.goto(address)
        seen.page.click("#talk")
        seen.state("Listening")
        assert seen.errors == [] and seen.foreign(address) == []
        assert any(url.startswith("wss") for url in seen.requests)


@contextmanager
def tls(opened: Stage, folder: Path) -> Iterator[str]:
    """The https address of a TLS-terminating proxy before the web server."""
    files = [str(folder / "key.pem"), str(folder / "cert.pem")]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    subprocess.run([*made, "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", opened.web.port)
        await asyncio.gather(pump(reader, behind_writer), pump(behind_reader, writer))

    server = opened.do(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        opened.loop.call_soon_threadsafe(server.close)
