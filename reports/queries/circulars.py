"""What a circular says: who filed when, by the obligations themselves, as of the end of a day.

Plain data (:class:`Content` is what approval keeps as JSON), so that page, document, workbook and API
show a draft and what was issued in the same way.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from platform_site.audit.models import Entry
from platform_site.casework.queries import work_calendar
from platform_site.federations.models import Federation
from platform_site.obligations.models import Allowance, Obligation, Round
from platform_site.text.words import in_chinese

from ..models import Asks, Circular, CircularLine, CircularList, Notice, Report
from ..models.circulars import OUT
from ..workflow import NoticeState, ReportState
from .as_of import end_of, report_states_then, rewind
from .notices import follows_all
from .reminding import PUNCTUALITY, group_of

#: The shape of :class:`Content`; what was frozen in an older one is read by its own.
SHAPE = 1
#: A notice of which a circular can speak: it is out, or was and is over.
SPOKEN_OF = (NoticeState.ISSUED, NoticeState.CLOSED)
#: Rounds offered on the page, the newest first.
MOST_ROUNDS = 60


class Line(TypedDict):
    """One federation in one round. ``late_by``: working days past its own limit; None: not late.

    ``due_on`` is its own due date, ``extended`` says that it was moved for it by name. ``review`` is
    the state of its report that day, "" where there is none; ``returned`` how often it was returned.
    """

    federation: str
    zh: str
    en: str
    group: str
    due_on: str | None
    extended: bool
    filed_on: str | None
    late_by: int | None
    review: str
    returned: int


class Part(TypedDict):
    """One round: what was asked, and a line for each federation that is named."""

    round: str
    notice: str
    title: str
    number: str
    period: str
    issued_on: str | None
    due_on: str | None
    on_time_until: str | None
    asks_report: bool
    counts: dict[str, int]
    lines: list[Line]


class Said(TypedDict):
    """A remark on the reports of a federation, or the reason why it is not named."""

    federation: str
    zh: str
    en: str
    text: str


class Content(TypedDict):
    """``moment`` is set where the day was not over when it was read: the lists are those of then."""

    shape: int
    title: str
    issuer: str
    printed_by: str
    as_of: str
    moment: str | None
    before: str
    after: str
    lists: list[str]
    parts: list[Part]
    remarks: list[Said]
    left_out: list[Said]


def circular_content(circular: Circular, at: dt.datetime) -> Content:
    """The circular as it stands at this moment: a fixed number of queries, however many federations."""
    day, series = circular.as_of, circular.number_series
    said = list(
        CircularLine.objects.filter(circular=circular)
        .select_related("federation")
        .order_by("federation__position", "federation__code")
    )
    left_out = {each.federation_id for each in said if each.left_out}
    rounds = [
        each.round
        for each in circular.subjects.select_related("round__request__notice").order_by("position")
    ]
    owed = owed_then(rounds, day)
    return Content(
        shape=SHAPE,
        title=circular.title,
        issuer=series.issuer if series else circular.federation.name_zh,
        printed_by=series.printed_by if series else "",
        as_of=day.isoformat(),
        moment=timezone.localtime(at).isoformat(timespec="seconds")
        if timezone.localdate(at) == day
        else None,
        before=circular.before,
        after=circular.after,
        lists=list(circular.lists),
        parts=_parts(rounds, owed, day, left_out),
        remarks=[_said(each, each.remark) for each in said if each.remark and not each.left_out],
        left_out=[_said(each, each.left_out) for each in said if each.left_out],
    )


def _said(line: CircularLine, text: str) -> Said:
    federation = line.federation
    return Said(
        federation=federation.code, zh=federation.short_zh, en=federation.short_en, text=text
    )


def owed_then(rounds: Iterable[Round], day: dt.date) -> list[Obligation]:
    """What was owed to these rounds at the end of the day, in the official order.

    Not what a recipient passed down: that is between it and its own.
    """
    found = (
        Obligation.objects.filter(round__in=list(rounds), parent=None)
        .select_related("federation", "round", "report")
        .order_by("federation__position", "federation__code")
    )
    return rewind(found, day)


def _parts(
    rounds: list[Round], owed: list[Obligation], day: dt.date, left_out: set[int]
) -> list[Part]:
    reports = [each.report.pk for each in owed if hasattr(each, "report")]
    until = end_of(day)
    states, returns = report_states_then(reports, until), _returns(reports, until)
    extended = _extended(owed, until)
    parts = []
    for round in rounds:
        notice: Notice = round.request.notice
        mine = [each for each in owed if each.round_id == round.pk]
        lines = [
            (each, _line(each, group, day, states, returns, extended))
            for each in mine
            if (group := group_of(each, late=each.is_late(day))) is not None
        ]
        named = [line for each, line in lines if each.federation_id not in left_out]
        counts = Counter(line["group"] for line in named)
        parts.append(
            Part(
                round=str(round.pk),
                notice=str(notice.pk),
                title=notice.title,
                number=notice.number,
                period=round.period,
                issued_on=min(timezone.localdate(each.issued_at) for each in mine).isoformat()
                if mine
                else None,
                due_on=_iso(round.due_on),
                on_time_until=_iso(round.on_time_until),
                asks_report=notice.asks != Asks.NOTHING,
                counts={
                    **{group.value: counts[group.value] for group in PUNCTUALITY},
                    "owed": len(named) - counts[CircularList.WAIVED],
                    "left_out": len(lines) - len(named),
                },
                lines=named,
            )
        )
    return parts


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _line(
    owed: Obligation,
    group: CircularList,
    day: dt.date,
    states: Mapping[str, str],
    returns: Mapping[str, int],
    extended: set[UUID],
) -> Line:
    done = owed.filed_at or owed.settled_at
    filed_on = timezone.localdate(done) if done and not owed.waived_at else None
    report = str(owed.report.pk) if hasattr(owed, "report") and filed_on else ""
    return Line(
        federation=owed.federation.code,
        zh=owed.federation.short_zh,
        en=owed.federation.short_en,
        group=group.value,
        due_on=_iso(owed.due_on),
        extended=owed.pk in extended,
        filed_on=_iso(filed_on),
        late_by=work_calendar().working_days_between(owed.on_time_until, filed_on or day)
        if owed.is_late(day) and owed.on_time_until
        else None,
        review=states.get(report, ""),
        returned=returns.get(report, 0),
    )


def _returns(reports: Iterable[UUID], until: dt.datetime) -> dict[str, int]:
    """How often each report was returned before ``until``, by the trail; keys are ids as text."""
    counted = (
        Entry.objects.filter(
            subject_type=Report._meta.label_lower,
            subject_id__in=[str(pk) for pk in reports],
            action="reports.report.return",
            result=Entry.Result.DONE,
            at__lt=until,
        )
        .order_by()
        .values("subject_id")
        .annotate(times=Count("pk"))
    )
    return dict(counted.values_list("subject_id", "times"))


def _extended(owed: Iterable[Obligation], until: dt.datetime) -> set[UUID]:
    """Whose due date had been moved for them by name."""
    given = Allowance.objects.filter(
        obligation__in=[each.pk for each in owed], kind=Allowance.Kind.EXTENSION, at__lt=until
    )
    return set(given.values_list("obligation_id", flat=True))


def shown_content(circular: Circular, at: dt.datetime | None = None) -> Content:
    """What was frozen; of a draft, what it would say now."""
    if circular.content is not None:
        return circular.content
    return circular_content(circular, at or timezone.now())


def content_for(circular: Circular, user: Any, at: dt.datetime | None = None) -> Content:
    """The same for this reader: whoever does not follow all federations is told what is printed, no more."""
    content = shown_content(circular, at)
    return content if follows_all(user) else printed_part(content)


def printed_part(content: Content) -> Content:
    """What the document says: the lines of the lists chosen, remarks where quality is listed."""
    lists = content["lists"]
    judged = CircularList.QUALITY in lists
    parts = content["parts"]
    if CircularList.TABLE not in lists:
        parts = [{**part, "lines": _printed(part, lists, judged)} for part in parts]
    return {
        **content,
        "parts": parts,
        "remarks": content["remarks"] if judged else [],
        "left_out": [],
    }


def _printed(part: Part, lists: list[str], judged: bool) -> list[Line]:
    found = [
        line for line in part["lines"] if line["group"] in lists or (judged and line["review"])
    ]
    return found if judged else [{**line, "review": "", "returned": 0} for line in found]


def digest_of(content: Content) -> str:
    """Marks what a circular says, whenever it is read: approval holds for this and nothing else."""
    told = {name: value for name, value in content.items() if name != "moment"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


# --- Its lists ----------------------------------------------------------------------------------------


def lines_of(part: Part, code: str) -> list[Line]:
    return [line for line in part["lines"] if line["group"] == code]


#: Facts about a report that was filed, told apart by its state and how often it was returned.
FIRST_PASS, AFTER_RETURN, IN_CHANGE, UNDER_REVIEW = (
    "first_pass",
    "after_return",
    "in_change",
    "review",
)


def quality_of(part: Part) -> dict[str, list[Line]]:
    """Who filed, by what became of the report; a statement about reports, never a mark for anybody."""
    found: dict[str, list[Line]] = {
        FIRST_PASS: [], AFTER_RETURN: [], IN_CHANGE: [], UNDER_REVIEW: []
    }  # fmt: skip
    for line in part["lines"]:
        if not (part["asks_report"] and line["filed_on"] and line["review"]):
            continue
        if line["review"] == ReportState.ACCEPTED:
            found[AFTER_RETURN if line["returned"] else FIRST_PASS].append(line)
        elif line["review"] == ReportState.SUBMITTED:
            found[UNDER_REVIEW].append(line)
        else:  # returned, or recalled to be changed
            found[IN_CHANGE].append(line)
    return found


# --- What a circular can be about ---------------------------------------------------------------------


def rounds_for(user: Any) -> QuerySet[Round]:
    """Rounds of issued notices that this reader sees, the newest first.

    History of which only the month is known has nothing to tell, and a round that asked nobody neither.
    """
    notices = Notice.objects.visible_to(user).filter(state__in=SPOKEN_OF, month_year=None)
    asked = Obligation.objects.filter(round=OuterRef("pk"), parent=None)
    return (
        Round.objects.filter(Exists(asked), request__in=notices.values("pk"))
        .select_related("request__notice")
        .order_by("-request__notice__issued_at", "-due_on", "id")
    )


def named_federations(circular: Circular) -> QuerySet[Federation]:
    """Everybody whom its rounds asked: about these it speaks, and to these it goes."""
    asked = Obligation.objects.filter(round__in=circular.rounds.all(), parent=None)
    return Federation.objects.filter(pk__in=asked.values("federation")).order_by("position", "code")


def addressees_of(circular: Circular) -> list[Federation]:
    """To whom it goes; once it is out, to whom it went."""
    if circular.state in OUT:
        return list(circular.recipients.order_by("position", "code"))
    return list(named_federations(circular))


def name_of(row: Mapping[str, Any]) -> str:
    return str(row["zh"] if in_chinese() or not row["en"] else row["en"])


def federation_rows(circular: Circular, content: Content) -> list[dict[str, Any]]:
    """For whoever writes it: each federation with where it stands, what is said of it, why it is left out."""
    said = {each.federation_id: each for each in CircularLine.objects.filter(circular=circular)}
    standing: dict[str, list[str]] = {}
    for part in content["parts"]:
        for line in part["lines"]:
            standing.setdefault(line["federation"], []).append(
                str(CircularList(line["group"]).label)
            )
    rows = []
    for federation in named_federations(circular):
        own = said.get(federation.pk)
        rows.append(
            {
                "federation": federation,
                "standing": standing.get(federation.code, []),
                "remark": own.remark if own else "",
                "left_out": own.left_out if own else "",
            }
        )
    return rows
