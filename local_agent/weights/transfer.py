"""One URL into one file: resumed after a break, retried with patience, checked before anybody trusts it.

With less patience where somebody else serves the same file.

Standard library only, so that set-up can use it before anything is installed. Proxies come from the environment, as
urllib reads them, or from pip's own configuration.
"""

from __future__ import annotations

import errno
import http.client
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from email.message import Message
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from local_agent.errors import DownloadFailed
from local_agent.weights.store import sha256_of

T = TypeVar("T")
CHUNK = 256 * 1024  # bytes read at a time
TIMEOUT = 30.0  # seconds without a byte
TRIES = 5  # in a row without a single byte of progress; their pauses add up to PAUSE * (1 + 2 + 4 + 8) seconds
PAUSE = 1.0  # seconds before the second try
FIRST_ANSWER = 8.0  # seconds from the name to the first byte, where another place serves the same file
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS})
_SHA256 = re.compile(r'(?:W/)?"?([0-9a-f]{64})"?')


class Progress(Protocol):
    """Who wants to know how a download goes."""

    def begin(self, label: str, done: int, total: int | None) -> None:
        """A file starts at `done` bytes of `total`."""

    def advance(self, done: int) -> None:
        """The file now has `done` bytes."""

    def say(self, line: str) -> None:
        """Something a person should read."""


@dataclass(frozen=True)
class Remote:
    """What to fetch. label: what a person calls it; size: bytes, when known.

    sha256: None when nobody pinned it; then the file must have the hash that the server announces, if it announces one.
    """

    url: str
    label: str
    size: int | None
    sha256: str | None


@dataclass(frozen=True)
class Web:
    """How to reach the network. proxy: URL for http and https; certificates: a bundle to trust instead of the system's.

    pause: seconds before the second try, doubled for each further one. first_answer: as FIRST_ANSWER.
    """

    proxy: str | None = None
    certificates: str | None = None
    timeout: float = TIMEOUT
    pause: float = PAUSE
    first_answer: float = FIRST_ANSWER

    def open(
        self, url: str, start: int, *, within: float | None = None
    ) -> tuple[http.client.HTTPResponse, list[Message]]:
        """The response to a GET from byte `start` on, and the headers of the redirects on the way.

        within: seconds for all of that. `timeout` alone holds for each address of a name, and for none of the time in
        which a name is looked up.
        """
        return self._open(url, start) if within is None else _in_time(lambda: self._open(url, start), within)

    def _open(self, url: str, start: int) -> tuple[http.client.HTTPResponse, list[Message]]:
        redirects = _Redirects()
        secure = urllib.request.HTTPSHandler(context=_trust(self.certificates))
        handlers: list[urllib.request.BaseHandler] = [redirects, secure]
        if self.proxy:
            handlers.append(urllib.request.ProxyHandler({"http": self.proxy, "https": self.proxy}))
        headers = {"Accept-Encoding": "identity", "User-Agent": "local-agent"}
        if start:
            headers["Range"] = f"bytes={start}-"
        request = urllib.request.Request(url, headers=headers)
        return urllib.request.build_opener(*handlers).open(request, timeout=self.timeout), redirects.seen


def _in_time(work: Callable[[], T], seconds: float) -> T:
    """What `work` returns or raises; TimeoutError where it does neither in time: then it ends by itself some day."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="first-answer", daemon=True).start()
    return done.result(seconds)


@lru_cache
def _trust(certificates: str | None) -> ssl.SSLContext:
    """Read once: a bundle of certificates takes a tenth of a second, and there may be many requests."""
    return ssl.create_default_context(cafile=certificates)


@dataclass
class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects and keeps their headers: the hub names a file's hash only on the redirect to its store."""

    seen: list[Message] = field(default_factory=list)

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        self.seen.append(headers)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def transfer(remote: Remote, part: Path, *, progress: Progress, web: Web, others: bool = False) -> str:
    """Fetch `remote` into `part`, going on where an earlier try stopped, and return the SHA-256 of the whole file.

    others: another place serves the same file, so that one try which brings nothing is enough. What arrived before a
    break, a signal or an error stays in `part`. Raises DownloadFailed; its cause is the urllib.error.HTTPError when the
    server said no. `went_away` and `lies_here` tell why.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    for fresh in (True,) if others and not _size(part) else (False, True):
        announced = _until_whole(remote, part, progress, web, others)
        found = sha256_of(part)
        expected = remote.sha256 or announced or found
        if found == expected:
            return found
        resumed = not fresh
        part.unlink()
        if resumed:
            progress.say(f"{remote.label}: what arrived has the wrong sha256; fetching it once more from the beginning")
    raise DownloadFailed(
        f"{remote.label}: what {remote.url} serves has sha256 {found}",
        expected=f"sha256 {expected}",
        fix="nothing was installed; check the mirror or proxy on the way, or report it as a wrong pin",
    )


def went_away(error: DownloadFailed) -> bool:
    """Whether nobody answers there (any more), rather than answering what is of no use."""
    cause = error.__cause__
    return isinstance(cause, OSError | http.client.HTTPException) and not (
        isinstance(cause, urllib.error.HTTPError) or lies_here(error)
    )


def lies_here(error: DownloadFailed) -> bool:
    """Whether this machine's disk is at fault: then no other place helps."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in _UNWRITABLE


def _until_whole(remote: Remote, part: Path, progress: Progress, web: Web, others: bool) -> str | None:
    """Try until the file is complete; a try that brought bytes starts the count anew. Returns the announced hash."""
    failures, within = 0, web.first_answer if others else None
    while True:
        before = _size(part)
        if remote.sha256 and before and before == remote.size:
            return None  # it was complete already; its hash is looked at next
        try:
            return _once(remote, part, progress, web, within)
        except urllib.error.HTTPError as error:
            if error.code not in _TRY_AGAIN:
                raise _refused(remote, error) from error
            cause: Exception = error
        except OSError as error:
            if error.errno in _UNWRITABLE:
                raise unwritable(remote.label, part, error) from error
            cause = error
        except http.client.HTTPException as error:
            cause = error
        came = _size(part) > before
        failures = 1 if came else failures + 1
        if failures >= TRIES or (others and not came):
            raise DownloadFailed(
                f"{remote.label}: {remote.url} cannot be read ({_reason(cause)})",
                expected=f"an answer within {within or web.timeout:g} s",
                fix="check the network and proxy, then run the same command: it goes on where it stopped",
            ) from cause
        progress.say(f"{remote.label}: {_reason(cause)}; trying again")
        time.sleep(web.pause * 2 ** (failures - 1))


def _once(remote: Remote, part: Path, progress: Progress, web: Web, within: float | None) -> str | None:
    """One request, its body appended to `part`. Returns the announced hash; a break raises ConnectionError."""
    start = _size(part)
    try:
        response, redirects = web.open(remote.url, start, within=within)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not start:
            raise
        part.unlink()  # the server knows no such byte: what we have is longer than the file
        response, redirects = web.open(remote.url, 0, within=within)
    with response:
        if start and (response.status != 206 or _range_start(response.headers) != start):
            start = 0  # it ignores ranges and sends everything
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else remote.size
        progress.begin(remote.label, start, total)
        with part.open("ab" if start else "wb") as stream:
            done = _copy(response.read, stream, start, remote.size, progress)
        too_much = remote.size is not None and done > remote.size  # its hash is refused next, trying again is no use
        if total is not None and done < total and not too_much:
            raise ConnectionError(f"it broke off after {done:,} of {total:,} bytes")
        return _announced([*redirects, response.headers])


def _copy(read: Callable[[int], bytes], stream: IO[bytes], done: int, size: int | None, progress: Progress) -> int:
    """Bytes in the file after copying; stops when more arrives than there should be, which the hash then refuses."""
    while chunk := read(CHUNK):
        stream.write(chunk)
        done += len(chunk)
        progress.advance(done)
        if size is not None and done > size:
            break
    return done


def _announced(headers: list[Message]) -> str | None:
    """The SHA-256 that a Hugging Face hub states for a large file."""
    for found in headers:
        match = _SHA256.fullmatch((found.get("X-Linked-Etag") or "").strip())
        if match:
            return match[1]
    return None


def _range_start(headers: Message) -> int | None:
    match = re.match(r"bytes (\d+)-", headers.get("Content-Range") or "")
    return int(match[1]) if match else None


def _refused(remote: Remote, error: urllib.error.HTTPError) -> DownloadFailed:
    return DownloadFailed(
        f"{remote.label}: {remote.url} answered {error.code} {error.reason}",
        expected="200 or 206",
        fix="check the address, and whether this server or a proxy on the way wants a login",
    )


def unwritable(label: str, part: Path, error: OSError) -> DownloadFailed:
    """The disk's refusal to take more of a file; raise it from that error."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return DownloadFailed(
        f"{label}: {'the disk is full' if full else 'may not write'} at {part.parent} ({error.strerror})",
        fix="make room, then run the same command: it goes on where it stopped"
        if full
        else "choose a folder of yours with --models-dir",
    )


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    return str(inner) or type(inner).__name__


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
