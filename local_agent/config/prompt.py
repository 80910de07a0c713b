"""The system prompt of a call: the instructions, and behind them where the agent is and what it can't do.

What changes comes last, so that calls share all before it in the KV cache. A model that follows only one or two plain
sentences gets the instructions alone (config/small_model.py).
"""

from __future__ import annotations

import datetime as dt

from local_agent.config import phrases, small_model
from local_agent.config.languages import AUTO, en
from local_agent.config.languages.facts import Facts
from local_agent.config.languages.table import facts
from local_agent.config.settings import Settings
from local_agent.config.small_model import LanguageModel


def instructions(settings: Settings, model: LanguageModel, now: dt.datetime, *, offered: bool = False) -> str:
    """The system prompt of a call that begins now.

    offered: the model is told of somebody's own functions. Then nothing is said of what it can't do and know: it would
    believe that, and not call them.

    The time of the call is left out where functions are told to the model: they stand behind this in most templates, so
    that every minute would have them read anew.
    """
    told = phrases.instructions(settings)
    if not settings.aware or not small_model.follows(model):
        return told
    known = _known(settings.language)
    situation = known.situation or en.SITUATION
    functions = offered or (settings.tools and small_model.calls(model))
    moment = situation.date if functions else situation.moment
    named = situation.named.format(name=settings.name)
    return " ".join((told, named, *(() if offered else (situation.limits,)), _spoken(moment, known, now)))


def _known(language: str) -> Facts:
    """What is known of a language; of English where nobody has written down how to tell it."""
    known = facts("en" if language == AUTO else language)
    return known if known.situation is not None else en.FACTS


def _spoken(moment: str, known: Facts, now: dt.datetime) -> str:
    time = f"{now.hour % 12 or 12}:{now:%M} {'AM' if now.hour < 12 else 'PM'}" if known is en.FACTS else f"{now:%H:%M}"
    assert known.situation is not None
    weekday, month = known.situation.weekdays[now.weekday()], known.writing.months[now.month - 1]
    return moment.format(weekday=weekday, month=month, day=now.day, year=now.year, time=time)
