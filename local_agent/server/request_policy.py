"""Rules that hold for every request: which Host we answer to, which origins may ask, and the headers of every
answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web

from local_agent.errors import RequestRefused
from local_agent.server import tokens
from local_agent.server.rate_limit import address
from local_agent.server.web_options import WebOptions, is_loopback

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), display-capture=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Server": "local_agent",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

PREFLIGHT_SECONDS = 600
_WILDCARDS = ("0.0.0.0", "::", "")
# What the usual proxies add: RFC 7239, RFC 9110 section 7.6.3, nginx, Apache, HAProxy, Traefik, Caddy, Envoy, clouds.
_TOLD_BY_PROXIES = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Real-IP",
    "X-Client-IP",
    "X-Original-Forwarded-For",
    "X-Envoy-External-Address",
    "CF-Connecting-IP",
    "True-Client-IP",
)


@dataclass(frozen=True)
class Guard:
    """Decides about requests from the options alone; holds no state."""

    options: WebOptions

    def host(self, request: web.Request) -> str:
        """The `host[:port]` that the caller addressed. Raises RequestRefused (400, 421) for one that is not ours.

        A page that rebinds its own DNS name to our address still sends that name here, which is how it is told apart.
        """
        names = request.headers.getall("Host", [])
        if len(names) != 1:
            raise RequestRefused("exactly one Host header is needed")
        asked = self._forwarded(request, "X-Forwarded-Host") or names[0]
        try:
            parts = urlsplit(f"//{asked}")
            bare, _ = parts.hostname, parts.port
        except ValueError:
            bare = None
        if not bare or parts.netloc != asked or "@" in asked:
            raise RequestRefused("the Host header is malformed")
        if not self._is_ours(bare.rstrip(".")):
            raise RequestRefused(
                "this server does not answer to that host name; set LOCAL_AGENT_PUBLIC_URL if it should", status=421
            )
        return asked

    def scheme(self, request: web.Request) -> str:
        """http or https, as the caller sees it."""
        forwarded = self._forwarded(request, "X-Forwarded-Proto").lower()
        return forwarded if forwarded in ("http", "https") else request.scheme

    def client(self, request: web.Request) -> str:
        """The caller's address; behind a trusted proxy, the last one that the proxy itself added."""
        return self._forwarded(request, "X-Forwarded-For") or request.remote or "unknown"

    def signal_url(self, request: web.Request, host: str) -> str:
        """ws:// or wss:// URL under which the caller reaches signalling."""
        if self.options.public_url:
            return "ws" + self.options.public_url.removeprefix("http").rstrip("/")
        return f"{'wss' if self.scheme(request) == 'https' else 'ws'}://{host}"

    def origin(self, request: web.Request, host: str) -> str | None:
        """The foreign origin that asks and may, or None for our own pages and for programs. Raises RequestRefused
        (403).

        Our own page is told by its host alone: `Host` was checked, and a TLS proxy in front changes the scheme only.
        """
        given = request.headers.getall("Origin", [])
        if not given:
            return None
        if len(given) == 1 and given[0] in self.options.origins:
            return given[0]
        own = {f"http://{host}", f"https://{host}"}
        if self.options.public_url:
            own.add(self.options.public_url.rstrip("/"))
        if len(given) == 1 and given[0] in own:
            return None
        raise RequestRefused(
            "pages of that origin may not ask here; list it in LOCAL_AGENT_ORIGINS if they should", status=403
        )

    def preflight(self, request: web.Request, origin: str | None) -> web.Response:
        """The answer to a CORS preflight (Fetch standard, section 3.2)."""
        if origin is None or request.headers.get("Access-Control-Request-Method") != "POST":
            raise RequestRefused("no such cross-origin request is allowed", status=403)
        headers = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type, authorization",
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        if request.headers.get("Access-Control-Request-Private-Network") == "true":
            headers["Access-Control-Allow-Private-Network"] = "true"
        return web.Response(status=204, headers=headers)

    def may_watch(self, request: web.Request, host: str) -> bool:
        """Whether the caller may see /health and /metrics: a program of this machine, or everyone where asked for.

        A proxy on this machine is one of its programs too, and asks for strangers. It is told by what it says of them,
        by HTTP/1.0, which nginx speaks unless told otherwise and says nothing of them in, and by the settings: where
        they say that one stands in front, who asks needs the access key.
        """
        if self.options.open_health:
            return True
        if not self._is_near(request) or not self._is_near_name(urlsplit(f"//{host}").hostname or ""):
            return False
        if request.version < HttpVersion11 or any(header in request.headers for header in _TOLD_BY_PROXIES):
            return False
        return not self.options.behind_proxy or self.holds_key(request)

    def holds_key(self, request: web.Request) -> bool:
        """Whether the caller presents the access key, if there is one."""
        if self.options.access_key is None:
            return True
        given = request.headers.getall("Authorization", [])
        return len(given) == 1 and tokens.key_matches(given[0], self.options.access_key)

    def _is_near(self, request: web.Request) -> bool:
        """Whether the connection comes from this machine: from loopback, or from the very address that it leads to.

        The latter only where we listen on one address: what forwards the ports of a container may use the container's.
        """
        peer = address(request.remote or "")
        if peer is None or peer.is_loopback or self.options.host in _WILDCARDS:
            return peer is not None and peer.is_loopback
        own: Sequence[object] = request.get_extra_info("sockname") or ("",)
        return peer == address(str(own[0]))

    def _is_near_name(self, name: str) -> bool:
        return is_loopback(name) or name == self.options.host.lower()

    def _is_ours(self, name: str) -> bool:
        public = urlsplit(self.options.public_url).hostname if self.options.public_url else None
        known = self.options.identity.names if self.options.identity else ()
        if is_loopback(name) or name == self.options.host.lower() or name == public or name.lower() in known:
            return True
        # Rebinding needs a name, so any address will do; in a container we don't know the ones that are mapped on us.
        return self.options.host in _WILDCARDS and _is_address(name)

    def _forwarded(self, request: web.Request, header: str) -> str:
        if not self.options.trust_proxy:
            return ""
        return request.headers.get(header, "").rpartition(",")[2].strip()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
