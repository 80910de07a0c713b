"""Images of a conversation as pixels, which is how the language model's engine takes them. Nothing is ever fetched."""

from __future__ import annotations

import base64
import binascii
import logging
from typing import Any, cast

import av
import numpy as np
from livekit import rtc
from livekit.agents.llm import ChatContext, ImageContent

from local_agent.engines.llama.types import Image
from local_agent.errors import BadInput

logger = logging.getLogger("local_agent")

LONGEST = 2048  # pixels of a side; no model here is shown more
_CODECS = {"image/png": "png", "image/jpeg": "mjpeg", "image/jpg": "mjpeg", "image/webp": "webp", "image/gif": "gif"}
_DEPTHS = {rtc.VideoBufferType.RGB24: 3, rtc.VideoBufferType.RGBA: 4}  # bytes of a pixel
_EXPECTED = "an rtc.VideoFrame, or a data: URL of a PNG, JPEG, WebP or GIF in base64"


class Images:
    """Those of one conversation: each is converted once, and each reason not to see one is told once."""

    def __init__(self) -> None:
        self._known: dict[str, Image | None] = {}  # by the id of the part that holds it
        self._told: set[str] = set()

    def forget(self) -> None:
        self._known = {}

    def seen(self, chat_ctx: ChatContext, blind: str) -> dict[str, Image]:
        """What the model sees of a conversation, by the parts' ids. blind: why it sees nothing, "" where it sees."""
        parts = [part for item in chat_ctx.messages() for part in item.content if isinstance(part, ImageContent)]
        if parts and blind:
            self._warn(blind)
            return {}
        known = self._known
        self._known = {part.id: known[part.id] if part.id in known else self._converted(part) for part in parts}
        return {name: image for name, image in self._known.items() if image is not None}

    def _converted(self, part: ImageContent) -> Image | None:
        try:
            return pixels(part)
        except BadInput as error:
            self._warn(str(error))
            return None

    def _warn(self, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            logger.warning(
                "there is an image in the conversation that the language model does not see: %s. It is told that there "
                "is one, and goes on with the text",
                why,
            )


def pixels(part: ImageContent) -> Image:
    """An image, at most LONGEST pixels wide and high, and of a frame no larger than what `part` asks for.

    Raises BadInput for a web address, and for what is no image.
    """
    if isinstance(part.image, str):
        return _scaled(_decoded(part.image), LONGEST, LONGEST)
    wanted = part.inference_width or LONGEST, part.inference_height or LONGEST
    return _scaled(_converted(part.image), *(min(side, LONGEST) for side in wanted))


def _converted(frame: rtc.VideoFrame) -> av.VideoFrame:
    """livekit converts to RGBA what is neither that nor RGB."""
    try:
        frame = frame if frame.type in _DEPTHS else frame.convert(rtc.VideoBufferType.RGBA)
        rows = np.frombuffer(frame.data, np.uint8).reshape(frame.height, frame.width, _DEPTHS[frame.type])
    except Exception as error:  # livekit's own is no narrower
        raise BadInput(f"a video frame can't be converted: {error}", expected=_EXPECTED) from error
    return av.VideoFrame.from_ndarray(rows, format="rgb24" if rows.shape[2] == 3 else "rgba")


def _decoded(url: str) -> av.VideoFrame:
    """The frame in a data: URL. A codec reads it and no demuxer: some of those open what a file names."""
    head, comma, data = url.partition(",")
    scheme, _, told = head.partition(":")
    if scheme.casefold() != "data" or not comma:
        what = "an image is given by its address, and addresses are never fetched"
        raise BadInput(what, expected=_EXPECTED, fix="fetch it in your program, and pass its content")
    kind, *options = told.casefold().split(";")
    if kind not in _CODECS or "base64" not in options:
        raise BadInput(f"an image is of the type {kind[:40]!r}", expected=_EXPECTED)
    try:
        codec = cast("Any", av.CodecContext.create(_CODECS[kind], "r"))
        packet = av.Packet(base64.b64decode(data, validate=True))
        frames: list[av.VideoFrame] = [*codec.decode(packet), *codec.decode(None)]
    except (av.FFmpegError, binascii.Error, ValueError) as error:
        raise BadInput(f"an image can't be decoded: {type(error).__name__}", expected=_EXPECTED) from error
    if not frames:
        raise BadInput("an image can't be decoded: there is nothing in it", expected=_EXPECTED)
    return frames[0]


def _scaled(frame: av.VideoFrame, width: int, height: int) -> Image:
    """An image that fits so many pixels, in its own proportions."""
    share = min(1.0, width / frame.width, height / frame.height)
    size = {"width": max(1, round(frame.width * share)), "height": max(1, round(frame.height * share))}
    rows = frame.reformat(format="rgb24", **size).to_ndarray()
    return Image(rows.tobytes(), rows.shape[1], rows.shape[0])
