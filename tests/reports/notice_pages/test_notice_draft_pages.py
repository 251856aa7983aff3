"""The pages of drafting a notice and changing the draft, and the preview of its due date."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from platform_site.attachments.models import Attachment
from reports.forms.notices import read_number
from reports.models import Notice

from .conftest import in_english, provincial, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day", "reference")]


@pytest.fixture
def typed() -> Callable[..., dict[str, Any]]:
    """A whole form as a browser would send it."""

    def make(**changes: Any) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "title": "关于报送试点方案的通知",
            "number": "",
            "business_line": "social_organisations",
            "asks": "pilot_plan",
            "form": "",
            "due_on": "2026-10-15",
            "text": "各单位：\n\n请报送试点方案。",
            "recipients": provincial(),
            "contact_name": "林国章",
            "contact_phone": "010-00000000",
            **changes,
        }

    return make


class TestDraft:
    def test_only_national_officers(self, client_for, guangdong_officer, auditor) -> None:
        for person in (guangdong_officer, auditor):
            assert client_for(person).get(reverse("notice-draft")).status_code == 403

    def test_the_form_ticks_the_32(self, officer) -> None:
        form = officer.get(reverse("notice-draft")).context["form"]
        assert form["recipients"].value() == provincial()
        assert len(form["recipients"].value()) == 32

    def test_drafts(self, officer, national_officer, typed) -> None:
        given = typed(number="总工办发[2026]12号")
        response = officer.post(reverse("notice-draft"), given)
        notice = Notice.objects.get(pk=given["id"])
        assert response.status_code == 302
        assert notice.number == "总工办发〔2026〕12号"
        assert notice.drafted_by == national_officer
        assert notice.form.code == "pilot_plan"
        assert notice.round.due_on == dt.date(2026, 10, 15)
        assert notice.request.addressees.count() == 32

    def test_a_replay_meets_the_same_draft(self, officer, typed) -> None:
        given = typed()
        officer.post(reverse("notice-draft"), given)
        officer.post(reverse("notice-draft"), given)
        assert Notice.objects.count() == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "试\x00点"),
            ("title", "长" * 151),
            ("text", "\u202e反向"),
            ("due_on", "0000-01-01"),
            ("due_on", "9999-12-31"),
            ("due_on", "2026-09-13"),
            ("due_on", "明天"),
            ("recipients", []),
            ("recipients", ["XX"]),
            ("number", "第十二号"),
            ("number", "总工发〔0000〕1号"),
            ("asks", "everything"),
            ("business_line", "gardening"),
            ("form", "progress_report"),
            ("form", "no_such_form"),
        ],
    )
    def test_what_is_wrong_stands_beside_the_field(self, officer, typed, field, value) -> None:
        response = officer.post(reverse("notice-draft"), typed(**{field: value}))
        assert response.status_code == 422
        assert response.context["form"].errors[field]
        assert "请报送试点方案" in text_of(response) or field == "text"
        assert "error-summary" in text_of(response)
        assert not Notice.objects.exists()

    def test_signing_for_only_has_no_form(self, officer, typed) -> None:
        given = typed(asks="nothing", form="pilot_plan")
        officer.post(reverse("notice-draft"), given)
        assert Notice.objects.get(pk=given["id"]).form is None

    def test_a_number_that_is_taken(self, officer, typed) -> None:
        officer.post(reverse("notice-draft"), typed(number="总工发（2026）1号"))
        response = officer.post(reverse("notice-draft"), typed(number="总工发〔2026〕1号"))
        assert response.status_code == 422
        assert response.context["form"].errors["number"]

    @pytest.mark.parametrize(("which", "count"), [("default", 32), ("all", 43), ("none", 0)])
    def test_ticks_without_script_and_keeps_what_was_typed(
        self, officer, typed, which, count
    ) -> None:
        response = officer.post(
            reverse("notice-draft"), typed(tick=which, title="还没写完", due_on="", recipients=[])
        )
        assert response.status_code == 200
        assert "还没写完" in text_of(response)
        assert len(response.context["form"]["recipients"].value()) == count
        assert not Notice.objects.exists()

    def test_files_posted_with_the_form_are_attached(self, officer, typed) -> None:
        given = typed(file=SimpleUploadedFile("样表.txt", "样表".encode(), "text/plain"))
        response = officer.post(reverse("notice-draft"), given)
        assert response.status_code == 302, response.context["file_problems"]
        notice = Notice.objects.get(pk=given["id"])
        assert [file.filename for file in Attachment.objects.of(notice)] == ["样表.txt"]

    def test_a_file_survives_a_mistake_elsewhere(self, officer, typed) -> None:
        file = SimpleUploadedFile("样表.txt", "样表".encode(), "text/plain")
        response = officer.post(reverse("notice-draft"), typed(title="", file=file))
        (kept,) = response.context["waiting"]
        assert f'value="{kept.pk}"' in text_of(response)
        given = typed(attachments=[str(kept.pk), "no-uuid"])
        officer.post(reverse("notice-draft"), given)
        kept.refresh_from_db()
        assert str(kept.owner_id) == given["id"]

    def test_a_renamed_file_is_refused_with_a_reason(self, officer, typed) -> None:
        file = SimpleUploadedFile("样表.pdf", b"MZ not a pdf", "application/pdf")
        response = officer.post(reverse("notice-draft"), typed(file=file))
        assert response.status_code == 422
        assert "样表.pdf" in text_of(response)
        assert not Notice.objects.exists()


class TestDuePreview:
    def preview(self, client: Client, due_on: str) -> str:
        response = client.get(reverse("notice-due-preview"), {"due_on": due_on})
        assert response.status_code == 200
        return text_of(response)

    def test_counts_working_days_over_the_holidays(self, officer) -> None:
        in_english(officer)
        shown = self.preview(officer, "2026-10-15")
        assert "Thursday" in shown
        assert "working days left" in shown
        assert "国庆节" in shown

    def test_warns(self, officer) -> None:
        in_english(officer)
        assert "past" in self.preview(officer, "2026-09-11")
        assert "rest day" in self.preview(officer, "2026-10-03")
        assert "Provisional" in self.preview(officer, "2027-03-01")

    @pytest.mark.parametrize("typed", ["", "0000-00-00", "9999-99-99", "9999-12-31", "明天"])
    def test_whatever_is_typed(self, officer, typed) -> None:
        self.preview(officer, typed)

    def test_not_for_others(self, client_for, guangdong_officer) -> None:
        assert client_for(guangdong_officer).get(reverse("notice-due-preview")).status_code == 403


class TestEdit:
    def form_of(self, client: Client, notice: Notice) -> dict[str, Any]:
        form = client.get(reverse("notice-edit", args=[notice.pk])).context["form"]
        return {name: form[name].value() or "" for name in form.fields}

    def test_shows_and_saves(self, officer, draft) -> None:
        notice = draft()
        given = self.form_of(officer, notice)
        assert sorted(given["recipients"]) == ["430000", "440000"]
        response = officer.post(
            reverse("notice-edit", args=[notice.pk]), given | {"title": "改后的标题"}
        )
        assert response.status_code == 302
        assert Notice.objects.get(pk=notice.pk).title == "改后的标题"

    def test_two_people_at_once(self, officer, draft, client_for, second_national_officer) -> None:
        notice = draft()
        mine = self.form_of(officer, notice)
        other = client_for(second_national_officer)
        other.post(
            reverse("notice-edit", args=[notice.pk]),
            self.form_of(other, notice) | {"text": "别人的正文"},
        )
        response = officer.post(
            reverse("notice-edit", args=[notice.pk]), mine | {"text": "我的正文"}
        )
        page = text_of(response)
        assert response.status_code == 422
        assert "别人的正文" in page
        assert "我的正文" in page
        assert Notice.objects.get(pk=notice.pk).text == "别人的正文"
        # Having seen the other text, saving again is a choice.
        again = {name: response.context["form"][name].value() or "" for name in mine}
        officer.post(reverse("notice-edit", args=[notice.pk]), again)
        assert Notice.objects.get(pk=notice.pk).text == "我的正文"

    def test_an_issued_notice_cannot_be_changed(self, officer, issued_notice) -> None:
        response = officer.get(reverse("notice-edit", args=[issued_notice.pk]))
        assert response.status_code == 302

    def test_others_do_not_find_a_draft(self, client_for, guangdong_officer, draft) -> None:
        url = reverse("notice-edit", args=[draft().pk])
        assert client_for(guangdong_officer).get(url).status_code == 404


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("总工发〔2016〕32号", ("总工发", 2016, 32)),
        ("总工办发[2026]12", ("总工办发", 2026, 12)),
        ("总工函（２０２６）第３号", ("总工函", 2026, 3)),
        ("京工发【2026】 007 号", ("京工发", 2026, 7)),
        ("", None),
    ],
)
def test_reads_a_document_number(typed: str, read: Any) -> None:
    assert read_number(typed) == read
