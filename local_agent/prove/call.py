"""The spoken call: a real client that asks the page for a token, says a sentence in our own voice and hears the reply.

A process of its own inside the namespace: python -m local_agent.prove.call ADDRESS VOICE prints a `Call` as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from local_agent.config import sources
from local_agent.errors import ProofVoid
from local_agent.process.exit import leave
from local_agent.prove.results import Call
from local_agent.prove.spoken_question import SENTENCE, speech

if TYPE_CHECKING:
    from local_agent.simulated_caller import Participant

LEAST_REPLY = 0.2  # s of sound that are a reply and not a click
PATIENCE = 30.0  # s for the agent to be heard


async def ask(caller: Participant, speech: NDArray[np.int16], *, greeted_within: float = PATIENCE) -> Call:
    """Hear the greeting out, say int16 [samples] at RATE, hear the reply out. Raises ProofVoid without a reply."""
    if not await caller.sound(greeted_within):
        raise ProofVoid(f"the agent did not greet within {greeted_within:g} s", fix="python -m local_agent doctor")
    await caller.quiet(PATIENCE)
    heard, said, before = len(caller.heard), len(caller.said), len(caller.sounds)
    caller.playing = speech
    if not await caller.sound(PATIENCE):
        raise ProofVoid(
            f"no reply was heard within {PATIENCE:g} s to a sentence of {len(SENTENCE.split())} words, of which "
            f"{len(' '.join(caller.heard[heard:]).split())} were understood",
            fix="python -m local_agent doctor",
        )
    await caller.quiet(PATIENCE)
    await asyncio.sleep(0.5)  # the transcript may come after the sound
    understood, answered = " ".join(caller.heard[heard:]), " ".join(caller.said[said:])
    seconds = round(0.01 * (len(caller.sounds) - before), 2)
    if not understood or not answered or seconds < LEAST_REPLY:
        raise ProofVoid(
            f"the call was none: {len(understood.split())} words understood, {len(answered.split())} answered, "
            f"{seconds} s of sound"
        )
    return Call(len(understood.split()), len(understood), len(answered.split()), len(answered), seconds)


async def hold(address: str, voice: Path) -> Call:
    """Call the agent whose page is at `address`. Raises ProofVoid when no conversation comes about."""
    import aiohttp

    from local_agent.simulated_caller import Participant

    said = await asyncio.to_thread(speech, voice)
    url, body = f"{address}/api/livekit/token", {"participant_identity": "prover"}
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
        details = await answer.json()
    async with Participant("prover", details["server_url"], details["participant_token"]) as caller:
        return await ask(caller, said)


def main() -> int:
    sources.prepare_process(1)
    try:
        call = asyncio.run(hold(sys.argv[1], Path(sys.argv[2])))
    except ProofVoid as error:
        print(f"local_agent: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(call)))
    return 0


if __name__ == "__main__":
    leave(main())
