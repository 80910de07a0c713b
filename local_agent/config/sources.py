"""Where settings come from, and what the process needs before its first heavy import.

The only module that reads or writes the environment. Later sources win: defaults < local_agent.toml < .env <
environment < flags. The .env file is parsed and never copied into the environment, so that no library acts on it behind
our back.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_origin

from dotenv.parser import parse_stream
from pydantic import ValidationError

from local_agent.config.settings import CONTRADICTING, FIELDS, PREFIX, Settings, environment_name, trait
from local_agent.config.suggestion import WORDS, better
from local_agent.errors import ConfigError
from local_agent.process.operating_system import home

FILE = "local_agent.toml"
NOTES = ".local_agent"
CONFIG_VARIABLE = PREFIX + "CONFIG"
FLAGS = {"livekit_url": "--url", "llm_model": "--llm", "instructions": "--persona"}  # not called as their settings are
WHOLE = {name for name in FIELDS if trait(name, "section") == name}  # sections that are values, in the TOML file alone
VARIABLES = {environment_name(name): name for name in FIELDS if name not in WHOLE}
# LIVEKIT_URL and its key and secret may stand there for something else; the same under our own name win over them.
OURS = {PREFIX + name.upper(): name for name in FIELDS if trait(name, "env")}


@dataclass(slots=True)
class _Found:
    """Values as they were written, where each stood, and what is wrong with them."""

    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    said: dict[str, list[tuple[str, object]]] = field(default_factory=dict)

    def put(self, name: str, value: object, origin: str, base: Path) -> None:
        self.values[name] = _anchored(name, value, base) if trait(name, "path") else value
        self.origins[name] = origin
        if origin != "default":
            self.said.setdefault(name, []).append((origin, value))


@dataclass(frozen=True, slots=True)
class Sources:
    """said: by field name, every place that gives it a value, as (origin, value); the last one wins. empty: variables
    that are set to nothing, with their place.
    """

    said: Mapping[str, list[tuple[str, object]]] = field(default_factory=dict)
    empty: tuple[str, ...] = ()


def load(
    flags: Mapping[str, object] | None = None, *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Read, merge and check every source.

    flags: overrides by field name (`config`: path of the TOML file); None values count as not given. environ: None is
    this process's. folder: where local_agent.toml and .env are looked for; None is the working directory. A variable
    that is set to nothing counts as absent. Raises ConfigError with one line per fault.
    """
    return _checked(_gathered(flags, environ, folder))


def load_as_guest() -> Settings:
    """For plugins in somebody else's program: of its environment only variables of our own name (LOCAL_AGENT_...), and
    local_agent.toml. Its .env file, its LIVEKIT_URL and the like are none of ours, and nothing is made in its folder:
    notes are kept in .local_agent where a command of ours made that there, else in the user's data folder.

    Raises ConfigError.
    """
    ours = {name: value for name, value in os.environ.items() if name.startswith(PREFIX) or name == "XDG_DATA_HOME"}
    return _checked(_gathered(None, ours, None, guest=True))


def load_what_holds(
    flags: Mapping[str, object] | None = None, *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[Settings, Sources, ConfigError | None]:
    """As `load`, for `doctor`: (settings, what each place said, why not all of it could be used).

    With a fault, the settings hold every value that is right by itself, and defaults for the rest.
    """
    folder = Path.cwd() if folder is None else folder
    try:
        found = _gathered(flags, environ, folder)
    except ConfigError as error:
        bare = _Found()
        bare.put("data_dir", folder / NOTES, "default", folder)
        bare.put("models_dir", models_folder(folder, os.environ if environ is None else environ), "default", folder)
        return _checked(bare), Sources(), error
    settings, faults = _held(found)
    return settings, Sources(found.said, tuple(found.empty)), _refused(faults) if faults else None


def _gathered(
    flags: Mapping[str, object] | None,
    environ: Mapping[str, str] | None,
    folder: Path | None,
    *,
    guest: bool = False,
) -> _Found:
    """Every source merged, nothing checked. guest: as `load_as_guest`.

    Raises ConfigError for a file that can't be read.
    """
    environ = os.environ if environ is None else environ
    folder = Path.cwd() if folder is None else folder
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    found = _Found()
    written = {} if guest else _dotenv(folder / ".env", found)
    file = given.pop("config", None) or environ.get(CONFIG_VARIABLE) or written.get(CONFIG_VARIABLE) or None
    users = _data_folder(environ) if guest and not (folder / NOTES).is_dir() else None
    found.put("data_dir", users or folder / NOTES, "default", folder)
    found.put("models_dir", models_folder(folder, environ), "default", folder)
    _from_toml(folder / FILE if file is None else folder / _expanded(str(file)), file is not None, found)
    _from_variables(written, str(folder / ".env"), folder, found)
    _from_variables(environ, "environment", folder, found)
    for variables, place in ((written, str(folder / ".env")), (environ, "environment")):
        _from_known(variables, OURS, place, folder, found)
    for name, value in given.items():
        flag = FLAGS.get(name) or "--" + name.replace("_", "-")
        if name in FIELDS:
            found.put(name, value, flag, folder)
        else:
            found.faults.append(unknown(flag, "", ["--" + known.replace("_", "-") for known in FIELDS]))
    return found


def models_folder(folder: Path, environ: Mapping[str, str]) -> Path:
    """Where weights are kept unless said otherwise: ./models, the checkout's models/, else the user's data folder.

    A folder of that name that holds other things, such as a program's own modules, is left alone.
    """
    checkout = Path(__file__).resolve().parents[2]
    if _holds_models(folder / "models"):
        return folder / "models"
    if (checkout / "pyproject.toml").is_file():
        return checkout / "models"
    data = _data_folder(environ)
    return folder / "models" if data is None else data / "models"


def _holds_models(folder: Path) -> bool:
    """Whether it is empty, or has a folder with weights in it, or some that are on their way."""
    if not folder.is_dir():
        return False
    try:
        weights = (file for kind in (".download", "*/*.gguf", "*/*.onnx", "*/model.bin") for file in folder.glob(kind))
        return next(weights, None) is not None or next(folder.iterdir(), None) is None
    except OSError:  # one that may not be entered: whoever needs it tells of it
        return True


def program_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where `setup` puts livekit-server for this user."""
    environ = os.environ if environ is None else environ
    return (_data_folder(environ) or Path(".local_agent").absolute()) / "bin"


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where what took long to build is kept for this user; a checkout's set-up keeps it there, too."""
    environ = os.environ if environ is None else environ
    return _user_folder("XDG_CACHE_HOME", ".cache", environ) or Path(".local_agent").absolute() / "cache"


def _data_folder(environ: Mapping[str, str]) -> Path | None:
    """Ours in the user's data folder; None in a container whose user has none."""
    return _user_folder("XDG_DATA_HOME", ".local/share", environ)


def _user_folder(variable: str, usual: str, environ: Mapping[str, str]) -> Path | None:
    """Ours in a folder of the XDG base directory specification, by which an unset, empty or relative value means
    `usual` at home. None for a user without a home, as in a container: then what is there lies in the working folder.
    """
    said = Path(environ.get(variable) or "")
    user = home()
    base = said if said.is_absolute() else user / usual if user is not None else None
    return None if base is None else base / "local_agent"


def unknown(name: str, place: str, known: Iterable[str]) -> str:
    """One line: an unknown name, where it stood, and the nearest known one."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"{name} is unknown{f' ({place})' if place else ''}" + (f"; did you mean {near[0]}?" if near else "")


def _anchored(name: str, value: object, base: Path) -> object:
    """An absolute path for what is one; the name of a model stays as it is. Of several, each."""
    if get_origin(FIELDS[name].annotation) is tuple:
        parts = value.split(",") if isinstance(value, str) else value
        if isinstance(parts, list | tuple):
            return tuple(_anchored_path(name, part.strip() if isinstance(part, str) else part, base) for part in parts)
    return _anchored_path(name, value, base)


def _anchored_path(name: str, value: object, base: Path) -> object:
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        return value
    path = base / _expanded(value)
    may_be_name = trait(name, "path") == "or name" and isinstance(value, str) and "/" not in value
    return value if may_be_name and not os.path.lexists(path) else str(path.absolute())


def _expanded(value: str | Path) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise ConfigError(
            f"{value} can't be found: this user has no home folder", fix="write the whole path, or set HOME"
        ) from error


def _dotenv(path: Path, found: _Found) -> dict[str, str]:
    """Variables of a .env file; no interpolation. Lines that can't be read become faults."""
    if not path.is_file():
        return {}
    values = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for binding in parse_stream(stream):
                line = binding.original.line
                if binding.error or (binding.key is not None and binding.value is None):
                    found.faults.append(f"{path}, line {line}: not NAME=value")
                elif binding.key is not None:
                    values[binding.key] = binding.value or ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}", expected="a text file with lines NAME=value") from error
    return values


def _from_toml(path: Path, demanded: bool, found: _Found) -> None:
    if not path.is_file():
        if demanded:
            raise ConfigError(f"there is no file {path}", fix=f"correct --config or {CONFIG_VARIABLE}, or leave it out")
        return
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors on Windows begin it with a mark
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{path} can't be read: {error}", fix="correct that line (see local_agent.toml.example)"
        ) from error
    sections = {trait(name, "section") for name in FIELDS}
    for key, value in content.items():
        if key in WHOLE:
            found.put(key, _from_here(value, path.parent), str(path), path.parent)
        elif isinstance(value, dict) and key in sections:
            for inner, inner_value in value.items():
                _from_toml_key(inner, key, inner_value, path, found)
        elif isinstance(value, dict):
            found.faults.append(unknown(f"[{key}]", str(path), [f"[{section}]" for section in sorted(sections)]))
        else:
            _from_toml_key(key, "", value, path, found)


def _from_here(servers: object, base: Path) -> object:
    """The tables of [mcp], with the whole path of each program that is named by one."""
    if not isinstance(servers, dict):
        return servers
    made = {}
    for name, told in servers.items():
        program = str(told.get("command", "")) if isinstance(told, dict) else ""
        anchored = "/" in program and "\0" not in program
        made[name] = {**told, "command": str((base / _expanded(program)).absolute())} if anchored else told
    return made


def _from_toml_key(key: str, section: str, value: object, path: Path, found: _Found) -> None:
    """`[livekit] url`, `[livekit] livekit_url` and a bare `livekit_url` are the same."""
    names = {name for name in FIELDS if not section or trait(name, "section") == section}
    name = f"{section}_{key}" if f"{section}_{key}" in names else key
    if name not in names:
        shown = f"[{section}] {key}" if section else key
        known = [f"[{section}] {name.removeprefix(section + '_')}" if section else name for name in names]
        elsewhere = f"; it belongs to [{trait(key, 'section')}]" if key in FIELDS else ""
        found.faults.append(unknown(shown, str(path), [] if elsewhere else sorted(known)) + elsewhere)
    elif found.origins.get(name) == str(path):
        found.faults.append(f"{name} stands twice in {path}")
    elif value == "" and name != "greeting":  # an empty greeting is a wish: say nothing first
        found.empty.append(f"{path} {name}")
    else:
        found.put(name, value, str(path), path.parent)


def _from_variables(variables: Mapping[str, str], place: str, base: Path, found: _Found) -> None:
    _from_known(variables, VARIABLES, place, base, found)
    known = [*VARIABLES, *OURS, CONFIG_VARIABLE]
    for variable in variables:
        if variable.startswith(PREFIX) and variable not in known:
            found.faults.append(unknown(variable, place, known))


def _from_known(variables: Mapping[str, str], names: Mapping[str, str], place: str, base: Path, found: _Found) -> None:
    """names: variables and the settings that they give."""
    for variable in names.keys() & variables.keys():
        if variables[variable].strip():
            found.put(names[variable], variables[variable], f"{place} {variable}", base)
        else:
            found.empty.append(f"{place} {variable}")


def _checked(found: _Found) -> Settings:
    settings, faults = _held(found)
    if faults:
        raise _refused(faults)
    return settings


def _held(found: _Found) -> tuple[Settings, list[str]]:
    """The settings without what is wrong, and a line about each thing that is."""
    faults, values = list(found.faults), dict(found.values)
    while True:
        try:
            return Settings.model_validate(values, context=found.origins).remember(
                found.origins, tuple(found.empty)
            ), faults
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                told, wrong = _told(fault, found)
                faults += told
                values = {name: value for name, value in values.items() if name not in wrong}


def _refused(faults: Collection[str]) -> ConfigError:
    count = "a setting is wrong" if len(faults) == 1 else f"{len(faults)} settings are wrong"
    return ConfigError("\n  ".join([count + ":", *dict.fromkeys(faults)]))


def _told(fault: Mapping[str, Any], found: _Found) -> tuple[list[str], Collection[str]]:
    """Lines about what pydantic found wrong, and the names of the settings that it concerns."""
    words = fault["msg"].removeprefix("Value error, ")
    if not fault["loc"]:
        return words.splitlines(), CONTRADICTING
    name = str(fault["loc"][0])
    words = re.sub(
        "^Input should be( less| greater)?", lambda m: "expected" + (" a value" + m[1] if m[1] else ""), words
    )
    words = ": ".join([*filter(None, [".".join(map(str, fault["loc"][1:]))]), WORDS.get(fault["type"], words)])
    if "fix: " not in words:
        words += (
            f"; fix: {Settings().remember(found.origins, ()).line(name, better(name, fault, found.values.get(name)))}"
        )
    return [_fault(name, words, found)], {name}


def _fault(name: str, words: str, found: _Found) -> str:
    secret = "SecretStr" in str(FIELDS[name].annotation)
    value = "(hidden)" if secret else re.sub("//.*@", "//(hidden)@", repr(found.values.get(name)))
    return f"{name} = {value} (from {found.origins.get(name, 'default')}): {words}"


# ctranslate2 and llama.cpp wait in GNU OpenMP (libgomp) here; KMP_BLOCKTIME says the same to LLVM's and Intel's.
PASSIVE = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "20000", "KMP_BLOCKTIME": "0"}
ONNX_SWITCH = "ORT_DISABLE_TELEMETRY"  # read once, at the import (docs/decisions/nothing-leaves.md)
ONNX_REPORTS = (1, 29)  # the first of its versions that reports to its maker where the switch is not set
SILENT = {
    ONNX_SWITCH: "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "OTEL_SDK_DISABLED": "true",
    "TOKENIZERS_PARALLELISM": "false",
}
# livekit-agents 1.8.9 looks at all threads' stacks (sys._current_frames) where a loop is late. Where the garbage is
# collected in that moment, Python 3.11.7 stops as a whole: every call is silent, no signal helps. 0: it never looks.
UNWATCHED = {"LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS": "0"}
# Each makes livekit-agents 1.8.9 (or a library below it) call out, send what is said, or break automatic dispatch:
# LIVEKIT_DEV_MODE and _REMOTE_EOT_URL stream audio to a turn detector, _INFERENCE_* to LiveKit's gateway,
# _OBSERVABILITY_URL and OTEL_* upload traces, _WORKER_TOKEN, _AGENT_ID and _AGENT_DEPLOYMENT belong to hosted agents,
# _AGENT_NAME* turns automatic dispatch off. HF_*ENDPOINT and _STAGING name another hub. LIVEKIT_RTC_DEBUG lets WebRTC
# write all that it does into the log at level debug, and asyncio's debug mode the arguments of slow calls at any level.
CALLING_OUT = (
    "LIVEKIT_DEV_MODE",
    "LIVEKIT_REMOTE_EOT_URL",
    "LIVEKIT_OBSERVABILITY_URL",
    "LIVEKIT_WORKER_TOKEN",
    "LIVEKIT_AGENT_ID",
    "LIVEKIT_AGENT_DEPLOYMENT",
    "LIVEKIT_AGENT_NAME",
    "LIVEKIT_AGENT_NAME_OVERRIDE",
    "LIVEKIT_REGION_NAME",
    "LIVEKIT_TELEMETRY_ALLOW_PII",
    "LIVEKIT_RTC_DEBUG",
    "HF_ENDPOINT",
    "HF_INFERENCE_ENDPOINT",
    "HUGGINGFACE_CO_STAGING",
    "PYTHONASYNCIODEBUG",
)
# LK_DUMP_TTS=1 and its kin write what is said into files, SSLKEYLOGFILE the secrets of encrypted connections.
CALLING_OUT_PREFIXES = ("LIVEKIT_INFERENCE_", "OTEL_", "LK_", "SSLKEYLOGFILE")
# Through a proxy livekit-agents' worker sends even loopback traffic; aiohttp knows one for each scheme, gRPC its own.
PROXY, NO_PROXY = "_PROXY", "NO_PROXY"

# Each reads the environment when it is imported, so it must come after `prepare_process`.
HEAVY = ("ctranslate2", "onnxruntime", "llama_cpp", "faster_whisper", "piper", "huggingface_hub", "livekit.agents")


@dataclass(frozen=True, slots=True)
class Preparation:
    """What `prepare_process` did. late: libraries imported before it ran, which didn't see what it changed."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    late: tuple[str, ...]


def library_environment(threads: int, *, guest: bool = False) -> dict[str, str]:
    """Variables for the libraries: passive waiting, `threads` OpenMP threads, no telemetry, no hub.

    guest: only what our engines need, for plugins in somebody else's program, which may want its hub, its traces and
    its own number of threads: ours are given theirs one by one.
    """
    if guest:
        return PASSIVE | {ONNX_SWITCH: "1"}
    # numpy's products are small: a second thread of OpenBLAS would only spin on the other core behind each of them
    waiting = {**PASSIVE, "OMP_NUM_THREADS": str(max(1, threads)), "OPENBLAS_NUM_THREADS": "1"}
    return waiting | SILENT | UNWATCHED


def variables(names: Iterable[str]) -> dict[str, str]:
    """What this process's environment holds under these names; without those that are not set."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def child_environment(settings: Settings, sections: Collection[str]) -> dict[str, str]:
    """This process's environment for a child of ours that is to find its way as if a person had started it.

    Without LiveKit's variables, without the switches that `prepare_process` sets (a child must set them itself), and
    with the settings of those sections, and livekit_server, as far as somebody set them.
    """
    ours = ("LIVEKIT_", PREFIX, "XDG_CACHE_HOME")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours) and name not in SILENT}
    told = {
        environment_name(name): ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in settings
        if value is not None
        and settings.origin(name) != "default"
        and (trait(name, "section") in sections or name == "livekit_server")
    }
    return kept | {environment_name("models_dir"): str(settings.models_dir)} | told


def prepare_process(threads: int, *, guest: bool = False) -> Preparation:
    """Set `library_environment(threads)` and remove what would make a library call out or write down what is said.

    Call it before the first heavy import; `late` names those that came first. Not for `download`, which may need a
    proxy. Doing it again changes nothing. guest: as above; nothing is removed, and what is set stays as it is.
    """
    wanted = library_environment(threads, guest=guest)
    if guest:
        wanted = {name: os.environ.get(name) or value for name, value in wanted.items()}
    risky = [] if guest else [name for name in os.environ if name not in wanted and _calls_out(name.upper())]
    changed = [name for name, value in wanted.items() if os.environ.get(name) != value]
    late = tuple(name for name in HEAVY if name in sys.modules) if changed or risky else ()
    for name in risky:
        del os.environ[name]
    os.environ.update(wanted)
    return Preparation(tuple(changed), tuple(sorted(risky)), late)


_onnx_reports: bool | None = None


def silence_onnx() -> bool:
    """Switch ONNX Runtime's telemetry off for an import that is still to come, unless somebody has set it either way.

    True where it came before the first call of this, in a version that reports to its maker then.
    """
    global _onnx_reports
    if _onnx_reports is None:
        there = None if os.environ.get(ONNX_SWITCH) else sys.modules.get("onnxruntime")
        found = re.match(r"(\d+)\.(\d+)", getattr(there, "__version__", ""))
        _onnx_reports = found is not None and (int(found[1]), int(found[2])) >= ONNX_REPORTS
        os.environ.setdefault(ONNX_SWITCH, "1")
    return _onnx_reports


def _calls_out(name: str) -> bool:
    proxy = name.endswith(PROXY) and name != NO_PROXY
    return proxy or name in CALLING_OUT or name.startswith(CALLING_OUT_PREFIXES)
