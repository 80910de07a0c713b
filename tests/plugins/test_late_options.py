"""Options that are changed on an event loop, which looks at no file: what nobody knows yet the next use judges, on a
thread.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import ConfigError, LocalAgentError
from local_agent.plugins import piper, whisper
from local_agent.plugins.call_language import CallLanguage
from tests.engines.test_registry import put_voice
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


def test_the_newest_words_of_a_session_that_fit_are_expected(caplog: pytest.LogCaptureFixture) -> None:
    engines = Unseen()

    async def check() -> None:
        heard_by = whisper.STT(engines=engines, vocabulary=["Anna"])  # type: ignore[arg-type]
        for words in (["Berta"], ["Carla"], [f"name {number}" for number in range(200)]):
            heard_by._update_session_keyterms(words)
        assert "MainThread" not in engines.looked
        await heard_by.engine()
        assert engines.looked and set(heard_by.vocabulary) <= {"Anna", "Berta", "Carla"}
        for words in (["Berta"], ["Carla"]):
            heard_by._update_session_keyterms(words)
        await heard_by.engine()
        assert heard_by.vocabulary == ("Anna", "Carla")

    run(check())
    assert "are not heeded: that can't be had" in caplog.text


def test_voices_are_looked_for_before_the_first_one_loads(tmp_path: Path) -> None:
    for name, language in (("piper-en_US-joe-medium", "en_US"), ("piper-de_DE-thorsten-medium", "de_DE")):
        put_voice(tmp_path, name, language)
    engines = Engines(Settings(models_dir=tmp_path, voice="piper-en_US-joe-medium"))
    with pytest.raises(LocalAgentError):
        engines.piper().result(60)  # its weights are none
    shutil.rmtree(tmp_path)

    async def check() -> None:
        language = CallLanguage("auto")
        told, follows = piper.TTS(engines=engines), piper.TTS(engines=engines, call_language=language)
        told.update_options(language="de-DE")
        language.choose("de")
        assert told.model == follows.model == "piper-de_DE-thorsten-medium" and follows.voiced
        with pytest.raises(ConfigError, match="no voice on this machine speaks fr"):
            told.update_options(language="fr")

    run(check())


class Loading(Unseen):
    """Engines whose usual voice loads for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.usual = Future[Any]()

    def knows(self, engine: str, model: str | None = None) -> bool:
        return self.usual.done()

    def piper(self, model: str | None = None) -> Future[Any]:
        return self.usual if model is None else super().piper(model)


def test_a_call_whose_language_changes_while_the_voice_loads() -> None:
    engines, language = Loading(), CallLanguage("auto")

    async def check() -> None:
        voice = piper.TTS(engines=engines, call_language=language)  # type: ignore[arg-type]
        for code in ("fr", "de"):
            language.choose(code)
        assert engines.looked == [] and voice.model == "fake-piper"
        await asyncio.to_thread(engines.usual.set_result, engines.mouth)
        assert engines.looked and "MainThread" not in engines.looked
        assert voice.model == "fake-de" and voice.voiced

    run(check())
