"""Options that are changed on an event loop before anybody looked at the models: the next use judges, on a thread."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from local_agent.errors import ConfigError
from local_agent.plugins import piper, whisper
from tests.plugins.fakeengines import FakeEngines, FakePiper, run


class Unseen(FakeEngines):
    """Engines that must look at files to tell, which is counted by thread."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[str] = []
        self.voices["fake-de"] = FakePiper()

    def knows(self, engine: str, model: str | None = None) -> bool:
        return False

    def voice_for(self, language: str) -> str | None:
        self.looked.append(threading.current_thread().name)
        return super().voice_for(language)

    def suits(self, engine: str, model: str | None = None, **asked: Any) -> None:
        self.looked.append(threading.current_thread().name)
        if asked.get("language") == "sw" or len(asked.get("vocabulary", ())) > 100:
            raise ConfigError("that can't be had")


def test_what_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = Unseen()

    async def check() -> None:
        heard_by = whisper.STT(engines=engines)  # type: ignore[arg-type]
        for wrong in ({"language": "sw"}, {"vocabulary": [f"name {number}" for number in range(200)]}):
            heard_by.update_options(**wrong)  # type: ignore[arg-type]
            assert engines.looked == []
            with pytest.raises(ConfigError, match="can't be had"):
                await heard_by.engine()
            assert engines.looked and "MainThread" not in engines.looked
            heard_by.update_options(language="de", vocabulary=["Anna"])
            engines.looked.clear()
        assert await heard_by.engine() is engines.ears
        with pytest.raises(ConfigError):
            heard_by.update_options(language="no language")

    run(check())


def test_who_speaks() -> None:
    engines = Unseen()

    async def check() -> None:
        voice = piper.TTS(engines=engines)  # type: ignore[arg-type]
        voice.update_options(language="de-DE", speed=1.5)
        assert engines.looked == [] and engines.loads == []
        found, manner = await voice.engine(voice.manner)
        assert found is engines.voices["fake-de"] and (manner.model, manner.pace) == ("fake-de", 1.5)
        assert engines.looked[0] != "MainThread"
        voice.update_options(language="fr")
        with pytest.raises(ConfigError, match="no voice on this machine speaks"):
            await voice.engine(voice.manner)
        assert (await voice.engine(voice.manner))[0] is engines.voices["fake-de"], "and all stays as it was"
        voice.update_options(voice=None)
        assert (await voice.engine(voice.manner))[0] is engines.mouth

    run(check())
