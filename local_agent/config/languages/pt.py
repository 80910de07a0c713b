"""Portuguese."""

from __future__ import annotations

from local_agent.config.languages.facts import COMMON, Ends, Facts, Forgetting, Listening, Phrases, words

PHRASES = Phrases(
    greeting="Olá! Como posso ajudar?",
    apology="Desculpe, algo correu mal. Por favor, repita.",
    interrupted="Desculpe, fui interrompido e perdi o fio da conversa. Onde estávamos?",
    goodbye="Tenho de ir. Adeus.",
    instructions="És um assistente de voz simpático. Responde em português, em uma ou duas frases faladas curtas, sem "
    "listas nem markdown.",
)
LISTENING = Listening(
    yes="sim|claro|claro que sim|pois|pois é|pois claro|exato|exatamente|exacto|exactamente|certo|tá|tá bom|tá bem"
    "|está bem|está bom|tudo bem|entendi|entendo|percebi|percebo|compreendo|com certeza|verdade|é verdade|é|isso"
    "|isso mesmo|é isso|bem|muito bem|perfeito|ótimo|beleza|legal|combinado|de acordo|concordo|eu sei|sei|já sei|aham"
    "|ahã|uhum|sem dúvida|naturalmente|fixe|boa|estou a ver|justamente|pode ser|que bom|muito bom",
    other="ah|oh|eh|hum|bom|uau|nossa|puxa|caramba|olha|sério|a sério|é mesmo|não me diga|que interessante|incrível"
    "|ena",
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

FACTS = Facts(PHRASES, LISTENING, ENDS, FORGETTING, COMMON)
