"""A call from another machine: python -m tests.calls.outside ADDRESS KEY VOICE prints what came of it as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

import aiohttp

from local_agent.process.exit import leave
from local_agent.prove.call import ask
from local_agent.prove.spoken_question import speech
from local_agent.simulated_caller import Participant


async def hold(address: str, key: str, voice: Path) -> dict[str, object]:
    """One spoken question: the page's status, what was heard and said, and where the sound went."""
    said = await asyncio.to_thread(speech, voice)
    bearer = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession() as http:
        async with http.get(address) as page:
            shown = page.status
        body = {"participant_identity": "outside"}
        async with http.post(f"{address}/api/livekit/token", json=body, headers=bearer) as answer:
            details = await answer.json()
    async with Participant("outside", details["server_url"], details["participant_token"]) as caller:
        call = await ask(caller, said)
        stats = (await caller.room.get_rtc_stats()).publisher_stats
        remote = [one.remote_candidate.candidate for one in stats if one.HasField("remote_candidate")]
        return asdict(call) | {"page": shown, "to": sorted({f"{one.address}:{one.port}" for one in remote})}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(hold(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
    leave(0)
