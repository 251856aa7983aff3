"""Shapes of what differs between two versions of a report or two editions of a summary."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.serializers import Serializer
from platform_site.text.compare import segments


class PieceSerializer(Serializer):
    """A piece of a text: the same on both sides, gone from the old one, or new."""

    kind = rest.ChoiceField(choices=["same", "del", "ins"])
    text = rest.CharField()


def pieces(found: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"kind": kind, "text": text} for kind, text in found]


def both(old: str, new: str) -> dict[str, Any]:
    """Two texts as the pieces of each side."""
    before, after = segments(old, new)
    return {"old": pieces(before), "new": pieces(after)}


class ComparedAnswerSerializer(Serializer):
    code = rest.CharField()
    label = rest.CharField()
    kind = rest.CharField()
    changed = rest.BooleanField()
    old = PieceSerializer(many=True)
    new = PieceSerializer(many=True)


class ComparedSectionSerializer(Serializer):
    code = rest.CharField()
    label = rest.CharField()
    answers = ComparedAnswerSerializer(many=True)


class ReportComparisonSerializer(Serializer):
    """Two submitted versions: every answer in words, cut into what stayed, went and came."""

    old = rest.IntegerField(help_text=_("The number of the earlier version."))
    new = rest.IntegerField()
    changed = rest.IntegerField(help_text=_("How many answers are not the same."))
    sections = ComparedSectionSerializer(many=True)


class ChangedTotalSerializer(Serializer):
    indicator = rest.CharField()
    old = rest.CharField(allow_null=True)
    new = rest.CharField(allow_null=True)


class ChangedStandingSerializer(Serializer):
    federation = rest.CharField()
    old = rest.CharField(allow_null=True)
    new = rest.CharField(allow_null=True)


class ChangedTextSerializer(Serializer):
    old = PieceSerializer(many=True)
    new = PieceSerializer(many=True)


class ChangedPartSerializer(ChangedTextSerializer):
    federation = rest.CharField()


class EditionComparisonSerializer(Serializer):
    """Two editions: the totals, standings and paragraphs that are not the same."""

    old = rest.IntegerField(help_text=_("The number of the earlier edition."))
    new = rest.IntegerField()
    totals = ChangedTotalSerializer(many=True)
    standings = ChangedStandingSerializer(many=True)
    parts = ChangedPartSerializer(many=True)
    remark = ChangedTextSerializer(allow_null=True)


def report_body(old: Any, new: Any, sections: list[dict[str, Any]]) -> dict[str, Any]:
    """``sections`` as ``queries.shown`` gives them with an earlier content."""
    answers = [answer for section in sections for answer in section["answers"]]
    return {
        "old": old.number,
        "new": new.number,
        "changed": sum(answer["changed"] for answer in answers),
        "sections": [
            {
                "code": section["code"],
                "label": section["label"],
                "answers": [
                    {
                        **{name: answer[name] for name in ("code", "label", "kind", "changed")},
                        "old": pieces(answer["old"]),
                        "new": pieces(answer["new"]),
                    }
                    for answer in section["answers"]
                ],
            }
            for section in sections
        ],
    }


def edition_body(old: Any, new: Any, changed: Any) -> dict[str, Any]:
    """``changed`` as ``queries.editions.compare_editions`` gives it."""
    return {
        "old": old.number,
        "new": new.number,
        "totals": [
            {"indicator": each["of"]["indicator"], "old": each["old"], "new": each["new"]}
            for each in changed["totals"]
        ],
        "standings": [
            {"federation": each["of"]["federation"], "old": each["old"], "new": each["new"]}
            for each in changed["standings"]
        ],
        "parts": [
            {"federation": each["of"]["federation"], **both(each["old"], each["new"])}
            for each in changed["parts"]
        ],
        "remark": both(*changed["remark"]) if changed["remark"] else None,
    }
