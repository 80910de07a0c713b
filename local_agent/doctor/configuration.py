"""Is what was configured right, and does everybody mean the same?"""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import urlsplit

from local_agent.config.addresses import is_loopback
from local_agent.config.settings import environment_name
from local_agent.config.sources import FILE as TOML
from local_agent.doctor import servers
from local_agent.doctor.check import Finding, check, fails, ok, skipped, warning
from local_agent.doctor.context import Case
from local_agent.server import api_keys, destination
from local_agent.server.web_options import DEVELOPMENT_KEYS

SETTINGS = "settings"
SHORTEST_SECRET = 32  # characters; livekit-server complains about shorter ones
FREE = "(a free port)"
TOGETHER = ("livekit_url", "livekit_api_key", "livekit_api_secret")  # useless unless they belong to one server


@check(SETTINGS)
def settings(case: Case) -> Finding:
    """Every source can be read and every value is allowed."""
    if case.fault is None:
        places = sorted({_place(origin) for told in case.sources.said.values() for origin, _ in told})
        return ok(f"from {', '.join(places)}" if places else "nothing is set: defaults")
    return fails(case.fault.what, case.fault.fix or "correct what is named; the checks below run on defaults meanwhile")


@check("LIVEKIT_URL")
def livekit_url(case: Case) -> Finding:
    """Which LiveKit server is used, and that it was meant."""
    if case.fault is not None:
        told = case.sources.said.get("livekit_url")
        return skipped(
            f"the settings are wrong; {told[-1][0]} says {told[-1][1]}" if told else "the settings are wrong"
        )
    url = case.settings.livekit_url
    empty = [name for name in case.sources.empty if name.lower().endswith(" livekit_url")]
    if url is None and empty:
        return warning(
            f"{', '.join(empty)} is set to nothing, which counts as not set: our own server is used",
            "remove that line, or put the address of your server there",
        )
    if url is None:
        return ok("not set: our own server on loopback is used")
    destination.demand_meant(case.settings)
    if destination.place(url) is not destination.Place.HERE:
        return warning(
            f"{url} (from {case.settings.origin('livekit_url')}): the sound of every call goes there",
            f"right where that is meant; else {case.settings.line('livekit_url', None)}",
        )
    return ok(f"{url} (from {case.settings.origin('livekit_url')}), used as {case.settings.livekit_ws}")


@check("sources agree")
def sources_agree(case: Case) -> Finding:
    """No two places name different LiveKit servers or keys."""
    faults = []
    for name in TOGETHER:
        told = case.sources.said.get(name, [])
        if len({str(value).strip().rstrip("/") for _, value in told}) > 1:
            shown = [origin if "secret" in name else f"{value} in {_place(origin)}" for origin, value in told]
            faults.append(f"{environment_name(name)} differs: {', '.join(shown)}; {_place(told[-1][0])} wins")
    if faults:
        return warning("; ".join(faults), "keep URL, key and secret in one place only, best .env")
    return ok("URL, key and secret are each said once or alike")


@check("running agent agrees")
def running_agrees(case: Case) -> Finding:
    """The agent that runs already was started with the settings that are here now."""
    if case.page is None:
        return skipped("none runs on the configured port")
    used, wanted = case.page.health.get("livekit"), case.settings.livekit_ws
    if not isinstance(used, str) or (wanted is None and is_loopback(urlsplit(used).hostname or "")) or used == wanted:
        return ok(f"{case.page.address} runs" + (f" with {used}" if isinstance(used, str) else ""))
    return fails(
        f"{case.page.address} was started with the LiveKit server {used}, but the settings say {wanted or 'our own'}",
        f"end it and start it again, or correct {case.settings.named('livekit_url')}",
    )


@check("LiveKit keys", needs=(SETTINGS,))
def livekit_keys(case: Case) -> Finding:
    """One pair of keys, for the server that is used, that nobody else knows."""
    chosen, file = case.settings, case.settings.data_dir / api_keys.FILE
    key = chosen.livekit_api_key
    secret = chosen.livekit_api_secret.get_secret_value() if chosen.livekit_api_secret else None
    if chosen.livekit_url is None:
        if key is None:
            return _own_keys(file)
        return warning(
            f"LIVEKIT_API_KEY is set ({chosen.origin('livekit_api_key')}) but LIVEKIT_URL is not: our own server runs "
            f"with the keys in {file} and does not know this one",
            "remove LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or set LIVEKIT_URL to the server that they belong to",
        )
    assert key is not None and secret is not None
    if (key, secret) in DEVELOPMENT_KEYS:
        return _development_keys(case, key)
    if len(secret) < SHORTEST_SECRET:
        return warning(
            f"the secret of {key} has {len(secret)} characters, LiveKit wants {SHORTEST_SECRET}",
            "make another pair with `livekit-server generate-keys` and set it on both sides",
        )
    if file.is_file() and api_keys.own_keys(chosen.data_dir).key == key:
        return warning(
            f"{key} is the key of our own server ({file}), but {chosen.named('livekit_url')} is {chosen.livekit_url}",
            f"set the key and secret of that server, or {chosen.line('livekit_url', None)}",
        )
    return ok(f"{key} from {chosen.origin('livekit_api_key')}")


def _own_keys(file: Path) -> Finding:
    if not file.exists():
        return ok(f"made at the first start, in {file}")
    return ok(f"{api_keys.own_keys(file.parent).key} of our own server, in {file}")


def _development_keys(case: Case, key: str) -> Finding:
    here = is_loopback(urlsplit(case.settings.livekit_url or "").hostname or "") and is_loopback(case.settings.host)
    found = f"{key} and its secret are known to everybody who read LiveKit's documentation"
    fix = "make another pair with `livekit-server generate-keys` and set it on both sides"
    return warning(f"{found}; on loopback that is borne", fix) if here else fails(found, fix)


@check("private files")
def private_files(case: Case) -> Finding:
    """Nobody else on this machine can read keys and secrets."""
    origins = [origin for name in _SECRETS for origin, _ in case.sources.said.get(name, [])]
    candidates = [case.settings.data_dir / api_keys.FILE, case.folder / ".env", case.folder / TOML]
    held = [
        path for path in candidates if path.name == api_keys.FILE or any(name.startswith(str(path)) for name in origins)
    ]
    open_ones = [path for path in held if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        shown = ", ".join(f"{path} (mode {stat.S_IMODE(path.stat().st_mode):o})" for path in open_ones)
        return warning(f"others on this machine may read {shown}", f"chmod 600 {' '.join(map(str, open_ones))}")
    there = [str(path) for path in held if path.is_file()]
    return ok(f"readable by you only: {', '.join(there)}" if there else "there are no secrets in files")


_SECRETS = ("livekit_api_secret", "access_key")


@check("environment")
def environment(case: Case) -> Finding:
    """No variable would make a library call out."""
    if case.ignored:
        return warning(
            f"{', '.join(case.ignored)} would make livekit-agents or a library below it talk to others, or write down "
            "too much; taken out of the environment at every start",
            f"unset {' '.join(case.ignored)}, so that other programs do not follow them either",
        )
    return ok("no variable that makes a library call out")


@check("page and signalling", needs=(SETTINGS,))
def mixed_content(case: Case) -> Finding:
    """A page never has to open a WebSocket of another scheme than its own."""
    chosen = case.settings
    own = f"https://{chosen.node_ip}" if chosen.lan and chosen.node_ip else f"http://{chosen.host}"
    page = chosen.public_url or f"{own}:{chosen.port or FREE}"
    livekit = chosen.livekit_ws or f"ws://127.0.0.1:{chosen.livekit_port or FREE}"
    signal = f"ws{page.removeprefix('http')}"
    mixed = page.startswith("https") != livekit.startswith("wss")
    told = f"{page} signals over {signal}, which is passed on to {livekit}"
    return ok(f"{told}; the schemes may differ, because browsers only see the page's own" if mixed else told)


def _place(origin: str) -> str:
    """`.env` for `/folder/.env LIVEKIT_URL`, `environment` for `environment LIVEKIT_URL`."""
    return Path(origin).name.split(" ")[0] if "/" in origin else origin.split(" ")[0]


CHECKS = (
    settings,
    private_files,  # before anything reads the keys, which mends their mode
    servers.recognise,
    livekit_url,
    sources_agree,
    running_agrees,
    livekit_keys,
    environment,
    mixed_content,
)
