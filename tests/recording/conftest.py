"""Fixtures for tests of recordings."""

from tests.plugins.conftest import engines

__all__ = ["engines"]
