"""Images in a conversation: what of them reaches a model that sees, and what is said of the others."""

from __future__ import annotations

import base64
import io
import logging
import socket
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from livekit import rtc
from livekit.agents.llm import ChatContext, ImageContent

from local_agent.engines.llama.types import Image, images
from local_agent.plugins.images import LONGEST
from tests.plugins.fakeengines import FakeEngines, run
from tests.plugins.test_llm_options import answer, plugin, question

SAID = "The answer is two."


@pytest.fixture
def sighted(engines: FakeEngines) -> FakeEngines:
    engines.mind.blind = ""
    return engines


def red(width: int = 6, height: int = 4) -> np.ndarray:
    """uint8 [height, width, 3]"""
    return np.tile(np.array([255, 0, 0], np.uint8), (height, width, 1))


def data_url(rows: np.ndarray, codec: str = "png", kind: str = "image/png") -> str:
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width = rows.shape[:2]
    encoder.pix_fmt, encoder.time_base = "rgb24" if codec == "png" else "yuvj444p", Fraction(1)
    frame = av.VideoFrame.from_ndarray(rows, format="rgb24").reformat(format=encoder.pix_fmt)
    content = io.BytesIO()
    for packet in [*encoder.encode(frame), *encoder.encode(None)]:
        content.write(bytes(packet))
    return f"data:{kind};base64,{base64.b64encode(content.getvalue()).decode()}"


def frame(rows: np.ndarray) -> rtc.VideoFrame:
    kind = rtc.VideoBufferType.RGB24 if rows.shape[2] == 3 else rtc.VideoBufferType.RGBA
    return rtc.VideoFrame(rows.shape[1], rows.shape[0], kind, rows.tobytes())


def opaque(rows: np.ndarray) -> np.ndarray:
    return np.dstack([rows, np.full(rows.shape[:2], 255, np.uint8)])


def shown(engines: FakeEngines) -> list[Image]:
    return images(engines.mind.asked[-1].messages)


@pytest.mark.parametrize(
    "given",
    [lambda: data_url(red()), lambda: frame(red()), lambda: frame(opaque(red()))],
    ids=["data URL", "frame", "frame with transparency"],
)
def test_an_image_reaches_a_model_that_sees(sighted: FakeEngines, given: Callable[[], str | rtc.VideoFrame]) -> None:
    context = question("What is", ImageContent(image=given()), "this?")
    model = plugin(sighted)
    assert answer(model, context).text == answer(model, context).text == SAID
    (one,) = shown(sighted)
    assert (one.width, one.height, one.rgb) == (6, 4, red().tobytes())
    said = sighted.mind.asked[-1].messages[-1]["content"]
    assert [part.strip() for part in said.split(one.mark)] == ["What is", "this?"]
    assert len(sighted.mind.shown) == 1, "it is looked at once"


def test_a_camera_s_frame_is_seen(sighted: FakeEngines) -> None:
    seen = frame(opaque(red(32, 32))).convert(rtc.VideoBufferType.I420)
    answer(plugin(sighted), question(ImageContent(image=seen)))
    (one,) = shown(sighted)
    pixels = np.frombuffer(one.rgb, np.uint8).reshape(32, 32, 3).astype(int)
    assert abs(pixels - red(32, 32)).max() < 8


def test_a_jpeg_is_seen(sighted: FakeEngines) -> None:
    answer(plugin(sighted), question(ImageContent(image=data_url(red(32, 32), "mjpeg", "image/jpeg"))))
    (one,) = shown(sighted)
    pixels = np.frombuffer(one.rgb, np.uint8).reshape(32, 32, 3).astype(int)
    assert abs(pixels - red(32, 32)).max() < 8


def test_a_large_image_is_made_smaller_and_a_frame_as_small_as_is_asked_for(sighted: FakeEngines) -> None:
    large = ImageContent(image=data_url(red(LONGEST * 2, 8)))
    answer(plugin(sighted), question(large, ImageContent(image=frame(red(64, 48)), inference_width=32)))
    assert [(one.width, one.height) for one in shown(sighted)] == [(LONGEST, 4), (32, 24)]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.com/cat.jpg", "addresses are never fetched"),
        ("file:///etc/passwd", "addresses are never fetched"),
        ("data:image/png;base64,AAAA", "can't be decoded"),
        ("data:image/png;base64,", "can't be decoded"),
        ("data:image/png;base64,ä", "can't be decoded"),
        ("data:text/plain;base64,AAAA", "of the type 'text/plain'"),
        ("data:image/svg+xml;utf8,<svg/>", "of the type 'image/svg"),
    ],
)
def test_what_is_no_image_is_warned_about_once_and_the_text_goes_on(
    sighted: FakeEngines, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    tried: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: tried.append(where))
    context = question("What is this?", ImageContent(image=url), ImageContent(image=data_url(red())))
    model = plugin(sighted)
    with caplog.at_level(logging.WARNING, "local_agent"):
        assert answer(model, context).text == answer(model, context).text == SAID
    (warned,) = (one.message for one in caplog.records if "image" in one.message)
    assert why in warned and "rtc.VideoFrame" in warned
    assert "example" not in warned and "passwd" not in warned
    assert len(shown(sighted)) == 1 and "(an image that you can't see)" in str(sighted.mind.asked[-1].messages)
    assert tried == []


def test_nothing_is_tried_ahead_with_an_image_that_was_not_looked_at(sighted: FakeEngines) -> None:
    async def check() -> None:
        model = plugin(sighted)
        await model.chat(chat_ctx=question()).collect()  # it is loaded
        context = question("Look.", ImageContent(image=data_url(red())))
        assert model.judge_end(context, "what is it") is None and model.rehearse(context, "what is it") is None
        await model.chat(chat_ctx=context).collect()
        assert model.judge_end(context, "what is it") is not None

    run(check())


def test_what_is_forgotten_is_asked_for_anew(sighted: FakeEngines) -> None:
    context, model = ChatContext.empty(), plugin(sighted)
    part = ImageContent(image=data_url(red()))
    context.add_message(role="user", content=[part, "Look."])
    answer(model, context)
    part.image = data_url(red(8, 8))
    answer(model, context)
    assert shown(sighted)[0].width == 6, "an id is an image"
    model.forget()
    answer(model, context)
    assert shown(sighted)[0].width == 8
