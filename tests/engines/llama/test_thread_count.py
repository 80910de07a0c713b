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


def read(crew: ThreadCountTuner, seconds: float, *, step: float, row: float, writes: bool = True) -> int:
    """Rows of the fortieth step of a machine on which a step takes `step` and `row` for each of its rows, where
    each may take `seconds`.
    """
    rows = 32
    for _ in range(40):
        if writes:
            crew.learn(2, 1, step + row)
        rows = min(max(crew.rows_within(seconds), 4), 128) if crew.rows_within(seconds) else rows
        crew.learn(2, rows, step + row * rows)
    return rows


def test_a_prompt_is_read_in_steps_of_the_time_that_is_given() -> None:
    assert ThreadCountTuner(2).rows_within(1.0) == 0, "nothing is known"
    crew = ThreadCountTuner(2)
    crew.learn(1, 1, 0.03)
    assert crew.rows_within(1.0) == 0, "writing tells nothing of reading"
    assert 9 <= read(ThreadCountTuner(2), 0.12, step=0.0, row=0.011) <= 11, "a machine without waits"
    assert 10 <= read(ThreadCountTuner(2), 0.12, step=0.05, row=0.006) <= 12, "1.5B on two idle cores"


def test_where_every_step_is_slow_a_prompt_is_read_in_large_ones() -> None:
    """A machine with other work: four tokens take hardly less than thirty, and a prompt of 333 tokens once 46 s."""
    assert read(ThreadCountTuner(2), 0.12, step=0.5, row=0.012) >= 32
    assert read(ThreadCountTuner(2), 1.0, step=0.5, row=0.012) >= 40
    assert read(ThreadCountTuner(2), 0.12, step=0.5, row=0.012, writes=False) >= 32, "before the first token, too"
    crew = ThreadCountTuner(2)
    for _ in range(20):
        crew.learn(2, 4, 0.55)
    assert crew.rows_within(0.12) == 0, "a few tokens do not tell what more of them take"
    assert read(crew, 0.12, step=0.5, row=0.012) >= 32, "it grows again"
