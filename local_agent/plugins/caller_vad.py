"""Voice activity for a session: that of the caller, not of other voices around them.

A session holds a reply back while its detector hears speech. Beside a crowd that would be for ever.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
from livekit import rtc
from livekit.agents import utils, vad

from local_agent.turns.foreground import OVER, STEP, Foreground, level


class CallerVad(vad.VAD):
    """detector: what finds speech; its windows of 32 ms come with their sound. Where nobody else is to be heard, all
    that it tells is passed on as it is.
    """

    def __init__(self, detector: vad.VAD) -> None:
        super().__init__(capabilities=detector.capabilities)
        self.detector = detector

    @property
    def model(self) -> str:
        return self.detector.model

    @property
    def provider(self) -> str:
        return self.detector.provider

    def stream(self) -> vad.VADStream:
        return _Stream(self)


class _Stream(vad.VADStream):
    def __init__(self, parent: CallerVad) -> None:
        self._detector = parent.detector
        self._foreground = Foreground()
        self._found = self._told = False  # that somebody speaks
        super().__init__(parent)

    async def _main_task(self) -> None:
        inner = self._detector.stream()
        feeding = asyncio.create_task(self._feed(inner))
        try:
            async for event in inner:
                self._pass_on(event)
        finally:
            await utils.aio.cancel_and_wait(feeding)
            await inner.aclose()

    async def _feed(self, inner: vad.VADStream) -> None:
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                inner.push_frame(item)
            else:
                inner.flush()
                self._found = self._told = False
        inner.end_input()

    def _pass_on(self, event: vad.VADEvent) -> None:
        voices = self._foreground.voices
        if event.type == vad.VADEventType.INFERENCE_DONE:
            self._on_window(event)
        elif event.type == vad.VADEventType.START_OF_SPEECH:
            self._found = True
            if not voices and not self._told:
                self._told = True
                self._event_ch.send_nowait(event)
        elif self._told:
            self._found = self._told = False
            self._event_ch.send_nowait(event)
        else:
            self._found = False

    def _on_window(self, event: vad.VADEvent) -> None:
        foreground = self._foreground
        sound = [np.frombuffer(frame.data, np.int16).astype(np.float32) / 32768.0 for frame in event.frames]
        probability = foreground.window(level(np.concatenate(sound)) if sound else 0.0, event.probability)
        if not foreground.voices and self._found == self._told:
            self._event_ch.send_nowait(event)
            return
        speaking = self._found and (foreground.speaking or not foreground.voices)
        silence, speech = (0.0, event.raw_accumulated_speech) if speaking else (OVER * STEP, 0.0)
        heard = replace(event, probability=probability, speaking=speaking, silence_duration=silence)
        self._event_ch.send_nowait(replace(heard, raw_accumulated_silence=silence, raw_accumulated_speech=speech))
        if speaking != self._told:
            self._told = speaking
            kind = vad.VADEventType.START_OF_SPEECH if speaking else vad.VADEventType.END_OF_SPEECH
            self._event_ch.send_nowait(
                replace(heard, type=kind, speech_duration=foreground.lead if speaking else event.speech_duration)
            )
