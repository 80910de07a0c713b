"""The step that compiles llama-cpp-python, which the package index has no wheel of, and keeps the wheel."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import tarfile
from pathlib import Path

from local_agent.errors import StepFailed
from local_agent.hardware.llama_build import INCLUDED, NO_AMX
from local_agent.process.operating_system import CPUINFO, compiler_fix, library, processor_flags, usable_processors
from local_agent.process.screen import SCREEN
from scripts.setup.packages import BUILD_TOOLS, pip
from scripts.setup.place import WHEELS, Place, python_tag
from scripts.setup.step import Step

CMAKE_ARGS = "-DLLAVA_BUILD=OFF"  # the image part of llama.cpp, which a voice agent does not need
CUDA_ARGS = "-DGGML_CUDA=on"
WHEEL = "llama_cpp_python-*.whl"
RECIPE = "recipe.sha256"  # beside a wheel
NEEDS = "llama-cpp-processor"  # beside a wheel, and beside the stamps: which flags of the processor it was made for
# Sets of instructions, as /proc/cpuinfo spells them, that compilers make code for by themselves or by llama.cpp's wish.
INSTRUCTIONS = re.compile(
    r"pni|s?sse.*|avx.*|fma|f16c|bmi[12]|abm|adx|amx_.*|aes|vaes|pclmulqdq|vpclmulqdq|gfni|sha_ni|movbe|popcnt"
    r"|asimd.*|sve.*|sme([2bfi].*)?|i8mm|bf16|fphp|dcpop|atomics|crc32|lrcpc|ilrcpc"
)
KERNELS = Path(__file__).resolve().parents[1] / "kernels"  # linked into llama.cpp (docs/decisions/kernels.md)
_NVCC = Path("/usr/local/cuda/bin/nvcc")


def llama(place: Place) -> Step:
    where = "for this machine's GPU, 10-30 minutes" if place.gpu else "for this machine's CPU, one or two minutes"
    # The processor is none of the inputs: what is installed and runs here stays, whatever a new kernel tells of it.
    return Step(
        "llama.cpp",
        f"compiles llama-cpp-python {version(place)} {where} on two quiet cores and longer on busy ones "
        "(nobody offers it ready-made); kept in your cache, so that it is compiled only once",
        (place.requirements("llama").read_text(), recipe(place)),
        lambda: there(place),
        work,
        missing=lambda: [] if kept_wheel(place) else missing(place),
        room=50_000_000,
        cache_room=300_000_000,
        after=(BUILD_TOOLS,),
    )


def version(place: Place) -> str:
    found = re.search(r"^llama-cpp-python==(\S+)", place.requirements("llama").read_text(), re.MULTILINE)
    if found is None:
        raise StepFailed("requirements/llama.txt pins no llama-cpp-python", fix="git checkout requirements/llama.txt")
    return found[1]


def cmake_args(place: Place) -> str:
    """Ours, then the user's own CMAKE_ARGS."""
    own = os.environ.get("CMAKE_ARGS", "")
    return " ".join(filter(None, (CMAKE_ARGS, CUDA_ARGS if place.gpu else "", own)))


def recipe(place: Place) -> str:
    """What a build is made of, the processor aside; as text."""
    parts = (version(place), cmake_args(place), python_tag(), platform.machine())
    return chr(0).join((*parts, *(file.read_text() for file in sorted(KERNELS.glob("*.c*")))))


def key(place: Place, cpuinfo: Path = CPUINFO) -> str:
    """Name of a build in the cache: what it is made of, and for which processor the compiler makes code."""
    flags = processor_flags(cpuinfo)
    parts = (recipe(place), " ".join(sorted(compiled_for(flags))), compiler_flags(flags))
    return f"llama-{version(place)}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"


def compiled_for(processor: frozenset[str]) -> frozenset[str]:
    """Those of a processor's flags that GCC and Clang make code for, with `-march=native`. The others tell of virtual
    machines, power and security, and change with every kernel and microcode.
    """
    return frozenset(flag for flag in processor if INSTRUCTIONS.fullmatch(flag))


def there(place: Place, cpuinfo: Path = CPUINFO) -> bool:
    """Whether it is installed, and made for no more than this processor can do."""
    installed = place.has("llama_cpp_python", version(place)) and _library(place).is_file()
    return installed and _needs(place.stamps / NEEDS) <= processor_flags(cpuinfo)


def _needs(noted: Path) -> frozenset[str]:
    """The flags that a build was noted to be made for; none where nothing is noted."""
    return frozenset(noted.read_text().split()) if noted.is_file() else frozenset()


def compiler_flags(processor: frozenset[str]) -> str:
    """Flags for C and C++ that keep llama.cpp from code that does not run, for a processor that can do so much: that
    for AMX (tiles of newer Xeons) ends its process with "Illegal instruction" when GCC before 12.4 has compiled it,
    which takes the tiles' shapes for unused and leaves them out (GCC 114098, llama.cpp 26954).
    """
    return NO_AMX if "amx_tile" in processor and _takes(NO_AMX) else ""


def _takes(flags: str) -> bool:
    """Whether the compiler knows these flags; one that does not makes no such code either."""
    compiler = os.environ.get("CC", "cc").split()
    words = [*compiler, *flags.split(), "-x", "c", "-fsyntax-only", os.devnull]
    try:
        return subprocess.run(words, capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def work(place: Place, log: Path) -> None:
    wheel = kept_wheel(place)
    if wheel is None:
        wheel = _compile(place, log, place.cache / WHEELS / key(place))
    else:
        SCREEN.say(f"      already compiled: {wheel}")
    pip(place, log, "install", "--no-deps", "--no-index", "--force-reinstall", wheel)
    place.stamps.mkdir(parents=True, exist_ok=True)
    (place.stamps / NEEDS).write_text(" ".join(sorted(_needs(wheel.with_name(NEEDS)))) + "\n")


def kept_wheel(place: Place, cpuinfo: Path = CPUINFO) -> Path | None:
    """A wheel that was compiled before, for this processor or for less than it can do; None where there is none."""
    exact = next((place.cache / WHEELS / key(place, cpuinfo)).glob(WHEEL), None) or _adopted(place, cpuinfo)
    if exact is not None:
        return exact
    made = hashlib.sha256(recipe(place).encode()).hexdigest()
    fitting = [
        wheel
        for wheel in (place.cache / WHEELS).glob(f"llama-{version(place)}-*/{WHEEL}")
        if (told := wheel.with_name(RECIPE)).is_file()
        and told.read_text().strip() == made
        and _needs(wheel.with_name(NEEDS)) <= processor_flags(cpuinfo)
    ]
    return max(fitting, key=lambda wheel: len(_needs(wheel.with_name(NEEDS))), default=None)


def _adopted(place: Place, cpuinfo: Path) -> Path | None:
    """The wheel of a set-up whose keys held all flags of the processor (until 0.1.0), under its name of today."""
    flags = processor_flags(cpuinfo)
    ours = tuple(file.read_text() for file in sorted(KERNELS.glob("*.c*")))
    parts = (version(place), cmake_args(place), python_tag(), platform.machine(), " ".join(sorted(flags)))
    parts += (*filter(None, [compiler_flags(flags)]), *ours)
    name = f"llama-{version(place)}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"
    wheel = next((place.cache / WHEELS / name).glob(WHEEL), None)
    return None if wheel is None else _keep(place, wheel, place.cache / WHEELS / key(place, cpuinfo), flags)


def _keep(place: Place, wheel: Path, kept: Path, processor: frozenset[str]) -> Path:
    """Put a wheel into the cache, whole or not at all, with a note of what it was made of and for."""
    kept.mkdir(parents=True, exist_ok=True)
    (kept / NEEDS).write_text(" ".join(sorted(compiled_for(processor))) + "\n")
    (kept / RECIPE).write_text(hashlib.sha256(recipe(place).encode()).hexdigest() + "\n")
    part = kept / f"{wheel.name}.part"
    shutil.copyfile(wheel, part)
    return part.replace(kept / wheel.name)


def _compile(place: Place, log: Path, kept: Path) -> Path:
    """Build in a folder that survives an interruption, so that ninja goes on where it was."""
    ours = [f"-DCMAKE_PROJECT_{project}_INCLUDE={KERNELS / file}" for project, file in INCLUDED.items()]
    environment = {
        "CMAKE_ARGS": f"{shlex.join(ours)} {cmake_args(place)}",
        "PATH": f"{place.venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    _check_compilers(place, environment)
    if added := compiler_flags(processor_flags()):
        environment |= {name: f"{os.environ.get(name, '')} {added}".strip() for name in ("CFLAGS", "CXXFLAGS")}
    building = place.cache / "build" / kept.name
    unpacked = source(place, log, building)
    # No more than there are processors: other steps run beside it, and a compiler may take half a gigabyte.
    environment["CMAKE_BUILD_PARALLEL_LEVEL"] = os.environ.get("JOBS") or str(len(usable_processors()))
    finished = building / "wheel"
    shutil.rmtree(finished, ignore_errors=True)
    options = (
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-v",
        f"--config-settings=build-dir={building / 'ninja'}",
    )
    pip(place, log, "wheel", *options, "--wheel-dir", finished, unpacked, environment=environment)
    (built,) = finished.glob(WHEEL)
    wheel = _keep(place, built, kept, processor_flags())
    shutil.rmtree(building)
    return wheel


def source(place: Place, log: Path, building: Path) -> Path:
    """The unpacked source, whose archive pip has checked against its pinned hash."""
    unpacked = building / "source"
    if not unpacked.is_dir():
        archive = _archive(place, log)
        part = building / "source.part"
        shutil.rmtree(part, ignore_errors=True)
        with tarfile.open(archive) as opened:
            opened.extractall(part, filter="data")
        (inside,) = part.iterdir()
        inside.rename(unpacked)
        shutil.rmtree(part)
    return unpacked


def _archive(place: Place, log: Path) -> Path:
    """The source as it was published. It stays in the cache, so that another build needs no network."""
    archives = place.cache / "source"
    options = ("--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes", "--progress-bar", "off")
    words = ("download", *options, "-r", place.requirements("llama"), "--dest", archives)
    name = f"llama_cpp_python-{version(place)}.tar.gz"
    if (archives / name).is_file():
        try:
            pip(place, log, *words, "--no-index", "--find-links", archives)
            return archives / name
        except StepFailed:
            SCREEN.say(f"      {archives / name} is not what is pinned; fetching it again")
            (archives / name).unlink()
    pip(place, log, *words)
    return archives / name


def missing(place: Place) -> list[tuple[str, str]]:
    """(what compiling needs and this machine lacks, how to come by it)."""
    found = [
        (f"there is no {language} compiler ({os.environ.get(variable, name)})", compiler_fix())
        for language, name, variable in (("C", "cc", "CC"), ("C++", "c++", "CXX"))
        if not shutil.which(os.environ.get(variable, name).split()[0])
    ]
    if place.gpu and _nvcc() is None:
        what = "GPU=cuda needs NVIDIA's compiler, and there is no nvcc on PATH or in /usr/local/cuda/bin"
        found.append((what, "install the CUDA toolkit 12 or 13, or run make setup GPU=none for the CPU"))
    return found


def _nvcc() -> str | None:
    return os.environ.get("CUDACXX") or shutil.which("nvcc") or (str(_NVCC) if _NVCC.is_file() else None)


def _check_compilers(place: Place, environment: dict[str, str]) -> None:
    if found := missing(place):
        raise StepFailed("; ".join(what for what, _ in found), fix="; ".join(dict.fromkeys(fix for _, fix in found)))
    if place.gpu:
        environment["CUDACXX"] = _nvcc() or ""


def _library(place: Place) -> Path:
    return place.site_packages / "llama_cpp" / "lib" / library("llama")
