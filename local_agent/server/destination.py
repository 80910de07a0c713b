"""Where the sound of calls goes, and whether it was meant to.

LIVEKIT_URL is LiveKit's own variable and stands in many a developer's shell or .env for something else. A server that
is neither on this machine nor in a private network is joined only where a setting of ours names it.
"""

from __future__ import annotations

import enum
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from local_agent.config.addresses import is_loopback
from local_agent.config.settings import PREFIX, Settings, environment_name
from local_agent.errors import ConfigError

# RFC 1918, RFC 3927, RFC 4193, RFC 4291. Not 100.64.0.0/10 (RFC 6598), which a provider shares among its customers.
PRIVATE = tuple(
    ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)
VARIABLE = environment_name("livekit_url")


class Place(enum.Enum):
    """How far away a LiveKit server is, as far as its URL tells: a name could lead anywhere, and nobody is asked."""

    HERE = "this machine"
    NEAR = "a private network"
    ELSEWHERE = "anywhere"


def place(url: str | None) -> Place:
    """Of a ws(s) or http(s) URL; none: our own server."""
    host = (urlsplit(url).hostname or "") if url else "localhost"
    if is_loopback(host):
        return Place.HERE
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return Place.ELSEWHERE
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return Place.HERE
    return Place.NEAR if any(address in network for network in PRIVATE) else Place.ELSEWHERE


def meant(settings: Settings) -> bool:
    """Whether calls may go where the LiveKit server of the settings is: LIVEKIT_URL alone does not lead elsewhere."""
    elsewhere = place(settings.livekit_url) is Place.ELSEWHERE
    return not (elsewhere and settings.origin("livekit_url").endswith(f" {VARIABLE}"))


def demand_meant(settings: Settings) -> None:
    """Raises ConfigError where LIVEKIT_URL alone would send calls somewhere else."""
    if meant(settings):
        return
    origin, url = settings.origin("livekit_url"), settings.livekit_url
    source = origin.removesuffix(f" {VARIABLE}")
    raise ConfigError(
        f"{VARIABLE} ({source}) names {url}, which is neither this machine nor an address in a private network: "
        "the sound of every call would go there",
        expected="a word that this is meant, or no such variable, for our own server",
        fix=f"remove it ({_removal(source)}); or to join that server: python -m local_agent start --url {url}, or the "
        f"same in {PREFIX}LIVEKIT_URL or as url in local_agent.toml",
    )


def _removal(source: str) -> str:
    return f"unset {VARIABLE}" if source == "environment" else f"the line in {source}"


def told(url: str | None) -> str:
    """Where what is said goes, in words for whoever says it. url: of a server that was configured; none: our own."""
    server = host(url)
    if not server:
        return "What you say stays on the machine that serves this page."
    return f"What you say goes to the LiveKit server {server} and the agents that it calls."


def host(url: str | None) -> str:
    """Of the LiveKit server that hears what is said; "" where that is this machine."""
    return "" if place(url) is Place.HERE else urlsplit(url or "").hostname or ""
