"""What the page shows and says in each state, on each size of screen, with a stand-in for LiveKit's client."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("playwright", reason="Playwright is not installed (make setup with the test packages)")

from scripts.page import AXE
from tests.calls.stage import Watched, need_chromium
from tests.server.pagekit import Standing, stand, standing, talk
from tests.server.test_page_texts import TEXTS

SIZES = ((390, 844), (320, 640), (844, 390), (768, 1024), (1280, 800))
TARGET = 44  # CSS pixels
SAID = (
    ("agent", "Hello! How can I help you?"),
    ("you", "Why is the sky blue?"),
    ("agent", "Sunlight is scattered by the air, and blue light the most, so it reaches us from everywhere."),
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    need_chromium()
    with standing(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def seen(pages: Standing) -> Iterator[Watched]:
    """A fresh page, loaded; at its end it has logged no error and asked nobody else."""
    opened = pages.open()
    yield opened
    opened.page.evaluate("localStorage.clear()")
    assert opened.errors == [] and opened.foreign(pages.address) == []
    opened.page.close()


def spoken(seen: Watched, agent: str = "speaking") -> None:
    talk(seen, agent)
    for who, words in SAID:
        stand(seen.page, "say", who, words)
    seen.page.wait_for_selector("#captions .agent:has-text('everywhere')")


def denied(seen: Watched) -> None:
    seen.page.evaluate("""() => { navigator.mediaDevices.getUserMedia =
        () => Promise.reject(new DOMException('no', 'NotAllowedError')); }""")
    seen.page.click("#talk")
    seen.problem("denied")


def muted(seen: Watched) -> None:
    spoken(seen, "listening")
    seen.page.click("#mute")


def queued(seen: Watched) -> None:
    talk(seen, None)
    stand(seen.page, "queue", 2)


def pushing(seen: Watched) -> None:
    seen.page.click("#open-settings")
    seen.page.check("#push-to-talk")
    seen.page.click("#close-settings")
    spoken(seen, "listening")


def gone(seen: Watched) -> None:
    spoken(seen)
    stand(seen.page, "room.emit", "Reconnecting")


def typing(seen: Watched) -> None:
    seen.page.fill("#message", "hello")
    seen.page.press("#message", "Enter")
    seen.phase("connected")
    stand(seen.page, "agent", "listening")


def forgetting(seen: Watched) -> None:
    spoken(seen, "listening")
    seen.page.click("#forget-everything")


def settings(seen: Watched) -> None:
    seen.page.click("#open-settings")


def nothing(_: Watched) -> None: ...


STATES: dict[str, Callable[[Watched], None]] = {
    "idle": nothing,
    "speaking": spoken,
    "muted": muted,
    "queued": queued,
    "push to talk": pushing,
    "reconnecting": gone,
    "denied": denied,
    "typing": typing,
    "settings": settings,
    "forgetting": forgetting,
}
DARK = ("muted", "denied", "settings")

# What is wrong with the controls that are shown: outside of the screen, too small to touch, covered, over another.
FAULTS = f"""() => {{
  const faults = [];
  const dialog = document.querySelector('dialog[open]');
  const all = [...(dialog ?? document).querySelectorAll('button, select, input, textarea')];
  const isSeen = (one) => one.checkVisibility({{ visibilityProperty: true }});
  const shown = all.filter((one) => isSeen(one) && !(dialog && one.closest('.sheet')));
  const name = (one) => one.id;
  if (document.documentElement.scrollWidth > innerWidth) faults.push('scrolls sideways');
  for (const one of all) {{
    if (!isSeen(one)) continue;
    const box = (one.type === 'checkbox' ? one.closest('label') : one).getBoundingClientRect();
    const small = box.width < {TARGET} || box.height < {TARGET} - .5;
    if (small) faults.push(`${{name(one)}} is ${{box.width}} x ${{box.height}}`);
    const tight = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
    if (tight && one.tagName === 'BUTTON') faults.push(`${{name(one)}} is too small for its words`);
    const said = (one.labels?.[0]?.textContent || one.ariaLabel || one.textContent).trim();
    if (!said) faults.push(`${{name(one)}} has no name`);
  }}
  for (const one of shown) {{
    const box = one.getBoundingClientRect();
    const cut = box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight;
    if (cut) faults.push(`${{name(one)}} is cut`);
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (top !== one && !one.contains(top)) faults.push(`${{name(one)}} is covered by ${{top?.id || top?.tagName}}`);
    for (const other of shown) {{
      const apart = other.getBoundingClientRect();
      const inside = new Set([one.id, other.id]).has('send') && new Set([one.id, other.id]).has('message');
      if (one === other || inside || box.right <= apart.left || apart.right <= box.left) continue;
      if (box.bottom > apart.top && apart.bottom > box.top) faults.push(`${{name(one)}} lies over ${{name(other)}}`);
    }}
  }}
  const words = document.getElementById('captions').getBoundingClientRect();
  const talks = document.body.classList.contains('busy') && !dialog;
  if (talks && words.height < 80) faults.push(`captions are ${{words.height}} high`);
  return faults;
}}"""


@dataclass
class Look:
    """What was seen in one state. faults: by size of the screen. violations: of axe's rules."""

    headline: str
    hint: str
    faults: dict[str, list[str]]
    violations: list[Any]


@pytest.fixture(scope="module")
def looks(pages: Standing) -> dict[str, Look]:
    """A look at each state, entered once."""
    assert AXE.is_file(), f"{AXE} is not there: make test fetches it"
    pages.context.route("**/axe.js", lambda route: route.fulfill(path=AXE, content_type="text/javascript"))
    return {name: look(pages, name) for name in STATES}


def look(pages: Standing, name: str) -> Look:
    seen = pages.open(color_scheme="dark" if name in DARK else "light")
    STATES[name](seen)
    faults = {}
    for width, height in SIZES:
        seen.page.set_viewport_size({"width": width, "height": height})
        faults[f"{width}x{height}"] = seen.page.evaluate(FAULTS)
    seen.page.evaluate("() => import('/axe.js')")
    report = seen.page.evaluate("() => axe.run()")
    violations = [(one["id"], [node["target"] for node in one["nodes"]]) for one in report["violations"]]
    told = Look(seen.page.inner_text("#state"), seen.page.inner_text("#hint"), faults, violations)
    seen.page.evaluate("localStorage.clear()")
    seen.page.close()
    return told


def test_on_every_screen_in_every_state_nothing_overlaps_and_all_can_be_touched(looks: dict[str, Look]) -> None:
    wrong = {name: {size: told for size, told in one.faults.items() if told} for name, one in looks.items()}
    assert not {name: told for name, told in wrong.items() if told}


def test_every_language_fits(seen: Watched) -> None:
    pushing(seen)
    wrong = {}
    for language in TEXTS:
        seen.page.evaluate(
            """language => {
            const select = document.getElementById('page-language');
            select.value = language;
            select.dispatchEvent(new Event('change'));
        }""",
            language,
        )
        seen.page.wait_for_function("language => document.documentElement.lang === language", arg=language)
        for width, height in ((390, 844), (844, 390)):
            seen.page.set_viewport_size({"width": width, "height": height})
            wrong[f"{language} on {width}x{height}"] = seen.page.evaluate(FAULTS)
    assert not {where: faults for where, faults in wrong.items() if faults}


def test_the_headline_is_true_and_contradicts_nothing(looks: dict[str, Look]) -> None:
    expected = {
        "idle": ("Ready", "Press Talk"),
        "speaking": ("Speaking", ""),
        "muted": ("Muted", "can't hear you"),
        "queued": ("Waiting", "number 2 in the queue"),
        "push to talk": ("Hold to talk", "while you speak"),
        "reconnecting": ("Reconnecting", "by itself"),
        "denied": ("Not connected", ""),
        "typing": ("Your turn to type", "spoken and written"),
    }
    told = {name: (looks[name].headline, looks[name].hint) for name in expected}
    wrong = [name for name, (head, hint) in expected.items() if told[name][0] != head or hint not in told[name][1]]
    assert not wrong, told


def test_axe_finds_nothing_in_any_state(looks: dict[str, Look]) -> None:
    assert not {name: one.violations for name, one in looks.items() if one.violations}


def test_without_a_way_to_a_microphone_the_page_offers_to_type_and_nothing_else(pages: Standing) -> None:
    seen = Watched(pages.context)
    seen.page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    seen.page.goto(pages.address)
    seen.problem("insecure")
    assert seen.page.inner_text("#state") == "Ready to type" and seen.page.inner_text("#talk") == "Type"
    seen.page.click("#talk")
    seen.phase("connected")
    stand(seen.page, "agent", "listening")
    seen.state("Your turn to type")
    assert not seen.page.is_visible("#problem")
    seen.page.close()


CONTRAST = """pairs => {
  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const light = (name) => {
    const probe = document.createElement('i');
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    pen.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((one) => one / 255)
      .map((one) => (one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  return pairs.map(([one, other]) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + .05) / (dark + .05);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_apart(pages: Standing, scheme: Any) -> None:
    text = [("ink", "paper"), ("muted", "paper"), ("muted", "surface"), ("ink", "raised"), ("muted", "raised")]
    text += [("on-accent", "accent"), ("on-off", "off"), ("off", "paper"), ("paper", "you"), ("paper", "ink")]
    shapes = [
        ("edge", "paper"),
        ("edge", "surface"),
        ("ring", "paper"),
        ("you", "paper"),
        ("you", "surface"),
        ("still", "paper"),
    ]
    seen = pages.open(color_scheme=scheme)
    found = seen.page.evaluate(CONTRAST, text + shapes)
    needed = [4.5] * len(text) + [3.0] * len(shapes)
    wrong = {pair: round(is_, 2) for pair, is_, least in zip(text + shapes, found, needed, strict=True) if is_ < least}
    seen.page.close()
    assert not wrong


def test_a_call_shifts_nothing_by_itself(seen: Watched) -> None:
    seen.page.evaluate("""() => {
        globalThis.shifted = 0;
        new PerformanceObserver((list) => {
          for (const one of list.getEntries()) if (!one.hadRecentInput) shifted += one.value;
        }).observe({ type: 'layout-shift' });
    }""")
    seen.page.route("**/api/livekit/token", lambda route: (time.sleep(0.8), route.continue_()))
    talk(seen, None)  # what comes .5 s behind it and later is not the click's
    for state in ("initializing", "speaking"):
        stand(seen.page, "agent", state)
    for who, words in SAID:
        stand(seen.page, "say", who, words)
    stand(seen.page, "agent", "listening")
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("shifted") < 0.01


def test_who_is_not_let_in_is_let_in_later_without_asking_again(seen: Watched) -> None:
    closed = [{"error": "it is being started again"}]
    seen.page.route(
        "**/api/livekit/token",
        lambda route: route.fulfill(status=503, json=closed.pop()) if closed else route.continue_(),
    )
    seen.page.click("#talk")
    assert "tries again by itself" in seen.problem("closed")
    assert seen.page.inner_text("#state") == "Not connected"
    seen.phase("connected")
    seen.problem("")
    seen.errors.clear()  # the browser writes down that it was refused


def test_the_log_keeps_its_role_and_its_list(seen: Watched) -> None:
    spoken(seen)
    assert seen.page.locator("[role=log] > ol > li").count() == len(SAID)
    assert seen.page.locator("[role=log]").get_attribute("aria-live") == "polite"


# The picture of each state at the same moment, as a hash of its pixels; and of some moments one after the other.
PICTURES = """async ({ states, moments }) => {
  const { Visual } = await import('/visual.js');
  const quiet = { loudness: 0, peak: 0, bands: (into) => into.fill(0) };
  const loud = { loudness: .7, peak: .2, bands: (into) => into.fill(.6) };
  const canvas = Object.assign(document.createElement('canvas'), { width: 120, height: 120 });
  document.body.append(canvas);
  const found = {};
  for (const state of states) {
    const [hearing, speaking] = [state === 'hearing', state === 'speaking'];
    const levels = { hearing, you: hearing ? loud : quiet, agent: speaking ? loud : quiet };
    const visual = new Visual(canvas, levels);
    visual.show(state === 'hearing' ? 'listening' : state);
    for (let n = 0; n < 30; n += 1) visual.render(n * 100);
    found[state] = [];
    for (const moment of moments) {
      visual.render(3000 + moment);
      found[state].push(canvas.toDataURL());
    }
  }
  return found;
}"""
MOVING = ("connecting", "waiting", "listening", "hearing", "thinking", "speaking", "typing", "gone")
STILL = ("idle", "muted", "over")


def test_each_state_has_a_picture_and_a_motion_of_its_own_and_is_still_where_motion_is_unwanted(
    pages: Standing,
) -> None:
    wanted = {"states": [*MOVING, *STILL], "moments": [0, 90, 180]}
    seen = pages.open(reduced_motion="no-preference")
    moving = seen.page.evaluate(PICTURES, wanted)
    seen.page.emulate_media(reduced_motion="reduce")
    still = seen.page.evaluate(PICTURES, wanted)
    seen.page.close()
    assert len({frames[0] for frames in moving.values()}) == len(moving)
    assert [state for state, frames in moving.items() if len(set(frames)) > 1] == list(MOVING)
    assert [state for state, frames in still.items() if len(set(frames)) > 1] == []


def test_forgetting_everything_can_be_taken_back_or_hurried(seen: Watched) -> None:
    spoken(seen, "listening")
    seen.page.click("#forget-everything")
    seen.page.click("#forget-undo")
    assert not seen.page.is_visible("#pending") and seen.page.evaluate("stand.rpc") == []
    seen.page.click("#forget-everything")
    seen.page.click("#forget-now")
    assert seen.page.evaluate("stand.rpc") == [["local_agent.forget", "everything"]]
    stand(seen.page, "tell", "local_agent.forgotten", {"exchanges": None})
    assert seen.page.inner_text("#captions") == "Forgotten"
    assert seen.page.evaluate("sessionStorage.length") == 0


def test_what_was_to_be_forgotten_does_not_outlive_the_call(seen: Watched) -> None:
    spoken(seen, "listening")
    seen.page.click("#forget-everything")
    seen.page.click("#talk")
    seen.state("Ready")
    assert seen.page.inner_text("#captions") == "" and seen.page.evaluate("sessionStorage.length") == 0


def test_the_transcript_outlives_a_reload_and_is_saved_as_text_and_markdown(seen: Watched) -> None:
    spoken(seen, "listening")
    seen.page.reload()
    seen.page.wait_for_selector("#captions .note:has-text('before')")
    assert seen.page.locator("#captions .you").inner_text().endswith("Why is the sky blue?")
    seen.page.click("#open-settings")
    kept = {}
    for name in ("text", "markdown"):
        with seen.page.expect_download() as saving:
            seen.page.click(f"#save-{name}")
        kept[name] = Path(saving.value.path()).read_text("utf-8")
    assert kept["text"].splitlines()[1] == "You: Why is the sky blue?"
    assert kept["markdown"].startswith("# ") and "**You:** Why is the sky blue?\n" in kept["markdown"]
    seen.page.click("#close-settings")
    seen.page.click("#clear")
    assert seen.page.evaluate("sessionStorage.length") == 0


def test_push_to_talk_by_space_and_by_button(seen: Watched) -> None:
    pushing(seen)
    seen.state("Hold to talk")
    for press, release in (
        (lambda: seen.page.keyboard.down(" "), lambda: seen.page.keyboard.up(" ")),
        (lambda: (seen.page.hover("#push"), seen.page.mouse.down()), lambda: seen.page.mouse.up()),
    ):
        press()
        seen.state("Listening")
        release()
        seen.state("Hold to talk")
    assert seen.page.get_attribute("body", "data-phase") == "connected"  # the space bar did not hang up


def test_shortcuts_are_listed_work_and_leave_whoever_writes_alone(seen: Watched) -> None:
    seen.page.keyboard.press("?")
    assert "Mute, or unmute" in seen.page.inner_text("#key-list")
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("t")
    seen.phase("connected")
    stand(seen.page, "agent", "listening")
    seen.page.keyboard.press("m")
    seen.state("Muted")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("mm")
    assert seen.page.input_value("#message") == "mm" and seen.page.inner_text("#state") == "Muted"


def test_what_is_typed_before_a_call_begins_one_and_is_sent_when_the_agent_listens(seen: Watched) -> None:
    seen.page.fill("#message", "hello")
    seen.page.press("#message", "Enter")
    seen.phase("connected")
    assert "when the agent is there" in seen.page.inner_text("#hint") and seen.page.evaluate("stand.sent") == []
    stand(seen.page, "agent", "listening")
    seen.page.wait_for_selector("#captions .you:has-text('hello')")
    assert seen.page.evaluate("stand.sent") == ["hello"]
    seen.page.click("#mute")  # and goes on by speaking
    seen.state("Listening")


def test_settings_hold_and_change_the_page_at_once(seen: Watched) -> None:
    seen.page.click("#open-settings")
    seen.page.select_option("#theme", "dark")
    seen.page.select_option("#size", "large")
    seen.page.select_option("#page-language", "de")
    seen.page.wait_for_function("() => document.getElementById('talk-label').textContent === 'Sprechen'")
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 21, 24)"
    seen.page.reload()
    seen.page.wait_for_function("() => document.getElementById('state').textContent === 'Bereit'")
    assert seen.page.get_attribute("html", "lang") == "de" and seen.page.get_attribute("html", "data-size") == "large"


def test_the_panel_tells_what_runs_and_tries_the_microphone(seen: Watched) -> None:
    seen.page.click("#open-settings")
    facts = seen.page.inner_text("#facts")
    assert "whisper-base" in facts and "0 packets left the machine in the test of November 30, 2026." in facts
    seen.page.click("#try-microphone")
    seen.page.wait_for_function("() => document.getElementById('test-level').ariaValueNow !== '0'")  # it beeps
    seen.page.click("#close-settings")


def test_what_a_person_chooses_goes_along_with_the_call_and_into_it(seen: Watched) -> None:
    seen.page.click("#open-settings")
    seen.page.select_option("#choose-voice", "en_GB-alba-medium")
    seen.page.fill("#choose-greeting", "Ahoy!")
    seen.page.click("#close-settings")
    with seen.page.expect_request("**/api/livekit/token") as asked:
        talk(seen)
    metadata = asked.value.post_data_json["participant_metadata"]
    assert metadata == '{"voice":"en_GB-alba-medium","greeting":"Ahoy!"}'
    seen.page.click("#open-settings")
    seen.page.select_option("#choose-language", "de")
    seen.page.wait_for_function("() => stand.rpc.length === 1")
    assert seen.page.evaluate("stand.rpc") == [["local_agent.choose", '{"language":"de"}']]


def test_the_wait_is_told_with_its_stages(seen: Watched) -> None:
    talk(seen)
    stand(seen.page, "tell", "local_agent.waited", {"wait": 0.62, "heard": 0.31, "thought": 0.24, "voiced": None})
    seen.page.wait_for_function("() => document.getElementById('hint').textContent.includes('understood')")
    assert seen.page.inner_text("#hint") == "Answered in 0.6 s. (understood 0.3, first word 0.2)"
