"""`download` as it is typed: what is named is fetched and nothing else, and everything on disk is verified."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local_agent.errors import nearest
from local_agent.weights.catalogue import CATALOGUE, PROFILES, HuggingFace
from tests.conftest import Starter
from tests.hub import serving

ROOT = Path(__file__).resolve().parents[2]


def download(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """With a proxy that nobody runs: what asks the network fails at once."""
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "https_proxy": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
    return subprocess.run(
        [sys.executable, "-m", "local_agent", "download", *words, "--models-dir", str(folder)],
        cwd=ROOT,
        env=alone | environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture
def one(starter: Starter, tmp_path: Path) -> Path:
    """A models folder with Smart Turn alone, whole."""
    (tmp_path / starter.turn.name).symlink_to(starter.turn.resolve())
    return tmp_path


def test_what_is_named_is_fetched_and_nothing_else(one: Path, starter: Starter) -> None:
    """8.7 MB were asked for, and the 234 MB of the starter profile came along."""
    done = download(one, starter.turn.name)
    assert done.returncode == 0, done.stderr
    assert "all there and whole" in done.stdout
    assert [path.name for path in one.iterdir()] == [starter.turn.name]


def test_a_profile_and_a_name_are_both_meant(one: Path, starter: Starter) -> None:
    """Looked at only: neither is on disk but one model."""
    done = download(one, starter.turn.name, "--profile", "starter", "--verify")
    assert done.returncode == 1
    assert f"{starter.turn.name}: whole" in done.stdout
    assert starter.llama.name in done.stderr and starter.whisper.name in done.stderr


@pytest.mark.parametrize(
    "said",
    [
        ("--profile", "starter", "--language", "de"),
        ("--language", "german"),
        ("--profile", "multilingual", "--language=de-AT"),
    ],
)
def test_a_set_comes_with_models_that_know_the_language(one: Path, starter: Starter, said: tuple[str, ...]) -> None:
    """Looked at only."""
    done = download(one, *said, starter.turn.name, "--verify") if "--profile" in said else download(one, *said)
    for name in ("whisper-base", "piper-de_DE-thorsten-medium", "qwen2.5-coder-0.5b-instruct"):
        assert name in done.stderr + done.stdout, done
    for name in ("whisper-tiny.en", "piper-en_US-joe-medium", "smollm2-135m-instruct"):
        assert name not in done.stderr + done.stdout, done


def test_a_language_that_nobody_knows_is_told(one: Path) -> None:
    done = download(one, "--profile", "small", "--language", "klingon")
    assert done.returncode == 1 and "--language" in done.stderr


def test_everything_on_disk_is_verified_and_nothing_else(one: Path, starter: Starter) -> None:
    done = download(one, "--verify")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{starter.turn.name}: whole"]
    other = next(name for name in CATALOGUE if name not in PROFILES["starter"].models)
    (one / other).mkdir()
    done = download(one, "--verify")
    assert done.returncode == 1
    assert other in done.stderr and "download " + other in done.stderr


def test_only_the_named_is_verified_where_one_is_named(one: Path, starter: Starter) -> None:
    (one / starter.llama.name).mkdir()
    done = download(one, starter.turn.name, "--verify")
    assert (done.returncode, done.stdout.splitlines()) == (0, [f"{starter.turn.name}: whole"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("smal", "small"), ("Medium", "medium"), ("meduim", "medium"), ("lareg", "large"),
     ("multi lingual", "multilingual"),
     ("base", ""), ("tiny", ""), ("best", ""), ("gpu", ""), ("", "")],
)  # fmt: skip
def test_a_mistyped_profile_is_told_apart_from_an_unknown_one(typed: str, meant: str) -> None:
    """`base` was taken for `large`, 6.4 GB."""
    assert nearest(typed, PROFILES) == meant


@pytest.mark.parametrize(
    ("typed", "words"), [("smal", "perhaps small"), ("base", "one of starter, multilingual, small")]
)
def test_the_command_suggests_what_is_near_or_lists_all(tmp_path: Path, typed: str, words: str) -> None:
    done = download(tmp_path, "--profile", typed)
    assert done.returncode == 1 and words in done.stderr


def test_a_mirror_of_the_hub_is_asked_in_its_place(tmp_path: Path) -> None:
    voice = CATALOGUE["piper-de_DE-thorsten-medium"]
    with serving() as mirror:
        done = download(tmp_path, voice.name, HF_ENDPOINT=f"{mirror.url}/copy/")
    (source,) = voice.sources
    assert isinstance(source, HuggingFace)
    member = voice.files[0].copies[0][0].member
    assert [path for path, _ in mirror.asked] == [f"/copy/{source.repo}/resolve/{source.revision}/{member}"]
    assert done.returncode == 1 and f"{mirror.url}/copy/{source.repo}" in done.stderr and "404" in done.stderr


def test_a_mirror_that_is_none_is_told(tmp_path: Path) -> None:
    done = download(tmp_path, "piper-de_DE-thorsten-medium", HF_ENDPOINT="mirror.example")
    assert done.returncode == 1 and "HF_ENDPOINT=https://mirror.example" in done.stderr
