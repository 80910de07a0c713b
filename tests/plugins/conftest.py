"""Fixtures for tests of the plugins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plugins.fakeengines import FakeEngines


@pytest.fixture
def engines() -> Iterator[FakeEngines]:
    """Fake engines whose lanes end with the test."""
    made = FakeEngines()
    yield made
    made.close()
