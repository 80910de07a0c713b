"""What a container or service manager allows this process: Linux control groups, version 1 and 2.

`/proc/cpuinfo` and `/proc/meminfo` show the whole machine even where a container gets two of its sixty-four cores. The
strictest limit on the way from our group to the root counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
UNLIMITED = 1 << 60  # bytes; version 1 writes "no limit" as a number near 2**63


@dataclass(frozen=True, slots=True)
class Limits:
    """cpus: cores' worth of time per second. memory: bytes. memory_free: bytes still to be had. None: no limit."""

    cpus: float | None = None
    memory: int | None = None
    memory_free: int | None = None


def limits(root: Path = ROOT, membership: Path = MEMBERSHIP) -> Limits:
    """The limits in force; none where there are no control groups."""
    cpus: list[float] = []
    memory: list[tuple[int, int]] = []
    for controllers, group in _groups(membership):
        version_2 = not controllers
        for folder in _upwards(root, ("", "unified") if version_2 else controllers, group):
            quota = _quota_2(folder) if version_2 else _quota_1(folder)
            bound = _memory(folder, version_2)
            cpus += [quota] if quota else []
            memory += [bound] if bound else []
    return Limits(
        cpus=min(cpus, default=None),
        memory=min((limit for limit, _ in memory), default=None),
        memory_free=min((free for _, free in memory), default=None),
    )


def _groups(membership: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """(controllers, path) of each hierarchy we are in; no controllers means version 2."""
    for line in _text(membership).splitlines():
        _, controllers, group = line.split(":", 2)
        if not controllers:
            yield (), group
        elif {"cpu", "memory"} & set(controllers.split(",")):
            yield (controllers, *controllers.split(",")), group


def _upwards(root: Path, mounts: tuple[str, ...], group: str) -> Iterator[Path]:
    """Folders from our group to the root. In a container the path may be the host's: only the root is there."""
    for mount in dict.fromkeys(mounts):
        relative = Path(group.strip("/"))
        for path in (relative, *relative.parents):
            yield root / mount / path


def _quota_2(folder: Path) -> float | None:
    words = _text(folder / "cpu.max").split()
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0] != "max" else None


def _quota_1(folder: Path) -> float | None:
    quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
    return quota / period if quota and period and quota > 0 else None


def _memory(folder: Path, version_2: bool) -> tuple[int, int] | None:
    """(limit, still free) in bytes; page cache that can be dropped counts as free."""
    limit = _number(folder / ("memory.max" if version_2 else "memory.limit_in_bytes"))
    if limit is None or limit >= UNLIMITED:
        return None
    used = _number(folder / ("memory.current" if version_2 else "memory.usage_in_bytes")) or 0
    droppable = "inactive_file " if version_2 else "total_inactive_file "
    lines = _text(folder / "memory.stat").splitlines()
    cache = sum(int(line.split()[1]) for line in lines if line.startswith(droppable))
    return limit, max(0, min(limit, limit - used + cache))


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _text(path: Path) -> str:
    """A file's content; empty where it is not there or not ours to read, which here means: no limit."""
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
