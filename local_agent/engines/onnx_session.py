"""How ONNX Runtime is set up wherever the lengths of what it computes differ from call to call."""

from __future__ import annotations

import onnxruntime

_arena = True  # whether memory of one computation is kept for the next


def spare_memory() -> None:
    """Have sessions made from now on give the memory of each computation back: for a process that holds one call, and
    stands beside others (docs/decisions/thread-executor.md).
    """
    global _arena
    _arena = False


def set_up(threads: int) -> onnxruntime.SessionOptions:
    """Options of a session with so many threads, one at least, none of which spins."""
    made = onnxruntime.SessionOptions()
    made.intra_op_num_threads = max(1, threads)
    made.inter_op_num_threads = 1
    # Patterns of memory are kept for every length ever seen, and hardly any comes twice.
    made.enable_mem_pattern = False
    made.enable_cpu_mem_arena = _arena
    made.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # A thread that spins while it waits takes its core away from the other engines.
    made.add_session_config_entry("session.intra_op.allow_spinning", "0")
    made.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return made
