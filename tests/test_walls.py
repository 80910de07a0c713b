"""The walls of the house: who may import what, who reads the environment, how long things may grow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "local_agent"
INFERENCE = {"faster_whisper", "ctranslate2", "llama_cpp", "piper", "onnxruntime"}
GROUND = {"errors", "process.operating_system", "process.atomic_file"}  # which import nothing of ours but each other
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "config": set(),
    "audio": set(),
    "weights": set(),
    "process": {"config"},
    "isolation": {"config"},
    "hardware": {"config", "weights", "process"},
    "turns": {"audio", "config.languages"},
    "engines": {"hardware", "weights", "config", "process", "audio"},
    "server": {"config", "process", "turns.timeline"},
    "plugins": {"engines", "turns", "audio", "config", "hardware.capacity", "hardware.validation"},
    "call": {"plugins", "turns", "engines", "server.rooms", "server.tokens", "audio", "config", "process", "isolation"},
    "recording": {"call", "audio", "config"},
    "simulated_caller": {"audio"},
    "service": {"call", "recording", "server", "engines", "isolation", "hardware", "config", "process", "turns"},
}
"""What of the package each part may import beside itself and GROUND. Whoever is not named is a tool, and may import all
that is no tool, and other tools, but for bench (measurements) and cli (commands).
"""
COMMANDS = {"cli", "__main__"}
SHORT_FILE, LONGEST_FILE, LONGEST_FUNCTION = 40, 500, 60  # lines
WRITTEN = {".py", ".js", ".css", ".html"}
MOST_POKES = 10  # uses that tests make of the product's private names
PRODUCT = {"local_agent", "scripts"}
REACHING = {"setattr", "getattr", "hasattr", "delattr", "patch", "object"}  # which take a name as a text
FOREIGN = re.compile(r"`[\w.]+\.(_\w+)`")  # docs/architecture.md: private names of pinned libraries
# Said in pieces, so that this file does not hold what it forbids.
INDEX_HOSTS = tuple(".".join(words) for words in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")))


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


OURS = modules(PACKAGE)
ENGINES = modules(PACKAGE / "engines")
PLUGINS = modules(PACKAGE / "plugins")
BENCH = modules(PACKAGE / "bench")
SOURCES = [*OURS, *modules(ROOT / "scripts")]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path, module: ast.AST | None = None) -> Iterator[str]:
    """Full names of what a file imports anywhere in it; relative imports as absolute ones."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(module or tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def ours() -> dict[str, set[str]]:
    """Which of our modules each of them imports, for type checkers alone, too."""
    paths = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in modules(PACKAGE)}
    return {name: {found for found in imports(path) if found in paths} for name, path in paths.items()}


def reaches(path: Path, *forbidden: str) -> list[str]:
    return [name for name in imports(path) if any(name == root or name.startswith(root + ".") for root in forbidden)]


def top_level(module: ast.Module) -> list[ast.stmt]:
    """What runs, or is written for type checkers, when the module is imported."""
    return [node for node in module.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


def environment_uses(module: ast.Module) -> list[int]:
    """Lines that touch os.environ, os.getenv and the like."""
    words = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    attributes = [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
        and node.attr in words
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    names = [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "os" and words & {alias.name for alias in node.names}
    ]
    return attributes + names


def swallowed(module: ast.Module) -> list[int]:
    """Lines of handlers that do nothing at all, and of `suppress(Exception)`."""
    handlers = [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.ExceptHandler)
        and all(isinstance(line, ast.Pass) or _is_ellipsis(line) for line in node.body)
    ]
    broad = {"Exception", "BaseException"}
    suppressed = [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "suppress"
        and broad & {ast.unparse(argument) for argument in node.args}
    ]
    return handlers + suppressed


def _is_ellipsis(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and line.value.value is ...


def functions(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def tracked() -> list[Path]:
    """Files that git knows, and new ones that it would take."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def private_names(module: ast.Module) -> set[str]:
    """What a module keeps for itself: its functions, classes, variables, and attributes of its objects."""
    nodes = list(ast.walk(module))
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return set(filter(private, names))


def pokes(module: ast.Module, ours: set[str]) -> list[tuple[int, str]]:
    """(line, name) of each use of a private name of ours: of an object's or a module's, by import, by its name in a
    text, in a program that is a text, and in a class made from one of ours. What a class or a module of tests keeps for
    itself is its own.
    """
    nodes = list(ast.walk(module))
    found = [(node.lineno, node.attr) for node in nodes if isinstance(node, ast.Attribute) and not _own(node.value)]
    imported: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PRODUCT:
            imported |= {alias.asname or alias.name for alias in node.names}
            found += [
                (node.lineno, name) for alias in node.names for name in (*(node.module or "").split("."), alias.name)
            ]
    for node in nodes:
        if isinstance(node, ast.ClassDef) and imported & {
            re.split(r"[.\[]", ast.unparse(base))[0] for base in node.bases
        }:
            made = [part for part in ast.walk(node) if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
            found += [(part.lineno, part.name) for part in made]
            inner = [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and _own(part.value)]
            kept = {part.attr for part in inner if isinstance(part.ctx, ast.Store)}
            found += [(part.lineno, part.attr) for part in inner if part.attr not in kept]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in REACHING:
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            found += [(node.lineno, text.split(".")[-1]) for text in texts]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            with suppress(SyntaxError, ValueError):
                found += [(node.lineno, name) for _, name in pokes(ast.parse(node.value), ours)]
    return sorted((line, name) for line, name in found if name in ours)


def _own(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


def test_the_house_stands() -> None:
    assert PACKAGE / "__init__.py" in OURS
    assert PACKAGE / "engines" / "inference_thread.py" in ENGINES
    assert PACKAGE / "plugins" / "__init__.py" in PLUGINS


def offences(paths: Iterable[Path], found: Callable[[Path], object]) -> dict[str, object]:
    """What a rule finds in the files that it holds for, by file."""
    return {name_of(path): fault for path in paths if (fault := found(path))}


def part(path: Path) -> str:
    """The first-level room that a file is in, or is."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def forbidden(path: Path, module: ast.Module | None = None) -> list[str]:
    """What a file imports of our package and may not."""
    own = part(path)
    found = {name.removeprefix("local_agent.") for name in imports(path, module) if name.startswith("local_agent.")}
    if own in LAYERS:
        allowed = {own, "__version__"} | GROUND | LAYERS[own]
        return sorted(name for name in found if not any(_within(name, one) or _within(one, name) for one in allowed))
    closed = ({"bench"} if own not in {"bench", *COMMANDS} else set()) | ({"cli"} if own not in COMMANDS else set())
    return sorted(name for name in found if any(_within(name, one) for one in closed))


def _within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def test_every_part_imports_what_lies_below_it() -> None:
    assert offences(OURS, forbidden) == {}


def test_the_lower_parts_know_neither_livekit_nor_asyncio() -> None:
    lower = [path for path in OURS if part(path) in {"errors", "config", "weights", "hardware", "turns", "engines"}]
    assert offences(lower, lambda path: reaches(path, "livekit", "asyncio")) == {}


def test_plugins_import_no_inference_library() -> None:
    assert offences(PLUGINS, lambda path: reaches(path, *INFERENCE)) == {}


def test_importing_the_plugins_loads_no_inference_library() -> None:
    """The plugins' own imports, less what livekit-agents and the Silero plugin load by themselves."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in PLUGINS]
    code = (
        "import importlib, sys; import livekit.agents, livekit.plugins.silero; loaded = set(sys.modules)\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        f"    print(*({INFERENCE!r} & set(sys.modules) - loaded and [name]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_only_config_touches_the_environment() -> None:
    """Set-up runs before our dependencies, and so config/sources.py, can be imported."""
    set_up = ROOT / "scripts" / "setup"
    readers = [path for path in SOURCES if path != PACKAGE / "config" / "sources.py" and set_up not in path.parents]
    assert offences(readers, lambda path: environment_uses(tree(path))) == {}


def test_only_engines_and_measurements_compute() -> None:
    """Others ask at most, inside a function, what a library can do: the machine's probe, the doctor."""
    others = sorted(set(OURS) - set(ENGINES) - set(BENCH))

    def loaded(path: Path) -> set[str]:
        return INFERENCE & {name.split(".")[0] for name in imports(path, ast.Module(top_level(tree(path)), []))}

    assert offences(others, loaded) == {}


def test_no_error_is_swallowed() -> None:
    assert offences(SOURCES, lambda path: swallowed(tree(path))) == {}


def test_functions_fit_a_screen() -> None:
    long = offences(SOURCES, lambda path: [found for found in functions(tree(path)) if found[1] > LONGEST_FUNCTION])
    assert long == {}


def test_files_stay_short() -> None:
    written = [
        path
        for path in tracked()
        if path.suffix in WRITTEN and path.relative_to(ROOT).parts[0] in ("local_agent", "scripts")
    ]
    assert PACKAGE / "config" / "sources.py" in written
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = ours()
    assert known["local_agent.plugins.whisper"] > {"local_agent.plugins.whisper_stream"}
    list(TopologicalSorter(known).static_order())  # a CycleError names them
    with pytest.raises(CycleError):
        list(TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())


def test_a_short_file_has_several_readers() -> None:
    """Otherwise it is a paragraph of the one that imports it."""
    known = ours()
    lengths = {name: len((ROOT / (name.replace(".", "/") + ".py")).read_text().splitlines()) for name in known}
    alone = {
        name: lines
        for name, lines in lengths.items()
        if lines < SHORT_FILE and "__" not in name and sum(name in read for read in known.values()) <= 1
    }
    assert alone == {}


def test_tests_look_from_outside() -> None:
    """At what a user of an object sees: what is inside stays free to change."""
    foreign = set(FOREIGN.findall((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")))
    inside = set().union(*(private_names(tree(path)) for path in SOURCES)) - foreign
    assert foreign >= {"_closed", "_input_ch"} and inside >= {"_lane", "_prompter"}
    found = offences(modules(ROOT / "tests"), lambda path: pokes(tree(path), inside))
    assert sum(len(uses) for uses in found.values()) <= MOST_POKES, found


MADE_FROM_OURS = "from local_agent.audio import A\nclass B(A[int]):\n    "


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("thing._x = thing._x", ["_x", "_x"]),
        ("made.of()[0]._x", ["_x"]),
        ("monkeypatch.setattr(thing, '_x', 1)", ["_x"]),
        ("mock.patch('local_agent.audio.wav._x')", ["_x"]),
        ("from local_agent.audio import _x", ["_x"]),
        ("from local_agent._x import y", ["_x"]),
        (MADE_FROM_OURS + "def f(self): self._x()", ["_x"]),
        (MADE_FROM_OURS + "def _x(self): ...", ["_x"]),
        ("from local_agent import a\nclass B(a.A):\n    def _x(self): ...", ["_x"]),
        ("PROGRAM = 'import thing\\nthing._x'", ["_x"]),
        (MADE_FROM_OURS + "def f(self): self._x = 1; self._x.y()", []),
        ("from livekit import A\nclass B(A):\n    def _x(self): return self._x", []),
        ("from tests.kit import _x\ndef _x(): _x()", []),
        ("thing._asdict(); thing.x; _; '_x'; TEXT = 'thing._x'; thing.__x__", []),
    ],
)
def test_what_is_a_use_of_a_private_name(text: str, names: list[str]) -> None:
    inside = private_names(ast.parse("class A:\n    def f(self): self._x = 1\n_ = __y__ = 1"))
    assert inside == {"_x"}
    assert [name for _, name in pokes(ast.parse(text), inside)] == names


def test_no_tracked_file_names_an_index_host() -> None:
    """Packages come from whatever index a person has configured."""
    guilty = {
        name_of(path): host
        for path in tracked()
        for host in INDEX_HOSTS
        if host.encode() in path.read_bytes()
    }  # fmt: skip
    assert guilty == {}


def test_the_walls_hold_something_back() -> None:
    """Each check sees the fault it is there for."""
    assert environment_uses(ast.parse("import os\nos.environ['A']")) == [2]
    assert environment_uses(ast.parse("from os import getenv")) == [1]
    assert swallowed(ast.parse("try:\n    f()\nexcept ValueError:\n    pass")) == [3]
    assert swallowed(ast.parse("with contextlib.suppress(Exception):\n    f()")) == [1]
    assert swallowed(ast.parse("with suppress(KeyError):\n    f()")) == []
    assert list(functions(ast.parse("def f():\n" + "    g()\n" * 70))) == [("f", 71)]
    hidden = ast.parse("def f():\n    from ..plugins import a")
    assert forbidden(PACKAGE / "engines" / "x.py", hidden) == ["plugins", "plugins.a"]
    assert forbidden(PACKAGE / "doctor" / "x.py", ast.parse("import local_agent.bench.clips")) == ["bench.clips"]
    assert forbidden(PACKAGE / "server" / "x.py", ast.parse("from local_agent.turns import timeline")) == []
    assert forbidden(PACKAGE / "server" / "x.py", ast.parse("from local_agent.turns import echo")) == ["turns.echo"]
