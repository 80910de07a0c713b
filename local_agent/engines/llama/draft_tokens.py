"""What a reply will probably say: tokens of an earlier attempt at it, so that several are verified in one step.

A step that reads eight tokens takes hardly longer than one that reads a single token. Nothing is taken over unseen:
each token is sampled as it would have been, and the first that differs throws away what was read behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

KEPT = 12  # tokens of an attempt: what is urgent of a reply
REACH = 4  # tokens of an attempt that a reply may leave out ("so", in "I'm so sorry") before it is another one
ROWS = 7  # tokens verified in one step at most


class DraftTokens:
    """Follows one reply along an earlier attempt at it. attempt: tokens, from the reply's first one on."""

    def __init__(self, attempt: Sequence[int]) -> None:
        self._attempt, self._at = list(attempt), 0

    def follow(self, token: int) -> list[int]:
        """The reply goes on with this token. The tokens that probably come behind it, none where nothing is known."""
        ahead = self._attempt[self._at : self._at + REACH]
        if token not in ahead:
            return []
        self._at += ahead.index(token) + 1
        return self._attempt[self._at : self._at + ROWS]
