"""What a model sees, with tiny random weights, held against llama.cpp's own evaluation of the same prompts."""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest

from local_agent.config.settings import Settings
from local_agent.engines.llama.context_window import Bounds
from local_agent.engines.llama.engine import Image, Llama, Sampling
from local_agent.engines.registry import Engines
from local_agent.errors import BadInput
from local_agent.hardware import llama_build
from local_agent.hardware.plan import Hardware
from local_agent.hardware.probe import GIB
from tests.engines.llama import tinygguf, tinyprojector

TOKENS = 16
GREEDY = Sampling(temperature=0, repeat_penalty=1.0, max_tokens=TOKENS)
HALF = "\ufffd"
KINDS = (("mlp", 128, 256), ("gemma3", 416, 169))  # of projector, pixels of an image's side, its embeddings
seeing = pytest.mark.skipif(not llama_build.sees(), reason=f"needs libmtmd: {llama_build.vision_command()}")


def image(seed: int = 1, width: int = 64, height: int = 48) -> Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image(pixels.tobytes(), width, height)


def said(role: str, text: str, *images: Image) -> dict[str, Any]:
    """A message with images where `{}` stands."""
    return {"role": role, "content": text.format(*(one.mark for one in images)), "images": images}


class Reference:
    """llama.cpp's own mtmd_helper_eval_chunks, and the likeliest token after the other."""

    def __init__(self, model: Path, projector: Path) -> None:
        from llama_cpp import mtmd_cpp

        self.mtmd: Any = mtmd_cpp
        self.model = llama_cpp.llama_model_load_from_file(str(model).encode(), llama_cpp.llama_model_default_params())
        options = mtmd_cpp.mtmd_context_params_default()
        options.use_gpu, options.warmup, options.n_threads = False, False, 1
        self.eyes = mtmd_cpp.mtmd_init_from_file(str(projector).encode(), self.model, options)
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)

    def chunks(self, messages: Sequence[dict[str, Any]]) -> Any:
        text = "".join(f"<|im_start|>{one['role']}\n{one['content']}<|im_end|>\n" for one in messages)
        text += "<|im_start|>assistant\n"
        images = [one for message in messages for one in message["images"]]
        for one in images:
            text = text.replace(one.mark, "<__media__>")
        pixels = [(ctypes.c_uint8 * len(one.rgb)).from_buffer_copy(one.rgb) for one in images]
        bitmaps = [self.mtmd.mtmd_bitmap_init(o.width, o.height, p) for o, p in zip(images, pixels, strict=True)]
        found = self.mtmd.mtmd_input_chunks_init()
        told = self.mtmd.mtmd_input_text(text.encode(), len(text.encode()), False, True)
        given = (ctypes.c_void_p * len(bitmaps))(*bitmaps)
        assert self.mtmd.mtmd_tokenize(self.eyes, found, ctypes.byref(told), given, len(bitmaps)) == 0
        return found

    def reply(self, messages: Sequence[dict[str, Any]]) -> tuple[int, str]:
        """(tokens of the prompt, the reply without a character that is not whole yet)"""
        options = llama_cpp.llama_context_default_params()
        options.n_ctx = options.n_batch = options.n_ubatch = 1024
        options.n_threads = options.n_threads_batch = 1
        options.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        context: Any = llama_cpp.llama_init_from_model(self.model, options)
        past, chunks = ctypes.c_int32(0), self.chunks(messages)
        evaluate = self.mtmd.mtmd_helper_eval_chunks
        assert evaluate(self.eyes, context, chunks, 0, 0, 1024, True, ctypes.byref(past)) == 0
        size, text = past.value, b""
        for _ in range(TOKENS):
            logits = llama_cpp.llama_get_logits_ith(context, -1)
            token = int(np.argmax(np.ctypeslib.as_array(logits, (llama_cpp.llama_vocab_n_tokens(self.vocabulary),))))
            piece = ctypes.create_string_buffer(64)
            length = llama_cpp.llama_token_to_piece(self.vocabulary, token, piece, 64, 0, False)
            text += piece.raw[:length]
            batch: Any = llama_cpp.llama_batch_get_one((llama_cpp.llama_token * 1)(token), 1)
            assert llama_cpp.llama_decode(context, batch) == 0
        llama_cpp.llama_free(context)
        return size, text.decode("utf-8", "replace").rstrip(HALF)


@pytest.fixture(params=KINDS, ids=[kind for kind, _, _ in KINDS])
def kind(request: pytest.FixtureRequest) -> tuple[str, int, int]:
    found: tuple[str, int, int] = request.param
    return found


@pytest.fixture
def projector(kind: tuple[str, int, int], tmp_path: Path) -> Path:
    return tinyprojector.write(tmp_path / "mmproj-tiny.gguf", kind=kind[0], side=kind[1])


@pytest.fixture
def sighted(open_llama: Callable[..., Llama], projector: Path) -> Llama:
    llama = open_llama(projector=projector, context=1024)
    assert llama.blind == ""
    return llama


@seeing
def test_replies_are_those_of_llama_cpp(
    sighted: Llama, tiny: Path, projector: Path, kind: tuple[str, int, int]
) -> None:
    reference = Reference(tiny, projector)
    asked = [said("system", "be brief"), said("user", "look {} what is it", image(1))]
    size, text = reference.reply(asked)
    done = sighted.generate(asked, conversation="a", sampling=GREEDY).result(60)
    assert (done.text.rstrip(HALF), done.prompt_tokens, done.cached_tokens) == (text, size, 0)
    assert size > kind[2]
    asked += [said("assistant", "a thing"), said("user", "{} and that, after {}?", image(2), image(1))]
    size, text = reference.reply(asked)
    done = sighted.generate(asked, conversation="a", sampling=GREEDY).result(60)
    assert (done.text.rstrip(HALF), done.prompt_tokens) == (text, size)
    assert done.cached_tokens > kind[2], "the first image is read once"
    again = sighted.generate(asked, conversation="a", sampling=GREEDY).result(60)
    assert (again.text, again.cached_tokens) == (done.text, size - 1)


@seeing
def test_another_image_is_another_prompt(sighted: Llama, kind: tuple[str, int, int]) -> None:
    texts = []
    for seed in (1, 2, 1):
        asked = [said("user", "look {} what is it", image(seed))]
        done = sighted.generate(asked, conversation="a", sampling=GREEDY).result(60)
        texts.append(done.text)
        assert done.cached_tokens < kind[2]
    assert texts[0] == texts[2] != texts[1]


@seeing
def test_who_talks_beside_an_image_hears_what_they_would_hear_alone(
    open_llama: Callable[..., Llama], projector: Path
) -> None:
    asked = [said("user", "look {} what is it", image())], [said("user", "hello")], [said("user", "tell me a story")]
    alone = [open_llama(projector=projector).generate(one, sampling=GREEDY).result(60).text for one in asked]
    llama = open_llama(projector=projector)
    for one in asked:
        llama.look(one)
    jobs = [llama.generate(one, conversation=str(at), sampling=GREEDY) for at, one in enumerate(asked)]
    assert [job.result(60).text for job in jobs] == alone


@seeing
def test_an_image_that_ends_what_is_read_ahead(open_llama: Callable[..., Llama], projector: Path) -> None:
    asked = [said("user", "look {}", image())]
    alone = open_llama(projector=projector).generate(asked, sampling=GREEDY).result(60).text
    llama = open_llama(projector=projector)
    for _ in range(2):
        llama.prefill(asked, conversation="a", open_user_turn=True).result(60)
    assert llama.generate(asked, conversation="a", sampling=GREEDY).result(60).text == alone


@seeing
def test_images_count_in_the_context_and_leave_it_as_turns_do(sighted: Llama, kind: tuple[str, int, int]) -> None:
    turns = [said("user", "look {} what is it", image(1)), said("assistant", "a thing"), said("user", "and now")]
    assert sighted.count(turns) > kind[2] > sighted.count(turns[1:])
    kept = sighted.fit([said("system", "be brief"), *turns], Bounds(1024 - kind[2]))
    assert [one["content"] for one in kept] == ["be brief", "and now"]
    assert not sighted.looked(turns), "nothing is encoded to be counted"


@seeing
def test_what_a_conversation_has_shown_is_forgotten_with_it(sighted: Llama) -> None:
    asked = [said("user", "look {} what is it", image())]
    sighted.look(asked, "a")
    sighted.look(asked, "b")
    sighted.forget("a")
    assert sighted.looked(asked)
    sighted.forget("b")
    assert not sighted.looked(asked)


@seeing
def test_an_image_without_its_pixels_fails_its_own_request(sighted: Llama) -> None:
    cut = Image(b"123", 64, 48)
    with pytest.raises(BadInput, match="64 x 48 has 3 bytes"):
        sighted.generate([said("user", "{}", cut)])
    assert sighted.generate([said("user", "hello")], sampling=GREEDY).result(60).text


@seeing
def test_the_eyes_of_another_model_are_refused_and_the_model_goes_on(
    open_llama: Callable[..., Llama], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = tinyprojector.write(tmp_path / "mmproj-other.gguf", width=tinygguf.WIDTH * 2)
    with caplog.at_level(logging.WARNING, "local_agent"):
        llama = open_llama(projector=other)
    assert "tiny.gguf can't see: the projector mmproj-other.gguf can't be used" in llama.blind
    assert "n_embd = 64" in llama.blind and "n_embd = 128" in llama.blind
    assert llama.blind in caplog.text
    assert llama.generate([said("user", "hello")], sampling=GREEDY).result(60).text
    with pytest.raises(BadInput, match="sees no images"):
        llama.generate([said("user", "{}", image())])


@seeing
def test_images_with_positions_in_two_dimensions_are_not_seen_yet(
    open_llama: Callable[..., Llama], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llama_cpp import mtmd_cpp

    monkeypatch.setattr(mtmd_cpp, "mtmd_decode_use_mrope", lambda _: True)
    llama = open_llama(projector=tinyprojector.write(tmp_path / "mmproj-tiny.gguf"))
    assert "M-RoPE" in llama.blind
    assert llama.generate([said("user", "hello")], sampling=GREEDY).result(60).text


def test_a_llama_cpp_without_mtmd_is_told_with_its_command(
    open_llama: Callable[..., Llama], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(llama_cpp, "mtmd_cpp", raising=False)
    monkeypatch.setitem(sys.modules, "llama_cpp.mtmd_cpp", None)
    llama = open_llama(projector=tinyprojector.write(tmp_path / "mmproj-tiny.gguf"))
    assert "built without mtmd" in llama.blind and "make setup VISION=1" in llama.blind
    assert llama.generate([said("user", "hello")], sampling=GREEDY).result(60).text


@seeing
def test_a_model_beside_its_projector_sees_and_is_planned_with_it(tmp_path: Path) -> None:
    model = tinygguf.write(tmp_path / "tiny.gguf")
    eyes = tinyprojector.write(tmp_path / "mmproj-tiny-f16.gguf")
    settings = Settings(llm_model=str(model), models_dir=tmp_path, data_dir=tmp_path / "data")
    engines = Engines(settings, Hardware(2, 8 * GIB, 8 * GIB))
    try:
        assert engines.plan.facts.llama is not None
        assert engines.plan.facts.llama.size == model.stat().st_size + eyes.stat().st_size
        assert ("images", "seen") in [(line.what, line.choice) for line in engines.plan.lines]
        assert engines.llama().result(60).blind == ""
    finally:
        engines.close()


def test_a_projector_that_nothing_looks_through_is_told_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_build, "sees", lambda: False)
    model = tinygguf.write(tmp_path / "tiny.gguf")
    tinyprojector.write(tmp_path / "mmproj-tiny-f16.gguf")
    settings = Settings(llm_model=str(model), models_dir=tmp_path, data_dir=tmp_path / "data")
    plan = Engines(settings, Hardware(2, 8 * GIB, 8 * GIB)).plan
    assert plan.facts.llama is not None and plan.facts.llama.size == model.stat().st_size
    (line,) = (line for line in plan.lines if line.what == "images")
    assert line.choice == "not seen" and "mmproj-tiny-f16.gguf" in line.reason
    assert line.reason.endswith("make setup VISION=1")
