"""A bundle's models into the models folder: all verified first, each put in place in one step."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from local_agent.bundle import manifest as manifests
from local_agent.bundle import target
from local_agent.bundle.archive import Bundle
from local_agent.bundle.manifest import Member
from local_agent.bundle.staging import check_space, settle, stage, told
from local_agent.errors import BundleRefused
from local_agent.weights.catalogue import CATALOGUE, Entry
from local_agent.weights.fetch import DOWNLOADS, alone, missing
from local_agent.weights.progress import Silent
from local_agent.weights.store import CHECKSUMS, find, read_json, verify, write_json

STAGING = "bundle"  # inside the folder of downloads
NOTES = ".bundles"  # beside the models: what came in which bundle, and under which licences


@dataclass(frozen=True)
class Wanted:
    """A model and those of its files, as members of the bundle, that are not there or not whole."""

    entry: Entry
    files: tuple[Member, ...]


def check_machine(bundle: Bundle) -> None:
    """Raise BundleRefused when the bundle has programs that cannot run here."""
    made = bundle.manifest.target
    why = target.misfit(made, target.here()) if made else ""
    if why:
        raise BundleRefused(
            f"{manifests.SERVER} and wheels/ in {bundle.path.name} are {why}",
            fix="nothing was installed; make the bundle on a machine like this one, or one without programs",
        )


def install_models(bundle: Bundle, models_dir: Path, progress: Silent | None = None) -> list[str]:
    """Make `models_dir` complete from the bundle; return the names of models that were not whole before.

    Nothing is put in place before every byte of the bundle was found right. An interrupted call goes on when it is
    repeated. Raises BundleRefused, InstallFailed, or DownloadFailed while a download into the folder runs.
    """
    check_machine(bundle)
    progress = progress or Silent()
    staging = models_dir / DOWNLOADS / STAGING
    with told(models_dir):
        models_dir.mkdir(parents=True, exist_ok=True)
        with alone(models_dir / DOWNLOADS):
            models = [_wanted(bundle, name, models_dir) for name in bundle.manifest.models]
            files = [file for model in models for file in model.files] + list(bundle.manifest.notes)
            check_space(files, staging, models_dir)
            stage(bundle, files, staging, progress)
            for model in models:
                _put(model, staging / "models" / model.entry.name, models_dir)
            _keep_notes(bundle, staging, models_dir)
            shutil.rmtree(staging)
    for model in models:
        verify(find(model.entry.name, models_dir))
    return [model.entry.name for model in models if model.files]


def _wanted(bundle: Bundle, name: str, models_dir: Path) -> Wanted:
    members = {file.path: file for file in bundle.manifest.files}
    job = missing(CATALOGUE[name], models_dir)
    return Wanted(job.entry, tuple(members[f"models/{name}/{file.path}"] for file in job.files))


def _put(model: Wanted, staged: Path, models_dir: Path) -> None:
    """A model that is not there comes as a whole; one that is incomplete is mended file by file."""
    if not model.files:
        return
    unpinned = {file.path for file in model.entry.files if file.sha256 is None}
    prefix = f"models/{model.entry.name}/"
    arrived = {file.path.removeprefix(prefix): file.sha256 for file in model.files}
    folder = models_dir / model.entry.name
    if not folder.exists():
        if unpinned:
            write_json(staged / CHECKSUMS, {path: arrived[path] for path in unpinned})
        staged.rename(folder)
    else:
        for path in arrived:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (staged / path).replace(folder / path)
        if unpinned & arrived.keys():
            fresh = {path: arrived[path] for path in unpinned & arrived.keys()}
            write_json(folder / CHECKSUMS, {**read_json(folder / CHECKSUMS), **fresh})
        settle(folder)
    settle(models_dir)


def _keep_notes(bundle: Bundle, staging: Path, models_dir: Path) -> None:
    """The list of components and the licences stay with the models."""
    kept = models_dir / NOTES / bundle.digest[:12]
    if kept.exists():
        return
    notes = staging / "notes"
    shutil.rmtree(notes, ignore_errors=True)
    for member in bundle.manifest.notes:
        (notes / member.path).parent.mkdir(parents=True, exist_ok=True)
        (staging / member.path).rename(notes / member.path)
    (notes / manifests.NAME).write_bytes(manifests.written(bundle.manifest))
    kept.parent.mkdir(exist_ok=True)
    notes.rename(kept)
