"""Upload, download and removal over pages and REST."""

from __future__ import annotations

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from platform_site.attachments import owners, services, store
from platform_site.attachments.models import Attachment
from tests.factories.accounts import token_for

from .conftest import content, pdf

pytestmark = pytest.mark.django_db

UPLOAD = "/w/attachments/upload/"
API = "/api/v1/attachments/"
JSON = {"HTTP_ACCEPT": "application/json"}


def sent(data: bytes | None = None, name: str = "方案.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if data is None else data)


@pytest.fixture
def as_wang(client, wang):
    client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
    return client


@pytest.fixture
def as_zhao(client, zhao):
    client.force_login(zhao, backend="platform_site.accounts.backends.SignInBackend")
    return client


@pytest.fixture
def row(wang):
    return services.upload(content(pdf()), by=wang, name='方案 "1".pdf')


def bearer(user, *scopes):
    _token, cleartext = token_for(user, *(scopes or ("attachments:read", "attachments:write")))
    return {"HTTP_AUTHORIZATION": f"Bearer {cleartext}"}


class TestPages:
    def test_upload_without_script_goes_back_to_the_page(self, as_wang, folder):
        data = {"file": sent(), "owner": owners.name_of(folder), "next": "/w/notifications/"}
        answer = as_wang.post(UPLOAD, data)
        assert (answer.status_code, answer["Location"]) == (302, "/w/notifications/")
        assert Attachment.objects.get().owner_id == folder.pk

    def test_upload_by_script_answers_json(self, as_wang):
        answer = as_wang.post(UPLOAD, {"file": sent()}, **JSON)
        assert answer.status_code == 201
        assert answer.json()["filename"] == "方案.pdf"
        assert answer.json()["url"] == f"/w/attachments/{answer.json()['id']}/"

    @pytest.mark.parametrize(
        ("data", "name", "status"),
        [(b"x", "a.pdf", 415), (b"", "a.pdf", 422), (b"x", "a.html", 415), (b"x", "a", 415)],
    )
    def test_a_refusal_is_said_in_words(self, as_wang, data, name, status):
        answer = as_wang.post(UPLOAD, {"file": sent(data, name)}, **JSON)
        assert answer.status_code == status
        assert len(answer.json()["detail"]) > 5
        back = as_wang.post(UPLOAD, {"file": sent(data, name), "next": "/w/notifications/"})
        assert (back.status_code, back["Location"]) == (302, "/w/notifications/")
        assert not Attachment.objects.exists()

    def test_no_file_at_all(self, as_wang):
        assert as_wang.post(UPLOAD, {}, **JSON).status_code == 422

    def test_60_mb_are_refused_before_they_are_read(self, as_wang):
        answer = as_wang.generic("POST", UPLOAD, b"x", CONTENT_LENGTH=str(60 * 1024 * 1024), **JSON)
        assert answer.status_code == 413
        assert "50 MB" in answer.json()["detail"]

    def test_no_way_off_the_site(self, as_wang):
        answer = as_wang.post(UPLOAD, {"file": sent(), "next": "https://evil.example/"})
        assert answer["Location"].startswith("/")

    def test_somebody_elses_record_is_not_there(self, as_zhao, folder):
        data = {"file": sent(), "owner": owners.name_of(folder)}
        assert as_zhao.post(UPLOAD, data, **JSON).status_code == 404
        for name in ("accounts.user:1", "x", f"reports.none:{uuid.uuid4()}", ":", "a.b:\x00"):
            assert as_zhao.post(UPLOAD, {"file": sent(), "owner": name}, **JSON).status_code == 404

    def test_upload_needs_the_csrf_token(self, wang, row):
        from django.test import Client

        strict = Client(enforce_csrf_checks=True)
        strict.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
        assert strict.post(UPLOAD, {"file": sent()}).status_code == 403

    def test_download_never_opens_in_the_site(self, as_wang, row):
        answer = as_wang.get(row.get_absolute_url())
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content) == store.path_of(row.sha256).read_bytes()
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert "filename*=utf-8''" in answer["Content-Disposition"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        again = as_wang.get(row.get_absolute_url(), HTTP_IF_NONE_MATCH=answer["ETag"])
        assert again.status_code == 304

    def test_a_foreign_file_is_like_a_missing_one(self, as_zhao, row):
        for pk in (row.pk, uuid.uuid4()):
            assert as_zhao.get(reverse("attachment-download", args=[pk])).status_code == 404
            assert as_zhao.post(reverse("attachment-remove", args=[pk])).status_code == 404
        assert Attachment.objects.filter(pk=row.pk).exists()

    def test_removal(self, as_wang, row):
        url = reverse("attachment-remove", args=[row.pk])
        assert as_wang.get(url).status_code == 405
        assert as_wang.post(url, {"next": "/w/notifications/"}).status_code == 302
        assert not Attachment.objects.exists()

    def test_the_list_on_a_page(self, rf, wang, folder):
        from django.template import engines

        services.upload(content(pdf()), by=wang, name="<b>.pdf", owner=folder)
        request = rf.get("/w/x/")
        request.user = wang
        template = engines["django"].from_string(
            "{% load attachments %}{% attachments_of obj upload=True %}"
        )
        page = template.render({"obj": folder}, request)
        assert "&lt;b&gt;.pdf" in page
        assert "<b>.pdf" not in page
        assert owners.name_of(folder) in page
        assert 'value="/w/x/"' in page


class _NeverRead:
    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = read


class TestRest:
    @pytest.mark.parametrize("key", [{}, {"HTTP_IDEMPOTENCY_KEY": "a-key"}])
    def test_60_mb_are_refused_before_they_are_read(self, client, wang, key):
        large = {"CONTENT_LENGTH": str(60 * 1024 * 1024), "wsgi.input": _NeverRead()}
        answer = client.generic(
            "POST", API, b"x", content_type="multipart/form-data", **large, **key, **bearer(wang)
        )
        assert answer.status_code == 413
        assert "50 MB" in answer.json()["detail"]

    def test_post_get_content_delete(self, client, wang, folder):
        who = bearer(wang)
        answer = client.post(API, {"file": sent(), "owner": owners.name_of(folder)}, **who)
        assert answer.status_code == 201, answer.content
        body = answer.json()
        assert body["owner"] == owners.name_of(folder)
        read = client.get(f"{API}{body['id']}/", **who)
        assert read.json() == body
        assert read["ETag"] == answer["ETag"]
        bytes_ = client.get(f"{API}{body['id']}/content/", **who, HTTP_ACCEPT="application/pdf")
        assert bytes_.status_code == 200
        assert b"".join(bytes_.streaming_content).startswith(b"%PDF")
        assert bytes_["X-Content-Type-Options"] == "nosniff"
        url = f"{API}{body['id']}/"
        assert client.delete(url, **who).status_code == 428
        assert client.delete(url, **who, HTTP_IF_MATCH='"v9-0"').status_code == 412
        assert client.delete(url, **who, HTTP_IF_MATCH=read["ETag"]).status_code == 204
        assert client.get(url, **who).status_code == 404

    def test_no_list_and_nothing_of_others(self, client, zhao, row):
        who = bearer(zhao)
        assert client.get(API, **who).status_code in {404, 405}
        for address in (f"{API}{row.pk}/", f"{API}{row.pk}/content/", f"{API}{uuid.uuid4()}/"):
            assert client.get(address, **who).status_code == 404
        answer = client.delete(f"{API}{row.pk}/", **who, HTTP_IF_MATCH='"v1-0"')
        assert answer.status_code == 404

    def test_a_refusal_points_at_the_file(self, client, wang):
        answer = client.post(API, {"file": sent(b"x", "a.pdf")}, **bearer(wang))
        assert answer.status_code == 415
        problem = json.loads(answer.content)
        assert problem["errors"][0]["pointer"] == "/file"
        answer = client.post(API, {"owner": "x"}, **bearer(wang))
        assert answer.status_code == 422
        answer = client.post(API, "x", content_type="text/plain", **bearer(wang))
        assert answer.status_code == 415

    def test_reading_does_not_write(self, client, wang):
        answer = client.post(API, {"file": sent()}, **bearer(wang, "attachments:read"))
        assert answer.status_code == 403
        assert client.post(API, {"file": sent()}).status_code == 401
