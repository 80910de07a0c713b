"""What llama.cpp says: its errors go into our log, and the first of them tells why something failed."""

from __future__ import annotations

import logging

import llama_cpp as native

log = logging.getLogger(__name__)

_ERROR_LEVEL = 4  # GGML_LOG_LEVEL_ERROR in ggml.h
errors: list[str] = []
"""The last few; whoever begins something that may fail clears them."""


@native.llama_log_callback  # type: ignore[untyped-decorator, unused-ignore]
def quiet(level: int, text: bytes, _: object) -> None:
    if level == _ERROR_LEVEL:
        line = text.decode("utf-8", "replace").strip()
        errors[:] = [*errors[-4:], line]
        log.log(logging.DEBUG if "memory slot" in line else logging.WARNING, "llama.cpp: %s", line)


def last_error() -> str:
    return errors[0] if errors else "it gave no reason"
