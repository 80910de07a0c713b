"""What the chat templates of models may call, as the libraries do that they were written for; and what stands in for
one that is missing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any, NoReturn

import jinja2
import jinja2.ext
import jinja2.parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from local_agent.errors import BadInput

log = logging.getLogger(__name__)

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The most widespread format, for weights that bring no template of their own."""
_HEADERS = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] + '<|eot_id|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
_TURNS = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ raise_exception('none') }}"
    "{% endif %}{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + '\n' }}"
    "{{ message['content'] + '<end_of_turn>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
_INSTRUCTIONS = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST]' + message['content'] + '[/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ message['content'] + eos_token }}{% else %}{{ raise_exception('none') }}{% endif %}{% endfor %}"
)
PLAIN = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ {'user': 'User: ', 'assistant': 'Assistant: '}[message['role']] or '' }}{{ message['content'] + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
"""For weights whose vocabulary holds no token of a conversation: of a model that only goes on with texts, probably."""
_STAND_INS = {  # by a token that a vocabulary has for it
    "<|im_start|>": ("ChatML", CHATML),
    "<|start_header_id|>": ("Llama 3's", _HEADERS),
    "<start_of_turn>": ("Gemma's", _TURNS),
    "[INST]": ("Mistral's", _INSTRUCTIONS),
}
_QUIET: dict[str, Any] = {"enable_thinking": False, "thinking": False, "thinking_budget": 0}
_UNTOLD: dict[str, Any] = {"tools": None, "xml_tools": None}
OPTIONS: tuple[dict[str, Any], ...] = (
    {**_UNTOLD, **_QUIET, "reasoning_effort": "low"},
    {**_UNTOLD, **_QUIET, "reasoning_effort": "none"},
    {**_UNTOLD, **_QUIET},
    _QUIET,
    _UNTOLD,
    {},
)
"""What tells a template that there are no functions, and no time for thoughts, in all their words; some refuse some."""


class _GenerationTag(jinja2.ext.Extension):
    """Templates for training wrap replies in `{% generation %}`; when answering, the wrapping means nothing."""

    tags = {"generation"}  # noqa: RUF012 (jinja2 declares it so)

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class Environment:
    """One template, ready to render. source: its text, None for one that fits the vocabulary. control: texts of the
    vocabulary's control tokens.
    """

    def __init__(self, source: str | None, *, bos: str, eos: str, control: Collection[str]) -> None:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[_GenerationTag, "jinja2.ext.loopcontrols", "jinja2.ext.do"],
        )
        environment.filters["tojson"] = _to_json
        environment.globals |= {
            "bos_token": bos,
            "eos_token": eos,
            "raise_exception": _refuse,
            "strftime_now": lambda pattern: datetime.now().strftime(pattern),
        }
        self._template = _compiled(environment, source, control)

    def render(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> str:
        """The text. Raises BadInput for whatever goes wrong in the template, which is foreign code."""
        try:
            return self._template.render(messages=messages, **options)
        except Exception as error:
            raise BadInput(
                f"the model's chat template refuses the conversation: {error}",
                fix="use another model, or a GGUF file with a newer template",
            ) from error


def _compiled(environment: jinja2.Environment, source: str | None, control: Collection[str]) -> jinja2.Template:
    marks = (stand_in for mark, stand_in in _STAND_INS.items() if mark in control)
    name, stand_in = next(marks, ("ChatML", CHATML) if not control else ("a plain", PLAIN))
    if not source:
        log.warning("the model brings no chat template: using %s form, which it may not have been trained on", name)
        return environment.from_string(stand_in)
    try:
        return environment.from_string(source)
    except jinja2.TemplateError as error:
        log.warning("the model's chat template cannot be read (%s): using %s form", error, name)
        return environment.from_string(stand_in)


def _to_json(value: Any, indent: int | None = None, ensure_ascii: bool = False, **options: Any) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=ensure_ascii, **options)


def _refuse(message: str = "") -> NoReturn:
    raise jinja2.TemplateError(message)
