"""Sums that are told as a story."""

from __future__ import annotations

from local_agent.call.tools import calculator

SAID = {
    "I have twelve eggs and use five. How many are left?": "That is 7.",
    "If I have 50 dollars and spend 18, how much is left?": "That is 32 dollars.",
    "How many apples do I have left if I have 5 and eat 2?": "That is 3.",
    "I have 100 dollars and spend 20 on food and 30 on gas. How much do I have left?": "That is 50 dollars.",
    "I had 30 euros and bought a book for 12.50. What's left?": "That is 17.5 euros.",
    "We're six people and the bill is 150 euros. What does everyone pay?": "That is 25 euros each.",
    "If a recipe needs 200 grams of flour, how many ounces is that?": "200 grams is about 7.05 ounces.",
    "There were 30 people on the bus, 12 got off. How many are left?": "That is 18.",
    "A car travels 240 kilometers in 3 hours. How fast is it?": "That is 80 kilometers per hour.",
    "There are 12 birds on a tree and 5 fly away. How many remain?": "That is 7.",
    "There are 20 kids in the class and 4 more join. How many are there now?": "That is 24.",
    "Anna has 6 pencils. Tom gives her 3 more. How many does she have now?": "That is 9.",
    "I have 12 cookies and eat half. How many are left?": "That is 6.",
    "I have 3 cats and 2 dogs. How many pets do I have in total?": "That is 5.",
    "If one apple costs 40 cents, how much do 6 apples cost?": "That is 240 cents, or 2.40.",
    "How much do 7 tickets cost at 12 euros each?": "That is 84 euros.",
    "I bought 3 books for 12 dollars each. How much did I pay?": "That is 36 dollars.",
    "I have 4 boxes with 6 eggs each. How many eggs do I have?": "That is 24.",
    "I work 8 hours a day for 5 days. How many hours is that?": "That is 40.",
    "If I save 50 euros a month, how much do I have after a year?": "That is 600 euros.",
    "Split 90 dollars between 4 people.": "That is 22.5 dollars each.",
    "If 3 people split a bill of 75 dollars, how much does each pay?": "That is 25 dollars each.",
    "The bill is 120 dollars and we are 4 people. How much does each pay?": "That is 30 dollars each.",
    "A jacket costs 80 dollars and it's 30% off. What's the final price?": "That is 56 dollars.",
    "A lamp is 40 euros and half off. What do I pay?": "That is 20 euros.",
    "How much would a 15% tip be on $64?": "That is 9.6 dollars.",
    "My rent is 900 and goes up by 5 percent. What is the new rent?": "That is 945.",
    "I pay with a 20 dollar bill for something that costs 13.50. How much change do I get?": "That is 6.5 dollars.",
    "I drive 60 miles per hour for 3 hours. How far do I get?": "That is 180 miles.",
    "if i buy three coffees at two fifty each how much is that": "That is 7.5.",
    "I pay with a twenty and it costs thirteen forty. How much change do I get?": "That is 6.6.",
    "How long does it take to drive 150 kilometers at 50 kilometers per hour?": "That is 3 hours.",
    "What is the area of a room that is 5 by 4 meters?": "That is 20 square meters.",
    "What's the perimeter of a square with a side of 6?": "That is 24.",
}
NONE = (
    "A farmer has 17 sheep and all but 9 die. How many are left?",
    "I have 3 cats and 2 dogs. How many cats do I have?",
    "I have 5 apples, Tom has 3 apples. How many do I have?",
    "If a shirt costs 20 dollars and pants cost 30 dollars, how much are both?",
    "If 5 machines make 5 widgets in 5 minutes, how long do 100 machines need?",
    "I invested 1000 dollars at 5 percent interest for 3 years. How much do I have?",
    "There is a 30% chance of rain and it is 15 degrees outside, what should I wear?",
    "I got 20% off my 50 dollar shirt.",
    "I slept 5 hours and drank 3 coffees. How much is too much?",
    "I have 10 minutes and 2 tasks. What should I do first?",
    "How many legs do 2 dogs and a spider have?",
    "Can you split the bill?",
    "How many calories are in 2 eggs?",
)


def test_what_a_told_sum_comes_to() -> None:
    assert {text: calculator.answer(text) for text in SAID} == SAID


def test_a_story_with_more_in_it_than_a_sum_is_left_alone() -> None:
    assert {text: said for text in NONE if (said := calculator.answer(text)) is not None} == {}
