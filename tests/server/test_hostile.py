"""What nobody well-meaning sends: two thousand generated requests and broken HTTP get 4xx and never a token."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

import aiohttp
import jwt
import pytest
from yarl import URL

from local_agent.server.web import TOKEN_PATH
from tests.server.webkit import ACCESS, FRIEND, KEY, SECRET, options, serving


def _hostile_value(rng: random.Random) -> Any:
    return rng.choice(
        [
            rng.randrange(-(10**12), 10**12),
            rng.random() * 1e300,
            True,
            ["a"] * rng.randrange(1, 50),
            {"a": {"b": {}}},
            "a" * rng.randrange(129, 3000),
            "".join(chr(rng.randrange(1, 32)) for _ in range(4)),
            "../" * rng.randrange(1, 9) + "etc/passwd",
            f"room{chr(rng.randrange(0x80, 0xD7FF))}",
            "x\ud800",
            "a b",
            "agent-AJ_1 ",
            "<script>alert(1)</script>",
            "'; DROP TABLE rooms; --",
            "${jndi:ldap://localhost/x}",
            "%00",
            "-leading",
        ]
    )


def _hostile_body(rng: random.Random) -> bytes:
    names = ["room_name", "roomName", "participant_identity", "participantIdentity", "participant_name", "room_config"]
    wrong = json.dumps({rng.choice(names[:4]): _hostile_value(rng)}).encode()
    return rng.choice(
        [
            wrong,
            wrong[: rng.randrange(1, max(2, len(wrong)))],
            json.dumps(_hostile_value(rng)).encode(),
            json.dumps({"video": {"roomAdmin": True}, "room_name": "r"}).encode(),
            json.dumps({"participant_attributes": {"lk.x": "1"}}).encode(),
            json.dumps({"participant_attributes": {"k": _hostile_value(rng), "j": 5}}).encode(),
            json.dumps({"participant_name": ["x"], "participant_metadata": rng.randrange(9)}).encode(),
            json.dumps({"room_config": {"agents": [{"agent_name": "x"}], "egress": {"room": {}}}}).encode(),
            b'{"room_name":"a","room_name":"b"}',
            b"[" * rng.randrange(1000, 8000),
            b'{"room_config":' * rng.randrange(50, 500),
            rng.randbytes(rng.randrange(1, 4000)) + b"\xff",
            b"{" + b" " * rng.randrange(9_000, 60_000) + b"}",
            b'{"room_name": 1e999999}',
            b'{"room_name": Infinity}',
            b"\xef\xbb\xbf{}",
            b"room_name=x&participant_identity=y",
        ]
    )


def _bad_credential(rng: random.Random) -> str | None:
    body = {"sub": "a", "iss": KEY, "exp": time.time() + 60, "video": {"roomJoin": True, "room": "r"}}
    return rng.choice(
        [
            None,
            "Bearer",
            "Bearer ",
            f"Bearer {ACCESS[:-1]}",
            f"Bearer {ACCESS}x",
            f"Bearer {ACCESS.upper()}",
            f"Basic {ACCESS}",
            ACCESS,
            f"Bearer Bearer {ACCESS}",
            "Bearer " + jwt.encode(body | {"exp": 1}, SECRET, algorithm="HS256"),
            "Bearer " + jwt.encode(body, SECRET, algorithm="HS256"),
            "Bearer " + jwt.encode(body, "another-secret-0123456789-abcdefghijkl", algorithm="HS256"),
            "Bearer " + jwt.encode(body, None, algorithm="none"),
            "Bearer " + "A" * rng.randrange(100, 4000),
            "Bearer \u00e4\u00f6",
        ]
    )


def _hostile_request(rng: random.Random) -> dict[str, Any]:
    """One request with at least one thing wrong in it; what else is in it is right."""
    right = {"Content-Type": "application/json", "Authorization": f"Bearer {ACCESS}"}
    headers, body, method, path = dict(right), b'{"room_name":"r"}', "POST", TOKEN_PATH
    kind = rng.randrange(8)
    if kind <= 2:
        body = _hostile_body(rng)
    elif kind == 3:
        credential = _bad_credential(rng)
        headers.pop("Authorization")
        headers |= {"Authorization": credential} if credential is not None else {}
    elif kind == 4:
        types = ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data", "*/*"]
        headers |= rng.choice(
            [{"Content-Type": rng.choice(types)}, {"Content-Encoding": rng.choice(["gzip", "br", "deflate"])}]
        )
    elif kind == 5:
        headers["Host"] = rng.choice(
            ["evil.example", "localhost@evil.example", "127.0.0.1.nip.example", "local host", "[::1", "a/b"]
        )
    elif kind == 6:
        headers["Origin"] = rng.choice(
            ["http://evil.example", "null", "file://", FRIEND + ".evil.example", "HTTP://LOCALHOST:3000", "*"]
        )
    else:
        tricks = ["/", "//", "/..;/", "/%2e%2e/token", "%00", "/x", "%2f", ";a=b", "\\", "/token"]
        path = rng.choice(
            [
                TOKEN_PATH + rng.choice(tricks),
                "/api//livekit/token",
                "/API/livekit/token",
                "/api/livekit/../livekit/token",
            ]
        )
        path = path if path != TOKEN_PATH else TOKEN_PATH + "/"
        method = rng.choice(["POST", "PUT", "DELETE", "PATCH", "TRACE"])
    return {"method": method, "path": path, "headers": headers, "data": body}


def test_2000_hostile_requests_yield_4xx_and_no_token(tmp_path):
    """Seeded, so that a failure can be repeated; the server has to answer a right request afterwards."""
    cut_off = []

    async def run() -> tuple[list[tuple[int, str, dict[str, Any]]], int]:
        rng = random.Random(20_261)
        web_options = options(tmp_path, access_key=ACCESS, origins=(FRIEND,))
        found = []
        async with serving(web_options) as (server, client):
            for _ in range(2_000):
                request = _hostile_request(rng)
                url = URL(f"http://127.0.0.1:{server.port}{request.pop('path')}", encoded=True)
                try:
                    async with client.request(request.pop("method"), url, allow_redirects=False, **request) as answer:
                        found.append((answer.status, await answer.text(), request))
                except aiohttp.ClientConnectionError:
                    cut_off.append(request)  # the server may close on a body that it stopped reading
            right = {"Authorization": f"Bearer {ACCESS}"}
            async with client.post(TOKEN_PATH, json={"room_name": "r"}, headers=right) as answer:
                return found, answer.status

    found, afterwards = asyncio.run(run())
    assert len(found) + len(cut_off) == 2_000 and len(cut_off) < 100 and afterwards == 201
    wrong = [(status, request) for status, body, request in found if not 400 <= status < 500 or "eyJ" in body]
    assert wrong == []
    assert len({status for status, _, _ in found}) >= 7  # every kind of refusal was reached


RAW = [
    b"POST %s HTTP/1.1\r\n\r\n",
    b"POST %s HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 0\r\n\r\n{}",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\nOrigin: http://x.example\r\n\r\n",
    b"POST %s HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"GARBAGE\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]


@pytest.mark.parametrize("raw", RAW)
def test_broken_http_gets_4xx_or_a_closed_door(tmp_path, raw):
    async def run() -> bytes:
        async with serving(options(tmp_path, origins=(FRIEND,))) as (server, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(raw % TOKEN_PATH.encode() if b"%s" in raw else raw)
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 15)
            writer.close()
            return answer

    answer = asyncio.run(run())
    assert b"eyJ" not in answer
    assert answer == b"" or answer.split(b" ")[1].startswith(b"4")
