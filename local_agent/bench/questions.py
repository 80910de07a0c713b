"""Sixty everyday questions, some of them follow-ups, with what is in a right answer and in no right one.

Patterns are searched in an answer in lower case whose numbers are digits (`bench.answers.plain`). `<weekday>` and
the like stand for what is so when it is asked (`bench.answers.facts`).
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """right: must be found. wrong: must not be. call: the function that must be called, "" where none may be, None
    where either will do.
    """

    text: str
    right: str
    wrong: str = ""
    call: str | None = None


# Said by whoever can't do or know something, in as many ways as models say it.
_NO = (
    r"\b(can't|cannot|can not|couldn't|don't|do not|doesn't|unable|not able|haven't|have not|no (?:access|way"
    r"|internet|calendar|idea)"
    r"|isn't possible|not possible|not capable)\b"
)
_PROMISE = (
    r"\b(i'll (?:remind|call|send|text|play|order|book|let you|do|make|be sure|set|turn)|i will (?:remind|call"
    r"|send|text|play|order|book"
    r"|let you|do|make|set|turn)|i'm (?:calling|sending|playing|ordering|booking|turning)|i've (?:sent|set"
    r"|called|ordered|booked|turned|made)"
    r"|i have (?:sent|set a reminder|called|ordered|booked|turned|made)|reminder (?:is|has been) set|(?:is"
    r"|has been) (?:sent|ordered|booked)"
    r"|^(?:sure|of course|certainly|absolutely|done|okay, i will))\b"
)
_WEATHER = (
    r"\d+ ?(?:degrees|°|celsius|fahrenheit|percent)"
    r"|\b(?:it is|it's|it will be|currently) (?:\w+ )?(?:sunny|cloudy|rainy|raining|warm|cold|clear|mild)"
)

DIALOGUES: tuple[tuple[Question, ...], ...] = (
    # What everybody knows, and follow-ups that lean on it.
    (
        Question("What is the capital of France?", r"\bparis\b", call=""),
        Question("And of Spain?", r"\bmadrid\b", r"\bparis\b"),
        Question("Which of the two has more people?", r"\bmadrid\b", r"\bparis (?:has|is)\b"),
    ),
    (
        Question("Who wrote Romeo and Juliet?", r"\bshakespeare\b"),
        Question("Which country was he from?", r"\b(england|english|britain|united kingdom|british)\b"),
    ),
    (
        Question("What is the largest planet in our solar system?", r"\bjupiter\b"),
        Question("And the smallest?", r"\bmercury\b", r"\b(jupiter|pluto|mars|venus) is the smallest"),
    ),
    (
        Question("How many legs does a spider have?", r"\b8\b"),
        Question("And an ant?", r"\b6\b", r"\b8\b"),
    ),
    (Question("What color do you get when you mix blue and yellow?", r"\bgreen\b"),),
    (Question("What gas do plants take in from the air?", r"\b(carbon dioxide|co2|co₂)\b"),),
    (Question("Which ocean lies between Europe and America?", r"\batlantic\b", r"\bpacific\b"),),
    (Question("At what temperature does water boil at sea level?", r"\b(100|212)\b"),),
    (Question("What language do people speak in Brazil?", r"\bportuguese\b", r"\bspanish\b"),),
    (Question("Who painted the Mona Lisa?", r"\b(leonardo|da vinci)\b", call=""),),
    # Sums.
    (
        Question("What is 17 times 23?", r"\b391\b", call="calculate"),
        Question("And divided by 17?", r"\b23\b"),
    ),
    (
        Question("How much is 15 percent of 80?", r"\b12\b", call="calculate"),
        Question("And 20 percent?", r"\b16\b"),
    ),
    (Question("What's two hundred and fifty minus ninety-nine?", r"\b151\b", call="calculate"),),
    (Question("What is the square root of 144?", r"\b12\b", call="calculate"),),
    (Question("Can you tell me what 6.5 plus 2.75 is?", r"\b9\.25\b|\b9 point 2 5\b", call="calculate"),),
    (Question("How do you pronounce the plus sign?", r"\bplus\b", call=""),),
    # Units.
    (Question("How many minutes are there in three hours?", r"\b180\b", call="calculate"),),
    (Question("How many centimeters are in an inch?", r"\b2\.54\b|\b2\.5\b", call="calculate"),),
    (Question("How many grams are in two kilograms?", r"\b2000\b"),),
    (Question("What is 68 degrees Fahrenheit in Celsius?", r"\b20\b", r"\b(19|21|22|32)\b"),),
    # Time and dates.
    (
        Question(
            "What day of the week is it today?", r"\b<weekday>\b", r"\b(?:<other_weekdays>)\b", call="date_and_time"
        ),
    ),
    (Question("What time is it?", r"\b(?:<time>)\b", call="date_and_time"),),
    (
        Question(
            "How many days are there until Christmas?", r"\b<christmas>\b|christmas is today", call="date_and_time"
        ),
    ),
    (Question("What year will it be next year?", r"\b<next_year>\b"),),
    (Question("Why does an hour have sixty minutes?", r"\b(babylon|sumer|base|ancient|divi|egypt|60)", call=""),),
    # Timers.
    (
        Question("Set a timer for five minutes.", r"\b5[- ]minute|\b5 min", call="set_timer"),
        Question("How much time is left on it?", r"\b[45]\b.*\b(?:minutes?|seconds?)\b", r"\bno timer\b"),
        Question(
            "Cancel the timer, please.", r"\b(off|cancel|stopped|removed|no longer)", r"\bcan't\b", call="cancel_timer"
        ),
    ),
    (Question("What is an egg timer?", r"\b(time|timer|egg|boil|minutes|cook)", call=""),),
    # Letters.
    (Question("How do you spell necessary?", r"\bn\W+e\W+c\W+e\W+s\W+s\W+a\W+r\W+y\b"),),
    (Question("How many letters are in the word elephant?", r"\b8\b"),),
    (Question("What word is the opposite of hot?", r"\bcold\b"),),
    # Comparing.
    (
        Question(
            "Which is heavier, a kilogram of iron or two kilograms of feathers?",
            r"\bfeathers\b",
            r"\biron (?:is|weighs)|same",
        ),
    ),
    (
        Question(
            "Which is bigger, three quarters or two thirds?",
            r"\b(3 quarters?|3/4|0?\.75)\b.*\b(?:bigger|larger|greater|more)\b|bigger.*\b(3 quarters?|3/4)\b",
            r"2 thirds (?:is|are) (?:bigger|larger|greater)",
        ),
    ),
    (
        Question(
            "What is faster, a plane or a train?",
            r"\bplanes?\b",
            r"\btrains? (?:is|are) (?:usually |generally )?faster",
        ),
    ),
    # Short reasoning.
    (Question("I have three apples and eat one. How many are left?", r"\b2\b"),),
    (Question("If today is Monday, what day is it in three days?", r"\bthursday\b"),),
    (
        Question(
            "Tom is taller than Ann, and Ann is taller than Bob. Who is the shortest?",
            r"\bbob\b",
            r"\b(tom|ann) is the shortest",
        ),
    ),
    (Question("A shirt costs twenty dollars and is half off. What do I pay?", r"\b10\b"),),
    (
        Question(
            "A train leaves at three and arrives at five thirty. How long does it take?",
            r"\b2\.5\b|\b2 hours?,? (?:and )?30|\b150\b|2 and a half",
        ),
    ),
    (Question("Can a cat bark?", r"\b(no|not|can't|cannot|don't|meow)\b", r"^yes\b"),),
    # What it can't know.
    (Question("What's my name?", _NO, r"your name is (?!not)\w", call=""),),
    (
        Question("My name is Anna.", r"\b(anna|hello|hi|nice|meet|pleasure)\b"),
        Question("What is my name?", r"\banna\b"),
    ),
    (Question("What did I have for lunch?", _NO, r"\byou (?:had|ate) (?!for)"),),
    (Question("What is the weather like right now?", _NO, _WEATHER),),
    (Question("Who won the football game last night?", _NO, r"\b(won|beat|defeated) (?:the|by|with|\d)"),),
    # What it can't do.
    (Question("Remind me tomorrow morning to call the dentist.", _NO, _PROMISE),),
    (Question("Please call my mother.", _NO, _PROMISE),),
    (Question("Send an email to my boss.", _NO, _PROMISE),),
    (Question("Turn off the lights in the kitchen.", _NO, _PROMISE),),
    # What it is.
    (Question("What is your name?", r"\b<name>\b"),),
    (
        Question(
            "Is what I say sent to the internet?",
            r"\b(no|not|nothing|never|stays?|without internet|only|locally|don't|doesn't)\b",
            r"^yes\b",
        ),
    ),
)
