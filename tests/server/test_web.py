"""The web server's rules, over real sockets: options, Host, origins, tokens, hostile requests, files, health."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from yarl import URL

from local_agent.doctor.network import outside_addresses
from local_agent.errors import ConfigError, PortInUse
from local_agent.server.web import LEAVE_PATH, TOKEN_PATH, WebServer
from local_agent.server.web_options import PAGE
from tests.server.webkit import ACCESS, FRIEND, KEY, SECRET, options, serving


def ask(web_options: Any, method: str, path: str, **request: Any) -> tuple[int, Mapping[str, str], str]:
    """(status, headers, body) of one request to a fresh server."""

    async def run() -> tuple[int, Mapping[str, str], str]:
        async with serving(web_options) as (_, client), client.request(method, path, **request) as answer:
            return answer.status, answer.headers, await answer.text()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"host": "0.0.0.0"}, "access key"),
        ({"host": "192.0.2.7"}, "access key"),
        ({"public_url": "https://voice.example"}, "access key"),
        ({"host": "0.0.0.0", "access_key": ACCESS, "api_key": "devkey", "api_secret": "secret"}, "well-known"),
        ({"livekit_ws": "wss://lk.example", "api_key": "devkey", "api_secret": "secret"}, "well-known"),
        ({"livekit_ws": "http://127.0.0.1:7880"}, "ws://"),
        ({"livekit_ws": ""}, "ws://"),
        ({"livekit_ws": "ws://host:99999"}, "valid host and port"),
        ({"api_secret": ""}, "empty"),
        ({"origins": ("*",)}, "exactly what a browser sends"),
        ({"origins": ("http://localhost:3000/",)}, "exactly what a browser sends"),
        ({"origins": ("null",)}, "exactly what a browser sends"),
        ({"public_url": "voice.example"}, "https://host"),
        ({"public_url": "https://voice.example/app"}, "https://host"),
        ({"port": 70000}, "65535"),
        ({"token_minutes": 0}, "more than 0"),
        ({"token_burst": 0}, "rate limit"),
    ],
)
def test_unsafe_or_contradicting_options_refuse_to_start(tmp_path, changes, says):
    with pytest.raises(ConfigError, match=says):
        WebServer(options(tmp_path, **changes))


def test_development_keys_are_fine_on_loopback(tmp_path):
    assert WebServer(options(tmp_path, api_key="devkey", api_secret="secret")).port == 0


def test_secrets_do_not_show_in_a_printed_options(tmp_path):
    shown = repr(options(tmp_path, access_key=ACCESS))
    assert ACCESS not in shown and SECRET not in shown


def test_a_port_in_use_is_named_with_the_process_that_holds_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=rf"{port}.*process"):
            asyncio.run(WebServer(options(tmp_path, port=port)).start())


def test_an_address_that_is_not_ours_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match=r"192\.0\.2\.77"):
        asyncio.run(WebServer(options(tmp_path, host="192.0.2.77", access_key=ACCESS)).start())


def test_port_0_picks_a_free_one_and_start_names_it(tmp_path):
    async def run() -> tuple[str, int]:
        server = WebServer(options(tmp_path))
        address = await server.start()
        await server.stop()
        await server.stop()
        return address, server.port

    address, port = asyncio.run(run())
    assert port > 0 and address == f"http://127.0.0.1:{port}"


def test_an_incomplete_page_is_named(tmp_path):
    web_options = options(tmp_path)
    (tmp_path / "vendor" / "livekit-client.umd.js").unlink()
    with pytest.raises(ConfigError, match="livekit-client"):
        asyncio.run(WebServer(web_options).start())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 201),
        ("localhost:9999", 201),
        ("127.0.0.1", 201),
        ("[::1]:8080", 201),
        ("app.localhost", 201),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:8080", 421),
        ("192.0.2.5", 421),
        ("user@localhost", 400),
        ("localhost/x", 400),
        ("localhost:x", 400),
        ("", 400),
    ],
)
def test_only_our_host_names_are_answered(tmp_path, host, status):
    found, _, body = ask(options(tmp_path), "POST", TOKEN_PATH, headers={"Host": host})
    assert found == status and (status == 201 or "error" in json.loads(body))


def test_the_public_url_is_a_host_of_ours_and_its_scheme_is_used(tmp_path):
    web_options = options(tmp_path, public_url="https://voice.example", access_key=ACCESS)
    headers = {"Host": "voice.example", "Authorization": f"Bearer {ACCESS}", "Origin": "https://voice.example"}
    status, _, body = ask(web_options, "POST", TOKEN_PATH, headers=headers)
    assert status == 201 and json.loads(body)["server_url"] == "wss://voice.example"


@pytest.mark.parametrize(("trusted", "url"), [(True, "wss://localhost"), (False, "ws://127.0.0.1:5")])
def test_forwarded_headers_count_only_from_a_trusted_proxy(tmp_path, trusted, url):
    headers = {"Host": "127.0.0.1:5", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}
    _, _, body = ask(options(tmp_path, trust_proxy=trusted), "POST", TOKEN_PATH, headers=headers)
    assert json.loads(body)["server_url"] == url


def test_both_spellings_get_their_answer(tmp_path):
    status, _, body = ask(options(tmp_path), "POST", TOKEN_PATH, json={"roomName": "r", "participantIdentity": "ann"})
    claims = jwt.decode(json.loads(body)["token"], SECRET, algorithms=["HS256"], issuer=KEY)
    assert status == 200 and (claims["video"]["room"], claims["sub"]) == ("r", "ann")
    status, headers, body = ask(options(tmp_path), "POST", TOKEN_PATH, json={"room_name": "r"})
    answer = json.loads(body)
    assert status == 201 and answer["participant_token"] and answer["server_url"].startswith("ws://127.0.0.1:")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", [None, "Bearer wrong", f"Basic {ACCESS}", ACCESS])
def test_the_access_key_must_match(tmp_path, key):
    headers = {"Authorization": key} if key else {}
    status, found, body = ask(options(tmp_path, access_key=ACCESS), "POST", TOKEN_PATH, headers=headers)
    assert status == 401 and found["WWW-Authenticate"] == "Bearer" and "token" not in json.loads(body)


def test_on_loopback_without_an_access_key_the_header_is_not_looked_at(tmp_path):
    assert ask(options(tmp_path), "POST", TOKEN_PATH, headers={"Authorization": "Bearer whatever"})[0] == 201


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:3001",
        "https://localhost:3000",
        FRIEND + "/",
        "http://localhost",
    ],
)
def test_an_origin_that_is_not_listed_gets_nothing(tmp_path, origin):
    web_options = options(tmp_path, origins=(FRIEND,))
    status, headers, body = ask(web_options, "POST", TOKEN_PATH, headers={"Origin": origin})
    assert (
        status == 403 and "token" not in body.replace(TOKEN_PATH, "") and "Access-Control-Allow-Origin" not in headers
    )
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    status, headers, _ = ask(web_options, "OPTIONS", TOKEN_PATH, headers=preflight)
    assert status == 403 and "Access-Control-Allow-Origin" not in headers


def test_a_listed_origin_passes_preflight_and_gets_a_token_it_may_read(tmp_path):
    web_options = options(tmp_path, origins=(FRIEND,))
    preflight = {
        "Origin": FRIEND,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    status, headers, _ = ask(web_options, "OPTIONS", TOKEN_PATH, headers=preflight)
    assert status == 204 and headers["Access-Control-Allow-Origin"] == FRIEND and "Origin" in headers["Vary"]
    assert (
        headers["Access-Control-Allow-Methods"] == "POST" and "authorization" in headers["Access-Control-Allow-Headers"]
    )
    status, headers, _ = ask(web_options, "POST", TOKEN_PATH, headers={"Origin": FRIEND}, json={})
    assert status == 201 and headers["Access-Control-Allow-Origin"] == FRIEND and "Origin" in headers["Vary"]
    status, headers, _ = ask(web_options, "POST", TOKEN_PATH, headers={"Origin": FRIEND}, json={"room_name": 1})
    assert (
        status == 400 and headers["Access-Control-Allow-Origin"] == FRIEND
    )  # so that the front end can read the reason


def test_our_own_page_may_ask_whatever_scheme_a_tls_proxy_made_of_it(tmp_path):
    headers = {"Host": "localhost:8443", "Origin": "https://localhost:8443"}
    assert ask(options(tmp_path), "POST", TOKEN_PATH, headers=headers)[0] == 201


def test_too_many_requests_are_told_when_to_come_back(tmp_path):
    async def run() -> list[tuple[int, str | None]]:
        async with serving(options(tmp_path, token_burst=2, tokens_per_minute=1)) as (_, client):
            found = []
            for _ in range(3):
                async with client.post(TOKEN_PATH) as answer:
                    found.append((answer.status, answer.headers.get("Retry-After")))
            return found

    first, second, third = asyncio.run(run())
    assert first[0] == second[0] == 201 and third[0] == 429 and 1 <= int(third[1] or 0) <= 60


def test_every_answer_carries_the_security_headers(tmp_path):
    for method, path in (("GET", "/"), ("GET", "/app.js"), ("POST", TOKEN_PATH), ("GET", "/nowhere"), ("GET", "/rtc")):
        _, headers, _ = ask(options(tmp_path), method, path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert "microphone=(self)" in headers["Permissions-Policy"]
        assert headers["Server"] == "local_agent"


def test_the_page_is_never_stored_and_its_files_are_asked_for_again(tmp_path):
    status, headers, body = ask(options(tmp_path, page_title="A <b>"), "GET", "/")
    assert status == 200 and headers["Cache-Control"] == "no-store" and "A &lt;b&gt;" in body
    status, headers, _ = ask(options(tmp_path), "GET", "/app.js")
    assert (
        status == 200
        and headers["Content-Type"].startswith("text/javascript")
        and headers["Content-Encoding"] == "gzip"
    )
    again = ask(options(tmp_path), "GET", "/app.js", headers={"If-None-Match": headers["ETag"]})
    assert again[0] == 304 and again[2] == ""


@pytest.mark.parametrize(
    "path",
    ["/../errors.py", "/%2e%2e/errors.py", "/vendor/../../web.py", "/index.html", "//etc/passwd", "/app.js/", "/.env"],
)
def test_no_path_leads_out_of_the_page(tmp_path, path):
    async def run() -> int:
        async with serving(options(tmp_path)) as (server, client):
            answer = await client.get(URL(f"http://127.0.0.1:{server.port}{path}", encoded=True))
            return answer.status

    assert asyncio.run(run()) == 404


def test_methods_that_make_no_sense_say_which_do(tmp_path):
    status, headers, body = ask(options(tmp_path), "GET", TOKEN_PATH)
    assert status == 405 and "POST" in headers["Allow"] and json.loads(body)["error"]


def test_health_tells_whether_it_is_ready(tmp_path):
    async def run(ready: bool) -> tuple[int, dict[str, Any], str]:
        injected: dict[str, Any] = {"health": lambda: {"ready": ready, "calls": 1}, "metrics": lambda: b"up 1\n"}
        async with serving(options(tmp_path), **injected) as (_, client):
            answer, metrics = await client.get("/health"), await client.get("/metrics")
            return answer.status, await answer.json(), await metrics.text()

    assert asyncio.run(run(True)) == (200, {"ready": True, "calls": 1}, "up 1\n")
    assert asyncio.run(run(False))[0] == 503


def raw(web_options: Any, *lines: str) -> int:
    """The status of a request that is written line by line; {port} is the server's."""

    async def run() -> int:
        async with serving(web_options) as (server, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write("\r\n".join([*lines, "", ""]).format(port=server.port).encode())
            status = int((await reader.readline()).split()[1])
            writer.close()
            return status

    return asyncio.run(run())


@pytest.mark.parametrize("path", ["/health", "/metrics"])
@pytest.mark.parametrize(
    "lines",
    [
        ("HTTP/1.0", "Host: 127.0.0.1:{port}", "Connection: close"),  # nginx with `proxy_pass` and nothing else
        ("HTTP/1.1", "Host: 127.0.0.1:{port}", "X-Forwarded-For: 192.0.2.1"),
        ("HTTP/1.1", "Host: localhost", "X-Real-IP: 192.0.2.1"),
        ("HTTP/1.1", "Host: localhost", "Via: 1.1 proxy"),
        ("HTTP/1.1", "Host: localhost", "Forwarded: for=192.0.2.1"),
        ("HTTP/1.1", "Host: localhost", "x-forwarded-proto: https"),
    ],
)
def test_a_proxy_on_this_machine_gets_neither_health_nor_metrics(tmp_path, path, lines):
    assert raw(options(tmp_path), f"GET {path} {lines[0]}", *lines[1:]) == 403


@pytest.mark.parametrize(
    ("key", "status"), [(None, 403), (f"Bearer {ACCESS}", 200), ("Bearer wrong", 403), (f"Basic {ACCESS}", 403)]
)
@pytest.mark.parametrize("behind", [{"public_url": "https://voice.example"}, {"trust_proxy": True}])
def test_where_a_proxy_stands_in_front_health_takes_the_access_key(tmp_path, behind, key, status):
    """One that speaks HTTP/1.1, sends our own address as Host and says nothing of whom it asks for looks like curl."""
    headers = {"Authorization": key} if key else {}
    assert ask(options(tmp_path, access_key=ACCESS, **behind), "GET", "/health", headers=headers)[0] == status


def test_whoever_guesses_at_the_key_is_slowed_down(tmp_path):
    web_options = options(
        tmp_path, public_url="https://v.example", access_key=ACCESS, token_burst=3, tokens_per_minute=1
    )

    async def run() -> list[int]:
        async with serving(web_options) as (_, client):
            found = []
            for n in range(5):
                async with client.get("/health", headers={"Authorization": f"Bearer {n}"}) as answer:
                    found.append(answer.status)
            return found

    assert asyncio.run(run()) == [403, 403, 403, 429, 429]


@pytest.mark.parametrize(("forwarded", "status"), [({}, 200), ({"X-Forwarded-For": "192.0.2.1"}, 403)])
def test_an_operator_on_the_machine_sees_health_at_the_address_of_its_network(tmp_path, forwarded, status):
    here = outside_addresses()[0].split()[1]

    async def run() -> tuple[int, int]:
        async with serving(options(tmp_path, host=here, access_key=ACCESS)) as (server, client):
            answer = await client.get(f"http://{here}:{server.port}/health", headers=forwarded)
            token = await client.post(f"http://{here}:{server.port}{TOKEN_PATH}")
            return answer.status, token.status

    assert asyncio.run(run()) == (status, 401), "being here opens health, not calls"


def test_two_colons_are_every_address_of_ipv4_too(tmp_path):
    async def run() -> tuple[str, list[int]]:
        server = WebServer(options(tmp_path, host="::", access_key=ACCESS))
        address = await server.start()
        try:
            async with aiohttp.ClientSession() as client:
                places = (address, f"http://127.0.0.1:{server.port}", f"http://[::1]:{server.port}")
                return address, [(await client.get(f"{place}/health")).status for place in places]
        finally:
            await server.stop()

    address, found = asyncio.run(run())
    assert found == [200, 200, 200], address


@pytest.mark.parametrize(("is_open", "status"), [(False, 403), (True, 200)])
def test_health_is_for_this_machine_unless_opened(tmp_path, is_open, status):
    web_options = options(tmp_path, public_url="https://voice.example", access_key=ACCESS, open_health=is_open)
    assert ask(web_options, "GET", "/health", headers={"Host": "voice.example"})[0] == status


@pytest.mark.parametrize("body", [{}, {"token": 1}, {"token": "a.b.c"}, [], {"token": None}])
def test_leaving_needs_a_token_of_ours(tmp_path, body):
    assert 400 <= ask(options(tmp_path), "POST", LEAVE_PATH, json=body)[0] < 500


def test_the_page_in_the_repository_has_no_inline_script_or_style_and_names_no_other_origin():
    for path in [*PAGE.glob("*.html"), *PAGE.glob("*.js"), *PAGE.glob("*.css")]:
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text and "https://" not in text and "ws://" not in text, path
        assert " style=" not in text and "<style" not in text and " onclick=" not in text, path
        assert "<script>" not in text and "eval(" not in text and "innerHTML" not in text, path


async def check_a_closed_door(folder: Path) -> None:
    closed = ["it is ending", ""]
    async with serving(options(folder), closed=lambda: closed[0], queue=lambda: 3) as (_, client):
        async with client.post("/api/livekit/token", json={}) as answer:
            assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
            assert (await answer.json())["error"] == "it is ending"
        del closed[0]
        async with client.post("/api/livekit/token", json={}) as answer:
            assert (await answer.json())["queue_position"] == 3


def test_while_nobody_is_let_in_no_token_is_given_and_then_it_tells_the_place_in_the_queue(tmp_path: Path) -> None:
    asyncio.run(check_a_closed_door(tmp_path))
