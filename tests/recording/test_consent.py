"""Only a plain yes is a yes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local_agent.call.forget_command import Scope, command
from local_agent.call.tools.about import About
from local_agent.config.settings import Settings
from local_agent.config.small_model import LanguageModel
from local_agent.recording import consent
from local_agent.recording.assistant import RecordingAssistant
from local_agent.recording.recorder import Recorder


@pytest.mark.parametrize(
    "text",
    ["Yes.", "yes", "Yeah, sure.", "Okay.", "Yes, please.", "Of course!", "Sure, go ahead.", "Um, yes.",
     "Yes, you may.", "I agree.", "Yes, that's fine.", "Yes, you can record this call."],
)  # fmt: skip
def test_yes(text: str) -> None:
    assert consent.agrees(text) and not consent.declines(text)


@pytest.mark.parametrize(
    "text",
    ["", "No.", "No, thank you.", "Please don't.", "Yes and no.", "Yes, but not now.", "What for?", "Yesterday.",
     "Rather not.", "Sure you want to?", "I don't know.", "You are not allowed to record this.", "Is that okay?",
     "Nope.", "Okay, no."],
)  # fmt: skip
def test_all_else_is_no_yes(text: str) -> None:
    assert not consent.agrees(text)


@pytest.mark.parametrize(
    "text", ["No.", "No, thank you.", "Please don't.", "Rather not.", "Nope.", "Do not record me."]
)
def test_no(text: str) -> None:
    assert consent.declines(text)


@pytest.mark.parametrize("text", ["What is the time?", "Nobody knows.", "Another thing.", "Notes, please."])
def test_another_matter_is_neither(text: str) -> None:
    assert not consent.declines(text) and not consent.agrees(text)


@pytest.mark.parametrize(
    ("text", "stops"),
    [("Stop recording.", True), ("Please stop the recording now.", True), ("Could you end this recording?", True),
     ("stop", False), ("Don't stop recording.", False), ("Who can stop recording an album?", False)],
)  # fmt: skip
def test_stop(text: str, stops: bool) -> None:
    assert consent.stops(text) == stops


# By language, between bars: a plain yes, a no, neither, and a request to end the recording.
ANSWERS = {
    "en": ("Yes. | Sure, go ahead.", "No. | Rather not.", "What is the time? | Yes, but not now.", "Stop recording."),
    "de": (
        "Ja. | Ja, gerne. | Klar, kein Problem. | Natürlich dürfen Sie. | Ja, das ist in Ordnung. | Ähm, ja.",
        "Nein. | Nein, danke. | Lieber nicht. | Das möchte ich nicht. | Bitte nicht.",
        "Wie spät ist es? | Ja, aber nicht jetzt. | Wozu? | Dürfen Sie das? | Jahrelang. | Kein Wunder.",
        "Aufnahme beenden. | Bitte die Aufnahme stoppen. | Beenden Sie jetzt die Aufnahme. | Schalte die Aufnahme ab, "
        "bitte. | Können Sie die Aufnahme bitte beenden?",
    ),
    "fr": (
        "Oui. | Oui, bien sûr. | D'accord. | Allez-y. | Oui, vous pouvez enregistrer. | Euh, oui. | Pas de problème.",
        "Non. | Non merci. | Je préfère que non. | Surtout pas. | Ne m'enregistrez pas.",
        "Quelle heure est-il ? | Oui, mais pas maintenant. | Pour quoi faire ? | Nonante et un. | Pas loin de Lyon.",
        "Arrêter l'enregistrement. | Arrêtez l'enregistrement, s'il vous plaît. | Pouvez-vous arrêter l'enregistrement "
        "? | Arrête de m'enregistrer.",
    ),
    "es": (
        "Sí. | Si. | Sí, claro. | Vale. | Por supuesto, adelante. | Sí, puede grabarla. | No hay problema. | Pues sí.",
        "No. | No, gracias. | Mejor no. | Claro que no. | Prefiero que no.",
        "¿Qué hora es? | Sí, pero ahora no. | ¿Para qué? | Noventa y uno. | Claro que sí, pero",
        "Detener la grabación. | Para la grabación, por favor. | ¿Puede detener la grabación? | Deja de grabarme.",
    ),
    "it": (
        "Sì. | Sì, certo. | Va bene. | Certo, faccia pure. | Sì, può registrare. | Beh, sì. | Nessun problema.",
        "No. | No, grazie. | Preferisco di no. | Meglio di no. | Assolutamente no.",
        "Che ore sono? | Sì, ma non adesso. | Perché? | Novanta. | Può darsi che piova.",
        "Ferma la registrazione. | Per favore, interrompa la registrazione. | Può fermare la registrazione? | Smetti "
        "di registrare.",
    ),
    "pt": (
        "Sim. | Sim, claro. | Está bem. | Pode gravar. | Claro que sim. | Não há problema. | Com certeza, à vontade.",
        "Não. | Não, obrigado. | Prefiro que não. | É melhor não. | Nem pensar.",
        "Que horas são? | Sim, mas agora não. | Para quê? | Noventa. | Claro que não sei.",
        "Parar a gravação. | Pare a gravação, por favor. | Pode parar a gravação? | Deixe de me gravar.",
    ),
    "nl": (
        "Ja. | Ja hoor. | Natuurlijk, ga uw gang. | Dat mag. | Ja, dat is goed. | Geen probleem. | Nou, ja.",
        "Nee. | Nee, dank u. | Liever niet. | Dat wil ik niet. | Absoluut niet.",
        "Hoe laat is het? | Ja, maar niet nu. | Waarvoor? | Geen idee. | Negentig.",
        "Stop de opname. | Stop met opnemen. | Zet de opname uit, alstublieft. | Kunt u de opname stoppen?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ANSWERS)
def test_answers_in_the_callers_language(language: str) -> None:
    yes, no, neither, stop = ([text.strip() for text in line.split("|")] for line in ANSWERS[language])
    meant = {text: (text in yes, text in no, text in stop) for text in (*yes, *no, *neither, *stop)}
    assert {
        text: found
        for text, wanted in meant.items()
        for asked_in in (language, "auto")
        if (
            found := (
                consent.agrees(text, asked_in), consent.declines(text, asked_in), consent.stops(text, asked_in)
            )
        ) != wanted
    } == {}  # fmt: skip


def test_what_callers_are_told_to_say_does_what_is_promised() -> None:
    """The words that stand behind "say" in each language."""
    said = {"en": "Say ", "de": "Sagen Sie ", "fr": "Dites ", "es": "Diga ", "it": "Dica ", "pt": "Diga ", "nl": "Zeg "}
    for language, verb in said.items():
        known = consent.words(language)
        _, _, ends = known.agreed.rpartition(verb)
        assert any(consent.stops(ends[:at], language) for at in range(len(ends))), (language, ends)
        _, _, forgets = known.forgets_not.rpartition(verb)
        assert any(
            (asked := command(forgets[:at])) is not None and asked.scope is Scope.EVERYTHING
            for at in range(len(forgets))
        ), (language, forgets)  # fmt: skip


def test_words_of_another_language_are_no_consent() -> None:
    assert not consent.agrees("Yes.", "de") and not consent.agrees("Ja.", "en") and not consent.agrees("Ja.")
    assert consent.agrees("Yes.", "pl") and consent.words("pl") == consent.words("auto") == consent.words("en")


def test_a_recorder_follows_the_language_of_the_call(tmp_path: Path) -> None:
    async def check() -> None:
        recorder = Recorder(tmp_path, bytes(32), "auto")
        recorder.ask()
        assert await recorder.reply("Nein, danke.") == consent.words("en").declined
        RecordingAssistant(Settings(language="auto"), About(LanguageModel("fake")), recorder).speak("de", voiced=True)
        german = consent.words("de")
        assert recorder.words == german
        recorder.ask()
        said = [await recorder.reply("Ja, gerne."), await recorder.forget(Scope.LAST)]
        said += [await recorder.reply("Stop recording."), await recorder.reply("Aufnahme beenden.")]
        assert said == [german.agreed, german.forgets_not, None, german.stopped]

    asyncio.run(check())
