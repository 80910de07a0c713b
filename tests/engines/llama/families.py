"""Chat templates that behave as those of well-known families do: written for these tests, facts without the text."""

from __future__ import annotations

_HERMES_CALLS = (
    "{% for call in m.tool_calls or [] %}<tool_call>\n"
    '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}\n</tool_call>{% endfor %'
    "}"
)
_CODER_CALLS = (
    "{% for call in m.tool_calls or [] %}\n<tool_call>\n<function={{ call.function.name }}>\n"
    "{% for key, value in call.function.arguments.items() %}<parameter={{ key }}>\n"
    "{{ value if value is string else value | tojson }}\n</parameter>\n"
    "{% endfor %}</function>\n</tool_call>{% endfor %}"
)


def _chatml(calls: str, opening: str, extra: str = "") -> str:
    return (
        "{% if tools %}<|im_start|>system\n{{ messages[0].content ~ '\n' if messages[0].role == 'system' }}"
        "# Tools {{ tools | tojson }}<|im_end|>\n{% elif messages[0].role == 'system' %}"
        "<|im_start|>system\n{{ messages[0].content }}<|im_end|>\n{% endif %}" + extra + "{% for m in messages %}"
        "{% if m.role == 'user' or (m.role == 'system' and not loop.first) %}"
        "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
        "{% elif m.role == 'assistant' %}<|im_start|>assistant\n{{ m.content.split('</think>')[-1].lstrip('\n') }}"
        + calls
        + "<|im_end|>\n{% elif m.role == 'tool' %}<|im_start|>user\n<tool_response>\n{{ m.content }}\n"
        "</tool_response><|im_end|>\n{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n" + opening + "{% endif %}"
    )


QWEN3 = _chatml(
    _HERMES_CALLS, "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}"
)
QWEN35 = _chatml(
    _CODER_CALLS,
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% else %}<think>\n{% endif %}",
    "{% set ns = namespace(asked=false) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.asked = true %}"
    "{% elif m.role == 'system' and not loop.first %}{{ raise_exception('system must be first') }}"
    "{% endif %}{% endfor %}"
    "{% if not ns.asked %}{{ raise_exception('no user query') }}{% endif %}",
)
R1 = (  # no system role of its own, always thinks
    "{{ bos_token }}{% for m in messages if m.role == 'system' %}{{ m.content }}{% endfor %}{% for m in messages %}"
    "{% if m.role == 'user' %}<|User|>{{ m.content }}{% elif m.role == 'assistant' %}<|Assistant|>"
    "{{ m.content.split('</think>')[-1] }}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|Assistant|><think>\n{% endif %}"
)
NEMOTRON = (  # the word is in the instructions
    "{% set ns = namespace(quiet=false) %}{% for m in messages %}{% if '/no_think' in m.content %}"
    "{% set ns.quiet = true %}{% endif %}{% endfor %}{% for m in messages %}"
    "<S>{{ m.role }}\n{{ m.content.replace('/no_think', '').strip() }}\n{% endfor %}"
    "{% if add_generation_prompt %}<S>assistant\n{{ '<think></think>' if ns.quiet else '<think>\n' }}{% endif %}"
)
GEMMA3 = (  # instructions go into the first user's turn; strictly in turns
    "{{ bos_token }}{% if messages[0].role == 'system' %}{% set first = messages[0].content ~ '\n\n' %}"
    "{% set said = messages[1:] %}{% else %}{% set first = '' %}{% set said = messages %}{% endif %}"
    "{% for m in said %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ first if loop.first }}{{ m.content | trim }}"
    "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
GEMMA4 = (
    "{{ bos_token }}{% if tools or messages[0].role == 'system' %}<|turn>system\n"
    "{% if messages[0].role == 'system' %}{{ messages[0].content | trim }}{% endif %}"
    "{% for t in tools or [] %}<|tool>declaration:{{ t.function.name }}<tool|>{% endfor %}<turn|>\n{% endif %}"
    "{% for m in messages %}{% if not (loop.first and m.role == 'system') %}"
    "<|turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{% for call in m.tool_calls or [] %}<|tool_call>call:{{ call.function.name ~ '{' }}"
    "{% for k, v in call.function.arguments | dictsort %}{{ ',' if not loop.first }}{{ k }}:"
    "{{ '<|\"|>' ~ v ~ '<|\"|>' if v is string else v }}{% endfor %}}<tool_call|>{% endfor %}"
    "{{ m.content | trim }}<turn|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|turn>model\n"
    "{% if not enable_thinking | default(false) %}<|channel>thought\n<channel|>{% endif %}{% endif %}"
)
LLAMA3 = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{% set told = messages[0].content | trim %}"
    "{% set messages = messages[1:] %}{% else %}{% set told = '' %}{% endif %}"
    "<|start_header_id|>system<|end_header_id|>\n\nToday Date: {{ strftime_now('%d %b %Y') }}\n\n{{ told }}<|eot_id|>"
    "{% if tools %}{% if not messages %}{{ raise_exception('tools need a first user message') }}{% endif %}"
    "<|start_header_id|>user<|end_header_id|>\n\nFunctions: {% for t in tools %}{{ t | tojson(indent=4) }}{% endfor %}"
    "\n\n{{ messages[0].content | trim }}<|eot_id|>{% set messages = messages[1:] %}{% endif %}"
    "{% for m in messages %}{% if m.role == 'tool' %}<|start_header_id|>ipython<|end_header_id|>\n\n"
    "{{ m.content | tojson }}<|eot_id|>{% elif m.tool_calls %}{% if m.tool_calls | length != 1 %}"
    "{{ raise_exception('only single calls') }}{% endif %}{% set call = m.tool_calls[0].function %}"
    '<|start_header_id|>assistant<|end_header_id|>\n\n{"name": "{{ call.name }}", "parameters": '
    "{{ call.arguments | tojson }}}<|eot_id|>{% else %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content | trim }}<|eot_id|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
LLAMA2 = (
    "{% if messages[0].role == 'system' %}{% set told = '<<SYS>>\n' ~ messages[0].content ~ '\n<</SYS>>\n\n' %}"
    "{% set messages = messages[1:] %}{% else %}{% set told = '' %}{% endif %}{% for m in messages %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('must alternate') }}{% endif %}"
    "{% if m.role == 'user' %}{{ bos_token }}[INST] {{ told if loop.first }}{{ m.content | trim }} [/INST]"
    "{% else %} {{ m.content | trim }} {{ eos_token }}{% endif %}{% endfor %}"
)
MISTRAL = (  # instructions stand with the last question; ids of nine characters; results as JSON
    "{% set told = messages[0].content if messages[0].role == 'system' %}"
    "{% set said = messages[1:] if told else messages %}"
    "{% set users = said | selectattr('role', 'eq', 'user') | list %}"
    "{{ bos_token }}{% set ns = namespace(n=0) %}{% for m in said %}"
    "{% if m.role == 'user' or (m.role == 'assistant' and not m.tool_calls) %}"
    "{% if (m.role == 'user') != (ns.n % 2 == 0) %}{{ raise_exception('must alternate') }}{% endif %}"
    "{% set ns.n = ns.n + 1 %}{% endif %}"
    "{% if m.role == 'user' %}{% if tools and m == users[-1] %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]"
    "{% endif %}[INST]{{ told ~ '\n\n' if told and m == users[-1] }}{{ m.content }}[/INST]"
    "{% elif m.tool_calls %}[TOOL_CALLS][{% for c in m.tool_calls %}{% if c.id | length != 9 %}"
    "{{ raise_exception('ids have nine characters') }}{% endif %}{{ ', ' if not loop.first }}"
    '{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}, "id": "{{ c.id }}"}'
    "{% endfor %}]{{ eos_token }}{% elif m.role == 'assistant' %}{{ m.content }}{{ eos_token }}"
    "{% elif m.role == 'tool' %}"
    '[TOOL_RESULTS]{"content": {{ m.content | tojson }}, "call_id": "{{ m.tool_call_id }}"}'
    "[/TOOL_RESULTS]{% else %}{{ raise_exception('only user, assistant and tool') }}{% endif %}{% endfor %}"
)
MISTRAL_EFFORT = (  # knows two efforts and refuses others
    "{% if reasoning_effort is defined and reasoning_effort not in ['none', 'high'] %}{{ raise_exception('effort') }}"
    "{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    "{{ '[THINK]' if reasoning_effort is not defined or reasoning_effort == 'high' }}"
)
SMOLLM3 = (  # functions under other names, calls not shown; a word of the instructions chooses the mode
    "<|im_start|>system\nToday Date: {{ strftime_now('%d %B %Y') }}\nReasoning Mode: "
    "{{ '/think' if enable_thinking is not defined or enable_thinking else '/no_think' }}\n"
    "{{ messages[0].content if messages[0].role == 'system' else 'You are a helpful assistant.' }}"
    "{% if xml_tools %}### Tools {{ xml_tools | tojson }}{% endif %}<|im_end|>\n"
    "{% for m in messages %}{% if m.role == 'user' %}<|im_start|>user\n{{ m.content }}<|im_end|>\n"
    "{% elif m.role == 'assistant' %}{% generation %}<|im_start|>assistant\n{{ m.content }}<|im_end|>\n"
    "{% endgeneration %}{% elif m.role == 'tool' %}<|im_start|>user\n{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is defined and not enable_thinking %}"
    "<think>\n\n</think>\n{% endif %}{% endif %}"
)
GLM = (
    "[gMASK]<sop>{% if tools %}<|system|>\n# Tools {{ tools | tojson }}{% endif %}{% for m in messages %}"
    "{% if m.role == 'user' %}<|user|>\n{{ m.content }}{{ '/nothink' if enable_thinking is defined and not "
    "enable_thinking }}{% elif m.role == 'assistant' %}<|assistant|>\n<think></think>"
    "{{ '\n' ~ m.content.strip() if m.content.strip() }}{% for call in m.tool_calls or [] %}\n<tool_call>"
    "{{ call.function.name }}\n{% for k, v in call.function.arguments.items() %}<arg_key>{{ k }}</arg_key>\n<arg_value>"
    "{{ v if v is string else v | tojson }}</arg_value>\n{% endfor %}</tool_call>{% endfor %}"
    "{% elif m.role == 'tool' %}<|observation|>\n<tool_response>\n{{ m.content }}\n</tool_response>"
    "{% elif m.role == 'system' %}<|system|>\n{{ m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{{ '\n<think></think>' if enable_thinking is defined and not "
    "enable_thinking else '\n<think>' }}{% endif %}"
)
HARMONY = (  # later instructions are dropped without a word; a result needs its call before it
    "<|start|>system<|message|>Current date: {{ strftime_now('%Y-%m-%d') }}\n\nReasoning: "
    "{{ reasoning_effort if reasoning_effort is defined else 'medium' }}<|end|>"
    "{% if messages[0].role in ['developer', 'system'] %}{% set told = messages[0].content %}"
    "{% set said = messages[1:] %}{% else %}{% set told = '' %}{% set said = messages %}{% endif %}"
    "{% if told or tools %}<|start|>developer<|message|># Instructions\n\n{{ told }}"
    "{% if tools %}# Tools\n\nnamespace functions {% for t in tools %}type {{ t.function.name }} "
    "{% endfor %}{% endif %}"
    "<|end|>{% endif %}{% set last = namespace(name=none) %}{% for m in said %}{% if m.role == 'assistant' %}"
    "{% if m.tool_calls %}{% set call = m.tool_calls[0].function %}{% set last.name = call.name %}"
    "<|start|>assistant to=functions.{{ call.name }}<|channel|>commentary json<|message|>{{ call.arguments | tojson }}"
    "<|call|>{% else %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>{% endif %}"
    "{% elif m.role == 'tool' %}{% if last.name is none %}{{ raise_exception('no call before') }}{% endif %}"
    "<|start|>functions.{{ last.name }} to=assistant<|channel|>commentary<|message|>{{ m.content | tojson }}<|end|>"
    "{% elif m.role == 'user' %}<|start|>user<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)
PHI = (
    "{% for m in messages %}"
    "{% if m.role == 'system' and m.tools %}<|system|>{{ m.content }}<|tool|>{{ m.tools }}<|/tool|>"
    "<|end|>{% else %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% else %}{{ eos_token }}{% endif %}"
)
GRANITE = (
    "{% if messages[0].role == 'system' %}{% set told = messages[0].content %}{% set said = messages[1:] %}{% else %}"
    "{% set told = 'Knowledge Cutoff: April 2024. Today is ' ~ strftime_now('%B %d, %Y') %}{% set said = messages %}"
    "{% endif %}<|start_of_role|>system<|end_of_role|>{{ told }}<|end_of_text|>\n"
    "{% if tools %}<|start_of_role|>available_tools<|end_of_role|>{{ tools | tojson(indent=4) }}"
    "<|end_of_text|>\n{% endif %}"
    "{% for m in said %}{% if m.role == 'assistant' and m.tool_calls %}<|start_of_role|>assistant<|end_of_role|>"
    "<|tool_call|>[{% for c in m.tool_calls %}{{ c.function | tojson }}{% endfor %}]<|end_of_text|>\n"
    "{% else %}"
    "{% set role = 'tool_response' if m.role == 'tool' else m.role %}<|start_of_role|>{{ role }}<|end_of_role|>"
    "{{ m.content }}<|end_of_text|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start_of_role|>assistant<|end_of_role|>{% endif %}"
)
TEXTUAL = (  # prints arguments as they come: they must be JSON already
    "{% for t in tools or [] %}{{ t.function.name }} {% endfor %}{% for m in messages %}{% if m.tool_calls %}"
    "{% for c in m.tool_calls %}<tool_call>{{ c.function.name + '\n' + c.function.arguments }}</tool_call>{% endfor %}"
    "{% else %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}<assistant>"
)
FAMILIES = {
    name.lower(): source
    for name, source in list(globals().items())
    if name.isupper() and isinstance(source, str) and not name.startswith("_")
}
