"""Summing up: figures by their rules, blanks by name, paragraphs beside their source, frozen editions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from platform_site.accounts.roles import Role
from platform_site.casework.models import Duty
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires.models import Form, Indicator
from reports import services
from reports.models import Notice, Summary, SummaryEdition
from reports.queries import summaries as queries
from reports.queries.adding_up import totals_of
from reports.queries.editions import compare_editions
from tests.factories.accounts import user_with

DONE = "各级工会摸底调查、建立台账，会同有关部门召开联席会议，围绕法律维权、心理健康和技能培训购买服务项目，社会组织参与面不断扩大，职工反映良好，工作机制逐步健全，台账每季度更新一次。"


def figures(**changed) -> dict[str, str]:
    given = {
        "done": DONE,
        "next_step": "下一季度完成台账复核，启动第二批购买服务项目，总结推广两个以上的典型案例。",
        "organisations_surveyed": "100",
        "organisations_on_ledger": "60",
        "organisations_contacted": "30",
        "projects_purchased": "4",
        "funds_purchased": "12.5",
        "workers_served": "1000",
        **changed,
    }
    return {code: value for code, value in given.items() if value is not None}


@pytest.fixture
def progress(draft, national_leader, national_officer, the_day):
    """An issued notice that asks four federations for a progress report."""
    codes = ("440000", "430000", "110000", "120000")
    notice = draft(
        title="关于报送进展情况的通知",
        asks="progress",
        form=Form.objects.get(code="progress_report"),
        recipients=[Federation.objects.get(code=code) for code in codes],
    )
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    return services.issue_notice(notice, by=national_officer, version=notice.version)


@pytest.fixture
def file(progress, national_officer):
    """Let one federation file its report, and the centre accept it."""

    def act(code: str, *, accept: bool = True, **answers):
        owed = Obligation.objects.get(round__request=progress.pk, federation__code=code)
        officer = user_with(
            Role.LIAISON_OFFICER, owed.federation, username=f"filer.{code}", name="报送员"
        )
        owed = services.sign_for(
            owed, by=officer, version=owed.version, leader_name="领导", department="部门"
        )
        report = services.start_report(owed, by=officer)
        report = services.save_report(
            report,
            by=officer,
            version=report.version,
            answers=figures(**answers),
            explanation="已核实。",
        ).report
        report = services.sign_off_report(
            report, by=officer, version=report.version, name="领导", on=dt.date(2026, 9, 14)
        )
        report = services.submit_report(report, by=officer, version=report.version)
        if accept:
            report = services.accept_report(report, by=national_officer, version=report.version)
        return report

    return act


@pytest.fixture
def summary(progress, file, national_officer) -> Summary:
    file("440000", service_attendances="3000")
    file("430000", organisations_surveyed="50", funds_purchased="7.25")
    return services.start_summary(progress, by=national_officer)


class TestAddingUp:
    def content(self, summary):
        return queries.summary_content(Summary.objects.get(pk=summary.pk))

    def total(self, summary, code):
        [found] = [each for each in self.content(summary)["totals"] if each["indicator"] == code]
        return found

    def test_sums_with_the_missing_by_name(self, summary):
        surveyed = self.total(summary, "organisations_surveyed")
        assert surveyed["value"] == "150"
        assert (surveyed["reported"], surveyed["of"]) == (2, 4)
        assert surveyed["missing"] == ["110000", "120000"]
        assert self.total(summary, "funds_purchased")["value"] == "19.75"

    def test_persons_and_attendances_stand_apart(self, summary):
        served, attended = (
            self.total(summary, code) for code in ("workers_served", "service_attendances")
        )
        assert (served["value"], served["unit_zh"]) == ("2000", "人")
        assert (attended["value"], attended["unit_zh"]) == ("3000", "人次")
        assert attended["missing"] == ["110000", "120000", "430000"]

    def test_not_reported_is_blank_and_not_zero(self, summary):
        assert self.total(summary, "incubation_bases")["value"] is None
        [hunan] = [row for row in self.content(summary)["rows"] if row["federation"] == "430000"]
        assert "service_attendances" not in hunan["figures"]

    def test_a_reported_zero_counts(self, summary, file):
        file("110000", incubation_bases="0")
        bases = self.total(summary, "incubation_bases")
        assert (bases["value"], bases["reported"]) == ("0", 1)

    def test_only_what_was_accepted_counts(self, summary, file):
        file("110000", accept=False)
        assert self.total(summary, "organisations_surveyed")["value"] == "150"
        content = self.content(summary)
        assert [row["federation"] for row in queries.not_accepted(content)] == ["110000"]
        assert [row["federation"] for row in queries.not_filed(content)] == ["120000"]
        assert content["counts"] == {
            "recipients": 4,
            "owed": 4,
            "filed": 3,
            "late": 0,
            "accepted": 2,
            "not_filed": 1,
            "waived": 0,
            "cancelled": 0,
        }

    def test_a_waived_federation_is_missed_by_nobody(self, summary, national_officer, progress):
        owed = Obligation.objects.get(round__request=progress.pk, federation__code="120000")
        services.waive_obligation(
            owed, by=national_officer, version=owed.version, reason="机构调整。"
        )
        surveyed = self.total(summary, "organisations_surveyed")
        assert (surveyed["of"], surveyed["missing"]) == (3, ["110000"])
        assert self.content(summary)["counts"]["owed"] == 3

    def test_waived_after_it_was_filed(self, summary, file, national_officer, progress):
        """What is let off is not decided any more, and adds up to nothing."""
        report = file("120000", accept=False, organisations_surveyed="1000")
        owed = Obligation.objects.get(pk=report.obligation_id)
        services.waive_obligation(
            owed, by=national_officer, version=owed.version, reason="机构调整。"
        )
        assert not Duty.objects.open().filter(subject_id=report.pk).exists()
        with pytest.raises(StepNotOpen):
            services.accept_report(report, by=national_officer, version=report.version)
        assert self.total(summary, "organisations_surveyed")["value"] == "150"

    def test_accepted_and_then_waived(self, summary, national_officer, progress):
        owed = Obligation.objects.get(round__request=progress.pk, federation__code="430000")
        Obligation.objects.filter(pk=owed.pk).update(waived_at=owed.settled_at, settled_at=None)
        surveyed = self.total(summary, "organisations_surveyed")
        assert (surveyed["value"], surveyed["of"]) == ("100", 3)

    def test_a_recalled_report_was_filed(self, summary, file):
        report = file("120000", accept=False)
        services.recall_report(report, by=report.submitted_by, version=report.version)
        content = self.content(summary)
        assert [row["federation"] for row in queries.not_filed(content)] == ["110000"]
        assert [row["federation"] for row in queries.not_accepted(content)] == ["120000"]
        counts = content["counts"]
        assert counts["owed"] == counts["accepted"] + 1 + counts["not_filed"]

    def test_a_withdrawn_notice_says_what_was_cancelled(
        self, summary, progress, national_officer, client_for
    ):
        fresh = Notice.objects.get(pk=progress.pk)
        services.withdraw_notice(
            fresh, by=national_officer, version=fresh.version, note="有误，重发。"
        )
        counts = self.content(summary)["counts"]
        assert (counts["owed"], counts["cancelled"]) == (2, 2)
        client = client_for(national_officer)
        assert "通知已撤回" in client.get(summary.get_absolute_url()).content.decode()
        form = {"version": summary.version, "title": "改题", "remark": "写了很久的话。"}
        answer = client.post(reverse("summary-edit", args=[summary.pk]), form)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "写了很久的话。" in page
        assert "汇总已保存" not in page

    @pytest.mark.parametrize(
        ("rule", "value"),
        [("sum", "12"), ("average", "4"), ("count", "2"), ("latest", "9"), ("none", None)],
    )
    def test_each_rule(self, rule, value):
        indicator = Indicator(
            code="x", name_zh="甲", name_en="x", unit_zh="个", unit_en="x", adds_up=rule
        )
        given = {"x": {"a": Decimal(3), "b": Decimal(0), "c": Decimal(9)}}
        filed = {
            code: dt.datetime(2026, 9, day, tzinfo=dt.UTC)
            for code, day in (("a", 2), ("b", 1), ("c", 3), ("d", 4))
        }
        [total] = totals_of([indicator], given, ["a", "b", "c", "d"], filed)
        assert total["value"] == value
        assert total["missing"] == ["d"]
        assert total.get("latest") == ("c" if rule == "latest" else None)

    def test_an_average_is_rounded_half_up(self):
        indicator = Indicator(code="x", adds_up="average")
        [total] = totals_of(
            [indicator], {"x": {"a": Decimal("0.01"), "b": Decimal("0.02")}}, ["a", "b"], {}
        )
        assert total["value"] == "0.02"  # 0.015

    def test_the_number_of_queries_does_not_grow(self, summary, file):
        counts = []
        for code in ("110000", "120000"):
            fresh = Summary.objects.with_notice().get(pk=summary.pk)
            with CaptureQueriesContext(connection) as spent:
                queries.summary_content(fresh)
            counts.append(len(spent))
            file(code)
        assert counts[0] == counts[1]


class TestParagraphs:
    def test_drawn_from_the_heart_of_the_report(self, summary):
        assert summary.questions == ["done"]
        parts = list(summary.parts.order_by("obligation__federation__position"))
        assert [part.text for part in parts] == [DONE, DONE]
        assert all(part.source.number == 1 and part.edited_by is None for part in parts)

    def test_begun_once(self, summary, progress, national_leader):
        assert services.start_summary(progress, by=national_leader).pk == summary.pk

    def test_edited_beside_its_source(self, summary, national_officer):
        part = summary.parts.first()
        part = services.edit_part(part, by=national_officer, version=1, text="  改写后的一段。 ")
        assert (part.text, part.edited_by, part.version) == ("改写后的一段。", national_officer, 2)
        with pytest.raises(Stale):
            services.edit_part(part, by=national_officer, version=1, text="后到的。")
        with pytest.raises(Invalid):
            services.edit_part(part, by=national_officer, version=2, text="  ")
        again = services.redraw_part(part, by=national_officer, version=2)
        assert (again.text, again.edited_by) == (DONE, None)

    def test_other_questions_leave_what_was_edited(self, summary, national_officer):
        first, second = summary.parts.order_by("pk")
        services.edit_part(first, by=national_officer, version=1, text="编辑过。")
        summary.refresh_from_db()
        services.edit_summary(
            summary, by=national_officer, version=summary.version, questions=["next_step"]
        )
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.text == "编辑过。"
        assert second.text.startswith("下一季度完成台账复核")
        summary.refresh_from_db()
        with pytest.raises(Invalid) as refused:
            services.edit_summary(
                summary, by=national_officer, version=summary.version, questions=["workers_served"]
            )
        assert refused.value.fields[0].pointer == "/questions"

    def test_left_as_it_is_stays_as_filed(self, summary, national_officer):
        part = services.edit_part(
            summary.parts.first(), by=national_officer, version=1, text=f"{DONE}\n"
        )
        assert (part.edited_by, part.version) == (None, 1)

    def test_nothing_is_cut_off(self, progress, file, national_officer):
        long = "职工" * 2499
        file("440000", done=long, difficulties=long, advice=long, next_step=long)
        summary = services.start_summary(progress, by=national_officer)
        chosen = ["done", "difficulties", "advice", "next_step"]
        services.edit_summary(summary, by=national_officer, version=1, questions=chosen)
        assert len(summary.parts.get().text) == 4 * len(long) + 3

    def test_what_was_accepted_since_is_taken_in(self, summary, file, national_officer):
        file("110000")
        assert queries.to_draw(queries.summary_content(summary)) == ["110000"]
        with pytest.raises(StepNotOpen):
            services.freeze_summary(summary, by=national_officer, version=summary.version)
        summary, many = services.draw_parts(summary, by=national_officer, version=summary.version)
        assert many == 1
        assert queries.to_draw(queries.summary_content(summary)) == []


class TestEditions:
    def test_frozen_and_never_changed(self, summary, file, national_officer):
        edition = services.freeze_summary(
            summary, by=national_officer, version=summary.version, note="第一次汇总"
        )
        assert edition.number == 1
        file("110000", organisations_surveyed="1000")
        kept = SummaryEdition.objects.get(pk=edition.pk)
        [surveyed] = [
            each for each in kept.content["totals"] if each["indicator"] == "organisations_surveyed"
        ]
        assert surveyed["value"] == "150"
        for change in (
            lambda: SummaryEdition.objects.filter(pk=kept.pk).update(note="改"),
            lambda: SummaryEdition.objects.filter(pk=kept.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()

    def test_two_editions_compared(self, summary, file, national_officer):
        first = services.freeze_summary(summary, by=national_officer, version=summary.version)
        file("110000", organisations_surveyed="1000")
        summary.refresh_from_db()
        summary, _many = services.draw_parts(summary, by=national_officer, version=summary.version)
        part = summary.parts.get(obligation__federation__code="440000")
        services.edit_part(part, by=national_officer, version=part.version, text="广东另写一段。")
        summary.refresh_from_db()
        second = services.freeze_summary(summary, by=national_officer, version=summary.version)
        assert second.number == 2
        changed = compare_editions(first.content, second.content)
        surveyed = next(
            each
            for each in changed["totals"]
            if each["of"]["indicator"] == "organisations_surveyed"
        )
        assert (surveyed["old"], surveyed["new"]) == ("150", "1150")
        assert {each["of"]["federation"] for each in changed["parts"]} == {"110000", "440000"}
        assert [
            (each["of"]["federation"], each["old"], each["new"]) for each in changed["standings"]
        ] == [("110000", "waiting", "accepted")]

    def test_nothing_accepted_nothing_frozen(self, progress, national_officer):
        summary = services.start_summary(progress, by=national_officer)
        with pytest.raises(StepNotOpen):
            services.freeze_summary(summary, by=national_officer, version=summary.version)

    def test_an_old_version_freezes_nothing(self, summary, national_officer):
        services.edit_summary(summary, by=national_officer, version=1, remark="新写的话。")
        with pytest.raises(Stale):
            services.freeze_summary(summary, by=national_officer, version=1)
        assert not SummaryEdition.objects.exists()


class TestWho:
    def test_not_a_province(self, progress, guangdong_officer):
        with pytest.raises(NotAllowed):
            services.start_summary(progress, by=guangdong_officer)

    def test_the_auditor_reads_and_writes_nothing(self, summary, auditor):
        assert Summary.objects.visible_to(auditor).count() == 1
        with pytest.raises(NotAllowed):
            services.edit_summary(summary, by=auditor, version=1, title="改")

    def test_nobody_else_sees_one(
        self, summary, guangdong_officer, hunan_officer, casework_officer, system_administrator
    ):
        for person in (guangdong_officer, hunan_officer, casework_officer, system_administrator):
            assert not Summary.objects.visible_to(person).exists()

    def test_history_of_which_nothing_is_known(self, national_officer, guangdong, progress):
        old = services.import_notice(
            by=None,
            federation=progress.federation,
            drafted_by=national_officer,
            title="以前的通知",
            text="待查。",
            asks="pilot_plan",
            business_line="platform",
            form=Form.objects.get(code="pilot_plan"),
            year=2016,
            month=9,
            recipients=[guangdong],
        )
        with pytest.raises(StepNotOpen) as refused:
            services.start_summary(old, by=national_officer)
        assert refused.value.code == "history"

    def test_a_leader_is_offered_no_number_that_is_not_theirs_to_take(
        self, summary, client_for, national_officer, national_leader
    ):
        address = reverse("summary-freeze", args=[summary.pk])
        assert "总工办发" in client_for(national_officer).get(address).content.decode()
        assert "总工办发" not in client_for(national_leader).get(address).content.decode()

    def test_nothing_to_sum_up(self, draft, national_officer, obligation):
        with pytest.raises(StepNotOpen):
            services.start_summary(draft(title="草稿"), by=national_officer)


class TestPages:
    def test_figures_and_paragraphs_lead_to_their_reports(
        self, summary, client_for, national_officer
    ):
        page = client_for(national_officer).get(summary.get_absolute_url()).content.decode()
        for part in summary.parts.all():
            address = reverse("report-version", args=[part.source.report_id, 1])
            # The paragraph, and each of its seven or eight figures.
            assert page.count(address) >= 7
        assert "北京、天津" in page
        assert "19.75" in page

    def test_what_was_typed_stays_when_somebody_was_faster(
        self, summary, client_for, national_officer, national_leader
    ):
        part = summary.parts.first()
        code = part.obligation.federation.code
        address = reverse("summary-part", args=[summary.pk, code])
        services.edit_part(part, by=national_leader, version=1, text="领导先改了。")
        answer = client_for(national_officer).post(address, {"version": "1", "text": "我写的。"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "我写的。" in page
        assert "领导先改了。" in page

    def test_save_and_go_to_the_next(self, summary, client_for, national_officer):
        first, second = summary.parts.order_by("obligation__federation__position")
        client = client_for(national_officer)
        answer = client.post(
            reverse("summary-part", args=[summary.pk, first.obligation.federation.code]),
            {"version": "1", "text": "写好了。", "next": "1"},
        )
        assert answer["Location"] == reverse(
            "summary-part", args=[summary.pk, second.obligation.federation.code]
        )

    @pytest.mark.parametrize("field", ["title", "remark"])
    def test_too_much_is_told_beside_the_field(self, summary, client_for, national_officer, field):
        form = {"version": "1", "title": "汇总", "remark": "", "questions": ["done"]}
        form[field] = "长" * 10_001
        answer = client_for(national_officer).post(reverse("summary-edit", args=[summary.pk]), form)
        assert answer.status_code == 422
        assert f'id="id_{field}' in answer.content.decode()

    def test_freeze_and_compare(self, summary, client_for, national_officer):
        client = client_for(national_officer)
        for _time in range(2):
            summary.refresh_from_db()
            answer = client.post(
                reverse("summary-freeze", args=[summary.pk]), {"version": summary.version}
            )
            assert answer.status_code == 302
        assert client.get(reverse("summary-edition", args=[summary.pk, 2])).status_code == 200
        address = reverse("summary-compare", args=[summary.pk])
        assert "没有差异" in client.get(address).content.decode()
        assert client.get(address + "?from=9").status_code == 404
        assert client.get(reverse("summary-edition", args=[summary.pk, 3])).status_code == 404

    def test_a_list_asks_no_more_for_three(
        self, summary, client_for, national_officer, draft, national_leader
    ):
        client = client_for(national_officer)
        counts = []
        for _more in range(2):
            client.get(reverse("summary-list"))
            with CaptureQueriesContext(connection) as spent:
                assert client.get(reverse("summary-list")).status_code == 200
            counts.append(len(spent))
            for number in range(2):
                notice = draft(title=f"又一份{number}", recipients=None)
                notice = services.approve_notice(notice, by=national_leader, version=notice.version)
                notice = services.issue_notice(notice, by=national_officer, version=notice.version)
                services.start_summary(notice, by=national_officer)
        assert counts[0] == counts[1]
