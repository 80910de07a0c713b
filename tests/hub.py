"""A web server for download tests: serves bytes with or without Range, and misbehaves on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hub:
    """files: content by path. breaks: bytes after which the next answers for a path break off. refuse: status by path,
    each used once. announced: X-Linked-Etag by path. ranges: whether Range is understood. asked: what was requested.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    breaks: dict[str, list[int]] = field(default_factory=dict)
    refuse: dict[str, list[int]] = field(default_factory=dict)
    announced: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    ranges: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off, as tests have it do, is no news."""


@contextmanager
def serving() -> Iterator[Hub]:
    """A hub on a free loopback port."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            answer(self, hub)

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, hub: Hub) -> None:
    path, wanted = handler.path, handler.headers.get("Range")
    hub.asked.append((path, wanted))
    if path in hub.silent:
        hub.over.wait(30)
    elif hub.refuse.get(path):
        handler.send_error(hub.refuse[path].pop(0))
    elif path in hub.redirects:
        head(handler, 302, hub, {"Location": hub.redirects[path], "Content-Length": "0"})
    elif path in hub.files:
        send(handler, hub, int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.ranges else 0)
    else:
        handler.send_error(404)


def send(handler: BaseHTTPRequestHandler, hub: Hub, start: int) -> None:
    content = hub.files[handler.path]
    if start and start >= len(content):
        handler.send_error(416)
        return
    body = content[start:]
    headers = {"Content-Length": str(len(body))}
    if start:
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
    head(handler, 206 if start else 200, hub, headers)
    cut = hub.breaks[handler.path].pop(0) if hub.breaks.get(handler.path) else len(body)
    handler.wfile.write(body[:cut])
    handler.close_connection = True


def head(handler: BaseHTTPRequestHandler, status: int, hub: Hub, headers: dict[str, str]) -> None:
    handler.send_response(status)
    if handler.path in hub.announced:
        headers["X-Linked-Etag"] = hub.announced[handler.path]
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
