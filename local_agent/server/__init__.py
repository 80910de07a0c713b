"""What a call needs around the agent: the LiveKit server, tokens, the page."""
