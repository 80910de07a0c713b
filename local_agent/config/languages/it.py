"""Italian."""

from __future__ import annotations

from local_agent.config.languages.facts import COMMON, Ends, Facts, Listening, Phrases, words

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

FACTS = Facts(PHRASES, LISTENING, ENDS, writing=COMMON)
