"""What a person sets about the page reaches the web server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.server.api_keys import Keys
from local_agent.server.web_options import WebOptions
from local_agent.service import Service

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
    service = Service(Settings(**settings), engines=cast(Engines, SimpleNamespace(plan=SimpleNamespace(max_calls=4))))
    service.url, service.keys = "ws://127.0.0.1:7880", Keys("key", "secret")
    return service._web_options()


@pytest.mark.parametrize("name", SET)
def test_a_setting_reaches_the_web_server(name: str) -> None:
    expected = SET[name]
    assert getattr(options(), name) != expected
    assert getattr(options(**SET), name) == expected
