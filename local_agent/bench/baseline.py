"""The honest simple stack to compare with: the same weights on the same machine, put together as one would at first.

livekit-agents with its own defaults for voice activity and endpointing; faster-whisper once the caller is silent, with
its 30 s window and a beam of 5; llama-cpp-python's chat completion, streamed; Piper, sentence by sentence; nothing
ahead of time. Prompt, examples, sampling and greeting are ours, so that only the way of working differs. Runs in a
process of its own (rival.py).
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import numpy as np
from faster_whisper import WhisperModel
from livekit import rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    NotGivenOr,
    llm,
    stt,
    tts,
    utils,
)
from llama_cpp import Llama
from piper import PiperVoice

from local_agent.audio.local_io import resampled
from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench.baseline_recipe import Recipe
from local_agent.plugins.errors import api_errors
from local_agent.turns.timeline import Mark

BEAM = 5  # faster-whisper's own default


class Engines:
    """The three models, each with a thread of its own; callers of one engine wait in line."""

    def __init__(self, recipe: Recipe, listener: Callable[[Mark], object]) -> None:
        self.recipe, self._listener = recipe, listener
        self.whisper = WhisperModel(
            recipe.whisper,
            device=recipe.device,
            compute_type=recipe.compute_type,
            cpu_threads=recipe.threads,
            local_files_only=True,
        )
        self.llama = Llama(
            recipe.llama,
            n_ctx=recipe.context,
            n_threads=recipe.threads,
            n_gpu_layers=recipe.gpu_layers,
            verbose=False,
        )
        self.piper = PiperVoice.load(recipe.piper)
        self.hearing, self.thinking, self.speaking = (ThreadPoolExecutor(1) for _ in range(3))

    def warm(self) -> None:
        """Run each once, the prompt included, so that the first caller does not wait for it."""
        self.transcribe(np.zeros(SPEECH_RATE, np.float32))
        opening = [{"role": "system", "content": self.recipe.instructions}]
        opening += [{"role": role, "content": text} for role, text in self.recipe.opening]
        list(self.complete([*opening, {"role": "user", "content": "Hello."}], threading.Event()))
        b"".join(self.speak("Hello."))

    def mark(self, name: str) -> None:
        self._listener(Mark(name, time.monotonic()))

    def transcribe(self, audio: np.ndarray[Any, Any]) -> str:
        """float32 [samples] at 16 kHz to words."""
        self.mark("silence")
        language = None if self.recipe.language == "auto" else self.recipe.language
        segments, _ = self.whisper.transcribe(audio, language=language, beam_size=BEAM)
        text = "".join(segment.text for segment in segments).strip()
        self.mark("transcript")
        return text

    def complete(self, messages: list[dict[str, Any]], stopped: threading.Event) -> Iterator[str]:
        """The reply, piece by piece."""
        self.mark("asked")
        first = True
        chunks: Any = self.llama.create_chat_completion(cast(Any, messages), stream=True, **self.recipe.sampling)
        for chunk in chunks:
            if stopped.is_set():
                return
            if piece := chunk["choices"][0]["delta"].get("content"):
                if first:
                    self.mark("token")
                first = False
                yield piece

    def speak(self, text: str) -> Iterator[bytes]:
        """int16 mono PCM, a sentence at a time."""
        self.mark("clause")
        for chunk in self.piper.synthesize(text):
            self.mark("voice")
            yield chunk.audio_int16_bytes


class STT(stt.STT[Any]):
    """Not streaming: the session gives it what its voice activity detector cut out, once it is over."""

    def __init__(self, engines: Engines) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._engines = engines

    async def _recognize_impl(
        self, buffer: utils.AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        frame = rtc.combine_audio_frames(buffer)
        audio = (
            resampled(np.frombuffer(frame.data, np.int16), frame.sample_rate, SPEECH_RATE).astype(np.float32) / 32768
        )
        loop = asyncio.get_running_loop()
        with api_errors("speech to text"):
            text = await loop.run_in_executor(self._engines.hearing, self._engines.transcribe, audio)
        spoken = "en" if self._engines.recipe.language == "auto" else self._engines.recipe.language
        data = stt.SpeechData(language=spoken, text=text)  # type: ignore[arg-type]  # SpeechData turns it into a code
        return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, uuid.uuid4().hex, [data])


class LLM(llm.LLM[Any]):
    """llama-cpp-python's chat completion."""

    def __init__(self, engines: Engines) -> None:
        super().__init__()
        self.engines = engines

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> Reply:
        return Reply(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class Reply(llm.LLMStream):
    """One answer, streamed."""

    async def _run(self) -> None:
        assert isinstance(self._llm, LLM)
        engines, loop = self._llm.engines, asyncio.get_running_loop()
        messages, _ = self._chat_ctx.to_provider_format("openai")
        stopped = threading.Event()

        def work() -> None:
            for piece in engines.complete(messages, stopped):
                chunk = llm.ChatChunk(id="naive", delta=llm.ChoiceDelta(role="assistant", content=piece))
                loop.call_soon_threadsafe(send, chunk)

        def send(chunk: llm.ChatChunk) -> None:
            if not self._event_ch.closed:
                self._event_ch.send_nowait(chunk)

        try:
            with api_errors("language model"):
                await loop.run_in_executor(engines.thinking, work)
                await asyncio.sleep(0)  # the last pieces are behind us in the loop's queue
        finally:
            stopped.set()


class TTS(tts.TTS[Any]):
    """Not streaming: the session gives it whole sentences."""

    def __init__(self, engines: Engines) -> None:
        rate = int(engines.piper.config.sample_rate)
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=rate, num_channels=1)
        self.engines = engines

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Sentence:
        return Sentence(tts=self, input_text=text, conn_options=conn_options)


class Sentence(tts.ChunkedStream):
    """One sentence."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        assert isinstance(self._tts, TTS)
        engines, loop = self._tts.engines, asyncio.get_running_loop()
        output_emitter.initialize(
            request_id=uuid.uuid4().hex, sample_rate=self._tts.sample_rate, num_channels=1, mime_type="audio/pcm"
        )
        with api_errors("text to speech"):
            speech = await loop.run_in_executor(engines.speaking, lambda: b"".join(engines.speak(self._input_text)))
        output_emitter.push(speech or bytes(self._tts.sample_rate // 5))
        output_emitter.flush()
