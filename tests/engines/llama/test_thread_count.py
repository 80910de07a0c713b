"""How many threads a step gets."""

from __future__ import annotations

from local_agent.engines.llama.thread_count import PROMPT, READING, TRY_EVERY, ThreadCountTuner


def taught(alone: float, together: float, most: int = 2) -> ThreadCountTuner:
    """A crew that has seen how long one token takes with one thread and with `most`."""
    crew = ThreadCountTuner(most)
    for _ in range(20):
        crew.learn(1, 1, alone)
        crew.learn(most, 1, together)
    return crew


def test_one_core_is_one_thread() -> None:
    assert {ThreadCountTuner(1).size(rows, urgent=urgent) for rows in (1, 100) for urgent in (True, False)} == {1}


def test_all_cores_until_something_is_known() -> None:
    assert ThreadCountTuner(4).size(1, urgent=True) == 4


def test_what_was_faster_is_used_for_words() -> None:
    for crew, best in ((taught(15, 10), 2), (taught(15, 30), 1)):
        assert [crew.size(1, urgent=True) for _ in range(50)] == [best] * 50
        assert crew.size(PROMPT, urgent=True) == 2, "a prompt is read by all"


def test_reading_a_few_words_is_learned_apart_from_writing() -> None:
    crew = taught(10, 15)
    for rows in (READING, 12, PROMPT - 1) * 10:
        crew.learn(1, rows, 8.0 * rows)
        crew.learn(2, rows, 5.0 * rows)
    assert crew.size(1, urgent=True) == 1
    assert crew.size(12, urgent=True) == 2
    for rows in (READING, 12, PROMPT - 1) * 10:
        crew.learn(2, rows, 12.0 * rows)
    assert crew.size(12, urgent=True) == 1


def test_the_other_choice_is_tried_where_nobody_waits() -> None:
    crew = taught(15, 30)
    sizes = [crew.size(1, urgent=False) for _ in range(10 * TRY_EVERY)]
    assert sizes.count(2) == 10


def test_a_busy_moment_is_forgotten() -> None:
    crew = taught(15, 60)
    for _ in range(12):
        crew.learn(2, 1, 10)
    assert crew.size(1, urgent=True) == 2


def test_long_prompts_teach_nothing() -> None:
    crew = taught(15, 10)
    crew.learn(2, PROMPT, 1000)
    assert crew.size(1, urgent=True) == crew.size(PROMPT, urgent=True) == 2


def test_it_knows_what_a_word_in_company_takes() -> None:
    crew = ThreadCountTuner(2)
    assert crew.row_seconds == 0.0
    crew.learn(1, 1, 0.03)
    assert crew.row_seconds == 0.0, "writing tells nothing of reading"
    crew.learn(1, 10, 0.2)
    crew.learn(2, 10, 0.1)
    assert crew.row_seconds == 0.01
