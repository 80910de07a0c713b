"""What keeps the agent from working as it is set, found before a model loads or a server starts.

`findings(subject)` is pure. Each finding is an error of ours: what is wrong, what was expected, and one command or line
that mends it. A new rule is a function in RULES. What a value shows by itself, and two that contradict each other, is
found earlier (settings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from local_agent.config.languages import AUTO, told
from local_agent.config.settings import FIELDS, INSTRUCTIONS, MOST_VOCABULARY, Settings, environment_name
from local_agent.errors import ConfigError, HardwareError, LocalAgentError, WeightsMissing
from local_agent.hardware import capacity, model_choice
from local_agent.hardware.capacity import REPLY_RESERVE, SPOKEN_ROOM
from local_agent.hardware.model_facts import Facts, VoiceFacts, WhisperFacts
from local_agent.hardware.plan import Hardware, Plan
from local_agent.hardware.probe import gib
from local_agent.weights import store
from local_agent.weights.catalogue import CATALOGUE, PROFILES
from local_agent.weights.gguf_header import GgufFacts
from local_agent.weights.progress import megabytes

OWN = {"whisper": "whisper_model", "llama": "llm_model", "piper": "voice"}  # settings that name an engine's model
_DOES = {"whisper": "writes", "llama": "answers in", "piper": "speaks"}
_CHAT_MODEL = "a model that was made for conversations (its name often says instruct, it or chat)"
_ONE_SPEECH = {"nn": "no"}  # languages of which one voice reads the other's texts
SHORTEST_TIMEOUT = 2.0  # s: a first clause may take as long where several callers share two cores
CONTEXT_STEP = 256  # tokens to which a larger context is rounded up
AROUND = 16  # tokens that a template puts around a message, at most
WORDS_A_TOKEN = 0.7  # of English, with the vocabularies in use


@dataclass(frozen=True)
class Subject:
    """What is judged. tokens: of the instructions and of the examples behind them as the language model counts them,
    with what its template puts around them; None where they surely fit or nobody could count. engines: those that
    will be used. words: tokens of the vocabulary as Whisper counts them; None as with tokens.
    """

    settings: Settings
    hardware: Hardware
    plan: Plan
    tokens: int | None = None
    engines: frozenset[str] = frozenset(OWN)
    words: int | None = None

    @property
    def facts(self) -> Facts:
        return self.plan.facts

    @property
    def sizes(self) -> capacity.Sizes:
        return capacity.Sizes.of(self.plan.models, self.facts)

    def named(self, engine: str) -> bool:
        """Whether a setting names the engine's model, rather than the profile."""
        return getattr(self.settings, OWN[engine]) is not None


Rule = Callable[[Subject], Iterator[LocalAgentError]]


def findings(subject: Subject) -> list[LocalAgentError]:
    """All that is wrong, at once."""
    return [finding for rule in RULES for finding in rule(subject)]


def joined(found: Sequence[LocalAgentError]) -> LocalAgentError:
    """One error that tells them all, each on a line of its own; the only one itself."""
    if len(found) == 1:
        return found[0]
    return ConfigError("\n  ".join([f"{len(found)} things are wrong:", *map(str, found)]))


def surely_fits(settings: Settings, context: int, said: Sequence[str]) -> bool:
    """Whether a conversation that begins with these messages has room to answer, whatever the vocabulary: a token is a
    byte at least.
    """
    most = sum(len(text.encode("utf-8", "replace")) + AROUND for text in said)
    return most + SPOKEN_ROOM + REPLY_RESERVE + settings.max_tokens <= context


def unusable_models(subject: Subject) -> Iterator[LocalAgentError]:
    """Files that are not there, not whole, or of another kind; and models that can't hold a conversation."""
    for engine, fault in subject.facts.faults.items():
        if engine not in subject.engines:
            continue
        name = OWN[engine]
        if not subject.named(engine):
            yield fault
            continue
        fix = fault.fix or f"correct {environment_name(name)}, or leave it out"
        yield type(fault)(f"{name} ({subject.settings.origin(name)}): {fault.what}", expected=fault.expected, fix=fix)
    known = subject.facts.llama
    if known is not None and known.unfit:
        yield ConfigError(
            f"{subject.plan.llama.model} does not answer: {known.unfit}",
            expected=_CHAT_MODEL,
            fix=f"name one in {environment_name('llm_model')}, or leave it out",
        )


def missing_models(subject: Subject) -> Iterator[LocalAgentError]:
    """All that is to be downloaded, with the one command that does it; also what calls alone need beside it."""
    plan, language = subject.plan, subject.settings.language
    missing = [*subject.facts.missing]
    used = [name for name in missing if name in {plan.models[engine] for engine in subject.engines}]
    if not used:
        return
    if len(missing) == 1:
        yield subject.facts.missing[missing[0]]
        return
    whole = PROFILES[plan.profile]
    turn = [] if plan.turn is not None else [whole.turn]
    wanted = ["--profile", plan.profile] if set(missing) <= set(whole.models) else [*missing, *turn]
    for_what = f"profile {plan.profile}" + ("" if language in ("en", AUTO) else f" in {told(language)}")
    models = subject.settings.models_dir
    alone = f"; for this command alone: {store.download(used, models)}" if len(used) < len(missing) else ""
    yield WeightsMissing(
        f"what {for_what} needs is not there in {models}: {', '.join(missing)}",
        expected=f"{len(missing)} more models, {megabytes(sum(CATALOGUE[name].size for name in missing))}",
        fix=store.download(wanted, models) + alone,
    )


def language(subject: Subject) -> Iterator[LocalAgentError]:
    """Every model knows the language that is spoken."""
    settings, wanted = subject.settings, subject.settings.language
    if wanted == AUTO:
        return
    foreign = {
        engine: words
        for engine in OWN
        if engine in subject.engines - set(subject.facts.faults) and (words := _foreign(subject, engine))
    }
    if not foreign:
        return
    own = [environment_name(OWN[engine]) for engine in foreign if subject.named(engine)]
    lacking = [environment_name(OWN[engine]) for engine in foreign if not subject.named(engine)]
    speaks = subject.facts.piper.language if subject.facts.piper and "piper" in foreign and own else ""
    if lacking:
        fix = f"name a model for {told(wanted)} in {' and '.join(lacking)}, or {settings.line('language', 'en')}"
    elif speaks and list(foreign) == ["piper"] and settings.origin("language") == "default":
        fix = settings.line("language", speaks)
    else:
        fix = f"leave {' and '.join(own)} out, or name models for {told(wanted)} there"
    yield ConfigError(
        f"language = {told(wanted)} ({settings.origin('language')}), but {'; '.join(foreign.values())}",
        expected="models that all know the language",
        fix=fix,
    )


def _foreign(subject: Subject, engine: str) -> str:
    """What an engine's model knows instead of the language that is set, in words; "" where it knows it."""
    wanted, model = subject.settings.language, subject.plan.models[engine]
    knows: set[str] = set()
    if engine == "whisper" and subject.facts.whisper is not None:
        knows = set(subject.facts.whisper.languages)
    elif engine == "piper" and subject.facts.piper is not None:
        knows = {subject.facts.piper.language} - {""}
    elif not model_choice.knows(model, wanted):
        knows = set(CATALOGUE[model].languages)
    if not knows or {wanted, _ONE_SPEECH.get(wanted, wanted)} & knows:
        return ""
    all_it_knows = told(next(iter(knows))) if len(knows) == 1 else f"{len(knows)} others"
    return f"{model} {_DOES[engine]} {all_it_knows}"


def vocabulary(subject: Subject) -> Iterator[LocalAgentError]:
    """Whisper can bear the vocabulary in mind."""
    words, tokens = subject.settings.vocabulary, subject.words
    if tokens is not None and (error := overlong(words, tokens)) is not None:
        fewer = ", ".join(words[: _fitting(words, tokens)]) or None
        yield ConfigError(error.what, expected=error.expected, fix=subject.settings.line("vocabulary", fewer))


def overlong(words: Sequence[str], tokens: int) -> ConfigError | None:
    """The error for a vocabulary of so many tokens; None where it fits."""
    if tokens <= MOST_VOCABULARY:
        return None
    return ConfigError(
        f"vocabulary has {len(words)} entries, which are {tokens} tokens to Whisper",
        expected=f"{MOST_VOCABULARY} tokens at most, about {_fitting(words, tokens)} entries of this length",
        fix="keep those that are misheard most often",
    )


def _fitting(words: Sequence[str], tokens: int) -> int:
    return MOST_VOCABULARY * len(words) // tokens


def speaker(subject: Subject) -> Iterator[LocalAgentError]:
    """The voice has the speaker that is set."""
    voice, chosen = subject.facts.piper, subject.settings.speaker
    if voice is not None and "piper" in subject.engines and chosen >= voice.speakers:
        yield no_speaker(voice, subject.plan.piper.model, chosen, subject.settings.line("speaker", 0))


def no_speaker(voice: VoiceFacts, model: str, chosen: object, fix: str) -> ConfigError:
    """The error for a speaker, name or number, that a voice has not."""
    many = f"{voice.speakers} speakers" if voice.speakers > 1 else "one speaker"
    names = f", or a name such as {', '.join(list(voice.names)[:3])}" if voice.names else ""
    expected = f"0 to {voice.speakers - 1}{names}" if voice.speakers > 1 else "0"
    return ConfigError(f"speaker = {chosen}, but the voice {model} has {many}", expected=expected, fix=fix)


def unsuited(
    model: str, known: WhisperFacts | GgufFacts | VoiceFacts, *, language: str = AUTO, speaker: str | int | None = None
) -> ConfigError | None:
    """What a program asks of a model that it can't do; None where it can, as far as its files tell."""
    if isinstance(known, GgufFacts):
        return ConfigError(f"{model} does not answer: {known.unfit}", expected=_CHAT_MODEL) if known.unfit else None
    if isinstance(known, VoiceFacts):
        there = known.names if isinstance(speaker, str) else range(known.speakers)
        return None if speaker is None or speaker in there else no_speaker(known, model, speaker, "leave speaker out")
    if language == AUTO or language in known.languages:
        return None
    return ConfigError(
        f"{model} does not know {told(language)}",
        expected="a multilingual Whisper" if len(known.languages) == 1 else "one that does",
        fix=f"{environment_name('language')}={language}, which chooses one, or name one as model",
    )


def allowed(options: Mapping[str, object]) -> dict[str, Any]:
    """A program's options, those that are settings as the settings take them: "5" is 5.

    Raises ConfigError where one is not what the setting of the same name may be.
    """
    own = {name: value for name, value in options.items() if name in FIELDS}
    try:
        taken = Settings.model_validate(own)
    except ValidationError as error:
        raise disallowed(error) from error
    return {**options, **{name: getattr(taken, name) for name in own}}


def disallowed(error: ValidationError) -> ConfigError:
    """What is wrong with a program's options, each with its name and value."""
    told = [f"{'.'.join(map(str, fault['loc']))} = {fault['input']}: {fault['msg']}" for fault in error.errors()]
    return ConfigError("; ".join(told), fix="leave it out for the default")


def room_to_answer(subject: Subject) -> Iterator[LocalAgentError]:
    """Instructions, what a caller says and the reply fit the context together."""
    settings, context, tokens = subject.settings, subject.plan.context, subject.tokens
    if tokens is None:
        return
    needed = tokens + SPOKEN_ROOM + REPLY_RESERVE + settings.max_tokens
    if needed <= context:
        return
    short = context - (needed - settings.max_tokens)
    usual = settings.instructions == INSTRUCTIONS
    yield ConfigError(
        f"instructions of {tokens} tokens, {SPOKEN_ROOM} for the caller, max_tokens = {settings.max_tokens} and "
        f"{REPLY_RESERVE} to spare are {needed}, but a conversation has {context}",
        expected=f"max_tokens of {short} at most" if usual else f"{context} together, or a larger context",
        fix=settings.line("max_tokens", short) if usual and short > 0 else _more_room(subject, needed),
    )


def _more_room(subject: Subject, needed: int) -> str:
    """A larger context where the model and the memory have one, else what to shorten."""
    settings, sizes = subject.settings, subject.sizes
    larger = -(-needed // CONTEXT_STEP) * CONTEXT_STEP
    if larger <= (sizes.trained or 0) and not _overfull(subject, larger):
        return settings.line("context", larger)
    words = int((subject.plan.context - needed + (subject.tokens or 0)) * WORDS_A_TOKEN)
    if words > 0:
        return f"shorten the instructions to about {words} words: {subject.plan.llama.model} can't remember more here"
    return settings.line("max_tokens", 160)


def memory(subject: Subject) -> Iterator[LocalAgentError]:
    """The machine has the memory for the models and one conversation."""
    words = _overfull(subject, subject.plan.context)
    if words:
        smaller = subject.settings.line("context", 2048)
        fits = subject.plan.context > 2048 and not _overfull(subject, 2048)
        fix = smaller if fits else subject.settings.line("profile", "starter")
        if not fits and (subject.named("llama") or subject.plan.profile == "starter"):
            fix = f"name a smaller model in {environment_name('llm_model')}"
        yield HardwareError(words, expected="models that fit this machine", fix=fix)


def _overfull(subject: Subject, context: int) -> str:
    """Why the memory of the machine can't hold the models on the CPU and one conversation; "" where it can."""
    sizes, devices = subject.sizes, subject.plan.devices
    cache = sizes.cache(context) * (1 + capacity.SPARE_SEQUENCES) if devices["llama"] == "cpu" else 0
    needed, there = sizes.held(devices, "cpu") + cache, subject.hardware.memory
    if needed <= there:
        return ""
    return f"the models and one conversation of {context} tokens take {gib(needed)}, but this machine has {gib(there)}"


def time_to_work(subject: Subject) -> Iterator[LocalAgentError]:
    """A piece of inference has the time that it takes."""
    given = subject.settings.engine_timeout
    if given < SHORTEST_TIMEOUT:
        yield ConfigError(
            f"engine_timeout = {given:g} s ends every reply before it begins",
            expected=f"{SHORTEST_TIMEOUT:g} s or more",
            fix=subject.settings.line("engine_timeout", FIELDS["engine_timeout"].default),
        )


RULES: tuple[Rule, ...] = (
    unusable_models,
    missing_models,
    language,
    vocabulary,
    speaker,
    room_to_answer,
    memory,
    time_to_work,
)
