"""The LiveKit server: there, answering, taking our keys, leaking nothing; and an agent that really joins a room."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
from livekit import api
from livekit.protocol.rtc import JoinResponse, SignalResponse

from local_agent.config.addresses import is_loopback
from local_agent.doctor import servers
from local_agent.doctor.check import Finding, check, fails, ok, skipped, warning
from local_agent.doctor.context import NATIVE, Case, Page, Server
from local_agent.errors import LiveKitUnreachable, ServerError, set_up
from local_agent.server import livekit, tokens

ANSWERS = "LiveKit server answers"
KEYS = "LiveKit takes the keys"
TOKEN = "token endpoint"
SIGNALLING = "?protocol=16&sdk=python&auto_subscribe=0&access_token="  # 16: what this version of LiveKit's SDK sends
SKEW_WARNING, SKEW_FAILS = 5.0, 45.0  # s; LiveKit forgives a token 60 s, the Date header is whole seconds old
MEND_TIME = "set the clocks of both machines by NTP (timedatectl set-ntp true)"


@check("livekit-server program")
async def program(case: Case) -> Finding:
    """The program is there and tells its version."""
    if case.settings.livekit_ws is not None:
        return skipped(f"{case.settings.named('livekit_url')} names a server that runs elsewhere")
    path = livekit.binary(case.settings)
    process = await asyncio.create_subprocess_exec(
        str(path), "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = (await process.communicate())[0].decode(errors="replace").strip()
    found = re.search(r"livekit-server version (\S+)", said)
    if process.returncode != 0 or found is None:
        return fails(f"{path} is not a livekit-server: {said[:120] or 'it says nothing'}", set_up())
    return ok(f"{found[1]} at {path}")


@check(ANSWERS, seconds=30.0, asks=True)
async def answers(case: Case) -> Finding:
    """The server that calls would use answers; our own is started where it does not run."""
    began = time.monotonic()
    try:
        server = await servers.serve(case)
    except LiveKitUnreachable as error:
        if other := await other_scheme(case.settings.livekit_ws or ""):
            return fails(f"{error.what}, but {other} answers", case.settings.line("livekit_url", other))
        raise
    words = {
        "external": f"named by {case.settings.named('livekit_url')}",
        "running": "our own, running",
        "trial": "our own, started to try it",
    }
    return ok(f"{server.url}, {words[server.kind]}, after {time.monotonic() - began:.1f} s")


async def other_scheme(url: str) -> str:
    """`ws://` for `wss://` and the reverse, when a LiveKit server answers there; else empty."""
    other = f"ws{url.removeprefix('wss')}" if url.startswith("wss://") else f"wss{url.removeprefix('ws')}"
    return other if url and await livekit.answers(other) else ""


@check(KEYS, needs=(ANSWERS,), asks=True)
async def keys_accepted(case: Case) -> Finding:
    """A real signed call is answered."""
    server = await servers.serve(case)
    await livekit.authorise(server.url, server.keys)
    return ok(f"{server.keys.key} at {server.url}")


@check("clocks", needs=(ANSWERS,), asks=True)
async def clocks(case: Case) -> Finding:
    """The server's clock agrees with ours: tokens are good for minutes."""
    server = await servers.serve(case)
    timeout = aiohttp.ClientTimeout(total=5.0)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(_http(server.url)) as answer:
        date = answer.headers.get("Date", "")
    return clock_finding(date, time.time())


def clock_finding(date: str, now: float) -> Finding:
    """date: an HTTP Date header. now: seconds since 1970."""
    try:
        ahead = now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return skipped("the server tells no time")
    found = f"our clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the LiveKit server's"
    if abs(ahead) > SKEW_FAILS:
        return fails(f"{found}: it takes our tokens for expired or not yet good", MEND_TIME)
    return warning(found, MEND_TIME) if abs(ahead) > SKEW_WARNING else ok("they agree")


@check("STUN servers", needs=(KEYS,), asks=True)
async def stun(case: Case) -> Finding:
    """The LiveKit server sends nobody's browser to a STUN or TURN server elsewhere: it would learn our address."""
    server = await servers.serve(case)
    room = f"doctor-{secrets.token_hex(6)}"
    try:
        join = await _signalled_join(server, room)
    finally:
        await _end(server, room)
    return stun_finding([url for given in join.ice_servers for url in given.urls], server)


def stun_finding(urls: list[str], server: Server) -> Finding:
    """urls: `stun:host:port` and the like, as handed out."""
    own = urlsplit(server.url).hostname
    leaks = [url for url in urls if not is_loopback(host := _ice_host(url)) and host != own]
    if not leaks:
        return ok(f"{', '.join(urls) or 'none'}: nothing outside is asked")
    found = f"browsers are told to ask {', '.join(leaks)}"
    if server.kind == "external":
        return warning(found, "in that server's configuration set rtc.stun_servers to one of your own")
    return fails(found, "our own server should hand out none: report this, with the version of livekit-server")


def _ice_host(url: str) -> str:
    """`host` of `turns:host:443?transport=tcp`."""
    return urlsplit("//" + url.partition(":")[2].partition("?")[0]).hostname or ""


@check(TOKEN, needs=(ANSWERS,), asks=True)
async def token(case: Case) -> Finding:
    """The token endpoint gives a token, with a URL of the page's own origin, and the LiveKit server takes it."""
    page = await servers.page(case)
    given = await _ask_token(case, page, f"doctor-{secrets.token_hex(6)}")
    public = case.settings.public_url or page.address
    wanted = f"ws{public.removeprefix('http')}"
    if given["server_url"] != wanted:
        return fails(f"pages of {public} are sent to {given['server_url']}", f"expected {wanted}: restart the agent")
    address = f"{page.address}/rtc/validate?access_token={given['participant_token']}"
    async with page.session() as http, http.get(address) as answer:
        if answer.status != 200:
            return fails(
                f"the LiveKit server does not take its tokens: {answer.status} {(await answer.text())[:120]}",
                "restart the agent; the keys in .env and those of the server must be the same, and the clocks agree",
            )
    return ok(
        f"{page.address}{' (started to try it)' if page.own else ''} gives tokens for {wanted}, and they are taken"
    )


@check("an agent joins",
       needs=(NATIVE, "CPU features", "weights", "models at work", "network interface", ANSWERS, KEYS, TOKEN),
       seconds=300.0, asks=True)  # fmt: skip
async def agent_joins(case: Case) -> Finding:
    """Somebody who opens a room meets an agent; an agent of our own is started where none runs."""
    from local_agent.doctor import throwaway_agent

    page = await servers.page(case)
    busy = page.health.get("calls"), page.health.get("capacity")
    if isinstance(busy[0], int) and isinstance(busy[1], int) and busy[0] >= busy[1]:
        return skipped(f"all {busy[1]} places of the running agent are taken; none is disturbed")
    if page.own and case.server is not None and case.server.kind == "external":
        # Ours is started only where nobody else answers: people's calls would come to it too.
        seconds = await _meet(case, page, throwaway_agent.GLANCE)
        if seconds is not None:
            return ok(f"after {seconds:.1f} s (a worker that is registered there already)")
    async with throwaway_agent.present(case, page) as whose:
        seconds = await _meet(case, page, throwaway_agent.PATIENCE)
    if seconds is None:
        return fails(
            f"nobody joined the room within {throwaway_agent.PATIENCE:g} s ({whose})",
            "restart the agent and look at its log; a worker with an agent name waits for explicit dispatch",
        )
    return ok(f"after {seconds:.1f} s ({whose})")


async def _meet(case: Case, page: Page, patience: float) -> float | None:
    """Seconds until an agent joined a throw-away room, None if none did within `patience`; the room is ended."""
    from local_agent.doctor import throwaway_agent

    given = await _ask_token(case, page, f"doctor-{secrets.token_hex(6)}")
    url = case.server.url if case.server is not None else f"ws{page.address.removeprefix('http')}"
    try:
        return await throwaway_agent.meet(url, given["participant_token"], patience)
    finally:
        await _leave(page, given["participant_token"])


async def _ask_token(case: Case, page: Page, room: str) -> dict[str, str]:
    """What the token endpoint answers. Raises ServerError with its own reason when it does not give a token."""
    key = case.settings.access_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    body = {"room_name": room, "participant_identity": "doctor"}
    try:
        async with (
            page.session() as http,
            http.post(f"{page.address}/api/livekit/token", json=body, headers=headers) as answer,
        ):
            told = await answer.json()
            if answer.status in (200, 201):
                return {name: str(value) for name, value in told.items()}
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise ServerError(
            f"{page.address} does not give tokens: {type(error).__name__}: {error}", fix="restart the agent"
        ) from error
    raise ServerError(
        f"{page.address} refuses a token: {answer.status} {told.get('error', '')}",
        fix="an agent that runs has the settings it was started with: restart it",
    )


async def _leave(page: Page, signed: str) -> None:
    async with page.session() as http:
        await http.post(f"{page.address}/api/livekit/leave", json={"token": signed})


async def _signalled_join(server: Server, room: str) -> JoinResponse:
    """The first thing the server says to a browser that joins. Raises ServerError when it says something else."""
    invitation = tokens.Invitation(room, "doctor")
    signed = tokens.sign(invitation, key=server.keys.key, secret=server.keys.secret, minutes=1)
    try:
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{server.url}/rtc{SIGNALLING}{signed}") as socket:
            message = await socket.receive(timeout=10.0)
            if message.type is aiohttp.WSMsgType.BINARY:
                told = SignalResponse.FromString(message.data)
                if told.HasField("join"):
                    return told.join
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ServerError(f"{server.url} lets nobody in: {type(error).__name__}: {error}", fix="see its log") from error
    raise ServerError(f"{server.url} does not begin with a join ({message.type.name})", expected="a LiveKit server")


async def _end(server: Server, room: str) -> None:
    """Delete a room, where it came to be."""
    async with api.LiveKitAPI(_http(server.url), server.keys.key, server.keys.secret) as client:
        try:
            await client.room.delete_room(api.DeleteRoomRequest(room=room))
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise


def _http(url: str) -> str:
    return f"http{url.removeprefix('ws')}"


CHECKS = (program, answers, keys_accepted, clocks, stun, token, agent_joins)
