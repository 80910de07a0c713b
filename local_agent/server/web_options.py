"""What the web server needs to know, and which combinations it refuses to start with."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from local_agent.config.settings import MAKE_ACCESS_KEY, SHORTEST_ACCESS_KEY, Settings
from local_agent.errors import ConfigError
from local_agent.server import destination, lan
from local_agent.server.certificates import Identity

PAGE = Path(__file__).with_name("page")

DEVELOPMENT_KEYS = frozenset({("devkey", "secret")})
"""Pairs that everybody knows: `livekit-server --dev` prints them, and LiveKit's documentation uses them."""


@dataclass(frozen=True)
class WebOptions:
    """Facts for one `WebServer`. `check()` refuses what would be unsafe or cannot work.

    host, port: where to listen; port 0 picks a free one. livekit_ws: ws:// or wss:// URL of the livekit-server behind
    us. access_key: what callers must send as `Authorization: Bearer`; None asks for nothing, on loopback only.
    origins: other origins (`scheme://host[:port]`) whose pages may have tokens. public_url: the http(s) address that
    people type when a proxy stands in front. trust_proxy: believe X-Forwarded-Proto, -Host and -For. token_minutes:
    how long a token admits. tokens_per_minute, token_burst: how many tokens one client address gets. open_health:
    answer /health and /metrics to others than this machine. connections: how many may be open at once.
    agent_name: who is called into rooms; "": whoever answers all. shared: the LiveKit server is not our own, and others
    may have rooms on it. privacy: what the page says of where sound goes; privacy_host: where that is, "" for this
    machine, for pages in other languages. identity: the certificate to serve https with, which names this machine; None
    serves http.
    """

    livekit_ws: str
    api_key: str
    api_secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    access_key: str | None = field(default=None, repr=False)
    origins: tuple[str, ...] = ()
    public_url: str | None = None
    trust_proxy: bool = False
    token_minutes: float = 10.0
    tokens_per_minute: float = 120.0
    token_burst: int = 60
    open_health: bool = False
    connections: int = 512
    agent_name: str = ""
    shared: bool = False
    privacy: str = "What you say stays on the machine that serves this page."
    privacy_host: str = ""
    identity: Identity | None = None
    page_title: str = "Local voice agent"
    page_dir: Path = PAGE

    @classmethod
    def of(cls, settings: Settings, livekit_ws: str, api_key: str, api_secret: str) -> WebOptions:
        """What the settings say about the page, in front of that LiveKit server."""
        return cls(
            livekit_ws=livekit_ws,
            api_key=api_key,
            api_secret=api_secret,
            host=settings.host,
            port=settings.port,
            access_key=settings.access_key.get_secret_value() if settings.access_key else None,
            origins=settings.origins,
            public_url=settings.public_url,
            trust_proxy=settings.trust_proxy,
            open_health=settings.open_health,
            agent_name=settings.agent_name or "",
            shared=settings.livekit_url is not None,
            privacy=destination.told(settings.livekit_url),
            privacy_host=destination.host(settings.livekit_url),
            identity=lan.identity(settings) if settings.lan else None,
        )

    @property
    def exposed(self) -> bool:
        """True where others than this machine can reach us: a bind off loopback, or a public address in front."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return not is_loopback(self.host) or (public is not None and not is_loopback(public))

    @property
    def behind_proxy(self) -> bool:
        """True where the options say that a proxy stands in front."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return self.trust_proxy or (public is not None and not is_loopback(public))

    def check(self) -> None:
        """Raises ConfigError where the options contradict each other, cannot work or would be unsafe."""
        self._check_livekit()
        self._check_addresses()
        self._check_numbers()
        if self.exposed and len(self.access_key or "") < SHORTEST_ACCESS_KEY:
            key = f"an access key of {len(self.access_key)} characters" if self.access_key else "no access key"
            raise ConfigError(
                f"other machines could reach the web server ({self.public_url or self.host}) with {key}",
                expected=f"one of {SHORTEST_ACCESS_KEY} or more wherever others than this machine can ask for tokens",
                fix=MAKE_ACCESS_KEY,
            )

    def _check_livekit(self) -> None:
        livekit = _split("the LiveKit URL", self.livekit_ws)
        if livekit.scheme not in ("ws", "wss") or not livekit.hostname:
            raise ConfigError(
                f"the LiveKit URL is {self.livekit_ws!r}",
                expected="ws://host:port or wss://host",
                fix="leave it empty to use the livekit-server that local_agent starts, or correct LIVEKIT_URL",
            )
        if not self.api_key or not self.api_secret:
            raise ConfigError(
                "the LiveKit API key or secret is empty", fix="set LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
            )
        known = (self.api_key, self.api_secret) in DEVELOPMENT_KEYS
        if known and (self.exposed or not is_loopback(livekit.hostname)):
            raise ConfigError(
                f"the LiveKit key {self.api_key!r} and its well-known secret would guard a server that others reach",
                expected="a secret that only you know",
                fix="generate another pair with `livekit-server generate-keys` and set it on both sides",
            )

    def _check_addresses(self) -> None:
        if self.public_url is not None:
            public = _split("the public URL", self.public_url)
            if public.scheme not in ("http", "https") or not public.hostname or public.path not in ("", "/"):
                raise ConfigError(
                    f"the public URL is {self.public_url!r}",
                    expected="https://host or https://host:port, without a path",
                    fix="correct LOCAL_AGENT_PUBLIC_URL",
                )
        for origin in self.origins:
            parts = _split("an allowed origin", origin)
            if (
                parts.scheme not in ("http", "https")
                or origin != f"{parts.scheme}://{parts.netloc}"
                or not parts.hostname
                or "@" in origin
            ):
                raise ConfigError(
                    f"the allowed origin is {origin!r}",
                    expected="exactly what a browser sends: scheme://host or scheme://host:port, no path, no *",
                    fix="correct LOCAL_AGENT_ORIGINS",
                )

    def _check_numbers(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ConfigError(
                f"the port is {self.port}",
                expected="0 (any free one) to 65535",
                fix="correct --port or LOCAL_AGENT_PORT",
            )
        if not 0 < self.token_minutes <= 24 * 60:
            raise ConfigError(f"tokens would live {self.token_minutes} minutes", expected="more than 0, a day at most")
        if self.tokens_per_minute <= 0 or self.token_burst < 1:
            raise ConfigError(
                "the rate limit would refuse every token", expected="at least one token at once and a rate above 0"
            )


def is_loopback(host: str) -> bool:
    """True for localhost, its subdomains (RFC 6761) and loopback addresses; `host` is bare, without port or
    brackets."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _split(what: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{what} is {url!r}", expected="a URL with a valid host and port") from error
    return parts
