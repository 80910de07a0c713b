"""Ends a room when the last person leaves it, so that no agent goes on listening to nobody."""

from __future__ import annotations

import asyncio

import aiohttp
from livekit import api

from local_agent.errors import RequestRefused
from local_agent.server.tokens import Holder

TIMEOUT = 5.0  # s


async def end_if_last(livekit: api.LiveKitAPI, holder: Holder) -> bool:
    """Delete the holder's room where no other person is in it. Returns whether it was deleted.

    A room that is not there (any more) gives False. Raises RequestRefused (502) when the LiveKit server does not
    answer.
    """
    try:
        async with asyncio.timeout(TIMEOUT):
            found = await livekit.room.list_participants(api.ListParticipantsRequest(room=holder.room))
            if any(_is_other_person(participant, holder.identity) for participant in found.participants):
                return False
            await livekit.room.delete_room(api.DeleteRoomRequest(room=holder.room))
            return True
    except api.TwirpError as error:
        if error.code == api.TwirpErrorCode.NOT_FOUND:
            return False
        raise RequestRefused(f"the LiveKit server refused to end the room: {error.code}", status=502) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise RequestRefused("the LiveKit server does not answer", status=502) from error


def _is_other_person(participant: api.ParticipantInfo, identity: str) -> bool:
    standard = participant.kind == api.ParticipantInfo.Kind.STANDARD
    return standard and participant.identity != identity and participant.state != api.ParticipantInfo.State.DISCONNECTED
