"""Settings: every choice a person can make, with its default, unit and allowed range.

This module knows what is allowed; `local_agent.config.sources` knows where values come from. One frozen object;
nothing here reads the environment or a file.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from local_agent.config import addresses
from local_agent.config.addresses import is_loopback
from local_agent.config.languages import en, normalised

PREFIX = "LOCAL_AGENT_"

INSTRUCTIONS = en.PHRASES.instructions
GREETING = en.PHRASES.greeting

SLOWEST, FASTEST = 0.5, 2.0  # speaking speed: beyond, Piper's voices are hard to follow
MOST_CALLS = 255  # LLAMA_MAX_SEQ of llama.cpp (llama-cparams.h) is 256, and one sequence is spare
MOST_VOCABULARY = 223  # tokens of text before the one that Whisper writes: half of its decoder's 448, less a mark
SHORTEST_ACCESS_KEY = 16  # characters; fewer can be guessed over a network
EXPORT_ACCESS_KEY = "export LOCAL_AGENT_ACCESS_KEY=$(openssl rand -hex 16)"  # where the environment has one: it wins
MAKE_ACCESS_KEY = "echo LOCAL_AGENT_ACCESS_KEY=$(openssl rand -hex 16) >> .env"


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _entries(value: object) -> object:
    """Each word or phrase of a list, or of a text with commas between them, once."""
    pieces = [value] if isinstance(value, str) else value
    if not isinstance(pieces, list | tuple) or not all(isinstance(piece, str) for piece in pieces):
        return value
    return tuple(dict.fromkeys(" ".join(part.split()) for piece in pieces for part in piece.split(",") if part.strip()))


def _language(value: object) -> object:
    return normalised(value) if isinstance(value, str) else value


def _listed(value: object) -> object:
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def _key(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[!-~]*", value):
        raise ValueError("a browser can't send it: expected letters, digits and signs of ASCII, without spaces")
    return value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Port = Annotated[int, Field(ge=0, le=65535)]
Secret = Annotated[SecretStr | None, BeforeValidator(addresses.real), BeforeValidator(_blank_is_none)]
Text = Annotated[str | None, BeforeValidator(_blank_is_none)]


def setting(section: str, default: object, text: str, *, env: str = "", path: str = "", **limits: Any) -> Any:
    """A field: its section in the TOML file, default, description with unit, and environment name if not the usual one.

    path: "path", or "or name" where the name of a model will do; a relative one counts from the folder of the TOML file
    that says it, else from the working directory. A section of the field's own name is its value, whole, and stands
    nowhere but in the TOML file.
    """
    return Field(default, description=text, json_schema_extra={"section": section, "env": env, "path": path}, **limits)


class McpServer(BaseModel):
    """A program that offers functions over its standard input and output, by the Model Context Protocol.

    command: a program on PATH, or a path, which counts from the folder of the TOML file. env: names of variables that
    it gets from the environment of this process, beside HOME, PATH and the like. tools: which of its functions are
    offered, none for all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    command: str = Field(min_length=1)
    args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


class Settings(BaseModel):
    """Everything a person can choose; times in seconds, sizes in tokens where not said otherwise.

    Made by `local_agent.config.sources.load`; tests may call `Settings(...)` directly.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _empty: tuple[str, ...] = PrivateAttr(default=())

    # LiveKit
    livekit_url: Annotated[Text, BeforeValidator(addresses.livekit_url), BeforeValidator(_blank_is_none)] = setting(
        "livekit",
        None,
        "LiveKit server to join (ws, wss, http or https); none: run our own. Outside of private networks LIVEKIT_URL "
        "alone is refused: it takes --url, LOCAL_AGENT_LIVEKIT_URL or local_agent.toml",
        env="LIVEKIT_URL",
    )
    livekit_api_key: Annotated[Text, BeforeValidator(addresses.real), BeforeValidator(_blank_is_none)] = setting(
        "livekit", None, "API key of that server; none: made at the first start of our own", env="LIVEKIT_API_KEY"
    )
    livekit_api_secret: Secret = setting(
        "livekit", None, "API secret that belongs to the key", env="LIVEKIT_API_SECRET"
    )
    agent_name: Annotated[Text, BeforeValidator(_blank_is_none)] = setting(
        "livekit",
        None,
        "name to be called by into rooms (explicit dispatch); none: every new room of the LiveKit server is answered",
        max_length=128,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$",
    )
    livekit_server: Path | None = setting(
        "livekit", None, "livekit-server binary; none: found beside python or on PATH", path="path"
    )
    livekit_port: Port = setting("livekit", 7880, "port of our own livekit-server; 0: a free one")
    rtc_tcp_port: Port = setting("livekit", 7881, "its port for media over TCP; 0: a free one")
    rtc_udp_port: Port = setting("livekit", 7882, "its port for media over UDP; 0: a free one")
    node_ip: Annotated[Text, BeforeValidator(addresses.announced), BeforeValidator(_blank_is_none)] = setting(
        "livekit", None, "address of this machine to announce in the local network; none: loopback only"
    )
    published: bool = setting(
        "livekit",
        False,
        "in a container whose network publishes the media ports: take calls on all its addresses, and announce node_ip "
        "(the host's) or 127.0.0.1",
    )

    # Files
    data_dir: Path = setting("files", Path(".local_agent"), "folder for keys and logs", path="path")
    models_dir: Path = setting(
        "files",
        Path("models"),
        "folder of the weights; default ./models, the checkout's, else the user's data folder",
        path="path",
    )

    record: Path | None = setting(
        "files", None, "folder for encrypted recordings of callers who agree; none: nothing is recorded", path="path"
    )
    record_key: Path | None = setting(
        "files", None, "key file of the recordings, mode 0600; none: recording.key in data_dir", path="path"
    )

    # Models
    profile: Annotated[str, BeforeValidator(_lower)] = setting(
        "models", "auto", "set of models: auto, starter, multilingual, small, medium, large, largest", min_length=1
    )
    whisper_model: Text = setting(
        "models", None, "Whisper: name or CTranslate2 folder; none: the profile's", path="or name"
    )
    llm_model: Text = setting("models", None, "language model: name or GGUF file; none: the profile's", path="or name")
    voice: Text = setting("models", None, "Piper voice: name or .onnx file; none: the profile's", path="or name")
    voices: Annotated[tuple[str, ...], BeforeValidator(_listed)] = setting(
        "models",
        (),
        "voices for the other languages that callers speak where language = auto, comma separated: names or .onnx "
        "files; those of the catalogue on disk need not be named",
        path="or name",
    )
    language: Annotated[str, BeforeValidator(_language)] = setting(
        "models", "en", "ISO 639 code of the language spoken, or auto"
    )

    hub: Annotated[Text, BeforeValidator(addresses.mirror), BeforeValidator(_blank_is_none)] = setting(
        "models", None, "mirror of the Hugging Face hub, for download; none: the hub itself", env="HF_ENDPOINT"
    )
    vocabulary: Annotated[tuple[str, ...], BeforeValidator(_entries)] = setting(
        "models",
        (),
        "names and other words that callers say, spelled as they are to be written, comma separated; some fifty fit",
    )

    # Hardware
    device: Annotated[Literal["auto", "cpu", "cuda"], BeforeValidator(_lower)] = setting(
        "hardware", "auto", "where inference runs: auto, cpu, cuda (an error where there is none)"
    )
    compute_type: Annotated[
        Literal[
            "auto", "int8", "int8_float32", "int8_float16", "int8_bfloat16", "int16", "float16", "bfloat16", "float32"
        ],
        BeforeValidator(_lower),
    ] = setting("hardware", "auto", "arithmetic of Whisper, as CTranslate2 names it")
    threads: int = setting("hardware", 0, "CPU threads of an engine; 0: as many as the cores allow", ge=0, le=512)
    gpu_layers: int = setting("hardware", -1, "layers of the language model on the GPU; -1: automatic", ge=-1, le=1000)
    context: int = setting("hardware", 0, "tokens that one conversation may hold; 0: automatic", ge=0, le=131072)
    max_calls: int = setting("hardware", 0, "calls at once; 0: what cores and memory allow", ge=0, le=MOST_CALLS)
    engine_timeout: float = setting(
        "hardware", 20.0, "seconds after which a piece of inference is given up", gt=0, le=600
    )

    # Answers
    instructions: str = setting("answers", INSTRUCTIONS, "system prompt")
    name: str = setting("answers", "Robin", "what the agent calls itself", min_length=1, max_length=64)
    aware: bool = setting(
        "answers", True, "tell the model its name, day and time, and what it can't do, behind any instructions"
    )
    tools: bool = setting("answers", True, "sums, units, dates, spelling and timers, without asking the model")
    greeting: str = setting("answers", GREETING, "what the agent says first; empty in the file: nothing")
    temperature: float = setting("answers", 0.2, "sampling temperature; 0: always the likeliest token", ge=0, le=2)
    top_p: float = setting("answers", 0.9, "sample from the likeliest tokens that hold this share; 1: off", gt=0, le=1)
    min_p: float = setting("answers", 0.05, "drop tokens below this share of the likeliest one; 0: off", ge=0, le=1)
    repeat_penalty: float = setting("answers", 1.1, "penalty on tokens just used; 1: off", ge=0.5, le=2)
    max_tokens: int = setting("answers", 160, "longest answer in tokens", ge=1, le=8192)
    seed: int = setting("answers", -1, "seed of the sampling; -1: another one each time", ge=-1, le=2**32 - 2)

    # Functions
    mcp: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]{1,32}$")], McpServer] = setting(
        "mcp", {}, "MCP servers whose functions the agent may call, by name; each runs sealed, without a network"
    )

    # Speech
    speed: float = setting("speech", 1.0, "speaking speed, 2 is twice as fast", ge=SLOWEST, le=FASTEST)
    speaker: int = setting("speech", 0, "speaker of a voice that has several", ge=0)

    # Turns
    speculative: bool = setting("turns", True, "think ahead during a silence that may end the turn")
    endpointing_min_delay: float = setting("turns", 0.2, "shortest silence in seconds that ends a turn", ge=0, le=10)
    endpointing_max_delay: float = setting("turns", 1.5, "longest silence in seconds before an answer", gt=0, le=30)

    # Web
    host: Annotated[str, BeforeValidator(addresses.listening)] = setting(
        "web", "127.0.0.1", "address the page is served on", min_length=1
    )
    port: Port = setting("web", 8080, "port of the page; 0: a free one")
    access_key: Annotated[Secret, BeforeValidator(_key)] = setting(
        "web", None, "key that callers must present; needed off loopback"
    )
    origins: Annotated[tuple[str, ...], BeforeValidator(addresses.origins)] = setting(
        "web", (), "other origins whose pages may ask for tokens, comma separated, exact"
    )
    public_url: Annotated[Text, BeforeValidator(addresses.public_url), BeforeValidator(_blank_is_none)] = setting(
        "web", None, "address that people see, when a TLS proxy stands in front"
    )
    lan: bool = setting(
        "web",
        False,
        "let phones and others of the local network call: https with a certificate of our own, an access key, media "
        "announced on node_ip or on the one address that there is",
    )
    trust_proxy: bool = setting("web", False, "believe the X-Forwarded headers; only behind a proxy that sets them")
    callers_choose: Annotated[
        tuple[Literal["voice", "speed", "language", "persona"], ...], BeforeValidator(_listed)
    ] = setting("web", (), "what callers may choose on the page, comma separated: voice, speed, language, persona")
    open_health: bool = setting("web", False, "show /health and /metrics to other machines, too")

    # Running
    agent_health_port: Port = setting("run", 0, "loopback port of the worker's own health check; 0: a free one")
    drain_timeout: float = setting("run", 30.0, "seconds that calls have to end after SIGTERM", ge=0, le=3600)
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = setting(
        "run", "info", "debug, info, warning or error"
    )
    log_transcripts: bool = setting("run", False, "write what is said into the log")

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: object, info: ValidationInfo) -> object:
        """What no setting may hold."""
        if isinstance(value, bool) and FIELDS[info.field_name or ""].annotation is not bool:
            raise ValueError(f"expected a value, not {str(value).lower()}")
        if isinstance(value, str) and "\0" in value:
            raise ValueError("it holds a NUL character")
        if trait(info.field_name or "", "path") and any(len(part.encode()) > 255 for part in Path(str(value)).parts):
            raise ValueError("a name in that path is longer than a file system takes (255 bytes)")
        return value

    @model_validator(mode="after")
    def _agree(self, info: ValidationInfo) -> Settings:
        self._origins = dict(info.context or {})
        faults = tuple(contradictions(self))
        if faults:
            raise ValueError("\n".join(faults))
        return self

    @property
    def livekit_ws(self) -> str | None:
        """`ws://` or `wss://` form of livekit_url."""
        return None if self.livekit_url is None else re.sub(r"^http", "ws", self.livekit_url)

    @property
    def empty(self) -> tuple[str, ...]:
        """Variables that were set to nothing, with their place; they count as absent."""
        return self._empty

    def origin(self, name: str) -> str:
        """Where a value came from: `default`, a file's path, `environment NAME`, `PATH NAME` of a .env, or `--flag`."""
        if name not in type(self).model_fields:
            raise KeyError(name)
        return self._origins.get(name, "default")

    def named(self, name: str) -> str:
        """Where a value is written: `--port`, `LOCAL_AGENT_PORT`, `port in FILE`; its variable where nobody set it."""
        origin = self.origin(name)
        variable = origin.rpartition(" ")[2]
        if origin.startswith("--"):
            return origin
        if variable in (environment_name(name), PREFIX + name.upper()):
            return variable
        return environment_name(name) if origin == "default" else f"{name} in {origin}"

    def line(self, name: str, value: object) -> str:
        """What to write for another value, there where this one came from: `--port 1`, `PORT=1`, `port = 1 in FILE`.

        value: None for the line that takes it away.
        """
        origin, shown = self.origin(name), f"{value:g}" if isinstance(value, float) else str(value)
        place, _, variable = origin.rpartition(" ")
        quoted = shlex.quote(shown)
        if origin.startswith("--"):
            return f"{origin} {quoted}" if value is not None else f"leave {origin} out"
        if variable == environment_name(name) or variable == PREFIX + name.upper():
            if value is None:
                return f"unset {variable}" if place == "environment" else f"remove {variable} from {place}"
            return f"{variable}={quoted}" + ("" if place == "environment" else f" in {place}")
        if origin == "default":
            return f"{environment_name(name)}={quoted}"
        written = shown if isinstance(value, int | float) else json.dumps(shown, ensure_ascii=False)
        return f"{name} = {written} in {origin}" if value is not None else f"remove {name} from {origin}"

    def remember(self, origins: Mapping[str, str], empty: tuple[str, ...]) -> Settings:
        """The same settings, knowing where their values came from."""
        copy = self.model_copy()
        copy._origins, copy._empty = dict(origins), empty
        return copy


FIELDS: Mapping[str, FieldInfo] = Settings.model_fields
# What `contradictions` looks at: none of it holds while some of it contradicts.
CONTRADICTING = frozenset({
    "livekit_url", "livekit_api_key", "livekit_api_secret", "endpointing_min_delay", "endpointing_max_delay", "context",
    "max_tokens", "host", "public_url", "access_key", "port", "livekit_port", "rtc_tcp_port", "agent_health_port",
})  # fmt: skip


def trait(name: str, key: Literal["section", "env", "path"]) -> Any:
    """What `setting` noted about a field."""
    extra = FIELDS[name].json_schema_extra
    return extra[key] if isinstance(extra, dict) else None


def environment_name(name: str) -> str:
    """`LIVEKIT_URL` for livekit_url, `LOCAL_AGENT_PORT` for port."""
    return trait(name, "env") or PREFIX + name.upper()


def contradictions(settings: Settings) -> list[str]:
    """One line per pair of settings that can't both hold."""
    faults = []
    key, secret = settings.livekit_api_key, settings.livekit_api_secret
    if settings.livekit_url and not (key and secret):
        missing = [name for name, value in (("LIVEKIT_API_KEY", key), ("LIVEKIT_API_SECRET", secret)) if not value]
        faults.append(
            f"{settings.named('livekit_url')} is set but {' and '.join(missing)} not; expected all three; "
            f"fix: set what is missing, or to run our own server {settings.line('livekit_url', None)}"
        )
    elif bool(key) != bool(secret):
        one = "livekit_api_key" if key else "livekit_api_secret"
        faults.append(
            "of LIVEKIT_API_KEY and LIVEKIT_API_SECRET only one is set; expected both or neither; "
            f"fix: set the other, too, or {settings.line(one, None)}"
        )
    if settings.endpointing_min_delay > settings.endpointing_max_delay:
        usual = settings.origin("endpointing_min_delay") == "default"
        fix = (
            settings.line("endpointing_max_delay", settings.endpointing_min_delay)
            if usual
            else settings.line("endpointing_min_delay", settings.endpointing_max_delay)
        )
        faults.append(
            f"endpointing_min_delay = {settings.endpointing_min_delay:g} is longer than "
            f"endpointing_max_delay = {settings.endpointing_max_delay:g}; expected the reverse; fix: {fix}"
        )
    if settings.context and settings.max_tokens >= settings.context:
        fewer = FIELDS["max_tokens"].default
        fix = settings.line("max_tokens", fewer) if fewer < settings.context else settings.line("context", 0)
        faults.append(
            f"max_tokens = {settings.max_tokens} leaves no room in context = {settings.context}; expected fewer; "
            f"fix: {fix}"
        )
    faults += _unguarded(settings)
    own = () if settings.livekit_url else ("livekit_port", "rtc_tcp_port")
    ports = {name: getattr(settings, name) for name in ("port", "agent_health_port", *own) if getattr(settings, name)}
    equal = [name for name, port in ports.items() if list(ports.values()).count(port) > 1]
    if equal:
        changed = max(equal, key=lambda name: settings.origin(name) != "default")
        told = ", ".join(f"{name} = {ports[name]}" for name in equal)
        faults.append(f"{told}: expected different ones; fix: {settings.line(changed, 0)} picks a free one")
    return faults


def _unguarded(settings: Settings) -> list[str]:
    """A line where others than this machine can reach the page and its access key is none or easily guessed."""
    public = urlsplit(settings.public_url).hostname if settings.public_url else None
    here = f"host = {settings.host}" if not is_loopback(settings.host) else f"public_url = {settings.public_url}"
    if is_loopback(settings.host) and (public is None or is_loopback(public)):
        return []
    key = settings.access_key.get_secret_value() if settings.access_key else ""
    if len(key) >= SHORTEST_ACCESS_KEY:
        return []
    told = f"access_key has {len(key)} characters" if key else "no access_key is set"
    return [
        f"{here} lets other machines in but {told}; expected {SHORTEST_ACCESS_KEY} or more that nobody can guess; "
        f"fix: {EXPORT_ACCESS_KEY if settings.origin('access_key').startswith('environment ') else MAKE_ACCESS_KEY}"
    ]
