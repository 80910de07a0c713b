"""Backchannels and the end of a turn in other languages than English, as their speakers would judge."""

from __future__ import annotations

import pytest

from local_agent.config.languages.table import FACTS, facts
from local_agent.turns.backchannel import agrees, asked, backchannel
from local_agent.turns.endpointing import Endpointing, Evidence, finished, patience

# Said over the agent's voice, between bars: what leaves it the floor, and what wants the floor.
LISTENS = {
    "en": "Mm-hmm. | Yeah. | Okay, great. | Oh, really? | I see. | Right, right. | Sure, of course. | Uh-huh. | Wow! "
    "| Got it.",
    "de": "Genau. | Mhm. | Ja, ja. | Ach so! | Okay, verstehe. | Stimmt. | Aha, interessant. | Echt? | Alles klar. "
    "| Ja, genau.",
    "fr": "Oui. | D'accord. | Mhm. | Ah bon ? | Oui, oui, bien sûr. | Je vois. | C'est vrai. | Tout à fait. "
    "| Ok, très bien. | Voilà.",
    "es": "Sí. | Vale, vale. | Ajá. | Claro que sí. | Ya veo. | ¿En serio? | Exacto. | Mhm. | De acuerdo. | ¡No me "
    "digas!",
    "it": "Sì. | Certo, certo. | Mhm. | Ho capito. | Ah, davvero? | Va bene. | Esatto. | È vero. | Ok, perfetto. "
    "| Ma dai!",
    "pt": "Sim. | Pois é. | Tá bom. | Claro. | Entendi. | A sério? | Uhum. | É verdade. | Isso mesmo. | Ok, certo.",
    "nl": "Ja. | Precies. | Mhm. | Oké, ja. | Klopt. | Echt waar? | Ik snap het. | Inderdaad. | Ja hoor. | Dat is "
    "waar.",
    "ja": "はい。 | うん、うん。 | そうですね。 | なるほど。 | へえ、そうなんですか。 | ええ。 | 確かに。 | 本当ですか"
    "？ | 分かりました。 | んー。",
}
INTERRUPTS = {
    "en": "Yeah, but | No. | Wait. | Okay, so what about Monday? | Stop it. | Sorry? | Right, and then | No, no, no. "
    "| Hold on. | What?",
    "de": "Ja, aber | Nein. | Moment mal. | Stopp! | Genau, und was ist mit Montag? | Wie bitte? | Doch! | Warte kurz. "
    "| Okay, aber nicht heute. | Was?",
    "fr": "Oui, mais | Non. | Attends. | Stop ! | D'accord, mais pas demain. | Pardon ? | Mais non ! | Quoi ? "
    "| Une seconde. | Oui, et lundi ?",
    "es": "Sí, pero | No. | Espera. | ¡Para! | Vale, pero hoy no. | ¿Cómo? | Perdona. | Un momento. | Sí, ¿y el lunes? "
    "| No, no, no.",
    "it": "Sì, ma | No. | Aspetta. | Basta! | Va bene, ma non oggi. | Come, scusi? | Un attimo. | Però no. "
    "| Sì, e lunedì? | Non è vero.",
    "pt": "Sim, mas | Não. | Espera aí. | Para! | Está bem, mas hoje não. | Como assim? | Desculpe. | Um momento. "
    "| Pois, mas | Calma.",
    "nl": "Ja, maar | Nee. | Wacht even. | Stop! | Oké, maar niet vandaag. | Sorry? | Ja, en maandag? | Hoe bedoel je? "
    "| Dat klopt niet. | Wat?",
    "ja": "はい、でも | いいえ。 | ちょっと待って。 | 違います。 | 止めて。 | すみません、もう一度。 | そうですけど | "
    "なるほど、じゃあ月曜日は？ | え、何？ | いや。",
}
# What may be committed sooner, what can't be over however final it is written, and what may be either.
OVER = {
    "de": "Wie spät ist es? | Mach das Fenster zu, bitte. | Ich komme morgen. | Danke sehr. | Ja, mach ich. | Das ist "
    "es.",
    "fr": "Quelle heure est-il ? | Ferme la fenêtre, s'il te plaît. | Fais-le. | Je viens demain. | Oui, je veux. "
    "| On y va.",
    "es": "¿Qué hora es? | Cierra la ventana, por favor. | Hazlo. | Vengo mañana. | Ya está. | Sí, quiero. | ¡Para!",
    "it": "Che ore sono? | Chiudi la finestra, per favore. | Fallo. | Vengo domani. | Va bene. | Sì, lo voglio.",
    "pt": "Que horas são? | Feche a janela, por favor. | Diga-me. | Venho amanhã. | Sim, tenho. | É. | Quero.",
    "nl": "Hoe laat is het? | Doe het raam dicht, alsjeblieft. | Ik kom morgen. | Dank je. | Ja, dat wil ik.",
    "ja": "今何時ですか？ | 窓を閉めてください。 | 明日来ます。 | こんにちは。 | お願いします。",
    "zh": "现在几点？ | 请把窗户关上。 | 我明天来。",
}
GOES_ON = {
    "de": "Ich möchte einen Termin für. | Mach das Licht aus und. | Ich wollte fragen, ob. | Weil. | Ich bin in. "
    "| Also ähm. | Kannst du mir mit dem | Ich habe meine,",
    "fr": "Je voudrais un rendez-vous pour le. | Éteins la lumière et. | Je voulais savoir si tu. | Parce que. "
    "| C'est la. | Euh. | Je cherche un | Demain,",
    "es": "Quiero una cita con. | Apaga la luz y. | Quería saber por. | Porque. | Es el. | Eh. | Me gustaría | Mañana,",
    "it": "Vorrei un appuntamento con il. | Spegni la luce e. | Volevo sapere se. | Ma. | È nel. | Ehm. | Mi "
    "piacerebbe,",
    "pt": "Queria uma consulta com o. | Apaga a luz e. | Queria saber se. | Porque o. | É na. | Hum. | Eu gostaria | "
    "Amanhã,",
    "nl": "Ik wil een afspraak met. | Doe het licht uit en. | Ik wilde vragen omdat. | Want. | Het is de. | Ehm. "
    "| Kun je me | Morgen,",
    "ja": "予約を。 | 明日の朝に、 | 電気を消して、それと。 | もし晴れたら。 | えっと。",
    "zh": "我想。 | 如果。 | 把灯关了，然后。 | 明天，",
}
EITHER = {
    "de": "Mach das Licht an. | Ich nehme den. | Kommst du mit. | wie ist das wetter",
    "fr": "Monte le son. | Je viens avec. | quelle heure est il maintenant",
    "es": "Dame una. | Es nuestro. | qué tiempo hace hoy",
    "it": "Ne voglio una. | È mio. | che tempo fa oggi",
    "pt": "Quero um. | É nosso. | que tempo faz hoje",
    "nl": "Doe het licht aan. | Ik weet het. | hoe is het weer vandaag",
    "ja": "それは。 | 疲れたから。",
}
WAITS = Endpointing(draft_after=0.1, sure=0.2, bare=0.5, unsure=1.0)


def texts(line: str) -> list[str]:
    return [text.strip() for text in line.split("|")]


@pytest.mark.parametrize("language", LISTENS)
def test_twenty_interruptions_are_judged_as_a_speaker_would(language: str) -> None:
    listens, interrupts = texts(LISTENS[language]), texts(INTERRUPTS[language])
    assert len(listens) == len(interrupts) == 10
    judged = {text: backchannel(text, language) for text in (*listens, *interrupts)}
    assert {text: found for text, found in judged.items() if found is not (text in listens)} == {}


@pytest.mark.parametrize(
    ("language", "verdict", "table"),
    [
        *((language, True, texts(line)) for language, line in OVER.items()),
        *((language, False, texts(line)) for language, line in GOES_ON.items()),
    ],
)
def test_a_turn_is_over_or_goes_on(language: str, verdict: bool, table: list[str]) -> None:
    assert {text: found for text in table if (found := finished(text, language)) is not verdict} == {}


@pytest.mark.parametrize("language", EITHER)
def test_what_ends_a_request_now_and_then_tells_nothing_by_its_full_stop(language: str) -> None:
    found = {text: finished(text, language) for text in texts(EITHER[language])}
    assert {text: verdict for text, verdict in found.items() if verdict is True} == {}
    assert None in found.values()


def test_words_of_one_language_mean_nothing_in_another() -> None:
    assert finished("Ich will auf die.", "de") is None and finished("You must die.") is True
    assert finished("Was für ein Mann.", "de") is True and finished("Mach an.", "de") is None
    assert finished("Tell me about the", "de") is None
    assert not backchannel("genau") and not backchannel("yeah, sure", "fr") and not backchannel("of the", "de")


def test_a_hum_and_okay_are_understood_everywhere() -> None:
    for language in (*FACTS, "hu", "th"):
        assert backchannel("Mm-hmm.", language) and agrees("Okay.", language), language


def test_yes_answers_a_question_in_its_language() -> None:
    for language, text in (
        ("de", "Ja, gerne."),
        ("fr", "Oui, volontiers."),
        ("ja", "はい、お願い"),
        ("ja", "そうです。"),
    ):
        assert agrees(text, language) is (text != "はい、お願い"), text
    for language, text in (("de", "Echt?"), ("fr", "Ah bon ?"), ("es", "¿En serio?"), ("ja", "へえ、そうなんですか。")):
        assert backchannel(text, language) and not agrees(text, language), text
    assert asked("いい天気です。続けましょうか。", 0.9) and not asked("いい天気です。続けましょうか。", 0.3)


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "null eins sieben"), ("fr", "zéro six, douze"), ("es", "seis, dos"), ("nl", "nul zes")],
)
def test_whoever_reads_out_a_number_may_pause_in_it(language: str, text: str) -> None:
    assert patience(Evidence(text, 0.05, 0.9, sound=0.9, language=language), Endpointing(unsure=1.5)) >= 1.2


@pytest.mark.parametrize(("text", "wait"), [("Halt.", 0.2), ("halt jetzt", 0.5), ("halt mein", 1.0)])
def test_the_wait_follows_the_words_of_the_language(text: str, wait: float) -> None:
    assert patience(Evidence(text, language="de"), WAITS) == wait


def test_no_word_is_in_two_tables() -> None:
    for language in FACTS:
        ends = facts(language).ends
        assert ends.dangling & ends.leaning == set(), language
