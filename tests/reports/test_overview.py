"""The leader's first screen: what is due, late, to be decided and changed, each reader's own part."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from platform_site.accounts.services import give_role
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.obligations.services import waive
from reports import services
from reports.models import BusinessLine, Notice
from reports.queries import overview as queries
from tests.factories.accounts import user_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day")]


@pytest.fixture
def leader(client_for, national_leader):
    return client_for(national_leader)


@pytest.fixture
def issue(draft, national_leader, national_officer):
    """Issue a notice, now or at a moment."""

    def make(at: dt.datetime | None = None, **changes) -> Notice:
        notice = draft(**changes, at=at) if at else draft(**changes)
        notice = services.approve_notice(notice, by=national_leader, version=notice.version, at=at)
        return services.issue_notice(notice, by=national_officer, version=notice.version, at=at)

    return make


def page(client, name: str = "overview") -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.content.decode()


def row(html: str, label: str) -> list[str]:
    """The texts of the cells of a line's row in the first table; what only readers hear is left out."""
    table = html[html.index('class="figures"') :]
    found = next(
        each for each in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S) if f"{label}" in each
    )
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found, re.S)
    heard = re.compile(r'<span class="visually-hidden">.*?</span>', re.S)
    return [re.sub(r"<[^>]+>", "", heard.sub("", cell)).strip() for cell in cells]


class TestWhoseFirstScreenItIs:
    @pytest.mark.parametrize("who", ["national_leader", "guangdong_leader"])
    def test_a_leader_begins_there(self, who, request, client_for) -> None:
        client = client_for(request.getfixturevalue(who))
        assert "<h1>总览</h1>" in page(client, "home")
        # It is the first page already, so the menu does not name it a second time.
        assert f'href="{reverse("overview")}"' not in page(client, "home")

    @pytest.mark.parametrize("who", ["national_officer", "auditor"])
    def test_others_find_it_in_the_menu(self, who, request, client_for) -> None:
        html = page(client_for(request.getfixturevalue(who)), "home")
        assert "<h1>总览</h1>" not in html
        assert f'href="{reverse("overview")}"' in html

    @pytest.mark.parametrize("who", ["guangdong_officer", "system_administrator", "editor"])
    def test_it_does_not_exist_for_the_rest(self, who, request, client_for) -> None:
        client = client_for(request.getfixturevalue(who))
        assert client.get(reverse("overview")).status_code == 404
        assert f'href="{reverse("overview")}"' not in page(client, "home")

    def test_who_leads_and_works_begins_with_the_work(
        self, client_for, guangdong, obligation
    ) -> None:
        both = user_with("provincial_leader", guangdong, name="兼任", username="both")
        since = dt.date(2026, 1, 1)
        give_role(both, role="department_head", federation=guangdong, since=since, by=None)
        assert "<h1>总览</h1>" not in page(client_for(both), "home")

    def test_the_auditor_has_nothing_to_decide(self, client_for, auditor, issued_notice) -> None:
        html = page(client_for(auditor))
        assert "待我审批" not in html
        assert issued_notice.title in html


class TestDecisions:
    def test_what_waits_is_one_click_away(self, leader, draft) -> None:
        notice = draft(title="等着批准的通知")
        html = page(leader)
        assert "等着批准的通知" in html
        assert "还剩2个工作日" in html
        assert f'href="{reverse("notice-detail", args=[notice.pk])}"' in html

    def test_ones_own_draft_is_not_among_them(self, client_for, national_officer, draft) -> None:
        draft(title="自己起草的通知")
        assert "自己起草的通知" not in page(client_for(national_officer))

    def test_the_soonest_first_and_the_rest_counted(self, leader, draft) -> None:
        for number in range(8):
            draft(title=f"第{number}份通知")
        html = page(leader)
        assert len(re.findall("批准通知 ·", html)) == 6
        assert "待办中还有2项" in html

    def test_a_provincial_leader_sees_what_lacks_the_sign_off(
        self, client_for, guangdong_leader, draft_report, ready_report
    ) -> None:
        assert "待您签批的本单位报告" not in page(client_for(guangdong_leader))

    def test_until_it_is_signed_off(self, client_for, guangdong_leader, draft_report) -> None:
        html = page(client_for(guangdong_leader))
        assert "待您签批的本单位报告" in html
        assert f'href="{draft_report.get_absolute_url()}"' in html


class TestDueAndLate:
    def test_far_away_is_neither(self, leader, issued_notice) -> None:
        assert row(page(leader), "劳动关系领域社会组织") == ["0", "0", "1"]

    def test_due_within_ten_working_days(
        self, client_for, national_leader, issued_notice, the_day
    ) -> None:
        # 15 October is the tenth working day after 24 September: National Day lies between.
        china = dt.timezone(dt.timedelta(hours=8))
        the_day.move_to(dt.datetime(2026, 9, 23, 10, tzinfo=china))
        assert row(page(client_for(national_leader)), "劳动关系领域社会组织")[0] == "0"
        the_day.move_to(dt.datetime(2026, 9, 24, 10, tzinfo=china))
        html = page(client_for(national_leader))
        assert row(html, "劳动关系领域社会组织")[0] == "2"
        assert "2家未报" in html
        assert f"{issued_notice.get_absolute_url()}?standing=due#recipients" in html

    def test_late_leads_to_those_who_are(
        self, client_for, national_leader, issued_notice, submitted_report, the_day
    ) -> None:
        the_day.move_to(dt.datetime(2026, 10, 19, 10, tzinfo=dt.timezone(dt.timedelta(hours=8))))
        leader = client_for(national_leader)
        html = page(leader)
        assert row(html, "劳动关系领域社会组织")[:2] == ["0", "1"]
        target = f"{issued_notice.get_absolute_url()}?standing=missing"
        assert f"{target}#recipients" in html
        shown = leader.get(target).context["rows"]
        assert [each.obligation.federation.code for each in shown] == ["430000"]

    def test_a_line_without_rows_is_blank_and_says_so_only_if_never_used(
        self, leader, issue, national_officer
    ) -> None:
        closed = issue(business_line="think_tanks")
        closed.refresh_from_db()
        services.close_notice(closed, by=national_officer, version=closed.version)
        html = page(leader)
        assert row(html, "境外非政府组织") == ["", "", ""]
        assert row(html, "劳动关系领域社会智库") == ["", "", "2"]
        # Twice: in the table and in the chart, for each of the five lines never used.
        assert html.count("尚未启用") == 10
        assert html.count("当前无在办事项") == 1

    def test_what_is_waived_or_closed_is_not_late(
        self, client_for, issued_notice, obligation, national_leader, national_officer, the_day
    ) -> None:
        the_day.move_to(dt.datetime(2026, 10, 19, 10, tzinfo=dt.timezone(dt.timedelta(hours=8))))
        leader = client_for(national_leader)
        reason = "该省试点由上级统一安排，本次免报。"
        waive(obligation, by=national_leader, version=obligation.version, reason=reason)
        assert row(page(leader), "劳动关系领域社会组织")[1] == "1"
        issued_notice.refresh_from_db()
        services.close_notice(issued_notice, by=national_officer, version=issued_notice.version)
        assert row(page(leader), "劳动关系领域社会组织")[:2] == ["", ""]


class TestChanges:
    def test_this_week_begins_on_monday_in_china(self, leader, issue, the_day) -> None:
        sunday = dt.datetime(2026, 9, 13, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
        monday = dt.datetime(2026, 9, 14, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
        issue(at=sunday, title="上周下发的通知")
        issue(at=monday, title="本周下发的通知")
        html = page(leader)
        changes = html[html.index('id="changes-') : html.index("每周上报份数")]
        assert "本周下发的通知" in changes
        assert "上周下发的通知" not in changes

    def test_each_act_is_told_once_for_a_notice(
        self, leader, submitted_report, national_officer
    ) -> None:
        services.accept_report(
            submitted_report, by=national_officer, version=submitted_report.version
        )
        html = page(leader)
        for words in ("已下发", "上报1份报告（广东）", "通过1份报告（广东）"):
            assert words in html
        assert html.index("通过1份报告") < html.index("上报1份报告") < html.index(">已下发<")
        assert row(html, "劳动关系领域社会组织")[2] == "3"

    def test_no_draft_is_told(self, national_leader, draft_report) -> None:
        acts = queries.acts_since(national_leader, dt.date(2026, 9, 14))
        assert {act.action for act in acts} == {"reports.notice.issue"}


class TestScope:
    @pytest.fixture
    def hunans(self, issue, hunan) -> Notice:
        """A notice that only Hunan was sent, late by now."""
        return issue(title="只发湖南的通知甲乙丙", recipients=[hunan], business_line="platform")

    def test_a_sibling_is_neither_named_nor_counted(
        self, client_for, guangdong_leader, submitted_report, hunans, the_day
    ) -> None:
        the_day.move_to(dt.datetime(2026, 10, 19, 10, tzinfo=dt.timezone(dt.timedelta(hours=8))))
        html = page(client_for(guangdong_leader))
        assert "甲乙丙" not in html
        assert "湖南" not in html
        assert str(hunans.pk) not in html
        # Hunan is late with the notice of both; Guangdong has filed.
        assert row(html, "劳动关系领域社会组织")[:2] == ["0", "0"]
        assert row(html, "平台建设") == ["", "", ""]

    def test_nor_in_what_changed(
        self, client_for, guangdong_leader, hunan_leader, hunans, submitted_report
    ) -> None:
        mine = page(client_for(guangdong_leader))
        theirs = page(client_for(hunan_leader))
        assert "上报1份报告（广东）" in mine
        assert "甲乙丙" not in mine
        assert "甲乙丙" in theirs
        assert "广东" not in theirs
        assert row(theirs, "劳动关系领域社会组织")[2] == "1"

    def test_the_centre_sees_both(self, leader, hunans, submitted_report) -> None:
        html = page(leader)
        assert "甲乙丙" in html
        assert "广东" in html


@pytest.fixture
def hunan_leader(hunan):
    return user_with("provincial_leader", hunan, name="彭湘领", username="hunan.leader")


class TestCharts:
    def test_weeks_are_counted_in_china_and_blank_before_the_first_notice(
        self, national_leader, issue, guangdong, hunan
    ) -> None:
        at = dt.datetime(2026, 8, 3, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
        notice = issue(at=at, due_on=dt.date(2026, 8, 20))
        owed = Obligation.objects.filter(round__request=notice.pk)
        # Sunday 23:30 in China is still its week; the other is after the on-time limit.
        owed.filter(federation=guangdong).update(filed_at="2026-08-16T23:30:00+08:00")
        owed.filter(federation=hunan).update(filed_at="2026-08-21T00:30:00+08:00")
        firsts = queries.first_issues(national_leader).values()
        weeks = queries.weekly_filings(national_leader, firsts)
        assert len(weeks) == 12
        assert weeks[-1].monday == dt.date(2026, 9, 14)
        told = {week.monday: (week.on_time, week.late) for week in weeks}
        assert told[dt.date(2026, 7, 27)] == (None, None)
        assert told[dt.date(2026, 8, 3)] == (0, 0)
        assert told[dt.date(2026, 8, 10)] == (1, 0)
        assert told[dt.date(2026, 8, 17)] == (0, 1)

    def test_the_parts_of_a_line_add_up(
        self, national_leader, issued_notice, submitted_report
    ) -> None:
        [row] = queries.standings(national_leader)
        assert (row.accepted, row.filed, row.open, row.late, row.waived) == (0, 1, 1, 0, 0)
        assert row.total == 2

    def test_history_without_reports_counts_as_use_but_draws_no_zero(
        self, leader, national_leader, acftu, national_officer
    ) -> None:
        services.import_notice(
            by=None,
            federation=acftu,
            drafted_by=national_officer,
            title="历史通知",
            text="历史。",
            asks="nothing",
            business_line="social_organisations",
            form=None,
            year=2016,
            month=9,
        )
        assert row(page(leader), "劳动关系领域社会组织")[:2] == ["", ""]
        firsts = queries.first_issues(national_leader)
        weeks = queries.weekly_filings(national_leader, firsts.values())
        assert {week.on_time for week in weeks} == {None}


class TestCost:
    @pytest.mark.parametrize("who", ["national_leader", "guangdong_leader", "auditor"])
    @pytest.mark.parametrize("notices", [1, 3])
    def test_queries_do_not_grow(
        self, who, notices, request, client_for, issue, draft_report, django_assert_max_num_queries
    ) -> None:
        for number in range(notices):
            issue(title=f"第{number}份通知", business_line=BusinessLine.values[number])
        client = client_for(request.getfixturevalue(who))
        client.get(reverse("overview"))
        with django_assert_max_num_queries(12):
            client.get(reverse("overview"))


def test_in_english_nothing_but_data_is_chinese(leader, submitted_report) -> None:
    leader.post(reverse("set-language"), {"language": "en", "next": "/w/"})
    html = page(leader)
    assert "1 report filed (Guangdong)" in html
    assert "14 Sep" in html


def test_recipients_of_every_kind(issue, leader) -> None:
    """A notice that only wants a signature counts signatures."""
    issue(asks="nothing", form=None, recipients=Federation.objects.first_tier()[:3],
          due_on=dt.date(2026, 9, 16))  # fmt: skip
    html = page(leader)
    assert "3家未签收" in html
