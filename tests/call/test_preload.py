"""What job processes share is imported where livekit-agents forks them, and starts no thread."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT

INFERENCE = {"ctranslate2", "faster_whisper", "llama_cpp", "onnxruntime", "piper"}
PRELOADED = """
import importlib, json, os, sys, threading
import psutil
from livekit.agents import Plugin

def ours():
    return [(one.title, one.package) for one in Plugin.registered_plugins if one.title == "local_agent"]

thread = threading.Thread(target=importlib.import_module, args=("local_agent.plugins.whisper",))
thread.start()
thread.join()
found = {"thread": ours()}
from local_agent.plugins import llama, piper
found |= {"main": ours(), "before": sorted(sys.modules)}
threads = psutil.Process().num_threads()
importlib.import_module(Plugin.registered_plugins[-1].package)
found |= {"after": sorted(sys.modules), "threads": psutil.Process().num_threads() - threads, "again": ours()}
found |= {"spin": os.environ.get("GOMP_SPINCOUNT"), "silent": os.environ.get("ORT_DISABLE_TELEMETRY")}
print("FOUND" + json.dumps(found))
"""


def test_the_plugins_name_once_what_job_processes_share() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRELOADED], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert "FOUND" in done.stdout, done.stderr
    found = json.loads(done.stdout.partition("FOUND")[2])
    assert found["thread"] == [], "livekit-agents takes plugins on the main thread alone"
    assert found["main"] == found["again"] == [["local_agent", "local_agent.call.preload"]]
    assert INFERENCE & set(found["before"]) == set()
    assert set(found["after"]) >= INFERENCE | {"local_agent.call.guest"}
    assert found["threads"] == 0, "a fork leaves threads behind"
    assert (found["spin"], found["silent"]) == ("20000", "1"), "before the libraries read them"
