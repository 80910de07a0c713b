"""Piper: text in, speech out, clause by clause, on a lane of its own."""

from __future__ import annotations

import difflib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
from piper.config import SynthesisConfig

from local_agent.config.settings import FASTEST, SLOWEST
from local_agent.engines.inference_thread import CrossEnginePriority, InferenceThread, Job, Right, Urgency
from local_agent.engines.piper.pauses import (
    PAUSES,
    SPEECH_LEVEL,
    Audio,
    level,
    pause_after,
    pcm,
    shortened,
    silence,
    soften,
    tighten,
    trim,
)
from local_agent.engines.piper.voice import Voice
from local_agent.engines.text.clauses import FIRST_WORDS, ClauseCutter
from local_agent.engines.text.normalize import speakable, unreadable
from local_agent.errors import BadInput

logger = logging.getLogger("local_agent")

UNSPEAKABLE = 0.1  # seconds of zeros for text that holds nothing to speak: LiveKit takes no audio at all for a failure
# Phonemes in one run of the model, about 17 s of speech: memory grows with them, and nobody else is served meanwhile.
LONGEST_RUN = 240
# Digits are read aloud in every language espeak-ng knows, so one text measures the level of any voice.
MEASURED_TEXT = "1, 2, 3, 4, 5."
LOUDEST_GAIN = 8.0


@dataclass(frozen=True)
class Spoken:
    """What became of one text. Times in seconds.

    text: what was spoken, after markdown, symbols and abbreviations were put into words. seconds: length of the audio,
    pauses included. clauses: in how many pieces. queued_s: from submission until the lane took it up. first_audio_s:
    from submission until the first audio was handed over. compute_s: time in the phonemiser and the model.
    """

    text: str
    seconds: float
    clauses: int
    queued_s: float
    first_audio_s: float
    compute_s: float


@dataclass
class _Tally:
    """Running sums of one job."""

    samples: int = 0
    clauses: int = 0
    first_audio: float | None = None
    compute: float = 0.0
    spoken: list[str] = field(default_factory=list)


class Piper:
    """One voice, shared by all rooms. Thread-safe; every native call runs on the engine's own thread.

    path: the voice's .onnx file. config: its .json, by default the same name with ".json" added. halves: the voice cut
    in two (`engines.piper.split_model`), of which the beginning is heard sooner. device: "cpu" or "cuda". threads: of
    the model, never spinning. way: the right of way shared with the other engines. lane_capacity: texts that may wait.
    Raises WeightsMissing, WeightsCorrupt, WeightsError (a voice whose phonemiser would have to download something) or
    HardwareError (no CUDA).
    """

    def __init__(
        self,
        path: Path,
        *,
        config: Path | None = None,
        halves: tuple[Path, Path] | None = None,
        device: str = "cpu",
        threads: int = 2,
        way: CrossEnginePriority | None = None,
        lane_capacity: int = 64,
    ) -> None:
        path = path.expanduser().resolve()
        config = (config or path.with_name(path.name + ".json")).expanduser().resolve()
        self._voice = Voice(path, config, device=device, threads=threads, halves=halves)
        settings, self.language = self._voice.config, self._voice.language
        self._way = way or CrossEnginePriority()
        self._lane = InferenceThread("speech", lane_capacity)
        self._gain: float | None = None
        self._warned = False  # of letters that this voice can't read
        self.sample_rate: int = settings.sample_rate
        self.speakers: Mapping[str, int] = MappingProxyType(dict(settings.speaker_id_map))

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
    ) -> Job[Spoken]:
        """Speak `text`; a job to wait for or to cancel.

        on_audio: called on the engine's thread with int16 mono little-endian PCM at `sample_rate`, once a clause and up
        to three times for the first; must not block. speed: 0.5 (slow) to 2.0 (fast). speaker: name or id, for voices
        with several. urgency: WANTED also cuts a short first clause and gives it right of way. soon: the beginning of
        the first clause is handed over before its end is made, as with WANTED. timeout: seconds until the first audio,
        and from one clause to the next. Text without anything to speak gives 0.1 s of zeros. Raises BadInput (speed,
        speaker), EngineBusy, EngineClosed; the job raises EngineCancelled or EngineTimeout between two pieces.
        """
        scale = self._length_scale(speed)
        options = SynthesisConfig(speaker_id=self._speaker_id(speaker), length_scale=scale, normalize_audio=False)
        work = partial(self._speak, text, on_audio, options, urgency, soon, timeout)
        return self._lane.submit(work, urgency=urgency, timeout=timeout)

    def warm(self) -> None:
        """Run the model once, measuring the voice's level, so that the first caller doesn't wait for it."""
        self._lane.submit(lambda job: self._level_gain()).result()

    def close(self) -> None:
        """Cancel what runs and waits, and end the thread."""
        self._lane.close()

    def _speak(
        self,
        text: str,
        on_audio: Callable[[bytes], None],
        options: SynthesisConfig,
        urgency: Urgency,
        soon: bool,
        timeout: float | None,
        job: Job[Spoken],
    ) -> Spoken:
        tally = _Tally()
        wanted = urgency is Urgency.NOW
        for clause in self._clauses(text, wanted):
            first = tally.first_audio is None
            early = first and (wanted or soon)
            if not first:
                self._way.yield_to_urgent()
            with self._way.urgent(Right.VOICE) if first and wanted else nullcontext():
                self._speak_clause(clause, options, early, tally, on_audio, job)
            if tally.first_audio is not None and timeout is not None:
                job.deadline = time.monotonic() + timeout
        if tally.first_audio is None:
            job.check()
            _hand_over(tally, silence(UNSPEAKABLE, self.sample_rate), on_audio)
            tally.clauses += 1
        return self._report(tally, job)

    def _speak_clause(
        self,
        clause: str,
        options: SynthesisConfig,
        early: bool,
        tally: _Tally,
        on_audio: Callable[[bytes], None],
        job: Job[Spoken],
    ) -> None:
        job.check()
        began, sounded = time.monotonic(), False
        for audio in self._render(clause, options, early):
            tally.compute += time.monotonic() - began
            job.check()
            _hand_over(tally, audio, on_audio)
            began, sounded = time.monotonic(), True
        if sounded:
            tally.clauses += 1
            tally.spoken.append(clause)

    def _report(self, tally: _Tally, job: Job[Spoken]) -> Spoken:
        return Spoken(
            text="".join(tally.spoken).strip(),
            seconds=tally.samples / self.sample_rate,
            clauses=tally.clauses,
            queued_s=(job.started or job.submitted) - job.submitted,
            first_audio_s=(tally.first_audio or job.submitted) - job.submitted,
            compute_s=tally.compute,
        )

    def _clauses(self, text: str, wanted: bool) -> Iterator[str]:
        """Clauses of the speakable text, the first one short when somebody waits for it."""
        spoken = speakable(text, self.language)
        if not self._warned and unreadable(text, self.language):
            self._warned = True
            logger.warning(
                "a text holds letters that the voice (%s) can't read, and they are left out; expected a text in its "
                "script; fix: choose a voice of the text's language. This is told once",
                self.language,
            )
        tail = text[len(text.rstrip()) :]
        cutter = ClauseCutter(first_words=FIRST_WORDS if wanted else 0, language=self.language)
        yield from cutter.push(spoken + tail if spoken else "")
        yield from cutter.flush()

    def _render(self, clause: str, options: SynthesisConfig, early: bool) -> Iterator[Audio]:
        """The clause at the common level in pieces of float32 [samples], its pause behind the last; none if soundless.

        early: the first piece is short.
        """
        known = self._voice.config.phoneme_id_map
        runs = [run for phonemes in self._voice.phonemize(clause) for run in _runs(phonemes, known)]
        held: list[Audio] = []
        for number, run in enumerate(runs, 1):
            pause = pause_after(clause) if number == len(runs) else pause_after("".join(run))
            begun, faint = False, 0.0
            for raw, last in self._voice.speak(run, options, early=early):
                audio = trim(raw * np.float32(self._level_gain()), self.sample_rate, start=not begun, end=last)
                begun = begun or len(audio) > 0
                audio, faint = tighten(audio, self.sample_rate, faint, end=last)
                if begun:
                    held += [soften(audio), silence(shortened(pause, faint) if last else 0.0, self.sample_rate)]
                if held and early:
                    yield np.concatenate(held)
                    held, early = [], not last  # the rest of a long sentence plays behind the first piece
        if held:
            yield np.concatenate(held)

    def _level_gain(self) -> float:
        """The factor that brings this voice to SPEECH_LEVEL; measured once, on the lane."""
        if self._gain is None:
            known = self._voice.config.phoneme_id_map
            runs = [run for phonemes in self._voice.phonemize(MEASURED_TEXT) for run in _runs(phonemes, known)]
            spoken = [audio for run in runs for audio, _ in self._voice.speak(run, SynthesisConfig(), early=False)]
            audio = np.concatenate(spoken or [silence(0, self.sample_rate)])
            found = level(audio, self.sample_rate)
            self._gain = 1.0 if found <= -100 else min(LOUDEST_GAIN, float(10 ** ((SPEECH_LEVEL - found) / 20)))
        return self._gain

    def _length_scale(self, speed: float) -> float:
        if not SLOWEST <= speed <= FASTEST:
            raise BadInput(
                f"speed {speed} is out of range", expected=f"{SLOWEST} to {FASTEST}", fix="1.0 is the voice's own speed"
            )
        return float(self._voice.config.length_scale / speed)

    def _speaker_id(self, speaker: str | int | None) -> int | None:
        if speaker is None:
            return None
        count = max(1, self._voice.config.num_speakers)
        if isinstance(speaker, int) and 0 <= speaker < count:
            return speaker
        if isinstance(speaker, str) and speaker in self.speakers:
            return self.speakers[speaker]
        names = list(self.speakers)
        near = difflib.get_close_matches(str(speaker), names, n=1, cutoff=0.0)
        expected = f"one of {len(names)} names, the nearest is {near[0]!r}" if near else "no name: the voice has none"
        raise BadInput(
            f"the voice has no speaker {speaker!r}",
            expected=f"{expected}, or an id from 0 to {count - 1}",
            fix="leave speaker unset",
        )


def _hand_over(tally: _Tally, audio: Audio, on_audio: Callable[[bytes], None]) -> None:
    if tally.first_audio is None:
        tally.first_audio = time.monotonic()
    tally.samples += len(audio)
    on_audio(pcm(audio))


def _runs(phonemes: Sequence[str], known: Mapping[str, Sequence[int]]) -> list[list[str]]:
    """Phonemes that the voice knows, in runs short enough for the model, broken between words if possible."""
    left = [phoneme for phoneme in phonemes if phoneme in known]
    runs = []
    while len(left) > LONGEST_RUN:
        places = range(LONGEST_RUN // 2, LONGEST_RUN)
        spaces = [at for at in places if left[at] == " "]
        marks = [at for at in spaces if left[at - 1] in PAUSES]
        end = (marks or spaces or [LONGEST_RUN - 1])[-1] + 1
        runs.append(left[:end])
        left = left[end:]
    return [run for run in [*runs, left] if any(phoneme.isalnum() for phoneme in run)]
