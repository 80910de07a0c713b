"""Italian."""

from __future__ import annotations

from local_agent.config.languages.facts import COMMON, Ends, Facts, Forgetting, Listening, Phrases, words

PHRASES = Phrases(
    greeting="Ciao! Come posso aiutarla?",
    apology="Mi dispiace, qualcosa è andato storto. Può ripetere, per favore?",
    interrupted="Scusi, sono stato interrotto e ho perso il filo. Dove eravamo rimasti?",
    goodbye="Devo andare. Arrivederci.",
    instructions="Sei un assistente vocale cordiale. Rispondi in italiano, in una o due brevi frasi parlate, senza "
    "elenchi né markdown.",
)
LISTENING = Listening(
    yes="sì|si|certo|certamente|esatto|esattamente|giusto|va bene|vabbè|bene|benissimo|molto bene|d'accordo|okey|capito"
    "|ho capito|capisco|chiaro|è vero|vero|infatti|appunto|già|perfetto|ottimo|bello|naturalmente|ovviamente|sicuro"
    "|come no|lo so|proprio così|senza dubbio|certo che sì|volentieri|proprio|è così|ah ecco",
    other="ah|oh|eh|ehm|uhm|beh|bah|mah|davvero|sul serio|ma dai|ma va|caspita|ecco|interessante|accidenti|non mi dire"
    "|incredibile|pazzesco|dai",
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

FACTS = Facts(PHRASES, LISTENING, ENDS, FORGETTING, COMMON)
