"""Recordings as people have them: WAV of every width, rate and wholeness, compressed sound, video, and what is none."""

from __future__ import annotations

import socket
import struct
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from local_agent.audio import wav
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
    assert "can't be read as a recording" in text
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


def test_the_coding_of_telephones(tmp_path: Path) -> None:
    samples, rate = wav.read(raw(tmp_path / "a.wav", 7, 8, bytes([0x80, 0x00]) * 800, rate=8_000))  # µ-law
    assert (len(samples), rate) == (1600, 8_000)
    assert samples.max() > 32_000 and samples.min() < -32_000


def test_an_unknown_coding_is_refused(tmp_path: Path) -> None:
    assert "can't be read as a recording" in refusal(raw(tmp_path / "a.wav", 0x7777, 8, bytes(800)))


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


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0xFFFFFFFF - 36, 0xFFFF0000])
@pytest.mark.parametrize("riff", [0, 0xFFFFFFFF])
def test_a_recorder_that_was_killed_or_writes_into_a_pipe(tmp_path: Path, size: int, riff: int) -> None:
    """It never learned the length, and everything behind the head is sound."""
    path = save(tmp_path / "a.wav", pcm(TONE, 2))
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = struct.pack("<I", riff), struct.pack("<I", size)
    path.write_bytes(bytes(content) + b"\x01")  # and half a sample
    assert wav.read(path)[0].tolist() == TONE.tolist()


def test_no_length_and_no_sound(tmp_path: Path) -> None:
    content = save(tmp_path / "a.wav", b"").read_bytes()
    (tmp_path / "a.wav").write_bytes(content + b"LIST\x04\x00\x00\x00INFO")
    assert "holds no sound" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize("padding", [b"\0", b""])
def test_a_chunk_of_odd_size_with_and_without_padding(tmp_path: Path, padding: bytes) -> None:
    content = save(tmp_path / "a.wav", pcm(TONE, 2)).read_bytes()
    (tmp_path / "a.wav").write_bytes(content[:36] + b"note\x03\x00\x00\x00abc" + padding + content[36:])
    assert wav.read(tmp_path / "a.wav")[0].tolist() == TONE.tolist()


def coded(path: Path, codec: str, *, seconds: float = 1.0, rate: int = 48_000) -> Path:
    """A stereo file as FFmpeg writes it, with a tone in it."""
    tone = (12_000 * np.sin(np.arange(int(seconds * rate)) / 12)).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.rate = rate
        fitted = av.AudioResampler(
            stream.format.name, "stereo", rate, frame_size=stream.codec_context.frame_size or 1024
        )
        for piece in [*fitted.resample(frame), *fitted.resample(None), None]:
            container.mux(stream.encode(piece))
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.m4a", "aac"), ("a.ogg", "libopus"), ("a.opus", "libopus"), ("a.mp3", "libmp3lame"), ("a.flac", "flac"),
        ("a.webm", "libopus"), ("a.mkv", "aac"), ("a.mp4", "aac"), ("a.aiff", "pcm_s16be"), ("a.wav", "adpcm_ima_wav"),
        ("an mp3.wav", "libmp3lame"),
    ],
)  # fmt: skip
def test_compressed_sound_and_video(tmp_path: Path, name: str, codec: str) -> None:
    """The content counts, never the name."""
    made = coded(tmp_path / name.replace("an mp3.wav", "b.mp3"), codec)
    made.rename(tmp_path / name)
    samples, rate = wav.read(tmp_path / name)
    assert rate == 48_000
    assert abs(len(samples) / rate - 1.0) < 0.05
    assert 11_000 < np.abs(samples[4_800:-4_800].astype(int)).max() < 14_500


def test_a_compressed_recording_that_was_cut_off_keeps_what_is_there(tmp_path: Path) -> None:
    path = coded(tmp_path / "a.mp3", "libmp3lame", seconds=4.0)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    samples, rate = wav.read(path)
    assert 1.5 < len(samples) / rate < 2.5


def test_a_compressed_recording_longer_than_the_limit(tmp_path: Path) -> None:
    path = coded(tmp_path / "a.flac", "flac", seconds=3.0)
    with pytest.raises(BadInput, match="longer than 2 s"):
        wav.read(path, longest=2.0)


PLAYLIST = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{sound}\n#EXT-X-ENDLIST\n"
MANIFEST = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
    'mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>{sound}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>"
)
SESSION = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"


@pytest.mark.parametrize(
    "content", [PLAYLIST, "ffconcat version 1.0\nfile '{sound}'\n", MANIFEST, SESSION, "[playlist]\nFile1={sound}\n"]
)
@pytest.mark.parametrize("where", ["file", "http"])
def test_a_file_that_points_elsewhere_is_never_followed(tmp_path: Path, content: str, where: str) -> None:
    sound = coded(tmp_path / "sound.mp3", "libmp3lame")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/sound.mp3"
        path = tmp_path / "a.m3u8"
        path.write_text(content.format(sound=sound if where == "file" else address))
        assert "can't be read as a recording" in refusal(path)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.mp3", "https://example.com/a.wav", "concat:/a.mp3|/b.mp3"])
def test_an_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match=r"nothing is fetched|there is no file"):
        wav.read(Path(address))


def test_a_film_without_sound(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        container.mux(stream.encode(None))
    assert "no sound track" in refusal(tmp_path / "a.mp4")


def test_a_decoder_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = coded(tmp_path / "a.mp3", "libmp3lame")
    monkeypatch.setitem(sys.modules, "av", None)
    assert "PyAV" in refusal(path)


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
