"""The to-do lists, and dates as a page shows them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from platform_site.casework.models import Duty
from platform_site.casework.queries import forget_calendar, look_at
from platform_site.casework.templatetags.clock import runs
from reports import services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day", "reference")]


def shown(source: str, **context: object) -> str:
    with override("en"):
        return Template("{% load clock %}" + source).render(Context(context))


class TestDue:
    @pytest.mark.parametrize(
        ("day", "words", "tone"),
        [
            (dt.date(2026, 9, 14), "due today", "amber"),
            (dt.date(2026, 9, 15), "1 working day left", "amber"),
            (dt.date(2026, 9, 18), "4 working days left", "blue"),
            # Sunday the 20th is worked, to make up for the holidays.
            (dt.date(2026, 9, 21), "6 working days left", "blue"),
            (dt.date(2026, 9, 10), "2 working days late", "red"),
            (dt.date(2026, 9, 11), "1 working day late", "red"),
        ],
    )
    def test_chip(self, day, words, tone) -> None:
        page = shown("{% due day %}", day=day)
        assert words in page
        assert f"tag--{tone}" in page

    def test_past_on_a_rest_day_is_late_though_no_working_day_went_by(self, the_day) -> None:
        the_day.move_to(dt.datetime(2026, 9, 13, 10, tzinfo=dt.UTC))  # a Sunday
        page = shown("{% due day %}", day=dt.date(2026, 9, 12))
        assert "overdue" in page
        assert "tag--red" in page

    def test_no_date_and_what_has_ended(self) -> None:
        assert "no due date" in shown("{% due day %}", day=None)
        assert "working" not in shown("{% due day ended=True %}", day=dt.date(2026, 9, 21))

    def test_provisional_beyond_the_calendar(self) -> None:
        assert "provisional" in shown("{% due day %}", day=dt.date(2027, 3, 1))


class TestBasis:
    def test_of_a_date_names_the_holidays_between(self) -> None:
        page = shown("{% due_basis day %}", day=dt.date(2026, 10, 15))
        assert "working days from today" in page
        assert "国庆节" in page

    def test_of_a_duty_says_its_term(self, obligation) -> None:
        duty = Duty.objects.get(subject_id=obligation.pk)
        page = shown("{% due_basis duty %}", duty=duty)
        assert "1 working day from 14 September 2026" in page

    def test_of_a_duty_with_a_given_day(self, signed_obligation) -> None:
        duty = Duty.objects.open().get(subject_id=signed_obligation.pk)
        assert "due date of the notice" in shown("{% due_basis duty %}", duty=duty)

    def test_days_of_one_name_are_one_line(self) -> None:
        between = look_at(dt.date(2026, 10, 15)).between
        lines = runs(between)
        assert len(lines) < len(between)
        assert sum((run.last - run.first).days + 1 for run in lines) == len(between)


class TestLists:
    def test_need_a_sign_in(self) -> None:
        for name in ("todo", "done", "started"):
            assert Client().get(reverse(name)).status_code == 302

    def test_a_duty_moves_from_list_to_list(
        self, client_for, guangdong_officer, guangdong_head, national_officer, obligation
    ) -> None:
        client = client_for(guangdong_officer)
        todo = client.get(reverse("todo"))
        assert [duty.subject_id for duty in todo.context["page"].rows] == [obligation.pk]
        assert obligation.get_absolute_url() in todo.content.decode()
        assert todo.context["figures"] == {"total": 1, "near": 1, "late": 0}
        services.sign_for(
            obligation,
            by=guangdong_officer,
            version=obligation.version,
            leader_name="梁粤领",
            department="社会联络部",
        )
        done = client.get(reverse("done")).context["page"].rows
        assert [duty.rule_code for duty in done] == ["reports.sign_for"]
        # Whoever issued it sees what became of it.
        started = client_for(national_officer).get(reverse("started"))
        assert "reports.sign_for" in {duty.rule_code for duty in started.context["page"].rows}
        assert client_for(guangdong_head).get(reverse("done")).context["page"].rows == []

    def test_others_have_nothing_of_it(
        self, client_for, hunan_officer, guangdong_leader, auditor, obligation
    ) -> None:
        for person in (hunan_officer, guangdong_leader, auditor):
            rows = client_for(person).get(reverse("todo")).context["page"].rows
            assert obligation.pk not in {duty.subject_id for duty in rows}

    def test_nobody_is_asked_to_approve_their_own(
        self, client_for, national_officer, second_national_officer, draft
    ) -> None:
        draft()
        own = client_for(national_officer).get(reverse("todo")).context["page"].rows
        assert own == []
        assert client_for(second_national_officer).get(reverse("todo")).context["page"].rows

    def test_late_first(self, client_for, second_national_officer, draft, the_day) -> None:
        draft(title="先")
        the_day.move_to(dt.datetime(2026, 9, 21, 2, tzinfo=dt.UTC))
        forget_calendar()
        draft(title="后")
        response = client_for(second_national_officer).get(reverse("todo"))
        assert [duty.title for duty in response.context["page"].rows] == ["先", "后"]
        assert response.context["figures"] == {"total": 2, "near": 1, "late": 1}

    def test_empty_lists_say_so(self, client_for, auditor) -> None:
        client = client_for(auditor)
        for name in ("todo", "done", "started"):
            assert 'class="empty"' in client.get(reverse(name)).content.decode()

    @pytest.mark.parametrize("name", ["todo", "done", "started"])
    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries_do_not_grow_with_rows(
        self, name, rows, client_for, second_national_officer, draft, django_assert_max_num_queries
    ) -> None:
        for number in range(rows):
            draft(title=f"第{number}份通知")
        client = client_for(second_national_officer)
        client.get(reverse(name))
        with django_assert_max_num_queries(12):
            client.get(reverse(name))

    def test_the_first_page_shows_what_waits(
        self, client_for, guangdong_officer, obligation, django_assert_max_num_queries
    ) -> None:
        client = client_for(guangdong_officer)
        page = client.get(reverse("home")).content.decode()
        assert obligation.get_absolute_url() in page
        with django_assert_max_num_queries(12):
            client.get(reverse("home"))
