"""Configuration broken on purpose: each root cause of an agent that never connects is named, with its fix."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local_agent.doctor import configuration as room
from local_agent.doctor import servers
from local_agent.doctor.context import Page
from local_agent.errors import ConfigError
from local_agent.server.api_keys import FILE, own_keys
from tests.doctor.doctorkit import EXTERNAL, SECRET, URL, ask, case

OTHER = "ws://192.168.7.7:7880"


def dotenv(folder: Path, mode: int = 0o600, **variables: str) -> Path:
    path = folder / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    path.chmod(mode)
    return path


def test_nothing_set_is_fine(tmp_path: Path) -> None:
    patient = case(tmp_path)
    for check in room.CHECKS:
        assert ask(check, patient).status in ("ok", "skipped"), check.what


# Root cause: an empty LiveKit URL and a wrong fallback.
@pytest.mark.parametrize("place", ["environment", ".env", "local_agent.toml"])
def test_an_empty_url_is_named_with_its_place(tmp_path: Path, place: str) -> None:
    if place == ".env":
        dotenv(tmp_path, LIVEKIT_URL="")
    if place == "local_agent.toml":
        (tmp_path / place).write_text('[livekit]\nurl = ""\n')
    found = ask(room.livekit_url, case(tmp_path, {"LIVEKIT_URL": " "} if place == "environment" else {}))
    assert found.status == "warning"
    assert place in found.found
    assert "set to nothing" in found.found
    assert "our own server is used" in found.found


# Root cause: schemes mixed or missing.
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:7880", "ws://localhost:7880"),
        ("htp://localhost:7880", "scheme htp:// is unknown"),
        ("<your LiveKit URL>", "scheme"),
        ("wss://your-project.livekit.cloud", "placeholder"),
        ("ws://localhost:7880/rtc", "path"),
    ],
)
def test_a_wrong_url_fails_and_the_rest_runs_on_defaults(tmp_path: Path, url: str, words: str) -> None:
    patient = case(tmp_path, EXTERNAL | {"LIVEKIT_URL": url, "LOCAL_AGENT_MODELS_DIR": str(tmp_path / "w")})
    found = ask(room.settings, patient)
    assert found.status == "fails"
    assert "LIVEKIT_URL" in found.found
    assert words in found.found
    assert patient.settings.livekit_url is None
    assert patient.settings.models_dir == tmp_path / "w"
    assert url in ask(room.livekit_url, patient).found


def test_http_is_understood_and_shown_as_what_it_becomes(tmp_path: Path) -> None:
    found = ask(room.livekit_url, case(tmp_path, EXTERNAL | {"LIVEKIT_URL": "http://localhost:7880"}))
    assert (found.status, "used as ws://localhost:7880" in found.found) == ("ok", True)


# Root cause: http pages against ws, https pages against ws.
def test_an_https_page_over_a_ws_server_is_fine_and_says_why(tmp_path: Path) -> None:
    environ = EXTERNAL | {"LOCAL_AGENT_PUBLIC_URL": "https://voice.example", "LOCAL_AGENT_ACCESS_KEY": SECRET}
    found = ask(room.mixed_content, case(tmp_path, environ))
    assert found.status == "ok"
    assert "signals over wss://voice.example, which is passed on to ws://127.0.0.1:7880" in found.found
    assert "browsers only see the page's own" in found.found
    free = ask(room.mixed_content, case(tmp_path, {"LOCAL_AGENT_PORT": "0", "LOCAL_AGENT_LIVEKIT_PORT": "0"}))
    assert "http://127.0.0.1:(a free port) signals" in free.found and ":0" not in free.found


# Root cause: each part had its own copy of URL and keys.
@pytest.mark.parametrize(
    ("variable", "value"), [("LIVEKIT_URL", OTHER), ("LIVEKIT_API_KEY", "APIinner"), ("LIVEKIT_API_SECRET", SECRET * 2)]
)
def test_places_that_disagree_are_named(tmp_path: Path, variable: str, value: str) -> None:
    dotenv(tmp_path, **(EXTERNAL | {variable: value}))
    found = ask(room.sources_agree, case(tmp_path, EXTERNAL))
    assert found.status == "warning"
    assert variable in found.found
    assert ".env" in found.found
    assert "environment wins" in found.found
    assert SECRET not in found.found


def test_toml_and_environment_disagree(tmp_path: Path) -> None:
    (tmp_path / "local_agent.toml").write_text(f'[livekit]\nurl = "{OTHER}"\n')
    found = ask(room.sources_agree, case(tmp_path, EXTERNAL))
    assert found.status == "warning"
    assert f"{OTHER} in local_agent.toml, {URL} in environment" in found.found


def test_saying_the_same_twice_is_no_disagreement(tmp_path: Path) -> None:
    dotenv(tmp_path, **(EXTERNAL | {"LIVEKIT_URL": URL + "/"}))
    assert ask(room.sources_agree, case(tmp_path, EXTERNAL)).status == "ok"


@pytest.mark.parametrize(
    ("environ", "used", "status"),
    [
        (EXTERNAL, OTHER, "fails"),
        (EXTERNAL, URL, "ok"),
        ({}, OTHER, "fails"),
        ({}, "ws://127.0.0.1:40001", "ok"),
    ],
)
def test_a_running_agent_with_another_server_is_named(
    tmp_path: Path, environ: dict[str, str], used: str, status: str
) -> None:
    patient = case(tmp_path, environ, page=Page("http://127.0.0.1:8080", {"ready": True, "livekit": used}))
    found = ask(room.running_agrees, patient)
    assert (found.status, used in found.found) == (status, True)


def test_keys_without_a_url_belong_to_nobody(tmp_path: Path) -> None:
    dotenv(tmp_path, LIVEKIT_API_KEY="APIouter", LIVEKIT_API_SECRET=SECRET)
    found = ask(room.livekit_keys, case(tmp_path))
    assert found.status == "warning"
    assert "LIVEKIT_URL is not" in found.found
    assert "remove LIVEKIT_API_KEY" in found.fix


def test_keys_of_our_own_server_for_another_one(tmp_path: Path) -> None:
    own = own_keys(tmp_path / ".local_agent")
    environ = {"LIVEKIT_URL": OTHER, "LIVEKIT_API_KEY": own.key, "LIVEKIT_API_SECRET": own.secret}
    found = ask(room.livekit_keys, case(tmp_path, environ))
    assert found.status == "warning"
    assert FILE in found.found
    assert OTHER in found.found


@pytest.mark.parametrize(
    ("key", "secret", "url", "status", "words"),
    [
        ("devkey", "secret", URL, "warning", "known to everybody"),
        ("devkey", "secret", OTHER, "fails", "known to everybody"),
        ("APIouter", "short", URL, "warning", "5 characters"),
        ("APIouter", SECRET, URL, "ok", "APIouter"),
    ],
)
def test_weak_keys(tmp_path: Path, key: str, secret: str, url: str, status: str, words: str) -> None:
    environ = {"LIVEKIT_URL": url, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": secret}
    found = ask(room.livekit_keys, case(tmp_path, environ))
    assert (found.status, words in found.found) == (status, True)


def test_placeholder_keys_fail(tmp_path: Path) -> None:
    found = ask(room.settings, case(tmp_path, EXTERNAL | {"LIVEKIT_API_SECRET": "<your secret>"}))
    assert found.status == "fails"
    assert "LIVEKIT_API_SECRET" in found.found
    assert "placeholder" in found.found


def test_damaged_keys_of_our_own_server_are_named(tmp_path: Path) -> None:
    (tmp_path / ".local_agent").mkdir()
    (tmp_path / ".local_agent" / FILE).write_text("{")
    found = ask(room.livekit_keys, case(tmp_path))
    assert found.status == "fails"
    assert f"rm {tmp_path / '.local_agent' / FILE}" in found.fix


def test_files_that_others_may_read(tmp_path: Path) -> None:
    own_keys(tmp_path / ".local_agent")
    dotenv(tmp_path, **EXTERNAL)
    assert ask(room.private_files, case(tmp_path)).status == "ok"
    (tmp_path / ".local_agent" / FILE).chmod(0o644)
    (tmp_path / ".env").chmod(0o640)
    found = ask(room.private_files, case(tmp_path))
    assert found.status == "warning"
    assert "644" in found.found
    assert "640" in found.found
    assert found.fix == f"chmod 600 {tmp_path / '.local_agent' / FILE} {tmp_path / '.env'}"


def test_an_open_dotenv_without_secrets_is_fine(tmp_path: Path) -> None:
    dotenv(tmp_path, 0o644, LOCAL_AGENT_LANGUAGE="en")
    assert ask(room.private_files, case(tmp_path)).status == "ok"


def test_variables_of_a_cloud_are_named(tmp_path: Path) -> None:
    found = ask(room.environment, case(tmp_path, ignored=("LIVEKIT_REMOTE_EOT_URL",)))
    assert found.status == "warning"
    assert found.fix.startswith("unset LIVEKIT_REMOTE_EOT_URL")


@pytest.mark.parametrize("content", ["[livekit\n", "port = 8081\nport = 8082\n"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "local_agent.toml").write_text(content)
    patient = case(tmp_path)
    found = ask(room.settings, patient)
    assert found.status == "fails"
    assert "local_agent.toml" in found.found
    assert patient.settings.data_dir == tmp_path / ".local_agent"


@pytest.mark.parametrize("url", ["wss://project.livekit.cloud", "ws://203.0.113.4:7880"])
def test_a_server_elsewhere_that_nobody_meant_is_neither_asked_nor_joined(tmp_path: Path, url: str) -> None:
    """The doctor would else send a call there to try it."""
    patient = case(tmp_path, EXTERNAL | {"LIVEKIT_URL": url})
    found = ask(room.livekit_url, patient)
    assert found.status == "fails" and "sound of every call would go there" in found.found
    with pytest.raises(ConfigError, match="sound of every call would go there"):
        asyncio.run(servers.serve(patient))


def test_a_server_elsewhere_that_is_meant_is_told_with_what_it_means(tmp_path: Path) -> None:
    found = ask(room.livekit_url, case(tmp_path, EXTERNAL | {"LOCAL_AGENT_LIVEKIT_URL": "wss://livekit.example"}))
    assert found.status == "warning" and "the sound of every call goes there" in found.found
