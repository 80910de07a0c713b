"""One caller's speech: where it is on the tape, since when there is silence, and what it is time for by that.

Positions and decisions only. `turns.utterance` asks it, with each window of the detector, what is to be done.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local_agent.audio.levels import FRAME, levels
from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.languages.length import word_count
from local_agent.turns.audio_buffer import AudioBuffer
from local_agent.turns.endpointing import Endpointing, Evidence, clear, patience
from local_agent.turns.energy import EnergyTracker
from local_agent.turns.foreground import Foreground, level

LEAD_IN = 0.4  # s of audio kept before speech was noticed: Silero notices soft onsets late
LEAD_OUT = 0.16  # s of audio after the last loud window that a transcript gets: the end of a final consonant
LONG = 12.0  # s of speech after which a pause closes a segment, so that a monologue is not transcribed again and again
MOST = 20.0  # s of speech after which a segment is closed where no pause comes, at the quietest place
LOOK = 5.0  # s before that in which the quietest place is looked for
CALM = 15  # frames of 20 ms that together are to be quiet there
ANSWERED = 90.0  # s of an utterance after which what was said so far is committed, pause or not
SCARCE = 0.35  # s of silence from which a draft is begun when there is little left to transcribe with
SHORT = 4.0  # s of speech after which a pause closes a segment then
LOUD = 0.35  # probability under which a window counts as silence: Silero's own exit threshold (activation .5 - .15)
PARTIAL = 0.64  # s of new speech that are worth another partial transcript: about two words
RESUMED = 0.5  # probability that two windows in a row need to make a draft stale: one breath or click must not
LISTEN = 0.12  # s of silence after which the sound is listened to; where the first words are still in the making, later
SOON = 1.5  # s after its end that speech goes on when a turn was committed too early; an answer takes longer to answer
AMID = 0.9  # s of silence that commit a turn at the earliest amid others' voices: they hide the softer syllables
DOUBTED, FEW = 0.34, 4  # Whisper's confidence under which so many words are others': of a caller's it is .44 and more
WINDOW = 512  # samples of a Silero window
QUIET = 0.03  # s of quiet, as the level tells it, after which a draft is begun: closures of stops are mostly shorter
STIR = 0.02  # s of sound after quiet that may be speech, long before a detector can tell
HUSH = 0.15  # s of quiet that make a sound behind them new
TRAIL = 0.16  # s that a voice may sound on, softly, behind the last window in which the detector hears it
LATE = 3 * WINDOW  # samples of quiet from which the detector is believed rather than the level: soft speech, perhaps

# A caller's share of the engine, which is everybody's:
BURST = 36.0  # s of audio: all drafts of an ordinary utterance
PARTIALS = 80.0  # s of audio: the partial transcripts of nine seconds of speech, which nobody waits for
SPEAKING = 0.7  # s of audio for each second of an utterance: with the last piece 1.2 times its length in two minutes
SILENT = 3.0  # s of audio for each second in between


@dataclass(eq=False)
class Draft:
    """A transcript of the speech so far. text is None until the engine has answered."""

    start: int
    end: int  # positions on the tape; `end` is that of the last loud window when it was cut
    text: str | None = None
    language: str = "en"
    confidence: float = 0.0
    end_probability: float | None = None  # that the message ends here, as the language model sees it
    ending: float | None = None  # that a sentence ends here, as Whisper sees it
    sound: float | None = None  # that the caller has finished, as it sounds
    told: bool = False  # the session has had it
    pending: bool = False  # an opinion on its end is being formed
    listened: bool = False  # how it sounds was asked for
    given: int = 0  # samples that it was transcribed from
    after: int = 0  # position up to which audio is in another transcript already
    retried: bool = False  # the engine failed once
    behind: int = int(LEAD_OUT * SPEECH_RATE)  # samples after `end` that it is transcribed with
    others: bool = False  # no more than a crowd was to be heard


class Budget:
    """Seconds of one caller's audio that may be transcribed. Refilled with time, spent with each transcript."""

    def __init__(self, most: float) -> None:
        self._left = self._most = most

    def passed(self, seconds: float, *, speaking: bool) -> None:
        """So much time has gone by. speaking: in an utterance."""
        self._left = min(self._most, self._left + seconds * (SPEAKING if speaking else SILENT))

    def spend(self, seconds: float) -> None:
        self._left -= seconds

    def affords(self, seconds: float) -> bool:
        """Whether so much may be transcribed."""
        return self._left >= seconds


class Speech:
    """State of one caller's speech, in one utterance after the other. Positions are samples at 16 kHz since the stream
    began.

    listens: somebody can tell from the sound whether a turn is over.
    """

    def __init__(self, endpointing: Endpointing, *, listens: bool = False) -> None:
        self.endpointing, self.listens = endpointing, listens
        self.tape, self.level = AudioBuffer(), EnergyTracker()
        self.foreground, self.budget, self.partials = Foreground(), Budget(BURST), Budget(PARTIALS)
        self.speaking = False
        self.start = 0  # of the segment being spoken
        self.last_loud = 0
        self.now = 0
        self.draft: Draft | None = None
        self.cut_offs = 0  # turns that went on right after they were committed, less those that did not
        self.pause = 0.0  # s of the longest silence in this utterance after which speech went on
        self.dead_time = 0.0  # s without any audio arriving: a muted microphone sends none
        self._resuming = False
        self._others = False  # this utterance was a crowd's, as was found out in its course
        self._began = 0  # position of the utterance's beginning
        self._committed: int | None = None  # end of the speech of the last turn
        self.committed = False  # a turn with words, at any time
        self._hushed = False  # all was quiet, and nothing was heard since
        self._taken = 0  # audio before this is in a transcript already and must not be in another one
        self._finishing = False
        self._next: tuple[int, int] | None = None  # start and last loud window of speech that follows a `finish`
        self._read_to = 0  # where the last partial transcript ended
        self._quiet_from: int | None = None  # beginning of the quiet that a draft was begun for

    def began(self, position: int, speech_s: float) -> None:
        """The detector is sure of speech that began `speech_s` before `position`."""
        if self.speaking:
            return
        self.speaking = True
        self.start = self._began = max(self._taken, position - int(speech_s * SPEECH_RATE))
        self._count_cut_off()
        self.last_loud = self.now = position
        self.draft, self.pause, self._resuming, self._finishing = None, 0.0, False, False
        self._others = False
        self.level.began()

    def hear(self, samples: NDArray[np.int16]) -> bool:
        """int16 [samples] at 16 kHz came in; the detector tells of them later. True when there is something to do."""
        self.tape.append(samples)
        self.level.hear(samples)
        if self.draft is None:
            return self.speaking and self._fell_quiet()
        return self.tellable() or self.wants_sound() or self.due()

    def stirs(self) -> bool:
        """Whether it is no longer quiet where nobody spoke: told once, before the detector can know what it is."""
        if self.speaking:
            return False
        self._hushed = self._hushed or self.level.calm() >= HUSH
        stirred = self._hushed and self.level.loud() >= STIR
        self._hushed = self._hushed and not stirred
        return stirred

    def _fell_quiet(self) -> bool:
        """Whether the level says, before the detector does, that the caller has fallen silent."""
        since = self.level.quiet_from
        return since is not None and since > self.start and since != self._quiet_from and self.level.quiet() >= QUIET

    def window(self, position: int, probability: float, detected: bool = False) -> bool:
        """One detector window that ends at `position`. True when speech went on after a draft: that draft is stale.

        detected: the detector takes it for speech of which it told the beginning. When that was in an utterance which
        is over by now (its end came before the detector's own), a new one begins here.
        """
        self.now, self.dead_time = position, 0.0
        for budget in (self.budget, self.partials):
            budget.passed(WINDOW / SPEECH_RATE, speaking=self.speaking)
        probability = self._dampened(position, probability)
        others = self.foreground.voices
        if not self.speaking:
            self.tape.forget(position - int((LEAD_IN + 1.0) * SPEECH_RATE))
            if self._twice((detected or others) and probability >= RESUMED):
                self.began(position, self.foreground.lead if others else 2 * WINDOW / SPEECH_RATE)
            return False
        if position - self._began >= ANSWERED * SPEECH_RATE and not self._finishing:
            self.finish()
        if self.draft is None:
            if probability >= LOUD:
                self.last_loud = position
            return False
        if self._finishing:
            self._went_on(position, probability)
            return False
        if self._twice(probability >= RESUMED):
            self.pause = max(self.pause, (position - 2 * WINDOW - self.last_loud) / SPEECH_RATE)
            self.last_loud = position
            return True
        return False

    def near(self, position: int, probability: float, *, replying: bool = False) -> float:
        """The detector's probability in a window that ends at `position`, as far as that is this caller's speech.

        replying: the agent has the floor, or is about to take it.
        """
        heard = level(self.tape.cut(position - WINDOW, position))
        near = self.foreground.window(heard, probability, replying=replying)
        if self.draft is not None and self.foreground.broadcast:
            self.draft.text, self.draft.others = "", True
        elif self.foreground.receded is not None and self.speaking and self.draft is None:
            # what has been heard since was others' speech, and in a crowd nobody was louder before
            self._others = self.foreground.lasting
            self.last_loud = max(self.start, min(self.last_loud, position - self.foreground.receded * WINDOW))
        return near

    def _dampened(self, position: int, probability: float) -> float:
        """The detector's probability, as silence where most of a window was so quiet that it only lags behind."""
        since = self.level.quiet_from
        if since is not None and WINDOW // 2 <= position - since < LATE:
            return min(probability, LOUD - 0.01)
        if probability >= RESUMED:
            self.level.spoke()
        return probability

    def _count_cut_off(self) -> None:
        """Whether the turn before this one was over."""
        if self._committed is not None:
            cut_off = self.start - self._committed < SOON * SPEECH_RATE
            self.cut_offs = self.cut_offs + 1 if cut_off else max(0, self.cut_offs - 1)
        self._committed = None

    def _went_on(self, position: int, probability: float) -> None:
        """Speech after a `finish`, while that is being written down, is the next utterance's."""
        if self._next is not None and probability >= LOUD:
            self._next = self._next[0], position
        elif self._next is None and self._twice(probability >= RESUMED):
            self._next = position - 2 * WINDOW, position

    def _twice(self, loud: bool) -> bool:
        """Whether this window and the one before were both loud."""
        again, self._resuming = loud and self._resuming, loud
        return again

    def silence(self) -> float:
        """Seconds since the last loud window, with what the detector has not heard yet where the level tells it."""
        since, now, last = self.level.quiet_from, self.now, self.last_loud
        if self.draft is not None and since is not None and since <= now:
            now = max(now, self.tape.end)
            if since <= last + TRAIL * SPEECH_RATE:
                last = max(last, since)
        return (now - last) / SPEECH_RATE + self.dead_time

    def wants_draft(self) -> bool:
        if not self.speaking or self.draft is not None:
            return False
        if not self._finishing and not self.budget.affords(self._seconds()):
            return self.silence() >= SCARCE
        return self._finishing or self.silence() >= self.endpointing.draft_after or self._fell_quiet()

    def _seconds(self) -> float:
        """Length of what a transcript of the segment so far is made from."""
        return (self.now - self.start) / SPEECH_RATE + LEAD_IN + LEAD_OUT

    def wants_partial(self) -> bool:
        """Whether a transcript of the speech so far, in the midst of it, would tell something new."""
        if not self.speaking or self.draft is not None or self._finishing or self.last_loud < self.now:
            return False
        new = self.now - max(self._read_to, self.start) >= PARTIAL * SPEECH_RATE
        return new and self.partials.affords(self._seconds())

    def tellable(self) -> bool:
        """Whether the session is to have the draft now, to let a reply begin: written down, and silence goes on."""
        draft = self.draft
        if not self.speaking or draft is None or not draft.text or draft.told:
            return False
        return self._finishing or (self.silence() >= self.endpointing.tell_after and not self._resuming)

    def begin_partial(self) -> Draft:
        self._read_to = self.now
        return self._begin(self.now, self.partials)

    def begin_draft(self) -> Draft:
        if self._fell_quiet() and self.level.quiet_from is not None:
            self.last_loud = self._quiet_from = self.level.quiet_from
        self.draft = self._begin(self.tape.end if self._finishing else self.last_loud, self.budget)
        return self.draft

    def _begin(self, end: int, budget: Budget) -> Draft:
        budget.spend(self._seconds())
        return Draft(self.start, end, after=self._taken, others=self._others)

    def finish(self) -> None:
        """Commit what was said so far without waiting for silence; a draft of it that is under way will do."""
        self._finishing = self.speaking

    def audio(self, draft: Draft) -> NDArray[np.float32]:
        """float32 [samples] at 16 kHz of a draft, with what led in and out."""
        return self.tape.cut(self.lead_in(draft), draft.end + draft.behind)

    def lead_in(self, draft: Draft) -> int:
        """Position at which the audio of a draft begins."""
        return max(draft.start - int(LEAD_IN * SPEECH_RATE), draft.after, 0)

    def believes(self, draft: Draft, text: str, confidence: float) -> bool:
        """Whether words are the caller's: of a shout in a crowd Whisper makes a few that it hardly believes itself."""
        doubted = self.foreground.voices and confidence < DOUBTED and word_count(text.split()) <= FEW
        return not draft.others and not doubted

    def drop_draft(self) -> Draft | None:
        """Speech went on. A long segment is closed at the pause instead: its draft is returned, to be made final."""
        stale, self.draft, self._resuming = self.draft, None, False
        self._quiet_from = self.level.quiet_from  # whoever speaks as softly as the room is quiet gets no other draft
        longest = LONG if self.budget.affords(LONG) else SHORT
        if stale is None or (stale.end - stale.start) / SPEECH_RATE < longest:
            return None
        self._continue_from(stale.end)
        return stale

    def endless(self) -> bool:
        """Whether a segment is too long without any pause in it."""
        return (
            self.speaking and self.draft is None and not self._finishing and self.now - self.start >= MOST * SPEECH_RATE
        )

    def cut(self) -> Draft:
        """Close such a segment at the quietest place of its end: its draft, to be made final."""
        first = self.now - int(LOOK * SPEECH_RATE)
        rms = levels(self.tape.cut(first, self.now))
        smooth = np.convolve(rms, np.full(CALM, 1 / CALM), mode="valid")
        draft = self._begin(first + (int(smooth.argmin()) + CALM // 2) * FRAME, self.budget)
        draft.behind = 0  # that is in the next one
        self._continue_from(draft.end)
        return draft

    def _continue_from(self, position: int) -> None:
        """What was said before is closed: it is not transcribed again."""
        self.start = self._taken = position
        self.tape.forget(
            position - int((LEAD_IN + MOST) * SPEECH_RATE)
        )  # a draft that is being made may still ask for it

    def evidence(self, draft: Draft) -> Evidence:
        return Evidence(
            draft.text or "",
            draft.end_probability,
            draft.ending,
            self.cut_offs,
            self.pause,
            draft.sound,
            draft.language,
        )

    def due(self) -> bool:
        """Whether the drafted turn is to be committed now."""
        if not self.speaking or self.draft is None or self.draft.text is None:
            return False
        awaited = self.draft.pending or self._undecided(self.draft)
        if not self._finishing and (self._resuming or (awaited and self.silence() < self.endpointing.bare)):
            return False  # one loud window may be a click, or the speech going on: the next one tells
        wait = patience(self.evidence(self.draft), self.endpointing)
        if self.foreground.voices:
            wait = max(wait, AMID)
        return self._finishing or self.silence() >= wait

    def wants_sound(self) -> bool:
        """Whether it is time to listen how the drafted words sound: they alone do not tell that the turn is over."""
        draft = self.draft
        if draft is None or not draft.told or draft.pending or self._finishing:
            return False
        return self.silence() >= LISTEN and self._undecided(draft)

    def _undecided(self, draft: Draft) -> bool:
        return self.listens and bool(draft.text) and not draft.listened and not clear(self.evidence(draft))

    def close(self) -> None:
        """The utterance is over; the next one may have begun already."""
        if self.draft is not None:
            self._taken = self.draft.end
            if self.draft.text:
                self._committed, self.committed = self.draft.end, True
            self._hushed = self.level.quiet_from is not None
        self.speaking, self.draft = self._next is not None, None
        if self._next is not None:
            self.start = self._began = max(self._taken, self._next[0])
            self.last_loud = self._next[1]
        else:
            self.tape.forget(self.now - int((LEAD_IN + 1.0) * SPEECH_RATE))
        self._finishing, self._resuming, self._next = False, False, None
