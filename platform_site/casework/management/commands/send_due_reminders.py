"""What beat does every minute, by hand; or, with ``--dry-run``, what it would do and why."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from platform_site.accounts.models import User
from platform_site.casework.models import Duty, ReminderRule, Rung
from platform_site.casework.services.reminders import due_now, remind


class Command(BaseCommand):
    help = "Record and write the reminders that are due; --dry-run prints to whom, what and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--at", help="as if it were this time (2026-11-24T10:00)")

    def handle(self, *args: Any, dry_run: bool, at: str | None, **options: Any) -> None:
        moment = parse_datetime(at) if at else None
        if at and moment is None:
            self.stderr.write("--at wants a time such as 2026-11-24T10:00")
            return
        if moment is not None and is_naive(moment):
            moment = make_aware(moment)
        if not dry_run:
            recorded, written = remind(at=moment)
            self.stdout.write(f"{recorded} recorded, {written} written.")
            return
        found = due_now(at=moment)
        duties = Duty.objects.select_related("federation").in_bulk({each.duty for each in found})
        rules = ReminderRule.objects.in_bulk({each.rule for each in found})
        people = User.objects.in_bulk({each.user for each in found})
        with translation.override("zh-hans"):
            for each in found:
                duty, rule, person = duties[each.duty], rules[each.rule], people[each.user]
                climbed = (
                    f" (nobody in post on rung {Rung(each.rung).label})"
                    if each.reached != each.rung
                    else ""
                )
                self.stdout.write(
                    f"{each.day} {each.channel:6} {person.username} {person.masked_email}"
                    f" | {duty.federation} | {duty.rule.label}: {duty.title} (due {duty.due_on})"
                    f" | rule {rule.days:+d} working days, {Rung(each.reached).label}{climbed}"
                )
        self.stdout.write(f"{len(found)} reminders are due now; nothing was written.")
