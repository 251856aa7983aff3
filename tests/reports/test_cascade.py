"""下发: a province passes a notice down, follows, chases and takes back; the centre sees nothing of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from platform_site.casework.models import Duty, Nudge, ReminderRule
from platform_site.casework.queries import todo
from platform_site.casework.services.reminders import remind
from platform_site.jobs.services import run_job
from platform_site.lists import exports
from platform_site.notifications.models import PortalNotice
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Form
from reports import queries, services
from reports.documents import document_of
from reports.menu import current_notices
from reports.models import PassDown, Report
from reports.queries import matrix_for
from reports.queries.overview import standings
from tests.answers import GOOD_ANSWERS
from tests.cascade import (
    CITIES,
    DUE,
    at,
    begin,
    child,
    federations,
    file,
    pass_down,
)


class TestPassingDown:
    def test_each_gets_an_obligation_with_the_provinces_date_and_is_told(
        self, passed, officers, signed_obligation
    ):
        children = list(Obligation.objects.filter(parent=signed_obligation).order_by("federation"))
        assert {each.federation.code for each in children} == set(CITIES)
        assert {each.due_on for each in children} == {DUE}
        assert {each.round_id for each in children} == {signed_obligation.round_id}
        told = PortalNotice.objects.get(user=officers["440300"], event="reports/notice_passed_down")
        assert "请各市如实填报。" in told.body
        assert "2026年10月9日" in told.body
        assert [duty.rule_code for duty in todo(officers["440300"])] == ["reports.sign_for"]

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"due_on": dt.date(2026, 10, 15)}, "/due_on"),
            ({"due_on": dt.date(2026, 10, 16)}, "/due_on"),
            ({"due_on": dt.date(2026, 9, 13)}, "/due_on"),
            ({"due_on": None}, "/due_on"),
            ({"recipients": []}, "/recipients"),
            ({"on_time_until": dt.date(2026, 10, 8)}, "/on_time_until"),
            ({"on_time_until": dt.date(2026, 10, 16)}, "/on_time_until"),
            ({"locks_on": dt.date(2026, 10, 8)}, "/locks_on"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(
        self, signed_obligation, guangdong_officer, changes, pointer
    ):
        with pytest.raises(Invalid) as refused:
            pass_down(signed_obligation, guangdong_officer, **changes)
        assert [each.pointer for each in refused.value.fields] == [pointer]
        assert not Obligation.objects.filter(parent__isnull=False).exists()

    @pytest.mark.parametrize(
        ("code", "problem"),
        [("430100", "not_below"), ("440103", "not_below"), ("440000", "not_below")],
    )
    def test_only_to_those_directly_below(
        self, signed_obligation, guangdong_officer, code, problem
    ):
        with pytest.raises(Invalid) as refused:
            pass_down(signed_obligation, guangdong_officer, recipients=federations(code))
        assert [(each.pointer, each.code) for each in refused.value.fields] == [
            ("/recipients/0", problem)
        ]

    def test_not_twice_to_the_same_federation(self, passed, guangdong_officer):
        with pytest.raises(StepNotOpen) as refused:
            pass_down(passed.obligation, guangdong_officer)
        assert refused.value.code == "passed_down_already"
        with pytest.raises(Invalid) as refused:
            services.pass_further(
                passed,
                by=guangdong_officer,
                version=passed.version,
                recipients=federations("440100"),
            )
        assert [each.code for each in refused.value.fields] == ["passed_already"]

    def test_to_further_ones_on_the_same_terms_or_with_a_date_of_their_own(
        self, passed, guangdong_officer
    ):
        passed = services.pass_further(
            passed, by=guangdong_officer, version=passed.version, recipients=federations("440700")
        )
        assert child(passed, "440700").due_on == DUE
        with pytest.raises(Stale):
            services.pass_further(
                passed, by=guangdong_officer, version=1, recipients=federations("440800")
            )
        services.pass_further(
            passed,
            by=guangdong_officer,
            version=passed.version,
            recipients=federations("440800"),
            due_on=dt.date(2026, 10, 12),
        )
        assert child(passed, "440800").due_on == dt.date(2026, 10, 12)

    @pytest.mark.parametrize("who", ["guangdong_leader", "hunan_officer", "national_officer"])
    def test_by_nobody_but_its_own_officers(self, signed_obligation, request, who):
        with pytest.raises(NotAllowed):
            pass_down(signed_obligation, request.getfixturevalue(who))

    def test_only_what_was_signed_for(self, obligation, guangdong_officer):
        with pytest.raises(StepNotOpen) as refused:
            pass_down(obligation, guangdong_officer)
        assert refused.value.code == "not_signed_for"

    def test_not_after_the_lock(self, signed_obligation, guangdong_officer, the_day):
        Obligation.objects.filter(pk=signed_obligation.pk).update(locks_on=dt.date(2026, 9, 13))
        with pytest.raises(StepNotOpen) as refused:
            pass_down(signed_obligation, guangdong_officer)
        assert refused.value.code == "locked"

    def test_not_once_the_notice_is_closed(
        self, signed_obligation, guangdong_officer, issued_notice, national_officer
    ):
        issued_notice.refresh_from_db()
        services.close_notice(issued_notice, by=national_officer, version=issued_notice.version)
        with pytest.raises(StepNotOpen):
            pass_down(signed_obligation, guangdong_officer)

    def test_a_city_passes_it_on_to_its_districts(self, passed, officers, guangdong_officer):
        owed = child(passed, "440100")
        with pytest.raises(StepNotOpen):
            pass_down(owed, officers["440100"], recipients=federations("440103"))
        begin(owed, officers["440100"])
        owed.refresh_from_db()
        with pytest.raises(Invalid):
            pass_down(owed, officers["440100"], recipients=federations("440103"))
        lower = pass_down(
            owed,
            officers["440100"],
            recipients=federations("440103"),
            due_on=dt.date(2026, 9, 30),
        )
        district = child(lower, "440103")
        assert district.asking_federation.code == "440100"
        assert Obligation.objects.visible_to(guangdong_officer).filter(pk=district.pk).exists()


class TestWhatIsAskedBesides:
    def test_own_questions_stand_behind_those_of_the_notice(
        self, signed_obligation, guangdong_officer, officers
    ):
        passed = pass_down(
            signed_obligation,
            guangdong_officer,
            questions=[
                {"kind": "number", "name_zh": "街道工会数", "unit_zh": "个", "required": True},
                {
                    "kind": "choice",
                    "name_zh": "是否需要经费",
                    "required": False,
                    "options": [{"code": "a", "zh": "需要"}, {"code": "b", "zh": "不需要"}],
                },
            ],
        )
        report = begin(child(passed, "440300"), officers["440300"])
        asked = sheets.questions_of(report.sheet.form_version)
        assert [each.name_zh for each in asked[-2:]] == ["街道工会数", "是否需要经费"]
        own = services.start_report(signed_obligation, by=guangdong_officer)
        there = {each.code for each in sheets.questions_of(own.sheet.form_version)}
        assert {each.code for each in asked} > there
        saved = services.save_report(
            report,
            by=officers["440300"],
            version=report.version,
            answers={asked[-2].code: "7", asked[-1].code: "a"},
            strict=True,
        )
        assert set(saved.codes) == {asked[-2].code, asked[-1].code}

    def test_the_form_of_a_cascade_is_in_no_list(
        self, signed_obligation, guangdong_officer, officers, national_officer
    ):
        before = list(Form.objects.visible_to(national_officer).values_list("code", flat=True))
        pass_down(
            signed_obligation,
            guangdong_officer,
            questions=[{"kind": "text", "name_zh": "其他情况", "required": False}],
        )
        assert Form.objects.count() == len(before) + 1
        for user in (national_officer, guangdong_officer):
            seen = Form.objects.visible_to(user).values_list("code", flat=True)
            assert set(seen) <= set(before)

    @pytest.mark.parametrize(
        ("question", "pointer"),
        [
            ({"kind": "number", "name_zh": " "}, "/questions/0/name_zh"),
            ({"kind": "choice", "name_zh": "选哪个", "options": []}, "/questions/0/options"),
            ({"kind": "text", "name_zh": "说明", "unit_zh": "个"}, "/questions/0/unit_zh"),
        ],
    )
    def test_a_question_that_cannot_be_is_refused_beside_its_field(
        self, signed_obligation, guangdong_officer, question, pointer
    ):
        with pytest.raises(Invalid) as refused:
            pass_down(
                signed_obligation, guangdong_officer, questions=[{"required": True, **question}]
            )
        assert pointer in [each.pointer for each in refused.value.fields]
        assert not PassDown.objects.exists()
        assert not Obligation.objects.filter(parent__isnull=False).exists()


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


class TestPages:
    def test_passing_down_by_the_page(
        self, signed_obligation, guangdong_officer, officers, client_for
    ):
        client = client_for(guangdong_officer)
        url = reverse("pass-down", args=[signed_obligation.pk])
        page = client.get(url).content.decode()
        assert "深圳" in page
        assert "越秀" not in page
        rows = {"questions-TOTAL_FORMS": "3", "questions-INITIAL_FORMS": "0"}
        given = {
            "recipients": ["440100", "440300"],
            "due_on": "2026-10-20",
            "instructions": "按月调度。",
            "questions-1-name_zh": "街道工会数",
            "questions-1-kind": "number",
            "questions-1-unit_zh": "个",
            **rows,
        }
        answer = client.post(url, given)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "2026年10月15日" in text
        assert "按月调度。" in text
        assert "街道工会数" in text
        wrong = client.post(url, {**given, "due_on": "2026-10-09", "questions-1-kind": "text"})
        assert wrong.status_code == 422
        assert not PassDown.objects.exists()
        assert client.post(url, {**given, "due_on": "2026-10-09"}).status_code == 302
        passed = PassDown.objects.get()
        assert [each.name_zh for each in queries.own_questions(passed)] == ["街道工会数"]
        more = client.get(url).content.decode()
        assert "佛山" in more
        assert "深圳" not in more

    def test_the_city_reads_the_provinces_words_and_both_dates(self, passed, officers, client_for):
        page = client_for(officers["440300"]).get(
            reverse("obligation-detail", args=[child(passed, "440300").pk])
        )
        text = page.content.decode()
        assert "请各市如实填报。" in text
        assert "2026年10月9日" in text
        assert "2026年10月15日" in text

    def test_the_notice_leads_the_province_to_its_lower_tier(
        self, passed, guangdong_officer, issued_notice, client_for
    ):
        page = client_for(guangdong_officer).get(issued_notice.get_absolute_url())
        text = page.content.decode()
        assert reverse("passed-down", args=[passed.pk]) in text
        assert "深圳" not in text

    def test_the_document_is_not_made_out_to_whom_it_was_passed_down(
        self, passed, signed_obligation, issued_notice
    ):
        name, _content = document_of(issued_notice, "docx", obligation=child(passed, "440300"))
        assert "深圳" not in name
        name, _content = document_of(issued_notice, "docx", obligation=signed_obligation)
        assert "广东" in name

    def test_a_city_does_not_see_how_the_others_stand(self, two_filed, officers, client_for):
        client = client_for(officers["440300"])
        assert client.get(reverse("passed-down", args=[two_filed.pk])).status_code == 404

    def test_taking_back_by_the_page(self, two_filed, guangdong_officer, client_for):
        client = client_for(guangdong_officer)
        owed = child(two_filed, "440600")
        url = reverse("obligation-take-back", args=[owed.pk])
        assert client.post(url, {"version": owed.version, "reason": ""}).status_code == 422
        answer = client.post(url, {"version": owed.version, "reason": "不列入"})
        assert answer.status_code == 302
        filed = child(two_filed, "440300")
        client.post(
            reverse("obligation-take-back", args=[filed.pk]),
            {"version": filed.version, "reason": "撤"},
        )
        filed.refresh_from_db()
        assert filed.cancelled_at is None
