"""What the text engine knows of each language: one table, a `Locale` for each. English readings have their own modules.

A language without one is cut at marks and lengths, and is read as its voice reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from local_agent.engines.text.numbers import STARTERS, split_words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Locale:
    """Abbreviations stand without their full stop and in lower case, except where something else is said.

    conjunctions, prepositions: a long clause may be cut before one. titles: abbreviations that never end a sentence.
    shortened: those that end one when a word follows that begins sentences. counted: abbreviations only before a number
    ("No. 5"), else words. streets: they name one behind a name, something else before one. starters: words that begin
    sentences, as they are written there. months: their names. ordinal_dot: "3." is an ordinal there, and its full stop
    no end. only_code: what is said where there are no words beside a program. spoken: abbreviations and signs, as
    written, and what is said for them. units: the same behind a number.
    """

    conjunctions: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    shortened: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    starters: frozenset[str] = frozenset()
    months: tuple[str, ...] = ()
    ordinal_dot: bool = False
    only_code: str = ""
    spoken: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


# Abbreviations of more than one language: a text is rarely in one alone.
TITLES = _words("dr mr mrs ms mx prof mt gen col sgt capt lt rev hon vs e.g i.e approx cf ca")
SHORTENED = _words(
    "etc u.s u.k u.n e.u a.m p.m inc ltd co corp jr dept est jan feb mar apr jun jul aug sep sept oct nov dec ph.d b.c "
    "a.d"
)
COUNTED = _words("no nos fig p pp vol ch sec art nr")

LOCALES: dict[str, Locale] = {
    "en": Locale(
        conjunctions=_words(
            "and but or so because although though while when if unless until since which who where then"
        ),
        prepositions=_words(
            "about above across after against along among around at before behind below beneath between by "
            "during for from in into near on over through to toward under until with without"
        ),
        titles=TITLES | _words("gov sen rep pres al maj pvt cpl adm cmdr supt atty msgr fr viz v"),
        shortened=SHORTENED | _words(
            "bros assn univ apt ste min max avg tel mon tue tues wed thu thurs fri oz lb lbs ft hr hrs mins secs "
            "yr yrs tbsp tsp doz pkg pt qt gal"
        ),
        counted=COUNTED | _words("ext apt ste rm pg eq tab figs c fl bldg rte ps sc ver"),
        streets=_words("st ave av rd blvd dr ln ct pl sq hwy pkwy ter cir"),
        starters=STARTERS,
        only_code="The code is on the screen.",
        months=tuple(
            split_words("January February March April May June July August September October November December")
        ),
    ),
    "de": Locale(
        conjunctions=_words("und aber oder weil obwohl während wenn denn sondern dass damit"),
        titles=_words(
            "dr prof hr fr frl z.b d.h u.a bzw vgl ca st z d u inkl evtl ggf sog zzgl gem geb dipl ing min max"
        ),
        shortened=_words("usw etc co str tel abs jh mio mrd jan feb apr aug sept okt nov dez"),
        counted=_words("nr s art abs kap bd abb tel"),
        starters=_words(
            "Aber Alle Also Am An Auch Auf Bei Bitte Da Dann Das Der Deshalb Die Dies Diese Dieser Doch Ein "
            "Eine Er Es Für Gibt Haben Heute Hier Ich Ihr Ihre Im In Ist Ja Jetzt Kann Kein Können Man Mit "
            "Morgen Möchten Nach Nein Nun Nur Oder Sie Sind So Soll Und Unser Viel Von Vor Was Weil Wenn Wer "
            "Wie Wir Wo Zu Zum Zur"
        ),
        months=tuple(
            split_words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
        ),
        ordinal_dot=True,
        only_code="Der Code steht auf dem Bildschirm.",
        spoken={
            "z. B.": "zum Beispiel", "z.B.": "zum Beispiel", "d. h.": "das heißt", "d.h.": "das heißt",
            "u. a.": "unter anderem", "u.a.": "unter anderem", "usw.": "und so weiter", "bzw.": "beziehungsweise",
            "Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Nr.": "Nummer", "Str.": "Straße", "ca.": "circa",
            "ggf.": "gegebenenfalls", "evtl.": "eventuell", "inkl.": "inklusive", "vgl.": "vergleiche",
            "Tel.": "Telefon",
            "Mio.": "Millionen", "Mrd.": "Milliarden", "etc.": "et cetera", "&": "und", "§": "Paragraf",
        },
        units={
            "°C": "Grad Celsius", "°F": "Grad Fahrenheit", "°": "Grad", "km/h": "Kilometer pro Stunde",
            "km": "Kilometer",
            "kg": "Kilogramm", "cm": "Zentimeter", "mm": "Millimeter", "m²": "Quadratmeter",
            "€": "Euro", "%": "Prozent",
        },
    ),
    "es": Locale(
        conjunctions=_words("y pero o porque aunque mientras cuando si que pues"),
        titles=_words(
            "sr sra srta sres dr dra d dña ud uds vd vds prof profa gral p ej ee av avda lic ing sto sta"
        ),
        shortened=_words("etc uu núm a.m p.m a.c d.c"),
        counted=_words("núm n.º pág págs art cap vol tel"),
        starters=_words(
            "A Ahora Al Aquí Así Como Con Cuando De Del Después El Ella Ellos En Entonces Es Esa Ese Eso Esta "
            "Este Esto Está Hay Hoy La Las Lo Los Mañana Me Mi Muy No Nos O Para Pero Por Porque Puede Que Qué "
            "Se Si Sí Su También Tiene Todo Un Una Usted Y Ya Yo"
        ),
        months=tuple(
            split_words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
        ),
        only_code="El código está en la pantalla.",
        spoken={
            "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Sres.": "señores", "Dr.": "doctor",
            "Dra.": "doctora",
            "D.": "don", "Dña.": "doña", "Ud.": "usted", "Uds.": "ustedes", "Vd.": "usted", "Vds.": "ustedes",
            "Prof.": "profesor", "p. ej.": "por ejemplo", "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos",
            "núm.": "número", "pág.": "página", "Av.": "avenida", "Avda.": "avenida", "etc.": "etcétera", "&": "y",
        },
        units={
            "°C": "grados Celsius", "°F": "grados Fahrenheit", "°": "grados", "km/h": "kilómetros por hora",
            "km": "kilómetros", "kg": "kilos", "cm": "centímetros", "mm": "milímetros", "m²": "metros cuadrados",
            "€": "euros", "%": "por ciento",
        },
    ),
    "fr": Locale(
        conjunctions=_words("et mais ou parce car quand si lorsque puisque tandis"),
        titles=_words("m mm mme mlle dr pr me st ste av bd env cf p ex"),
        shortened=_words("etc tél av j.-c"),
        counted=_words("no n° p pp art chap vol"),
        starters=_words(
            "À Alors Après Au Aussi Avec Bonjour Ce Ces Cette C'est Comment Dans De Des Donc Elle Elles En Est "
            "Et Il Ils Ici Je J'ai La Le Les Leur Mais Merci Mon Ne Non Nous Notre On Ou Où Oui Par Parce Pas "
            "Pour Puis Quand Que Qui Sa Si Son Sur Tout Très Tu Un Une Vos Votre Vous Y"
        ),
        months=tuple(
            split_words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
        ),
        only_code="Le code est à l'écran.",
        spoken={
            "M.": "monsieur", "MM.": "messieurs", "Mme": "madame", "Mlle": "mademoiselle", "Dr": "docteur",
            "Dr.": "docteur", "p. ex.": "par exemple", "etc.": "et cetera", "n°": "numéro", "env.": "environ",
            "av. J.-C.": "avant Jésus-Christ", "&": "et",
        },
        units={
            "°C": "degrés Celsius", "°F": "degrés Fahrenheit", "°": "degrés", "km/h": "kilomètres par heure",
            "km": "kilomètres", "kg": "kilos", "cm": "centimètres", "mm": "millimètres", "m²": "mètres carrés",
            "€": "euros", "%": "pour cent",
        },
    ),
}  # fmt: skip
# The full stop of an ordinal is no end in these either.
OTHERS = Locale(titles=TITLES, shortened=SHORTENED, counted=COUNTED, starters=STARTERS)
DOTTED = Locale(titles=TITLES, shortened=SHORTENED, counted=COUNTED, starters=STARTERS, ordinal_dot=True)
ORDINAL_DOT = _words("bs cs da et fi fo hr hu is lb lv nb nn no pl sk sl sr")


def family(language: str) -> str:
    """en-US -> en."""
    return re.split("[-_]", language.lower())[0]


def locale(language: str) -> Locale:
    """What is known of a language given as "en", "en-US" or "de_DE"."""
    code = family(language)
    return LOCALES.get(code) or (DOTTED if code in ORDINAL_DOT else OTHERS)
