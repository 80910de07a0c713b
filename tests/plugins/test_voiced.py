"""What a voice is given of a reply, from the language model's pieces through both plugins to the phonemiser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from livekit.agents import APIConnectOptions, APIError
from livekit.agents.llm import ChatContext
from piper import PiperVoice

from local_agent.engines.piper.engine import Piper
from local_agent.plugins import llama, piper
from tests.plugins.fakeengines import FakeEngines, run

if TYPE_CHECKING:
    from tests.conftest import Starter

ONCE = APIConnectOptions(max_retry=0)


@pytest.fixture(scope="module")
def voice(starter: Starter) -> Iterator[Piper]:
    made = Piper(starter.voice)
    yield made
    made.close()


@pytest.fixture
def voiced(voice: Piper, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that the phonemiser got."""
    texts: list[str] = []
    phonemize = PiperVoice.phonemize
    voice.warm()  # which measures the voice with a text of its own

    def listening(made: PiperVoice, text: str) -> list[list[str]]:
        texts.append(text)
        return phonemize(made, text)

    monkeypatch.setattr(PiperVoice, "phonemize", listening)
    return texts


async def _speak(engines: FakeEngines) -> None:
    asked = ChatContext.empty()
    asked.add_message(role="user", content="Hello.")
    mind, mouth = llama.LLM(engines=engines.engines), piper.TTS(engines=engines.engines)
    async with mind.chat(chat_ctx=asked, conn_options=ONCE) as reply, mouth.stream(conn_options=ONCE) as speech:
        async for chunk in reply:
            if chunk.delta and chunk.delta.content:
                speech.push_text(chunk.delta.content)
        speech.end_input()
        async for _ in speech:
            pass


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        (
            "<think>A list is wanted.\n\nI had better write one. </think>\n\nSure, here are **three** fruits:\n\n"
            "1. Apples 🍎\n2. `Pears`\n3. [Plums](https://plums.example/a?b=c)\n",
            "Sure here are three fruits one Apples two Pears three Plums",
        ),
        (
            "## Plan\n\n- First, _wake up_ 😴.\n* Then drink a cup of tea ☕️!\n+ [x] Go for a walk :-)\n",
            "Plan First wake up Then drink a cup of tea Go for a walk",
        ),
        ("Yes. <think>Wait, no.</think> It is 👍🏽 fine.", "Yes It is fine"),
        ("| Name | Age |\n|---|---|\n| Ann | four |\n", "Name Age Ann four"),
        ("Oh, lovely! 😊😊 — I'm happy for you. 🎉", "Oh lovely I'm happy for you"),
        ("<b>Bold</b> words.<br/>***Next*** line.\n---\n> quoted ✅\n", "Bold words Next line quoted"),
    ],
    ids=["thought and list", "heading and items", "thought within", "table", "emoji", "tags"],
)
def test_only_words_are_voiced(
    engines: FakeEngines, voiced: list[str], voice: Piper, monkeypatch: pytest.MonkeyPatch, reply: str, heard: str
) -> None:
    monkeypatch.setattr(engines, "mouth", voice)
    engines.mind.pieces = tuple(re.findall(r"\s*\S{1,3}|\s+", reply))
    run(_speak(engines))
    # A first clause that seemed to be over, and was not, is begun anew.
    said = [text for text, after in zip(voiced, [*voiced[1:], ""], strict=False) if not after.startswith(text.rstrip())]
    assert re.findall(r"[\w']+", " ".join(said)) == heard.split()
    assert not re.search(r"[^\w\s.,:;!?'-]", " ".join(voiced)), voiced


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        ("```python\nprint('hello')\n```", "The code is on the screen"),
        (
            "Here it is:\n\n```python\nprint('hello')\nfor x in range(3):\n    X = 1\n```\nThat is all.",
            "Here it is That is all",
        ),
        ("*sighs* Well. [laughter] Fine (smiles).", "Well Fine"),
    ],
    ids=["code alone", "code between words", "stage directions"],
)
def test_what_is_for_the_eyes_is_not_read_out(
    engines: FakeEngines, voiced: list[str], voice: Piper, monkeypatch: pytest.MonkeyPatch, reply: str, heard: str
) -> None:
    test_only_words_are_voiced(engines, voiced, voice, monkeypatch, reply, heard)


@pytest.mark.parametrize("reply", ["Привет, как дела? Всё хорошо.", "你好。", "*nods*"])
def test_a_reply_of_which_nothing_can_be_spoken_is_a_fault_to_apologise_for(
    engines: FakeEngines, voiced: list[str], voice: Piper, monkeypatch: pytest.MonkeyPatch, reply: str
) -> None:
    monkeypatch.setattr(engines, "mouth", voice)
    engines.mind.pieces = tuple(re.findall(r"\s*\S{1,3}|\s+", reply))
    with pytest.raises(APIError, match="no word that the voice can read"):
        run(_speak(engines))


def test_a_thought_that_never_ends_is_a_fault_too(
    engines: FakeEngines, voiced: list[str], voice: Piper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "mouth", voice)
    engines.mind.pieces = ("<think>", "Never closed. ", "It thinks, ", "and thinks.")
    with pytest.raises(APIError, match="said nothing"):
        run(_speak(engines))
    assert voiced == []


def test_letters_that_are_left_out_are_told_once_and_without_the_text(
    engines: FakeEngines,
    voiced: list[str],
    monkeypatch: pytest.MonkeyPatch,
    starter: Starter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    voice = Piper(starter.voice)
    monkeypatch.setattr(engines, "mouth", voice)
    try:
        for _ in range(2):
            engines.mind.pieces = ("Moscow is ", "Москва ", "in Russian.")
            run(_speak(engines))
    finally:
        voice.close()
    told = [record.getMessage() for record in caplog.records if "can't read" in record.getMessage()]
    assert len(told) == 1
    assert "en-US" in told[0] and "Москва" not in told[0]
