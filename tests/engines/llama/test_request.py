"""What a request makes of a model's numbers."""

from __future__ import annotations

import pytest

from local_agent.engines.llama.request import comparable


def test_the_end_of_a_message_is_on_one_scale_for_all_models() -> None:
    for chance in (0.0, 1e-12, 0.3, 1.0):
        assert comparable(chance, "llama", 135_000_000) == pytest.approx(chance)
        assert comparable(chance, "qwen2", 1_500_000_000) == pytest.approx(chance), "which is not measured"
    assert comparable(0.5, "qwen2", 500_000_000) == pytest.approx(0.8455, abs=1e-3)  # 1.7 more log odds
    assert comparable(0.0, "qwen2", 500_000_000) == 0.0 and comparable(1.0, "qwen2", 500_000_000) == 1.0
