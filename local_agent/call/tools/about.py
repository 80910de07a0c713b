"""What the agent may tell of itself: its name, which models work for it, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from local_agent.call.tools.wording import asked
from local_agent.config.small_model import LanguageModel
from local_agent.engines.registry import Engines

_SHIPPED = re.compile(r"[-_. ](?:instruct|chat|it|gguf|q\d\w*|f16|bf16|ct2|int8)\b", re.IGNORECASE)
_MODELS = re.compile(
    r"(?:what|which) (?:ai |language |kind of |speech )*(?:models?|llm|software|ai|voice)"
    r"(?: (?:are|do|is|does|you|use|using|running|run|based|built|powered|made|on|by|of|here|this|that|with|in))*"
    r"|(?:what|which) (?:runs|is running) here"
)
_PLACE = re.compile(
    r"where (?:do|are) you (?:run|running|located|hosted)|(?:what|which) (?:hardware|computer|machine) do you run on"
    r"|(?:do you|are you|is this|does this)(?: (?:run|running|work|working|only|really|all|fully|completely))* "
    r"(?:locally|local|offline|online|in the cloud|on (?:this|my) (?:computer|machine|device)|connected to the internet"
    r"|private)"
    r"|(?:does|is|will) (?:anything|what i say|my voice|my data|this call|this conversation|any of this)(?: \w+)? "
    r"(?:leaves?|sent|private|going|goes|go|uploaded|stored|shared|stay|stays|safe)\b.*"
)
_NAME = re.compile(
    r"what is your name|who are you|what are you called|what (?:should|can|do|may) i call you|do you have a name"
    r"|what name do you (?:have|go by)|introduce yourself"
)


@dataclass(frozen=True)
class About:
    """llm: the language model. whisper, voice: names of the others, "" for none. device: cpu or cuda, of the language
    model.
    """

    llm: LanguageModel
    whisper: str = ""
    voice: str = ""
    device: str = "cpu"

    @classmethod
    def of(cls, engines: Engines) -> About:
        """Of the models in the plan."""
        plan = engines.plan
        return cls(plan.language_model, plan.whisper.model, plan.piper.model, plan.llama.device)

    def spoken(self) -> str:
        """Which models work here."""
        parts = [
            f"{_named(model)} {does}"
            for model, does in ((self.whisper, "listens"), (self.llm.name, "answers"), (self.voice, "speaks"))
            if model
        ]
        told = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
        chip = "graphics card" if self.device == "cuda" else "processor"
        return f"{told}, all on this computer's {chip}."


def answer(text: str, name: str, about: About) -> str | None:
    """A sentence about the agent; None where the text asks about something else."""
    words = asked(text)
    if _NAME.fullmatch(words):
        return f"I'm {name}, a voice assistant that runs on this computer alone."
    if _PLACE.fullmatch(words):
        return "I run on this computer alone, without internet. Nothing that you say goes to any service."
    return about.spoken() if _MODELS.fullmatch(words) else None


def _named(model: str) -> str:
    """To be spoken: whisper-base, /models/qwen2.5-1.5b-instruct-q4_k_m.gguf."""
    words = _SHIPPED.sub("", Path(model).name).replace("_", " ").replace("-", " ").split()
    return " ".join(word.upper() if re.fullmatch(r"\d+(\.\d+)?[bm]", word) else f"{word[:1].upper()}{word[1:]}"
                    for word in words)  # fmt: skip
