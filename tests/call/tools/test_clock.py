"""Questions about time and dates, on a Monday afternoon in Berlin."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from local_agent.call.tools import clock, days

NOW = dt.datetime(2026, 11, 30, 14, 35, tzinfo=ZoneInfo("Europe/Berlin"))
SAID = {
    "What time is it?": "It is 2:35 PM.",
    "Can you tell me the time, please?": "It is 2:35 PM.",
    "Tell me what time it is.": "It is 2:35 PM.",
    "what time is it in Tokyo": "In Tokyo it is 10:35 PM.",
    "What's the time in New York right now?": "In New York it is 8:35 AM.",
    "What time is it now in San Francisco?": "In San Francisco it is 5:35 AM.",
    "what time is it in Japan": "In Japan it is 10:35 PM.",
    "what time is it in the United States": "The United States has several time zones. Which city do you mean?",
    "what time is it in Middle Earth": "I don't know the time zone of Middle Earth.",
    "What time is it in Auckland?": "In Auckland it is 2:35 AM on Tuesday.",
    "What's the date today?": "It is Monday, November 30, 2026.",
    "What day of the week is it today?": "It is Monday, November 30, 2026.",
    "what year is it": "It is 2026.",
    "What month is it?": "It is November.",
    "What day of the week was July 4th, 1976?": "That was Sunday, July 4, 1976.",
    "On what day does Christmas fall?": "Christmas is Friday, December 25.",
    "When is Thanksgiving next year?": "Thanksgiving next year is Thursday, November 25, 2027.",
    "when is easter": "Easter is Sunday, March 28, 2027.",
    "what day is tomorrow": "Tomorrow is Tuesday, December 1.",
    "What is the date in two weeks?": "In 2 weeks it is Monday, December 14.",
    "what's 3 days from now": "That is Thursday, December 3.",
    "How many days until Christmas?": "It is 25 days until Christmas.",
    "how long until Friday": "It is 4 days until Friday.",
    "How many weeks until Easter?": "It is 16 weeks and 6 days until Easter.",
    "how many days between March 1 and April 15": "There are 45 days between them.",
    "how many days are left in the year?": "There are 31 days left in this year.",
    "how many days does february have in a leap year": "In a leap year, February has 29 days.",
    "how many days are in February": "February has 28 days, and 29 in a leap year.",
    "how many days does February 2028 have": "February has 29 days.",
    "is 2028 a leap year": "Yes, 2028 is a leap year.",
    "How many days in a leap year?": "A leap year has 366 days.",
    "What day will July 4th be next year?": "That is Sunday, July 4, 2027.",
    "What year was it ten years ago?": "It was 2016.",
    "What time is it in Paris, France?": "In Paris, France it is 2:35 PM.",
    "What time is it on the west coast?": "On the West Coast it is 5:35 AM.",
    "how long until 5 pm": "It is 2 hours and 25 minutes until 5:00 PM.",
    "how many hours until midnight": "It is 9 hours and 25 minutes until midnight.",
    "what time will it be in 90 minutes": "It will be 4:05 PM.",
    "What's the time difference between London and Tokyo?": "London is 9 hours behind Tokyo.",
    "how many hours ahead is Sydney": "Sydney is 10 hours ahead of us.",
    "What was yesterday's date?": "Yesterday was Sunday, November 29.",
    "How many days till my birthday on March 3rd?": "It is 93 days until your birthday on March 3rd.",
    "What day is the 24th?": "The 24th is Thursday, December 24.",
    "How many weeks are left in this year?": "There are 4 weeks and 3 days left in this year.",
    "How many days until the weekend?": "It is 5 days until the weekend.",
    "How many days until June?": "It is 183 days until June.",
    "Is it morning or afternoon?": "It is 2:35 PM, in the afternoon.",
    "What time is it in two hours?": "It will be 4:35 PM.",
    "How many hours are between 9 am and 5 pm?": "That is 8 hours.",
    "How long is it from 9:30 to 11:15?": "That is 1 hour and 45 minutes.",
    "If I go to bed at 11 pm and get up at 7 am, how many hours do I sleep?": "That is 8 hours.",
    "If I sleep from 11 to 6:30, how long is that?": "That is 7 hours and 30 minutes.",
    "What time is 20 minutes before 6?": "That is 5:40.",
    "A movie starts at 8 pm and lasts 95 minutes. When does it end?": "That is 9:35 PM.",
    "If a movie starts at 7:30 and lasts two hours, when does it end?": "That is 9:30.",
    "What is 17:30 in 12 hour time?": "That is 5:30 PM.",
    "What's 8 pm in 24 hour time?": "That is 20:00.",
    "If it's 3 pm in New York, what time is it in London?": "Then it is 8:00 PM in London.",
    "When it's 8 pm in London, what time is it in Tokyo?": "Then it is 5:00 AM in Tokyo the next day.",
    "If today is Tuesday, what day was it three days ago?": "That is Saturday.",
    "If yesterday was Friday, what day is tomorrow?": "That is Sunday.",
    "What's 3 days after Friday?": "That is Monday.",
    "What day comes before Monday?": "Sunday comes before Monday.",
    "What month comes after December?": "January comes after December.",
    "What is the eighth month of the year?": "The eighth month is August.",
    "Is it Friday today?": "No, today is Monday.",
    "Is tomorrow a weekday?": "Yes, tomorrow is Tuesday.",
    "What week of the year is it?": "It is week 49.",
    "Was 1900 a leap year?": "No, 1900 was not a leap year.",
    "When is the next leap year?": "The next leap year is 2028.",
    "If I was born in 1985, how old am I?": "That makes 41 years, or 40 before the birthday.",
    "How long ago was 1989?": "That was 37 years ago.",
    "What day was Halloween this year?": "Halloween this year was Saturday, October 31.",
    "I was born on March 3rd, 1992. What day was that?": "That was Tuesday, March 3, 1992.",
    "How old am I if I was born on June 1st, 1990?": "That makes 36 years.",
    "How many months are there between January and June?": "From January to June it is 5 months.",
    "How many months have 31 days?": "7 months have 31 days.",
    "What century are we in?": "We are in the 21st century.",
    "How many days did February have in 2024?": "February 2024 has 29 days.",
    "What's the time difference to New York?": "New York is 6 hours behind us.",
    "What's the time difference between here and Tokyo?": "Tokyo is 8 hours ahead of us.",
    "What is the time zone of Berlin?": "Berlin is 1 hour ahead of UTC.",
    "If I leave at 8:15 and drive for 50 minutes, when do I arrive?": "That is 9:05.",
    "How many minutes until quarter past three?": "It is 40 minutes until 3:15 PM.",
    "It's quarter to nine. What time is it in half an hour?": "That is 9:15.",
    "What time do I have to leave to arrive at 9 if it takes 40 minutes?": "That is 8:20.",
    "How long is it from March 10 to April 2?": "There are 23 days between them.",
    "What time is it in Singapore at the moment?": "In Singapore it is 9:35 PM.",
    "How many days are there in July and August together?": "July and August have 62 days together.",
    "It's 10 am in Los Angeles. What time is it in Paris?": "Then it is 7:00 PM in Paris.",
    "In how many days is New Year's Eve?": "It is 31 days until New Year's Eve.",
    "In 90 minutes, what time will it be?": "It will be 4:05 PM.",
    "How much time until 8 pm?": "It is 5 hours and 25 minutes until 8:00 PM.",
}
NONE = (
    "what time is lunch",
    "what is time",
    "what time is it in the story of Cinderella when she leaves",
    "my flight leaves at 7 and I need 2 hours to pack, what do I do",
    "if a train leaves at 3 and another at 5, which is first",
    "how old am I",
    "how old is the universe",
    "is it a good day",
    "what day is garbage day",
    "when is my birthday",
    "when is the next train",
    "when was the moon landing",
    "how many days in a week",
    "how many days until my birthday",
    "what is the time complexity of sorting",
    "have a nice time",
    "what is february",
    "is it morning",
    "when was July 32",
    "how many days until the year 99999999",
    "what is the date in 99999999999 years",
    "",
)
RESUMED = {
    ("How many days until Christmas?", "How many weeks is that?"): "It is 3 weeks and 4 days until Christmas.",
    ("How many days until Christmas?", "What day of the week is that?"): "Christmas is Friday, December 25.",
    ("What time is it?", "What about in two hours?"): "It will be 4:35 PM.",
    ("What time will it be in 45 minutes?", "And in 90 minutes?"): "It will be 4:05 PM.",
    ("Is 2028 a leap year?", "And 2030?"): "No, 2030 is not a leap year.",
    ("What day of the week was July 20th, 1969?", "And July 21st?"): "That was Monday, July 21, 1969.",
    ("What month comes after March?", "And after that?"): "May comes after April.",
    ("what time is it in tokyo", "And in London?"): "In London it is 1:35 PM.",
    ("how many days until christmas", "And until Easter?"): "It is 118 days until Easter.",
    ("what day is christmas", "What about New Year's Eve?"): "New Year's Eve is Thursday, December 31.",
    ("what time is it in tokyo", "and the population?"): None,
    ("what time is it", "Nice."): None,
}


def test_what_is_said_to_a_question_about_time() -> None:
    assert {text: clock.answer(text, NOW) for text in SAID} == SAID


def test_what_is_no_question_about_time_is_left_alone() -> None:
    assert {text: said for text in NONE if (said := clock.answer(text, NOW)) is not None} == {}


def test_a_question_goes_on_from_the_one_before() -> None:
    found = {}
    for before, text in RESUMED:
        question = clock.resumed(text, before)
        found[before, text] = question and clock.answer(question, NOW)
    assert found == RESUMED


def test_easter_falls_where_the_almanacs_have_it() -> None:
    known = {1999: (4, 4), 2000: (4, 23), 2008: (3, 23), 2024: (3, 31), 2025: (4, 20), 2038: (4, 25)}
    assert {year: days.easter(year) for year in known} == {year: dt.date(year, *day) for year, day in known.items()}


def test_a_day_that_is_not_in_every_year_is_the_next_one_there_is() -> None:
    assert days.day("february 29", dt.date(2026, 3, 1)) == dt.date(2028, 2, 29)
    assert days.day("february 29 2026", dt.date(2026, 3, 1)) is None
