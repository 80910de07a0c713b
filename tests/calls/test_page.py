"""The page in real headless Chromium, against a real livekit-server and a humming stand-in for the agent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("playwright", reason="Playwright is not installed (pip install playwright)")

from local_agent.server.redispatch import ServerRooms
from tests.calls.fakeagent import GREETING
from tests.calls.stage import Stage, Watched, browser, need_chromium, voice_file

FAKE_UI = "--use-fake-ui-for-media-stream"
FAKE_DEVICE = "--use-fake-device-for-media-stream"


@pytest.fixture(scope="module", autouse=True)
def chromium() -> None:
    need_chromium()


@pytest.fixture(scope="module")
def stand() -> Iterator[Stage]:
    with Stage() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_rooms_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser that is shut down says no goodbye; the next test begins without its rooms."""
    yield
    if "stand" in request.fixturenames:
        request.getfixturevalue("stand").end_rooms()


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    return voice_file(tmp_path / "silence.wav", total=60)


def until(true: Callable[[], bool], within: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def number(watched: Watched, name: str) -> float:
    return float(watched.page.evaluate(f"document.getElementById('visual').dataset.{name} ?? 0"))


def test_a_call_from_talk_to_hang_up(stand, tmp_path):
    microphone = voice_file(tmp_path / "voice.wav", (5, 2), (9.5, 2), total=40)
    with browser(tmp_path / "profile", microphone) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        assert seen.page.inner_text("#state") == "Ready"
        seen.page.click("#talk")
        seen.state("Speaking")
        seen.page.wait_for_selector(f"#captions .agent:has-text('{GREETING}')")
        assert number(seen, "agentPeak") > 0.02
        seen.state("Listening")
        seen.page.wait_for_selector("#captions .you:has-text('Can you hear me?')", timeout=20_000)
        seen.page.wait_for_selector("#captions .agent:has-text('I heard you')", timeout=20_000)
        assert number(seen, "youPeak") > 0.02
        assert 0.2 < float(seen.page.get_attribute("body", "data-wait") or 0) < 20
        assert "Answered in" in seen.page.inner_text("#hint")
        seen.page.wait_for_selector("#captions .cut:has-text('interrupted')", timeout=20_000)
        assert not seen.page.is_visible("#problem")
        assert len(stand.rooms()) == 1
        seen.page.click("#talk")
        seen.state("Ready")
        assert until(lambda: stand.rooms() == [], within=6)
        assert not seen.page.is_visible("#problem")
        assert seen.errors == [] and seen.foreign(stand.address) == []
        assert any("/rtc" in url for url in seen.requests)  # the log does see WebSockets


def test_typing_muting_and_the_transcript(stand, tmp_path, silence):
    with browser(tmp_path / "profile", silence, permissions=["clipboard-read", "clipboard-write"]) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        seen.page.click("#talk")
        seen.state("Listening")
        seen.page.click("#mute")
        assert seen.page.get_attribute("#mute", "aria-pressed") == "true"
        seen.state("Muted")
        assert seen.page.inner_text("#hint") == "The agent can't hear you."
        seen.page.fill("#message", "good morning")
        seen.page.press("#message", "Enter")
        seen.page.wait_for_selector("#captions .agent:has-text('You wrote: good morning.')")
        seen.page.click("#mute")
        assert seen.page.get_attribute("#mute", "aria-pressed") == "false"
        seen.page.click("#open-settings")
        seen.page.wait_for_function("() => document.querySelectorAll('#microphone option').length > 1")
        seen.page.select_option("#microphone", index=1)
        seen.page.wait_for_timeout(500)
        seen.page.click("#close-settings")
        assert not seen.page.is_visible("#problem")
        seen.page.click("#copy")
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert copied.splitlines() == [f"Agent: {GREETING}", "You: good morning", "Agent: You wrote: good morning."]
        stored = "JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])"
        assert seen.page.evaluate(stored) == '[["preferences"],["transcript"],""]'
        assert seen.errors == []


def test_what_is_forgotten_leaves_the_page(stand, tmp_path, silence):
    with browser(tmp_path / "profile", silence) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        assert not seen.page.is_visible("#forget")
        seen.page.click("#talk")
        seen.state("Listening")
        for words in ("my name is Ann", "my number is seven"):
            seen.page.fill("#message", words)
            seen.page.press("#message", "Enter")
            seen.page.wait_for_selector(f"#captions .agent:has-text('{words}.')")
            seen.state("Listening")

        def shown():
            return seen.page.inner_text("#captions")

        seen.page.click("#forget-last")
        seen.page.wait_for_selector("#captions .agent:has-text('I forgot.')")
        assert "Ann" in shown() and "seven" not in shown() and "Forgotten" in shown()
        seen.state("Listening")
        seen.page.click("#forget-everything")
        seen.page.click("#forget-now")
        seen.page.wait_for_function("() => !document.getElementById('captions').innerText.includes('Ann')")
        seen.page.wait_for_selector("#captions .agent:has-text('I forgot.')")
        assert shown().count("I forgot.") == 1 and GREETING not in shown()
        (agent,) = stand.dispatcher.agents.values()
        assert agent.asked_to_forget == ["last", "everything"]
        assert not seen.page.is_visible("#problem") and seen.errors == []


def test_a_recording_is_shown_while_it_runs(stand, tmp_path, silence):
    with browser(tmp_path / "profile", silence) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        seen.page.click("#talk")
        seen.state("Listening")
        assert not seen.page.is_visible("#recording")
        for words, shown in (
            ("record", "is recorded"),
            ("stop", None),
            ("fail", "not recorded"),
            ("record", "is recorded"),
        ):
            seen.page.fill("#message", words)
            seen.page.press("#message", "Enter")
            shows = f"#recording:has-text('{shown}')" if shown else "#recording"
            seen.page.wait_for_selector(shows, state="visible" if shown else "hidden")
            seen.state("Listening")
        seen.page.click("#talk")
        seen.page.wait_for_selector("#recording", state="hidden")
        assert seen.errors == []


def test_a_killed_server_is_told_and_the_call_comes_back_by_itself(stand, tmp_path, silence):
    with browser(tmp_path / "profile", silence) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        seen.page.click("#talk")
        seen.state("Listening")
        stand.kill_livekit()
        seen.state("Reconnecting", within=5)
        assert "went away" in seen.problem("gone", within=5)
        stand.do(stand.livekit.start())
        seen.phase("connected", within=10)
        seen.problem("")
        seen.page.wait_for_function("() => document.querySelectorAll('#captions .agent').length === 2")  # greeted again
        seen.page.click("#talk")
        assert until(lambda: stand.rooms() == [], within=6)


def test_a_server_gone_for_longer_than_livekits_own_patience(stand, tmp_path, silence):
    """livekit-client gives up; the page asks for a new token and joins its room again, which is made anew."""
    with browser(tmp_path / "profile", silence) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        seen.page.click("#talk")
        seen.state("Listening")
        before = stand.rooms()
        stand.kill_livekit()
        seen.state("Reconnecting", within=5)
        tokens_asked = sum("/api/livekit/token" in url for url in seen.requests)
        assert until(lambda: sum("/api/livekit/token" in url for url in _pumped(seen)) > tokens_asked, within=45)
        stand.do(stand.livekit.start())
        seen.phase("connected", within=10)
        assert stand.rooms() == before


def _pumped(seen: Watched) -> list[str]:
    seen.page.wait_for_timeout(100)  # lets Playwright deliver events
    return seen.requests


async def tell_place(stand: Stage, place: int) -> None:
    """As the service does when all lines are busy."""
    async with stand.api() as client:
        rooms = ServerRooms(client)
        for room in await rooms.look(()):
            await rooms.tell_place(room, place)


def test_no_agent_after_eight_seconds_is_told_until_one_comes(stand, tmp_path, silence):
    stand.dispatcher.enabled = False
    try:
        with browser(tmp_path / "profile", silence) as context:
            seen = Watched(context)
            seen.page.goto(stand.address)
            seen.page.click("#talk")
            seen.state("Connected")
            assert seen.page.inner_text("#hint") == "Waiting for the agent to join."
            assert not seen.page.is_visible("#problem")
            assert "not joined" in seen.problem("noagent", within=12)
            stand.do(tell_place(stand, 2))
            seen.state("Waiting")
            assert "You are number 2 in the queue" in seen.page.inner_text("#hint")
            seen.problem("")
            stand.do(tell_place(stand, 1))
            seen.page.wait_for_function("document.getElementById('hint').textContent.includes('You are next')")
            stand.do(tell_place(stand, 0))
            seen.state("Connected")
            stand.dispatcher.enabled = True
            seen.state("Speaking")
            seen.problem("")
    finally:
        stand.dispatcher.enabled = True


def test_a_second_tab_takes_the_call_over_and_closing_it_ends_the_room(stand, tmp_path, silence):
    with browser(tmp_path / "profile", silence) as context:
        first, second = Watched(context), Watched(context)
        first.page.goto(stand.address)
        first.page.click("#talk")
        first.state("Listening")
        second.page.goto(stand.address)
        second.page.click("#talk")
        assert "another tab" in first.problem("elsewhere")
        assert first.page.inner_text("#talk") == "Talk here"
        second.state("Listening")
        assert until(lambda: len(stand.rooms()) == 1, within=5)
        second.page.close()
        assert until(lambda: stand.rooms() == [], within=6)


def test_the_server_of_the_page_being_gone_has_its_own_words(tmp_path, silence):
    with Stage() as opened, browser(tmp_path / "profile", silence) as context:
        seen = Watched(context)
        seen.page.goto(opened.address)
        opened.do(opened.web.stop())
        seen.page.click("#talk")
        assert "still running" in seen.problem("down")
        assert seen.page.inner_text("#talk") == "Reconnect"


def test_keys_that_differ_from_livekits_are_named(tmp_path, silence):
    wrong = "another-secret-0123456789-abcdefghijkl"
    with Stage(api_secret=wrong) as opened, browser(tmp_path / "profile", silence) as context:
        seen = Watched(context)
        seen.page.goto(opened.address)
        seen.page.click("#talk")
        assert "keys on both sides" in seen.problem("refused")


def test_too_many_calls_are_told_when_to_try_again(tmp_path, silence):
    with Stage(token_burst=1, tokens_per_minute=0.5) as opened, browser(tmp_path / "profile", silence) as context:
        seen = Watched(context)
        seen.page.goto(opened.address)
        seen.page.click("#talk")
        seen.state("Listening")
        seen.page.click("#talk")
        seen.state("Ready")
        seen.page.click("#talk")
        assert "seconds" in seen.problem("limited")


def test_a_blocked_microphone_offers_to_type_instead(stand, tmp_path):
    with browser(tmp_path / "profile", without=(FAKE_UI,)) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        seen.page.click("#talk")
        assert "blocked" in seen.problem("denied")
        assert stand.rooms() == []
        seen.page.click("#problem-type")
        seen.state("Your turn to type")
        assert seen.page.get_attribute("#mute", "aria-label") == "Turn on microphone"
        seen.page.fill("#message", "hello")
        seen.page.click("#send")
        seen.page.wait_for_selector("#captions .agent:has-text('You wrote: hello.')")


def test_a_machine_without_a_microphone(stand, tmp_path):
    with browser(tmp_path / "profile", without=(FAKE_DEVICE,)) as context:
        seen = Watched(context)
        seen.page.goto(stand.address)
        seen.page.click("#talk")
        assert "No microphone" in seen.problem("absent")


def test_sound_held_back_by_the_browser_needs_one_tap(stand, tmp_path, silence):
    block = """
        const play = HTMLMediaElement.prototype.play;
        let tapped = false;
        addEventListener('click', (event) => { tapped ||= event.target.id === 'problem-action'; }, true);
        HTMLMediaElement.prototype.play = function () {
          return tapped ? play.call(this) : Promise.reject(new DOMException('held back', 'NotAllowedError'));
        };
    """
    with browser(tmp_path / "profile", silence) as context:
        context.add_init_script(block)
        seen = Watched(context)
        seen.page.goto(stand.address)
        seen.page.click("#talk")
        assert "tap once" in seen.problem("silent")
        seen.page.click("#problem-action")
        seen.problem("")
