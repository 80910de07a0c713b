"""What differs between systems: each answer for Linux and for macOS, and those who ask."""

from __future__ import annotations

import ast
import ctypes
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local_agent.bundle import target
from local_agent.config import sources
from local_agent.errors import ConfigError
from local_agent.hardware.probe import probe, usable_cores
from local_agent.process import operating_system
from local_agent.process.operating_system import LINUX, MACOS
from local_agent.server.api_keys import Keys
from local_agent.server.livekit import Ports, configuration

ROOT = Path(__file__).resolve().parents[2]
SYSCTL = """#!/bin/sh
case "$2" in
machdep.cpu.features) echo "FPU SSE4.1 AVX1.0 FMA F16C" ;;
machdep.cpu.leaf7_features) echo "BMI2 AVX2" ;;
machdep.cpu.brand_string) echo "Intel(R) Core(TM) i7" ;;
*) echo "unknown oid" >&2; exit 1 ;;
esac
"""


@pytest.fixture(params=[LINUX, MACOS])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The system that everything takes for its own; with macOS's program that tells of the processor."""
    name = str(request.param)
    monkeypatch.setattr(operating_system, "current", lambda: name)
    if name == MACOS:
        (tmp_path / "sysctl").write_text(SYSCTL)
        (tmp_path / "sysctl").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    return name


def test_livekit_server_is_given_the_loopback_interface(system: str) -> None:
    """With another name it finds no interface, and no call ever connects."""
    rtc = configuration(Ports(1, 2, 3), Keys("key", "secret"))["rtc"]
    assert isinstance(rtc, dict)
    assert rtc["interfaces"] == {"includes": [{LINUX: "lo", MACOS: "lo0"}[system]]}


def test_libraries_have_the_systems_ending(system: str) -> None:
    assert operating_system.library("llama") == {LINUX: "libllama.so", MACOS: "libllama.dylib"}[system]


def test_a_compiler_is_come_by_in_the_systems_way(system: str) -> None:
    assert {LINUX: "apt install", MACOS: "xcode-select"}[system] in operating_system.compiler_fix()
    assert "chromium" in operating_system.browsers()


def test_the_processor_is_described(system: str, tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("model name\t: A processor\nvmx flags\t: vnmi\nflags\t\t: fpu avx avx2 fma\n")
    flags = operating_system.processor_flags(tmp_path / "cpuinfo")
    assert {"avx", "avx2", "fma"} <= flags and "vnmi" not in flags
    wanted = {LINUX: "A processor", MACOS: "Intel(R) Core(TM) i7"}[system]
    assert operating_system.processor_name(tmp_path / "cpuinfo") == wanted


FREED = """
import ctypes, psutil, sys, threading
from local_agent.process import operating_system
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
kept = []

def use():
    blocks = [libc.malloc(100_000) for _ in range(500)]
    for block in blocks:
        ctypes.memset(block, 1, 100_000)
    kept.append(not sys.argv[1:] and libc.malloc(100_000))  # else the library gives back by itself what it lies on
    for block in blocks:
        libc.free(block)

if sys.argv[1:]:
    libc.free(libc.malloc(30_000_000))  # as an engine's: from now on it keeps twice as much at the end of a heap
    operating_system.share_heap()
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
else:
    use()
before = psutil.Process().memory_info().rss
operating_system.return_memory()
print((before - psutil.Process().memory_info().rss) // 1_000_000)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps it")
@pytest.mark.parametrize("where", [[], ["thread"]], ids=["main thread", "another, with one heap"])
def test_freed_memory_is_given_back(where: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", FREED, *where], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 30, "MB of the 50 that were freed"


@pytest.mark.parametrize("name", [LINUX, MACOS])
def test_a_processor_that_nothing_tells_of_is_no_fault(name: str, tmp_path: Path) -> None:
    """ARM's has no such flags, and macOS on it none of these names."""
    assert operating_system.processor_flags(tmp_path / "none", name) == frozenset()
    assert operating_system.processor_name(tmp_path / "none", name) == ""


def test_the_machine_is_measured(system: str) -> None:
    found = probe()
    assert found.cores >= 1 and found.memory > 0
    assert not found.fault("cpuinfo")
    assert usable_cores() == found.cores
    assert target.here().machine


def test_a_child_dies_with_its_parent_where_the_kernel_sees_to_it(system: str) -> None:
    prepare = operating_system.dying_with_parent(signal.SIGTERM)
    assert (prepare is None) == (system == MACOS)
    if prepare is None or sys.platform != LINUX:
        return
    code = (
        "import os, signal, subprocess, sys\n"
        "from local_agent.process.operating_system import dying_with_parent\n"
        "child = subprocess.Popen(['sleep', '60'], preexec_fn=dying_with_parent(signal.SIGTERM))\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, check=False, timeout=30)
    assert int(done.stdout) and done.returncode == -signal.SIGKILL  # stdout closed: the sleeper that held it is gone


def test_a_user_without_a_home_can_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a container: no HOME, and a number that the system does not know."""
    for variable in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    installed = tmp_path / "site-packages" / "local_agent"
    monkeypatch.setattr(sources, "__file__", str(installed / "config" / "sources.py"))
    assert operating_system.home() is None
    assert sources.load({}, environ={}, folder=tmp_path).models_dir == tmp_path / "models"
    told = {"LOCAL_AGENT_MODELS_DIR": "/weights"}
    assert sources.load({}, environ=told, folder=tmp_path).models_dir == Path("/weights")
    for given in ({"LOCAL_AGENT_MODELS_DIR": "~/weights"}, {"LOCAL_AGENT_CONFIG": "~/other.toml"}):
        with pytest.raises(ConfigError, match="no home folder"):
            sources.load({}, environ=given, folder=tmp_path)


ASKS = re.compile(r"\b(sys\.platform|sched_getaffinity|/proc/cpuinfo|\.dylib|PDEATHSIG)\b")
# What is for Linux alone, and says so where there is another system.
ALONE = ("prove/", "hardware/cgroup.py", "process/operating_system.py", "doctor/machine.py")


def test_nobody_else_asks_which_system_it_is() -> None:
    asking = []
    for path in sorted((ROOT / "local_agent").rglob("*.py")):
        name = str(path.relative_to(ROOT / "local_agent"))
        module = ast.parse(path.read_text(encoding="utf-8"))
        names = [ast.unparse(node) for node in ast.walk(module) if isinstance(node, ast.Attribute)]
        if not name.startswith(ALONE):
            asking += [f"{name}: {word}" for word in names if ASKS.search(word)]
    assert asking == []
