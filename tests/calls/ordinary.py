"""An ordinary five minutes: ten turns, two calls that are hung up in the midst of a sentence, one interruption.

`python -m tests.calls.ordinary` from the checkout prints each turn, and every line of the product's log that is no
plain information. Exit status 1 when there is one. `--models-dir DIR --profile NAME` chooses the models.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local_agent.engines.piper.engine import Piper
from local_agent.process.exit import leave
from tests.calls.caller import Caller
from tests.calls.conftest import Product, answering, at_call_rate
from tests.conftest import starter_weights

MINUTES = 5.0
PLAIN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO ")
# One list a call; a call that does not end the test is hung up while the agent says the last answer.
CALLS = (
    ("What is the capital of France?", "How many days has a week?", "What is fifteen percent of eighty?"),
    ("What time is it?", "Can you tell me a short story about a dog?", "Why is the sky blue?"),
    ("Who are you?", "What can you do for me?", "Tell me about the moon.", "Thank you. What is two plus two?"),
)
INTERRUPTION = "Okay, stop please, that is enough for now."
INTERRUPTED = "Tell me about the moon."

Speak = Callable[[str], NDArray[np.int16]]


def amiss(product: Product) -> list[str]:
    """Lines that it wrote since it was ready that are no plain information."""
    ready = next(number for number, line in enumerate(product.lines) if line.startswith("Open http"))
    return [line for line in product.lines[ready + 1 :] if line.strip() and not PLAIN.match(line)]


async def hold(product: Product, speak: Speak) -> None:
    """All calls, and silence until the time is over."""
    began, turns = time.monotonic(), 0
    for number, questions in enumerate(CALLS, 1):
        last = number == len(CALLS)
        async with Caller(product.address, identity=f"caller-{number}") as caller:
            await caller.hear_greeting()
            for question in questions:
                turns += 1
                hung_up = not last and question is questions[-1]
                if hung_up or question == INTERRUPTED:
                    await caller.play(speak(question))
                    heard = await caller.wait_for_sound(20)
                    await asyncio.sleep(1.0)
                    if not hung_up:
                        await caller.play(speak(INTERRUPTION))
                        await caller.wait_for_quiet()
                    told = ("hung up" if hung_up else "interrupted") if heard else "no answer within 20 s"
                else:
                    understood, said, _ = await caller.ask(speak(question))
                    told = f"{len(understood.split())} words understood, {len(said.split())} answered"
                print(f"{time.monotonic() - began:5.0f} s  turn {turns}: {told}", flush=True)
            if last:
                await asyncio.sleep(max(0.0, MINUTES * 60 - (time.monotonic() - began)))
        await asyncio.sleep(2.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models-dir", type=Path, default=None)
    parser.add_argument("--profile", default="starter")
    wanted = parser.parse_args()
    starter = starter_weights()
    voice = Piper(starter.voice, threads=1)

    def speak(text: str) -> NDArray[np.int16]:
        pieces: list[bytes] = []
        voice.synthesize(text, on_audio=pieces.append).result(60)
        return at_call_rate(np.frombuffer(b"".join(pieces), np.int16), voice.sample_rate)

    said = {text: speak(text) for text in (INTERRUPTION, *(text for call in CALLS for text in call))}
    voice.close()
    models = (wanted.models_dir or starter.whisper.parent).resolve()
    with (
        tempfile.TemporaryDirectory() as folder,
        answering(Path(folder), models, "--profile", wanted.profile) as product,
    ):
        asyncio.run(hold(product, said.__getitem__))
        found = amiss(product)  # what it says when it is ended is for the person who ended it
    lines = sum(bool(PLAIN.match(line)) for line in product.lines)
    print(f"{len(found)} warnings, errors and other lines beside {lines} of plain information")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    leave(main())
