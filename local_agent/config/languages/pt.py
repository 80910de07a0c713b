"""Portuguese."""

from __future__ import annotations

from local_agent.config.languages import limits_pt
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
    greeting="Olá! Como posso ajudar?",
    apology="Desculpe, algo correu mal. Por favor, repita.",
    interrupted="Desculpe, fui interrompido e perdi o fio da conversa. Onde estávamos?",
    goodbye="Tenho de ir. Adeus.",
    no_voice="Aqui não tenho uma voz portuguesa. As minhas respostas também estão no ecrã.",
    instructions="És um assistente de voz simpático. Responde em português, em uma ou duas frases faladas curtas, sem "
    "listas nem markdown.",
)
LISTENING = Listening(
    yes="sim|claro|claro que sim|pois|pois é|pois claro|exato|exatamente|exacto|exactamente|certo|tá|tá bom|tá bem"
    "|está bem|está bom|tudo bem|entendi|entendo|percebi|percebo|compreendo|com certeza|verdade|é verdade|é|isso|isso "
    "mesmo|é isso|bem|muito bem|perfeito|ótimo|beleza|legal|combinado|de acordo|concordo|eu sei|sei|já sei|aham|ahã"
    "|uhum|sem dúvida|naturalmente|fixe|boa|estou a ver|justamente|pode ser|que bom|muito bom|bacana|tem razão|tens "
    "razão|você tem razão|evidentemente|é claro|pode crer|mas claro|imagino|faz sentido|de facto|de fato|show"
    "|maravilha|sem problema|muito interessante|óbvio|compreendido|está certo",
    other="ah|oh|eh|hum|bom|uau|nossa|puxa|caramba|olha|sério|a sério|é mesmo|não me diga|que interessante|incrível"
    "|ena|interessante|não acredito|que giro|meu deus",
    alone="e|então|tipo",
)
ENDS = Ends(
    dangling=words(
        "o a os as do da dos das no na nas ao à aos às pelo pela pelos pelas num numa dum duma e ou mas que de em com "
        "por entre desde se sem sobre pra me te lhe cada muito gostaria hum ahn ã"
    ),
    leaning=words(
        "um uma meu minha meus minhas seu sua teu tua nosso nossa este esta esse essa isto aquele aquela nos porque "
        "quando como onde qual quem para até contra é são está estão estou era foi tem tenho há vou vai posso pode "
        "podes quero quer queres queria preciso eu ele ela você nós eles então pois tipo mais"
    ),
    whole="(?:(?:sim|não|pois|claro|ah) )*(?:é|sou|sou eu|estou|está|tenho|tem|quero|posso|pode|vou|vai|há|foi|era"
    "|preciso|para|para já|e (?:tu|você)|eu (?:também|não)|gosto muito|obrigad[oa]|nada mais|não quero mais|(?:é|foi) "
    "isto)",
    digits="zero|um|dois|três|quatro|cinco|seis|meia|sete|oito|nove",
    hyphenated=True,
)

# "Não esquece isso" and "não esqueça isso" ask for the opposite: no "não" may stand before.
_PLEASE = (
    r"(?:(?:sim|ok|okay|bem|bom|está bem|tá bom|espera|espere|por favor|se faz favor|desculpe?|desculpa|olha|olhe|agora"
    r"|então|obrigad[oa]|hum) )*"
)
_NOW = r"(?:(?:por favor|se faz favor|agora|já|também|simplesmente) )*"
_THANKS = (
    r"(?: (?:por favor|se faz favor|agora|já|obrigad[oa]|para sempre|imediatamente|completamente"
    r"|da (?:tua |sua )?memória))*"
)
_SAID = (
    r"(?:eu )?(?:(?:te |lhe )?(?:disse|falei|contei|perguntei)|acabei de (?:dizer|falar)"
    r"|(?:nós )?(?:falámos|falamos|dissemos))"
)
_DO = (
    r"(?:esque(?:ce|ça)|apag(?:a|ue)|elimin[ae]|delet[ae]"
    r"|(?:podes?|podias?|poderias?|queres?) (?:por favor )?(?:esquecer|apagar|eliminar|deletar)"
    r"|(?:quero|queria|gostaria) que (?:tu |você )?(?:esqueças?|apagues?|elimines?|esquecesses?|apagasses?))"
)


def _asks(what: str) -> str:
    return rf"{_PLEASE}{_DO} {_NOW}{what}{_THANKS}"


FORGETTING = Forgetting(
    last=_asks(
        rf"(?:isso|isto|aquilo|o que {_SAID}|a (?:minha )?última (?:pergunta|frase|resposta|coisa|mensagem)"
        rf"(?: que {_SAID})?)"
    ),
    everything=_asks(
        rf"(?:tudo(?: (?:isso|isto|(?:o )?que (?:{_SAID}|(?:tu |você )?sabes? (?:de|sobre) mim)))?"
        r"|(?:todo )?o histórico|(?:esta|essa|a|a nossa|toda a(?: nossa)?) conversa|a (?:tua|sua) memória|os meus "
        r"dados)"
    ),
    turned=r"(?:(?:e|mas|por favor) )*(?:não|nunca|jamais|(?:\w+ )?(?:me )?(?:disse|diz|falou)(?: me)?)",
    forgotten="Está bem, já esqueci isso.",
    all_forgotten="Está bem, já esqueci tudo.",
)

WRITING = Writing(
    conjunctions=words("e mas ou porque embora enquanto quando se que pois portanto onde"),
    titles=words("sr sra srs sras srta dr dra d prof profa eng arq exmo exma av r p ex ca sto sta"),
    shortened=words("etc tel a.c d.c"),
    counted=words("n nº n.º pág págs art cap vol tel"),
    starters=words(
        "A Agora Ainda Ali Ao Aqui As Assim Até Bem Com Como Da De Depois Do E É Ela Ele Eles Em Então Era Essa Esse "
        "Está Esta Este Eu Foi Há Hoje Isso Isto Já Mas Me Meu Minha Muito Na Não No Nos Nós O Onde Os Ou Para Pode "
        "Por Porque Qual Quando Quanto Que Quem Se Sem Sim Só Também Tem Tenho Todo Tudo Um Uma Você Vou"
    ),
    months=(
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro",
    ),
    only_code="O código está no ecrã.",
    spoken={
        "Sr.": "senhor", "Sra.": "senhora", "Srs.": "senhores", "Sras.": "senhoras", "Srta.": "senhorita",
        "Dr.": "doutor", "Dra.": "doutora", "D.": "dom", "Prof.": "professor", "Profa.": "professora",
        "Eng.": "engenheiro", "Av.": "avenida", "p. ex.": "por exemplo", "p.ex.": "por exemplo", "etc.": "et cetera",
        "tel.": "telefone", "Tel.": "telefone", "a.C.": "antes de Cristo", "a. C.": "antes de Cristo",
        "d.C.": "depois de Cristo", "d. C.": "depois de Cristo", "aprox.": "aproximadamente", "EUA": "Estados Unidos",
        "&": "e", "§": "parágrafo",
    },
    numbered={
        "n.º": "número", "nº": "número", "N.º": "número", "Nº": "número", "n°": "número", "pág.": "página",
        "págs.": "páginas", "art.": "artigo", "cap.": "capítulo", "vol.": "volume",
    },
    units={
        "°C": "um grau Celsius|graus Celsius", "°F": "um grau Fahrenheit|graus Fahrenheit", "°": "um grau|graus",
        "km/h": "um quilómetro por hora|quilómetros por hora", "m/s": "um metro por segundo|metros por segundo",
        "km²": "um quilómetro quadrado|quilómetros quadrados", "m²": "um metro quadrado|metros quadrados",
        "m³": "um metro cúbico|metros cúbicos", "km": "um quilómetro|quilómetros", "cm": "um centímetro|centímetros",
        "mm": "um milímetro|milímetros", "m": "um metro|metros", "kg": "um quilo|quilos",
        "mg": "um miligrama|miligramas", "μg": "um micrograma|microgramas", "g": "um grama|gramas",
        "t": "uma tonelada|toneladas", "ml": "um mililitro|mililitros", "l": "um litro|litros", "L": "um litro|litros",
        "ha": "um hectare|hectares", "kWh": "um quilowatt-hora|quilowatts-hora", "kW": "um quilowatt|quilowatts",
        "W": "um watt|watts", "V": "um volt|volts", "Hz": "um hertz|hertz", "GHz": "um gigahertz|gigahertz",
        "GB": "um gigabyte|gigabytes", "MB": "um megabyte|megabytes", "TB": "um terabyte|terabytes",
        "kcal": "uma quilocaloria|quilocalorias", "min": "um minuto|minutos", "%": "um por cento|por cento",
        "‰": "por mil",
    },
)  # fmt: skip
FIGURES = Figures(
    code="pt",
    minus="menos",
    until="a",
    about="cerca de",
    signs={
        "+": "mais", "×": "vezes", "x": "vezes", "*": "vezes", "÷": "a dividir por", "=": "igual a",
        "<": "menor que", ">": "maior que", "±": "mais ou menos",
    },
    fractions={
        "1/2": "um meio", "1/3": "um terço", "2/3": "dois terços", "1/4": "um quarto", "3/4": "três quartos",
    },
    half="{} e meio",
    money={
        "€": "um euro|euros|um cêntimo|cêntimos", "EUR": "um euro|euros|um cêntimo|cêntimos",
        "R$": "um real|reais|um centavo|centavos", "BRL": "um real|reais|um centavo|centavos",
        "$": "um dólar|dólares|um cêntimo|cêntimos", "USD": "um dólar|dólares|um cêntimo|cêntimos",
        "US$": "um dólar|dólares|um cêntimo|cêntimos", "£": "uma libra|libras|um péni|pence",
        "GBP": "uma libra|libras|um péni|pence", "CHF": "um franco suíço|francos suíços|um cêntimo|cêntimos",
        "¥": "um iene|ienes", "JPY": "um iene|ienes",
    },
    cents="{} e {}",
    scales={
        "milhão de": "um milhão de |milhões de ", "milhões de": "um milhão de |milhões de ",
        "mil milhões de": "mil milhões de |mil milhões de ", "bilhões de": "um bilhão de |bilhões de ",
        "milhão": "um milhão de |milhões de ", "milhões": "um milhão de |milhões de ",
        "M": "um milhão de |milhões de ", "mil": "mil |mil ",
    },
    clock=("HH:MM(?: ?h(?!\\w))?", "HH ?[hH](?: ?MM)?(?: ?min)?"),
    hours={1: "uma", 2: "duas", 21: "vinte e uma", 22: "vinte e duas"},
    at="{hour} e {minute}",
    sharp="{hour} horas",
    one=("uma e {minute}", "uma hora"),
    date="{day} de {month} de {year}",
    first="primeiro",
    before_day="(?i:dia|em|até|desde|no dia|segunda|terça|quarta|quinta|sexta|sábado|domingo)",
    ordinals={r"\.?º": "masculine", r"\.?ª": "feminine"},
    feminine=words(
        "hora horas semana semanas pessoa pessoas vez vezes libra libras tonelada toneladas noite noites página "
        "páginas mulher mulheres crianças"
    ),
    phones=(r"9\d{2}(?:[ .-]?\d{3}){2}", r"2\d{2}(?:[ .-]\d{3}){2}", r"\(\d{2}\) ?9?\d{4}-\d{4}"),
)  # fmt: skip

SITUATION = Situation(
    named="Chamas-te {name}. Fala só português.",
    limits="Só podes falar: se te pedirem para fazer algo, como telefonar, lembrar, enviar, tocar música, "
    "encomendar ou ligar, responde que não podes. Não tens internet nem olhos: se perguntarem pelo tempo, "
    "pelas notícias, por preços, por lugares ou por si próprios, responde que não sabes, a não ser que te "
    "tenham dito.",
    moment="Hoje é {weekday}, {day} de {month} de {year}, {time}.",
    date="Hoje é {weekday}, {day} de {month} de {year}.",
    weekdays=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
)

RECORDING = Recording(
    question="Posso gravar esta chamada? Por favor, diga sim ou não.",
    agreed="Obrigado. Esta chamada está a ser gravada. Diga parar a gravação para a terminar.",
    declined="Está bem, nada é gravado.",
    company="Há mais de uma pessoa, por isso nada é gravado.",
    joined="Entrou alguém, por isso a gravação terminou.",
    stopped="A gravação terminou.",
    forgets_not="A gravação ainda o contém. Diga esqueça tudo, e a gravação é apagada.",
    deleted="A gravação foi apagada.",
    not_begun="Lamento, não posso gravar esta chamada, por isso nada é gravado. Podemos continuar sem gravação.",
    broken_off="A gravação terminou, porque já não pode ser escrita. Podemos continuar sem ela.",
    not_deleted="A gravação terminou, mas não foi possível apagá-la. Por favor, informe quem gere este serviço.",
    before="ah|oh|bem|hum|então|pois|ok|okay",
    yes="sim|claro|claro que sim|com certeza|podes?|pode ser|está bem|tudo bem|tá bo[mn]|tá bem|okay|ok|certo|de acordo"
    "|concordo|aceito|à vontade|esteja à vontade|sem problema|não há problema|naturalmente|pois claro",
    after="por favor|se faz favor|obrigad[oa]|podes? gravar|gravar",
    no=r"(?:(?:ah|oh|bem|hum|então|por favor) )*(?:não|nunca|jamais|é melhor não|melhor não|prefiro que não"
    r"|preferia que não|nem pensar|de maneira nenhuma)\b",
    stop=r"(?:(?:por favor|ok|okay|agora|está bem) )*(?:(?:podes?|podias?|poderias?) )?(?:(?:par[ae]r?|termin[ae]r?"
    r"|deslig(?:a|ue|ar)|interromp[ae]r?|encerr[ae]r?|stop) (?:já )?(?:a|esta) gravação|(?:par[ae]r?|deix[ae]r?) de "
    r"(?:me |nos )?gravar)(?: (?:por favor|agora|já|obrigad[oa]))*",
)

TIMING = Timing(
    units=(("hora", "horas"), ("minuto", "minutos"), ("segundo", "segundos")),
    joint="e",
    named="temporizador de {span}",
    how_long="De quanto tempo?",
    limits="Um temporizador pode durar de um segundo a um dia.",
    many="Já há {count} temporizadores a correr.",
    started="Está bem, {span}, a partir de agora.",
    promise="Aviso se esta chamada ainda durar.",
    none="Não há nenhum temporizador a correr.",
    unknown="Não há nenhum temporizador assim a correr.",
    left=("Falta {span}.", "Faltam {span}."),
    several="Há {count} temporizadores a correr: {each}.",
    each="o {timer}, que ainda tem {span}",
    off="Está bem, o {timer} está desligado.",
    all_off="Está bem, todos os temporizadores estão desligados.",
    over="O {timer} terminou.",
)

REQUESTS = Requests(
    before="olá|oi|bom dia|boa tarde|boa noite|ei|olha|olhe|ok|okay|está bem|tá bom|bem|então|e|hum|sim|não|desculp[ae]"
    "|por favor|se faz favor|obrigad[oa]|(?:me )?(?:podes?|podias?|poderias?)(?: me)?(?: dizer(?: me)?)?"
    "|di(?:z|ga)(?: me)?|me di(?:z|ga)|sabes?(?: dizer(?: me)?)?|(?:queria|quero|gostaria de) saber|você",
    after="por favor|se faz favor|obrigad[oa]|agora|exatamente|já|então|neste momento",
    one="uma?",
    numbers={"dezasseis": 16, "dezassete": 17, "dezanove": 19, "dezesseis": 16, "dezessete": 17, "dezenove": 19},
    clock="São {time}.",
    clock_one="É {time}.",
    time=(
        "que horas? (?:são|é|tens|tem)|(?:as|a) horas?|(?:qual é )?a hora(?: atual| certa| exata)?|tens horas"
        "|tem horas",
        "que horas são (?:aqui|aí)",
    ),
    date=(
        "que dia (?:é|da semana é|estamos)(?: hoje)?|hoje (?:é )?que dia(?: é)?|(?:em )?que data (?:é"
        "|estamos)(?: hoje)?",
        "(?:qual é )?a data(?: de hoje| atual)?|a quantos estamos(?: hoje)?|que dia da semana é hoje",
        "em que (?:ano|mês|dia) estamos|que (?:ano|mês) é",
    ),
    days={
        "depois de amanhã": (2, "Depois de amanhã é"), "amanhã": (1, "Amanhã é"), "anteontem": (-2, "Anteontem foi"),
        "ontem": (-1, "Ontem foi"),
    },
    day=(
        "que (?:dia|data)(?: da semana)? (?:é|será|foi|era) {day}",
        "{day} (?:é|será) que dia",
    ),
    dated="{begun} {weekday}, {day} de {month} de {year}.",
    until=(
        "quantos dias (?:faltam|são|há)(?: ainda)? (?:para|até)(?: o| a| ao)? {until}",
        "quanto (?:tempo )?falta (?:para|até)(?: o| a| ao)? {until}",
    ),
    written="{number} de {month}",
    feasts={
        "natal": (12, 25), "véspera de natal": (12, 24), "ano novo": (1, 1), "passagem de ano": (12, 31),
        "réveillon": (12, 31),
    },
    days_left=("É hoje.", "Falta 1 dia.", "Faltam {count} dias."),
    when=("(?:quando|que dia|em que dia) (?:é|cai|será) (?:o |a )?{until}",),
    falls="É",
    question="quanto (?:é|são|dá|dão|faz)|quantos são|calcul[ae](?: me)?|qual é(?: o resultado de)?",
    asked="quanto é|quanto dá|igual a|é igual a|é|são",
    signs=(
        (r" ?(?:%|por cento) de", "% of"), ("(?:a )?raiz(?: quadrada)? de", "square root of"),
        ("ao quadrado", "squared"), ("ao cubo", "cubed"), ("elevado a", "**"), ("dividido por|a dividir por", "/"),
        ("multiplicado por|vezes", "*"), ("mais", "+"), ("menos", "-"), ("(?:a )?metade de", "1/2 *"),
        ("o dobro de", "2 *"), ("o triplo de", "3 *"), ("um terço de", "1/3 *"), ("um quarto de", "1/4 *"),
    ),
    joined="e",
    money={"€|euros?": "euros", r"\$|dólar(?:es)?": "dólares", "rea(?:l|is)": "reais"},
    result="O resultado é {}.",
    impossible="Isso não consigo calcular.",
    seconds={"horas?|h": 3600, "minutos?|min": 60, "segundos?|seg": 1},
    spans={"meia hora": 1800, "(?:um )?quarto de hora": 900, "3 quartos de hora": 2700},
    and_half="e mei[ao]",
    set=(
        "(?:põe|pôr|ponha|coloca(?:r)?|coloque|define|definir|defina|programa(?:r)?|programe|inicia(?:r)?|inicie"
        "|cria(?:r)?"
        "|crie|ativa(?:r)?|ative|começa(?:r)?|faz|faça|quero|queria|preciso de|dá)(?: me)? (?:(?:um|o"
        "|outro) )?(?:novo )?"
        "(?:temporizador|timer|cronómetro|cronômetro)(?: (?:de |para |por |com )?{span})?(?: para .+)?",
        "(?:(?:um|o|outro) )?(?:temporizador|timer) (?:de |para )?{span}",
        "(?:me )?(?:avis[ae](?:r)?|acord[ae](?:r)?|lembr[ae](?:r)?)(?: me)? (?:em|daqui a|dentro de) {span}(?: .+)?",
        "outro (?:de|para) {span}",
    ),
    cancel=(
        "(?:cancel(?:a|ar|e)|par(?:a|ar|e)|apag(?:a|ar|ue)|elimin(?:a|ar|e)|deslig(?:a|ar|ue)|remov(?:e|er|a)) "
        "(?:o|o meu|os|os meus|todos os|esse|este|meu) (?:temporizador(?:es)?|timers?)(?: de {span})?",
    ),
    left=(
        "quanto(?: tempo)? (?:falta|resta)(?: .+)? (?:temporizador|timer)(?: .+)?"
        "|quantos minutos faltam .*(?:temporizador"
        "|timer).*",
        "(?:que|quais|quantos) (?:temporizadores|timers) .+|(?:há|tenho) (?:algum |um )?(?:temporizador(?:es)?|timers?)"
        "(?: .+)?",
    ),
    going_on="quanto(?: tempo)? (?:falta|resta)(?: ainda)?|quanto mais",
    drop="(?:cancela|para|apaga|desliga)(?: o)?|deixa(?: lá| para lá| estar)",
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
    refusals=limits_pt.REFUSALS,
)
