"""Issuing a notice: one frozen obligation for each recipient, once, or a reason why not."""

import datetime as dt

import pytest

from platform_site.casework.models import Duty
from platform_site.casework.queries import todo
from platform_site.federations.models import Federation
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, StepNotOpen
from reports import services
from reports.models import Notice

pytestmark = pytest.mark.django_db


def test_each_recipient_gets_one_obligation_with_frozen_dates(issued_notice):
    owed = Obligation.objects.filter(round__request=issued_notice.pk)
    assert sorted(owed.values_list("federation__code", flat=True)) == ["430000", "440000"]
    assert set(owed.values_list("due_on", "on_time_until")) == {
        (dt.date(2026, 10, 15), dt.date(2026, 10, 15))
    }
    issued_notice.round.due_on = dt.date(2027, 1, 1)
    issued_notice.round.on_time_until = dt.date(2027, 1, 1)
    issued_notice.round.save()
    assert set(owed.values_list("due_on", flat=True)) == {dt.date(2026, 10, 15)}


def test_the_default_recipients_are_the_32(the_day, draft):
    notice = draft(recipients=None)
    codes = notice.request.addressees.values_list("federation__code", flat=True)
    assert len(codes) == 32
    assert "XPCC" in codes
    assert not any(code.startswith("IU") for code in codes)


def test_it_is_first_on_the_liaison_officers_list(issued_notice, guangdong_officer, hunan_officer):
    [duty] = todo(guangdong_officer)
    assert duty.title == issued_notice.title
    assert str(duty.rule.label) in {"Sign for the notice", "签收通知"}
    # Internal standard: one working day from 14 September 2026.
    assert duty.due_on == dt.date(2026, 9, 15)
    assert todo(hunan_officer).count() == 1


def test_its_officers_are_told_in_the_portal_and_by_mail(guangdong_officer, auditor, issued_notice):
    assert PortalNotice.objects.filter(user=guangdong_officer).count() == 1
    mail = Delivery.objects.get(user=guangdong_officer)
    assert issued_notice.title in mail.subject
    assert "2026年10月15日" in mail.body
    assert not PortalNotice.objects.filter(user=auditor).exists()


def test_issued_twice_is_refused_and_issues_nothing_more(issued_notice, national_officer):
    with pytest.raises(StepNotOpen):
        services.issue_notice(issued_notice, by=national_officer, version=issued_notice.version)
    assert Obligation.objects.filter(round__request=issued_notice.pk).count() == 2


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"recipients": []}, "/recipients"),
        ({"due_on": dt.date(2026, 9, 13)}, "/due_on"),
        ({"due_on": None}, "/due_on"),
        ({"due_on": dt.date(9999, 12, 31)}, "/due_on"),
        ({"title": "  "}, "/title"),
        ({"text": ""}, "/text"),
        ({"form": None}, "/form"),
        ({"asks": "everything"}, "/asks"),
        ({"business_line": "none"}, "/business_line"),
    ],
)
def test_an_incomplete_notice_is_refused_with_the_field(the_day, draft, changes, pointer):
    with pytest.raises(Invalid) as refused:
        draft(**changes)
    assert [problem.pointer for problem in refused.value.fields] == [pointer]
    assert Notice.objects.count() == 0


def test_a_due_date_that_passed_since_approval_stops_the_issue(
    the_day, draft, national_leader, national_officer
):
    notice = draft(due_on=dt.date(2026, 9, 15))
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    the_day.move_to(dt.datetime(2026, 9, 16, 9, tzinfo=dt.UTC))
    with pytest.raises(Invalid) as refused:
        services.issue_notice(notice, by=national_officer, version=notice.version)
    assert refused.value.fields[0].pointer == "/due_on"
    notice.refresh_from_db()
    assert (notice.state, notice.issued_at) == ("approved", None)


def test_a_replayed_draft_is_the_same_notice(the_day, draft):
    first = draft()
    again = draft(id=first.pk)
    assert again.pk == first.pk
    assert Notice.objects.count() == 1


def test_an_approved_notice_is_sent_back_before_it_is_changed(
    the_day, draft, national_leader, national_officer
):
    notice = draft()
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    with pytest.raises(StepNotOpen):
        services.edit_notice(notice, by=national_officer, version=notice.version, title="改题")
    notice = services.send_back_notice(
        notice, by=national_leader, version=notice.version, note="题目要改。"
    )
    notice = services.edit_notice(notice, by=national_officer, version=notice.version, title="改题")
    assert (notice.state, notice.title, notice.approved_by) == ("draft", "改题", None)


def test_withdrawing_cancels_what_is_open_and_says_why(
    issued_notice, national_officer, guangdong_officer
):
    services.withdraw_notice(
        issued_notice,
        by=national_officer,
        version=issued_notice.version,
        note="文件有误，另行通知。",
    )
    owed = Obligation.objects.filter(round__request=issued_notice.pk)
    assert {each.state for each in owed} == {"cancelled"}
    assert not Duty.objects.open().exists()
    told = Delivery.objects.filter(user=guangdong_officer).latest("created_at")
    assert "文件有误" in told.body


def test_signing_for_settles_a_notice_that_asks_nothing(
    the_day, draft, national_leader, national_officer, guangdong_officer
):
    notice = draft(asks="nothing", form=None)
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    notice = services.issue_notice(notice, by=national_officer, version=notice.version)
    owed = Obligation.objects.get(round__request=notice.pk, federation__code="440000")
    owed = services.sign_for(
        owed,
        by=guangdong_officer,
        version=owed.version,
        leader_name="梁粤领",
        department="社会联络部",
    )
    assert owed.state == "settled"
    assert todo(guangdong_officer).count() == 0
    with pytest.raises(StepNotOpen):
        services.start_report(owed, by=guangdong_officer)


def test_history_has_no_clock_and_no_day(reference, acftu, national_officer):
    notice = services.import_notice(
        by=None,
        federation=acftu,
        drafted_by=national_officer,
        title="2016年9月的通知",
        text="原文待查补。",
        asks="nothing",
        business_line="social_organisations",
        form=None,
        year=2016,
        month=9,
        recipients=Federation.objects.default_recipients(),
    )
    assert notice.dated == "2016年9月"
    assert notice.number == ""
    owed = Obligation.objects.filter(round__request=notice.pk)
    assert owed.count() == 32
    assert set(owed.values_list("due_on", flat=True)) == {None}
    assert not any(each.is_late(dt.date(2026, 9, 14)) for each in owed)
