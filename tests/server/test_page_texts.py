"""What the page says, in each of its languages, and what it weighs: no browser is needed for that."""

from __future__ import annotations

import json
import re

import pytest

from local_agent.server.assets import CLIENT, TYPES
from local_agent.server.web_options import PAGE

TEXTS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((PAGE / "texts").glob("*.json"))}
CODE = "\n".join(path.read_text("utf-8") for path in [*PAGE.glob("*.js"), PAGE / "index.html"])
BUDGET = 150_000  # bytes of the page with one language, uncompressed, besides LiveKit's client


def test_the_languages_of_the_menu_are_those_there_are_tables_of() -> None:
    menu = re.search(r"LANGUAGES = \{(.*?)\}", (PAGE / "texts.js").read_text("utf-8"))
    assert menu and sorted(re.findall(r"(\w\w):", menu[1])) == sorted(TEXTS)
    assert {"en", "de", "fr", "es", "it", "pt", "nl"} <= set(TEXTS)


@pytest.mark.parametrize("language", TEXTS)
def test_every_key_is_in_each_table_with_the_same_words_to_fill_in(language: str) -> None:
    usual, table = TEXTS["en"], TEXTS[language]
    assert list(table) == list(usual)
    for key, text in table.items():
        assert text.strip() and re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", usual[key]), key
    same = [key for key in table if len(table[key]) > 20 and table[key] == usual[key]]
    assert language == "en" or not same, "not translated"


def test_every_text_that_is_asked_for_is_there_and_every_one_is_asked_for() -> None:
    asked = set(re.findall(r"""data-t(?:-label|-placeholder)?="([\w.]+)\"""", CODE)) | set(
        re.findall(rf"""'((?:{"|".join(sorted({key.split(".")[0] for key in TEXTS["en"]}))})\.\w+)'""", CODE)
    )
    unknown = sorted(asked - set(TEXTS["en"]) - {"transcript.txt", "transcript.md"})
    assert not unknown
    table = (PAGE / "problems.js").read_text("utf-8")
    asked |= {f"problem.{name}" for name in re.findall(r"^  (\w+): \{", table, re.M)}
    asked |= {f"action.{name}" for name in re.findall(r"action: '(\w+)'", table)}
    computed = ("state.", "stage.", "about.stt", "about.llm", "about.tts", "note.", "name.", "recorded.")
    unused = [key for key in TEXTS["en"] if key not in asked and not key.startswith(computed)]
    assert not unused


def test_the_page_that_a_visitor_loads_is_small() -> None:
    files = [path for path in PAGE.rglob("*") if path.is_file() and path.suffix in TYPES and "vendor" not in path.parts]
    languages = [path.stat().st_size for path in files if path.parent.name == "texts"]
    weight = sum(path.stat().st_size for path in files) - sum(languages) + max(languages)
    assert weight < BUDGET
    assert (PAGE / CLIENT).is_file()


def test_it_can_be_installed() -> None:
    manifest = json.loads((PAGE / "page.webmanifest").read_text("utf-8"))
    assert manifest["display"] == "standalone" and manifest["start_url"] == "/" and manifest["name"]
    for icon in manifest["icons"]:
        content = (PAGE / icon["src"].removeprefix("/")).read_bytes()
        if icon["type"] == "image/png":
            width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
            assert content.startswith(b"\x89PNG") and icon["sizes"] == f"{width}x{height}"
