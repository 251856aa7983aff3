"""``/api/v1/holdings/``: the register of posts for machines."""

import datetime as dt
import json

import pytest

from platform_site.federations import services
from platform_site.federations.models import Holding

pytestmark = pytest.mark.django_db
PHONE = "13812345678"


@pytest.fixture
def holding(the_day, guangdong, guangdong_officer):
    return services.appoint(
        guangdong,
        "leader_in_charge",
        name="梁粤领",
        phone=PHONE,
        since=dt.date(2026, 9, 14),
        by=guangdong_officer,
    )


def post(api, path, body, **headers):
    return api.post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def test_telephone_numbers_are_masked_as_on_the_page(api_for, holding, request):
    for name, shown in (
        ("guangdong_officer", PHONE),
        ("national_officer", PHONE),
        ("guangzhou_officer", "138****5678"),
        ("auditor", "138****5678"),
    ):
        api = api_for(request.getfixturevalue(name))
        [row] = api.get("/api/v1/holdings/?federation=440000").json()["results"]
        assert row["phone"] == shown, name
        assert api.get(f"/api/v1/holdings/{holding.pk}/").json()["phone"] == shown, name
    for name in ("hunan_officer", "system_administrator", "security_administrator"):
        api = api_for(request.getfixturevalue(name))
        assert api.get("/api/v1/holdings/?federation=440000").json()["results"] == []


def test_a_post_passes_over_and_ends(api_for, holding, guangdong_officer):
    api = api_for(guangdong_officer)
    body = {
        "federation": "440000",
        "post": "leader_in_charge",
        "name": "林新领",
        "since": "2026-09-20",
    }
    made = post(api, "/holdings/", body)
    assert (made.status_code, made.json()["steps"]) == (201, ["end"])
    holding.refresh_from_db()
    assert holding.until.isoformat() == "2026-09-20"
    # The same again changes nothing.
    again = post(api, "/holdings/", body)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    held = api.get("/api/v1/holdings/?federation=440000&post=leader_in_charge&on=2026-09-15")
    assert [row["name"] for row in held.json()["results"]] == ["梁粤领"]
    end = f"/holdings/{made.json()['id']}/end/"
    assert post(api, end, {"until": "2026-10-01"}).status_code == 428
    assert post(api, end, {"until": "2026-10-01"}, if_match='"v7"').status_code == 412
    early = post(api, end, {"until": "2026-09-01"}, if_match=made["ETag"])
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/until")
    done = post(api, end, {"until": "2026-10-01"}, if_match=made["ETag"])
    assert (done.status_code, done.json()["until"]) == (200, "2026-10-01")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"post": "king"}, "/post"),
        ({"federation": "ZZ"}, "/federation"),
        ({"federation": {"a": 1}}, "/federation"),
        ({"name": ""}, "/name"),
        ({"name": "人" * 65}, "/name"),
        ({"since": "1900-01-01"}, "/since"),
        ({"since": "tomorrow"}, "/since"),
        ({"until": "2026-10-01"}, "/until"),
    ],
)
def test_what_is_wrong_is_named(api_for, the_day, guangdong_officer, changes, pointer):
    body = {"federation": "440000", "post": "liaison_officer", "name": "甲", "since": "2026-09-14"}
    answer = post(api_for(guangdong_officer), "/holdings/", {**body, **changes})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Holding.objects.exists()


def test_only_the_federation_itself_keeps_it(api_for, holding, national_officer, guangzhou_officer):
    body = {"federation": "440000", "post": "liaison_officer", "name": "甲", "since": "2026-09-14"}
    for person in (national_officer, guangzhou_officer):
        api = api_for(person)
        assert post(api, "/holdings/", body).status_code == 403
        end = f"/holdings/{holding.pk}/end/"
        assert post(api, end, {"until": "2026-10-01"}, if_match='"v1"').status_code == 403
        assert api.get(f"/api/v1/holdings/{holding.pk}/").json()["steps"] == []
