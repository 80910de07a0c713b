"""What nobody here can do or know, as it is asked for in Dutch, of the Netherlands and of Flanders."""

from __future__ import annotations

from local_agent.config.languages.facts import Refusals

_PLEASE = (
    r"(?:(?:ok|oké|oke|hallo|hoi|hé|hey|zeg|nou|dus|dan|en|ja|goed|eh|euh|luister|sorry|pardon|nu|alsjeblieft"
    r"|alstublieft"
    r"|goeie(?:morgen|middag|navond)|goede(?:morgen|middag|navond)) )*"
)
_SOFTLY = r"(?:(?:alsjeblieft|alstublieft|even|eventjes|eens|nu|maar|gewoon|snel|toch|nog|ook|misschien|vlug|effe) )*"
_YOU = r"(?:(?:kan|kun|kunt|zou|wil|wilt) (?:je|jij|u|ge|gij)|zou (?:je|u) (?:kunnen|willen))"
_WILL_YOU = rf"{_YOU} {_SOFTLY}"
_COULD = r"(?:(?:kunnen|willen) )?"
_THANKS = (
    r"(?: (?:alsjeblieft|alstublieft|even|eens|nu|bedankt|dank je(?: wel)?|dank u(?: wel)?|graag|hè|hé|oké|ok|aub"
    r"|(?:wil|kun|kan) je|wilt u|ja|maar))*"
)
_DAY = (
    r"(?:vandaag|morgen|overmorgen|vanavond|vannacht|vanmiddag|straks|later|zo meteen|meteen|direct|morgenvroeg"
    r"|morgen(?:ochtend|middag|avond))(?: (?:vroeg|om \w+))?"
)
_CLOCK = r"(?:om|rond|tegen) (?:(?:half|kwart (?:voor|over)) )?\w+(?: uur)?(?: \d+)?"
_ON = (
    r"(?:(?:op|volgende|deze|komende|aanstaande|dit) )?(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
    r"|weekend"
    r"|week)(?:ochtend|middag|avond)?|in het weekend"
)
_AT = rf"(?:{_DAY}|{_CLOCK}|{_ON})"
_MY = r"(?:mijn|m'n|me|ons|onze|de|het|m'n)"
_NAME = (
    r"(?!mij\b|me\b|mezelf|jou\b|je\b|dat\b|dit\b|het\b|niet\b|nooit\b|de\b|een\b|ons\b|op\b|eens\b|even\b)[a-zà-ÿ]{2,}"
)
_WHOM = rf"(?:{_MY} (?!functie|methode|programma)[a-zà-ÿ]+|{_NAME})"
_MESSAGE = (
    r"(?:een (?:kort )?(?:bericht|berichtje|sms|sms'je|smsje|appje|mail|mailtje|e mail|whatsappje|kaartje)|(?:dit"
    r"|het) bericht)"
)
_TO = rf"(?:naar|aan) {_WHOM}"
_MAIL = (
    r"(?:mijn|m'n|de) (?:nieuwe |laatste |ongelezen )*(?:mails?|mailtjes|e mails?|berichten|berichtjes|smsjes|appjes)"
)
_THE = r"(?:(?:de|het|mijn|m'n|onze|ons|alle) )+"
_DEVICE = (
    r"(?:(?:bureau|sta|nacht)?lamp(?:en|je)?|lichten|licht|verwarming|kachel|chauffage|thermostaat|tv|tele|televisie"
    r"|teevee"
    r"|radio|muziek|volume|geluid|ventilator|airco|oven|fornuis|vaatwasser|wasmachine|droger|koffiezetapparaat|alarm"
    r"|rolluik(?:en)?|gordijn(?:en)?|raam|ramen|(?:voor|achter|garage|balkon)?deur(?:en)?|garage|poort|computer)"
)
_ROOM = r"(?: (?:in|op|van) (?:de|het|mijn|onze) [a-zà-ÿ]+)?"
_STATE = (
    r"(?:aan|uit|open|dicht|toe|af|op slot|(?:een beetje |wat |iets |nog wat )?(?:hoger|lager|zachter|harder|luider"
    r"|warmer"
    r"|kouder|feller|donkerder)|op \w+(?: graden)?)"
)
_SWITCH = (
    r"(?:(?:aan|uit|open|dicht|toe)(?:doen|zetten|draaien|maken|steken)|(?:aan|uit|open|dicht|toe|af|op slot|hoger"
    r"|lager|zachter|harder"
    r"|warmer|kouder) (?:kunnen )?(?:doen|zetten|draaien|maken)|sluiten|openen|dimmen|uitschakelen|inschakelen"
    r"|aansteken)"
)
_ORDERED = (
    r"(?:(?:een|twee|drie|vier|\d+|wat|nieuwe?|nog) (?:[\w']+ ){0,2}?(?:tafel|tafeltje|restaurant|reservering|kamer"
    r"|hotel|vlucht|taxi|pizza(?:'s)?|pizzaatje"
    r"|kaartjes?|tickets?|kaarten|treinkaartjes?|bloemen|bos bloemen|eten|auto|fiets|boek|hondenvoer|kattenvoer"
    r"|plaatsen)"
    r"(?: [\w' ]{1,40})?|(?:pizza|bloemen|tickets|kaartjes|eten|sushi|hondenvoer)(?: (?:voor|naar|bij) [\w ]{1,20})?)"
)
_FOR_ME = r"(?:(?:(?:voor )?(?:mij|me|ons)) )?"
_MUSIC = (
    r"(?:(?:een|wat|mijn|de|het|eens|iets|een beetje) )*(?:\w+ )?(?:muziek|muziekje|liedje|lied|nummer|nummers"
    r"|liedjes|nummertje|plaatje"
    r"|plaat|jazz|rock|radio|playlist|album|podcast|luisterboek)(?: (?:van|uit|op) [\w' ]{1,30})?"
)
_LIST = (
    r"(?:op|aan|in|bij) (?:mijn|m'n|het|de|onze) (?:boodschappenlijst(?:je)?|boodschappenbriefje|winkellijst(?:je)?"
    r"|takenlijst|to do lijst(?:je)?|agenda|kalender)"
)
_DRINK = (
    r"(?:een (?:kop(?:je)? )?(?:koffie|thee|glas (?:water|wijn|bier)|biertje|pintje|boterham|broodje|tosti|tas koffie"
    r"|kop koffie|koffietje)|een (?:tas|glas|pot|bakkie) (?:koffie|thee|water|wijn|bier)|koffie|thee)"
)
_ONLINE = r"(?:op|via) (?:het )?(?:internet|google|web)|online"
_REMIND = r"(?:er )?(?:aan|eraan)"
_DUE = (
    r"aan (?:mijn|m'n|de|het) (?:\w*afspraak|verjaardag|vergadering|pillen|medicijnen|vuilnis|dokter"
    r"|tandarts)[\w' ]{0,30}"
)
_TO_DO = (
    r"(?:dat (?:ik|we|wij) (?:[\w' ]+ )?(?:moet|moeten|heb|hebben|ga)(?: [\w ]+)?"
    r"|om (?:[\w' ]+ )?te [a-zà-ÿ]+n(?: [\w ]+)?|te [a-zà-ÿ]+n)"
)
_OWED = r"(?:(?:mijn|de|m'n) (?:[a-zà-ÿ]*rekening|huur|boete|factuur|belasting)|\w+ euro)(?: [\w ]{1,30})?"
_DO = (
    rf"bel(?:t u)? {_SOFTLY}{_WHOM}(?: {_AT})*(?: op)?",
    rf"bel(?:t u)? (?:me|mij|ons)(?: {_AT})+(?: terug| op)?",
    rf"{_WILL_YOU}(?:{_AT} )*{_WHOM} {_SOFTLY}(?:{_AT} )*{_COULD}(?:op)?bellen",
    rf"(?:bel|bestel|regel) {_SOFTLY}{_FOR_ME}een (?:taxi|ambulance|uber)(?: (?:voor|naar) [\w' ]{{1,25}})?"
    rf"|{_WILL_YOU}{_FOR_ME}een (?:taxi|ambulance|uber) (?:voor (?:me|mij|ons) )?(?:bellen|bestellen|regelen)",
    rf"(?:help )?herinner(?:t u)? {_SOFTLY}(?:me|mij|ons) {_SOFTLY}(?:(?:er"
    rf"|{_AT}) )*{_SOFTLY}(?:(?:{_REMIND} )?(?:{_AT} )*"
    rf"{_TO_DO}|{_DUE})(?: {_AT})*",
    rf"{_WILL_YOU}(?:me|mij|ons) {_SOFTLY}(?:(?:er|{_AT}) )*(?:{_REMIND} (?:{_AT} )*herinneren (?:{_AT} )*{_TO_DO}"
    rf"|{_DUE}"
    rf" herinneren)",
    r"laat (?:me|mij) niet vergeten (?:dat|om) [\w' ]{2,60}|zorg dat ik niet vergeet (?:om )?[\w' ]{2,60}",
    rf"(?:maak|wek)(?: u)? {_SOFTLY}(?:me|mij|ons) {_SOFTLY}(?:{_AT} )*(?:wakker)?(?: ?{_AT})*",
    rf"{_WILL_YOU}(?:me|mij|ons) {_SOFTLY}(?:{_AT} )*{_COULD}(?:wekken|wakker maken)(?: {_AT})*",
    rf"(?:zet|maak|stel) (?:eh )?{_SOFTLY}{_FOR_ME}(?:(?:een|de|mijn|m'n|twee|nieuwe?) )*(?:wekkers?|alarm"
    rf"|herinnering)(?: (?:op|voor|om|elke|in)"
    rf" [\w' ]{{1,50}}| aan)?|wekker (?:aan|elke [\w' ]{{1,40}}|(?:op|om|voor) [\w' ]{{1,30}})|(?:geef me|voeg"
    rf"|maak) (?:een )?"
    rf"herinnering (?:toe )?(?:om|voor) [\w' ]{{2,60}}|ik heb een (?:herinnering|wekker) nodig (?:om"
    rf"|voor) [\w' ]{{2,60}}"
    rf"|{_WILL_YOU}(?:een|de|mijn) (?:wekker|alarm) (?:op|voor|om) [\w' ]{{1,30}} zetten",
    rf"(?:stuur|verstuur|zend|doe) {_SOFTLY}(?:{_MESSAGE} {_TO}|{_WHOM} {_SOFTLY}{_MESSAGE})(?: [\w' ]{{1,60}})?"
    rf"|{_WILL_YOU}(?:{_MESSAGE} {_TO}|{_WHOM} {_MESSAGE}) (?:ver)?sturen(?: [\w' ]{{1,60}})?",
    rf"(?:app|mail|sms|whatsapp) {_SOFTLY}{_WHOM} {_SOFTLY}(?:dat|of) [\w' ]{{2,60}}"
    rf"|{_WILL_YOU}{_WHOM} {_SOFTLY}(?:appen|mailen|smsen|een appje sturen)(?: dat [\w' ]{{2,60}})?",
    rf"laat {_WHOM} {_SOFTLY}weten dat [\w' ]{{2,60}}|{_WILL_YOU}{_WHOM} laten weten dat [\w' ]{{2,60}}",
    rf"zeg {_SOFTLY}(?:tegen|aan) (?:mijn|m'n|onze|ons) [a-zà-ÿ]+ dat [\w' ]{{2,60}}|{_WILL_YOU}(?:tegen"
    rf"|aan) (?:mijn|m'n)"
    r" [a-zà-ÿ]+ zeggen dat [\w' ]{2,60}",
    rf"(?:zet|schrijf|noteer|voeg) {_SOFTLY}[\w' ]{{1,60}} {_LIST}(?: toe)?|{_WILL_YOU}[\w' ]{{1,60}} {_LIST}"
    rf" (?:zetten|schrijven|noteren|toevoegen)|voeg {_SOFTLY}[\w' ]{{1,60}} toe {_LIST}",
    rf"lees {_SOFTLY}{_FOR_ME}{_MAIL}(?: (?:eens )?voor)?|{_WILL_YOU}{_FOR_ME}{_MAIL} (?:voorlezen|lezen)",
    rf"(?:bestel|boek|reserveer|koop|huur|vind) {_SOFTLY}{_FOR_ME}{_SOFTLY}{_ORDERED}(?: {_AT})*",
    rf"{_WILL_YOU}{_FOR_ME}{_SOFTLY}{_ORDERED} {_COULD}(?:bestellen|boeken|reserveren|kopen|huren)",
    rf"(?:maak|regel|verzet|annuleer|zeg|bevestig|verplaats) {_SOFTLY}{_FOR_ME}(?:een|mijn|m'n|de) (?:\w*afspraak"
    rf"|reservering"
    rf"|reservatie|vergadering|vlucht|bestelling)(?: [\w' ]{{1,40}})?",
    rf"{_WILL_YOU}{_FOR_ME}(?:een|mijn|m'n|de) (?:\w*afspraak|reservering|vergadering|vlucht)(?: [\w' ]{{1,40}})?"
    rf" (?:maken|regelen|verzetten|annuleren|afzeggen)",
    r"(?:voeg|stop|zet) [\w' ]{1,60} (?:aan|op|in) (?:mijn|de) [\w' ]{0,40}(?:playlist"
    r"|afspeellijst)(?: [\w' ]{1,40})?(?: toe)?",
    rf"(?:speel|draai) {_SOFTLY}{_FOR_ME}{_SOFTLY}{_MUSIC}(?: (?:voor (?:me|mij|ons)|af))?"
    rf"|speel [\w' ]{{2,60}} (?:op (?:spotify"
    rf"|deezer|itunes|youtube|pandora)|uit de [a-z]+)|zet {_SOFTLY}{_FOR_ME}{_MUSIC} (?:op"
    rf"|aan)|{_WILL_YOU}{_FOR_ME}{_MUSIC} (?:(?:af)?spelen|opzetten|draaien|aanzetten)",
    rf"(?:doe|zet|draai|maak|steek|schakel) {_SOFTLY}{_THE}{_DEVICE}{_ROOM} {_SOFTLY}{_STATE}{_ROOM}"
    rf"|(?:open|sluit|dim|vergrendel) {_SOFTLY}{_THE}{_DEVICE}{_ROOM}(?: af)?",
    rf"{_WILL_YOU}{_THE}{_DEVICE}{_ROOM} {_SOFTLY}{_COULD}{_SWITCH}",
    rf"(?:zoek|kijk) {_SOFTLY}(?:dat |dit |het )?{_SOFTLY}(?:{_ONLINE})(?: [\w' ]{{1,60}})?"
    rf"|zoek {_SOFTLY}[\w' ]{{2,60}}"
    rf" (?:{_ONLINE})(?: op)?|google {_SOFTLY}(?:dat|het|eens)|{_WILL_YOU}(?:dat|dit|het) (?:{_ONLINE}) (?:op)?zoeken"
    rf"|{_WILL_YOU}(?:dat|het) (?:even )?googelen",
    rf"betaal {_SOFTLY}{_OWED}|{_WILL_YOU}{_OWED} betalen|(?:maak|stort) {_SOFTLY}\w+ euro [\w' ]{{0,30}}(?:over)?",
    rf"(?:zet|maak|breng|haal|schenk) {_SOFTLY}(?:{_FOR_ME}{_SOFTLY}{_DRINK}|{_DRINK} voor (?:me|mij|ons))(?: klaar"
    rf"| in)?",
    rf"{_WILL_YOU}{_FOR_ME}{_SOFTLY}{_DRINK} (?:voor (?:me|mij|ons) )?(?:zetten|maken|brengen|halen|inschenken)",
)
_NOWISH = rf"(?: (?:{_DAY}|{_ON}|nu|buiten|hier|momenteel|op dit moment|op het moment|nog|al|eigenlijk))"
_THERE = r"(?: in (?!de|het|een)[a-zà-ÿ]+)?"
_SKY = r"(?:regenen|sneeuwen|onweren|vriezen|stormen|waaien)"
_PLACE = r"(?: (?:in|bij|voor|rond) (?!een )[a-zà-ÿ]+(?: [a-zà-ÿ]+){0,2})?"
_FALLS = r"(?:een )?(?:storm|onweer|sneeuw|sneeuwstorm|regen|zon|wind|mist|vorst)"
_FEEL = (
    r"(?:(?:erg|heel|zo) )?(?:bewolkt|vochtig|winderig|kouder|warmer|heter|koud|warm|heet|zonnig|mooi weer"
    r"|slecht weer|lekker weer|mistig|nat|droog)"
)
_SHOP = (
    r"(?:apotheek|supermarkt|bank|bibliotheek|bieb|museum|postkantoor|bakker|bakkerij|restaurant|café|dierentuin"
    r"|zwembad"
    r"|winkel|gemeentehuis|kapper|slager)"
)
_DEAR = r"(?:(?:een|de|het) )?(?:bitcoin|goud|zilver|olie|benzine|diesel|liter (?:benzine|diesel)|vat olie|dollar)"
_MONEY = r"(?:dollars?|euro'?s?|ponden|pond|franken|frank|yen)"
_GAME = r"(?:de (?:wedstrijd|match|finale|koers|race|derby)|het voetbal)"
_NOW = (
    rf"(?:wat voor (?:een )?weer (?:is|wordt|was|hebben we|krijgen we)(?: het| er)?|(?:hoe|wat) (?:is|wordt|gaat"
    rf"|zal)(?: het)?"
    rf"(?:{_NOWISH})* (?:het |de )?(?:weer|weersverwachting|weerbericht|weersvoorspelling|temperatuur)|wat zijn de"
    rf" weersvoorspellingen)(?:{_NOWISH})*{_THERE}(?:{_NOWISH})*(?: worden| zijn)?(?: voor(?:{_NOWISH})+)?",
    rf"(?:gaat|zal) het(?:{_NOWISH})*{_THERE} {_SKY}(?:{_NOWISH})*|(?:regent|sneeuwt|onweert|vriest"
    rf"|waait) het(?:{_NOWISH})+"
    rf"{_THERE}|(?:wordt|is) het(?:{_NOWISH})+{_THERE} {_FEEL}|(?:wordt|is) het {_FEEL}(?:{_NOWISH})+",
    rf"(?:hoe (?:koud|warm|heet)|hoeveel graden) (?:is|wordt|gaat"
    rf"|zal) het(?:{_NOWISH})*{_THERE}(?:{_NOWISH})*(?: worden| zijn)?"
    rf"|(?:is|wordt|gaat|zal) het(?:{_NOWISH}|{_PLACE})* {_FEEL}(?: worden| zijn)(?:{_NOWISH}|{_PLACE})*",
    rf"(?:is|wordt) het {_FEEL}(?:{_NOWISH}+{_PLACE}|{_PLACE}{_NOWISH}+)|(?:komt|is"
    rf"|valt) er {_FALLS}(?:{_PLACE}{_NOWISH}+|{_NOWISH}+"
    rf"{_PLACE})|wanneer (?:gaat het|stopt het met|houdt het op met|stopt de) {_SKY[:-1]}|regen)(?:{_NOWISH})*",
    rf"(?:wat|hoe|hoeveel) (?:is|zijn|wordt|zal) (?:de|het) (?:huidige |verwachte )?(?:temperatuur|luchtvochtigheid"
    rf"|weer|weerbericht"
    rf"|voorspelling(?:en)?|weersverwachting)(?: (?:zijn|worden))?(?: voor)?(?:{_NOWISH}*{_PLACE}|{_PLACE}{_NOWISH}*)"
    rf"|(?:het )?weer(?: in [a-zà-ÿ]+(?: [a-zà-ÿ]+)?|{_NOWISH}+)",
    rf"(?:heb|moet|zal) ik(?:{_NOWISH})* (?:een|mijn|m'n) (?:paraplu|jas|regenjas|regenscherm)(?: (?:nodig|mee"
    rf"|meenemen|aan|aandoen))?"
    rf"(?:{_NOWISH})*(?: nodig)?",
    rf"(?:wat (?:is|zijn)) (?:het|de) (?:laatste |belangrijkste )?(?:nieuws|nieuwtjes|nieuwsberichten|krantenkoppen)"
    rf"(?: van vandaag)?(?:{_NOWISH})*|wat is er(?:{_NOWISH})* (?:in|op) het nieuws(?:{_NOWISH})*|is er nog nieuws",
    rf"wie (?:heeft|hebben)(?: er)? (?:(?:gisteren|gisteravond|vandaag|zondag|zaterdag"
    rf"|vanavond)(?:avond)? (?:{_GAME} )?"
    rf"|{_GAME} (?:gisteren|gisteravond|vandaag|van gisteren) )gewonnen|wie won (?:er )?(?:{_GAME} )?(?:gisteren"
    rf"|gisteravond)"
    rf"(?: {_GAME})?",
    rf"(?:wat|hoeveel) (?:kost|is|staat|doet)(?:{_NOWISH})* {_DEAR}(?:{_NOWISH})*(?: waard)?(?:{_NOWISH})*|(?:wat is"
    rf"|hoe staat"
    rf" het met) de (?:prijs|koers) van (?:de |het )?[a-z]+(?:{_NOWISH})*|hoe hoog staat de (?:aex|beurs|dollar)",
    rf"hoeveel (?:is|zijn) [\w ]{{1,20}} {_MONEY} in {_MONEY}",
    r"(?:wanneer|hoe laat) (?:komt|gaat|vertrekt|rijdt|vliegt|is) (?:de|het|mijn) volgende (?:bus|trein|tram|metro"
    r"|veerboot"
    r"|pont|vlucht|veer)(?: (?:naar|van) [\w ]{1,20})?",
    rf"is (?:de|het) {_SHOP}(?: (?:in|op|aan) (?:de |het )?\w+)?(?:{_NOWISH})* (?:open|dicht|gesloten"
    rf"|toe)(?:{_NOWISH})*"
    rf"|(?:tot )?hoe laat (?:sluit|opent|gaat) (?:de|het) {_SHOP}(?: (?:open|dicht))?(?:{_NOWISH})*",
    rf"wat (?:is|komt|geven ze)(?: er)?(?:{_NOWISH})* op (?:de )?(?:tv|televisie|teevee|tele)(?:{_NOWISH})*"
    rf"|wat draait er"
    rf"(?:{_NOWISH})* in de (?:bioscoop|cinema)(?:{_NOWISH})*|hoe is(?:{_NOWISH})* het verkeer(?:{_NOWISH})*"
    rf"|staan er(?:{_NOWISH})* files(?:{_NOWISH})*",
)
_THING = (
    r"(?:sleutels?|autosleutels?|huissleutels?|telefoon|mobiel|gsm|bril|auto|fiets|portemonnee|portefeuille|tas|hond"
    r"|kat|poes"
    r"|afstandsbediening|schoenen|man|vrouw|zoon|dochter|broer|zus)"
)
_MINE = r"(?:mijn|m'n|me)"
_ACTUALLY = r"(?: (?:eigenlijk|ook alweer|nu|hier|alweer|weer|nou|op dit moment|ook al weer|precies))*"
_SELF = (
    rf"hoe heet ik{_ACTUALLY}|(?:weet (?:je|u)(?: nog)?|ken je) (?:wie ik ben|hoe ik heet|{_MINE} naam|waar ik woon"
    rf"|hoe oud ik ben)",
    rf"wat (?:is|zijn) {_MINE} (?:naam|achternaam|voornaam|adres|leeftijd|telefoonnummer|nummer|verjaardag){_ACTUALLY}",
    rf"wie ben ik{_ACTUALLY}|hoe oud ben ik{_ACTUALLY}|wanneer ben ik jarig|hoe (?:groot|zwaar|lang) ben ik"
    rf"|hoeveel weeg ik",
    rf"waar (?:ben|woon|zit|zijn) (?:ik|we|wij){_ACTUALLY}|in welke? (?:stad|land|straat|kamer) (?:ben|zijn"
    rf"|woon) (?:ik|we)"
    rf"{_ACTUALLY}",
    r"wat (?:heb ik (?:vandaag |nu )?aan|draag ik (?:vandaag|nu)|heb ik in mijn hand(?:en)?|doe ik op dit moment"
    r"|eet ik nu)",
    rf"welke kleur (?:heeft|hebben) {_MINE} (?:trui|hemd|shirt|t shirt|haar|ogen|auto|schoenen|jurk|jas|broek|huis"
    rf"|fiets)"
    rf"|wat is de kleur van {_MINE} [a-zà-ÿ]+",
    r"hoe zie ik er(?: (?:vandaag|nu))? uit|hoeveel vingers (?:steek|hou) ik (?:op|omhoog)",
    rf"waar (?:is|zijn|ligt|liggen|staat) {_MINE} {_THING}{_ACTUALLY}"
    rf"|waar heb ik {_MINE} {_THING}{_ACTUALLY} (?:gelaten|gelegd"
    rf"|geparkeerd|neergelegd|gezet|verloren)",
    r"wie (?:is|zit|staat)(?: er)? (?:bij mij|bij me|naast (?:me|mij)|achter (?:me|mij)|voor de deur|aan de deur"
    r"|in de kamer"
    r"|hier in de kamer|bij mij in de kamer)|hoeveel mensen zijn er (?:hier|in (?:de|deze) kamer|in huis)",
    r"wat (?:heb|had) ik (?:gisteren|vandaag|gisteravond|vanmorgen|vanochtend|vorige week|vanmiddag"
    r"|deze week)(?: (?:als|voor)"
    r" (?:ontbijt|lunch|avondeten))? (?:gegeten|gedaan|gekocht|gedronken|gedroomd)",
    rf"heb ik(?:{_NOWISH})* (?:een |nog |nieuwe )*(?:afspraak|afspraken|vergadering(?:en)?|nieuwe (?:berichten|mails"
    rf"|mail)"
    rf"|berichten|mails)(?:{_NOWISH})*",
    rf"wat (?:staat|heb ik)(?: er)?(?:{_NOWISH})* (?:in {_MINE} agenda|op {_MINE} (?:boodschappenlijst(?:je)?"
    rf"|lijstje|planning))"
    rf"(?:{_NOWISH})*",
    rf"(?:wanneer|hoe laat) is {_MINE} (?:volgende )?(?:\w*afspraak|vlucht|vergadering|sollicitatiegesprek)",
    rf"(?:is|zijn) {_MINE} (?:pakje|pakketje|pakket|bestelling|brief|levering) (?:er )?(?:al |nog niet )?(?:er"
    rf"|aangekomen|bezorgd"
    rf"|geleverd|binnen|gekomen)",
    r"ben ik (?:blij|gelukkig|verdrietig|moe|alleen|getrouwd) of [a-zà-ÿ]+",
)

REFUSALS = Refusals(
    please=_PLEASE,
    thanks=_THANKS,
    do=_DO,
    cant="Sorry, dat kan ik niet. Ik kan alleen met u praten.",
    now=_NOW,
    always="winter|zomer|lente|herfst|voorjaar|najaar|meestal|normaal|gewoonlijk|gemiddeld|klimaat|mars|maan|venus",
    unknown="Dat weet ik niet. Ik heb geen internet, dus ik kan het niet opzoeken.",
    self=_SELF,
    unseen="Dat weet ik niet. Ik kan u niet zien, en u hebt het me niet verteld.",
    others="betekent|betekenis|in het (?:engels|frans|duits|spaans|italiaans|latijn|chinees)|op z'n|verhaal|sprookje"
    "|roman"
    "|gedicht|raadsel|speel een spel|zou moeten|zin|zei|advies|film",
    told=r"ik|mij|me|mijn|m'n|wij|we|ons|onze|mezelf",
)
