"""How long a turn's end is waited for, and how often a pause is taken for one: today's rule beside the words alone.

Each recording gives its end, the pauses inside it, and pauses made by cutting between two words, where nobody could
take the phrase for finished. What the product knows at each of them (its own transcript, Whisper's last mark, the
language model's probability, the turn detector's where these leave a doubt, the speaker's rhythm in this recording)
goes through both rules; nothing is played in real time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from livekit.agents import inference
from rich.console import Console
from rich.table import Table

from local_agent.audio import wav
from local_agent.audio.local_io import resampled
from local_agent.audio.samples import SPEECH_RATE
from local_agent.bench import clips as recorded
from local_agent.bench.pauses import Kind, Pause, Word, cut, met, padded
from local_agent.call.assistant import opening
from local_agent.config import sources
from local_agent.config.settings import Settings
from local_agent.engines.inference_thread import Urgency
from local_agent.engines.llama.types import Message
from local_agent.engines.registry import Engines
from local_agent.errors import BadInput
from local_agent.turns.endpointing import Endpointing, Evidence, clear, finished, patience
from local_agent.turns.speech import SOON

LEAST = 0.5  # s of pause from which on cutting in is rude
LONGEST = 20.0  # s of a recording
CUTS = 2  # pauses made in each recording
WORDS_ALONE = {True: 0.3, None: 0.55, False: 1.5}  # s: the rule before the models were asked
RULES = ("words alone", "all evidence")
TITLES: dict[Kind, str] = {
    "end": "ends of recordings",
    "cut": "pauses cut between two words",
    "phrase": "pauses inside a phrase",
    "clause": "pauses after a comma or colon",
    "sentence": "pauses after a sentence",
}


# What each piece of evidence says, 0..1, whatever the models: those of a profile are not what the rule was fitted with.
EVIDENCE: dict[str, Callable[[Evidence], float | None]] = {
    "language model": lambda evidence: evidence.end_probability,
    "last mark": lambda evidence: evidence.ending,
    "sound": lambda evidence: evidence.sound,
}


@dataclass(frozen=True)
class Judged:
    """A pause, what was known at it, and the seconds until each of RULES commits the turn."""

    pause: Pause
    evidence: Evidence
    waits: tuple[float, float]

    def cut_off(self, rule: int) -> bool:
        """Whether the turn is committed before speech goes on."""
        return self.pause.seconds is not None and self.waits[rule] <= self.pause.seconds


def report(
    clips: Path | None,
    settings: Settings | None = None,
    tell: Callable[[str], object] | None = None,
    *,
    every: int = 1,
) -> dict[str, Any]:
    """Figures of both rules: waits at the ends, and the share of pauses of LEAST seconds and more that are cut off.

    clips: folder with manifest.jsonl, or of WAV files; None takes the recordings beside the checkout, else sentences
    that our own voice speaks. every: take every n-th clip. tell: hears its name. Raises LocalAgentError.
    """
    settings = settings or sources.load()
    engines = Engines(settings)
    with tempfile.TemporaryDirectory(prefix="local_agent-bench-") as scratch:
        language = "en" if settings.language == "auto" else settings.language
        folder, source = recorded.folder(clips, lambda: engines.piper().result(), Path(scratch), language)
        try:
            judged = judge(engines, gathered(engines, folder, language, tell, every=every))
        finally:
            engines.close()
    return {"clips": source, **figures(judged)}


def gathered(
    engines: Engines, folder: Path, language: str, tell: Callable[[str], object] | None = None, *, every: int = 1
) -> list[Pause]:
    """The pauses of a folder's recordings. Raises BadInput when there is no recording in this language."""
    from faster_whisper import WhisperModel

    from local_agent.weights import store

    found = store.find(engines.plan.whisper.model, engines.settings.models_dir)
    listener = WhisperModel(
        str(found.path), device="cpu", compute_type="int8", cpu_threads=engines.plan.whisper.threads
    )
    detector = inference.VAD(model="silero", min_silence_duration=0.1, prefix_padding_duration=0.1)
    pauses: list[Pause] = []
    for number, (name, path, speech_end) in list(enumerate(_recordings(folder, language)))[::every]:
        samples, rate = wav.read(path)
        samples = resampled(samples, rate, SPEECH_RATE)
        if len(samples) > LONGEST * SPEECH_RATE:
            continue
        if tell is not None:
            tell(name)
        samples = padded(samples, recorded.speech_end(samples, SPEECH_RATE) if speech_end is None else speech_end)
        segments, _ = listener.transcribe(
            samples.astype(np.float32) / 32768, language=language, beam_size=1, word_timestamps=True
        )
        words = [Word(word.word, word.start, word.end) for segment in segments for word in segment.words or ()]
        pauses += met(name, samples, detector, words, LEAST) + cut(name, samples, words, CUTS, number)
    if not pauses:
        raise BadInput(f"{folder} has no speech in language {language!r}", fix="name another folder with --clips")
    return pauses


def judge(engines: Engines, pauses: Sequence[Pause]) -> list[Judged]:
    """What both rules make of each pause, with a conversation that has only just begun. Raises LocalAgentError."""
    settings = engines.settings
    ears, mind, detecting = engines.whisper().result(), engines.llama().result(), engines.turn()
    detector = detecting.result() if detecting is not None else None
    endpointing = Endpointing(sure=settings.endpointing_min_delay, unsure=settings.endpointing_max_delay)
    history = _opening(settings, engines.plan.llama.model)
    language = None if settings.language == "auto" else settings.language
    judged = []
    rhythm = Rhythm()
    for pause in pauses:
        heard = ears.transcribe(pause.audio, language=language, timeout=None).result()
        end = None
        if heard.text:
            asked = [*history, {"role": "user", "content": heard.text}]
            read = mind.prefill(asked, conversation="bench", open_user_turn=True, urgency=Urgency.NOW, timeout=None)
            end = read.result().end_probability
        evidence = Evidence(heard.text, end, heard.ending, *rhythm.before(pause), language=heard.language)
        if detector is not None and not clear(evidence):
            evidence = replace(evidence, sound=detector.judge(pause.audio, timeout=None).result())
        waits = WORDS_ALONE[finished(heard.text, heard.language)], patience(evidence, endpointing)
        judged.append(Judged(pause, evidence, waits))
        rhythm.learn(judged[-1])
    return judged


class Rhythm:
    """What `turns.utterance` knows of a speaker by the pauses of a recording so far, with all evidence."""

    def __init__(self) -> None:
        self._clip, self._cut_offs, self._longest = "", 0, 0.0

    def before(self, pause: Pause) -> tuple[int, float]:
        """(turns cut off lately, seconds of the longest pause in this turn that was not its end)."""
        if pause.clip != self._clip:
            self._clip, self._cut_offs, self._longest = pause.clip, 0, 0.0
        return (0, 0.0) if pause.kind == "cut" else (self._cut_offs, self._longest)

    def learn(self, found: Judged) -> None:
        seconds = found.pause.seconds
        if found.pause.kind == "cut" or seconds is None:
            return
        if not found.cut_off(1):
            self._longest = max(self._longest, seconds)
        else:
            self._longest = 0.0
            self._cut_offs = self._cut_offs + 1 if seconds < SOON else max(0, self._cut_offs - 1)


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Per rule: seconds waited at the ends, and the share of pauses cut off."""
    ends = [found for found in judged if found.pause.kind == "end" and found.evidence.text]
    told: dict[str, Any] = {"counts": {kind: sum(j.pause.kind == kind for j in judged) for kind in TITLES}}
    for rule, name in enumerate(RULES):
        waits = [found.waits[rule] for found in ends]
        told[name] = {"ends": _spread(waits)} | {
            kind: _share([found.cut_off(rule) for found in judged if found.pause.kind == kind])
            for kind in TITLES
            if kind != "end"
        }
    return told | {"evidence": {name: _told_apart(judged, known) for name, known in EVIDENCE.items()}}


def table(found: dict[str, Any]) -> Table:
    """The report for the screen."""
    shown = Table(title=f"End of turn ({found['clips']})")
    for heading in ("", "count", *RULES):
        shown.add_column(heading, justify="left" if not heading else "right")
    for label, key in (("wait, median", "p50_s"), ("wait, mean", "mean_s"), ("wait, p95", "p95_s")):
        cells = [found[rule]["ends"][key] for rule in RULES]
        count = str(found["counts"]["end"]) if key == "p50_s" else ""
        shown.add_row(f"{TITLES['end']}: {label}", count, *("" if cell is None else f"{cell:.2f} s" for cell in cells))
    for name, seen in found["evidence"].items():
        if seen["told_apart"] is not None:
            odds = f"{seen['ends']:+.1f} and {seen['pauses']:+.1f}"
            shown.add_row(
                f"{name}: log odds at ends and in sentences, area under the curve",
                "",
                odds,
                f"{seen['told_apart']:.2f}",
            )
    for kind in ("cut", "phrase", "clause", "sentence"):
        cells = [found[rule][kind] for rule in RULES]
        label = f"{TITLES[kind]}, {LEAST:g} s and more: cut off"
        shown.add_row(label, str(found["counts"][kind]), *("" if cell is None else f"{cell:.0%}" for cell in cells))
    return shown


def run(clips: Path | None, json: Path | None, settings: Settings | None = None, *, every: int = 1) -> None:
    """Measure and print; json: also write the figures there. Raises LocalAgentError."""
    from local_agent.bench.report import heading, save_json

    with Console(stderr=True).status("loading") as status:
        found = report(clips, settings, tell=status.update, every=every)
    Console().print(table(found))
    save_json(json, heading() | {"turns": found})


def _recordings(folder: Path, language: str) -> list[tuple[str, Path, float | None]]:
    """(name, file, end of speech in seconds where somebody knows) of people speaking this language."""
    manifest = folder / recorded.MANIFEST
    if not manifest.is_file():
        return [(path.name, path, None) for path in sorted(folder.glob("*.wav"))]
    rows = [recorded.row(line, number, manifest) for number, line in enumerate(manifest.read_text().splitlines(), 1)]
    return [
        (Path(row["file"]).name, folder / row["file"], row.get("speech_end"))
        for row in rows
        if row and row.get("language", language) == language and row.get("group") != "dialogue"
    ]


def _opening(settings: Settings, model: str) -> list[Message]:
    """What a conversation begins with."""
    begun, _ = opening(settings, model).to_provider_format("openai")
    return [{"role": "system", "content": settings.instructions}, *begun]


def _told_apart(judged: Sequence[Judged], known: Callable[[Evidence], float | None]) -> dict[str, float | None]:
    """Of one piece of evidence: median log odds at ends and at pauses inside a sentence, and the area under the curve,
    the share of pairs of both in which the end has more. None where it was not asked for.
    """
    said = [(found.pause.kind, known(found.evidence)) for found in judged]
    odds = [(kind, _log_odds(chance)) for kind, chance in said if chance is not None and kind != "sentence"]
    ends = np.array([value for kind, value in odds if kind == "end"])
    pauses = np.array([value for kind, value in odds if kind != "end"])
    if not len(ends) or not len(pauses):
        return {"ends": None, "pauses": None, "told_apart": None}
    more, same = ends[:, None] > pauses, ends[:, None] == pauses
    return {
        "ends": round(float(np.median(ends)), 2),
        "pauses": round(float(np.median(pauses)), 2),
        "told_apart": round(float(more.mean() + same.mean() / 2), 3),
    }


def _log_odds(chance: float) -> float:
    return float(np.log(max(chance, 1e-9) / max(1.0 - chance, 1e-9)))


def _spread(seconds: Sequence[float]) -> dict[str, float | None]:
    if not seconds:
        return {"p50_s": None, "mean_s": None, "p95_s": None}
    median, late = np.quantile(seconds, [0.5, 0.95])
    return {
        name: round(float(value), 3)
        for name, value in zip(("p50_s", "mean_s", "p95_s"), (median, np.mean(seconds), late), strict=True)
    }


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None
