"""Which time zone a place is in, by what the tz database of this machine knows of cities and countries."""

from __future__ import annotations

import re
import zoneinfo
from collections import defaultdict
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

# Places that people name and whose zone has another's name.
_PLACES = {
    "America/New_York": "boston miami atlanta philadelphia washington orlando florida georgia|washington dc"
    "|washington d.c.|new york city|nyc|new jersey|the east coast|east coast|eastern time|north carolina",
    "America/Chicago": "dallas houston austin texas minneapolis nashville milwaukee illinois|new orleans|central time"
    "|san antonio|st louis|kansas city",
    "America/Denver": "colorado utah|salt lake city|mountain time|santa fe",
    "America/Los_Angeles": "seattle california oregon hollywood la|san francisco|san diego|las vegas|silicon valley"
    "|the west coast|west coast|pacific time|san jose|portland",
    "Pacific/Honolulu": "hawaii",
    "America/Anchorage": "alaska",
    "America/Toronto": "ottawa quebec montreal",
    "America/Edmonton": "calgary",
    "America/Sao_Paulo": "rio|rio de janeiro|são paulo|brasilia",
    "America/Argentina/Buenos_Aires": "argentina",
    "Europe/London": "england scotland wales britain uk edinburgh glasgow manchester liverpool birmingham cardiff "
    "oxford cambridge|the uk|great britain|the united kingdom|united kingdom|northern ireland",
    "Europe/Berlin": "munich hamburg frankfurt cologne stuttgart dresden leipzig germany",
    "Europe/Madrid": "barcelona seville valencia spain",
    "Europe/Lisbon": "porto portugal",
    "Europe/Rome": "milan florence venice naples turin",
    "Europe/Paris": "lyon marseille nice bordeaux",
    "Europe/Zurich": "geneva bern basel",
    "Europe/Vienna": "salzburg",
    "Europe/Brussels": "antwerp",
    "Europe/Amsterdam": "rotterdam holland|the netherlands|the hague",
    "Europe/Moscow": "saint petersburg|st petersburg",
    "Europe/Prague": "czechia|czech republic|the czech republic",
    "Asia/Shanghai": "beijing shenzhen guangzhou china",
    "Asia/Kolkata": "mumbai delhi bangalore bengaluru chennai hyderabad goa|new delhi",
    "Asia/Tokyo": "osaka kyoto",
    "Asia/Seoul": "korea|south korea",
    "Asia/Dubai": "uae|abu dhabi|the emirates",
    "Asia/Riyadh": "mecca medina jeddah",
    "Asia/Ho_Chi_Minh": "hanoi saigon vietnam",
    "Asia/Makassar": "bali",
    "Africa/Johannesburg": "durban|cape town|pretoria",
    "Africa/Casablanca": "marrakesh rabat",
    "Australia/Sydney": "canberra",
    "Pacific/Auckland": "wellington|new zealand",
    "UTC": "utc|greenwich mean time|coordinated universal time",
    "Etc/GMT": "gmt",
}


class SeveralZones(ValueError):
    """A country that has more than one."""


def zone(place: str) -> ZoneInfo | None:
    """Of a city or country in English; None where nobody here knows it. Raises SeveralZones."""
    name = _plain(place.partition(",")[0] if _plain(place) not in _named() else place)
    found = _named().get(name)
    if found is None and name.startswith("the "):
        return zone(name[4:])
    if found == "":
        raise SeveralZones(place)
    return ZoneInfo(found) if found else None


def _plain(place: str) -> str:
    return " ".join(re.sub(r"[^\w.&' ]", " ", place.lower()).split())


@cache
def _named() -> dict[str, str]:
    """Zones by place in lower case, "" for a country of several."""
    known = zoneinfo.available_timezones()
    found = {_plain(key.rpartition("/")[2].replace("_", " ")): key for key in sorted(known) if "/" in key}
    found |= {key.lower(): key for key in known if "/" not in key and key.isalpha() and len(key) > 3}
    found |= _countries()
    for key, names in _PLACES.items():
        single, *phrases = names.split("|")
        words = single.split() if " " in single or not phrases or single.isalpha() else [single]
        found |= {name: key for name in (*words, *phrases) if key in known}
    return found


def _countries() -> dict[str, str]:
    """By the tables that the tz database brings along; empty where they are not there."""
    for folder in map(Path, zoneinfo.TZPATH):
        try:
            names = _rows(folder / "iso3166.tab")
            zones = _rows(folder / "zone.tab")
        except OSError:
            continue
        own = defaultdict(list)
        for code, _, key, *_ in zones:
            own[code].append(key)
        return {_plain(name): own[code][0] if len(own[code]) == 1 else "" for code, name, *_ in names if code in own}
    return {}


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
