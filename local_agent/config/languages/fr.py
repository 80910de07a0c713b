"""French."""

from __future__ import annotations

from local_agent.config.languages.facts import Ends, Facts, Forgetting, Listening, Phrases, Writing, words

PHRASES = Phrases(
    greeting="Bonjour ! Comment puis-je vous aider ?",
    apology="Désolé, quelque chose s'est mal passé. Pouvez-vous répéter, s'il vous plaît ?",
    interrupted="Désolé, j'ai été interrompu et j'ai perdu le fil. Où en étions-nous ?",
    goodbye="Je dois vous quitter. Au revoir.",
    instructions="Tu es un assistant vocal aimable. Réponds en français, en une ou deux courtes phrases parlées, sans "
    "listes ni markdown.",
)
LISTENING = Listening(
    yes="oui|ouais|ouaip|d'accord|daccord|bien|très bien|c'est ça|exact|exactement|tout à fait|voilà|bien sûr|parfait"
    "|évidemment|je vois|je comprends|j'ai compris|compris|je sais|entendu|super|génial|ça marche|absolument|en effet"
    "|effectivement|c'est vrai|vrai|carrément|certainement|c'est clair|pas de problème|volontiers|c'est bon|c'est bien",
    other="ah|oh|euh|heu|hem|tiens|ah bon|bon|ben|bah|eh bien|vraiment|waouh|ouah|dis donc|dites donc|sérieux"
    "|c'est pas vrai|incroyable|intéressant",
    alone="et|donc|alors|puis",
)
ENDS = Ends(
    dangling=words(
        "le la les un une des du au aux l d j c qu ce cet cette ces mon ma mes ton ta tes sa ses notre votre leur "
        "leurs quelques chaque et ou mais car que dont puisque lorsque parce de à en dans par sur sous chez vers "
        "entre depuis je tu il ils on ne n très voudrais aimerais me te se euh heu hum"
    ),
    leaning=words(
        "son qui si comme quand quel quelle quels quelles où pour avec sans contre avant après pendant jusque jusqu'à "
        "c'est j'ai ai as a est sont suis était avait ont avons peux peut pouvez veux veut voulez dois doit faut vais "
        "va elle nous vous lui y trop plus aussi donc alors puis"
    ),
    whole="(?:(?:oui|non|bon|ok) )*(?:si (?:tu veux|vous voulez)|je (?:veux|peux|dois|suis|vais)|mais si|et vous|on y "
    "va|allons-y|allez-y|vas-y|j'y vais|ça va|c'est (?:tout|ça)|moi aussi|s'il le faut|après vous|je l'ai|pas plus)",
    # telephone numbers are dictated in pairs
    digits="zéro|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?"
    "|trente|quarante|cinquante|soixante",
    hyphenated=True,
)
FORGETTING = Forgetting(
    last=r"(?:(?:non|ok|d'accord|s'il (?:te|vous) plaît) )*(?:oublie[zs]?|effacez?|effaces|supprime[zs]?)"
    r" (?:ça|cela|ce que (?:j'ai dit|je viens de dire))(?: s'il (?:te|vous) plaît)?",
    everything=r"(?:(?:non|ok|d'accord|s'il (?:te|vous) plaît) )*(?:oublie[zs]?|effacez?|effaces|supprime[zs]?)"
    r" (?:tout(?: ce que j'ai dit)?|(?:cette|notre|toute la) conversation)(?: s'il (?:te|vous) plaît)?",
    turned=r"(?:jamais)",
    forgotten="D'accord, j'ai oublié cela.",
    all_forgotten="D'accord, j'ai tout oublié.",
)
WRITING = Writing(
    conjunctions=words("et mais ou parce car quand si lorsque puisque tandis"),
    titles=words("m mm mme mlle dr pr me st ste av bd env cf p ex"),
    shortened=words("etc tél av j.-c"),
    counted=words("no n° p pp art chap vol"),
    starters=words(
        "À Alors Après Au Aussi Avec Bonjour Ce Ces Cette C'est Comment Dans De Des Donc Elle Elles En Est Et Il Ils "
        "Ici Je J'ai La Le Les Leur Mais Merci Mon Ne Non Nous Notre On Ou Où Oui Par Parce Pas Pour Puis Quand Que "
        "Qui Sa Si Son Sur Tout Très Tu Un Une Vos Votre Vous Y"
    ),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    only_code="Le code est à l'écran.",
    spoken={
        "M.": "monsieur", "MM.": "messieurs", "Mme": "madame", "Mlle": "mademoiselle", "Dr": "docteur",
        "Dr.": "docteur", "p. ex.": "par exemple", "etc.": "et cetera", "n°": "numéro", "env.": "environ",
        "av. J.-C.": "avant Jésus-Christ", "&": "et",
    },
    units={
        "°C": "degrés Celsius", "°F": "degrés Fahrenheit", "°": "degrés", "km/h": "kilomètres par heure",
        "km": "kilomètres", "kg": "kilos", "cm": "centimètres", "mm": "millimètres", "m²": "mètres carrés",
        "€": "euros", "%": "pour cent",
    },
)  # fmt: skip

FACTS = Facts(PHRASES, LISTENING, ENDS, FORGETTING, WRITING)
