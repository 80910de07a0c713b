"""`bench interruption`: how soon the agent falls silent when it is talked over, and what makes it do so wrongly.

Callers speak over its long first words in real calls: recordings of speech must silence it; noise, listening sounds and
its own echo must not, nor take a word away.
"""

from __future__ import annotations

import asyncio
import difflib
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from local_agent.audio import wav
from local_agent.bench import clips, report, response_time
from local_agent.bench.interrupting_caller import Call, Effect, Sound
from local_agent.bench.report import OURS
from local_agent.bench.statistics import quantile
from local_agent.bench.subprocess_json import Child
from local_agent.bench.synthetic_hum import mm_hmm
from local_agent.bench.word_error_rate import words
from local_agent.config.settings import Settings
from local_agent.doctor.network import demand_interface
from local_agent.engines.piper.engine import Piper
from local_agent.engines.registry import Engines
from local_agent.engines.whisper.engine import Whisper
from local_agent.process.logs import log_to_screen
from local_agent.simulated_caller import HEARD
from local_agent.turns.timeline import Mark

SPEECH = (
    "The river begins high in the mountains, where the snow lies until the middle of June. From there it runs through "
    "a narrow valley, past three old villages and a mill that nobody has used for a hundred years. Farther down it "
    "meets a second river, which is broader and slower, and the two go on together towards the sea."
)
KINDS = ("speech", "noise", "backchannel", "echo")
LISTENING = ("Uh-huh.", "Yeah.")  # and hums
HUMS = (110.0, 200.0)  # Hz
NOISE_S, EVERY_S, A_CALL = 3.0, 3.6, 4  # s of a noise, s from one to the next, noises over one SPEECH
SETTLED = 2.0  # s after the first sound, when it is known if there is an echo
SOON = 0.1  # s after its first sound by which a caller is to notice that the agent has noticed
# s of a recording that a transcript holds best. tiny.en ends one now and then after the first of two clauses (speech
# that nothing disturbs, 12 times each: 5, 3 and 1 times), so that a word is missing where it is in none of three.
PIECES = (8.0, 6.0, 5.0)


@dataclass(frozen=True)
class Options:
    """count: recordings of speech. kinds: of KINDS. folder: of recordings."""

    count: int = 10
    kinds: Sequence[str] = KINDS
    folder: Path | None = None
    json: Path | None = None


@dataclass
class Held:
    """A call that was held. ear: what Whisper hears in its recording; missing: words of SPEECH that are not in it."""

    number: int
    effects: list[Effect]
    said: str
    record: str
    echo: bool
    began: float
    ended: float
    marks: list[Mark] = field(default_factory=list)
    missing: int | None = None
    ear: str = ""

    @property
    def interrupted(self) -> list[float]:
        return [mark.at for mark in self.marks if mark.name == "interrupt"]

    def count(self, name: str) -> int:
        """How often the voice was held ("hold") or ducked ("duck")."""
        return sum(mark.name == name for mark in self.marks)

    def yielded_after(self, effect: Effect) -> float | None:
        """Seconds from the first sound until the agent ducked or held its voice; the way to the ear not counted."""
        yielded = [mark.at for mark in self.marks if mark.name in ("duck", "hold")]
        return next((at - effect.onset for at in yielded if at >= effect.onset), None)

    @property
    def spoken(self) -> bool:
        return any(effect.kind == "speech" for effect in self.effects)


def run(settings: Settings, options: Options) -> None:
    """Measure and print. Raises LocalAgentError."""
    log_to_screen(settings.log_level, libraries="error")
    report.demand_writable(options.json)
    held, source = asyncio.run(response_time.ended_politely(measure(settings, options)))
    found = figures(held)
    Console().print(table(found, source))
    told = {"clips": source, **found, "calls": [_facts(call) for call in held]}
    report.save_json(options.json, report.heading() | {"interruption": told})


async def measure(settings: Settings, options: Options) -> tuple[list[Held], str]:
    """(calls, where the clips come from). Raises LocalAgentError."""
    demand_interface()
    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local_agent-bench-")))
        alone = response_time.alone(settings, scratch).model_copy(update={"greeting": SPEECH})
        run = response_time.Run(response_time.Options(), alone, Engines(settings), Console(stderr=True))
        run.screen.print("loading the models", style="dim")
        line = await stack.enter_async_context(response_time.ours(run))
        voice = await asyncio.to_thread(run.engines.piper().result)
        language = "en" if settings.language == "auto" else settings.language
        folder, source = clips.folder(options.folder, lambda: voice, scratch, language)
        calls = []
        if "speech" in options.kinds:
            calls += plan(clips.orders(clips.read(folder, language), 1, options.count)[0], scratch)
        if set(options.kinds) - {"speech"}:
            calls += disturbances(len(calls), scratch, voice, options.kinds)
        held = []
        given = {"line": asdict(line), "calls": [asdict(call) for call in calls]}
        async with Child("local_agent.bench.interrupting_caller", given) as child:
            async for told in child:
                held.append(_held(told["call"], run.marks[OURS]))
                run.screen.print(f"{len(held):3d}/{len(calls)}  {_line(held[-1])}", style="dim", highlight=False)
        ear = await asyncio.to_thread(run.engines.whisper().result)
        for call in held:
            if not call.spoken:
                heard = await asyncio.to_thread(transcripts, Path(call.record), ear)
                call.ear = min(heard, key=lambda text: lost(SPEECH, text))
                call.missing = lost(SPEECH, *heard)
        return held, source


def plan(spoken: Sequence[clips.Clip], scratch: Path) -> list[Call]:
    """A call for each clip, which begins at another moment each time."""
    moments = [SETTLED + 0.23 * (number % 7) for number in range(len(spoken))]
    return [
        Call(number, [Sound(clip.name, "speech", str(clip.path), at)], str(scratch / f"call{number}.wav"))
        for number, (clip, at) in enumerate(zip(spoken, moments, strict=True))
    ]


def disturbances(first: int, scratch: Path, voice: Piper, kinds: Sequence[str] = KINDS) -> list[Call]:
    """Calls with sounds that must not interrupt: none at all (to compare with), listening, noise, the agent's echo."""
    groups: list[tuple[str, list[Path]]] = [("", [])]
    if "backchannel" in kinds:
        groups.append(("backchannel", _spoken(voice, scratch)))
    if "noise" in kinds:
        noises = _noises(scratch)
        groups += [("noise", noises[at : at + A_CALL]) for at in range(0, len(noises), A_CALL)]
    if "echo" in kinds:
        groups.append(("echo", []))
    calls = []
    for number, (kind, paths) in enumerate(groups, first):
        sounds = [Sound(path.stem, kind, str(path), SETTLED + EVERY_S * at) for at, path in enumerate(paths)]
        room = _room(scratch) if kind == "echo" else None
        calls.append(Call(number, sounds, str(scratch / f"call{number}.wav"), room))
    return calls


def figures(held: Sequence[Held]) -> dict[str, Any]:
    """Seconds from the caller's first sound until the voice is ducked or held, and to silence; false interruptions by
    kind; words missing at the ear.
    """
    speech = [(call, effect) for call in held for effect in call.effects if effect.kind == "speech"]
    waits = [
        effect.silent - effect.onset
        for call, effect in speech
        if effect.talking and effect.silent is not None and call.interrupted
    ]
    yielded = [after for call, effect in speech if effect.talking and (after := call.yielded_after(effect)) is not None]
    quiet = [call for call in held if not call.spoken]
    plain = [call.missing for call in quiet if not call.effects and not call.echo and call.missing is not None]
    kinds = {
        kind: [call for call in quiet if any(e.kind == kind for e in call.effects)] for kind in ("noise", "backchannel")
    }
    kinds["echo"] = [call for call in quiet if call.echo]
    return {
        "speech": {
            "clips": len(speech),
            "measured": len(waits),
            "not_interrupted": sum(not call.interrupted for call, _ in speech),
            "p50_s": quantile(waits, 0.5),
            "p95_s": quantile(waits, 0.95),
            "worst_s": quantile(waits, 1.0),
            "yielded_p50_s": quantile(yielded, 0.5),
            "yielded_p95_s": quantile(yielded, 0.95),
            "yielded_worst_s": max(yielded, default=None),
            "yielded_soon": sum(after <= SOON for after in yielded),
        },
        "undisturbed_missing_words": plain[0] if plain else None,
        **{
            kind: {
                "sounds": sum(max(1, len(call.effects)) for call in calls),
                "interruptions": sum(len(call.interrupted) for call in calls),
                "ducks": sum(call.count("duck") for call in calls),
                "holds": sum(call.count("hold") for call in calls),
                "missing_words": [call.missing for call in calls],
            }
            for kind, calls in kinds.items()
        },
    }


def table(found: dict[str, Any], source: str) -> Table:
    """The figures for the screen."""
    shown = Table(title=f"Talked over ({source})")
    for heading in ("", "sounds", "interruptions", "ducked", "held", "p50", "p95", "worst", "words missing"):
        shown.add_column(heading, justify="left" if not heading else "right")
    speech = found["speech"]
    times = ["-" if speech[key] is None else f"{speech[key]:.3f} s" for key in ("p50_s", "p95_s", "worst_s")]
    interrupted = speech["clips"] - speech["not_interrupted"]
    shown.add_row("speech", str(speech["clips"]), str(interrupted), "", "", *times, "")
    if speech["yielded_p50_s"] is not None:
        early = [f"{speech[f'yielded_{key}_s']:.3f} s" for key in ("p50", "p95", "worst")]
        soon = f"within {SOON:g} s: {speech['yielded_soon']}"
        shown.add_row("it yields", soon, "", "", "", *early, "")
    for kind in ("noise", "backchannel", "echo"):
        of = found[kind]
        if of["sounds"]:
            missing = ", ".join(map(str, of["missing_words"]))
            counts = [str(of[key]) for key in ("sounds", "interruptions", "ducks", "holds")]
            shown.add_row(kind, *counts, "", "", "", missing)
    if found["undisturbed_missing_words"] is not None:
        shown.add_row("undisturbed", "", "", "", "", "", "", "", str(found["undisturbed_missing_words"]))
    return shown


def lost(expected: str, *heard: str) -> int:
    """Words of `expected` that have nothing in their place in any of the transcripts."""
    wanted = words(expected)
    gone = set(range(len(wanted)))
    for text in heard:
        changes = difflib.SequenceMatcher(None, wanted, words(text), autojunk=False).get_opcodes()
        gone &= {
            place
            for tag, start, end, first, last in changes
            if tag != "equal"
            for place in range(start + last - first, end)
        }
    return len(gone)


def transcripts(record: Path, ear: Whisper) -> list[str]:
    """The words of a recording as Whisper hears them, cut in its quietest moments into pieces of each length."""
    samples, _ = wav.read(record)
    return [
        " ".join(ear.transcribe(piece, language="en").result(60).text for piece in pieces(samples, longest))
        for longest in PIECES
    ]


def pieces(samples: NDArray[np.int16], longest: float) -> list[NDArray[np.float32]]:
    """float32 [samples] of at most `longest` seconds each, of int16 [samples] at HEARD; cut in its quietest moments."""
    cut: list[NDArray[np.float32]] = []
    left: NDArray[np.float32] = samples.astype(np.float32) / np.float32(32768)
    while len(left) > longest * HEARD:
        half, end = int(longest / 2 * HEARD), int(longest * HEARD)
        loudness = np.convolve(np.abs(left[half:end]), np.ones(HEARD // 5), "valid")
        at = half + int(loudness.argmin()) + HEARD // 10
        cut.append(left[:at])
        left = left[at:]
    return [*cut, left]


def _held(told: dict[str, Any], marks: Sequence[Mark]) -> Held:
    call = Held(**told | {"effects": [Effect(**effect) for effect in told["effects"]]})
    call.marks = [mark for mark in marks if call.began <= mark.at <= call.ended]
    return call


def _line(call: Held) -> str:
    names = ", ".join(effect.name for effect in call.effects) or ("its own echo" if call.echo else "undisturbed")
    silences = [e.silent - e.onset for e in call.effects if e.kind == "speech" and e.silent is not None]
    took = f"{silences[0]:.2f} s" if silences else "goes on" if call.said == SPEECH else "gave up"
    return f"{took}  {names}"


def _facts(call: Held) -> dict[str, Any]:
    """For JSON: times from the first sound on."""
    effects = [
        {"name": e.name, "kind": e.kind, "at_s": round(e.onset - call.began, 3), "talking": e.talking}
        | {"silent_after_s": None if e.silent is None else round(e.silent - e.onset, 3)}
        for e in call.effects
    ]
    marks = [
        [mark.name, round(mark.at - call.began, 3)]
        for mark in call.marks
        if mark.name in ("duck", "hold", "resume", "interrupt")
    ]
    told = {"sounds": effects, "echo": call.echo, "marks": marks, "said": call.said}
    return told | {"at_the_ear": call.ear, "missing_words": call.missing}


def _spoken(voice: Piper, scratch: Path) -> list[Path]:
    """Listening sounds in our own voice, and hums, which it can't make."""
    paths = []
    for pitch in HUMS:
        paths.append(scratch / f"hum{pitch:.0f}.wav")
        wav.write(paths[-1], mm_hmm(pitch, HEARD), HEARD)
    for number, text in enumerate(LISTENING):
        pcm: list[bytes] = []
        voice.synthesize(text, on_audio=pcm.append).result(30)
        paths.append(scratch / f"listening{number}.wav")
        wav.write(paths[-1], np.frombuffer(b"".join(pcm), np.int16), voice.sample_rate)
    return paths


def _noises(scratch: Path) -> list[Path]:
    """NOISE_S seconds of each recorded noise beside the checkout, else of made ones."""
    recorded = clips.recordings()
    made = sorted((recorded / "noise").glob("*.wav")) if recorded is not None else []
    sounds = [(path.stem, *wav.read(path)) for path in made] or _made_noises()
    paths = []
    for name, samples, rate in sounds:
        paths.append(scratch / f"{name}.wav")
        wav.write(paths[-1], samples[: int(NOISE_S * rate)], rate)
    return paths


def _made_noises() -> list[tuple[str, NDArray[np.int16], int]]:
    """Hiss, knocks and a hum."""
    draw, time = np.random.default_rng(5), np.arange(int(NOISE_S * HEARD)) / HEARD
    hiss = draw.normal(size=len(time)) * 900
    knocks = draw.normal(size=len(time)) * 9_000 * np.exp(-25 * (time % 0.6))
    hum = 5_000 * np.sin(2 * np.pi * 100 * time)
    return [
        (name, np.asarray(made, np.int16), HEARD)
        for name, made in zip(("hiss", "knocks", "hum"), (hiss, knocks, hum), strict=True)
    ]


def _room(scratch: Path) -> str:
    """An impulse response: recorded beside the checkout, else made."""
    recorded = clips.recordings()
    if recorded is not None and (found := sorted((recorded / "rir").glob("*.wav"))):
        return str(found[0])
    path = scratch / "room.wav"
    decay = np.random.default_rng(3).normal(size=4000) * np.exp(-np.arange(4000) / 800) * 3_000
    decay[0] = 30_000
    wav.write(path, decay.clip(-32768, 32767).astype(np.int16), HEARD)
    return str(path)
