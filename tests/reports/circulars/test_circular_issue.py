"""Issued, a circular is numbered, frozen and sent; withdrawn, it stays with its reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from platform_site.accounts.roles import Role
from platform_site.documents.models import DocumentNumber, NumberSeries
from platform_site.notifications.models import PortalNotice
from platform_site.problems import StepNotOpen
from reports import services
from reports.documents import official_of_circular
from reports.models import Circular
from reports.queries import circulars as queries
from tests.factories.accounts import user_with

from .conftest import LATE, SILENT

pytestmark = pytest.mark.django_db


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
        assert "撤回" in official_of_circular(circular, said).notes
        with pytest.raises(StepNotOpen):
            services.withdraw_circular(
                circular, by=national_officer, version=circular.version, note="再次"
            )
