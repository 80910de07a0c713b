"""The `download` command: what is there, what is fetched, under which licence, and whether it is whole."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from local_agent.errors import ConfigError, LocalAgentError, nearest
from local_agent.weights.catalogue import CATALOGUE, PROFILES, Entry
from local_agent.weights.fetch import Sources, fetch, missing
from local_agent.weights.progress import Silent, megabytes, watcher
from local_agent.weights.store import find, installed, verify

INTERRUPTED = 130  # what a shell reports after Ctrl-C


def download_command(
    names: Sequence[str] = (),
    profile: str | None = None,
    models_dir: Path = Path("models"),
    list_only: bool = False,
    verify_only: bool = False,
    *,
    sources: Sources | None = None,
) -> int:
    """List, verify or fetch models and return the exit status: 0, 1 with one line per fault, 130 after Ctrl-C.

    names: of the catalogue; profile: its models as well. With neither, `starter` is fetched, and everything of the
    catalogue that is on disk is verified.
    """
    try:
        if list_only:
            return _list(models_dir)
        if verify_only and not names and not profile:
            return _verify([CATALOGUE[name] for name in sorted(_present(models_dir))], models_dir)
        entries = chosen(names, profile)
        if verify_only:
            return _verify(entries, models_dir)
        fetch_models(entries, models_dir, sources)
        return 0
    except LocalAgentError as error:
        print(f"local_agent: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; what arrived is kept, and the same command goes on from there", file=sys.stderr)
        return INTERRUPTED


def chosen(names: Sequence[str], profile: str | None) -> list[Entry]:
    """The entries asked for, each once. Raises ConfigError for a name or profile that is not in the catalogue."""
    if profile is not None and profile not in PROFILES:
        raise _unknown("profile", profile, list(PROFILES))
    wanted = [*names, *(PROFILES[profile].models if profile else ())] or list(PROFILES["starter"].models)
    for name in wanted:
        if name not in CATALOGUE:
            raise _unknown("model", name, list(CATALOGUE))
    return [CATALOGUE[name] for name in dict.fromkeys(wanted)]


def fetch_models(entries: Sequence[Entry], models_dir: Path, sources: Sources | None) -> None:
    """Say what they are and how large, and bring what is missing. Raises DownloadFailed, and KeyboardInterrupt."""
    jobs = [job for job in (missing(entry, models_dir) for entry in entries) if job.files]
    for entry in entries:
        print(f"{entry.name}: {megabytes(entry.size)}, {entry.licence}; {entry.note}")
    if not jobs:
        print(f"all there and whole in {models_dir}")
        return
    traffic, disk = sum(job.traffic for job in jobs), sum(file.size for job in jobs for file in job.files)
    print(f"{megabytes(traffic)} to download, {megabytes(disk)} on disk, into {models_dir}", flush=True)
    display: Silent = watcher()
    with display:
        fetch([entry.name for entry in entries], models_dir, progress=display, sources=sources)
    print(f"{', '.join(job.entry.name for job in jobs)}: there and whole")


def _verify(entries: list[Entry], models_dir: Path) -> int:
    """Hash everything again; a line for each model."""
    if not entries:
        print(f"no model of the catalogue is in {models_dir}")
    faults = 0
    for entry in entries:
        try:
            verify(find(entry.name, models_dir), deep=True)
        except LocalAgentError as error:
            faults += 1
            print(error, file=sys.stderr)
        else:
            known = "whole" if entry.pinned else "as it was when downloaded (unpinned: nobody could check it before)"
            print(f"{entry.name}: {known}")
    return 1 if faults else 0


def _list(models_dir: Path) -> int:
    there = installed(models_dir)
    width = max(len(name) for name in CATALOGUE)
    for entry in CATALOGUE.values():
        mark = "there" if entry.name in there else "-"
        pinned = "" if entry.pinned else " (unpinned: nobody could check it)"
        languages = ",".join(entry.languages)
        print(
            f"{entry.name:{width}}  {entry.role}  {megabytes(entry.size):>9}  {mark:5}  {entry.licence:10}  {languages}"
        )
        print(f"{'':{width}}  {entry.note}{_facts(entry)}{pinned}")
    print("\nprofiles:")
    for profile in PROFILES.values():
        size = megabytes(sum(CATALOGUE[name].size for name in profile.models))
        print(f"  {profile.name:13}{size:>9}  {' + '.join(profile.models)}  ({profile.machine})")
    return 0


def _facts(entry: Entry) -> str:
    """What a language model is chosen by, in words; "" for other models."""
    if entry.llm is None:
        return ""
    points = f"{entry.llm.points} of 60 points" if entry.llm.points is not None else "no points known"
    thinks = ", thinks" if entry.llm.thinks else ""
    cache = f", {entry.llm.cache} cache" if entry.llm.cache != "full" else ""
    return f"; {points}, {megabytes(entry.llm.reads)} behind a token{cache}{thinks}"


def _present(models_dir: Path) -> set[str]:
    """Models of which at least a folder is there."""
    return {name for name in CATALOGUE if (models_dir / name).is_dir()}


def _unknown(kind: str, name: str, known: list[str]) -> ConfigError:
    near = nearest(name, known)
    hint = f"perhaps {near}" if near else f"one of {', '.join(known)}"
    return ConfigError(f"no {kind} is named {name!r}", expected=hint, fix="python -m local_agent download --list")
