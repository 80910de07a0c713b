"""What sets this machine's llama.cpp apart from the one that `make setup` compiles (scripts/setup/llama.py), as after a
plain `pip install`: products of ours that it lacks, and code for AMX that ends the process.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from local_agent.errors import in_checkout
from local_agent.process.operating_system import LINUX, current, library, processor_flags

OURS = b"local_agent_multiplies"  # a function of scripts/kernels/matmul.cpp, in the library of the CPU
OURS_NEED = frozenset({"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni"})  # as /proc/cpuinfo spells them
SOUND_GCC = (12, 4)  # earlier ones leave the shapes of AMX's tiles out (GCC 114098)
NO_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"  # set-up compiles with them, too
KERNELS = Path(__file__).resolve().parents[1] / "engines" / "llama" / "kernels"  # where a wheel has scripts/kernels
INCLUDED = {"llama.cpp": "library.cmake", "ggml": "link.cmake"}  # by llama.cpp's projects, at the end of project()
_GCC = re.compile(rb"GCC: \([^)\0]*\) (\d+)\.(\d+)")  # in a library's section .comment


@dataclass(frozen=True, slots=True)
class LlamaBuild:
    """slow: what it lacks that this processor would be quicker with. dies: why it would end the process at the first
    word. fix: the command that compiles it as set-up does. All empty where nothing is known to be wrong.
    """

    slow: str = ""
    dies: str = ""
    fix: str = ""


AS_SET_UP = LlamaBuild()


def look() -> LlamaBuild:
    """Of the installed library. Raises what its import raises."""
    import llama_cpp

    libraries = sorted((Path(llama_cpp.__file__).parent / "lib").glob("*ggml-cpu*.so"))
    if current() != LINUX or not libraries:
        return AS_SET_UP
    flags = processor_flags()
    found = judged(libraries[0].read_bytes(), llama_cpp.llama_print_system_info().decode(), flags)
    return replace(found, fix=command(llama_cpp.__version__, flags)) if found.slow or found.dies else found


def judged(library: bytes, system_info: str, processor: frozenset[str]) -> LlamaBuild:
    """library: content of libggml-cpu.so. system_info: llama.cpp's own words, `CPU : AVX = 1 | ...`."""
    slow = dies = ""
    if processor >= OURS_NEED and OURS not in library:
        slow = "llama.cpp was compiled without our products for AVX-512 VNNI, and writes up to a third more slowly"
    versions = [(int(found[1]), int(found[2])) for found in _GCC.finditer(library)]
    if "amx_tile" in processor and "AMX_INT8 = 1" in system_info and versions and min(versions) < SOUND_GCC:
        major, minor = min(versions)
        dies = f"llama.cpp's code for AMX was compiled by GCC {major}.{minor}, and ends the process at the first word"
    return LlamaBuild(slow, dies)


def command(version: str, processor: frozenset[str]) -> str:
    """What compiles it as set-up does: make, or pip where there is no checkout."""
    if in_checkout():
        return "make clean setup"
    flags = f'CFLAGS="{NO_AMX}" CXXFLAGS="{NO_AMX}" ' if "amx_tile" in processor else ""
    included = " ".join(f"-DCMAKE_PROJECT_{project}_INCLUDE={KERNELS / file}" for project, file in INCLUDED.items())
    cmake = f'CMAKE_ARGS="-DLLAVA_BUILD=OFF {included}"'
    options = "--force-reinstall --no-deps --no-cache-dir --no-binary :all:"
    return f"{flags}{cmake} python -m pip install {options} llama-cpp-python=={version}"


def sees() -> bool:
    """Whether llama.cpp's library for images is there. Looks for a file, and loads nothing."""
    found = importlib.util.find_spec("llama_cpp")
    return found is not None and found.origin is not None and _eyes(Path(found.origin).parent).is_file()


def _eyes(package: Path) -> Path:
    return package / "lib" / library("mtmd")


def vision_command() -> str:
    """What compiles llama.cpp's library for images."""
    if in_checkout():
        return "make setup VISION=1"
    return command(metadata.version("llama-cpp-python"), processor_flags()).replace("-DLLAVA_BUILD=OFF ", "")
