"""Draw README's picture: a real call in the real page, in headless Chromium. `.venv/bin/python -m scripts.picture`

It starts the agent on free ports, says a question into the browser's microphone, waits for the answer and takes a
screenshot. Needs the models, Chromium, and the test packages (playwright).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from playwright.sync_api import sync_playwright

from local_agent.process.operating_system import browsers

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "call.png"
QUESTION = "Why is the sky blue?"
LEAD_S, TAIL_S = 9, 60  # silence before the question, while the agent greets, and behind it
WIDTH, HEIGHT = 900, 720
SETTINGS = """[livekit]
livekit_port = 0
rtc_tcp_port = 0
rtc_udp_port = 0
[web]
port = 0
[files]
data_dir = "data"
models_dir = "{models}"
"""


def microphone(folder: Path) -> Path:
    """A recording of the question, with silence around it."""
    spoken, heard = folder / "question.wav", folder / "microphone.wav"
    ours("say", QUESTION, "--output", str(spoken))
    with wave.open(str(spoken)) as question, wave.open(str(heard), "wb") as made:
        made.setparams(question.getparams())
        second = bytes(question.getframerate() * question.getsampwidth())
        made.writeframes(second * LEAD_S + question.readframes(question.getnframes()) + second * TAIL_S)
    return heard


def ours(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "local_agent", *words], cwd=ROOT, check=True)


def main() -> None:
    browser = next((found for name in browsers() if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("there is no Chromium here; fix: apt-get install chromium")
    with tempfile.TemporaryDirectory() as name:
        heard = microphone(Path(name))
        config = Path(name) / "local_agent.toml"
        config.write_text(SETTINGS.format(models=ROOT / "models"))
        words = [sys.executable, "-m", "local_agent", "start", "--config", str(config), *sys.argv[1:]]
        agent = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        try:
            draw(browser, address(agent), heard, Path(name))
        finally:
            agent.terminate()
            agent.communicate(timeout=90)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")


def address(agent: subprocess.Popen[str]) -> str:
    assert agent.stderr is not None
    for line in agent.stderr:
        if found := re.search(r"Open (http\S+)", line):
            return found[1]
    sys.exit("the agent did not start; fix: ./local-agent doctor")


def draw(browser: str, page_address: str, heard: Path, folder: Path) -> None:
    flags = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={heard}%noloop",
        "--autoplay-policy=no-user-gesture-required",
    ]
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder / "profile"),
            executable_path=browser,
            headless=True,
            args=flags,
            viewport={"width": WIDTH, "height": HEIGHT},
        )
        page = context.new_page()
        page.goto(page_address)
        page.click("#talk")
        page.wait_for_selector("#captions .you", timeout=90_000)
        page.wait_for_selector("#captions .you ~ .agent", timeout=60_000)
        page.wait_for_timeout(2_500)  # some words of it, and the voice in motion
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        context.close()


if __name__ == "__main__":
    main()
