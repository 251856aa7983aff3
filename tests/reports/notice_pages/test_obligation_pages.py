"""The pages of what a federation owes, and of signing for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from platform_site.obligations.models import Obligation
from reports import services

from .conftest import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day", "reference")]


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
