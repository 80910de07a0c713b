"""A machine with a container on it and a caller in its network: network namespaces, podman, and what left it.

Three of them: the host's (and a mount namespace, where podman works), the caller's machine's, and the container's own,
which podman makes. Nothing of it is seen from outside, and all of it ends with the processes that hold it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.calls.wire import Wire, need_programs

ROOT = Path(__file__).resolve().parents[2]
HOOK = ROOT / "deploy" / "container.hook.json"
HOST, CALLER = "10.98.0.1", "10.98.0.2"
PROGRAMS = ("podman", "nft", "ip", "nsenter", "unshare")
USER = "10001"
STORE = "/mnt"  # a file system of its own in the host's mount namespace; podman wants its paths short
# Where the host's files are found in the container. The rest of its root is empty.
SYSTEM = ("/usr", "/etc/alternatives", "/etc/ld.so.cache")
# A cgroup tree of one version and an own /run/netns, in the host's mount namespace alone; `cat` ends with this process.
HOLD = """
set -e
mount -t tmpfs none {store}
mkdir -p /run/netns && mount -t tmpfs none /run/netns
mount -t cgroup2 none /sys/fs/cgroup
ip link set lo up
echo ready
exec cat
"""


def need_containers() -> None:
    """Skip where this machine has no podman, or this user no right to make networks; the reason says which."""
    need_programs(*PROGRAMS, packages="podman crun netavark nftables iptables")
    if os.getuid() != 0:
        pytest.skip("podman's networks with a filter need root")
    if reason := _forbidden():
        pytest.skip(f"no network of one's own here: {reason}")


@lru_cache(1)
def _forbidden() -> str:
    table = "add table inet t; add chain inet t c { type filter hook output priority 0; }; " \
        "add rule inet t c fib daddr type local ct direction reply accept"  # fmt: skip
    trial = f"mount -t cgroup2 none /sys/fs/cgroup && nft '{table}'"
    done = subprocess.run(["unshare", "-n", "-m", "sh", "-c", trial], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["unshare"])[-1]


def command() -> list[str]:
    """The words of `podman ... run ...` as deploy/README.md has them."""
    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(r"^    (podman run --rm --name .*)$", text, re.MULTILINE)
    assert found, "deploy/README.md no longer says how the container is run"
    return shlex.split(found[1])


class Machine:
    """with Machine(tmp_path) as machine: machine.podman("ps"). A host with podman, and a caller's machine beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._holders: list[subprocess.Popen[str]] = []
        for place in ("proc", "sys", "dev", "tmp", "run", "etc", "var/lib/local_agent"):
            (self.root / place).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        self.hooks = folder / "hooks"
        self.hooks.mkdir()
        hook = HOOK.read_text(encoding="utf-8").replace("/opt/local_agent", str(ROOT))
        (self.hooks / HOOK.name).write_text(hook, encoding="utf-8")
        self.configuration = folder / "containers.conf"
        self.configuration.write_text(f'[engine]\nhooks_dir = ["{self.hooks}"]\n', encoding="utf-8")

    def __enter__(self) -> Self:
        self.host = self._hold("unshare", "-n", "-m", "sh", "-c", HOLD.format(store=STORE))
        self.caller = self._hold("unshare", "-n", "sh", "-c", "ip link set lo up; echo ready; exec cat")
        for words in (
            f"link add lan0 type veth peer name lan1 netns {self.caller}", f"addr add {HOST}/24 dev lan0",
            "link set lan0 up",
        ):  # fmt: skip
            self.inside(self.host, "ip", *words.split())
        for words in (f"addr add {CALLER}/24 dev lan1", "link set lan1 up"):
            self.inside(self.caller, "ip", *words.split())
        self.wire = Wire(["nsenter", "-t", str(self.host), "-n"], "veth")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self.podman("rm", "--force", "--all", "--time", "2")
        finally:
            self.wire.close()
            for holder in self._holders:
                assert holder.stdin is not None
                holder.stdin.close()
                holder.wait(5)

    def _hold(self, *words: str) -> int:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._holders.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process.pid

    def inside(self, pid: int, *words: str, seconds: float = 60.0) -> str:
        """What a program said in the network (and with podman's: the files) of one of the machines."""
        done = subprocess.run(
            ["nsenter", "-t", str(pid), "-n", *(["-m"] if pid == self.host else []), *words],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=seconds, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}"
        return done.stdout

    def podman(self, *words: str) -> str:
        """podman with its own storage and networks, on this host."""
        places = {"root": "store", "runroot": "run", "tmpdir": "tmp", "network-config-dir": "networks"}
        flags = [f"--{flag}={STORE}/{name}" for flag, name in places.items()]
        flags += ["--cgroup-manager=cgroupfs", "--events-backend=none", "--storage-driver=overlay"]
        return self.inside(self.host, "env", f"CONTAINERS_CONF={self.configuration}", "podman", *flags, *words)

    def run(
        self, name: str, *program: str, filtered: bool = True, flags: tuple[str, ...] = (), address: str = HOST
    ) -> int:
        """Start a program in a container as deploy/README.md does, from the host's files; its process on the host.

        filtered: with the annotation that has the filter loaded. address: of this host, where the ports are published.
        """
        words = [word.replace("127.0.0.1:", f"{address}:") for word in command()]
        chosen = words[2:-1]  # the last one is the image, in whose place stand the host's files
        chosen[chosen.index("--name") + 1] = name
        chosen.remove("--rm")
        for flag in ("-v", *(() if filtered else ("--annotation",))):
            at = chosen.index(flag)
            del chosen[at : at + 2]
        self.podman("run", "--detach", *chosen, *self._files(), *flags, "--rootfs", f"{self.root}:O", *program)
        return int(self.podman("inspect", "-f", "{{.State.Pid}}", name))

    def _files(self) -> list[str]:
        python = Path(sys.executable).resolve().parents[1]
        shown = {*SYSTEM, str(ROOT), str(python), str(Path(sys.prefix))}
        volumes = [f"--volume={path}:{path}:ro" for path in sorted(shown) if Path(path).exists()]
        limits = [f"--ulimit={name}=4096:4096" for name in ("nofile", "nproc")]  # less than any user's own
        return [
            *volumes, *limits, "--cgroups=disabled", "--log-driver=k8s-file", "--timeout=240", f"--user={USER}:{USER}",
            "--tmpfs=/var/lib/local_agent:mode=1777", "--workdir=/var/lib/local_agent", f"--env=PYTHONPATH={ROOT}",
            "--env=HOME=/var/lib/local_agent", "--env=PYTHONDONTWRITEBYTECODE=1", "--env=PYTHONUNBUFFERED=1",
        ]  # fmt: skip

    def counted(self, pid: int) -> dict[str, int]:
        """Packets that the filter in a container's network dropped, by counter."""
        told = json.loads(self.inside(pid, "nft", "--json", "list", "counters"))["nftables"]
        return {one["counter"]["name"]: one["counter"]["packets"] for one in told if "counter" in one}
