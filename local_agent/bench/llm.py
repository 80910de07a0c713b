"""How soon the language model answers, and how fast: `python -m local_agent.bench.llm --model PATH`.

Thread waiting is decided before the native library is loaded, so its effect shows by running the command twice, with
and without OMP_WAIT_POLICY=passive in the environment.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local_agent.bench.cpu_load import busy_core
from local_agent.engines.llama.engine import Llama, Message, Sampling
from local_agent.errors import EngineCancelled

SYSTEM = {"role": "system", "content": "You are a helpful voice assistant. Answer in one short sentence."}
HISTORIES = (0, 500, 2000)
ROOMS = (1, 2, 4, 8)
CONTEXT = 2560
FILLER = "Tell me more about the river, the old town and the harbour, please. "
_ONE = Sampling(temperature=0, max_tokens=1)


@dataclass(frozen=True)
class Figure:
    """A median. threads: of writing and of reading. seconds: wall time. cpu_s: processor time of the whole process,
    which a busy machine distorts less. rate: tokens per second of wall time, where that means something.
    """

    what: str
    threads: int
    busy: bool
    seconds: float
    cpu_s: float
    rate: float | None = None


@dataclass(frozen=True)
class _Timed:
    seconds: float
    cpu_s: float
    tokens: int = 0


def measure(model: Path, *, threads: Sequence[int] = (1, 2), busy: bool = False, rounds: int = 5) -> list[Figure]:
    """Everything, `rounds` times with each number of threads, taking turns so that all share the machine's moods.

    busy: with another process computing all the while. Raises what `Llama` raises.
    """
    found: dict[tuple[str, int], list[_Timed]] = {}
    with ExitStack() as stack:
        engines = {}
        for size in threads:
            engines[size] = Llama(model, context=CONTEXT, threads=size)
            stack.callback(engines[size].close)
            engines[size].warm()
        if busy:
            stack.enter_context(busy_core())
        for turn in range(rounds):
            for size, llama in engines.items():
                for name, timed in (*_first_tokens(llama, turn), *_rooms(llama, turn), *_cancelled(llama, turn)):
                    found.setdefault((name, size), []).append(timed)
    return [_figure(name, size, busy, times) for (name, size), times in found.items()]


def lost_tokens(model: Path, turns: int = 8) -> tuple[int, int]:
    """Tokens of a conversation's replies that had to be read again at the next turn, and how many there were in all."""
    lost = total = 0
    llama = Llama(model, context=CONTEXT)
    try:
        messages: list[Message] = [SYSTEM]
        held = 0
        for turn in range(turns):
            messages.append({"role": "user", "content": f"{turn + 1}. {FILLER}"})
            sampling = Sampling(temperature=0.8, seed=turn)
            done = llama.generate(messages, conversation="lost", sampling=sampling, timeout=None).result()
            lost += max(held - done.cached_tokens, 0)
            held = done.prompt_tokens + done.completion_tokens - (done.finish == "length")
            total += done.completion_tokens if turn < turns - 1 else 0
            messages.append({"role": "assistant", "content": done.text})
    finally:
        llama.close()
    return lost, total


def table(figures: Sequence[Figure]) -> Table:
    """The figures to look at."""
    view = Table("what", "threads", "core busy", "median", "processor", "tokens/s", title="Language model")
    for figure in figures:
        view.add_row(
            figure.what,
            str(figure.threads),
            "yes" if figure.busy else "no",
            f"{figure.seconds * 1000:.0f} ms",
            f"{figure.cpu_s * 1000:.0f} ms",
            "" if figure.rate is None else f"{figure.rate:.0f}",
        )
    return view


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m local_agent.bench.llm", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a .gguf file")
    parser.add_argument("--threads", default="1,2", help="numbers of threads (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--busy", action="store_true", help="also measure while another process keeps one core busy")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.threads.split(",")]
    figures: list[Figure] = []
    for busy in (False, True) if options.busy else (False,):
        figures += measure(options.model, threads=sizes, busy=busy, rounds=options.rounds)
    console = Console()
    console.print(table(figures))
    lost, total = lost_tokens(options.model)
    console.print(f"tokens of replies read again at the next turn: {lost} of {total}")


def _history(tokens: int, llama: Llama) -> list[Message]:
    messages: list[Message] = [SYSTEM]
    while tokens and llama.count(messages) < tokens:
        messages += [{"role": "user", "content": FILLER}, {"role": "assistant", "content": FILLER}]
    return messages


def _first_tokens(llama: Llama, turn: int) -> Iterator[tuple[str, _Timed]]:
    for size in HISTORIES:
        history, name = _history(size, llama), f"history {size}"
        question = [*history, {"role": "user", "content": f"What is the capital of country number {turn}?"}]
        llama.forget(name)
        yield f"first token, {size} tokens of history, cold", _generate(llama, question, name, _ONE)
        other = [*history, {"role": "user", "content": f"How many people live in town number {turn}?"}]
        yield f"first token, {size} tokens of history, warm", _generate(llama, other, name, _ONE)
        heard = [*history, {"role": "user", "content": f"Who was the first mayor of town number {turn}?"}]
        llama.prefill(heard, conversation=name, open_user_turn=True, timeout=None).result()
        yield f"first token, {size} tokens of history, words read ahead", _generate(llama, heard, name, _ONE)
        llama.forget(name)


def _rooms(llama: Llama, turn: int) -> Iterator[tuple[str, _Timed]]:
    sampling = Sampling(temperature=0.8, seed=turn, max_tokens=24)
    for count in ROOMS:
        talks = [[SYSTEM, {"role": "user", "content": f"Tell me a long story about number {i}."}] for i in range(count)]
        for index, talk in enumerate(talks):
            llama.prefill(talk, conversation=f"room {index}", timeout=None).result()
        began, cpu = time.perf_counter(), time.process_time()
        jobs = [
            llama.generate(talk, conversation=f"room {i}", sampling=sampling, timeout=None)
            for i, talk in enumerate(talks)
        ]
        tokens = sum(job.result().completion_tokens for job in jobs)
        yield f"{count} rooms", _Timed(time.perf_counter() - began, time.process_time() - cpu, tokens)
        for index in range(count):
            llama.forget(f"room {index}")


def _cancelled(llama: Llama, turn: int) -> Iterator[tuple[str, _Timed]]:
    talk = [SYSTEM, {"role": "user", "content": f"Tell me a long story about number {turn}."}]
    started = threading.Event()
    job = llama.generate(talk, conversation="cancelled", on_text=lambda _: started.set(), timeout=None)
    job.add_done_callback(lambda _: started.set())
    started.wait()
    began, cpu = time.perf_counter(), time.process_time()
    job.cancel()
    try:
        job.result()
    except EngineCancelled:
        yield "from cancel to stop", _Timed(time.perf_counter() - began, time.process_time() - cpu)
    yield "first token, the same again after a cancel", _generate(llama, talk, "cancelled", _ONE)
    llama.forget("cancelled")


def _generate(llama: Llama, messages: Sequence[Message], conversation: str, sampling: Sampling) -> _Timed:
    began, cpu = time.perf_counter(), time.process_time()
    llama.generate(messages, conversation=conversation, sampling=sampling, timeout=None).result()
    return _Timed(time.perf_counter() - began, time.process_time() - cpu)


def _figure(name: str, size: int, busy: bool, times: Sequence[_Timed]) -> Figure:
    rates = [timed.tokens / timed.seconds for timed in times if timed.tokens]
    return Figure(
        what=name,
        threads=size,
        busy=busy,
        seconds=statistics.median(timed.seconds for timed in times),
        cpu_s=statistics.median(timed.cpu_s for timed in times),
        rate=statistics.median(rates) if rates else None,
    )


if __name__ == "__main__":
    main()
