"""Who a caller talks to: greets, answers, and forgets when asked to."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterable, Callable, Sequence

from livekit.agents import Agent, FlushSentinel, ModelSettings, StopResponse
from livekit.agents.llm import ChatChunk, ChatContext, ChatMessage, Tool, find_function_tools
from livekit.agents.utils import is_given

from local_agent.call import forget_command
from local_agent.call.forgetting import Memory
from local_agent.call.tools import limits, timers
from local_agent.call.tools.about import About
from local_agent.call.tools.toolkit import NAMES, Toolkit, here
from local_agent.config import phrases, prompt, small_model
from local_agent.config.settings import INSTRUCTIONS, Settings
from local_agent.plugins import merged_turns

PATIENCE = 20.0  # s that a timer which is over waits for the caller to pause
LOOK = 0.2  # s between two looks at whether somebody speaks


def opening(settings: Settings, model: str) -> ChatContext:
    """What a conversation begins with, before anybody has spoken."""
    context = ChatContext.empty()
    for question, answer in small_model.examples(settings, model):
        context.add_message(role="user", content=question)
        context.add_message(role="assistant", content=answer)
    return context


class Assistant(Agent):
    """Greets, then answers. known: which models work for it. lost: the thread of a conversation in this room, of which
    this one knows nothing. now: with its time zone.
    """

    def __init__(
        self, settings: Settings, known: About, *, lost: bool = False, now: Callable[[], dt.datetime] = here
    ) -> None:
        begun = opening(settings, known.llm.name)
        self._shown = {item.id for item in begun.items}  # somebody else's conversation: nothing that this caller told
        # Functions of a class that builds on this one are somebody's own, too.
        own = {tool.id for tool in find_function_tools(type(self))}
        self._settings, self._known, self._now, self._offered = settings, known, now, bool(own)
        self._timers, self.language = timers.Timers(self._ring, settings.language), settings.language
        self._note, self._noted = "", set[str]()  # what the next reply is said behind, and in which languages it was
        self._telling: asyncio.Task[None] | None = None
        self._toolkit = (
            Toolkit(settings.name, known, self._timers, language=settings.language, now=now) if settings.tools else None
        )
        super().__init__(
            instructions=self._instructed(settings.language),
            chat_ctx=begun,
            tools=[tool for tool in (self._toolkit.functions if self._toolkit else ()) if tool.id not in own],
        )
        self._greeting = phrases.interrupted(settings.language) if lost else phrases.greeting(settings)
        self.memory = Memory(self, begun)
        self.memory.timers, self.memory.language = self._timers, settings.language
        self._untold = frozenset() if small_model.calls(known.llm) else NAMES - own
        if self._toolkit is not None:
            self._toolkit.leave(own)

    async def offer(self, tools: Sequence[Tool]) -> None:
        """Offer somebody's own functions, which the model calls; ours of the same names give way to them."""
        taken = {tool.id for tool in tools}
        own = {tool.id for tool in find_function_tools(type(self))}
        if self._toolkit is not None:
            self._toolkit.leave(taken | own)
        self._untold -= taken
        self._offered = bool(taken | own)
        await self.update_tools([*(tool for tool in self.tools if tool.id not in taken), *tools])
        await self.update_instructions(self._instructed(self.language))

    async def on_enter(self) -> None:
        self.session.on("close", lambda _: self._timers.forget())
        if self.memory.llm is not None:
            self.memory.llm.untold = self._untold
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
        if self._note:
            self.session.say(self._note, add_to_chat_ctx=False)
            self._note = ""

    def speak(self, language: str, *, voiced: bool) -> None:
        """Go on in a language, ISO 639-1. voiced: a voice speaks it; else that is told once, before the next answer."""
        self.language = self.memory.language = self._timers.language = language
        if self._toolkit is not None:
            self._toolkit.language = language
        self._telling = asyncio.create_task(self.update_instructions(self._instructed(language)))
        if not voiced and language not in self._noted:
            self._note = phrases.no_voice(language)
            self._noted.add(language)

    async def follow(self, instructions: str) -> None:
        """Other instructions from the next reply on."""
        self._settings = self._settings.model_copy(update={"instructions": instructions})
        await self.update_instructions(self._instructed(self.language))
        await self.memory.prepare()

    def _instructed(self, language: str) -> str:
        spoken = self._settings.model_copy(update={"language": language})
        return prompt.instructions(spoken, self._known.llm, self._now(), offered=self._offered)

    async def llm_node(
        self, chat_ctx: ChatContext, tools: list[Tool], model_settings: ModelSettings
    ) -> AsyncIterable[ChatChunk | str | FlushSentinel]:
        """Plain words that ask for a function of ours are a call of it, and its result is said as it is: no language
        model is asked (docs/decisions/tools.md).
        """
        ready = self._ready(chat_ctx, model_settings)
        if ready is not None:
            yield ready
            return
        async for chunk in Agent.default.llm_node(self, chat_ctx, tools, model_settings):
            yield chunk

    def _ready(self, chat_ctx: ChatContext, model_settings: ModelSettings) -> ChatChunk | str | None:
        choice = model_settings.tool_choice if is_given(model_settings.tool_choice) else "auto"
        if self._toolkit is None or choice not in ("auto", "none"):
            return None
        ready = self._toolkit.result(chat_ctx) or (self._toolkit.request(chat_ctx) if choice == "auto" else None)
        return ready or self._refused(chat_ctx)

    def _refused(self, chat_ctx: ChatContext) -> str | None:
        """What to say to what nobody here can do or know; None where somebody may have seen to that."""
        settings = self._settings
        ours = settings.aware and settings.instructions == INSTRUCTIONS and not self._offered
        items = merged_turns.resumed(chat_ctx).items if ours else []
        if not items or not isinstance(last := items[-1], ChatMessage) or last.role != "user":
            return None
        said = [
            item.text_content or ""
            for item in items
            if isinstance(item, ChatMessage) and item.role == "user" and item.id not in self._shown
        ]
        return limits.answer(said[-1], language=self.language, earlier=said[:-1])

    async def _ring(self, seconds: int) -> None:
        """Say that a timer is over as soon as nobody speaks."""
        session, waited = self.session, 0.0
        # What is waited for is two states at once, and whoever talks without end is told all the same.
        while waited < PATIENCE and (session.user_state == "speaking" or session.agent_state != "listening"):
            await asyncio.sleep(LOOK)
            waited += LOOK
        session.say(self._timers.over(seconds))
