"""In somebody else's program: what importing and making the plugins leaves as it was, and when a fault is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from livekit.agents import APIError

ROOT = Path(__file__).resolve().parents[2]

GUEST = """
import asyncio, gc, json, locale, logging, os, signal, socket, sys, threading, warnings
import livekit.agents

events, mine, watching = [], threading.get_ident(), False

def audit(event, args):
    if watching and threading.get_ident() == mine and event in ("open", "import", "socket.connect", "subprocess.Popen"):
        events.append(f"{event} {args[0]}")

sys.addaudithook(audit)

def state():
    loggers = {name: logging.getLogger(name) for name in ("", "livekit", "livekit.agents", "asyncio", "local_agent")}
    return {
        "environment": dict(os.environ), "threads": sorted(one.name for one in threading.enumerate()),
        "signals": [id(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
        "loggers": {n: [one.level, len(one.handlers), len(one.filters), one.propagate] for n, one in loggers.items()},
        "logging": [repr(logging.getLogRecordFactory()), logging.root.manager.disable, logging.raiseExceptions],
        "hooks": [repr(one) for one in (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.displayhook,
                  sys.gettrace(), sys.getprofile(), threading.stack_size(), sys.get_asyncgen_hooks())],
        "interpreter": [sys.getswitchinterval(), sys.getrecursionlimit(), sys.path,
                        [repr(one) for one in sys.meta_path], gc.get_threshold(), gc.isenabled(),
                        [repr(one) for one in warnings.filters]],
        "process": [os.getcwd(), socket.getdefaulttimeout(), locale.setlocale(locale.LC_ALL), repr(socket.socket),
                    repr(socket.getaddrinfo), repr(asyncio.get_event_loop_policy())],
    }

found = {}

async def main():
    global watching
    before = state()
    from livekit import rtc
    from local_agent.engines import registry
    from local_agent.plugins import llama, piper, whisper
    watching = True
    made = [whisper.STT(), llama.LLM(), piper.TTS()]
    bad = [whisper.STT(model="/no/model"), llama.LLM(model="/no/model.gguf"), piper.TTS(model="/no/voice.onnx")]
    rates = [made[2].sample_rate, made[1].model, made[0].model]
    changed = [whisper.STT(), llama.LLM(), piper.TTS(), piper.TTS()]
    changed[0].update_options(language="de-DE", vocabulary=["Okafor"] * 400)
    changed[0].update_options(detect_language=False)
    changed[1].update_options(model="/no/model.gguf", temperature=0.1)
    changed[2].update_options(language="de-DE", speed=1.5)
    changed[3].update_options(speaker=7)
    watching = False
    found["made"], events[:] = list(events), []
    after = state()
    found["changed"] = {name: [before[name], after[name]] for name in before if before[name] != after[name]}

    # so is a first use that nothing came before
    unread = whisper.STT(model="/no/model", engines=registry.Engines(guest=True))
    once = livekit.agents.APIConnectOptions(max_retry=0)
    watching = True
    try:
        await unread.recognize(rtc.AudioFrame.create(16_000, 1, 1_600), conn_options=once)
    except livekit.agents.APIError:
        watching = False
    found["first"], events[:] = list(events), []

    # kept from the loop as well: whatever is looked for, on a thread
    watching = True
    for one in bad:
        one.prewarm()
    watching = False
    found["prewarm"], events[:] = list(events), []
    found["faults"] = []
    livekit.agents.stt.FallbackAdapter([bad[0], made[0]], vad=object())
    livekit.agents.llm.FallbackAdapter([bad[1], made[1]])
    livekit.agents.tts.FallbackAdapter([bad[2], made[2]])
    context = livekit.agents.llm.ChatContext.empty()
    context.add_message(role="user", content="Hello.")
    for use in (
        lambda: bad[0].stream(conn_options=once).__anext__(),
        lambda: bad[1].chat(chat_ctx=context, conn_options=once).__anext__(),
        lambda: bad[2].synthesize("Hello.", conn_options=once).__anext__(),
    ):
        watching = True
        try:
            await use()
        except Exception as error:
            found["faults"].append([type(error).__name__, isinstance(error, livekit.agents.APIError), str(error)])
        watching = False
    found["use"] = list(events)

asyncio.run(main())
print("FOUND" + json.dumps(found))
"""


def test_nothing_of_the_host_is_changed_and_nothing_is_looked_at_before_the_first_use(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LIVEKIT_URL=nonsense\nLOCAL_AGENT_NO_SUCH=1\nneither name nor value\n")
    (tmp_path / "local_agent.toml").touch()
    theirs = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    theirs |= {"LIVEKIT_URL": "wss://cloud.example", "OMP_NUM_THREADS": "7", "HTTPS_PROXY": "http://proxy.example"}
    words = [sys.executable, "-c", GUEST]
    done = subprocess.run(words, cwd=tmp_path, env=theirs, capture_output=True, text=True, check=False, timeout=110)
    assert "FOUND" in done.stdout, done.stderr
    found = json.loads(done.stdout.partition("FOUND")[2])
    before, after = found["changed"].pop("environment")
    assert {name: value for name, value in after.items() if before.get(name) != value} == {"ORT_DISABLE_TELEMETRY": "1"}
    assert set(before) <= set(after) and found["changed"] == {}
    on_the_loop = [found["made"], found["first"], found["prewarm"]]
    assert on_the_loop == [[], [], []], "files or modules were looked at on the event loop"
    heavy = ("ctranslate2", "onnxruntime", "llama_cpp", "faster_whisper", "piper")
    seen = [one for one in found["use"] if one.startswith("import") and one.split()[1].split(".")[0] in heavy]
    assert seen == [] and not [one for one in found["use"] if "local_agent.toml" in one or str(ROOT / "models") in one]
    assert [fault[:2] for fault in found["faults"]] == [[APIError.__name__, True]] * 3
    for name, (_, _, told) in zip(("/no/model", "/no/model.gguf", "/no/voice.onnx"), found["faults"], strict=True):
        assert name in told and "fix: " in told, told
