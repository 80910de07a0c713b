"""Spanish."""

from __future__ import annotations

from local_agent.config.languages import limits_es
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
    greeting="¡Hola! ¿En qué puedo ayudarle?",
    apology="Lo siento, algo ha salido mal. Por favor, repítalo.",
    interrupted="Perdón, me han interrumpido y he perdido el hilo. ¿Por dónde íbamos?",
    goodbye="Tengo que irme. Adiós.",
    no_voice="Aquí no tengo voz en español. Mis respuestas también están en la pantalla.",
    instructions="Eres un asistente de voz amable. Responde en español, en una o dos frases habladas cortas, sin "
    "listas ni markdown.",
)
LISTENING = Listening(
    yes="sí|si|sip|vale|claro|claro que sí|exacto|exactamente|eso|eso es|así es|bien|muy bien|de acuerdo|okey|ya|ya "
    "veo|entiendo|lo entiendo|entendido|por supuesto|cierto|es cierto|verdad|es verdad|correcto|perfecto|genial|ajá"
    "|aja|lo sé|ya lo sé|desde luego|estupendo|efectivamente|dale|listo|sin duda|qué bien|muy bueno|me parece bien"
    "|pues sí|pues claro|pues claro que sí|comprendo|tal cual|total|órale|buenísimo|ya entiendo|sin problema"
    "|naturalmente|tienes razón|tiene razón|obvio|eso mismo|qué bueno|cómo no|como no|tiene sentido|no hay problema"
    "|está bien|muy interesante",
    other="ah|oh|eh|em|uy|vaya|anda|bueno|en serio|de verdad|no me digas|guau|ostras|hombre|qué interesante|qué "
    "curioso|increíble|mira|madre mía|uf|caramba|qué fuerte|no puede ser|hm",
    alone="y|pues|entonces|este|o sea",
)
ENDS = Ends(
    dangling=words(
        "el la los las lo al del un unos unas mi mis tu tus su sus y e o u pero porque aunque sino ni que de a en con "
        "sin entre hasta desde hacia según por muy tan he has ha han me te se nos le les cada eh em"
    ),
    leaning=words(
        "una uno nuestro nuestra este esta estos estas ese esa si como cuando donde cual quien para sobre contra es "
        "son soy está están estoy era fue hay tengo tiene puedo puede puedes quiero quiere quieres quisiera debo voy "
        "va gustaría yo tú él ella usted pues entonces más"
    ),
    whole="(?:(?:sí|no|bueno|vale|oh) )*(?:para|para ya|ya voy|ya está|aquí está|así es|eso es|(?:lo )?quiero|puedo"
    "|como (?:quieras|quiera|tú)|y (?:tú|usted)|no hay más|no quiero más|nada más|algo más|soy yo|yo (?:también|no))",
    digits="cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve",
)
# "Olvídalo" means "never mind"; "no olvide eso" is a formal request not to forget.
_PLEASE = (
    r"(?:(?:no|sí|vale|ok|okay|bueno|espera|espere|por favor|perdona|perdón|oye|ya|ahora|entonces|gracias|mira|eh) )*"
)
_NOW = r"(?:(?:por favor|ya|ahora|también|simplemente) )*"
_THANKS = (
    r"(?: (?:por favor|ya|ahora|ahora mismo|gracias|para siempre|de inmediato|completamente|de (?:tu|su) memoria))*"
)
_SAID = (
    r"(?:(?:te |le )?(?:dije|pregunté|conté)|(?:te |le )?he (?:dicho|preguntado|contado)|acabo de decir"
    r"|hemos (?:dicho|hablado)|hablamos)"
)
_DO = (
    r"(?:olvida|borra|elimina|(?<!\bno )(?:olvide|borre|elimine)|olvídate de|(?<!\bno )olvídese de"
    r"|(?<!\bno )(?:puedes|puede|podrías|podría|quieres) (?:por favor )?(?:olvidar|borrar|eliminar)"
    r"|(?<!\bno )(?:quiero|quisiera|necesito) que (?:olvides?|borres?|elimines?))"
)


def _asks(what: str) -> str:
    return rf"{_PLEASE}{_DO} {_NOW}{what}{_THANKS}"


FORGETTING = Forgetting(
    last=_asks(
        rf"(?:eso|esto|lo que {_SAID}|lo último(?: que {_SAID})?|(?:mi|la) última (?:pregunta|frase|respuesta)"
        r"|(?:mi|el) último mensaje)"
    ),
    everything=_asks(
        rf"(?:todo(?: (?:eso|esto|lo que (?:{_SAID}|sabes? (?:de|sobre) mí)))?"
        r"|(?:esta|nuestra|la|toda (?:la|esta|nuestra)) conversación|(?:todo )?el historial|(?:tu|su) memoria|mis "
        r"datos)"
    )
    + rf"|{_PLEASE}(?:olvíd[ae]|bórr[ae]|elimín[ae])lo todo{_THANKS}",
    turned=r"(?:(?:y|pero|no|por favor) )*(?:nunca|jamás|(?:\w+ )?(?:me )?(?:dijo|dice|dije|ha dicho))",
    forgotten="De acuerdo, lo he olvidado.",
    all_forgotten="De acuerdo, lo he olvidado todo.",
)
WRITING = Writing(
    conjunctions=words("y pero o porque aunque mientras cuando si que pues"),
    titles=words("sr sra srta sres dr dra d dña ud uds vd vds prof profa gral p ej ee av avda lic ing sto sta"),
    shortened=words("etc uu núm a.m p.m a.c d.c"),
    counted=words("núm n.º pág págs art cap vol tel"),
    starters=words(
        "A Ahora Al Aquí Así Como Con Cuando De Del Después El Ella Ellos En Entonces Es Esa Ese Eso Esta Este Esto "
        "Está Hay Hoy La Las Lo Los Mañana Me Mi Muy No Nos O Para Pero Por Porque Puede Que Qué Se Si Sí Su También "
        "Tiene Todo Un Una Usted Y Ya Yo"
    ),
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
    ),
    only_code="El código está en la pantalla.",
    spoken={
        "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Sres.": "señores", "Dr.": "doctor",
        "Dra.": "doctora", "D.": "don", "Dña.": "doña", "Ud.": "usted", "Uds.": "ustedes", "Vd.": "usted",
        "Vds.": "ustedes", "Prof.": "profesor", "Profa.": "profesora", "p. ej.": "por ejemplo",
        "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "núm.": "número", "pág.": "página",
        "Av.": "avenida", "Avda.": "avenida", "etc.": "etcétera", "a. C.": "antes de Cristo",
        "d. C.": "después de Cristo", "tel.": "teléfono", "Tel.": "teléfono", "aprox.": "aproximadamente", "&": "y",
        "§": "sección",
    },
    numbered={
        "n.º": "número", "nº": "número", "N.º": "número", "Nº": "número", "págs.": "páginas", "art.": "artículo",
        "cap.": "capítulo", "vol.": "volumen", "c/": "calle",
    },
    units={
        "°C": "un grado Celsius|grados Celsius", "°F": "un grado Fahrenheit|grados Fahrenheit", "°": "un grado|grados",
        "km/h": "un kilómetro por hora|kilómetros por hora", "m/s": "un metro por segundo|metros por segundo",
        "km²": "un kilómetro cuadrado|kilómetros cuadrados", "m²": "un metro cuadrado|metros cuadrados",
        "m³": "un metro cúbico|metros cúbicos", "km": "un kilómetro|kilómetros", "cm": "un centímetro|centímetros",
        "mm": "un milímetro|milímetros", "m": "un metro|metros", "kg": "un kilo|kilos", "mg": "un miligramo|miligramos",
        "μg": "un microgramo|microgramos", "g": "un gramo|gramos", "t": "una tonelada|toneladas",
        "ml": "un mililitro|mililitros", "l": "un litro|litros", "L": "un litro|litros", "ha": "una hectárea|hectáreas",
        "kWh": "un kilovatio hora|kilovatios hora", "kW": "un kilovatio|kilovatios", "W": "un vatio|vatios",
        "V": "un voltio|voltios", "Hz": "un hercio|hercios", "GHz": "un gigahercio|gigahercios",
        "GB": "un gigabyte|gigabytes", "MB": "un megabyte|megabytes", "TB": "un terabyte|terabytes",
        "kcal": "una kilocaloría|kilocalorías", "min": "un minuto|minutos", "%": "uno por ciento|por ciento",
        "‰": "por mil",
    },
)  # fmt: skip
FIGURES = Figures(
    code="es",
    minus="menos",
    until="a",
    about="unos",
    signs={
        "+": "más", "×": "por", "x": "por", "*": "por", "÷": "entre", "=": "igual a", "<": "menor que",
        ">": "mayor que", "±": "más o menos",
    },
    fractions={
        "1/2": "un medio", "1/3": "un tercio", "2/3": "dos tercios", "1/4": "un cuarto", "3/4": "tres cuartos",
    },
    half="{} y medio",
    money={
        "€": "un euro|euros|un céntimo|céntimos", "EUR": "un euro|euros|un céntimo|céntimos",
        "$": "un dólar|dólares|un centavo|centavos", "USD": "un dólar|dólares|un centavo|centavos",
        "US$": "un dólar|dólares|un centavo|centavos", "£": "una libra|libras|un penique|peniques",
        "GBP": "una libra|libras|un penique|peniques", "CHF": "un franco suizo|francos suizos|un céntimo|céntimos",
        "¥": "un yen|yenes", "JPY": "un yen|yenes", "MXN": "un peso|pesos|un centavo|centavos",
    },
    cents="{} con {}",
    scales={
        "millón de": "un millón de |millones de ", "millones de": "un millón de |millones de ",
        "millón": "un millón de |millones de ", "millones": "un millón de |millones de ",
        "M": "un millón de |millones de ", "mil": "mil |mil ",
    },
    clock=("HH:MM(?: ?(?:h|hs|hrs|horas?)(?!\\w))?", r"HH\.MM ?(?:h|horas)", "HH ?h(?:oras)?"),
    hours={1: "una", 21: "veintiuna"},
    at="{hour} y {minute}",
    sharp="{hour} horas",
    one=("una y {minute}", "una"),
    date="{day} de {month} de {year}",
    before_day="(?i:el|del|al|día|lunes|martes|miércoles|jueves|viernes|sábado|domingo)",
    ordinals={r"\.?º": "masculine", r"\.?ª": "feminine", r"\.?er": "short", r"\.?ᵉʳ": "short"},
    special={11: "undécimo", 12: "duodécimo"},
    romans={r"(?<=[a-záéíóú] )(?P<n>I{2,3}|I?V|VI{1,3}|IX)(?!\w)": "{ordinal}"},
    masculine=words(
        "año años día días mes meses euro euros kilo kilos metro metros kilómetro kilómetros minuto minutos segundo "
        "segundos grado grados litro litros millón punto puntos gramo gramos miligramo miligramos dólar dólares peso "
        "pesos"
    ),
    feminine=words(
        "hora horas semana semanas persona personas vez veces libra libras tonelada toneladas noche noches página "
        "páginas"
    ),
    phones=(r"[6789]\d{2}(?:[ .-]?\d{3}){2}", r"[89]\d(?:[ .-]\d{2,3}){3}"),
)  # fmt: skip

SITUATION = Situation(
    named="Te llamas {name}. Habla solo español.",
    limits="Solo puedes hablar: si te piden hacer algo, como llamar, recordar, enviar, poner música, encargar o "
    "encender, responde que no puedes. No tienes internet ni ojos: si te preguntan por el tiempo que hace, "
    "las noticias, precios, lugares o por sí mismos, responde que no lo sabes, salvo que te lo hayan dicho.",
    moment="Hoy es {weekday}, {day} de {month} de {year}, y son las {time}.",
    date="Hoy es {weekday}, {day} de {month} de {year}.",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
)

RECORDING = Recording(
    question="¿Puedo grabar esta llamada? Por favor, diga sí o no.",
    agreed="Gracias. Esta llamada se está grabando. Diga detener la grabación para terminarla.",
    declined="De acuerdo, no se graba nada.",
    company="Hay más de una persona, así que no se graba nada.",
    joined="Alguien se ha unido, así que la grabación ha terminado.",
    stopped="La grabación ha terminado.",
    forgets_not="La grabación todavía lo contiene. Diga olvide todo y se borrará la grabación.",
    deleted="La grabación se ha borrado.",
    not_begun="Lo siento, no puedo grabar esta llamada, así que no se graba nada. Podemos seguir sin grabación.",
    broken_off="La grabación ha terminado, porque ya no se puede escribir. Podemos seguir sin ella.",
    not_deleted="La grabación ha terminado, pero no se ha podido borrar. Por favor, avise a quienes llevan este "
    "servicio.",
    before="ah|oh|eh|pues|bueno|hm|ok|okay",
    yes="sí|si|vale|claro|claro que sí|por supuesto|desde luego|de acuerdo|adelante|okay|ok|está bien|acepto|puedes?"
    "|sin problema|no hay problema|cómo no|como no|estoy de acuerdo",
    after="por favor|gracias|puedes? (?:grabar(?:la|me)?|hacerlo)|me parece bien",
    no=r"(?:(?:ah|oh|eh|pues|bueno|hm|por favor) )*(?:no|nunca|jamás|mejor no|prefiero que no|preferiría que no"
    r"|claro que no|ni hablar|de ninguna manera)\b",
    stop=r"(?:(?:por favor|vale|ok|okay|ahora|ya) )*(?:(?:puedes?|podrías?) )?(?:(?:det[eé]n|deten(?:er|ga)|par[ae]r?"
    r"|termin(?:a|e|ar)|finali(?:za|ce|zar)|apag(?:a|ue|ar)|cort[ae]r?|stop) (?:ya )?(?:la|esta) grabación"
    r"(?: de (?:la|esta) llamada)?|dej[ae]r? de grabar(?:me|nos)?)(?: (?:por favor|ya|ahora|gracias))*",
)

TIMING = Timing(
    units=(("hora", "horas"), ("minuto", "minutos"), ("segundo", "segundos")),
    joint="y",
    named="temporizador de {span}",
    how_long="¿De cuánto tiempo?",
    limits="Un temporizador puede durar de un segundo a un día.",
    many="Ya hay {count} temporizadores en marcha.",
    started="De acuerdo, {span}, desde ahora.",
    promise="Le avisaré si esta llamada sigue en curso.",
    none="No hay ningún temporizador en marcha.",
    unknown="No hay ningún temporizador así en marcha.",
    left=("Queda {span}.", "Quedan {span}."),
    several="Hay {count} temporizadores en marcha: {each}.",
    each="el {timer}, con {span} por delante",
    off="De acuerdo, el {timer} está parado.",
    all_off="De acuerdo, todos los temporizadores están parados.",
    over="El {timer} ha terminado.",
)

REQUESTS = Requests(
    before="hola|buenos días|buenas(?: tardes| noches)?|oye|oiga|ok|okay|vale|bueno|pues|y|eh|sí|no|perdon[ae]|perdón"
    "|disculp[ae]|por favor|gracias|(?:me )?(?:puedes?|podrías?)(?: decirme| decir)?|dime|dígame|sabes?"
    "|(?:quiero|quisiera|me gustaría) saber",
    after="por favor|gracias|ahora|ahora mismo|exactamente|ya|entonces",
    one="una?|uno",
    numbers={"veintiún": 21, "veintidos": 22, "veintitres": 23, "dieciseis": 16},
    clock="Son las {time}.",
    clock_one="Es la {time}.",
    time=(
        "qué horas? (?:es|son|tienes|tiene)|(?:la )?hora(?: actual| exacta)?|(?:dame|deme|me dices?|me dice) la hora"
        "|tienes? hora",
        "cuál es la hora(?: actual| exacta)?|qué hora es (?:aquí|ahora)",
    ),
    date=(
        "qué día (?:de la semana )?(?:es|estamos)(?: hoy)?|hoy qué día es|en qué (?:día|fecha) estamos(?: hoy)?",
        "en qué (?:año|mes) estamos|qué (?:año|mes) es",
        "a (?:qué|cuántos?)(?: día)? estamos(?: hoy)?|qué fecha (?:es|tenemos)(?: hoy)?",
        "(?:cuál es )?la fecha(?: de hoy| actual)?|qué día de la semana es hoy",
    ),
    days={
        "pasado mañana": (2, "Pasado mañana es"), "mañana": (1, "Mañana es"), "anteayer": (-2, "Anteayer fue"),
        "ayer": (-1, "Ayer fue"),
    },
    day=(
        "qué (?:día|fecha)(?: de la semana)? (?:es|será|fue|era)(?: el día de)? {day}",
        "{day} qué (?:día|fecha) (?:es|será)",
    ),
    dated="{begun} {weekday}, {day} de {month} de {year}.",
    until=(
        "cuántos días (?:faltan|quedan|hay)(?: aún| todavía)? (?:para|hasta)(?: el| la)? {until}",
        "cuánto (?:tiempo )?(?:falta|queda) para(?: el| la)? {until}",
    ),
    written="{number} de {month}",
    feasts={
        "navidad": (12, 25), "nochebuena": (12, 24), "nochevieja": (12, 31), "año nuevo": (1, 1), "reyes": (1, 6),
        "día de reyes": (1, 6),
    },
    days_left=("Es hoy.", "Falta 1 día.", "Faltan {count} días."),
    when=("(?:cuándo|qué día) (?:es|cae|será)(?: el| la)? {until}",),
    falls="Es",
    question="cu[áa]nto (?:es|son|da|dan|suma|suman|hace|hacen)|cu[áa]ntos? son|qué (?:es|da)|calcul[ae](?:me)?"
    "|cuál es(?: el resultado de)?",
    asked="cuánto es|igual a|es igual a|son|es",
    signs=(
        (r"el(?= \d+(?:\.\d+)? ?(?:%|por ciento) de)", ""), (r"(?<=\d) ?(?:%|por ciento) de", "% of"),
        ("(?:la )?raíz(?: cuadrada)? de", "square root of"), ("al cuadrado", "squared"), ("al cubo", "cubed"),
        ("elevado a(?: la)?", "**"), ("dividido (?:por|entre)|entre", "/"), ("multiplicado por|por", "*"),
        ("m[áa]s", "+"), ("menos", "-"), ("la mitad de", "1/2 *"), ("el doble de", "2 *"), ("el triple de", "3 *"),
        ("(?:un|el) tercio de", "1/3 *"), ("(?:un|el) cuarto de", "1/4 *"),
    ),
    joined="y",
    money={"€|euros?": "euros", r"\$|dólar(?:es)?": "dólares", "pesos?": "pesos"},
    result="El resultado es {}.",
    impossible="Eso no lo puedo calcular.",
    seconds={"horas?|h": 3600, "minutos?|min": 60, "segundos?|seg": 1},
    spans={"media hora": 1800, "(?:un )?cuarto de hora": 900, "3 cuartos de hora": 2700},
    and_half="y medi[ao]",
    set=(
        "(?:pon(?:me|ga|game|er|erme)?|program(?:a|ar|e|ame)|inici(?:a|ar|e)|activ(?:a|ar|e)|cre(?:a|ar|e)|empieza"
        "|quiero|necesito|haz(?:me)?|dame) (?:(?:un|el|otro) )?(?:nuevo )?(?:temporizador|timer|cronómetro"
        "|cuenta atrás)(?: (?:de|para|a|por|con) {span})?(?: para .+)?",
        "(?:(?:un|el|otro) )?(?:temporizador|timer) (?:de|para) {span}",
        "(?:avísa|avíse|despiérta|despiérte|recuérda|recuérde)me (?:en|dentro de) {span}(?: .+)?",
        "otro (?:de|para) {span}",
    ),
    cancel=(
        "(?:cancel(?:a|ar|e)|par(?:a|ar|e)|detén|detener|detenga|quit(?:a|ar|e)|borr(?:a|ar|e)|apag(?:a|ar|ue)"
        "|elimin(?:a|ar|e)) (?:el|mi|los|mis|todos los|todos mis|ese) (?:temporizador(?:es)?|timers?)(?: de {span})?",
    ),
    left=(
        "cuánto(?: tiempo)? (?:le )?(?:queda|falta)(?: .+)? (?:temporizador|timer)(?: .+)?",
        "(?:qué|cuántos) temporizadores .+|cómo va (?:el|mi) temporizador",
        "hay (?:algún|un) temporizador(?: .+)?|(?:tengo|hay) (?:algún )?temporizador(?:es)?(?: .+)?",
    ),
    going_on="cuánto(?: tiempo)? (?:le )?(?:queda|falta)|cuánto más",
    drop="(?:cancéla|pára|quíta|bórra)lo|(?:cancele|pare|quite)lo|déjalo",
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
    refusals=limits_es.REFUSALS,
)
