"""Fixtures for tests of calls."""

from tests.plugins.conftest import engines

__all__ = ["engines"]
