"""What nobody here can do or know, as it is asked for in Spanish."""

from __future__ import annotations

from local_agent.config.languages.facts import Refusals

_PLEASE = (
    r"(?:(?:ok|okay|hola|oye|oiga|vale|bueno|entonces|sí|perdona|perdone|perdón|ahora|mira|por favor|porfa|disculpe?"
    r"|eh|pues|buenas|buenos días|ey|a ver|venga) )*"
)
_WILL_YOU = r"(?:puedes?|podrías?) (?:por favor )?"
_WILL_YOU_ME = r"(?:me (?:puedes?|podrías?) (?:por favor )?"
_SOFTLY = r"(?:(?:un (?:poco|poquito)|por favor|porfa|ya) )*"
_THANKS = r"(?: (?:por favor|porfa|porfis|eh|vale|gracias|ahora|ahora mismo|ya))*"
_DAY = r"(?:hoy|mañana|pasado mañana|esta (?:tarde|noche)|más tarde|luego)(?: por la (?:mañana|tarde|noche))?"
_CLOCK = r"a (?:las?) \w+(?: y \w+)?(?: de la (?:mañana|tarde|noche))?|a mediodía"
_ON = r"(?:el|este) (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo|fin de semana)"
_AT = rf"(?:{_DAY}|{_CLOCK}|{_ON})"
_KIN = (
    r"(?:madre|mamá|padre|papá|hermano|hermana|marido|esposo|esposa|mujer|hijo|hija|novio|novia|amigo|amiga|jefe|jefa"
    r"|vecino|vecina|médico|dentista|abuelo|abuela|padres|hijos|abogado|banco|tío|tía|compañero|compañera)"
)
_WHOM = (
    rf"(?:(?:mi|mis|nuestro|nuestra) {_KIN}|la policía|el (?:médico|doctor|dentista|fontanero|restaurante|banco)"
    r"|los bomberos)"
)
_TO = (
    rf"(?:a {_WHOM}|a (?!mí|ti|mi|tu|él|ella|un|la|las|los|lo|que)[a-zà-ÿ]{{3,}}|al (?:médico|doctor|dentista"
    rf"|fontanero|restaurante|banco))"
)
_RIDE = r"(?:un taxi|una ambulancia|un uber)(?: (?:para|al) \w+(?: \w+)?)?"
_MESSAGE = r"un (?:mensaje|correo|email|sms|whatsapp)"
_MAIL = r"(?:mis|los) (?:nuevos |últimos )?(?:correos|mensajes|emails)(?: nuevos| sin leer)?"
_THE = r"(?:(?:el|la|los|las|mi|mis|todas las|todos los) )"
_DEVICE = (
    r"(?:luz|luces|lámparas?|calefacción|tele|televisión|televisor|radio|música|ventilador|aire acondicionado|horno"
    r"|lavavajillas|lavadora|cafetera|persianas?|cortinas?|ventanas?|puertas?(?: principal)?|garaje|alarma|ordenador"
    r"|computadora|foco|focos|clima)"
)
_ROOM = r"(?: (?:de|en|del|a) ?(?:(?:la|el|mi|los) )?[a-zà-ÿ]+)?"
_ORDERED = (
    r"(?:(?:un|una|dos|tres|cuatro|\d+|unas|unos|más) (?:\w+ ){0,2}?(?:mesa|restaurante|boletos?|pasajes?|carro"
    r"|libro|habitación|hotel|vuelo|taxi|pizzas?"
    r"|entradas?|billetes?|flores|comida|coche|bicicleta|cita|pienso)(?: (?:para|a|en|de) [\w ]{1,30})?"
    r"|(?:flores|comida|pizza|entradas)(?: para [\w ]{1,20})?)"
)
_MUSIC = (
    r"(?:(?:un poco de|algo de|una|mi|la|el) )?(?:música|jazz|rock|canción|álbum|radio|lista de reproducción|podcast"
    r"|audiolibro)(?: (?:de|clásica) ?[\w ]{0,20})?"
)
_LIST = (
    r"(?:a|en) (?:mi|la|nuestra) (?:lista del? (?:la )?(?:compras?|súper|supermercado|mandado)|lista de tareas"
    r"|agenda)|(?:a|en) mi calendario"
)
_TO_DO = r"(?!ayer|lugar|mujer|hogar)\w+[aei]r(?:l[aeo]s?)?(?: [\w ]{1,60})?"
_DRINK = r"(?:un (?:café|té|bocadillo|vaso de agua|chocolate caliente)|una (?:taza de (?:té|café)|cerveza))"
_ONLINE = r"en (?:internet|google|la web)"
_DO = (
    rf"(?:llama|llame|llámale|márcale|márquele|telefonea) {_TO}(?: {_AT})*|{_WILL_YOU}(?:llamar|marcarle"
    rf"|llamarle) {_TO}(?: {_AT})*",
    rf"(?:llámame|llámeme|pídeme|pídame|llama a|pide) {_RIDE}|{_WILL_YOU}(?:llamar(?:me)? a|llamarme|pedirme"
    rf"|pedir) {_RIDE}"
    rf"|{_WILL_YOU_ME}(?:llamar a|pedir)) {_RIDE}",
    rf"(?:recuérda|recuérde)(?:me|nos)(?: {_AT})+ (?:que|\w+r\b|\w+rl[aeo]s?)[\w ]{{0,60}}"
    rf"|(?:recuérda|recuérde)(?:me|nos) {_TO_DO}",
    rf"(?:{_WILL_YOU}recordarme|{_WILL_YOU_ME}recordar))(?: {_AT})* {_TO_DO}",
    rf"(?:despiérta|despiérte)(?:me|nos)(?: {_AT})*|{_WILL_YOU}despertarme(?: {_AT})*"
    rf"|{_WILL_YOU_ME}despertar)(?: {_AT})*",
    r"(?:pon|ponga|ponme|póngame|crea|programa|prográmame|configura|activa) (?:(?:una|un|la|el|mi|dos|nuevo"
    r"|nueva) )+(?:alarmas?"
    r"|despertador|recordatorio)(?: (?:a|para|cada|de) [\w ]{1,50})?",
    r"(?:no (?:me )?dejes que (?:se )?(?:me )?olvide|no me dejes olvidar"
    r"|que no se me olvide) (?:de )?\w+[aei]r(?:l[aeo]s?)?(?: [\w ]{1,60})?",
    rf"(?:añade|añada|pon|ponga|apunta|apunte|agrega|agregue|anota|anote|mete) (?:[\w ]{{2,60}} (?:{_LIST})"
    rf"|(?:{_LIST}) [\w ]{{2,60}})|{_WILL_YOU}(?:añadir|poner|apuntar"
    rf"|agregar)"
    rf" [\w ]{{2,60}} {_LIST}",
    rf"(?:envía|envíe|manda|mande|mánda|envía)(?:le)? {_MESSAGE} a (?!ti|usted)[\w ]{{2,60}}|{_WILL_YOU}(?:enviar"
    rf"|mandar)(?:le)? {_MESSAGE}"
    r" a (?!ti|usted)[\w ]{2,60}",
    rf"(?:dile|dígale|avisa|avise|avísale|avísele) (?:a (?:mi|mis) {_KIN} (?:que|de que) [\w ]{{2,60}}"
    rf"|a [a-zà-ÿ]{{3,}} (?:que|de que)"
    rf" (?:ya |no )*(?:llego|voy|estoy|salgo|la cena|tardo|me retraso)\b[\w ]{{0,60}})|{_WILL_YOU}(?:decirle"
    rf"|avisar) a (?:mi"
    rf"|mis) {_KIN} (?:que|de que) [\w ]{{2,60}}",
    rf"(?:léeme|léame|lee|lea) {_MAIL}|(?:{_WILL_YOU}leerme|{_WILL_YOU_ME}leer)) {_MAIL}",
    rf"(?:pide|pida|pídeme|reserva|reserve|resérvame|compra|compre|cómprame|encarga|encárgame|ordena"
    rf"|ordéname) {_ORDERED}(?: {_AT})*",
    rf"(?:{_WILL_YOU}(?:pedir|reservar|comprar|encargar)(?:me|nos)?|{_WILL_YOU_ME}(?:pedir|reservar|comprar"
    rf"|encargar)))"
    rf" {_ORDERED}(?: {_AT})*",
    rf"(?:pon|ponga|ponme|póngame|reproduce|reproduzca) {_MUSIC}|(?:{_WILL_YOU}(?:poner|ponerme|reproducir)"
    rf"|{_WILL_YOU_ME}poner)) {_MUSIC}",
    rf"(?:enciende|encienda|prende|prenda|préndeme|apaga|apague|cierra|cierre|abre|abra|baja|baje|sube"
    rf"|suba) {_SOFTLY}{_THE}{_DEVICE}{_ROOM}"
    r"(?: con llave)?",
    rf"(?:me )?{_WILL_YOU}(?:encender|prender|apagar|cerrar|abrir|bajar"
    rf"|subir)(?:me)? {_SOFTLY}{_THE}{_DEVICE}{_ROOM}(?: con llave)?",
    rf"(?:busca|busque|búscame) (?:{_ONLINE} [\w ]{{2,60}}|[\w ]{{2,60}} {_ONLINE})",
    rf"(?:paga|pague|{_WILL_YOU}pagar) (?:el|la|los|mi) (?:recibo|factura|luz|alquiler|renta|multa"
    rf"|cuenta)(?: [\w ]{{1,30}})?"
    rf"|(?:transfiere|transfiérele) \w+ (?:euros|pesos|dólares) [\w ]{{2,40}}",
    r"(?:hazme|pídeme|resérvame|cancela|cancélame|cambia|aplaza|confirma|reserva) (?:una|un|mi|la|el) (?:cita|turno"
    r"|reserva|vuelo|reunión)"
    r"(?: [\w ]{1,40})?",
    r"(?:añade|agrega|pon|mete) [\w ]{1,60} (?:a|en) (?:mi|la) (?:playlist|lista de reproducción)(?: [\w ]{1,40})?",
    rf"(?:búscalo|búsquelo|míralo|mírelo) {_ONLINE}|{_WILL_YOU}(?:buscarlo|mirarlo|buscar eso) {_ONLINE}",
    rf"(?:hazme|hágame|prepárame|prepáreme|tráeme|tráigame) {_DRINK}|(?:{_WILL_YOU}(?:hacerme|prepararme|traerme)"
    rf"|{_WILL_YOU_ME}(?:hacer|preparar|traer))) {_DRINK}",
)
_NOWISH = rf"(?: (?:{_DAY}|{_ON}|ahora|ahora mismo|fuera|afuera|aquí|actualmente|en este momento))"
_THERE = r"(?: en (?!un)[a-zà-ÿ]+(?: [a-zà-ÿ]+){0,2})?"
_FEEL = (
    r"(?:(?:muy|más|mucho|tan|tanto) )?(?:frío|calor|viento|sol|nublado|húmedo|soleado|despejado|lluvioso|ventoso"
    r"|fresco|buen tiempo"
    r"|mal tiempo)"
)
_SHOP = (
    r"(?:la (?:farmacia|biblioteca|panadería|piscina|oficina de correos)|el (?:supermercado|banco|museo"
    r"|restaurante|zoo"
    r"|cine))"
)
_DEAR = r"(?:(?:el|un) bitcoin|el oro|la plata|el petróleo|la gasolina|el litro de gasolina|el barril de petróleo)"
_MONEY = r"(?:dólar(?:es)?|euros?|libras?|francos?|pesos?|yen(?:es)?)"
_NOW = (
    rf"(?:qué tiempo (?:hace|hará|va a hacer)|cómo (?:está|estará|va a estar) el (?:tiempo|clima)|(?:cuál es|qué"
    rf" dice) el"
    rf" pronóstico(?: del tiempo)?){_NOWISH}*{_THERE}{_NOWISH}*",
    rf"(?:va a|irá a) (?:llover|nevar|helar|hacer (?:calor|frío|sol|buen tiempo)){_NOWISH}*{_THERE}|(?:lloverá|nevará)"
    rf"{_NOWISH}*{_THERE}|(?:está lloviendo|llueve|nieva|está nevando){_NOWISH}+",
    rf"(?:cuántos grados (?:hace|hay)|a cuántos grados estamos|qué temperatura (?:hace|hay)|(?:hace|hará|va a hacer"
    rf"|está|estará|va a estar"
    rf"|hay|habrá) {_FEEL}){_NOWISH}+{_THERE}|(?:hoy|mañana) (?:hace|hará|va a hacer) {_FEEL}|cuánto (?:frío"
    rf"|calor) (?:hace|hará){_NOWISH}*",
    rf"(?:cuál es|cuál será|qué dice) (?:el|la) (?:temperatura|humedad|pronóstico|clima|tiempo|previsión)(?: actual"
    rf"| del tiempo)?(?: para)?"
    rf"(?:{_NOWISH}*{_THERE}|{_THERE}{_NOWISH}*)|cuándo (?:va a|dejará de|deja de) (?:llover|nevar){_NOWISH}*"
    rf"|(?:va a haber|habrá|hay)"
    rf" (?:una )?(?:tormenta|nieve|lluvia|niebla){_NOWISH}+{_THERE}",
    rf"(?:necesito|necesitaré|tengo que llevar|debo llevar|me llevo|debería llevar|llevo) (?:un |el )?(?:paraguas"
    rf"|abrigo|chubasquero){_NOWISH}*",
    rf"cuáles son las (?:últimas )?noticias(?: de hoy)?{_NOWISH}*|qué (?:noticias|novedades) hay{_NOWISH}*"
    rf"|qué (?:dicen|hay en) las noticias{_NOWISH}*",
    r"quién ganó (?:el partido|la carrera|la final)(?: de \w+)? (?:ayer|anoche|hoy|el \w+ pasado)",
    rf"(?:cuánto (?:cuesta|vale)|a (?:cuánto|cómo) está) (?:{_DEAR}|el dólar|el euro){_NOWISH}*"
    rf"|cuál es el precio (?:del (?:bitcoin|oro|petróleo)"
    rf"|de la gasolina){_NOWISH}*",
    rf"cuánto(?:s)? (?:es|son) \w+ {_MONEY} en {_MONEY}",
    r"(?:cuándo|a qué hora) (?:sale|llega|pasa|viene) (?:el|mi) próximo (?:autobús|bus|tren|metro|tranvía|vuelo|ferry)"
    r"(?: (?:a|para) \w+)?",
    rf"(?:está|sigue) (?:abiert[ao]|cerrad[ao]) (?:aún |todavía )?{_SHOP}{_NOWISH}*|{_SHOP} está (?:abiert[ao]"
    rf"|cerrad[ao])"
    rf"{_NOWISH}*|está {_SHOP} (?:abiert[ao]|cerrad[ao]){_NOWISH}*",
    rf"cómo está el tráfico{_NOWISH}*|qué (?:ponen|echan|hay|dan){_NOWISH}* en (?:la tele|el cine"
    rf"|la televisión){_NOWISH}*",
)
_THING = (
    r"(?:llaves|teléfono|móvil|celular|gafas|coche|cartera|bolso|perro|gato|mando|zapatos|marido|mujer|hijo|hija"
    r"|hermano"
    r"|hermana)"
)
_SELF = (
    r"(?:sabes? )?cómo me llamo|cuál es mi (?:nombre|apellido|edad|dirección|cumpleaños|número(?: de teléfono)?)",
    r"quién soy|(?:sabes?) quién soy|cuántos años tengo|cuánto (?:mido|peso)|cuándo es mi cumpleaños",
    r"dónde (?:estoy|vivo|estamos)(?: (?:ahora|ahora mismo|en este momento))?|en qué (?:ciudad|país|calle|habitación)"
    r" (?:estoy|estamos|vivo)",
    r"qué (?:llevo puesto|estoy (?:haciendo|comiendo|bebiendo|mirando)|tengo en la mano)(?: (?:hoy|ahora|ahora"
    r" mismo))?",
    r"de qué color (?:es|son) (?:mi|mis) (?:camisa|camiseta|playera|remera|blusa|falda|abrigo|pelo|ojos|coche"
    r"|zapatos|vestido|chaqueta|pantalones|casa)",
    r"qué aspecto tengo|cuántos dedos (?:estoy mostrando|te estoy enseñando)",
    rf"dónde (?:está|están) (?:mi|mis) {_THING}|dónde (?:he (?:dejado|puesto|aparcado|perdido)|dejé|puse"
    rf"|aparqué) (?:mi|mis"
    rf"|el|las|los) {_THING}",
    r"quién está (?:conmigo|a mi lado|detrás de mí|en la puerta|en (?:la|mi) (?:habitación|cocina)(?: conmigo)?)",
    r"cuántas personas (?:hay|somos|estamos) (?:aquí|en (?:la|esta|mi) (?:habitación|casa))",
    r"qué (?:comí|cené|desayuné|hice|compré) (?:ayer|hoy|anoche|esta mañana)",
    rf"tengo (?:alguna|una|algún) (?:cita|reunión|mensaje nuevo|correo nuevo){_NOWISH}*|tengo (?:citas|reuniones"
    rf"|mensajes"
    rf" nuevos|correos nuevos){_NOWISH}*",
    rf"qué (?:hay|tengo) en mi (?:agenda|calendario|lista de la compra){_NOWISH}*",
    r"(?:cuándo|a qué hora) es mi (?:próxima |próximo )?(?:cita|reunión|vuelo|entrevista)",
    r"(?:ya )?(?:ha llegado|llegó) (?:ya )?mi (?:paquete|pedido)",
    r"estoy (?:feliz|triste|cansad[oa]|sol[oa]|casad[oa]) o \w+",
)

REFUSALS = Refusals(
    please=_PLEASE,
    thanks=_THANKS,
    do=_DO,
    cant="Lo siento, eso no puedo hacerlo. Solo puedo hablar.",
    now=_NOW,
    always="invierno|verano|primavera|otoño|normalmente|en general|de media|marte|luna|venus",
    unknown="No lo sé. No tengo internet, así que no puedo consultarlo.",
    self=_SELF,
    unseen="No lo sé. No puedo ver nada, y nadie me lo ha dicho.",
    others="significa|se dice|en (?:inglés|alemán|francés|italiano|latín)|cuento|historia|novela|poema"
    "|adivinanza|frase"
    "|sería|debería|consejo|dijo|película",
    told=r"yo|me|mí|mi|mis|soy|estoy|tengo|vivo|nosotr[oa]s|nuestr[oa]s?|llámame|llámeme|conmigo|llevo|he|voy"
    r"|peso|mido|vine|comí"
    "|cené|desayuné|hice|compré",
)
