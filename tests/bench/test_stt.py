"""What the comparison of two ways to hear reads, and what it makes of what they wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from local_agent.audio import wav
from local_agent.bench import stt
from local_agent.bench.stt import Clip, Row
from local_agent.engines.whisper.engine import Transcript

RATE = 16_000


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [("de", ("de",)), ("fr, de", ("fr", "de")), ("all", ("de", "en", "fr")), ("foreign", ("de", "fr"))],
)
def test_clips_are_those_in_the_languages(tmp_path: Path, wanted: str, codes: tuple[str, ...]) -> None:
    rows = []
    for language in ("en", "fr", "de"):
        wav.write(tmp_path / f"{language}.wav", np.zeros(2 * RATE, np.int16), RATE)
        rows.append({"file": f"{language}.wav", "text": "a", "language": language})
    rows[1] |= {"speech_start": 0.5, "speech_end": 1.0}
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert stt.languages(tmp_path, wanted) == codes
    read = stt.read(tmp_path, languages=codes)
    assert {clip.language for clip in read} == set(codes)
    seconds = {clip.name: len(clip.audio) / RATE for clip in read}
    assert seconds.get("fr.wav", 1.05) == pytest.approx(1.05, abs=1e-3) and seconds.get("de.wav", 2.0) == 2.0


def row(language: str, said: str, ours: str, theirs: str) -> Row:
    heard = Transcript(ours, language, 1.0, 0.9, 0.1, 0.0, 1.0, 1.0, 2.0, 0.1, 2)
    return Row(Clip("a.wav", said, np.zeros(1, np.float32), language), heard, theirs, 0.4)


def test_figures_are_over_all_words_and_by_language() -> None:
    rows = [row("de", "eins zwei drei", "Eins, 2.", "Eins, zwei, drei."), row("zh", "一二三", "一二", "一二四")]
    ours, theirs = stt.figures(rows)
    assert (ours["word_error_rate"], theirs["word_error_rate"]) == (round(2 / 6, 4), round(1 / 6, 4))
    assert ours["languages"] == {"de": round(1 / 3, 4), "zh": round(1 / 3, 4)}
    assert theirs["languages"] == {"de": 0.0, "zh": round(1 / 3, 4)}
    assert (ours["p50_s"], theirs["p95_s"], ours["repeat_themselves"]) == (0.1, 0.4, 0)
    console = Console(record=True, width=120)
    console.print(stt.table(rows))
    shown = console.export_text()
    assert "2 clips, 2 of ours decoded more than once" in shown and "de, 1" in shown and "33.33%" in shown
    assert "theirs Eins, zwei, drei." in stt.differences(rows)


def test_one_language_has_no_row_of_its_own() -> None:
    console = Console(record=True, width=120)
    console.print(stt.table([row("en", "a b", "A b.", "A b.")]))
    assert "en, 1" not in console.export_text() and stt.differences([row("en", "a", "A", "A")]) == ""
