"""A fully local, offline voice agent for LiveKit.

session = local_agent.session()                    # an AgentSession that runs here: docs/plugins.md
server = local_agent.agent_server()                # an AgentServer whose calls share the models
AgentServer(setup_fnc=local_agent.prewarm)         # models loaded before a caller waits
local_agent.TurnTaking()                           # ends of turns and barge-in for a session of your own
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Session", "TurnTaking", "__version__", "agent_server", "prewarm", "session"]

if TYPE_CHECKING:
    from local_agent.call.guest import Session, agent_server, prewarm, session
    from local_agent.call.turn_taking import TurnTaking

_PLACES = dict.fromkeys(("Session", "agent_server", "prewarm", "session"), "local_agent.call.guest") | {
    "TurnTaking": "local_agent.call.turn_taking"
}


def __getattr__(name: str) -> Any:
    """What is named above, imported when it is asked for."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
