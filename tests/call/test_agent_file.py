"""Somebody's own agent in a file: what is found in it, and what is said of one that does not work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local_agent.call import agent_file
from local_agent.errors import ConfigError

HEAD = "from livekit.agents import AgentServer\n"


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's module and its folder are forgotten behind a test."""
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "modules", sys.modules.copy())


def written(folder: Path, text: str) -> Path:
    path = folder / "agent.py"
    path.write_text(text)
    return path


def test_what_answers_calls_is_found(tmp_path: Path) -> None:
    (tmp_path / "greetings_of_mine.py").write_text("HELLO = 'Good day.'\n")
    decorated = (
        HEAD
        + "from greetings_of_mine import HELLO\n"
        + "def warm(process): pass\n"
        + "async def over(ctx): pass\n"
        + "server = AgentServer(setup_fnc=warm)\n"
        + "@server.rtc_session(agent_name='clinic', on_session_end=over)\n"
        + "async def answer(ctx): pass\n"
        + "if __name__ == '__main__':\n    raise SystemExit('it must not run')\n"
    )
    found = agent_file.load(written(tmp_path, decorated))
    assert (found.answer.__name__, found.prepare, found.ended) == ("answer", *_of(found, "warm", "over"))

    plain = "def prewarm(process): pass\nasync def entrypoint(ctx): pass\n"
    found = agent_file.load(written(tmp_path, plain))
    assert (found.answer, found.prepare, found.ended) == (*_of(found, "entrypoint", "prewarm"), None)


def _of(found: agent_file.AgentFile, *names: str) -> tuple[object, ...]:
    """What the file calls by these names."""
    return tuple(vars(sys.modules[found.answer.__module__])[name] for name in names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("neither an AgentServer nor an entrypoint", "@server.rtc_session()")),
        ("def entrypoint(ctx): pass\n", ("nothing that answers a call", "async def entrypoint")),
        (HEAD + "server = AgentServer()\n", ("no function was given to", "@server.rtc_session()")),
        ("x = 1\nasync def entrypoint(ctx) pass\n", ("agent.py, line 2: ", "correct that line")),
        ("import no_such_library_at_all\n", ("line 1, imports no_such_library_at_all", "not installed", "install it")),
        ("x = 1\n\ny = x / 0\n", ("line 3, does not load: ZeroDivisionError: division by zero", "mend that line")),
        ("import sys\nsys.exit(3)\n", ("line 2, does not load: SystemExit: 3", "__main__")),
        ("raise ValueError('a\\nb')\n", ("ValueError: a b",)),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as raised:
        agent_file.load(written(tmp_path, text))
    told = str(raised.value)
    assert "agent.py" in told and "fix: " in told and "\n" not in told
    assert [word for word in words if word not in told] == [], told


def test_a_file_that_is_not_there_or_no_python_is_told(tmp_path: Path) -> None:
    for name, words in (("nowhere.py", "there is no file"), ("agent.txt", "is no Python file")):
        if name.endswith("txt"):
            (tmp_path / name).write_text("hello")
        with pytest.raises(ConfigError, match=words):
            agent_file.load(tmp_path / name)
