"""Where a total of a summary is from: every report with its version and number, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from ..models import Summary, SummaryEdition
from .summaries import Content, left_out, summary_content


class Source(TypedDict):
    """One report behind a total."""

    federation: str
    zh: str
    en: str
    report: str
    version: int
    receipt: str
    figure: str


class Moved(TypedDict):
    """A source that is not what it was: None on a side where the report did not count."""

    federation: str
    zh: str
    en: str
    old: str | None
    new: str | None
    old_version: int | None
    new_version: int | None


def sources_of(content: Content, indicator: str) -> list[Source]:
    """The reports whose figures a total is made of, in the official order."""
    return [
        Source(
            federation=row["federation"],
            zh=row["zh"],
            en=row["en"],
            report=str(row["report"]),
            version=row["version"] or 0,
            receipt=row["receipt"],
            figure=row["figures"][indicator],
        )
        for row in content["rows"]
        if indicator in row["figures"]
    ]


def total_of(content: Content, indicator: str) -> dict[str, Any] | None:
    return next((dict(each) for each in content["totals"] if each["indicator"] == indicator), None)


def moved_sources(old: Content, new: Content, indicator: str) -> list[Moved]:
    """What came, went or was reported otherwise between two contents; the same report resubmitted with
    the same figure is named as well, since another version stands behind the total."""
    before = {each["federation"]: each for each in sources_of(old, indicator)}
    after = {each["federation"]: each for each in sources_of(new, indicator)}
    found = []
    for code in [*after, *(each for each in before if each not in after)]:
        a, b = before.get(code), after.get(code)
        if a and b and _same(a, b):
            continue
        shown: Source = b or a  # type: ignore[assignment]
        found.append(
            Moved(
                federation=code,
                zh=shown["zh"],
                en=shown["en"],
                old=a["figure"] if a else None,
                new=b["figure"] if b else None,
                old_version=a["version"] if a else None,
                new_version=b["version"] if b else None,
            )
        )
    return found


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return all(a[name] == b[name] for name in ("report", "version", "figure"))


def moved_totals(old: Content, new: Content) -> dict[str, str | None]:
    """By indicator: what a total was, where it or one of its sources is another now."""
    was = {each["indicator"]: each["value"] for each in old["totals"]}
    return {
        total["indicator"]: was.get(total["indicator"])
        for total in new["totals"]
        if total["value"] != was.get(total["indicator"])
        or moved_sources(old, new, total["indicator"])
    }


@dataclass(frozen=True)
class Asked:
    """The content that is looked at (``number`` None: the working copy), and the edition before it."""

    number: int | None
    content: Content
    since: int | None
    before: Content | None


def edition_asked_for(summary: Summary, given: str) -> Asked | None:
    """The edition of this number, or with nothing given the working copy; None where there is none."""
    if given and not (given.isascii() and given.isdigit() and len(given) < 7):
        return None
    kept = SummaryEdition.objects.filter(summary=summary).order_by("-number")
    if given:
        edition = kept.filter(number=int(given)).first()
        if edition is None:
            return None
        number, content = edition.number, edition.content
        kept = kept.filter(number__lt=edition.number)
    else:
        number, content = None, summary_content(summary)
    before = kept.first()
    return Asked(
        number, content, before.number if before else None, before.content if before else None
    )


def trace_of(new: Content, old: Content | None, indicator: str) -> dict[str, Any] | None:
    """One total with its sources; with ``old`` also what changed since. None: no such indicator."""
    total = total_of(new, indicator)
    if total is None:
        return None
    earlier = total_of(old, indicator) if old else None
    return {
        "total": total,
        "sources": sources_of(new, indicator),
        "left_out": left_out(new),
        "was": earlier["value"] if earlier else None,
        "moved": moved_sources(old, new, indicator) if old else [],
    }
