"""`start --lan` and a phone: a second machine in the network, behind a wire on which every packet is counted."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

if not os.environ.get("CI"):
    pytest.importorskip("playwright", reason="Playwright is not installed (pip install playwright)")

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Error as PlaywrightError

from local_agent.audio import wav
from local_agent.config.settings import Settings
from local_agent.server import lan
from local_agent.server.certificates import CERTIFICATE
from tests.calls.caller import RATE
from tests.calls.conftest import Speak, answering, surroundings
from tests.calls.stage import CHROMIUM, Watched, browser, need_chromium
from tests.calls.test_page import number, until
from tests.calls.wire import HOME, LocalNetwork
from tests.conftest import Starter

pytestmark = pytest.mark.timeout(120)
# The usual ones: in a network of its own nobody else holds them.
PORTS = {
    f"LOCAL_AGENT_{name.upper()}": str(getattr(Settings(), name))
    for name in ("port", "livekit_port", "rtc_tcp_port", "rtc_udp_port")
}
ELSEWHERE = "elsewhere.example"
# Names that Chromium itself asks for when it starts, whatever page it shows.
ITS_OWN = "--host-resolver-rules=MAP *.google.com ~NOTFOUND, MAP *.googleapis.com ~NOTFOUND"


def trusting(certificate: Path) -> str:
    """The flag by which Chromium knows this certificate, as a phone does whose person went on past the warning."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(spki).digest()).decode()}"


def examine(folder: Path, models: Path, within: list[str]) -> list[dict[str, str]]:
    """What the doctor finds beside the product that runs in `folder`."""
    done = subprocess.run(
        [*within, sys.executable, "-m", "local_agent", "doctor", "--lan", "--json"],
        cwd=folder,
        env=surroundings(models, **PORTS),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.stdout, done.stderr
    findings: list[dict[str, str]] = json.loads(done.stdout)["findings"]
    return findings


def test_a_phone_comes_in_by_the_code_and_sends_nothing_to_anybody_else(
    starter: Starter, speak: Speak, tmp_path: Path
) -> None:
    """By https with the key behind the address: one press, a spoken question, its answer. Without the key, nothing."""
    need_chromium()
    quiet = np.zeros(RATE, np.int16)
    microphone, starts = tmp_path / "voice.wav", tmp_path / "chromium"
    wav.write(microphone, np.concatenate([*[quiet] * 5, speak("Why is the sky blue?"), *[quiet] * 8]), RATE)
    models = starter.whisper.parent
    with (
        LocalNetwork() as network,
        answering(tmp_path, models, "--lan", within=network.home, LOCAL_AGENT_GREETING="Hello.", **PORTS) as product,
    ):
        assert product.address == f"https://{HOME}:{Settings().port}"
        kept = tmp_path / ".local_agent" / lan.FOLDER
        starts.write_text(f'#!/bin/sh\nexec {shlex.join(network.phone)} {CHROMIUM} "$@"\n')
        starts.chmod(0o755)
        heard = f"--use-file-for-fake-audio-capture={microphone}"  # again and again
        flags = (trusting(kept / CERTIFICATE), ITS_OWN, heard)
        with browser(tmp_path / "profile", more=flags, program=starts) as context:
            stranger = Watched(context)
            stranger.page.goto(product.address)
            stranger.page.click("#talk")
            assert "access key" in stranger.problem("key")
            assert not any(url.startswith("ws") for url in stranger.requests)
            asked = {(packet.protocol, packet.target) for packet in network.wire.left()}
            assert asked == {("TCP", product.address.removeprefix("https://"))}, "the page, and no sound"
            stranger.page.close()

            seen = Watched(context)
            seen.page.goto(lan.invitation(product.address, (kept / lan.KEY).read_text().strip()))
            assert seen.page.evaluate("location.href") == f"{product.address}/"
            seen.page.click("#talk")
            answered = until(lambda: seen.page.locator("#captions .you ~ .agent").count() >= 1, within=45)
            assert answered, f"{seen.page.inner_text('#captions')}\n{product.log}"
            assert until(lambda: number(seen, "agentPeak") > 0.01, within=10), "the answer is not heard"
            examined = examine(product.folder, models, network.home)
            assert not [one for one in examined if one["status"] == "fails"], examined
            (joins,) = (one for one in examined if one["what"] == "an agent joins")
            assert joins["status"] in ("ok", "skipped"), joins
            seen.page.click("#talk")
            seen.state("Ready")
            assert seen.errors == [] and seen.foreign(product.address) == []
            left, answers = network.wire.left(), [one.packet for one in network.wire.seen if one.is_answer]
            # Chromium listens for names of the local network (mDNS), of which the kernel tells routers by IGMP.
            sent = {packet.target for packet in (*left, *answers) if packet and packet.protocol != "IGMP"}
            assert {target.partition(":")[0] for target in sent} == {HOME}, sent
            assert f"{HOME}:{Settings().rtc_udp_port}" in sent, "its sound came over the wire"

            with pytest.raises(PlaywrightError):
                seen.page.goto(f"http://{ELSEWHERE}/", timeout=2_000)
            assert ELSEWHERE in {packet.name for packet in network.wire.left()}, "the wire shows what it shows"
        assert "sealed:" not in product.log
