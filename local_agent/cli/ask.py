"""The `ask` command: questions in writing, answered as in a call, with the same prompt, functions and sampling."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from local_agent.call.written import Answer, Interview
from local_agent.config.settings import Settings
from local_agent.engines.registry import Engines
from local_agent.errors import BadInput

STDIN = "-"


def run(settings: Settings, texts: Sequence[str], *, as_json: bool) -> int:
    """Exit status: 1 when something was not answered. texts: one conversation; "-" takes its lines from stdin.

    Raises LocalAgentError.
    """
    questions = list(_questions(texts))
    if not questions:
        raise BadInput(
            "there is nothing to answer", expected="a question", fix='python -m local_agent ask "Who are you?"'
        )
    from local_agent.process.logs import log_to_screen

    log_to_screen(settings.log_level, libraries="critical")
    engines = Engines(settings)
    try:
        engines.demand("llama")
        return asyncio.run(_ask(settings, engines, questions, as_json=as_json))
    finally:
        engines.close()


def _questions(texts: Sequence[str]) -> list[str]:
    said: list[str] = []
    for text in texts:
        if text == STDIN:
            said += sys.stdin.read().splitlines() if sys.stdin is not None else []
        else:
            said.append(text)
    return [line.strip() for line in said if line.strip()]


async def _ask(settings: Settings, engines: Engines, questions: Sequence[str], *, as_json: bool) -> int:
    status = 0
    async with Interview(settings, engines) as interview:
        for question in questions:
            answer = await interview.ask(question)
            if answer.fault:
                status = 1
            if as_json:
                print(json.dumps(facts(answer, engines), ensure_ascii=False), flush=True)
            elif answer.text:
                print(answer.text, flush=True)
            if answer.fault:
                print(f"local_agent: {answer.fault}", file=sys.stderr)
    return status


def facts(answer: Answer, engines: Engines) -> dict[str, Any]:
    """For JSON. calls: name and arguments of each. fault: only where there is one."""
    waited = answer.first_clause_s
    return {
        "question": answer.question,
        "answer": answer.text,
        "calls": [{"name": name, "arguments": given} for name, given in answer.calls],
        "first_clause_s": None if waited is None else round(waited, 3),
        "words": answer.words,
        "model": engines.name("llama"),
        **({"fault": answer.fault} if answer.fault else {}),
    }
