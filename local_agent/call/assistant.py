"""Who a caller talks to: greets, answers, and forgets when asked to."""

from __future__ import annotations

from livekit.agents import Agent, StopResponse
from livekit.agents.llm import ChatContext, ChatMessage

from local_agent.call import forget_command
from local_agent.call.forgetting import Memory
from local_agent.config import phrases, small_model
from local_agent.config.settings import Settings
from local_agent.plugins import merged_turns


def opening(settings: Settings, model: str) -> ChatContext:
    """What a conversation begins with, before anybody has spoken."""
    context = ChatContext.empty()
    for question, answer in small_model.examples(settings, model):
        context.add_message(role="user", content=question)
        context.add_message(role="assistant", content=answer)
    return context


class Assistant(Agent):
    """Greets, then answers. model: name of the language model, for what small ones must be shown. lost: the thread of
    a conversation in this room, of which this one knows nothing.
    """

    def __init__(self, settings: Settings, model: str, *, lost: bool = False) -> None:
        begun = opening(settings, model)
        super().__init__(instructions=phrases.instructions(settings), chat_ctx=begun)
        self._greeting = phrases.interrupted(settings.language) if lost else phrases.greeting(settings)
        self.memory = Memory(self, begun)

    async def on_enter(self) -> None:
        if self._greeting:
            self.session.say(self._greeting)
        await self.memory.prepare()

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        """A request to forget is no message: nothing answers it, and a reply begun ahead is never heard."""
        if (
            asked := forget_command.command(new_message.text_content or "", merged_turns.unfinished(turn_ctx.items))
        ) is not None:
            await self.memory.obey(asked)
            raise StopResponse
