"""Who may join what: reads token requests, and signs and verifies LiveKit access tokens.

Two spellings of one request are understood, `{"roomName", "participantIdentity"}` and the snake_case of LiveKit's
standard token endpoint. A token admits one identity to one room for some minutes, to listen, to publish a microphone
and to send text; it never creates, lists or administers rooms.

A room that nobody named gets a random name of 96 bits, so that no caller can find another's call. A caller who names
a room shares it with everyone who names the same: on loopback that is every program of this machine, elsewhere
everyone who holds the access key.
"""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
from livekit import api

from local_agent.errors import RequestRefused

BODY_LIMIT = 8 * 1024  # bytes
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+\-]{0,127}")
"""Rooms and identities: 1 to 128 characters that mean nothing in URLs, logs and shells."""

MARK = "local_agent"
"""Metadata of the dispatch that our tokens ask for on a server of others: the room is ours to care for."""

LEAVE_LEEWAY = timedelta(hours=12)
"""A token that expired during a long call still says who leaves; leaving ends only what nobody else uses."""

_TEXT_LIMIT = 1024  # characters of participant_metadata
_NAME_LIMIT = 128  # characters of participant_name
_ATTRIBUTES = 16
_ATTRIBUTE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")
_ATTRIBUTE_LIMIT = 256  # characters of one value

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Directional overrides (Unicode Annex 9): they make a shown name read as another."""

_FIELDS = {
    "room_name": "room_name",
    "roomName": "room_name",
    "participant_identity": "participant_identity",
    "participantIdentity": "participant_identity",
    "participant_name": "participant_name",
    "participantName": "participant_name",
    "participant_metadata": "participant_metadata",
    "participantMetadata": "participant_metadata",
    "participant_attributes": "participant_attributes",
    "participantAttributes": "participant_attributes",
    "room_config": "room_config",
    "roomConfig": "room_config",
}


@dataclass(frozen=True)
class Invitation:
    """Who joins which room, as it will be signed. `created` is False for requests in camelCase, which expect status
    200."""

    room: str
    identity: str
    name: str = ""
    metadata: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    created: bool = True


@dataclass(frozen=True)
class Holder:
    """Whom a verified token names."""

    identity: str
    room: str


def read_request(body: bytes) -> Invitation:
    """Validate the JSON body of a token request; an empty body asks for defaults. Raises RequestRefused (400)."""
    fields, spelled = _fields(read_json(body) if body.strip() else {})
    if not _is_empty(fields.get("room_config")):
        raise RequestRefused("room_config is not accepted: this server decides how rooms and their agent are set up")
    here = secrets.token_hex(12)
    return Invitation(
        room=_identifier(fields, "room_name") or f"user-{here}",
        identity=_identity(fields) or f"caller-{secrets.token_hex(6)}",
        name=_text(fields, "participant_name", _NAME_LIMIT),
        metadata=_text(fields, "participant_metadata", _TEXT_LIMIT),
        attributes=_attributes(fields.get("participant_attributes")),
        created=not any(name != name.lower() for name in spelled),
    )


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises RequestRefused (400) for everything else, doubled names included."""
    if len(body) > BODY_LIMIT:
        raise RequestRefused(f"the body is larger than {BODY_LIMIT} bytes", status=413)
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RequestRefused("the body is not valid JSON in UTF-8") from error
    if not isinstance(found, dict):
        raise RequestRefused("the body must be a JSON object")
    return found


def sign(
    invitation: Invitation, *, key: str, secret: str, minutes: float, agent: str = "", shared: bool = False
) -> str:
    """A LiveKit access token (JWT, HS256) that admits the invitation for `minutes`. agent: name of the one to be called
    into the room; "": whoever answers every room. shared: on a server that others use, too, the room is marked as ours.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=invitation.room,
        can_publish=True,
        can_publish_sources=["microphone"],
        can_publish_data=True,
        can_subscribe=True,
        can_update_own_metadata=False,
    )
    token = api.AccessToken(key, secret).with_identity(invitation.identity).with_grants(grants)
    token = token.with_ttl(timedelta(minutes=minutes))
    if agent or shared:
        dispatch = api.RoomAgentDispatch(agent_name=agent, metadata=MARK if shared else "")
        token = token.with_room_config(api.RoomConfiguration(agents=[dispatch]))
    if invitation.name:
        token = token.with_name(invitation.name)
    if invitation.metadata:
        token = token.with_metadata(invitation.metadata)
    if invitation.attributes:
        token = token.with_attributes(invitation.attributes)
    return token.to_jwt()


def verify(token: object, *, key: str, secret: str) -> Holder:
    """Whom a token of ours names. Raises RequestRefused (401) when the signature, the issuer or the age is wrong."""
    if not isinstance(token, str) or not token.isascii() or len(token) > BODY_LIMIT:
        raise RequestRefused("the token is missing or not a text", status=401)
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            issuer=key,
            leeway=LEAVE_LEEWAY,
            options={"require": ["exp", "sub", "iss"]},
        )
    except jwt.PyJWTError as error:
        raise RequestRefused("the token was not signed by this server, or is too old", status=401) from error
    video = claims.get("video")
    room = video.get("room") if isinstance(video, dict) and video.get("roomJoin") is True else None
    if not isinstance(room, str) or not NAME.fullmatch(room) or not isinstance(claims["sub"], str):
        raise RequestRefused("the token names no room to leave", status=401)
    return Holder(identity=claims["sub"], room=room)


def key_matches(header: str | None, access_key: str) -> bool:
    """Whether an Authorization header is `Bearer <access_key>`, compared in constant time."""
    scheme, _, given = (header or "").partition(" ")
    equal = secrets.compare_digest(given.strip().encode("utf-8", "replace"), access_key.encode("utf-8"))
    return equal and scheme.lower() == "bearer"


def _fields(found: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """(values by standard name, the names as the caller wrote them)."""
    fields: dict[str, Any] = {}
    for name, value in found.items():
        standard = _FIELDS.get(name)
        if standard is None:
            raise RequestRefused(f"unknown field; known are {', '.join(sorted(set(_FIELDS.values())))}")
        if standard in fields:
            raise RequestRefused(f"{standard} is given twice")
        fields[standard] = value
    return fields, list(found)


def _identifier(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise RequestRefused(
            f"{name} must be 1 to 128 of the characters A-Z a-z 0-9 _ - . : @ + and begin with a letter or digit"
        )
    return value


def _identity(fields: dict[str, Any]) -> str:
    """Identities of agents are refused: joining as one would throw the real agent out of its room."""
    identity = _identifier(fields, "participant_identity")
    if identity.lower().startswith("agent-"):
        raise RequestRefused("participant_identity must not begin with agent-")
    return identity


def _text(fields: dict[str, Any], name: str, limit: int) -> str:
    value = fields.get(name)
    return "" if value is None else _bounded(value, name, limit)


def _bounded(value: object, name: str, limit: int) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise RequestRefused(f"{name} must be a text of at most {limit} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") or character in _BIDI for character in value):
        raise RequestRefused(f"{name} must hold no control characters")
    return value


def _attributes(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > _ATTRIBUTES:
        raise RequestRefused(f"participant_attributes must be an object of at most {_ATTRIBUTES} texts")
    for key, text in value.items():
        if not _ATTRIBUTE_KEY.fullmatch(key) or key.lower().startswith("lk."):
            raise RequestRefused(
                "a name in participant_attributes is not allowed (64 of A-Z a-z 0-9 _ - . and not lk.*)"
            )
        _bounded(text, "each of participant_attributes", _ATTRIBUTE_LIMIT)
    return dict(value)


def _is_empty(value: object) -> bool:
    """True for what SDKs send when nothing was set: null, and objects and lists that hold only such."""
    open_values = [value]
    while open_values:  # a loop, because a caller chooses how deep it goes
        found = open_values.pop()
        if isinstance(found, dict):
            open_values.extend(found.values())
        elif isinstance(found, list):
            open_values.extend(found)
        elif found not in (None, "", False, 0):
            return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
