"""Timers, and the words that ask for them."""

from __future__ import annotations

import asyncio

import pytest

from local_agent.call.tools.timers import MOST, Timers, named, request, span, spoken
from tests.plugins.fakeengines import run

pytestmark = pytest.mark.usefixtures("virtual_time")

ASKED = {
    "Set a timer for five minutes.": ("set_timer", "5 minutes"),
    "start a ten-minute timer": ("set_timer", "10 minute"),
    "Timer for 90 seconds please": ("set_timer", "90 seconds"),
    "Timer, five minutes.": ("set_timer", "5 minutes"),
    "Can you set a timer for half an hour?": ("set_timer", "half an hour"),
    "Please set a timer for an hour and a half.": ("set_timer", "an hour and a half"),
    "put on a timer for 3 minutes for the eggs": ("set_timer", "3 minutes"),
    "make a timer that goes off in 5 minutes": ("set_timer", "5 minutes"),
    "Remind me in ten minutes to check the oven": ("set_timer", "10 minutes"),
    "wake me up in 20 minutes": ("set_timer", "20 minutes"),
    "Start a countdown for thirty seconds": ("set_timer", "30 seconds"),
    "Can you set a three minute egg timer?": ("set_timer", "3 minute"),
    "Start a five minute timer and call it pasta.": ("set_timer", "5 minute"),
    "Set a timer for pasta for 9 minutes.": ("set_timer", "9 minutes"),
    "Let me know in 10 minutes.": ("set_timer", "10 minutes"),
    "What's left on the timer?": ("list_timers", ""),
    "set a timer": ("set_timer", ""),
    "cancel the timer": ("cancel_timer", ""),
    "turn the timer off": ("cancel_timer", ""),
    "Stop my five minute timer": ("cancel_timer", "5 minute"),
    "cancel all timers": ("cancel_timer", ""),
    "How much time is left on the timer?": ("list_timers", ""),
    "How long does the timer have left?": ("list_timers", ""),
    "are there any timers running": ("list_timers", ""),
    "what timers are set": ("list_timers", ""),
    "Is my timer still running?": ("list_timers", ""),
    "How much time is left on it?": None,
    "remind me tomorrow": None,
    "count down from ten": None,
    "add five minutes to the timer": None,
    "what is a timer": None,
    "what is an egg timer": None,
    "a timer is a device": None,
    "set the table": None,
    "cancel my subscription": None,
    "cancel it": None,
    "set an alarm for 7 am": None,
    "How do I set a timer on my oven?": None,
    "Tell me in five words what love is": None,
    "five minutes": None,
    "": None,
}
AFTER_A_TIMER = {
    "Cancel it.": ("cancel_timer", ""),
    "Never mind": ("cancel_timer", ""),
    "How much time is left?": ("list_timers", ""),
    "How long is left?": ("list_timers", ""),
    "How long do I have left?": ("list_timers", ""),
    "How much time is left on it?": ("list_timers", ""),
    "And another one for ten minutes": ("set_timer", "10 minutes"),
    "Thank you": None,
}
SPANS = {
    "5 minutes": 300,
    "five minutes": 300,
    "an hour and a half": 5400,
    "2.5 hours": 9000,
    "an hour and 20 minutes": 4800,
    "half an hour": 1800,
    "a quarter of an hour": 900,
    "1 minute 30": 90,
    "90 seconds": 90,
    "5": 300,
    "two feet": None,
    "a while": None,
    "": None,
}


def test_words_that_ask_for_timers() -> None:
    assert {text: request(text) for text in ASKED} == ASKED


def test_words_that_ask_for_the_timer_that_was_just_talked_about() -> None:
    assert {text: request(text, "set_timer") for text in AFTER_A_TIMER} == AFTER_A_TIMER
    assert request("five minutes", "set_timer?") == ("set_timer", "5 minutes")


def test_durations() -> None:
    assert {text: span(text) for text in SPANS} == SPANS
    assert [spoken(seconds) for seconds in (1, 60, 90, 3661)] == [
        "1 second", "1 minute", "1 minute and 30 seconds", "1 hour, 1 minute and 1 second"
    ]  # fmt: skip
    assert (named(300), named(90)) == ("5-minute timer", "timer of 1 minute and 30 seconds")


class Rung:
    """Hears which timers are over."""

    def __init__(self) -> None:
        self.seconds: list[int] = []

    async def __call__(self, seconds: int) -> None:
        self.seconds.append(seconds)


def test_a_timer_rings_once_when_it_is_over() -> None:
    async def check() -> None:
        rung = Rung()
        timers = Timers(rung)
        assert timers.set("2 minutes") == "Okay, 2 minutes, starting now. I'll tell you if this call still lasts."
        assert timers.set("1 minute") == "Okay, 1 minute, starting now."
        await asyncio.sleep(61)
        assert rung.seconds == [60]
        assert timers.left() == "There are 59 seconds left."
        await asyncio.sleep(600)
        assert rung.seconds == [60, 120] and timers.left() == "No timer is running."

    run(check(), seconds=10_000)


def test_timers_are_listed_and_cancelled_one_by_one_or_all() -> None:
    async def check() -> None:
        rung = Rung()
        timers = Timers(rung)
        timers.set("10 minutes")
        timers.set("5 minutes")
        told = "2 timers are running: the 5-minute timer has 5 minutes left, the 10-minute timer has 10 minutes left."
        assert timers.left() == told
        assert timers.cancel("7 minutes") == "No such timer is running."
        assert timers.cancel("5 minute") == "Okay, the 5-minute timer is off."
        timers.set("5 minutes")
        assert timers.cancel() == "Okay, all timers are off." and timers.cancel() == "No timer is running."
        timers.set("5 minutes")
        timers.forget()
        await asyncio.sleep(3600)
        assert rung.seconds == []

    run(check(), seconds=10_000)


def test_what_no_timer_can_be_set_to() -> None:
    async def check() -> None:
        timers = Timers(Rung())
        assert timers.set("") == timers.set("a while") == "For how long?"
        assert timers.set("3 days") == timers.set("0 seconds") == "I can set timers from a second to a day."
        for _ in range(MOST):
            timers.set("1 minute")
        assert timers.set("1 minute") == f"{MOST} timers are running already."
        timers.forget()

    run(check(), seconds=10_000)
