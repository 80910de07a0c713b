"""The engines of this process, each loaded once: rooms share weights and own only cheap state.

`shared()` is what plugins use in anybody's program; `python -m local_agent` makes its own `Engines` and passes it on.
Heavy modules are imported on the loading threads, never at import time.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from local_agent.config import prompt, small_model, sources
from local_agent.config.settings import MOST_VOCABULARY, Settings
from local_agent.engines.apologies import Apologies
from local_agent.engines.inference_thread import CrossEnginePriority
from local_agent.errors import ConfigError, EngineError, HardwareError, LocalAgentError, as_typed_here
from local_agent.hardware import model_facts, validation
from local_agent.hardware.plan import (
    SPARE_SEQUENCES,
    EnginePlan,
    Hardware,
    Plan,
    fall_back,
    models,
    plan,
    probe,
    usable_cores,
)
from local_agent.hardware.probe import with_speed
from local_agent.process import operating_system
from local_agent.weights import hash_cache, store
from local_agent.weights.catalogue import CATALOGUE

if TYPE_CHECKING:
    from local_agent.engines.llama.engine import Llama, Sampling
    from local_agent.engines.piper.engine import Piper
    from local_agent.engines.smart_turn import TurnDetector
    from local_agent.engines.whisper.engine import Whisper

logger = logging.getLogger("local_agent")
T = TypeVar("T")
Make = Callable[[EnginePlan, store.Model], T]

# Both use faster_whisper, whose modules import each other: two threads that begin at two of them end in a deadlock.
_importing = threading.Lock()

USUAL_RATE = 22_050  # Hz, of Piper's voices of middle and high quality
JOB_PROCESS = "job_proc"  # livekit-agents 1.8.9, ipc/job_proc_executor.py
AUTOMATIC = ("profile", "device", "compute_type")  # settings for which there may be no plan


class Engines:
    """Whisper, llama.cpp, Piper and the turn detector as planned for this machine; each loads at its first use, on a
    thread of its own.

    settings: what the person chose; None reads them at the first need, as a guest may (`sources.load_as_guest`).
    hardware: None probes the machine at the first need. guest: the process is somebody else's program, whose own
    environment is left alone. calls: at once, whatever the settings say: the process is a job's own, and spares memory
    where that costs little. Making one, `name`, `voice_rate` and what loads look at nothing and wait for nothing.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        hardware: Hardware | None = None,
        *,
        guest: bool = False,
        calls: int | None = None,
    ) -> None:
        self._settings, self._guest, self._calls = settings, guest, calls
        self.way = CrossEnginePriority()
        self._hardware, self._plan = hardware, cast("Plan | None", None)
        self._lock = threading.Lock()  # of what loads; never held for long
        self._planning = threading.RLock()  # of what is found out once, which takes its time
        self._sound = False  # whether `findings` found nothing
        self._known: dict[tuple[str, str], object] = {}
        self._voices: dict[str, str] | None = None  # as they were on disk when somebody looked
        self._loading: dict[tuple[str, str | None], Future[Any]] = {}

    @property
    def settings(self) -> Settings:
        """Raises ConfigError where they are read only now and something is wrong with them."""
        if self._settings is None:
            with self._planning:
                found = self._settings or sources.load_as_guest()
                self._settings = found if self._calls is None else found.model_copy(update={"max_calls": self._calls})
        return self._settings

    @property
    def plan(self) -> Plan:
        """Made once; the first call loads the native libraries to ask what they can do (about half a second)."""
        if self._plan is None:
            with self._planning:
                if self._plan is None:
                    self._prepare()
                    self._plan = planned(self.settings, self.hardware)
        return self._plan

    @property
    def hardware(self) -> Hardware:
        with self._planning:
            self._hardware = self._hardware or probe()
            return self._hardware

    def _prepare(self) -> None:
        """Before the first of our imports of a native library."""
        if self._calls is not None:
            operating_system.share_heap()
        late = sources.silence_onnx()
        sources.prepare_process(usable_cores(), guest=self._guest)
        if late and self._guest:
            switch = f"export {sources.ONNX_SWITCH}=1, or python -m pip install 'onnxruntime<1.29'"
            logger.warning(
                "ONNX Runtime was imported before its telemetry could be switched off, and reports to its maker; fix: "
                "import local_agent.plugins first, or %s",
                as_typed_here(switch),
            )

    def findings(self, *engines: str) -> list[LocalAgentError]:
        """All that keeps these engines (none named: whisper, llama and piper) from working as they are set, with these
        models, on this machine. Loads none of them.
        """
        with self._planning:
            if self._sound:
                return []
            self._prepare()
            made, found = judged(self.settings, self.hardware, engines or tuple(validation.OWN))
            if not found:
                self._plan, self._sound = self._plan or made, not engines
            return found

    def demand(self, *engines: str) -> None:
        """Raise one error that tells all `findings`; return where there are none."""
        if found := self.findings(*engines):
            raise validation.joined(found)

    def suits(self, engine: str, model: str | None = None, *, vocabulary: Sequence[str] = (), **asked: Any) -> None:
        """Return where a model can do what a program asks of it (`validation.unsuited`), as far as its files tell.

        vocabulary: words that Whisper is to bear in mind. Raises ConfigError, WeightsMissing, WeightsCorrupt.
        """
        known = self.facts_of(engine, model)
        found = validation.unsuited(self.name(engine, model), known, **asked)
        counted = _worded(vocabulary, model or self.plan.whisper.model, self.settings)
        found = found or (validation.overlong(vocabulary, counted) if counted is not None else None)
        if found is not None:
            raise found

    def knows(self, engine: str, model: str | None = None) -> bool:
        """Whether `suits`, and for Piper `voice_for`, can tell at once: a model's files were looked at."""
        looked = self._plan is not None and (engine != "piper" or self._voices is not None)
        return looked and (engine, model or getattr(self._plan, engine).model) in self._known

    def whisper(self, model: str | None = None) -> Future[Whisper]:
        return self._load("whisper", model, self._make_whisper)

    def llama(self, model: str | None = None) -> Future[Llama]:
        return self._load("llama", model, self._make_llama)

    def piper(self, model: str | None = None) -> Future[Piper]:
        return self._load("piper", model, self._make_piper)

    def turn(self) -> Future[TurnDetector] | None:
        """None where the plan has none, and before there is a plan."""
        planned = self._plan is not None and self._plan.turn is not None
        return self._load("turn", None, self._make_turn) if planned else None

    def load(self, timeout: float = 300.0) -> None:
        """Load all of the plan side by side, warm, and make the apology.

        Raises before anything is loaded where something is wrong (`demand`), else the first engine's error.
        """
        self.demand()
        waiting: list[Future[Any] | None] = [self.whisper(), self.llama(), self.piper(), self.turn()]
        for loading in filter(None, waiting):
            loading.result(timeout)
        self.apology()

    def name(self, engine: str, model: str | None = None) -> str:
        """What the metrics call the model: its name, or the last part of its path."""
        if model is None:
            model = getattr(self._plan, engine).model if self._plan else "auto"
        return Path(str(model)).name

    def facts_of(self, engine: str, model: str | None = None) -> Any:
        """What a model's files tell (`hardware.model_facts`), known before it is loaded. engine: whisper, llama, piper.

        Raises ConfigError for a model of another kind, WeightsMissing, WeightsCorrupt.
        """
        name = model or getattr(self.plan, engine).model
        if (engine, name) not in self._known:
            self._known[engine, name] = model_facts.of(engine, name, self.settings.models_dir)
        return self._known[engine, name]

    def voice_rate(self, model: str | None = None) -> int:
        """Sample rate in Hz of a voice, from the JSON beside it: known before the voice is loaded. Before there is a
        plan that of most voices.
        """
        return USUAL_RATE if self._plan is None else int(self.facts_of("piper", model).rate)

    def sampling(self) -> Sampling:
        """The settings' sampling options."""
        from local_agent.engines.llama.engine import Sampling

        s = self.settings
        return Sampling(
            temperature=s.temperature, top_p=s.top_p, min_p=s.min_p, repeat_penalty=s.repeat_penalty,
            max_tokens=s.max_tokens, seed=None if s.seed < 0 else s.seed,
        )  # fmt: skip

    def voice_for(self, language: str) -> str | None:
        """The voice that speaks a language, ISO 639-1: that of the plan, one that the settings name, or one of the
        catalogue's that is on disk. None where none is there. Looks at no file where Piper is known (`knows`).
        """
        voices = self.voices() if self._voices is None else self._voices
        return next((name for name, spoken in voices.items() if spoken == language), None)

    def voices(self) -> dict[str, str]:
        """Language, ISO 639-1, of each voice that may speak, by its name; the plan's first. Looks on disk."""
        named = (self.plan.piper.model, *self.settings.voices)
        there = store.installed(self.settings.models_dir)
        known = (name for name, entry in CATALOGUE.items() if entry.role == "tts" and name in there)
        found = {}
        for name in dict.fromkeys((*named, *known)):
            try:
                found[name] = self.facts_of("piper", name).language
            except LocalAgentError as error:
                logger.warning("a voice is left out: %s", error)
        self._voices = found
        return found

    @cached_property
    def _apologies(self) -> Apologies:
        return Apologies(self.settings.language, self.piper)

    def apology(self, language: str | None = None) -> tuple[str, bytes, int]:
        """(text, int16 mono PCM, Hz), spoken while the voice still works; in the language of a call as soon as that is
        made (`apologise_in`).
        """
        return self._apologies.get(language)

    def apologise_in(self, language: str) -> None:
        """Have the apology made in the language of a call, if a voice speaks it. Returns at once."""

        def loaded(loading: Future[Piper]) -> None:
            if loading.exception() is None and (model := self.voice_for(language)) is not None:
                self._apologies.begin(language, None if model == self.plan.piper.model else model)

        self.piper().add_done_callback(loaded)

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
            model = self._same(engine, model)
            future = self._loading.get((engine, model))
            if future is None or (future.done() and future.exception() is not None):
                future = self._loading[engine, model] = Future()
                future.set_running_or_notify_cancel()
                work = partial(self._fill, future, engine, model, make)
                threading.Thread(target=work, name=f"load-{engine}", daemon=True).start()
            return future

    def _same(self, engine: str, model: str | None) -> str | None:
        """The name under which a model is loaded already: that of a plan may be asked for by name or without one."""
        planned = getattr(self._plan, engine, None)
        names = (model, None, planned.model) if planned and model in (None, planned.model) else (model,)
        return next((name for name in names if (engine, name) in self._loading), model)

    @property
    def _noted(self) -> Path:
        return hash_cache.of(self.settings.data_dir)

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
        if engine == "piper" and self._voices is None:
            self.voices()
        if engine in validation.OWN:
            self.suits(engine, model)
        found = store.find(model or chosen.model, self.settings.models_dir)
        store.verify(found, noted=self._noted)
        if self._calls is not None:
            self._spare_memory()
        try:
            made = make(chosen, found)
        except (EngineError, HardwareError) as error:
            if chosen.device == "cpu" or self.settings.device == "cuda":
                raise
            logger.warning("%s does not load on the GPU and runs on the CPU instead: %s", engine, error)
            with self._planning:
                on_disk = store.installed(self.settings.models_dir)
                self._plan = fall_back(self.plan, engine, str(error), self.settings, self.hardware, on_disk)
            made = make(getattr(self.plan, engine), found)
        logger.debug("%s loaded in %.1f s", found.name, time.monotonic() - began)
        return made

    def _spare_memory(self) -> None:
        with _importing:
            from local_agent.engines import onnx_session

        onnx_session.spare_memory()

    def _make_whisper(self, chosen: EnginePlan, found: store.Model) -> Whisper:
        with _importing:
            from local_agent.engines.whisper.engine import Whisper
            from local_agent.engines.whisper.onnx_export import made_for

        graphs, keep = made_for(chosen, found, self._noted)
        engine = Whisper(
            found.path, device=chosen.device, compute_type=chosen.compute_type, threads=chosen.threads,
            graphs=graphs, keep=keep, way=self.way,
        )  # fmt: skip
        engine.warm()
        return engine

    def _make_llama(self, chosen: EnginePlan, found: store.Model) -> Llama:
        from local_agent.engines.llama.engine import Llama
        from local_agent.engines.llama.requantize import quick

        build = self.hardware.llama_build
        if build.dies and chosen.device == "cpu":
            raise EngineError(build.dies, fix=build.fix)
        if build.slow and self._guest:  # whose plan nobody sees
            logger.warning("%s; fix: %s", build.slow, as_typed_here(build.fix))
        recast = found.entry is not None and found.entry.recast and chosen.device == "cpu"
        digest = found.files[0].sha256 if recast else None
        engine = Llama(
            quick(found.path, digest, self._noted) if digest else found.path,
            context=self.plan.context,
            conversations=self.plan.max_calls + SPARE_SEQUENCES,
            threads=chosen.threads,
            gpu_layers=chosen.gpu_layers,
            small=self._calls is not None and chosen.device == "cpu",
            projector=found.projector,
            way=self.way,
        )
        engine.warm()
        return engine

    def _make_piper(self, chosen: EnginePlan, found: store.Model) -> Piper:
        from local_agent.engines.piper.engine import Piper
        from local_agent.engines.piper.split_model import halves

        digest = next((file.sha256 for file in found.files if file.path == found.path), None)
        cut = halves(found.path, digest, self._noted) if digest and found.entry and chosen.device == "cpu" else None
        engine = Piper(found.path, halves=cut, device=chosen.device, threads=chosen.threads, way=self.way)
        engine.warm()
        return engine

    def _make_turn(self, _: EnginePlan, found: store.Model) -> TurnDetector:
        with _importing:
            from local_agent.engines.smart_turn import TurnDetector

        engine = TurnDetector(found.path, way=self.way)
        engine.warm()
        return engine


def planned(settings: Settings, hardware: Hardware) -> Plan:
    """The plan for the models on disk, with the facts that their files tell. Raises as `hardware.plan` does."""
    installed = store.installed(settings.models_dir)
    hardware = with_speed(hardware, settings.data_dir)
    known = model_facts.read(models(settings, hardware, installed), settings.models_dir)
    return plan(settings, hardware, installed, known)


def judged(
    settings: Settings, hardware: Hardware, engines: Sequence[str] = tuple(validation.OWN)
) -> tuple[Plan, list[LocalAgentError]]:
    """The plan, and all that keeps these engines from working in it. Where no plan can be made, what would be found
    without that fault.
    """
    found: list[LocalAgentError] = []
    mended: dict[str, str] = {}
    while True:
        changed = settings.model_copy(update=mended)
        error = _unplannable(changed, hardware)
        if error is None:
            made = planned(changed, hardware)
            told, heard = _instructed(changed, made), None
            if made.facts.whisper is not None:
                heard = _worded(changed.vocabulary, made.whisper.model, changed)
            subject = validation.Subject(changed, hardware, made, told, frozenset(engines), heard)
            return made, [*found, *validation.findings(subject), *_unusable_voices(settings)]
        found.append(error)
        at_fault = (name for name in AUTOMATIC if str(_unplannable(_automatic(changed, name), hardware)) != str(error))
        name = next(at_fault, "")
        if not name or name in mended:
            raise validation.joined(found)
        mended[name] = "auto"


def _unusable_voices(settings: Settings) -> Iterator[LocalAgentError]:
    """What is wrong with the voices that are named for other languages."""
    for name in settings.voices:
        try:
            model_facts.of("piper", name, settings.models_dir)
        except LocalAgentError as error:
            yield error


def _automatic(settings: Settings, name: str) -> Settings:
    return settings.model_copy(update={name: "auto"})


def _unplannable(settings: Settings, hardware: Hardware) -> LocalAgentError | None:
    """Why no plan can be made."""
    try:
        planned(settings, hardware)
    except (ConfigError, HardwareError) as error:
        return error
    return None


def _instructed(settings: Settings, made: Plan) -> int | None:
    """Tokens that a conversation begins with; None where they surely fit, or the vocabulary is not there to count."""
    model = made.llama.model
    told = prompt.instructions(settings, made.language_model, dt.datetime.now())
    said = [told, *itertools.chain(*small_model.examples(settings, model))]
    if "llama" in made.facts.faults or made.facts.llama is None or made.facts.llama.unfit:
        return None
    if validation.surely_fits(settings, made.context, said):
        return None
    from local_agent.engines.llama.native import tokens_of

    return tokens_of(store.find(model, settings.models_dir).path, said)


def _worded(words: Sequence[str], model: str, settings: Settings) -> int | None:
    """Tokens of a vocabulary; None where they surely fit: a token is a byte at least."""
    if sum(len(word.encode("utf-8", "replace")) + len(", ") for word in words) <= MOST_VOCABULARY:
        return None
    from local_agent.engines.whisper.vocabulary import count

    return count(words, store.find(model, settings.models_dir).path)


def _close_loaded(loading: Future[Any]) -> None:
    if loading.exception() is None:
        loading.result().close()


_shared: Engines | None = None
_shared_lock = threading.Lock()


def shared() -> Engines:
    """The engines that every plugin of this process uses unless it is given others. A job process of livekit-agents has
    one call, so the KV cache is for one.
    """
    global _shared
    with _shared_lock:
        if _shared is None:
            alone = multiprocessing.current_process().name == JOB_PROCESS
            _shared = Engines(guest=True, calls=1 if alone else None)
        return _shared


def prepare_guest() -> None:
    """Set the libraries' own switches in somebody else's program, before its processes inherit them."""
    sources.silence_onnx()
    sources.prepare_process(usable_cores(), guest=True)


def share(engines: Engines) -> None:
    """Have `shared` return these from now on."""
    global _shared
    with _shared_lock:
        _shared = engines
