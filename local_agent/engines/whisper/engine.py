"""Speech to text with Whisper, run by CTranslate2. Knows nothing of rooms; callable from any thread."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.tokenizer import _LANGUAGE_CODES, Tokenizer
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE, check
from local_agent.engines.inference_thread import CrossEnginePriority, InferenceThread, Job, SpeculationBudget, Urgency
from local_agent.engines.whisper import energy
from local_agent.engines.whisper.ct2_checkpoint import read
from local_agent.engines.whisper.decoder import Decoding
from local_agent.engines.whisper.decoder_onnx import Decoder, Keep, Rules
from local_agent.engines.whisper.encoder_window import QUICK, Model
from local_agent.engines.whisper.hypothesis import Hypothesis, empty, join, settle, worded
from local_agent.engines.whisper.language import Spoken
from local_agent.engines.whisper.listener import MARGIN, MOST_TOKENS, Asked, Listener
from local_agent.engines.whisper.word_times import Word, shifted
from local_agent.errors import BadInput, EngineError, HardwareError, WeightsMissing

logger = logging.getLogger("local_agent")

FILES = ("model.bin", "config.json", "tokenizer.json")
LONGEST = 28.0  # s that are heard at once, below Whisper's window of 30 s
HALF = 2  # of the tokens that a script may take, what ordinary speech takes
PARTIAL_SHARE = 0.2  # of the engine's time for transcripts in the midst of speech: they may hold up a wanted one
TRIED_RUNS, TRIED_TOKENS = 2, 4  # of each way of decoding, to find the faster one


@dataclass(frozen=True)
class Transcript:
    """What was said in one recording.

    text: "" for silence and noise. language: ISO 639-1. confidence: 0..1, exp of the mean log probability of the
    tokens. no_speech: 0..1, Whisper's own guess that nobody spoke. ending: 0..1, how likely a sentence ends with the
    last word; None when it can't tell. start, end: seconds of sound within the given audio,
    from loudness. audio_s: seconds given; window_s: seconds encoded, all attempts together; compute_s: seconds it took
    on the engine's thread. tokens: as the model wrote it, for a guess at what more of the same audio gives. words: with
    their times in the given audio, where those were asked for.
    """

    text: str
    language: str
    language_probability: float
    confidence: float
    no_speech: float
    start: float
    end: float
    audio_s: float
    window_s: float
    compute_s: float
    attempts: int
    ending: float | None = None
    tokens: tuple[int, ...] = ()
    words: tuple[Word, ...] = ()


class Whisper:
    """One copy of the weights, one thread, any number of callers.

    folder: a CTranslate2 Whisper model with its tokenizer.json. device: "cpu" or "cuda". threads: cores used for one
    transcription. graphs: of the same model's decoder (`engines.whisper.onnx_export`), for a CPU that decodes faster
    with them. keep: files of what these would compute at every start. way: lets other engines step aside while somebody
    waits for a transcript.

    Raises WeightsMissing when a file is not there, HardwareError when the device does not load, EngineError when the
    model does not. Never contacts anything.
    """

    sample_rate = SPEECH_RATE

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "cpu",
        device_index: int = 0,
        compute_type: str = "int8",
        threads: int = 2,
        graphs: tuple[Path, Path] | None = None,
        keep: Keep | None = None,
        way: CrossEnginePriority | None = None,
        lane_capacity: int = 64,
    ) -> None:
        self._model, words = load(Path(folder), device, device_index, compute_type, threads)
        self.multilingual: bool = self._model.is_multilingual
        self._words = words
        self._listener = Listener(self._model, words, device)
        if graphs:
            self._listener.decoding = self._ours(Path(folder), graphs, threads, keep)
        self._way = way
        self._lane = InferenceThread("whisper", lane_capacity)
        self._allowance = SpeculationBudget(PARTIAL_SHARE, "whisper", way, self._lane.waiting)

    def _ours(self, folder: Path, graphs: tuple[Path, Path], threads: int, keep: Keep | None) -> Decoding:
        """Our own decoder, or CTranslate2's where ours does not run."""
        try:
            rules = Rules.of(folder / "config.json", self._words.eot, self._words.no_speech)
            return Decoder(read(folder / FILES[0]), graphs, self._listener.ear, rules, threads=threads, keep=keep)
        except (EngineError, OSError) as error:
            logger.warning("Whisper decodes with CTranslate2, which is slower on most processors: %s", error)
            return self._listener.library

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
    ) -> Job[Transcript]:
        """Write down what is said in `audio`: float32 [samples] at 16 kHz, -1..1, of any length.

        language: ISO 639-1, None to detect it (ignored by English-only weights). before: the language of the call so
        far, which stays unless this audio is surely in another one. guess: tokens of a transcript of the audio's
        beginning: the result is the same, sooner where they are right. vocabulary: words that may occur, spelled as
        they are to be written (`engines.whisper.vocabulary`). times: find out when each word was said, too, which reads
        the text once more. timeout: seconds from now. urgency: SPECULATIVE work gets PARTIAL_SHARE of the engine's time
        and none while urgent work goes on anywhere; else EngineBusy is raised at once. Raises BadInput at once for
        other shapes and types, an unknown language, values that are not finite, or a vocabulary that the decoder can't
        hold.
        """
        check(audio)
        if language is not None and language not in _LANGUAGE_CODES:
            raise BadInput(f"language {language!r} is unknown to Whisper", expected="an ISO 639-1 code such as 'en'")
        context = self._listener.context(vocabulary)
        asked = Asked(language, before, guess, vocabulary, context, urgency is Urgency.NOW, times)
        if urgency is Urgency.SPECULATIVE:
            self._allowance.demand()

        def work(job: Job[Transcript]) -> Transcript:
            urgent = self._way.urgent() if self._way and urgency is Urgency.NOW else nullcontext()
            began = time.monotonic()
            try:
                with urgent:
                    return self._write_down(audio, asked, job)
            finally:
                if urgency is Urgency.SPECULATIVE:
                    self._allowance.spent(time.monotonic() - began)

        return self._lane.submit(work, urgency=urgency, timeout=timeout)

    def warm(self) -> None:
        """Decode a second of quiet noise, so that the first caller does not pay for first uses. Blocks.

        Given graphs, it also decodes a few tokens in both ways, in turn, and keeps the faster one: a processor without
        quick products of 8-bit numbers takes far longer with the graphs than CTranslate2 does.
        """
        noise = np.random.default_rng(0).standard_normal(self.sample_rate).astype(np.float32) * 0.01

        def work(job: Job[Transcript]) -> Transcript:
            self._listener.decoding.prepare()
            if self._listener.decoding is not self._listener.library:
                self._listener.decoding = self._faster(noise, job)
            return self._write_down(noise, Asked(), job)

        self._lane.submit(work).result()

    def _faster(self, noise: NDArray[np.float32], job: Job[Transcript]) -> Decoding:
        """Whichever way takes less time at its best of a few runs, the first of which counts for nothing."""
        listener = self._listener
        heard, task = listener.ear.encode(noise, QUICK.padding), listener.task("en", TRIED_TOKENS, self._words.eot)
        ways, best = (listener.decoding, listener.library), [math.inf, math.inf]
        for run in range(1 + TRIED_RUNS):
            for number, way in enumerate(ways):
                began = time.perf_counter()
                way.decode(heard, QUICK.tail, task, job.check)
                if run:
                    best[number] = min(best[number], time.perf_counter() - began)
        logger.debug("tokens in %.0f ms with graphs, %.0f ms with CTranslate2", *(1000 * seconds for seconds in best))
        return ways[best.index(min(best))]

    def close(self) -> None:
        """Refuse new work, cancel what waits or runs."""
        self._lane.close()

    def _write_down(self, audio: NDArray[np.float32], asked: Asked, job: Job[Transcript]) -> Transcript:
        began, seconds = time.perf_counter(), len(audio) / self.sample_rate
        span = energy.sound(audio)
        if span is None:
            spent = time.perf_counter() - began
            return Transcript("", asked.likely or "en", 0.0, 0.0, 1.0, 0.0, 0.0, seconds, 0.0, spent, 0)
        margin = int(MARGIN * self.sample_rate)
        first, last = max(0, span.start - margin), min(len(audio), span.end + margin)
        whole = join(self._takes(audio[first:last], asked, job))
        return Transcript(
            text=whole.text,
            language=whole.language,
            language_probability=whole.language_probability,
            confidence=math.exp(whole.logprob),
            no_speech=whole.no_speech,
            start=span.start / self.sample_rate,
            end=span.end / self.sample_rate,
            audio_s=seconds,
            window_s=whole.window_s,
            compute_s=time.perf_counter() - began,
            attempts=whole.attempts,
            ending=whole.ending,
            tokens=whole.written,
            words=shifted(
                whole.words, first / self.sample_rate, span.start / self.sample_rate, span.end / self.sample_rate
            ),
        )

    def _takes(self, audio: NDArray[np.float32], asked: Asked, job: Job[Transcript]) -> list[Hypothesis]:
        """One take of each piece that the decoder can hold."""
        takes: list[Hypothesis] = []
        for piece in energy.split(audio, LONGEST if asked.likely is None else self._longest(asked.likely)):
            heard = audio[piece.start : piece.end]
            take = self._listener.listen(heard, asked, job.check)
            asked = replace(asked, guess=())
            if not take.finished and len(heard) > self._longest(take.language) * self.sample_rate:
                parts = self._takes(heard, replace(asked, language=take.language), job)
                takes += [replace(part, words=shifted(part.words, piece.start / self.sample_rate)) for part in parts]
                continue
            doubted = asked.twice and empty(take) and worded(take)
            again = self._listener.listen_again(heard, take, asked, job.check) if doubted else None
            take = again or settle(take)
            if asked.times and take.text:
                found = self._listener.times(heard, take, job.check)
                take = replace(take, words=shifted(found, piece.start / self.sample_rate))
            asked = replace(asked, language=take.language if take.text else asked.language)
            takes.append(take)
        return takes

    def _longest(self, language: str) -> float:
        """Seconds of speech whose tokens the decoder can hold."""
        return min(LONGEST, HALF * MOST_TOKENS / self._listener.rate(language))


def load(folder: Path, device: str, index: int, compute_type: str, threads: int) -> tuple[Model, Tokenizer]:
    """The model and its tokenizer from local files alone."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise WeightsMissing(
            f"{folder} has no {', '.join(missing)}",
            expected="a CTranslate2 Whisper model with its tokenizer",
            fix="python -m local_agent download",
        )
    try:
        model = ctranslate2.models.Whisper(
            str(folder), device=device, device_index=index, compute_type=compute_type, intra_threads=threads
        )
    except (RuntimeError, ValueError) as error:
        if device != "cpu":
            raise HardwareError(
                f"Whisper does not load on {device}: {error}",
                expected="a device that CTranslate2 can use",
                fix="use --device cpu, or install the CUDA runtime",
            ) from error
        raise EngineError(
            f"CTranslate2 cannot load {folder}: {error}",
            expected=f"a Whisper model that runs as {compute_type}",
            fix="python -m local_agent download, or another compute type",
        ) from error
    vocabulary = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    return model, Tokenizer(vocabulary, model.is_multilingual, task="transcribe", language="en")
