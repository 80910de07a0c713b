"""python -m local_agent"""

import os
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (this file is for those)
    sys.exit(f"local_agent: {sys.executable} is older than Python 3.11; fix: make setup PYTHON=python3.11")


def _elsewhere(missing: str) -> None:
    """Under a Python without our packages: go on under the checkout's own, which `make setup` filled, or say so."""
    environment = Path(__file__).resolve().parents[1] / ".venv"
    python = environment / "bin" / "python"
    if os.access(python, os.X_OK) and Path(sys.prefix).resolve() != environment.resolve():
        os.execv(python, [str(python), "-m", "local_agent", *sys.argv[1:]])
    from local_agent.errors import as_typed_here, in_checkout

    fix = "make setup" if in_checkout() else "python -m pip install 'local-agent[agent]'"
    sys.exit(f"local_agent: {sys.executable} has no package {missing!r}; fix: {as_typed_here(fix)}")


def _wanted_here(error: ModuleNotFoundError) -> bool:
    """Whether a file of ours imports what is missing, and not one of somebody's agent."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and Path(__file__).resolve().parent in Path(last.tb_frame.f_code.co_filename).parents


if __name__ == "__main__":
    try:  # commands import what they need when they run
        from local_agent.cli.app import main

        main()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "local_agent" or not _wanted_here(error):
            raise
        _elsewhere(error.name)
