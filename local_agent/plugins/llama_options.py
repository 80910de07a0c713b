"""What a program may ask of replies: of all of them in `LLM(...)` and `update_options`, of one in `chat`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from livekit.agents import NotGivenOr
from livekit.agents.llm import ChatContext, Tool, ToolChoice
from livekit.agents.llm.utils import to_openai_response_format
from livekit.agents.utils import is_given
from pydantic import BaseModel, Field, ValidationError, field_validator

from local_agent.engines.llama.types import Message, Sampling
from local_agent.errors import ConfigError, LocalAgentError, nearest
from local_agent.hardware.validation import allowed, disallowed
from local_agent.plugins.tool_calls import Toolbox, toolbox, untitled

SAMPLING = tuple(one.name for one in fields(Sampling))
OTHER_NAMES = {"max_completion_tokens": "max_tokens", "repetition_penalty": "repeat_penalty"}
CALLS = ("tool_choice", "parallel_tool_calls")
CHOICES = ("auto", "required", "none")
FORMAT = "response_format"
FORMATS = ("text", "json_object", "json_schema")
ANSWER_ROOM = 352  # tokens for JSON beside max_tokens, which is made for what is said, where a program names no number
_ASKED = "Answer with JSON and nothing else."


class _Beside(BaseModel):
    """Options that are no settings of the same name, which `allowed` judges."""

    top_k: int = Field(40, ge=0)
    repeat_last: int = Field(64, ge=0)
    presence_penalty: float = Field(0.0, ge=-2, le=2)
    frequency_penalty: float = Field(0.0, ge=-2, le=2)
    logit_bias: tuple[tuple[int, float], ...] = ()
    variety: float = Field(0.0, ge=0)
    stop: tuple[str, ...] = ()
    enough: int = Field(0, ge=0)

    @field_validator("stop", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return tuple(filter(None, (value,) if isinstance(value, str) else cast("Sequence[str]", value)))

    @field_validator("logit_bias", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        return tuple(value.items()) if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Options:
    """sampling: fields of `Sampling`; what is not there comes from the settings. tool_choice, parallel_tool_calls:
    where `chat` is given none. answer: JSON schema of what takes the place of words, None for words.
    """

    sampling: Mapping[str, Any] = field(default_factory=dict)
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    answer: Mapping[str, Any] | None = None

    def updated(self, given: Mapping[str, Any], takes: Sequence[str] = (*SAMPLING, *CALLS)) -> Options:
        """With other options, by their names in `Sampling` or OpenAI's; None for what the settings say.

        Raises ConfigError for a name that is none of `takes`, and for a value that no reply could be written with.
        """
        named = {OTHER_NAMES.get(name, name): value for name, value in given.items()}
        if unknown := [name for name in named if name not in takes]:
            raise _unknown(unknown, sorted({*takes, *OTHER_NAMES}))
        merged = {**self.sampling, **{name: value for name, value in named.items() if name in SAMPLING}}
        changed = replace(self, sampling=_judged({name: one for name, one in merged.items() if one is not None}))
        if "tool_choice" in named:
            changed = replace(changed, tool_choice=_choice(named["tool_choice"]))
        if "parallel_tool_calls" in named:
            changed = replace(changed, parallel_tool_calls=named["parallel_tool_calls"])
        return replace(changed, answer=answer_schema(named[FORMAT])) if FORMAT in named else changed

    def asked(
        self,
        tool_choice: NotGivenOr[ToolChoice],
        parallel_tool_calls: NotGivenOr[bool],
        response_format: NotGivenOr[Any],
        extra_kwargs: NotGivenOr[Mapping[str, Any]],
    ) -> Options:
        """For one reply, with what `chat` is given. Raises as `updated`."""
        own = (tool_choice, parallel_tool_calls, response_format)
        extra = {name: one for name, one in (extra_kwargs or {}).items() if one is not None and is_given(one)}
        given = {name: one for name, one in zip((*CALLS, FORMAT), own, strict=True) if is_given(one)}
        return self.updated({**extra, **given}, (*SAMPLING, *CALLS, FORMAT)) if extra or given else self

    def toolbox(self, tools: Sequence[Tool], chat_ctx: ChatContext | None = None) -> Toolbox:
        """What a reply may call, and be."""
        box = toolbox(tools, self.tool_choice or "auto", self.parallel_tool_calls is not False, chat_ctx)
        return replace(box, answer=self.answer)

    def drawn(self, usual: Sampling) -> Sampling:
        """How tokens are picked. usual: what the settings say. JSON is not varied, nor ended in its midst."""
        sampling = replace(usual, **self.sampling)
        if self.answer is None:
            return sampling
        room = 0 if "max_tokens" in self.sampling else ANSWER_ROOM
        return replace(sampling, max_tokens=sampling.max_tokens + room, stop=(), variety=0.0, enough=0)

    def told(self) -> list[Message]:
        """What the model is told behind the conversation: in front, all of it would have to be read again."""
        if self.answer is None:
            return []
        schema = f" Its schema: {json.dumps(untitled(self.answer), ensure_ascii=False)}" if len(self.answer) > 1 else ""
        return [{"role": "system", "content": _ASKED + schema}]


def _choice(given: Any) -> ToolChoice | None:
    named = isinstance(given, Mapping) and isinstance(given.get("function"), Mapping) and given["function"].get("name")
    if not named and given not in (None, *CHOICES):
        raise ConfigError(
            f"tool_choice = {given!r}",
            expected=f'one of {", ".join(CHOICES)}, or {{"type": "function", "function": {{"name": ...}}}}',
        )
    return cast("ToolChoice | None", given)


def answer_schema(response_format: Any) -> Mapping[str, Any] | None:
    """JSON schema of the reply that a program wants: a pydantic model, dataclass or TypedDict, or a dict as OpenAI's
    `response_format` takes it. None for text. Raises ConfigError for anything else.
    """
    if response_format is None:
        return None
    if not isinstance(response_format, Mapping):
        try:
            response_format = to_openai_response_format(response_format)
        except (TypeError, ValueError) as error:
            raise _no_format(response_format) from error
    kind, described = response_format.get("type"), response_format.get("json_schema")
    if kind == "text":
        return None
    if kind == "json_object":
        return {"type": "object"}
    if kind == "json_schema" and isinstance(described, Mapping) and isinstance(described.get("schema"), Mapping):
        return cast("Mapping[str, Any]", described["schema"])
    raise _no_format(response_format)


def _no_format(given: object) -> ConfigError:
    return ConfigError(
        f"response_format = {given!r}: no reply can be written in it",
        expected=f"a pydantic model, or a dict whose type is one of {', '.join(FORMATS)}, the last with its schema",
    )


def _unknown(names: Sequence[str], known: Sequence[str]) -> LocalAgentError:
    meant = nearest(names[0], known)
    return ConfigError(
        f"no such option of the language model here: {', '.join(names)}",
        expected=f"some of {', '.join(known)}",
        fix=f"{meant} in place of {names[0]}" if meant else f"leave {', '.join(names)} out",
    )


def _judged(options: Mapping[str, Any]) -> dict[str, Any]:
    """As the settings and the engine take them: "5" is 5. Raises ConfigError."""
    own = {name: value for name, value in options.items() if name in _Beside.model_fields}
    try:
        taken = _Beside.model_validate(own)
    except (ValidationError, TypeError) as error:
        raise disallowed(error) if isinstance(error, ValidationError) else ConfigError(str(error)) from error
    judged = {**allowed({**options}), **{name: getattr(taken, name) for name in own}}
    return {name: value for name, value in judged.items() if name != "seed" or value >= 0}
