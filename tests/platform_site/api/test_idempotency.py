"""Idempotency-Key: the same request sent again is answered again, never done again."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.utils import timezone

from platform_site.accounts.models import ApiToken, RoleAssignment
from platform_site.accounts.services import disable, end_role
from platform_site.api.idempotency import key_from
from platform_site.api.models import KeptAnswer
from platform_site.api.tasks import sweep_kept_answers
from platform_site.attachments.models import Attachment
from platform_site.devservices.pytest_plugin import CHECKOUT, database_url_of_test
from platform_site.jobs.models import Job
from platform_site.problems import Unreadable
from reports.models import Comment, Notice
from tests.factories.accounts import token_for

NOTICES = "/api/v1/notices/"
BODY = {
    "title": "关于报送工作情况的通知",
    "text": "请报送近期工作情况。",
    "asks": "information",
    "form": "information",
    "business_line": "platform",
    "due_on": "2026-12-01",
    "recipients": ["440000"],
}
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def post(client, path, body, key=KEY, **headers):
    return client.post(
        path,
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"idempotency-key": key, **headers},
    )


@pytest.fixture
def officer(api_for, national_officer):
    return api_for(national_officer)


# --- The key ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "key"),
    [
        (f'"{KEY}"', KEY),
        (KEY, KEY),
        (f'  "{KEY}" ', KEY),
        (r'"a\"b\\c"', 'a"b\\c'),
        ("x" * 200, "x" * 200),
        ("a,b;c=~!", "a,b;c=~!"),
    ],
)
def test_a_key_is_a_string_or_bare(given, key):
    assert key_from(given) == key


@pytest.mark.parametrize(
    "given",
    ["", '""', '"', '"a', 'a"b', "a b", '"a b"', r'"a\x"', '"a";p=1', "x" * 201, "键", "a\x00b"],
)
def test_anything_else_is_refused(given):
    with pytest.raises(Unreadable):
        key_from(given)


@pytest.mark.django_db
def test_a_bad_key_is_400_and_nothing_is_done(the_day, officer):
    answer = post(officer, NOTICES, BODY, "two words")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_unreadable")
    assert not Notice.objects.exists()


# --- Sent again -------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_same_request_again_is_answered_as_before(the_day, officer):
    first = post(officer, NOTICES, BODY)
    # Spaces and the order of members do not make another request; nor do quotation marks.
    again = post(officer, NOTICES, json.dumps(dict(reversed(BODY.items())), indent=2), f'"{KEY}"')
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("ETag", "Location", "Content-Type"):
        assert again[name] == first[name]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert again["X-Request-ID"] != first["X-Request-ID"]
    assert Notice.objects.count() == 1
    assert post(officer, NOTICES, BODY, "another").status_code == 201
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_a_step_is_answered_again_though_the_version_has_moved_on(
    the_day, draft, api_for, national_leader
):
    notice, leader = draft(), api_for(national_leader)
    path = f"{NOTICES}{notice.pk}/approve/"
    first = post(leader, path, {}, **{"if-match": '"v1"'})
    again = post(leader, path, {}, **{"if-match": '"v1"'})
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    other = post(leader, path, {}, **{"if-match": '"v2"'})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_another_request_under_the_same_key_is_refused(the_day, officer, draft):
    post(officer, NOTICES, BODY)
    other = post(officer, NOTICES, {**BODY, "title": "另一件通知"})
    elsewhere = post(officer, f"{NOTICES}{draft().pk}/issue/", {}, **{"if-match": '"v1"'})
    for answer in (other, elsewhere):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Notice.objects.filter(request__title=BODY["title"]).count() == 1


@pytest.mark.django_db
def test_a_refusal_leaves_the_key_free(the_day, officer):
    wrong = post(officer, NOTICES, {**BODY, "title": ""})
    assert wrong.status_code == 422
    assert not KeptAnswer.objects.exists()
    assert post(officer, NOTICES, BODY).status_code == 201


@pytest.mark.django_db
def test_a_key_belongs_to_one_token(the_day, api_for, national_officer):
    assert post(api_for(national_officer), NOTICES, BODY).status_code == 201
    assert "Idempotency-Replayed" not in post(api_for(national_officer), NOTICES, BODY)
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_after_a_day_the_key_is_new(the_day, officer):
    post(officer, NOTICES, BODY)
    the_day.shift(24 * 3600 - 60)
    assert post(officer, NOTICES, BODY)["Idempotency-Replayed"] == "true"
    the_day.shift(120)
    assert "Idempotency-Replayed" not in post(officer, NOTICES, BODY)
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_beat_takes_away_what_is_over(the_day, officer):
    post(officer, NOTICES, BODY, "old")
    the_day.shift(3600)
    post(officer, NOTICES, BODY, "new")
    the_day.shift(23 * 3600 + 60)
    sweep_kept_answers()
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]


@pytest.mark.django_db
def test_the_answer_keeps_its_language(the_day, officer):
    first = post(officer, NOTICES, BODY, **{"accept-language": "en"})
    again = post(officer, NOTICES, BODY, **{"accept-language": "zh-CN"})
    assert again.content == first.content


@pytest.mark.django_db
def test_every_post_of_the_schema_takes_a_key(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    posts = [methods["post"] for methods in paths.values() if "post" in methods]
    assert len(posts) > 15
    for operation in posts:
        (header,) = [p for p in operation["parameters"] if p["name"] == "Idempotency-Key"]
        assert (header["in"], header.get("required", False)) == ("header", False)


# --- Rights -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_no_answer_without_the_right_to_it(
    the_day, officer, national_officer, security_administrator, acftu
):
    post(officer, NOTICES, BODY)
    ApiToken.objects.update(scopes=["notices:read"])
    assert post(officer, NOTICES, BODY).json()["code"] == "scope_missing"
    ApiToken.objects.update(scopes=["notices:write"])
    assert post(officer, NOTICES, BODY).status_code == 201
    office = RoleAssignment.objects.get(user=national_officer)
    end_role(office, by=security_administrator, note="调离")
    gone = post(officer, NOTICES, BODY)
    assert (gone.status_code, gone.json()["code"]) == (403, "offices_changed")
    disable(national_officer, by=security_administrator, note="离职")
    assert post(officer, NOTICES, BODY).status_code == 401


# --- Files and jobs -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_file_is_told_by_its_bytes(the_day, api_for, guangdong_officer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = api_for(guangdong_officer)

    def upload(content, key=KEY):
        file = SimpleUploadedFile("方案.txt", content)
        return client.post("/api/v1/attachments/", {"file": file}, headers={"idempotency-key": key})

    first, again = upload(b"one"), upload(b"one")  # with boundaries of their own
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert upload(b"two").json()["code"] == "idempotency_key_reused"
    assert Attachment.objects.count() == 1
    assert upload(b"\x00MZ", "bad").status_code == 415
    assert upload(b"three", "bad").status_code == 201


@pytest.mark.django_db
def test_long_work_is_begun_once(the_day, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as rung:
        first = post(officer, "/api/v1/exports/", {"list": "federations"})
        again = post(officer, "/api/v1/exports/", {"list": "federations"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert (again["Location"], again["Retry-After"]) == (first["Location"], first["Retry-After"])
    assert Job.objects.count() == 1
    assert len(rung) == 1


# --- At the same moment ---------------------------------------------------------------------------
@pytest.fixture
def header(national_officer):
    _token, cleartext = token_for(national_officer, "notices:read", "notices:write")
    return {"authorization": f"Bearer {cleartext}"}


def wait_for(condition):
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE NOT l.granted AND c.relname = 'reports_notice'"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_are_one_act(reference, the_day, header):
    start = threading.Barrier(10)

    def send(_number):
        try:
            start.wait()
            return post(Client(headers=header), NOTICES, BODY)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    done = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(done) + len(waiting) == 10
    assert {answer.json()["code"] for answer in waiting} <= {"idempotency_key_in_flight"}
    assert all(answer["Retry-After"] == "1" for answer in waiting)
    assert len({answer.content for answer in done}) == 1
    assert Notice.objects.count() == 1
    assert KeptAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leaves_neither_act_nor_key(reference, header):
    """It is killed where it is about to write; while it lives, the key is in flight."""
    body = {**BODY, "due_on": (timezone.localdate() + dt.timedelta(days=60)).isoformat()}
    program = f"""
import django, json; django.setup()
from django.test import Client
from django.utils import timezone
Client(headers={header!r}).post({NOTICES!r}, {json.dumps(body)!r},
    content_type="application/json", headers={{"idempotency-key": {KEY!r}}})
"""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE reports_notice IN SHARE ROW EXCLUSIVE MODE")
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=CHECKOUT,
            env={
                "DJANGO_SETTINGS_MODULE": "platform_site.settings.test",
                "DATABASE_URL": database_url_of_test(),
                "REDIS_URL": settings.REDIS_URL,
            },
        )
        try:
            wait_for(lambda: process.poll() is not None or somebody_waits())
            assert process.poll() is None, "it ended before it could be killed"
            busy = post(Client(headers=header), NOTICES, body)
            assert (busy.status_code, busy.json()["code"]) == (409, "idempotency_key_in_flight")
            assert busy["Retry-After"] == "1"
        finally:
            process.kill()
            process.wait()
        wait_for(lambda: not somebody_waits())
    assert not Notice.objects.exists()
    assert not KeptAnswer.objects.exists()
    # The server lets go of the lock as soon as it sees that the process is gone.
    wait_for(lambda: post(Client(headers=header), NOTICES, body).status_code == 201)
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_in_between_keeps_nothing(
    reference, the_day, header, database_relay
):
    database_relay.cut()
    assert post(Client(headers=header), NOTICES, BODY).status_code == 503
    database_relay.restore()
    close_old_connections()
    assert post(Client(headers=header), NOTICES, BODY).status_code == 201
    assert Notice.objects.count() == 1


@pytest.mark.django_db
def test_comments_which_have_no_other_guard(the_day, submitted_report, api_for, national_officer):
    client, path = api_for(national_officer), f"/api/v1/reports/{submitted_report.pk}/comments/"
    body = {"id": str(uuid.uuid4()), "question": "goals", "text": "请写明。"}
    assert post(client, path, body).content == post(client, path, body).content
    assert Comment.objects.count() == 1
