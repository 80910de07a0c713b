"""`make setup`: everything that local_agent needs, step by step; `python3 -m scripts.setup --help` has the options."""

import signal
import sys

if sys.version_info < (3, 11):  # noqa: UP036  (this file is for those)
    sys.exit(
        "local_agent needs Python 3.11 or newer; {} is {}.{}.\n"
        "Install one (such as: apt install python3.11 python3.11-venv), then: make setup PYTHON=python3.11".format(
            sys.executable, *sys.version_info[:2]
        )
    )

from scripts.setup.plan import main

for ending in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(ending, signal.default_int_handler)  # as Ctrl-C: commands have process groups of their own
sys.exit(main())
