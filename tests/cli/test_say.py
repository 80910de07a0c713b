"""`say` as a person runs it: what the voice is given for a text, and the sound of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from local_agent.audio import wav
from local_agent.cli import say
from local_agent.config.settings import Settings
from local_agent.engines.text.clauses import ClauseCutter
from local_agent.engines.text.normalize import speakable
from local_agent.errors import BadInput
from tests.engines.piper.tinyvoice import tiny_voice
from tests.engines.text.readings import READ

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An American voice of two kilobytes."""
    return Settings(voice=str(tiny_voice(tmp_path_factory.mktemp("voice"))))


def shown(settings: Settings, text: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert say.run(settings, text, None, show=True) == 0
    out = capsys.readouterr().out
    assert out.endswith("\n") and out.count("\n") == 1
    return out[:-1]


def test_read(voice: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    read = {text: shown(voice, text, capsys) for text in READ}
    assert read == READ


def test_no_figure_is_left_to_chance(voice: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    read = {text: shown(voice, f"Well, {text} it is.", capsys) for text in READ}
    assert {text: words for text, words in read.items() if re.search(r"\d", words)} == {}


def bare(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


def token_by_token(text: str) -> list[str]:
    cutter = ClauseCutter()
    clauses = [clause for token in re.findall(r"\s*\S{1,3}", text) for clause in cutter.push(token)]
    return [speakable(clause) for clause in clauses + cutter.flush()]


@pytest.mark.parametrize("first", ["", "Sure, I can tell you that. ", "Now that is "])
def test_a_reading_is_the_same_when_the_text_comes_token_by_token(first: str) -> None:
    streamed = {first + text: bare(" ".join(token_by_token(first + text))) for text in READ}
    assert streamed == {text: bare(speakable(text)) for text in streamed}


def test_what_is_shown_is_what_is_spoken(voice: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tiny voice makes as many samples as there are phonemes."""
    for name, text in (("figures.wav", "In 1999, 20 m² at $5/month."), ("words.wav", "")):
        words = text or shown(voice, "In 1999, 20 m² at $5/month.", capsys)
        assert say.run(voice, words, tmp_path / name, show=False) == 0
    figures, words = (wav.read(tmp_path / name)[0] for name in ("figures.wav", "words.wav"))
    assert len(figures) == len(words)
    assert np.abs(figures.astype(int)).max() > 1000


def test_a_slower_voice_takes_longer(voice: Settings, tmp_path: Path) -> None:
    lengths = []
    for number, speed in enumerate((1.0, 0.5)):
        say.run(voice.model_copy(update={"speed": speed}), "one two three", tmp_path / f"{number}.wav", show=False)
        lengths.append(len(wav.read(tmp_path / f"{number}.wav")[0]))
    assert lengths[1] > 1.3 * lengths[0]


@pytest.mark.parametrize("text", ["", "  ", "😀", "...", "*sighs*"])
def test_nothing_to_say_is_said(text: str, voice: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing to speak|no word"):
        say.run(voice, text, tmp_path / "a.wav", show=False)
    assert not (tmp_path / "a.wav").exists()


def test_a_script_that_the_voice_does_not_read_is_never_silence(voice: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no word that the voice can speak.*for en reads"):
        say.run(voice, "Привет, мир", tmp_path / "a.wav", show=False)


def test_a_place_that_can_not_be_written(voice: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be written"):
        say.run(voice, "hello", tmp_path / "no" / "a.wav", show=False)


def command(*arguments: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local_agent", "say", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, input=text, capture_output=True, text=True, check=False,
        timeout=100,
    )  # fmt: skip


@pytest.fixture(scope="module")
def flags(voice: Settings) -> list[str]:
    return ["--voice", str(voice.voice)]


def test_a_text_may_begin_with_a_minus(flags: list[str]) -> None:
    done = command("--show", *flags, "-5°C")
    assert (done.returncode, done.stdout) == (0, "minus five degrees Celsius\n"), done.stderr


def test_a_text_from_stdin_is_one_line(flags: list[str]) -> None:
    done = command("--show", *flags, "-", text="First.\n\nThe 2nd.\n")
    assert (done.returncode, done.stdout) == (0, "First. The second.\n"), done.stderr


def test_a_terminal_that_knows_no_accents(flags: list[str]) -> None:
    done = command("--show", *flags, "Café", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "Caf\\xe9\n"), done.stderr


def test_a_mistyped_option_is_not_spoken(flags: list[str]) -> None:
    done = command("--shwo", *flags, "hello")
    assert done.returncode == 2


def test_an_unknown_voice_is_one_line() -> None:
    done = command("--show", "--voice", "nobody", "hello")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "nobody" in done.stderr


def test_the_loudspeaker_plays_it(flags: list[str], tmp_path: Path) -> None:
    card = {"PYTHONPATH": str(Path(__file__).parents[1] / "card"), "FAKE_CARD_PLAYS": str(tmp_path / "played")}
    done = command(*flags, "Hello, this is one. And this is another one.", **card)
    assert done.returncode == 0, done.stderr
    played = np.frombuffer((tmp_path / "played").read_bytes(), np.int16)
    command(*flags, "--output", str(tmp_path / "a.wav"), "Hello, this is one. And this is another one.")
    written, rate = wav.read(tmp_path / "a.wav")
    loud = np.flatnonzero(np.abs(played.astype(int)) > 500)
    sound = np.flatnonzero(np.abs(written.astype(int)) > 500)
    assert abs((loud[-1] - loud[0]) / 48_000 - (sound[-1] - sound[0]) / rate) < 0.1


@pytest.mark.parametrize(("fault", "words"), [("library", "PortAudio"), ("open", "can't be opened")])
def test_without_a_loudspeaker_there_is_a_way(fault: str, words: str, flags: list[str]) -> None:
    done = command(*flags, "hello", PYTHONPATH=str(Path(__file__).parents[1] / "card"), FAKE_CARD_FAULT=fault)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr and "--output" in done.stderr
