"""The report, in its three forms."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from local_agent.prove import report
from local_agent.prove.results import Proof
from tests.prove.provekit import LEAK, proof, section

CLEAN, LEAKY, EMPTY = proof(section()), proof(section(LEAK)), proof(section(faults=("the <call> hung",)))


class Page(HTMLParser):
    """Everything on a page that a browser would load, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "data", "action", "srcset")]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("given", [CLEAN, LEAKY, EMPTY], ids=["clean", "leaky", "void"])
def test_page_loads_nothing(given: Proof) -> None:
    text = report.as_html(given)
    page = Page(text)
    assert page.loads == []
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_page_tells_an_auditor_everything() -> None:
    page = Page(report.as_html(CLEAN))
    words = " ".join(page.words.split())
    for expected in (
        "0 packets tried to leave this machine.", "2026-01-02T03:04:05", "0.1.0", "Linux 6.1 <x86_64>", "numpy",
        "model.bin", "ab" * 32, "tiny.as-Q8_0.gguf, made here from tiny.gguf", "cd" * 32,
        "6 words (30 characters) understood, 11 words (54 characters) answered",
        "control before: 2 DNS and 1 TCP packets counted", "control after",
    ):  # fmt: skip
        assert expected in words, expected


def test_page_names_what_left_and_who_sent_it() -> None:
    words = Page(report.as_html(LEAKY)).words
    for expected in ("2 packets tried", LEAK.destination, LEAK.name, LEAK.process, "08:00:00"):
        assert expected in words, expected
    assert "Nothing left" not in words


def test_page_escapes() -> None:
    assert "the &lt;call&gt; hung" in report.as_html(EMPTY)


@pytest.mark.parametrize(("given", "verdict", "out"), [(CLEAN, "proven", 0), (LEAKY, "leaked", 2), (EMPTY, "void", 0)])
def test_json(given: Proof, verdict: str, out: int) -> None:
    told = json.loads(report.as_json(given))
    assert (told["verdict"], told["packets_out"], told["control_packets"]) == (verdict, out, 6)
    assert told["sections"][0]["call"]["reply_s"] == 2.5


def test_text() -> None:
    screen = Console(width=200, record=True, file=None, quiet=False)
    with screen.capture() as captured:
        screen.print(report.as_text(LEAKY))
    for expected in (
        LEAK.destination,
        LEAK.name,
        LEAK.process,
        "control: 6 packets counted",
        "packets out: 2",
        "made here from tiny.gguf",
    ):
        assert expected in captured.get(), expected
