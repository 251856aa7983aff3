"""Drafting a circular, and what can be said of a federation in it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from platform_site.documents.models import DocumentNumber, NumberSeries
from platform_site.problems import Invalid, NotAllowed, Stale
from reports import services
from reports.models import Circular
from reports.queries import circulars as queries

from .conftest import LATE, ON_TIME, SILENT, groups, pointers, text_of

pytestmark = pytest.mark.django_db


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
