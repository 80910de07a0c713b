"""A long conversation held as calls hold it, shortened between turns: its first token beside that of an empty one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from livekit.agents import APIConnectOptions
from livekit.agents.llm import ChatContext

from local_agent.plugins.llama import LLM

TOKENS = 2000
SAID = "Tell me more about the river, the old town and the harbour, please."
ANSWER = "Well, the river runs through the old town and ends in the harbour."
_ONCE = APIConnectOptions(max_retry=0, retry_interval=0.0, timeout=60.0)


@dataclass(frozen=True)
class Span:
    """said: tokens of the conversation. kept: how many of them the model still sees. empty_s, long_s: medians of the
    time to the first token of a new question, with all before it in the cache. ratio: median over the pairs.
    """

    said: int
    kept: int
    empty_s: float
    long_s: float
    ratio: float

    def __str__(self) -> str:
        return (
            f"{self.said} tokens of conversation, of which the model still sees {self.kept}: first token after "
            f"{self.long_s * 1000:.0f} ms, {self.ratio:.2f} times the {self.empty_s * 1000:.0f} ms of an empty one"
        )


async def compare(make: Callable[[], LLM], opening: ChatContext, *, rounds: int, tokens: int = TOKENS) -> Span:
    """make: a language model of its own for each conversation. opening: what every conversation begins with.

    Raises what `LLM.chat` raises.
    """
    empty, long, talk = make(), make(), opening.copy()
    engine = await long.engine()
    said = engine.count(_messages(talk))
    try:
        while said < tokens:
            talk.add_message(role="user", content=SAID)
            talk.add_message(role="assistant", content=ANSWER)
            said = engine.count(_messages(talk))
            await long.settle(talk)
        pairs = []
        for turn in range(rounds + 1):  # the first one reads what is not in the cache yet
            question = f"How many people live in town number {turn}, and who was the first mayor there?"
            waits = {}
            for model, context in ((empty, opening), (long, talk))[:: 1 if turn % 2 else -1]:
                waits[model] = await _first_token(model, context, question)
            pairs.append((waits[empty], waits[long]))
    finally:
        await empty.aclose()
        await long.aclose()
    short, late = zip(*pairs[1:], strict=True)
    ratio = statistics.median(waited / alone for alone, waited in pairs[1:])
    kept = engine.count(_messages(long.history.shown(talk)))
    return Span(said, kept, statistics.median(short), statistics.median(late), ratio)


async def _first_token(model: LLM, talk: ChatContext, question: str) -> float:
    """Seconds until the first text of the answer; the rest is not waited for."""
    asked = talk.copy()
    asked.add_message(role="user", content=question)
    began = time.perf_counter()
    async with model.chat(chat_ctx=asked, conn_options=_ONCE) as stream:
        async for _ in stream:
            break
    return time.perf_counter() - began


def _messages(talk: ChatContext) -> list[dict[str, object]]:
    return list(talk.to_provider_format("openai")[0])
