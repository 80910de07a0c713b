"""What nobody here can do or know, as it is asked for in German."""

from __future__ import annotations

from local_agent.config.languages.facts import Refusals

_PLEASE = (
    r"(?:(?:ok|okay|hallo|hey|gut|also|dann|so|ja|bitte|entschuldigung|jetzt|du|sag mal|ähm?|äh|hör mal|servus|moin"
    r"|grüezi) )*"
)
_SOFTLY = r"(?:(?:ein (?:bisschen|wenig)|etwas|bitte|mal|jetzt|doch|einfach|schnell|noch) )*"
_WILL_YOU = r"(?:(?:kannst|könntest|würdest) du|(?:können|könnten|würden) sie) " + _SOFTLY
_THANKS = r"(?: (?:bitte|danke|jetzt|mal|ja|gell|okay|ok))*"
_CLOCK = r"um (?:(?:halb|kurz vor|kurz nach|viertel(?: vor| nach)?) )?\w+(?: uhr)?(?: \d+)?"
_DAY = r"(?:heute|morgen|übermorgen|später|nachher|gleich|sofort)(?: (?:früh|mittag|nachmittag|abend|nacht))?"
_ON = (
    r"(?:(?:am|nächsten|diesen|dieses) )?(?:\w+tag|mittwoch|wochenende|abend|morgen|nachmittag)|(?:nächste|diese) woche"
)
_AT = rf"(?:{_DAY}|{_CLOCK}|{_ON})"
_WHOM = (
    r"(?:(?:meinen?|unseren?|den|die|das|einen?) (?!funktion|methode|programm)[a-zäöüß]+"
    r"|(?!dich|dir|mich|mir|sich|uns|das|es|den|die|was|wen|nie|nicht|erst|wieder)[a-zäöüß]+)"
)
_TO = r"(?:(?:meine[rm]|unsere[rm]|der|dem) [a-zäöüß]+|(?!dir|dich|sich|ihnen)[a-zäöüß]+)"
_MESSAGE = r"(?:eine|die|diese) (?:kurze )?(?:nachricht|mail|e mail|email|sms|whatsapp)"
_PLACE = r"(?: (?:in|bei|für) (?!einer?|einem|der|dem|den)[a-zäöüß]+(?: [a-zäöüß]+){0,2})?"
_REMINDED = r"(?!wer|wie|was|wo|warum|wann|welche)(?:[\w ]+ )?(?:zu [a-zäöüß]+n|[a-zäöüß]{2,3}zu[a-zäöüß]+en)"
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
    r"|tickets?|fahrkarten?|hundefutter|katzenfutter|blumenstrauß|\w+karten|reservierung|restaurant|mittagessen"
    r"|abendessen|termin|essen|auto|mietwagen|fahrrad|handy)(?:"
    r" \w+){0,7}"
    r"|(?:pizza|blumen|tickets|karten|essen|sushi|milch|hundefutter|katzenfutter)(?: (?:für|nach|zu) \w+(?: \w+)?)?"
)
_FOR_ME = r"(?:(?:mir|uns|für mich|für uns) )?"
_MUSIC = (
    r"(?:(?:was|etwas) (?:von|aus|auf) [\wäöüß ]{2,40}|(?:(?:etwas|ein bisschen|ein|einen|das|mein|meine|eine|die"
    r"|einige|mal) )*(?:\w+ )?(?:\w*musik|lied|lieder|songs|track|stück|song|jazz|rockmusik"
    r"|klassik|radio"
    r"|playlist|album|podcast|hörbuch)(?: (?:von|aus|auf) [\wäöüß ]{2,40})?)"
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
    rf"(?:erinner[en]?|erinnern sie) {_SOFTLY}mich (?:{_AT} )*{_SOFTLY}(?:dar?an |dran )?{_REMINDED}",
    rf"lass {_SOFTLY}mich {_SOFTLY}nicht vergessen {_REMINDED}|(?:erstelle?|setze?"
    rf"|mache?) {_SOFTLY}{_FOR_ME}eine erinnerung"
    rf" .+",
    rf"{_WILL_YOU}mich {_SOFTLY}(?:{_AT} )+(?:daran|an .+) erinnern(?: .+)?",
    rf"(?:wecke?|wecken sie) {_SOFTLY}(?:mich|uns)(?: {_AT})*",
    rf"{_WILL_YOU}(?:mich|uns) {_SOFTLY}(?:{_AT} )*wecken",
    rf"(?:stelle?|setze?|erstelle?|mache?|stellen sie) {_SOFTLY}{_FOR_ME}(?:einen|den|meinen"
    rf"|zwei)(?: neuen)? (?:wecker|alarm)(?:"
    rf" {_AT})*(?: (?:auf|für|um|alle) \w+(?: \w+){{0,5}})?(?: ein)?|wecker (?:ein|an|(?:auf|für|um) [\w ]{{2,30}})",
    rf"(?:schreibe?|setze?|packe?|trage?|schreiben sie|setzen sie) {_SOFTLY}.+ {_LIST}(?: ein)?",
    rf"{_WILL_YOU}.+ {_LIST} (?:schreiben|setzen|packen|eintragen)",
    rf"(?:mache?|schreibe?) {_SOFTLY}{_FOR_ME}eine notiz(?: dass .+)?",
    rf"(?:schicke?|sende|schicken sie|senden sie) {_SOFTLY}{_TO} {_MESSAGE}(?: .+)?",
    rf"{_WILL_YOU}{_TO} {_MESSAGE} (?:schicken|senden)(?: .+)?",
    rf"(?:sage?|sagen sie) {_SOFTLY}(?:(?:meine[rm]|unsere[rm]) [a-zäöüß]+ (?:bescheid|dass)|(?:de[mr] )?(?!mir|uns)"
    rf"[a-zäöüß]+ bescheid)(?: .+)?",
    rf"(?:überweise?|zahle?|bezahle?) {_SOFTLY}(?:(?:meine[rmn]?|dem|der|die|das) [a-zäöüß]+(?: .+)?|\w+ (?:euro"
    rf"|franken)(?: .+)?)",
    rf"(?:mache?|vereinbare?|verschiebe?|storniere?|sage?) {_SOFTLY}{_FOR_ME}(?:einen|meinen|den) (?:\w*termin"
    rf"|flug)(?: .+)?",
    rf"{_WILL_YOU}(?:meine[rm]|unsere[rm]) [a-zäöüß]+ (?:bescheid )?sagen(?: dass .+)?",
    rf"(?:lies|lesen sie) {_SOFTLY}(?:mir )?{_SOFTLY}{_MAIL}(?: vor)?",
    rf"{_WILL_YOU}(?:mir )?{_SOFTLY}{_MAIL} vorlesen",
    rf"(?:bestelle?|buche?|reserviere?|kaufe?|(?:bestellen|buchen|reservieren|kaufen) sie) {_SOFTLY}{_FOR_ME}{_SOFTLY}"
    rf"(?:{_ORDERED})",
    rf"{_WILL_YOU}{_FOR_ME}{_SOFTLY}(?:{_ORDERED}) (?:bestellen|buchen|reservieren|kaufen)",
    rf"(?:spiele?|spielen sie) {_SOFTLY}{_FOR_ME}{_SOFTLY}{_MUSIC}(?: ab)?",
    rf"{_WILL_YOU}{_FOR_ME}{_SOFTLY}{_MUSIC} (?:ab)?spielen",
    rf"(?:mache?|schalte?|drehe?|stelle?|fahre?|(?:machen|schalten|drehen|stellen|fahren) sie)"
    rf" {_SOFTLY}(?:{_THE})?{_DEVICE}"
    rf"{_ROOM} {_SOFTLY}(?:an|aus|ein|ab|auf|zu|hoch|runter|herunter|höher|niedriger|wärmer|kälter|lauter|leiser"
    rf"|heller"
    r"|dunkler|auf \w+ grad)",
    rf"(?:öffne|schließe?|verriegle|dimme?|sperre?|(?:öffnen|schließen"
    rf"|dimmen) sie) {_SOFTLY}{_THE}{_DEVICE}{_ROOM}(?: ab| auf"
    r"| zu)?",
    rf"{_WILL_YOU}{_THE}{_DEVICE}{_ROOM} {_SOFTLY}{_SWITCHED}",
    rf"(?:suche?|suchen sie) {_SOFTLY}(?:das )?{_ONLINE}(?: nach .+)?|google {_SOFTLY}(?:das|es)",
    rf"(?:schaue?|sieh|guck|schauen sie) {_SOFTLY}(?:das )?{_ONLINE} nach(?: .+)?",
    rf"{_WILL_YOU}(?:das|es) (?:{_ONLINE} (?:nachsehen|nachschauen|nachschlagen|suchen)|googeln)",
    rf"(?:koche?|mache?|bringe?|hole?) {_SOFTLY}(?:mir|uns) {_SOFTLY}{_DRINK}",
    rf"{_WILL_YOU}(?:mir|uns) {_SOFTLY}{_DRINK} (?:kochen|machen|bringen|holen)",
)
_NOWISH = rf"(?: (?:{_DAY}|{_ON}|jetzt|gerade|draußen|hier|aktuell|momentan|derzeit|noch))"
_FEEL = (
    r"(?:(?:sehr|so|wieder) )?(?:kalt|kühl|warm|heiß|sonnig|schön|windig|neblig|bewölkt|feucht|regnerisch|stürmisch"
    r"|trocken"
    r"|kälter|wärmer|kühler)"
)
_FALLS = r"(?:(?:einen?|ein) )?(?:sturm|stürme|gewitter|schnee|regen|schneesturm|unwetter|nebel|frost|sonne)"
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
    rf"(?:wie (?:kalt|warm|heiß|windig)|wie viel grad) (?:ist|wird|sind|hat) es{_NOWISH}*{_THERE}(?: sein| werden)?"
    rf"|ist es(?:{_NOWISH}+{_THERE} {_FEEL}| {_FEEL}{_NOWISH}+{_THERE})"
    rf"|wird es{_NOWISH}*{_PLACE}{_NOWISH}* (?:{_FEEL}(?: sein| werden)?"
    rf"|{_SKY}|{_FALLS} geben)|wird{_NOWISH}* die sonne scheinen",
    rf"(?:was|wie) (?:ist|wird|sieht) (?:die|der|das) (?:aktuelle )?(?:temperatur|luftfeuchtigkeit|wetter|prognose"
    rf"|vorhersage"
    rf"|wettervorhersage|wetterbericht)(?: für)?(?:{_NOWISH}*{_PLACE}|{_PLACE}{_NOWISH}*)(?: aus| sein)?"
    rf"|(?:das )?wetter"
    rf"(?:{_NOWISH}+| in [a-zäöüß]+(?: [a-zäöüß]+)?)",
    rf"wann (?:wird es{_NOWISH}* (?:regnen|schneien)|regnet es|hört es auf zu (?:regnen|schneien)"
    rf"|hört der regen auf){_NOWISH}*",
    rf"soll ich{_NOWISH}* (?:einen|eine|meinen|meine|den|die) (?:regenschirm|schirm|jacke|mantel"
    rf"|regenjacke)(?:{_NOWISH})*"
    rf" (?:tragen|mitnehmen|mitbringen|anziehen|einpacken)",
    rf"brauche? ich{_NOWISH}* (?:einen|eine|meinen|meine) (?:regenschirm|schirm|jacke|mantel|regenjacke){_NOWISH}*",
    rf"(?:was|wie) (?:sind|lauten) (?:heute )?die (?:neuesten |aktuellen |heutigen )?(?:nachrichten"
    rf"|schlagzeilen){_NOWISH}*"
    rf"|was (?:gibt es|gibt's){_NOWISH}* neues in (?:der welt|den nachrichten)",
    r"wer hat (?:gestern(?: abend)?|heute|am wochenende|am \w+tag)(?: (?:das|beim) \w+(?: gegen \w+| zwischen \w+"
    r" und \w+)?)?"
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
    r"welche farbe (?:hat|haben) (?:mein|meine) (?:hemd|haare|augen|auto|schuhe|kleid|jacke|hose|pullover|pulli|haus"
    r"|shirt|t shirt|bluse|mantel)",
    r"wie sehe ich (?:(?:heute|gerade|jetzt) )?aus|wie viele finger (?:halte|zeige) ich (?:gerade )?hoch",
    rf"wo (?:ist|sind) (?:mein|meine) {_THING}|wo habe ich (?:mein|meine|meinen) {_THING} (?:hingelegt|gelassen"
    rf"|geparkt"
    r"|verloren)",
    r"wer (?:ist|sitzt|steht) (?:noch |gerade )?(?:bei mir|neben mir|hinter mir|vor der tür|an der tür|(?:mit mir )?im"
    r" (?:zimmer|raum))",
    r"wie viele (?:leute|personen|menschen) sind (?:gerade )?(?:bei mir|hier im (?:zimmer|raum)|im (?:zimmer|raum))",
    r"was habe? ich (?:gestern|heute|letzte woche)(?: (?:zu mittag|zum mittagessen|zum frühstück|zum abendessen))?"
    r" (?:gegessen|gemacht|gekauft|geträumt)",
    rf"habe? ich{_NOWISH}* (?:einen |irgendwelche )?(?:termine?|neue (?:nachrichten|e mails|emails|mails)){_NOWISH}*",
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
