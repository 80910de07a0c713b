"""The container of deploy/README.md: calls come in through the published ports, and nothing but answers goes out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

import pytest

from local_agent.config.settings import Settings
from tests.calls.containerkit import CALLER, HOST, ROOT, Machine, need_containers
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(120)
KEY = "a-long-random-text"  # as in deploy/README.md
NAME = "leak.example"
# Asks a machine in the network and the host for a name, connects, and asks however this system would.
LEAKS = f"""
import json, socket, struct, sys, time
query = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + b"\\4leak\\7example\\0" + struct.pack("!2H", 1, 1)
told = {{}}
def attempt(what, work):
    try:
        work()
        told[what] = "sent"
    except OSError as error:
        told[what] = type(error).__name__
def ask(address):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.sendto(query, (address, 53))
attempt("caller", lambda: ask("{CALLER}"))
attempt("host", lambda: ask("{HOST}"))
attempt("connect", lambda: socket.create_connection(("{CALLER}", 80), timeout=0.5).close())
attempt("name", lambda: socket.getaddrinfo("{NAME}", 80))
print(json.dumps(told), flush=True)
"""
STAY = "time.sleep(60)"
FLUSH = ("/usr/sbin/nft", "flush", "ruleset")
DENIED = {"caller": "PermissionError", "host": "PermissionError", "connect": "TimeoutError", "name": "gaierror"}
ATTEMPTS = 3  # packets that LEAKS sends with its own hands: two queries, one SYN; without a resolver a name is none


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    need_containers()
    with Machine(tmp_path_factory.mktemp("container")) as started:
        started.podman("network", "create", "--disable-dns", "local_agent")
        yield started


def told(machine: Machine, name: str, word: str, seconds: float = 30.0) -> str:
    """What a container has printed, once a word is in it."""
    deadline = time.monotonic() + seconds
    while word not in (text := machine.podman("logs", name)):
        state = machine.podman("inspect", "-f", "{{.State.Status}}", name).strip()
        assert time.monotonic() < deadline and state == "running", f"{state}, and {word!r} is not in:\n{text}"
        time.sleep(0.2)
    return text


def leaks(machine: Machine, name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(told(machine, name, "}").strip().splitlines()[-1])
    return found


def test_the_first_process_finds_the_filter_there_also_after_a_restart(machine: Machine) -> None:
    pid = machine.run("first", sys.executable, "-c", LEAKS + STAY)
    assert leaks(machine, "first") == DENIED
    assert machine.counted(pid) == {"dropped": ATTEMPTS, "tried": 0}
    machine.podman("kill", "first")
    machine.podman("start", "first")
    again = int(machine.podman("inspect", "-f", "{{.State.Pid}}", "first"))
    deadline = time.monotonic() + 10
    while (counts := machine.counted(again))["dropped"] < ATTEMPTS:  # more, where it is slow: a SYN is sent again
        assert time.monotonic() < deadline, counts
        time.sleep(0.2)
    assert counts["tried"] == 0
    assert machine.wire.left() == []
    machine.podman("rm", "--force", "--time", "0", "first")


def test_nobody_in_the_container_can_undo_the_filter(machine: Machine) -> None:
    """Not even its root, and not from a user namespace of its own."""
    pid = machine.run("within", sys.executable, "-c", "import time; " + STAY)
    for words in (("--user=0", "within", *FLUSH), ("within", *FLUSH), ("within", "unshare", "--user", "-r", *FLUSH)):
        with pytest.raises(AssertionError, match=r"not permitted|denied"):
            machine.podman("exec", *words)
    assert machine.counted(pid) == {"dropped": 0, "tried": 0}
    machine.podman("rm", "--force", "--time", "0", "within")


def test_without_the_filter_the_same_is_seen_to_leave(machine: Machine) -> None:
    """The control: what counts packets here does see them."""
    machine.run("open", sys.executable, "-c", LEAKS, filtered=False)
    found = leaks(machine, "open")
    assert (found["caller"], found["host"], found["connect"]) == ("sent", "sent", "ConnectionRefusedError")
    left = machine.wire.left()
    assert {f"{CALLER}:53", f"{HOST}:53", f"{CALLER}:80"} <= {packet.target for packet in left}
    assert NAME in {packet.name for packet in left}
    machine.podman("rm", "--force", "--time", "0", "open")


def test_a_container_whose_filter_cannot_be_loaded_does_not_start(machine: Machine) -> None:
    hook = next(machine.hooks.iterdir())
    before = hook.read_text()
    hook.write_text(before.replace("container.nft", "absent.nft"))
    try:
        with pytest.raises(AssertionError, match=r"absent\.nft|hook"):
            machine.run("lame", sys.executable, "-c", "import time; " + STAY)
    finally:
        hook.write_text(before)


def test_a_call_through_the_published_ports_is_answered_and_nothing_else_leaves(
    machine: Machine, starter: Starter
) -> None:
    weights = f"--volume={starter.whisper.parent}:{starter.whisper.parent}:ro"
    settings = ("--env=LOCAL_AGENT_NODE_IP=" + HOST, f"--env=LOCAL_AGENT_MODELS_DIR={starter.whisper.parent}",
                "--env=LOCAL_AGENT_DATA_DIR=/var/lib/local_agent")  # fmt: skip
    before = len(machine.wire.left())
    product = (sys.executable, "-m", "local_agent")
    pid = machine.run("agent", *product, "start", flags=(weights, *settings))
    told(machine, "agent", "Waiting for room connections", 60)
    port = Settings().port
    call = json.loads(
        machine.inside(
            machine.caller, "env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.calls.outside",
            f"http://{HOST}:{port}", KEY, str(starter.voice),
        ).strip().splitlines()[-1]
    )  # fmt: skip
    assert call["page"] == 200 and call["heard_words"] > 2 and call["reply_s"] > 0.2
    assert call["to"] == [f"{HOST}:{Settings().rtc_udp_port}"]
    assert machine.counted(pid)["dropped"] == 0

    found = json.loads(machine.podman("exec", "agent", "sh", "-c", f"{' '.join(product)} doctor --json || true"))
    rows = {row["what"]: row for row in found["findings"]}
    assert rows["seal of the kernel"]["status"] == "ok" and "agent that runs" in rows["seal of the kernel"]["found"]
    assert [what for what in rows if rows[what]["status"] == "fails"] == ["microphone needs TLS"], "here is no proxy"
    assert machine.counted(pid)["dropped"] == 0, "doctor sent something"

    machine.podman("exec", "agent", sys.executable, "-c", LEAKS)
    assert machine.counted(pid)["dropped"] == ATTEMPTS
    left = machine.wire.left()[before:]
    assert left == [], {packet.target for packet in left}
    answers = [one for one in machine.wire.seen if one.is_answer]
    assert len(answers) > 100
    print(f"{len(answers)} answers left, 0 other packets; the filter dropped {machine.counted(pid)}")
