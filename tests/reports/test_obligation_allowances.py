"""延期 and 免报: one federation, by name, with the reason; nobody else's dates move."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from platform_site.attachments.models import Attachment
from platform_site.casework.models import Duty, Reminder, ReminderRule
from platform_site.casework.services.reminders import remind
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.obligations.models import Allowance, Obligation
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from reports import services

LATER = dt.date(2026, 11, 16)
CHINA = ZoneInfo("Asia/Shanghai")


def at(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=CHINA)


def extend(obligation, by, **changes):
    given = {"due_on": LATER, "reason": "台风影响，申请延期。", "version": obligation.version}
    return services.extend_obligation(obligation, by=by, **{**given, **changes})


class TestExtend:
    def test_its_own_dates_and_ladder_move_and_nobody_elses(
        self, signed_obligation, national_officer, guangdong_officer, hunan, hunan_officer
    ):
        ReminderRule.objects.update(since=dt.date(2026, 1, 1))
        other = Obligation.objects.get(round=signed_obligation.round, federation=hunan)
        other = services.sign_for(
            other, by=hunan_officer, version=1, leader_name="某", department="部"
        )
        remind(at=at("2026-09-30"))
        fresh = extend(signed_obligation, national_officer)
        other.refresh_from_db()
        assert (fresh.due_on, fresh.on_time_until) == (LATER, LATER)
        assert other.due_on == dt.date(2026, 10, 15)
        assert Duty.objects.open().get(subject_id=fresh.pk).due_on == LATER
        waiting = Delivery.objects.filter(event="casework/reminder", user=guangdong_officer)
        assert [each.state for each in waiting] == [Delivery.State.CANCELLED]
        remind(at=at("2026-10-15"))

        def told(user):
            return PortalNotice.objects.filter(user=user, event="casework/reminder").count()

        assert (told(guangdong_officer), told(hunan_officer)) == (1, 2)
        remind(at=at("2026-11-05"))  # seven working days before the new date
        assert told(guangdong_officer) == 2

    def test_the_federation_is_told_why(
        self, signed_obligation, national_officer, guangdong_officer
    ):
        extend(signed_obligation, national_officer)
        notice = PortalNotice.objects.get(
            user=guangdong_officer, event="reports/obligation_extended"
        )
        assert "台风影响" in notice.body
        assert "2026年11月16日" in notice.body

    def test_filing_before_the_new_date_is_on_time(
        self, signed_obligation, ready_report, national_officer, guangdong_officer, the_day
    ):
        extend(signed_obligation, national_officer)
        the_day.move_to(at("2026-11-10"))
        ready_report.refresh_from_db()
        services.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        signed_obligation.refresh_from_db()
        assert signed_obligation.is_late(dt.date(2026, 12, 1)) is False

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"due_on": dt.date(2026, 10, 15)}, "/due_on"),
            ({"due_on": dt.date(2026, 10, 1)}, "/due_on"),
            ({"on_time_until": dt.date(2026, 11, 1)}, "/on_time_until"),
            ({"locks_on": dt.date(2026, 11, 1)}, "/locks_on"),
            ({"reason": "   "}, "/reason"),
        ],
    )
    def test_what_cannot_be(self, signed_obligation, national_officer, changes, field):
        with pytest.raises(Invalid) as refused:
            extend(signed_obligation, national_officer, **changes)
        assert [each.pointer for each in refused.value.fields] == [field]
        signed_obligation.refresh_from_db()
        assert signed_obligation.due_on == dt.date(2026, 10, 15)
        assert not Allowance.objects.exists()

    def test_not_by_the_federation_itself_and_not_once_filed(
        self, submitted_report, national_officer, guangdong_officer
    ):
        owed = submitted_report.obligation
        with pytest.raises(NotAllowed):
            extend(owed, guangdong_officer)
        owed.refresh_from_db()
        with pytest.raises(StepNotOpen):
            extend(owed, national_officer)


class TestWaive:
    def test_its_duties_and_reminders_end(
        self, signed_obligation, national_officer, guangdong_officer
    ):
        ReminderRule.objects.update(since=dt.date(2026, 1, 1))
        services.waive_obligation(
            signed_obligation,
            by=national_officer,
            version=signed_obligation.version,
            reason="机构改革期间免报。",
        )
        assert not Duty.objects.open().filter(subject_id=signed_obligation.pk).exists()
        remind(at=at("2026-10-20"))
        assert not Reminder.objects.filter(user=guangdong_officer).exists()
        signed_obligation.refresh_from_db()
        assert signed_obligation.state == Obligation.State.WAIVED
        assert signed_obligation.is_late(dt.date(2026, 12, 1)) is False

    def test_nothing_can_be_filed_then(
        self, signed_obligation, ready_report, national_officer, guangdong_officer
    ):
        services.waive_obligation(
            signed_obligation,
            by=national_officer,
            version=signed_obligation.version,
            reason="免报。",
        )
        with pytest.raises(StepNotOpen):
            services.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)


class TestPages:
    def test_with_a_document_seen_by_both_sides_and_by_nobody_else(
        self, signed_obligation, client_for, national_officer, guangdong_officer, hunan_officer
    ):
        client = client_for(national_officer)
        address = reverse("obligation-extend", args=[signed_obligation.pk])
        assert "延期" in client.get(address).content.decode()
        answer = client.post(
            address,
            {
                "version": signed_obligation.version,
                "due_on": "2026-11-16",
                "reason": "台风影响。",
                "file": SimpleUploadedFile("批复.txt", "同意".encode()),
            },
        )
        assert answer.status_code == 302
        for user in (national_officer, guangdong_officer):
            page = client_for(user).get(signed_obligation.get_absolute_url()).content.decode()
            assert "台风影响。" in page
            assert "批复.txt" in page
        assert client_for(hunan_officer).get(address).status_code == 404
        file = Attachment.objects.get()
        download = reverse("attachment-download", args=[file.pk])
        assert client_for(hunan_officer).get(download).status_code == 404
        assert client_for(guangdong_officer).get(download).status_code == 200

    def test_errors_beside_the_fields_and_the_text_kept(
        self, signed_obligation, client_for, national_officer
    ):
        answer = client_for(national_officer).post(
            reverse("obligation-extend", args=[signed_obligation.pk]),
            {
                "version": signed_obligation.version,
                "due_on": "2026-10-01",
                "reason": "理由写了很久。",
            },
        )
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "新的截止日应晚于现截止日" in page
        assert "理由写了很久。" in page


def test_through_the_api(signed_obligation, api_for, national_officer, guangdong_officer):
    client = api_for(national_officer)
    address = f"/api/v1/obligations/{signed_obligation.pk}/"
    seen = client.get(address)
    assert seen.json()["steps"] == ["extend", "waive"]
    body = {"due_on": "2026-11-16", "reason": "台风"}
    answer = client.post(
        f"{address}extend/",
        body,
        content_type="application/json",
        headers={"if-match": seen["ETag"]},
    )
    assert answer.status_code == 200
    assert answer.json()["due_on"] == "2026-11-16"
    answer = client.post(
        f"{address}waive/",
        {"reason": " "},
        content_type="application/json",
        headers={"if-match": answer["ETag"]},
    )
    assert answer.status_code == 422
    theirs = api_for(guangdong_officer).post(
        f"{address}waive/",
        {"reason": "我们不报"},
        content_type="application/json",
        headers={"if-match": seen["ETag"]},
    )
    assert theirs.status_code == 403


class TestThreeDates:
    def test_apart_and_in_order(self, the_day, draft, national_leader, national_officer):
        notice = draft(on_time_until=dt.date(2026, 10, 20), locks_on=dt.date(2026, 10, 30))
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        notice = services.issue_notice(notice, by=national_officer, version=notice.version)
        owed = notice.round.obligations.first()
        assert owed.is_late(dt.date(2026, 10, 20)) is False
        assert owed.is_late(dt.date(2026, 10, 21)) is True
        assert owed.is_locked(dt.date(2026, 10, 31)) is True

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"on_time_until": dt.date(2026, 10, 1)}, "/on_time_until"),
            ({"locks_on": dt.date(2026, 10, 1)}, "/locks_on"),
            (
                {"on_time_until": dt.date(2026, 10, 30), "locks_on": dt.date(2026, 10, 20)},
                "/locks_on",
            ),
        ],
    )
    def test_out_of_order(self, the_day, draft, changes, field):
        with pytest.raises(Invalid) as refused:
            draft(**changes)
        assert [each.pointer for each in refused.value.fields] == [field]

    def test_nothing_is_submitted_after_the_lock(self, ready_report, guangdong_officer, the_day):
        owed = ready_report.obligation
        owed.locks_on = dt.date(2026, 10, 30)
        owed.save(update_fields=["locks_on"])
        the_day.move_to(at("2026-10-31"))
        with pytest.raises(StepNotOpen):
            services.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
