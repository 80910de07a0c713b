"""What a person sets about the page reaches the web server."""

from __future__ import annotations

from typing import Any

import pytest

from local_agent.config.settings import Settings
from local_agent.server.web_options import WebOptions

SET: dict[str, Any] = {
    "host": "127.0.0.2",
    "port": 8099,
    "access_key": "a-long-random-text",
    "origins": ("https://pages.example",),
    "public_url": "https://voice.example",
    "trust_proxy": True,
    "open_health": True,
}


def options(**settings: Any) -> WebOptions:
    return WebOptions.of(Settings(**settings), "ws://127.0.0.1:7880", "key", "secret")


@pytest.mark.parametrize("name", SET)
def test_a_setting_reaches_the_web_server(name: str) -> None:
    expected = SET[name]
    assert getattr(options(), name) != expected
    assert getattr(options(**SET), name) == expected
