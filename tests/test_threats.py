"""Each threat in docs/security.md, and each promise in docs/privacy.md, names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
NAMED = re.compile(r"`(?P<name>tests?[/_][A-Za-z0-9_/]*(?:\.py)?)(?:\.\.\.)?`")
ROW = re.compile(r"^\| (?!---|they try \||it tries \|)(?P<cells>.*) \|$", re.MULTILINE)
# What a deployment does, and a table's row that points to the row above it.
UNTESTED = ("`doctor`: microphone needs TLS", "the same")


def exists(name: str) -> bool:
    """name: a file or folder from the root, a file's name, or how a test's name begins."""
    if "/" in name:
        return (ROOT / name).exists()
    if name.endswith(".py"):
        return any(TESTS.rglob(name))
    return any(f"def {name}" in path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))


@pytest.mark.parametrize("page", ["security", "privacy"])
def test_every_test_that_is_named_is_there(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    names = [found["name"] for found in NAMED.finditer(text)]
    assert len(names) > 4
    assert [name for name in names if not exists(name)] == []


def test_every_threat_names_a_test() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    tests = [found["cells"].split(" | ")[-1] for found in ROW.finditer(text)]
    assert len(tests) > 25
    assert [told for told in tests if told not in UNTESTED and "..." not in told and not NAMED.search(told)] == []


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert exists("tests/prove/") and exists("test_seal.py") and exists("test_every_threat_names_a_test")
    assert not exists("tests/nothing.py") and not exists("test_nothing_of_that_kind.py")
