"""One piece of speech and the best text that Whisper has for it: in which language, window and how many tries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from faster_whisper.tokenizer import Tokenizer
from numpy.typing import NDArray

from local_agent.audio.samples import SPEECH_RATE
from local_agent.config.settings import MOST_VOCABULARY
from local_agent.engines.whisper import energy
from local_agent.engines.whisper.decoder import Decoding, Library, Task
from local_agent.engines.whisper.encoder_window import (
    FRAMES_PER_SECOND,
    QUICK,
    WHOLE,
    Encoder,
    Heard,
    Model,
    Window,
    ladder,
)
from local_agent.engines.whisper.end_mark import behind_last_word, ending, marks, odds
from local_agent.engines.whisper.hypothesis import Hypothesis, believed, doubtful, empty, unsure
from local_agent.engines.whisper.language import Spoken, settled
from local_agent.engines.whisper.script import ENGLISH, tokens_per_second
from local_agent.engines.whisper.vocabulary import context_of, spelled
from local_agent.engines.whisper.word_times import Word, word_times
from local_agent.errors import BadInput

TOKENS_SPARE = 10  # punctuation and short audio
CONTEXT = 448  # tokens that the decoder holds
MOST_TOKENS = CONTEXT // 2  # written at most, as in faster-whisper
TIMES = 6  # tokens that tell when something was said, of a piece of speech
MARGIN = 0.2  # seconds kept before and after the sound: soft onsets and endings

Check = Callable[[], None]
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    """How speech is to be heard. language: ISO 639-1, None to detect it. before: the language of the call so far.
    guess: tokens that it probably begins with. vocabulary: words that may occur, and context, the tokens that tell
    Whisper so. twice: somebody waits for the text, so that a doubt is worth another hearing. times: of each word, too.
    """

    language: str | None = None
    before: Spoken | None = None
    guess: Sequence[int] = ()
    vocabulary: Sequence[str] = ()
    context: Sequence[int] = ()
    twice: bool = False
    times: bool = False

    @property
    def likely(self) -> str | None:
        """The language that it is probably in."""
        return self.language or (self.before.language if self.before else None)


class Listener:
    """Belongs to one thread. device: where the model is, "cpu" or "cuda".

    `decoding` is CTranslate2's way until somebody sets another one.
    """

    def __init__(self, model: Model, words: Tokenizer, device: str) -> None:
        self._model, self._words = model, words
        self._marks = marks(self._encode)
        self._rates: dict[str, float] = {}
        self.ear = Encoder(model)
        self.library = Library(model, self.ear)
        self.decoding: Decoding = self.library
        self._latest: Heard | None = None
        self._windows = ladder(device, multilingual=model.is_multilingual)

    def listen(self, audio: Samples, asked: Asked, check: Check) -> Hypothesis:
        """The text of float32 [samples] at 16 kHz, 30 s at most, with MARGIN before and behind the sound."""
        window = self._windows[0]
        heard, spoken = self._hear(audio, window, asked, check)
        take, spent = self._decode(audio, heard, window, spoken, check, asked.guess), heard.seconds
        for attempt, following in enumerate(self._windows[1:], start=2):
            if empty(take) or not (doubtful(take) or (asked.twice and unsure(take))):
                break
            if following.padding != window.padding:
                heard, spoken = self._hear(audio, following, asked, check)
                spent += heard.seconds
            window = following
            take = replace(self._decode(audio, heard, window, spoken, check), attempts=attempt)
        return self._spelled(replace(take, window_s=spent), audio, heard, window, asked, check)

    def listen_again(self, audio: Samples, take: Hypothesis, asked: Asked, check: Check) -> Hypothesis | None:
        """Another window's opinion on words that the first took for noise: a single word often is. None: it is, or
        there was another opinion already.
        """
        if take.attempts >= len(self._windows):
            return None
        check()
        window = QUICK if take.whole else WHOLE
        heard = self._latest = self.ear.encode(audio, window.padding)
        again = self._decode(audio, heard, window, (take.language, take.language_probability), check, take.written)
        again = replace(again, attempts=take.attempts + 1, window_s=take.window_s + heard.seconds)
        whole, other = (take, again) if take.whole else (again, take)
        if take.whole and not empty(other) and not doubtful(other):
            return self._spelled(other, audio, heard, window, asked, check)
        believable = believed(whole, before=other) and not doubtful(whole)
        return self._spelled(whole, audio, heard, window, asked, check) if believable else None

    def times(self, audio: Samples, take: Hypothesis, check: Check) -> list[Word]:
        """When each word of a take was said, in the audio that was listened to last."""
        check()
        tokens, heard = self._encode(f" {take.text}"), self._latest
        if not tokens or heard is None:
            return []
        start = self._prompt(take.language)[:-1]  # CTranslate2 puts the mark for a text without times behind it itself
        frames = len(audio) * FRAMES_PER_SECOND // SPEECH_RATE
        (found,) = self._model.align(heard.encoded, start, [tokens[:MOST_TOKENS]], [frames])
        return word_times(self._words, tokens[:MOST_TOKENS], found.alignments)

    def rate(self, language: str) -> float:
        """Tokens that a second of speech may take."""
        if language not in self._rates:
            self._rates[language] = tokens_per_second(language, self._encode)
        return self._rates[language]

    def context(self, vocabulary: Sequence[str]) -> list[int]:
        """Tokens of the vocabulary behind the mark of the text before. Raises BadInput for more than fit."""
        told = context_of(vocabulary, self._encode, self._words.eot)
        if len(told) > MOST_VOCABULARY:
            raise BadInput(f"a vocabulary of {len(told)} tokens", expected=f"{MOST_VOCABULARY} at most")
        return [self._words.sot_prev, *told] if told else []

    def task(self, language: str, limit: int, *never: int) -> Task:
        """To write `limit` tokens at most, none of `never`."""
        words = self._words
        return Task(self._prompt(language), limit, (words.sot, words.sot_prev, words.sot_lm, words.no_speech, *never))

    def _decode(
        self,
        audio: Samples,
        heard: Heard,
        window: Window,
        spoken: tuple[str, float],
        check: Check,
        guess: Sequence[int] = (),
        context: Sequence[int] = (),
    ) -> Hypothesis:
        language, probability = spoken
        most = min(MOST_TOKENS, CONTEXT - len(context) - len(self._prompt(language)))
        limit = min(most, TOKENS_SPARE + int(self.rate(language) * len(audio) / SPEECH_RATE))
        task = replace(self.task(language, limit), guess=guess, context=context)
        if window.beam == 1:
            decoded = self.decoding.decode(heard, window.tail, task, check)
            tokens, end = decoded.tokens, ending(decoded.steps, decoded.tokens, self._marks)
        else:
            search = replace(task, beam=window.beam)
            if window.timed:
                limit = min(most, limit + TIMES)
                search = replace(search, prompt=task.prompt[:-1], limit=limit)
            decoded = self.library.decode(heard, window.tail, search, check)
            tokens = [token for token in decoded.tokens if token < self._words.eot]
            end = self._ending(heard, window, task, tokens, check)
        return Hypothesis(
            text=self._words.decode(tokens).strip(),
            language=language,
            language_probability=probability,
            logprob=decoded.logprob,
            no_speech=decoded.no_speech,
            finished=len(decoded.tokens) < limit,
            tokens=len(tokens),
            loud_s=energy.loud_seconds(audio),
            ending=end,
            written=tuple(tokens),
            whole=window.padding is None,
            wordy=self.rate(language) / ENGLISH,
            best=window.beam > 1,
        )

    def _ending(self, heard: Heard, window: Window, task: Task, tokens: Sequence[int], check: Check) -> float | None:
        """How likely a sentence ends with the last of these words, read once more: several texts at once leave no
        logits behind.
        """
        at = behind_last_word(tokens, self._marks)
        if not at:
            return None
        before = [*task.context, *task.prompt, *tokens[: at - 1]]
        read = replace(task, context=before, prompt=tokens[at - 1 : at], guess=(), limit=1)
        return odds(self.decoding.decode(heard, window.tail, read, check).steps[0], self._marks)

    def _spelled(
        self, take: Hypothesis, audio: Samples, heard: Heard, window: Window, asked: Asked, check: Check
    ) -> Hypothesis:
        """A take, or what was heard once more with the vocabulary in mind (`vocabulary.spelled`)."""
        if not asked.context or not take.finished or empty(take):
            return take
        spoken = take.language, take.language_probability
        plain = replace(window, beam=1)
        again = self._decode(audio, heard, plain, spoken, check, take.written, asked.context)
        if doubtful(again):
            return take
        return replace(take, text=spelled(take.text, again.text, asked.vocabulary))

    def _hear(self, audio: Samples, window: Window, asked: Asked, check: Check) -> tuple[Heard, tuple[str, float]]:
        """Encoded, and its language from the speech alone: the padding behind it sounds English to the decoder."""
        check()
        heard = self._latest = self.ear.encode(audio, window.padding)
        return heard, self._language(heard.encoded, asked, check, len(audio) / SPEECH_RATE - 2 * MARGIN)

    def _language(self, heard: Any, asked: Asked, check: Check, seconds: float) -> tuple[str, float]:
        """What it is in, and how likely. heard: encoder output of `seconds` of speech alone."""
        check()
        if not self._model.is_multilingual:
            return "en", 1.0
        if asked.language is not None:
            return asked.language, 1.0
        chances = {token[2:-2]: float(chance) for token, chance in self._model.detect_language(heard)[0]}
        likeliest = max(chances, key=chances.__getitem__)
        chosen = settled(Spoken(likeliest, chances[likeliest], seconds), asked.before).language
        return chosen, chances.get(chosen, 0.0)

    def _prompt(self, language: str) -> list[int]:
        if not self._model.is_multilingual:
            return [self._words.sot, self._words.no_timestamps]
        spoken = self._words.tokenizer.token_to_id(f"<|{language}|>")
        return [self._words.sot, spoken, self._words.transcribe, self._words.no_timestamps]

    def _encode(self, text: str) -> list[int]:
        return list(self._words.tokenizer.encode(text, add_special_tokens=False).ids)
