"""Who in a room is a person, and the end of a room when the last one leaves: no agent goes on listening to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
from livekit import api

from local_agent.errors import RequestRefused
from local_agent.server.tokens import Holder

TIMEOUT = 5.0  # s
MACHINES = frozenset({api.ParticipantInfo.Kind.AGENT, api.ParticipantInfo.Kind.EGRESS})
"""Kinds of participants that are nobody, the same numbers on the wire and in livekit.rtc. All others are people: who
calls in by telephone (SIP), from another service (CONNECTOR, BRIDGE) or by a device that sends a stream (INGRESS)."""
ON_BEHALF = "lk.publish_on_behalf"  # attribute of an avatar: the identity of the agent whose voice it is


def is_person(kind: int, attributes: Mapping[str, str]) -> bool:
    """Whether a participant is somebody to talk to."""
    return kind not in MACHINES and not attributes.get(ON_BEHALF)


async def anybody(livekit: api.LiveKitAPI, room: str, besides: str = "") -> bool:
    """Whether a person other than `besides` (an identity) is in a room, or on the way into it. Raises as the client."""
    found = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return any(_is_other_person(participant, besides) for participant in found.participants)


async def end_if_last(livekit: api.LiveKitAPI, holder: Holder) -> bool:
    """Delete the holder's room where no other person is in it. Returns whether it was deleted.

    A room that is not there (any more) gives False. Raises RequestRefused (502) when the LiveKit server does not
    answer.
    """
    try:
        async with asyncio.timeout(TIMEOUT):
            if await anybody(livekit, holder.room, besides=holder.identity):
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
    person = is_person(participant.kind, participant.attributes)
    return person and participant.identity != identity and participant.state != api.ParticipantInfo.State.DISCONNECTED
