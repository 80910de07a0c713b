"""What a function answered, in words."""

from __future__ import annotations

import json

from local_agent.engines.llama.tool_messages import result_text

TEXT = {"type": "text", "text": "It rains.\nTake an umbrella.", "annotations": None, "_meta": None}


def test_content_blocks_of_a_server_are_told_as_their_text() -> None:
    cases = {
        json.dumps(TEXT): "It rains.\nTake an umbrella.",
        json.dumps([TEXT, {"type": "text", "text": "Or not."}]): "It rains.\nTake an umbrella.\nOr not.",
        json.dumps([TEXT, {"type": "image", "data": "AAAA", "mimeType": "image/png"}]): (
            "It rains.\nTake an umbrella.\n(an image)"
        ),
        json.dumps({"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}): "(a sound)",
        json.dumps({"type": "resource", "resource": {"uri": "file:///a", "text": "Notes."}}): "Notes.",
        json.dumps({"type": "resource_link", "name": "a.txt", "uri": "file:///a.txt"}): "(a file: a.txt)",
        json.dumps({"type": "text", "text": '{"temperature": 5}'}): '{"temperature": 5}',
    }
    assert {given: result_text(given) for given in cases} == cases


def test_other_results_stay_as_they_are() -> None:
    for content in ("It rains.", "{}", "[]", "[1, 2]", '{"type": "text"}', '{"type": "apple", "text": "x"}', "{broken"):
        assert result_text(content) == content
