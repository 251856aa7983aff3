"""The ladder of reminders: when, to whom, once; and what takes a reminder back."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from platform_site.accounts.models import RoleAssignment
from platform_site.accounts.roles import Role
from platform_site.casework.models import (
    CalendarDay,
    Channel,
    Ladder,
    Reminder,
    ReminderPreference,
    ReminderRule,
    Rung,
)
from platform_site.casework.queries import forget_calendar
from platform_site.casework.services.reminders import due_now, record_due, remind
from platform_site.notifications.models import Delivery, PortalNotice
from reports import services
from tests.factories.accounts import user_with

CHINA = ZoneInfo("Asia/Shanghai")


def on(day: str, time: str = "09:00") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=CHINA)


def told(user, **narrowed):
    return PortalNotice.objects.filter(user=user, event="casework/reminder", **narrowed)


@pytest.fixture(autouse=True)
def old_rules(reference):
    """The default rules hold since long before the frozen day."""
    ReminderRule.objects.update(since=dt.date(2026, 1, 1))


@pytest.fixture
def owed(signed_obligation):
    """Guangdong owes a plan by Thursday, 15 October 2026; National Day lies before it."""
    return signed_obligation


class TestWhen:
    def test_seven_working_days_before_across_national_day(self, owed, guangdong_officer):
        # 1 to 7 October are off, 10 October is worked: seven working days before the 15th.
        assert CalendarDay.objects.get(date=dt.date(2026, 10, 10)).is_workday
        fall = dt.date(2026, 9, 30)
        remind(at=on("2026-09-29"))
        assert not told(guangdong_officer).exists()
        remind(at=on(fall.isoformat()))
        notice = told(guangdong_officer).get()
        assert "还剩7个工作日" in notice.body
        assert "2026年10月15日" in notice.body

    def test_once_however_often_it_ticks(self, owed, guangdong_officer):
        for minute in range(5):
            remind(at=on("2026-09-30", f"09:0{minute}"))
        assert told(guangdong_officer).count() == 1
        assert Delivery.objects.filter(event="casework/reminder").count() == 1

    def test_a_week_without_power_is_caught_up_once_and_says_so(self, owed, guangdong_officer):
        remind(at=on("2026-10-20"))
        notice = told(guangdong_officer).get()
        assert "逾期" in notice.body
        row = Reminder.objects.filter(user=guangdong_officer, channel=Channel.PORTAL).get()
        assert row.day == dt.date(2026, 10, 20)
        assert row.nth == 2  # the third day of the daily rule: Friday, Monday, Tuesday

    def test_a_missed_rung_is_marked_late(self, owed, guangdong_officer):
        remind(at=on("2026-10-09"))
        row = Reminder.objects.filter(user=guangdong_officer, channel=Channel.PORTAL).get()
        assert (row.day, row.late) == (dt.date(2026, 9, 30), True)
        assert "补发" in told(guangdong_officer).get().body

    @pytest.mark.parametrize(
        ("moment", "goes"),
        [
            (on("2026-09-30", "07:00"), False),  # before office hours
            (on("2026-09-30", "18:30"), False),  # after them
            (on("2026-10-03"), False),  # a day off: the missed rung waits
            (on("2026-10-10"), True),  # a Saturday that is worked
            (on("2026-10-15", "19:00"), True),  # the last day, in the evening
            (on("2026-10-15", "06:30"), False),  # and never at night
        ],
    )
    def test_quiet_hours_and_working_days_except_on_the_last_day(
        self, owed, guangdong_officer, moment, goes
    ):
        remind(at=moment)
        assert told(guangdong_officer).exists() is goes

    def test_a_due_date_in_a_year_without_a_calendar_says_provisional(
        self, draft, national_leader, national_officer, guangdong_officer, the_day, obligation
    ):
        CalendarDay.objects.filter(date__year=2027).delete()
        forget_calendar()
        notice = draft(due_on=dt.date(2027, 1, 8), title="跨年度报送通知")
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        notice = services.issue_notice(notice, by=national_officer, version=notice.version)
        mine = notice.round.obligations.get(federation__code="440000")
        services.sign_for(
            mine, by=guangdong_officer, version=1, leader_name="梁粤领", department="社会联络部"
        )
        remind(at=on("2027-01-05"))
        bodies = [each.body for each in told(guangdong_officer) if "跨年度" in each.title]
        assert any("暂定" in body for body in bodies)

    def test_nothing_for_the_days_before_it_was_asked(self, owed, guangdong_officer, draft):
        Reminder.objects.all().delete()
        remind(at=on("2026-09-14"))
        assert not told(guangdong_officer).exists()

    def test_nothing_after_the_lock(self, owed, guangdong_officer):
        from platform_site.casework.models import Duty

        Duty.objects.open().update(remind_until=dt.date(2026, 10, 19))
        remind(at=on("2026-10-20"))
        assert not told(guangdong_officer).exists()


class TestToWhom:
    def test_officer_then_head_then_leader(
        self, owed, guangdong_officer, guangdong_head, guangdong_leader
    ):
        remind(at=on("2026-10-14"))
        assert [told(each).count() for each in (guangdong_officer, guangdong_head)] == [1, 0]
        remind(at=on("2026-10-16"))
        assert told(guangdong_head).count() == 1
        assert not told(guangdong_leader).exists()
        remind(at=on("2026-10-29"))
        assert told(guangdong_leader).count() == 1

    def test_nobody_in_post_falls_to_the_next_rung_and_says_so(
        self, owed, guangdong_officer, guangdong_head
    ):
        RoleAssignment.objects.filter(user=guangdong_officer).update(until=dt.date(2026, 9, 20))
        remind(at=on("2026-09-30"))
        assert not told(guangdong_officer).exists()
        assert "无人在岗" in told(guangdong_head).get().body
        row = Reminder.objects.filter(user=guangdong_head).first()
        assert (row.rung, row.reached) == (Rung.OFFICER, Rung.HEAD)

    def test_no_person_at_all_is_no_fault(self, owed):
        RoleAssignment.objects.filter(federation__code="440000").update(until=dt.date(2026, 9, 20))
        record_due(at=on("2026-09-30"))
        assert not Reminder.objects.filter(duty__federation__code="440000").exists()

    def test_the_substitute_gets_them_and_not_who_is_away(self, owed, guangdong_officer, guangdong):
        seat = RoleAssignment.objects.get(user=guangdong_officer)
        other = user_with(Role.EDITOR, guangdong, name="代班", username="substitute.440000")
        RoleAssignment.objects.create(
            user=other,
            role=Role.LIAISON_OFFICER,
            role_class=seat.role_class,
            federation=guangdong,
            since=dt.date(2026, 9, 28),
            until=dt.date(2026, 10, 9),
            substitutes=seat,
        )
        remind(at=on("2026-09-30"))
        assert told(other).count() == 1
        assert not told(guangdong_officer).exists()
        remind(at=on("2026-10-12"))
        assert told(guangdong_officer).count() == 1
        assert told(other).count() == 1

    def test_someone_elses_federation_hears_nothing(self, owed, hunan_officer):
        remind(at=on("2026-09-30"))
        assert not told(hunan_officer, title__contains="填写").exists()

    def test_a_person_may_do_without_early_mail_but_not_without_the_last(
        self, owed, guangdong_officer
    ):
        ReminderPreference.objects.create(user=guangdong_officer, by_mail=False)
        remind(at=on("2026-09-30"))
        assert told(guangdong_officer).count() == 1
        assert not Delivery.objects.filter(event="casework/reminder").exists()
        remind(at=on("2026-10-15"))
        assert Delivery.objects.filter(event="casework/reminder").count() == 1

    def test_a_superior_gets_one_message_for_everything(
        self, owed, draft, national_leader, national_officer, guangdong_officer, guangdong_head
    ):
        second = draft(title="第二份通知")
        second = services.approve_notice(second, by=national_leader, version=second.version)
        second = services.issue_notice(second, by=national_officer, version=second.version)
        mine = second.round.obligations.get(federation__code="440000")
        services.sign_for(
            mine, by=guangdong_officer, version=1, leader_name="梁粤领", department="社会联络部"
        )
        remind(at=on("2026-10-16"))
        notice = told(guangdong_head).get()
        assert "第二份通知" in notice.body
        assert "关于报送劳动关系领域社会组织试点方案的通知" in notice.body
        assert (
            Delivery.objects.filter(user=guangdong_head).filter(event="casework/reminder").count()
            == 1
        )
        assert told(guangdong_officer).count() == 2


class TestTakenBack:
    def test_filed_meanwhile_cancels_what_waits(self, owed, ready_report, guangdong_officer):
        remind(at=on("2026-09-30"))
        delivery = Delivery.objects.get(event="casework/reminder")
        assert delivery.state == Delivery.State.WAITING
        services.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.body) == (Delivery.State.CANCELLED, "")
        mailed = Reminder.objects.get(channel=Channel.EMAIL, user=guangdong_officer)
        assert mailed.outcome == Delivery.State.CANCELLED.label

    def test_recorded_and_filed_before_it_was_written(self, owed, ready_report, guangdong_officer):
        record_due(at=on("2026-09-30"))
        services.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        remind(at=on("2026-09-30"))
        assert not told(guangdong_officer, title__contains="填写").exists()
        assert set(
            Reminder.objects.filter(user=guangdong_officer).values_list("state", flat=True)
        ) == {Reminder.State.CANCELLED}


class TestRules:
    def test_a_matter_with_rules_of_its_own(self, owed, guangdong_officer):
        ladder = Ladder.objects.create(matter_id=owed.round.request_id, set_at=on("2026-09-14"))
        ReminderRule.objects.create(
            ladder=ladder,
            duty_rule="reports.file_report",
            days=-10,
            rung=Rung.OFFICER,
            channels=[Channel.PORTAL],
            text_zh="{name}同志：请抓紧。",
            since=dt.date(2026, 9, 1),
        )
        remind(at=on("2026-09-30"))
        assert "同志：请抓紧。" in told(guangdong_officer).get().body
        remind(at=on("2026-10-15"))
        assert told(guangdong_officer).count() == 1  # the default ladder is silent here

    def test_the_dry_run_writes_nothing(self, owed, guangdong_officer):
        found = due_now(at=on("2026-09-30"))
        assert {each.user for each in found} == {guangdong_officer.pk}
        assert not Reminder.objects.exists()
        remind(at=on("2026-09-30"))
        assert due_now(at=on("2026-09-30")) == []
