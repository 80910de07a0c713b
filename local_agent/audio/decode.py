"""Any recording as samples, through FFmpeg's libraries (PyAV, which comes with faster-whisper). Local files only.

A recording is data from anybody: FFmpeg gets the open file and no name, may open nothing else, and reads only formats
that are whole in themselves: no playlists, no lists of files, no descriptions of streams.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from local_agent.errors import BadInput

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import InputContainer

# FFmpeg's names of demuxers.
FORMATS = (
    "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,ac3,eac3,amr,amrnb,amrwb,gsm,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,"
    "mpeg,mpegts,mpegvideo,ape,wv,tta,voc,dts,mpc,mpc8,nut,rm,sox,qcp"
)


def decode(file: BinaryIO, name: str, longest: float) -> tuple[NDArray[np.int16], int]:
    """(int16 [samples], Hz) of the first sound track, mixed to one channel; what is damaged in it is left out.

    file: open for reading, at its start. longest: s; a little more is decoded, and the rest is not looked at. Raises
    BadInput for what is no recording, has no sound, or where the decoder is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise BadInput(
            f"{name} can't be read: it is no PCM WAV file, and the decoder for others (PyAV) does not load: {error}",
            expected="PyAV beside faster-whisper, or a PCM WAV file",
            fix=f"make setup, or convert it elsewhere: ffmpeg -i {shlex.quote(name)} -ac 1 -ar 16000 recording.wav",
        ) from error
    pieces: list[NDArray[np.int16]] = []
    rate = 0
    try:
        with av.open(file, "r", options={"format_whitelist": FORMATS, "protocol_whitelist": "none"}) as container:
            if not container.streams.audio:
                raise BadInput(f"{name} has no sound track", expected="a recording of speech")
            coding = container.streams.audio[0].codec_context
            if coding is None or coding.sample_rate <= 0:
                raise ValueError("its sound is coded in a way that is not known here")
            rate = coding.sample_rate
            count = 0
            for piece in _pieces(container, rate):
                pieces.append(piece)
                count += len(piece)
                if count > longest * rate:
                    break
    except (av.error.FFmpegError, ValueError) as error:
        if not pieces:
            raise BadInput(
                f"{name} can't be read as a recording: {getattr(error, 'strerror', None) or error}",
                expected="a sound or video file (WAV, MP3, M4A, OGG, FLAC, MP4 ...)",
                fix=f"convert it, for example: ffmpeg -i {shlex.quote(name)} -ac 1 -ar 16000 recording.wav",
            ) from error
    return np.concatenate(pieces or [np.zeros(0, np.int16)]), rate


def _pieces(container: InputContainer, rate: int) -> Iterator[NDArray[np.int16]]:
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    heard = False
    for packet in container.demux(container.streams.audio[0]):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:  # a damaged packet; the next may be whole
            continue
        for frame in frames:
            heard = True
            yield from (_samples(mixed) for mixed in resampler.resample(frame))
    if heard:
        yield from (_samples(mixed) for mixed in resampler.resample(None))


def _samples(mixed: AudioFrame) -> NDArray[np.int16]:
    return mixed.to_ndarray().reshape(-1).astype(np.int16, copy=False)
