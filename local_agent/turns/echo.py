"""The agent's own voice in what the caller's microphone sends: found by waveform, foretold by energy.

A browser takes most of it out itself; a telephone on the loudspeaker or a bare sound card may not. Cross-correlation of
what was played with what is heard finds the way's delay within a second, whatever the room; from then on each window is
compared with the energy that the echo alone would have, band by band.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE

HOP = 256  # samples of an energy frame: two in a Silero window
LISTEN = int(0.8 * SPEECH_RATE)  # samples that are searched for an echo
LONGEST = int(1.0 * SPEECH_RATE)  # samples of delay: network both ways, jitter buffers, room
EVERY = 8  # windows between two searches
# Peak of the whitened cross-correlation over its root mean square. 60 recordings of speech against an unrelated voice
# stayed under 8.7 in 99 of 100 searches; echoes at -20 dB through four recorded rooms were over 10 in 9 of 10, and
# mostly over 20. What is not CERTAIN must be found ROW times in a row, or twice with one delay in sounds that do
# not overlap.
SHARP, CERTAIN, ROW = 8.5, 18.0, 3
SAME = int(0.01 * SPEECH_RATE)  # samples between two findings of one delay
SETTLED = 5, 10  # searches without any finding, or in all, after which there is taken to be no echo until one is found
SURELY = 20  # searches in all without a finding after which there is none: a busy machine's first ones find nothing
EDGES = (150, 350, 600, 900, 1300, 1800, 2500, 3400)  # Hz, of the bands whose energies are compared
FADE = 0.78  # of a band's energy left after a hop: a room whose sound takes 0.9 s to fall by 60 dB
REVERB = 24  # hops whose reverberation may still sound
SPREAD = 2  # hops to both sides that a sound may be early or late: jitter buffers stretch and squeeze
LOUDER = 6.0  # times the energy foretold: what is more than 8 dB over it is not echo
AUDIBLE = 1e-5  # mean square over which the agent is heard at all (-50 dBFS)
FAINT = 1e-7  # mean square under which nothing that was heard is worth a search (-70 dBFS)
DOUBT = 6  # searches in vain after which the echo is believed to be less loud with each
KEEP = 6 * SPEECH_RATE  # samples of what was played

Samples = NDArray[np.float32]

_BINS = np.fft.rfftfreq(HOP, 1 / SPEECH_RATE)
_BANDS = np.searchsorted(_BINS, EDGES)
_WINDOW = np.hanning(HOP).astype(np.float32)


def energies(samples: Samples) -> NDArray[np.float64]:
    """Energy [hops, bands] of float32 [samples] at SPEECH_RATE; what does not fill a hop is left out."""
    hops = samples[: len(samples) // HOP * HOP].reshape(-1, HOP) * _WINDOW
    power = np.abs(np.fft.rfft(hops, axis=1)) ** 2
    total: NDArray[np.float64] = np.add.reduceat(power, _BANDS, axis=1)[:, :-1]
    return total


def delay(heard: Samples, played: Samples) -> tuple[int, float]:
    """(samples by which `heard` lags behind `played`, sharpness of that finding); both end now, `played` is longer."""
    size = 1 << (len(heard) + len(played) - 1).bit_length()
    cross = np.fft.rfft(heard * np.hanning(len(heard)), size) * np.fft.rfft(played, size).conj()
    frequency = np.fft.rfftfreq(size, 1 / SPEECH_RATE)
    speech = (frequency > 200) & (frequency < 3500)
    white = np.where(speech, cross / (np.abs(cross) ** 0.8 + 1e-9), 0)
    surplus = len(played) - len(heard)
    found = np.abs(np.fft.irfft(white, size)[(np.arange(surplus) - surplus) % size])
    best = int(found.argmax())
    return best, float(found[best] / (np.sqrt(np.mean(found**2)) + 1e-12))


class Echo:
    """What one caller's microphone gets of the agent's voice. Positions are samples at SPEECH_RATE on one clock."""

    def __init__(self) -> None:
        self._played = np.zeros(KEEP, np.float32)  # position p stands at p % KEEP
        self._played_to = 0
        self._heard = np.zeros(LISTEN, np.float32)
        self._candidates: list[tuple[int, int]] = []  # (where it was found, lag)
        self._windows = self._searches = self._missed = self._row = 0
        self._lags: list[int] = []  # the last ones found, the newest first: jitter buffers change the way's delay
        self._gain: NDArray[np.float64] | None = None  # per band

    @property
    def lag(self) -> int | None:
        """Samples between playing and hearing; None while no echo was ever found."""
        return self._lags[0] if self._lags else None

    def play(self, position: int, samples: Samples) -> None:
        """`samples` are sent to the caller so that the first of them sounds at `position`."""
        if position < self._played_to:
            self.cut(position)
        self._write(self._played_to, np.zeros(min(KEEP, position - self._played_to), np.float32), position)
        self._write(position, samples[-KEEP:], position + len(samples))

    def cut(self, position: int) -> None:
        """What was to sound from `position` on will not."""
        keep = min(KEEP, max(0, self._played_to - position))
        self._played[np.arange(self._played_to - keep, self._played_to) % KEEP] = 0.0
        self._played_to = position

    def _write(self, position: int, samples: Samples, end: int) -> None:
        self._played[np.arange(position, position + len(samples)) % KEEP] = samples
        self._played_to = end

    def _reference(self, start: int, end: int) -> Samples:
        """float32 [end - start]; silence where nothing was played or it is forgotten."""
        positions = np.arange(start, end)
        known = (positions < self._played_to) & (positions >= max(0, self._played_to - KEEP))
        samples: Samples = np.where(known, self._played[positions % KEEP], np.float32(0))
        return samples

    def hear(self, end: int, samples: Samples) -> bool:
        """One window that ends at `end`. Whether it is no more than the agent's own voice come back."""
        self._heard = np.concatenate([self._heard, samples])[-LISTEN:]
        if self._played_to < end - LONGEST - KEEP // 3:  # the agent has been silent for long
            return False
        self._windows += 1
        if self._windows % EVERY == 0:
            self._search(end)
        return bool(self._lags) and self._explained(end, samples)

    @property
    def settled(self) -> bool:
        """Whether it is known if there is an echo: not yet in the first second of the agent's first words."""
        enough = SETTLED[1 if self._candidates else 0]
        return self.lag is not None or self._searches >= enough

    @property
    def absent(self) -> bool:
        """Whether it was looked for in five seconds of the agent's speech, and never found."""
        return self.lag is None and self._searches >= SURELY

    def _search(self, end: int) -> None:
        played = self._reference(end - LISTEN - LONGEST, end)
        if np.mean(played**2) < AUDIBLE:
            return
        self._searches += 1
        faint = np.mean(self._heard**2) < FAINT
        lag, sharpness = (0, 0.0) if faint else delay(self._heard, played)
        self._candidates = [(at, other) for at, other in self._candidates if end - at < 5 * LISTEN]
        if sharpness < SHARP:
            self._row = 0
            self._doubt()
            return
        self._row += 1
        again = any(abs(lag - other) <= SAME and end - at >= LISTEN for at, other in self._candidates)
        self._candidates.append((end, lag))
        if again or self._row >= ROW or sharpness >= CERTAIN:
            self._lags = [lag, *(other for other in self._lags if abs(lag - other) > SPREAD * HOP)][:3]
            self._missed = 0
            self._learn(end)

    def _doubt(self) -> None:
        """No echo is found in what was heard while the agent spoke: it may be over, or never was one."""
        self._missed += 1
        if self._gain is not None and self._missed >= DOUBT:
            self._gain = self._gain * 0.7

    def _learn(self, end: int) -> None:
        """Measure how loud the echo is in each band."""
        heard = energies(self._heard)
        expected = self._expected(end, len(heard), np.ones(len(EDGES) - 1))
        ratio = np.where(expected > np.median(expected, axis=0), heard / np.maximum(expected, 1e-9), np.nan)
        gain = np.nanpercentile(np.where(np.isnan(ratio).all(axis=0), 0.0, ratio), 75, axis=0)
        if self._gain is None:
            self._gain = gain
        # Slowly: speech of the caller in these hops makes the echo look louder than it is, a pause less loud.
        self._gain = np.clip(gain, self._gain * 0.7, self._gain * 1.5)

    def _expected(self, end: int, hops: int, gain: NDArray[np.float64]) -> NDArray[np.float64]:
        """Energy [hops, bands] that the echo has in the `hops` before `end`, at the most likely of its delays."""
        loudest = np.zeros((hops, len(gain)))
        for lag in self._lags:
            last = end - lag
            played = energies(self._reference(last - (hops + REVERB + SPREAD) * HOP, last + SPREAD * HOP))
            around = np.lib.stride_tricks.sliding_window_view(played, 2 * SPREAD + 1, axis=0).max(axis=-1)
            for hop in range(1, len(around)):
                np.maximum(around[hop], around[hop - 1] * FADE, out=around[hop])
            np.maximum(loudest, around[-hops:], out=loudest)
        return loudest * gain

    def _explained(self, end: int, samples: Samples) -> bool:
        assert self._gain is not None
        heard = energies(samples)
        rest = np.maximum(0.0, heard - LOUDER * self._expected(end, len(heard), self._gain))
        return bool(rest.sum() < 0.5 * heard.sum())

    def span(self, end: int) -> float:
        """Share of the last 0.8 s up to `end` that the agent's own voice explains; 0 where no echo is known."""
        if self.lag is None or self._gain is None:
            return 0.0
        heard = energies(self._heard)
        rest = np.maximum(0.0, heard - LOUDER * self._expected(end, len(heard), self._gain))
        return float(1.0 - rest.sum() / max(heard.sum(), 1e-12))
