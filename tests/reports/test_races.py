"""Two at once: one filing, one notice issued, one order of things."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from platform_site.obligations.models import Obligation
from platform_site.problems import Refused
from reports import services
from reports.models import Notice, Report

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts) -> list[str]:
    """Run the acts from one start; returns "done" or the code of the refusal of each."""
    start = Barrier(len(acts))

    def run(act) -> str:
        start.wait()
        try:
            act()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_a_report_submitted_by_two_at_once_is_filed_once(
    ready_report, guangdong_officer, guangdong_head
):
    answers = at_once(
        [
            lambda by=by: services.submit_report(
                Report.objects.get(pk=ready_report.pk), by=by, version=ready_report.version
            )
            for by in (guangdong_officer, guangdong_head)
        ]
    )
    assert answers == ["done", "step_not_open"]
    assert ready_report.versions.count() == 1


def test_accepted_and_returned_at_once_has_one_outcome(
    submitted_report, national_officer, national_leader
):
    version = submitted_report.version
    answers = at_once(
        [
            lambda: services.accept_report(
                Report.objects.get(pk=submitted_report.pk), by=national_officer, version=version
            ),
            lambda: services.return_report(
                Report.objects.get(pk=submitted_report.pk),
                by=national_leader,
                version=version,
                note="请修改。",
            ),
        ]
    )
    assert answers == ["done", "step_not_open"]


def test_a_notice_issued_by_two_at_once_goes_out_once(
    the_day, draft, national_leader, national_officer, second_national_officer
):
    notice = draft()
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    answers = at_once(
        [
            lambda by=by: services.issue_notice(
                Notice.objects.get(pk=notice.pk), by=by, version=notice.version
            )
            for by in (national_officer, second_national_officer)
        ]
    )
    assert answers == ["done", "step_not_open"]
    assert Obligation.objects.filter(round__request=notice.pk).count() == 2


def test_two_who_begin_a_report_at_once_meet_the_same(
    signed_obligation, guangdong_officer, guangdong_head
):
    answers = at_once(
        [
            lambda by=by: services.start_report(
                Obligation.objects.get(pk=signed_obligation.pk), by=by
            )
            for by in (guangdong_officer, guangdong_head)
        ]
    )
    assert answers == ["done", "done"]
    assert Report.objects.count() == 1
