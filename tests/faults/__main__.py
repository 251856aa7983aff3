"""``make faults``: the long campaign, with its figures."""

from __future__ import annotations

import argparse
import sys

from .campaign import FAKETIME, Campaign, Plan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reminders", type=int, default=Plan.reminders)
    parser.add_argument("--kills", type=int, default=Plan.worker_kills)
    parser.add_argument("--without-clock", action="store_true", help="do not move the clock")
    given = parser.parse_args()
    if not (FAKETIME or given.without_clock):
        print(
            "The servers' clock is moved by faketime. Run: apt-get install faketime"
            "\n(or leave the clock alone: make faults ARGS=--without-clock)",
            file=sys.stderr,
        )
        return 1
    plan = Plan(
        reminders=given.reminders,
        worker_kills=given.kills,
        move_the_clock=not given.without_clock,
    )
    count = Campaign(plan).run()
    print(*count.lines(), sep="\n")
    whole = count.lost == 0 and count.twice == 0 and count.unfinished == 0
    return 0 if whole and count.notices == plan.reminders else 1


if __name__ == "__main__":
    sys.exit(main())
