"""Messages name commands that work as pasted, in the shell and the folder where they were printed."""

from __future__ import annotations

import ast
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from rich.console import Console

from local_agent import errors
from local_agent.cli.start import plan_lines
from local_agent.doctor.check import fails, warning
from local_agent.errors import ConfigError, as_typed_here
from local_agent.hardware.plan import Line, Plan

ROOT = Path(__file__).resolve().parents[1]
SAID = "python -m local_agent download --list"
SMALL = "python -m local_agent download --profile small"


def paste(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a shell in that folder makes of it, without an environment activated."""
    path = os.pathsep.join(place for place in os.environ["PATH"].split(os.pathsep) if ".venv" not in place)
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def fix_in(text: str) -> str:
    found = re.search(r"fix: (.*)", text)
    assert found is not None, text
    return found[1]


def test_a_printed_fix_runs_where_it_was_printed(tmp_path: Path) -> None:
    """As after `make start`, from the checkout and from another folder: nothing is activated, and PATH has no such
    Python.
    """
    for folder in (ROOT, tmp_path):
        failed = paste(f"{sys.executable} -m local_agent download no-such-model", folder)
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
        again = paste(fix_in(failed.stderr), folder)
        assert again.returncode == 0, (fix_in(failed.stderr), again.stderr)
        assert "profiles:" in again.stdout


def test_no_screen_cuts_a_command_in_two(tmp_path: Path) -> None:
    """The doctor's table folds what is longer than its columns."""
    settings = {"LOCAL_AGENT_MODELS_DIR": str(tmp_path / "a folder of models with a long name"), "COLUMNS": "60"}
    done = paste(f"{sys.executable} -m local_agent doctor --quick", tmp_path, **settings)
    assert done.returncode == 1, done.stderr
    fixes = re.findall(r"^fix: (\S*local-agent download .*)$", done.stdout, re.MULTILINE)
    assert fixes, done.stdout
    again = paste(f"{fixes[0]} --verify", tmp_path)
    assert again.returncode == 1 and "is not there" in again.stderr, (fixes[0], again.stderr)


def test_the_plan_is_a_line_each_however_narrow_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", f"/a/long/path{'/folder' * 20}/bin/python")
    wanted = "local_agent download --profile small"
    made = SimpleNamespace(lines=[Line("profile", "starter", "what is here"), Line("turn [x]", "no", SMALL, True)])
    screen = Console(file=io.StringIO(), width=40)
    screen.print(plan_lines(cast(Plan, made)), soft_wrap=True)
    assert isinstance(screen.file, io.StringIO)
    first, second = screen.file.getvalue().splitlines()
    assert first.split() == ["profile", "starter", "what", "is", "here"]
    assert second.endswith(wanted) and second.startswith("turn [x]")


@pytest.mark.parametrize("folder", ["", "a folder"])
def test_our_command_is_spelled_for_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    python = tmp_path / folder / ".venv" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.chdir(tmp_path)
    relative = f"'{folder}/.venv/bin/python'" if folder else ".venv/bin/python"
    assert as_typed_here(SAID) == f"{relative} -m local_agent download --list"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    quoted = f"'{python}'" if folder else str(python)
    assert as_typed_here(f"fix: {SAID}, then start") == f"fix: {quoted} -m local_agent download --list, then start"
    assert as_typed_here(as_typed_here(SAID)) == as_typed_here(SAID), "said twice is said once"


def test_in_a_checkout_that_is_set_up_it_is_the_word_of_the_guides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(ROOT / ".venv" / "bin" / "python"))
    monkeypatch.chdir(ROOT)
    assert as_typed_here(f"fix: {SAID}; {SAID}") == "fix: ./local-agent download --list; ./local-agent download --list"
    assert as_typed_here("python -m local_agent") == "./local-agent"
    assert as_typed_here("python -m pip install x; python -m local_agent.bench.llm") == (
        ".venv/bin/python -m pip install x; python -m local_agent.bench.llm"
    )
    monkeypatch.chdir(tmp_path)
    assert as_typed_here(SAID) == f"{ROOT}/local-agent download --list"


def test_who_typed_the_wheels_own_command_is_told_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "local-agent"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sys, "argv", [str(script), "doctor"])
    assert as_typed_here(SAID) == f"{script} download --list"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert as_typed_here(SAID) == "local-agent download --list"


def test_an_activated_python_needs_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert as_typed_here(SAID) == SAID


def test_make_is_told_where_the_checkout_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert as_typed_here("make setup GPU=cuda") == "make setup GPU=cuda"
    monkeypatch.chdir(tmp_path)
    assert as_typed_here("make setup GPU=cuda") == f"make -C {ROOT} setup GPU=cuda"
    if shutil.which("make"):
        dry = paste(as_typed_here("make clean setup") + " --dry-run", tmp_path)
        assert "scripts.setup" in dry.stdout, dry.stderr
    monkeypatch.setattr(errors, "CHECKOUT", tmp_path)  # an installed wheel
    assert as_typed_here("make setup") == "in a checkout of local_agent: make setup"


def test_errors_and_findings_say_it_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    wanted = f"{tmp_path / 'python'} -m local_agent download --list"
    assert wanted in str(ConfigError("no model", fix=SAID))
    assert (
        ConfigError("no model", fix=SAID).fix == warning("no model", SAID).fix == fails("no model", SAID).fix == wanted
    )


OURS = re.compile(r"python3? -m |\blocal-agent |make (clean |start|setup)|\bpip install")
# There the command is for another machine, or is what an old Python says before it can read anything else.
ELSEWHERE = {"bundle/command.py", "bundle/programs.py", "__main__.py", "errors.py"}


def commands(module: ast.Module) -> list[str]:
    """Texts that are no docstrings and name a command of ours; pieces of f-strings as they stand."""
    documented = {
        node.body[0].value
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [node for node in ast.walk(module) if isinstance(node, ast.Constant) and node not in documented]
    return [node.value for node in texts if isinstance(node.value, str) and OURS.search(node.value)]


def unspelled(module: ast.Module) -> list[int]:
    """Lines that print or log a command of ours as it stands, past `as_typed_here`."""
    says = re.compile(r"print$|^logger\.|^sys\.exit$|\.write$")
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and says.search(ast.unparse(node.func))]
    return [
        call.lineno
        for call in calls
        if says.search(ast.unparse(call.func))
        and "as_typed_here" not in ast.unparse(call)
        and OURS.search(_texts(call))
    ]


def _texts(call: ast.Call) -> str:
    return " ".join(str(node.value) for node in ast.walk(call) if isinstance(node, ast.Constant))


def test_every_command_in_a_message_is_one_that_is_spelled_for_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python3 -m`, `local-agent` or a bare `pip install` in a message would work on some machines only."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    spelled, others, past = [], [], []
    for path in sorted((ROOT / "local_agent").rglob("*.py")):
        name = str(path.relative_to(ROOT / "local_agent"))
        module = ast.parse(path.read_text(encoding="utf-8"))
        if name not in ELSEWHERE:
            past += [f"{name}:{line}" for line in unspelled(module)]
            for text in commands(module):
                known = as_typed_here(text) != text or "python -m local_agent." in text
                (spelled if known else others).append(f"{name}: {text}")
    assert len(spelled) > 20
    assert others == []
    assert past == []
    assert unspelled(ast.parse("print('fix: make setup')\nlogger.info('%s', as_typed_here('make setup'))")) == [1]


def test_a_python_without_our_packages_hands_over_to_the_checkouts_own() -> None:
    """README's `python -m local_agent`, after `make start`, in a shell where nothing is activated."""
    done = paste(f"{sys.executable} -S -m local_agent version", ROOT)  # -S: without site-packages
    assert done.stdout.strip() == "0.1.0", done.stderr


def test_a_python_without_our_packages_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "Makefile").touch()
    shutil.copytree(ROOT / "local_agent", tmp_path / "local_agent", ignore=shutil.ignore_patterns("page", "vendor"))
    done = paste(f"{sys.executable} -S -m local_agent doctor", tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "'typer'" in done.stderr
    assert fix_in(done.stderr) == "make setup"
