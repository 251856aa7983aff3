"""Tables and charts between the paragraphs of a summary: which indicators, as what, at which place.

An exhibit says what is shown and where; its figures are those of the content it stands in, so that it
can never say anything else than the table of all federations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypedDict

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.problems import FieldProblem

#: More than these make a summary no clearer.
MOST_EXHIBITS, MOST_INDICATORS = 12, 8
TITLE_LENGTH = 100


class ExhibitKind(TextChoices):
    TABLE = "table", _("table")
    BARS = "bars", _("bar chart")


class Exhibit(TypedDict):
    """``after`` is the federation behind whose paragraph it stands, "" before all of them.

    A chart shows one indicator: units are never drawn on one scale.
    """

    kind: str
    title: str
    indicators: list[str]
    after: str


def exhibit_problems(
    exhibits: Iterable[Mapping[str, Any]], indicators: Iterable[str], federations: Iterable[str]
) -> list[FieldProblem]:
    """What cannot be shown like this; each beside the exhibit it is about."""
    exhibits, known, places = list(exhibits), set(indicators), {"", *federations}
    found = []

    def problem(place: int, name: str, code: str, message: str) -> None:
        found.append(FieldProblem(f"/exhibits/{place}/{name}", code, message))

    if len(exhibits) > MOST_EXHIBITS:
        message = gettext("Show at most %(n)s tables and charts.") % {"n": MOST_EXHIBITS}
        found.append(FieldProblem("/exhibits", "too_many", message))
    for place, each in enumerate(exhibits):
        if each["kind"] not in ExhibitKind.values:
            problem(place, "kind", "not_an_option", gettext("Choose a table or a bar chart."))
        chosen = each["indicators"]
        if unknown := [code for code in chosen if code not in known]:
            message = gettext("The form asks for no figure called “%(code)s”.") % {
                "code": unknown[0]
            }
            problem(place, "indicators", "unknown_indicator", message)
        elif not chosen:
            problem(place, "indicators", "required", gettext("Choose what is shown."))
        elif each["kind"] == ExhibitKind.BARS and len(chosen) > 1:
            message = gettext("A chart shows one figure: units are never drawn on one scale.")
            problem(place, "indicators", "one_only", message)
        elif len(chosen) > MOST_INDICATORS or len(set(chosen)) < len(chosen):
            message = gettext("Choose each figure once, and at most %(n)s.") % {
                "n": MOST_INDICATORS
            }
            problem(place, "indicators", "too_many", message)
        if each["after"] not in places:
            message = gettext("There is no paragraph of this federation to stand behind.")
            problem(place, "after", "no_paragraph", message)
    return found


def placed(content: Any, after: str) -> list[Exhibit]:
    """What stands behind this paragraph ("": before all of them).

    One whose paragraph has gone since stands before all of them, so that it is not lost.
    """
    there = {part["federation"] for part in content["parts"]}
    return [
        each
        for each in content.get("exhibits", [])
        if (each["after"] if each["after"] in there else "") == after
    ]


def rows_of(content: Any, exhibit: Exhibit) -> list[tuple[dict[str, Any], list[Decimal | None]]]:
    """A row for each federation in the order of the paragraphs, with its figures; None is blank."""
    by_code = {row["federation"]: row for row in content["rows"]}
    return [
        (
            by_code[part["federation"]],
            [
                Decimal(figure)
                if (figure := by_code[part["federation"]]["figures"].get(code))
                else None
                for code in exhibit["indicators"]
            ],
        )
        for part in content["parts"]
    ]


def totals_of_exhibit(content: Any, exhibit: Exhibit) -> list[dict[str, Any]]:
    by_code = {total["indicator"]: total for total in content["totals"]}
    return [by_code[code] for code in exhibit["indicators"] if code in by_code]
