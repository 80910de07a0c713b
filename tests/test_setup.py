"""Set-up skips what is done, goes on after an interruption, and says what failed: with fake commands, no network."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from local_agent.errors import StepFailed
from local_agent.process import command, operating_system
from local_agent.process.command import advice, run
from local_agent.process.screen import Screen, StatusLine
from scripts.setup import llama, mtmd, packages, plan, step, weights
from scripts.setup.lanes import perform
from scripts.setup.place import Place, here
from scripts.setup.step import Step, demand, is_done
from tests.conftest import Starter

ROOT = Path(__file__).resolve().parents[1]
HOST = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", re.IGNORECASE)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A checkout of its own, with the real requirements."""
    root = tmp_path / "checkout"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / "requirements").symlink_to(ROOT / "requirements")
    return Place(root, tmp_path / "cache")


class Fake:
    """A step that leaves a file and counts how often it worked."""

    def __init__(self, place: Place, inputs: str = "1", fails: bool = False) -> None:
        self.result, self.count, self.fails = place.root / "result", 0, fails
        self.step = Step("a fake", "for a test", (inputs,), self.result.exists, self.work)

    def work(self, place: Place, log: Path) -> None:
        self.count += 1
        if self.fails:
            run([sys.executable, "-c", "print('it rains'); raise SystemExit(3)"], log=log, folder=place.root)
        self.result.touch()


def test_a_step_is_done_once(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    fake = Fake(place)
    assert perform([fake.step], place) == 1
    assert "[1/1] a fake: for a test" in capsys.readouterr().out
    assert perform([fake.step], place) == 0
    assert capsys.readouterr().out == ""
    assert fake.count == 1


def test_a_step_is_done_again_when_its_inputs_change_or_its_result_is_gone(place: Place) -> None:
    perform([Fake(place).step], place)
    assert not is_done(Fake(place, inputs="2").step, place)
    assert is_done(Fake(place).step, place)
    (place.root / "result").unlink()
    assert not is_done(Fake(place).step, place)


def test_a_step_that_was_interrupted_is_not_taken_for_done(place: Place) -> None:
    fake = Fake(place)

    def interrupted(place: Place, log: Path) -> None:
        fake.result.touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        perform([Step("a fake", "", ("1",), fake.result.exists, interrupted)], place)
    assert not is_done(fake.step, place)


def test_a_failure_names_the_step_the_log_its_end_and_what_to_do(place: Place) -> None:
    fake = Fake(place, fails=True)
    with pytest.raises(StepFailed) as caught:
        perform([fake.step, replace(Fake(place).step, name="another", after=("a fake",))], place)
    said = caught.value.report()
    assert "step 1 of 2, a fake" in said
    assert "| it rains" in said
    assert "status 3" in said
    assert caught.value.log is not None
    assert str(caught.value.log) in said
    assert "it rains" in caught.value.log.read_text()
    assert "fix: " in said
    assert not is_done(fake.step, place)


def test_a_step_without_its_result_has_failed(place: Place) -> None:
    with pytest.raises(StepFailed, match="its result is not there"):
        perform([Step("nothing", "", (), lambda: False, lambda *_: None)], place)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Temporary failure in name resolution", "network"),
        ("dial tcp: lookup proxy: no such host", "network"),
        ("ERROR: Could not find a version that satisfies the requirement x", "no build for this Python"),
        ("No CMAKE_CXX_COMPILER could be found.", "build-essential"),
        ("c++: fatal error: Killed signal terminated program cc1plus", "memory"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not what is pinned"),
        ("something else", "read the log"),
    ],
)
def test_what_a_command_says_decides_the_advice(said: str, expected: str) -> None:
    assert expected in advice(said)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="no-such-command cannot be started"):
        run(["no-such-command"], log=tmp_path / "log", folder=tmp_path)


def test_an_interrupted_command_does_not_outlive_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen

    def remember(*words: object, **options: object) -> object:
        started.append(popen(*words, **options))  # type: ignore[call-overload]
        return started[-1]

    class Interrupted(StatusLine):
        def heard(self, line: str) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.subprocess, "Popen", remember)
    monkeypatch.setattr(command, "PATIENCE", 0.1)
    words = [sys.executable, "-uc", "import time; print('begun'); time.sleep(60)"]
    with pytest.raises(KeyboardInterrupt):
        run(words, log=tmp_path / "log", folder=tmp_path, status=Interrupted())
    assert started[0].poll() is not None


def test_ninjas_count_becomes_a_percentage(capsys: pytest.CaptureFixture[str]) -> None:
    status, screen = StatusLine(), Screen(terminal=True)
    status.heard("[35/140] /usr/bin/c++ -O3 -o x.o -c /somewhere/ggml-cpu.cpp\n")
    with screen.watching("llama-cpp", status):
        screen.show()
    assert "llama-cpp:  25 % [35/140] compiling ggml-cpu.cpp" in capsys.readouterr().out


def test_a_kept_wheel_is_installed_without_compiling(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = place.cache / "wheels" / llama.key(place) / "llama_cpp_python-0.3.36-py3-none-any.whl"
    kept.parent.mkdir(parents=True)
    kept.touch()
    said: list[tuple[object, ...]] = []
    monkeypatch.setattr(llama, "pip", lambda place, log, *words, **_: said.append(words))
    llama.work(place, place.root / "log")
    assert [words[0] for words in said] == ["install"]
    assert said[0][-1] == kept
    assert "--no-index" in said[0]


def installed(place: Place, needs: str) -> None:
    """llama.cpp as set-up left it, made for a processor with these flags."""
    packages_folder = place.venv / "lib" / "python3.11" / "site-packages"
    (packages_folder / f"llama_cpp_python-{llama.version(place)}.dist-info").mkdir(parents=True)
    (packages_folder / "llama_cpp" / "lib").mkdir(parents=True)
    (packages_folder / "llama_cpp" / "lib" / operating_system.library("llama")).touch()
    place.stamps.mkdir(exist_ok=True)
    (place.stamps / llama.NEEDS).write_text(needs)


def processor(folder: Path, flags: str) -> Path:
    """A /proc/cpuinfo."""
    file = folder / f"cpuinfo-{len(list(folder.iterdir()))}"
    file.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    return file


@pytest.mark.parametrize("news", ["ibrs_enhanced", "user_shstk la57 split_lock_detect", "avx_vnni_int8 amx_complex"])
def test_what_a_new_kernel_tells_of_the_same_processor_compiles_nothing(
    place: Place, tmp_path: Path, news: str
) -> None:
    """An air-gapped site has no network, and may have no compiler: what is installed and runs here stays."""
    old, new = processor(tmp_path, "fpu avx avx2 fma"), processor(tmp_path, f"fpu avx avx2 fma {news}")
    installed(place, "avx avx2 fma")
    inputs = llama.llama(place).inputs
    assert llama.there(place, old) and llama.there(place, new) and llama.llama(place).inputs == inputs
    kept = place.cache / "wheels" / llama.key(place, old)
    wheel = llama._keep(place, _wheel(tmp_path), kept, operating_system.processor_flags(old))
    shutil.rmtree(place.venv)
    assert llama.kept_wheel(place, new) is not None, f"{wheel} would be compiled anew"


def test_what_the_processor_can_not_do_is_made_anew(place: Place, tmp_path: Path) -> None:
    installed(place, "avx avx2 avx512f")
    less = processor(tmp_path, "fpu avx avx2")
    assert not llama.there(place, less)
    kept = place.cache / "wheels" / "llama-of-another-machine"
    llama._keep(place, _wheel(tmp_path), kept, frozenset({"avx", "avx2", "avx512f"}))
    assert llama.kept_wheel(place, less) is None


def test_a_wheel_of_an_earlier_set_up_is_taken_over(place: Place, tmp_path: Path) -> None:
    """Its name held every flag, also those that tell of virtual machines and power."""
    flags = processor(tmp_path, "fpu avx avx2 hypervisor")
    parts = (llama.version(place), llama.cmake_args(place), llama.python_tag(), llama.platform.machine())
    parts += ("avx avx2 fpu hypervisor", *(file.read_text() for file in sorted(llama.KERNELS.glob("*.c*"))))
    name = f"llama-{llama.version(place)}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"
    (place.cache / "wheels" / name).mkdir(parents=True)
    shutil.copyfile(_wheel(tmp_path), place.cache / "wheels" / name / _wheel(tmp_path).name)
    wheel = llama.kept_wheel(place, flags)
    assert wheel is not None and wheel.parent.name == llama.key(place, flags)
    assert wheel.with_name(llama.NEEDS).read_text() == "avx avx2\n"


def _wheel(folder: Path) -> Path:
    wheel = folder / "llama_cpp_python-0.3.36-py3-none-any.whl"
    wheel.touch()
    return wheel


def test_the_source_stays_in_the_cache_and_is_checked_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[object, ...]] = []
    archive = place.cache / "source" / f"llama_cpp_python-{llama.version(place)}.tar.gz"

    def pip(_: Place, __: Path, *words: object) -> None:
        said.append(words)
        if "--no-index" in words and archive.read_text() != "right":
            raise StepFailed("THESE PACKAGES DO NOT MATCH THE HASHES", fix="")
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.write_text("right")

    monkeypatch.setattr(llama, "pip", pip)
    for content, network in ((None, [True]), ("right", [False]), ("altered", [False, True])):
        said.clear()
        if content is not None:
            archive.write_text(content)
        assert llama._archive(place, place.root / "log").read_text() == "right"
        assert ["--no-index" not in words for words in said] == network
        assert all("--require-hashes" in words for words in said)


@pytest.mark.parametrize(("system", "name"), [("linux", "libllama.so"), ("darwin", "libllama.dylib")])
def test_the_library_is_looked_for_under_the_systems_name(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, name: str
) -> None:
    monkeypatch.setattr(operating_system, "current", lambda: system)
    installed(place, "")
    assert (place.site_packages / "llama_cpp" / "lib" / name).is_file()
    assert llama.there(place, processor(tmp_path, "avx"))


def test_the_wheel_belongs_to_the_cpu_and_the_options(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("processor: 0\nflags\t\t: sse avx\n")
    new.write_text("processor: 0\nflags\t\t: sse avx avx2\n")
    gpu = Place(place.root, place.cache, "cuda")
    assert llama.key(place, old) == llama.key(place, processor(tmp_path, "avx sse hypervisor md_clear"))
    keys = [llama.key(place, old), llama.key(place, new), llama.key(gpu, old)]
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_BLAS=ON")
    keys.append(llama.key(place, old))
    assert len(set(keys)) == 4
    assert llama.cmake_args(gpu).split() == ["-DLLAVA_BUILD=OFF", "-DGGML_CUDA=on", "-DGGML_BLAS=ON"]


def test_tiles_that_compilers_get_wrong_are_left_out(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """llama.cpp compiled for them by GCC 12 ends its process with SIGILL at the first word."""
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\nexit 0\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", str(compiler))
    with_tiles, without = tmp_path / "with", tmp_path / "without"
    with_tiles.write_text("flags : avx2 amx_tile amx_int8\n")
    without.write_text("flags : avx2\n")
    assert llama.compiler_flags(llama.processor_flags(without)) == ""
    assert llama.compiler_flags(llama.processor_flags(with_tiles)) == llama.NO_AMX
    as_it_was = llama.key(place, with_tiles)
    compiler.write_text("#!/bin/sh\nexit 1\n")  # too old to know of tiles
    assert llama.compiler_flags(llama.processor_flags(with_tiles)) == ""
    assert llama.key(place, with_tiles) != as_it_was, "a wheel that was compiled with tiles would be taken"


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_compiler_here_leaves_tiles_out() -> None:
    words = ["cc", *llama.NO_AMX.split(), "-march=sapphirerapids", "-dM", "-E", "-x", "c", os.devnull]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("it knows no tiles, or makes code for another family of processors")
    assert "__AMX" not in done.stdout
    assert "__AVX512VNNI__" in done.stdout


@pytest.mark.parametrize(("gpu", "expected"), [("", "no C compiler"), ("cuda", "no C compiler")])
def test_a_missing_compiler_is_named_before_anything_is_downloaded(
    place: Place, monkeypatch: pytest.MonkeyPatch, gpu: str, expected: str
) -> None:
    monkeypatch.setenv("PATH", str(place.root))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(llama, "pip", lambda *_, **__: pytest.fail("nothing may run"))
    with pytest.raises(StepFailed, match=expected) as caught:
        llama.work(Place(place.root, place.cache, gpu), place.root / "log")
    assert "build-essential" in caught.value.fix


def test_gpu_without_nvcc_is_a_clear_line(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cc", "c++"):
        tool = place.root / name
        tool.write_text("#!/bin/sh\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(place.root))
    for variable in ("CC", "CXX", "CUDACXX"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(llama, "_NVCC", place.root / "nvcc")
    monkeypatch.setattr(llama, "pip", lambda *_, **__: pytest.fail("nothing may run"))
    with pytest.raises(StepFailed, match="no nvcc") as caught:
        llama.work(Place(place.root, place.cache, "cuda"), place.root / "log")
    assert "GPU=none" in caught.value.fix


def test_the_choice_of_gpu_is_kept(place: Place) -> None:
    assert plan.chosen_gpu(place, None) == ""
    assert plan.chosen_gpu(place, "cuda") == "cuda"
    place.stamps.mkdir()
    (place.stamps / "gpu").write_text("cuda\n")
    assert plan.chosen_gpu(place, None) == "cuda"
    assert plan.chosen_gpu(place, "none") == ""


@pytest.mark.parametrize(
    ("asked", "said", "kept", "profile"),
    [
        (None, "", "", "auto"),
        ("starter", "", "", "starter"),
        (None, "", "starter", "starter"),
        ("auto", "small", "starter", "auto"),
        (None, "small", "starter", "small"),
        ("Medium", "", "", "medium"),
    ],
)
def test_the_choice_of_models_is_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch, asked: str | None, said: str, kept: str, profile: str
) -> None:
    monkeypatch.setenv("LOCAL_AGENT_PROFILE", said)
    place.stamps.mkdir()
    (place.stamps / "profile").write_text(kept)
    assert plan.chosen_profile(place, asked) == profile
    assert plan.chosen_profile(place, asked, development=True) == "starter", "tests fetch no more"


def test_what_looks_at_images_is_compiled_on_request_from_then_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "here", lambda gpu="": place)
    asked: list[bool] = []

    def steps(place: Place, development: bool, profile: str, vision: bool) -> list[Step]:
        asked.append(vision)
        return [Step(f"eyes {vision}", "", (), lambda: True, lambda *_: None)]

    (place.root / "pyproject.toml").touch()
    real = plan.steps
    monkeypatch.setattr(plan, "steps", steps)
    for words in ([], ["--vision", "1"], [], ["--vision", "0"], []):
        monkeypatch.setattr(sys, "argv", ["setup", "--profile", "none", *words])
        assert plan.main() == 0
    assert asked == [False, True, True, False, False]
    for development, vision in ((False, False), (False, True), (True, False)):
        names = [step.name for step in real(here(), development=development, profile="none", vision=vision)]
        assert ("mtmd" in names) == (development or vision), "the tests need it"


def test_eyes_are_there_in_an_environment_that_was_made_after_the_plan(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mtmd.llama, "recipe", lambda _: "")
    step = mtmd.mtmd(place)
    assert not step.there()
    folder = place.venv / "lib" / "python3.12" / "site-packages" / "llama_cpp" / "lib"
    folder.mkdir(parents=True)
    (folder / mtmd.NAME).touch()
    assert step.there()


def test_what_was_asked_for_is_asked_for_at_later_starts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_AGENT_PROFILE", "")
    monkeypatch.setattr(plan, "here", lambda gpu="": place)
    asked: list[str] = []

    def steps(place: Place, development: bool, profile: str, vision: bool) -> list[Step]:
        asked.append(profile)
        return [Step(f"{profile} weights", "", (), lambda: True, lambda *_: None)]

    monkeypatch.setattr(plan, "steps", steps)
    for words in ([], ["--profile", "starter"], [], ["--dev"], ["--profile", "none"], [], ["--profile", "auto"], []):
        monkeypatch.setattr(sys, "argv", ["setup", *words])
        assert plan.main() == 0
    assert asked == ["auto", "starter", "starter", "starter", "none", "starter", "auto", "auto"]
    assert not (place.stamps / "profile").exists()


def test_the_step_for_models_takes_whatever_speaks(
    place: Place, starter: Starter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As where neither the hub nor the index was there at the last set-up: it is not tried again at every start."""
    (auto,) = weights.steps(place, "auto")
    (small,) = weights.steps(place, "small")
    assert not auto.there() and weights.steps(place, "none") == []
    (place.root / "models").mkdir()
    for folder in starter.folders:
        assert not auto.there() or folder == starter.turn
        (place.root / "models" / folder.name).symlink_to(folder.resolve())
    assert auto.there() and not small.there()
    with pytest.raises(StepFailed, match="no profile is named 'smal'") as caught:
        weights.steps(place, "smal")
    assert "PROFILE=small" in caught.value.fix


@pytest.mark.parametrize(("status", "raised"), [(0, None), (1, StepFailed), (130, KeyboardInterrupt)])
def test_the_downloader_of_the_product_fetches_them(
    place: Place, status: int, raised: type[BaseException] | None
) -> None:
    said = place.root / "said"
    place.python.write_text(f'#!/bin/sh\necho "$*" > {said}\nexit {status}\n')
    place.python.chmod(0o755)
    (step,) = weights.steps(place, "auto")
    with pytest.raises(raised) if raised else nullcontext():
        step.work(place, place.root / "log")
    assert said.read_text().startswith("-m local_agent download --profile auto --models-dir ")


def test_a_python_without_venv_says_what_to_install(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StepFailed, match="has no venv") as caught:
        demand([packages.environment(place)], place)
    assert "apt install python3" in caught.value.fix


def test_all_that_is_missing_is_told_at_once_before_anything_is_fetched(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(place.venv)
    for name in ("pyproject.toml", "package-lock.json", "scripts"):
        (place.root / name).symlink_to(ROOT / name)
    monkeypatch.setenv("PATH", str(place.root))
    for variable in ("CC", "CXX", "CUDACXX"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(llama, "_NVCC", place.root / "nvcc")
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(step.shutil, "disk_usage", lambda folder: SimpleNamespace(free=500_000_000))
    monkeypatch.setattr(plan, "here", lambda gpu="": Place(place.root, place.cache, gpu))
    monkeypatch.setattr(sys, "argv", ["setup", "--gpu", "cuda"])
    assert plan.main() == 1
    said = capsys.readouterr()
    for words in ("no venv", "no C compiler", "no C++ compiler", "no nvcc", "0.5 GB are free", "make room"):
        assert words in said.err
    assert "[1/" not in said.out, "a step was begun"


def test_a_checkout_that_can_not_be_written_is_one_line(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.root / ".cache").touch()  # as on a medium that is read only: nothing can be made in there
    monkeypatch.setattr(plan, "here", lambda gpu="": place)
    monkeypatch.setattr(sys, "argv", ["setup"])
    fake = Fake(place)
    monkeypatch.setattr(plan, "steps", lambda place, development, profile, vision: [fake.step])
    assert plan.main() == 1
    told = capsys.readouterr().err.splitlines()
    assert str(place.root) in told[0] and "can't be written" in told[0]
    assert told[1].startswith(f"fix: cp -r {place.root} ") and len(told) == 2
    fake.result.touch()  # set up before it was made read only
    place.stamps.mkdir(parents=True)
    (place.stamps / fake.step.slug).write_text(fake.step.key)
    assert plan.main() == 0 and fake.count == 0


def test_an_environment_that_may_not_be_looked_at_is_one_line(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As when root set it up with a Python of its own."""

    def refused() -> bool:
        raise PermissionError(13, "Permission denied", str(place.python))

    monkeypatch.setattr(plan, "here", lambda gpu="": place)
    monkeypatch.setattr(sys, "argv", ["setup"])
    step_of_root = Step("a step", "", ("1",), refused, lambda *_: None)
    monkeypatch.setattr(plan, "steps", lambda place, development, profile, vision: [step_of_root])
    place.stamps.mkdir(parents=True)
    (place.stamps / step_of_root.slug).write_text(step_of_root.key)
    assert plan.main() == 1
    told = capsys.readouterr().err.splitlines()
    assert str(place.python) in told[0] and told[1].startswith("fix: ") and len(told) == 2


def test_a_user_without_a_home_keeps_what_was_built_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)  # nobody that the system knows
    assert here().cache == ROOT / ".cache" / "local_agent"


def test_requirements_are_hashed_and_name_no_host() -> None:
    files = sorted((ROOT / "requirements").glob("*.txt"))
    assert {file.stem for file in files} >= {"runtime", "dev", "llama", "build", "go", "node", "cuda"}
    for file in files:
        text = file.read_text()
        assert not HOST.search(text)
        pinned = re.findall(r"^[A-Za-z0-9][^\n]*?==[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
        assert len(pinned) == packages.pins(file) > 0


def test_what_was_tested_is_what_is_installed() -> None:
    pins = re.findall(r"^([a-z0-9-]+==[0-9.]+)$", (ROOT / "requirements" / "tested.in").read_text(), re.MULTILINE)
    locked = (ROOT / "requirements" / "runtime.txt").read_text() + (ROOT / "requirements" / "llama.txt").read_text()
    assert pins
    assert [pin for pin in pins if f"\n{pin} " not in locked] == []


def test_a_machine_without_python_is_told_so_in_one_line() -> None:
    done = subprocess.run(["make", "setup", "PYTHON=python9"], cwd=ROOT, capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0 and len(told) == 1
    assert "there is no python9" in told[0] and "apt install python3" in told[0]


def test_help_names_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, env=dict(os.environ))
    for target in ("setup", "start", "test", "lint", "download", "clean"):
        assert re.search(rf"^{target}\s", said.stdout, re.MULTILINE)
