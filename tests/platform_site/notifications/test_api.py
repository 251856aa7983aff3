"""A person's messages and the operator's ledger, for machines."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_site.notifications.models import Delivery, PortalNotice

pytestmark = pytest.mark.django_db

MESSAGES, LEDGER = "/api/v1/notifications/", "/api/v1/deliveries/"


def post(api, address):
    return api.post(address, "{}", content_type="application/json")


def message(user, number: int = 1) -> PortalNotice:
    return PortalNotice.objects.create(
        user=user, key=f"k{number}", event="t/e", title=f"第{number}号通知已退回", body="请修改。"
    )


def delivery(number: int = 1, **fields) -> Delivery:
    given = {
        "key": f"k{number}",
        "address": f"chen{number}@gd.example",
        "event": "reports/report_returned",
        "subject": "某省的报告已退回",
        "body": "正文",
        "message_id": f"<{number}@example>",
        "state": Delivery.State.FAILED,
        "failed_reason": "550 no such user",
    }
    return Delivery.objects.create(**{**given, **fields})


class TestMessages:
    def test_the_own_ones_newest_first_and_nobody_elses(
        self, api_for, guangdong_officer, hunan_officer
    ):
        for number in (1, 2):
            message(guangdong_officer, number)
        message(hunan_officer, 3)
        rows = api_for(guangdong_officer).get(MESSAGES).json()["results"]
        assert [row["title"] for row in rows] == ["第2号通知已退回", "第1号通知已退回"]

    def test_found_by_title_and_by_what_is_unread(self, api_for, guangdong_officer):
        api = api_for(guangdong_officer)
        first, _second = message(guangdong_officer, 1), message(guangdong_officer, 2)
        post(api, f"{MESSAGES}{first.pk}/read/")
        unread = api.get(MESSAGES, {"unread": "true"}).json()["results"]
        assert [row["title"] for row in unread] == ["第2号通知已退回"]
        found = api.get(MESSAGES, {"search": "第1号"}).json()["results"]
        assert [row["id"] for row in found] == [str(first.pk)]

    def test_reading_it_counts_once_and_is_no_longer_offered(self, api_for, guangdong_officer):
        api, notice = api_for(guangdong_officer), message(guangdong_officer)
        assert api.get(f"{MESSAGES}{notice.pk}/").json()["steps"] == ["read"]
        first = post(api, f"{MESSAGES}{notice.pk}/read/").json()
        again = post(api, f"{MESSAGES}{notice.pk}/read/").json()
        assert first["read_at"] == again["read_at"] is not None
        assert again["steps"] == []

    def test_all_at_once(self, api_for, guangdong_officer, hunan_officer):
        for number in (1, 2):
            message(guangdong_officer, number)
        message(hunan_officer, 3)
        answer = post(api_for(guangdong_officer), f"{MESSAGES}read-all/")
        assert answer.json() == {"marked": 2}
        assert PortalNotice.objects.unread().count() == 1

    def test_as_many_queries_for_three_rows_as_for_one(self, api_for, guangdong_officer):
        api, counts = api_for(guangdong_officer), []
        api.get(MESSAGES)
        for number in (1, 2, 3):
            message(guangdong_officer, number)
            with CaptureQueriesContext(connection) as queries:
                api.get(MESSAGES)
            counts.append(len(queries))
        assert counts[0] == counts[2]


class TestLedger:
    def test_the_operator_sees_the_reason_and_no_text(self, api_for, system_administrator):
        delivery()
        answer = api_for(system_administrator).get(LEDGER, {"state": "failed"})
        (row,) = answer.json()["results"]
        assert row["failed_reason"] == "550 no such user"
        assert row["address"] == "c***@gd.example"
        assert "正文" not in answer.content.decode()
        assert "某省" not in answer.content.decode()

    def test_a_failed_one_is_sent_again_and_then_not_offered(self, api_for, system_administrator):
        api, row = api_for(system_administrator), delivery()
        address = f"{LEDGER}{row.pk}/"
        assert api.get(address).json()["steps"] == ["resend"]
        answer = post(api, f"{address}resend/")
        assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
        assert answer.json()["steps"] == []
        again = post(api, f"{address}resend/")
        assert (again.status_code, again.json()["code"]) == (409, "step_not_open")

    def test_whoever_may_not_read_it_is_told_so(self, api_for, national_officer, auditor):
        row = delivery()
        for person in (national_officer, auditor):
            api = api_for(person)
            assert api.get(LEDGER).status_code == 403
            assert api.get(f"{LEDGER}{row.pk}/").status_code == 404

    @pytest.mark.parametrize("given", [{"state": "lost"}, {"channel": "pigeon"}, {"colour": "red"}])
    def test_a_wrong_filter_is_named(self, api_for, system_administrator, given):
        answer = api_for(system_administrator).get(LEDGER, given)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(given))}"
