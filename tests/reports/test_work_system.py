"""四落实: stated with a date and evidence, never overwritten; gaps on any day; the centre asks."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.utils import IntegrityError, InternalError
from django.urls import reverse

from platform_site.attachments.models import Attachment
from platform_site.audit.queries import story
from platform_site.casework.models import Duty
from platform_site.casework.queries import todo
from platform_site.federations import services as posts
from platform_site.federations.models import Federation, Holding
from platform_site.notifications.models import PortalNotice
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from reports import services
from reports.models import WorkStatement
from reports.queries.work_system import WorkState, timeline_of, work_rows

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 9, 14)
YEAR = {"amount": Decimal("120.50"), "year": 2026}


def pointers(refused) -> list[str]:
    return [problem.pointer for problem in refused.value.fields]


@pytest.fixture
def state(the_day, guangdong, guangdong_officer):
    def make(subject="budget", since=dt.date(2026, 3, 1), **said):
        given = {"by": guangdong_officer, "subject": subject, "since": since}
        return services.state_work(guangdong, **{**given, **said})

    return make


@pytest.fixture
def leader(the_day, guangdong, guangdong_officer) -> Holding:
    return posts.appoint(
        guangdong,
        "leader_in_charge",
        name="梁粤领",
        title="副主席",
        since=dt.date(2025, 10, 1),
        by=guangdong_officer,
    )


@pytest.fixture
def all_settled(state, leader):
    state("department", text="社会联络部", department_kind="liaison")
    state("staff", full_time=2, part_time=3)
    state("budget", **YEAR)
    state("material", text="办公室两间。")


def cells(reader, federation, day=None):
    return {cell.subject: cell for cell in work_rows(reader, [federation], day)[0].cells}


def states(reader, federation, day=None):
    return {name: str(cell.state) for name, cell in cells(reader, federation, day).items()}


class TestStating:
    def test_everything_is_a_gap_until_it_is_stated(self, the_day, guangdong, national_officer):
        assert set(states(national_officer, guangdong).values()) == {"missing"}

    def test_what_is_stated_is_settled(self, all_settled, guangdong, national_officer):
        assert set(states(national_officer, guangdong).values()) == {"settled"}

    def test_a_leader_is_who_the_register_of_posts_names(
        self, leader, guangdong, guangdong_officer, national_officer
    ):
        cell = cells(national_officer, guangdong)["leader"]
        assert (cell.state, cell.words) == (WorkState.SETTLED, "梁粤领 副主席")
        posts.end(leader, until=DAY, by=guangdong_officer)
        assert states(national_officer, guangdong)["leader"] == "missing"

    def test_the_paper_of_a_former_leader_is_no_evidence_for_the_next(
        self, leader, state, guangdong, guangdong_officer, national_officer
    ):
        state("leader", holding=leader, document_number="粤工办〔2026〕1号")
        assert cells(national_officer, guangdong)["leader"].document_number == "粤工办〔2026〕1号"
        posts.appoint(guangdong, "leader_in_charge", name="新领导", since=DAY, by=guangdong_officer)
        cell = cells(national_officer, guangdong)["leader"]
        assert (cell.words, cell.document_number) == ("新领导", "")

    @pytest.mark.parametrize(
        ("subject", "said", "pointer"),
        [
            ("budget", {"amount": Decimal(1)}, "/year"),
            ("budget", {"amount": Decimal(-1), "year": 2026}, "/amount"),
            ("budget", {"amount": Decimal(1), "year": 2031}, "/year"),
            ("staff", {"full_time": 2}, "/part_time"),
            ("staff", {"full_time": 2, "part_time": 2_000_000}, "/part_time"),
            ("department", {"text": "社会联络部"}, "/department_kind"),
            ("department", {"text": "  ", "department_kind": "other"}, "/text"),
            ("material", {"text": "有", "yes": True}, "/yes"),
            ("leading_group", {}, "/yes"),
            ("leader", {}, "/holding"),
            ("material", {"text": "有", "since": dt.date(1026, 1, 1)}, "/since"),
            ("material", {"text": "有", "since": dt.date(2029, 1, 1)}, "/since"),
        ],
    )
    def test_what_a_statement_lacks_is_told_beside_the_field(self, state, subject, said, pointer):
        with pytest.raises(Invalid) as refused:
            state(subject, **said)
        assert pointers(refused) == [pointer]
        assert not WorkStatement.objects.exists()

    def test_somebody_elses_leader_is_refused(self, leader, hunan, hunan_officer, the_day):
        with pytest.raises(Invalid) as refused:
            services.state_work(
                hunan, by=hunan_officer, subject="leader", since=DAY, holding=leader
            )
        assert pointers(refused) == ["/holding"]

    def test_nobody_and_no_money_is_stated_and_a_gap_all_the_same(
        self, state, guangdong, national_officer
    ):
        state("staff", full_time=0, part_time=0)
        state("budget", amount=Decimal(0), year=2026)
        found = states(national_officer, guangdong)
        assert (found["staff"], found["budget"]) == ("missing", "missing")

    def test_only_the_federation_itself_states(
        self, the_day, guangdong, national_officer, guangdong_leader, hunan_officer
    ):
        for person in (national_officer, guangdong_leader, hunan_officer):
            with pytest.raises(NotAllowed):
                services.state_work(guangdong, by=person, subject="budget", since=DAY, **YEAR)

    def test_the_same_id_is_one_statement(self, state, guangdong_head):
        key = uuid.uuid4()
        assert state(id=key, **YEAR) == state(id=key, **YEAR)
        with pytest.raises(Invalid) as refused:
            state(id=key, by=guangdong_head, since=DAY, **YEAR)
        assert pointers(refused) == ["/id"]

    def test_the_evidence_stays_for_good(self, state, guangdong_officer):
        from platform_site.attachments.services import upload

        file = upload(
            SimpleUploadedFile("经费.txt", "安排".encode()), by=guangdong_officer, name="经费.txt"
        )
        statement = state(attachments=[file], **YEAR)
        assert Attachment.objects.of(statement).get().frozen
        assert [entry.action for entry in story(statement)][-1:] == ["reports.workstatement.state"]


class TestHistory:
    def test_a_new_statement_ends_the_former_one(self, state, guangdong, national_officer):
        former = state(**YEAR)
        state(since=dt.date(2026, 7, 1), amount=Decimal(200), year=2026)
        former.refresh_from_db()
        assert former.until == dt.date(2026, 7, 1)
        assert "120.5" in cells(national_officer, guangdong, dt.date(2026, 6, 30))["budget"].words
        assert "200" in cells(national_officer, guangdong, dt.date(2026, 7, 1))["budget"].words
        assert states(national_officer, guangdong, dt.date(2026, 2, 28))["budget"] == "missing"

    def test_a_day_not_after_the_last_is_refused(self, state):
        state(**YEAR)
        with pytest.raises(Invalid) as refused:
            state(**YEAR)
        assert pointers(refused) == ["/since"]

    def test_the_database_holds_two_statements_of_one_time_apart(self, state, guangdong_officer):
        kept = state(**YEAR)
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkStatement.objects.create(
                federation=kept.federation, subject="budget", since=DAY, amount=1, year=2026,
                stated_by=guangdong_officer, stated_by_name="某", stated_at=kept.stated_at,
            )  # fmt: skip

    def test_nothing_that_was_stated_changes_or_goes(self, state):
        kept = state(**YEAR)
        for change in (
            lambda: WorkStatement.objects.filter(pk=kept.pk).update(amount=1),
            lambda: WorkStatement.objects.filter(pk=kept.pk).delete(),
        ):
            with pytest.raises(InternalError), transaction.atomic():
                change()

    def test_a_correction_takes_the_place_and_both_stay(
        self, state, guangdong, guangdong_officer, national_officer
    ):
        wrong = state(**YEAR)
        right = services.correct_statement(
            wrong, by=guangdong_officer, version=1, amount=Decimal(102), reason="录入有误"
        )
        wrong.refresh_from_db()
        assert (right.since, right.year, right.corrects) == (wrong.since, 2026, wrong)
        assert wrong.corrected_at is not None
        cell = cells(national_officer, guangdong)["budget"]
        assert (cell.statement, "102" in cell.words) == (right, True)
        with pytest.raises(StepNotOpen):
            services.correct_statement(
                wrong, by=guangdong_officer, version=wrong.version, amount=Decimal(1), reason="再改"
            )

    def test_a_correction_needs_a_reason_and_the_version_seen(self, state, guangdong_officer):
        wrong = state(**YEAR)
        with pytest.raises(Invalid) as refused:
            services.correct_statement(wrong, by=guangdong_officer, version=1, reason=" ")
        assert pointers(refused) == ["/reason"]
        with pytest.raises(Stale):
            services.correct_statement(wrong, by=guangdong_officer, version=7, reason="有误")

    def test_what_ended_without_another_is_expired(
        self, state, guangdong, guangdong_officer, national_officer
    ):
        kept = state("material", text="办公室。")
        services.end_statement(kept, by=guangdong_officer, version=1, until=dt.date(2026, 9, 1))
        assert states(national_officer, guangdong)["material"] == "expired"
        assert states(national_officer, guangdong, dt.date(2026, 8, 31))["material"] == "settled"

    def test_a_budget_holds_for_its_year(self, state, guangdong, national_officer, the_day):
        state(**YEAR)
        assert states(national_officer, guangdong)["budget"] == "settled"
        the_day.move_to(dt.datetime(2027, 1, 2, 9, tzinfo=dt.UTC))
        assert states(national_officer, guangdong)["budget"] == "expired"

    def test_after_a_year_it_has_to_be_confirmed(
        self, all_settled, guangdong, guangdong_officer, national_officer, the_day
    ):
        the_day.move_to(dt.datetime(2027, 9, 20, 9, tzinfo=dt.UTC))
        found = states(national_officer, guangdong)
        assert (found["staff"], found["budget"]) == ("unconfirmed", "expired")
        services.confirm_work(guangdong, by=guangdong_officer)
        found = states(national_officer, guangdong)
        assert (found["staff"], found["budget"]) == ("settled", "expired")
        # What was true on the day before stays so.
        assert states(national_officer, guangdong, dt.date(2027, 9, 19))["staff"] == "unconfirmed"

    def test_confirming_twice_a_day_is_one_confirmation(
        self, all_settled, guangdong, guangdong_officer
    ):
        first = services.confirm_work(guangdong, by=guangdong_officer)
        assert services.confirm_work(guangdong, by=guangdong_officer) == first

    def test_nothing_stated_is_nothing_to_confirm(self, the_day, hunan, hunan_officer):
        with pytest.raises(StepNotOpen):
            services.confirm_work(hunan, by=hunan_officer)

    def test_the_timeline_says_who_was_in_charge_when(
        self, leader, state, guangdong, guangdong_officer, national_officer
    ):
        posts.appoint(guangdong, "leader_in_charge", name="新领导", since=DAY, by=guangdong_officer)
        state(**YEAR)
        shown = [(each.on, each.words) for each in timeline_of(national_officer, guangdong)]
        assert shown[0] == (DAY, "新领导")
        assert shown[-1] == (dt.date(2025, 10, 1), "梁粤领 副主席")


class TestSight:
    def test_who_sees_whose_statements(
        self, statement, national_officer, auditor, guangdong_leader, hunan_officer,
        guangzhou_officer, system_administrator, editor,
    ):  # fmt: skip
        seen = {
            person.name: WorkStatement.objects.visible_to(person).exists()
            for person in (
                national_officer, auditor, guangdong_leader, hunan_officer, guangzhou_officer,
                system_administrator, editor,
            )
        }  # fmt: skip
        assert list(seen.values()) == [True, True, True, False, False, False, False]

    def test_a_province_sees_what_its_prefectures_state(
        self, the_day, guangdong_officer, guangzhou_officer, hunan_officer, federation_by_code
    ):
        guangzhou = federation_by_code("440100")
        services.state_work(
            guangzhou, by=guangzhou_officer, subject="material", since=DAY, text="服务站一处。"
        )
        assert states(guangdong_officer, guangzhou)["material"] == "settled"
        assert not WorkStatement.objects.visible_to(hunan_officer).exists()


class TestAsking:
    def test_a_call_is_a_duty_until_no_gap_is_left(
        self, guangdong_officer, work_request, all_settled_later
    ):
        assert "reports.fill_work_system" in rules(guangdong_officer)
        assert PortalNotice.objects.filter(user=guangdong_officer, event="reports/work_asked")
        all_settled_later()
        work_request.refresh_from_db()
        assert work_request.done_at is not None
        assert "reports.fill_work_system" not in rules(guangdong_officer)

    def test_a_gap_closed_in_the_register_of_posts_ends_the_call_too(
        self, state, guangdong, guangdong_officer, national_officer
    ):
        state("department", text="社会联络部", department_kind="liaison")
        state("staff", full_time=2, part_time=3)
        state("material", text="办公室两间。")
        state("budget", **YEAR)
        [call] = services.ask_for_work(
            by=national_officer, federations=[guangdong], due_on=dt.date(2026, 9, 30)
        )
        assert services.meet_work_requests() == 0
        posts.appoint(guangdong, "leader_in_charge", name="梁粤领", since=DAY, by=guangdong_officer)
        assert services.meet_work_requests() == 1
        call.refresh_from_db()
        assert call.done_at is not None
        assert "reports.fill_work_system" not in rules(guangdong_officer)

    def test_asked_again_it_is_one_call_with_the_new_day(
        self, work_request, guangdong, national_officer
    ):
        again = services.ask_for_work(
            by=national_officer, federations=[guangdong], due_on=dt.date(2026, 10, 20)
        )
        assert again == [work_request]
        duty = Duty.objects.get(rule_code="reports.fill_work_system")
        assert duty.due_on == dt.date(2026, 10, 20)

    def test_who_has_no_gap_is_not_asked(self, all_settled, guangdong, national_officer):
        with pytest.raises(Invalid) as refused:
            services.ask_for_work(
                by=national_officer, federations=[guangdong], due_on=dt.date(2026, 10, 20)
            )
        assert pointers(refused) == ["/federations/0"]

    def test_a_past_day_and_nobody_are_refused_together(self, the_day, national_officer):
        with pytest.raises(Invalid) as refused:
            services.ask_for_work(by=national_officer, federations=[], due_on=dt.date(2026, 9, 1))
        assert pointers(refused) == ["/federations", "/due_on"]

    def test_only_the_centre_asks(self, the_day, hunan, guangdong_head):
        with pytest.raises(NotAllowed):
            services.ask_for_work(by=guangdong_head, federations=[hunan], due_on=DAY)


@pytest.fixture
def all_settled_later(state, guangdong, guangdong_officer):
    def settle():
        posts.appoint(guangdong, "leader_in_charge", name="梁粤领", since=DAY, by=guangdong_officer)
        state("department", text="社会联络部", department_kind="liaison")
        state("staff", full_time=2, part_time=3)
        state("material", text="办公室两间。")
        state("budget", **YEAR)

    return settle


def rules(person) -> set[str]:
    return set(todo(person).values_list("rule_code", flat=True))


class TestPages:
    def test_the_matrix_names_every_gap_in_words(self, all_settled, client_for, national_officer):
        page = client_for(national_officer).get(reverse("work-system")).content.decode()
        assert "广东" in page
        assert page.count("未落实") >= 42 * 5

    def test_the_matrix_asks_the_same_however_many_federations(
        self, all_settled, client_for, national_officer, django_assert_max_num_queries
    ):
        client = client_for(national_officer)
        client.get(reverse("work-system"))
        with django_assert_max_num_queries(16):
            assert client.get(reverse("work-system")).status_code == 200

    @pytest.mark.parametrize("query", ["as_of=2030-01-01", "as_of=x", "state=nothing", "under=zz"])
    def test_a_filter_that_cannot_be_read_is_told(self, client_for, national_officer, query):
        page = client_for(national_officer).get(f"{reverse('work-system')}?{query}")
        assert page.status_code == 422

    def test_only_gaps_and_a_past_day(self, all_settled, client_for, national_officer):
        client = client_for(national_officer)
        page = client.get(reverse("work-system"), {"state": "gap"}).content.decode()
        assert reverse("work-federation", args=["440000"]) not in page
        page = client.get(reverse("work-system"), {"as_of": "2026-02-01", "state": "gap"})
        assert f"{reverse('work-federation', args=['440000'])}?as_of=2026-02-01" in (
            page.content.decode()
        )

    def test_a_province_states_its_budget_with_a_file_and_the_gap_closes(
        self, leader, client_for, guangdong, guangdong_officer, national_officer
    ):
        address = f"{reverse('work-state', args=['440000'])}?subject=budget"
        client = client_for(guangdong_officer)
        typed = {
            "id": str(uuid.uuid4()),
            "since": "2026-01-01",
            "amount": "120.5",
            "document_number": "粤工办〔2026〕12号",
            "file": SimpleUploadedFile("经费.txt", "安排".encode()),
        }
        answer = client.post(address, typed)
        assert answer.status_code == 422, "the year is missing"
        assert "120.5" in answer.content.decode()
        loose = Attachment.objects.get(owner_id=None)
        answer = client.post(
            address, {**typed, "file": "", "year": "2026", "attachments": [str(loose.pk)]}
        )
        assert answer.status_code == 302
        cell = cells(national_officer, guangdong)["budget"]
        assert (cell.state, cell.files) == (WorkState.SETTLED, 1)

    def test_a_correction_and_an_end_on_their_pages(self, statement, client_for, guangdong_officer):
        client = client_for(guangdong_officer)
        answer = client.post(
            reverse("work-statement-correct", args=[statement.pk]),
            {"version": "1", "text": "办公室三间。", "reason": ""},
        )
        assert answer.status_code == 422
        answer = client.post(
            reverse("work-statement-correct", args=[statement.pk]),
            {"version": "1", "text": "办公室三间。", "reason": "间数有误"},
        )
        assert answer.status_code == 302
        right = WorkStatement.objects.get(corrects=statement)
        page = client.get(statement.get_absolute_url()).content.decode()
        assert right.get_absolute_url() in page
        answer = client.post(
            reverse("work-statement-end", args=[right.pk]), {"version": "1", "until": "2026-09-14"}
        )
        assert answer.status_code == 302
        right.refresh_from_db()
        assert right.until == DAY

    def test_the_centre_asks_from_its_page(self, the_day, client_for, national_officer):
        client = client_for(national_officer)
        answer = client.post(
            reverse("work-ask"), {"federations": ["430000", "440000"], "due_on": "2026-09-30"}
        )
        assert answer.status_code == 302
        assert Duty.objects.filter(rule_code="reports.fill_work_system").count() == 2
        answer = client.post(reverse("work-ask"), {"due_on": "2026-09-30"})
        assert answer.status_code == 422

    def test_the_page_of_a_call_names_what_is_missing(
        self, work_request, client_for, guangdong_officer
    ):
        page = client_for(guangdong_officer).get(work_request.get_absolute_url()).content.decode()
        assert "请在月底前补齐" in page
        assert page.count("work-card--gap") == 5


class TestApi:
    def test_the_matrix_as_of_a_day_and_of_gaps(self, all_settled, api_for, national_officer):
        client = api_for(national_officer)
        rows = client.get("/api/v1/work-system/?page_size=100").json()["results"]
        assert len(rows) == 43
        ours = next(row for row in rows if row["code"] == "440000")
        assert ours["gaps"] == 0
        rows = client.get("/api/v1/work-system/?as_of=2026-02-01&state=gap&page_size=100").json()
        assert len(rows["results"]) == 43
        assert client.get("/api/v1/work-system/?as_of=2036-02-01").status_code == 422
        assert client.get("/api/v1/work-system/?state=x").status_code == 400

    def test_one_federation_with_its_history(self, all_settled, api_for, guangdong_officer):
        body = api_for(guangdong_officer).get("/api/v1/work-system/440000/").json()
        assert body["steps"] == ["confirm"]
        assert {each["label"] for each in body["timeline"]} >= {"分管领导"}
        assert api_for(guangdong_officer).get("/api/v1/work-system/430000/").status_code == 404

    def test_state_correct_end_and_confirm(self, the_day, api_for, guangdong_officer):
        client = api_for(guangdong_officer)

        def post(path, body, version=None):
            headers = {"if-match": f'"v{version}"'} if version else {}
            return client.post(
                path, json.dumps(body), content_type="application/json", headers=headers
            )

        body = {"federation": "440000", "subject": "staff", "since": "2026-09-01"}
        answer = post("/api/v1/work-statements/", {**body, "full_time": 2})
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/part_time"]
        made = post("/api/v1/work-statements/", {**body, "full_time": 2, "part_time": 0}).json()
        assert made["steps"] == ["correct", "end"]
        right = post(
            f"/api/v1/work-statements/{made['id']}/correct/",
            {"part_time": 4, "reason": "漏报"},
            made["version"],
        ).json()
        assert (right["full_time"], right["part_time"], right["corrects"]) == (2, 4, made["id"])
        ended = post(
            f"/api/v1/work-statements/{right['id']}/end/", {"until": "2026-09-14"}, right["version"]
        )
        assert ended.json()["until"] == "2026-09-14"
        version = Federation.objects.get(code="440000").version
        assert post("/api/v1/work-system/440000/confirm/", {}, version).status_code == 200

    def test_the_list_asks_the_same_with_one_and_with_three_rows(
        self, state, api_for, guangdong_officer, django_assert_num_queries, request
    ):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client, counts = api_for(guangdong_officer), []
        for subject, said in (
            ("budget", YEAR),
            ("staff", {"full_time": 1, "part_time": 1}),
            ("material", {"text": "有"}),
        ):
            state(subject, **said)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get("/api/v1/work-statements/")
            counts.append(len(queries))
        assert counts[1] == counts[2]


def test_a_statement_is_read_below_its_line_of_the_menu(client, state, guangdong_officer):
    client.force_login(guangdong_officer)
    page = client.get(state(**YEAR).get_absolute_url()).content.decode()
    lines = set(re.findall(r'<a [^>]*href="([^"]*)"[^>]*aria-current="page"', page))
    assert lines == {reverse("work-system")}
