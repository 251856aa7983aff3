"""The lists of a circular: who stands in which, as of a day, and in which order."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.documents import official_of_circular
from reports.queries import circulars as queries
from reports.queries import punctuality

from .conftest import EXTENDED, LATE, ON_TIME, SILENT, WAIVED, groups, line, september, text_of

pytestmark = pytest.mark.django_db


class TestLists:
    def test_they_are_those_of_the_platforms_one_rule(self, about, played, national_officer):
        circular = about()
        assert groups(circular) == {
            ON_TIME: "on_time",
            LATE: "late",
            SILENT: "silent",
            EXTENDED: "on_time",
            WAIVED: "waived",
        }
        shown = {
            row.obligation.federation.code: group.code
            for group in punctuality(played, national_officer)
            for row in group.rows
        }
        assert groups(circular) == shown

    def test_late_is_told_in_working_days_past_the_own_limit(self, about):
        circular = about()
        assert line(circular, LATE)["late_by"] == 2  # due on the 16th, filed on the 18th
        # From the 16th to the 28th there are eight working days; the 20th makes up for the 25th.
        assert line(circular, SILENT)["late_by"] == queries.work_calendar().working_days_between(
            dt.date(2026, 9, 16), dt.date(2026, 9, 28)
        )
        assert line(circular, ON_TIME)["late_by"] is None

    def test_an_extension_by_name_is_told_and_not_held_against_anybody(self, about):
        circular = about()
        extended = line(circular, EXTENDED)
        assert (extended["extended"], extended["due_on"], extended["late_by"]) == (
            True,
            "2026-09-25",
            None,
        )
        assert "湖南（经批准延期至9月25日）" in text_of(circular)
        assert "北京" in text_of(circular)

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (14, {ON_TIME: "running", LATE: "running", EXTENDED: "running", WAIVED: "running"}),
            (16, {ON_TIME: "on_time", LATE: "running", EXTENDED: "running", WAIVED: "running"}),
            (17, {ON_TIME: "on_time", LATE: "silent", EXTENDED: "running", WAIVED: "waived"}),
            (18, {ON_TIME: "on_time", LATE: "late", EXTENDED: "running", WAIVED: "waived"}),
        ],
    )
    def test_a_past_day_is_told_as_it_was(self, about, day, expected):
        circular = about(as_of=dt.date(2026, 9, day))
        found = groups(circular)
        assert {code: found[code] for code in expected} == expected

    def test_quality_is_what_became_of_the_reports_that_day(self, about, played):
        circular = about()
        [part] = queries.shown_content(circular)["parts"]
        quality = {
            name: [each["federation"] for each in lines]
            for name, lines in queries.quality_of(part).items()
        }
        assert quality == {
            "first_pass": [],
            "after_return": [ON_TIME],
            "in_change": [],
            "review": [LATE, EXTENDED],
        }
        assert line(circular, ON_TIME)["returned"] == 1
        assert "退回修改后审核通过的有1个单位：北京（退回1次）" in text_of(circular)
        before = about(as_of=dt.date(2026, 9, 16))
        assert (line(before, ON_TIME)["review"], line(before, ON_TIME)["returned"]) == (
            "returned",
            1,
        )
        assert line(about(as_of=dt.date(2026, 9, 15)), ON_TIME)["returned"] == 0

    def test_lists_appear_in_the_order_chosen_and_no_others(self, about):
        circular = about(lists=["silent", "late"])
        text = text_of(circular)
        assert text.index("未报送的单位（1个）") < text.index("逾期报送的单位（1个）")
        assert "按时报送的单位" not in text
        assert official_of_circular(circular, queries.shown_content(circular)).attachments == ()

    def test_several_rounds_have_a_section_each(self, about, played, draft, acftu, issued_notice):
        circular = about(rounds=[played.round, issued_notice.round])
        parts = queries.shown_content(circular)["parts"]
        assert [part["title"] for part in parts] == [played.title, issued_notice.title]
        assert f"《{issued_notice.title}》" in text_of(circular)

    def test_the_number_of_queries_does_not_grow(self, about, played, issued_notice):
        def asked(circular) -> int:
            with CaptureQueriesContext(connection) as queries_made:
                queries.circular_content(circular, september(28))
            return len(queries_made)

        one, two = about(), about(rounds=[played.round, issued_notice.round])
        assert asked(one) == asked(two) <= 8
