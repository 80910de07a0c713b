"""How long a text is in words, also where words have no spaces between them."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Japanese and Chinese, Thai, Lao, Tibetan, Burmese, Khmer.
UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
A_WORD = 2  # characters: five or six of them take a second to say, as do three English words


def word_count(tokens: Iterable[str]) -> int:
    """Words of a text in tokens that are parted by spaces: one each, and one for each A_WORD characters of a script
    that has none.
    """
    wide = [unspaced(token) for token in tokens]
    return words_of(wide.count(0), sum(wide))


def unspaced(token: str) -> int:
    """Characters of a token that belong to a script without spaces."""
    return len(UNSPACED.findall(token))


def words_of(spaced: int, characters: int) -> int:
    """So many tokens with spaces around them, and so many characters without."""
    return spaced + (max(1, characters // A_WORD) if characters else 0)
