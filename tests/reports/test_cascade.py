"""The province follows, extends and chases those below; the centre sees nothing of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from platform_site.casework.models import Duty, Nudge, ReminderRule
from platform_site.casework.services.reminders import remind
from platform_site.jobs.services import run_job
from platform_site.lists import exports
from platform_site.notifications.models import PortalNotice
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, NotAllowed
from reports import queries, services
from reports.menu import current_notices
from reports.models import Report
from reports.queries import matrix_for
from reports.queries.overview import standings
from tests.cascade import CITIES, at, begin, child, federations, file, pass_down


class TestFollowing:
    def test_the_province_reviews_what_its_cities_file(
        self, passed, officers, guangdong_officer, guangdong_head, national_officer
    ):
        report = file(child(passed, "440100"), officers["440100"])
        duty = Duty.objects.open().get(subject_id=report.pk)
        assert duty.federation.code == "440000"
        assert PortalNotice.objects.filter(
            user=guangdong_head, event="reports/report_submitted"
        ).exists()
        assert not PortalNotice.objects.filter(
            user=national_officer, event="reports/report_submitted"
        ).exists()
        for step in (services.accept_report, services.return_report):
            with pytest.raises(NotAllowed):
                step(report, by=national_officer, version=report.version, note="改")
        with pytest.raises(NotAllowed):
            services.accept_report(report, by=officers["440100"], version=report.version)
        returned = services.return_report(
            report, by=guangdong_officer, version=report.version, note="请核实数字。"
        )
        assert returned.state == "returned"

    def test_the_province_extends_within_its_own_date_and_waives(
        self, passed, guangdong_officer, national_officer
    ):
        owed = child(passed, "440100")
        with pytest.raises(Invalid) as refused:
            services.extend_obligation(
                owed,
                by=guangdong_officer,
                version=owed.version,
                due_on=dt.date(2026, 10, 15),
                reason="台风",
            )
        assert [each.pointer for each in refused.value.fields] == ["/due_on"]
        with pytest.raises(NotAllowed):
            services.waive_obligation(owed, by=national_officer, version=owed.version, reason="免")
        owed = services.extend_obligation(
            owed,
            by=guangdong_officer,
            version=owed.version,
            due_on=dt.date(2026, 10, 14),
            reason="台风",
        )
        assert owed.due_on == dt.date(2026, 10, 14)
        owed = services.waive_obligation(
            owed, by=guangdong_officer, version=owed.version, reason="受灾"
        )
        assert owed.waived_at

    def test_who_signed_filed_is_late_and_silent(self, two_filed, guangdong_officer, the_day):
        the_day.move_to(at("2026-10-12"))
        rows = queries.lower_rows(Obligation.objects.get(pk=two_filed.pk), guangdong_officer)
        assert [(row.federation.code, str(row.standing), row.is_late) for row in rows] == [
            ("440100", "accepted", False),
            ("440300", "submitted", False),
            ("440600", "silent", True),
        ]
        tally = queries.lower_tally(rows)
        assert (tally.asked, tally.signed_for, tally.filed, tally.accepted, tally.late) == (
            *(3, 2, 2, 1, 1),
        )

    def test_the_page_asks_the_same_number_of_queries_for_one_and_for_three(
        self,
        signed_obligation,
        officers,
        guangdong_officer,
        client_for,
        django_assert_max_num_queries,
        django_assert_num_queries,
    ):
        passed = pass_down(signed_obligation, guangdong_officer, recipients=federations("440100"))
        client = client_for(guangdong_officer)
        url = reverse("passed-down", args=[passed.pk])
        client.get(url)
        with django_assert_max_num_queries(24) as found:
            assert client.get(url).status_code == 200
        services.pass_further(
            passed,
            by=guangdong_officer,
            version=passed.version,
            recipients=federations("440300", "440600"),
        )
        with django_assert_num_queries(len(found)):
            page = client.get(url).content.decode()
        assert "深圳" in page
        assert "佛山" in page

    def test_the_province_chases_its_own_late_cities_and_no_others(
        self,
        two_filed,
        guangdong_officer,
        officers,
        national_officer,
        hunan,
        the_day,
        issued_notice,
    ):
        the_day.move_to(at("2026-10-12"))
        owed = Obligation.objects.get(pk=two_filed.pk)
        with pytest.raises(Invalid):
            services.chase_lower(owed, by=guangdong_officer, federations=[hunan])
        with pytest.raises(NotAllowed):
            services.chase_lower(owed, by=national_officer, federations=federations("440600"))
        services.chase_lower(
            owed, by=guangdong_officer, federations=federations("440600"), sentence="请抓紧。"
        )
        told = PortalNotice.objects.get(user=officers["440600"], event="casework/reminder")
        assert "请抓紧。" in told.body
        assert queries.nudges_for(issued_notice) == []
        assert len(queries.nudges_for(issued_notice, parent=owed)) == 1

    def test_chasing_by_the_page_is_a_job(
        self, two_filed, guangdong_officer, officers, client_for, the_day
    ):
        the_day.move_to(at("2026-10-12"))
        client = client_for(guangdong_officer)
        url = reverse("passed-down-chase", args=[two_filed.pk])
        page = client.get(url)
        assert "佛山" in page.content.decode()
        assert "广州" not in page.content.decode()
        answer = client.post(
            url,
            {"id": page.context["form"]["id"].value(), "federations": ["440600"], "up_to": "0"},
        )
        assert answer.status_code == 302
        job = answer["Location"].rstrip("/").rpartition("/")[2]
        run_job(job)
        assert [str(target.federation.code) for target in Nudge.objects.get().targets.all()] == [
            "440600"
        ]

    def test_reminders_go_to_the_city_and_stay_with_the_province(
        self, passed, officers, national_officer, guangdong_officer, the_day
    ):
        ReminderRule.objects.update(since=dt.date(2026, 1, 1))
        begin(child(passed, "440300"), officers["440300"])
        before = PortalNotice.objects.filter(user=national_officer).count()
        for day in ("2026-09-28", "2026-10-08", "2026-10-12", "2026-10-14"):
            the_day.move_to(at(day))
            remind(at=at(day))
        assert PortalNotice.objects.filter(
            user=officers["440300"], event="casework/reminder"
        ).exists()
        assert PortalNotice.objects.filter(user=national_officer).count() == before

    def test_the_export_has_a_line_a_city_and_a_column_a_figure(self, two_filed, guangdong_officer):
        export = exports.find("lower-tier")
        given = export.given({"obligation": str(two_filed.pk)})
        chosen = export.select(guangdong_officer, given)
        columns = export.columns_for(guangdong_officer, given)
        rows = list(chosen.queryset.order_by(*chosen.order))
        export.prepare(rows, guangdong_officer)
        heads = [str(column.label) for column in columns]
        place = next(n for n, head in enumerate(heads) if head.startswith("经费") or "万元" in head)
        assert [columns[0].value(row) for row in rows] == list(CITIES)
        assert [columns[place].value(row) for row in rows] == [10, pytest.approx(20.5), None]


class TestTheCentreSeesNothingOfIt:
    def test_its_lists_counts_and_view_stay_as_they_were(
        self,
        signed_obligation,
        guangdong_officer,
        officers,
        national_officer,
        issued_notice,
        the_day,
    ):
        def counted():
            return (
                Obligation.objects.visible_to(national_officer).count(),
                Report.objects.visible_to(national_officer).count(),
                len(queries.recipient_rows(issued_notice, national_officer)),
                [row.total for row in standings(national_officer)],
                str(current_notices(national_officer)),
                sum(
                    cell is not None
                    for row in matrix_for(national_officer).rows
                    for cell in row.cells
                ),
            )

        before = counted()
        passed = pass_down(signed_obligation, guangdong_officer)
        file(child(passed, "440100"), officers["440100"])
        assert counted() == before
        the_day.move_to(at("2026-10-12"))
        # Hunan has not signed for it.
        assert [each.code for each in queries.late_federations(issued_notice)] == ["430000"]
        assert [
            each.code for each in queries.late_federations(issued_notice, parent=passed.obligation)
        ] == ["440300", "440600"]

    def test_the_auditors_counts_are_the_centres(
        self, passed, auditor, national_officer, issued_notice
    ):
        assert Obligation.objects.visible_to(auditor).filter(parent=passed.pk).count() == 3
        assert len(queries.recipient_rows(issued_notice, auditor)) == len(
            queries.recipient_rows(issued_notice, national_officer)
        )

    def test_its_pages_and_endpoints_are_not_there_for_it(
        self, two_filed, national_officer, client_for, api_for
    ):
        report = Report.objects.get(obligation=child(two_filed, "440300"))
        client, api = client_for(national_officer), api_for(national_officer)
        for url in (
            reverse("passed-down", args=[two_filed.pk]),
            reverse("obligation-detail", args=[child(two_filed, "440600").pk]),
            reverse("report-detail", args=[report.pk]),
        ):
            assert client.get(url).status_code == 404
        assert api.get(f"/api/v1/pass-downs/{two_filed.pk}/").status_code == 404
        assert api.get("/api/v1/pass-downs/").json()["results"] == []
