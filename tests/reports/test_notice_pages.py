"""The pages of notices: list, draft, steps, recipients; what a federation owes and signs for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from platform_site.accounts.models import User
from platform_site.attachments.models import Attachment
from platform_site.casework.models import Duty
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from reports import services
from reports.forms.notices import read_number
from reports.models import Notice
from reports.workflow import NoticeState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day", "reference")]


def text_of(response: Any) -> str:
    return response.content.decode()


def provincial() -> list[str]:
    return list(Federation.objects.default_recipients().values_list("code", flat=True))


@pytest.fixture
def officer(client_for, national_officer) -> Client:
    return client_for(national_officer)


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


class TestList:
    def test_needs_a_sign_in(self) -> None:
        assert Client().get(reverse("notice-list")).status_code == 302

    def test_national_officers_see_how_many_filed(self, officer, issued_notice) -> None:
        page = text_of(officer.get(reverse("notice-list")))
        assert issued_notice.title in page
        assert "0 / 2" in page
        assert reverse("notice-draft") in page

    def test_a_province_sees_its_own_standing_and_no_counts(
        self, client_for, guangdong_officer, issued_notice
    ) -> None:
        page = text_of(client_for(guangdong_officer).get(reverse("notice-list")))
        assert issued_notice.title in page
        assert "0 / 2" not in page
        assert reverse("notice-draft") not in page

    def test_who_was_not_addressed_does_not_see_it(
        self, draft, national_leader, national_officer, client_for, hunan_officer, guangdong
    ) -> None:
        notice = draft(recipients=[guangdong])
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        services.issue_notice(notice, by=national_officer, version=notice.version)
        page = text_of(client_for(hunan_officer).get(reverse("notice-list")))
        assert notice.title not in page

    def test_drafts_are_the_centre_s(self, draft, client_for, guangdong_officer) -> None:
        notice = draft()
        assert notice.title not in text_of(
            client_for(guangdong_officer).get(reverse("notice-list"))
        )

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"search": "试点方案"}, True),
            ({"search": "统计"}, False),
            ({"state": "draft"}, True),
            ({"state": "issued"}, False),
            ({"business_line": "think_tanks"}, False),
            ({"asks": "pilot_plan"}, True),
        ],
    )
    def test_narrows(self, officer, draft, query, found) -> None:
        notice = draft()
        assert (notice.title in text_of(officer.get(reverse("notice-list"), query))) is found

    def test_a_broken_cursor_is_a_bad_request(self, officer) -> None:
        assert officer.get(reverse("notice-list"), {"cursor": "x"}).status_code == 400

    def test_pages_by_keyset(self, officer, draft, monkeypatch) -> None:
        monkeypatch.setattr("reports.views.notices.PAGE_SIZE", 2)
        for number in range(3):
            draft(title=f"第{number}份通知")
        first = officer.get(reverse("notice-list"))
        seen = {row.title for row in first.context["page"].rows}
        second = officer.get(reverse("notice-list"), {"cursor": first.context["page"].next})
        seen |= {row.title for row in second.context["page"].rows}
        assert seen == {f"第{number}份通知" for number in range(3)}

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries_do_not_grow_with_rows(
        self, rows, officer, draft, django_assert_max_num_queries
    ) -> None:
        for number in range(rows):
            draft(title=f"第{number}份通知")
        officer.get(reverse("notice-list"))
        with django_assert_max_num_queries(12):
            officer.get(reverse("notice-list"))


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


def in_english(client: Client) -> None:
    """The language is the account's, and the cookie's before one signs in."""
    User.objects.update(language="en")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


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


class TestSteps:
    def take(self, client: Client, notice: Notice, step: str, **given: Any) -> Any:
        url = reverse(f"notice-{step}", args=[notice.pk])
        return client.post(url, {"version": notice.version, "note": "", **given})

    def test_another_person_approves(self, officer, client_for, national_leader, draft) -> None:
        notice = draft()
        assert self.take(officer, notice, "approve").status_code == 403
        assert self.take(client_for(national_leader), notice, "approve").status_code == 302
        notice.refresh_from_db()
        assert notice.state == NoticeState.APPROVED

    def test_issuing_names_how_many(self, officer, draft, national_leader) -> None:
        notice = draft()
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        in_english(officer)
        page = text_of(officer.get(reverse("notice-issue", args=[notice.pk])))
        assert "Issue to 2 federations" in page
        assert self.take(officer, notice, "issue").status_code == 302
        assert Obligation.objects.filter(round__request=notice.pk).count() == 2

    def test_a_second_click_lands_with_a_message(self, officer, draft, national_leader) -> None:
        notice = draft()
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        self.take(officer, notice, "issue")
        again = self.take(officer, notice, "issue")
        assert again.status_code == 302
        assert [str(message) for message in get_messages(again.wsgi_request)]
        assert Obligation.objects.filter(round__request=notice.pk).count() == 2

    def test_sending_back_wants_a_reason(self, client_for, draft, national_leader) -> None:
        leader = client_for(national_leader)
        notice = draft()
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        refused = self.take(leader, notice, "send-back")
        assert refused.status_code == 422
        assert refused.context["form"].errors["note"]
        assert self.take(leader, notice, "send-back", note="日期有误").status_code == 302

    def test_a_stale_version_is_said_and_the_note_kept(
        self, client_for, draft, national_leader
    ) -> None:
        notice = draft()
        response = self.take(
            client_for(national_leader), notice, "approve", version=notice.version + 5, note="同意"
        )
        assert response.status_code == 422
        assert "同意" in text_of(response)
        assert Notice.objects.get(pk=notice.pk).state == NoticeState.DRAFT

    @pytest.mark.parametrize(("step", "note"), [("close", ""), ("withdraw", "发文有误")])
    def test_ends(self, officer, issued_notice, step, note) -> None:
        assert officer.get(reverse(f"notice-{step}", args=[issued_notice.pk])).status_code == 200
        assert self.take(officer, issued_notice, step, note=note).status_code == 302
        assert not Duty.objects.open().exists()

    def test_a_province_takes_no_step(self, client_for, guangdong_officer, issued_notice) -> None:
        client = client_for(guangdong_officer)
        assert self.take(client, issued_notice, "close").status_code == 403
        issued_notice.refresh_from_db()
        assert issued_notice.state == NoticeState.ISSUED


class TestDetail:
    def test_lists_the_recipients_for_the_centre(
        self, officer, issued_notice, signed_obligation, hunan
    ) -> None:
        page = text_of(officer.get(issued_notice.get_absolute_url()))
        assert "梁粤领" in page
        assert "社会联络部" in page
        assert "2026-09-14" in page

    def test_narrows_by_standing(self, officer, issued_notice, signed_obligation) -> None:
        response = officer.get(issued_notice.get_absolute_url(), {"standing": "waiting"})
        assert [row.obligation.federation.code for row in response.context["rows"]] == ["430000"]
        late = officer.get(issued_notice.get_absolute_url(), {"standing": "late"})
        assert late.context["rows"] == []

    def test_a_province_sees_nothing_of_the_others(
        self, client_for, hunan_officer, issued_notice, signed_obligation
    ) -> None:
        response = client_for(hunan_officer).get(issued_notice.get_absolute_url())
        page = text_of(response)
        assert [row.obligation.federation.code for row in response.context["rows"]] == ["430000"]
        assert response.context["tiles"] == []
        assert "梁粤领" not in page
        assert "社会联络部" not in page
        assert str(signed_obligation.pk) not in page

    def test_a_province_reads_no_inner_history(
        self, client_for, hunan_officer, issued_notice
    ) -> None:
        entries = client_for(hunan_officer).get(issued_notice.get_absolute_url()).context["entries"]
        assert [entry.action for entry in entries] == ["reports.notice.issue"]

    def test_the_auditor_reads_and_has_no_buttons(self, client_for, auditor, issued_notice) -> None:
        response = client_for(auditor).get(issued_notice.get_absolute_url())
        assert response.status_code == 200
        assert response.context["steps"] == []
        assert not response.context["may_edit"]

    @pytest.mark.parametrize("who", ["system_administrator", "security_administrator"])
    def test_administrators_do_not_find_it(self, request, client_for, who, issued_notice) -> None:
        client = client_for(request.getfixturevalue(who))
        assert client.get(issued_notice.get_absolute_url()).status_code == 404

    def test_who_reads_an_addressed_notice_below(
        self, client_for, guangzhou_officer, casework_officer, editor, issued_notice
    ) -> None:
        for person in (guangzhou_officer, casework_officer, editor):
            response = client_for(person).get(issued_notice.get_absolute_url())
            assert response.status_code == 200
            assert response.context["rows"] == []

    def test_hostile_text_is_shown_as_text(self, officer, draft) -> None:
        notice = draft(text="<script>alert(1)</script>")
        page = text_of(officer.get(notice.get_absolute_url()))
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;" in page

    def test_the_usual_address_of_all_32(self, officer, draft) -> None:
        notice = draft(recipients=None)
        page = text_of(officer.get(notice.get_absolute_url()))
        assert "各省、自治区、直辖市总工会，新疆生产建设兵团总工会：" in page

    @pytest.mark.parametrize("which", ["national_officer", "guangdong_officer"])
    def test_queries(
        self, request, which, client_for, issued_notice, django_assert_max_num_queries
    ) -> None:
        client = client_for(request.getfixturevalue(which))
        client.get(issued_notice.get_absolute_url())
        with django_assert_max_num_queries(13):
            client.get(issued_notice.get_absolute_url())


class TestObligation:
    def test_offers_to_sign_for(self, client_for, guangdong_officer, obligation) -> None:
        response = client_for(guangdong_officer).get(obligation.get_absolute_url())
        assert response.status_code == 200
        assert response.context["may_sign_for"]
        assert reverse("obligation-sign-for", args=[obligation.pk]) in text_of(response)

    def test_then_to_fill_in(self, client_for, guangdong_officer, signed_obligation) -> None:
        response = client_for(guangdong_officer).get(signed_obligation.get_absolute_url())
        assert response.context["may_start"]
        assert reverse("report-start", args=[signed_obligation.pk]) in text_of(response)

    def test_leads_to_the_report(
        self, client_for, guangdong_officer, draft_report, officer
    ) -> None:
        obligation = draft_report.obligation
        response = client_for(guangdong_officer).get(obligation.get_absolute_url())
        assert response.headers["Location"] == reverse("report-fill", args=[draft_report.pk])
        # The centre cannot read a draft; it stays on the page of what is owed.
        assert officer.get(obligation.get_absolute_url()).status_code == 200

    def test_a_submitted_report_is_read(self, officer, submitted_report) -> None:
        response = officer.get(submitted_report.obligation.get_absolute_url())
        assert response.headers["Location"] == reverse("report-detail", args=[submitted_report.pk])

    def test_others_do_not_find_it(self, client_for, hunan_officer, editor, obligation) -> None:
        for person in (hunan_officer, editor):
            client = client_for(person)
            assert client.get(obligation.get_absolute_url()).status_code == 404
            url = reverse("obligation-sign-for", args=[obligation.pk])
            assert client.get(url).status_code == 404
            assert client.post(url, {}).status_code == 404


class TestSignFor:
    given = {"leader_name": "梁粤领", "leader_title": "副主席", "department": "社会联络部"}

    def sign(self, client: Client, obligation: Obligation, **changes: Any) -> Any:
        url = reverse("obligation-sign-for", args=[obligation.pk])
        return client.post(url, {**self.given, "version": obligation.version, **changes})

    def test_signs_once(self, client_for, guangdong_officer, obligation) -> None:
        client = client_for(guangdong_officer)
        assert self.sign(client, obligation).status_code == 302
        obligation.refresh_from_db()
        first = obligation.signed_for_at
        again = self.sign(client, obligation)
        assert again.status_code == 302
        assert [str(message) for message in get_messages(again.wsgi_request)]
        obligation.refresh_from_db()
        assert obligation.signed_for_at == first
        assert obligation.leader.name == "梁粤领"

    def test_is_filled_in_from_the_register(
        self,
        client_for,
        guangdong_officer,
        signed_obligation,
        draft,
        guangdong,
        national_leader,
        national_officer,
    ) -> None:
        notice = draft(recipients=[guangdong], title="第二份")
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        services.issue_notice(notice, by=national_officer, version=notice.version)
        second = Obligation.objects.get(round__request=notice.pk)
        page = client_for(guangdong_officer).get(reverse("obligation-sign-for", args=[second.pk]))
        assert page.context["form"]["leader_name"].value() == "梁粤领"
        assert page.context["form"]["leader_title"].value() == "副主席"

    @pytest.mark.parametrize("field", ["leader_name", "department"])
    def test_what_is_missing(self, client_for, guangdong_officer, obligation, field) -> None:
        response = self.sign(client_for(guangdong_officer), obligation, **{field: " "})
        assert response.status_code == 422
        assert response.context["form"].errors[field]
        obligation.refresh_from_db()
        assert obligation.signed_for_at is None

    @pytest.mark.parametrize("who", ["national_officer", "guangdong_leader"])
    def test_only_the_federation_s_officers(self, request, client_for, who, obligation) -> None:
        client = client_for(request.getfixturevalue(who))
        assert self.sign(client, obligation).status_code == 403

    def test_a_withdrawn_notice_is_not_signed_for(
        self, client_for, guangdong_officer, obligation, issued_notice, national_officer
    ) -> None:
        services.withdraw_notice(
            issued_notice, by=national_officer, version=issued_notice.version, note="发文有误"
        )
        assert self.sign(client_for(guangdong_officer), obligation).status_code == 302
        obligation.refresh_from_db()
        assert obligation.signed_for_at is None


class TestHome:
    def test_a_liaison_officer_finds_what_is_owed(
        self, client_for, guangdong_officer, obligation, issued_notice
    ) -> None:
        page = text_of(client_for(guangdong_officer).get(reverse("home")))
        assert issued_notice.title in page
        assert obligation.get_absolute_url() in page

    def test_the_centre_finds_how_notices_run(self, officer, issued_notice) -> None:
        page = text_of(officer.get(reverse("home")))
        assert issued_notice.title in page
        assert "0 / 2" in page


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
