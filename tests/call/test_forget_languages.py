"""Which words ask to forget in other languages than English, and which ask for the opposite or for nothing."""

from __future__ import annotations

import pytest

from local_agent.call import forget_command
from local_agent.call.forget_command import Command, Scope
from local_agent.config.languages.table import FACTS

# Requests between bars.
LAST = {
    "de": "Vergiss das bitte. | Vergiss, was ich gerade gesagt habe. | Kannst du das bitte vergessen? | Könnten Sie "
    "bitte vergessen, was ich gesagt habe? | Lösch das. | Lösche meine letzte Frage. | Das bitte löschen. | Nein, "
    "vergiss das wieder. | Ich möchte, dass du das vergisst. | Streich das. | Vergessen Sie das, danke. | Lösch das "
    "aus deinem Gedächtnis. | Okay, jetzt vergiss bitte, was ich dir eben erzählt habe.",
    "fr": "Oublie ça. | Oubliez cela, s'il vous plaît. | Oublie ce que je viens de dire. | Tu peux oublier ça ? "
    "| Pouvez-vous effacer ce que j'ai dit ? | Efface ma dernière question. | Supprime ça, merci. | Non, oublie ça. "
    "| Je voudrais que vous oubliiez ça. | Oublie ce que je t'ai dit. | S'il te plaît, efface ça de ta mémoire.",
    "es": "Olvida eso. | Olvide eso, por favor. | Olvida lo que acabo de decir. | ¿Puedes olvidar eso? | Borra eso ya. "
    "| Borra mi última pregunta. | No, olvida eso. | Quiero que olvides eso. | Bueno, olvida lo que te dije. "
    "| ¿Podría borrar lo que he dicho? | Olvídate de eso. | Elimina el último mensaje.",
    "it": "Dimentica quello. | Per favore, dimentica quello che ho detto. | Dimentichi quello che ho appena detto. | "
    "Puoi cancellare quello che ti ho detto? | Cancella l'ultima domanda. | No, dimentica questo. | Elimina questo, "
    "grazie. | Vorrei che dimenticasse ciò che ho detto. | Cancella la mia ultima frase. | Potrebbe cancellare questo?",
    "pt": "Esquece isso. | Esqueça isso, por favor. | Esquece o que eu disse. | Pode apagar isso? | Apaga a última "
    "pergunta. | Podes esquecer o que acabei de dizer? | Quero que esqueças isso. | Por favor, apague o que eu falei. "
    "| Elimina isso, obrigado. | Está bem, esquece isso.",
    "nl": "Vergeet dat. | Vergeet dat alsjeblieft. | Vergeet wat ik net zei. | Kun je dat vergeten? | Wis dat. | Wis "
    "mijn laatste vraag. | Kunt u vergeten wat ik gezegd heb? | Nee, vergeet dat weer. | Ik wil dat je dat vergeet. | "
    "Verwijder mijn laatste bericht. | Oké, vergeet wat ik je verteld heb.",
    "ja": "それは忘れてください。 | 今の話は忘れて。 | さっき言ったことを消してください。 | すみません、今のは忘れてく"
    "ださい。",
}
EVERYTHING = {
    "de": "Vergiss alles. | Bitte vergiss alles, was ich gesagt habe. | Lösche unser Gespräch. | Vergiss das ganze "
    "Gespräch. | Kannst du bitte alles vergessen? | Alles bitte löschen. | Vergessen Sie alles, was ich Ihnen gesagt "
    "habe. | Lösch alles, was du über mich weißt. | Lösche den ganzen Verlauf. | Vergiss alles wieder. | Lösche meine "
    "Daten.",
    "fr": "Oublie tout. | Oubliez tout ce que j'ai dit. | Tu peux tout oublier ? | Efface toute la conversation. | "
    "Pourriez-vous tout effacer, s'il vous plaît ? | Oublie tout ça. | Supprime cette conversation. | Efface "
    "l'historique. | Oublie tout ce que je t'ai dit. | Efface mes données. | Veuillez tout effacer.",
    "es": "Olvida todo. | Olvídalo todo. | Borra toda la conversación. | Olvida todo lo que he dicho. | ¿Puedes "
    "olvidar todo? | Por favor, bórralo todo. | Borra esta conversación. | Olvide todo lo que le dije. | Elimina mis "
    "datos. | Borra el historial. | Olvida todo lo que sabes de mí.",
    "it": "Dimentica tutto. | Dimentichi tutto, per favore. | Dimentica tutto quello che ho detto. | Puoi dimenticare "
    "tutto? | Cancella questa conversazione. | Cancella tutta la conversazione. | Elimina tutto, grazie. | Cancella i "
    "miei dati. | Cancella la cronologia. | Dimentica tutto quello che sai di me.",
    "pt": "Esquece tudo. | Esqueça tudo, por favor. | Esquece tudo o que eu disse. | Pode apagar tudo? | Apaga esta "
    "conversa. | Apague toda a conversa. | Quero que esqueças tudo. | Esqueça tudo o que sabe sobre mim. | Apaga os "
    "meus dados. | Apaga o histórico.",
    "nl": "Vergeet alles. | Vergeet alles wat ik gezegd heb. | Kun je alles vergeten? | Wis het hele gesprek. | Wis "
    "ons gesprek, alsjeblieft. | Vergeet alles wat ik heb verteld. | Vergeet dat allemaal. | Verwijder mijn gegevens. "
    "| Kunt u alles wissen? | Wis alles wat je over mij weet.",
    "ja": "全部忘れてください。 | すべて忘れて。 | この会話を消してください。 | 会話を全部消して。",
}
NOTHING = {
    "de": "Vergiss das nicht. | Vergiss nicht, das Licht auszumachen. | Vergiss bitte nicht alles. | Das kannst du "
    "vergessen. | Vergiss es. | Ich habe alles vergessen. | Hast du das vergessen? | Vergisst du alles? | Bitte "
    "nicht. Vergiss das. | Ich vergesse das nie. | Er sagte, vergiss alles. | Soll ich das löschen? | Lösch das "
    "Licht. | Vergiss die Milch nicht. | Vergiss das niemals. | Wie lösche ich das Gespräch? | Du sollst das nicht "
    "vergessen. | Vergiss mein nicht. | Alles.",
    "fr": "N'oublie pas ça. | Oublie pas ça. | N'oubliez jamais tout ce que j'ai dit. | J'ai tout oublié. | Tu as "
    "oublié ça ? | Il m'a dit. Oublie tout. | Est-ce que tu oublies tout ? | N'efface rien. | J'ai oublié ce que j'ai "
    "dit. | Surtout pas. Efface ça. | Il a dit d'oublier tout. | Efface le tableau. | Comment effacer la conversation "
    "? | Tout.",
    "es": "No olvides eso. | No olvide eso. | No borre todo. | Nunca olvides lo que dije. | Olvídalo. | Se me olvidó "
    "todo. | ¿Olvidaste eso? | Nunca. Olvida eso. | Ella dijo. Borra todo. | No quiero que olvides eso. | ¿Cómo borro "
    "todo? | Borra la pizarra. | He olvidado lo que dije. | No olvides todo lo que te dije. | Por favor, no elimine "
    "eso. | Todo.",
    "it": "Non dimenticare quello. | Non dimentichi tutto. | Non dimenticare quello che ho detto. | Ho dimenticato "
    "tutto. | Hai dimenticato quello che ho detto? | Non cancellare questo. | Lascia perdere. | Mi ha detto. Cancella "
    "tutto. | Come cancello la conversazione? | Cancella la lavagna. | Vorrei che non dimenticassi questo. | Non. "
    "Dimentica tutto.",
    "pt": "Não esqueças isso. | Não esqueça isso. | Não esquece isso. | Não apague tudo. | Nunca esqueças o que eu "
    "disse. | Esqueci tudo. | Esqueceste o que eu disse? | Não. Esquece tudo. | Ela disse. Apaga tudo. | Como apago a "
    "conversa? | Apaga a luz. | Eu não quero que esqueças isso. | Já esqueceu isso? | Tudo.",
    "nl": "Vergeet dat niet. | Vergeet niet de lamp uit te doen. | Vergeet het maar. | Ik ben alles vergeten. | Ben "
    "je dat vergeten? | Dat kun je wel vergeten. | Niet. Vergeet dat. | Ze zei. Vergeet alles. | Hoe wis ik het "
    "gesprek? | Wis het bord. | Vergeet nooit wat ik zei. | Vergeet alsjeblieft niet alles. | Je mag dat niet "
    "vergeten. | Alles.",
    "ja": "忘れないでください。 | 今の話は忘れないで。 | 全部忘れました。 | 忘れましたか？ | 電気を消してください。",
}


def texts(line: str) -> list[str]:
    return [text.strip() for text in line.split("|")]


@pytest.mark.parametrize("language", LAST)
def test_requests_are_understood(language: str) -> None:
    expected = dict.fromkeys(texts(LAST[language]), Scope.LAST) | dict.fromkeys(
        texts(EVERYTHING[language]), Scope.EVERYTHING
    )
    found = {text: forget_command.command(text) for text in expected}
    wrong = {text: found[text] for text, scope in expected.items() if found[text] != Command(scope, True, language)}
    assert wrong == {}


@pytest.mark.parametrize("language", NOTHING)
def test_the_opposite_questions_and_reports_ask_for_nothing(language: str) -> None:
    found = {text: forget_command.command(text) for text in texts(NOTHING[language])}
    assert {text: command for text, command in found.items() if command is not None} == {}


def test_every_command_is_confirmed_in_its_language() -> None:
    asking = {code for code, known in FACTS.items() if known.forgetting is not None}
    assert asking >= {"en", "de", "fr", "es", "it", "pt", "nl"}
    said = [forget_command.confirmation(scope, language) for scope in Scope for language in asking]
    assert len(set(said)) == len(said)


def test_no_request_matches_in_a_time_that_grows_with_its_length() -> None:
    for line in ("bitte " * 400, "vergiss " + "bitte " * 400, "non " * 400, "por favor " * 300 + "no", "dat " * 500):
        assert forget_command.command(line) is None
