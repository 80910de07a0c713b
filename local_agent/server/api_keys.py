"""The API key and secret of our own LiveKit server: made at the first start, readable by their owner only."""

from __future__ import annotations

import json
import secrets
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from local_agent.config.settings import Settings
from local_agent.errors import ConfigError
from local_agent.process import atomic_file

FILE = "livekit-keys.json"
SECRET_BYTES = 32  # LiveKit wants at least 32 characters; this gives 43


@dataclass(frozen=True)
class Keys:
    key: str
    secret: str

    def __repr__(self) -> str:
        return f"Keys(key={self.key!r})"


def given(settings: Settings) -> Keys:
    """Those of the settings, for the server of others that they name. Raises ConfigError where one is not set."""
    if not settings.livekit_api_key or settings.livekit_api_secret is None:
        named = settings.named("livekit_url")
        raise ConfigError(f"{named} is set but its key or secret is not", fix="set LIVEKIT_API_KEY and _SECRET")
    return Keys(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())


def own_keys(data_dir: Path) -> Keys:
    """The keys in data_dir, made there with mode 0600 when there are none. Raises ConfigError for an unusable file."""
    path = data_dir / FILE
    keys = Keys("APIlocal" + secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES))
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = atomic_file.create(path, json.dumps({"key": keys.key, "secret": keys.secret}))
    except OSError as error:
        raise ConfigError(
            f"the keys of the LiveKit server can't be written to {path}: {error.strerror}",
            expected="a folder that may be written, with some megabytes free",
            fix="make room there or make it writable, or set LOCAL_AGENT_DATA_DIR to another folder",
        ) from error
    return keys if made else _read(path)


def _read(path: Path) -> Keys:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)  # somebody copied it with a wider mode: others must not read it
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = Keys(content["key"], content["secret"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"the keys of the LiveKit server in {path} can't be read: {error}",
            fix=f"rm {shlex.quote(str(path))}, and new keys are made at the next start",
        ) from error
    if not isinstance(keys.key, str) or not isinstance(keys.secret, str) or len(keys.secret) < 32:
        raise ConfigError(
            f"the keys in {path} are not a key and a secret of 32 characters",
            fix=f"rm {shlex.quote(str(path))}, and new keys are made at the next start",
        )
    return keys
