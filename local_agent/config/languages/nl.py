"""Dutch."""

from __future__ import annotations

from local_agent.config.languages.facts import COMMON, Ends, Facts, Forgetting, Listening, Phrases, words

PHRASES = Phrases(
    greeting="Hallo! Hoe kan ik u helpen?",
    apology="Sorry, er ging iets mis. Kunt u dat nog eens zeggen?",
    interrupted="Sorry, ik werd onderbroken en ben de draad kwijt. Waar waren we?",
    goodbye="Ik moet nu ophangen. Tot ziens.",
    instructions="Je bent een vriendelijke spraakassistent. Antwoord in het Nederlands, in een of twee korte gesproken "
    "zinnen, zonder lijsten of markdown.",
)
LISTENING = Listening(
    yes="ja|jaja|ja hoor|jawel|jazeker|jep|jup|yep|yes|precies|klopt|dat klopt|inderdaad|oké|oke|goed|prima|mooi"
    "|zeker|natuurlijk|tuurlijk|uiteraard|juist|akkoord|snap ik|ik snap het|begrepen|begrijp ik|ik begrijp het|helder"
    "|fijn|duidelijk|dat weet ik|weet ik|leuk|super|top|goed zo|is goed|heel goed|zo is het|absoluut|dat is waar"
    "|natuurlijk wel",
    other="ah|oh|o|eh|euh|ehm|tja|goh|wauw|echt|echt waar|serieus|zo|nou|nou ja|interessant|jeetje|ach|och"
    "|ongelooflijk",
    alone="en|dus",
)
ENDS = Ends(
    dangling=words(
        "de mijn jouw onze en maar want omdat doordat zodat hoewel als met tot sinds wegens tijdens volgens te we ze "
        "heel elke iedere per eh uh euh ehm hm"
    ),
    leaning=words(
        "een het je me hun haar zijn ons geen deze die dit dat welke welk of dan wanneer terwijl toen waar wie wat hoe "
        "aan uit op in mee toe af door om over onder voor na bij van naar zonder tegen tussen is was waren heeft heb "
        "hebben had wordt worden kan kun kunnen moet moeten wil wilt willen zou zal zullen mag ga gaat ik jij hij zij "
        "wij er dus erg zo"
    ),
    whole="(?:(?:ja|nee|oké|nou|oh) )*(?:dank (?:je|u)|dank je wel|ik ook|ik niet|dat (?:is|was) het|zo is het|dat "
    "(?:wil|kan|weet|doe) ik|(?:wil|weet|kan|doe|ben) ik|ik ben het|en (?:jij|u)|graag gedaan|kom maar op|ga door)",
    digits="nul|een|één|twee|drie|vier|vijf|zes|zeven|acht|negen",
)

# "Vergeet het maar" means "no way".
_PLEASE = r"(?:(?:ok|oké|oke|nee|ja|nou|wacht|stop|alsjeblieft|alstublieft|sorry|hé|hey|nu|dan|dus|bedankt|eh) )*"
_NOW = r"(?:(?:alsjeblieft|alstublieft|nu|even|ook|gewoon|meteen|direct) )*"
_THANKS = (
    r"(?: (?:alsjeblieft|alstublieft|nu|graag|weer|even|meteen|direct|dank je|bedankt|voor altijd|helemaal"
    r"|uit (?:je|uw) geheugen))*"
)
_SAID = (
    r"(?:ik|we) (?:(?:je|u) )?(?:(?:net|zojuist|zonet|zo net) )?"
    r"(?:zei(?:den)?|vroeg|vertelde|(?:heb|hebben) (?:gezegd|gevraagd|verteld|besproken)"
    r"|(?:gezegd|gevraagd|verteld|besproken) (?:heb|hebben))"
)
_DO = r"(?:vergeet|wis|verwijder|schrap)"
_WILL_YOU = r"(?:(?:kun|kan|wil|zou) je|(?:kunt|kan|wilt|zou) u|je (?:moet|mag)|u (?:moet|mag))"
_DONE = r"(?:vergeten|wissen|verwijderen|schrappen)"


def _asks(what: str, told: str) -> str:
    """Of something, and of what was told."""
    return (
        rf"{_PLEASE}(?:{_DO} {_NOW}(?:{what}|{told})|{_WILL_YOU} {_NOW}{what} {_NOW}{_DONE}"
        rf"|{_WILL_YOU} {_NOW}{_DONE} {told}|ik wil dat (?:je|u) {what} (?:vergeet|wist|verwijdert)){_THANKS}"
    )


FORGETTING = Forgetting(
    last=_asks(
        r"(?:dat|dit|(?:mijn|de) laatste (?:vraag|zin|opmerking)|(?:mijn|het) laatste (?:bericht|antwoord))",
        rf"(?:dat |het laatste )?wat {_SAID}",
    ),
    everything=_asks(
        r"(?:alles(?: over mij)?|dat allemaal|dit allemaal|(?:dit|ons|het)(?: hele)? gesprek|(?:je|uw) geheugen"
        r"|de(?: hele)? (?:chat|geschiedenis)|mijn gegevens)",
        rf"(?:alles wat {_SAID}|(?:alles )?wat (?:je|u) (?:over|van) mij weet)",
    ),
    turned=r"(?:(?:en|maar|nee|alsjeblieft) )*(?:niet|nooit|(?:mijn )?\w+ (?:zei|zegt|heeft gezegd)(?: tegen mij)?)",
    forgotten="Goed, dat ben ik vergeten.",
    all_forgotten="Goed, ik ben alles vergeten.",
)

FACTS = Facts(PHRASES, LISTENING, ENDS, FORGETTING, COMMON)
