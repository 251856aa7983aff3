"""What the contract run found in the schema once, held without a running demo."""

from __future__ import annotations

from typing import Any

import pytest

from platform_site.api.documents import document

pytestmark = pytest.mark.django_db


def member(component: str, name: str) -> dict[str, Any]:
    return document("en")["components"]["schemas"][component]["properties"][name]


@pytest.mark.parametrize(
    ("component", "name"),
    [("Duty", "outcome"), ("Webhook", "state_reason"), ("RuleShown", "duty_rule")],
)
def test_what_may_be_empty_or_another_rule_is_any_text(component, name):
    shape = member(component, name)
    assert shape["type"] == "string"
    assert "enum" not in shape


def test_a_question_without_indicator_says_null():
    assert member("Question", "indicator")["type"] == ["string", "null"]


def test_only_lists_offer_columns_and_formats():
    parameters = document("en")["paths"]["/api/v1/me/"]["get"].get("parameters", [])
    assert not {"fields", "format"} & {each["name"] for each in parameters}
