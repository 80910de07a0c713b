"""Are the weights of the plan there and whole?"""

from __future__ import annotations

from local_agent.config.languages import told as told_language
from local_agent.doctor import smoke_test
from local_agent.doctor.check import Finding, check, fails, ok, refused, skipped
from local_agent.doctor.context import NATIVE, Case
from local_agent.doctor.machine import DISTRIBUTIONS, PLAN, reinstall
from local_agent.engines.registry import judged
from local_agent.errors import as_typed_here, in_checkout
from local_agent.hardware.llama_build import NO_AMX
from local_agent.process.operating_system import processor_flags
from local_agent.weights import hash_cache, store
from local_agent.weights.progress import megabytes

WEIGHTS = "weights"
AT_WORK = "models at work"
WITHOUT_AMX = (
    f"CFLAGS='{NO_AMX}' CXXFLAGS='{NO_AMX}' python -m pip install --force-reinstall --no-cache-dir --no-deps "
    "llama-cpp-python"
)
LIBRARIES = {"whisper": "ctranslate2", "llama": "llama_cpp", "piper": "onnxruntime"}
SUITED = "settings and models"


@check(SUITED, needs=(NATIVE,), seconds=60.0)
def suited(case: Case) -> Finding:
    """What `start` would refuse: all that is wrong between settings, models and machine."""
    made, found = judged(case.settings, case.hardware)
    if len(found) == 1:
        return refused(found[0])
    if found:
        told = [error.what + (f"; expected {error.expected}" if error.expected else "") for error in found]
        return fails("\n".join(told), "\n".join(error.fix for error in found))
    return ok(f"{told_language(case.settings.language)}; {made.context} tokens a conversation")


@check("models for this machine", needs=(PLAN,))
def better(case: Case) -> Finding:
    """What it carries, and what another machine or a download would change."""
    told = [f"{line.choice}: {line.reason}" for line in case.plan.lines if line.what in ("profile", "better")]
    return ok(as_typed_here("; ".join(told)))


@check(WEIGHTS, needs=(PLAN, SUITED), seconds=600.0)
def whole(case: Case) -> Finding:
    """Every file of the plan's models is there and has the right content."""
    data = case.settings.data_dir
    noted = hash_cache.of(data) if data.is_dir() else None  # the doctor makes no folder
    found = []
    for name in case.plan.models.values():
        model = store.find(name, case.settings.models_dir)
        store.verify(model, noted=noted, deep=case.deep)
        pinned = all(file.sha256 for file in model.files)
        found.append(f"{model.name} {megabytes(model.size)}" + ("" if pinned else " (nobody knows its checksums)"))
    return ok(
        f"{', '.join(found)}; {'hashed now' if case.deep or noted is None else 'unchanged since they were hashed'}"
    )


@check(AT_WORK, needs=(NATIVE, PLAN, WEIGHTS), seconds=smoke_test.PATIENCE + 10)
def at_work(case: Case) -> Finding:
    """Each model computes something, in a process of its own: some libraries load and then don't run on this CPU."""
    if case.quick:
        return skipped("--quick computes nothing")
    if case.page is not None and not case.page.own:
        return skipped("the agent that runs works with them")
    broken = smoke_test.attempt(case.settings)
    if broken is None:
        return ok("each has computed something")
    stage, how = broken
    library = LIBRARIES.get(stage, "llama_cpp")
    told = f"{stage} does not work: {how}"
    if library == "llama_cpp" and "SIGILL" in how and "amx_tile" in processor_flags():
        mend = "make clean setup" if in_checkout() else WITHOUT_AMX
        return fails(f"{told}; compilers make faulty code of llama.cpp for this processor's AMX", mend)
    return fails(told, reinstall(DISTRIBUTIONS.get(library, library)))


CHECKS = (suited, better, whole, at_work)
