"""Dutch."""

from __future__ import annotations

from local_agent.config.languages import limits_nl
from local_agent.config.languages.facts import (
    Ends,
    Facts,
    Figures,
    Forgetting,
    Listening,
    Phrases,
    Recording,
    Requests,
    Situation,
    Timing,
    Writing,
    words,
)

PHRASES = Phrases(
    greeting="Hallo! Hoe kan ik u helpen?",
    apology="Sorry, er ging iets mis. Kunt u dat nog eens zeggen?",
    interrupted="Sorry, ik werd onderbroken en ben de draad kwijt. Waar waren we?",
    goodbye="Ik moet nu ophangen. Tot ziens.",
    no_voice="Ik heb hier geen Nederlandse stem. Mijn antwoorden staan ook op het scherm.",
    instructions="Je bent een vriendelijke spraakassistent. Antwoord in het Nederlands, in een of twee korte gesproken "
    "zinnen, zonder lijsten of markdown.",
)
LISTENING = Listening(
    yes="ja|jaja|ja hoor|jawel|jazeker|jep|jup|yep|yes|precies|klopt|dat klopt|inderdaad|oké|oke|goed|prima|mooi"
    "|zeker|natuurlijk|tuurlijk|uiteraard|juist|akkoord|snap ik|ik snap het|begrepen|begrijp ik|ik begrijp het|helder"
    "|fijn|duidelijk|dat weet ik|weet ik|leuk|super|top|goed zo|is goed|heel goed|zo is het|absoluut|dat is waar"
    "|natuurlijk wel|dat is zo|dat snap ik|dat begrijp ik|begrijpelijk|eens|mee eens|helemaal goed|helemaal waar"
    "|helemaal mee eens|je hebt gelijk|u hebt gelijk|u heeft gelijk|logisch|maar natuurlijk|geen probleem|dat klopt "
    "helemaal|perfect|geweldig|heel interessant|goed idee",
    other="ah|oh|o|eh|euh|ehm|tja|goh|wauw|echt|echt waar|serieus|zo|nou|nou ja|interessant|jeetje|ach|och"
    "|ongelooflijk|wat leuk|wat mooi|zozo|zo zo|nee toch|jemig|hé",
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

WRITING = Writing(
    conjunctions=words("en maar of want omdat hoewel terwijl wanneer als dat zodat dus"),
    titles=words("dhr mevr mw dr drs ir mr prof ing bijv bv ca evt incl excl mbt nl o.a d.w.z jl ds st"),
    shortened=words("enz etc tel blz"),
    counted=words("nr nrs blz p art hfst tel"),
    starters=words(
        "Aan Al Alle Als Altijd Bij Daar Dan Dank Dat De Deze Die Dit Dus Een Elke Er Geen Goed Graag Heb Heeft Het "
        "Hier Hij Hoe Ik In Is Ja Je Jij Kan Kunt Maar Met Mijn Misschien Morgen Na Naar Nee Niet Nog Nu Of Om Omdat "
        "Onze Ook Op Over Te Toen U Uit Uw Van Vandaag Veel Voor Waar Wanneer Want Wat We Wel Wie Wij Wil Zal Ze Zij "
        "Zo Zou"
    ),
    months=(
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
        "december",
    ),
    only_code="De code staat op het scherm.",
    spoken={
        "dhr.": "de heer", "Dhr.": "De heer", "mevr.": "mevrouw", "Mevr.": "Mevrouw", "mw.": "mevrouw",
        "Mw.": "Mevrouw", "dr.": "dokter", "drs.": "doctorandus", "ir.": "ingenieur", "prof.": "professor",
        "bijv.": "bijvoorbeeld", "bv.": "bijvoorbeeld", "d.w.z.": "dat wil zeggen", "o.a.": "onder andere",
        "m.a.w.": "met andere woorden", "i.p.v.": "in plaats van", "t/m": "tot en met", "a.u.b.": "alstublieft",
        "enz.": "enzovoort", "etc.": "et cetera", "ca.": "circa", "evt.": "eventueel", "incl.": "inclusief",
        "excl.": "exclusief", "tel.": "telefoon", "Tel.": "telefoon", "m.b.t.": "met betrekking tot",
        "v.Chr.": "voor Christus", "n.Chr.": "na Christus", "mln.": "miljoen", "mld.": "miljard", "&": "en",
        "§": "paragraaf",
    },
    numbered={"nr.": "nummer", "Nr.": "Nummer", "blz.": "bladzijde", "p.": "pagina", "art.": "artikel"},
    units={
        "°C": "één graad Celsius|graden Celsius", "°F": "één graad Fahrenheit|graden Fahrenheit",
        "°": "één graad|graden",
        "km/u": "één kilometer per uur|kilometer per uur", "km/h": "één kilometer per uur|kilometer per uur",
        "m/s": "één meter per seconde|meter per seconde",
        "km²": "één vierkante kilometer|vierkante kilometer", "m²": "één vierkante meter|vierkante meter",
        "m³": "één kubieke meter|kubieke meter", "km": "één kilometer|kilometer",
        "cm": "één centimeter|centimeter", "mm": "één millimeter|millimeter", "m": "één meter|meter",
        "kg": "één kilo|kilo", "mg": "één milligram|milligram", "μg": "één microgram|microgram",
        "g": "één gram|gram", "t": "één ton|ton", "ml": "één milliliter|milliliter", "l": "één liter|liter",
        "ha": "één hectare|hectare", "kWh": "één kilowattuur|kilowattuur",
        "kW": "één kilowatt|kilowatt", "W": "één watt|watt", "V": "één volt|volt", "Hz": "één hertz|hertz",
        "GHz": "één gigahertz|gigahertz", "GB": "één gigabyte|gigabyte",
        "MB": "één megabyte|megabyte", "TB": "één terabyte|terabyte", "kcal": "één kilocalorie|kilocalorieën",
        "min.": "één minuut|minuten",
        "sec.": "één seconde|seconden", "%": "procent", "‰": "promille",
    },
)  # fmt: skip
FIGURES = Figures(
    code="nl",
    minus="min",
    until="tot",
    about="ongeveer",
    signs={
        "+": "plus", "×": "keer", "x": "keer", "*": "keer", "÷": "gedeeld door", "=": "is", "<": "kleiner dan",
        ">": "groter dan", "±": "plus of min",
    },
    fractions={
        "1/2": "een half", "1/3": "een derde", "2/3": "twee derde", "1/4": "een kwart", "3/4": "drie kwart",
    },
    half="{} en een half",
    money={
        "€": "één euro|euro|één cent|cent", "EUR": "één euro|euro|één cent|cent",
        "$": "één dollar|dollar|één cent|cent", "USD": "één dollar|dollar|één cent|cent",
        "US$": "één dollar|dollar|één cent|cent", "£": "één pond|pond|één penny|pence",
        "GBP": "één pond|pond|één penny|pence", "CHF": "één frank|frank|één rappen|rappen", "¥": "één yen|yen",
        "JPY": "één yen|yen",
    },
    scales={
        "miljoen": "een miljoen |miljoen ", "miljard": "een miljard |miljard ", "mln.": "een miljoen |miljoen ",
        "mld.": "een miljard |miljard ", "mln": "een miljoen |miljoen ", "duizend": "duizend |duizend ",
    },
    clock=("HH:MM(?: ?uur)?", r"HH\.MM ?uur", "HH ?uur(?: MM)?"),
    at="{hour} uur {minute}",
    sharp="{hour} uur",
    date="{day} {month} {year}",
    before_day="(?i:op|van|tot|vanaf|sinds|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)",
    ordinals={"e": "masculine", "ste": "masculine", "de": "masculine"},
    romans={r"(?<=[a-z] )(?P<n>[IVX]{2,})(?!\w)": "de {ordinal}"},
)  # fmt: skip

SITUATION = Situation(
    named="Je heet {name}. Spreek alleen Nederlands.",
    limits="Je kunt alleen praten: als iemand vraagt iets te doen, zoals bellen, herinneren, versturen, afspelen, "
    "bestellen of schakelen, zeg dat je dat niet kunt. Je hebt geen internet en geen ogen: als iemand vraagt "
    "naar het weer, het nieuws, prijzen, plaatsen of zichzelf, zeg dat je het niet weet, tenzij het je "
    "verteld is.",
    moment="Het is {weekday} {day} {month} {year}, {time} uur.",
    date="Vandaag is het {weekday} {day} {month} {year}.",
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
)

RECORDING = Recording(
    question="Mag ik dit gesprek opnemen? Zeg alstublieft ja of nee.",
    agreed="Dank u. Dit gesprek wordt opgenomen. Zeg stop de opname om die te beëindigen.",
    declined="Goed, er wordt niets opgenomen.",
    company="U bent niet alleen, dus er wordt niets opgenomen.",
    joined="Er is iemand bij gekomen, dus de opname is gestopt.",
    stopped="De opname is gestopt.",
    forgets_not="In de opname staat het nog. Zeg vergeet alles, en de opname wordt gewist.",
    deleted="De opname is gewist.",
    not_begun="Het spijt me, ik kan dit gesprek niet opnemen, dus er wordt niets opgenomen. We kunnen zo "
    "verder praten.",
    broken_off="De opname is gestopt, omdat die niet meer geschreven kan worden. We kunnen zo verder praten.",
    not_deleted="De opname is gestopt, maar kon niet worden gewist. Meld dat alstublieft aan wie deze dienst beheert.",
    before="ach|oh|o|eh|nou|hm|ok|oké|oke|okay",
    yes="ja|ja hoor|jawel|jazeker|zeker|natuurlijk|tuurlijk|uiteraard|prima|goed|oké|oke|okay|ok|akkoord|dat mag|mag"
    "|u mag|je mag|ga uw gang|ga je gang|dat is goed|is goed|geen probleem|mij best|graag|ik ga akkoord|doe maar"
    "|absoluut",
    after="hoor|alstublieft|alsjeblieft|dank u|dank je|bedankt|dat vind ik goed|neem maar op",
    no=r"(?:(?:ach|oh|o|eh|nou|hm|alstublieft) )*(?:nee|neen|niet|liever niet|nooit|absoluut niet|beter van niet"
    r"|ik wil (?:dat|het) niet|dat wil ik niet)\b",
    stop=r"(?:(?:alstublieft|alsjeblieft|ok|oké|oke|nu|goed) )*(?:(?:stop|beëindig|staak) (?:nu )?(?:met )?(?:de|deze) "
    r"opname|stop met (?:mij )?opnemen|zet (?:nu )?(?:de|deze) opname (?:uit|stop)|(?:de )?opname (?:stoppen|stop"
    r"|beëindigen)|(?:kunt|wilt|kun|wil) (?:u|je) (?:alstublieft |alsjeblieft )?(?:de|deze) opname (?:stoppen"
    r"|beëindigen|uitzetten|stopzetten))(?: (?:alstublieft|alsjeblieft|nu|graag|bedankt|dank u))*",
)

TIMING = Timing(
    units=(("uur", "uur"), ("minuut", "minuten"), ("seconde", "seconden")),
    joint="en",
    named="timer van {span}",
    how_long="Voor hoe lang?",
    limits="Een timer kan een seconde tot een dag lopen.",
    many="Er lopen al {count} timers.",
    started="Goed, {span}, vanaf nu.",
    promise="Ik meld het als dit gesprek dan nog duurt.",
    none="Er loopt geen timer.",
    unknown="Zo'n timer loopt er niet.",
    left=("Er is nog {span} over.", "Er zijn nog {span} over."),
    several="Er lopen {count} timers: {each}.",
    each="de {timer} met nog {span}",
    off="Goed, de {timer} is uit.",
    all_off="Goed, alle timers zijn uit.",
    over="De {timer} is afgelopen.",
)

REQUESTS = Requests(
    before="hallo|hoi|hé|hey|goede(?:morgen|middag|navond)|ok|oké|oke|goed|nou|en|dus|dan|eh|ja|nee|sorry|pardon"
    "|alsjeblieft|alstublieft|dank je|dank u|bedankt|zeg(?: eens| me)?|vertel(?: me| eens)*"
    "|(?:kun|kan|wil|zou) je(?: me| mij)?(?: even| alsjeblieft)*|(?:kunt|kan|wilt|zou) u(?: me| mij)?"
    "(?: even| alstublieft)*|weet (?:je|u)|ik wil(?: graag)? weten|zeggen",
    after="alsjeblieft|alstublieft|dank je|dank u|bedankt|nu|even|eigenlijk|precies|graag|zeggen|vertellen|dan",
    one="een|één",
    numbers={"anderhalf": 1.5},
    clock="Het is {time} uur.",
    time=(
        "hoe laat (?:is het|het is|hebben we)(?: (?:nu|daar|hier))*",
        "(?:wat is )?de (?:huidige |juiste )?tijd|welke tijd is het",
    ),
    date=(
        "(?:welke|wat voor) (?:dag|weekdag|datum) (?:is het|hebben we|is)(?: het)?(?: vandaag)?",
        "wat is (?:de datum(?: van)?(?: vandaag)?|het vandaag voor dag|vandaag de datum)|de datum(?: van vandaag)?",
        "(?:welk jaar|welke maand) (?:is het|hebben we)|de hoeveelste is het(?: vandaag)?",
    ),
    days={
        "overmorgen": (2, "Overmorgen is het"), "morgen": (1, "Morgen is het"),
        "eergisteren": (-2, "Eergisteren was het"), "gisteren": (-1, "Gisteren was het"),
    },
    day=(
        "(?:welke|wat voor) (?:dag|weekdag|datum) (?:is|was|wordt)(?: het)? {day}",
        "wat voor dag (?:is|was) {day}",
    ),
    dated="{begun} {weekday} {day} {month} {year}.",
    until=(
        "hoeveel dagen (?:is het |zijn het |duurt het )?(?:nog )?tot {until}(?: nog)?",
        "hoe lang (?:is het |duurt het )?(?:nog )?tot {until}",
    ),
    written="{number} {month}",
    feasts={
        "kerst": (12, 25), "kerstmis": (12, 25), "kerstavond": (12, 24), "oudjaar": (12, 31), "oud en nieuw": (12, 31),
        "nieuwjaar": (1, 1), "sinterklaas": (12, 5), "koningsdag": (4, 27),
    },
    days_left=("Dat is vandaag.", "Nog 1 dag.", "Nog {count} dagen."),
    when=("(?:wanneer|op welke dag) is (?:het )?{until}",),
    falls="Dat is",
    question="(?:hoeveel|wat) (?:is|zijn|maakt|wordt)|bereken|reken uit",
    asked="is gelijk aan|is|uit|uitrekenen|berekenen",
    signs=(
        (r" ?(?:%|procent) van", "% of"), ("de (?:vierkants)?wortel (?:van|uit)", "square root of"),
        ("(?:in het )?kwadraat", "squared"), ("tot de macht", "**"), ("gedeeld door", "/"),
        ("vermenigvuldigd met|keer|maal", "*"), ("plus", "+"), ("min", "-"), ("de helft van", "1/2 *"),
        ("het dubbele van", "2 *"), ("een derde van", "1/3 *"), ("een kwart van", "1/4 *"),
    ),
    joined="en",
    money={"€|euro": "euro", r"\$|dollar": "dollar"},
    result="Dat is {}.",
    impossible="Dat kan ik niet uitrekenen.",
    seconds={"uur|uren": 3600, "minuut|minuten|min": 60, "seconden?|sec": 1},
    spans={"(?:een )?half ?uur": 1800, "(?:een )?kwartier": 900, "3 kwartier": 2700},
    and_half="",
    set=(
        "(?:zet|stel|start|maak|ik wil|ik heb|geef)(?: me| even| alsjeblieft| alstublieft)* (?:(?:een|de|nog een) )?"
        "(?:nieuwe )?(?:timer|kookwekker)(?: nodig)?(?:(?: (?:op|van|voor|met))? {span})?(?: (?:in|aan))?(?: voor .+)?",
        "(?:(?:een|de|nog een) )?(?:timer|kookwekker)(?: (?:op|van|voor|met))? {span}(?: (?:zetten|instellen"
        "|starten))?",
        "(?:zet |stel |start )?(?:(?:een|de|nog een) )?timer (?:instellen|zetten|starten)",
        "(?:wek|waarschuw|herinner) (?:me|mij) (?:over|na) {span}(?: .+)?",
        "(?:me |mij )?over {span} (?:wekken|waarschuwen|herinneren)",
        "nog een (?:van|voor|op) {span}",
    ),
    cancel=(
        "(?:annuleer|stop|verwijder|wis|beëindig)(?: nu| even)? (?:de|mijn|alle|die|deze) timers?(?: (?:van"
        "|voor) {span})?",
        "(?:zet|schakel)(?: nu| even)? (?:de|mijn|alle|die) timers? (?:uit|af)|(?:de |alle )?timers? (?:uit|stop"
        "|stoppen|annuleren)",
    ),
    left=(
        "hoe ?(?:lang|veel tijd|veel minuten)(?: .+)? timer(?: .+)?",
        "(?:welke|hoeveel) timers? .+|(?:loopt|lopen|is|zijn)(?: er)?(?: nog)? (?:een|de|mijn|geen) ?timers?(?: .+)?",
    ),
    going_on="hoe ?(?:lang|veel tijd)(?: (?:nog|is er|heb ik|duurt het|over))*",
    drop="(?:stop|annuleer|verwijder) (?:hem|die|dat)|laat maar",
)  # fmt: skip

FACTS = Facts(
    PHRASES,
    LISTENING,
    ENDS,
    FORGETTING,
    WRITING,
    FIGURES,
    situation=SITUATION,
    recording=RECORDING,
    timing=TIMING,
    requests=REQUESTS,
    refusals=limits_nl.REFUSALS,
)
