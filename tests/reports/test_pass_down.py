"""下发: a province passes a notice down, on what terms, and what it asks besides."""

from __future__ import annotations

import datetime as dt

import pytest

from platform_site.casework.queries import todo
from platform_site.notifications.models import PortalNotice
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Form
from reports import services
from reports.models import PassDown
from tests.cascade import CITIES, DUE, begin, child, federations, pass_down


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
