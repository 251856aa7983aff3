"""The rules of reminding of one notice: seen with a real recipient, changed, refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from platform_site.casework.models import Ladder, ReminderRule, Rung
from platform_site.casework.queries import ladder_of
from platform_site.casework.services import RuleGiven
from platform_site.problems import Invalid, NotAllowed, Stale
from reports import services

FILE = "reports.file_report"


def rule(**changes) -> RuleGiven:
    given = {
        "duty_rule": FILE,
        "days": -5,
        "rung": Rung.OFFICER,
        "channels": ("portal", "email"),
        "text_zh": "{federation}：请抓紧报送《{title}》。",
    }
    return RuleGiven(**{**given, **changes})


def pointers(refused) -> set[str]:
    return {each.pointer for each in refused.value.fields}


def test_own_rules_replace_the_default_for_this_notice_alone(
    issued_notice, draft, national_officer
):
    other = draft(title="另一份通知")
    services.set_reminders(issued_notice, [rule()], by=national_officer, version=None)
    assert [each.days for each in ladder_of(issued_notice.pk)] == [-5]
    assert len(ladder_of(other.pk)) == ReminderRule.objects.filter(ladder__matter_id=None).count()


def test_a_rule_that_stays_keeps_its_ledger_and_a_changed_one_begins_anew(
    issued_notice, national_officer
):
    services.set_reminders(
        issued_notice, [rule(), rule(days=-2)], by=national_officer, version=None
    )
    kept = {each.days: each.pk for each in ladder_of(issued_notice.pk)}
    services.set_reminders(issued_notice, [rule(), rule(days=-1)], by=national_officer, version=1)
    now = {each.days: each.pk for each in ladder_of(issued_notice.pk)}
    assert now[-5] == kept[-5]
    assert set(now) == {-5, -1}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text_zh": "   "}, "text_zh"),
        ({"text_zh": "{nobody}请报送"}, "text_zh"),
        ({"text_zh": "{name.__class__}"}, "text_zh"),
        ({"text_zh": "请{报送"}, "text_zh"),
        ({"days": 61}, "days"),
        ({"channels": ()}, "channels"),
        ({"channels": ("fax",)}, "channels"),
        ({"rung": 9}, "rung"),
        ({"every": 0, "days": 1}, "every"),
        ({"every": 2}, "every"),
        ({"duty_rule": "casework.nothing"}, "duty_rule"),
    ],
)
def test_bad_rules_are_named_and_nothing_is_kept(issued_notice, national_officer, changes, field):
    with pytest.raises(Invalid) as refused:
        services.set_reminders(
            issued_notice, [rule(days=-9), rule(**changes)], by=national_officer, version=None
        )
    assert f"/rules/1/{field}" in pointers(refused)
    assert not Ladder.objects.filter(matter_id=issued_notice.pk).exists()


def test_a_rule_that_would_remind_after_the_lock(issued_notice, national_officer):
    round = issued_notice.round
    round.locks_on = dt.date(2026, 10, 20)
    round.save(update_fields=["locks_on"])
    with pytest.raises(Invalid) as refused:
        services.set_reminders(issued_notice, [rule(days=4)], by=national_officer, version=None)
    assert pointers(refused) == {"/rules/0/days"}


def test_two_officers_at_once(issued_notice, national_officer, second_national_officer):
    services.set_reminders(issued_notice, [rule()], by=national_officer, version=None)
    with pytest.raises(Stale):
        services.set_reminders(
            issued_notice, [rule(days=-1)], by=second_national_officer, version=None
        )


def test_not_by_a_province(issued_notice, guangdong_officer):
    with pytest.raises(NotAllowed):
        services.set_reminders(issued_notice, [rule()], by=guangdong_officer, version=None)


class TestPage:
    def form(self, *rows, **more):
        data = {"rules-TOTAL_FORMS": len(rows), "rules-INITIAL_FORMS": 0, "version": "", **more}
        for number, row in enumerate(rows):
            data |= {f"rules-{number}-{name}": value for name, value in row.items()}
        return data

    @pytest.fixture
    def row(self):
        return {
            "duty_rule": FILE,
            "days": "-5",
            "every": "",
            "rung": "0",
            "channels": ["portal"],
            "text_zh": "{federation}：请抓紧。",
            "text_en": "",
        }

    def test_the_days_and_the_people_are_shown(
        self, issued_notice, client_for, national_officer, guangdong_officer
    ):
        page = client_for(national_officer).get(
            reverse("notice-set-reminders", args=[issued_notice.pk]) + "?federation=440000"
        )
        text = page.content.decode()
        assert "陈粤联" in text
        assert "2026-09-30" in text  # seven working days before 15 October, across National Day

    def test_saved_and_previewed(self, issued_notice, client_for, national_officer, row):
        client = client_for(national_officer)
        address = reverse("notice-set-reminders", args=[issued_notice.pk])
        seen = client.post(address, self.form(row, preview="1", federation="430000"))
        assert "湖南省总工会：请抓紧。" in seen.content.decode()
        assert not Ladder.objects.filter(matter_id=issued_notice.pk).exists()
        assert client.post(address, self.form(row)).status_code == 302
        assert [each.text_zh for each in ladder_of(issued_notice.pk)] == ["{federation}：请抓紧。"]

    def test_an_empty_text_comes_back_beside_its_field(
        self, issued_notice, client_for, national_officer, row
    ):
        answer = client_for(national_officer).post(
            reverse("notice-set-reminders", args=[issued_notice.pk]),
            self.form({**row, "text_zh": "{谁}请报送"}),
        )
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "不是可用的占位符" in page
        assert "{谁}请报送" in page

    @pytest.mark.parametrize("more", [{"preview": "1"}, {}])
    def test_braces_that_do_not_match_are_said_beside_the_text(
        self, issued_notice, client_for, national_officer, row, more
    ):
        answer = client_for(national_officer).post(
            reverse("notice-set-reminders", args=[issued_notice.pk]),
            self.form({**row, "text_zh": "{federation 请报送"}, **more),
        )
        assert answer.status_code == 422
        assert "{federation 请报送" in answer.content.decode()
