"""What README and the guides tell to type, open and write is there: commands, links, settings, Python."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from local_agent.cli.app import app
from local_agent.config import sources

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "deploy" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OURS = re.compile(r"(?:\./local-agent|local-agent|(?:\.venv/bin/)?python3? -m local_agent)\s+(.*)")


def lines(page: Path) -> Iterator[str]:
    """Indented and fenced lines that are commands of a shell, without comments; what a backslash goes on with, too."""
    text = re.sub(r"```(?!sh|bash).*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if line.startswith("    "):
            yield line.strip()


def commands(page: Path) -> Iterator[list[str]]:
    """Words behind `./local-agent`, of every command in the page that is ours."""
    for line in lines(page):
        for part in re.split(r"\s(?:&&|\|\|?|;)\s", line):
            if found := OURS.search(part):
                yield shlex.split(found[1], comments=True)


def fault(words: list[str]) -> str:
    """Why our command does not take these words; "" where it does."""
    command: Any = typer.main.get_command(app)
    if words[0].startswith("-"):
        return "" if words == ["--help"] else "no command"
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if words == ["--help"]:
        return ""
    try:
        command.make_context("docs", [word for word in words if word not in (">", "2>")])
    except Exception as error:  # whatever the parser calls it
        return str(error)
    return ""


def test_every_command_is_one_that_we_take() -> None:
    found = [(page.name, words) for page in PAGES for words in commands(page)]
    assert len(found) > 30, "the pages are read wrong"
    wrong = [f"{page}: {shlex.join(words)}: {why}" for page, words in found if (why := fault(list(words)))]
    assert not wrong, "\n".join(wrong)


def test_every_make_target_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = {
        (page.name, name)
        for page in PAGES
        for line in lines(page)
        for words in re.findall(r"(?:^|\s)make((?: [a-z]+)+)", line.partition("#")[0])
        for name in words.split()
    }
    assert used and {name for _, name in used} <= targets, used


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not dead, "\n".join(dead)


def test_every_guide_is_in_the_index_and_on_the_site() -> None:
    index, site = (ROOT / "docs" / "index.md").read_text(), (ROOT / "mkdocs.yml").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        if page.name != "index.md":
            assert f"]({page.name})" in index, page.name
        assert page.name in site, page.name
        outside = re.findall(r"\]\((\.\./[^)#]+)", page.read_text(encoding="utf-8"))
        assert not outside, f"{page.name}: {outside} is not on the site"


@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None and not os.environ.get("CI"),
    reason="not installed: make test, or pip install mkdocs",
)
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """mkdocs.yml is strict."""
    mkdocs = [sys.executable, "-m", "mkdocs", "build"]
    built = [*mkdocs, "--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(tmp_path)]
    done = subprocess.run(built, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    loads = re.compile(
        r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^>]*>|url\([\"']?(?:https?:)?//"
    )
    pages = [path for path in tmp_path.rglob("*") if path.suffix in (".html", ".css")]
    assert len(pages) > 20
    assert [f"{path.name}: {found}" for path in pages for found in loads.findall(path.read_text("utf-8"))] == []


def test_every_setting_is_one(tmp_path: Path) -> None:
    blocks = [
        (page.name, block)
        for page in PAGES
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert blocks
    for name, block in blocks:
        tomllib.loads(block)
        file = tmp_path / "local_agent.toml"
        file.write_text(block)
        assert sources.load({"config": file}), name


def test_python_is_python_whose_imports_are_there() -> None:
    """Indented and fenced blocks that begin with an import."""
    blocks = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks += [(page.name, block) for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)]
        indented = re.findall(r"(?:^    .*\n|^\n)+", text, re.MULTILINE)
        blocks += [(page.name, textwrap.dedent(block)) for block in indented if re.match(r"\s*(from|import) ", block)]
    assert blocks
    for name, block in blocks:
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert importlib.util.find_spec(node.module) is not None, (name, node.module)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    assert importlib.util.find_spec(alias.name) is not None, (name, alias.name)
