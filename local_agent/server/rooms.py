"""Who in a room is a person, and the end of a room when the last one leaves: no agent goes on listening to nobody."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping

import aiohttp
from livekit import api

from local_agent.errors import RequestRefused
from local_agent.server.tokens import Holder

logger = logging.getLogger("local_agent")

TIMEOUT = 5.0  # s
AGENT_LEAVES = 3.0  # s; to disconnect takes 1.7 while it speaks
MACHINES = frozenset({api.ParticipantInfo.Kind.AGENT, api.ParticipantInfo.Kind.EGRESS})
"""Kinds of participants that are nobody, the same numbers on the wire and in livekit.rtc. All others are people: who
calls in by telephone (SIP), from another service (CONNECTOR, BRIDGE) or by a device that sends a stream (INGRESS)."""
ON_BEHALF = "lk.publish_on_behalf"  # attribute of an avatar: the identity of the agent whose voice it is
ALIVE = "local_agent.alive"
"""Attribute of an agent of ours on a server that others use as well: a count that goes on while its call does."""


def is_person(kind: int, attributes: Mapping[str, str]) -> bool:
    """Whether a participant is somebody to talk to."""
    return kind not in MACHINES and not attributes.get(ON_BEHALF)


def agents_of_ours(inside: Iterable[api.ParticipantInfo]) -> list[api.ParticipantInfo]:
    """Those that show that they are alive, whichever of our workers they belong to."""
    return [one for one in inside if _is_agent(one) and ALIVE in one.attributes]


async def anybody(livekit: api.LiveKitAPI, room: str, besides: str = "") -> bool:
    """Whether a person other than `besides` (an identity) is in a room, or on the way into it. Raises as the client."""
    found = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return any(_is_other_person(participant, besides) for participant in found.participants)


async def end_if_last(livekit: api.LiveKitAPI, holder: Holder, *, own: bool = True, agent_first: bool = False) -> bool:
    """End the holder's room where no other person is in it. Returns whether it ends.

    own: the server is ours; on another one the holder is taken out of the room, which is not ours to delete.
    agent_first: take the holder out, so that the agent leaves by itself before the room is deleted: WebRTC keeps a
    thread and a megabyte for each room that is deleted under its feet (livekit 1.1.21, AudioSourceCapture).
    A room that is not there (any more) gives False. Raises RequestRefused (502) when the LiveKit server does not
    answer.
    """
    parted = False
    try:
        async with asyncio.timeout(TIMEOUT):
            if await anybody(livekit, holder.room, besides=holder.identity):
                return False
            gone = True
            if agent_first:
                parted = True
                gone = await _part(livekit, holder)
            if own and gone:
                await livekit.room.delete_room(api.DeleteRoomRequest(room=holder.room))
            return True
    except api.TwirpError as error:
        if error.code == api.TwirpErrorCode.NOT_FOUND:
            return parted  # else it was over before
        raise RequestRefused(f"the LiveKit server refused to end the room: {error.code}", status=502) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise RequestRefused("the LiveKit server does not answer", status=502) from error


async def _part(livekit: api.LiveKitAPI, holder: Holder) -> bool:
    """Take the holder out of the room, and give its agent AGENT_LEAVES seconds to go. Returns whether it has.

    On a machine with much else to do it goes later, and livekit-server ends a room in which nobody is.
    """
    inside = api.ListParticipantsRequest(room=holder.room)
    try:
        await livekit.room.remove_participant(api.RoomParticipantIdentity(room=holder.room, identity=holder.identity))
    except api.TwirpError as error:
        if error.code != api.TwirpErrorCode.NOT_FOUND:  # they have left before
            raise
    deadline = time.monotonic() + AGENT_LEAVES
    while any(_is_agent(one) for one in (await livekit.room.list_participants(inside)).participants):
        if time.monotonic() > deadline:
            logger.debug("the agent is still in room %s", holder.room)
            return False
        await asyncio.sleep(0.1)
    return True


def _is_agent(participant: api.ParticipantInfo) -> bool:
    return participant.kind == api.ParticipantInfo.Kind.AGENT


def _is_other_person(participant: api.ParticipantInfo, identity: str) -> bool:
    person = is_person(participant.kind, participant.attributes)
    return person and participant.identity != identity and participant.state != api.ParticipantInfo.State.DISCONNECTED
