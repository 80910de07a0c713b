"""French."""

from __future__ import annotations

from local_agent.config.languages import limits_fr
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
    greeting="Bonjour ! Comment puis-je vous aider ?",
    apology="Désolé, quelque chose s'est mal passé. Pouvez-vous répéter, s'il vous plaît ?",
    interrupted="Désolé, j'ai été interrompu et j'ai perdu le fil. Où en étions-nous ?",
    goodbye="Je dois vous quitter. Au revoir.",
    no_voice="Je n'ai pas de voix française ici. Mes réponses sont aussi à l'écran.",
    instructions="Tu es un assistant vocal aimable. Réponds en français, en une ou deux courtes phrases parlées, sans "
    "listes ni markdown.",
)
LISTENING = Listening(
    yes="oui|ouais|ouaip|d'accord|daccord|bien|très bien|c'est ça|exact|exactement|tout à fait|voilà|bien sûr|parfait"
    "|évidemment|je vois|je comprends|j'ai compris|compris|je sais|entendu|super|génial|ça marche|absolument|en effet"
    "|effectivement|c'est vrai|vrai|carrément|certainement|c'est clair|pas de problème|volontiers|c'est bon|c'est "
    "bien|certes|sans doute|c'est noté|mais oui|mais bien sûr|si si|sans problème|pas mal|j'imagine|grave|c'est sûr"
    "|c'est juste|juste|bonne idée|bien entendu|bien sûr que oui|naturellement|tu as raison|vous avez raison|ça se "
    "comprend|c'est logique",
    other="ah|oh|euh|heu|hem|tiens|ah bon|bon|ben|bah|eh bien|vraiment|waouh|ouah|dis donc|dites donc|sérieux|c'est "
    "pas vrai|incroyable|intéressant|hum|oh là là|dingue|c'est fou|tu m'étonnes|mince|ça alors|eh ben|là là",
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
# "N'oublie pas ça", and "oublie pas ça" as it is spoken, ask for the opposite.
_PLEASE = (
    r"(?:(?:non|oui|ok|okay|d'accord|bon|alors|attends|attendez|stop|euh|s'il (?:te|vous) plaît|merci|en fait|pardon"
    r"|désolé|maintenant) )*"
)
_NOW = r"(?:(?:s'il (?:te|vous) plaît|maintenant|donc|juste|simplement|tout de suite|aussi) )*"
_THANKS = (
    r"(?: (?:s'il (?:te|vous) plaît|maintenant|merci|tout de suite|immédiatement|définitivement|pour toujours"
    r"|complètement|de (?:ta|votre) mémoire))*"
)
_SAID = (
    r"(?:j'ai (?:dit|demandé|raconté)|je viens de (?:dire|demander)|je (?:t'|vous )ai (?:dit|raconté)"
    r"|(?:nous avons|on a) dit)"
)
_DO = r"(?:oublie[zs]?|effacez?|effaces|supprime[zs]?)"
_WILL_YOU = (
    r"(?:(?:peux|pourrais|veux|voudrais) tu|tu (?:peux|pourrais)|(?:pouvez|pourriez|voulez) vous"
    r"|vous (?:pouvez|pourriez)|veuillez|il faut)"
)
_I_WANT = (
    r"je (?:veux|voudrais|souhaite) que (?:tu (?:oublies|effaces|supprimes)|vous (?:oubliiez|effaciez|supprimiez))"
)
_TO_DO = r"(?:oublier|effacer|supprimer)"
_ALL = (
    rf"(?:tout(?: ça| cela| ce que (?:{_SAID}|(?:tu sais|vous savez) (?:de|sur) moi))?"
    r"|(?:cette|notre|la|toute (?:la|cette|notre)) (?:conversation|discussion)|(?:tout )?l'historique"
    r"|(?:ta|votre) mémoire|mes données)"
)


def _asks(what: str) -> str:
    return rf"{_PLEASE}(?:{_DO}|{_WILL_YOU} {_NOW}{_TO_DO}|{_I_WANT}) {_NOW}{what}{_THANKS}"


FORGETTING = Forgetting(
    last=_asks(
        rf"(?:ça|cela|ceci|ce que {_SAID}|(?:ma|la) dernière (?:question|phrase|réponse|chose)"
        r"|(?:mon|le) dernier message)"
    ),
    everything=rf"(?:{_asks(_ALL)}|{_PLEASE}{_WILL_YOU} {_NOW}tout {_TO_DO}{_THANKS})",
    turned=r"(?:(?:et|mais|non|s'il (?:te|vous) plaît) )*(?:jamais|ne jamais|ne pas|pas|surtout pas"
    r"|(?:\w+ )?(?:il|elle|on|je) (?:m'|l'|t')?(?:a|ai|dit|disait)(?: dit)?|(?:il|elle) m'a dit|j'ai dit)",
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
        "M.": "monsieur", "MM.": "messieurs", "Mme": "madame", "Mmes": "mesdames", "Mlle": "mademoiselle",
        "Dr": "docteur", "Dr.": "docteur", "Pr": "professeur", "Me": "maître", "p. ex.": "par exemple",
        "etc.": "et cetera", "n°": "numéro", "env.": "environ", "tél.": "téléphone", "Tél.": "téléphone",
        "av. J.-C.": "avant Jésus-Christ", "apr. J.-C.": "après Jésus-Christ", "c.-à-d.": "c'est-à-dire", "&": "et",
        "§": "paragraphe", "RDV": "rendez-vous", "svp": "s'il vous plaît", "SVP": "s'il vous plaît",
    },
    numbered={
        "N°": "numéro", "no": "numéro", "p.": "page", "pp.": "pages", "art.": "article", "chap.": "chapitre",
        "vol.": "volume", "bd": "boulevard",
    },
    units={
        "°C": "un degré Celsius|degrés Celsius", "°F": "un degré Fahrenheit|degrés Fahrenheit", "°": "un degré|degrés",
        "km/h": "un kilomètre par heure|kilomètres par heure", "m/s": "un mètre par seconde|mètres par seconde",
        "km²": "un kilomètre carré|kilomètres carrés", "m²": "un mètre carré|mètres carrés",
        "m³": "un mètre cube|mètres cubes",
        "km": "un kilomètre|kilomètres", "cm": "un centimètre|centimètres", "mm": "un millimètre|millimètres",
        "m": "un mètre|mètres",
        "kg": "un kilo|kilos", "mg": "un milligramme|milligrammes", "μg": "un microgramme|microgrammes",
        "g": "un gramme|grammes",
        "t": "une tonne|tonnes", "ml": "un millilitre|millilitres", "cl": "un centilitre|centilitres",
        "l": "un litre|litres", "L": "un litre|litres", "ha": "un hectare|hectares",
        "kWh": "un kilowattheure|kilowattheures",
        "kW": "un kilowatt|kilowatts", "W": "un watt|watts", "V": "un volt|volts", "Hz": "hertz", "GHz": "gigahertz",
        "Go": "un gigaoctet|gigaoctets", "Mo": "un mégaoctet|mégaoctets", "To": "un téraoctet|téraoctets",
        "GB": "un gigaoctet|gigaoctets", "kcal": "un kilocalorie|kilocalories", "min": "une minute|minutes",
        "s": "une seconde|secondes", "%": "pour cent", "‰": "pour mille",
    },
)  # fmt: skip
FIGURES = Figures(
    code="fr",
    thousands=" ",
    minus="moins",
    until="à",
    about="environ",
    signs={
        "+": "plus", "×": "fois", "x": "fois", "*": "fois", "÷": "divisé par", "=": "égale", "<": "inférieur à",
        ">": "supérieur à", "±": "plus ou moins",
    },
    fractions={
        "1/2": "un demi", "1/3": "un tiers", "2/3": "deux tiers", "1/4": "un quart", "3/4": "trois quarts",
    },
    half="{} et demi",
    money={
        "€": "un euro|euros|un centime|centimes", "EUR": "un euro|euros|un centime|centimes",
        "$": "un dollar|dollars|un cent|cents", "USD": "un dollar américain|dollars américains|un cent|cents",
        "US$": "un dollar américain|dollars américains|un cent|cents", "£": "une livre|livres|un penny|pence",
        "GBP": "une livre|livres|un penny|pence", "CHF": "un franc suisse|francs suisses|un centime|centimes",
        "¥": "un yen|yens", "JPY": "un yen|yens",
    },
    scales={
        "million": "un million d'|millions d'", "millions": "un million d'|millions d'",
        "M": "un million d'|millions d'",
        "milliard": "un milliard d'|milliards d'", "milliards": "un milliard d'|milliards d'",
        "Md": "un milliard d'|milliards d'", "Mds": "un milliard d'|milliards d'", "k": "mille |mille ",
    },
    clock=("HH:MM(?: ?(?:h|heures?))?", "HH ?[hH](?: ?MM)?(?: ?min)?", "HH heures?(?: MM)?"),
    hours={21: "vingt et une"},
    at="{hour} heures {minute}",
    sharp="{hour} heures",
    one=("une heure {minute}", "une heure"),
    date="{day} {month} {year}",
    first="premier",
    before_day="(?i:le|du|au|avant le|depuis le|jusqu'au|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)",
    ordinals={
        "er": "masculine", "re": "feminine", "ère": "feminine", "e": "masculine", "ème": "masculine",
        "ième": "masculine",
    },
    romans={
        r"\b(?P<n>[IVXL]+)(?:er|e|ème)(?!\w)": "{ordinal}",
        r"(?<=[a-zé] )(?P<n>[IVX]{2,})(?!\w)": "{cardinal}",
    },
    feminine=words(
        "heure heures minute minutes seconde secondes semaine semaines année années journée personne personnes fois "
        "livre livres tonne tonnes page pages nuit nuits"
    ),
    paired=True,
)  # fmt: skip

SITUATION = Situation(
    named="Tu t'appelles {name}. Ne parle que français.",
    limits="Tu peux seulement parler : si l'on te demande de faire quelque chose, comme téléphoner, rappeler, "
    "envoyer, jouer de la musique, commander ou allumer, réponds que tu ne peux pas. Tu n'as ni internet ni "
    "yeux : si l'on te demande la météo, les nouvelles, des prix, des lieux ou quelque chose sur soi-même, "
    "réponds que tu ne sais pas, sauf si on te l'a dit.",
    moment="Nous sommes le {weekday} {day} {month} {year}, il est {time}.",
    date="Nous sommes le {weekday} {day} {month} {year}.",
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
)

RECORDING = Recording(
    question="Puis-je enregistrer cet appel ? Veuillez répondre par oui ou par non.",
    agreed="Merci. Cet appel est enregistré. Dites arrêter l'enregistrement pour y mettre fin.",
    declined="D'accord, rien n'est enregistré.",
    company="Vous êtes plusieurs, donc rien n'est enregistré.",
    joined="Quelqu'un nous a rejoints, donc l'enregistrement est terminé.",
    stopped="L'enregistrement est terminé.",
    forgets_not="L'enregistrement le contient encore. Dites oubliez tout, et l'enregistrement sera supprimé.",
    deleted="L'enregistrement est supprimé.",
    not_begun="Désolé, je ne peux pas enregistrer cet appel, donc rien n'est enregistré. Nous pouvons continuer sans.",
    broken_off="L'enregistrement est terminé, car il ne peut plus être écrit. Nous pouvons continuer sans.",
    not_deleted="L'enregistrement est terminé, mais il n'a pas pu être supprimé. Veuillez le signaler à ceux qui "
    "gèrent ce service.",
    before="ah|oh|eh bien|ben|bon|euh|hm|alors|ok|okay",
    yes="oui|ouais|d'accord|bien sûr|bien entendu|certainement|absolument|tout à fait|allez y|vas y|okay|ok|volontiers"
    "|entendu|avec plaisir|je suis d'accord|j'accepte|vous pouvez|tu peux|pas de problème|sans problème",
    after=r"s'il (?:vous|te) plaît|merci|c'est (?:bon|d'accord)|ça me va|(?:vous pouvez )?enregistre[rz]"
    r"(?: (?:l'appel|cet appel))?",
    no=r"(?:(?:ah|oh|eh bien|ben|bon|euh|hm|alors) )*(?:non|nan|pas question|surtout pas|plutôt pas|jamais"
    r"|je (?:ne )?(?:veux|souhaite|préfère) pas|je (?:préfère|préférerais) que non|je refuse|n'enregistrez"
    r"|ne (?:m'|nous )?enregistrez)\b",
    stop=r"(?:(?:s'il (?:vous|te) plaît|ok|okay|maintenant|bon) )*(?:(?:(?:pouvez|pourriez) vous |(?:peux|pourrais) "
    r"tu )?(?:arrête[rz]?|stoppe[rz]?|termine[rz]?|coupe[rz]?|stop|fin) (?:maintenant )?(?:de )?(?:l'|cet )"
    r"enregistrement|arrête[rz]? de (?:m'|nous )?enregistrer)(?: (?:s'il (?:vous|te) plaît|maintenant|merci|tout de "
    r"suite))*",
)

TIMING = Timing(
    units=(("heure", "heures"), ("minute", "minutes"), ("seconde", "secondes")),
    joint="et",
    named="minuteur de {span}",
    how_long="Pour combien de temps ?",
    limits="Un minuteur peut durer d'une seconde à un jour.",
    many="{count} minuteurs tournent déjà.",
    started="D'accord, {span}, à partir de maintenant.",
    promise="Je vous préviendrai si cet appel dure encore.",
    none="Aucun minuteur ne tourne.",
    unknown="Aucun minuteur de cette durée ne tourne.",
    left=("Il reste {span}.", "Il reste {span}."),
    several="{count} minuteurs tournent : {each}.",
    each="il reste {span} au {timer}",
    off="D'accord, le {timer} est arrêté.",
    all_off="D'accord, tous les minuteurs sont arrêtés.",
    over="Le {timer} est terminé.",
)

REQUESTS = Requests(
    before="bonjour|bonsoir|salut|hé|ok|okay|alors|bon|bien|et|euh|oui|non|dis(?: moi)?|dites(?: moi)?"
    "|s'il (?:te|vous) plaît|excuse[zs]? moi|pardon|merci|(?:est ce que )?(?:tu peux|vous pouvez)(?: me dire)?"
    "|(?:peux|pourrais) tu(?: me dire)?|(?:pouvez|pourriez) vous(?: me dire)?|(?:sais tu|savez vous|tu sais)"
    "|(?:je voudrais|j'aimerais) savoir",
    after="s'il (?:te|vous) plaît|merci|maintenant|là|donc|exactement|actuellement|en ce moment",
    one="une?",
    numbers={"zéro": 0, "septante": 70, "nonante": 90, "premier": 1},
    clock="Il est {time}.",
    time=(
        "quelle heure (?:est il|il est|est ce|on est)|(?:il est|c'est) quelle heure",
        "(?:quelle est )?l'heure(?: actuelle| exacte| qu'il est)?|(?:donne[zs]?(?: moi)?|(?:tu as|vous avez|avez vous"
        "|as tu)) l'heure",
    ),
    date=(
        "quel jour (?:sommes nous|on est|est on|est ce|est il|nous sommes)(?: aujourd'hui)?",
        "(?:on est|nous sommes|c'est) (?:quel jour|le combien)(?: aujourd'hui)?|le combien (?:sommes nous|on est)",
        "(?:en )?(?:quelle année|quel mois) (?:sommes nous|on est|est on|est ce)|(?:on est"
        "|nous sommes) en quelle année",
        "(?:quelle est |c'est quoi )?la date(?: du jour| d'aujourd'hui| aujourd'hui)?",
        "(?:à )?quelle date (?:sommes nous|on est|est on)(?: aujourd'hui)?|aujourd'hui (?:on est|c'est) quel jour",
    ),
    days={
        "après demain": (2, "Après-demain, ce sera le"), "demain": (1, "Demain, ce sera le"),
        "avant hier": (-2, "Avant-hier, c'était le"), "hier": (-1, "Hier, c'était le"),
    },
    day=(
        "quel jour (?:sera|serons nous|on sera|sommes nous|est ce|était ce|étions nous|était|c'était|on était|c'est)"
        " {day}",
        "quelle (?:est|sera|était) la date (?:de |d')?{day}",
        "(?:on sera|nous serons|ce sera) quel jour {day}",
        "{day} (?:on est|on sera|nous serons|c'est|ce sera) quel jour",
    ),
    dated="{begun} {weekday} {day} {month} {year}.",
    until=(
        "(?:il reste |il y a )?combien de (?:jours|temps) (?:reste t il |il reste |y a t il |nous reste t il )?"
        "(?:avant|jusqu'à|jusqu'au) (?:le |la )?{until}",
        "dans combien de jours (?:est|sera|c'est) (?:le |la )?{until}",
    ),
    written="{number}(?:er)? {month}",
    feasts={"noël": (12, 25), "nouvel an": (1, 1), "jour de l'an": (1, 1), "saint sylvestre": (12, 31)},
    days_left=("C'est aujourd'hui.", "Il reste 1 jour.", "Il reste {count} jours."),
    when=("(?:c'est quand|quand est ce que c'est|quand est|quel jour (?:est|tombe|c'est)|quand tombe) (?:le "
    "|la )?{until}",),
    falls="C'est le",
    question="(?:ça|cela) (?:fait|font) combien|combien (?:font|fait|ça fait|égalent?|valent|vaut|est ce que font)"
    "|(?:qu'est ce que|que|ça) (?:font|fait"
    "|vaut)|calcule[zr]?(?: moi)?|c'est combien|quelle? est(?: le résultat de)?",
    asked="(?:ça |cela )?(?:fait|font) combien|égalent?|égale? à|égal",
    signs=(
        (r"(?<=\d) ?(?:%|pour cents?|pourcents?) (?:de|sur)", "% of"),
        ("(?:la )?racine(?: carrée)? de", "square root of"), ("au carré", "squared"), ("au cube", "cubed"),
        ("(?:à la )?puissance", "**"), ("divisée?s? par|sur", "/"), ("multipliée?s? par|fois", "*"), ("plus", "+"),
        ("moins", "-"), ("la moitié de", "1/2 *"), ("le double de", "2 *"), ("le triple de", "3 *"),
        ("(?:le|un) tiers de", "1/3 *"), ("(?:le|un) quart de", "1/4 *"),
    ),
    joined="et",
    money={"€|euros?": "euros", r"\$|dollars?": "dollars", "francs?": "francs"},
    result="Cela fait {}.",
    impossible="Je ne peux pas calculer cela.",
    seconds={"heures?|h": 3600, "minutes?|min|mn": 60, "secondes?|s": 1},
    spans={"(?:une )?demi heure": 1800, "(?:un )?quart d'heure": 900, "3 quarts d'heure": 2700},
    and_half="et demie?",
    set=(
        "(?:mets?|mettez|mettre|lance[rz]?|démarre[rz]?|règle[rz]?|programme[rz]?|crée[rz]?|fais|faites|active[rz]?"
        "|il me faut|je (?:veux|voudrais)|donne[zs]?)(?: moi)? (?:(?:un|une|le|la|un autre) )?(?:nouveau )?(?:minuteur"
        "|minuterie|timer|compte à rebours)(?: (?:de |d'|pour |à |sur |pendant )?{span})?(?: pour .+)?",
        "(?:(?:un|une|le|la|un autre) )?(?:minuteur|minuterie|timer|compte à rebours) (?:de |d'|pour )?{span}",
        "(?:me )?(?:réveille[zsr]?|préviens|prévenez|prévenir|rappelle[zsr]?|avertis|avertissez"
        "|avertir)(?: moi)? (?:dans|d'ici|après) "
        "{span}(?: .+)?",
        "(?:un|une) autre (?:de |d'|pour ){span}",
    ),
    cancel=(
        "(?:annule[rz]?|arrête[rz]?|stoppe[rz]?|supprime[rz]?|coupe[rz]?|éteins|éteignez|efface[rz]?) "
        "(?:le|la|mon|ma|tous les|toutes les|mes|les|ce|cette) (?:minuteurs?|minuteries?|timers?|compte à rebours)"
        "(?: (?:de |d'){span})?",
    ),
    left=(
        "(?:il reste )?combien de (?:temps|minutes)(?: .+)? (?:minuteurs?|minuterie|timers?)(?: .+)?",
        "(?:quels|combien de|quelles) (?:minuteurs|minuteries|timers) .+",
        "où en est (?:le|la|mon) (?:minuteur|minuterie)",
        "(?:le|mon) minuteur il (?:lui )?reste combien(?: de temps)?",
        "(?:est ce qu'il y a|y a t il|j'ai|ai je|est ce que j'ai) (?:un|une|des) (?:minuteurs?|minuteries?|timers?)"
        "(?: .+)?",
    ),
    going_on="(?:il reste )?combien de temps(?: (?:reste t il|il reste|encore))*|combien il reste",
    drop="(?:annule|arrête|stoppe|supprime)(?:z|r)? (?:le|ça|cela)|laisse[zs]? tomber",
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
    refusals=limits_fr.REFUSALS,
)
