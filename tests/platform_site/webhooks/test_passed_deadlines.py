"""A deadline that passes is told once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now

from platform_site.obligations.models import Obligation
from platform_site.obligations.services import extend, tell_passed_deadlines, waive
from platform_site.webhooks import services
from platform_site.webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db


class TestPassedDeadlines:
    @pytest.fixture
    def after(self, the_day):
        def go(day: int) -> None:
            the_day.move_to(dt.datetime(2026, 10, day, 2, 0, tzinfo=dt.UTC))

        return go

    def events(self) -> list[str]:
        found = WebhookEvent.objects.filter(kind="obligation.deadline_passed")
        return sorted(found.values_list("subject_id", flat=True))

    def test_once_each_however_often_beat_rings(self, obligation, after):
        after(15)
        tell_passed_deadlines()
        assert self.events() == [], "the due date itself is in time"
        after(16)
        for _ring in range(3):
            tell_passed_deadlines()
        after(20)
        tell_passed_deadlines()
        both = Obligation.objects.filter(round=obligation.round).values_list("pk", flat=True)
        assert self.events() == sorted(map(str, both))

    def test_not_of_what_was_filed_waived_or_cancelled(
        self, obligation, after, national_officer, submitted_report
    ):
        other = Obligation.objects.exclude(pk=obligation.pk).get()
        waive(other, by=national_officer, version=other.version, reason="机构改革")
        after(16)
        assert tell_passed_deadlines() == 0

    def test_an_extension_is_a_new_limit(self, obligation, after, national_officer):
        after(16)
        tell_passed_deadlines()
        obligation.refresh_from_db()
        extend(
            obligation,
            by=national_officer,
            version=obligation.version,
            due_on=dt.date(2026, 10, 20),
            reason="台风",
        )
        tell_passed_deadlines()
        assert self.events().count(str(obligation.pk)) == 1
        after(21)
        tell_passed_deadlines()
        assert self.events().count(str(obligation.pk)) == 2

    def test_a_beat_that_was_away_for_a_month_and_a_log_that_was_swept(
        self, obligation, after, the_day
    ):
        after(30)
        tell_passed_deadlines()
        assert len(self.events()) == 2
        WebhookEvent.objects.update(written_at=Now() - dt.timedelta(days=32))
        services.sweep_old()
        assert self.events() == []
        # Written on 30 October at the earliest, gone 31 days later: by then nobody looks back so far.
        the_day.move_to(dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC))
        assert tell_passed_deadlines() == 0

    def test_a_set_costs_what_one_costs(
        self, obligation, after, django_assert_max_num_queries, django_assert_num_queries
    ):
        after(16)
        with django_assert_max_num_queries(6):
            tell_passed_deadlines()
        with django_assert_num_queries(1):
            tell_passed_deadlines()
