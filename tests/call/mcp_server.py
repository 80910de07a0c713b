"""A server of the Model Context Protocol over standard input and output, for tests, in nothing but Python.

mcp_server.py [WHAT]: "dies" at once, offers "nothing", or as usual.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any

TOOLS = [
    {
        "name": "look_up",
        "description": "Look something up.",
        "inputSchema": {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]},
    },
    {"name": "crash", "description": "End.", "inputSchema": {"type": "object", "properties": {}}},
]


def looked_up(what: str) -> dict[str, Any]:
    if what == "nothing":
        return {"content": [{"type": "text", "text": "nothing is found"}], "isError": True}
    if what == "network":
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        except OSError as error:
            return {"content": [{"type": "text", "text": f"closed: {error.strerror}"}]}
        return {"content": [{"type": "text", "text": "open"}]}
    if what == "token":
        return {"content": [{"type": "text", "text": f"{os.environ.get('TOKEN')} {os.environ.get('OTHER')}"}]}
    return {"content": [{"type": "text", "text": f"{what} is"}, {"type": "text", "text": "in aisle 5."}]}


def answer(request: dict[str, Any], what: str) -> dict[str, Any]:
    method, given = request["method"], request.get("params") or {}
    if method == "initialize":
        known = {"protocolVersion": given["protocolVersion"], "serverInfo": {"name": "test", "version": "1"}}
        return {"result": {**known, "capabilities": {"tools": {}}}}
    if method == "tools/list":
        return {"result": {"tools": [] if what == "nothing" else TOOLS}}
    if method == "tools/call":
        if given["name"] == "crash":
            sys.exit(1)
        return {"result": looked_up(given["arguments"]["what"])}
    return {"error": {"code": -32601, "message": "Method not found"}}


def main(what: str = "") -> None:
    if what == "dies":
        sys.exit("no notes here")
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            told = {"jsonrpc": "2.0", "id": request["id"], **answer(request, what)}
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
