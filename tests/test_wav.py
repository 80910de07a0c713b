"""WAV files as people have them: every PCM width, any rate, several channels, and everything that is not one."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent import wav
from local_agent.errors import BadInput

TONE = (12_000 * np.sin(np.arange(800) / 7)).astype(np.int16)
RIGHT = (-5_000 * np.cos(np.arange(800) / 3)).astype(np.int16)


def pcm(samples: NDArray[np.int16], width: int) -> bytes:
    """The same sound with samples of that many bytes."""
    if width == 1:
        return ((samples >> 8) + 128).astype(np.uint8).tobytes()
    if width == 2:
        return samples.astype("<i2").tobytes()
    wide = (samples.astype("<i4") << 16).reshape(-1, 1).view(np.uint8)
    return wide[:, 4 - width :].tobytes()


def save(path: Path, data: bytes, *, width: int = 2, rate: int = 16_000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return path


def raw(path: Path, kind: int, bits: int, data: bytes, *, rate: int = 16_000, extension: bytes = b"") -> Path:
    """A WAV file with that format tag."""
    head = struct.pack("<HHIIHH", kind, 1, rate, rate * bits // 8, bits // 8, bits) + extension
    body = b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body)
    return path


def refusal(path: Path) -> str:
    """The one line that a person gets."""
    with pytest.raises(BadInput) as caught:
        wav.read(path)
    text = str(caught.value)
    assert "\n" not in text
    assert path.name in text
    return text


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_width(tmp_path: Path, width: int) -> None:
    samples, rate = wav.read(save(tmp_path / "a.wav", pcm(TONE, width), width=width))
    assert samples.dtype == np.int16
    assert rate == 16_000
    assert np.abs(samples.astype(int) - TONE).max() <= (255 if width == 1 else 0)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_the_loudest_samples_do_not_wrap_around(tmp_path: Path, width: int) -> None:
    extremes = np.array([32767, -32768] * 50, np.int16)
    samples, _ = wav.read(save(tmp_path / "a.wav", pcm(extremes, width), width=width))
    assert (np.sign(samples.astype(int)) == np.sign(extremes.astype(int))).all()
    assert np.abs(samples.astype(int)).min() >= 32_512


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_channels_are_mixed(tmp_path: Path, width: int) -> None:
    both = np.stack([TONE, RIGHT], axis=1).reshape(-1)
    samples, _ = wav.read(save(tmp_path / "a.wav", pcm(both, width), width=width, channels=2))
    expected = (TONE.astype(int) + RIGHT.astype(int)) / 2
    assert len(samples) == 800
    assert np.abs(samples - expected).max() <= (256 if width == 1 else 1)


def test_five_channels(tmp_path: Path) -> None:
    data = np.repeat(TONE, 5)
    samples, _ = wav.read(save(tmp_path / "a.wav", pcm(data, 2), channels=5))
    assert samples.tolist() == TONE.tolist()


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_the_rate_is_told(tmp_path: Path, rate: int) -> None:
    assert wav.read(save(tmp_path / "a.wav", pcm(TONE, 2), rate=rate))[1] == rate


def test_what_is_written_reads_the_same(tmp_path: Path) -> None:
    wav.write(tmp_path / "a.wav", TONE, 48_000)
    samples, rate = wav.read(tmp_path / "a.wav")
    assert (samples.tolist(), rate) == (TONE.tolist(), 48_000)


def test_no_samples(tmp_path: Path) -> None:
    assert "holds no sound" in refusal(save(tmp_path / "a.wav", b""))


def test_no_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    assert "can't be read as WAV" in refusal(tmp_path / "a.wav")


def test_not_there(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "a.wav")


def test_a_folder(tmp_path: Path) -> None:
    assert "can't be read" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"ID3\x04" + bytes(400), b"RIFF\x00\x00\x00\x00AVI " + bytes(400), b"hello\n"])
def test_something_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    text = refusal(tmp_path / "a.wav")
    assert "can't be read as WAV" in text
    assert "ffmpeg" in text


def test_cut_off_in_its_head(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.wav", pcm(TONE, 2)).read_bytes()
    for size in (3, 11, 15, 30, 43):
        (tmp_path / "a.wav").write_bytes(whole[:size])
        assert "can't be read" in refusal(tmp_path / "a.wav"), size


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_cut_off_in_its_sound_keeps_what_is_there(tmp_path: Path, width: int) -> None:
    """A recording that was interrupted; the cut goes through the middle of a sample."""
    path = save(tmp_path / "a.wav", pcm(np.repeat(TONE, 2), width), width=width, channels=2)
    path.write_bytes(path.read_bytes()[: 44 + 2 * width * 500 + 1])
    samples, _ = wav.read(path)
    assert len(samples) == 500
    assert np.abs(samples.astype(int) - TONE[:500]).max() <= (255 if width == 1 else 0)


@pytest.mark.parametrize("bits", [32, 64])
def test_floating_point(tmp_path: Path, bits: int) -> None:
    data = np.append(TONE / 32768, [2.0, -2.0, np.nan]).astype(f"<f{bits // 8}").tobytes()
    samples, _ = wav.read(raw(tmp_path / "a.wav", 3, bits, data))
    assert samples.tolist() == [*TONE.tolist(), 32767, -32768, 0]


def test_the_extensible_form_that_ffmpeg_writes_at_96_khz(tmp_path: Path) -> None:
    subformat = struct.pack("<HHIH", 22, 24, 4, 1) + bytes.fromhex("000000001000800000aa00389b71")
    path = raw(tmp_path / "a.wav", 0xFFFE, 24, pcm(TONE, 3), rate=96_000, extension=subformat)
    samples, rate = wav.read(path)
    assert (samples.tolist(), rate) == (TONE.tolist(), 96_000)


def test_other_chunks_are_passed_over(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", pcm(TONE, 2))
    content = path.read_bytes()
    path.write_bytes(content[:12] + b"LIST\x03\x00\x00\x00abc\x00" + content[12:])
    assert wav.read(path)[0].tolist() == TONE.tolist()


def test_other_codings_are_named(tmp_path: Path) -> None:
    assert "format 7, 8 bits" in refusal(raw(tmp_path / "a.wav", 7, 8, bytes(800)))  # µ-law, as telephones have it


def test_longer_than_the_limit(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", bytes(int((wav.LONGEST + 1) * 4_000)), width=1, rate=4_000)
    text = refusal(path)
    assert "longer than 600 s" in text


def test_a_head_that_promises_more_than_there_is(tmp_path: Path) -> None:
    """Recorders that write to a pipe put the greatest number there is as length."""
    path = save(tmp_path / "a.wav", pcm(TONE, 2))
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(content))
    samples, _ = wav.read(path)
    assert samples.tolist() == TONE.tolist()


@pytest.mark.parametrize("rate", [0, 1, 3_999])
def test_an_impossible_rate(tmp_path: Path, rate: int) -> None:
    assert f"{rate} Hz" in refusal(raw(tmp_path / "a.wav", 1, 16, pcm(TONE, 2), rate=rate))


def test_writing_where_it_is_not_possible(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "no" / "a.wav", tmp_path / "file" / "a.wav"):
        with pytest.raises(BadInput, match="can't be written"):
            wav.write(path, TONE, 16_000)


def test_reading_what_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """root may read everything, so the operating system's refusal is played."""
    path = save(tmp_path / "a.wav", pcm(TONE, 2))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert "Permission denied" in refusal(path)
