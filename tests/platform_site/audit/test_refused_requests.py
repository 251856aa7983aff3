"""What signed-in people were refused stands in the trail."""

import pytest
from django.db import DatabaseError
from rest_framework.test import APIClient

from platform_site.audit import services
from platform_site.audit.models import Entry
from tests.factories.accounts import token_for

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platform_site.audit.people")]


@pytest.mark.parametrize(("path", "status"), [("/w/missing/", 404), ("/w/forbidden/", 403)])
def test_a_refused_page_is_recorded_without_its_query(client, officer, path, status):
    client.force_login(officer)
    assert client.get(f"{path}?typed=secret", REMOTE_ADDR="10.1.2.3").status_code == status
    entry = Entry.objects.get()
    assert (entry.action, entry.result, entry.actor_id) == (
        "request.refused",
        "refused",
        officer.pk,
    )
    assert entry.facts == {"method": "GET", "path": path, "status": status}
    assert entry.address == "10.1.2.3"
    assert entry.request_id


def test_the_owner_of_a_token_is_recorded_too(officer):
    _token, cleartext = token_for(officer, "reports:read")
    response = APIClient().get("/api/v1/hidden/", headers={"Authorization": f"Bearer {cleartext}"})
    assert response.status_code == 404
    assert Entry.objects.get().actor_id == officer.pk


@pytest.mark.parametrize("path", ["/w/fine/", "/public/missing/"])
def test_nothing_else_is_recorded(client, officer, path):
    client.force_login(officer)
    client.get(path)
    assert not Entry.objects.exists()


def test_nobody_is_not_recorded(client):
    client.get("/w/missing/")
    client.get("/api/v1/hidden/")
    assert not Entry.objects.exists()


def test_a_trail_that_cannot_be_written_changes_no_answer(client, officer, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(services, "record", fail)
    client.force_login(officer)
    assert client.get("/w/missing/").status_code == 404


def test_a_forged_forwarding_header_is_not_believed(client, officer, settings):
    client.force_login(officer)
    forged = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 2.2.2.2"}
    client.get("/w/missing/", **forged)
    assert Entry.objects.latest("id").address == "10.0.0.9"
    settings.AXES_IPWARE_PROXY_COUNT = 1
    client.get("/w/missing/", **forged)
    assert Entry.objects.latest("id").address == "2.2.2.2"
