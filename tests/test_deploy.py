"""The service unit and the container say what the settings say."""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from pathlib import Path

from local_agent.call import farewell
from local_agent.config.settings import Settings
from local_agent.prove import namespace
from local_agent.server import connections
from tests.calls.containerkit import command

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
README = (DEPLOY / "README.md").read_text(encoding="utf-8")


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in (ROOT / "deploy" / "local_agent.service").read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def test_stopping_leaves_calls_their_time() -> None:
    told = unit()
    assert float(told["TimeoutStopSec"][0]) > Settings().drain_timeout + farewell.REPLY + farewell.GOODBYE + 5
    assert told["KillMode"] == ["mixed"], "livekit-server would end before the calls do"
    assert told["KillSignal"] == ["SIGTERM"]


def test_the_unit_comes_back_however_long_the_network_or_a_server_is_away() -> None:
    told = unit()
    assert told["StartLimitIntervalSec"] == ["0"] and "StartLimitBurst" not in told
    assert told["Restart"] == ["on-failure"]
    assert told["After"] == told["Wants"] == ["network-online.target"]


def test_the_unit_lets_callers_have_the_file_descriptors_that_they_take() -> None:
    assert connections.room_for(int(unit()["LimitNOFILE"][0]), calls=64) == connections.MOST


def test_the_unit_keeps_webrtc_and_whisper_alive() -> None:
    told = unit()
    assert "AF_NETLINK" in told["RestrictAddressFamilies"][0], "WebRTC lists the interfaces"
    assert "MemoryDenyWriteExecute" not in told, "CTranslate2 compiles while it runs"
    assert "ProcSubset" not in told, "the cores are counted in /proc/cpuinfo"


def test_packets_for_the_internet_are_dropped() -> None:
    told = unit()
    assert told["IPAddressDeny"] == ["any"]
    assert "localhost" in told["IPAddressAllow"][0].split()
    assert "any" not in told["IPAddressAllow"][0].split()


def test_no_resolver_is_found_that_would_pass_names_on() -> None:
    """The same that a proof puts out of reach: what asks there is not stopped by a filter of addresses."""
    hidden = {path.removeprefix("-") for path in unit()["InaccessiblePaths"][0].split()}
    assert hidden == {"/etc/resolv.conf", *namespace.DOORS}
    assert "--dns none" in README


def test_a_crash_leaves_no_dump() -> None:
    assert unit()["LimitCORE"] == ["0"]


def test_the_containers_filter_knows_the_media_ports() -> None:
    """They are counted apart: what WebRTC tries is not what tries to leave."""
    chosen, told = Settings(), (DEPLOY / "container.nft").read_text(encoding="utf-8")
    assert set(re.findall(r"(udp|tcp) [ds]port (\d+)", told)) == {
        ("udp", str(chosen.rtc_udp_port)), ("tcp", str(chosen.rtc_tcp_port)),
    }  # fmt: skip
    rules = [line.strip() for line in told.splitlines() if line.strip().endswith("accept")]
    assert rules == ["fib daddr type local accept", "ct direction reply ct state established,related accept"]
    assert "policy drop" in told


def test_the_hook_loads_the_filter_into_the_container_that_the_readme_starts() -> None:
    hook = json.loads((DEPLOY / "container.hook.json").read_text(encoding="utf-8"))
    assert hook["hook"]["args"][-1].removeprefix("/opt/local_agent/") == "deploy/container.nft"
    assert hook["stages"] == ["createContainer"], "later the agent runs already, earlier there is no network"
    words = command()
    name, _, value = words[words.index("--annotation") + 1].partition("=")
    (wanted,) = hook["when"]["annotations"].items()
    assert re.search(wanted[0], name) and re.search(wanted[1], value)
    assert "deploy/container.hook.json" in README and "hooks.d/local_agent.json" in README


def test_the_container_publishes_what_it_exposes_and_has_no_rights() -> None:
    words, chosen = command(), Settings()
    published = {words[at + 1] for at, word in enumerate(words) if word == "-p"}
    tcp = {f"127.0.0.1:{port}:{port}" for port in (chosen.port, chosen.rtc_tcp_port)}
    assert published == {*tcp, f"127.0.0.1:{chosen.rtc_udp_port}:{chosen.rtc_udp_port}/udp"}
    told = " ".join(words)
    assert "--cap-drop all --security-opt no-new-privileges" in told and "--dns none" in told
    assert "--privileged" not in told and "--cap-add" not in told and "--network host" not in told
    assert "LOCAL_AGENT_PUBLISHED=true" in told


def test_both_layers_are_told_where_they_are_set_up() -> None:
    assert "seals itself" in README and "IPAddressDeny=any" in README and "doctor" in README


def test_the_container_names_the_default_ports() -> None:
    chosen = Settings()
    ports = {f"{chosen.port}/tcp", f"{chosen.rtc_tcp_port}/tcp", f"{chosen.rtc_udp_port}/udp"}
    exposed = re.search(r"^EXPOSE (.*)$", CONTAINER, re.MULTILINE)
    assert exposed is not None
    assert set(exposed[1].split()) == ports
    assert f"'{chosen.port}'" in CONTAINER.partition("HEALTHCHECK")[2]


def test_the_container_holds_what_it_copies_and_does_not_run_as_root() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINER, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert [name for name in names if not (ROOT / name).exists()] == []
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    assert hatch["build"]["targets"]["wheel"]["hooks"]["custom"]["path"] in names, "set-up runs it"
    last = CONTAINER.rpartition("FROM ")[2]
    assert re.search(r"^USER agent$", last, re.MULTILINE)


def health_check() -> str:
    """The Python of the container's own check."""
    words = CONTAINER.partition("HEALTHCHECK")[2].partition("[")[2].partition("]")[0].replace("\\\n", "")
    code: str = json.loads(f"[{words}]")[-1]
    return code


def test_the_containers_own_check_passes_where_a_proxy_stands_in_front() -> None:
    """It may be the only program that is told of health there, and so has to present the access key."""
    code = health_check()
    assert "LOCAL_AGENT_ACCESS_KEY" in code and "'Authorization': 'Bearer '" in code
    compile(code, "HEALTHCHECK", "exec")
