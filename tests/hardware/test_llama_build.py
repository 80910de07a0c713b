"""What is told of a llama.cpp that pip compiled, by what lies in its library and what the processor can do."""

from __future__ import annotations

import pytest

from local_agent.config.settings import Settings
from local_agent.hardware import llama_build
from local_agent.hardware.llama_build import LlamaBuild, command, judged
from local_agent.hardware.plan import Hardware, plan
from tests.hardware.test_plan import GIB

VNNI = llama_build.OURS_NEED
AMX = VNNI | {"amx_tile"}
OLD, NEW = b"\0GCC: (Debian 12.2.0-14+deb12u1) 12.2.0\0", b"\0GCC: (Ubuntu 13.2.0-4) 13.2.0\0"
OURS = b"\0local_agent_multiplies\0"
WITH, WITHOUT = "CPU : AVX512 = 1 | AMX_INT8 = 1 |", "CPU : AVX512 = 1 |"


@pytest.mark.parametrize(
    ("library", "info", "processor", "slow", "dies"),
    [
        (OURS + OLD, WITHOUT, AMX, False, False),
        (OLD, WITHOUT, VNNI, True, False),
        (OLD, WITHOUT, frozenset({"avx2"}), False, False),
        (OURS + OLD, WITH, AMX, False, True),
        (OURS + NEW, WITH, AMX, False, False),
        (OLD + NEW, WITH, AMX, True, True),
        (OURS + OLD, WITH, VNNI, False, False),
        (b"", WITH, AMX, True, False),
    ],
)
def test_another_build_is_judged(library: bytes, info: str, processor: frozenset[str], slow: bool, dies: bool) -> None:
    found = judged(library, info, processor)
    assert (bool(found.slow), bool(found.dies)) == (slow, dies)
    assert not dies or "GCC 12.2" in found.dies


def test_the_plan_tells_it_in_one_line_with_the_command() -> None:
    build = LlamaBuild("compiled without our products", "", command("0.3.36", AMX))
    machine = Hardware(2, 8 * GIB, 6 * GIB, llama_build=build)
    (line,) = (one for one in plan(Settings(), machine).lines if one.what == "llama.cpp")
    assert line.warning and "without our products; fix: " in line.reason
    assert not [one for one in plan(Settings(), Hardware(2, 8 * GIB, 6 * GIB)).lines if one.what == "llama.cpp"]


def test_a_wheel_names_pips_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_build, "in_checkout", lambda: False)
    told = command("0.3.36", AMX)
    assert "python -m pip install" in told and "llama-cpp-python==0.3.36" in told
    assert "engines/llama/kernels/link.cmake" in told and "-mno-amx-tile" in told
    assert "amx" not in command("0.3.36", VNNI)
