"""The `console` command: a conversation at this machine, spoken through its sound card or typed."""

from __future__ import annotations

import io
import os
import sys

from local_agent.config.settings import Settings


def run(settings: Settings, *, text: bool) -> int:
    """Exit status. Raises LocalAgentError when a model or the sound card is not there."""
    from local_agent.process.logs import log_to_screen

    if text:
        log_to_screen(settings.log_level, libraries="critical")
        return _typed(settings)
    from local_agent.audio import sound_card

    sound_card.library()  # now, before seconds of loading, is the time to learn that there is none
    log_to_screen(settings.log_level, libraries="error")
    from local_agent.cli import console_voice

    return console_voice.run(settings)


def _typed(settings: Settings) -> int:
    from local_agent.cli import console_text
    from local_agent.engines.registry import Engines

    if sys.stdin is None:
        return 0
    if sys.stdin.isatty():
        print("loading the model; /help lists what can be typed, Ctrl-D ends", file=sys.stderr)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    engines = Engines(settings)
    try:
        engines.demand("llama")
        return console_text.converse(settings, engines, sys.stdin, sys.stdout, sys.stderr)
    except BrokenPipeError:
        # Whoever read the answers is gone; without this Python complains about it once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        engines.close()
