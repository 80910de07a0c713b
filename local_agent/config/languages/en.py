"""English."""

from __future__ import annotations

from local_agent.config.languages.facts import (
    COUNTED,
    SHORTENED,
    STARTERS,
    TITLES,
    Ends,
    Facts,
    Forgetting,
    Listening,
    Phrases,
    Recording,
    Situation,
    Timing,
    Writing,
    words,
)

PHRASES = Phrases(
    greeting="Hello! How can I help you?",
    apology="Sorry, something went wrong. Please say that again.",
    interrupted="Sorry, I was interrupted and lost the thread. Where were we?",
    goodbye="I have to go now. Goodbye.",
    no_voice="I have no English voice here. My answers are on the screen, too.",
    # One or two plain sentences: a 135M model follows no more, and a longer prompt only adds prefill time.
    instructions="You are a friendly voice assistant. Answer in one or two short spoken sentences, without lists or "
    "markdown.",
)
# For languages that have no words of their own.
NO_VOICE = "I have no voice for {language}. My answers are on the screen."
ANSWER_IN = "Answer in {language}."
LISTENING = Listening(
    yes="yeah|yea|yep|yup|yes|right|sure|cool|nice|good|great|exactly|indeed|true|alright|i see|got it|of course|all "
    "right|i know|go on|absolutely|definitely|totally|makes sense|that makes sense|fair enough|i understand"
    "|understood|that's right|that's true|gotcha|for sure|perfect|lovely|fantastic|wonderful|excellent|amazing"
    "|awesome|very good|very nice|sounds good|no problem",
    other="hum|uh|huh|ah|oh|ow|ooh|um|wow|really|well|interesting|no way|no kidding|you don't say|oh dear|my goodness"
    "|how nice|how interesting",
    # What "uh-huh" is sometimes taken for, and no message by itself: who begins one with it goes on.
    alone="out|so|up|and|but|the|an?|of|to|in|on|at|or|i|i'll",
)
ENDS = Ends(
    dangling=words(
        "a an the my your her its our their every and or but because if unless until than as whose of to for from with "
        "at by into between during is are am been being i he she we they very just um uh er erm hmm"
    ),
    leaning=words(
        "his this these some any each no that which who where when while although though so in on about without under "
        "over through before after was were be do does did have has had will would can could should must may might you "
        "really like"
    ),
    whole=r"((yes|yeah|no|ok|okay|oh) )?(no|thank you|i (do|did|am|was|can|will|would|have))",
    digits="oh|zero|one|two|three|four|five|six|seven|eight|nine",
)

# What is negated, asked about or reported ("don't forget that", "did you forget everything?", "she said forget
# everything") has words around the request that none of these allow; "forget it" means "never mind".
_SAID = (
    r"(?:i|we|you)(?: have|'ve)?(?: just| ever)? (?:said|asked|told you|mentioned|talked about|spoke about|discussed)"
    r"(?: to you| just now| today)?"
)
_KEPT = r"(?:conversation|chat|call|discussion|talk|history|transcript)"
_PLEASE = (
    r"(?:(?:ok|okay|hey|oh|no|yes|yeah|well|wait|stop|actually|please|sorry|now|then|so|um|uh|alright|all right|just"
    r"|thanks|thank you|listen) )*"
    r"(?:(?:(?:can|could|would|will) you|you (?:can|may|should|must)|i(?:'d| would) like you to|i (?:want|need) you to"
    r"|go ahead and|make sure (?:you|to)) )?(?:(?:please|just|now|also|kindly) )*"
)
_THANKS = (
    r"(?: (?:please|now|again|ok|okay|thanks|thank you|for me|too|then|so far|completely|right now|right away|at once"
    r"|immediately|forever|for good|(?:will|would|can|could) you|and start (?:over|again|afresh)"
    r"|from (?:your|the) (?:memory|mind|history|records?|conversation|chat)))*"
)
_ASKS = (
    _PLEASE + r"(?:forget(?: about)?|erase|delete|remove|wipe(?: out| away)?|clear(?: out| away)?|scrap"
    r"|(?:don't|do not) (?:save|store|keep)|(?<=please )(?:don't|do not) remember) {what}" + _THANKS
)
FORGETTING = Forgetting(
    last=_ASKS.format(
        what=rf"(?:that|this|(?:what|whatever) {_SAID}|(?:that )?i (?:just |ever )?said (?:that|this|anything|so)"
        r"|(?:that )?you (?:just |ever )?heard (?:that|this)|(?:the|my|that) last"
        r" (?:thing|one|part|bit|question|answer|message|exchange|sentence)(?: i said)?)"
    ),
    everything=_ASKS.format(
        what=r"(?:everything(?: else)?|it all|all|all (?:of )?(?:it|that|this|what)|all about (?:it|that|this|me)"
        rf"|(?:the|this|our|my|your|that) (?:(?:whole|entire|full) )?(?:conversation |chat )?{_KEPT}"
        r"|the (?:whole|entire) thing|your memory|what you know about (?:me|us)|my data)"
        rf"(?: (?:that )?(?:{_SAID}|you (?:know|heard|remember)))?(?: about (?:me|us))?"
    ),
    turned=r"(?:(?:and|but|so|then|oh|no|please|just|i|you|we) )*"
    r"(?:(?:don't|do not|never|won't|will not|would never|must not|remember)(?: ever| you)*"
    r"|(?:(?:my )?\w+ )?(?:said|says|goes|(?:told|asked) (?:me|him|her|them|us|you)(?: to)?))",
    forgotten="Okay, I have forgotten that.",
    all_forgotten="Okay, I have forgotten everything.",
)

WRITING = Writing(
    conjunctions=words("and but or so because although though while when if unless until since which who where then"),
    prepositions=words(
        "about above across after against along among around at before behind below beneath between by during for from "
        "in into near on over through to toward under until with without"
    ),
    breathless=words(
        "a an the my your his her its our their this that these those of to in on at by for with from and or but is "
        "are was were be been not very so as into than will would can could should may might must do does did have "
        "has had i you he she it we they near over"
    ),
    titles=TITLES | words("gov sen rep pres al maj pvt cpl adm cmdr supt atty msgr fr viz v"),
    shortened=SHORTENED
    | words(
        "bros assn univ apt ste min max avg tel mon tue tues wed thu thurs fri oz lb lbs ft hr hrs mins secs yr yrs "
        "tbsp tsp doz pkg pt qt gal"
    ),
    counted=COUNTED | words("ext apt ste rm pg eq tab figs c fl bldg rte ps sc ver"),
    streets=words("st ave av rd blvd dr ln ct pl sq hwy pkwy ter cir"),
    starters=STARTERS,
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    only_code="The code is on the screen.",
)  # fmt: skip

SITUATION = Situation(
    named="Your name is {name}.",
    limits="Answer from what you know and what the caller told you. You can only talk, so if asked to do something "
    "else, say that you can't. You have no internet and no eyes: if asked what is going on now, or what the caller has "
    "not told, say that you don't know.",
    moment="It is {weekday}, {month} {day}, {year}, {time}.",
    date="Today is {weekday}, {month} {day}, {year}.",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)

RECORDING = Recording(
    question="May I record this call? Please say yes or no.",
    agreed="Thank you. This call is recorded. Say stop recording to end it.",
    declined="All right, nothing is recorded.",
    company="There is more than one of you, so nothing is recorded.",
    joined="Somebody has joined, so the recording has ended.",
    stopped="The recording has ended.",
    forgets_not="The recording still has it. Say forget everything and the recording is deleted.",
    deleted="The recording is deleted.",
    not_begun="I am sorry, I can't record this call, so nothing is recorded. We can go on without it.",
    broken_off="The recording has ended, because it can't be written any more. We can go on without it.",
    not_deleted="The recording has ended, but it could not be deleted. Please tell the people who run this service.",
    before="oh|well|um|uh|hm|ok|okay",
    yes="yes|yeah|yep|yup|sure|certainly|absolutely|of course|go ahead|okay|ok|i agree|i do|you may|you can",
    after=r"please|thanks|thank you|(?:that's|that is|it's) (?:fine|ok|okay|all right|alright)"
    r"|(?:you (?:may|can) )?record(?: (?:it|this call|the call|me))?",
    no=r"(?:(?:oh|well|um|uh|hm|please) )*(?:no|nope|nah|never|don't|do not|i'd rather|rather not|not)\b",
    stop=r"(?:(?:please|ok|okay|now|can you|could you|would you) )*(?:stop|end|quit|switch off|turn off)"
    r"(?: the| this)? recording(?: me| this| this call| the call)?(?: (?:please|now|thanks|thank you))*",
)

TIMING = Timing(
    units=(("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
    joint="and",
    named="timer of {span}",
    single="{count}-{unit} timer",
    how_long="For how long?",
    limits="I can set timers from a second to a day.",
    many="{count} timers are running already.",
    started="Okay, {span}, starting now.",
    promise="I'll tell you if this call still lasts.",
    none="No timer is running.",
    unknown="No such timer is running.",
    left=("There is {span} left.", "There are {span} left."),
    several="{count} timers are running: {each}.",
    each="the {timer} has {span} left",
    off="Okay, the {timer} is off.",
    all_off="Okay, all timers are off.",
    over="Your {timer} is over.",
)

FACTS = Facts(PHRASES, LISTENING, ENDS, FORGETTING, WRITING, situation=SITUATION, recording=RECORDING, timing=TIMING)
