"""A fully local, offline voice agent for LiveKit."""

__version__ = "0.1.0"
