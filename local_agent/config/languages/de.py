"""German."""

from __future__ import annotations

from local_agent.config.languages import limits_de
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
    greeting="Hallo! Wie kann ich helfen?",
    apology="Entschuldigung, da ging etwas schief. Bitte sagen Sie das noch einmal.",
    interrupted="Entschuldigung, ich wurde unterbrochen und habe den Faden verloren. Wo waren wir?",
    goodbye="Ich muss jetzt Schluss machen. Auf Wiederhören.",
    no_voice="Ich habe hier keine deutsche Stimme. Meine Antworten stehen auch auf dem Bildschirm.",
    instructions="Du bist ein freundlicher Sprachassistent. Antworte auf Deutsch, in ein oder zwei kurzen gesprochenen "
    "Sätzen, ohne Listen und ohne Markdown.",
)
LISTENING = Listening(
    yes="ja|jaja|jawohl|jo|joa|jep|jup|yes|yeah|genau|stimmt|richtig|klar|gut|natürlich|sicher|gerne?|verstehe|eben"
    "|verstanden|achso|ach so|schön|super|prima|toll|cool|logisch|freilich|fein|passt|alles klar|in ordnung|das "
    "stimmt|ich verstehe|ich weiß|weiß ich|sehr gut|sehr schön|ganz genau|na klar|so ist es|auf jeden fall"
    "|tatsächlich|logo|genau so|ist klar|nicht schlecht|geht klar|einverstanden|perfekt|wunderbar|absolut|definitiv"
    "|völlig richtig|ganz richtig|selbstverständlich|aber klar|aber ja|aber natürlich|aber sicher|das ist richtig|das "
    "ist gut|das glaube ich|glaub ich|sehr interessant|gut zu wissen|da hast du recht|da haben sie recht",
    other="ach|ah|oh|äh|ähm|öh|tja|wow|echt|wirklich|krass|wahnsinn|soso|so so|ach was|naja|na ja|interessant"
    "|spannend|oje|mensch|was du nicht sagst|wie schön|schade|ach komm|unglaublich|na sowas|hört hört",
    alone="und|also|so|na",
)
ENDS = Ends(
    dangling=words(
        "ein einem einer eines des im am zum zur beim vom ins ans mein meine meinen meinem meiner dein deine deinen "
        "deinem deiner seine seinen seinem seiner unsere unseren unserem euer eure eurem ihrem jede jedem und aber "
        "weil dass obwohl sondern sowie als ob falls bevor nachdem für gegen seit von wegen zwischen während trotz in "
        "pro per bis statt außer äh ähm öh hm"
    ),
    leaning=words(
        "der die das den dem eine einen kein keine keinen ihr ihre ihren diese dieser dieses diesen welche welcher "
        "welches jeden oder denn damit wenn wie wo wer was an auf aus ab mit zu nach vor um durch über unter bei "
        "hinter neben ohne ist sind bin bist war waren hat habe haben hatte wird werden wurde kann kannst können "
        "könnte könnten muss musst müssen soll sollte will wollte möchte möchten darf würde wäre hätte ich du er sie "
        "es wir man mir dir sich sehr ganz so zu also eigentlich"
    ),
    whole="(?:(?:ja|nein|okay|ach|oh|und) )*(?:(?:danke|bitte) sehr|(?:mach|mache|will|weiß|glaube|hoffe|kann|möchte|"
    "bin|war|hab|habe) ich|(?:das )?(?:bin|war) ich|ich bin(?:s| es)|das (?:ist|war) es|so ist es|nicht ganz|und du)",
    digits="null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun",
)
# "Vergiss es" means "never mind", "das kannst du vergessen" means "no way".
_PLEASE = (
    r"(?:(?:ok|okay|hey|oh|ach|nein|ja|also|gut|na gut|stopp|halt|warte|moment|bitte|entschuldigung|sorry|jetzt|dann"
    r"|danke|ähm?) )*"
)
_NOW = r"(?:(?:bitte|mal|jetzt|einfach|doch|sofort|wieder|auch|gleich) )*"
_THANKS = (
    r"(?: (?:bitte|wieder|jetzt|mal|ok|okay|danke|vielen dank|sofort|gleich|komplett|ganz|vollständig|endgültig"
    r"|für immer|aus (?:deinem|ihrem) gedächtnis))*"
)
_SAID = (
    r"was (?:ich|wir) (?:dir |ihnen )?(?:(?:gerade|eben|bisher|heute|zuletzt) )*(?:gesagt|gefragt|erzählt|besprochen)"
    r" hab(?:e|en)?"
)
_DO = r"(?:vergiss|vergessen sie|lösche?|löschen sie|streiche?|streichen sie|entferne|entfernen sie)"
_WILL_YOU = r"(?:(?:kannst|könntest|würdest|willst) du|(?:können|könnten|würden) sie|du (?:sollst|darfst|musst))"
_DONE = r"(?:vergessen|löschen|streichen|entfernen)"


def _asks(what: str, told: str) -> str:
    """Of something, and of what was told."""
    return (
        rf"{_PLEASE}(?:{_DO} {_NOW}(?:{what}|{told})|{_WILL_YOU} {_NOW}{what} {_NOW}{_DONE}"
        rf"|{_WILL_YOU} {_NOW}{_DONE} {told}|{what} bitte {_DONE}|(?<=bitte ){what} {_DONE}"
        rf"|ich (?:möchte|will) dass (?:du {what} vergisst|sie {what} vergessen)){_THANKS}"
    )


FORGETTING = Forgetting(
    last=_asks(
        r"(?:das|dies|das (?:eben|gerade)|(?:meine|die) letzte (?:frage|antwort|nachricht|aussage)|den letzten satz)",
        rf"(?:das )?{_SAID}",
    ),
    everything=_asks(
        r"(?:alles(?: andere| über mich| von mir)?|das alles|all das|dein gedächtnis|meine daten"
        r"|(?:das|dieses|unser)(?: ganzes?)? (?:gespräch)|(?:die|diese|unsere)(?: ganze)? (?:unterhaltung|konversation)"
        r"|den(?: ganzen| gesamten)? (?:chat|verlauf|gesprächsverlauf))",
        rf"(?:alles {_SAID}|(?:alles )?was du (?:über mich |von mir )?weißt)",
    ),
    turned=r"(?:(?:und|aber|nein|bitte|ich|du) )*(?:nicht|nie|niemals"
    r"|(?:(?:mein|meine) )?\w+ (?:sagte|sagt|meinte|hat(?: mir)? gesagt)(?: zu mir| mir)?)",
    forgotten="Gut, das habe ich vergessen.",
    all_forgotten="Gut, ich habe alles vergessen.",
)
WRITING = Writing(
    conjunctions=words("und aber oder weil obwohl während wenn denn sondern dass damit"),
    titles=words("dr prof hr fr frl z.b d.h u.a bzw vgl ca st z d u inkl evtl ggf sog zzgl gem geb dipl ing min max"),
    shortened=words("usw etc co str tel abs jh mio mrd jan feb apr aug sept okt nov dez std sek"),
    counted=words("nr s art abs kap bd abb tel"),
    starters=words(
        "Aber Alle Also Am An Auch Auf Bei Bitte Da Dann Das Der Deshalb Die Dies Diese Dieser Doch Ein Eine Er Es "
        "Für Gibt Haben Heute Hier Ich Ihr Ihre Im In Ist Ja Jetzt Kann Kein Können Man Mit Morgen Möchten Nach Nein "
        "Nun Nur Oder Sie Sind So Soll Und Unser Viel Von Vor Was Weil Wenn Wer Wie Wir Wo Zu Zum Zur"
    ),
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
    ordinal_dot=True,
    only_code="Der Code steht auf dem Bildschirm.",
    spoken={
        "z. B.": "zum Beispiel", "z.B.": "zum Beispiel", "d. h.": "das heißt", "d.h.": "das heißt",
        "u. a.": "unter anderem", "u.a.": "unter anderem", "usw.": "und so weiter", "bzw.": "beziehungsweise",
        "Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Fr.": "Frau", "Str.": "Straße", "ca.": "circa",
        "ggf.": "gegebenenfalls", "evtl.": "eventuell", "inkl.": "inklusive", "vgl.": "vergleiche",
        "zzgl.": "zuzüglich", "sog.": "sogenannt", "Tel.": "Telefon", "Mio.": "Millionen", "Mrd.": "Milliarden",
        "etc.": "et cetera", "&": "und", "§": "Paragraf", "i. d. R.": "in der Regel", "o. Ä.": "oder Ähnliches",
        "v. Chr.": "vor Christus", "n. Chr.": "nach Christus", "u. v. m.": "und vieles mehr",
    },
    numbered={"Nr.": "Nummer", "S.": "Seite", "Abs.": "Absatz", "Art.": "Artikel", "Kap.": "Kapitel", "Bd.": "Band"},
    units={
        "°C": "ein Grad Celsius|Grad Celsius", "°F": "ein Grad Fahrenheit|Grad Fahrenheit", "°": "ein Grad|Grad",
        "km/h": "ein Kilometer pro Stunde|Kilometer pro Stunde", "m/s": "ein Meter pro Sekunde|Meter pro Sekunde",
        "km²": "ein Quadratkilometer|Quadratkilometer", "m²": "ein Quadratmeter|Quadratmeter",
        "m³": "ein Kubikmeter|Kubikmeter", "km": "ein Kilometer|Kilometer", "cm": "ein Zentimeter|Zentimeter",
        "mm": "ein Millimeter|Millimeter", "m": "ein Meter|Meter", "kg": "ein Kilogramm|Kilogramm",
        "mg": "ein Milligramm|Milligramm", "μg": "ein Mikrogramm|Mikrogramm", "g": "ein Gramm|Gramm",
        "t": "eine Tonne|Tonnen", "ml": "ein Milliliter|Milliliter", "l": "ein Liter|Liter", "ha": "ein Hektar|Hektar",
        "kWh": "eine Kilowattstunde|Kilowattstunden", "kW": "ein Kilowatt|Kilowatt", "W": "ein Watt|Watt",
        "V": "ein Volt|Volt", "Hz": "ein Hertz|Hertz", "GHz": "ein Gigahertz|Gigahertz", "GB": "ein Gigabyte|Gigabyte",
        "MB": "ein Megabyte|Megabyte", "TB": "ein Terabyte|Terabyte", "kcal": "eine Kilokalorie|Kilokalorien",
        "Std.": "eine Stunde|Stunden", "h": "eine Stunde|Stunden", "Min.": "eine Minute|Minuten",
        "min": "eine Minute|Minuten", "Sek.": "eine Sekunde|Sekunden", "%": "ein Prozent|Prozent", "‰": "Promille",
    },
)  # fmt: skip
FIGURES = Figures(
    code="de",
    until="bis",
    about="etwa",
    signs={
        "+": "plus", "×": "mal", "x": "mal", "*": "mal", "÷": "geteilt durch", "=": "ist", "<": "kleiner als",
        ">": "größer als", "±": "plus minus",
    },
    fractions={
        "1/2": "ein halb", "1/3": "ein Drittel", "2/3": "zwei Drittel", "1/4": "ein Viertel", "3/4": "drei Viertel",
    },
    half="{}einhalb",
    money={
        "€": "ein Euro|Euro|ein Cent|Cent", "EUR": "ein Euro|Euro|ein Cent|Cent",
        "$": "ein Dollar|Dollar|ein Cent|Cent", "USD": "ein US-Dollar|US-Dollar|ein Cent|Cent",
        "US$": "ein US-Dollar|US-Dollar|ein Cent|Cent", "£": "ein Pfund|Pfund|ein Penny|Pence",
        "GBP": "ein Pfund|Pfund|ein Penny|Pence", "CHF": "ein Franken|Franken|ein Rappen|Rappen",
        "Fr.": "ein Franken|Franken|ein Rappen|Rappen", "¥": "ein Yen|Yen", "JPY": "ein Yen|Yen",
        "ct": "ein Cent|Cent", "Ct.": "ein Cent|Cent",
    },
    scales={
        "Mio.": "eine Million |Millionen ", "Mrd.": "eine Milliarde |Milliarden ", "Tsd.": "tausend |tausend ",
        "Million": "eine Million |Millionen ", "Millionen": "eine Million |Millionen ",
        "Milliarde": "eine Milliarde |Milliarden ", "Milliarden": "eine Milliarde |Milliarden ",
    },
    clock=("HH:MM(?: ?Uhr)?", r"HH\.MM ?Uhr", "HH ?Uhr(?: MM)?"),
    hours={1: "ein"},
    at="{hour} Uhr {minute}",
    sharp="{hour} Uhr",
    date="{day} {month} {year}",
    before_day="(?i:am|vom|zum|bis|ab|seit|den|der|dem|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag,?|Mittwoch,?)",
    masculine=words("Tag Monat Euro Meter Kilometer Liter Grad Cent Dollar Mal Jahr Kilo Gramm Pfund Prozent Punkt"),
    feminine=words("Stunde Minute Sekunde Woche Million Milliarde Person Nacht Tonne Frage Seite Tablette"),
    hundreds="hundert",
)  # fmt: skip

SITUATION = Situation(
    named="Du heißt {name}. Sprich nur Deutsch.",
    limits="Du kannst nur reden: Sollst du etwas tun, zum Beispiel anrufen, erinnern, schicken, abspielen, "
    "bestellen oder schalten, sage, dass du das nicht kannst. Du hast weder Internet noch Augen: Fragt "
    "jemand nach Wetter, Nachrichten, Preisen, Orten oder sich selbst, sage, dass du es nicht weißt, außer "
    "er hat es dir gesagt.",
    moment="Es ist {weekday}, der {day}. {month} {year}, {time} Uhr.",
    date="Heute ist {weekday}, der {day}. {month} {year}.",
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
)

RECORDING = Recording(
    question="Darf ich dieses Gespräch aufnehmen? Bitte sagen Sie ja oder nein.",
    agreed="Danke. Dieses Gespräch wird aufgenommen. Sagen Sie Aufnahme beenden, wenn sie enden soll.",
    declined="Gut, es wird nichts aufgenommen.",
    company="Sie sind nicht allein, deshalb wird nichts aufgenommen.",
    joined="Es ist jemand dazugekommen, deshalb ist die Aufnahme beendet.",
    stopped="Die Aufnahme ist beendet.",
    forgets_not="In der Aufnahme ist es noch. Sagen Sie vergiss alles, und die Aufnahme wird gelöscht.",
    deleted="Die Aufnahme ist gelöscht.",
    not_begun="Leider kann ich dieses Gespräch nicht aufnehmen, es wird also nichts aufgenommen. Wir können so "
    "weitersprechen.",
    broken_off="Die Aufnahme ist beendet, weil sie nicht mehr geschrieben werden kann. Wir können so weitersprechen.",
    not_deleted="Die Aufnahme ist beendet, konnte aber nicht gelöscht werden. Bitte sagen Sie das denen, die diesen "
    "Dienst betreiben.",
    before="ach|oh|also|äh|ähm|hm|na|ok|okay",
    yes="ja|jawohl|jo|klar|na klar|sicher|natürlich|gerne?|sehr gerne?|okay|ok|einverstanden|in ordnung"
    "|selbstverständlich|von mir aus|meinetwegen|(?:das )?(?:dürfen sie|darfst du)|sie dürfen|du darfst"
    "|(?:ich )?bin einverstanden|ich stimme zu|auf jeden fall|kein problem",
    after="bitte|danke|(?:das|es) (?:ist|geht) (?:in ordnung|okay|ok|gut)|(?:sie dürfen )?(?:das gespräch )?aufnehmen",
    no=r"(?:(?:ach|oh|also|äh|ähm|hm|bitte) )*(?:nein|nö|nee|ne|nicht|niemals|nie|lieber nicht|eher nicht|besser nicht"
    r"|auf keinen fall|keinesfalls|ich (?:möchte|will) (?:das )?nicht|das (?:möchte|will) ich nicht)\b",
    stop=r"(?:(?:bitte|ok|okay|jetzt|gut) )*(?:(?:die |diese )?aufnahme (?:(?:bitte|jetzt|sofort) )*"
    r"(?:beenden|stoppen|stopp|anhalten|abbrechen|ausschalten|abschalten)"
    r"|(?:beende|beenden sie|stoppe?|stoppen sie|brich|brechen sie|schalte?|schalten sie) (?:(?:bitte|jetzt) )*"
    r"(?:die|diese) aufnahme(?: (?:ab|aus))?|(?:kannst du|könntest du|können sie|könnten sie) (?:bitte )?(?:die|diese) "
    r"aufnahme (?:bitte )?(?:beenden|stoppen|anhalten|abbrechen|ausschalten|abschalten)"
    r"|(?:hör|hören sie) (?:bitte )?auf (?:mich )?aufzunehmen|nicht (?:mehr|weiter) aufnehmen)"
    r"(?: (?:bitte|jetzt|danke|sofort))*",
)

TIMING = Timing(
    units=(("Stunde", "Stunden"), ("Minute", "Minuten"), ("Sekunde", "Sekunden")),
    joint="und",
    named="Timer über {span}",
    how_long="Wie lange soll der Timer laufen?",
    limits="Ein Timer kann von einer Sekunde bis zu einem Tag laufen.",
    many="Es laufen schon {count} Timer.",
    started="Gut, {span}, ab jetzt.",
    promise="Ich melde mich, wenn dieser Anruf dann noch läuft.",
    none="Es läuft kein Timer.",
    unknown="So ein Timer läuft nicht.",
    left=("Es bleibt noch {span}.", "Es bleiben noch {span}."),
    several="Es laufen {count} Timer: {each}.",
    each="beim {timer} noch {span}",
    off="Gut, der {timer} ist aus.",
    all_off="Gut, alle Timer sind aus.",
    over="Der {timer} ist abgelaufen.",
)

REQUESTS = Requests(
    before="hallo|hey|hi|guten (?:tag|morgen|abend)|ok|okay|gut|also|so|und|dann|jetzt|ja|nein|bitte|danke|ähm?"
    "|entschuldigung|sag mal|sag(?:e|en sie|st du)? mir(?: bitte| mal)*|(?:weißt du|wissen sie)"
    "|ich (?:möchte|will|würde gerne?) wissen|(?:kannst|könntest|würdest) du(?: mir)?(?: bitte| mal)*"
    "|(?:können|könnten|würden) sie(?: mir)?(?: bitte| mal)*|sagen",
    after="bitte|danke|jetzt|gerade|denn|mal|eigentlich|genau|sagen",
    one="eins?|eine[nrms]?",
    numbers={"zwo": 2, "anderthalb": 1.5, "eineinhalb": 1.5, "zweieinhalb": 2.5, "dreieinhalb": 3.5},
    clock="Es ist {time} Uhr.",
    time=(
        "(?:wie spät|wie ?viel uhr)(?: (?:ist es|ist's|es ist|haben wir|jetzt|gerade|hier))+",
        "(?:was|wie) ist (?:gerade )?die (?:genaue |aktuelle )?uhrzeit|(?:die )?uhrzeit",
        "welche uhrzeit (?:ist es|haben wir)",
    ),
    date=(
        "(?:welcher|was für ein) (?:wochen)?tag (?:ist|haben wir)(?: denn)?(?: heute)?",
        "(?:welches datum|der wievielte|den wievielten|welchen tag) (?:ist|haben wir)(?: denn)?(?: heute)?",
        "(?:was|welches|wie) ist (?:heute )?das (?:heutige |aktuelle )?datum|das heutige datum|welches datum heute ist",
        "(?:welches jahr|welchen monat) haben wir(?: gerade)?|welches jahr ist (?:es|jetzt)|welcher monat ist (?:es"
        "|jetzt)",
        "was (?:ist heute|haben wir heute) für (?:ein|einen) (?:datum|(?:wochen)?tag)",
    ),
    days={
        "übermorgen": (2, "Übermorgen ist"), "morgen": (1, "Morgen ist"), "vorgestern": (-2, "Vorgestern war"),
        "gestern": (-1, "Gestern war"),
    },
    day=(
        "(?:welcher|was für ein) (?:wochen)?tag (?:ist|war)(?: denn)? {day}",
        "was (?:ist|war) {day} für ein (?:datum|(?:wochen)?tag)",
        "(?:welches datum|der wievielte) (?:ist|war|haben wir)(?: denn)? {day}",
    ),
    dated="{begun} {weekday}, der {day}. {month} {year}.",
    until=(
        "(?:wie ?viele tage|wie lange)(?: (?:sind|ist|dauert) es)?(?: noch)? bis (?:zum |zu |zur )?{until}(?: noch)?",
        "in wie ?vielen tagen (?:ist|haben wir) {until}",
    ),
    written=r"{number}\.? {month}",
    feasts={
        "weihnachten": (12, 25), "heiligabend": (12, 24), "heilig abend": (12, 24), "silvester": (12, 31),
        "neujahr": (1, 1), "nikolaus": (12, 6), "halloween": (10, 31),
    },
    days_left=("Das ist heute.", "Es ist noch 1 Tag.", "Es sind noch {count} Tage."),
    when=("(?:wann|an welchem tag) (?:ist|haben wir|feiern wir)(?: denn)? (?:der |dieses jahr )?{until}",),
    falls="Das ist",
    question="(?:was|wie ?viel) (?:ist|sind|ergibt|ergeben|macht|gibt|wäre|wären)|(?:berechne|rechne)(?: mir)?"
    "(?: aus)?",
    asked="(?:ist |sind )?gleich|ergibt|macht|aus|(?:aus)?rechnen",
    signs=(
        (r"(?<=\d) ?(?:%|prozent) (?:von|aus|auf)", "% of"),
        ("(?:die )?(?:quadrat)?wurzel (?:aus|von)", "square root of"), ("(?:zum|im) quadrat|quadrat", "squared"),
        ("hoch", "**"), ("geteilt durch|dividiert durch|durch", "/"), ("multipliziert mit|mal", "*"), ("plus", "+"),
        ("minus|weniger", "-"), ("die hälfte von", "1/2 *"), ("das doppelte von", "2 *"), ("das dreifache von", "3 *"),
        ("(?:ein|1) drittel von", "1/3 *"), ("(?:ein|1) viertel von", "1/4 *"),
    ),
    joined="und",
    money={"€|euros?": "Euro", r"\$|dollar": "Dollar", "franken": "Franken"},
    result="Das ist {}.",
    impossible="Das kann ich nicht ausrechnen.",
    seconds={"stunden?|std": 3600, "minuten?|min": 60, "sekunden?|sek": 1},
    spans={"(?:eine )?halbe stunde": 1800, "(?:eine )?viertelstunde": 900, "(?:eine )?dreiviertelstunde": 2700},
    and_half="",
    set=(
        "(?:stelle?|setze?|starte?|mache?|stellen sie|starten sie|gib|ich brauche|ich hätte gerne?)"
        "(?: mir| bitte| mal| jetzt)* (?:(?:einen?|den|nen|noch einen) )?(?:neuen )?"
        "(?:timer|countdown|küchentimer|kurzzeitwecker)(?:(?: (?:auf|für|von|über|mit))? {span})?(?: (?:ein|an))?"
        "(?: für (?:die|das|den|meine?|meinen) .+)?",
        "(?:(?:stelle?|setze?|starte?|mache?|stellen sie|starten sie|gib|ich brauche)(?: mir| bitte| mal| jetzt)* )?"
        "(?:(?:einen|den|nen|noch einen) )?{span} timer(?: (?:stellen|starten|ein|an))?",
        "(?:(?:einen?|den|nen|noch einen) )?(?:timer|countdown|wecker)(?: bitte)?(?: (?:auf|für|von|über|mit"
        "|in))? {span}"
        "(?: (?:stellen|setzen|starten|einstellen|machen))?",
        "(?:(?:einen|den) )?timer (?:stellen|starten)",
        "stelle?(?: mir| bitte)* (?:einen|den) wecker (?:auf|in) {span}",
        "(?:wecke?|erinnere?|wecken sie|erinnern sie) mich (?:bitte )?in {span}(?: .+)?",
        "(?:mir )?in {span} bescheid",
        "mich in {span} (?:wecken|erinnern)",
        "noch einen (?:auf|für|von|über) {span}",
    ),
    cancel=(
        "(?:lösche?|lösch|stopp?e?|beende|entferne)(?: bitte)? (?:den|die|alle|meinen?|diesen)(?: {span})? timer",
        "(?:lösche?|lösch|stopp?e?|beende|entferne)(?: bitte)? (?:den|meinen) timer (?:über|von|mit|auf|für) {span}",
        "(?:stelle?|schalte?|brich|mache?)(?: bitte)? (?:den|die|alle|meinen?|diesen)(?: {span})? timer (?:ab|aus)",
        "(?:den|die|alle|meinen?) timer (?:bitte )?(?:löschen|stoppen|abbrechen|ausschalten|abstellen|beenden"
        "|ausmachen)|timer (?:aus|stopp?|abbrechen|löschen|stoppen)",
    ),
    left=(
        "wie (?:lange|viel zeit|viele minuten)(?: .+)? timer(?: .+)?",
        "welche timer (?:laufen|sind gestellt|sind aktiv|habe ich gestellt)(?: gerade| noch)?",
        "(?:läuft|laufen)(?: noch| gerade)* (?:ein|der|mein|irgendwelche|meine|die) timer(?: noch)?",
        "wie steht (?:es um )?(?:der|den|mein|meinen) timer",
    ),
    going_on="wie (?:lange|viel zeit)(?: (?:noch|ist|bleibt|habe ich|dauert es|übrig))+",
    drop="(?:lösche?|lösch|stopp?e?|beende|brich) (?:ihn|den|das)(?: wieder)?(?: ab)?|doch nicht",
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
    refusals=limits_de.REFUSALS,
)
