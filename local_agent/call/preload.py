"""What the job processes of somebody else's program have in common, imported once in the process that livekit-agents
forks them from (multiprocessing's forkserver, on Linux): they share that memory until one of them writes to it.

livekit-agents imports this module there, by the name that `plugins.registered` gives it; nobody else does. Modules
only: they start no threads, which a fork would leave behind, and load no weights. docs/decisions/thread-executor.md.
"""

from __future__ import annotations

import importlib
import logging

from local_agent.process import operating_system

logger = logging.getLogger("local_agent")

MODULES = (
    "local_agent.call.guest",
    "local_agent.engines.whisper.engine",
    "local_agent.engines.whisper.onnx_export",
    "local_agent.engines.llama.engine",
    "local_agent.engines.llama.native",
    "local_agent.engines.llama.prompt",
    "local_agent.engines.llama.scheduler",
    "local_agent.engines.llama.requantize",
    "local_agent.engines.piper.engine",
    "local_agent.engines.piper.split_model",
    "local_agent.engines.smart_turn",
    "numpy.random",
    "piper.espeakbridge",
)


def load() -> None:
    """Import what a job process would import by itself, behind the switches of the libraries."""
    operating_system.share_heap()  # before numpy starts a thread, whose own heap every job process would inherit
    importlib.import_module("local_agent.engines.registry").prepare_guest()
    for name in MODULES:
        try:
            importlib.import_module(name)
        except Exception as error:  # what needs it tells of it in the job process, with a way to mend it
            logger.debug("%s is not shared by job processes: %s", name, error)


load()
