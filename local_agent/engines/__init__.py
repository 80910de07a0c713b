"""Heavy inference: imports no livekit, holds no asyncio object, callable from any room's thread."""
