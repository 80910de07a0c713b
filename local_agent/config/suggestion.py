"""What may stand in place of a setting that is not allowed, so that a refusal ends in a line that works."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from local_agent.config.settings import FIELDS, Settings
from local_agent.errors import nearest

# In place of pydantic's words, by its type of fault.
WORDS = {
    "string_pattern_mismatch": "expected letters, digits and _ . - only, a letter or digit first",
    "string_too_short": "expected a word, and this is empty",
    "path_type": "expected a path",
}


def better(name: str, fault: Mapping[str, Any], given: object) -> object:
    """A value that is allowed: the nearest one where that can be known, else the default; None for none.

    fault: as pydantic tells it.
    """
    context, default = fault.get("ctx", {}), FIELDS[name].default
    if fault["type"] == "literal_error":
        return nearest(str(given), re.findall("'([^']*)'", context["expected"])) or default
    if name == "language":
        meant = re.search(r"did you mean (\w+)", fault["msg"])
        return meant[1] if meant else default
    written = re.search(r"(?:write|leave only) (\w+://\S+)$", fault["msg"])
    if written is not None and "," not in str(given) and _allowed(name, written[1]):
        return written[1]
    bound = next((context[end] for end in ("le", "ge") if end in context), None)
    if bound is not None and _finite(given):
        return bound
    return default if isinstance(default, str | int | float) else None


def _allowed(name: str, value: str) -> bool:
    try:
        Settings.model_validate({name: value})
    except ValidationError as error:
        return all(not fault["loc"] for fault in error.errors())  # what it needs beside it is another matter
    return True


def _finite(given: object) -> bool:
    try:
        return math.isfinite(float(str(given)))
    except ValueError:
        return False
