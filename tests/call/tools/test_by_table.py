"""Requests in other languages than English: which function they ask for, and what is said then."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from livekit.agents.llm import ChatContext

from local_agent.call.tools import by_table
from local_agent.call.tools.about import About
from local_agent.call.tools.timers import Timers, named, span, spoken
from local_agent.call.tools.toolkit import Call, Toolkit
from local_agent.config.languages.table import FACTS
from local_agent.config.small_model import LanguageModel
from tests.plugins.fakeengines import run

NOW = dt.datetime(2026, 11, 30, 14, 35, tzinfo=ZoneInfo("Europe/Berlin"))
# What is said of a sum, a time or a date; "set_timer 300" and the like of timers, in seconds.
ASKED = {
    "de": {
        "Wie spät ist es?": "Es ist 14:35 Uhr.",
        "Hallo Robin, kannst du mir bitte sagen, wie viel Uhr es ist?": "Es ist 14:35 Uhr.",
        "Wann ist Silvester?": "Das ist Donnerstag, der 31. Dezember 2026.",
        "Welcher Tag ist heute?": "Heute ist Montag, der 30. November 2026.",
        "Was ist heute für ein Datum?": "Heute ist Montag, der 30. November 2026.",
        "Und welcher Wochentag ist morgen?": "Morgen ist Dienstag, der 1. Dezember 2026.",
        "Wie viele Tage sind es noch bis Weihnachten?": "Es sind noch 25 Tage.",
        "Wie lange ist es noch bis zum 1. Dezember?": "Es ist noch 1 Tag.",
        "Was ist zwei plus zwei?": "Das ist 4.",
        "Wie viel ist siebzehn mal dreiundzwanzig?": "Das ist 391.",
        "15 Prozent von 80?": "Das ist 12.",
        "Was ist 10 geteilt durch vier?": "Das ist 2,5.",
        "Was ergibt 1.250 plus 0,5?": "Das ist 1.250,5.",
        "Wieviel ist die Wurzel aus 81?": "Das ist 9.",
        "Was sind 20 Prozent von 50 Euro?": "Das ist 10 Euro.",
        "Stell bitte einen Timer auf fünf Minuten.": "set_timer 300",
        "Kannst du einen Timer für eine halbe Stunde stellen?": "set_timer 1800",
        "Weck mich in einer Stunde und 20 Minuten.": "set_timer 4800",
        "Wie lange läuft der Timer noch?": "list_timers",
        "Lösch den Timer, bitte.": "cancel_timer",
    },
    "fr": {
        "Quelle heure est-il ?": "Il est 14:35.",
        "Robin, est-ce que tu peux me dire quelle heure il est, s'il te plaît ?": "Il est 14:35.",
        "C'est quand, le Nouvel An ?": "C'est le vendredi 1 janvier 2027.",
        "Quel jour sommes-nous ?": "Nous sommes le lundi 30 novembre 2026.",
        "Quelle est la date d'aujourd'hui ?": "Nous sommes le lundi 30 novembre 2026.",
        "Quel jour sera demain ?": "Demain, ce sera le mardi 1 décembre 2026.",
        "Combien de jours reste-t-il avant Noël ?": "Il reste 25 jours.",
        "Combien de temps avant le 1er décembre ?": "Il reste 1 jour.",
        "Combien font deux plus deux ?": "Cela fait 4.",
        "Combien font dix-sept fois vingt-trois ?": "Cela fait 391.",
        "15 % de 80 ?": "Cela fait 12.",
        "10 divisé par quatre, ça fait combien ?": "Cela fait 2,5.",
        "Combien fait 1 250 plus 0,5 ?": "Cela fait 1 250,5.",
        "Quelle est la racine carrée de 81 ?": "Cela fait 9.",
        "Combien font 20 % de 50 euros ?": "Cela fait 10 euros.",
        "Mets un minuteur de cinq minutes, s'il te plaît.": "set_timer 300",
        "Pouvez-vous lancer un minuteur d'une demi-heure ?": "set_timer 1800",
        "Réveille-moi dans une heure et 20 minutes.": "set_timer 4800",
        "Combien de temps reste-t-il sur le minuteur ?": "list_timers",
        "Annule le minuteur.": "cancel_timer",
    },
    "es": {
        "¿Qué hora es?": "Son las 14:35.",
        "Hola Robin, ¿me puedes decir qué hora es, por favor?": "Son las 14:35.",
        "¿Cuándo es Navidad?": "Es viernes, 25 de diciembre de 2026.",
        "¿Qué día es hoy?": "Hoy es lunes, 30 de noviembre de 2026.",
        "¿Cuál es la fecha de hoy?": "Hoy es lunes, 30 de noviembre de 2026.",
        "¿Qué día es mañana?": "Mañana es martes, 1 de diciembre de 2026.",
        "¿Cuántos días faltan para Navidad?": "Faltan 25 días.",
        "¿Cuánto falta para el 1 de diciembre?": "Falta 1 día.",
        "¿Cuánto es dos más dos?": "El resultado es 4.",
        "¿Cuánto son diecisiete por veintitrés?": "El resultado es 391.",
        "¿Cuánto es el 15 por ciento de 80?": "El resultado es 12.",
        "¿Cuánto es 10 entre cuatro?": "El resultado es 2,5.",
        "Calcula 1.250 más 0,5": "El resultado es 1.250,5.",
        "¿Cuál es la raíz cuadrada de 81?": "El resultado es 9.",
        "¿Cuánto es el 20 por ciento de 50 euros?": "El resultado es 10 euros.",
        "Pon un temporizador de cinco minutos, por favor.": "set_timer 300",
        "¿Puedes ponerme un temporizador de media hora?": "set_timer 1800",
        "Avísame en una hora y 20 minutos.": "set_timer 4800",
        "¿Cuánto tiempo queda en el temporizador?": "list_timers",
        "Cancela el temporizador.": "cancel_timer",
    },
    "it": {
        "Che ore sono?": "Sono le 14:35.",
        "Ciao Robin, mi puoi dire che ora è, per favore?": "Sono le 14:35.",
        "Che giorno è oggi?": "Oggi è lunedì 30 novembre 2026.",
        "Qual è la data di oggi?": "Oggi è lunedì 30 novembre 2026.",
        "Che giorno è domani?": "Domani è martedì 1 dicembre 2026.",
        "Quanti giorni mancano a Natale?": "Mancano 25 giorni.",
        "Quanto manca al 1 dicembre?": "Manca 1 giorno.",
        "Quando è Capodanno?": "È venerdì 1 gennaio 2027.",
        "Quanto fa due più due?": "Fa 4.",
        "Quanto fa diciassette per ventitré?": "Fa 391.",
        "Quanto è il 15 per cento di 80?": "Fa 12.",
        "Quanto fa 10 diviso quattro?": "Fa 2,5.",
        "Calcola 1.250 più 0,5": "Fa 1.250,5.",
        "Qual è la radice quadrata di 81?": "Fa 9.",
        "Quanto fa il 20 per cento di 50 euro?": "Fa 10 euro.",
        "Imposta un timer di cinque minuti, per favore.": "set_timer 300",
        "Puoi mettere un timer di mezz'ora?": "set_timer 1800",
        "Svegliami tra un'ora e 20 minuti.": "set_timer 4800",
        "Quanto tempo manca al timer?": "list_timers",
        "Cancella il timer.": "cancel_timer",
    },
    "pt": {
        "Que horas são?": "São 14:35.",
        "Olá Robin, podes dizer-me que horas são, por favor?": "São 14:35.",
        "Que dia é hoje?": "Hoje é segunda-feira, 30 de novembro de 2026.",
        "Qual é a data de hoje?": "Hoje é segunda-feira, 30 de novembro de 2026.",
        "Que dia é amanhã?": "Amanhã é terça-feira, 1 de dezembro de 2026.",
        "Quantos dias faltam para o Natal?": "Faltam 25 dias.",
        "Quanto falta para o 1 de dezembro?": "Falta 1 dia.",
        "Quando é o Ano Novo?": "É sexta-feira, 1 de janeiro de 2027.",
        "Quanto é dois mais dois?": "O resultado é 4.",
        "Quanto são dezassete vezes vinte e três?": "O resultado é 391.",
        "Quanto é 15 por cento de 80?": "O resultado é 12.",
        "Quanto é 10 dividido por quatro?": "O resultado é 2,5.",
        "Calcula 1.250 mais 0,5": "O resultado é 1.250,5.",
        "Qual é a raiz quadrada de 81?": "O resultado é 9.",
        "Quanto é 20 % de 50 euros?": "O resultado é 10 euros.",
        "Põe um temporizador de cinco minutos, por favor.": "set_timer 300",
        "Pode iniciar um temporizador de meia hora?": "set_timer 1800",
        "Acorda-me daqui a uma hora e 20 minutos.": "set_timer 4800",
        "Quanto tempo falta no temporizador?": "list_timers",
        "Cancela o temporizador.": "cancel_timer",
    },
    "nl": {
        "Hoe laat is het?": "Het is 14:35 uur.",
        "Hallo Robin, kun je me zeggen hoe laat het is?": "Het is 14:35 uur.",
        "Welke dag is het vandaag?": "Vandaag is het maandag 30 november 2026.",
        "Wat is de datum van vandaag?": "Vandaag is het maandag 30 november 2026.",
        "Welke dag is het morgen?": "Morgen is het dinsdag 1 december 2026.",
        "Hoeveel dagen is het nog tot Kerst?": "Nog 25 dagen.",
        "Hoe lang is het nog tot 1 december?": "Nog 1 dag.",
        "Wanneer is Sinterklaas?": "Dat is zaterdag 5 december 2026.",
        "Hoeveel is twee plus twee?": "Dat is 4.",
        "Wat is zeventien keer drieëntwintig?": "Dat is 391.",
        "Hoeveel is 15 procent van 80?": "Dat is 12.",
        "Wat is 10 gedeeld door vier?": "Dat is 2,5.",
        "Bereken 1.250 plus 0,5": "Dat is 1.250,5.",
        "Wat is de wortel van 81?": "Dat is 9.",
        "Hoeveel is 20 procent van 50 euro?": "Dat is 10 euro.",
        "Zet een timer op vijf minuten, alsjeblieft.": "set_timer 300",
        "Kun je een timer van een half uur zetten?": "set_timer 1800",
        "Wek me over een uur en 20 minuten.": "set_timer 4800",
        "Hoe lang loopt de timer nog?": "list_timers",
        "Stop de timer.": "cancel_timer",
    },
}  # fmt: skip
OTHERWISE = {
    "de": "Was ist ein Timer? | Wie geht es dir? | Ich bin fünfundzwanzig Jahre alt. | Meine Nummer ist 555 1234. "
    "| Erzähl mir eine Geschichte über die Zeit. | Wie viele Menschen leben in Berlin? | Drei und vier. "
    "| Wann hat Mozart gelebt? | Stell mir eine Frage. | What is 17 times 23?",
    "fr": "C'est quoi, un minuteur ? | Comment vas-tu ? | J'ai vingt-cinq ans. | Mon numéro est le 06 12. "
    "| Raconte-moi une histoire sur le temps. | Combien de personnes vivent à Lyon ? | Trois et quatre. "
    "| Quand est né Mozart ? | Mets la table. | Quel temps fait-il demain ?",
    "es": "¿Qué es un temporizador? | ¿Cómo estás? | Tengo veinticinco años. | Mi número es 555 1234. "
    "| Cuéntame una historia sobre el tiempo. | ¿Cuántas personas viven en Madrid? | Tres y cuatro. "
    "| ¿Cuándo nació Mozart? | Pon la mesa. | ¿Qué tiempo hace mañana?",
    "it": "Che cos'è un timer? | Come stai? | Ho venticinque anni. | Il mio numero è 555 1234. "
    "| Raccontami una storia sul tempo. | Quante persone vivono a Roma? | Tre e quattro. "
    "| Quando è nato Mozart? | Metti in tavola. | Che tempo fa domani?",
    "pt": "O que é um temporizador? | Como estás? | Tenho vinte e cinco anos. | O meu número é 555 1234. "
    "| Conta-me uma história sobre o tempo. | Quantas pessoas vivem em Lisboa? | Três e quatro. "
    "| Quando nasceu Mozart? | Põe a mesa. | Que tempo faz amanhã?",
    "nl": "Wat is een timer? | Hoe gaat het? | Ik ben vijfentwintig jaar. | Mijn nummer is 555 1234. "
    "| Vertel me een verhaal over de tijd. | Hoeveel mensen wonen er in Amsterdam? | Drie en vier. "
    "| Wanneer is Mozart geboren? | Zet de tafel klaar. | Wat voor weer wordt het morgen?",
}
AFTER_A_TIMER = {
    "de": {"Wie lange noch?": "list_timers", "Stopp ihn.": "cancel_timer", "Fünf Minuten.": "set_timer", "Danke.": ""},
    "fr": {"Combien de temps reste-t-il ?": "list_timers", "Annule-le.": "cancel_timer", "Cinq minutes.": "set_timer",
           "Merci.": ""},
    "es": {"¿Cuánto queda?": "list_timers", "Cancélalo.": "cancel_timer", "Cinco minutos.": "set_timer",
           "Gracias.": ""},
    "it": {"Quanto manca?": "list_timers", "Fermalo.": "cancel_timer", "Cinque minuti.": "set_timer", "Grazie.": ""},
    "pt": {"Quanto falta?": "list_timers", "Cancela-o.": "cancel_timer", "Cinco minutos.": "set_timer",
           "Obrigado.": ""},
    "nl": {"Hoe lang nog?": "list_timers", "Stop hem.": "cancel_timer", "Vijf minuten.": "set_timer", "Bedankt.": ""},
}  # fmt: skip
SPANS = {
    "de": {"anderthalb Stunden": 5400, "eine Viertelstunde": 900, "1 Stunde 30": 5400, "90 Sekunden": 90, "5": 300},
    "fr": {"une heure et demie": 5400, "un quart d'heure": 900, "1h30": 5400, "90 secondes": 90, "5": 300},
    "es": {"una hora y media": 5400, "un cuarto de hora": 900, "2,5 horas": 9000, "90 segundos": 90, "5": 300},
    "it": {"un'ora e mezza": 5400, "un quarto d'ora": 900, "2,5 ore": 9000, "90 secondi": 90, "5": 300},
    "pt": {"uma hora e meia": 5400, "um quarto de hora": 900, "2,5 horas": 9000, "90 segundos": 90, "5": 300},
    "nl": {"anderhalf uur": 5400, "een kwartier": 900, "1 uur 30": 5400, "90 seconden": 90, "5": 300},
}


async def _silent(_: int) -> None:
    """Rings for nobody."""


def toolkit(language: str) -> Toolkit:
    known = About(LanguageModel("qwen2.5-1.5b-instruct"))
    return Toolkit("Robin", known, Timers(_silent, language), language=language, now=lambda: NOW)


def meant(call: Call | None, language: str) -> str | None:
    if call is None:
        return None
    if call.name == "set_timer":
        return f"set_timer {span(call.argument, language)}"
    return by_table.answer(call.name, call.argument, language, NOW) or call.name


@pytest.mark.parametrize("language", ASKED)
def test_twenty_requests_and_ten_that_are_none(language: str) -> None:
    reader, wanted = toolkit(language), ASKED[language]
    others = [text.strip() for text in OTHERWISE[language].split("|")]
    assert (len(wanted), len(others)) == (20, 10)
    found = {text: meant(reader.read(text), language) for text in (*wanted, *others)}
    assert {text: said for text, said in found.items() if said != wanted.get(text)} == {}


@pytest.mark.parametrize("language", ASKED)
def test_what_goes_on_from_a_timer(language: str) -> None:
    reader, asked = toolkit(language), AFTER_A_TIMER[language]
    found = {text: call.name if (call := reader.read(text, Call("set_timer"))) else "" for text in asked}
    assert found == asked
    assert {text: span(text, language) for text in SPANS[language]} == SPANS[language]


def test_a_sum_goes_on_from_the_one_before() -> None:
    for language, before, text, said in (
        ("de", "Was ist 5 geteilt durch 2?", "Und mal drei?", "Das ist 7,5."),
        ("de", "Was ist 1 geteilt durch 8?", "minus 0,025", "Das ist 0,1."),
        ("fr", "Combien font 5 plus 5 ?", "Et divisé par quatre ?", "Cela fait 2,5."),
        ("es", "¿Cuánto es 5 más 5?", "¿Y por tres?", "El resultado es 30."),
        ("it", "Quanto fa 10 diviso 3?", "E per 3?", "Fa 10."),
        ("de", "Was ist 5 plus 5?", "Danke.", None),
        ("de", "Was ist 5 plus 5?", "Mal sehen.", None),
        ("de", "Was ist 5 durch 0?", "mal 3", None),
    ):
        assert meant(toolkit(language).read(text, Call("calculate", before)), language) == said, text


def test_a_request_becomes_a_call_whose_result_is_said_as_it_is() -> None:
    context = ChatContext.empty()
    context.add_message(role="user", content="Robin, was ist 17 mal 23?")
    chunk = toolkit("de").request(context)
    assert chunk is not None and chunk.delta is not None
    (call,) = chunk.delta.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("calculate", {"question": "was ist 17 mal 23?"})
    assert toolkit("is").request(context) is None and toolkit("en").request(context) is None


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize("language", [code for code, known in FACTS.items() if known.timing is not None])
def test_timers_are_talked_of_in_the_language_of_the_call(language: str) -> None:
    async def check() -> None:
        words = FACTS[language].timing
        assert words is not None
        timers = Timers(_silent, language)
        said = [timers.set("1 minute"), timers.left(), timers.set("90 minutes"), timers.left()]
        said += [timers.over(5400), timers.cancel("7 seconds"), timers.cancel("90 minutes"), timers.cancel()]
        said += [timers.set(""), timers.cancel()]
        minute, long = spoken(60, language), spoken(5400, language)
        assert said == [
            f"{words.started.format(span=minute)} {words.promise}", words.left[0].format(span=minute),
            words.started.format(span=long), said[3], words.over.format(timer=named(5400, language)), words.unknown,
            words.off.format(timer=named(5400, language)), words.off.format(timer=named(60, language)), words.how_long,
            words.none,
        ]  # fmt: skip
        assert minute in said[3] and long in said[3] and "{" not in "".join(said)
        await asyncio.sleep(0)

    run(check())
