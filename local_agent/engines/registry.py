"""The engines of this process, each loaded once: rooms share weights and own only cheap state.

`shared()` is what plugins use in anybody's program; `python -m local_agent` makes its own `Engines` and passes it on.
Heavy modules are imported on the loading threads, never at import time.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from local_agent import config, ledger, weights
from local_agent.engines.lane import RightOfWay
from local_agent.errors import EngineError, HardwareError, LocalAgentError, WeightsCorrupt
from local_agent.hardware import SPARE_SEQUENCES, EnginePlan, Hardware, Plan, fall_back, plan, probe, usable_cores
from local_agent.settings import Settings

if TYPE_CHECKING:
    from local_agent.engines.llama import Llama, Sampling
    from local_agent.engines.piper import Piper
    from local_agent.engines.turn import TurnDetector
    from local_agent.engines.whisper import Whisper

logger = logging.getLogger("local_agent")
T = TypeVar("T")
Make = Callable[[EnginePlan, weights.Model], T]

# Both use faster_whisper, whose modules import each other: two threads that begin at two of them end in a deadlock.
_importing = threading.Lock()

APOLOGY = "Sorry, something went wrong. Please say that again."


class Engines:
    """Whisper, llama.cpp, Piper and the turn detector as planned for this machine; each loads at its first use, on a
    thread of its own.

    settings: what the person chose. hardware: None probes the machine at the first need. guest: the process is somebody
    else's program, whose own environment is left alone.
    """

    def __init__(self, settings: Settings, hardware: Hardware | None = None, *, guest: bool = False) -> None:
        self.settings, self._guest = settings, guest
        self.way = RightOfWay()
        self._noted = ledger.of(settings.data_dir)
        self._hardware, self._plan = hardware, cast("Plan | None", None)
        self._lock = threading.RLock()
        self._loading: dict[tuple[str, str | None], Future[Any]] = {}
        self._apology: tuple[str, bytes, int] | None = None

    @property
    def plan(self) -> Plan:
        """Made once; the first call loads the native libraries to ask what they can do (about half a second)."""
        with self._lock:
            if self._plan is None:
                config.prepare_process(usable_cores(), guest=self._guest)
                self._hardware = self._hardware or probe()
                self._plan = plan(self.settings, self._hardware, weights.installed(self.settings.models_dir))
            return self._plan

    def whisper(self, model: str | None = None) -> Future[Whisper]:
        return self._load("whisper", model, self._make_whisper)

    def llama(self, model: str | None = None) -> Future[Llama]:
        return self._load("llama", model, self._make_llama)

    def piper(self, model: str | None = None) -> Future[Piper]:
        return self._load("piper", model, self._make_piper)

    def turn(self) -> Future[TurnDetector] | None:
        """None where the plan has none."""
        return self._load("turn", None, self._make_turn) if self.plan.turn is not None else None

    def load(self, timeout: float = 300.0) -> None:
        """Load all of the plan side by side, warm, and make the apology. Raises the first engine's error."""
        waiting: list[Future[Any] | None] = [self.whisper(), self.llama(), self.piper(), self.turn()]
        for loading in filter(None, waiting):
            loading.result(timeout)
        self.apology()

    def name(self, engine: str, model: str | None = None) -> str:
        """What the metrics call the model: its name, or the last part of its path."""
        if model is None:
            with self._lock:
                model = getattr(self._plan, engine).model if self._plan else "auto"
        return Path(str(model)).name

    def voice_rate(self, model: str | None = None) -> int:
        """Sample rate in Hz of a voice, from the JSON beside it: known before the voice is loaded."""
        found = weights.find(model or self.plan.piper.model, self.settings.models_dir)
        description = found.path.with_name(found.path.name + ".json")
        try:
            return int(json.loads(description.read_text(encoding="utf-8"))["audio"]["sample_rate"])
        except FileNotFoundError:
            weights.verify(found)  # says which file is missing and how to get it
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WeightsCorrupt(
                f"{description} does not tell the voice's sample rate: {error}", fix=weights.mend(found)
            ) from error

    def sampling(self) -> Sampling:
        """The settings' sampling options."""
        from local_agent.engines.llama import Sampling

        s = self.settings
        return Sampling(
            temperature=s.temperature,
            top_p=s.top_p,
            min_p=s.min_p,
            repeat_penalty=s.repeat_penalty,
            max_tokens=s.max_tokens,
            seed=None if s.seed < 0 else s.seed,
        )

    def apology(self) -> tuple[str, bytes, int]:
        """(text, int16 mono PCM, Hz), spoken once while the voice still works."""
        if self._apology is None:  # made without the lock, which the thread that loads the voice needs
            voice, pieces = self.piper().result(), list[bytes]()
            voice.synthesize(APOLOGY, on_audio=pieces.append).result()
            self._apology = (APOLOGY, b"".join(pieces), voice.sample_rate)
        return self._apology

    def close(self) -> None:
        """Shut all engines down; what waits in them ends with EngineClosed or EngineCancelled.

        One that is still loading is closed as soon as it has loaded.
        """
        with self._lock:
            loading, self._loading = list(self._loading.values()), {}
        for future in loading:
            future.add_done_callback(_close_loaded)

    def _load(self, engine: str, model: str | None, make: Make[T]) -> Future[T]:
        with self._lock:
            future = self._loading.get((engine, model))
            if future is None or (future.done() and future.exception() is not None):
                future = self._loading[engine, model] = Future()
                future.set_running_or_notify_cancel()
                work = partial(self._fill, future, engine, model, make)
                threading.Thread(target=work, name=f"load-{engine}", daemon=True).start()
            return future

    def _fill(self, future: Future[T], engine: str, model: str | None, make: Make[T]) -> None:
        try:
            future.set_result(self._made(engine, model, make))
        except LocalAgentError as error:
            future.set_exception(error)
        except Exception as error:  # a native library's own: the waiter gets one of ours
            wrapped = EngineError(
                f"{engine} does not load: {type(error).__name__}: {error}", fix="python -m local_agent doctor"
            )
            wrapped.__cause__ = error
            future.set_exception(wrapped)

    def _made(self, engine: str, model: str | None, make: Make[T]) -> T:
        began = time.monotonic()
        chosen: EnginePlan = getattr(self.plan, engine)
        found = weights.find(model or chosen.model, self.settings.models_dir)
        weights.verify(found, noted=self._noted)
        try:
            made = make(chosen, found)
        except (EngineError, HardwareError) as error:
            if chosen.device == "cpu" or self.settings.device == "cuda":
                raise
            logger.warning("%s does not load on the GPU and runs on the CPU instead: %s", engine, error)
            with self._lock:
                self._plan = fall_back(self.plan, engine, str(error))
            made = make(getattr(self.plan, engine), found)
        logger.debug("%s loaded in %.1f s", found.name, time.monotonic() - began)
        return made

    def _make_whisper(self, chosen: EnginePlan, found: weights.Model) -> Whisper:
        with _importing:
            from local_agent.engines.whisper import Whisper

        engine = Whisper(
            found.path,
            device=chosen.device,
            compute_type=chosen.compute_type,
            threads=chosen.threads,
            graphs=decoder_graphs(chosen, found, self._noted),
            way=self.way,
        )
        engine.warm()
        return engine

    def _make_llama(self, chosen: EnginePlan, found: weights.Model) -> Llama:
        from local_agent.engines.llama import Llama
        from local_agent.engines.quantization import quick

        recast = found.entry is not None and found.entry.recast and chosen.device == "cpu"
        digest = found.files[0].sha256 if recast else None
        engine = Llama(
            quick(found.path, digest, self._noted) if digest else found.path,
            context=self.plan.context,
            conversations=self.plan.max_calls + SPARE_SEQUENCES,
            threads=chosen.threads,
            gpu_layers=chosen.gpu_layers,
            way=self.way,
        )
        engine.warm()
        return engine

    def _make_piper(self, chosen: EnginePlan, found: weights.Model) -> Piper:
        from local_agent.engines.halves import halves
        from local_agent.engines.piper import Piper

        digest = next((file.sha256 for file in found.files if file.path == found.path), None)
        cut = halves(found.path, digest, self._noted) if digest and found.entry and chosen.device == "cpu" else None
        engine = Piper(found.path, halves=cut, device=chosen.device, threads=chosen.threads, way=self.way)
        engine.warm()
        return engine

    def _make_turn(self, _: EnginePlan, found: weights.Model) -> TurnDetector:
        with _importing:
            from local_agent.engines.turn import TurnDetector

        engine = TurnDetector(found.path, way=self.way)
        engine.warm()
        return engine


def decoder_graphs(chosen: EnginePlan, found: weights.Model, noted: Path) -> tuple[Path, Path] | None:
    """Of a verified Whisper's decoder (`engines.graph`), made if need be; None where CTranslate2 decodes.

    That is on a GPU, for numbers of more than 8 bits, which somebody demanded, and for a model given by path, beside
    which nothing is written. noted: the ledger.
    """
    if chosen.device != "cpu" or not chosen.compute_type.startswith("int8") or found.entry is None:
        return None
    from local_agent.engines.graph import SOURCE, graphs

    source = next((file for file in found.files if file.path.name == SOURCE), None)
    return graphs(source.path, source.sha256, noted) if source and source.sha256 else None


def _close_loaded(loading: Future[Any]) -> None:
    if loading.exception() is None:
        loading.result().close()


_shared: Engines | None = None
_shared_lock = threading.Lock()


def shared() -> Engines:
    """The engines that every plugin of this process uses unless it is given others; settings are read at the first
    call.
    """
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Engines(config.load(), guest=True)
        return _shared
