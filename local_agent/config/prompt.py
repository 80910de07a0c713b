"""The system prompt of a call: the instructions, and behind them where the agent is and what it can't do.

What changes comes last, so that calls share all before it in the KV cache. A model that follows only one or two plain
sentences gets the instructions alone (config/small_model.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from local_agent.config import phrases, small_model
from local_agent.config.languages import AUTO
from local_agent.config.settings import Settings
from local_agent.config.small_model import LanguageModel


@dataclass(frozen=True)
class Situation:
    """Of one language. facts: {name}. moment: {weekday}, {day}, {month}, {year}, {time}; date: without the time.

    weekdays: from Monday on. over: said when a timer is.
    """

    facts: str
    moment: str
    date: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    over: str


ENGLISH = Situation(
    "Your name is {name}. You run on this computer alone, without internet. You can't remind, call, write to anybody, "
    "play music or control anything, and you know no weather, no news, and of the caller only what they told you: say "
    "so instead of inventing.",
    "It is {weekday}, {month} {day}, {year}, {time}.",
    "Today is {weekday}, {month} {day}, {year}.",
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "The timer is over.",
)  # fmt: skip
_SITUATIONS = {
    "en": ENGLISH,
    "de": Situation(
        "Du heißt {name}. Du läufst nur auf diesem Rechner, ohne Internet. Du kannst niemanden erinnern, anrufen oder "
        "anschreiben, keine Musik spielen und nichts steuern. Du kennst weder Wetter noch Nachrichten, und vom Anrufer "
        "nur, was er dir gesagt hat: Sag das, statt etwas zu erfinden. Sprich nur Deutsch.",
        "Es ist {weekday}, der {day}. {month} {year}, {time} Uhr.",
        "Heute ist {weekday}, der {day}. {month} {year}.",
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        (
            "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
            "Dezember",
        ),
        "Der Timer ist abgelaufen.",
    ),
    "fr": Situation(
        "Tu t'appelles {name}. Tu fonctionnes seulement sur cet ordinateur, sans internet. Tu ne peux ni rappeler, ni "
        "téléphoner, ni écrire à quelqu'un, ni jouer de la musique, ni commander d'appareil. Tu ne connais ni la "
        "météo, ni les nouvelles, et de l'appelant seulement ce qu'il t'a dit : dis-le au lieu d'inventer. Ne parle "
        "que français.",
        "Nous sommes le {weekday} {day} {month} {year}, il est {time}.",
        "Nous sommes le {weekday} {day} {month} {year}.",
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        (
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
            "novembre", "décembre",
        ),
        "Le minuteur est terminé.",
    ),
    "es": Situation(
        "Te llamas {name}. Funcionas solo en este ordenador, sin internet. No puedes recordar nada más tarde, llamar, "
        "escribir a nadie, poner música ni controlar aparatos. No conoces el tiempo ni las noticias, y de quien llama "
        "solo lo que te ha dicho: dilo en lugar de inventar. Habla solo español.",
        "Hoy es {weekday}, {day} de {month} de {year}, y son las {time}.",
        "Hoy es {weekday}, {day} de {month} de {year}.",
        ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        (
            "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
            "noviembre", "diciembre",
        ),
        "El temporizador ha terminado.",
    ),
    "it": Situation(
        "Ti chiami {name}. Funzioni solo su questo computer, senza internet. Non puoi ricordare cose più tardi, "
        "telefonare, scrivere a qualcuno, mettere musica o comandare apparecchi. Non conosci il meteo né le notizie, e "
        "di chi chiama solo quello che ti ha detto: dillo invece di inventare. Parla solo italiano.",
        "Oggi è {weekday} {day} {month} {year}, ore {time}.",
        "Oggi è {weekday} {day} {month} {year}.",
        ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
        (
            "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
            "novembre", "dicembre",
        ),
        "Il timer è scaduto.",
    ),
    "pt": Situation(
        "Chamas-te {name}. Funcionas só neste computador, sem internet. Não podes lembrar nada mais tarde, telefonar, "
        "escrever a ninguém, tocar música nem controlar aparelhos. Não conheces o tempo nem as notícias, e de quem "
        "liga só o que te disse: diz isso em vez de inventar. Fala só português.",
        "Hoje é {weekday}, {day} de {month} de {year}, {time}.",
        "Hoje é {weekday}, {day} de {month} de {year}.",
        ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
        (
            "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
            "novembro", "dezembro",
        ),
        "O temporizador terminou.",
    ),
    "nl": Situation(
        "Je heet {name}. Je draait alleen op deze computer, zonder internet. Je kunt niemand herinneren, bellen of "
        "schrijven, geen muziek spelen en niets bedienen. Je kent het weer en het nieuws niet, en van de beller alleen "
        "wat die je heeft verteld: zeg dat in plaats van iets te verzinnen. Spreek alleen Nederlands.",
        "Het is {weekday} {day} {month} {year}, {time} uur.",
        "Vandaag is het {weekday} {day} {month} {year}.",
        ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
        (
            "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
            "november", "december",
        ),
        "De timer is afgelopen.",
    ),
}  # fmt: skip


def instructions(settings: Settings, model: LanguageModel, now: dt.datetime) -> str:
    """The system prompt of a call that begins now.

    The time of the call is left out where functions are told to the model: they stand behind this in most templates, so
    that every minute would have them read anew, and one of them tells the time.
    """
    told = phrases.instructions(settings)
    if not settings.aware or not small_model.follows(model):
        return told
    known = _situation(settings.language)
    moment = known.date if settings.tools and small_model.calls(model) else known.moment
    return " ".join((told, known.facts.format(name=settings.name), _spoken(moment, known, now)))


def timer_over(language: str) -> str:
    """What is said when a timer is over; in English rather than not at all."""
    return _situation(language).over


def _situation(language: str) -> Situation:
    return _SITUATIONS.get("en" if language == AUTO else language, ENGLISH)


def _spoken(moment: str, known: Situation, now: dt.datetime) -> str:
    time = f"{now.hour % 12 or 12}:{now:%M %p}" if known is ENGLISH else f"{now:%H:%M}"
    weekday, month = known.weekdays[now.weekday()], known.months[now.month - 1]
    return moment.format(weekday=weekday, month=month, day=now.day, year=now.year, time=time)
