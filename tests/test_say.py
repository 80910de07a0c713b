"""`say` as a person runs it: what the voice is given for a text, and the sound of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from local_agent import say, wav
from local_agent.engines.clause import ClauseCutter
from local_agent.engines.speakable import speakable
from local_agent.errors import BadInput
from local_agent.settings import Settings
from tests.engines.tinyvoice import tiny_voice

ROOT = Path(__file__).resolve().parents[1]

READ = {
    "on 3/4 at 5:30-6:30 PM": "on March fourth at five thirty to six thirty PM",
    "call 2125550123": "call two one two, five five five, zero one two three",
    "the 80s": "the eighties",
    "in the 1990s and '90s, mid-80s": "in the nineteen nineties and nineties, mid-eighties",
    "2h 15m": "two hours fifteen minutes",
    "10mg/day": "ten milligrams per day",
    "5 mg/kg": "five milligrams per kilogram",
    "60 km/h": "sixty kilometers per hour",
    "$5/month": "five dollars per month",
    "9am-5pm": "nine AM to five PM",
    "9-5": "nine to five",
    "pages 10-12": "pages ten to twelve",
    "12/5": "December fifth",
    "1/2 cup": "one half cup",
    "3/4 of it": "three quarters of it",
    "24/7": "twenty-four seven",
    "50/50 and/or": "fifty-fifty and or",
    "1 000 000": "one million",
    "1,000,000": "one million",
    "1.5M": "one point five million",
    "$3.5 billion": "three point five billion dollars",
    "€20": "twenty euros",
    "20€": "twenty euros",
    "£1.50": "one pound and fifty pence",
    "¥500": "five hundred yen",
    "10%": "ten percent",
    "-5°C": "minus five degrees Celsius",
    "98.6°F": "ninety-eight point six degrees Fahrenheit",
    "2^3": "two cubed",
    "x^2": "x squared",
    "10^6": "ten to the sixth",
    "2 x 3": "two times three",
    "5 + 3 = 8": "five plus three equals eight",
    "x ≤ 5": "x less than or equal to five",
    "±3": "plus or minus three",
    "12 Elm St. It is near": "twelve Elm Street. It is near",
    "123 Main St. Springfield": "one twenty-three Main Street, Springfield",
    "St. Mary's is near St. Louis": "Saint Mary's is near Saint Louis",
    "Dr. Smith lives on Elm Dr. in town": "Doctor Smith lives on Elm Drive in town",
    "Mr. and Mrs. Jones vs. Prof. Lee, etc.": "Mister and Missus Jones versus Professor Lee, et cetera.",
    "approx. No. 5 of Acme Inc. for John Jr.": "approximately number five of Acme Incorporated for John Junior.",
    "Oak Ave. and Sunset Blvd. Apt. 4B": "Oak Avenue and Sunset Boulevard Apartment four B",
    "Jan. 5, 2024": "January fifth, twenty twenty-four",
    "2024-01-05": "January fifth, twenty twenty-four",
    "05.03.2024": "May third, twenty twenty-four",
    "March 3rd": "March third",
    "the 3rd": "the third",
    "1905, 2007, 1066, 2024": "nineteen oh five, two thousand seven, one thousand sixty-six, twenty twenty-four",
    "in 1999": "in nineteen ninety-nine",
    "in 1066": "in ten sixty-six",
    "Chapter IV": "Chapter four",
    "Henry VIII": "Henry the eighth",
    "World War II": "World War two",
    "v2.0.1": "version two point zero point one",
    "Python 3.11": "Python three point eleven",
    "3:1": "three to one",
    "They won 3-2.": "They won three to two.",
    "17:30": "seventeen thirty",
    "5:05": "five oh five",
    "12:00": "twelve o'clock",
    "5:30 a.m. EST": "five thirty AM EST",
    "#1": "number one",
    "@home & you": "at home and you",
    "john.doe@example.com": "john dot doe at example dot com",
    "https://example.com/a": "example dot com slash a",
    "/etc/hosts is a file": "slash etc slash hosts is a file",
    "#MondayMotivation": "hashtag Monday Motivation",
    "the A/C w/ fan w/o filter": "the A C with fan without filter",
    "4x4": "four by four",
    "2x": "two times",
    "1080p": "ten eighty p",
    "5G": "five G",
    "B2B": "B two B",
    "3D": "three D",
    ".5": "point five",
    "0.05": "zero point zero five",
    "1st-3rd": "first to third",
    "7.5 lb": "seven point five pounds",
    "6'2\"": "six foot two",
    "5 ft 10 in": "five feet ten inches",
    "12 oz": "twelve ounces",
    "3 tbsp": "three tablespoons",
    "5 kg": "five kilograms",
    "3 GHz": "three gigahertz",
    "10 MB/s": "ten megabytes per second",
    "5 kWh": "five kilowatt hours",
    "20 m²": "twenty square meters",
    "500 sq ft": "five hundred square feet",
    "21st": "twenty-first",
    "4111 1111 1111 1111": "four one one one, one one one one, one one one one, one one one one",
    "Springfield, IL 62704": "Springfield, Illinois six two seven zero four",
    "Room 212, flight 370": "Room two twelve, flight three seventy",
    "1h": "one hour",
    "15min": "fifteen minutes",
    "2h15": "two hours fifteen minutes",
    "90s": "ninety seconds",
    "3d": "three days",
    "+1 (212) 555-0123": "plus one, two one two, five five five, zero one two three",
    "212-555-0123": "two one two, five five five, zero one two three",
    "212.555.0123 ext. 45": "two one two, five five five, zero one two three, extension four five",
    "My number is 555-0123": "My number is five five five, zero one two three",
    "call me at 5550123": "call me at five five five, zero one two three",
    "dial 911": "dial nine one one",
    "1-800-555-0199": "one, eight hundred, five five five, zero one nine nine",
    "1600 Pennsylvania Ave NW": "sixteen hundred Pennsylvania Avenue NW",
    "9 a.m. - 5 p.m.": "nine AM to five PM.",
    "Mon-Fri 9-5": "Monday to Friday nine to five",
    "5'": "five feet",
    "a $20 bill": "a twenty dollar bill",
    "$5-$10": "five to ten dollars",
    "10-20%": "ten to twenty percent",
    "5-10°C": "five to ten degrees Celsius",
    "60-70 mph": "sixty to seventy miles per hour",
    "2020-21": "twenty twenty to twenty-one",
    "1990-1995": "nineteen ninety to nineteen ninety-five",
    "1 1/2 cups": "one and a half cups",
    "COVID-19": "COVID nineteen",
    "H2O and CO2": "H two O and CO two",
    "GPT-4 on iPhone 15": "GPT four on iPhone fifteen",
    "1920x1080": "nineteen twenty by ten eighty",
    "8.5 x 11 inches": "eight point five by eleven inches",
    "$0.99": "ninety-nine cents",
    "$1,234.56": "one thousand two hundred thirty-four dollars and fifty-six cents",
    "-$5": "minus five dollars",
    "USD 20": "twenty US dollars",
    "the PIN 4829": "the PIN four eight two nine",
    "order #48213": "order number four eight two one three",
    "Windows 11": "Windows eleven",
    "Super Bowl LVIII": "Super Bowl fifty-eight",
    "Elizabeth II": "Elizabeth the second",
    "Louis XIV": "Louis the fourteenth",
    "192.168.1.1": "one ninety-two dot one sixty-eight dot one dot one",
    "5 July 2024": "the fifth of July, twenty twenty-four",
    "the 5th of July": "the fifth of July",
    "at 0:30": "at zero thirty",
    "10:00 PM": "ten PM",
    "3 p.m. It rained": "three PM. It rained",
    "16:9": "sixteen to nine",
    "rated 9/10": "rated nine out of ten",
    "4.5/5 stars": "four point five out of five stars",
    "9/11": "nine eleven",
    "120/80": "one twenty over eighty",
    "3-4 days": "three to four days",
    "a 5-minute walk": "a five-minute walk",
    "version 2.10": "version two point ten",
    "I paid 12.50 dollars": "I paid twelve dollars and fifty cents",
    "5 > 3": "five greater than three",
    "10K run": "ten K run",
    "50K users": "fifty thousand users",
    "temperatures in the 70s": "temperatures in the seventies",
    "in her 30s": "in her thirties",
    "1 lb, 2 lbs": "one pound, two pounds",
    "0.5 mi": "zero point five miles",
    "7 ft": "seven feet",
    '5" screen': "five inch screen",
    "100 m": "one hundred meters",
    "5m 30s": "five minutes thirty seconds",
    "3/4/2024": "March fourth, twenty twenty-four",
    "12/25/23": "December twenty-fifth, twenty twenty-three",
    "2nd-floor": "second-floor",
    "Q3 2024": "Q three twenty twenty-four",
    "F-16": "F sixteen",
    "Boeing 747": "Boeing seven forty-seven",
    "3.14159": "three point one four one five nine",
    "1,000th": "one thousandth",
    "100°": "one hundred degrees",
    "0042": "zero zero four two",
    "1234567": "one million two hundred thirty-four thousand five hundred sixty-seven",
    "2000 people": "two thousand people",
    "in 2010": "in twenty ten",
    "401(k)": "four oh one k",
    "25¢": "twenty-five cents",
    "5 in. wide": "five inches wide",
    "12 in total": "twelve in total",
    "Fig. 3 on p. 12": "Figure three on page twelve",
    "1500-2000 calories": "fifteen hundred to two thousand calories",
    "5:30": "five thirty",
    "on Mon. I go": "on Monday. I go",
    "I-95": "I ninety-five",
    "in Jan. we": "in January we",
}


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An American voice of two kilobytes."""
    return Settings(voice=str(tiny_voice(tmp_path_factory.mktemp("voice"))))


def shown(settings: Settings, text: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert say.run(settings, text, None, show=True) == 0
    out = capsys.readouterr().out
    assert out.endswith("\n") and out.count("\n") == 1
    return out[:-1]


@pytest.mark.parametrize(("text", "words"), READ.items())
def test_read(text: str, words: str, voice: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(voice, text, capsys) == words


@pytest.mark.parametrize("text", READ)
def test_no_figure_is_left_to_chance(text: str, voice: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert not re.search(r"\d", shown(voice, f"Well, {text} it is.", capsys))


def bare(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


@pytest.mark.parametrize("text", READ)
def test_a_reading_is_the_same_when_the_text_comes_token_by_token(text: str) -> None:
    for first in ("", "Sure, I can tell you that. ", "Now that is "):
        cutter = ClauseCutter()
        clauses = [clause for token in re.findall(r"\s*\S{1,3}", first + text) for clause in cutter.push(token)]
        clauses += cutter.flush()
        streamed = bare(" ".join(speakable(clause) for clause in clauses))
        assert streamed == bare(speakable(first + text)), clauses


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
    card = {"PYTHONPATH": str(Path(__file__).parent / "card"), "FAKE_CARD_PLAYS": str(tmp_path / "played")}
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
    done = command(*flags, "hello", PYTHONPATH=str(Path(__file__).parent / "card"), FAKE_CARD_FAULT=fault)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr and "--output" in done.stderr
