"""The waterfall as an SVG picture: a bar for the mean wait of each stack, then one for every turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

from local_agent.bench.waterfall import STAGES, Parts

# Okabe and Ito's palette, which people with any colour vision tell apart; grey for what lies outside the agent.
COLOURS = ("#56b4e9", "#0072b2", "#f0e442", "#e69f00", "#d55e00", "#cc79a7", "#009e73")
OUTSIDE = "#999999"
WIDTH, LEFT, RIGHT = 960, 230, 80  # px; of the picture, for names, for seconds
MEAN, TURN, GAP = 26, 12, 4  # px: heights of the two kinds of bars, and between them
LINE = 20  # px of a line of text
MOST = 80  # turns shown; the rest would only be a longer page


@dataclass(frozen=True)
class Bar:
    """name: at its left. seconds: the wait, shown at its right. parts: of that wait; empty: one plain bar."""

    name: str
    seconds: float
    parts: Parts
    strong: bool = False


def svg(title: str, bars: Sequence[Bar]) -> str:
    """An SVG document. Stages that take no time in any bar are left out of the legend."""
    bars = [*(bar for bar in bars if bar.strong), *[bar for bar in bars if not bar.strong][:MOST]]
    longest = max((bar.seconds for bar in bars), default=0.0)
    scale = (WIDTH - LEFT - RIGHT) / max(longest, 0.1)
    shown = [stage for stage in STAGES if any(bar.parts.get(stage, 0.0) >= 0.0005 for bar in bars)]
    drawn = [_text(12, 28, title, size=17, weight="600"), *_legend(shown)]
    top = 2 * LINE + LINE * ceil(len(shown) / 4) + 16
    height = top + sum(_height(bar) for bar in bars) + 2 * LINE
    drawn += _grid(top, height - 2 * LINE, longest, scale)
    at = float(top)
    for bar in bars:
        drawn += _bar(bar, at, scale)
        at += _height(bar)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', *drawn, "</svg>"]) + "\n"


def _height(bar: Bar) -> int:
    return (MEAN if bar.strong else TURN) + GAP


def _bar(bar: Bar, top: float, scale: float) -> list[str]:
    height = MEAN if bar.strong else TURN
    size = 13 if bar.strong else 10
    base = top + height / 2 + size * 0.36
    weight = "600" if bar.strong else "400"
    drawn = [_text(LEFT - 8, base, bar.name, size=size, weight=weight, anchor="end")]
    left = float(LEFT)
    for stage, seconds in (bar.parts or {"": bar.seconds}).items():
        width = seconds * scale
        if width >= 0.05:
            tip = f"<title>{escape(stage or bar.name)}: {seconds * 1000:.0f} ms</title>"
            place = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height}"'
            drawn.append(f'<rect {place} fill="{_colour(stage)}">{tip}</rect>')
            left += width
    drawn.append(_text(left + 6, base, f"{bar.seconds:.2f} s", size=size, weight=weight))
    return drawn


def _legend(shown: Sequence[str]) -> list[str]:
    drawn = []
    for number, stage in enumerate(shown):
        x, y = 12 + number % 4 * (WIDTH - 24) / 4, 2 * LINE + 8 + number // 4 * LINE
        drawn.append(f'<rect x="{x:.1f}" y="{y - 10}" width="12" height="12" fill="{_colour(stage)}"/>')
        drawn.append(_text(x + 18, y, stage, size=12))
    return drawn


def _grid(top: float, bottom: float, longest: float, scale: float) -> list[str]:
    """A thin line every tenth, fifth, half or whole second, whichever gives about ten of them."""
    step = next((step for step in (0.1, 0.2, 0.5, 1.0, 2.0) if longest / step <= 12), 5.0)
    drawn = []
    for number in range(int(longest / step) + 1):
        x = LEFT + number * step * scale
        drawn.append(f'<line x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{bottom}" stroke="#dddddd"/>')
        drawn.append(_text(x, bottom + 16, f"{number * step:g} s", size=11, anchor="middle"))
    return drawn


def _colour(stage: str) -> str:
    inside = STAGES[:-1]
    return COLOURS[inside.index(stage) % len(COLOURS)] if stage in inside else OUTSIDE


def _text(x: float, y: float, words: str, *, size: int, weight: str = "400", anchor: str = "start") -> str:
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="#222222"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
