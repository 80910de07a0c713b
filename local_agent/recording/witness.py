"""The assistant of a call that may be recorded: it asks first, records what both say from the yes on, and shows it."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from livekit import rtc
from livekit.agents import Agent, JobContext, ModelSettings, StopResponse, stt
from livekit.agents.llm import ChatContext, ChatMessage

from local_agent.agent import Assistant
from local_agent.recording import consent, opening, recorder
from local_agent.recording.recorder import Recorder
from local_agent.settings import Settings

SHOWN = "local_agent.recording"  # attribute of the agent, "on" while a recording runs


class Witness(Assistant):
    """Nothing is kept before the caller said yes to a question that they heard to its end."""

    def __init__(self, settings: Settings, model: str, recording: Recorder) -> None:
        super().__init__(settings, model)
        self.recorder = recording
        self.memory.recorded = recording.forget

    async def on_enter(self) -> None:
        recorder.attach(self.recorder, self.session)
        await super().on_enter()
        question = self.session.say(consent.QUESTION, add_to_chat_ctx=False, allow_interruptions=False)
        question.add_done_callback(lambda _: self.recorder.ask())

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        if (said := await self.recorder.reply(new_message.text_content or "")) is not None:
            await self.session.interrupt(force=True)  # a reply to it was begun ahead
            self.session.say(said, add_to_chat_ctx=False)
            raise StopResponse
        await super().on_user_turn_completed(turn_ctx, new_message)

    def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterable[stt.SpeechEvent | str]:
        return Agent.default.stt_node(self, self._overheard(audio), model_settings)

    async def _overheard(self, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
        async for frame in audio:
            self.recorder.heard(frame)
            yield frame


def witness(settings: Settings, model: str, ctx: JobContext) -> Witness:
    """For one room. Raises ConfigError for a folder or a key that can't be used."""
    assert settings.record is not None
    recording = Recorder(settings.record, recorder.demand(settings.record, opening.key_file(settings)))

    async def announce(runs: bool) -> None:
        if ctx.room.isconnected():
            await ctx.room.local_participant.set_attributes({SHOWN: "on" if runs else ""})

    recording.announce = announce
    ctx.add_shutdown_callback(recording.end)
    return Witness(settings, model, recording)
