"""The plan as a table of machines, and the probes against made-up kernels' files."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local_agent.config.settings import Settings
from local_agent.errors import ConfigError, HardwareError
from local_agent.hardware import cgroup
from local_agent.hardware import probe as machine
from local_agent.hardware.capacity import CALLS_PER_CORE
from local_agent.hardware.model_facts import Facts
from local_agent.hardware.plan import (
    SPARE_SEQUENCES,
    Gpu,
    Hardware,
    Line,
    Plan,
    fall_back,
    plan,
    probe,
    usable_cores,
)
from local_agent.weights.catalogue import CATALOGUE, PROFILES
from local_agent.weights.gguf_header import GgufFacts

GIB = 1 << 30
ALL = frozenset(CATALOGUE)
STARTER = frozenset(PROFILES["starter"].models)
CUDA_TYPES = frozenset({"float16", "int8_float16", "int8", "float32"})
NO_CUDA = frozenset({"CPUExecutionProvider"})
PROVIDERS = frozenset({"CUDAExecutionProvider", "CPUExecutionProvider"})


AVX2 = frozenset({"avx", "avx2", "fma"})
AVX512 = AVX2 | {"avx512f", "avx512_vnni"}


def cpu(cores: int, memory: int, flags: frozenset[str] = AVX512) -> Hardware:
    return Hardware(cores=cores, memory=memory * GIB, memory_free=memory * GIB, cpu_flags=flags)


def gpu(memory: int, cores: int = 8) -> Hardware:
    return replace(
        cpu(cores, 32),
        gpus=(Gpu("GeForce", memory * GIB, memory * GIB),),
        whisper_gpus=1,
        cuda_types=CUDA_TYPES,
        llama_offload=True,
        providers=PROVIDERS,
    )


def line(plan: Plan, what: str) -> Line:
    return next(line for line in plan.lines if line.what.split()[0] == what)


# machine, profile, devices, compute type, threads (whisper, llama, piper), calls at once
TABLE = {
    "1 core": (cpu(1, 2), "small", "cpu cpu cpu", "int8", (1, 1, 1), 1),
    "2-core laptop": (cpu(2, 8), "medium", "cpu cpu cpu", "int8", (1, 2, 2), 1),
    "2-core laptop, AVX2": (cpu(2, 8, AVX2), "small", "cpu cpu cpu", "int8", (1, 2, 2), 2),
    "2 cores, plain": (cpu(2, 8, frozenset()), "starter", "cpu cpu cpu", "int8", (1, 2, 2), 4),
    "4 cores": (cpu(4, 8, AVX2), "medium", "cpu cpu cpu", "int8", (2, 4, 4), 2),
    "4 cores, little memory": (cpu(4, 2), "small", "cpu cpu cpu", "int8", (2, 4, 4), 4),
    "4 cores, next to no memory": (cpu(4, 1), "starter", "cpu cpu cpu", "int8", (2, 4, 4), 1),
    "16-core server": (cpu(16, 64), "large", "cpu cpu cpu", "int8", (6, 8, 2), 4),
    "64-core server": (cpu(64, 256), "large", "cpu cpu cpu", "int8", (8, 16, 4), 16),
    "2 GB GPU": (gpu(2), "small", "cuda cuda cuda", "int8_float16", (1, 1, 1), 5),
    "4 GB GPU": (gpu(4), "medium", "cuda cuda cuda", "int8_float16", (1, 1, 1), 10),
    "8 GB GPU": (gpu(8), "largest", "cuda cuda cuda", "int8_float16", (1, 1, 1), 2),
    "24 GB GPU": (gpu(24), "largest", "cuda cuda cuda", "float16", (1, 1, 1), 24),
    "80 GB GPU": (gpu(80, 32), "largest", "cuda cuda cuda", "float16", (1, 1, 1), 64),
    "GPU, CTranslate2 without CUDA": (
        replace(gpu(24), whisper_gpus=0), "large", "cpu cuda cuda", "int8", (2, 1, 1), 26
    ),
    "GPU, cuBLAS missing": (
        replace(gpu(24), faults=(("cuda", "no libcublas.so.12"),)), "large", "cpu cuda cuda", "int8", (2, 1, 1), 26
    ),
    "GPU, llama.cpp without offload": (
        replace(gpu(24), llama_offload=False), "largest", "cuda cpu cuda", "float16", (1, 4, 1), 2
    ),
    "GPU, ONNX Runtime without CUDA": (
        replace(gpu(24), providers=NO_CUDA), "largest", "cuda cuda cpu", "float16", (1, 1, 2), 24
    ),
    "GPU of unknown memory": (
        replace(gpu(8), gpus=()), "starter", "cuda cuda cuda", "int8_float16", (1, 1, 1), 32
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_table_of_machines(name: str) -> None:
    hardware, profile, devices, compute_type, threads, calls = TABLE[name]
    made = plan(Settings(), hardware, ALL)
    engines = (made.whisper, made.llama, made.piper)
    assert made.profile == profile
    assert " ".join(engine.device for engine in engines) == devices
    assert made.whisper.compute_type == compute_type
    assert tuple(engine.threads for engine in engines) == threads
    assert made.llama.gpu_layers == (-1 if made.llama.device == "cuda" else 0)
    assert made.max_calls == calls
    assert made.turn is not None and (made.turn.device, made.turn.threads) == ("cpu", 1)
    assert tuple(made.models.values()) == PROFILES[profile].models


def test_without_the_turn_detector_the_words_alone_tell_the_end_of_a_turn() -> None:
    made = plan(Settings(), cpu(2, 8), ALL - {PROFILES["starter"].turn})
    assert made.turn is None and list(made.models) == ["whisper", "llama", "piper"]
    told = line(made, "turn")
    assert told.warning and told.choice == "words" and f"download {PROFILES['starter'].turn}" in told.reason


def test_never_more_runnable_threads_than_cores() -> None:
    for cores in range(1, 129):
        made = plan(Settings(), cpu(cores, 64), ALL)
        each = (made.whisper.threads, made.llama.threads, made.piper.threads)
        assert min(each) >= 1, cores
        assert max(each) <= cores, cores
        if cores >= 8:  # below, right of way lets one engine run at a time
            assert sum(each) <= cores, cores


def test_every_choice_has_a_reason() -> None:
    for hardware, *_ in TABLE.values():
        for what, choice, reason, *_ in plan(Settings(), hardware, ALL).lines:
            assert what and choice and reason and "\n" not in reason


@pytest.mark.parametrize(
    ("change", "engine", "said"),
    [
        ({"whisper_gpus": 0}, "whisper", "CTranslate2 sees no CUDA device"),
        ({"faults": (("cuda", "OSError: libcublas.so.12"),)}, "whisper", "libcublas.so.12"),
        ({"llama_offload": False}, "llama", "built without GPU code"),
        ({"llama_offload": False, "faults": (("llama_cpp", "no symbol"),)}, "llama", "does not load (no symbol)"),
    ],
)
def test_a_gpu_whose_library_is_missing(change: dict[str, object], engine: str, said: str) -> None:
    hardware = replace(gpu(24), **change)  # type: ignore[arg-type]
    found = line(plan(Settings(), hardware, ALL), engine)
    assert found.choice == "cpu" and found.warning
    assert said in found.reason and "make setup GPU=cuda" in found.reason
    with pytest.raises(HardwareError, match="make setup GPU=cuda") as caught:
        plan(Settings(device="cuda"), hardware, ALL)
    assert said in str(caught.value)


def test_piper_stays_on_the_cpu_even_where_cuda_is_demanded() -> None:
    hardware = replace(gpu(24), providers=NO_CUDA)
    made = plan(Settings(device="cuda"), hardware, ALL)
    assert (made.whisper.device, made.llama.device, made.piper.device) == ("cuda", "cuda", "cpu")
    assert "ONNX Runtime has no CUDA provider" in line(made, "piper").reason


def test_cuda_demanded_without_one() -> None:
    with pytest.raises(HardwareError, match="there is no CUDA device") as caught:
        plan(Settings(device="cuda"), cpu(2, 8), ALL)
    assert "--device cpu" in str(caught.value)
    broken = replace(cpu(2, 8), faults=(("nvidia-smi", "driver mismatch"),))
    with pytest.raises(HardwareError, match="driver mismatch"):
        plan(Settings(device="cuda"), broken, ALL)


def test_cpu_demanded_with_a_gpu() -> None:
    made = plan(Settings(device="cpu"), gpu(24), ALL)
    assert {made.whisper.device, made.llama.device, made.piper.device} == {"cpu"}
    assert made.profile == "large" and made.whisper.compute_type == "int8"
    assert not any(found.warning for found in made.lines)


def test_a_model_too_large_for_the_gpu() -> None:
    hardware = gpu(4)
    made = plan(Settings(profile="large"), hardware, ALL)
    assert made.llama.device == "cpu" and made.whisper.device == "cuda"
    assert line(made, "llama").warning and "but the GPU has 4 GB free" in line(made, "llama").reason
    with pytest.raises(HardwareError, match="smaller profile"):
        plan(Settings(profile="large", device="cuda"), hardware, ALL)
    assert plan(Settings(profile="large", gpu_layers=10), hardware, ALL).llama.gpu_layers == 10


def test_layers_for_a_gpu_that_is_not_there() -> None:
    found = line(plan(Settings(gpu_layers=20), cpu(4, 8), ALL), "llama")
    assert found.warning and "no CUDA device, so gpu_layers = 20 (default) does nothing" in found.reason


def test_layers_kept_off_the_gpu() -> None:
    made = plan(Settings(device="cuda", gpu_layers=0), gpu(24), ALL)
    assert (made.llama.device, made.llama.gpu_layers) == ("cpu", 0)


def test_only_what_is_on_disk_is_chosen_by_itself() -> None:
    made = plan(Settings(), cpu(2, 8), STARTER)
    assert made.profile == "starter"
    told = line(made, "profile")
    assert "download --profile medium" in told.reason and "1.27 GB; 58 of 60 points" in told.reason
    assert "instead of 46" in told.reason and not told.warning
    with_small = plan(Settings(), cpu(2, 8), STARTER | frozenset(PROFILES["small"].models))
    assert with_small.profile == "small"


def test_what_is_too_much_for_the_machine_is_taken_where_nothing_else_is_there() -> None:
    made = plan(Settings(), cpu(2, 8, AVX2), frozenset(PROFILES["medium"].models))
    told = line(made, "profile")
    assert made.profile == "medium" and told.warning
    assert "all that is on disk" in told.reason and "0.65 s after the words" in told.reason
    assert "download --profile small" in told.reason


def test_the_plan_says_what_a_better_machine_or_a_download_would_change() -> None:
    on_medium = plan(Settings(), cpu(2, 8), ALL)
    assert line(on_medium, "profile").reason.endswith("its first clause is expected 0.39 s after the words")
    assert line(on_medium, "better")[:2] == ("better", "large")
    assert "whisper-small takes 8 cores, or a GPU" in line(on_medium, "better").reason
    on_starter = plan(Settings(profile="starter"), cpu(2, 8), STARTER)
    assert line(on_starter, "better").choice == "medium"
    for words in ("58 of 60 points", "download --profile medium, then LOCAL_AGENT_PROFILE=auto"):
        assert words in line(on_starter, "better").reason
    assert "download" not in line(plan(Settings(profile="starter"), cpu(2, 8), ALL), "better").reason
    assert not [one for one in plan(Settings(), gpu(24), ALL).lines if one.what == "better"], "nothing is better"
    assert not [one for one in plan(Settings(profile="medium"), cpu(2, 8, AVX2), ALL).lines if one.what == "better"]


def test_voices_that_calls_may_change_to_have_their_place() -> None:
    machine = Hardware(cores=8, memory=3 * GIB, memory_free=3 * GIB)
    given = {"profile": "multilingual", "context": 2048, "max_calls": 64}
    german = plan(Settings(language="de", **given), machine, ALL)
    follows = plan(Settings(language="auto", voices=("/voices/pt.onnx",), **given), machine, ALL)
    assert german.voices == () and "/voices/pt.onnx" in follows.voices
    languages = [CATALOGUE[name].languages[0] for name in follows.voices if name in CATALOGUE]
    assert set(languages) == {"de", "fr", "es", "it"} and len(languages) == 4
    assert follows.max_calls < german.max_calls, "they take memory"
    assert line(follows, "voices").choice == ", ".join(follows.voices)
    assert plan(Settings(language="auto"), machine, STARTER).voices == ()


def test_nothing_on_disk() -> None:
    made = plan(Settings(), cpu(2, 8))
    assert made.profile == "starter" and line(made, "profile").warning
    assert "download --profile medium" in line(made, "profile").reason


def test_where_no_profile_is_whole_the_one_that_lacks_least_is_asked_for() -> None:
    on_disk = frozenset({"whisper-tiny.en", "qwen2.5-coder-1.5b-instruct"})
    german = plan(Settings(language="de"), cpu(2, 8), on_disk)
    assert (german.profile, german.whisper.model) == ("medium", "whisper-base") and line(german, "profile").warning
    told = line(german, "profile").reason
    assert "download whisper-base qwen2.5-coder-1.5b-instruct piper-de_DE-thorsten-medium smart-turn-v3.2" in told


def test_own_models_complete_a_profile() -> None:
    own = Settings(llm_model="/weights/own.gguf")
    made = plan(own, cpu(4, 8), frozenset({"whisper-tiny.en", "piper-en_US-joe-medium"}))
    assert made.profile == "medium" and made.llama.model == "/weights/own.gguf"


def test_a_profile_that_is_named() -> None:
    assert plan(Settings(profile="large"), cpu(2, 64)).profile == "large"
    with pytest.raises(ConfigError, match="use LOCAL_AGENT_PROFILE=medium"):
        plan(Settings(profile="meduim"), cpu(2, 8))


@pytest.mark.parametrize(
    ("language", "profile", "models"),
    [
        ("en", "small", ("whisper-tiny.en", "qwen2.5-coder-0.5b-instruct", "piper-en_US-joe-medium")),
        ("de", "multilingual", ("whisper-base", "qwen2.5-coder-0.5b-instruct", "piper-de_DE-thorsten-medium")),
        ("pl", "multilingual", ("whisper-base", "qwen2.5-coder-0.5b-instruct", "piper-en_US-joe-medium")),
        ("auto", "multilingual", ("whisper-base", "qwen2.5-coder-0.5b-instruct", "piper-en_US-joe-medium")),
    ],
)
def test_language_chooses_the_models(language: str, profile: str, models: tuple[str, str, str]) -> None:
    made = plan(Settings(language=language), cpu(2, 8, AVX2), ALL)
    assert plan(Settings(language=language), cpu(2, 8), ALL).profile == "medium"
    assert (made.profile, made.whisper.model, made.llama.model, made.piper.model) == (profile, *models)


def test_a_profile_that_is_named_speaks_the_language_too() -> None:
    made = plan(Settings(language="fr", profile="starter"), cpu(2, 8), ALL)
    assert made.models["whisper"] == "whisper-base" and made.models["llama"] == "qwen2.5-coder-0.5b-instruct"
    assert "whisper-tiny.en does not know fr (French)" in line(made, "whisper").reason
    larger = plan(Settings(language="fr", profile="starter"), cpu(2, 8), frozenset({"qwen2.5-1.5b-instruct"}))
    assert larger.llama.model == "qwen2.5-1.5b-instruct", "what is on disk already"


@pytest.mark.parametrize(
    ("given", "near"), [("smal", "small"), ("stater", "starter"), ("base", "auto"), ("tiny", "auto"), ("best", "auto")]
)
def test_a_mistyped_profile_meets_what_was_meant_or_none(given: str, near: str) -> None:
    with pytest.raises(ConfigError, match=f"fix: use LOCAL_AGENT_PROFILE={near}$"):
        plan(Settings(profile=given), cpu(2, 8))


def test_threads_of_the_person_never_exceed_the_cores() -> None:
    made = plan(Settings(threads=1), cpu(4, 8), ALL)
    assert made.whisper.threads == made.llama.threads == made.piper.threads == 1
    cut = plan(Settings(threads=9), cpu(4, 8), ALL)
    assert cut.whisper.threads == 4 and line(cut, "threads").warning


def test_wishes_are_kept() -> None:
    made = plan(Settings(max_calls=3, context=1000, compute_type="float32", voice="x.onnx"), cpu(2, 8), ALL)
    assert (made.max_calls, made.context, made.whisper.compute_type, made.piper.model) == (3, 1000, "float32", "x.onnx")


def test_a_small_model_keeps_no_longer_conversation_than_it_has_use_for() -> None:
    useful = CATALOGUE["smollm2-135m-instruct"].context
    made = plan(Settings(profile="starter"), cpu(2, 8), ALL)
    assert made.context == useful and not line(made, "context").warning
    more = plan(Settings(profile="starter", context=4096), cpu(2, 8), ALL)
    assert more.context == 4096 and "no better with more than 1280" in line(more, "context").reason
    assert plan(Settings(context=4096, llm_model="qwen2.5-0.5b-instruct"), cpu(2, 8), ALL).context == 4096


# What `Profile.machine` says, and the machine just below it.
CLAIMS = {
    "starter": [("two cores, 2 GB", cpu(2, 2, frozenset()), None)],
    "small": [("two cores, 3 GB", cpu(2, 3, AVX2), cpu(2, 3, frozenset()))],
    "medium": [
        ("two cores with AVX-512", cpu(2, 4), cpu(1, 4)),
        ("four with AVX2, 4 GB", cpu(4, 4, AVX2), cpu(2, 4, AVX2)),
    ],
    "large": [
        ("eight cores with AVX-512", cpu(8, 8), cpu(7, 8)),
        ("sixteen with AVX2, 8 GB", cpu(16, 8, AVX2), cpu(8, 8, AVX2)),
    ],
    "largest": [("a GPU of 8 GB", gpu(8), gpu(6))],
}


def test_what_a_profile_says_it_takes_is_what_it_is_chosen_for() -> None:
    for name, claims in CLAIMS.items():
        for words, enough, too_little in claims:
            assert words in PROFILES[name].machine
            assert plan(Settings(), enough, ALL).profile == name
            assert too_little is None or plan(Settings(), too_little, ALL).profile != name, words


def test_a_compute_type_that_the_device_lacks() -> None:
    with pytest.raises(HardwareError, match="leave compute_type at auto"):
        plan(Settings(compute_type="float16"), cpu(2, 8), ALL)


def test_memory_bounds_the_calls() -> None:
    tight = Hardware(cores=8, memory=3 * GIB, memory_free=3 * GIB)
    long_settings = Settings(context=16384, llm_model="qwen2.5-0.5b-instruct")
    assert 1 < plan(long_settings, tight, STARTER).max_calls < 16
    one = replace(tight, memory_free=int(1.85 * GIB))  # for one sequence, not for a spare one besides
    assert SPARE_SEQUENCES and line(plan(long_settings, one, STARTER), "calls").warning
    full = plan(Settings(profile="large"), tight, ALL)
    assert full.max_calls == 1 and line(full, "calls").warning and "smaller profile" in line(full, "calls").reason


@pytest.mark.parametrize("engine", ["whisper", "llama", "piper"])
def test_fall_back_after_a_failed_load(engine: str) -> None:
    made = plan(Settings(), gpu(24), ALL)
    later = fall_back(made, engine, "CUDA error 35", Settings(), gpu(24), ALL)
    assert later.models == made.models
    for name in ("whisper", "llama", "piper"):
        assert (getattr(later, name) == getattr(made, name)) is (name != engine)
    chosen = getattr(later, engine)
    assert (chosen.device, chosen.gpu_layers) == ("cpu", 0) and chosen.threads > 1
    assert chosen.compute_type == ("int8" if engine == "whisper" else "")
    assert line(later, engine).warning and "CUDA error 35" in line(later, engine).reason
    assert line(later, "profile") == line(made, "profile")
    assert (later.max_calls == made.max_calls) is (engine != "llama")


def test_a_plan_for_a_gpu_is_no_plan_for_the_cpu() -> None:
    """A 7B that fails on a large GPU gets the threads, calls and context of the two cores beside it."""
    machine = replace(gpu(80, 2), memory=16 * GIB, memory_free=12 * GIB)
    made = plan(Settings(), machine, ALL)
    assert (made.profile, made.max_calls, made.llama.threads) == ("largest", 8, 1)
    later = fall_back(made, "llama", "out of memory", Settings(), machine, ALL)
    assert later.llama == replace(made.llama, device="cpu", threads=2, gpu_layers=0)
    assert later.max_calls == 1 == plan(Settings(profile="largest", device="cpu"), machine, ALL).max_calls
    assert later.context == 4096 and later.whisper == made.whisper
    twice = fall_back(later, "whisper", "no cuBLAS", Settings(), machine, ALL)
    assert (twice.whisper.device, twice.llama, twice.max_calls) == ("cpu", later.llama, 1)
    assert "out of memory" in line(twice, "llama").reason and "no cuBLAS" in line(twice, "whisper").reason


def own(cache: int, size: float, context: int = 32768) -> Facts:
    """Facts of a language model by path. cache: KiB a token. size: GiB."""
    return Facts(llama=GgufFacts("qwen2", int(size * GIB), 64, context, cache << 10, 0, 0, True, True, 9, 1, ""))


@pytest.mark.parametrize(
    ("facts", "hardware", "device", "calls"),
    [
        (own(256, 18.5), gpu(24), "cuda", 1),  # Qwen2.5 32B: a conversation of 4096 tokens is a gibibyte
        (own(256, 18.5), gpu(80), "cuda", 32),
        (own(384, 6.8), gpu(24), "cuda", 6),  # Gemma 3 12B
        (own(384, 6.8), gpu(12), "cuda", 1),
        (own(384, 6.8), gpu(8), "cpu", 1),
        (own(384, 6.8), cpu(16, 64), "cpu", 1),
        (own(12, 0.5), gpu(24), "cuda", 32),
        (own(12, 0.5), cpu(64, 4), "cpu", 29),
    ],
)
def test_a_model_by_path_is_planned_by_its_own_size(facts: Facts, hardware: Hardware, device: str, calls: int) -> None:
    made = plan(Settings(llm_model="/m.gguf", profile="small"), hardware, ALL, facts)
    assert (made.llama.device, made.max_calls) == (device, calls), made.lines[-1]
    assert made.context == 4096


@pytest.mark.parametrize(("asked", "trained", "context"), [(0, 2048, 2048), (0, 32768, 4096), (8192, 32768, 8192)])
def test_the_context_is_bounded_by_what_the_model_was_trained_on(asked: int, trained: int, context: int) -> None:
    made = plan(Settings(llm_model="/m.gguf", context=asked), cpu(4, 8), ALL, own(12, 0.5, trained))
    assert made.context == context and not line(made, "context").warning


def test_more_context_than_the_model_was_trained_on_is_cut_and_told() -> None:
    made = plan(Settings(context=65536), cpu(4, 8), ALL, own(12, 0.5, 8192))
    assert made.context == 8192
    assert line(made, "context").warning and "cut from 65536" in line(made, "context").reason


@pytest.mark.parametrize(
    ("asked", "hardware", "calls", "said"),
    [
        (3, cpu(2, 8), 3, "default"),
        (12, cpu(2, 8), 12, "2 cores carry about 4"),
        (200, cpu(2, 4), 50, "cut from 200"),
        (255, cpu(2, 64), 255, "callers will wait"),
    ],
)
def test_calls_that_are_asked_for_are_checked(asked: int, hardware: Hardware, calls: int, said: str) -> None:
    made = plan(Settings(max_calls=asked, profile="starter"), hardware, ALL)
    assert made.max_calls == calls and said in line(made, "calls").reason
    assert line(made, "calls").warning is (asked > 4)
    assert made.max_calls + SPARE_SEQUENCES <= 256  # what llama.cpp has


def test_tables_follow_the_catalogue() -> None:
    assert set(CALLS_PER_CORE) == set(PROFILES)


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def test_cgroup_version_2_takes_the_strictest_on_the_way_up(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "self": "0::/pod/agent\n",
            "pod/agent/cpu.max": "max 100000\n",
            "pod/agent/memory.max": "max\n",
            "pod/cpu.max": "250000 100000\n",
            "pod/memory.max": str(4 * GIB),
            "pod/memory.current": str(3 * GIB),
            "pod/memory.stat": f"anon 5\ninactive_file {GIB}\n",
        },
    )
    assert cgroup.limits(root, root / "self") == cgroup.Limits(2.5, 4 * GIB, 2 * GIB)


def test_cgroup_version_1(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "self": "4:memory:/box\n2:cpu,cpuacct:/box\n1:name=systemd:/\n0::/\n",
            "cpu,cpuacct/box/cpu.cfs_quota_us": "-1",
            "cpu,cpuacct/box/cpu.cfs_period_us": "100000",
            "cpu,cpuacct/cpu.cfs_quota_us": "150000",
            "cpu,cpuacct/cpu.cfs_period_us": "100000",
            "memory/box/memory.limit_in_bytes": str(2 * GIB),
            "memory/box/memory.usage_in_bytes": str(GIB),
            "memory/memory.limit_in_bytes": "9223372036854771712",
        },
    )
    assert cgroup.limits(root, root / "self") == cgroup.Limits(1.5, 2 * GIB, GIB)


def test_no_cgroup_no_limit(tmp_path: Path) -> None:
    assert cgroup.limits(tmp_path, tmp_path / "self") == cgroup.Limits()


def test_usable_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    siblings = {f"cpu{n}/topology/thread_siblings_list": f"{n % 4},{n % 4 + 4}\n" for n in range(8)}
    cpus = tree(tmp_path, siblings)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert usable_cores(cgroup.Limits(), cpus) == 4
    assert usable_cores(cgroup.Limits(cpus=2.9), cpus) == 2
    assert usable_cores(cgroup.Limits(cpus=0.5), cpus) == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5, 2}, raising=False)
    assert usable_cores(cgroup.Limits(), cpus) == 2
    assert usable_cores(cgroup.Limits(), tmp_path / "nowhere") == 3


def test_a_cgroup_limited_machine_plans_small() -> None:
    limited = Hardware(cores=usable_cores(cgroup.Limits(cpus=1.0)), memory=2 * GIB, memory_free=GIB)
    made = plan(Settings(), limited, ALL)
    assert made.profile == "starter" and made.context == 1280
    assert plan(Settings(llm_model="own.gguf"), limited, ALL).context == 2048
    assert made.whisper.threads == made.llama.threads == made.piper.threads == 1


def fake_nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(machine.shutil, "which", lambda _: str(program))


def test_nvidia_smi_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_nvidia_smi(tmp_path, monkeypatch, "echo 'NVIDIA RTX, Ada, 24564, 20000'; echo 'Old, [N/A], [N/A]'")
    assert probe().gpus == (Gpu("NVIDIA RTX, Ada", 24564 << 20, 20000 << 20), Gpu("Old"))


def test_a_probe_that_fails_becomes_a_fact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bool:
        raise ImportError("libgomp.so.1: cannot open\nmore")

    monkeypatch.setattr("llama_cpp.llama_supports_gpu_offload", broken)
    fake_nvidia_smi(tmp_path, monkeypatch, "echo 'driver/library version mismatch'; exit 18")
    found = probe()
    assert found.fault("llama_cpp") == "ImportError: libgomp.so.1: cannot open"
    assert "version mismatch" in found.fault("nvidia-smi")
    assert not found.llama_offload and found.gpus == ()
    assert found.fault("ctranslate2") == ""


def test_probe_of_this_machine() -> None:
    found = probe()
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert 0 < found.memory_free <= found.memory
    assert "int8" in found.cpu_types and "CPUExecutionProvider" in found.providers
    assert plan(Settings(), found, ALL).max_calls >= 1


def test_counting_cores_and_planning_load_no_heavy_library() -> None:
    code = (
        "import sys; from local_agent.hardware.plan import *; from local_agent.config.settings import Settings;"
        "plan(Settings(), Hardware(usable_cores(), 1 << 33, 1 << 33));"
        "heavy = ('ctranslate2', 'onnxruntime', 'llama_cpp', 'livekit', 'numpy');"
        "print([name for name in heavy if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def lacks(settings: Settings, known: GgufFacts | None = None) -> dict[str, str]:
    made = plan(settings, Hardware(2, 4 * GIB, 4 * GIB), frozenset(), Facts(llama=known))
    assert [line.what for line in made.lines[-2:]] == ["context", "calls at once"]
    return {line.what: line.reason for line in made.lines if line.what in ("greeting", "template") and line.warning}


@pytest.mark.parametrize("language", ["ta", "hi", "uk"])
def test_the_plan_tells_that_no_greeting_is_known(language: str) -> None:
    told = lacks(Settings(language=language))["greeting"]
    assert language in told and "; fix: LOCAL_AGENT_GREETING=" in told
    assert not lacks(Settings(language=language, greeting="")) and not lacks(Settings(language=language, greeting="~"))
    assert not lacks(Settings(language="de"))


@pytest.mark.parametrize(
    ("state", "window", "choice"), [(0, 0, ""), (19 << 20, 0, "hybrid"), (0, 512, "sliding window")]
)
def test_the_plan_tells_what_a_cache_costs_that_is_not_plain(state: int, window: int, choice: str) -> None:
    facts = GgufFacts("x", 98 << 20, 30, 8192, 23040, state, window, True, True, 49152, 1, "")
    made = plan(Settings(profile="starter"), cpu(2, 8), ALL, Facts(llama=facts))
    told = [one for one in made.lines if one.what == "cache"]
    assert [one.choice.startswith(choice) for one in told] == [True] * bool(choice)
    assert all(one.warning is (choice == "hybrid") and " MB a conversation" in one.reason for one in told)


def test_the_plan_tells_of_a_model_without_a_template() -> None:
    facts = GgufFacts("llama", 98 << 20, 30, 8192, 23040, 0, 0, False, True, 49152, 1, "")
    assert "; fix: " in lacks(Settings(), facts)["template"]
    assert not lacks(Settings(), replace(facts, template=True)) and not lacks(Settings(), None)
