"""Italian."""

from __future__ import annotations

from local_agent.config.languages import limits_it
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
    greeting="Ciao! Come posso aiutarla?",
    apology="Mi dispiace, qualcosa è andato storto. Può ripetere, per favore?",
    interrupted="Scusi, sono stato interrotto e ho perso il filo. Dove eravamo rimasti?",
    goodbye="Devo andare. Arrivederci.",
    no_voice="Qui non ho una voce italiana. Le mie risposte sono anche sullo schermo.",
    instructions="Sei un assistente vocale cordiale. Rispondi in italiano, in una o due brevi frasi parlate, senza "
    "elenchi né markdown.",
)
LISTENING = Listening(
    yes="sì|si|certo|certamente|esatto|esattamente|giusto|va bene|vabbè|bene|benissimo|molto bene|d'accordo|okey"
    "|capito|ho capito|capisco|chiaro|è vero|vero|infatti|appunto|già|perfetto|ottimo|bello|naturalmente|ovviamente"
    "|sicuro|come no|lo so|proprio così|senza dubbio|certo che sì|volentieri|proprio|è così|ah ecco|ovvio"
    "|assolutamente|senz'altro|hai ragione|ha ragione|ma certo|ma sì|che bello|ci credo|immagino|è chiaro|ha senso"
    "|tutto chiaro|molto interessante|nessun problema",
    other="ah|oh|eh|ehm|uhm|beh|bah|mah|davvero|sul serio|ma dai|ma va|caspita|ecco|interessante|accidenti|non mi "
    "dire|incredibile|pazzesco|dai|ma pensa|ma pensa te|mamma mia|però pensa|addirittura",
    alone="e|allora|quindi|cioè",
)
ENDS = Ends(
    dangling=words(
        "il lo la i gli le li un del dello della dei degli delle al allo alla ai agli alle dal dallo dalla dai dagli "
        "dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle col l dell all d c e ed o oppure ma che "
        "se di a ad da in con per tra fra fino mi ti ci vi ne non vorrei ogni ehm uhm eh"
    ),
    leaning=words(
        "uno una si mio mia miei tuo tua suo sua nostro nostra vostro questo questa quel quella quello però perché "
        "come quando dove quale chi su senza verso contro dopo è sono sei era ho hai ha abbiamo hanno posso puoi può "
        "possiamo voglio vuoi vuole devo deve vado va io tu lui lei noi voi cioè allora quindi molto più"
    ),
    whole="(?:(?:sì|no|beh|oh|va bene) )*(?:lo voglio|posso|ce l'ho|sono (?:io|qui)|anche (?:io|tu|lei)|e (?:tu|lei)"
    "|come va|va bene|grazie a lei|ci sono|non (?:posso|voglio)|un po' (?:di )?più|non più|niente più|basta così)",
    digits="zero|uno|due|tre|quattro|cinque|sei|sette|otto|nove",
)

# "Lascia perdere" means "never mind".
_PLEASE = (
    r"(?:(?:no|sì|ok|okay|va bene|beh|aspetta|aspetti|per favore|per piacere|scusa|scusi|senti|senta|ora|adesso"
    r"|allora|grazie|ehm) )*"
)
_NOW = r"(?:(?:per favore|per piacere|ora|adesso|subito|anche|pure) )*"
_THANKS = (
    r"(?: (?:per favore|per piacere|ora|adesso|subito|grazie|per sempre|completamente|dalla (?:tua |sua )?memoria))*"
)
_SAID = r"(?:(?:ti |le )?ho (?:appena )?(?:detto|chiesto|raccontato)|abbiamo (?:appena )?detto|ci siamo detti)"
_DO = (
    r"(?:dimentica|dimentichi|cancella|cancelli|elimina|elimini|scorda"
    r"|(?:puoi|può|potresti|potrebbe|vuoi) (?:per favore )?(?:dimenticare|cancellare|eliminare)"
    r"|(?:voglio|vorrei) che (?:tu |lei )?(?:dimentichi|cancelli|elimini|dimenticass[ei]|cancellass[ei]))"
)


def _asks(what: str) -> str:
    return rf"{_PLEASE}{_DO} {_NOW}{what}{_THANKS}"


FORGETTING = Forgetting(
    last=_asks(
        rf"(?:questo|quello|ciò|(?:quello|ciò|quel) che {_SAID}"
        rf"|l'ultima (?:domanda|frase|risposta|cosa)(?: che {_SAID})?"
        r"|la mia ultima (?:domanda|frase)|(?:l'ultimo|il mio ultimo) messaggio)"
    ),
    everything=_asks(
        rf"(?:tutto(?: (?:questo|quello che (?:{_SAID}|sa?i? (?:di|su) me)))?|la cronologia|(?:la tua|la sua) memoria"
        r"|i miei dati|(?:questa|la nostra|tutta la(?: nostra)?|l'intera) conversazione)"
    ),
    turned=r"(?:(?:e|ma|no|per favore) )*(?:non|mai|(?:\w+ )?(?:mi )?(?:ha detto|disse|dice|ho detto))",
    forgotten="Va bene, l'ho dimenticato.",
    all_forgotten="Va bene, ho dimenticato tutto.",
)

WRITING = Writing(
    conjunctions=words("e ma o oppure perché anche mentre quando se che quindi poiché dove"),
    titles=words("sig sig.ra sig.na sigg dott dott.ssa dr prof prof.ssa avv ing arch geom on spett egr gent s p es ca"),
    shortened=words("ecc a.c d.c tel cell"),
    counted=words("n nr pag pagg art cap vol tel"),
    starters=words(
        "A Ad Adesso Al Alla Allora Anche Ancora Andiamo C'è Che Chi Ci Come Con Cosa Così Da Dal Del Della Di Domani "
        "Dopo Dove E È Ecco Era Gli Ha Ho I Il In Io L La Le Lei Lo Loro Lui Ma Mi Nel Nella No Noi Non O Oggi Ora "
        "Per Perché Però Più Poi Può Qual Quando Quanto Questa Questo Qui Quindi Se Sei Si Sì Sono Su Sul Ti Tu Tutti "
        "Tutto Un Una Vi Voi Vuole"
    ),
    months=(
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
        "novembre", "dicembre",
    ),
    only_code="Il codice è sullo schermo.",
    spoken={
        "Sig.": "signor", "Sig.ra": "signora", "Sig.na": "signorina", "Sigg.": "signori", "Dott.": "dottor",
        "Dott.ssa": "dottoressa", "Dr.": "dottor", "Prof.": "professor", "Prof.ssa": "professoressa",
        "Avv.": "avvocato", "Ing.": "ingegner", "Arch.": "architetto", "On.": "onorevole", "ecc.": "eccetera",
        "p. es.": "per esempio", "p.es.": "per esempio", "ad es.": "ad esempio", "ca.": "circa", "tel.": "telefono",
        "Tel.": "telefono", "cell.": "cellulare", "a.C.": "avanti Cristo", "a. C.": "avanti Cristo",
        "d.C.": "dopo Cristo", "d. C.": "dopo Cristo", "S.p.A.": "società per azioni", "&": "e", "§": "paragrafo",
    },
    numbered={
        "n.": "numero", "nr.": "numero", "N.": "numero", "n°": "numero", "pag.": "pagina", "pagg.": "pagine",
        "art.": "articolo", "cap.": "capitolo", "vol.": "volume",
    },
    units={
        "°C": "un grado Celsius|gradi Celsius", "°F": "un grado Fahrenheit|gradi Fahrenheit", "°": "un grado|gradi",
        "km/h": "un chilometro all'ora|chilometri all'ora", "m/s": "un metro al secondo|metri al secondo",
        "km²": "un chilometro quadrato|chilometri quadrati", "m²": "un metro quadrato|metri quadrati",
        "mq": "un metro quadrato|metri quadrati", "m³": "un metro cubo|metri cubi", "km": "un chilometro|chilometri",
        "cm": "un centimetro|centimetri", "mm": "un millimetro|millimetri", "m": "un metro|metri",
        "kg": "un chilo|chili",
        "mg": "un milligrammo|milligrammi", "μg": "un microgrammo|microgrammi", "g": "un grammo|grammi",
        "hg": "un etto|etti", "t": "una tonnellata|tonnellate", "ml": "un millilitro|millilitri", "l": "un litro|litri",
        "ha": "un ettaro|ettari", "kWh": "un chilowattora|chilowattora", "kW": "un chilowatt|chilowatt",
        "W": "un watt|watt", "V": "un volt|volt", "Hz": "un hertz|hertz", "GHz": "un gigahertz|gigahertz",
        "GB": "un gigabyte|gigabyte", "MB": "un megabyte|megabyte", "TB": "un terabyte|terabyte",
        "kcal": "una chilocaloria|chilocalorie", "ora": "un'ora|ora", "h": "un'ora|ore", "min": "un minuto|minuti",
        "%": "uno per cento|per cento", "‰": "per mille",
    },
)  # fmt: skip
FIGURES = Figures(
    code="it",
    minus="meno",
    until="a",
    about="circa",
    signs={
        "+": "più", "×": "per", "x": "per", "*": "per", "÷": "diviso", "=": "uguale", "<": "minore di",
        ">": "maggiore di", "±": "più o meno",
    },
    fractions={
        "1/2": "un mezzo", "1/3": "un terzo", "2/3": "due terzi", "1/4": "un quarto", "3/4": "tre quarti",
    },
    half="{} e mezzo",
    money={
        "€": "un euro|euro|un centesimo|centesimi", "EUR": "un euro|euro|un centesimo|centesimi",
        "$": "un dollaro|dollari|un centesimo|centesimi", "USD": "un dollaro|dollari|un centesimo|centesimi",
        "US$": "un dollaro|dollari|un centesimo|centesimi", "£": "una sterlina|sterline|un penny|pence",
        "GBP": "una sterlina|sterline|un penny|pence", "¥": "uno yen|yen", "JPY": "uno yen|yen",
        "CHF": "un franco svizzero|franchi svizzeri|un centesimo|centesimi",
    },
    cents="{} e {}",
    scales={
        "milione di": "un milione di |milioni di ", "milioni di": "un milione di |milioni di ",
        "miliardo di": "un miliardo di |miliardi di ", "miliardi di": "un miliardo di |miliardi di ",
        "milione": "un milione di |milioni di ", "milioni": "un milione di |milioni di ",
        "miliardo": "un miliardo di |miliardi di ", "miliardi": "un miliardo di |miliardi di ",
        "mln": "un milione di |milioni di ", "mld": "un miliardo di |miliardi di ", "mila": "mila |mila ",
    },
    clock=("HH:MM", r"(?<=ore )HH\.MM", r"(?<=alle )HH\.MM", "(?<=ore )HH:MM"),
    hours={1: "una"},
    at="{hour} e {minute}",
    sharp="{hour}",
    date="{day} {month} {year}",
    first="primo",
    before_day="(?i:il|del|dal|al|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)",
    ordinals={"º": "masculine", "°(?= [a-zà-ù])": "masculine", "ª": "feminine"},
    masculine=words(
        "giorno mese anno chilo metro chilometro minuto secondo grado litro milione euro punto grammo dollaro"
    ),
    feminine=words("settimana persona volta notte pagina tonnellata sterlina"),
    phones=(r"3\d{2}[ .-]?\d{6,7}", r"3\d{2}(?:[ .-]\d{2,4}){2,3}"),
)  # fmt: skip

SITUATION = Situation(
    named="Ti chiami {name}. Parla solo italiano.",
    limits="Puoi solo parlare: se ti chiedono di fare qualcosa, come telefonare, ricordare, inviare, mettere "
    "musica, ordinare o accendere, rispondi che non puoi. Non hai internet né occhi: se ti chiedono del "
    "meteo, delle notizie, di prezzi, di luoghi o di sé stessi, rispondi che non lo sai, a meno che non te "
    "l'abbiano detto.",
    moment="Oggi è {weekday} {day} {month} {year}, ore {time}.",
    date="Oggi è {weekday} {day} {month} {year}.",
    weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
)

RECORDING = Recording(
    question="Posso registrare questa chiamata? Per favore, risponda sì o no.",
    agreed="Grazie. Questa chiamata viene registrata. Dica ferma la registrazione per terminarla.",
    declined="Va bene, non viene registrato nulla.",
    company="Siete in più persone, quindi non viene registrato nulla.",
    joined="Si è unito qualcuno, quindi la registrazione è terminata.",
    stopped="La registrazione è terminata.",
    forgets_not="La registrazione lo contiene ancora. Dica dimentica tutto, e la registrazione verrà cancellata.",
    deleted="La registrazione è stata cancellata.",
    not_begun="Mi dispiace, non posso registrare questa chiamata, quindi non viene registrato nulla. Possiamo "
    "continuare senza.",
    broken_off="La registrazione è terminata, perché non può più essere scritta. Possiamo continuare senza.",
    not_deleted="La registrazione è terminata, ma non è stato possibile cancellarla. Per favore, lo dica a chi "
    "gestisce questo servizio.",
    before="ah|oh|eh|beh|allora|ehm|hm|ok|okay",
    yes="sì|si|certo|certo che sì|ma certo|certamente|va bene|d'accordo|okay|ok|naturalmente|ovviamente|volentieri"
    "|sicuro|come no|accetto|sono d'accordo|può|puoi|faccia pure|fai pure|prego|senz'altro|nessun problema"
    "|assolutamente sì",
    after="per favore|grazie|(?:può |puoi )?registr(?:are|i|a)(?: pure)?|pure|mi va bene",
    no=r"(?:(?:ah|oh|eh|beh|allora|ehm|hm|per favore) )*(?:no|mai|non|meglio di no|assolutamente no"
    r"|preferi(?:sco|rei) di no)\b",
    stop=r"(?:(?:per favore|ok|okay|ora|adesso|va bene) )*(?:(?:puoi|può|potresti|potrebbe) )?(?:(?:ferm(?:a|i|are)"
    r"|interromp(?:i|a|ere)|termin(?:a|i|are)|spegn(?:i|ere)|spenga|stop) (?:ora |subito )?(?:la |alla |questa )?"
    r"registrazione|smett(?:i|a|ere) di registrar(?:e|mi|ci))(?: (?:per favore|ora|adesso|subito|grazie))*",
)

TIMING = Timing(
    units=(("ora", "ore"), ("minuto", "minuti"), ("secondo", "secondi")),
    joint="e",
    named="timer di {span}",
    how_long="Per quanto tempo?",
    limits="Un timer può durare da un secondo a un giorno.",
    many="Ci sono già {count} timer in corso.",
    started="Va bene, {span}, da adesso.",
    promise="La avviserò se questa chiamata sarà ancora in corso.",
    none="Nessun timer è in corso.",
    unknown="Nessun timer di questa durata è in corso.",
    left=("Manca {span}.", "Mancano {span}."),
    several="Ci sono {count} timer in corso: {each}.",
    each="il {timer}, che ha ancora {span}",
    off="Va bene, il {timer} è spento.",
    all_off="Va bene, tutti i timer sono spenti.",
    over="Il {timer} è scaduto.",
)

REQUESTS = Requests(
    before="ciao|salve|buon ?giorno|buona ?sera|ehi|senti|senta|ok|okay|va bene|allora|e|ehm|sì|no|scus[ai]|per favore"
    "|per piacere|grazie|(?:mi )?(?:puoi|può|potresti|potrebbe)(?: dirmi| dire)?|dimmi|mi dica|mi dici|sai|sa"
    "|(?:vorrei|voglio) sapere",
    after="per favore|per piacere|grazie|adesso|ora|esattamente|allora|in questo momento",
    one="un[oa]?",
    numbers={"mezzo": 0.5, "un'": 1},
    clock="Sono le {time}.",
    clock_one="È l'{time}.",
    time=(
        "che (?:ora è|ore sono)|(?:l')?(?:ora|ore)(?: attuale| esatta)?|qual è l'ora(?: esatta)?|l'ora",
        "hai l'ora|ha l'ora|che ora (?:si è fatta|abbiamo)|dammi l'ora|che ore sono (?:qui|da te)",
    ),
    date=(
        "che giorno (?:della settimana )?è(?: oggi)?|oggi che giorno è|(?:a )?quanti ne abbiamo(?: oggi)?",
        "(?:qual è |che )?(?:la )?data(?: di oggi| odierna| è oggi)?|che data è(?: oggi)?",
        "in che (?:anno|mese|giorno) siamo|che (?:anno|mese) è",
    ),
    days={
        "dopodomani": (2, "Dopodomani è"), "domani": (1, "Domani è"), "l'altro ieri": (-2, "L'altro ieri era"),
        "ieri": (-1, "Ieri era"),
    },
    day=(
        "che (?:giorno|data)(?: della settimana)? (?:è|sarà|era|è stato) {day}",
        "{day} che giorno (?:è|sarà)",
    ),
    dated="{begun} {weekday} {day} {month} {year}.",
    until=(
        "quanti giorni mancano(?: ancora)? (?:a|al|alla|per) (?:il )?{until}",
        "quanto manca (?:a|al|alla|per) {until}",
        "tra quanti giorni è (?:il )?{until}",
    ),
    written="{number} {month}",
    feasts={
        "natale": (12, 25), "capodanno": (1, 1), "san silvestro": (12, 31), "vigilia di natale": (12, 24),
        "ferragosto": (8, 15), "epifania": (1, 6), "befana": (1, 6),
    },
    days_left=("È oggi.", "Manca 1 giorno.", "Mancano {count} giorni."),
    when=("(?:quando|che giorno) (?:è|cade|sarà) (?:il |la |l')?{until}",),
    falls="È",
    question="quanto (?:fa|fanno|è|sono|viene)|quant'è|che cosa fa|calcola(?:mi)?|calcoli|qual è(?: il risultato di)?",
    asked="quanto fa|quanto fanno|fa|uguale a|è uguale a",
    signs=(
        (r"il(?= \d+(?:\.\d+)? ?(?:%|per 100) di)", ""), (r" ?(?:%|per 100) di", "% of"),
        ("(?:la )?radice(?: quadrata)? di", "square root of"), ("al quadrato", "squared"), ("al cubo", "cubed"),
        ("elevato a(?:lla)?", "**"), ("diviso(?: per)?|fratto", "/"), ("moltiplicato per|per", "*"), ("più|piu", "+"),
        ("meno", "-"), ("la metà di", "1/2 *"), ("il doppio di", "2 *"), ("il triplo di", "3 *"),
        ("un terzo di", "1/3 *"), ("un quarto di", "1/4 *"),
    ),
    joined="e",
    money={"€|euro": "euro", r"\$|dollar[oi]": "dollari", "franch?[oi]": "franchi"},
    result="Fa {}.",
    impossible="Questo non lo posso calcolare.",
    seconds={"or[ae]": 3600, "minut[oi]|min": 60, "second[oi]|sec": 1},
    spans={"(?:una )?mezz'ora|mezza ora": 1800, "(?:un )?quarto d'ora": 900, "3 quarti d'ora|tre quarti d'ora": 2700},
    and_half="e mezz[ao]",
    set=(
        "(?:imposta(?:re|mi)?|imposti|metti(?:mi)?|mettere|mettermi|metta|avvia(?:re)?|avvii|fai(?: partire)?|faccia"
        "|crea(?:re)?|attiva(?:re)?|voglio|vorrei|mi serve|dammi) (?:(?:un|il|un altro) )?(?:nuovo )?(?:timer"
        "|conto alla rovescia)(?: (?:di |da |per |a )?{span})?(?: per .+)?",
        "(?:(?:un|il|un altro) )?timer (?:di |da |per )?{span}",
        "(?:avvis[ai]mi|avvertimi|mi avvisi|mi avverta|svegliami|mi svegli|ricordami|mi ricordi|svegliarmi|avvisarmi) "
        "(?:tra|fra|in) {span}(?: .+)?",
        "un altro (?:di|da|per) {span}",
    ),
    cancel=(
        "(?:cancell(?:a|i|are)|ferm(?:a|i|are)|annull(?:a|i|are)|elimin(?:a|i|are)|spegn(?:i|ere)|togli|stoppa|blocca) "
        "(?:il|il mio|i|i miei|tutti i|quel|questo) timer(?: (?:di|da) {span})?",
    ),
    left=(
        "quanto(?: tempo)? (?:manca|rimane|resta)(?: .+)? timer(?: .+)?|quanti minuti (?:mancano|restano) .*timer.*",
        "(?:quali|quanti) timer .+|(?:c'è|ci sono|ho)(?: un| dei)? timer(?: .+)?|a che punto è il timer",
    ),
    going_on="quanto(?: tempo)? (?:manca|rimane|resta)(?: ancora)?|quanto ancora",
    drop="(?:ferma|cancella|annulla|spegni|elimina)lo|lascia (?:stare|perdere)",
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
    refusals=limits_it.REFUSALS,
)
