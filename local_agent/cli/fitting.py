"""`download --profile auto`: measures this machine, fetches what it carries well, tries that, and says all of it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import replace

from local_agent.config import sources as config
from local_agent.config.settings import Settings
from local_agent.doctor.machine import busy_elsewhere
from local_agent.errors import LocalAgentError, as_typed_here, in_checkout
from local_agent.hardware import fit, plan, speed
from local_agent.hardware.fit import Fit
from local_agent.hardware.model_choice import POINTS, ranked, to_have
from local_agent.hardware.probe import Hardware, gib, named, probe, usable_cores, with_speed
from local_agent.weights import store
from local_agent.weights.catalogue import CATALOGUE, PROFILES
from local_agent.weights.copies import Sources
from local_agent.weights.download import INTERRUPTED, fetch_models
from local_agent.weights.fetch import missing
from local_agent.weights.progress import megabytes

logger = logging.getLogger(__name__)

TRIES = 3  # of a language model that seems too slow
BUSY = 0.25  # of the processors, kept busy by others: then nothing slow that is measured tells of the machine


def run(settings: Settings, sources: Sources) -> int:
    """Exit status: 0 where a profile is whole on disk in the end, 1 where none is, 130 after Ctrl-C."""
    config.prepare_process(usable_cores(), guest=True)  # a guest's environment keeps its proxies
    try:
        return _fit(settings, sources)
    except KeyboardInterrupt:
        print("\nstopped; what arrived is kept, and the same command goes on from there", file=sys.stderr)
        return INTERRUPTED


def _fit(settings: Settings, sources: Sources) -> int:
    """The best profile that fits and can be had, each tried once."""
    hardware = _measured(settings, probe())
    devices = plan.devices(settings, hardware)
    tried: set[str] = set()
    while True:
        found = ranked(settings, hardware, devices, store.installed(settings.models_dir))
        fitting = [one for one in found if not one.lacks] or found[-1:]
        untried = [one for one in fitting if one.profile.name not in tried]
        if not untried:
            return _left(found, settings)
        wanted = untried[0]
        tried.add(wanted.profile.name)
        _tell(wanted, found, hardware, settings)
        try:
            fetch_models([CATALOGUE[name] for name in to_have(wanted)], settings.models_dir, sources)
        except LocalAgentError as error:
            print(f"{wanted.profile.name} can't be had now: {error}", file=sys.stderr)
            continue
        hardware = _tried(wanted, settings, hardware, devices)
        again = fit.judge(settings, hardware, devices, wanted.profile, wanted.models)
        if not again.lacks or len(untried) == 1:
            print(f"{wanted.profile.name} is there and whole" + (f"; {again.pace}" if again.pace else ""))
            return 0
        print(f"{wanted.profile.name} is too much for this machine: {again.lacks}")


def _left(found: list[Fit], settings: Settings) -> int:
    """What is on disk already, where nothing more can be had."""
    there = store.installed(settings.models_dir)
    whole = [one.profile.name for one in found if set(to_have(one)) <= there]
    if not whole:
        print("nothing can be had, and no profile is whole on disk", file=sys.stderr)
        return 1
    print(f"on disk and whole: {', '.join(whole)}; start takes the best of it that this machine carries")
    return 0


def _measured(settings: Settings, hardware: Hardware) -> Hardware:
    """The machine with its memory's speed, measured now, and what is known of models."""
    known = with_speed(hardware, settings.data_dir)
    if _busy():
        return known
    return _kept(settings, replace(known, measured=known.measured.with_memory(speed.measure_memory(hardware.cores))))


def _busy() -> str:
    """What others keep busy here now, in words; "" where that is too little to matter."""
    count, processors = busy_elsewhere(), os.cpu_count() or 1
    return f"others keep {count:.1f} of {processors} processors busy" if count > BUSY * processors else ""


def _tried(wanted: Fit, settings: Settings, hardware: Hardware, devices: Mapping[str, str]) -> Hardware:
    """The machine with the speed of a profile's language model, which is on disk now."""
    model = store.find(wanted.models["llama"], settings.models_dir)
    digest, device = model.files[0].sha256, devices["llama"]
    if model.entry is None or digest is None:
        return hardware
    from local_agent.engines.llama.speed import measure

    threads, name = plan.language_threads(settings, hardware, device), speed.name_of(digest, device)
    before, busy = hardware, _busy()
    for number in range(TRIES):
        count = threads if number % 2 == 0 else 1  # the engine takes whichever is quicker
        try:
            found = measure(model.path, threads=count, gpu_layers=-1 if device == "cuda" else 0)
        except LocalAgentError as error:
            print(f"{model.name} could not be tried: {error}", file=sys.stderr)
            return hardware
        hardware = replace(hardware, measured=hardware.measured.with_model(name, found))
        if busy or not fit.judge(settings, hardware, devices, wanted.profile, wanted.models).lacks:
            break
    if busy and fit.judge(settings, hardware, devices, wanted.profile, wanted.models).lacks:
        print(f"{busy} now, so {model.name} is judged by the estimate; the same command tries again")
        return before
    best = hardware.measured.of(name) or found
    print(f"{model.name} reads {best.read:.0f} and writes {best.write:.0f} tokens a second here")
    return _kept(settings, hardware)


def _kept(settings: Settings, hardware: Hardware) -> Hardware:
    try:
        speed.keep(settings.data_dir, named(hardware), hardware.measured)
    except OSError as error:
        logger.info("%s cannot be written (%s): the next start estimates", settings.data_dir, error)
    return hardware


def _tell(wanted: Fit, found: list[Fit], hardware: Hardware, settings: Settings) -> None:
    """What was chosen and why, in plain words, before anything is fetched."""
    rate = f", {hardware.measured.memory / 1e9:.0f} GB a second" if hardware.measured.memory else ""
    gpu = "".join(f", {one.name} of {gib(one.memory)}" for one in hardware.gpus)
    print(f"this machine: {fit.processor(hardware)}{rate}{gpu}")
    least = found[-1]
    points = f"{wanted.points} of {POINTS} points for its answers" if wanted.points else "no points are known"
    points += f" ({least.profile.name}: {least.points})" if least.points and wanted is not least else ""
    pace = f"; {wanted.pace}, {fit.SOON:g} s is the limit" if wanted.pace else ""
    print(f"{wanted.profile.name} suits it: {', '.join(to_have(wanted))}")
    print(f"  {points}{pace}")
    for one in found[: found.index(wanted)][-1:]:
        print(f"  not {one.profile.name}: {one.lacks or 'it could not be had'}")
    jobs = [missing(CATALOGUE[name], settings.models_dir) for name in to_have(wanted)]
    traffic, starter = sum(job.traffic for job in jobs), PROFILES["starter"]
    if traffic and wanted.profile is not starter:
        less = megabytes(sum(CATALOGUE[name].size for name in starter.models))
        hurry = "PROFILE=starter make start" if in_checkout() else "python -m local_agent download --profile starter"
        print(f"  {megabytes(traffic)} to download, once; in a hurry: {as_typed_here(hurry)} ({less})")
    sys.stdout.flush()
