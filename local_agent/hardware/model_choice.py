"""Which profile and which models: `choose(settings, hardware, devices, installed)`, pure, with a reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from local_agent.config.languages import AUTO, told
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError, nearest
from local_agent.hardware import fit
from local_agent.hardware.fit import Fit
from local_agent.hardware.probe import Hardware
from local_agent.weights import store
from local_agent.weights.catalogue import CATALOGUE, PROFILES, Profile, Role
from local_agent.weights.progress import megabytes

# English needs no second Whisper of the same size; other languages need one that is not English only.
_ENGLISH, _OTHERS = frozenset({"starter", "small"}), frozenset({"multilingual"})
POINTS = 60  # that a language model may get


class Better(NamedTuple):
    """A profile with better answers. reason: what it would take. here: this machine carries it, so that a setting or a
    download is enough.
    """

    profile: str
    reason: str
    here: bool


class Choice(NamedTuple):
    """models: name or path by engine. reason: why this profile. replaced: why a model is not the profile's, by engine.

    lacking: no profile that suits is whole on disk. better: what this machine does not run as it is.
    """

    profile: Profile
    models: Mapping[str, str]
    name: str
    reason: str
    replaced: Mapping[str, str]
    lacking: bool = False
    better: tuple[Better, ...] = ()


def choose(
    settings: Settings, hardware: Hardware, devices: Mapping[str, str], installed: frozenset[str], machine: str
) -> Choice:
    """The profile asked for, or the best one that suits the machine and lies on disk; in it, models that know the
    language in place of those that don't.

    devices: cuda or cpu by engine. machine: its GPU in words. Raises ConfigError for an unknown profile.
    """
    if settings.profile != AUTO:
        if settings.profile not in PROFILES:
            near = nearest(settings.profile, PROFILES)
            raise ConfigError(
                f"no profile is named {settings.profile!r} ({settings.origin('profile')})",
                expected=", ".join((AUTO, *PROFILES)),
                fix=f"use {settings.line('profile', near or AUTO)}",
            )
        made = _chosen(settings, PROFILES[settings.profile], installed, settings.origin("profile"))
        found = ranked(settings, hardware, devices, installed)
        return made._replace(better=_instead(settings, found, made.profile, installed))
    found = ranked(settings, hardware, devices, installed)
    there = [one for one in found if _complete(one, settings, installed)]
    suited = next((one for one in found if not one.lacks), found[-1])
    chosen = next((one for one in there if not one.lacks), there[-1] if there else None)
    carried_by = machine if devices["whisper"] == devices["llama"] == "cuda" else fit.processor(hardware)
    used = chosen or min(
        [one for one in found if not one.lacks] or found[-1:], key=lambda one: _lacking(one, installed)
    )
    fetched = f"{suited.profile.name}{_worth(suited, used)}"
    if chosen is None:
        reason = (
            f"{carried_by} would carry {fetched}, but no profile is whole on disk; fix: {fetches(suited, settings)}"
        )
    elif chosen.lacks:
        reason = f"all that is on disk for {carried_by}, but {chosen.lacks}"
        reason += f"; {fetched} would fit: {fetches(suited, settings)}" if not suited.lacks else ""
    elif chosen is suited:
        reason = "; ".join(filter(None, (carried_by, chosen.pace)))
    else:
        reason = f"{carried_by} would carry {fetched}, which is not on disk: {fetches(suited, settings)}"
    made = _chosen(settings, used.profile, installed, reason)
    return made._replace(lacking=chosen is None or bool(chosen.lacks), better=_beyond(found, suited))


def ranked(settings: Settings, hardware: Hardware, devices: Mapping[str, str], installed: frozenset[str]) -> list[Fit]:
    """All profiles for the language, the best one first, each judged on this machine; at least one."""
    left_out = _OTHERS if settings.language == "en" else _ENGLISH
    return [
        fit.judge(settings, hardware, devices, profile, _chosen(settings, profile, installed, "").models)
        for profile in reversed(PROFILES.values())
        if profile.name not in left_out
    ]


def fetches(wanted: Fit, settings: Settings) -> str:
    """The command that downloads a profile's models."""
    own = set(wanted.models.values()) <= {*wanted.profile.models}
    names = ["--profile", wanted.profile.name] if own else [name for name in to_have(wanted) if name in CATALOGUE]
    return store.download(names, settings.models_dir)


def whole_set(profile: str, language: str, models_dir: Path) -> tuple[str, ...]:
    """Names of the models that a profile takes in a language; none for a profile that does not exist."""
    known = PROFILES.get(profile)
    if known is None:
        return ()
    there = store.installed(models_dir)
    return (*(_speaking(usual, language, there) for usual in (known.stt, known.llm, known.tts)), known.turn)


def to_have(wanted: Fit) -> tuple[str, ...]:
    """Names of the catalogue's models that a profile takes, the turn detector with them."""
    return tuple(name for name in (*wanted.models.values(), wanted.profile.turn) if name in CATALOGUE)


def _worth(suited: Fit, than: Fit) -> str:
    """What better answers and bytes stand behind a download, in words."""
    size = megabytes(sum(CATALOGUE[name].size for name in to_have(suited)))
    if suited.points and than.points and suited.points > than.points:
        return f" ({size}; {suited.points} of {POINTS} points for its answers instead of {than.points})"
    return f" ({size})"


def _beyond(found: list[Fit], suited: Fit) -> tuple[Better, ...]:
    """The next better profile than what suits the machine, and what keeps it from that."""
    better = found[: found.index(suited)]
    return (Better(better[-1].profile.name, f"not on this machine: {better[-1].lacks}", False),) if better else ()


def _lacking(one: Fit, installed: frozenset[str]) -> int:
    """Bytes of a profile that are not on disk."""
    return sum(CATALOGUE[name].size for name in to_have(one) if name not in installed)


def _instead(settings: Settings, found: list[Fit], asked: Profile, installed: frozenset[str]) -> tuple[Better, ...]:
    """What would suit the machine better than the profile that was asked for."""
    better = [one for one in found[: _place(found, asked)] if not one.lacks]
    if not better or settings.llm_model is not None:
        return ()
    than = next((one for one in found if one.profile is asked), found[-1])
    fetched = f"{fetches(better[0], settings)}, then " if _lacking(better[0], installed) else ""
    reason = f"this machine carries it{_worth(better[0], than)}: {fetched}{settings.line('profile', AUTO)}"
    return (Better(better[0].profile.name, reason, True),)


def _place(found: list[Fit], asked: Profile) -> int:
    """How many of those found are better than a profile."""
    order = list(PROFILES)
    return sum(order.index(one.profile.name) > order.index(asked.name) for one in found)


def knows(model: str, language: str) -> bool:
    """Whether a model of the catalogue knows a language: for a language model with several, whatever they are, since
    its makers name the largest only. "auto" is several of them, for a voice any one. True for any other model, of which
    its own files tell.
    """
    entry = CATALOGUE.get(model)
    if entry is None or (language == AUTO and entry.role == "tts"):
        return True
    several = "multi" in entry.languages or (entry.role == "llm" and len(entry.languages) > 1)
    return several or language in entry.languages


def _complete(one: Fit, settings: Settings, installed: frozenset[str]) -> bool:
    """Whether all that the settings do not replace is on disk."""
    own = {"whisper": settings.whisper_model, "llama": settings.llm_model, "piper": settings.voice}
    return all(one.models[engine] in installed for engine, given in own.items() if given is None)


def _chosen(settings: Settings, profile: Profile, installed: frozenset[str], reason: str) -> Choice:
    models, replaced = {}, {}
    for engine, own, usual in (
        ("whisper", settings.whisper_model, profile.stt),
        ("llama", settings.llm_model, profile.llm),
        ("piper", settings.voice, profile.tts),
    ):
        models[engine] = own or _speaking(usual, settings.language, installed)
        if own is None and models[engine] != usual:
            known = "knows one language" if settings.language == AUTO else f"does not know {told(settings.language)}"
            replaced[engine] = f"{usual} {known}"
    return Choice(profile, models, profile.name, reason, replaced)


def _speaking(usual: str, language: str, installed: frozenset[str]) -> str:
    """A profile's model, or where it does not know the language, one of its role that does: one that is on disk first,
    one that the package index serves, the smallest. The usual one where none is known to.
    """
    if knows(usual, language):
        return usual
    role: Role = CATALOGUE[usual].role
    others = [entry for entry in CATALOGUE.values() if entry.role == role and knows(entry.name, language)]
    others.sort(key=lambda entry: (entry.name not in installed, not entry.on_index, entry.size))
    return others[0].name if others else usual
