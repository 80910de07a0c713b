"""Calls in German, French and Spanish: espeak-ng speaks, Whisper base listens, and nothing English is said."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio.local_io import resampled
from local_agent.call.assistant import Assistant
from local_agent.call.session import Call
from local_agent.call.tools.about import About
from local_agent.config import phrases
from local_agent.config.settings import Settings
from local_agent.engines.apologies import Apologies
from local_agent.engines.piper.engine import Piper
from local_agent.engines.whisper.engine import Whisper
from local_agent.errors import EngineError
from tests.calls import espeak
from tests.conftest import Starter, larger
from tests.plugins.fakeengines import FakeEngines, run, silence
from tests.plugins.headless import HEARD_RATE, Caller, calling

BASE = larger("whisper-base")
pytestmark = pytest.mark.skipif(
    not BASE.is_dir(), reason="whisper-base is not on disk: python -m local_agent download whisper-base"
)

# A run of all tests holds one of these calls, which is enough to tell that they can be held, and 50 s less.
ALONE = pytest.mark.skipif(
    "PYTEST_XDIST_WORKER" in os.environ, reason='for itself: make test ARGS="-n 0 tests/calls/test_languages.py"'
)

# What is asked, words that Whisper base must have understood of it, and what a language model answers.
ASKED = {
    "de": ("Hallo, was kannst du für mich machen?", "kannst",
    "Gern! Um 14:30 Uhr für 12,50 € oder 20 % mehr, z. B. am 3. Mai."),
    "fr": ("Je voudrais prendre un rendez-vous demain matin.", "rendez-vous",
    "Il est bleu ! À 14h30 il fait 20 °C, soit 5 % de plus, n° 3."),
    "es": ("Hoy hace muy buen tiempo.", "tiempo",
    "¡Sí! A las 14:30 hace 20 °C, y la entrada cuesta 12,50 €, un 5 % más."),
}  # fmt: skip
ENGLISH = re.compile(
    r"\b(?:the|and|you|is|are|hello|sorry|please|can|with|have|what|percent|degrees|number|point|fourteen|may|for)\b"
)


class SpokenBy(Piper):
    """A voice that notes what it said, as it was read."""

    def __init__(self, path: Path, config: Path) -> None:
        super().__init__(path, config=config)
        self.said: list[str] = []

    def synthesize(self, text: str, **given: Any) -> Any:
        job = super().synthesize(text, **given)
        job.add_done_callback(lambda done: self.said.append(done.result().text) if not done.cancelled() else None)
        return job


def voice_of(language: str, starter: Starter, folder: Path) -> SpokenBy:
    """The starter's voice, which takes itself for a speaker of another language."""
    told = json.loads(starter.voice.with_name(starter.voice.name + ".json").read_text())
    told["language"]["code"], told["espeak"]["voice"] = f"{language}_{language.upper()}", language
    config = folder / f"{language}.json"
    config.write_text(json.dumps(told))
    return SpokenBy(starter.voice, config)


class Abroad(FakeEngines):
    """Ears and voices are real; what a language model writes is given, and it may fail."""

    def __init__(self, ears: Whisper, mouth: SpokenBy, **settings: Any) -> None:
        super().__init__(**settings)
        self.ears, self.mouth = ears, mouth  # type: ignore[assignment]
        self._apologies = Apologies(self.settings.language, self.piper)

    def apology(self, language: str | None = None) -> tuple[str, bytes, int]:
        return self._apologies.get(language)

    def apologise_in(self, language: str) -> None:
        model = self.voice_for(language)
        if model is not None:
            self._apologies.begin(language, None if model == "fake-piper" else model)

    def close(self) -> None:
        self.mind.desk.lane.close()
        for voice in (self.mouth, *self.voices.values()):
            voice.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def ears() -> Iterator[Whisper]:
    whisper = Whisper(BASE, threads=2)
    whisper.warm()
    yield whisper
    whisper.close()


def said(text: str, language: str) -> NDArray[np.int16]:
    """int16 [samples] at HEARD_RATE of a caller who says it, and then listens."""
    return np.concatenate([resampled(espeak.spoken(text, language), espeak.HZ, HEARD_RATE), silence(0.3, HEARD_RATE)])


async def happened(true: Callable[[], object], what: str) -> None:
    """As `until`, with the time that real ears and voices may need beside other tests."""
    try:
        async with asyncio.timeout(100):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what} did not happen") from None


async def answered(caller: Caller, count: int) -> None:
    await happened(lambda: len(caller.of("assistant")) >= count or caller.closed, f"reply {count}")
    assert not caller.closed, (caller.closed, caller.errors)


@pytest.mark.parametrize("language", ["de", *(pytest.param(code, marks=ALONE) for code in ASKED if code != "de")])
def test_greeting_answer_and_apology_are_in_the_callers_language(
    language: str, ears: Whisper, starter: Starter, tmp_path: Path
) -> None:
    question, understood, answer = ASKED[language]
    voice = voice_of(language, starter, tmp_path)
    engines = Abroad(ears, voice, language=language)
    engines.mind.pieces = tuple(re.findall(r"\S+\s*", answer))
    engines.apology()

    async def check() -> None:
        call = Call(engines.settings, engines.engines)
        agent = Assistant(engines.settings, About.of(engines.engines))
        async with calling(call.session, agent=agent, floor=call.interruptions) as caller:
            await answered(caller, 1)
            caller.say(said(question, language))
            await answered(caller, 2)
            assert understood in caller.of("user")[0].lower()
            assert caller.of("assistant") == [phrases.greeting(engines.settings), answer]
            await happened(lambda: call.session.agent_state == "listening", "the end of the answer")
            engines.mind.desk.failures = [EngineError("out of order")] * 20
            caller.say(said(question, language))
            await happened(lambda: caller.errors != [] and caller.audible(), "an apology")
            assert str(agent.instructions).startswith(phrases.instructions(engines.settings))
        await call.aclose()

    run(check(), seconds=300)
    spoken = " ".join(voice.said)
    engines.close()
    apology = phrases.apology(language)
    assert apology.split()[0] in spoken and phrases.greeting(engines.settings).split()[0] in spoken
    assert ENGLISH.findall(spoken.lower()) == [] and not re.search("[€%°]", spoken)


@ALONE
def test_a_call_that_follows_its_caller_answers_with_a_voice_of_that_language(
    ears: Whisper, starter: Starter, tmp_path: Path
) -> None:
    english, german = voice_of("en", starter, tmp_path), voice_of("de", starter, tmp_path)
    engines = Abroad(ears, english, language="auto", greeting="")
    engines.voices["fake-de"] = german  # type: ignore[assignment]
    question, understood, answer = ASKED["de"]
    engines.mind.pieces = tuple(re.findall(r"\S+\s*", answer))

    async def check() -> None:
        call = Call(engines.settings, engines.engines)
        agent = Assistant(engines.settings, About.of(engines.engines))
        call.language.on_change(lambda code: agent.speak(code, voiced=call.tts.voiced))  # as `Call.start` does
        async with calling(call.session, agent=agent, floor=call.interruptions) as caller:
            caller.say(said(question, "de"))
            await answered(caller, 1)
            assert understood in caller.of("user")[0].lower() and call.language.code == "de"
            assert str(agent.instructions).startswith(phrases.instructions(Settings(language="de")))
        await call.aclose()

    run(check(), seconds=300)
    engines.close()
    assert "14 Uhr 30" in " ".join(german.said) and english.said == []
