"""livekit's native side begins before any call does."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from livekit.rtc._ffi_client import FfiClient
from local_agent import service
print(FfiClient._instance is None)
service._wake_rtc()
print(FfiClient._instance is FfiClient.instance)
"""


def test_two_first_calls_share_one_native_side() -> None:
    """Were it made by the first call, two at once would make two; in this process other tests may have made it."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert told.stdout.split() == ["True", "True"], told.stderr
