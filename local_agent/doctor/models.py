"""Are the weights of the plan there and whole?"""

from __future__ import annotations

from local_agent import ledger, weights
from local_agent.doctor.case import Case
from local_agent.doctor.finding import Finding, check, ok, warning
from local_agent.doctor.machine import PLAN

WEIGHTS = "weights"
LANGUAGE = "language"


@check(WEIGHTS, needs=(PLAN,), seconds=600.0)
def whole(case: Case) -> Finding:
    """Every file of the plan's models is there and has the right content."""
    data = case.settings.data_dir
    noted = ledger.of(data) if data.is_dir() else None  # the doctor makes no folder
    found = []
    for name in case.plan.models.values():
        model = weights.find(name, case.settings.models_dir)
        weights.verify(model, noted=noted, deep=case.deep)
        pinned = all(file.sha256 for file in model.files)
        found.append(f"{model.name} {model.size >> 20} MB" + ("" if pinned else " (nobody knows its checksums)"))
    return ok(
        f"{', '.join(found)}; {'hashed now' if case.deep or noted is None else 'unchanged since they were hashed'}"
    )


@check(LANGUAGE, needs=(PLAN,))
def language(case: Case) -> Finding:
    """The models speak the language that is set."""
    wanted, deaf = case.settings.language, []
    for engine in (case.plan.whisper, case.plan.piper):
        entry = weights.find(engine.model, case.settings.models_dir).entry
        if entry is not None and not {"multi", wanted} & set(entry.languages) and wanted != "auto":
            deaf.append(entry.name)
    if deaf:
        return warning(
            f"language = {wanted} ({case.settings.origin('language')}) but {' and '.join(deaf)} does not know it",
            "python -m local_agent download --list shows the languages; use --profile multilingual",
        )
    return ok(wanted)


CHECKS = (whole, language)
