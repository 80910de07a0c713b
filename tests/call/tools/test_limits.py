"""Requests for what nobody here can do or know, and what only sounds like one."""

from __future__ import annotations

from local_agent.call.tools import limits

CANT = (
    "Remind me tomorrow morning to call the dentist.",
    "Don't let me forget to water the plants tonight.",
    "Make a note that the plumber comes on Friday.",
    "Put milk and eggs on my shopping list.",
    "Can you wake me at seven?",
    "Please call my mother.",
    "Call John.",
    "Could you give my brother a call?",
    "Remember to wake me at eight.",
    "Get me an appointment at the hairdresser.",
    "Order flowers for my mum.",
    "Switch the TV to channel five.",
    "Could you text my husband that I'm running late?",
    "Send an email to my boss.",
    "Let Sarah know that dinner is ready.",
    "Book a table for two tonight.",
    "Order some more dog food.",
    "Get me a taxi to the airport.",
    "Pay my electricity bill.",
    "Make me a cup of tea.",
    "Take out the rubbish, please.",
    "Could you feed the cat while I'm out?",
    "Pick up my dry cleaning on the way.",
    "Play some jazz.",
    "Turn off the lights in the kitchen.",
    "Turn the heating up to 21 degrees.",
    "Lock the front door, please.",
    "Read me my new emails.",
    "Can you look that up online?",
)
UNKNOWN = (
    "What is the weather like right now?",
    "Will it rain tomorrow?",
    "Do I need an umbrella today?",
    "What's in the news?",
    "Who won the football game last night?",
    "What's the price of Bitcoin?",
    "How much is a pound in dollars?",
    "How many euros are 20 dollars?",
    "How much is a barrel of oil right now?",
    "When does the next bus leave?",
    "What's the forecast for Saturday?",
    "Is the pharmacy on Main Street open now?",
    "Is the library open?",
)
UNSEEN = (
    "What's my name?",
    "How old am I?",
    "Where am I right now?",
    "What am I wearing?",
    "Who is in the room with me?",
    "Am I happy or sad?",
    "What did I have for lunch?",
    "Do I have any appointments tomorrow?",
    "Did my package arrive?",
)
NEITHER = (
    "Call me Anna.",
    "Play a game with me.",
    "Let me know what you think.",
    "Tell me a joke.",
    "Make me laugh.",
    "Pick up where we left off.",
    "Is the door open?",
    "Make a list of fruits.",
    "Write a poem about rain.",
    "Remind me who wrote Hamlet.",
    "Remind me again why we do this.",
    "What is the weather like in Norway in winter?",
    "How hot is the sun?",
    "How hot is it on Venus?",
    "How hot is it in an oven for pizza?",
    "Will it rain in the Amazon in the rainy season?",
    "How much does a baby weigh at birth these days?",
    "What is the value of pi?",
    "Who won the world cup in 2014?",
    "Order these numbers by size.",
    "Can you recommend a book?",
    "How do I book a flight?",
    "Should I call my mother?",
    "Give mom a call is what I should do.",
    "Turn off the lights in French.",
    "Buy me some time.",
    "Find the doctor in the story.",
    "Get a table of contents.",
    "Make the room look bigger, how?",
    "I called my mother yesterday.",
    "I want to buy a car.",
    "What happened in 1945?",
    "How do I feel better?",
    "Am I late to the party with this phone?",
    "Am I happy because I'm rich?",
    "What am I doing wrong?",
    "What am I thinking of, it's green and croaks?",
    "Is my dog sick if he eats grass?",
    "Is my son allowed to drive at sixteen?",
    "How many people are in Germany?",
    "Read me a story.",
    "Is the sky blue?",
    "Set a timer for five minutes.",
    "Where are you from?",
)


def test_who_can_do_or_know_nothing_says_so() -> None:
    wanted = (
        dict.fromkeys(CANT, limits.CANT)
        | dict.fromkeys(UNKNOWN, limits.UNKNOWN)
        | dict.fromkeys(UNSEEN, limits.UNSEEN)
        | dict.fromkeys(NEITHER)
    )
    assert {text: limits.answer(text) for text in wanted} == wanted
    assert not any(limits.answer(text, earlier=["Hello, I'm Anna."]) for text in UNSEEN), "they may have told"
    assert all(limits.answer(text, earlier=["Who wrote Faust?"]) for text in UNSEEN)
