"""The assistant of a call that may be recorded: it asks first, records what both say from the yes on, and shows it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator

from livekit import rtc
from livekit.agents import Agent, JobContext, ModelSettings, StopResponse, stt
from livekit.agents.llm import ChatContext, ChatMessage

from local_agent.call.assistant import Assistant
from local_agent.call.empty_rooms import people
from local_agent.call.tools.about import About
from local_agent.config.settings import Settings
from local_agent.errors import ConfigError
from local_agent.recording import decrypt, recorder
from local_agent.recording.recorder import Recorder

logger = logging.getLogger("local_agent")

SHOWN = "local_agent.recording"  # attribute of the agent: recorder.ON, OFF or FAILED


class RecordingAssistant(Assistant):
    """Nothing is kept before the caller said yes to a question that they heard to its end."""

    def __init__(self, settings: Settings, known: About, recording: Recorder, *, lost: bool = False) -> None:
        super().__init__(settings, known, lost=lost)
        self.recorder = recording
        self.memory.recorded = recording.forget

    async def on_enter(self) -> None:
        recorder.attach(self.recorder, self.session)
        self.recorder.say = self._tell
        await super().on_enter()
        if not self.recorder.may_ask:
            return
        question = self.session.say(self.recorder.words.question, add_to_chat_ctx=False, allow_interruptions=False)
        question.add_done_callback(lambda _: self.recorder.ask())

    def speak(self, language: str, *, voiced: bool) -> None:
        super().speak(language, voiced=voiced)
        self.recorder.language = language

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        if (said := await self.recorder.reply(new_message.text_content or "")) is not None:
            await self.session.interrupt(force=True)  # a reply to it was begun ahead
            self.session.say(said, add_to_chat_ctx=False)
            raise StopResponse
        await super().on_user_turn_completed(turn_ctx, new_message)

    def _tell(self, words: str) -> None:
        self.session.say(words, add_to_chat_ctx=False)

    def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterable[stt.SpeechEvent | str]:
        return Agent.default.stt_node(self, self._overheard(audio), model_settings)

    async def _overheard(self, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
        async for frame in audio:
            self.recorder.heard(frame)
            yield frame


def witness(settings: Settings, known: About, ctx: JobContext, *, lost: bool = False) -> Assistant:
    """For one room. Where folder or key can't be used any more, nobody is asked and the call goes on unrecorded."""
    assert settings.record is not None
    try:
        key = recorder.demand(settings.record, decrypt.key_file(settings))
    except ConfigError as error:
        logger.error("this call is not recorded: %s", error)
        return Assistant(settings, known, lost=lost)
    recording = Recorder(settings.record, key, settings.language)

    async def announce(state: str) -> None:
        if ctx.room.isconnected():
            await ctx.room.local_participant.set_attributes({SHOWN: state})

    async def end() -> None:
        await recording.end()

    recording.announce = announce
    recording.company = lambda: frozenset(one.identity for one in people(ctx.room))
    ctx.room.on("participant_connected", lambda _: recording.joined())
    ctx.add_shutdown_callback(end)
    return RecordingAssistant(settings, known, recording, lost=lost)
