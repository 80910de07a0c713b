"""Engines without weights for tests of the plugins: the same calls, real jobs on real lanes, a language of tones."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import numpy as np
from livekit import rtc
from livekit.agents import vad
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.settings import Settings
from local_agent.config.small_model import LanguageModel
from local_agent.engines.inference_thread import InferenceThread, Job, Urgency
from local_agent.engines.llama.types import CallGrammar, Completion, Prefilled, Sampling, images
from local_agent.engines.registry import Engines
from local_agent.engines.whisper.language import Spoken, settled
from local_agent.engines.whisper.word_times import Word
from local_agent.errors import BadInput, EngineBusy
from local_agent.turns.speech import WINDOW

T = TypeVar("T")

COUNTING = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WORDS = (*COUNTING, "the", "and")
SPOKEN, GAP = 0.24, 0.06  # s of a word's tone, and of the silence after it
NOISE = 3_600.0  # Hz of a sound that is no word
LOUD = 0.05
GUARD = 30.0  # s after which a test that hangs is ended


def pitch(word: str) -> float:
    """Hz; two words are at least 120 apart, and all survive 8 kHz audio."""
    return 300.0 + 120.0 * WORDS.index(word)


def tone(hertz: float, seconds: float, rate: int = SPEECH_RATE) -> NDArray[np.int16]:
    """int16 [samples]"""
    return (9_000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.int16)


def silence(seconds: float, rate: int = SPEECH_RATE) -> NDArray[np.int16]:
    return np.zeros(int(seconds * rate), np.int16)


def speech(text: str, rate: int = SPEECH_RATE) -> NDArray[np.int16]:
    """`text` in tones, int16 [samples]; silence between the words, none at the end."""
    pieces = [part for word in text.split() for part in (silence(GAP, rate), tone(pitch(word), SPOKEN, rate))]
    return np.concatenate(pieces[1:])


def understood(audio: NDArray[np.float32]) -> str:
    """The words whose tones are in float32 [samples] at 16 kHz, whole or in part."""
    text = " ".join(word.text for word in timed_words(audio))
    return f"{text}." if text else ""


def timed_words(audio: NDArray[np.float32]) -> list[Word]:
    """The same, each with the time of its tone."""
    step = SPEECH_RATE // 100
    loud = [float(np.abs(audio[at : at + step]).max()) > LOUD for at in range(0, len(audio) - step + 1, step)]
    runs, began = [], None
    for at, now in enumerate([*loud, False]):
        if now and began is None:
            began = at
        elif not now and began is not None:
            runs.append((began, at))
            began = None
    heard = [(_word(audio[first * step : last * step]), first, last) for first, last in runs if last - first >= 5]
    return [Word(word, first / 100, last / 100) for word, first, last in heard if word]


def _word(sound: NDArray[np.float32]) -> str:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 16 * SPEECH_RATE // 10))
    hertz = float(np.argmax(spectrum)) * 10 / 16
    nearest = min(WORDS, key=lambda word: abs(pitch(word) - hertz))
    return nearest if abs(pitch(nearest) - hertz) < 60 else ""


@dataclass(frozen=True)
class FakeTranscript:
    text: str
    language: str
    confidence: float
    ending: float | None = None
    language_probability: float = 1.0
    start: float = 0.0
    end: float = 0.0
    tokens: tuple[int, ...] = ()
    words: tuple[Word, ...] = ()


def spelled(text: str) -> tuple[int, ...]:
    """A text as tokens, one a word."""
    return tuple(hash(word) for word in text.split())


class World:
    """Where the fakes live: in real time, unless the fixture `virtual_time` says otherwise."""

    lane: Callable[[str], Any] = InferenceThread
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None


class Desk:
    """What every fake does before its work: count it, wait at a barrier, fail when told to."""

    def __init__(self, name: str) -> None:
        self.lane = World.lane(name)
        self.jobs: list[Job[Any]] = []
        self.failures: list[BaseException | None] = []  # one a job, None for success
        self.go: threading.Event | None = None  # work waits here
        self.entered = 0

    def submit(self, work: Callable[[Job[T]], T], urgency: Urgency, timeout: float | None) -> Job[T]:
        def guarded(job: Job[T]) -> T:
            self.entered += 1
            self.wait(job)
            failure = self.failures.pop(0) if self.failures else None
            if failure is not None:
                raise failure
            return work(job)

        job = self.lane.submit(guarded, urgency=urgency, timeout=timeout)
        self.jobs.append(job)
        return job

    def wait(self, job: Job[Any]) -> None:
        while self.go is not None and not self.go.wait(0.002):
            job.check()


class FakeWhisper:
    """Understands the language of tones."""

    sample_rate = SPEECH_RATE

    def __init__(self) -> None:
        self.desk = Desk("fake-whisper")
        self.heard: list[NDArray[np.float32]] = []
        self.languages: list[str | None] = []
        self.detections: list[Spoken] = []  # what utterances sound like, in order; then English
        self.guesses: list[tuple[int, ...]] = []
        self.vocabularies: list[tuple[str, ...]] = []
        self.spare = False  # whether there is time for transcripts that nobody waits for

    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str | None = None,
        before: Spoken | None = None,
        guess: Sequence[int] = (),
        vocabulary: Sequence[str] = (),
        times: bool = False,
        urgency: Urgency = Urgency.NOW,
        timeout: float | None = 30.0,
    ) -> Job[Any]:
        assert audio.dtype == np.float32 and audio.ndim == 1 and audio.size
        if urgency is Urgency.SPECULATIVE and not self.spare:
            raise EngineBusy("there is no time for a transcript that nobody waits for")
        self.heard.append(audio)
        self.guesses.append(tuple(guess))
        self.languages.append(language)
        self.vocabularies.append(tuple(vocabulary))
        found = settled(self.detections.pop(0), before) if self.detections else Spoken(language or "en", 1.0, 0.0)
        answer = FakeTranscript(
            understood(audio),
            found.language,
            0.75,
            language_probability=found.probability,
            end=found.seconds,
            tokens=spelled(understood(audio)),
            words=tuple(timed_words(audio)) if times else (),
        )
        return self.desk.submit(lambda job: answer, urgency, timeout)


class FakeLlama:
    """Answers every conversation with the same pieces."""

    own_calls = False
    blind = "it is a fake"

    def __init__(self, pieces: Sequence[str] = ("The ", "answer ", "is ", "two.")) -> None:
        self.desk = Desk("fake-llama")
        self.pieces = tuple(pieces)
        self.broken_after: int | None = None  # pieces before `fault`
        self.fault: Exception = EngineBusy("no sequence is free")
        self.step: threading.Event | None = None  # waited for before each piece but the first
        self.pause = 0.0  # s before each piece
        self.later: Sequence[str] | None = None  # the pieces of all replies but the first
        self.finish = "stop"
        self.script: list[str] = []  # the first replies, one piece of three characters after the other
        self.written = 0
        self.room = 10_000  # characters of a conversation that surely fit
        self.asked: list[SimpleNamespace] = []
        self.forgotten: list[str] = []
        self.read: list[SimpleNamespace] = []  # prompts that were read ahead
        self.end_probability = 0.7
        self.shown: list[tuple[Sequence[Mapping[str, Any]], str]] = []  # conversations whose images were looked at

    def generate(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        conversation: str = "",
        sampling: Sampling = Sampling(),  # noqa: B008  # frozen
        on_text: Callable[[str], None] | None = None,
        grammar: str | None = None,
        calls: CallGrammar | None = None,
        tools: Sequence[Mapping[str, Any]] = (),
        said: Sequence[str] | None = None,
        urgency: Urgency = Urgency.NOW,
        timeout: float | None = 60.0,
    ) -> Job[Completion]:
        if not messages:
            raise BadInput("there is no message to answer")
        self.asked.append(
            SimpleNamespace(
                messages=list(messages),
                conversation=conversation,
                sampling=sampling,
                grammar=grammar,
                calls=calls,
                tools=tools,
                said=said,
                urgency=urgency,
                timeout=timeout,
            )
        )

        def work(job: Job[Completion]) -> Completion:
            pieces = self.pieces if self.later is None or len(self.asked) < 2 else self.later
            if self.script:
                text = self.script.pop(0)
                pieces = [text[at : at + 3] for at in range(0, len(text), 3)]
            for number, piece in enumerate(pieces):
                time.sleep(self.pause)
                if number and self.step is not None:
                    while not self.step.wait(0.002):
                        job.check()
                job.check()
                if number == self.broken_after:
                    raise self.fault
                self.written += 1
                job.goes_on(timeout)
                if on_text is not None:
                    on_text(piece)
            return Completion("".join(pieces), self.finish, 20, 12, len(pieces), 0.0, 0.0, 0.0, 0.0)

        return self.desk.submit(work, urgency, timeout)

    def look(self, messages: Sequence[Mapping[str, Any]], conversation: str = "") -> None:
        self.shown.append((list(messages), conversation))

    def looked(self, messages: Sequence[Mapping[str, Any]]) -> bool:
        return all(one in [shown for known, _ in self.shown for shown in images(known)] for one in images(messages))

    def fit(self, messages: Sequence[Mapping[str, Any]], bounds: object = None) -> list[Mapping[str, Any]]:
        return list(messages)

    def fits(self, messages: Sequence[Mapping[str, Any]], bounds: object = None) -> bool:
        return self.count(messages) <= self.room

    def count(self, messages: Sequence[Mapping[str, Any]], *, tools: Sequence[Mapping[str, Any]] = ()) -> int:
        return sum(len(str(message.get("content"))) for message in messages)

    def prefill(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        conversation: str = "",
        open_user_turn: bool = False,
        tools: Sequence[Mapping[str, Any]] = (),
        urgency: Urgency = Urgency.SPECULATIVE,
        timeout: float | None = 10.0,
    ) -> Job[Prefilled]:
        said = [str(message["content"]) for message in messages]
        self.read.append(SimpleNamespace(said=said, open=open_user_turn, urgency=urgency, conversation=conversation))
        answer = Prefilled(10, 0, self.end_probability, 0.0)
        job = self.desk.lane.submit(lambda job: answer, urgency=urgency, timeout=timeout)
        self.read[-1].job = job
        return job

    def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)


class FakePiper:
    """Speaks a tenth of a second of tone for each word, and zeros for what has none."""

    sample_rate, language = 22_050, "en-US"

    def __init__(self) -> None:
        self.desk = Desk("fake-piper")
        self.seconds = 0.1  # a word
        self.unreadable = False  # what it is given, by its letters
        self.said: list[SimpleNamespace] = []
        self.made: list[tuple[float, float]] = []  # time.monotonic() and seconds of audio before each clause

    def synthesize(
        self,
        text: str,
        *,
        on_audio: Callable[[bytes], None],
        speed: float = 1.0,
        speaker: str | int | None = None,
        urgency: Urgency = Urgency.NOW,
        soon: bool = False,
        timeout: float | None = 30.0,
    ) -> Job[Any]:
        made = SimpleNamespace(text=text, speed=speed, speaker=speaker, urgency=urgency, soon=soon, timeout=timeout)
        self.said.append(made)
        self.made.append((time.monotonic(), sum(self.length(said.text) for said in self.said[:-1])))

        def work(job: Job[Any]) -> Any:
            job.check()
            count = int(self.length(text) * self.sample_rate)
            spoken = any(map(str.isalnum, text)) and not self.unreadable
            on_audio(
                (
                    tone(440, count / self.sample_rate + 1, self.sample_rate)[:count]
                    if spoken
                    else np.zeros(count, np.int16)
                ).tobytes()
            )
            return SimpleNamespace(text="" if self.unreadable else text)

        return self.desk.submit(work, urgency, timeout)

    def length(self, text: str) -> float:
        """Seconds that a text takes to say."""
        words = [word for word in text.split() if any(map(str.isalnum, word))]
        return self.seconds * max(1, len(words))


class FakeTurn:
    """Tells the same of every sound."""

    def __init__(self) -> None:
        self.desk = Desk("fake-turn")
        self.probability = 0.5
        self.heard: list[NDArray[np.float32]] = []

    def judge(self, audio: NDArray[np.float32], *, timeout: float | None = 5.0) -> Job[float]:
        self.heard.append(audio)
        return self.desk.submit(lambda job: self.probability, Urgency.NOW, timeout)


class FakeEngines:
    """Stands in for `registry.Engines`: loaded already, unless a failure says why not."""

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**{"engine_timeout": GUARD, **settings})
        self.ears, self.mind, self.mouth = FakeWhisper(), FakeLlama(), FakePiper()
        self.voices: dict[str, FakePiper] = {}  # by name, "fake-de" for one that speaks German
        self.apologies: list[str] = []  # languages in which they were asked for
        self.ear: FakeTurn | None = None  # for the ends of turns; a plan may have none
        self.failure: BaseException | None = None
        self.loads: list[str] = []

    def whisper(self, model: str | None = None) -> Future[Any]:
        return self._loaded("whisper", self.ears)

    def llama(self, model: str | None = None) -> Future[Any]:
        return self._loaded("llama", self.mind)

    def piper(self, model: str | None = None) -> Future[Any]:
        return self._loaded("piper", self.mouth if model is None else self.voices[model])

    def voice_for(self, language: str) -> str | None:
        return "fake-piper" if language == "en" else next((name for name in self.voices if name[5:] == language), None)

    def apologise_in(self, language: str) -> None:
        self.apologies.append(language)

    def turn(self) -> Future[Any] | None:
        return self._loaded("turn", self.ear) if self.ear is not None else None

    def voice_rate(self, model: str | None = None) -> int:
        return self.mouth.sample_rate

    def knows(self, engine: str, model: str | None = None) -> bool:
        return True

    def suits(self, engine: str, model: str | None = None, **asked: Any) -> None:
        """All that is asked."""

    def name(self, engine: str, model: str | None = None) -> str:
        return model or f"fake-{engine}"

    def sampling(self) -> Sampling:
        return Sampling(temperature=self.settings.temperature, max_tokens=self.settings.max_tokens)

    @property
    def plan(self) -> Any:
        """What is asked of a plan."""
        llama = SimpleNamespace(model="fake-llama", device="cpu")
        whisper, piper = SimpleNamespace(model="fake-whisper"), SimpleNamespace(model="fake-piper")
        return SimpleNamespace(
            llama=llama, whisper=whisper, piper=piper, language_model=LanguageModel("fake-llama", 1_500_000_000)
        )

    def apology(self, language: str | None = None) -> tuple[str, bytes, int]:
        return "Sorry.", tone(440, 0.4, self.mouth.sample_rate).tobytes(), self.mouth.sample_rate

    @property
    def engines(self) -> Engines:
        """Itself, by the type that the plugins ask for."""
        return cast(Engines, self)

    def close(self) -> None:
        for fake in filter(None, (self.ears, self.mind, self.mouth, self.ear, *self.voices.values())):
            fake.desk.lane.close()

    def _loaded(self, name: str, engine: object) -> Future[Any]:
        self.loads.append(name)
        loading: Future[Any] = Future()
        if self.failure is not None:
            loading.set_exception(self.failure)
        else:
            loading.set_result(engine)
        return loading


class LoudnessVad(vad.VAD):
    """Takes for speech what is loud. min_silence: seconds after which speech has ended."""

    def __init__(self, min_silence: float = 0.1) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=WINDOW / SPEECH_RATE))
        self.min_silence = min_silence
        self.failure: Exception | None = None
        self.stuck = False  # it says nothing any more

    def stream(self) -> vad.VADStream:
        return _Stream(self)


class _Stream(vad.VADStream):
    def __init__(self, parent: LoudnessVad) -> None:
        self._parent = parent
        self._position = self._loud = self._quiet = 0
        self._speaking = False
        super().__init__(parent)

    async def _main_task(self) -> None:
        samples = np.zeros(0, np.int16)
        async for item in self._input_ch:
            if self._parent.failure is not None:
                raise self._parent.failure
            if self._parent.stuck or not isinstance(item, rtc.AudioFrame):
                continue
            assert item.sample_rate == SPEECH_RATE
            samples = np.concatenate([samples, np.frombuffer(item.data, np.int16)])
            while len(samples) >= WINDOW:
                self._window(samples[:WINDOW])
                samples = samples[WINDOW:]

    def _window(self, samples: NDArray[np.int16]) -> None:
        loud = bool(np.abs(samples).max() > LOUD * 32768)
        self._position += WINDOW
        self._loud, self._quiet = (self._loud + 1, 0) if loud else (0, self._quiet + 1)
        sound = [rtc.AudioFrame(samples.tobytes(), SPEECH_RATE, 1, len(samples))]
        self._tell(vad.VADEventType.INFERENCE_DONE, 0.97 if loud else 0.01, sound)
        if not self._speaking and self._loud >= 2:
            self._speaking = True
            self._tell(vad.VADEventType.START_OF_SPEECH)
        elif self._speaking and self._quiet * WINDOW / SPEECH_RATE >= self._parent.min_silence:
            self._speaking = False
            self._tell(vad.VADEventType.END_OF_SPEECH)

    def _tell(self, kind: vad.VADEventType, probability: float = 0.0, frames: Sequence[rtc.AudioFrame] = ()) -> None:
        self._event_ch.send_nowait(
            vad.VADEvent(
                kind,
                self._position,
                self._position / SPEECH_RATE,
                self._loud * WINDOW / SPEECH_RATE,
                self._quiet * WINDOW / SPEECH_RATE,
                probability=probability,
                frames=list(frames),
                speaking=self._speaking,
            )
        )


def run(work: Coroutine[Any, Any, T], seconds: float = 3 * GUARD) -> T:
    """The result of `work` on an event loop of its own; a hang is an error."""

    async def guarded() -> T:
        return await asyncio.wait_for(work, seconds)

    with asyncio.Runner(loop_factory=World.loop) as runner:
        return runner.run(guarded())


async def until(true: Callable[[], object], what: str = "what was waited for") -> None:
    """Wait for a condition; AssertionError when it never comes true."""
    deadline = time.monotonic() + GUARD
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen"
        await asyncio.sleep(0.002)
