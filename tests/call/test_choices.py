"""What callers may choose: only what is offered, only as much of it, and nothing where the operator allows nothing."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from local_agent.call import choices
from local_agent.call.choices import Choices, Offer
from local_agent.call.session import Call
from local_agent.config.settings import Settings
from local_agent.errors import BadInput
from tests.plugins.fakeengines import FakeEngines

VOICES = {"en_US-lessac": "en", "en_GB-alba": "en", "de_DE-thorsten": "de"}
ALL = ("voice", "speed", "language", "persona")


def offer(*allowed: Any, **settings: Any) -> Offer:
    engines: Any = SimpleNamespace(voices=lambda: VOICES)
    return Offer(Settings(callers_choose=allowed, **settings), engines)


def test_nothing_is_offered_unless_the_operator_says_so() -> None:
    assert not offer() and offer().told() == {}
    with pytest.raises(BadInput):
        offer().read('{"speed": 1.5}')


def test_what_is_offered_follows_the_settings_and_the_voices_on_disk() -> None:
    told = offer(*ALL, language="auto").told()
    assert told["voice"] == ["en_GB-alba", "en_US-lessac"] and told["language"] == ["de", "en"]
    assert told["speed"]["usual"] == 1.0 and {"instructions", "greeting"} <= set(told)
    german = offer(*ALL, language="de").told()
    assert "voice" not in german and "language" not in german  # one voice, and a language that is fixed


def test_what_fits_is_read() -> None:
    given = {
        "voice": "en_GB-alba",
        "speed": 1.25,
        "language": "de",
        "instructions": "Be a\npirate.",
        "greeting": "Ahoy!",
    }
    found = offer(*ALL, language="auto").read(json.dumps(given))
    assert found == Choices(**given)  # type: ignore[arg-type]
    begun = found.settings(Settings(language="auto"))
    assert (begun.speed, begun.language, begun.greeting) == (1.25, "de", "Ahoy!")
    assert Choices().settings(Settings()) == Settings()


def test_what_is_not_offered_or_too_much_is_refused() -> None:
    given: list[Any] = [
        *({"voice": one} for one in ("de_DE-thorsten", "../../etc/passwd", 1, None, ["en_GB-alba"])),
        *({"speed": one} for one in (0.1, 9, True, "1", float("nan"))),
        *({"language": one} for one in ("xx", "auto", None)),
        *({"instructions": one} for one in ("", "x" * 501, 1, "a\x00b", "\ud800")),
        *({"greeting": one} for one in ("x" * 121, {})),
        *({name: 1} for name in ("tools", "mcp", "temperature", "__class__")),
        [],
        "x",
        1,
        None,
    ]
    allowed = offer(*ALL, language="auto")
    taken = []
    for one in given:
        try:
            taken.append((one, allowed.read(json.dumps(one))))
        except BadInput:
            continue
    for text in ("", "{", "[" * 4000, '{"greeting": "' + "x" * 5000 + '"}'):
        try:
            taken.append((text, allowed.read(text)))
        except BadInput:
            continue
    assert taken == []


def test_they_hold_in_a_call(engines: FakeEngines) -> None:
    asyncio.run(choose_in_a_call(engines))


async def choose_in_a_call(engines: FakeEngines) -> None:
    engines.settings = engines.settings.model_copy(update={"language": "auto"})
    call = Call(engines.settings, engines.engines)
    told: list[str] = []
    call.language.on_change(told.append)
    call.choose(Choices(speed=1.5, language="de"))
    assert call.tts.speed == 1.5 and told == ["de"] and call.language.code == "de" and not call.language.follows


def test_what_came_with_the_callers_token_is_read_and_faults_cost_no_call() -> None:
    def room(metadata: str) -> Any:
        one = SimpleNamespace(kind=0, attributes={}, metadata=metadata, identity="caller")
        return SimpleNamespace(remote_participants={"caller": one})

    def first(metadata: str) -> Choices:
        return asyncio.run(choices.first(room(metadata), offer("speed")))

    assert first('{"speed": 1.5}') == Choices(speed=1.5)
    assert first('{"speed": 7}') == first("nonsense") == first("") == Choices()
