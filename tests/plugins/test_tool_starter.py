"""Function tools with the starter weights, in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livekit.agents import Agent, AgentSession
from livekit.agents.llm import function_tool

from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.plugins import llama
from tests.plugins.fakeengines import run

if TYPE_CHECKING:
    from tests.conftest import Starter


class Clerk(Agent):
    """Knows when the office is open."""

    def __init__(self) -> None:
        super().__init__(instructions="You are a helpful voice assistant. Answer in one short sentence.")
        self.asked: list[str] = []

    @function_tool
    async def opening_hours(self, day: str) -> str:
        """Tell when the office is open on a day."""
        self.asked.append(day)
        return f"On {day} the office is open from nine to five."


def test_a_required_function_is_called_and_its_result_is_told(starter: Starter) -> None:
    settings = Settings(models_dir=starter.llama.parent, profile="starter", device="cpu", temperature=0, max_tokens=40)
    engines = Engines(settings, guest=True)

    async def check() -> list[Any]:
        clerk = Clerk()
        async with AgentSession[None](llm=llama.LLM(engines=engines)) as session:
            await session.start(clerk, record=False, session_host=False)
            handle = session.generate_reply(user_input="When are you open on Monday?", tool_choice="required")
            await handle
            assert clerk.asked and all(isinstance(day, str) and day for day in clerk.asked)
            return list(session.history.items)

    try:
        items = run(check())
    finally:
        engines.close()
    assert {"function_call", "function_call_output"} <= {item.type for item in items}
    said = [item.text_content for item in items if item.type == "message" and item.role == "assistant"]
    assert "nine" in said[-1] and "tool_call" not in "".join(said)
