from __future__ import annotations

from xml.etree import ElementTree

import pytest

from local_agent.bench.waterfall import STAGES, TRANSPORT
from local_agent.bench.waterfall_svg import COLOURS, LEFT, MOST, OUTSIDE, RIGHT, WIDTH, Bar, svg

SVG = "{http://www.w3.org/2000/svg}"
PARTS = dict.fromkeys(STAGES, 0.0) | {STAGES[0]: 0.2, STAGES[1]: 0.1, TRANSPORT: 0.1}


def boxes(drawn: ElementTree.Element) -> list[dict[str, str]]:
    """Attributes of the parts of bars, which alone have a tip."""
    return [box.attrib for box in drawn.iter(f"{SVG}rect") if box.find(f"{SVG}title") is not None]


def words(drawn: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in drawn.iter(f"{SVG}text")]


def test_parts_lie_side_by_side_on_one_scale() -> None:
    drawn = ElementTree.fromstring(svg("wait", [Bar("one", 0.4, PARTS), Bar("two", 0.8, {})]))
    first, second, third, whole = boxes(drawn)
    assert float(first["x"]) == LEFT
    assert float(second["x"]) == pytest.approx(float(first["x"]) + float(first["width"]), abs=0.1)
    assert float(whole["width"]) == WIDTH - LEFT - RIGHT
    assert float(first["width"]) == pytest.approx(2 * float(second["width"]), abs=0.2)
    assert second["width"] == third["width"]
    assert [first["fill"], second["fill"], third["fill"], whole["fill"]] == [*COLOURS[:2], OUTSIDE, OUTSIDE]


def test_the_legend_names_what_took_time() -> None:
    shown = words(ElementTree.fromstring(svg("wait", [Bar("one", 0.4, PARTS)])))
    assert {STAGES[0], STAGES[1], TRANSPORT} <= set(shown)
    assert STAGES[2] not in shown
    assert "0.40 s" in shown


def test_names_are_escaped_and_means_come_first() -> None:
    shown = words(ElementTree.fromstring(svg("a < b", [Bar("x & y", 0.4, {}), Bar("mean", 0.4, {}, strong=True)])))
    assert "a < b" in shown
    assert shown.index("mean") < shown.index("x & y")


def test_a_long_run_is_cut() -> None:
    drawn = ElementTree.fromstring(svg("wait", [Bar(str(number), 0.4, {}) for number in range(MOST + 20)]))
    assert len(boxes(drawn)) == MOST


def test_nothing_is_a_picture_too() -> None:
    assert boxes(ElementTree.fromstring(svg("wait", []))) == []
