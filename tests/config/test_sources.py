"""Settings: who wins, what is said when something is wrong, and what the process gets before its first heavy import."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from local_agent.config import sources
from local_agent.config.settings import FIELDS, Settings, trait
from local_agent.config.sources import VARIABLES, library_environment, load, prepare_process
from local_agent.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
SERVER = {"LIVEKIT_URL": "ws://localhost:7880", "LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "hush-hush"}


def fault(folder: Path, environ: dict[str, str] | None = None, **flags: object) -> str:
    with pytest.raises(ConfigError) as caught:
        load(flags, environ=environ or {}, folder=folder)
    return str(caught.value)


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load(environ={}, folder=tmp_path)
    assert settings.livekit_url is None and settings.livekit_ws is None
    assert (settings.host, settings.port, settings.livekit_port) == ("127.0.0.1", 8080, 7880)
    assert settings.data_dir == tmp_path / ".local_agent"
    assert settings.origin("port") == settings.origin("data_dir") == "default"
    assert not settings.log_transcripts


def test_each_source_beats_the_one_before(tmp_path: Path) -> None:
    def port() -> tuple[int, str]:
        settings = load(flags, environ=environ, folder=tmp_path)
        return settings.port, settings.origin("port")

    flags: dict[str, object] = {}
    environ: dict[str, str] = {}
    assert port() == (8080, "default")
    (tmp_path / "local_agent.toml").write_text("[web]\nport = 1001\n")
    assert port() == (1001, str(tmp_path / "local_agent.toml"))
    (tmp_path / ".env").write_text("export LOCAL_AGENT_PORT='1002' # mine\n")
    assert port() == (1002, f"{tmp_path / '.env'} LOCAL_AGENT_PORT")
    environ["LOCAL_AGENT_PORT"] = "1003"
    assert port() == (1003, "environment LOCAL_AGENT_PORT")
    flags["port"] = 1004
    assert port() == (1004, "--port")
    flags["port"] = None
    assert port() == (1003, "environment LOCAL_AGENT_PORT")


def test_env_file_stays_out_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_AGENT_LANGUAGE", raising=False)
    (tmp_path / ".env").write_text("LOCAL_AGENT_LANGUAGE=de\nOPENAI_API_KEY=not-ours\n")
    assert load(folder=tmp_path).language == "de"
    assert "LOCAL_AGENT_LANGUAGE" not in os.environ


def test_settings_are_frozen_and_closed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Settings(prot=1)  # type: ignore[call-arg]
    with pytest.raises(KeyError):
        Settings().origin("prot")


@pytest.mark.parametrize("scheme", ["ws", "wss", "http", "https"])
def test_both_forms_of_the_livekit_url(tmp_path: Path, scheme: str) -> None:
    settings = load(environ=SERVER | {"LIVEKIT_URL": f" {scheme}://Example.org:7880/ "}, folder=tmp_path)
    secure = "s" if scheme.endswith("s") and scheme not in ("ws",) else ""
    assert settings.livekit_ws == f"ws{secure}://example.org:7880"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:7880", "write ws://localhost:7880"),
        ("tcp://localhost:7880", "tcp:// is unknown; allowed are ws://, wss://, http://, https://"),
        ("ws://localhost:7880/rtc", "leave only ws://localhost:7880"),
        ("ws://localhost:7880?token=x", "leave only ws://localhost:7880"),
        ("ws://:7880", "no host"),
        ("ws://localhost:http", "not a URL"),
        ("ws://localhost:99999", "not a URL"),
        ("wss://your-project.livekit.cloud", "placeholder"),
        ("wss://<project>.livekit.cloud", "placeholder"),
        ("ws://me:pass-word@localhost", "user name or password"),
    ],
)
def test_urls_that_would_only_say_disconnected_later(tmp_path: Path, url: str, said: str) -> None:
    message = fault(tmp_path, SERVER | {"LIVEKIT_URL": url})
    assert said in message and "environment LIVEKIT_URL" in message
    assert "pass-word" not in message


@pytest.mark.parametrize("missing", ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"])
def test_a_url_without_its_keys(tmp_path: Path, missing: str) -> None:
    assert f"{missing} not" in fault(tmp_path, {name: value for name, value in SERVER.items() if name != missing})
    assert "only one is set" in fault(
        tmp_path, {"LIVEKIT_API_KEY" if "SECRET" in missing else "LIVEKIT_API_SECRET": "x"}
    )


@pytest.mark.parametrize(
    "value", ["your-api-key", "your_secret_here", "<secret>", "changeme", "change-me", "xxxx", "..."]
)
@pytest.mark.parametrize("name", ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"])
def test_placeholders_of_templates(tmp_path: Path, name: str, value: str) -> None:
    message = fault(tmp_path, SERVER | {name: value})
    assert "placeholder" in message and f"environment {name}" in message


@pytest.mark.parametrize("value", ["enterprise-key", "youth-club", "changes", "APIxxxxYZ", "devkey"])
def test_real_keys_are_no_placeholders(tmp_path: Path, value: str) -> None:
    assert load(environ=SERVER | {"LIVEKIT_API_KEY": value}, folder=tmp_path).livekit_api_key == value


def test_an_empty_variable_is_absent_but_remembered(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LIVEKIT_URL=\n")
    settings = load(environ={"LOCAL_AGENT_PORT": "  "}, folder=tmp_path)
    assert settings.livekit_url is None and settings.port == 8080
    assert settings.empty == (f"{tmp_path / '.env'} LIVEKIT_URL", "environment LOCAL_AGENT_PORT")


def test_an_empty_variable_does_not_hide_the_file_below(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOCAL_AGENT_PORT=1234\n")
    assert load(environ={"LOCAL_AGENT_PORT": ""}, folder=tmp_path).port == 1234


def test_secrets_never_show(tmp_path: Path) -> None:
    settings = load(environ=SERVER | {"LOCAL_AGENT_ACCESS_KEY": "let-me-in"}, folder=tmp_path)
    assert settings.livekit_api_secret == SecretStr("hush-hush")
    assert settings.access_key is not None and settings.access_key.get_secret_value() == "let-me-in"
    for words in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hush-hush" not in words and "let-me-in" not in words
    (tmp_path / "local_agent.toml").write_text("[livekit]\napi_secret = 123456789\n")
    assert "123456789" not in fault(tmp_path)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("prot = 1", "prot is unknown"),
        ("[web]\nprot = 1", "[web] prot is unknown"),
        ("[web]\nprot = 1", "did you mean [web] port?"),
        ("[wep]\nport = 1", "did you mean [web]?"),
        ("[web]\nlanguage = 'en'", "it belongs to [models]"),
        ("port = 1\n[web]\nport = 2", "port stands twice"),
        ("[web\nport = 1", "line 1"),
        ("[web]\nport = 99999", "port = 99999 (from "),
        ("[web]\nport = 99999", "expected a value less than or equal to 65535"),
        ("[web]\norigins = [1]", "origins = [1]"),
        ("[answers]\ntemperature = 'warm'", "expected a valid number"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, file: str, said: str) -> None:
    (tmp_path / "local_agent.toml").write_text(file)
    message = fault(tmp_path)
    assert said in message and str(tmp_path / "local_agent.toml") in message


def test_unknown_names_meet_the_nearest_one(tmp_path: Path) -> None:
    assert "did you mean LOCAL_AGENT_MAX_CALLS?" in fault(tmp_path, {"LOCAL_AGENT_MAX_CALL": "3"})
    assert "did you mean --max-calls?" in fault(tmp_path, max_call=3)
    (tmp_path / ".env").write_text("LOCAL_AGENT_DEVISE=cpu\n")
    message = fault(tmp_path)
    assert "did you mean LOCAL_AGENT_DEVICE?" in message and str(tmp_path / ".env") in message


def test_malformed_lines_of_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOCAL_AGENT_PORT=1\nLIVEKIT_API_KEY\nLIVEKIT_URL='ws://x\n")
    message = fault(tmp_path)
    assert f"{tmp_path / '.env'}, line 2: not NAME=value" in message
    assert f"{tmp_path / '.env'}, line 3: not NAME=value" in message


def test_every_fault_has_its_line(tmp_path: Path) -> None:
    message = fault(tmp_path, {"LOCAL_AGENT_PORT": "many", "LOCAL_AGENT_DEVICE": "gpu"}, top_p=0, langauge="en")
    lines = message.splitlines()
    assert lines[0] == "4 settings are wrong:"
    assert len(lines) == 5
    assert any(
        "device = 'gpu' (from environment LOCAL_AGENT_DEVICE): expected 'auto', 'cpu' or 'cuda'" in line
        for line in lines
    )
    assert any("top_p = 0 (from --top-p): expected a value greater than 0" in line for line in lines)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"endpointing_min_delay": 2, "endpointing_max_delay": 1}, "endpointing_min_delay = 2 is longer"),
        ({"context": 100}, "leaves no room in context = 100"),
        ({"host": "0.0.0.0"}, "no access_key is set"),
        ({"host": "0.0.0.0", "access_key": "x"}, "access_key has 1 characters; expected 16 or more"),
        ({"host": "192.168.0.7", "access_key": "fifteen-letters"}, "fix: echo LOCAL_AGENT_ACCESS_KEY=$(openssl rand"),
        ({"public_url": "https://voice.example"}, "public_url = https://voice.example lets other machines in but no"),
        ({"public_url": "https://voice.example/agent"}, "fix: LOCAL_AGENT_PUBLIC_URL=https://voice.example"),
        ({"public_url": "https://voice.example?a=b"}, "has a path, query or fragment"),
        ({"speed": 3}, "speed = 3 (from --speed): expected a value less than or equal to 2; fix: --speed 2"),
        ({"speed": "0.4"}, "expected a value greater than or equal to 0.5; fix: --speed 0.5"),
        ({"max_calls": 256}, "fix: --max-calls 255"),
        ({"livekit_url": "ws://localhost:7880"}, "to run our own server leave --url out"),
        ({"llm_model": "./" + "x" * 300}, "(from --llm)"),
        ({"port": 7880}, "expected different ones"),
        ({"agent_health_port": 8080}, "port = 8080, agent_health_port = 8080"),
        ({"origins": "*"}, "every page on the internet"),
        ({"origins": "https://a.example/page"}, "write https://a.example"),
        ({"node_ip": "my-laptop"}, "node_ip = 'my-laptop'"),
        ({"language": "klingon"}, "language = 'klingon'"),
    ],
)
def test_settings_that_contradict_or_open_doors(tmp_path: Path, flags: dict[str, object], said: str) -> None:
    assert said in fault(tmp_path, **flags)


def test_a_contradiction_is_told_beside_a_wrong_value(tmp_path: Path) -> None:
    message = fault(tmp_path, {"LOCAL_AGENT_SPEED": "3", "LOCAL_AGENT_HOST": "0.0.0.0"})
    assert "LOCAL_AGENT_SPEED=2" in message and "no access_key is set" in message
    assert message.startswith("2 settings are wrong:")


def test_what_is_right_holds_beside_what_is_wrong(tmp_path: Path) -> None:
    environ = {
        "LOCAL_AGENT_SPEED": "3",
        "LOCAL_AGENT_LANGUAGE": "de",
        "LOCAL_AGENT_PORT": "1",
        "LOCAL_AGENT_HOST": "::",
    }
    settings, _, error = sources.load_what_holds(environ=environ, folder=tmp_path)
    assert error is not None and "2 settings are wrong" in str(error)
    assert (settings.speed, settings.language, settings.host) == (1.0, "de", "127.0.0.1")


@pytest.mark.parametrize(
    ("file", "environ", "flags", "line"),
    [
        ("", {}, {}, "LOCAL_AGENT_SPEED=2"),
        ("", {"LOCAL_AGENT_SPEED": "1"}, {}, "LOCAL_AGENT_SPEED=2"),
        ("[speech]\nspeed = 1", {}, {}, "speed = 2 in {folder}/local_agent.toml"),
        ("[speech]\nspeed = 1", {"LOCAL_AGENT_SPEED": "1"}, {"speed": 1}, "--speed 2"),
    ],
)
def test_a_fix_says_what_to_write_where(
    tmp_path: Path, file: str, environ: dict[str, str], flags: dict[str, object], line: str
) -> None:
    (tmp_path / "local_agent.toml").write_text(file)
    settings = load(flags, environ=environ, folder=tmp_path)
    assert settings.line("speed", 2) == line.format(folder=tmp_path)


WRONG = {
    "LANGUAGE": ["C.UTF-8", "POSIX", "en,de", "deutsh", "-", "x" * 500],
    "HOST": ["my host", "http://127.0.0.1", "127.0.0.1:9000", "*", "256.1.1.1", "127.1", "127.0.0.1/", "ä.example"],
    "PORT": ["-1", "65536", "8e3", "0x50", "8080tcp", "inf"],
    "SPEED": ["nan", "inf", "0", "1,5", "½"],
    "ENGINE_TIMEOUT": ["nan", "0", "601"],
    "ENDPOINTING_MIN_DELAY": ["10", "nan"],
    "ENDPOINTING_MAX_DELAY": ["0", "0.05"],
    "MAX_TOKENS": ["0", "160.5"],
    "CONTEXT": ["1", "100", "-1"],
    "SEED": ["-2", "4294967295"],
    "SPEAKER": ["bob", "-1", "1.5"],
    "DEVICE": ["gpu", "cuda:0", "mps"],
    "COMPUTE_TYPE": ["fp16", "int4"],
    "SPECULATIVE": ["ja", "2"],
    "LOG_LEVEL": ["WARN", "trace", "10"],
    "ORIGINS": ["*", "http://a/x", "a.example", "https://*.a.com", "http://a b", "http://[::1", "null", "a.b,c.d"],
    "PUBLIC_URL": ["localhost", "ftp://x", "https://", "https://my host", "https://*.x"],
    "NODE_IP": ["localhost", "::1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "10.0.0.1/24"],
    "AGENT_NAME": ["a b", "ä", "a" * 129, "-a", "a/b"],
    "ACCESS_KEY": ["ü" * 20, "a b c d e f g h i j", "<key>"],
    "MODELS_DIR": ["x" * 300],
    "LLM_MODEL": ["./" + "x" * 300],
    "AGENT_HEALTH_PORT": ["8080"],
    "LIVEKIT_PORT": ["8080"],
    "LIVEKIT_URL": [
        "myhost",
        "myhost:7880",
        "ws:/h",
        "ws://h h",
        "ws://%00",
        "ws://localhost/rtc",
        "ws://h:0",
        "ws://-",
    ],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_the_line_that_mends_a_setting_works_as_pasted(tmp_path: Path, name: str, value: str) -> None:
    keys = {"LIVEKIT_API_KEY": "APIx", "LIVEKIT_API_SECRET": "s" * 32} if name == "LIVEKIT_URL" else {}
    environ = keys | {f"LOCAL_AGENT_{name}": value}
    (line,) = fault(tmp_path, environ).splitlines()[1:]
    written = re.search(r"; fix: (?:unset (\w+)|(\w+)=(\S+))", line)
    assert written is not None, line
    if written[1]:
        del environ[written[1]]
    else:
        environ[written[2]] = shlex.split(written[3])[0]
    load(environ=environ, folder=tmp_path)


@pytest.mark.parametrize(
    "line", ["port = true", "speed = true", "speaker = false", 'voice = "a\\u0000b"', "data_dir = 3"]
)
def test_values_of_another_kind_in_the_file(tmp_path: Path, line: str) -> None:
    (tmp_path / "local_agent.toml").write_text(line)
    assert f"from {tmp_path / 'local_agent.toml'}" in fault(tmp_path) and "; fix: " in fault(tmp_path)


@pytest.mark.parametrize(
    ("given", "fix"), [("temperature = nan", "temperature = 0.2 in "), ('device = "gpu"', 'device = "cpu" in ')]
)
def test_the_line_that_mends_the_file_is_toml(tmp_path: Path, given: str, fix: str) -> None:
    (tmp_path / "local_agent.toml").write_text(given)
    assert f"; fix: {fix}{tmp_path / 'local_agent.toml'}" in fault(tmp_path)


def test_files_that_an_editor_began_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "local_agent.toml").write_text("port = 1234\n", encoding="utf-8-sig")
    (tmp_path / ".env").write_text("LOCAL_AGENT_LANGUAGE=de\n", encoding="utf-8-sig")
    settings = load(environ={}, folder=tmp_path)
    assert (settings.port, settings.language) == (1234, "de")


@pytest.mark.parametrize(
    ("given", "host"), [("LOCALHOST", "localhost"), ("[::1]", "::1"), (" 127.0.0.1 ", "127.0.0.1"), ("0.0.0.0", None)]
)
def test_hosts_oddly_written(tmp_path: Path, given: str, host: str | None) -> None:
    if host is None:
        assert "lets other machines in" in fault(tmp_path, {"LOCAL_AGENT_HOST": given})
    else:
        assert load(environ={"LOCAL_AGENT_HOST": given}, folder=tmp_path).host == host


def test_a_weak_key_in_the_environment_is_mended_there(tmp_path: Path) -> None:
    told = fault(tmp_path, {"LOCAL_AGENT_HOST": "0.0.0.0", "LOCAL_AGENT_ACCESS_KEY": "weak"})
    assert "fix: export LOCAL_AGENT_ACCESS_KEY=" in told  # a line in .env would lose against it


def test_port_0_may_be_said_more_than_once(tmp_path: Path) -> None:
    assert load({"port": 0, "livekit_port": 0, "rtc_tcp_port": 0}, environ={}, folder=tmp_path).port == 0


def test_origins_from_a_comma_separated_variable(tmp_path: Path) -> None:
    settings = load(environ={"LOCAL_AGENT_ORIGINS": "http://a.b:3000, https://C.example/"}, folder=tmp_path)
    assert settings.origins == ("http://a.b:3000", "https://c.example")


def test_named_config_file(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "mine.toml"
    other.parent.mkdir()
    other.write_text('models_dir = "weights"\nllm_model = "./a.gguf"\nvoice = "piper-en_US-joe-medium"\n')
    for settings in (
        load({"config": other}, environ={}, folder=tmp_path),
        load(environ={"LOCAL_AGENT_CONFIG": "elsewhere/mine.toml"}, folder=tmp_path),
    ):
        assert settings.models_dir == other.parent / "weights"
        assert settings.llm_model == str(other.parent / "a.gguf")
        assert settings.voice == "piper-en_US-joe-medium"
    assert "there is no file" in fault(tmp_path, config="nothing.toml")


def test_where_models_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(environ={}, folder=tmp_path).models_dir == ROOT / "models"
    (tmp_path / "models").mkdir()
    assert load(environ={}, folder=tmp_path).models_dir == tmp_path / "models"
    (tmp_path / "models" / "__init__.py").touch()
    assert load(environ={}, folder=tmp_path).models_dir == ROOT / "models", "somebody's own package"
    (tmp_path / "models" / "own").mkdir()
    (tmp_path / "models" / "own" / "model.bin").touch()
    assert load(environ={}, folder=tmp_path).models_dir == tmp_path / "models"
    shutil.rmtree(tmp_path / "models")
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "site-packages" / "local_agent" / "config" / "sources.py"))
    share = tmp_path / "share"
    assert load(environ={"XDG_DATA_HOME": str(share)}, folder=tmp_path).models_dir == share / "local_agent" / "models"
    expected = Path.home() / ".local" / "share" / "local_agent" / "models"
    assert load(environ={"XDG_DATA_HOME": "relative"}, folder=tmp_path).models_dir == expected


def test_a_greeting_may_be_switched_off(tmp_path: Path) -> None:
    (tmp_path / "local_agent.toml").write_text('[answers]\ngreeting = ""\ninstructions = ""\n')
    settings = load(environ={}, folder=tmp_path)
    assert settings.greeting == "" and settings.instructions == Settings().instructions


def documented(path: Path, pattern: str) -> dict[str, str]:
    return dict(re.findall(pattern, path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_env_example_documents_every_variable() -> None:
    shown = documented(ROOT / ".env.example", r"^# ([A-Z_]+)=(.*)$")
    assert shown.keys() == {*VARIABLES, sources.CONFIG_VARIABLE}


@pytest.mark.parametrize("example", [".env.example", "local_agent.toml.example"])
def test_examples_hold_the_defaults(tmp_path: Path, example: str) -> None:
    text = (ROOT / example).read_text(encoding="utf-8")
    uncommented = re.sub(r"^# (?=[A-Z_]+=|[a-z_]+ = )", "", text, flags=re.MULTILINE)
    (tmp_path / example.removesuffix(".example")).write_text(uncommented, encoding="utf-8")
    settings = load(environ={}, folder=tmp_path)
    plain = Settings(data_dir=tmp_path / ".local_agent", models_dir=tmp_path / "models")
    assert settings.model_dump() == plain.model_dump()
    assert uncommented != text


def test_toml_example_documents_every_setting() -> None:
    text = (ROOT / "local_agent.toml.example").read_text(encoding="utf-8")
    shown = set()
    for section, body in re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", text, flags=re.MULTILINE | re.DOTALL):
        keys = re.findall(r"^# (\w+) = ", body, flags=re.MULTILINE)
        shown |= {f"{section}_{key}" if f"{section}_{key}" in FIELDS else key for key in keys}
    assert shown == set(FIELDS) - {"mcp"} and "# [mcp.NAME]\n" in text
    assert all(FIELDS[name].description and trait(name, "section") for name in FIELDS)


def test_mcp_servers_are_tables_of_the_toml_file(tmp_path: Path) -> None:
    file = tmp_path / "local_agent.toml"
    file.write_text(
        '[mcp.notes]\ncommand = "bin/notes"\nargs = ["-v"]\n[mcp.shop-2]\ncommand = "shop"\nenv = ["TOKEN"]\n'
    )
    settings = load(environ={}, folder=tmp_path)
    assert settings.mcp["notes"].command == str(tmp_path / "bin/notes") and settings.mcp["notes"].args == ("-v",)
    assert settings.mcp["shop-2"].command == "shop" and settings.mcp["shop-2"].env == ("TOKEN",)
    assert settings.origin("mcp") == str(file) and settings.line("mcp", None) == f"remove mcp from {file}"
    for text, said in (
        ('[mcp.notes]\nargs = ["-v"]\n', "notes.command: "),
        ('[mcp.notes]\ncommand = "x"\nurl = "http://x"\n', "notes.url: "),
        ('[mcp."a b"]\ncommand = "x"\n', "mcp"),
        ('mcp = "notes"\n', "mcp"),
    ):
        file.write_text(text)
        assert said in fault(tmp_path, {})
    file.unlink()
    assert "LOCAL_AGENT_MCP is unknown" in fault(tmp_path, {"LOCAL_AGENT_MCP": "{}"})


def test_a_vocabulary_is_a_list_in_the_file_and_a_text_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "local_agent.toml").write_text('vocabulary = ["Dr. Okafor", " metoprolol ", "", "Kelly, Siobhan"]\n')
    names = ("Dr. Okafor", "metoprolol", "Kelly", "Siobhan")
    settings = load(environ={}, folder=tmp_path)
    assert settings.vocabulary == names and Settings().vocabulary == ()
    told = sources.child_environment(settings, ("models",))["LOCAL_AGENT_VOCABULARY"]
    assert load(environ={"LOCAL_AGENT_VOCABULARY": told}, folder=tmp_path / "elsewhere").vocabulary == names
    assert "vocabulary" in fault(tmp_path, vocabulary=[3])


def test_library_environment() -> None:
    wanted = library_environment(2)
    assert wanted["OMP_NUM_THREADS"] == "2" and wanted["OMP_WAIT_POLICY"] == "passive"
    assert wanted["ORT_DISABLE_TELEMETRY"] == wanted["HF_HUB_OFFLINE"] == wanted["TRANSFORMERS_OFFLINE"] == "1"
    assert library_environment(0)["OMP_NUM_THREADS"] == "1"
    assert wanted["OPENBLAS_NUM_THREADS"] == "1"


def test_prepare_process(monkeypatch: pytest.MonkeyPatch) -> None:
    risky = {
        "LIVEKIT_REMOTE_EOT_URL": "x",
        "LIVEKIT_DEV_MODE": "1",
        "LIVEKIT_INFERENCE_URL": "x",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "x",
        "https_proxy": "x",
    }
    before = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    environ = {name: value for name, value in before.items() if not name.startswith(("OTEL_", "LIVEKIT_"))}
    environ |= risky | {"LIVEKIT_URL": "ws://x", "HF_HUB_OFFLINE": "0"}
    monkeypatch.setattr(os, "environ", environ)
    done = prepare_process(2)
    assert done.removed == tuple(sorted(risky))
    assert "HF_HUB_OFFLINE" in done.changed
    assert environ["LIVEKIT_URL"] == "ws://x" and library_environment(2).items() <= environ.items()
    again = prepare_process(2)
    assert again == sources.Preparation((), (), ())


def test_a_guest_leaves_the_program_its_own_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = {"LIVEKIT_AGENT_NAME": "theirs", "OTEL_EXPORTER_OTLP_ENDPOINT": "x", "OMP_WAIT_POLICY": "active"}
    environ = dict(theirs)
    monkeypatch.setattr(os, "environ", environ)
    assert prepare_process(2, guest=True).removed == ()
    assert environ == sources.PASSIVE | {"ORT_DISABLE_TELEMETRY": "1"} | theirs


def test_a_guest_reads_variables_of_our_own_name_and_our_own_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LOCAL_AGENT_SPEED=much\nnonsense\nLIVEKIT_URL=http://cloud.example")
    (tmp_path / "local_agent.toml").write_text("max_tokens = 77\n")
    environ = {"LIVEKIT_URL": "nonsense", "LIVEKIT_API_KEY": "k", "LOCAL_AGENT_TOP_P": "0.5"}
    monkeypatch.setattr(os, "environ", environ)
    found = sources.load_as_guest()
    assert (found.livekit_url, found.max_tokens, found.top_p) == (Settings().livekit_url, 77, 0.5)
    environ["LOCAL_AGENT_TOPP"] = "0.5"
    with pytest.raises(ConfigError, match="LOCAL_AGENT_TOPP is unknown"):
        sources.load_as_guest()


def test_a_guest_keeps_its_notes_out_of_a_folder_that_is_not_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"XDG_DATA_HOME": str(tmp_path / "share")}
    monkeypatch.setattr(os, "environ", environ)
    assert sources.load_as_guest().data_dir == tmp_path / "share" / "local_agent"
    (tmp_path / ".local_agent").touch()
    assert sources.load_as_guest().data_dir == tmp_path / "share" / "local_agent"
    (tmp_path / ".local_agent").unlink()
    (tmp_path / ".local_agent").mkdir()  # by a command of ours
    assert sources.load_as_guest().data_dir == tmp_path / ".local_agent" == load(environ=environ).data_dir
    environ["LOCAL_AGENT_DATA_DIR"] = str(tmp_path / "notes")
    assert sources.load_as_guest().data_dir == tmp_path / "notes"


def test_an_onnx_runtime_that_came_first_is_told_where_it_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    for version, switch, told in (("1.32.0", "", True), ("1.28.0", "", False), ("1.32.0", "1", False)):
        code = (
            "import sys, types; sys.modules['onnxruntime'] = types.SimpleNamespace(__version__=sys.argv[1])\n"
            "import os; from local_agent.config.sources import silence_onnx\n"
            "print(silence_onnx(), silence_onnx(), os.environ['ORT_DISABLE_TELEMETRY'])"
        )
        words = [sys.executable, "-c", code, version]
        env = {"ORT_DISABLE_TELEMETRY": switch} if switch else {}
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env=env, check=False)
        assert done.stdout.split() == [str(told), str(told), "1"], done.stderr


def test_prepare_process_tells_when_it_comes_late() -> None:
    code = (
        "import sys; from local_agent.config.sources import prepare_process; assert 'onnxruntime' not in sys.modules;"
        "import onnxruntime; first = prepare_process(1).late; print(first, prepare_process(1).late)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={}, check=False)
    assert done.stdout.strip() == "('onnxruntime',) ()", done.stderr


def test_several_voices_are_names_or_paths_from_where_they_are_named(tmp_path: Path) -> None:
    voice = tmp_path / "de.onnx"
    voice.touch()
    (tmp_path / "local_agent.toml").write_text('voices = ["de.onnx", "piper-fr_FR-siwis-medium", "x/es.onnx"]\n')
    found = (str(voice), "piper-fr_FR-siwis-medium", str(tmp_path / "x" / "es.onnx"))
    assert load(environ={}, folder=tmp_path).voices == found
    written = {"LOCAL_AGENT_VOICES": "de.onnx, piper-fr_FR-siwis-medium,x/es.onnx"}
    assert load(environ=written, folder=tmp_path).voices == found
    assert load(environ={"LOCAL_AGENT_VOICES": ""}, folder=tmp_path / "x").voices == ()
