"""Who may join what: the rules of token requests, without a server."""

from __future__ import annotations

import json
import time

import jwt
import pytest

from local_agent.errors import RequestRefused
from local_agent.server import tokens
from local_agent.server.rate_limit import RateLimit
from tests.server.webkit import KEY, SECRET


def read(**fields: object) -> tokens.Invitation:
    return tokens.read_request(json.dumps(fields).encode())


def claims(invitation: tokens.Invitation) -> dict:
    token = tokens.sign(invitation, key=KEY, secret=SECRET, minutes=5)
    return jwt.decode(token, SECRET, algorithms=["HS256"], issuer=KEY)


def test_both_spellings_ask_for_the_same():
    snake = read(room_name="kitchen", participant_identity="ann", participant_name="Ann")
    camel = read(roomName="kitchen", participantIdentity="ann", participantName="Ann")
    assert (
        (snake.room, snake.identity, snake.name)
        == (camel.room, camel.identity, camel.name)
        == ("kitchen", "ann", "Ann")
    )
    assert snake.created and not camel.created


def test_an_empty_body_gets_a_room_that_nobody_can_guess():
    first, second = tokens.read_request(b""), tokens.read_request(b"{}")
    assert first.room.startswith("user-") and len(first.room) >= len("user-") + 24
    assert first.room != second.room and first.identity != second.identity


def test_naming_an_identity_does_not_name_the_room():
    assert "ann" not in read(participantIdentity="ann").room


def test_a_token_admits_to_one_room_with_a_microphone_only_and_for_minutes():
    found = claims(read(room_name="kitchen", participant_identity="ann"))
    assert found["sub"] == "ann" and found["iss"] == KEY
    assert found["video"] == {
        "roomJoin": True,
        "room": "kitchen",
        "canPublish": True,
        "canSubscribe": True,
        "canPublishData": True,
        "canPublishSources": ["microphone"],
        "canUpdateOwnMetadata": False,
    }
    assert 4 * 60 < found["exp"] - time.time() <= 5 * 60 + 1
    assert "roomConfig" not in found


def test_name_metadata_and_attributes_travel():
    found = claims(read(participant_name="Ann", participant_metadata='{"a": 1}', participant_attributes={"lang": "en"}))
    assert found["name"] == "Ann" and found["metadata"] == '{"a": 1}' and found["attributes"] == {"lang": "en"}


@pytest.mark.parametrize("config", [None, {}, {"agents": []}, {"agents": [{"agent_name": "", "metadata": ""}]}])
def test_an_empty_room_config_is_what_sdks_send_when_nothing_was_set(config):
    assert read(room_config=config).room


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b'{"room_name": NaN}',
        b'{"room_name": "a", "room_name": "b"}',
        b'{"room_name": "a", "roomName": "b"}',
        b'{"roomname": "a"}',
        b'{"room_name": 1}',
        b'{"room_name": ["a"]}',
        b'{"room_name": "a b"}',
        b'{"room_name": "../x"}',
        b'{"room_name": "a\\u0000"}',
        b'{"room_name": "\\ud800"}',
        '{"room_name": "kü"}'.encode(),
        b'{"room_name": "%s"}' % (b"a" * 129),
        b'{"participant_identity": "agent-AJ_x"}',
        b'{"participant_identity": "AGENT-x"}',
        b'{"participant_name": "a\\u0007"}',
        b'{"participant_name": "\\u202eabc"}',
        b'{"participant_metadata": {}}',
        b'{"participant_metadata": "%s"}' % (b"a" * 1025),
        b'{"participant_attributes": "a"}',
        b'{"participant_attributes": {"a": 1}}',
        b'{"participant_attributes": {"lk.agent.state": "speaking"}}',
        b'{"participant_attributes": {"": "x"}}',
        json.dumps({"participant_attributes": {f"k{n}": "v" for n in range(17)}}).encode(),
        b'{"room_config": {"agents": [{"agent_name": "other"}]}}',
        b'{"room_config": {"empty_timeout": 9}}',
        b'{"room_config": 5}',
        b'{"room_config":' + b"[" * 4000 + b"1" + b"]" * 4000 + b"}",
    ],
)
def test_what_is_wrong_is_refused_with_a_reason(body):
    with pytest.raises(RequestRefused) as refusal:
        tokens.read_request(body)
    assert refusal.value.status == 400 and refusal.value.what


def test_a_body_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(RequestRefused) as refusal:
        tokens.read_request(b"{" + b" " * tokens.BODY_LIMIT + b"}")
    assert refusal.value.status == 413


def test_a_token_of_ours_says_who_leaves_even_when_it_expired_during_the_call():
    token = tokens.sign(read(room_name="r", participant_identity="ann"), key=KEY, secret=SECRET, minutes=-60)
    assert tokens.verify(token, key=KEY, secret=SECRET) == tokens.Holder("ann", "r")


def forged(**changes: object) -> str:
    content = {"sub": "ann", "iss": KEY, "exp": time.time() + 60, "video": {"roomJoin": True, "room": "r"}} | changes
    return jwt.encode({name: value for name, value in content.items() if value is not None}, SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        5,
        "a.b.c",
        "ä.b.c",
        "a" * 9000,
        jwt.encode({"sub": "ann", "iss": KEY, "exp": time.time() + 60}, "x" * 40, algorithm="HS256"),
        jwt.encode({"sub": "ann", "iss": KEY, "exp": time.time() + 60}, None, algorithm="none"),
        forged(iss="somebody"),
        forged(exp=None),
        forged(exp=time.time() - 13 * 3600),
        forged(sub=None),
        forged(video=None),
        forged(video={"roomJoin": "yes", "room": "r"}),
        forged(video={"roomJoin": True, "room": "../r"}),
        forged(video={"roomAdmin": True, "room": "r"}),
    ],
)
def test_foreign_and_old_tokens_leave_nothing(token):
    with pytest.raises(RequestRefused) as refusal:
        tokens.verify(token, key=KEY, secret=SECRET)
    assert refusal.value.status == 401


@pytest.mark.parametrize(
    ("header", "fits"),
    [
        ("Bearer opensesame", True),
        ("bearer opensesame", True),
        ("Bearer opensesam", False),
        ("Bearer opensesame!", False),
        ("Basic opensesame", False),
        ("opensesame", False),
        ("Bearer ", False),
        ("Bearer \udcff", False),
        ("", False),
        (None, False),
    ],
)
def test_the_access_key(header, fits):
    assert tokens.key_matches(header, "opensesame") is fits


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_client_gets_its_burst_then_its_rate_and_others_are_not_touched():
    clock = Clock()
    limit = RateLimit(per_minute=60, burst=3, clock=clock)
    assert [limit.take("192.0.2.1") for _ in range(3)] == [0, 0, 0]
    assert limit.take("192.0.2.1") == pytest.approx(1.0)
    assert limit.take("192.0.2.9") == 0
    clock.now = 1.0
    assert limit.take("192.0.2.1") == 0
    assert limit.take("192.0.2.1") > 0


def test_an_ipv6_client_cannot_escape_within_its_64():
    limit = RateLimit(per_minute=60, burst=1, clock=Clock())
    assert limit.take("2001:db8::1") == 0
    assert limit.take("2001:db8::2") > 0
    assert limit.take("2001:db8:0:1::1") == 0


def test_a_flood_of_addresses_does_not_grow_memory():
    limit = RateLimit(per_minute=60, burst=1, clients=10, clock=Clock())
    for number in range(100):
        limit.take(f"198.51.100.{number}")
    assert all(limit.take(f"198.51.100.{number}") > 0 for number in range(90, 100)), "the last ten are known"
    assert limit.take("198.51.100.89") == 0, "nobody else is"
