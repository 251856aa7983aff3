"""Every refusal has one shape: application/problem+json with the reason in the caller's language."""

import json

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils import translation
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail
from rest_framework.test import APIRequestFactory

from platform_site import problems as family
from platform_site.api import problems


def answer(exc):
    request = APIRequestFactory().get("/api/v1/reports/?secret=1")
    return problems.handle(exc, {"request": request})


def test_a_refusal_of_a_service():
    fields = [family.FieldProblem("/answers/goals", "required", "Say what it is for.")]
    refused = family.Stale("stale", "Somebody was faster.", fields=fields, changed=["goals"])
    response = answer(refused)
    assert response.status_code == 412
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["type"] == "/api/v1/problems/stale"
    assert body["code"] == "stale"
    assert body["status"] == 412
    assert body["detail"] == "Somebody was faster."
    assert body["instance"] == "/api/v1/reports/"
    assert body["changed"] == ["goals"]
    assert body["errors"] == [
        {"pointer": "/answers/goals", "code": "required", "detail": "Say what it is for."}
    ]
    assert "request_id" in body
    assert body["title"]


def test_an_extension_never_replaces_a_standard_member():
    body = answer(family.StepNotOpen("closed", "No.", title="x", instance="y")).data
    assert body["title"] != "x"
    assert body["instance"] != "y"


@pytest.mark.parametrize(
    ("exc", "status", "code"),
    [
        (family.Unreadable("x", "."), 400, "x"),
        (family.VersionMissing("x", "."), 428, "x"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.AuthenticationFailed(), 401, "authentication_failed"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (PermissionDenied(), 403, "permission_denied"),
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=7.2), 429, "throttled"),
        (SuspiciousOperation("x"), 400, "unreadable"),
        (RequestDataTooBig("x"), 413, "body_too_large"),
        (OperationalError("server closed the connection"), 503, "unavailable"),
        (InterfaceError("connection already closed"), 503, "unavailable"),
        (DjangoValidationError({"name": ["Too long."]}), 422, "invalid"),
    ],
)
def test_each_kind_has_its_status(exc, status, code):
    response = answer(exc)
    assert (response.status_code, response.data["code"]) == (status, code)
    assert response.data["status"] == status
    assert "secret" not in response.content.decode()


def test_headers_that_belong_to_a_status():
    assert answer(exceptions.NotAuthenticated())["WWW-Authenticate"] == "Bearer"
    assert answer(exceptions.Throttled(wait=7.2))["Retry-After"] == "8"
    assert answer(OperationalError())["Retry-After"]


def test_a_real_fault_is_left_to_django():
    assert answer(ZeroDivisionError()) is None


def test_pointers_into_nested_input():
    error = exceptions.ValidationError(
        {
            "title": [ErrorDetail("Empty.", code="blank"), ErrorDetail("Again.", code="twice")],
            "answers": {"a/b~c": [ErrorDetail("No number.", code="number")]},
            "recipients": [{}, {"code": [ErrorDetail("Unknown.", code="unknown")]}],
            "numbers": {2: [ErrorDetail("Negative.", code="negative")]},
            "non_field_errors": [ErrorDetail("They do not agree.", code="disagree")],
        }
    )
    found = [(e["pointer"], e["code"]) for e in answer(error).data["errors"]]
    assert found == [
        ("/title", "blank"),
        ("/title", "twice"),
        ("/answers/a~1b~0c", "number"),
        ("/recipients/1/code", "unknown"),
        ("/numbers/2", "negative"),
        ("", "disagree"),
    ]


def test_the_reason_is_in_the_language_of_the_caller():
    with translation.override("en"):
        assert answer(Http404()).data["title"]
        assert "not yours to see" in answer(Http404()).content.decode()
