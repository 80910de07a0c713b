"""URLs, hosts and addresses as people write them: checked, and each in one form. For config/settings.py."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, ip_address
from urllib.parse import SplitResult, urlsplit

# What templates say in place of a key or a host: <secret>, [key], ..., xxxx, your-api-key, change-me.
PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|\.{3,}|x{3,}|todo|placeholder|change[-_ ]?(me|this|it).*|(your|insert|enter|replace)[-_ ].*"
    r"|your(api|secret|key|project|server|host|url|domain).*",
    re.IGNORECASE,
)


# RFC 1123, and the underscore that names in container networks have. All digits would be a broken IPv4 address.
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST_NAME = 253  # characters


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that host."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_host(host: str) -> bool:
    """Whether it is an IP address, without brackets, or can be a name."""
    try:
        ip_address(host)
    except ValueError:
        labels = host.lower().removesuffix(".").split(".")
        return len(host) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return True


def real(value: object) -> object:
    """The value, unless it is what a template says instead of one."""
    if isinstance(value, str) and PLACEHOLDER.fullmatch(value.strip()):
        raise ValueError("this is the placeholder of a template; put the real value here, or leave it out")
    return value.strip() if isinstance(value, str) else value


def _split_url(value: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    if "://" not in value:
        raise ValueError(f"it has no scheme; write {example}{value}")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"it is not a URL ({error}); write for example {example}localhost:7880") from error
    if parts.scheme not in schemes:
        raise ValueError(
            f"the scheme {parts.scheme}:// is unknown; allowed are {', '.join(s + '://' for s in schemes)}"
        )
    if not parts.hostname or port == 0:
        raise ValueError(f"it has no host or port; write for example {example}localhost:7880")
    if PLACEHOLDER.fullmatch(parts.hostname) or "<" in value:
        raise ValueError("this is the placeholder of a template; put the real address here, or leave it out")
    if parts.username or parts.password:
        raise ValueError("it carries a user name or password; leave them out")
    if not is_host(parts.hostname):
        raise ValueError(f"{parts.hostname!r} is no name or address; write for example {example}localhost:7880")
    return parts


def livekit_url(value: object) -> object:
    """`scheme://host[:port]`, as given but without a slash at its end."""
    if not isinstance(value, str):
        return value
    parts = _split_url(value.strip(), ("ws", "wss", "http", "https"), "ws://")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"it has a path or query; leave only {parts.scheme}://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _origin(value: str) -> str:
    if value == "*":
        raise ValueError("'*' would let every page on the internet use this agent; list each origin")
    parts = _split_url(value, ("http", "https"), "http://")
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"an origin has no path; write {parts.scheme}://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc}".lower()


def origins(value: object) -> object:
    """Exact origins; a string is a comma separated list of them."""
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(_origin(part.strip().rstrip("/")) for part in value)
    return value


def public_url(value: object) -> object:
    """`scheme://host[:port]` of the page."""
    if not isinstance(value, str):
        return value
    parts = _split_url(value.strip(), ("http", "https"), "https://")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            "the page is at the root of its address, and this has a path, query or fragment; expected https://host or "
            f"https://host:port; fix: LOCAL_AGENT_PUBLIC_URL={parts.scheme}://{parts.netloc}, and pass all of it on "
            "there"
        )
    return f"{parts.scheme}://{parts.netloc}".lower()


def mirror(value: object) -> object:
    """`scheme://host[:port][/path]`, without a slash at its end."""
    if not isinstance(value, str):
        return value
    parts = _split_url(value.strip(), ("http", "https"), "https://")
    if parts.query or parts.fragment:
        raise ValueError(f"it has a query; leave only {parts.scheme}://{parts.netloc}{parts.path}")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def listening(value: object) -> object:
    """An address or name of this machine, bare and in lower case."""
    if not isinstance(value, str):
        return value
    host = value.strip().lower()
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not is_host(host):
        raise ValueError("expected an address or a name of this machine alone, without scheme, port or path")
    return host


def announced(value: object) -> object:
    """An IPv4 address that others can send to; livekit-server is told to take no others."""
    if not isinstance(value, str):
        return value
    address = ip_address(value.strip())
    if (
        not isinstance(address, IPv4Address)
        or address.is_unspecified
        or address.is_multicast
        or int(address) == 2**32 - 1
    ):
        raise ValueError("expected an IPv4 address of this machine (ip -brief address lists them)")
    return str(address)
