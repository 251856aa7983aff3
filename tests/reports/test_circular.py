"""通报: lists by the obligations as of a day, approved by another person, frozen, numbered, sent, withdrawn."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from io import BytesIO

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from platform_site.accounts.roles import Role
from platform_site.casework.queries import todo
from platform_site.documents.models import DocumentNumber, NumberSeries
from platform_site.federations.models import Federation
from platform_site.notifications.models import PortalNotice
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires.models import Form
from reports import services
from reports.documents import official_of_circular, sheet_of_circular
from reports.jobs import may_build_circular
from reports.models import Circular, CircularList
from reports.queries import circulars as queries
from reports.queries import punctuality
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db

BEIJING = dt.timezone(dt.timedelta(hours=8))
ON_TIME, LATE, SILENT, EXTENDED, WAIVED = "110000", "120000", "130000", "430000", "440000"


def september(day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2026, 9, day, hour, tzinfo=BEIJING)


@pytest.fixture
def at(the_day):
    """Go to a day of September 2026; the 14th is a Monday."""
    return lambda day, hour=10: the_day.move_to(september(day, hour))


@pytest.fixture
def notice(at, draft, national_leader, national_officer):
    """Issued on Monday the 14th to five federations, due on Wednesday the 16th."""
    at(14)
    notice = draft(
        title="关于报送进展情况的通知",
        asks="progress",
        form=Form.objects.get(code="progress_report"),
        due_on=dt.date(2026, 9, 16),
        recipients=[
            Federation.objects.get(code=code) for code in (ON_TIME, LATE, SILENT, EXTENDED, WAIVED)
        ],
    )
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    return services.issue_notice(notice, by=national_officer, version=notice.version)


@pytest.fixture
def owed(notice):
    return lambda code: Obligation.objects.select_related("round__request").get(
        round__request=notice.pk, federation__code=code
    )


@pytest.fixture
def submit(owed):
    """Let one federation file that it has nothing to report, or send its report again."""
    officers = {}

    def act(code: str):
        it = owed(code)
        officer = officers.get(code) or officers.setdefault(
            code, user_with(Role.LIAISON_OFFICER, it.federation, username=f"filer.{code}")
        )
        if it.signed_for_at is None:
            it = services.sign_for(
                it, by=officer, version=it.version, leader_name="领导", department="部门"
            )
        report = getattr(it, "report", None) or services.start_report(it, by=officer)
        report = services.save_report(
            report,
            by=officer,
            version=report.version,
            nothing_to_report=True,
            nothing_reason="本月没有新情况",
        ).report
        report = services.sign_off_report(
            report, by=officer, version=report.version, name="领导", on=dt.date(2026, 9, 14)
        )
        return services.submit_report(report, by=officer, version=report.version)

    return act


@pytest.fixture
def played(at, owed, submit, notice, national_officer):
    """One on time and returned once, one late, one silent, one extended, one waived; it is the 28th."""
    at(15)
    report = submit(ON_TIME)
    later = owed(EXTENDED)
    services.extend_obligation(
        later,
        by=national_officer,
        version=later.version,
        due_on=dt.date(2026, 9, 25),
        reason="台风",
    )
    at(16)
    services.return_report(report, by=national_officer, version=report.version, note="请补充")
    at(17)
    free = owed(WAIVED)
    services.waive_obligation(free, by=national_officer, version=free.version, reason="机构改革")
    at(18)
    submit(LATE)
    at(21)
    report = submit(ON_TIME)
    services.accept_report(report, by=national_officer, version=report.version)
    at(22)
    submit(EXTENDED)
    at(28)
    return notice


@pytest.fixture
def about(played, national_officer, acftu):
    def draft(**changes) -> Circular:
        given = {
            "by": national_officer,
            "federation": acftu,
            "title": "关于进展情况报送情况的通报",
            "as_of": dt.date(2026, 9, 28),
            "rounds": [played.round],
        }
        return services.draft_circular(**{**given, **changes})

    return draft


@pytest.fixture
def approved(about, national_leader):
    def make(**changes) -> Circular:
        circular = about(**changes)
        return services.approve_circular(circular, by=national_leader, version=circular.version)

    return make


@pytest.fixture
def issued(approved, national_officer):
    def make(**changes) -> Circular:
        circular = approved(**changes)
        return services.issue_circular(circular, by=national_officer, version=circular.version)

    return make


def groups(circular: Circular) -> dict[str, str]:
    [part] = queries.shown_content(circular)["parts"]
    return {line["federation"]: line["group"] for line in part["lines"]}


def line(circular: Circular, code: str):
    [part] = queries.shown_content(circular)["parts"]
    return next(each for each in part["lines"] if each["federation"] == code)


def text_of(circular: Circular) -> str:
    official = official_of_circular(circular, queries.shown_content(circular))
    return "\n".join(getattr(block, "text", "") for block in official.body)


def pointers(refused) -> list[str]:
    return [problem.pointer for problem in refused.value.fields]


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


class TestDrafting:
    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"title": "  "}, "/title"),
            ({"rounds": []}, "/rounds"),
            ({"lists": []}, "/lists"),
            ({"lists": ["worst"]}, "/lists"),
            ({"as_of": dt.date(2026, 9, 29)}, "/as_of"),
            ({"as_of": dt.date(1026, 9, 14)}, "/as_of"),
            ({"as_of": dt.date(2026, 9, 13)}, "/rounds"),  # nobody was asked by then
        ],
    )
    def test_what_is_wrong_is_told_beside_the_field(self, about, changes, pointer):
        with pytest.raises(Invalid) as refused:
            about(**changes)
        assert pointers(refused) == [pointer]
        assert not Circular.objects.exists()

    def test_only_issued_notices_are_spoken_of(self, about, draft):
        with pytest.raises(Invalid) as refused:
            about(rounds=[draft().round])
        assert pointers(refused) == ["/rounds"]

    def test_a_withdrawn_notice_cannot_go_out_in_a_circular(
        self, about, played, national_officer, national_leader
    ):
        circular = about()
        services.withdraw_notice(
            played, by=national_officer, version=played.version, note="另行通知"
        )
        with pytest.raises(Invalid) as refused:
            services.approve_circular(circular, by=national_leader, version=circular.version)
        assert pointers(refused) == ["/rounds"]

    def test_nor_when_it_was_withdrawn_after_the_approval(self, approved, played, national_officer):
        circular = approved(number_series=NumberSeries.objects.get(word="总工办发"))
        services.withdraw_notice(
            played, by=national_officer, version=played.version, note="另行通知"
        )
        with pytest.raises(Invalid) as refused:
            services.issue_circular(circular, by=national_officer, version=circular.version)
        assert pointers(refused) == ["/rounds"]
        assert not DocumentNumber.objects.exists()

    def test_only_national_officers_draft(self, about, guangdong_head, national_leader, auditor):
        for person in (guangdong_head, national_leader, auditor):
            with pytest.raises(NotAllowed):
                about(by=person)

    def test_the_same_id_is_one_circular_and_never_somebody_elses(
        self, about, second_national_officer
    ):
        key = uuid.uuid4()
        assert about(id=key) == about(id=key)
        with pytest.raises(Invalid) as refused:
            about(id=key, by=second_national_officer)
        assert pointers(refused) == ["/id"]

    def test_a_stale_version_changes_nothing(self, about, national_officer):
        circular = about()
        services.edit_circular(circular, by=national_officer, version=1, before="总体情况较好。")
        with pytest.raises(Stale):
            services.edit_circular(circular, by=national_officer, version=1, before="另一段。")


class TestLines:
    def test_nobody_moves_to_another_list_by_hand(self):
        """Of a federation only a remark, or why it is not named, can be said."""
        names = {field.name for field in Circular.lines.rel.related_model._meta.fields}
        assert names == {"id", "circular", "federation", "remark", "left_out"}

    def test_who_is_left_out_is_in_no_list_and_the_approver_reads_why(
        self, about, national_officer, national_leader, client_for, federation_by_code
    ):
        circular = about()
        circular = services.set_line(
            circular,
            by=national_officer,
            version=circular.version,
            federation=federation_by_code(SILENT),
            left_out="正在救灾",
        )
        assert SILENT not in groups(circular)
        [part] = queries.shown_content(circular)["parts"]
        assert (part["counts"]["left_out"], part["counts"]["silent"]) == (1, 0)
        assert "不列入本通报1个" in text_of(circular)
        page = client_for(national_leader).get(reverse("circular-approve", args=[circular.pk]))
        assert "正在救灾" in page.content.decode()
        assert "正在救灾" not in text_of(circular)

    def test_a_remark_is_printed_with_the_quality_of_the_reports(
        self, about, national_officer, federation_by_code
    ):
        circular = about()
        circular = services.set_line(
            circular,
            by=national_officer,
            version=circular.version,
            federation=federation_by_code(ON_TIME),
            remark="数据详实，做法可供参考。",
        )
        assert "北京：数据详实，做法可供参考。" in text_of(circular)
        circular = services.set_line(
            circular,
            by=national_officer,
            version=circular.version,
            federation=federation_by_code(ON_TIME),
        )
        assert circular.lines.count() == 0

    def test_only_those_asked_and_not_both(self, about, national_officer, federation_by_code):
        circular = about()
        for changes, pointer in [
            ({"federation": federation_by_code("650000"), "remark": "好"}, "/federation"),
            (
                {"federation": federation_by_code(LATE), "remark": "好", "left_out": "因故"},
                "/left_out",
            ),
        ]:
            with pytest.raises(Invalid) as refused:
                services.set_line(
                    circular, by=national_officer, version=circular.version, **changes
                )
            assert pointers(refused) == [pointer]


class TestApproval:
    def test_the_drafter_does_not_approve(self, about, national_officer):
        circular = about()
        with pytest.raises(NotAllowed) as refused:
            services.approve_circular(circular, by=national_officer, version=circular.version)
        assert refused.value.code == "own_circular"
        with pytest.raises(IntegrityError), transaction.atomic():
            Circular.objects.filter(pk=circular.pk).update(
                state="approved", content={}, approved_by=national_officer
            )

    def test_what_was_approved_goes_out_whatever_happens_afterwards(
        self, approved, at, submit, national_officer
    ):
        circular = approved()
        told = queries.shown_content(circular)
        at(29)
        submit(SILENT)
        circular = services.issue_circular(circular, by=national_officer, version=circular.version)
        assert queries.shown_content(circular) == told
        assert groups(circular)[SILENT] == "silent"

    def test_today_is_told_with_its_hour_and_a_past_day_without(self, approved):
        assert queries.shown_content(approved())["moment"] == "2026-09-28T10:00:00+08:00"
        assert "截至2026年9月28日10:00" in text_of(approved())
        past = approved(as_of=dt.date(2026, 9, 27))
        assert queries.shown_content(past)["moment"] is None
        assert "截至2026年9月27日，" in text_of(past)

    def test_it_holds_for_what_was_read(self, about, submit, national_leader):
        circular = about()
        read = queries.digest_of(queries.shown_content(circular))
        submit(SILENT)
        with pytest.raises(Stale) as refused:
            services.approve_circular(
                circular, by=national_leader, version=circular.version, digest=read
            )
        assert refused.value.code == "circular_moved"
        circular.refresh_from_db()
        assert (circular.state, circular.content) == ("draft", None)
        read = queries.digest_of(queries.shown_content(circular))
        services.approve_circular(
            circular, by=national_leader, version=circular.version, digest=read
        )

    def test_sent_back_it_is_read_anew_and_needs_another_approval(
        self, approved, submit, national_leader, second_national_officer
    ):
        circular = approved()
        circular = services.send_back_circular(
            circular, by=national_leader, version=circular.version, note="请核对"
        )
        assert (circular.state, circular.content, circular.approved_by) == ("draft", None, None)
        submit(SILENT)
        assert groups(circular)[SILENT] == "late"
        rules = set(todo(second_national_officer).values_list("rule_code", flat=True))
        assert "reports.approve_circular" in rules

    def test_the_duties_of_approving_and_issuing(
        self, about, national_officer, national_leader, second_national_officer
    ):
        def waits(person) -> set[str]:
            found = todo(person).filter(rule_code__contains="circular")
            return set(found.values_list("rule_code", flat=True))

        circular = about()
        assert waits(national_officer) == set()
        assert waits(national_leader) == {"reports.approve_circular"}
        circular = services.approve_circular(circular, by=national_leader, version=circular.version)
        assert waits(national_leader) == set()
        assert waits(second_national_officer) == {"reports.issue_circular"}
        services.issue_circular(circular, by=national_officer, version=circular.version)
        assert waits(second_national_officer) == set()


class TestIssued:
    def test_it_takes_the_next_number_when_it_goes_out(self, issued, approved):
        series = NumberSeries.objects.get(word="总工办发")
        waiting = approved(number_series=series)
        assert waiting.number == ""
        assert DocumentNumber.objects.count() == 0
        circular = issued(number_series=series)
        assert circular.number == "总工办发〔2026〕1号"
        assert DocumentNumber.objects.get().subject == circular.title

    def test_the_database_refuses_to_change_what_it_says(self, issued, national_officer):
        circular = issued()
        for changes in (
            {"content": {}},
            {"title": "另一个题目"},
            {"as_of": dt.date(2026, 9, 1)},
            {"number_no": 7, "number_word": "总工发", "number_year": 2026},
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                Circular.objects.filter(pk=circular.pk).update(**changes)
        with pytest.raises(DatabaseError), transaction.atomic():
            Circular.objects.filter(pk=circular.pk).delete()
        with pytest.raises(StepNotOpen):
            services.edit_circular(
                circular, by=national_officer, version=circular.version, title="另一个题目"
            )

    def test_it_is_sent_to_everybody_whom_its_notices_asked_and_to_nobody_else(
        self,
        issued,
        approved,
        guangdong_officer,
        guangdong_leader,
        hunan_officer,
        guangzhou_officer,
        auditor,
        editor,
        federation_by_code,
    ):
        stranger = user_with(Role.LIAISON_OFFICER, federation_by_code("650000"))
        waiting, circular = approved(), issued()
        seen = {
            person.username: set(Circular.objects.visible_to(person))
            for person in (guangdong_officer, guangdong_leader, hunan_officer, auditor)
        }
        for person in (guangdong_officer, guangdong_leader, hunan_officer):
            assert seen[person.username] == {circular}
        assert seen[auditor.username] == {waiting, circular}
        for person in (stranger, guangzhou_officer, editor):
            assert not Circular.objects.visible_to(person).exists()
        told = PortalNotice.objects.filter(event="reports/circular_issued")
        assert {guangdong_officer, hunan_officer} <= {each.user for each in told}
        assert stranger not in {each.user for each in told}

    def test_a_federation_is_told_what_is_printed_and_no_more(
        self, about, national_officer, national_leader, guangdong_officer, api_for,
        federation_by_code,
    ):  # fmt: skip
        circular = about(lists=["late"])
        circular = services.set_line(
            circular,
            by=national_officer,
            version=circular.version,
            federation=federation_by_code(SILENT),
            left_out="正在救灾",
        )
        circular = services.approve_circular(circular, by=national_leader, version=circular.version)
        services.issue_circular(circular, by=national_officer, version=circular.version)
        told = api_for(guangdong_officer).get(f"/api/v1/circulars/{circular.pk}/").json()
        [part] = told["content"]["parts"]
        assert [(each["federation"], each["returned"]) for each in part["lines"]] == [(LATE, 0)]
        assert told["content"]["left_out"] == []
        whole = api_for(national_officer).get(f"/api/v1/circulars/{circular.pk}/").json()
        assert [each["federation"] for each in whole["content"]["left_out"]] == [SILENT]

    def test_withdrawn_it_stays_with_its_reason(
        self, issued, national_officer, guangdong_officer, client_for
    ):
        circular = issued(number_series=NumberSeries.objects.get(word="总工办发"))
        said = queries.shown_content(circular)
        circular = services.withdraw_circular(
            circular, by=national_officer, version=circular.version, note="数据有误，另行通报"
        )
        assert (circular.number, queries.shown_content(circular)) == ("总工办发〔2026〕1号", said)
        page = client_for(guangdong_officer).get(circular.get_absolute_url()).content.decode()
        assert "数据有误，另行通报" in page
        assert PortalNotice.objects.filter(
            event="reports/circular_withdrawn", user=guangdong_officer
        ).exists()
        assert "撤销" in official_of_circular(circular, said).notes
        with pytest.raises(StepNotOpen):
            services.withdraw_circular(
                circular, by=national_officer, version=circular.version, note="再次"
            )


class TestFiles:
    def test_the_preview_is_the_document(self, about, client_for, national_leader):
        circular = about(before="一、总体情况\n报送总体较好。", after="请未报送的单位尽快报送。")
        page = client_for(national_leader).get(circular.get_absolute_url()).content.decode()
        official = official_of_circular(circular, queries.shown_content(circular)).numbered()
        for block in official.body:
            assert block.text in page
        from platform_site.documents.queries import made

        document = Document(BytesIO(made(official, "docx")))
        printed = "\n".join(paragraph.text for paragraph in document.paragraphs)
        for block in official.body:
            assert block.text in printed
        assert made(official, "pdf").startswith(b"%PDF")

    def test_the_table_is_attached_and_the_workbook_holds_a_line_for_each(self, about):
        circular = about()
        content = queries.shown_content(circular)
        [attached] = official_of_circular(circular, content).attachments
        [table] = attached.body
        assert len(table.rows) == 5
        headings, rows = sheet_of_circular(content)
        assert {len(row) for row in rows} == {len(headings)}
        assert [row[2] for row in rows] == [ON_TIME, LATE, SILENT, EXTENDED, WAIVED]

    def test_only_readers_build_it(self, issued, hunan_officer, guangzhou_officer):
        circular = issued()
        assert may_build_circular(hunan_officer, {"circular": str(circular.pk)})
        assert not may_build_circular(guangzhou_officer, {"circular": str(circular.pk)})


class TestPages:
    def test_an_officer_drafts_one_from_the_punctuality_of_a_notice(
        self, played, client_for, national_officer
    ):
        client = client_for(national_officer)
        page = client.get(reverse("notice-punctuality", args=[played.pk])).content.decode()
        link = f"{reverse('circular-draft')}?notice={played.pk}"
        assert link in page
        form = client.get(link).context["form"]
        assert form["rounds"].value() == [played.round.pk]
        given = {
            "id": str(uuid.uuid4()),
            "title": "关于报送情况的通报",
            "rounds": [str(played.round.pk)],
            "as_of": "2026-09-28",
            "place_late": "1",
            "place_silent": "2",
            "number_series": "总工办发",
        }
        answer = client.post(reverse("circular-draft"), given)
        assert answer.status_code == 302
        circular = Circular.objects.get()
        assert circular.lists == [CircularList.LATE, CircularList.SILENT]
        assert circular.number_series.word == "总工办发"

    def test_what_was_typed_stays_beside_what_is_wrong(self, played, client_for, national_officer):
        client = client_for(national_officer)
        given = {"title": "通报", "as_of": "2026-09-29", "before": "写了很久的一段话。"}
        answer = client.post(reverse("circular-draft"), {**given, "rounds": [str(uuid.uuid4())]})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "写了很久的一段话。" in page
        assert set(answer.context["form"].errors) >= {"rounds", "place_on_time"}
        answer = client.post(
            reverse("circular-draft"),
            {**given, "rounds": [str(played.round.pk)], "place_late": "1"},
        )
        assert "as_of" in answer.context["form"].errors

    def test_the_page_of_a_draft_holds_what_it_is_about(self, about, client_for, national_officer):
        circular = about(lists=["silent", "late"])
        client, here = client_for(national_officer), reverse("circular-edit", args=[circular.pk])
        page = client.get(here)
        [round] = circular.rounds.all()
        form = page.context["form"]
        assert str(form["rounds"]).count("checked") == 1
        kept = {
            name: form[name].value() or ""
            for name in ("version", "title", "before", "number_series")
        }
        places = {field.html_name: field.value() or "" for field in form.places()}
        given = {**kept, **places, "as_of": "2026-09-28", "rounds": form["rounds"].value()}
        assert client.post(here, {**given, "after": "请抓紧补报。"}).status_code == 302
        circular.refresh_from_db()
        assert (circular.lists, circular.after) == (["silent", "late"], "请抓紧补报。")
        assert list(circular.rounds.all()) == [round]

    def test_the_whole_way_on_pages(
        self, about, client_for, national_officer, national_leader, guangdong_officer
    ):
        circular = about()
        leader, officer = client_for(national_leader), client_for(national_officer)
        page = leader.get(reverse("circular-approve", args=[circular.pk]))
        digest = page.context["form"]["digest"].value()
        answer = leader.post(
            reverse("circular-approve", args=[circular.pk]), {"version": 1, "digest": digest}
        )
        assert answer.status_code == 302
        officer.post(reverse("circular-issue", args=[circular.pk]), {"version": 2})
        listed = client_for(guangdong_officer).get(reverse("circular-list")).content.decode()
        assert circular.title in listed
        answer = officer.post(reverse("circular-withdraw", args=[circular.pk]), {"version": 3})
        assert answer.status_code == 422  # no reason
        officer.post(
            reverse("circular-withdraw", args=[circular.pk]), {"version": 3, "note": "有误"}
        )
        circular.refresh_from_db()
        assert circular.state == "withdrawn"

    def test_the_list_asks_the_same_with_one_and_with_three(
        self, about, client_for, national_officer
    ):
        client = client_for(national_officer)

        def asked() -> int:
            with CaptureQueriesContext(connection) as made:
                assert client.get(reverse("circular-list")).status_code == 200
            return len(made)

        about()
        one = asked()
        about(), about()
        assert asked() == one


class TestApi:
    def test_the_whole_way(self, played, api_for, national_officer, national_leader):
        officer, leader = api_for(national_officer), api_for(national_leader)
        [line_of, *_rest] = officer.get(f"/api/v1/ledger/?notice={played.pk}").json()["results"]
        body = {
            "title": "关于报送情况的通报",
            "rounds": [line_of["round"]],
            "as_of": "2026-09-28",
            "lists": ["late", "silent", "table"],
        }

        def send(client, method, address, given, version=None):
            headers = {"if-match": f'"v{version}"'} if version else {}
            return getattr(client, method)(
                f"/api/v1/circulars/{address}",
                json.dumps(given),
                content_type="application/json",
                headers=headers,
            )

        made = send(officer, "post", "", body)
        assert made.status_code == 201
        circular = made.json()
        assert circular["steps"] == ["set-line"]
        changed = send(
            officer, "post", f"{circular['id']}/set-line/",
            {"federation": LATE, "remark": "请加强校核。"}, 1,
        ).json()  # fmt: skip
        read = leader.get(f"/api/v1/circulars/{circular['id']}/").json()
        assert read["digest"] == changed["digest"]
        old = send(leader, "post", f"{circular['id']}/approve/", {"digest": circular["digest"]}, 2)
        assert old.status_code == 412
        done = send(leader, "post", f"{circular['id']}/approve/", {"digest": read["digest"]}, 2)
        assert done.json()["state"] == "approved"
        done = send(officer, "post", f"{circular['id']}/issue/", {}, 3)
        assert done.json()["state"] == "issued"

    def test_a_round_out_of_sight_is_pointed_at(self, played, api_for, national_officer):
        answer = api_for(national_officer).post(
            "/api/v1/circulars/",
            json.dumps(
                {
                    "title": "通报",
                    "rounds": [str(played.round.pk), str(uuid.uuid4())],
                    "as_of": "2026-09-28",
                }
            ),
            content_type="application/json",
        )
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/rounds/1"]
