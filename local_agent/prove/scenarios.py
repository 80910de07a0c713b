"""The runs of the product that a proof consists of: plain, its other commands, a hostile environment, broken models."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_agent.errors import LocalAgentError, ProofVoid
from local_agent.prove import positive_control, tun_interface
from local_agent.prove.capture import Capture
from local_agent.prove.hostile_env import VARIABLES
from local_agent.prove.process import Program, end_all
from local_agent.prove.results import Call, Departure, Section
from local_agent.weights import store

CALL_WITHIN = 150.0  # s; a call takes 10 s on two idle cores
DOCTOR_WITHIN = 240.0  # s; it takes 7 s on two idle cores
COMMAND_WITHIN = 150.0  # s; the longest, bench, takes 20 s on two idle cores
REFUSAL_WITHIN = 60.0  # s
WORDS = "How far is it from here to the moon?"  # asked in writing, and said
PATHS = ("/", "/app.js", "/health", "/metrics")  # of the page, asked for as a browser and an operator would
ROLES = {"whisper": "LOCAL_AGENT_WHISPER_MODEL", "llama": "LOCAL_AGENT_LLM_MODEL", "piper": "LOCAL_AGENT_VOICE"}


@dataclass
class Stage:
    """Where sections are played. environment: of every program. models: names or paths of those in use, by engine, once
    the product told them. capture: None in the weaker audit. before: what to run the product with.
    """

    folder: Path
    environment: dict[str, str]
    models_dir: Path
    capture: Capture | None
    before: tuple[str, ...] = ()
    models: dict[str, str] = field(default_factory=dict)

    def place(self, name: str) -> Path:
        """A working folder with a home in it, empty unless a run of that name was there before."""
        folder = self.folder / name
        (folder / "home").mkdir(parents=True, exist_ok=True)
        return folder

    def program(self, place: Path, variables: dict[str, str], *arguments: str, name: str = "start") -> Program:
        environment = self.environment | variables | {"HOME": str(place / "home")}
        before = self.before if name == "start" else ()
        return Program(place, environment, *arguments, name=name, inside=self.capture is not None, before=before)


def plain(stage: Stage, tell: Callable[[str], object]) -> Section:
    """The product as it is started by a person, with a call and the doctor."""
    section = Section("plain", "The product with this machine's own settings, and nothing special in its environment.")
    with _watched(stage, section):
        play(stage, section, {}, tell)
    return section


def hostile(stage: Stage, tell: Callable[[str], object]) -> Section:
    """The same with every risky variable set."""
    section = Section(
        "hostile environment",
        f"The same with {len(VARIABLES)} variables set that would make a part of it call out: {', '.join(VARIABLES)}.",
    )
    with _watched(stage, section):
        play(stage, section, dict(VARIABLES), tell)
    return section


def commands(stage: Stage, tell: Callable[[str], object]) -> Section:
    """Every other command that a person would use after set-up, where the plain run was, and one more start."""
    section = Section("commands", "What else is done after set-up: the other commands, and one more start.")
    with _watched(stage, section):
        place = stage.place("plain")
        for _ in range(1 if stage.models else 2):
            _start(stage, section, place, tell)
        for name, words in _commands(stage, place).items():
            tell(f"{section.name}: {name}")
            section.exercised.append(_command(stage, place, name, *words))
            _take(stage, section)
    return section


def broken(stage: Stage, tell: Callable[[str], object]) -> Section:
    """The same with files of its models missing: it must refuse, and ask nobody for them."""
    section = Section(
        "broken models", "Files of its models are taken away. It must refuse to start, and must not go and fetch them."
    )
    with _watched(stage, section):
        if not ROLES.keys() <= stage.models.keys():
            raise ProofVoid("which models are in use is not known, because the plain run told none")
        for number, (engine, pattern) in enumerate(
            (("whisper", "tokenizer.json"), ("piper", "*.json"), ("llama", "*"))
        ):
            tell(f"{section.name}: {engine} without {pattern}")
            _refuse(stage, section, engine, pattern, f"broken-{number}")
        tell(f"{section.name}: a Whisper folder of one's own")
        _refuse(stage, section, "whisper", "tokenizer.json", "broken-own", own=True)
    return section


def guest(stage: Stage, tell: Callable[[str], object]) -> Section:
    """Somebody else's program with our session in it, which has not sealed itself."""
    section = Section(
        "another program",
        "A stock livekit-agents AgentServer in its development mode, not sealed, with local_agent.session() in a job "
        "process of its own, on a livekit-server of this machine.",
    )
    with _watched(stage, section):
        tell(f"{section.name}: calling")
        program = stage.program(
            stage.place("guest"), {"LIVEKIT_DEV_MODE": "1"}, "local_agent.prove.guest_program", name="guest"
        )
        told = _told(program, "the call in another program")
        section.call, section.models = Call(**told["call"]), told["models"]
        section.exercised.append(f"a spoken call by a real client: {_figures(section.call)}")
        _take(stage, section)
    return section


SECTIONS = {"plain": plain, "commands": commands, "guest": guest, "hostile": hostile, "broken": broken}


@contextmanager
def _watched(stage: Stage, section: Section) -> Iterator[None]:
    """Between two controls, note what leaves; whatever goes wrong becomes the section's fault."""
    began, lost = time.monotonic(), tun_interface.counters()[1] if stage.capture else 0
    try:
        _control(stage, section)
        yield
        _take(stage, section)
        end_all()
        _control(stage, section)
    except (LocalAgentError, OSError, RuntimeError, ValueError) as error:
        section.faults.append(str(error) or repr(error))
    finally:
        end_all()
        if stage.capture is not None and stage.capture.fault is None:
            section.note(stage.capture.take())
            if dropped := tun_interface.counters()[1] - lost:
                section.departures.append(Departure("?", "not read in time", "", "unknown", dropped, time.time()))
        section.seconds = round(time.monotonic() - began, 1)


def _take(stage: Stage, section: Section) -> None:
    if stage.capture is not None:
        section.note(stage.capture.take())


def _control(stage: Stage, section: Section) -> None:
    if stage.capture is None:
        return
    found, others = positive_control.run(stage.capture, stage.environment)
    section.controls.append(found)
    section.note(others)
    if not found.counted:
        raise ProofVoid(
            f"the control's own packets were not counted: {found.dns} DNS queries and {found.tcp} connections",
            expected="at least one of each",
        )
    if not found.named:
        raise ProofVoid("the process that sent the control's packets was not recognised, so no other's would be")


def play(stage: Stage, section: Section, variables: dict[str, str], tell: Callable[[str], object]) -> None:
    """Start, look at the page, call, examine, end. The weaker audit sees `start` alone, so no doctor examines there."""
    place = stage.place(section.name.split()[0])
    tell(f"{section.name}: starting")
    began = time.monotonic()
    product = stage.program(place, variables, "local_agent", "start")
    address = product.ready()
    section.exercised.append(f"livekit-server, agent and page started in {time.monotonic() - began:.1f} s")
    section.models = stage.models = _page(address)
    section.exercised.append(f"asked the page for {', '.join(PATHS)}")
    _take(stage, section)
    tell(f"{section.name}: calling")
    section.call = _call(stage, place, variables, address)
    section.exercised.append(f"a spoken call by a real client: {_figures(section.call)}")
    _take(stage, section)
    if stage.capture is not None:
        tell(f"{section.name}: the doctor")
        section.exercised.append(_doctor(stage, place, variables))
        _take(stage, section)
    status = product.end()
    section.exercised.append("ended by Ctrl-C" if status == 0 else f"ended by Ctrl-C with status {status}")


def _start(stage: Stage, section: Section, place: Path, tell: Callable[[str], object]) -> None:
    """Start, look at the page, end."""
    tell(f"{section.name}: starting")
    began = time.monotonic()
    product = stage.program(place, {}, "local_agent", "start")
    address = product.ready()
    section.exercised.append(f"start: ready in {time.monotonic() - began:.1f} s, the page asked for, ended")
    section.models = stage.models = _page(address)
    product.end()
    _take(stage, section)


def _commands(stage: Stage, place: Path) -> dict[str, tuple[str, ...]]:
    """Modules with their arguments, by what is done."""
    voice, question = store.find(stage.models["piper"], stage.models_dir).path, place / "question.wav"
    return {
        "doctor": ("local_agent", "doctor", "--json"),
        "a question for talk": ("local_agent.prove.spoken_question", str(voice), str(question)),
        "talk": ("local_agent", "talk", str(question), "--json"),
        "ask": ("local_agent", "ask", WORDS, "--json"),
        "say": ("local_agent", "say", WORDS, "--output", str(place / "said.wav")),
        "transcribe": ("local_agent", "transcribe", str(question), "--json"),
        "bench --count 1": ("local_agent", "bench", "--count", "1", "--json", str(place / "bench.json")),
        "licenses": ("local_agent", "licenses"),
        "download --list": ("local_agent", "download", "--list"),
    }


def _command(stage: Stage, place: Path, name: str, *words: str) -> str:
    """Run a command to its end; what was done, in words. Raises ProofVoid where it fails, so that nothing was tried."""
    began = time.monotonic()
    program = stage.program(place, {}, *words, name=name.split()[0])
    status = program.wait(COMMAND_WITHIN)
    if status is None:
        program.process.kill()
        raise ProofVoid(f"{name} hung")
    if status != 0 and not (name == "doctor" and program.output.stat().st_size):  # it found something to mend
        raise ProofVoid(f"{name} failed with status {status}: {program.fault or program.words[-300:].strip()}")
    return f"{name}: done in {time.monotonic() - began:.1f} s"


def _page(address: str) -> dict[str, str]:
    """Names of the models in use; asks for every one of PATHS."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    answers = {path: opener.open(f"{address}{path}", timeout=10).read() for path in PATHS}
    return {str(engine): str(name) for engine, name in json.loads(answers["/health"])["models"].items()}


def _call(stage: Stage, place: Path, variables: dict[str, str], address: str) -> Call:
    voice = store.find(stage.models["piper"], stage.models_dir).path
    caller = stage.program(place, variables, "local_agent.prove.call", address, str(voice), name="call")
    return Call(**_told(caller, "the call"))


def _told(program: Program, what: str) -> dict[str, Any]:
    """The last line of JSON that a program printed. Raises ProofVoid where it failed or hung."""
    status = program.wait(CALL_WITHIN)
    if status != 0:
        program.process.kill()
        said = program.fault or program.words[-300:].strip() or "it said nothing"
        raise ProofVoid(f"{what} failed: {said}" if status is not None else f"{what} hung: {said}")
    told: dict[str, Any] = json.loads(program.output.read_text().splitlines()[-1])
    return told


def _figures(call: Call) -> str:
    return f"{call.heard_words} words understood, {call.said_words} answered, {call.reply_s:g} s of reply heard"


def _doctor(stage: Stage, place: Path, variables: dict[str, str]) -> str:
    """What the doctor found beside the running product, in figures."""
    doctor = stage.program(place, variables, "local_agent", "doctor", "--json", name="doctor")
    if doctor.wait(DOCTOR_WITHIN) is None:
        doctor.process.kill()
        raise ProofVoid("the doctor hung")
    try:
        findings = json.loads(doctor.output.read_text())["findings"]
    except (ValueError, KeyError) as error:
        raise ProofVoid(f"the doctor failed: {doctor.words[-300:].strip()}") from error
    counts = [(sum(one["status"] == status for one in findings), status) for status in ("ok", "warning", "fails")]
    return f"doctor: {', '.join(f'{count} {status}' for count, status in counts if count)}"


def _refuse(stage: Stage, section: Section, engine: str, pattern: str, name: str, *, own: bool = False) -> None:
    """Start with links to all models but for the files that match. own: as somebody's folder, not the catalogue's."""
    place = stage.place(name)
    variables = {"LOCAL_AGENT_MODELS_DIR": str(place / "models")}
    removed = ""
    for role, model in ((role, store.find(used, stage.models_dir)) for role, used in stage.models.items()):
        without = pattern if role == engine else ""
        folder = place / "models" / (f"my-{model.name}" if own and role == engine else model.folder.name)
        removed = _linked(model.folder, folder, without) or removed
        elsewhere = folder if model.path == model.folder else folder / model.path.name
        named = model.entry is not None and not (own and role == engine)
        if role in ROLES:  # the turn detector is no choice of anybody's
            variables[ROLES[role]] = model.name if named else str(elsewhere)
    if not removed:
        raise ProofVoid(f"the {engine} model has no file {pattern} that could be taken away")
    program = stage.program(place, variables, "local_agent", "start")
    status, fault = program.wait(REFUSAL_WITHIN), program.fault.replace(str(place), "...")
    program.end()
    if status is None or status == 0 or not fault or "Traceback" in program.words:
        raise ProofVoid(f"without {removed} of {engine} it did not refuse cleanly: {program.words[-300:].strip()}")
    section.exercised.append(f"without {removed}, refused: {fault}")
    _take(stage, section)


def _linked(source: Path, target: Path, without: str) -> str:
    """Fill `target` with links to the files of `source` but for those that match; a name of those."""
    target.mkdir(parents=True, exist_ok=True)
    left_out = {path.name for path in source.glob(without)} if without else set()
    for path in source.iterdir():
        if path.name not in left_out and not (target / path.name).exists():
            (target / path.name).symlink_to(path.resolve())
    return ", ".join(sorted(left_out)) if left_out else ""
