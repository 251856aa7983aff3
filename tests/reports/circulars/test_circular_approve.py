"""Approving a circular: another person reads it, and what was read goes out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from platform_site.casework.queries import todo
from platform_site.problems import NotAllowed, Stale
from reports import services
from reports.models import Circular
from reports.queries import circulars as queries

from .conftest import SILENT, groups, text_of

pytestmark = pytest.mark.django_db


class TestApproval:
    def test_the_drafter_does_not_approve(self, about, national_officer):
        circular = about()
        with pytest.raises(NotAllowed) as refused:
            services.approve_circular(circular, by=national_officer, version=circular.version)
        assert refused.value.code == "own_circular"
        with pytest.raises(IntegrityError), transaction.atomic():
            Circular.objects.filter(pk=circular.pk).update(
                state="approved", content={}, approved_by=national_officer
            )

    def test_what_was_approved_goes_out_whatever_happens_afterwards(
        self, approved, at, submit, national_officer
    ):
        circular = approved()
        told = queries.shown_content(circular)
        at(29)
        submit(SILENT)
        circular = services.issue_circular(circular, by=national_officer, version=circular.version)
        assert queries.shown_content(circular) == told
        assert groups(circular)[SILENT] == "silent"

    def test_today_is_told_with_its_hour_and_a_past_day_without(self, approved):
        assert queries.shown_content(approved())["moment"] == "2026-09-28T10:00:00+08:00"
        assert "截至2026年9月28日10:00" in text_of(approved())
        past = approved(as_of=dt.date(2026, 9, 27))
        assert queries.shown_content(past)["moment"] is None
        assert "截至2026年9月27日，" in text_of(past)

    def test_it_holds_for_what_was_read(self, about, submit, national_leader):
        circular = about()
        read = queries.digest_of(queries.shown_content(circular))
        submit(SILENT)
        with pytest.raises(Stale) as refused:
            services.approve_circular(
                circular, by=national_leader, version=circular.version, digest=read
            )
        assert refused.value.code == "circular_moved"
        circular.refresh_from_db()
        assert (circular.state, circular.content) == ("draft", None)
        read = queries.digest_of(queries.shown_content(circular))
        services.approve_circular(
            circular, by=national_leader, version=circular.version, digest=read
        )

    def test_sent_back_it_is_read_anew_and_needs_another_approval(
        self, approved, submit, national_leader, second_national_officer
    ):
        circular = approved()
        circular = services.send_back_circular(
            circular, by=national_leader, version=circular.version, note="请核对"
        )
        assert (circular.state, circular.content, circular.approved_by) == ("draft", None, None)
        submit(SILENT)
        assert groups(circular)[SILENT] == "late"
        rules = set(todo(second_national_officer).values_list("rule_code", flat=True))
        assert "reports.approve_circular" in rules

    def test_the_duties_of_approving_and_issuing(
        self, about, national_officer, national_leader, second_national_officer
    ):
        def waits(person) -> set[str]:
            found = todo(person).filter(rule_code__contains="circular")
            return set(found.values_list("rule_code", flat=True))

        circular = about()
        assert waits(national_officer) == set()
        assert waits(national_leader) == {"reports.approve_circular"}
        circular = services.approve_circular(circular, by=national_leader, version=circular.version)
        assert waits(national_leader) == set()
        assert waits(second_national_officer) == {"reports.issue_circular"}
        services.issue_circular(circular, by=national_officer, version=circular.version)
        assert waits(second_national_officer) == set()
