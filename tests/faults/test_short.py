"""The short campaign: 500 reminders, ten killed workers, PostgreSQL killed once, the queue emptied."""

from __future__ import annotations

from .campaign import Campaign, Plan


def test_nothing_is_lost_and_nothing_is_said_twice():
    plan = Plan(
        reminders=500,
        worker_kills=10,
        database_kills=1,
        flushes=2,
        workers=2,
        move_the_clock=False,
        patience=180,
    )
    count = Campaign(plan, say=lambda line: None).run()
    report = "\n".join(count.lines())
    assert count.notices == 500, report
    assert (count.lost, count.twice, count.unfinished) == (0, 0, 0), report
