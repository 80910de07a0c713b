"""What nobody here can do or know, as it is asked for in German."""

from __future__ import annotations

from local_agent.config.languages.facts import Refusals

_PLEASE = r"(?:(?:ok|okay|hallo|hey|gut|also|dann|so|ja|bitte|entschuldigung|jetzt) )*"
_SOFTLY = r"(?:(?:bitte|mal|jetzt|doch|einfach|schnell|noch) )*"
_WILL_YOU = r"(?:(?:kannst|könntest|würdest) du|(?:können|könnten|würden) sie) " + _SOFTLY
_THANKS = r"(?: (?:bitte|danke|jetzt|mal))*"
_CLOCK = r"um (?:(?:halb|kurz vor|kurz nach|viertel(?: vor| nach)?) )?\w+(?: uhr)?(?: \d+)?"
_DAY = r"(?:heute|morgen|übermorgen|später|nachher|gleich|sofort)(?: (?:früh|mittag|nachmittag|abend|nacht))?"
_ON = r"(?:am|nächsten|diesen) (?:\w+tag|mittwoch|wochenende|abend|morgen|nachmittag)|nächste woche"
_AT = rf"(?:{_DAY}|{_CLOCK}|{_ON})"
_WHOM = (
    r"(?:(?:meinen?|unseren?|den|die|das|einen?) (?!funktion|methode|programm)[a-zäöüß]+"
    r"|(?!dich|dir|mich|mir|sich|uns|das|es|den|die|was|wen|nie|nicht|erst|wieder)[a-zäöüß]+)"
)
_TO = r"(?:(?:meine[rm]|unsere[rm]|der|dem) [a-zäöüß]+|(?!dir|dich|sich|ihnen)[a-zäöüß]+)"
_MESSAGE = r"(?:eine|die|diese) (?:kurze )?(?:nachricht|mail|e mail|email|sms|whatsapp)"
_THE = r"(?:(?:das|die|den|mein|meine|meinen|unser|unsere|unseren|alle) )+"
_DEVICE = (
    r"(?:(?:steh|decken|schreibtisch|nachttisch)?lampen?|lichter|licht|heizung|fernseher|radio|musik|ventilator"
    r"|klimaanlage|backofen|ofen|herd|(?:spül|wasch|kaffee)maschine|alarmanlage|rollläden|rollladen|jalousien?"
    r"|vorhänge|fenster|(?:haus|garagen|balkon)?tür|garage|garagentor)"
)
_ROOM = r"(?: (?:im|in der|in dem|in meinem|in meiner|auf dem|auf der|am) [a-zäöüß]+)?"
_SWITCHED = (
    r"(?:(?:an|aus|ein|ab|auf|zu|hoch|runter|herunter)(?:machen|schalten|drehen|stellen|fahren|schließen)|dimmen"
    r"|öffnen"
    r"|schließen|(?:lauter|leiser|heller|dunkler|wärmer|kälter) (?:machen|stellen|drehen))"
)
_ORDERED = (
    r"(?:einen?|ein|zwei|drei|vier|\d+|etwas|neue[ns]?) (?:\w+ ){0,2}?(?:tisch|zimmer|hotel|flug|taxi|pizza"
    r"|pizzen|karten"
    r"|tickets?|fahrkarten?|hundefutter|katzenfutter|blumenstrauß|termin|essen|auto|mietwagen|fahrrad|handy)(?:"
    r" \w+){0,4}"
    r"|(?:pizza|blumen|tickets|karten|essen|sushi|milch|hundefutter|katzenfutter)(?: (?:für|nach|zu) \w+(?: \w+)?)?"
)
_FOR_ME = r"(?:(?:mir|uns|für mich|für uns) )?"
_MUSIC = (
    r"(?:(?:etwas|ein bisschen|ein|einen|das|mein|meine|eine) )*(?:\w+ )?(?:musik|lied|song|jazz|rockmusik"
    r"|klassik|radio"
    r"|playlist|album|podcast|hörbuch)(?: von \w+(?: \w+)?)?"
)
_MAIL = r"(?:meine|die) (?:neuen |neuesten |letzten |ungelesenen )?(?:e mails?|emails?|mails?|sms)"
_LIST = (
    r"(?:auf (?:meine|die|unsere|den|meinen|unseren) (?:einkaufsliste|einkaufszettel|to do liste|aufgabenliste)"
    r"|in (?:meinen|den|unseren) (?:termin)?kalender)"
)
_DRINK = r"(?:einen|eine|ein)(?: (?:tasse|glas|flasche|kanne))? (?:tee|kaffee|wasser|bier|wein|sandwich|frühstück)"
_DUE = r"an (?:den|die|das|meinen?|mein|unseren?) \w*(?:termin|geburtstag|tabletten|medikamente|müll|anruf|einkauf)"
_ONLINE = r"(?:im internet|im netz|online|bei google)"
_DO = (
    rf"(?:rufe?|rufen sie) {_SOFTLY}{_WHOM}(?: {_AT})* an",
    rf"(?:rufe?|rufen sie) {_SOFTLY}(?:mich|uns)(?: {_AT})+ an",
    rf"{_WILL_YOU}{_WHOM}(?: {_AT})* anrufen",
    rf"(?:rufe?|hole?|bestelle?|rufen sie|bestellen sie) {_SOFTLY}(?:mir|uns) {_SOFTLY}(?:ein|einen) (?:taxi"
    rf"|krankenwagen"
    r"|notarzt)(?: (?:zum|nach|für) \w+(?: \w+)?)?",
    rf"(?:erinner[en]?|erinnern sie) {_SOFTLY}mich(?: {_AT})+ (?:daran(?: .+)?|an .+)",
    rf"(?:erinner[en]?|erinnern sie) {_SOFTLY}mich {_SOFTLY}{_DUE}(?: {_AT})*",
    rf"(?:erinner[en]?|erinnern sie) {_SOFTLY}mich {_SOFTLY}daran (?!wer|wie|was|wo|warum|wann|welche)(?:.+ )?"
    r"(?:zu [a-zäöüß]+n|[a-zäöüß]{2,3}zu[a-zäöüß]+en)",
    rf"{_WILL_YOU}mich {_SOFTLY}(?:{_AT} )+(?:daran|an .+) erinnern(?: .+)?",
    rf"(?:wecke?|wecken sie) {_SOFTLY}(?:mich|uns)(?: {_AT})*",
    rf"{_WILL_YOU}(?:mich|uns) {_SOFTLY}(?:{_AT} )*wecken",
    rf"(?:stelle?|stellen sie) {_SOFTLY}{_FOR_ME}(?:einen|den|meinen) wecker (?:auf|für) \w+(?: \w+){{0,3}}",
    rf"(?:schreibe?|setze?|packe?|trage?|schreiben sie|setzen sie) {_SOFTLY}.+ {_LIST}(?: ein)?",
    rf"{_WILL_YOU}.+ {_LIST} (?:schreiben|setzen|packen|eintragen)",
    rf"(?:mache?|schreibe?) {_SOFTLY}{_FOR_ME}eine notiz(?: dass .+)?",
    rf"(?:schicke?|sende|schicken sie|senden sie) {_SOFTLY}{_TO} {_MESSAGE}(?: .+)?",
    rf"{_WILL_YOU}{_TO} {_MESSAGE} (?:schicken|senden)(?: .+)?",
    rf"(?:sage?|sagen sie) {_SOFTLY}(?:meine[rm]|unsere[rm]) [a-zäöüß]+ (?:bescheid|dass)(?: .+)?",
    rf"{_WILL_YOU}(?:meine[rm]|unsere[rm]) [a-zäöüß]+ (?:bescheid )?sagen(?: dass .+)?",
    rf"(?:lies|lesen sie) {_SOFTLY}(?:mir )?{_SOFTLY}{_MAIL}(?: vor)?",
    rf"{_WILL_YOU}(?:mir )?{_SOFTLY}{_MAIL} vorlesen",
    rf"(?:bestelle?|buche?|reserviere?|kaufe?|(?:bestellen|buchen|reservieren|kaufen) sie) {_SOFTLY}{_FOR_ME}{_SOFTLY}"
    rf"(?:{_ORDERED})",
    rf"{_WILL_YOU}{_FOR_ME}{_SOFTLY}(?:{_ORDERED}) (?:bestellen|buchen|reservieren|kaufen)",
    rf"(?:spiele?|spielen sie) {_SOFTLY}{_FOR_ME}{_SOFTLY}{_MUSIC}(?: ab)?",
    rf"{_WILL_YOU}{_FOR_ME}{_SOFTLY}{_MUSIC} (?:ab)?spielen",
    rf"(?:mache?|schalte?|drehe?|stelle?|fahre?|(?:machen|schalten|drehen|stellen|fahren) sie)"
    rf" {_SOFTLY}{_THE}{_DEVICE}"
    rf"{_ROOM} {_SOFTLY}(?:an|aus|ein|ab|auf|zu|hoch|runter|herunter|höher|niedriger|wärmer|kälter|lauter|leiser"
    rf"|heller"
    r"|dunkler|auf \w+ grad)",
    rf"(?:öffne|schließe?|verriegle|dimme?|(?:öffnen|schließen|dimmen) sie) {_SOFTLY}{_THE}{_DEVICE}{_ROOM}(?: ab| auf"
    r"| zu)?",
    rf"{_WILL_YOU}{_THE}{_DEVICE}{_ROOM} {_SOFTLY}{_SWITCHED}",
    rf"(?:suche?|suchen sie) {_SOFTLY}(?:das )?{_ONLINE}(?: nach .+)?|google {_SOFTLY}(?:das|es)",
    rf"(?:schaue?|sieh|guck|schauen sie) {_SOFTLY}(?:das )?{_ONLINE} nach(?: .+)?",
    rf"{_WILL_YOU}(?:das|es) (?:{_ONLINE} (?:nachsehen|nachschauen|nachschlagen|suchen)|googeln)",
    rf"(?:koche?|mache?|bringe?|hole?) {_SOFTLY}(?:mir|uns) {_SOFTLY}{_DRINK}",
    rf"{_WILL_YOU}(?:mir|uns) {_SOFTLY}{_DRINK} (?:kochen|machen|bringen|holen)",
)
_NOWISH = rf"(?: (?:{_DAY}|{_ON}|jetzt|gerade|draußen|hier|aktuell|momentan|derzeit|noch))"
_THERE = r"(?: (?:in|bei) (?!der|dem|den|einer|einem)[a-zäöüß]+)?"
_SKY = r"(?:regnen|schneien|gewittern|stürmen|kalt|warm|heiß|sonnig|schön|windig|neblig|frieren)"
_SHOP = (
    r"(?:apotheke|supermarkt|bank|bibliothek|bücherei|museum|post|bäckerei|bäcker|restaurant|café|zoo|schwimmbad"
    r"|rathaus)"
)
_DEAR = r"(?:bitcoin|gold|silber|öl|benzin|diesel|unze gold|liter (?:benzin|diesel)|fass öl|barrel öl)"
_MONEY = r"(?:dollar|euro|pfund|franken|yen)"
_NOW = (
    rf"wie (?:ist|wird|war){_NOWISH}* (?:das wetter|die temperatur|der wetterbericht){_NOWISH}*{_THERE}{_NOWISH}*"
    r"(?: sein| werden)?",
    rf"(?:regnet|schneit|gewittert|stürmt) es{_NOWISH}+{_THERE}|wird es{_NOWISH}*{_THERE} {_SKY}{_NOWISH}*",
    rf"(?:wie (?:kalt|warm|heiß|windig)|wie viel grad) (?:ist|wird|sind|hat) es{_NOWISH}+{_THERE}",
    rf"brauche ich{_NOWISH}* (?:einen|eine|meinen|meine) (?:regenschirm|schirm|jacke|mantel|regenjacke){_NOWISH}*",
    rf"(?:was|wie) (?:sind|lauten) (?:heute )?die (?:neuesten |aktuellen |heutigen )?(?:nachrichten"
    rf"|schlagzeilen){_NOWISH}*"
    rf"|was (?:gibt es|gibt's){_NOWISH}* neues in (?:der welt|den nachrichten)",
    r"wer hat (?:gestern(?: abend)?|heute|am wochenende|am \w+tag) (?:das|beim) \w+(?: gegen \w+| zwischen \w+"
    r" und \w+)?"
    r" gewonnen",
    rf"(?:was|wie ?viel) (?:kostet|kosten){_NOWISH}* (?:(?:ein|eine|das|der) )?{_DEAR}{_NOWISH}*",
    rf"wie (?:hoch )?(?:steht|ist){_NOWISH}* (?:der|die) (?:aktuelle )?(?:dax|dow jones|nasdaq|bitcoin|bitcoinkurs"
    rf"|aktienkurs|wechselkurs|goldpreis|ölpreis|benzinpreis)(?: von \w+)?{_NOWISH}*",
    rf"(?:was|wie ?viel) (?:ist|sind) \w+ {_MONEY} in {_MONEY}",
    r"wann (?:fährt|kommt|geht|fliegt) (?:der|die|mein|meine|das) nächste[rs]? (?:bus|zug|bahn|straßenbahn|u"
    r" bahn|s bahn"
    r"|tram|fähre|flug)(?: (?:nach|zum|zur) \w+)?",
    rf"(?:hat|ist) (?:die|der|das) {_SHOP}(?: (?:in|an|am|auf) (?:(?:der|dem) )?\w+)?{_NOWISH}* (?:offen"
    rf"|geöffnet|auf|zu"
    r"|geschlossen)",
    rf"wie ist{_NOWISH}* der verkehr{_NOWISH}*|was (?:läuft|kommt){_NOWISH}* im (?:fernsehen|kino|radio){_NOWISH}*",
)
_THING = (
    r"(?:schlüssel|autoschlüssel|handy|telefon|brille|auto|geldbeutel|portemonnaie|tasche|hund|katze"
    r"|fernbedienung|schuhe"
    r"|mann|frau|sohn|tochter|bruder|schwester)"
)
_SELF = (
    r"wie heiße ich(?: (?:eigentlich|nochmal))*|(?:weißt du|wissen sie) (?:noch |eigentlich )?(?:wie ich heiße"
    r"|wer ich bin)",
    r"(?:was|wie) (?:ist|lautet) (?:mein (?:name|nachname|vorname|geburtstag)|meine (?:adresse|telefonnummer"
    r"|handynummer))",
    r"wer bin ich|wie alt bin ich|wann habe ich geburtstag|wie (?:groß|schwer) bin ich",
    r"wo (?:bin ich|wohne ich|sind wir)(?: (?:gerade|jetzt|hier))*",
    r"in welche[rm] (?:stadt|land|straße|ort) (?:bin ich|sind wir|wohne ich|lebe ich)(?: gerade)?",
    r"was (?:habe ich (?:gerade |heute )?an|trage ich (?:gerade|heute)|halte ich (?:gerade )?in der hand|mache"
    r" ich gerade)",
    r"welche farbe (?:hat|haben) (?:mein|meine) (?:hemd|haare|augen|auto|schuhe|kleid|jacke|hose|pullover|haus)",
    r"wie sehe ich (?:(?:heute|gerade|jetzt) )?aus|wie viele finger (?:halte|zeige) ich (?:gerade )?hoch",
    rf"wo (?:ist|sind) (?:mein|meine) {_THING}|wo habe ich (?:mein|meine|meinen) {_THING} (?:hingelegt|gelassen"
    rf"|geparkt"
    r"|verloren)",
    r"wer (?:ist|sitzt|steht) (?:noch |gerade )?(?:bei mir|neben mir|hinter mir|vor der tür|an der tür|(?:mit mir )?im"
    r" (?:zimmer|raum))",
    r"wie viele (?:leute|personen|menschen) sind (?:gerade )?(?:bei mir|hier im (?:zimmer|raum)|im (?:zimmer|raum))",
    r"was habe ich (?:gestern|heute|letzte woche)(?: (?:zu mittag|zum mittagessen|zum frühstück|zum abendessen))?"
    r" (?:gegessen|gemacht|gekauft|geträumt)",
    rf"habe ich{_NOWISH}* (?:einen |irgendwelche )?(?:termine?|neue (?:nachrichten|e mails|emails|mails)){_NOWISH}*",
    rf"was (?:steht|habe ich){_NOWISH}* (?:in meinem (?:termin)?kalender|auf meiner einkaufsliste){_NOWISH}*",
    r"wann ist mein (?:nächster )?(?:\w*termin|flug|vorstellungsgespräch)",
    r"ist (?:mein paket|meine bestellung|meine lieferung) (?:schon |bereits )?(?:angekommen|da|geliefert worden)",
    r"bin ich (?:glücklich|traurig|müde|allein|verheiratet)(?: oder \w+)?",
)

REFUSALS = Refusals(
    please=_PLEASE,
    thanks=_THANKS,
    do=_DO,
    cant="Das kann ich leider nicht. Ich kann nur mit Ihnen sprechen.",
    now=_NOW,
    always="winter|sommer|frühling|herbst|normalerweise|meistens|durchschnittlich|klima|mars|mond|venus|weltall",
    unknown="Das weiß ich nicht. Ich habe kein Internet und kann nicht nachsehen.",
    self=_SELF,
    unseen="Das weiß ich nicht. Ich kann Sie nicht sehen, und Sie haben es mir nicht gesagt.",
    others="heißt|bedeutet|auf (?:englisch|französisch|spanisch|italienisch|deutsch|latein)|geschichte|märchen|roman"
    "|gedicht|rätsel|spiel mit|sagte|wäre|sollte|rat|satz",
    told=r"ich|mich|mir|mein\w*|wir|uns|unser\w*",
)
