"""An answer on its way to be heard: where it goes on after a pause."""

from __future__ import annotations

import numpy as np
from livekit import rtc

from local_agent.audio.playback import RATE, STEP, SpokenReply


def test_it_goes_on_from_between_two_words() -> None:
    samples = np.full(RATE, 9_000, np.int16)
    quiet = int(0.4 * RATE)
    samples[quiet : quiet + 4 * STEP] = 0
    utterance = SpokenReply()
    utterance.add(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))
    utterance.take(int(0.6 * RATE))
    utterance.rewind()
    assert quiet <= utterance.sent < quiet + 4 * STEP
    rest = samples[utterance.sent :]
    assert np.array_equal(utterance.take(RATE), rest) and utterance.left == float("inf")
    utterance.whole = True
    assert utterance.left == 0.0
