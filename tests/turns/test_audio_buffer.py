"""The caller's audio: positions stay true whatever was forgotten."""

from __future__ import annotations

import numpy as np

from local_agent.turns.audio_buffer import AudioBuffer


def tape(blocks: int, size: int = 100) -> AudioBuffer:
    """Sample at position n is n."""
    made = AudioBuffer()
    for block in range(blocks):
        made.append(np.arange(block * size, (block + 1) * size, dtype=np.int16))
    return made


def positions(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[int]:
    return [round(float(sample) * 32768) for sample in samples]


def test_a_cut_is_float32_between_its_positions() -> None:
    cut = tape(3).cut(95, 205)
    assert cut.dtype == np.float32 and positions(cut) == list(range(95, 205))


def test_full_scale_stays_within_one() -> None:
    made = AudioBuffer()
    made.append(np.array([-32768, 32767], np.int16))
    assert made.cut(0, 2).tolist() == [-1.0, 32767 / 32768]


def test_forgetting_drops_whole_blocks_and_keeps_positions() -> None:
    made = tape(4)
    made.forget(250)
    assert positions(made.cut(0, 400)) == list(range(200, 400)) and made.end == 400
    made.append(np.arange(400, 410, dtype=np.int16))
    assert positions(made.cut(395, 1_000)) == list(range(395, 410))


def test_what_is_not_there_is_an_empty_cut() -> None:
    made = tape(2)
    made.forget(10_000)
    assert len(made.cut(0, 200)) == len(made.cut(150, 100)) == len(AudioBuffer().cut(0, 10)) == 0
    assert made.end == 200
    made.forget(10_000)
    assert made.end == 200


def test_positions_before_the_beginning_are_the_beginning() -> None:
    assert positions(tape(1).cut(-50, 3)) == [0, 1, 2]


def test_the_oldest_goes_where_nobody_forgets() -> None:
    made = AudioBuffer(longest=250)
    for block in range(10):
        made.append(np.arange(block * 100, (block + 1) * 100, dtype=np.int16))
    assert positions(made.cut(0, 1_000)) == list(range(700, 1_000)) and made.end == 1_000


def test_a_cut_near_the_end_looks_at_no_more_than_that() -> None:
    """Ten minutes in one utterance cost as much a window as one second."""
    looked: list[int] = []

    class Counted(np.ndarray[tuple[int], np.dtype[np.int16]]):
        def __getitem__(self, wanted: object) -> object:
            looked.append(1)
            return super().__getitem__(wanted)  # type: ignore[index]

    made = AudioBuffer(longest=10**9)
    for _ in range(30_000):
        made.append(np.zeros(320, np.int16).view(Counted))
    assert len(made.cut(made.end - 512, made.end)) == 512 and len(looked) <= 4
