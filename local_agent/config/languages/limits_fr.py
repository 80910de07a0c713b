"""What nobody here can do or know, as it is asked for in French."""

from __future__ import annotations

from local_agent.config.languages.facts import Refusals

_PLEASE = (
    r"(?:(?:ok|okay|bonjour|salut|alors|bon|oui|dis|dites|euh|excuse moi|excusez moi|pardon|maintenant"
    r"|s'il (?:te|vous) plaît|ben|hé|écoute|écoutez|allez|svp|stp) )*"
)
_SOFTLY = r"(?:(?:un (?:peu|petit peu)|vite|donc|juste|maintenant|s'il (?:te|vous) plaît) )*"
_WILL_YOU = (
    r"(?:(?:est ce que )?(?:tu (?:peux|pourrais)|vous (?:pouvez|pourriez))|(?:peux|pourrais) tu|(?:pouvez"
    r"|pourriez) vous)"
    r" " + _SOFTLY
)
_THANKS = (
    r"(?: (?:s'il (?:te|vous) plaît|merci|maintenant|tout de suite|veux tu|voulez vous|svp|stp|d'accord|ok|hein))*"
)
_DAY = r"(?:aujourd'hui|demain|après demain|ce soir|cet après midi|plus tard|tout à l'heure)(?: (?:matin|midi|soir))?"
_CLOCK = r"(?:à|vers) (?:\w+ heures?(?: \w+)?|midi|minuit|\d+ ?h(?: ?\d+)?)(?: du (?:matin|soir))?"
_ON = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: (?:matin|soir|prochain))?|ce week end"
_AT = rf"(?:{_DAY}|{_CLOCK}|{_ON})"
_KIN = (
    r"(?:mère|maman|père|papa|frère|sœur|soeur|mari|femme|fils|fille|copain|copine|ami|amie|amis|chef|patron|patronne"
    r"|collègue|voisin|voisine|médecin|docteur|dentiste|grand mère|grand père|parents|enfants|avocat|banque"
    r"|oncle|tante)"
)
_WHOM = (
    rf"(?:(?:mon|ma|mes|notre|nos) {_KIN}|le (?:médecin|docteur|dentiste|plombier|restaurant|bureau|garage)|la"
    rf" (?:police"
    r"|banque|pharmacie)|les (?:pompiers|parents)"
    r"|(?!moi|toi|lui|nous|vous|les|ça|cela|tout|un|une|le|la|mon|ma|mes)[a-zà-ÿ]{3,})"
)
_RIDE = r"(?:un taxi|une ambulance|un uber)(?: pour \w+(?: \w+)?)?"
_MESSAGE = r"(?:un (?:petit )?(?:message|mail|e mail|sms|texto)|une lettre)"
_MAIL = r"(?:mes|les) (?:nouveaux |derniers )?(?:mails|e mails|emails|sms|textos|courriels)(?: non lus)?"
_THE = r"(?:(?:le|la|les|l'|mon|ma|mes|toutes les|tous les) ?)"
_DEVICE = (
    r"(?:lumières?|lampes?|chauffage|télé|télévision|radio|musique|ventilateur|climatisation|clim|four|lave vaisselle"
    r"|lave linge|machine à (?:café|laver)|volets?|rideaux?|stores?|fenêtres?|portes?(?: d'entrée)?|portail|garage"
    r"|alarme|ordinateur)"
)
_ROOM = r"(?: (?:de|dans|du|à|au) ?(?:(?:la|le|l'|ma|mon) ?)?[a-zà-ÿœ]+(?: à manger)?)?"
_ORDERED = (
    r"(?:(?:un|une|deux|trois|quatre|\d+|des|du|de la) (?:\w+ ){0,2}?(?:table|restaurant|chambre|hôtel|vol|taxi"
    r"|pizzas?|billets?"
    r"|places?|fleurs|croquettes|voiture|vélo|rendez vous|repas|lait|nourriture|livre)"
    r"(?: (?:pour|à|au|chez|sur|de) [\w' ]{1,30})?)"
)
_MUSIC = (
    r"(?:(?:de la|du|un|une|ma|mon|un peu de) )?(?:musique|jazz|rock|chanson|album|radio|playlist|podcast|livre audio)"
    r"(?: (?:de|classique) ?[\w ]{0,20})?"
)
_LIST = r"(?:à|sur|dans) (?:ma|mon|notre|la) (?:liste (?:de|des) courses|agenda|calendrier|liste de tâches)"
_DRINK = r"(?:un (?:café|thé|sandwich|verre d'eau|verre de vin|chocolat chaud)|une (?:tasse de (?:thé|café)|bière))"
_ONLINE = r"(?:sur|dans) (?:internet|google|le web)|en ligne"
_TO_DO = r"(?:de |d')(?!votre|notre|quatre)(?:l'|les? |la |me |m'|lui )?\w{2,}(?:er|ir|re)(?: [\w' ]{1,60})?"
_CALL = r"(?:appelle|appelez|téléphone à|téléphonez à)"
_DO = (
    rf"{_CALL} {_SOFTLY}{_WHOM}(?: {_AT})*",
    rf"{_WILL_YOU}(?:appeler|téléphoner à) {_WHOM}(?: {_AT})*",
    rf"(?:appelle|appelez|commande|commandez) (?:moi|nous) {_RIDE}|{_WILL_YOU}(?:m'|nous )(?:appeler|commander)"
    rf" {_RIDE}",
    rf"(?:rappelle|rappelez) (?:moi|nous)(?: {_AT})* {_TO_DO}",
    rf"{_WILL_YOU}(?:me|nous) rappeler(?: {_AT})* {_TO_DO}",
    rf"(?:réveille|réveillez) (?:moi|nous)(?: {_AT})*|{_WILL_YOU}(?:me|nous) réveiller(?: {_AT})*",
    r"(?:mets|mettez|règle|réglez|programme|programmez|crée|créez) (?:moi )?(?:un|une|le|mon|l'|deux) ?(?:réveils?"
    r"|alarmes?|rappel"
    r")(?: (?:à|pour|de|d'|toutes) ?[\w' ]{1,50})?",
    r"(?:ne me (?:laisse|laissez) pas oublier|fais moi penser|faites moi penser) (?:à |de |d')(?:l'|les? "
    r"|la )?\w{2,}(?:er|ir|re)"
    r"(?: [\w' ]{1,60})?",
    rf"(?:ajoute|ajoutez|mets|mettez|note|notez) [\w' ]{{2,60}} {_LIST}|{_WILL_YOU}(?:ajouter|mettre|noter) [\w'"
    rf" ]{{2,60}}"
    rf" {_LIST}",
    rf"(?:envoie|envoyez) {_SOFTLY}{_MESSAGE} à (?!moi|toi)[\w' ]{{2,60}}|{_WILL_YOU}envoyer {_MESSAGE} à (?!moi|toi)"
    r"[\w' ]{2,60}",
    rf"(?:dis|dites) à (?:mon|ma|mes) {_KIN} (?:que|qu'|de)[\w' ]{{2,60}}|(?:préviens|prévenez|avertis"
    rf"|avertissez) (?:(?:mon|ma|mes) {_KIN}|[a-zà-ÿ]{{3,}})"
    r"(?: (?:que|qu'|de)[\w' ]{2,60})?",
    rf"{_WILL_YOU}(?:dire à|prévenir) (?:mon|ma|mes) {_KIN}(?: (?:que|qu'|de)[\w' ]{{2,60}})?",
    rf"(?:lis|lisez) moi {_MAIL}|{_WILL_YOU}(?:me )?lire {_MAIL}",
    rf"(?:commande|réserve|achète|commandez|réservez|achetez) (?:(?:moi|nous) )?{_ORDERED}(?: {_AT})*",
    rf"{_WILL_YOU}(?:(?:me|nous) )?(?:commander|réserver|acheter) {_ORDERED}(?: {_AT})*",
    rf"(?:mets|mettez|joue|jouez|lance|lancez)(?: moi)? {_MUSIC}|{_WILL_YOU}(?:me )?(?:mettre|jouer|lancer) {_MUSIC}",
    rf"(?:allume|éteins|ferme|ouvre|baisse|monte|verrouille|augmente|tamise|allumez|éteignez|fermez|ouvrez|baissez"
    rf"|montez|verrouillez) {_SOFTLY}{_THE}{_DEVICE}{_ROOM}(?: à clé)?",
    rf"{_WILL_YOU}(?:allumer|éteindre|fermer|ouvrir|baisser|monter|verrouiller|augmenter|tamiser)"
    rf" {_SOFTLY}{_THE}{_DEVICE}{_ROOM}"
    r"(?: à clé)?",
    rf"(?:cherche|cherchez|regarde|regardez) (?:ça |cela )?(?:{_ONLINE})(?: [\w' ]{{2,60}})?|{_WILL_YOU}(?:chercher"
    rf"|regarder) (?:ça "
    rf"|cela )?(?:{_ONLINE})(?: [\w' ]{{2,60}})?|(?:cherche|cherchez) (?:moi )?[\w' ]{{2,60}} (?:{_ONLINE})",
    rf"(?:paie|paye|payez|{_WILL_YOU}payer) (?:ma|mon|la|le|les|mes) (?:factures?|loyer|amende|note"
    rf"|impôts)(?: [\w' ]{{1,30}})?"
    rf"|(?:vire|virez|{_WILL_YOU}virer) \w+ euros [\w' ]{{2,40}}",
    rf"(?:prends|prenez|annule|annulez|déplace|reporte|fixe|confirme|{_WILL_YOU}(?:me )?(?:prendre|annuler|déplacer"
    rf"|reporter))"
    r" (?:moi )?(?:un |mon |le |ma |la )(?:rendez vous|réservation|réunion|vol)(?: [\w' ]{1,40})?",
    r"(?:ajoute|ajoutez|mets|mettez) [\w' ]{1,60} (?:à|dans|sur) (?:ma|la) playlist(?: [\w' ]{1,40})?",
    rf"(?:fais|faites|apporte|apportez|prépare|préparez) (?:moi|nous) {_DRINK}|{_WILL_YOU}(?:me|nous) (?:faire"
    rf"|apporter"
    rf"|préparer) {_DRINK}",
)
_NOWISH = rf"(?: (?:{_DAY}|{_ON}|maintenant|dehors|ici|actuellement|en ce moment))"
_THERE = r"(?: (?:à|en) [a-zà-ÿœ]+)?"
_PLACE = r"(?: (?:à|en|pour|sur) (?!un)[a-zà-ÿ]+(?: [a-zà-ÿ]+){0,2})?"
_FEEL = (
    r"(?:(?:très|plus|si) )?(?:chaud|froid|beau|mauvais|humide|nuageux|gris|doux|frais|lourd|bon|du vent|du soleil"
    r"|du brouillard)"
)
_SKY = (
    r"(?:y avoir (?:du soleil|du vent|de l'orage|de la neige|de la pluie|un orage)|pleuvoir|neiger|geler"
    r"|faire (?:chaud|froid|beau|mauvais|humide|frais))"
)
_SHOP = (
    r"(?:la (?:pharmacie|banque|bibliothèque|poste|boulangerie|piscine|mairie)|le (?:supermarché|musée|restaurant|zoo"
    r"|magasin|cinéma))"
)
_DEAR = (
    r"(?:le bitcoin|du bitcoin|un bitcoin|de l'or|l'or|le pétrole|du pétrole|l'essence|de l'essence|le litre"
    r" d'essence)"
)
_MONEY = r"(?:dollars?|euros?|livres?|francs?(?: suisses)?|yens?)"
_NOW = (
    rf"(?:quel temps (?:fait il|il fait|fera t il|va t il faire|il fera|il va faire|on aura)|(?:quelle est la"
    rf"|c'est quoi la) (?:météo"
    rf"|température))(?: (?:dehors|ici))?{_NOWISH}*{_THERE}{_NOWISH}*",
    rf"(?:quelle est |donne moi |donnez moi )?la météo(?: (?:de|d'|pour) ?{_DAY})?{_NOWISH}*",
    rf"(?:est ce qu'il va|va t il|il va) {_SKY}{_NOWISH}*{_THERE}|(?:est ce qu'il )?(?:pleut|neige)(?: il)?{_NOWISH}+",
    rf"(?:combien (?:de degrés )?(?:fait il|il fait)|il fait combien(?: de degrés)?|(?:est ce qu'il "
    rf"|qu'est ce qu'il )?(?:fait il"
    rf"|il fait|fait|fera|fera t il|il fera) {_FEEL}){_NOWISH}+{_PLACE}|(?:quelle est|c'est quoi|quel est) (?:la|le"
    rf"|l') ?(?:météo"
    rf"|température|humidité|taux d'humidité|temps|prévisions?)(?: actuelle?)?(?: pour)?(?:{_NOWISH}*{_PLACE}"
    rf"|{_PLACE}{_NOWISH}*)"
    rf"|(?:y a t il|il y a|est ce qu'il y a|y aura t il|il y aura|est ce qu'il y aura) (?:du|de la|de l'"
    rf"|un) ?(?:soleil|vent|neige"
    rf"|orage|pluie|brouillard|tempête){_NOWISH}+{_PLACE}|quand (?:est ce qu'il va|va t il|il va) (?:pleuvoir|neiger"
    rf"|arrêter de"
    rf" pleuvoir){_NOWISH}*",
    rf"(?:est ce que j'ai|ai je|j'ai|j'aurai|est ce que j'aurai) besoin (?:d'un|de mon|de prendre un) (?:parapluie"
    rf"|manteau|imperméable"
    rf"){_NOWISH}*|(?:est ce que je dois|dois je|je dois|est ce qu'il faut que je|il faut) (?:prendre|mettre|porter"
    rf"|emporter)"
    rf" (?:un|mon) (?:parapluie|manteau|imperméable){_NOWISH}*",
    rf"quelles sont les (?:nouvelles|dernières nouvelles|actualités|infos|informations)(?: du jour)?{_NOWISH}*",
    r"qui a gagné (?:le match|la course|la finale)(?: (?:de|du) \w+)? (?:hier(?: soir)?|aujourd'hui|ce week end)",
    rf"(?:combien coûte|combien vaut|quel est le prix (?:du|de)|quel est le cours (?:du|de)) (?:{_DEAR}|bitcoin"
    rf"|l'action"
    rf" \w+){_NOWISH}*",
    rf"(?:combien (?:font|fait|valent|vaut)|c'est combien) \w+ {_MONEY} en {_MONEY}|\w+ {_MONEY} en {_MONEY}"
    rf" (?:ça fait"
    r" combien|c'est combien)",
    r"(?:quand|à quelle heure) (?:passe|part|arrive|est) (?:le|mon) prochain (?:bus|train|métro|tram|vol|avion|bateau)"
    r"(?: pour \w+)?",
    rf"(?:est ce que )?{_SHOP} (?:est|est il|est elle) (?:encore )?(?:ouverte?|fermée?)(?:{_NOWISH}| là)*"
    rf"|est ce que c'est ouvert {_SHOP}",
    rf"(?:comment est|quel est l'état de) la circulation{_NOWISH}*|qu'est ce qu'il y a (?:à la télé|au"
    rf" cinéma){_NOWISH}*",
)
_THING = (
    r"(?:clés|clefs|téléphone|portable|lunettes|voiture|portefeuille|sac|chien|chat|télécommande|chaussures|mari|femme"
    r"|fils|fille|frère|sœur)"
)
_SELF = (
    r"(?:comment|tu sais comment|savez vous comment|sais tu comment) je m'appelle|comment est ce que je m'appelle"
    r"|(?:quel est|c'est quoi) mon (?:nom|prénom|âge|adresse|anniversaire|numéro(?: de téléphone)?)",
    r"qui suis je|(?:tu sais|sais tu|savez vous) qui je suis|j'ai quel âge|quel âge (?:ai je|j'ai|est ce que j'ai)"
    r"|combien (?:je mesure|je pèse|est ce que je (?:mesure|pèse))",
    r"(?:j'habite|je suis|on est) où(?: là)?|où (?:suis je|est ce que je suis|je suis|sommes nous"
    r"|est ce que j'habite|j'habite)(?: (?:là|maintenant|en ce"
    r" moment))*|dans quelle (?:ville|rue|pièce) (?:suis je|est ce que je suis|sommes nous)",
    r"qu'est ce que je (?:porte|tiens(?: dans la main)?|suis en train de (?:faire|manger|boire|regarder))"
    r"(?: (?:aujourd'hui|en ce moment))?",
    r"(?:de )?quelle couleur (?:est|sont) (?:mon|ma|mes) (?:chemise|cheveux|yeux|voiture|chaussures|robe|veste"
    r"|pull|t shirt|chemisier|manteau|jupe|pantalon"
    r"|maison)",
    r"de quoi j'ai l'air|combien de doigts (?:je montre|est ce que je montre)",
    rf"où (?:est|sont) (?:mon|ma|mes) {_THING}|où (?:ai je|est ce que j'ai|j'ai) (?:mis|laissé|garé|perdu)"
    rf" (?:mon|ma|mes)"
    rf" {_THING}",
    r"qui est (?:avec moi|à côté de moi|derrière moi|à la porte|dans (?:la|ma) (?:pièce|chambre|cuisine)(?: avec"
    r" moi)?)",
    r"combien (?:de personnes sommes nous|y a t il de personnes|de personnes y a t il|de gens y a t il) (?:ici"
    r"|dans (?:la"
    r"|cette|ma) (?:pièce|chambre|maison))",
    r"qu'est ce que j'ai (?:mangé|fait|acheté|bu) (?:hier|aujourd'hui|ce matin|à midi|hier soir)",
    rf"(?:est ce que j'ai|ai je|j'ai) (?:des|un) (?:rendez vous|réunions?|nouveaux messages|nouveaux mails){_NOWISH}*",
    rf"qu'est ce (?:qu'il y a|que j'ai) (?:dans mon agenda|sur ma liste de courses){_NOWISH}*",
    r"(?:quand|à quelle heure) est mon (?:prochain )?(?:rendez vous|vol|train|entretien)",
    r"(?:est ce que )?(?:mon colis|ma commande|ma livraison) est (?:déjà )?arrivée?",
    r"(?:est ce que je suis|suis je) (?:heureux|heureuse|triste|fatiguée?|seule?|mariée?)(?: ou \w+)?",
)

REFUSALS = Refusals(
    please=_PLEASE,
    thanks=_THANKS,
    do=_DO,
    cant="Désolé, je ne peux pas le faire. Je peux seulement vous parler.",
    now=_NOW,
    always="hiver|été|printemps|automne|d'habitude|habituellement|en général|en moyenne|climat|mars|lune|vénus",
    unknown="Je ne sais pas. Je n'ai pas internet, je ne peux donc pas le vérifier.",
    self=_SELF,
    unseen="Je ne sais pas. Je ne vous vois pas, et vous ne me l'avez pas dit.",
    others="signifie|veut dire|en (?:anglais|allemand|espagnol|italien|latin)|histoire|conte|roman|poème"
    "|devinette|phrase"
    "|serait|devrait|conseil|disait|film",
    told=r"j'\w+|je|moi|m'\w+|me|mon|ma|mes|nous|notre|nos",
)
