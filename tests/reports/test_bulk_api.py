"""Many acts in one request through the REST API, on the real resources: rights, rows, trail."""

from __future__ import annotations

import json
import uuid

import pytest

from platform_site.audit.models import Entry
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Comment, Notice, Report

pytestmark = pytest.mark.django_db

API = "/api/v1"


def send(client, resource, *items, **more):
    body = json.dumps({"items": list(items), **more})
    return client.post(f"{API}/{resource}/bulk/", body, content_type="application/json")


def statuses(answer):
    return [item["status"] for item in answer.json()["items"]]


def waive(obligation, reason="机构改革", **changes):
    item = {"act": "waive", "id": str(obligation.pk), "version": obligation.version}
    return {**item, "body": {"reason": reason}, **changes}


def sign(obligation, version=1):
    body = {"leader_name": "梁粤领", "department": "社会联络部"}
    return {"act": "sign-for", "id": str(obligation.pk), "version": version, "body": body}


@pytest.fixture
def issue(the_day, draft, national_leader, national_officer):
    def make(**changes):
        notice = draft(**changes)
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        return services.issue_notice(notice, by=national_officer, version=notice.version)

    return make


@pytest.fixture
def owed(issue):
    """The 32 obligations of one notice."""
    notice = issue(recipients=Federation.objects.current().filter(level=2)[:32])
    found = list(Obligation.objects.filter(round__request=notice.pk).order_by("pk"))
    assert len(found) == 32
    return found


def test_32_obligations_are_waived_in_one_call(api_for, national_officer, owed):
    answer = send(api_for(national_officer), "obligations", *map(waive, owed))
    assert answer.status_code == 207
    assert statuses(answer) == [200] * 32
    told = answer.json()["items"]
    assert [item["body"]["id"] for item in told] == [str(one.pk) for one in owed]
    assert {item["etag"][:4] for item in told} == {'"v2-'}
    assert not Obligation.objects.filter(waived_at=None).exists()
    entries = Entry.objects.filter(action__endswith=".waive")
    assert {entry.subject_id for entry in entries} == {str(one.pk) for one in owed}
    assert len({entry.request_id for entry in entries}) == 1


def test_a_province_signs_for_many_notices_at_once(api_for, issue, guangdong_officer, guangdong):
    for number in range(4):
        issue(title=f"第 {number} 号通知", recipients=[guangdong])
    mine = list(Obligation.objects.filter(federation=guangdong))
    answer = send(api_for(guangdong_officer), "obligations", *map(sign, mine))
    assert statuses(answer) == [200] * 4
    assert not Obligation.objects.filter(signed_for_at=None).exists()


def test_what_is_refused_is_refused_alone_and_stands_in_the_trail(
    api_for, guangdong_officer, issued_notice, guangdong, hunan
):
    """Signed for; another version; not theirs to do; hidden; missing: as single requests answer."""
    mine = Obligation.objects.get(federation=guangdong)
    others = Obligation.objects.get(federation=hunan)
    missing = {**sign(mine), "id": str(uuid.uuid4())}
    client = api_for(guangdong_officer)
    answer = send(client, "obligations", sign(mine), sign(others), missing)
    assert statuses(answer) == [200, 404, 404]
    hidden, absent = (item["problem"] for item in answer.json()["items"][1:])
    same = {"instance": absent["instance"], "request_id": absent["request_id"]}
    assert {**hidden, **same} == absent
    assert statuses(send(client, "obligations", sign(mine, version=1))) == [409]
    assert statuses(send(client, "obligations", waive(mine))) == [403]
    others.refresh_from_db()
    assert others.signed_for_at is None
    paths = [
        (entry.facts["method"], entry.facts["path"], entry.facts["status"])
        for entry in Entry.objects.filter(action="request.refused").order_by("pk")
    ]
    assert paths == [
        ("POST", f"{API}/obligations/{others.pk}/sign-for/", 404),
        ("POST", f"{API}/obligations/{missing['id']}/sign-for/", 404),
        ("POST", f"{API}/obligations/{mine.pk}/waive/", 403),
    ]


def test_all_or_none_keeps_nothing_and_tells_nobody(api_for, national_officer, owed, mailoutbox):
    entries = Entry.objects.count()
    items = [*map(waive, owed[:31]), waive(owed[31], reason="")]
    answer = send(api_for(national_officer), "obligations", *items, atomic=True)
    assert answer.status_code == 422
    assert statuses(answer) == [424] * 31 + [422]
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/items/31"]
    assert not Obligation.objects.exclude(waived_at=None).exists()
    assert Entry.objects.count() == entries


def test_notices_are_drafted_changed_and_approved(api_for, national_officer, national_leader):
    mine = str(uuid.uuid4())
    body = {
        "title": "通知",
        "text": "正文",
        "asks": "nothing",
        "business_line": "platform",
        "due_on": "2036-12-01",
        "recipients": ["440000"],
    }
    officer = api_for(national_officer)
    made = send(
        officer,
        "notices",
        {"act": "create", "body": {**body, "id": mine}},
        {"act": "create", "body": {**body, "asks": "gold"}},
        {"act": "create", "body": body},
    )
    assert statuses(made) == [201, 422, 201]
    first, _refused, second = made.json()["items"]
    assert first["location"] == f"http://testserver{API}/notices/{mine}/"
    other = second["body"]["id"]
    change = {"act": "change", "id": mine, "version": 1, "body": {"title": "改过的通知"}}
    again = {"act": "create", "body": {**body, "id": mine}}
    assert statuses(send(officer, "notices", change)) == [200]
    assert send(officer, "notices", again).json()["items"][0]["body"]["title"] == "改过的通知"
    approve = [
        {"act": "approve", "id": mine, "version": 2},
        {"act": "approve", "id": other, "version": 1},
    ]
    assert statuses(send(officer, "notices", *approve)) == [403, 403]
    assert statuses(send(api_for(national_leader), "notices", *approve)) == [200, 200]
    assert set(Notice.objects.values_list("state", flat=True)) == {"approved"}


def test_below_a_report_the_report_decides(
    api_for, national_officer, guangdong_officer, hunan_officer, submitted_report
):
    comments = f"reports/{submitted_report.pk}/comments"
    pin = [
        {"act": "create", "body": {"question": question, "text": "待议。"}}
        for question in ("goals", "basis")
    ]
    made = send(api_for(national_officer), comments, *pin)
    assert statuses(made) == [201, 201]
    address = made.json()["items"][0]["location"]
    assert address.endswith(f"/{comments}/{made.json()['items'][0]['body']['id']}/")
    assert statuses(send(api_for(hunan_officer), comments, *pin)) == [404, 404]
    assert statuses(send(api_for(guangdong_officer), comments, *pin)) == [403, 403]
    drop = [
        {"act": "delete", "id": item["body"]["id"], "version": 1} for item in made.json()["items"]
    ]
    gone = send(api_for(national_officer), comments, *drop)
    assert gone.json()["items"] == [{"status": 204}, {"status": 204}]
    assert not Comment.objects.exists()


def test_reading_tokens_write_nothing_and_files_come_one_by_one(
    api_for, national_officer, issued_notice, guangdong
):
    reader = api_for(national_officer, "obligations:read")
    answer = send(reader, "obligations", waive(Obligation.objects.get(federation=guangdong)))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    everything = api_for(national_officer)
    for resource in ("attachments", "federations", "exports"):
        assert send(everything, resource, {"act": "create"}).status_code in {404, 405}


def test_a_list_is_narrowed_to_several_ids_and_states(
    api_for, national_officer, draft, issued_notice, submitted_report
):
    client, other = api_for(national_officer), draft(title="另一件")

    def titles(resource, query):
        answer = client.get(f"{API}/{resource}/?{query}")
        assert answer.status_code == 200, answer.content
        return sorted(row["id"] for row in answer.json()["results"])

    both = sorted([str(issued_notice.pk), str(other.pk)])
    assert titles("notices", f"id__in={','.join(both)}") == both
    assert titles("notices", f"id__in={other.pk},{uuid.uuid4()}") == [str(other.pk)]
    assert titles("notices", "state__in=draft,approved") == [str(other.pk)]
    assert titles("notices", "state__in=draft,issued") == both
    assert titles("reports", "state__in=submitted,returned") == [str(Report.objects.get().pk)]
    owed = Obligation.objects.first()
    assert titles("obligations", f"id__in={owed.pk}") == [str(owed.pk)]
    many = ",".join(str(uuid.uuid4()) for _each in range(201))
    for query in ("id__in=", "id__in=x", f"id__in={other.pk},", f"id__in={many}", "state__in=gone"):
        refused = client.get(f"{API}/notices/?{query}")
        assert refused.status_code == 400, query
        assert refused.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"
