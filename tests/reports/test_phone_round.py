"""集中电话交流: the call list with what lies beside each call, worked through federation by federation."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from platform_site.federations.models import Federation, Holding
from platform_site.problems import Invalid, StepNotOpen
from reports import services
from reports.models import PhoneRound, SupervisionRecord
from reports.queries.supervision import call_rows

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 9, 14)


def pointers(refused) -> list[str]:
    return [problem.pointer for problem in refused.value.fields]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"federations": []}, "/federations"),
        ({"ends_on": dt.date(2026, 9, 1)}, "/ends_on"),
        ({"title": " "}, "/title"),
    ],
)
def test_what_a_round_lacks_is_told_beside_the_field(
    the_day, national_officer, guangdong, changes, pointer
):
    given = {"title": "一轮", "starts_on": DAY, "ends_on": DAY, "federations": [guangdong]}
    with pytest.raises(Invalid) as refused:
        services.open_round(by=national_officer, **{**given, **changes})
    assert pointers(refused) == [pointer]
    assert not PhoneRound.objects.exists()


def test_a_federation_below_the_first_tier_is_named_in_its_place(
    the_day, national_officer, guangdong, federation_by_code
):
    with pytest.raises(Invalid) as refused:
        services.open_round(
            by=national_officer,
            title="一轮",
            starts_on=DAY,
            ends_on=DAY,
            federations=[guangdong, federation_by_code("440100")],
        )
    assert pointers(refused) == ["/federations/1"]


def test_beside_a_call_stands_what_is_to_be_known(
    phone_round, issued_notice, accepted_visit, action_point, national_officer, guangdong
):
    Holding.objects.create(
        federation=guangdong,
        post="liaison_officer",
        name="陈粤联",
        phone="020-12345678",
        since=dt.date(2025, 1, 1),
    )
    row, other = call_rows(phone_round, national_officer)
    if row.federation != guangdong:
        row, other = other, row
    assert (row.open_obligations, row.late_obligations) == (1, 0)
    assert (row.actions.running, row.actions.overdue) == (1, 0)
    assert (row.last_contact_on, row.days) == (DAY, 0)
    assert [(each.holding.name, each.phone) for each in row.contacts] == [
        ("陈粤联", "020-12345678")
    ]
    # Hunan never was spoken to: nothing is made up.
    assert (other.last_contact_on, other.days, other.contacts) == (None, None, [])


def test_a_planned_visit_is_no_contact(phone_round, visit, national_officer, guangdong):
    rows = {row.federation.pk: row for row in call_rows(phone_round, national_officer)}
    assert rows[guangdong.pk].days is None


def test_the_call_list_asks_as_much_for_two_as_for_all(phone_round, national_officer):
    everybody = services.open_round(
        by=national_officer,
        title="全部",
        starts_on=DAY,
        ends_on=DAY,
        federations=Federation.objects.first_tier(),
    )
    counts = []
    for round in (phone_round, everybody):
        with CaptureQueriesContext(connection) as asked:
            call_rows(round, national_officer)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6


def test_a_call_is_written_down_once(phone_round, national_officer, guangdong):
    given = {"by": national_officer, "version": 1, "federation": guangdong, "on": DAY}
    services.record_call_of_round(phone_round, outcome="约定补报", **given)
    record = SupervisionRecord.objects.get()
    assert (record.state, record.outcome) == ("recorded", "约定补报")
    with pytest.raises(Invalid) as refused:
        services.record_call_of_round(phone_round, outcome="再来一次", **given)
    assert pointers(refused) == ["/federation"]


def test_only_federations_of_the_round_while_it_is_open(
    phone_round, national_officer, guangdong, federation_by_code
):
    given = {"by": national_officer, "on": DAY, "outcome": "约定补报"}
    with pytest.raises(Invalid) as refused:
        services.record_call_of_round(
            phone_round, version=1, federation=federation_by_code("110000"), **given
        )
    assert pointers(refused) == ["/federation"]
    closed = services.close_round(phone_round, by=national_officer, version=1)
    with pytest.raises(StepNotOpen):
        services.record_call_of_round(closed, version=closed.version, federation=guangdong, **given)


# --- Pages ------------------------------------------------------------------------------------------
def test_the_round_is_worked_through_in_place(client_for, phone_round, national_officer):
    client = client_for(national_officer)
    address = phone_round.get_absolute_url()
    page = client.get(address, {"call": "440000"})
    assert [row.federation.code for row in page.context["waiting"]].count("440000") == 1
    assert 'name="outcome"' in page.content.decode()
    call = reverse("phone-round-call", args=[phone_round.pk, "440000"])
    wrong = client.post(call, {"version": 1, "on": "2026-09-14", "findings": "说了一些"})
    assert wrong.status_code == 422
    assert "说了一些" in wrong.content.decode()
    done = client.post(call, {"version": 1, "on": "2026-09-14", "outcome": "约定补报"})
    assert done["Location"] == address
    page = client.get(address)
    assert [row.federation.code for row in page.context["called"]] == ["440000"]
    assert [row.federation.code for row in page.context["waiting"]] == ["430000"]


def test_never_contacted_is_said_so(client_for, phone_round, second_national_officer):
    client = client_for(second_national_officer)
    text = client.get(phone_round.get_absolute_url()).content.decode()
    assert "从未联系" in text


# --- The API ----------------------------------------------------------------------------------------
def test_the_api_tells_how_long_ago_and_names_no_person(
    api_for, phone_round, accepted_visit, action_point, national_officer
):
    client = api_for(national_officer)
    round = client.get(f"/api/v1/phone-rounds/{phone_round.pk}/").json()
    calls = {each["federation"]: each for each in round["calls"]}
    assert calls["440000"]["days_since_contact"] == 0
    assert calls["440000"]["open_action_points"] == 1
    assert calls["430000"]["last_contact_on"] is None
    assert "name" not in json.dumps(round)
    assert round["steps"] == ["record-call", "close"]
    answer = client.post(
        f"/api/v1/phone-rounds/{phone_round.pk}/record-call/",
        json.dumps({"federation": "430000", "on": "2026-09-14", "outcome": "进展正常"}),
        content_type="application/json",
        headers={"if-match": '"v1"'},
    )
    assert answer.status_code == 200
    assert answer.json()["called"] == 1


def test_what_is_overdue_shows(phone_round, action_point, national_officer, the_day, guangdong):
    the_day.move_to(dt.datetime(2026, 11, 2, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    rows = {row.federation.pk: row for row in call_rows(phone_round, national_officer)}
    assert rows[guangdong.pk].actions.overdue == 1
