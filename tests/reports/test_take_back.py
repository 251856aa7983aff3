"""What was passed down is taken back, or ends with what is above it."""

from __future__ import annotations

import datetime as dt

import pytest

from platform_site.casework.models import Duty
from platform_site.casework.queries import todo
from platform_site.notifications.models import PortalNotice
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from reports import services
from tests.answers import GOOD_ANSWERS
from tests.cascade import begin, child, federations, pass_down


class TestTakingBack:
    def test_with_a_reason_and_told(self, passed, guangdong_officer, officers):
        owed = child(passed, "440300")
        with pytest.raises(Invalid):
            services.take_back(owed, by=guangdong_officer, version=owed.version, reason=" ")
        owed = services.take_back(
            owed, by=guangdong_officer, version=owed.version, reason="该市不列入。"
        )
        assert owed.state == "cancelled"
        assert not todo(officers["440300"]).exists()
        told = PortalNotice.objects.get(
            user=officers["440300"], event="reports/obligation_taken_back"
        )
        assert "该市不列入。" in told.body

    def test_what_was_filed_is_never_taken_back(self, two_filed, guangdong_officer):
        owed = child(two_filed, "440300")
        with pytest.raises(StepNotOpen) as refused:
            services.take_back(owed, by=guangdong_officer, version=owed.version, reason="撤")
        assert refused.value.code == "filed_already"
        assert "深圳" in str(refused.value.message)

    def test_not_the_centres_own_and_by_nobody_else(
        self, passed, guangdong_officer, officers, national_officer
    ):
        own = Obligation.objects.get(pk=passed.pk)
        owed = child(passed, "440300")
        for target, by in (
            (own, guangdong_officer),
            (own, national_officer),
            (owed, national_officer),
            (owed, officers["440300"]),
        ):
            with pytest.raises(NotAllowed):
                services.take_back(target, by=by, version=target.version, reason="撤")

    def test_a_report_begun_before_cannot_be_submitted_and_can_be_asked_for_again(
        self, passed, guangdong_officer, officers
    ):
        report = begin(child(passed, "440300"), officers["440300"])
        owed = child(passed, "440300")
        services.take_back(owed, by=guangdong_officer, version=owed.version, reason="撤")
        report = services.save_report(
            report,
            by=officers["440300"],
            version=report.version,
            answers=GOOD_ANSWERS,
            strict=True,
        ).report
        report = services.sign_off_report(
            report,
            by=officers["440300"],
            version=report.version,
            name="某某",
            on=dt.date(2026, 9, 14),
        )
        with pytest.raises(StepNotOpen):
            services.submit_report(report, by=officers["440300"], version=report.version)
        services.pass_further(
            passed, by=guangdong_officer, version=passed.version, recipients=federations("440300")
        )
        assert child(passed, "440300").cancelled_at is None
        assert [duty.rule_code for duty in todo(officers["440300"])] == ["reports.file_report"]
        services.submit_report(report, by=officers["440300"], version=report.version)

    def test_what_ends_above_ends_below(
        self, two_filed, officers, national_officer, guangdong_officer
    ):
        lower = child(two_filed, "440600")
        begin(lower, officers["440600"])
        lower.refresh_from_db()
        pass_down(
            lower, officers["440600"], recipients=federations("440604"), due_on=dt.date(2026, 9, 30)
        )
        own = Obligation.objects.get(pk=two_filed.pk)
        services.waive_obligation(own, by=national_officer, version=own.version, reason="受灾")
        states = dict(
            Obligation.objects.exclude(parent=None).values_list("federation__code", "cancelled_at")
        )
        assert states["440100"] is None  # accepted: it stays
        assert all(states[code] for code in ("440300", "440600", "440604"))
        assert not todo(officers["440600"]).exists()
        assert not Duty.objects.open().filter(rule_code="reports.review").exists()

    def test_withdrawing_the_notice_ends_all_of_it(
        self, passed, officers, issued_notice, national_officer
    ):
        issued_notice.refresh_from_db()
        services.withdraw_notice(
            issued_notice, by=national_officer, version=issued_notice.version, note="有误"
        )
        assert not Obligation.objects.filter(parent=passed.pk, cancelled_at=None).exists()
        assert not todo(officers["440100"]).exists()
