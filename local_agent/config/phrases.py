"""What the agent says by itself, in the language that is spoken: the greeting, the apology, what comes after a crash,
the goodbye, and the usual instructions.

Where a person wrote a greeting or instructions of their own, those are used as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from local_agent.config.languages import AUTO, ENGLISH_NAMES
from local_agent.config.settings import GREETING, INSTRUCTIONS, Settings


class Phrases(NamedTuple):
    greeting: str
    apology: str
    interrupted: str
    goodbye: str
    instructions: str


ENGLISH = Phrases(
    GREETING,
    "Sorry, something went wrong. Please say that again.",
    "Sorry, I was interrupted and lost the thread. Where were we?",
    "I have to go now. Goodbye.",
    INSTRUCTIONS,
)
_PHRASES = {
    "en": ENGLISH,
    "de": Phrases(
        "Hallo! Wie kann ich helfen?",
        "Entschuldigung, da ging etwas schief. Bitte sagen Sie das noch einmal.",
        "Entschuldigung, ich wurde unterbrochen und habe den Faden verloren. Wo waren wir?",
        "Ich muss jetzt Schluss machen. Auf Wiederhören.",
        "Du bist ein freundlicher Sprachassistent. Antworte auf Deutsch, in ein oder zwei kurzen gesprochenen Sätzen, "
        "ohne Listen und ohne Markdown.",
    ),
    "fr": Phrases(
        "Bonjour ! Comment puis-je vous aider ?",
        "Désolé, quelque chose s'est mal passé. Pouvez-vous répéter, s'il vous plaît ?",
        "Désolé, j'ai été interrompu et j'ai perdu le fil. Où en étions-nous ?",
        "Je dois vous quitter. Au revoir.",
        "Tu es un assistant vocal aimable. Réponds en français, en une ou deux courtes phrases parlées, sans listes ni "
        "markdown.",
    ),
    "es": Phrases(
        "¡Hola! ¿En qué puedo ayudarle?",
        "Lo siento, algo ha salido mal. Por favor, repítalo.",
        "Perdón, me han interrumpido y he perdido el hilo. ¿Por dónde íbamos?",
        "Tengo que irme. Adiós.",
        "Eres un asistente de voz amable. Responde en español, en una o dos frases habladas cortas, sin listas ni "
        "markdown.",
    ),
    "it": Phrases(
        "Ciao! Come posso aiutarla?",
        "Mi dispiace, qualcosa è andato storto. Può ripetere, per favore?",
        "Scusi, sono stato interrotto e ho perso il filo. Dove eravamo rimasti?",
        "Devo andare. Arrivederci.",
        "Sei un assistente vocale cordiale. Rispondi in italiano, in una o due brevi frasi parlate, senza elenchi né "
        "markdown.",
    ),
    "pt": Phrases(
        "Olá! Como posso ajudar?",
        "Desculpe, algo correu mal. Por favor, repita.",
        "Desculpe, fui interrompido e perdi o fio da conversa. Onde estávamos?",
        "Tenho de ir. Adeus.",
        "És um assistente de voz simpático. Responde em português, em uma ou duas frases faladas curtas, sem listas "
        "nem markdown.",
    ),
    "nl": Phrases(
        "Hallo! Hoe kan ik u helpen?",
        "Sorry, er ging iets mis. Kunt u dat nog eens zeggen?",
        "Sorry, ik werd onderbroken en ben de draad kwijt. Waar waren we?",
        "Ik moet nu ophangen. Tot ziens.",
        "Je bent een vriendelijke spraakassistent. Antwoord in het Nederlands, in een of twee korte gesproken zinnen, "
        "zonder lijsten of markdown.",
    ),
    "pl": Phrases(
        "Dzień dobry! W czym mogę pomóc?",
        "Przepraszam, coś poszło nie tak. Proszę powtórzyć.",
        "Przepraszam, przerwano mi i zgubiłem wątek. Na czym skończyliśmy?",
        "Muszę już kończyć. Do widzenia.",
        "Jesteś przyjaznym asystentem głosowym. Odpowiadaj po polsku, jednym lub dwoma krótkimi zdaniami, bez list i "
        "bez markdown.",
    ),
    "ru": Phrases(
        "Здравствуйте! Чем я могу помочь?",
        "Извините, что-то пошло не так. Пожалуйста, повторите.",
        "Извините, меня прервали, и я потерял нить разговора. На чём мы остановились?",
        "Мне пора заканчивать. До свидания.",
        "Ты дружелюбный голосовой помощник. Отвечай по-русски, одним или двумя короткими предложениями, без списков и "
        "без markdown.",
    ),
    "sv": Phrases(
        "Hej! Hur kan jag hjälpa till?",
        "Förlåt, något gick fel. Kan du säga det igen?",
        "Förlåt, jag blev avbruten och tappade tråden. Var var vi?",
        "Jag måste sluta nu. Hej då.",
        "Du är en vänlig röstassistent. Svara på svenska, med en eller två korta talade meningar, utan listor och utan "
        "markdown.",
    ),
    "zh": Phrases(
        "您好！请问有什么可以帮您？",
        "抱歉，出了点问题。请您再说一遍。",
        "抱歉，我被打断了，忘了我们说到哪里。请问我们刚才说到什么？",
        "我得挂断了，再见。",
        "你是一个友好的语音助手。请用中文回答，只说一两句简短的口语，不要用列表或标记符号。",
    ),
}


def _of(language: str) -> Phrases | None:
    return ENGLISH if language == AUTO else _PHRASES.get(language)


def greeting(settings: Settings) -> str:
    """What is said first; nothing where nobody wrote a greeting and none is known in the language."""
    if settings.greeting != GREETING:
        return settings.greeting
    known = _of(settings.language)
    return known.greeting if known else ""


def instructions(settings: Settings) -> str:
    """The system prompt. The usual one tells in which language to answer."""
    if settings.instructions != INSTRUCTIONS:
        return settings.instructions
    known = _of(settings.language)
    return known.instructions if known else f"{INSTRUCTIONS} Answer in {ENGLISH_NAMES[settings.language]}."


def apology(language: str) -> str:
    """What is said where a reply failed; in English rather than not at all."""
    return (_of(language) or ENGLISH).apology


def interrupted(language: str) -> str:
    """What an agent says first who knows of a conversation, and nothing of it; in English rather than not at all."""
    return (_of(language) or ENGLISH).interrupted


def goodbye(language: str) -> str:
    """What calls hear that the end of the process ends; in English rather than not at all."""
    return (_of(language) or ENGLISH).goodbye
