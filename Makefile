# make start ARGS="--port 8080": flags for the command. make setup GPU=cuda: build for an NVIDIA GPU (GPU=none: back).
# make setup VISION=1: also what looks at images, for models that see (VISION=0: not any more).
# make start PROFILE=starter: these models instead of what suits this machine, from now on (PROFILE=auto: back).
# make setup QUIET=1: nothing is said unless it fails. JOBS=1: one thing after the other, where memory is short.
PYTHON ?= $(or $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done),python3)
SETUP = @command -v $(PYTHON) >/dev/null || { echo "local_agent needs Python 3.11 or newer, and there is no $(PYTHON);" \
	"fix: apt install python3 python3-venv (or dnf install python3), then the same again" >&2; exit 1; }; \
	$(PYTHON) -m scripts.setup $(if $(GPU),--gpu $(GPU)) $(if $(VISION),--vision $(VISION)) $(if $(QUIET),--quiet)
WEIGHTS = $(if $(PROFILE),--profile $(PROFILE))

.PHONY: help setup start test lint download clean
help:  ## show this
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

setup:  ## install everything into .venv, models that suit this machine too; what is done is not done again
	$(SETUP) $(WEIGHTS)

start:  ## set up, then run the agent
	$(SETUP) $(WEIGHTS)
	@LOCAL_AGENT_PROFILE="$${LOCAL_AGENT_PROFILE:-$$(cat .venv/.setup/profile 2>/dev/null)}" \
		exec .venv/bin/python -m local_agent start $(WEIGHTS) $(ARGS)

test:  ## set up, then run the tests (ARGS="-n 0 tests/audio/test_wav.py": some of them, in this process)
	$(SETUP) --dev
	@exec .venv/bin/python -m pytest -n 4 --dist loadscope $(ARGS)

lint:  ## set up, then check style and types
	$(SETUP) --dev
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

download:  ## set up, then fetch models: make download ARGS="--profile small"
	$(SETUP) --profile none
	@exec .venv/bin/python -m local_agent download $(ARGS)

clean:  ## remove .venv and caches of this checkout; models and your own cache stay
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache build dist
