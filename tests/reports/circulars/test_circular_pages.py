"""The pages of circulars."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.models import Circular, CircularList

pytestmark = pytest.mark.django_db


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
