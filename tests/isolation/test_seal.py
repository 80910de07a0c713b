"""The seal: what it decides, and that a sealed process can neither look up a name nor connect elsewhere."""

from __future__ import annotations

import socket
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr

from local_agent.config.settings import Settings
from local_agent.errors import Sealed
from local_agent.isolation import kernel_filter, seal
from local_agent.isolation.kernel_filter import Way
from local_agent.isolation.seal import HERE, Reach

NAMED = Reach(names=frozenset({"livekit.example"}), networks=(ip_network("192.168.1.0/24"),), listens=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST.", "0.0.0.0", "::ffff:127.0.0.1"]
)
def test_this_machine_may_be_reached(host: str) -> None:
    assert seal.may_reach(host, HERE) and seal.may_resolve(host, HERE)


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8", "192.168.1.7", "10.0.0.1", "169.254.169.254", "fe80::1%eth0", "::ffff:8.8.8.8", "255.255.255.255",
        "224.0.0.251", "example.com", "localhost.example.com", "a.localhost", "127.0.0.1.example.com",
        "127.1", "0x7f.1",
    ],
)  # fmt: skip
def test_nothing_else_may(host: str) -> None:
    assert not seal.may_reach(host, HERE)


def test_names_that_look_local_may_not_be_asked_for() -> None:
    """A resolver sends a.localhost to DNS like any other name."""
    for name in ("a.localhost", "localhost.example.com", "livekit.example", b"example.com"):
        assert not seal.may_resolve(name, HERE)


def test_the_configured_server_and_its_network_may_be_reached() -> None:
    assert seal.may_resolve("LiveKit.example", NAMED) and seal.may_reach("192.168.1.9", NAMED)
    assert not seal.may_resolve("other.example", NAMED) and not seal.may_reach("192.168.2.9", NAMED)


def test_listening_is_for_loopback_unless_the_network_is_let_in() -> None:
    assert seal.may_listen("127.0.0.1", HERE) and seal.may_listen("::1", HERE) and seal.may_listen("localhost", HERE)
    assert not any(seal.may_listen(host, HERE) for host in ("0.0.0.0", "::", "192.168.1.2", ""))
    assert seal.may_listen("0.0.0.0", NAMED)


def settings(**given: object) -> Settings:
    keys = {"livekit_api_key": "key", "livekit_api_secret": SecretStr("s" * 32)} if "livekit_url" in given else {}
    return Settings.model_validate({**keys, **given})


def test_what_the_settings_need() -> None:
    assert seal.reach(settings()) == HERE
    assert seal.reach(settings(livekit_url="ws://localhost:7880")) == HERE
    assert seal.reach(settings(livekit_url="wss://LiveKit.example")) == Reach(names=frozenset({"livekit.example"}))
    by_address = seal.reach(settings(livekit_url="ws://192.168.1.5:7880"))
    assert by_address.networks == (ip_network("192.168.1.5/32"),) and not by_address.listens
    own_name = seal.reach(settings(host="talk.lan", access_key=SecretStr("k" * 20)))
    assert own_name == Reach(names=frozenset({"talk.lan"}), listens=True), "its address must be found to listen on it"
    assert seal.reach(settings(livekit_url="ws://livekit.localhost:7880")).names == {"livekit.localhost"}
    assert seal.reach(settings(livekit_url="ws://127.0.0.1:7880")) == HERE
    assert seal.reach(settings(host="0.0.0.0", access_key=SecretStr("k" * 20))).listens
    lan = seal.reach(settings(node_ip="192.0.2.77"))
    assert lan.listens and lan.networks == (ip_network("192.0.2.77/32"),), "no interface here has that address"


def test_an_allowed_names_addresses_may_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(name: str, _: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append(name)
        return [(2, 1, 6, "", ("203.0.113.4", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    judge = seal.Seal(NAMED)
    with socket.socket() as sock:
        judge.send(sock, ("203.0.113.4", 443))
        judge.send(sock, ("203.0.113.4", 443))
        with pytest.raises(Sealed):
            judge.send(sock, ("203.0.113.5", 443))
    assert asked == ["livekit.example"], "asked again for every packet"


def test_a_server_of_many_addresses_is_reached_at_each_that_was_answered() -> None:
    """Through asyncio and on its own; and what another name resolves to stays denied."""
    code = """
import asyncio, itertools, socket
from local_agent.isolation import seal
from local_agent.errors import Sealed
turns = itertools.count(1)
socket.getaddrinfo = lambda host, port, *_, **__: [(2, 1, 6, "", (f"203.0.113.{next(turns)}", port or 0))]
seal.close(seal.Reach(names=frozenset({"livekit.example"})))
judge = socket.socket(type=socket.SOCK_DGRAM)
def reach(address):
    try:
        judge.connect((address, 9))  # of UDP: sends nothing
    except Sealed:
        return "denied"
    except OSError:
        return "let through"  # there is no route to it here, of which the seal knows nothing
    return "let through"
async def ask():
    return (await asyncio.get_running_loop().getaddrinfo("LiveKit.example.", 443))[0][4][0]
print([reach(asyncio.run(ask())) for _ in range(3)] + [reach(socket.getaddrinfo("livekit.example", 443)[0][4][0])])
print(reach("198.51.100.9"))
"""
    done = sealed(code)
    assert done.stdout.splitlines() == [str(["let through"] * 4), "denied"], done.stderr


def test_a_denial_names_who_tried_what(caplog: pytest.LogCaptureFixture) -> None:
    judge = seal.Seal(HERE)
    for _ in range(2):
        with pytest.raises(Sealed, match=rf"{__name__}, line \d+.* to resolve the name hub\.example") as denied:
            judge.resolve("hub.example")
    assert isinstance(denied.value, PermissionError)
    assert len(caplog.messages) == 1, "the same denial was told twice"


ATTEMPTS = {
    "getaddrinfo": "socket.getaddrinfo('hub.example', 443)",
    "gethostbyname": "socket.gethostbyname('hub.example')",
    "gethostbyaddr": "socket.gethostbyaddr('192.0.2.1')",
    "getnameinfo": "socket.getnameinfo(('192.0.2.1', 80), 0)",
    "connect": "socket.socket().connect(('192.0.2.1', 80))",
    "connect_ex": "socket.socket().connect_ex(('192.0.2.1', 80))",
    "connect by name": "socket.socket().connect(('hub.example', 80))",
    "sendto": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    "sendto by name": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', 0, ('hub.example', 53))",
    "sendmsg": "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b''], [], 0, ('192.0.2.1', 53))",
    "sendmsg by name": "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b''], [], 0, ('hub.example', 53))",
    "sendmsg by bytearray": "socket.socket(type=2).sendmsg([b''], [], 0, (bytearray(b'hub.example'), 9))",
    "sendmsg by bytes": "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b''], [], 0, (b'hub.example', 53))",
    "sendmsg of v6 by name": "socket.socket(10, socket.SOCK_DGRAM).sendmsg([b''], [], 0, ('hub.example', 53, 0, 0))",
    "sendto by bytearray": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', (bytearray(b'192.0.2.1'), 53))",
    "connect by bytearray": "socket.socket().connect((bytearray(b'hub.example'), 80))",
    "bind by bytes": "socket.socket().bind((b'hub.example', 0))",
    "datagram transport": "asyncio.run(datagram(('hub.example', 53)))",
    "v6": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "bind": "socket.socket().bind(('0.0.0.0', 0))",
    "bind by name": "socket.socket().bind(('hub.example', 0))",
    "packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)",
    "urllib": "__import__('urllib.request').request.urlopen('http://hub.example/')",
    "asyncio": "asyncio.run(asyncio.open_connection('hub.example', 80))",
    "another thread": "thread(lambda: socket.create_connection(('192.0.2.1', 80)))",
}
SEALED = """
import asyncio, socket, sys, threading
from local_agent.isolation import seal
from local_agent.errors import Sealed
def thread(work):
    caught = []
    threading.excepthook = lambda given: caught.append(given.exc_value)
    one = threading.Thread(target=work); one.start(); one.join()
    raise caught[0]
async def datagram(address):
    await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=address)
seal.close(seal.HERE)
for attempt in {attempts!r}:
    try:
        eval(attempt)
    except Exception as error:
        while error is not None and not isinstance(error, Sealed):
            error = getattr(error, "reason", None) or error.__cause__
        told = error is not None and "__main__, line" in str(error) and ("hub" not in attempt or "hub.ex" in str(error))
        print("denied" if told else repr(error))
    else:
        print("went through")
"""


def sealed(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_a_sealed_process_reaches_nothing_outside() -> None:
    """A name is denied as a name: its address, in the denial, would be one that somebody was asked for."""
    done = sealed(SEALED.format(attempts=list(ATTEMPTS.values())))
    assert dict(zip(ATTEMPTS, done.stdout.splitlines(), strict=True)) == dict.fromkeys(ATTEMPTS, "denied"), done.stderr
    assert "sealed: __main__, line" in done.stderr


def test_a_sealed_process_serves_and_asks_itself() -> None:
    code = """
import asyncio, aiohttp, socket
from aiohttp import web
from local_agent.isolation import seal
seal.close(seal.HERE); seal.close(seal.HERE)
async def main():
    app = web.Application(); app.router.add_get("/", lambda _: web.Response(text="served"))
    runner = web.AppRunner(app); await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0); await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession() as http:
        for host in ("127.0.0.1", "localhost"):
            async with http.get(f"http://{host}:{port}/") as answer:
                print(await answer.text())
        try:
            await http.get("http://hub.example/")
        except aiohttp.ClientConnectorError:
            print("refused")
    a, b = socket.socketpair(); a.send(b"x"); print(b.recv(1).decode())
asyncio.run(main())
print(seal.state().hook)
"""
    done = sealed(code)
    assert done.stdout.split() == ["served", "served", "refused", "x", "True"], done.stderr
    assert "aiohttp.resolver, line" in done.stderr and "__main__, line" in done.stderr


def test_the_kernels_layer_is_asked_without_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the answer, nothing arrives at the only place where the question could: this machine."""
    assert kernel_filter.look() in Way
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.2)
        monkeypatch.setitem(kernel_filter.OUTSIDE, socket.AF_INET, ("192.0.2.1", listener.getsockname()[1]))
        kernel_filter.look()
        with pytest.raises(TimeoutError):
            listener.recv(16)


class _Kernel(socket.socket):
    """A kernel that refuses: `refusal` at connect, or at send when the socket is bound to loopback."""

    connecting: OSError | None = None
    sending: OSError | None = None

    def connect(self, address: object) -> None:
        if self.connecting:
            raise self.connecting

    def setsockopt(self, *_: object) -> None:
        return None

    def sendto(self, *_: object) -> int:  # type: ignore[override]
        if self.sending:
            raise self.sending
        return 0


@pytest.mark.parametrize(
    ("connecting", "sending", "way"),
    [
        (OSError(101, "unreachable"), None, Way.NONE),
        (PermissionError(1, "denied"), None, Way.DENIED),
        (None, PermissionError(1, "denied"), Way.DENIED),
        (None, OSError(19, "no such device"), Way.UNKNOWN),
        (None, None, Way.OPEN),
    ],
)
def test_what_the_kernel_says_is_understood(
    monkeypatch: pytest.MonkeyPatch, connecting: OSError | None, sending: OSError | None, way: Way
) -> None:
    monkeypatch.setattr(_Kernel, "connecting", connecting)
    monkeypatch.setattr(_Kernel, "sending", sending)
    monkeypatch.setattr(kernel_filter.socket, "socket", _Kernel)
    assert kernel_filter.look() is way


def test_a_crash_of_a_sealed_process_leaves_no_dump() -> None:
    code = """
import resource
from local_agent.isolation import seal
seal.close(seal.HERE)
print(resource.getrlimit(resource.RLIMIT_CORE)[0])
"""
    assert sealed(code).stdout.split()[0] in ("0", "1")


@pytest.mark.parametrize("command", [["start"], ["talk", "question.wav"], ["console"], ["console", "--text"]])
def test_commands_seal_themselves_before_anything_heavy_is_imported(command: list[str], tmp_path: Path) -> None:
    code = f"""
import sys
from local_agent.cli import app
from local_agent.config import sources
from local_agent.isolation import seal
def close(allowed):
    print(sorted(set(sources.HEAVY) & set(sys.modules)), allowed == seal.HERE)
    raise SystemExit(0)
seal.close = close
sys.argv = ["local_agent", *{command!r}]
app.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[] True", done.stdout + done.stderr
