"""Fixtures for tests of turns."""

from tests.plugins.conftest import engines

__all__ = ["engines"]
