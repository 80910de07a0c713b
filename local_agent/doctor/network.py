"""Ports, interfaces, and who may reach the page."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import shlex
import socket
import stat
import time
from urllib.parse import urlsplit

import psutil

from local_agent.config.addresses import is_loopback
from local_agent.config.settings import environment_name
from local_agent.doctor.check import Check, Finding, check, fails, ok, refused, skipped, warning
from local_agent.doctor.configuration import SETTINGS
from local_agent.doctor.context import Case
from local_agent.errors import LocalAgentError, PortInUse, ServerError
from local_agent.process.operating_system import loopback_interface
from local_agent.server import certificates, lan
from local_agent.server.livekit import Addresses
from local_agent.server.ports import LOOPBACK, Kind, claim, holder, shown
from local_agent.server.web_options import WebOptions

logger = logging.getLogger("local_agent")

INTERFACE_WITHIN, INTERFACE_EVERY = 90.0, 0.5  # s; a DHCP server that is there answers within some ten
MEND_INTERFACE = (
    "connect any network, or as root: ip link add dummy0 type dummy && ip addr add 10.99.0.2/24 dev dummy0 "
    "&& ip link set dummy0 up (it may lead nowhere)"
)


def page_port(case: Case) -> Finding:
    """The port of the page is free, or our own page is on it."""
    port, host = case.settings.port, case.settings.host
    if case.settings.published and is_loopback(host):
        return fails(
            f"LOCAL_AGENT_PUBLISHED is set, but the page listens on the container's own {host}: no port leads there",
            "set LOCAL_AGENT_HOST=0.0.0.0 and LOCAL_AGENT_ACCESS_KEY",
        )
    if case.page is not None and not case.page.own:
        return ok(f"our own page answers at {case.page.address}")
    return _claimed(port, "tcp", "port", LOOPBACK if host == "localhost" else host)


def livekit_port(case: Case) -> Finding:
    """The port of our own livekit-server is free, or our own server is on it."""
    if case.stranger:
        port = case.settings.livekit_port
        return fails(
            f"a LiveKit server answers on port {port} but does not take the keys in {case.settings.data_dir}"
            + (f" ({found})" if (found := holder(port, "tcp")) else ""),
            "end it, or set LOCAL_AGENT_DATA_DIR to the folder that it was started with, or another "
            "LOCAL_AGENT_LIVEKIT_PORT; for a server of somebody else set LIVEKIT_URL and its keys",
        )
    return _livekits(case, "livekit_port", "tcp", _addresses(case).signal)


def rtc_tcp_port(case: Case) -> Finding:
    """The port for media over TCP."""
    return _livekits(case, "rtc_tcp_port", "tcp", _addresses(case).tcp)


def rtc_udp_port(case: Case) -> Finding:
    """The port for media over UDP."""
    return _livekits(case, "rtc_udp_port", "udp", _addresses(case).udp)


def _addresses(case: Case) -> Addresses:
    return Addresses.of(case.settings.node_ip, published=case.settings.published)


def _livekits(case: Case, name: str, kind: Kind, where: tuple[str, ...]) -> Finding:
    if case.settings.livekit_url is not None:
        return skipped(f"{case.settings.named('livekit_url')} names another server")
    port, signal = getattr(case.settings, name), case.settings.livekit_port
    runs = case.server is not None and case.server.kind == "running"
    if runs and holder(port, kind) == holder(signal, "tcp") and not _is_free(port, kind, where):
        return ok(f"{port} is held by our own livekit-server")
    return _claimed(port, kind, name, *where)


def _claimed(port: int, kind: Kind, name: str, *hosts: str) -> Finding:
    if port == 0:
        return ok("a free one is picked at start")
    try:
        claim(port, kind, environment_name(name), *hosts)
    except PortInUse as error:
        return refused(error)
    return ok(f"{port} on {', '.join(map(shown, hosts))} is free")


def _is_free(port: int, kind: Kind, where: tuple[str, ...]) -> bool:
    try:
        claim(port, kind, "", *where)
    except PortInUse:
        return False
    return True


def outside_addresses() -> list[str]:
    """`name address` of every interface besides loopback that is up and has an address WebRTC can use.

    libwebrtc takes no loopback interface and no link-local IPv6 address (its rtc_base/network.cc).
    """
    states = psutil.net_if_stats()
    found = []
    for name, addresses in psutil.net_if_addrs().items():
        for address in addresses:
            if name in states and states[name].isup and _usable(address.family, address.address):
                found.append(f"{name} {address.address}")
    return found


def _usable(family: int, text: str) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return False
    address = ipaddress.ip_address(text.partition("%")[0])
    return not address.is_loopback and not (address.version == 6 and address.is_link_local)


def demand_interface() -> None:
    """Raises ServerError when loopback is the only interface: no call could be connected."""
    try:
        found = outside_addresses()
    except (OSError, psutil.Error) as error:
        logger.info("the network interfaces can't be listed (%s): whether WebRTC has one shows in a call", error)
        return
    if not found:
        raise ServerError(
            "this machine has no network interface besides loopback, and WebRTC uses none that is loopback: "
            "every call would end in 'wait_pc_connection timed out'",
            expected="any other interface that is up and has an address",
            fix=MEND_INTERFACE,
        )


async def await_interface() -> None:
    """As `demand_interface`, but for INTERFACE_WITHIN seconds where there is one that may yet get an address: at boot
    a service is often quicker than DHCP.
    """
    deadline = time.monotonic() + INTERFACE_WITHIN
    told = False
    while True:
        try:
            demand_interface()
            return
        except ServerError:
            if not _candidates() or time.monotonic() > deadline:
                raise
            if not told:
                logger.warning("%s has no address yet: waiting for one", ", ".join(_candidates()))
            told = True
        await asyncio.sleep(INTERFACE_EVERY)


def _candidates() -> list[str]:
    """Interfaces besides loopback, whatever their state."""
    try:
        return sorted(set(psutil.net_if_stats()) - {loopback_interface()})
    except (OSError, psutil.Error):
        return []


@check("network interface")
def interface(case: Case) -> Finding:
    """WebRTC has an interface that it is willing to use."""
    demand_interface()
    return ok(", ".join(outside_addresses()[:4]))


@check("announced address", needs=(SETTINGS,))
def announced(case: Case) -> Finding:
    """Our own livekit-server announces an address that its callers can send their sound to."""
    chosen = case.settings
    if chosen.livekit_url is not None:
        return skipped(f"{case.settings.named('livekit_url')} names another server")
    public = urlsplit(chosen.public_url).hostname if chosen.public_url else None
    off_loopback = not is_loopback(chosen.host) and not chosen.published  # then the host decides who reaches the page
    callers_elsewhere = off_loopback or not is_loopback(public or "localhost")
    every = {address.address for held in psutil.net_if_addrs().values() for address in held}
    here = sorted(text for text in every if _is_address(text))
    if chosen.node_ip is None:
        if not callers_elsewhere:
            return ok("loopback, for callers on this machine")
        return fails(
            "other machines can open the page, but media is announced on loopback only: no sound reaches them",
            "set LOCAL_AGENT_NODE_IP to this machine's address in their network",
        )
    if chosen.published:
        return ok(f"{chosen.node_ip}, of the host that publishes the ports; from in here it can't be looked at")
    if chosen.node_ip not in here:
        return fails(
            f"LOCAL_AGENT_NODE_IP = {chosen.node_ip} is no address of this machine",
            f"name one of {', '.join(here) or 'its addresses (ip -brief address)'}",
        )
    return ok(f"{chosen.node_ip}, for callers on other machines too")


def _is_address(text: str) -> bool:
    """Whether it is an IP address that can be announced; psutil lists hardware addresses too."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not address.is_loopback and not address.is_link_local


@check("microphone needs TLS", needs=(SETTINGS,))
def microphone(case: Case) -> Finding:
    """Browsers give the microphone only to https pages and to localhost."""
    host, public = case.settings.host, case.settings.public_url
    if case.settings.lan and public is None:
        return ok("the page is served over https, with a certificate of our own")
    if public is not None:
        parts = urlsplit(public)
        if parts.scheme == "https" or is_loopback(parts.hostname or ""):
            return ok(f"people open {public}")
        return fails(
            f"people open {public}: browsers give no microphone to http pages of other machines",
            f"put a TLS proxy in front and set LOCAL_AGENT_PUBLIC_URL=https://{parts.netloc}",
        )
    if is_loopback(host):
        return ok(f"{host} counts as secure in browsers")
    if case.settings.published and case.settings.node_ip is None:
        return ok("the page is for the host itself, whose 127.0.0.1 counts as secure in browsers")
    return fails(
        f"the page is served on {host} without TLS: browsers of other machines give it no microphone",
        "put a TLS proxy in front and set LOCAL_AGENT_PUBLIC_URL=https://its-name (see deploy/README.md)",
    )


@check("who may call", needs=(SETTINGS,))
def access(case: Case) -> Finding:
    """Off loopback there is an access key, and no development key guards anything."""
    chosen = case.settings
    key = chosen.access_key.get_secret_value() if chosen.access_key else None
    server, secret = chosen.livekit_ws or f"ws://{LOOPBACK}:7880", chosen.livekit_api_secret
    options = WebOptions(
        livekit_ws=server,
        api_key=chosen.livekit_api_key or "own",
        api_secret=secret.get_secret_value() if secret else "own",
        host=chosen.host,
        access_key=key,
        public_url=chosen.public_url,
    )
    try:
        options.check()
    except LocalAgentError as error:
        return refused(error)
    if key is None:
        return ok("this machine only, without an access key")
    if len(key) < 16:
        return warning(f"the access key has {len(key)} characters", "openssl rand -hex 16 makes a better one")
    return ok("whoever holds the access key" if options.exposed else "this machine only, with the access key")


@check("local network", needs=(SETTINGS,))
def local_network(case: Case) -> Finding:
    """With `lan`, one address that phones can find, and a certificate for it whose key nobody else reads."""
    if not case.settings.lan:
        return skipped("--lan is off: the page is for this machine, or for whom a proxy lets in")
    served = lan.prepared(case.settings, keep=False)
    folder = case.settings.data_dir / lan.FOLDER
    if not (folder / certificates.CERTIFICATE).exists():
        return ok(f"{served.node_ip}; the certificate is made at the first start")
    found = lan.identity(served)
    for secret in (found.key, folder / certificates.AUTHORITY_KEY, folder / lan.KEY):
        if secret.exists() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
            return fails(f"others of this machine can read {secret}", f"chmod 600 {shlex.quote(str(secret))}")
    return ok(f"{', '.join(found.names[:2])}; certificate in {folder}")


@check("origins", needs=(SETTINGS,))
def origins(case: Case) -> Finding:
    """Each foreign origin is exactly what a browser would send."""
    listed, public = case.settings.origins, case.settings.public_url
    if not listed:
        return ok("our own page only")
    own = [origin for origin in listed if origin in (public, f"http://{case.settings.host}:{case.settings.port}")]
    if own:
        return warning(f"{', '.join(own)} is our own page, which need not be listed", "remove it from the origins")
    plain = [
        origin for origin in listed if origin.startswith("http://") and not is_loopback(urlsplit(origin).hostname or "")
    ]
    if plain:
        return warning(f"{', '.join(plain)} without TLS: its browsers give it no microphone", "serve it over https")
    return ok(", ".join(listed))


CHECKS = (
    Check("port of the page", page_port),
    Check("port of livekit-server", livekit_port),
    Check("port for media over TCP", rtc_tcp_port),
    Check("port for media over UDP", rtc_udp_port),
    interface,
    announced,
    microphone,
    access,
    local_network,
    origins,
)
