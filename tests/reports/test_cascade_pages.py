"""The pages of what was passed down."""

from __future__ import annotations

from django.urls import reverse

from reports import queries
from reports.documents import document_of
from reports.models import PassDown
from tests.cascade import child


class TestPages:
    def test_passing_down_by_the_page(
        self, signed_obligation, guangdong_officer, officers, client_for
    ):
        client = client_for(guangdong_officer)
        url = reverse("pass-down", args=[signed_obligation.pk])
        page = client.get(url).content.decode()
        assert "深圳" in page
        assert "越秀" not in page
        rows = {"questions-TOTAL_FORMS": "3", "questions-INITIAL_FORMS": "0"}
        given = {
            "recipients": ["440100", "440300"],
            "due_on": "2026-10-20",
            "instructions": "按月调度。",
            "questions-1-name_zh": "街道工会数",
            "questions-1-kind": "number",
            "questions-1-unit_zh": "个",
            **rows,
        }
        answer = client.post(url, given)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "2026年10月15日" in text
        assert "按月调度。" in text
        assert "街道工会数" in text
        wrong = client.post(url, {**given, "due_on": "2026-10-09", "questions-1-kind": "text"})
        assert wrong.status_code == 422
        assert not PassDown.objects.exists()
        assert client.post(url, {**given, "due_on": "2026-10-09"}).status_code == 302
        passed = PassDown.objects.get()
        assert [each.name_zh for each in queries.own_questions(passed)] == ["街道工会数"]
        more = client.get(url).content.decode()
        assert "佛山" in more
        assert "深圳" not in more

    def test_the_city_reads_the_provinces_words_and_both_dates(self, passed, officers, client_for):
        page = client_for(officers["440300"]).get(
            reverse("obligation-detail", args=[child(passed, "440300").pk])
        )
        text = page.content.decode()
        assert "请各市如实填报。" in text
        assert "2026年10月9日" in text
        assert "2026年10月15日" in text

    def test_the_notice_leads_the_province_to_its_lower_tier(
        self, passed, guangdong_officer, issued_notice, client_for
    ):
        page = client_for(guangdong_officer).get(issued_notice.get_absolute_url())
        text = page.content.decode()
        assert reverse("passed-down", args=[passed.pk]) in text
        assert "深圳" not in text

    def test_the_document_is_not_made_out_to_whom_it_was_passed_down(
        self, passed, signed_obligation, issued_notice
    ):
        name, _content = document_of(issued_notice, "docx", obligation=child(passed, "440300"))
        assert "深圳" not in name
        name, _content = document_of(issued_notice, "docx", obligation=signed_obligation)
        assert "广东" in name

    def test_a_city_does_not_see_how_the_others_stand(self, two_filed, officers, client_for):
        client = client_for(officers["440300"])
        assert client.get(reverse("passed-down", args=[two_filed.pk])).status_code == 404

    def test_taking_back_by_the_page(self, two_filed, guangdong_officer, client_for):
        client = client_for(guangdong_officer)
        owed = child(two_filed, "440600")
        url = reverse("obligation-take-back", args=[owed.pk])
        assert client.post(url, {"version": owed.version, "reason": ""}).status_code == 422
        answer = client.post(url, {"version": owed.version, "reason": "不列入"})
        assert answer.status_code == 302
        filed = child(two_filed, "440300")
        client.post(
            reverse("obligation-take-back", args=[filed.pk]),
            {"version": filed.version, "reason": "撤"},
        )
        filed.refresh_from_db()
        assert filed.cancelled_at is None
