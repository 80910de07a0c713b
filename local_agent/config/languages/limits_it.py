"""What nobody here can do or know, as it is asked for in Italian."""

from __future__ import annotations

from local_agent.config.languages.facts import Refusals

_PLEASE = (
    r"(?:(?:ok|okay|ciao|salve|buongiorno|buonasera|sent[ia]|senta|scus[ai]|scusami|allora|dunque|beh|ehm?|ah|oh|sì|dai"
    r"|ora|adesso|ehi|ascolt[ai]|guard[ai]|ma|poi|per (?:favore|piacere|cortesia)) )*"
)
_SOFTLY = r"(?:(?:per (?:favore|piacere|cortesia|caso)|un (?:po'|attimo)|subito|adesso|ora|anche|gentilmente) )*"
_CAN = r"(?:puoi|può|potresti|potrebbe|riesc[ie] a|sapresti|vuoi)"
_WILL_YOU = rf"{_CAN} {_SOFTLY}"
_THANKS = r"(?: (?:per (?:favore|piacere|cortesia)|grazie|adesso|ora|subito|dai|va bene|ok))*"
_DAY = (
    r"(?:oggi|domani|dopodomani|stasera|stanotte|stamattina|più tardi|dopo|fra poco|tra poco)"
    r"(?: (?:mattina|pomeriggio|sera|notte))?"
)
_CLOCK = (
    r"(?:all[ae] |all'|per le |a |verso le )(?:\w+(?: e \w+)?|mezzogiorno|mezzanotte)(?: (?:di|del) (?:mattina|sera"
    r"|mattino))?"
)
_ON = (
    r"(?:lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)(?: (?:mattina|sera|prossimo))?"
    r"|(?:questo|nel|il|per il) fine settimana|(?:la )?(?:settimana|prossima settimana)(?: prossima)?"
)
_AT = rf"(?:{_DAY}|{_CLOCK}|{_ON})"
_KIN = (
    r"(?:madre|mamma|padre|papà|fratello|sorella|marito|moglie|figli[oa]|ragazz[oa]|fidanzat[oa]|compagn[oa]|amic[oa]"
    r"|capo|collega|vicin[oa]|medico|dottore|dentista|nonn[oa]|genitori|figli|avvocato|banca|zi[oa]|cugin[oa])"
)
_MY = rf"(?:(?:l[ao] |il |i )?(?:mi[oa]|miei|nostr[oa]) {_KIN}|la mamma|il papà)"
_NAME = r"(?!quest|quell|tutt|me\b|te\b|lei\b|noi\b|se\b|un)[a-zà-ù]{3,}(?: (?!un)[a-zà-ù]+)?"
_WHOM = (
    rf"(?:{_MY}|il (?:medico|dottore|dentista|veterinario|ristorante|bar|parrucchiere)|l'(?:idraulico|ospedale"
    rf"|ambulanza"
    rf"|elettricista|avvocato)|la (?:polizia|banca|farmacia)|i (?:carabinieri|pompieri|vigili)|(?!il |la |i "
    rf"|l'){_NAME})"
)
_TO = rf"(?:a {_MY}|(?:al|alla|ai) (?:mi[oa] |miei )?{_KIN}|all'(?:avvocato|idraulico)|a {_NAME})"
_MESSAGE = r"(?:un (?:messaggio|messaggino|sms|whatsapp|vocale)|una? (?:mail|e mail|email|lettera))"
_MAIL = (
    r"(?:i miei|le mie|le|i|gli) (?:nuov[ie] |ultim[ie] )?(?:mail|e mail|email|messaggi|sms|notifiche)"
    r"(?: nuov[ie]| non lett[ie])?"
)
_PLACE = r"(?: (?:a|in|per) (?!un|cui)[a-zà-ù]+(?: [a-zà-ù]+){0,2})?"
_WARM = (
    r"(?:(?:molto|più|troppo|così) )?(?:nuvoloso|ventoso|umido|freddo|caldo|soleggiato|sereno|nebbioso|piovoso|bello"
    r"|brutto"
    r"|gelido|sotto (?:lo )?zero)"
)
_FALLS = r"(?:(?:il |una? |l[ao] |del(?:la)? )?(?:sole|vento|neve|pioggia|temporal[ei]|nebbia|tempest[ae]|bufera))"
_THE = r"(?:(?:il|lo|la|i|gli|le|l'|mio|mia|tutte|tutti|un po'|un pochino) ?)+"
_DEVICE = (
    r"(?:luc[ei]|lampad[ae]|lampadario|riscaldamento|termosifon[ei]|tele|tv|televisione|televisore|radio|musica|volume"
    r"|ventilatore|aria condizionata|condizionatore|forno|lavastoviglie|lavatrice|tapparell[ae]|persian[ae]|tende"
    r"|finestr[ae]|port[ae]|portone|garage|cancello|allarme|computer|stufa)(?: di casa| d'ingresso)?"
)
_ROOM = r"(?: (?:in|del|della|dell'|nel|nella|di|a) ?[a-zà-ù]+(?: gradi)?)?"
_ORDERED = (
    r"(?:(?:un|un'|una|uno|due|tre|quattro|\d+|dei|delle|del|della|altr[ieo]) ?(?:\w+ ){0,2}?(?:tavolo|ristorante"
    r"|prenotazione|pranzo|osteria|camera|stanza"
    r"|albergo|hotel|volo|pizz[ae]|bigliett[io]|post[io]|fiori|macchina|auto|bici|cena|cibo|crocchette|libro)"
    r"(?: [\w' ]{1,40})?|(?:fiori|pizze|biglietti|sushi)(?: per [\w ]{1,20})?)"
)
_RIDE = r"(?:un taxi|un'ambulanza|un uber)(?: (?:per|a|al|alla) ?[\w' ]{1,25})?"
_MUSIC = (
    r"(?:(?:un po' di|della|del|un|una|qualche|la mia|qualcosa di) )?(?:musica|canzon[ei]|jazz|rock|album|radio"
    r"|playlist|podcast|audiolibro|brano|disco)(?: [\w' ]{1,30})?|qualcosa di [a-zà-ù]+(?: [a-zà-ù]+)?"
)
_LIST = (
    r"(?:alla|nella|sulla|in|sul|nel|dalla|all'|nell'|sull') ?(?:mi[ao] )?(?:lista della spesa|lista delle cose da fare"
    r"|agenda|calendario)|(?:alla|nella|sulla) mia lista"
)
_NOTED = r"(?:aggiung[ia]|mett[ia]|segn[ai]|scriv[ia]|annot[ai]|inserisc[ia])(?:mi)?"
_DRINK = (
    r"(?:un (?:altro )?(?:caffè|tè|cappuccino|panino|toast|bicchiere d'acqua|bicchiere di vino|tramezzino)|una (?:birra"
    r"|tazza di (?:tè|caffè)|cioccolata(?: calda)?|camomilla))"
)
_ONLINE = r"(?:su|in) (?:internet|google|rete)|online|sul web"
_TO_DO = r"(?:di|d') ?(?:non )?(?:\w{2,}[aei]r(?:e|l[oaie]|ne|mi|ci|gli|le)|\w+rre)(?: [\w' ]{1,60})?"
_DUE = (
    r"(?:l'|la |il |dell'|della |del )(?:appuntamento|riunione|compleanno|visita|scadenza|pillola|medicina)[\w' ]{0,40}"
)
_OWED = r"(?:la bolletta|le bollette|l'affitto|la multa|la fattura|la rata|il canone|il bollo)(?: [\w' ]{1,30})?"
_DATED = r"(?:appuntamento|visita|prenotazione|riunione|volo|tavolo|ordine|abbonamento)(?: [\w' ]{1,40})?"
_TELL_ME = r"(?:mi|ci)"
_DO = (
    rf"(?:(?:ri)?chiam[ai]|{_WILL_YOU}(?:ri)?chiamare) {_SOFTLY}{_WHOM}(?: {_AT})*",
    rf"(?:telefon[ai]|{_WILL_YOU}telefonare|fai una telefonata|dai un colpo di telefono) {_SOFTLY}{_TO}(?: {_AT})*",
    rf"(?:ri)?chiama(?:mi|ci)(?: {_AT})+",
    rf"(?:(?:chiama|ordina|prenota|trova)(?:mi|ci)?|{_TELL_ME} (?:chiami|ordini|prenoti|{_WILL_YOU}(?:chiamare"
    rf"|ordinare|prenotare))|{_WILL_YOU}(?:chiamar|ordinar|prenotar)(?:e|mi|ci)) {_RIDE}",
    rf"(?:ricorda(?:mi|ci)|{_TELL_ME} ricord[ia]|{_WILL_YOU}ricordar(?:mi|ci)|{_TELL_ME} {_WILL_YOU}ricordare)"
    rf" {_SOFTLY}(?:(?:{_AT} )*(?:{_TO_DO}|{_DUE}|che (?:{_AT} )*(?:devo|ho|abbiamo|dobbiamo|c'è|scade|arriva|viene)"
    rf" [\w' ]{{2,60}}))",
    rf"non (?:farmi|lasciarmi|mi far|mi lasciare) (?:scordare|dimenticare)(?: {_TO_DO}| {_DUE})",
    rf"(?:sveglia(?:mi|ci)|{_TELL_ME} (?:svegli|sveglieresti|{_WILL_YOU}svegliare)|{_WILL_YOU}svegliar(?:mi|ci))"
    rf"(?: {_AT})*",
    rf"(?:(?:mett[ia]|impost[ai]|punt[ai]|programm[ai]|attiva|crea|aggiungi|fa|da)m?(?:mi)?|{_WILL_YOU}(?:mettere"
    rf"|impostare"
    rf"|puntare|creare)(?:mi)?) (?:(?:la|una|l'|un|due|mia|nuova|nuovo) ?)+(?:svegli[ae]|allarme"
    rf"|promemoria)(?: [\w' ]{{1,60}})?",
    r"(?:(?:mi serve|ho bisogno di) )?(?:una sveglia|un promemoria|sveglia) (?:per|alle|ogni|di) [\w' ]{2,60}",
    rf"(?:(?:mand[ai]|invi[ai]|spedisc[ia])(?:gli|le)?|{_WILL_YOU}(?:mandare|inviare|spedire)) {_SOFTLY}(?:{_MESSAGE}"
    rf" {_TO}|{_TO} {_MESSAGE})(?: [\w' ]{{1,60}})?|(?:manda|invia)mi {_SOFTLY}{_MESSAGE}(?: [\w' ]{{1,60}})?",
    rf"(?:avvis[ai]|avvert[ia]|inform[ai]|{_WILL_YOU}(?:avvisare|avvertire|informare)) (?:{_MY}|{_NAME}) che"
    rf" [\w' ]{{2,60}}",
    rf"(?:di'|dì|dica|fai sapere|fa' sapere|{_WILL_YOU}(?:dire|far sapere)) (?:a {_MY}|a {_NAME}) che"
    rf" (?:non )?(?:sono|arrivo|faccio|ho|vengo|torno|tardo|resto|la cena|il pranzo)\b[\w' ]{{0,60}}",
    rf"(?:{_NOTED}|{_WILL_YOU}(?:aggiungere|mettere|segnare|scrivere|annotare|inserire)) (?:[\w' ]{{2,60}} (?:{_LIST})"
    rf"|(?:{_LIST}) [\w' ]{{2,60}})",
    rf"(?:legg(?:imi|i)|{_TELL_ME} legg[ia]|{_WILL_YOU}legger(?:e|mi)|{_TELL_ME} {_WILL_YOU}leggere) {_MAIL}",
    rf"(?:(?:ordin[ai]|prenot[ai]|compr[ai]|trov[ai]|acquist[ai]|noleggi[a]?)(?:mi|ci)?|{_TELL_ME} (?:ordin|prenot"
    rf"|compr)[ia]"
    rf"|{_WILL_YOU}(?:ordinar|prenotar|comprar|noleggiar)(?:e|mi|ci)|{_TELL_ME} {_WILL_YOU}(?:ordinare|prenotare"
    rf"|comprare)) {_SOFTLY}{_ORDERED}(?: {_AT})*",
    rf"(?:(?:fissa|prendi|prenota|disdici|annulla|sposta|cancella|rimanda|conferma)(?:mi)?|{_WILL_YOU}(?:fissar|prender"
    rf"|prenotar|disdir|annullar|spostar|cancellar)(?:e|mi)|{_TELL_ME} (?:fissi|prenoti|disdici|prendi)) (?:un |il mio"
    rf" |il |la mia |la |l'|una ){_DATED}",
    rf"(?:mett[ia](?:mi)?|fa(?:i|mmi) (?:partire|sentire|ascoltare)|suona(?:mi)?|{_TELL_ME} (?:mett[ia]"
    rf"|fai (?:sentire|ascoltare))|{_WILL_YOU}(?:metter(?:e|mi)|far(?:mi)? (?:partire|sentire|ascoltare)))"
    rf" {_SOFTLY}(?:{_MUSIC})|(?:riproduc[ia](?:mi)?|{_WILL_YOU}riprodurre) [\w' ]{{2,60}}|(?:aggiung[ia]|mett[ia]"
    rf"|inserisc[ia])"
    rf" [\w' ]{{1,60}} (?:alla|nella|sulla) (?:mia )?playlist(?: [\w' ]{{1,40}})?",
    rf"(?:accend[ia]|spegn[ia]|spenga|apr[ia]|chiud[ia]|alz[ai]|abbass[ai]|regol[ai]|abbassa|{_TELL_ME} (?:accendi"
    rf"|spegni|apri|chiudi|alzi|abbassi)|(?:mi )?{_WILL_YOU}(?:accender|spegner|aprir|chiuder|alzar|abbassar)(?:e|mi))"
    rf" {_SOFTLY}{_THE}{_DEVICE}{_ROOM}(?: a chiave)?",
    rf"(?:cerc[ai](?:mi|lo|la)?|guard[ai]|controll[ai]|{_WILL_YOU}(?:cercar|guardar|controllar)(?:e|mi|lo|la))"
    rf" (?:{_ONLINE})(?: [\w' ]{{1,60}})?",
    rf"(?:cerc[ai](?:mi)?|{_WILL_YOU}cercar(?:e|mi)) [\w' ]{{2,60}} (?:{_ONLINE})",
    rf"(?:(?:fa|prepara|porta)m?mi|{_TELL_ME} (?:fai|prepari|porti)|{_WILL_YOU}(?:far|preparar|portar)mi) {_DRINK}",
    rf"(?:paga(?:mi)?|paghi|{_WILL_YOU}pagar(?:e|mi)) {_OWED}|(?:fai|fa'|{_WILL_YOU}fare) un bonifico [\w' ]{{2,60}}",
    r"(?:porta fuori|da' da mangiare a|dai da mangiare a|annaffi[ai]|innaffi[ai]|lava|stira|pulisci"
    r"|passa l'aspirapolvere)"
    r"(?: (?:il|la|le|i|al|alla|i miei|in) ?(?:mio |mia )?(?:cane|gatto|piante|fiori|piatti|camicie|bagno|cucina|casa"
    r"|spazzatura|macchina|salotto))?",
)
_NOWISH = rf"(?: (?:{_DAY}|{_ON}|adesso|ora|fuori|qui|al momento|in questo momento|da noi))"
_THERE = r"(?: (?:a|in) [a-zà-ù]+)?"
_SHOP = (
    r"(?:la (?:farmacia|banca|biblioteca|posta|panetteria|piscina|pizzeria)|il (?:supermercato|museo|ristorante|bar"
    r"|negozio|cinema)|l'(?:ufficio postale|edicola))"
)
_DEAR = (
    r"(?:(?:il|un) bitcoin|l'oro|l'argento|il petrolio|la benzina|il gasolio|il diesel|il dollaro|un litro di benzina)"
)
_MONEY = r"(?:dollar[oi]|euro|sterlin[ae]|franch[io]|franco|yen)"
_NOW = (
    rf"(?:che|com'è il|come sarà il|come è il) tempo{_NOWISH}*(?: (?:fa|farà|c'è|ci sarà|avremo|fanno))?{_NOWISH}*"
    rf"{_PLACE}{_NOWISH}*",
    rf"(?:{_DAY} )?(?:(?:è|sarà|fa|farà|diventerà) {_WARM}|(?:ci sarà|c'è|ci saranno"
    rf"|avremo) {_FALLS})(?:{_NOWISH}+{_PLACE}"
    rf"|{_PLACE}{_NOWISH}+)|{_DAY} (?:sarà {_WARM}|ci sarà {_FALLS})",
    rf"(?:qual è|quale sarà|quali sono) (?:la|l'|il|le) ?(?:temperatura|umidità|previsioni?|tempo|meteo)(?: attuale"
    rf"| del tempo"
    rf"| meteo)?(?:{_PLACE}{_NOWISH}*|{_NOWISH}+{_PLACE})|quando (?:piov(?:e|erà)|nevich?(?:a|erà)|smett(?:e"
    rf"|erà) di piovere)"
    rf"{_NOWISH}*|(?:il )?(?:tempo|meteo)(?: a [a-zà-ù]+(?: [a-zà-ù]+)?|{_NOWISH}+)",
    rf"(?:quali sono |come sono |che cosa dicono |cosa dicono )?le previsioni(?: del tempo| meteo)?(?: per)?{_NOWISH}*"
    rf"{_THERE}|(?:com'è|qual è) il meteo(?: per| di)?{_NOWISH}*{_THERE}",
    rf"(?:piove(?:rà)?|nevica|nevicherà|sta piovendo|sta nevicando|fa (?:freddo|caldo)|farà (?:bello"
    rf"|brutto|caldo|freddo)|c'è il sole|pioverà)(?:{_NOWISH})+|(?:{_DAY}|{_ON}) (?:piove|nevica|pioverà|nevicherà"
    rf"|fa freddo|fa caldo|farà (?:bello|brutto|caldo|freddo))|(?:pioverà|nevicherà)",
    rf"(?:pioverà|nevicherà)(?: forte| molto)?{_NOWISH}*{_PLACE}{_NOWISH}*",
    rf"quanti gradi (?:ci sono|fa|fanno|abbiamo){_NOWISH}*|che temperatura (?:c'è|fa){_NOWISH}*"
    rf"|quanto (?:freddo|caldo) (?:è|fa|farà|sarà)(?:{_NOWISH})*",
    rf"(?:{_DAY} )?(?:mi serve|mi servirà|(?:ho|avrò) bisogno d(?:i|ell')|(?:devo|dovrei) (?:prendere|portare"
    rf"|mettermi|indossare)|prendo) ?(?:l'|un |il |la )?(?:ombrello"
    rf"|giacca|cappotto){_NOWISH}*",
    rf"(?:che|quali) notizie (?:ci sono|abbiamo){_NOWISH}*|(?:quali sono|dimmi|leggimi) le (?:ultime )?(?:notizie|news)"
    rf"(?: di {_DAY}| del giorno)?{_NOWISH}*|(?:che )?(?:cosa|che) (?:è successo|succede) {_DAY}(?: nel mondo)?",
    r"chi ha vinto (?:la partita|il derby|la gara|il gran premio)(?: (?:di|del|della|tra|fra) ?[\w' ]{1,25})?"
    r"(?: (?:ieri(?: sera)?|oggi|stasera|domenica))|come è finita la partita(?: [\w' ]{1,20})?",
    rf"(?:quanto (?:costa|vale|sta|quota)|a quanto (?:sta|è)|qual è il (?:prezzo|valore) (?:del|della|dell')"
    rf"){_NOWISH}* ?(?:{_DEAR}|bitcoin|oro|petrolio|benzina){_NOWISH}*",
    rf"quant[oi] (?:fanno|sono|fa|valgono) [\w ]{{1,20}} {_MONEY} in {_MONEY}",
    r"(?:quando|a che ora) (?:passa|parte|arriva|c'è) (?:il|la) (?:prossim[oa] )(?:autobus|bus|treno|metro|tram|volo"
    r"|pullman|corriera)(?: (?:per|da|a) [\w' ]{1,20})?",
    rf"(?:è|sono) (?:ancora |già )?(?:apert[aoie]|chius[aoie]) {_SHOP}(?: [\w' ]{{1,20}})?|{_SHOP} è (?:ancora |già )?"
    rf"(?:apert[ao]|chius[ao])(?:{_NOWISH})*",
    rf"(?:che )?(?:cosa|che) (?:c'è|danno|fanno){_NOWISH}* (?:in|alla|al) (?:tv|tele|televisione|cinema){_NOWISH}*"
    rf"|com'è il traffico{_NOWISH}*|c'è traffico{_NOWISH}*",
)
_THING = (
    r"(?:chiavi|telefono|telefonino|cellulare|occhiali|macchina|auto|portafoglio|borsa|cane|gatto|telecomando|scarpe"
    r"|marito|moglie|figlio|figlia|fratello|sorella)"
)
_MINE = r"(?:(?:il |la |le |i |gli )?(?:mi[oae]|miei) )"
_SELF = (
    r"(?:(?:sai|ti ricordi|si ricorda) )?come mi chiamo|(?:qual è|sai|conosci) il mio (?:nome|cognome|numero(?: di"
    r" telefono)?|indirizzo|compleanno)|quand'è il mio compleanno",
    r"(?:sai (?:dirmi )?)?chi sono(?: io)?|quanti anni ho|quanto (?:peso|sono alt[oa])",
    r"(?:sai )?dove (?:sono|abito|vivo|siamo|mi trovo)(?: (?:io|adesso|ora|in questo momento))*|in (?:che|quale)"
    r" (?:città|paese|via|stanza) (?:sono|siamo|mi trovo|abito|vivo)",
    r"(?:che )?(?:cosa|che) (?:indosso|ho (?:addosso|in mano)|sto (?:facendo|mangiando|bevendo|guardando))"
    r"(?: (?:oggi|adesso|ora|in questo momento))?|come sono vestit[oa](?: oggi)?",
    rf"(?:di )?che colore (?:è|sono|ha|hanno) {_MINE}(?:magli(?:a|etta|one)|camicia|capelli|occhi|macchina|auto|scarpe"
    rf"|vestito|giacca|pantaloni|casa)",
    r"che aspetto ho|come sto con questo vestito|quante dita (?:sto mostrando|vedi|ti mostro)",
    rf"dove (?:è|sono|ho (?:messo|lasciato|parcheggiato|perso)|stanno) (?:{_MINE}|il |la |le |gli ){_THING}"
    rf"|dov'è (?:{_MINE}){_THING}",
    r"chi (?:c'è|è) (?:con me|vicino a me|accanto a me|dietro di me|alla porta|in (?:camera|cucina|questa stanza)"
    r"(?: con me)?|nella stanza(?: con me)?)|quante persone (?:ci sono|siamo) (?:qui|in (?:questa stanza|casa))",
    r"(?:che )?(?:cosa|che) ho (?:mangiato|fatto|comprato|bevuto|sognato)(?: (?:a (?:pranzo|cena|colazione)|per"
    r" (?:pranzo|cena|colazione)))?(?: (?:ieri(?: sera)?|oggi|stamattina|stanotte|l'altro ieri|la settimana scorsa))",
    rf"(?:{_DAY} )?ho (?:(?:qualche|degli|un|una|delle|dei) )?(?:appuntament[oi]|riunion[ei]|impegni|messaggi nuovi"
    rf"|mail nuove|nuovi messaggi|nuove mail){_NOWISH}*",
    rf"(?:che )?(?:cosa|che) (?:c'è|ho) (?:in agenda|nella mia agenda|sul mio calendario"
    rf"|nella mia lista(?: della spesa)?)"
    rf"{_NOWISH}*",
    r"(?:quando|a che ora) (?:è|ho) (?:il mio |la mia |il |la |l')?(?:prossim[oa] )?(?:appuntamento|riunione|volo"
    r"|visita"
    r"|treno|colloquio)",
    r"(?:è (?:già )?arrivat[oa]|hanno consegnato) (?:il mio|la mia) (?:pacco|ordine|consegna|pacchetto)|(?:il mio pacco"
    r"|il mio ordine) è (?:già )?arrivato",
    r"(?:sono|mi vedi) (?:felice|triste|stanc[ao]|sol[ao]|sposat[ao]) o [a-zà-ù]+",
)

REFUSALS = Refusals(
    please=_PLEASE,
    thanks=_THANKS,
    do=_DO,
    cant="Mi dispiace, questo non posso farlo. Posso solo parlare con lei.",
    now=_NOW,
    always="inverno|estate|primavera|autunno|di solito|normalmente|in genere|in media|clima|marte|luna|venere",
    unknown="Non lo so. Non ho internet, quindi non posso verificarlo.",
    self=_SELF,
    unseen="Non lo so. Non posso vederla, e non me l'ha detto.",
    others="significa|vuol dire|si dice|in (?:inglese|tedesco|francese|spagnolo|latino|cinese)|storia|fiaba|romanzo"
    "|poesia"
    "|indovinello|frase|sarebbe|dovrebbe|consiglio|diceva|film",
    told=r"io|mi|mio|mia|miei|mie|me|sono|ho|abito|vivo|sto|noi|nostr[oaie]|chiamami|mangiato|porto|indosso|peso",
)
