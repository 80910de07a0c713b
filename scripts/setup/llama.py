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

from scripts.setup.command import StepFailed
from scripts.setup.packages import pip
from scripts.setup.place import WHEELS, Place, python_tag
from scripts.setup.step import Step

CMAKE_ARGS = "-DLLAVA_BUILD=OFF"  # the image part of llama.cpp, which a voice agent does not need
CUDA_ARGS = "-DGGML_CUDA=on"
# llama.cpp's code for AMX (tiles of newer Xeons) ends its process with "Illegal instruction" when GCC before 12.4 has
# compiled it: that takes the tiles' shapes for unused and leaves them out (GCC 114098, llama.cpp 26954).
NO_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
KERNELS = Path(__file__).resolve().parents[1] / "kernels"  # linked into llama.cpp (docs/decisions/kernels.md)
_NVCC = Path("/usr/local/cuda/bin/nvcc")


def llama(place: Place) -> Step:
    where = "for this machine's GPU, 10-30 minutes" if place.gpu else "for this machine's CPU, about 5 minutes"
    return Step(
        "llama.cpp",
        f"compiles llama-cpp-python {version(place)} {where} on two quiet cores and longer on busy ones "
        "(nobody offers it ready-made); kept in your cache, so that it is compiled only once",
        (place.requirements("llama").read_text(), key(place)),
        lambda: place.has("llama_cpp_python", version(place)) and _library(place).is_file(),
        work,
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


def key(place: Place, cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Name of what a build depends on. The CPU's flags belong to it: the code is compiled for this very CPU."""
    flags = processor_flags(cpuinfo)
    parts = (version(place), cmake_args(place), python_tag(), platform.machine(), " ".join(sorted(flags)))
    parts += tuple(filter(None, [compiler_flags(flags)]))
    parts += tuple(file.read_text() for file in sorted(KERNELS.glob("*.c*")))
    return f"llama-{version(place)}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"


def processor_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """What the processor can do, in Linux's words; empty where it can't be known."""
    text = cpuinfo.read_text() if cpuinfo.is_file() else ""
    found = re.search(r"^(flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return frozenset(found[2].split()) if found else frozenset()


def compiler_flags(processor: frozenset[str]) -> str:
    """Flags for C and C++ that keep llama.cpp from code that does not run, for a processor that can do so much."""
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
    kept = place.cache / WHEELS / key(place)
    wheel = next(kept.glob("llama_cpp_python-*.whl"), None)
    if wheel is None:
        wheel = _compile(place, log, kept)
    else:
        print(f"      already compiled: {wheel}", flush=True)
    pip(place, log, "install", "--no-deps", "--no-index", "--force-reinstall", wheel)


def _compile(place: Place, log: Path, kept: Path) -> Path:
    """Build in a folder that survives an interruption, so that ninja goes on where it was."""
    ours = shlex.quote(f"-DCMAKE_PROJECT_ggml_INCLUDE={KERNELS / 'link.cmake'}")
    environment = {
        "CMAKE_ARGS": f"{ours} {cmake_args(place)}",
        "PATH": f"{place.venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    _check_compilers(place, environment)
    if added := compiler_flags(processor_flags()):
        environment |= {name: f"{os.environ.get(name, '')} {added}".strip() for name in ("CFLAGS", "CXXFLAGS")}
    building = place.cache / "build" / kept.name
    source = _source(place, log, building)
    if jobs := os.environ.get("JOBS"):
        environment["CMAKE_BUILD_PARALLEL_LEVEL"] = jobs
    finished = building / "wheel"
    shutil.rmtree(finished, ignore_errors=True)
    options = (
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-v",
        f"--config-settings=build-dir={building / 'ninja'}",
    )
    pip(place, log, "wheel", *options, "--wheel-dir", finished, source, environment=environment)
    kept.mkdir(parents=True, exist_ok=True)
    (built,) = finished.glob("llama_cpp_python-*.whl")
    part = kept / f"{built.name}.part"
    shutil.copyfile(built, part)
    wheel = part.replace(kept / built.name)
    shutil.rmtree(building)
    return wheel


def _source(place: Place, log: Path, building: Path) -> Path:
    """The unpacked source, whose archive pip has checked against its pinned hash."""
    unpacked = building / "source"
    if not unpacked.is_dir():
        archives = building / "archive"
        options = (
            "--no-deps",
            "--no-binary",
            ":all:",
            "--no-build-isolation",
            "--require-hashes",
            "--progress-bar",
            "off",
        )
        pip(place, log, "download", *options, "--dest", archives, "-r", place.requirements("llama"))
        (archive,) = archives.glob("*.tar.gz")
        part = building / "source.part"
        shutil.rmtree(part, ignore_errors=True)
        with tarfile.open(archive) as opened:
            opened.extractall(part, filter="data")
        (inside,) = part.iterdir()
        inside.rename(unpacked)
        shutil.rmtree(part)
        shutil.rmtree(archives)
    return unpacked


def _check_compilers(place: Place, environment: dict[str, str]) -> None:
    for name, variable in (("cc", "CC"), ("c++", "CXX")):
        if not shutil.which(os.environ.get(variable, name).split()[0]):
            raise StepFailed(
                f"there is no {'C' if name == 'cc' else 'C++'} compiler ({os.environ.get(variable, name)})",
                fix="apt install build-essential (Debian, Ubuntu) or dnf install gcc-c++ make (Fedora)",
            )
    if place.gpu:
        nvcc = os.environ.get("CUDACXX") or shutil.which("nvcc") or (str(_NVCC) if _NVCC.is_file() else None)
        if nvcc is None:
            raise StepFailed(
                "GPU=cuda needs NVIDIA's compiler, and there is no nvcc on PATH or in /usr/local/cuda/bin",
                fix="install the CUDA toolkit 12 or 13, or run make setup GPU=none for the CPU",
            )
        environment["CUDACXX"] = nvcc


def _library(place: Place) -> Path:
    return place.site_packages / "llama_cpp" / "lib" / "libllama.so"
