"""Calls in real rooms on a real livekit-server, against the product as `start` runs it."""

from __future__ import annotations

import asyncio

import aiohttp
import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio import wav
from tests.calls.caller import RATE, Caller
from tests.calls.conftest import SPEECH, Hearings, Product, Speak, at_call_rate, human_clips
from tests.hearing import error_rate

pytestmark = pytest.mark.timeout(240)
QUESTION = "What is the capital city of France?"


async def ask_once(product: Product, question: NDArray[np.int16]) -> tuple[str, str, NDArray[np.int16]]:
    async with Caller(product.address) as caller:
        await caller.hear_greeting()
        return await caller.ask(question)


def test_spoken_question_is_answered(product: Product, speak: Speak, hearings: Hearings) -> None:
    heard, said, audio = asyncio.run(ask_once(product, speak(QUESTION)))
    assert error_rate([(QUESTION, heard)]) <= 0.3
    sounds = hearings(audio)
    assert min(error_rate([(said, text)]) for text in sounds) <= 0.3, f"said {said!r}, sounds like {sounds}"
    for line in ("Connected to LiveKit server", "Waiting for room connections", "Agent joining room: user-"):
        assert line in product.log
    product.wait_for("Agent leaving room: user-", 10)
    assert "capital" not in product.log, "what a caller said stands in the log"


def test_human_speech_is_answered(product: Product) -> None:
    clips = [row for row in human_clips(language="en", human="yes", group="command") if float(str(row["seconds"])) < 5][
        :2
    ]
    for clip in clips:
        samples = at_call_rate(*wav.read(SPEECH / str(clip["file"])))
        heard, said, _ = asyncio.run(ask_once(product, samples))
        assert error_rate([(str(clip["text"]), heard)]) <= 0.5
        assert said


def test_two_rooms_at_once(product: Product, speak: Speak) -> None:
    questions = ("What is the tallest mountain in the world?", "How many legs does a dog have?")

    async def both() -> list[tuple[str, str, NDArray[np.int16]]]:
        return await asyncio.gather(*(ask_once(product, speak(question)) for question in questions))

    for question, (heard, said, _) in zip(questions, asyncio.run(both()), strict=True):
        assert error_rate([(question, heard)]) <= 0.3
        assert said


def noises() -> list[tuple[str, NDArray[np.int16]]]:
    """Hiss, hum and knocks of our own, and the recorded ones where they are there; 6 or 7 s each at 48 kHz."""
    random = np.random.default_rng(5)
    time = np.arange(6 * RATE) / RATE
    knocks = np.zeros(len(time))
    for at in range(RATE // 2, len(time) - RATE, RATE):
        knocks[at : at + 2400] = random.normal(0, 1, 2400) * np.exp(-np.arange(2400) / 400)
    own = {
        "hiss": random.normal(0, 0.02, len(time)),
        "hum": 0.1 * np.sin(2 * np.pi * 50 * time) + 0.05 * np.sin(2 * np.pi * 150 * time),
        "knocks": 0.5 * knocks,
    }
    found = [(name, (sound * 32767).clip(-32768, 32767).astype(np.int16)) for name, sound in own.items()]
    for path in sorted((SPEECH / "noise").glob("*.wav")) if SPEECH.is_dir() else []:
        samples, rate = wav.read(path)
        found.append((path.stem, at_call_rate(samples[: 7 * rate], rate)))
    return found


def test_noise_causes_no_reply(product: Product) -> None:
    async def listen_to(name: str, noise: NDArray[np.int16]) -> str:
        async with Caller(product.address) as caller:
            await caller.hear_greeting()
            heard, sounds = len(caller.heard), len(caller.sounds)
            await caller.play(noise)
            await asyncio.sleep(2.5)
            return "" if len(caller.sounds) == sounds else f"{name}: {caller.heard[heard:]} {caller.said}"

    async def everything() -> list[str]:
        replies, waiting = [], noises()
        while waiting:  # three callers at a time, as many as rooms are planned for at least
            batch, waiting = waiting[:3], waiting[3:]
            replies += await asyncio.gather(*(listen_to(*noise) for noise in batch))
        return replies

    assert [reply for reply in asyncio.run(everything()) if reply] == []


def test_a_monologue_is_heard_and_answered(product: Product, speak: Speak) -> None:
    sentence = (
        "This is a long story about my garden, where the roses grow beside the old stone wall and the bees hum all day."
    )
    spoken = speak(sentence)
    repeats = int(14 * RATE / len(spoken)) + 1  # more than one of the segments that a pause closes
    heard, said, _ = asyncio.run(ask_once(product, np.concatenate([spoken] * repeats)))
    assert heard.lower().count("garden") >= repeats * 0.7, heard
    assert said


def test_health_counts_calls(product: Product) -> None:
    async def during_a_call() -> tuple[dict[str, object], dict[str, object]]:
        async with aiohttp.ClientSession() as http:
            async with Caller(product.address) as caller:
                await caller.hear_greeting()
                during = await (await http.get(f"{product.address}/health")).json()
            await asyncio.sleep(3)
            return during, await (await http.get(f"{product.address}/health")).json()

    during, after = asyncio.run(during_a_call())
    assert during["ready"] is True
    assert (during["calls"], after["calls"]) == (1, 0)
