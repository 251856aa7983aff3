"""The desk in a browser: writing, what is wrong beside its field, two editors, the steps."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from platform_site.editorial.models import Piece
from tests.factories import content

pytestmark = pytest.mark.django_db

RELATIONS = {
    "relations-TOTAL_FORMS": "1",
    "relations-INITIAL_FORMS": "0",
    "relations-0-kind": "amends",
    "relations-0-target": "",
    "relations-0-note": "",
}
TYPED = {
    "title": "关于规范台账的通知",
    "summary": "统一台账项目。",
    "body": '<p style="x">第一条　统一台账。</p><script>x</script>',
    "audience": "public",
    "kind": "notice",
    "level": "national",
    "line": "social_organisations",
    "issuers": "中华全国总工会\n民政部",
    "made_on": "2026-09-01",
    **RELATIONS,
}


def a_word_document(*, bomb: bool = False) -> SimpleUploadedFile:
    document = Document()
    document.add_heading("一、总体要求", level=1)
    document.add_paragraph("第一条　从 Word 读入。")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "事项", "时限"
    made = io.BytesIO()
    document.save(made)
    return SimpleUploadedFile("通知.docx", made.getvalue())


@pytest.fixture
def desk(client_for, centre_editor, the_day):
    return client_for(centre_editor)


def test_a_draft_is_written_and_read_again(desk, centre_editor):
    answer = desk.post("/w/policy/new/", TYPED)
    piece = Piece.objects.get()
    assert answer["Location"] == piece.get_absolute_url()
    assert piece.body == "<p>第一条　统一台账。</p>"
    assert piece.policy_draft.issuers == ["中华全国总工会", "民政部"]
    page = desk.get(f"/w/policy/{piece.pk}/edit/").content.decode()
    assert "关于规范台账的通知" in page
    preview = desk.get(f"/w/content/{piece.pk}/preview/").content.decode()
    assert '<p id="art-1">第一条　统一台账。</p>' in preview


def test_the_same_form_sent_twice_makes_one_draft(desk):
    sent = TYPED | {"id": "7b1f5f0e-5b1c-4f0e-9a51-0d5c3f0f9a11"}
    for _time in range(2):
        assert desk.post("/w/policy/new/", sent).status_code == 302
    assert Piece.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"issuers": " "}, "issuers"),
        ({"made_on": "2026-13-01"}, "made_on"),
        ({"publish_at": "soon"}, "publish_at"),
        ({"effective_from": "2026-02-01", "effective_to": "2026-01-01"}, "effective_to"),
        ({"validity_set": "lapsed"}, "validity_reason"),
        ({"body": "<p>绝密★</p>"}, "body"),
        ({"title": "字" * 300}, "title"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(desk, changed, field):
    answer = desk.post("/w/policy/new/", TYPED | changed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "统一台账项目" in answer.content.decode()
    assert not Piece.objects.exists()


def test_a_word_document_is_read_in_as_the_text(desk):
    answer = desk.post("/w/policy/new/", TYPED | {"word": a_word_document()})
    assert answer.status_code == 302
    body = Piece.objects.get().body
    assert body.startswith("<h2>一、总体要求</h2><p>第一条　从 Word 读入。</p><table>")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("通知.doc", b"\xd0\xcf\x11\xe0"),
        ("通知.docx", b"PK\x03\x04broken"),
        ("通知.docx", b"%PDF-1.4"),
    ],
)
def test_a_strange_file_is_refused_with_a_reason(desk, name, data):
    answer = desk.post("/w/policy/new/", TYPED | {"word": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422
    assert "word" in answer.context["form"].errors


def test_a_bomb_in_a_word_document_hurts_nobody(desk):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<w>" + b" " * 200_000_000)
    bomb = SimpleUploadedFile("通知.docx", made.getvalue())
    answer = desk.post("/w/policy/new/", TYPED | {"word": bomb})
    assert answer.status_code == 422
    assert "word" in answer.context["form"].errors


def test_two_editors_see_what_differs_and_choose(desk, piece, client_for, national_officer):
    address = f"/w/policy/{piece.pk}/edit/"
    other = client_for(national_officer)
    assert other.post(address, TYPED | {"version": 1, "title": "他人的题目"}).status_code == 302
    answer = desk.post(address, TYPED | {"version": 1, "title": "我的题目"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<del>他人</del>" in page
    assert "<ins>我</ins>" in page
    again = TYPED | {"version": answer.context["form"]["version"].value(), "title": "我的题目"}
    assert desk.post(address, again).status_code == 302
    piece.refresh_from_db()
    assert piece.title == "我的题目"


def test_a_text_is_carried_to_the_site_by_its_pages(
    piece, client, client_for, centre_editor, national_officer, second_national_officer,
    national_leader,
):  # fmt: skip
    for person, step in (
        (centre_editor, "submit"),
        (national_officer, "pass-first"),
        (second_national_officer, "pass-second"),
        (national_leader, "approve"),
    ):
        piece.refresh_from_db()
        page = client_for(person)
        address = f"/w/content/{piece.pk}/{step}/"
        assert address in page.get(piece.get_absolute_url()).content.decode()
        assert page.post(address, {"version": piece.version}).status_code == 302, step
    assert client.get(reverse("policy-page", args=[piece.slug])).status_code == 200


def test_what_is_missing_for_review_is_said_on_the_page(desk, centre_editor, acftu):
    piece = content.drafted(centre_editor, acftu, summary="", made_on=None)
    answer = desk.post(f"/w/content/{piece.pk}/submit/", {"version": 1})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写用于列表的摘要。" in page
    assert "请填写成文日期或者印发日期。" in page


def test_a_return_without_a_reason_is_refused(piece, client_for, national_officer):
    content.in_review(piece, piece.author)
    page = client_for(national_officer)
    answer = page.post(f"/w/content/{piece.pk}/return/", {"version": 2, "note": ""})
    assert answer.status_code == 422
    assert "note" in answer.context["form"].errors


def test_revisions_are_compared(desk, piece, publish, client_for, national_officer):
    publish(piece)
    address = f"/w/content/{piece.pk}/compare/"
    assert desk.get(address, {"from": 1}).status_code == 200
    for number in ("2", "0", "x", "9" * 30):
        assert desk.get(address, {"from": number}).status_code == 404


def test_the_list_asks_a_fixed_number_of_times(
    desk, centre_editor, acftu, django_assert_max_num_queries
):
    for number in range(3):
        content.drafted(centre_editor, acftu, title=f"第{number}件")
    with django_assert_max_num_queries(12):
        page = desk.get("/w/content/", {"title": "件", "state": "draft"}).content.decode()
    assert page.count("/w/content/") >= 3
