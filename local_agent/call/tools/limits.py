"""What nobody here can do or know: requests for it are answered at once, so that no model promises or invents.

Only what is clearly such a request is read, in English here and elsewhere by the tables of a language (`Refusals`). Who
has functions of their own may be able to do it after all, and is not asked here (`Assistant`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from local_agent.call.tools.wording import asked, bare
from local_agent.config.languages import AUTO
from local_agent.config.languages.facts import Refusals
from local_agent.config.languages.table import facts

CANT = "Sorry, I can't do that. I can only talk with you."
UNKNOWN = "I don't know. I have no internet, so I can't look that up."
UNSEEN = "I don't know. I can't see you, and you haven't told me."

LONGEST = 200  # characters; who says more tells more than a request

_ANY = r"(?:a|an|the|my|our|some|me|us|another|more|\d+)"
_MINE = r"(?:my|our|the)"
_KIN = r"(?:mom|mum|mother|dad|father|grandma|grandpa|[a-z]+)"
_AT_HOME = (
    r"(?:lights?|lamps?|heating|heater|thermostat|temperature|fan|ac|air conditioning|tv|television|radio|stereo"
    r"|music"
    r"|volume|oven|stove|dishwasher|washing machine|dryer|vacuum(?: cleaner)?|robot|kettle|coffee (?:machine|maker)"
    r"|doors?|garage(?: door)?|gate|windows?|blinds|curtains|shutters|alarm|sprinklers?|computer|phone|car|wifi"
    r"|speakers?)"
)
_ROOM = r"(?: (?:in|of|on|at|to|by) [a-z' \d%]+)?"
_SOON = r"(?: (?:now|today|tonight|tomorrow|later|again|first|quickly|while i'm \w+))*"
_DO = (
    # Reminders, alarms, notes, lists.
    r"remind me (?:again )?(?:to|that|tomorrow|tonight|later|next|every|on|at|when|before|after|this|in the|of my"
    r"|about my)\b.*",
    r"remind (?:my|our|the) [a-z]+ (?:to|that|of|about)\b.*",
    r"(?:don't|do not) let me (?:forget|sleep|miss|oversleep)\b.*",
    r"make sure (?:that )?i (?:don't|do not|won't|remember|wake|get up|am)\b.*",
    r"wake (?:me|us)(?: up)?(?: (?:at|tomorrow|in the|early|on|by|for|when)\b.*)?",
    r"set (?:an?|the|my) (?:alarm|reminder|thermostat|temperature|heating|lights?|volume)\b.*",
    r"(?:make|take|write|create|leave)(?: me)? (?:an? |the )(?:note|memo|reminder|appointment|reservation|phone call"
    r"|photo|picture|selfie|screenshot|video|payment)\b.*",
    r"(?:write|note) (?:(?:it|this|that) down|down (?:that|my|the)\b.*)",
    rf"(?:add|put|write|save|enter) .+ (?:to|on|in|into|from) {_MINE} (?:calendar|diary|schedule|agenda|notes"
    rf"|contacts"
    r"|(?:shopping |to do |to-do |grocery |packing |wish ?)?list)\b.*",
    r"(?:schedule|cancel|reschedule|postpone|confirm|arrange) (?:an? |my |our |the )(?!timer).*(?:appointment"
    r"|meeting|call"
    r"|reservation|booking|flight|order|subscription|visit|table|delivery)\b.*",
    # Calls and messages.
    r"(?:call|phone|ring|dial|video call|facetime)(?: up)? (?:(?:my|our|the|a|an) .+|911|112|999)",
    r"(?:call|phone|ring) (?!me\b|it\b|that\b|this\b|him\b|her\b|you\b|them\b|us\b|yourself\b)[a-z]+(?: now| back"
    r"| up)?",
    r"(?:call|phone|ring) (?:me|us) (?:back|later|again|in|at|when|tomorrow|on|tonight)\b.*",
    rf"(?:send|forward) (?:an? |the |my |this |that |it |{_KIN} (?:an? |the ))*(?:text|message|e-?mail|mail|sms"
    rf"|letter"
    r"|invitation|photo|picture|money|postcard|package|it|this|that)\b.*",
    r"(?:text|email|e-mail|message|whatsapp) (?:my|our|the) .+",
    r"(?:text|email|e-mail|message) [a-z]+ (?:that|to|and|about|i|saying)\b.*",
    rf"(?:tell|inform|notify|ask) (?:my|our) {_KIN}(?: [a-z]+)? (?:that|to|i|we|if|whether|about)\b.*",
    rf"let (?:my |our )?(?!me\b|us\b){_KIN} know\b.*",
    r"(?:read|check|open|show)(?: me| out)? (?:my|the) (?:new |unread |latest |last )*(?:e-?mails?|mails?"
    r"|messages?|texts?"
    r"|inbox|voicemails?|notifications|calendar|mailbox)\b.*",
    r"(?:give|drop|shoot|send) (?:(?:my|our|the) )?[a-z]+(?: [a-z]+)? (?:an? |the )(?:call|ring|text|line|message"
    r"|e-?mail)\b.*",
    # Buying, booking, paying.
    rf"(?:book|reserve|order|buy|purchase|rent)(?: (?:me|us))? {_ANY} .+",
    r"(?:get|call|fetch|bring)(?: me| us)? (?:an? |some |\d+ )?(?:taxi|cab|uber|lyft|ride|pizza|coffee|tea|beer|water"
    r"|tickets?|food|ambulance)\b.*",
    r"(?:get|find)(?: me| us)? (?:an? |some )(?:[a-z]+ )?(?:appointment|reservation|table(?! of)|seats?|haircut"
    r"|flights?|hotel|room|doctor|plumber)\b.*",
    r"(?:order|buy) (?:flowers|pizza|food|groceries|sushi|dinner|lunch|tickets)\b.*|(?:order|buy) .+ for (?:my"
    r"|our|me|us)\b.*",
    r"(?:pay|transfer|wire|donate|withdraw|deposit) (?:my|the|our|an?|some|\d+)\b.*",
    # Music and things at home.
    r"(?:play|put on)(?: me)? (?:(?:some|a|an|the|my|me|something|any) )*(?:music|songs?|album|radio|playlist"
    r"|podcast|jazz"
    r"|rock|pop|classical|blues|techno|audiobook|movie|film|video|something by|by)\b.*",
    rf"(?:turn|switch|power|put) (?:on|off|up|down) (?:(?:all|both|every|{_MINE}) )*(?:[a-z]+ )?{_AT_HOME}{_ROOM}",
    rf"(?:turn|switch|power|put) (?:(?:all|both|every|{_MINE}) )+(?:[a-z]+ )?{_AT_HOME}{_ROOM} (?:on|off|up"
    rf"|down){_ROOM}",
    rf"(?:dim|lock|unlock|open|close|shut|start|run|raise|lower|charge|brighten|mute|clean|restart) (?:all )?{_MINE} "
    rf"(?:[a-z]+ )?{_AT_HOME}\b.*",
    rf"(?:switch|change|turn|set) {_MINE} {_AT_HOME} to .+",
    r"(?:google|look up|search (?:the (?:web|internet)|online) for|browse) .+|look (?:that|this|it) up\b.*"
    r"|search (?:the (?:web|internet)|online)\b.*",
    # What takes hands.
    r"(?:vacuum|mop|sweep|clean|wash|iron|do|fold|take out|feed|walk|water|mow) (?:the|my|our) (?:\w+ )?(?:floors?"
    r"|rooms?|kitchen|house|carpet|bathroom|car|table|dog|cat|fish|pets?|plants|flowers|garden|lawn|trash|rubbish"
    rf"|garbage|bins?|dishes|laundry|ironing){_SOON}",
    r"(?:make|cook|brew|pour|hand|pass|bring|fetch) (?:me|us) (?:an? |some |the |my |another )?"
    r"(?:(?:cup|mug|pot|glass|bottle|bit|plate) of )?(?:\w+ )?(?:tea|coffee|water|beer|wine|sandwich|toast|breakfast"
    rf"|lunch|dinner|snack|drink|soup|remote|keys|phone|towel){_SOON}",
    r"(?:pick up|collect|drop off) (?:my|our|the) (?:\w+ )?(?:kids?|children|son|daughter|dry cleaning|laundry|package"
    r"|parcel|car|mail|medicine|prescription|groceries)\b.*",
)
_WHEN = (
    r"(?: (?:now|today|tonight|tomorrow|outside|later|currently|this \w+|next week|on \w+day|at the moment|going to be"
    r"|out there|here|in (?!an? )[a-z ]+))*"
)
_SKY = r"(?:rain|snow|storm|freeze|hail|be (?:\w+ )?(?:sunny|cold|warm|hot|rainy|windy|cloudy|nice|wet|dry|foggy))"
_IS_SKY = r"(?:raining|snowing|sunny|windy|cloudy|foggy|stormy|freezing|cold|warm|hot|humid)"
_MONEY = r"(?:(?:british |swiss |canadian )?(?:dollar|pound|euro|franc|rupee|peso|crown|yen|yuan)s?)"
_LOOKED_UP = (
    rf"(?:what|how) (?:is|will) the (?:weather|forecast|weather forecast|temperature|weather report)"
    rf"(?: (?:like|be|be like|going to be like|look like|looking))?{_WHEN}",
    rf"(?:is it|will it) (?:going to )?{_SKY}{_WHEN}|does it (?:rain|snow)(?: now| outside| here)?",
    rf"is it (?:\w+ )?{_IS_SKY}(?: (?:outside|out|today|now|there|here|tonight))+",
    rf"how (?:cold|warm|hot|windy) (?:is it|will it be|will it get|is it going to be){_WHEN}",
    r"(?:do|will|should) i (?:need|take|bring|wear|pack)(?: with me)? (?:an?|my|the) (?:umbrella|raincoat|jacket"
    r"|coat)\b.*",
    rf"(?:what is the )?(?:weather|forecast)(?: forecast)?(?: for (?:\w+day|today|tomorrow|tonight|(?:this|the"
    rf"|next) \w+))?{_WHEN}",
    r"what is [a-z]+'s (?:stock|share) price",
    r"what (?:is|are) (?:in )?(?:the|today's) (?:latest |new |current |top )?(?:news|headlines)\b.*"
    r"|what is new in the world|(?:any|read me the|give me the)"
    r" (?:latest )?(?:news|headlines)\b.*|what (?:happened|is happening) (?:in the (?:news|world)|today"
    r"|on the news)\b.*",
    r"who (?:won|is winning|played|scored|lost) (?!.*\b\d{4}\b).*(?:yesterday|last night|today|tonight"
    r"|this (?:week|weekend)"
    r"|last (?:weekend|week|game|match))\b.*",
    r"(?:did|have) .+ (?:win|won|lose|lost|play|played)(?: (?:yesterday|last night|today|tonight|last weekend))+",
    r"what (?:is|was) the (?:score|result)(?: (?:of|in) .*)?(?: (?:game|match|yesterday|last night|today))",
    r"(?:what|how much) (?:is|are|does|do) .+ (?:cost |worth )?(?:today|now|currently|at the moment|these days)",
    r"how much (?:is|are|does|do) .+ (?:around here|here|near me|in this (?:town|city|area|shop|store)"
    r"|at the (?:\w+ )?"
    r"(?:market|store|shop|supermarket|pharmacy|bakery|gas station))",
    rf"(?:(?:what|how much) (?:is|are) |convert |change )?(?:\d[\d.]*|an?) (?:us )?{_MONEY} (?:worth )?"
    rf"(?:in|to|into) {_MONEY}",
    rf"how many {_MONEY} (?:is|are|do i get for|(?:are )?in) (?:\d[\d.]*|an?) (?:us )?{_MONEY}",
    r"what is the (?:current|latest|today's) (?:price|stock price|share price|exchange rate|value) (?:of|for"
    r"|between) .+",
    r"(?:what is the (?:price|stock price|share price) of|how much is) (?:a barrel of |an ounce of |a lit(?:er"
    r"|re) of )?"
    r"(?:bitcoin|ethereum|gold|silver|oil|gas|petrol|gasoline|diesel|\w+ (?:stock|shares))",
    r"(?:how|what) (?:is|did|are|was) (?:the )?(?:stock market|stocks|dow|nasdaq|dax|traffic)\b.*"
    r"|what is the traffic\b.*",
    r"what is (?:on|playing|showing)(?: on)? (?:tv|television|the radio|netflix|at the (?:cinema|movies"
    r"|theater))\b.*",
    r"(?:when|what time) (?:is|does|will|do|comes)(?: the| my)? next (?:bus|train|tram|flight|subway|metro"
    r"|ferry)\b.*",
    r"(?:is|are) the .+ (?:still open|open(?: (?:now|today|tonight|tomorrow|on \w+day))+)(?: (?:now|today))?",
    r"is the (?:\w+ )?(?:pharmacy|store|shop|supermarket|bank|library|museum|post office|bakery|restaurant|cafe|gym"
    r"|zoo)(?: (?:in|on|at|near) [a-z ]+)? (?:open|closed)",
)
_AT = (  # where and when, and no other clause
    r"(?: (?:right|just|now|today|tonight|here|at (?:home|work|school|the moment)|on (?:me|my \w+)"
    r"|in (?:the|my|this) \w+))*"
)
_SEEN = (
    r"what is my (?:(?:first|last|middle|full) )?(?:name|surname|age|address|phone number|number|birthday|job|email"
    r"|email address|password|favou?rite \w+|mood|weight|height|blood type|(?:\w+'s|\w+s') (?:name|age|birthday))",
    r"what is the name of my \w+|who (?:am i|i am)|how many fingers am i holding up|am i in an? \w+ mood"
    r"|do you know (?:my name|who i am|me)|how old am i|when (?:is"
    r"|was) my birthday",
    r"where (?:am i|do i (?:live|work)|are we|is my \w+(?: \w+)?|are my \w+)|(?:what|which) (?:city|country|town"
    r"|street|room"
    r"|place|state) (?:am i|are we|do i live)(?: in)?",
    r"what (?:am i|are we) (?:wearing|holding|doing|looking at|eating|drinking|thinking|thinking of|thinking about"
    rf"|pointing at|sitting on){_AT}",
    r"what colou?r (?:is|are) (?:my|the) (?:shirt|hair|eyes|car|shoes|dress|walls?|trousers|pants|jacket|coat"
    r"|house)\b.*",
    r"how (?:do i look|am i feeling|do i feel|am i(?: doing)?|tall am i|much do i weigh)(?: today| now)?",
    r"(?:what (?:kind of |sort of )?mood am i in|what is my mood)\b.*",
    r"see (?:me|us|my \w+)|what (?:is|do you see) (?:behind|in front of|next to|around|beside|above|under) "
    r"(?:me|us)",
    r"how (?:is|are) my (?!english|spelling|accent|pronunciation)[a-z]+(?: (?:feeling|doing|today))*"
    r"|where did i (?:park|leave|put|lose) my\b.*",
    r"how (?:old|tall) (?:is|are) my \w+|(?:what|which) mood (?:am i|i am|i'm) in",
    rf"am i (?:happy|sad|alone|tired|angry|sick|ill|late|married|rich|smiling|sitting|standing|hungry)"
    rf"(?:,? or [a-z]+)?{_AT}",
    r"(?:who|who else) (?:is|are) (?:in (?:the|this|my) (?:room|house|kitchen|office)|at the door|with me|next to me"
    r"|sitting|standing|here|beside me|behind me)\b.*",
    r"is (?:there )?(?:anyone|anybody|someone|somebody)(?: else)? (?:here|in (?:the|this|my) \w+|at the door|with me"
    r"|behind me|there)\b.*",
    r"how many (?:people|persons|chairs|of us) are (?:there )?(?:in (?:this|the|my) (?:room|house|car)|here"
    r"|with me)\b.*",
    r"what did i (?:do|eat|have|say|buy|dream|order|wear)\b.*(?:yesterday|last|today|this|for|lunch|dinner"
    r"|breakfast).*",
    r"do i have (?:any |an? )?(?:new |unread )?(?:appointments?|meetings?|plans|e-?mails?|messages?|mail|texts"
    r"|missed calls)\b.*",
    r"what (?:is|do i have) (?:on|in) my (?:calendar|schedule|agenda|list|diary|shopping list|mind|bag|pocket"
    r"|hand|fridge)\b.*",
    r"(?:when|what time) is my (?:next )?(?:appointment|meeting|flight|train|bus|dentist appointment|interview"
    r"|exam)\b.*",
    r"(?:did|has) my (?:package|parcel|order|delivery|letter|mail) (?:arrive|arrived|come|been delivered|ship)\b.*",
    rf"is my (?:\w+ )?(?:door|window|oven|stove|car|phone|son|daughter|wife|husband|dog|cat) (?:still )?\w+{_AT}",
)
_SELF = re.compile(r"\b(?:i|i[’']\w+|my|me|mine|we|our|us|call)\b", re.IGNORECASE)
_NOW = re.compile(r"\b(?:right now|now|at the moment)\W*$", re.IGNORECASE)
_ALWAYS = re.compile(  # what does not change from day to day
    r"\b(?:winter|summer|spring|autumn|seasons?|usually|normally|typically|generally|average|climate|history|mars|moon"
    r"|space|poles?|deserts?|equator|born|birth|january|february|march|april|june|july|august|september|october"
    r"|november|december)\b"
)
_OTHERWISE = re.compile(  # another clause, another language, a tale, a figure of speech
    r".* is (?:what|how|why)\b.*|.+\bhow (?:do|would|should|can)\b.*|.*\b(?:some (?:more )?time|for thought)"
    r"|.* in (?:french|german|dutch|greek|[a-z]+(?:ese|ish|ian)|(?:an?|the|this|that) (?:story|novel|game|movie|film"
    r"|song|poem|dream))"
)
_CANT, _LOOKED, _SAW = (re.compile("|".join(patterns)) for patterns in (_DO, _LOOKED_UP, _SEEN))


def answer(text: str, *, language: str = "en", earlier: Sequence[str] = ()) -> str | None:
    """What to say to a request that nobody here can fulfil; None for any other.

    language: of the call, ISO 639-1 or "auto", which begins in English.
    earlier: what the caller said before; where they spoke of themselves, what is asked about them may be known.
    """
    if len(text) > LONGEST:
        return None
    if language not in ("en", AUTO):
        table = facts(language).refusals
        return None if table is None else _by_table(text, table, earlier)
    words = asked(text)
    # "Now" is politeness to `asked`, and may be the heart of the matter here.
    words = re.sub(r"\A(?:remember|be sure|(?:don't|do not) forget) to ", "", words)
    forms = (words, f"{words} now") if _NOW.search(text) else (words,)
    if _OTHERWISE.fullmatch(words):
        return None
    if any(map(_CANT.fullmatch, forms)):
        return CANT
    if any(map(_LOOKED.fullmatch, forms)) and not _ALWAYS.search(words):
        return UNKNOWN
    told = any(map(_SELF.search, earlier))
    return UNSEEN if not told and any(map(_SAW.fullmatch, forms)) else None


_SENTENCES = re.compile(r"[.!?…;:]+\s+\w")  # more than one, and then more than a request


def _by_table(text: str, table: Refusals, earlier: Sequence[str]) -> str | None:
    if _SENTENCES.search(text):
        return None
    words = bare(text)
    if _within(table.others).search(words):
        return None
    if _politely(table, table.do).fullmatch(words):
        return table.cant
    if not text.rstrip().endswith("?"):
        return None  # in many languages a statement has the same words
    if _politely(table, table.now).fullmatch(words) and not _within(table.always).search(words):
        return table.unknown
    told = any(_within(table.told).search(bare(said)) for said in earlier)
    return table.unseen if not told and _politely(table, table.self).fullmatch(words) else None


@cache
def _politely(table: Refusals, patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"{table.please}(?:{'|'.join(patterns)}){table.thanks}")


@cache
def _within(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)")
