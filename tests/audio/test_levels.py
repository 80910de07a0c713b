"""Loudness and quantiles."""

from __future__ import annotations

import numpy as np
import pytest

from local_agent.audio.levels import quantile


def test_a_quantile_is_numpys() -> None:
    values = np.random.default_rng(1).normal(50, 10, 125)
    for few in (values, values[:2], values[:1]):
        for share in (0.0, 0.1, 0.5, 0.9, 1.0):
            assert quantile(few.tolist(), share) == pytest.approx(float(np.quantile(few, share)))
