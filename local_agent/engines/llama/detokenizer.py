"""From the bytes of tokens to text that may be shown: whole characters, and nothing of a stop text."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class Detokenizer:
    """Collects bytes and lets out text as soon as it is certain.

    A character whose bytes are not all there waits, and so does an ending that could become one of `stops`. `stopped`
    turns true when a stop text came; it and what follows are dropped. From the first of the characters `until` on
    nothing stops the text. `text` is all that was let out.
    """

    def __init__(self, stops: Sequence[str] = (), until: str = "") -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stops = [stop for stop in stops if stop]
        self._until = until
        self._held = ""
        self.text = ""
        self.stopped = False

    def push(self, piece: bytes, *, stopping: bool = True) -> str:
        """The text that can be let out after these bytes, often "". stopping: whether a stop text may be in them."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(piece)
        if not stopping:
            return self._let_out(len(self._held))
        found = [at for at in (self._held.find(stop) for stop in self._stops) if at >= 0]
        end = min((at for at in map(self._held.find, self._until) if at >= 0), default=-1)
        if end >= 0 and end <= min(found, default=end):
            self._stops = []
        elif found:
            self.stopped = True
            return self._let_out(min(found))
        return self._let_out(len(self._held) - self._possible_stop())

    def finish(self) -> str:
        """What was held back in vain. Bytes of an unfinished character are dropped."""
        return "" if self.stopped else self._let_out(len(self._held))

    def _let_out(self, length: int) -> str:
        out, self._held = self._held[:length], self._held[length:]
        self.text += out
        return out

    def _possible_stop(self) -> int:
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stops):
                return length
        return 0
