"""A call that may be recorded: not before the yes, not after the end, and both sides are on it."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import numpy as np
import pytest

from local_agent.call.forget_command import Scope
from local_agent.call.tools.about import About
from local_agent.config.small_model import LanguageModel
from local_agent.errors import RecordingUnreadable
from local_agent.recording import consent, encrypted_file
from local_agent.recording.assistant import RecordingAssistant
from local_agent.recording.recorder import Recorder
from tests.fulldisk import full_disk
from tests.plugins.fakeengines import FakeEngines, run, speech, until
from tests.plugins.headless import Caller, calling
from tests.plugins.test_session import session

pytestmark = pytest.mark.usefixtures("virtual_time")

KEY = secrets.token_bytes(32)
SAYS = consent.words("en")


@pytest.fixture(autouse=True)
def in_tones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fakes' language has no words for it."""
    monkeypatch.setattr(consent, "agrees", lambda text, _: text == "one two.")
    monkeypatch.setattr(consent, "declines", lambda text, _: text == "three four.")
    monkeypatch.setattr(consent, "stops", lambda text, _: text == "seven eight.")


class Held:
    """A witness, and what it wrote and showed."""

    def __init__(self, engines: FakeEngines, folder: Path) -> None:
        settings = engines.settings.model_copy(update={"greeting": ""})
        self.engines, self.folder = engines, folder
        self.shown: list[str] = []
        self.recorder = Recorder(folder, KEY)
        self.recorder.announce = self.announce
        self.agent = RecordingAssistant(settings, About(LanguageModel("fake")), self.recorder)

    async def announce(self, state: str) -> None:
        self.shown.append(state)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.recording")) if self.folder.is_dir() else []

    async def says(self, text: str) -> None:
        """Its first clause is enough: the voice gets one after the other."""
        first = re.split(r"[.,?]", text)[0]
        await until(lambda: any(first in said.text for said in self.engines.mouth.said), text)

    async def answer(self, caller: Caller, words: str) -> None:
        await until(lambda: self.recorder.asked, "the question")
        caller.say(speech(words))


def test_after_a_yes_both_sides_are_recorded_until_the_end(engines: FakeEngines, tmp_path: Path) -> None:
    held = Held(engines, tmp_path / "recordings")

    async def check() -> None:
        live = session(engines, "stt")
        async with calling(live, agent=held.agent) as caller:
            await held.says(SAYS.question)
            assert held.files == []
            await held.answer(caller, "one two")
            await held.says(SAYS.agreed)
            assert held.shown == ["on"] and len(held.files) == 1
            await until(lambda: live.current_speech is None, "the end of the confirmation")
            caller.say(speech("five six"))
            await caller.answered()
            await until(lambda: live.current_speech is None, "the end of the answer")
            caller.say(speech("seven eight"))
            await held.says(SAYS.stopped)
            assert held.shown == ["on", ""] and caller.of("user") == ["five six."]

    run(check())
    (file,) = held.files
    sound = np.frombuffer(b"".join(encrypted_file.read(file, KEY)), np.int16).reshape(-1, 2)
    loud = (np.abs(sound.astype(np.int32)) > 1000).sum(axis=0) / 16_000
    assert loud[0] > 0.5 and loud[1] > 0.2, f"seconds of sound on each side: {loud}"


@pytest.mark.parametrize("words", ["three four", "five six"])
def test_without_a_yes_nothing_is_recorded(engines: FakeEngines, tmp_path: Path, words: str) -> None:
    held = Held(engines, tmp_path / "recordings")
    said_no = words == "three four"

    async def check() -> None:
        live = session(engines, "stt")
        async with calling(live, agent=held.agent) as caller:
            await held.answer(caller, words)
            if said_no:
                await held.says(SAYS.declined)
                assert caller.of("user") == []
            else:
                await caller.answered()  # it was about something else, and is answered
            await until(lambda: live.current_speech is None, "the end")
            caller.say(speech("one two"))  # too late to be a yes
            await caller.answered(1 if said_no else 2)
            assert not held.recorder.runs

    run(check())
    assert held.files == [] and held.shown == []


def test_forget_everything_deletes_the_recording(engines: FakeEngines, tmp_path: Path) -> None:
    held = Held(engines, tmp_path / "recordings")

    async def check() -> None:
        async with calling(session(engines, "stt"), agent=held.agent) as caller:
            await held.answer(caller, "one two")
            await held.says(SAYS.agreed)
            await held.agent.memory.click(Scope.LAST)
            await held.says(SAYS.forgets_not)
            assert len(held.files) == 1
            await held.agent.memory.click(Scope.EVERYTHING)
            await held.says(SAYS.deleted)

    run(check())
    assert held.files == [] and held.shown == ["on", ""]


async def goes_on(caller: Caller) -> None:
    """The next thing that is said is answered."""
    await until(lambda: caller.session.current_speech is None, "silence")
    caller.say(speech("five six"))
    await caller.answered()
    assert caller.of("user") == ["five six."] and caller.errors == []


@pytest.mark.parametrize("folder", ["recordings", "file/recordings"])
def test_a_caller_who_agrees_is_told_that_nothing_can_be_written(
    engines: FakeEngines, tmp_path: Path, folder: str
) -> None:
    """A full disk, or a folder that is gone."""
    (tmp_path / "file").touch()
    held = Held(engines, tmp_path / folder)

    async def check() -> None:
        async with calling(session(engines, "stt"), agent=held.agent) as caller:
            with full_disk(0):
                await held.answer(caller, "one two")
                await held.says(SAYS.not_begun)
            assert held.shown == ["failed"] and not held.recorder.runs
            await goes_on(caller)

    run(check())
    assert held.files == []


def test_a_disk_that_fills_up_in_mid_recording_is_told_and_the_call_goes_on(
    engines: FakeEngines, tmp_path: Path
) -> None:
    held = Held(engines, tmp_path / "recordings")

    async def check() -> None:
        async with calling(session(engines, "stt"), agent=held.agent) as caller:
            with full_disk(100_000):
                await held.answer(caller, "one two")
                await held.says(SAYS.agreed)
                await held.says(SAYS.broken_off)
            assert held.shown == ["on", "failed"] and not held.recorder.runs
            await goes_on(caller)

    run(check())
    (file,) = held.files
    chunks = encrypted_file.read(file, KEY)
    assert len(next(chunks)) > 60_000, "what was written before"
    with pytest.raises(RecordingUnreadable, match="cut off"):
        list(chunks)


def test_a_recording_that_broke_off_can_be_stopped_in_words(engines: FakeEngines, tmp_path: Path) -> None:
    held = Held(engines, tmp_path / "recordings")

    async def check() -> None:
        async with calling(session(engines, "stt"), agent=held.agent) as caller:
            await held.answer(caller, "one two")
            await held.says(SAYS.agreed)
            await until(lambda: caller.session.current_speech is None, "the end of the confirmation")
            with full_disk(0):
                await held.says(SAYS.broken_off)
            await until(lambda: caller.session.current_speech is None, "the end of what nobody asked for")
            caller.say(speech("seven eight"))
            await until(lambda: [said.text for said in engines.mouth.said].count(SAYS.stopped) == 1, "confirmation")
            assert held.shown == ["on", "failed"]
            await goes_on(caller)

    run(check())


def test_a_page_that_can_not_be_told_keeps_nobody_from_an_answer(engines: FakeEngines, tmp_path: Path) -> None:
    held = Held(engines, tmp_path / "recordings")

    async def refuse(state: str) -> None:
        raise OSError("the room is gone")

    held.recorder.announce = refuse

    async def check() -> None:
        async with calling(session(engines, "stt"), agent=held.agent) as caller:
            await held.answer(caller, "one two")
            await held.says(SAYS.agreed)
            assert held.recorder.runs

    run(check())


def test_whoever_joins_has_not_agreed(engines: FakeEngines, tmp_path: Path) -> None:
    held = Held(engines, tmp_path / "recordings")
    there = {"ann"}
    held.recorder.company = lambda: frozenset(there)

    async def check() -> None:
        async with calling(session(engines, "stt"), agent=held.agent) as caller:
            await held.answer(caller, "one two")
            await held.says(SAYS.agreed)
            held.recorder.joined()  # ann herself, back after a tunnel
            assert held.recorder.runs
            there.add("ben")
            held.recorder.joined()
            await held.says(SAYS.joined)
            assert not held.recorder.runs and held.shown == ["on", ""]

    run(check())
    assert len(held.files) == 1, "what ann agreed to is kept"


@pytest.mark.parametrize("before", [True, False], ids=["before the question", "before the answer"])
def test_several_people_are_not_recorded(engines: FakeEngines, tmp_path: Path, before: bool) -> None:
    held = Held(engines, tmp_path / "recordings")
    there = {"ann", "ben"} if before else {"ann"}
    held.recorder.company = lambda: frozenset(there)

    async def check() -> None:
        async with calling(session(engines, "stt"), agent=held.agent) as caller:
            if not before:
                await until(lambda: held.recorder.asked, "the question")
                there.add("ben")
            caller.say(speech("one two"))
            await (caller.answered() if before else held.says(SAYS.company))
            assert not held.recorder.runs

    run(check())
    assert held.files == [] and held.shown == []
    assert any(SAYS.question[:10] in said.text for said in engines.mouth.said) is not before
