"""Which profile and which models: `choose(settings, hardware, devices, installed)`, pure, with a reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from local_agent.config.languages import AUTO, told
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError, nearest
from local_agent.hardware.probe import GIB, Hardware
from local_agent.weights.catalogue import CATALOGUE, PROFILES, Profile, Role

SHOWN = 0.92  # a GPU shows so much of the memory that it is sold with, at least
RANK = ("starter", "multilingual", "small", "medium", "large")


class Choice(NamedTuple):
    """models: name or path by engine. reason: why this profile. replaced: why a model is not the profile's, by engine.

    lacking: the profile is not on disk; nothing better is.
    """

    profile: Profile
    models: Mapping[str, str]
    name: str
    reason: str
    replaced: Mapping[str, str]
    lacking: bool = False


def choose(
    settings: Settings, hardware: Hardware, devices: Mapping[str, str], installed: frozenset[str], machine: str
) -> Choice:
    """The profile asked for, or the best one that suits the machine and lies on disk; in it, models that know the
    language in place of those that don't.

    devices: cuda or cpu by engine. machine: its GPU in words. Raises ConfigError for an unknown profile.
    """
    if settings.profile != "auto":
        if settings.profile not in PROFILES:
            near = nearest(settings.profile, PROFILES)
            raise ConfigError(
                f"no profile is named {settings.profile!r} ({settings.origin('profile')})",
                expected=", ".join(("auto", *PROFILES)),
                fix=f"use {settings.line('profile', near or 'auto')}",
            )
        return _chosen(settings, PROFILES[settings.profile], installed, settings.origin("profile"))
    suited, carried_by = _suited(hardware, devices, machine)
    # English needs no second Whisper of the same size; other languages need one that is not English only.
    order = [name for name in RANK if name != ("multilingual" if settings.language == "en" else "starter")]
    suited = suited if suited in order else order[0]
    fitting = order[: order.index(suited) + 1]
    chosen = next((name for name in reversed(fitting) if _complete(PROFILES[name], settings, installed)), None)
    if chosen == suited:
        return _chosen(settings, PROFILES[suited], installed, carried_by)
    fix = f"python -m local_agent download --profile {suited}"
    if chosen is None:
        reason = f"{carried_by} would carry {suited}, but no profile is whole on disk; fix: {fix}"
        return _chosen(settings, PROFILES[order[0]], installed, reason)._replace(lacking=True)
    reason = f"{carried_by} would carry {suited}, which is not on disk: {fix}"
    return _chosen(settings, PROFILES[chosen], installed, reason)


def knows(model: str, language: str) -> bool:
    """Whether a model of the catalogue knows a language: for a language model with several, whatever they are, since
    its makers name the largest only. True for "auto", and for any other model, of which its own files tell.
    """
    entry = CATALOGUE.get(model)
    if entry is None or language == AUTO:
        return True
    several = entry.role == "llm" and len(entry.languages) > 1
    return several or language in entry.languages or "multi" in entry.languages


def _suited(hardware: Hardware, devices: Mapping[str, str], machine: str) -> tuple[str, str]:
    """Name of the profile that the machine carries, and the machine in words."""
    if devices["whisper"] == devices["llama"] == "cuda":
        memory = (hardware.gpus[0].memory if hardware.gpus else None) or 0
        carried = [p for p in PROFILES.values() if p.gpu and memory >= p.gpu * GIB * SHOWN]
        return max(carried, key=_rank).name if carried else "starter", machine
    carried = [
        p
        for p in PROFILES.values()
        if p.name != "multilingual" and 0 < p.cores <= hardware.cores and p.memory * GIB <= hardware.memory
    ]
    words = f"{hardware.cores} cores, {gib(hardware.memory)}"
    return max(carried, key=_rank).name if carried else "starter", words


def _rank(profile: Profile) -> int:
    return RANK.index(profile.name)


def _complete(profile: Profile, settings: Settings, installed: frozenset[str]) -> bool:
    """Whether all that the settings do not replace is on disk."""
    own = {"whisper": settings.whisper_model, "llama": settings.llm_model, "piper": settings.voice}
    models = _chosen(settings, profile, installed, "").models
    return all(models[engine] in installed for engine, given in own.items() if given is None)


def _chosen(settings: Settings, profile: Profile, installed: frozenset[str], reason: str) -> Choice:
    models, replaced = {}, {}
    for engine, own, usual in (
        ("whisper", settings.whisper_model, profile.stt),
        ("llama", settings.llm_model, profile.llm),
        ("piper", settings.voice, profile.tts),
    ):
        models[engine] = own or _speaking(usual, settings.language, installed)
        if own is None and models[engine] != usual:
            replaced[engine] = f"{usual} does not know {told(settings.language)}"
    return Choice(profile, models, profile.name, reason, replaced)


def _speaking(usual: str, language: str, installed: frozenset[str]) -> str:
    """A profile's model, or where it does not know the language, one of its role that does: one that is on disk first,
    the smallest first. The usual one where none is known to.
    """
    if knows(usual, language):
        return usual
    role: Role = CATALOGUE[usual].role
    others = [entry for entry in CATALOGUE.values() if entry.role == role and knows(entry.name, language)]
    others.sort(key=lambda entry: (entry.name not in installed, entry.size))
    return others[0].name if others else usual


def gib(count: int | None) -> str:
    """Bytes in words: `4 GB`, `1.5 GB`."""
    return f"{(count or 0) / GIB:.1f} GB".replace(".0 ", " ")
