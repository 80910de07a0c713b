"""livekit-agents' list of plugins, on which ours stand once.

Where its job processes are forked (Linux), it imports the package that a plugin names there into the process that they
are forked from (docs/decisions/thread-executor.md).
"""

from __future__ import annotations

import logging
import threading

from livekit.agents import Plugin

from local_agent import __version__

PRELOADED = "local_agent.call.preload"  # imported by this name alone, and only there


class LocalAgent(Plugin):
    """Whisper, llama.cpp and Piper."""

    def __init__(self) -> None:
        super().__init__("local_agent", __version__, PRELOADED, logging.getLogger("local_agent"))


def register() -> None:
    """Once in a process. On any other thread than the main one livekit-agents takes no plugin: job processes then
    import for themselves.
    """
    known = any(isinstance(plugin, LocalAgent) for plugin in Plugin.registered_plugins)
    if not known and threading.current_thread() is threading.main_thread():
        Plugin.register_plugin(LocalAgent())
