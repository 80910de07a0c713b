"""What is known of each language, by its code: `facts("de-DE").phrases`."""

from __future__ import annotations

import re

from local_agent.config.languages import de, en, es, fr, it, nl, pt
from local_agent.config.languages.facts import COMMON, Facts
from local_agent.config.languages.others import OTHERS

FACTS: dict[str, Facts] = {
    "en": en.FACTS,
    "de": de.FACTS,
    "fr": fr.FACTS,
    "es": es.FACTS,
    "it": it.FACTS,
    "pt": pt.FACTS,
    "nl": nl.FACTS,
    **OTHERS,
}
NOTHING = Facts(writing=COMMON)


def family(language: str) -> str:
    """en-US -> en."""
    return re.split("[-_]", language.lower())[0]


def facts(language: str) -> Facts:
    """What is known of a language given as "en", "en-US" or "de_DE"."""
    return FACTS.get(family(language), NOTHING)
