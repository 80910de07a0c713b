"""The API key and secret of our own LiveKit server: made at the first start, readable by their owner only."""

from __future__ import annotations

import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from local_agent.errors import ConfigError

FILE = "livekit-keys.json"
SECRET_BYTES = 32  # LiveKit wants at least 32 characters; this gives 43


@dataclass(frozen=True)
class Keys:
    key: str
    secret: str

    def __repr__(self) -> str:
        return f"Keys(key={self.key!r})"


def own_keys(data_dir: Path) -> Keys:
    """The keys in data_dir, made there with mode 0600 when there are none. Raises ConfigError for an unusable file."""
    path = data_dir / FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise ConfigError(
            f"the keys of the LiveKit server can't be written to {path}: {error.strerror}",
            fix="make that folder writable, or set LOCAL_AGENT_DATA_DIR to one that is",
        ) from error
    keys = Keys("APIlocal" + secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES))
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"key": keys.key, "secret": keys.secret}, file)
    return keys


def _read(path: Path) -> Keys:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)  # somebody copied it with a wider mode: others must not read it
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = Keys(content["key"], content["secret"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"the keys of the LiveKit server in {path} can't be read: {error}",
            fix=f"remove {path}; new keys are made at the next start",
        ) from error
    if not isinstance(keys.key, str) or not isinstance(keys.secret, str) or len(keys.secret) < 32:
        raise ConfigError(
            f"the keys in {path} are not a key and a secret of 32 characters",
            fix=f"remove {path}; new keys are made at the next start",
        )
    return keys
