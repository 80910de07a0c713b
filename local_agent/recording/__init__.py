"""Recordings of calls whose callers agreed: encrypted while they are written, off unless --record names a folder."""
