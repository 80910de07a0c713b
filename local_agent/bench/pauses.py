"""Silences in recordings, as the product meets them: at the end, inside, and made by cutting between two words."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from livekit import rtc
from livekit.agents import vad
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.turns.endpointing import Endpointing
from local_agent.turns.speech import LEAD_OUT, WINDOW, Speech

Kind = Literal["end", "sentence", "clause", "phrase", "cut"]
BEHIND, LONG_BEHIND = 0.6, 2.0  # s of a recording kept behind its speech, and s of its own noise put behind that
LOUDEST_NOISE = 60.0  # int16: more is speech, not the room
CLOSE = 0.15  # s between two words that are spoken as one phrase
QUIET = 0.01  # of the voice's power: a voice at rest, or the closure of a consonant
GRAIN = SPEECH_RATE // 50
MADE = 0.65  # s that a pause made by cutting lasts: between .5 and .8
NEVER = Endpointing(draft_after=0.1, sure=1e9, bare=1e9, unsure=1e9)


@dataclass(frozen=True)
class Word:
    """A word of the whole recording's transcript, with the marks around it. start, end: seconds."""

    text: str
    start: float
    end: float

    @property
    def ends_sentence(self) -> bool:
        return self.text.rstrip("\"'”’ ").endswith((".", "?", "!"))

    @property
    def ends_phrase(self) -> bool:
        return self.ends_sentence or self.text.rstrip("\"'”’ ").endswith((",", ";", ":"))


@dataclass(frozen=True)
class Pause:
    """A silence. kind: the end of a recording; in it after a sentence, after a clause (a comma, a colon), or where no
    mark is; or cut between two words.

    seconds: how long until speech goes on, None at the end. at: seconds into the recording. audio: float32 [samples] at
    16 kHz of the utterance so far, as the product would transcribe it.
    """

    clip: str
    kind: Kind
    seconds: float | None
    at: float
    audio: NDArray[np.float32]


def padded(samples: NDArray[np.int16], speech_end: float) -> NDArray[np.int16]:
    """A recording with as much silence behind its speech as a turn can take: its own, then noise like its own."""
    kept = samples[: int((speech_end + BEHIND) * SPEECH_RATE)]
    return np.concatenate([kept, _noise(kept, LONG_BEHIND).astype(np.int16)])


def met(clip: str, samples: NDArray[np.int16], detector: vad.VAD, words: Sequence[Word], least: float) -> list[Pause]:
    """The end and every pause of `least` seconds or more in int16 [samples] at 16 kHz, if no turn were committed."""
    found = []
    for seconds, at, audio in _pauses(samples, asyncio.run(_windows(detector, samples))):
        if seconds is None or seconds >= least:
            found.append(Pause(clip, _kind(seconds, at, words), seconds, at, audio))
    return found


def cut(clip: str, samples: NDArray[np.int16], words: Sequence[Word], count: int, seed: int) -> list[Pause]:
    """Up to `count` pauses between words that are spoken as one phrase: the recording breaks off where the voice rests
    for a moment between them, and its own noise follows.
    """
    voiced = _power(samples)
    resting = QUIET * float(np.mean(voiced[voiced > voiced.mean()])) if len(voiced) else 0.0
    places = [
        at
        for one, other in itertools.pairwise(words[1:])
        if not one.ends_phrase and other.start - one.end < CLOSE
        if (at := _rest(samples, one.end - CLOSE / 2, other.start + CLOSE / 2, resting)) is not None
    ]
    chosen = sorted(np.random.default_rng(seed).permutation(places)[:count])
    return [_broken(clip, samples, words[0].start, int(at)) for at in chosen]


def _rest(samples: NDArray[np.int16], start: float, end: float, resting: float) -> int | None:
    """Position of the quietest 20 ms between two times in seconds, None when they are not quiet."""
    power = _power(samples[max(0, int(start * SPEECH_RATE)) : int(end * SPEECH_RATE)])
    if not len(power) or power.min() > resting:
        return None
    return max(0, int(start * SPEECH_RATE)) + int(np.argmin(power)) + GRAIN // 2


def _power(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Mean square of every 20 ms."""
    if len(samples) < GRAIN:
        return np.zeros(0)
    return np.convolve(samples.astype(np.float64) ** 2, np.full(GRAIN, 1 / GRAIN), "valid")


def _broken(clip: str, samples: NDArray[np.int16], begin: float, at: int) -> Pause:
    spoken = samples[max(0, int((begin - 0.4) * SPEECH_RATE)) : at].astype(np.float64)
    spoken[-80:] *= np.linspace(1.0, 0.0, len(spoken[-80:]))  # no click
    audio = np.concatenate([spoken, _noise(samples, LEAD_OUT + 0.05)]) / 32768
    return Pause(clip, "cut", MADE, at / SPEECH_RATE, audio.astype(np.float32))


def _noise(samples: NDArray[np.int16], seconds: float) -> NDArray[np.float64]:
    """As loud as the quietest tenth of the recording."""
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320).astype(np.float64)
    level = min(float(np.quantile(np.sqrt((frames**2).mean(axis=1)), 0.1)), LOUDEST_NOISE) if len(frames) else 0.0
    return np.random.default_rng(0).standard_normal(int(seconds * SPEECH_RATE)) * level


def _kind(seconds: float | None, at: float, words: Sequence[Word]) -> Kind:
    if seconds is None:
        return "end"
    before = [word for word in words if (word.start + word.end) / 2 < at + seconds / 2]
    if before and before[-1].ends_phrase:
        return "sentence" if before[-1].ends_sentence else "clause"
    return "phrase"


async def _windows(detector: vad.VAD, samples: NDArray[np.int16]) -> list[vad.VADEvent]:
    stream = detector.stream()
    found: list[vad.VADEvent] = []

    async def collect() -> None:
        async for event in stream:
            found.append(event)

    collecting = asyncio.create_task(collect())
    for at in range(0, len(samples) - WINDOW + 1, WINDOW):
        stream.push_frame(rtc.AudioFrame(samples[at : at + WINDOW].tobytes(), SPEECH_RATE, 1, WINDOW))
    stream.end_input()
    await collecting
    return found


def _pauses(
    samples: NDArray[np.int16], events: Sequence[vad.VADEvent]
) -> list[tuple[float | None, float, NDArray[np.float32]]]:
    """(seconds or None for the last, where it begins, the utterance so far), of each silence that gets a draft."""
    hearing, fed, silence = Speech(NEVER), 0, 0.0
    found: list[tuple[float | None, float, NDArray[np.float32]]] = []
    for event in events:
        if event.type == vad.VADEventType.START_OF_SPEECH:
            hearing.began(event.samples_index, event.speech_duration)
        elif event.type == vad.VADEventType.INFERENCE_DONE:
            hearing.tape.append(samples[fed : event.samples_index])
            fed = event.samples_index
            if hearing.window(event.samples_index, event.probability, event.speaking):
                found[-1] = silence, *found[-1][1:]
                if hearing.draft is not None:
                    hearing.draft.text = "."  # as if it had been written down: a long segment is closed here
                hearing.drop_draft()
            if hearing.draft is not None:
                silence = hearing.silence()  # the longest that was seen before speech went on
        if hearing.wants_draft():
            draft = hearing.begin_draft()
            silence = hearing.silence()
            missing = samples[fed : draft.end + int(LEAD_OUT * SPEECH_RATE)]
            hearing.tape.append(missing)
            fed += len(missing)
            found.append((None, draft.end / SPEECH_RATE, hearing.audio(draft)))
    return found
