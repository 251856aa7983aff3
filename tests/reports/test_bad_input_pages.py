"""Bad input through the pages: a message beside the field in Chinese, what was typed is kept, never a
500, nothing half-written. The sections of a report have theirs in ``report_pages/test_filling_pages``.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from platform_site.attachments.models import Attachment
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid
from platform_site.questionnaires.models import Answer
from reports import services
from reports.models import Comment, Notice, ReportVersion

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


def encoded(fields: dict[str, Any]) -> bytes:
    """As a hostile client may send it: surrogates as the bytes that no UTF-8 has."""
    return "&".join(
        f"{name}={quote_from_bytes(str(each).encode('utf-8', 'surrogatepass'))}"
        for name, value in fields.items()
        for each in (value if isinstance(value, list) else [value])
    ).encode()


def post(client, address: str, fields: dict[str, Any], **more: Any) -> Any:
    return client.post(address, encoded(fields), content_type=FORM, **more)


def as_read(value: str) -> str:
    """What the server reads where bytes are no UTF-8."""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def in_chinese(messages: Any) -> bool:
    return bool(messages) and all(any("一" <= sign <= "鿿" for sign in each) for each in messages)


def shows(page: str, value: str) -> bool:
    """The page holds what was typed; browsers cannot be sent NUL, so it may be left out."""
    shown = html.unescape(page)
    return value in shown or value.replace("\0", "\ufffd") in shown or value[:50] in shown


@pytest.fixture
def officer(the_day, client_for, national_officer):
    return client_for(national_officer)


@pytest.fixture
def province(the_day, client_for, guangdong_officer):
    return client_for(guangdong_officer)


@pytest.fixture
def notice_form(reference) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "title": "关于报送试点方案的通知",
        "number": "",
        "business_line": "social_organisations",
        "asks": "pilot_plan",
        "form": "",
        "due_on": "2026-10-15",
        "text": "请报送试点方案。",
        "recipients": list(Federation.objects.default_recipients().values_list("code", flat=True)),
        "contact_name": "林国章",
        "contact_phone": "010-00000000",
    }


LONG = "大" * (10 * 1024 * 1024 // 3)


class TestNotice:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", "标题\0尾"),
            ("title", "标题\ud800尾"),
            ("title", "标题\u202e尾"),
            ("title", "长" * 151),
            ("text", "正文\0尾"),
            ("text", "正文\udfff尾"),
            ("text", LONG),
            ("contact_phone", "0\x0010"),
            ("due_on", "0000-01-01"),
            ("due_on", "0001-01-01"),
            ("due_on", "9999-12-31"),
            ("due_on", "10000-01-01"),
            ("due_on", "-2026-10-15"),
            ("due_on", "2026-02-30"),
            ("due_on", "2026-09-13"),
            ("number", "总工办发〔0000〕1号"),
            ("number", "总工办发〔2026〕-1号"),
            ("number", f"总工办发〔2026〕{'9' * 40}号"),
            ("business_line", "no_such"),
            ("asks", "everything\0"),
            ("form", "no_such"),
            ("recipients", []),
            ("recipients", ["999999"]),
            ("recipients", ["440000\0"]),
        ],
    )
    def test_beside_the_field_and_kept(self, officer, notice_form, field, value):
        send = officer.post if value is LONG else partial(post, officer)  # as its form sends it
        answer = send(reverse("notice-draft"), {**notice_form, field: value})
        assert answer.status_code == 422
        form = answer.context["form"]
        assert in_chinese(form.errors[field]), form.errors
        page = answer.content.decode()
        assert shows(page, notice_form["contact_name"])
        kept = form[field].value()
        assert kept == (value if isinstance(value, list) else as_read(value))
        if isinstance(value, str) and field not in ("business_line", "asks", "form"):
            assert shows(page, as_read(value)), field
        assert f'href="#id_{field}' in page
        assert not Notice.objects.exists()

    @pytest.mark.parametrize("value", ["x", "1" * 5000, "\0", "00000000"])
    def test_what_no_browser_sends_is_no_fault(self, officer, notice_form, value):
        """The hidden marks of a form, changed by hand."""
        bad = {**notice_form, "id": value, "version": value, "attachments": value, "tick": value}
        for fields in (bad, {**bad, "tick": ""}):
            answer = post(officer, reverse("notice-draft"), fields)
            assert answer.status_code in (200, 422)
            assert shows(answer.content.decode(), notice_form["title"])
        assert not Notice.objects.exists()

    @pytest.mark.parametrize("version", ["", "-1", "x", "9" * 40, "1e9", "１"])
    def test_a_step_with_an_absurd_version(
        self, the_day, client_for, draft, national_leader, version
    ):
        notice = draft()
        address = reverse("notice-approve", args=[notice.pk])
        answer = post(client_for(national_leader), address, {"version": version, "note": "同意"})
        if version == "１":  # a full-width one is one
            assert answer.status_code == 302
            return
        assert answer.status_code == 422
        assert shows(answer.content.decode(), "同意")
        notice.refresh_from_db()
        assert notice.state == "draft"

    @pytest.mark.parametrize("note", ["坏\0话", "坏\ud800话", "长" * 1001])
    def test_a_reason_that_cannot_be_kept(self, officer, issued_notice, note):
        address = reverse("notice-withdraw", args=[issued_notice.pk])
        answer = post(officer, address, {"version": issued_notice.version, "note": note})
        assert answer.status_code == 422
        assert in_chinese(answer.context["form"].errors["note"])
        assert shows(answer.content.decode(), as_read(note))
        issued_notice.refresh_from_db()
        assert issued_notice.state == "issued"

    def test_without_recipients_due_in_the_past_or_twice_it_is_not_issued(
        self, officer, client_for, draft, national_leader, national_officer
    ):
        notice = draft(due_on=dt.date(2026, 9, 14))
        notice.request.addressees.all().delete()
        with pytest.raises(Invalid) as refused:
            services.approve_notice(notice, by=national_leader, version=notice.version)
        assert [each.pointer for each in refused.value.fields] == ["/recipients"]
        page = client_for(national_leader).post(
            reverse("notice-approve", args=[notice.pk]), {"version": notice.version, "note": ""}
        )
        assert page.status_code == 422
        assert shows(page.content.decode(), "至少")

        good = services.approve_notice(draft(), by=national_leader, version=1)
        address = reverse("notice-issue", args=[good.pk])
        assert officer.post(address, {"version": good.version}).status_code == 302
        again = officer.post(address, {"version": good.version}, follow=True)
        assert in_chinese([str(each) for each in again.context["messages"]])
        assert Obligation.objects.filter(round__request=good.pk).count() == 2

    def test_more_fields_than_a_form_has(self, officer, notice_form):
        many = {**notice_form, **{f"x{number}": "1" for number in range(2000)}}
        answer = post(officer, reverse("notice-draft"), many)
        assert answer.status_code == 413
        assert not Notice.objects.exists()


class TestSignFor:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("leader_name", "梁\0领"),
            ("leader_name", "梁\ud800领"),
            ("leader_name", "长" * 41),
            ("leader_title", "长" * 61),
            ("department", "\t"),
            ("department", "长" * 81),
            ("department", "部\u2066门"),
        ],
    )
    def test_beside_the_field_and_kept(self, province, obligation, field, value):
        fields = {"version": 1, "leader_name": "梁", "leader_title": "主席", "department": "部"}
        address = reverse("obligation-sign-for", args=[obligation.pk])
        answer = post(province, address, {**fields, field: value})
        assert answer.status_code == 422
        form = answer.context["form"]
        assert in_chinese(form.errors[field]), form.errors
        assert form[field].value() == as_read(value)
        obligation.refresh_from_db()
        assert obligation.signed_for_at is None


class TestReport:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "梁\0领"),
            ("name", "梁\ud800领"),
            ("title", LONG),
            ("on", "0000-00-00"),
            ("on", "0001-01-01"),
            ("on", "9999-12-31"),
            ("on", "2026-09-15"),
            ("on", "昨天"),
        ],
    )
    def test_a_sign_off(self, province, draft_report, field, value):
        fields = {"version": draft_report.version, "name": "梁", "title": "", "on": "2026-09-14"}
        address = reverse("report-sign-off", args=[draft_report.pk])
        send = province.post if value is LONG else partial(post, province)
        answer = send(address, {**fields, field: value})
        assert answer.status_code in (200, 422)
        form = answer.context["form"]
        assert in_chinese(form.errors[field]), form.errors
        assert shows(answer.content.decode(), as_read(value))
        draft_report.refresh_from_db()
        assert not draft_report.is_signed_off

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("扫描件.pdf", b"<html>"),
            ("扫描件.pdf", b""),
            ("扫描件.exe", b"MZ\x90\x00"),
            ("扫描件\0.pdf", b"%PDF-1.4\n"),
            ("长" * 300 + ".pdf", b"\0"),
        ],
    )
    def test_a_bad_scan_keeps_what_was_typed(self, province, draft_report, name, content):
        file = SimpleUploadedFile("x.pdf", content)
        file.name = name
        answer = province.post(
            reverse("report-sign-off", args=[draft_report.pk]),
            {"version": draft_report.version, "name": "梁粤领", "on": "2026-09-14", "scan": file},
        )
        assert answer.status_code in (200, 422)
        assert in_chinese(answer.context["form"].errors["scan"])
        assert shows(answer.content.decode(), "梁粤领")
        draft_report.refresh_from_db()
        assert not draft_report.is_signed_off
        assert not Attachment.objects.exists()

    @pytest.mark.parametrize("note", ["", "坏\0话", "坏\ud800话", "长" * 2001])
    def test_a_return(self, officer, submitted_report, note):
        address = reverse("report-return", args=[submitted_report.pk])
        answer = post(officer, address, {"version": submitted_report.version, "note": note})
        assert answer.status_code in (200, 422)
        assert in_chinese(answer.context["form"].errors["note"])
        assert shows(answer.content.decode(), as_read(note))
        submitted_report.refresh_from_db()
        assert submitted_report.state == "submitted"

    @pytest.mark.parametrize(
        "change",
        [
            {"text": ""},
            {"text": "坏\0话"},
            {"text": "坏\ud800话"},
            {"text": "长" * 2001},
            {"question": "no_such"},
            {"question": "goals\0"},
            {"id": "x"},
        ],
        ids=["empty", "nul", "surrogate", "long", "unknown", "hostile", "id"],
    )
    def test_a_comment(self, officer, submitted_report, change):
        fields = {"id": str(uuid.uuid4()), "question": "goals", "text": "请写明时限。"} | change
        answer = post(officer, reverse("comment-add", args=[submitted_report.pk]), fields)
        assert answer.status_code in (200, 422)
        assert in_chinese(
            [each for told in answer.context["form"].errors.values() for each in told]
        )
        assert shows(answer.content.decode(), as_read(fields["text"]))
        assert not Comment.objects.exists()

    def test_an_id_of_somebody_elses_comment(
        self, submitted_report, national_officer, second_national_officer
    ):
        theirs = services.add_comment(
            submitted_report, by=national_officer, question="goals", text="甲"
        )
        with pytest.raises(Invalid) as refused:
            services.add_comment(
                submitted_report,
                by=second_national_officer,
                question="goals",
                text="乙",
                id=theirs.pk,
            )
        assert refused.value.fields[0].pointer == "/id"
        assert Comment.objects.get().text == "甲"

    @pytest.mark.parametrize("explanation", ["坏\0话", "坏\ud800话", LONG])
    def test_an_explanation(self, province, ready_report, guangdong_officer, explanation):
        doubtful = services.save_report(
            ready_report,
            by=guangdong_officer,
            version=ready_report.version,
            answers={"pilots_county": "412"},
        ).report
        address = reverse("report-submit", args=[ready_report.pk])
        send = province.post if explanation is LONG else partial(post, province)
        answer = send(address, {"version": doubtful.version, "explanation": explanation})
        assert answer.status_code in (200, 422)
        assert shows(answer.content.decode(), as_read(explanation))
        ready_report.refresh_from_db()
        assert ready_report.state == "draft"

    def test_a_second_click_files_once(self, province, ready_report):
        address = reverse("report-submit", args=[ready_report.pk])
        fields = {"version": ready_report.version, "explanation": ""}
        first, second = province.post(address, fields), province.post(address, fields)
        assert first.status_code == 302
        assert second.status_code in (302, 409)
        assert ReportVersion.objects.count() == 1

    def test_full_width_digits_are_digits(self, province, draft_report):
        address = reverse("report-section", args=[draft_report.pk, "safeguards"])
        answer = post(
            province,
            address,
            {
                "version": 1,
                "answer-contact_persons": "２１",
                "answer-funds_purchased": "１２００．５",
            },
        )
        assert answer.status_code == 302
        values = dict(Answer.objects.values_list("question__code", "value"))
        assert values == {"contact_persons": "21", "funds_purchased": "1200.5"}

    @pytest.mark.parametrize("value", ["1e400", "1" + "0" * 30, "-1", "NaN", "Infinity", "½", "三"])
    def test_absurd_numbers(self, province, draft_report, value):
        address = reverse("report-section", args=[draft_report.pk, "safeguards"])
        answer = post(province, address, {"version": 1, "answer-contact_persons": value})
        assert answer.status_code in (200, 422)
        form = answer.context["sheet_form"]
        assert in_chinese(form.errors["contact_persons"])
        assert form["contact_persons"].value() == value
        assert not any(Answer.objects.values_list("value", flat=True))

    def test_a_question_that_is_not_there(self, province, draft_report):
        address = reverse("report-section", args=[draft_report.pk, "goals"])
        fields = {"version": 1, "answer-no_such": "x", "answer-pilots_city": "3"}
        assert post(province, address, fields).status_code == 302
        assert not Answer.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [
            '{"answers":' * 10_000 + "1" + "}" * 10_000,
            '{"version": 1, "answers": {"goals": "\\ud800"}}',
            '{"version": 1, "answers": {"goals": "a\\u0000b"}}',
            '{"version": 1e400, "answers": {}}',
            '{"version": 1, "answers": {"contact_persons": 1e400}}',
            '{"version": 1, "answers": {"contact_persons": ' + "9" * 5000 + "}}",
            '{"version": 1, "answers": []}',
            "[]",
            "null",
            b"\xff\xfe",
        ],
        ids=[
            "deep",
            "surrogate",
            "nul",
            "inf",
            "huge",
            "digits",
            "list",
            "array",
            "null",
            "no-utf8",
        ],
    )
    def test_autosave(self, province, draft_report, body):
        answer = province.post(
            reverse("report-answers", args=[draft_report.pk]), body, content_type="application/json"
        )
        assert answer.status_code in (200, 400, 422)
        assert in_chinese([json.dumps(answer.json(), ensure_ascii=False)])
        assert not any(Answer.objects.values_list("value", flat=True))


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("方案.pdf", b"<html><script>alert(1)</script>"),
            ("方案.docx", b"%PDF-1.4\n%%EOF"),
            ("空.txt", b""),
            ("方案.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("方案", b"text"),
        ],
    )
    def test_refused_in_words_and_the_notice_is_kept_on_the_page(
        self, officer, notice_form, name, content
    ):
        file = SimpleUploadedFile(name, content)
        answer = officer.post(reverse("notice-draft"), {**notice_form, "file": file})
        assert answer.status_code == 422
        assert in_chinese(answer.context["file_problems"])
        assert shows(answer.content.decode(), notice_form["title"])
        assert not Notice.objects.exists()
        assert not Attachment.objects.exists()

    def test_60_mb_with_a_form(self, officer, notice_form, settings):
        """The limit is set lower than the file, so that the test need not move 60 MB."""
        settings.ATTACHMENT_MAX_BYTES = 1000
        file = SimpleUploadedFile("扫描.txt", b"x" * 5000)
        answer = officer.post(reverse("notice-draft"), {**notice_form, "file": file})
        assert answer.status_code in (413, 422)
        assert in_chinese([answer.content.decode()])
        assert not Notice.objects.exists()
        assert not Attachment.objects.exists()

    def test_a_path_in_the_name(self, officer, notice_form):
        file = SimpleUploadedFile("x.txt", "文字".encode())
        file.name = "../../etc/passwd.txt"
        assert (
            officer.post(reverse("notice-draft"), {**notice_form, "file": file}).status_code == 302
        )
        assert Attachment.objects.get().filename == "passwd.txt"


@pytest.mark.parametrize(
    "address",
    [
        "/w/%00/",
        "/w/reports/%00/",
        "/w/reports/%ff/",
        "/w/reports/?state=%00",
        "/w/reports/?federation=%ED%A0%80",
        "/w/reports/?search=%00",
        "/w/reports/?cursor=%00",
        "/w/reports/?cursor=eyJh",
        "/w/reports/?page=1000000000",
        "/w/reports/?ordering=password",
        "/w/notices/?state=no_such",
        "/w/notices/?search=" + "x" * 5000,
        "/w/notices/?sort=drafted_by__password",
        "/w/federations/?level=9&search=%25%25%25",
        "/w/federations/%00/",
        "/w/federations/" + "9" * 300 + "/",
        "/w/audit/?from=0000-00-00",
        "/w/audit/?since=9999-99-99&until=x&actor=%27",
        "/w/todo/?cursor=x",
        "/w/reports/00000000-0000-0000-0000-000000000000/versions/" + "9" * 30 + "/",
        "/w/reports/00000000-0000-0000-0000-000000000000/compare/?old=x&new=" + "9" * 30,
    ],
)
def test_addresses_that_make_no_sense(officer, client_for, auditor, address):
    for client in (officer, client_for(auditor)):
        assert client.get(address).status_code in (200, 400, 403, 404)


def test_ten_megabytes_in_a_short_form_are_refused_beside_the_field(
    officer, province, submitted_report, signed_obligation
):
    """Every form with a text is multipart: the text is not blown up, and comes back with the answer."""
    places = [
        (officer, reverse("report-return", args=[submitted_report.pk]), "note"),
        (officer, reverse("comment-add", args=[submitted_report.pk]), "text"),
        (province, reverse("report-recall", args=[submitted_report.pk]), "note"),
        (officer, reverse("notice-withdraw", args=[submitted_report.notice.pk]), "note"),
    ]
    for client, address, field in places:
        answer = client.post(address, {"version": submitted_report.version, field: LONG})
        assert answer.status_code in (200, 422), address
        page = answer.content.decode()
        assert 'method="post" enctype="multipart/form-data"' in page, address
        assert shows(page, LONG), address
    submitted_report.refresh_from_db()
    assert submitted_report.state == "submitted"


@pytest.mark.parametrize("number", ["0", "99", "9" * 9, "9" * 30])
def test_versions_that_are_not_there(officer, submitted_report, number):
    address = f"/w/reports/{submitted_report.pk}/"
    assert officer.get(f"{address}versions/{number}/").status_code == 404
    assert officer.get(f"{address}compare/?old={number}&new=x").status_code in (200, 302, 400, 404)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_drafts_one_notice(the_day, draft):
    mine, start = uuid.uuid4(), Barrier(4)
    draft(title="先备好表单")

    def send() -> uuid.UUID:
        start.wait()
        try:
            return draft(id=mine).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert {each.result() for each in [pool.submit(send) for _ in range(4)]} == {mine}
    assert Notice.objects.count() == 2
