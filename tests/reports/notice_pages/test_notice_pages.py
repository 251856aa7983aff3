"""The pages of notices: the list, one of them with its recipients, its steps, the first page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from platform_site.casework.models import Duty
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Notice
from reports.workflow import NoticeState

from .conftest import in_english, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day", "reference")]


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
