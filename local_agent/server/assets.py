"""The page's files, read once: what is not in this table cannot be asked for."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local_agent.errors import ConfigError

TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
}
CLIENT = "vendor/livekit-client.umd.js"

_SMALL = 1024  # bytes; compressing less than a packet gains nothing


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, the same compressed (empty where that gains nothing), its type and its strong ETag."""

    body: bytes
    packed: bytes
    content_type: str
    etag: str

    def answer(self, request: web.Request) -> web.Response:
        """The file, or 304 where the browser has it. index.html is never stored, the rest is asked for again each
        time."""
        headers = {"Cache-Control": "no-store" if self.content_type == "text/html" else "no-cache"}
        if self.content_type != "text/html":
            headers["ETag"] = f'"{self.etag}"'
            wanted = request.if_none_match or ()
            if any(tag.value in (self.etag, "*") for tag in wanted):
                return web.Response(status=304, headers=headers)
        body = self.body
        if self.packed:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("Accept-Encoding", "").lower():
                headers["Content-Encoding"], body = "gzip", self.packed
        charset = None if self.content_type == "image/png" else "utf-8"
        return web.Response(body=body, content_type=self.content_type, charset=charset, headers=headers)


def load(folder: Path, **words: str) -> dict[str, Asset]:
    """{URL path: Asset} of a page folder; `/` is index.html with `{{title}}` and whatever else is in `words` filled in.
    Raises ConfigError when a part is missing."""
    for needed in ("index.html", CLIENT):
        if not (folder / needed).is_file():
            raise ConfigError(
                f"the page is incomplete: {needed} is missing",
                fix="run 'make setup' (npm fetches it once), or install the wheel",
            )
    table = {}
    for path in sorted(folder.rglob("*")):
        kind = TYPES.get(path.suffix)
        if kind and path.is_file():
            table[f"/{path.relative_to(folder).as_posix()}"] = _asset(path.read_bytes(), kind)
    index = (folder / "index.html").read_text("utf-8")
    for name, text in words.items():
        index = index.replace(f"{{{{{name}}}}}", _escaped(text))
    del table["/index.html"]
    table["/"] = _asset(index.encode(), TYPES[".html"])
    return table


def _asset(body: bytes, kind: str) -> Asset:
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= _SMALL else b""
    return Asset(body, packed if len(packed) < len(body) else b"", kind, hashlib.sha256(body).hexdigest()[:32])


def _escaped(text: str) -> str:
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(plain, entity)
    return text
