"""The reporting cycle on the overview: what is due and late by line, the week's acts, two charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from platform_site.accounts.roles import Role
from platform_site.text.words import in_chinese, listed
from platform_site.web.charts import Bar, BarChart, Series
from platform_site.web.home import HomeBlock
from platform_site.web.overview import Change, Contribution, Line, Matter, Source, monday

from .models import Asks, BusinessLine
from .queries import follows_all
from .queries import overview as queries
from .queries.overview import Act, Standing, Week

#: How many reports without sign-off are named.
FIRST = 6
FOLLOWING = (
    Role.NATIONAL_LEADER,
    Role.NATIONAL_OFFICER,
    Role.PROVINCIAL_LEADER,
    Role.AUDITOR,
)
LEADING = (Role.NATIONAL_LEADER, Role.PROVINCIAL_LEADER)
#: Whoever also does the work themselves begins the day with it.
WORKING = (Role.NATIONAL_OFFICER, Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER)
#: Of so many federations at the most the names are told.
NAMES = 4
#: The parts of a line's bar, in the order of the series: they add up to all obligations.
PARTS = ("accepted", "filed", "open", "late", "waived")


def follows(user: Any) -> bool:
    return bool(user.scope.holds(*FOLLOWING))


def leads(user: Any) -> bool:
    """Leaders, whose first page this is."""
    return bool(user.scope.holds(*LEADING) and not user.scope.holds(*WORKING))


def signs_off(user: Any) -> bool:
    return bool(user.scope.holds(Role.PROVINCIAL_LEADER))


# --- Due, late, changed -------------------------------------------------------------------------


def read(user: Any) -> Contribution:
    rows = queries.standings(user)
    used = queries.first_issues(user)
    narrowed = follows_all(user)  # whose page of a notice shows all recipients
    return Contribution(
        due=tuple(
            Matter(
                line=row.line,
                title=row.title,
                url=_recipients(row, "due" if narrowed else ""),
                count=row.due,
                words=_missing(row.asks, row.due),
                day=row.due_first,
            )
            for row in rows
            if row.due_first
        ),
        late=tuple(
            Matter(
                line=row.line,
                title=row.title,
                url=_recipients(row, "missing" if narrowed else ""),
                count=row.late,
                words=_missing(row.asks, row.late),
                day=row.late_first,
            )
            for row in rows
            if row.late_first
        ),
        changes=tuple(_change(act) for act in queries.acts_since(user, monday())),
        running=frozenset(row.line for row in rows),
        used=frozenset(used),
        links={
            line: f"{reverse('notice-list')}?business_line={line}&state=issued" for line in used
        },
        charts=(
            rounds_chart(rows, used),
            filings_chart(queries.weekly_filings(user, used.values())),
        )
        if used
        else (),
    )


def _recipients(row: Standing, standing: str) -> str:
    url = reverse("notice-detail", args=[row.notice])
    wanted = {"round": row.period, "standing": standing}
    given = urlencode({name: value for name, value in wanted.items() if value})
    return f"{url}?{given}{'#recipients' if standing else ''}" if given else url


def _missing(asks: str, n: int) -> str:
    if asks == Asks.NOTHING:
        words = ngettext("%(n)s not signed for", "%(n)s not signed for", n)
    else:
        words = ngettext("%(n)s not filed", "%(n)s not filed", n)
    return words % {"n": n}


def _change(act: Act) -> Change:
    words = _done(act.action, act.count)
    # A notice's own acts are the centre's; of the others it matters whose reports they are.
    if not act.action.startswith("reports.notice.") and len(act.federations) <= NAMES:
        words = _("%(what)s (%(federations)s)") % {
            "what": words,
            "federations": listed(act.federations),
        }
    url = reverse("notice-detail", args=[act.notice])
    if act.count == 1 and act.action.startswith("reports.report."):
        url = reverse("report-detail", args=[act.subject])
    return Change(act.line, act.title, url, str(words), act.count, act.latest)


def _done(action: str, n: int) -> str:
    """The act and its number in words."""
    words = {
        "reports.notice.issue": lambda: _("Issued"),
        "reports.notice.open_round": lambda: _("Round opened"),
        "reports.notice.close": lambda: _("Closed"),
        "reports.notice.withdraw": lambda: _("Withdrawn"),
        "reports.report.submit": lambda: ngettext("%(n)s report filed", "%(n)s reports filed", n),
        "reports.report.recall": lambda: ngettext(
            "%(n)s report recalled", "%(n)s reports recalled", n
        ),
        "reports.report.return": lambda: ngettext(
            "%(n)s report returned", "%(n)s reports returned", n
        ),
        "reports.report.accept": lambda: ngettext(
            "%(n)s report accepted", "%(n)s reports accepted", n
        ),
        "obligations.extend": lambda: ngettext("%(n)s extension", "%(n)s extensions", n),
        "obligations.waive": lambda: ngettext("%(n)s waiver", "%(n)s waivers", n),
    }[action]()
    return str(words) % {"n": n}


# --- Charts and blocks --------------------------------------------------------------------------


def filings_chart(weeks: Iterable[Week]) -> BarChart:
    return BarChart(
        code="filings",
        title=_("Reports filed by week"),
        category=_("Week from"),
        unit=_("number of reports"),
        hint=_("First submissions, Monday to Sunday, over the last 12 weeks."),
        series=(Series(_("on time"), "green"), Series(_("late"), "red")),
        bars=tuple(
            Bar(
                date_format(week.monday, "n月j日" if in_chinese() else "j M"),
                (week.on_time, week.late),
            )
            for week in weeks
        ),
    )


def rounds_chart(rows: Iterable[Standing], used: Mapping[str, Any]) -> BarChart:
    """The obligations of what runs, by line; a line in which nothing runs is blank."""
    bars = []
    for line in BusinessLine:
        mine = [row for row in rows if row.line == line]
        values = tuple(sum(getattr(row, part) for row in mine) for part in PARTS)
        if mine:
            bars.append(Bar(line.label, values))
        else:
            words = _("nothing runs now") if line in used else _("not in use yet")
            bars.append(Bar(line.label, (None,) * len(PARTS), note=words))
    return BarChart(
        code="rounds",
        title=_("Where the running notices stand"),
        category=_("Line"),
        unit=_("share of the line"),
        hint=_("Federations by what they have done; each bar is all that a line has asked for."),
        series=(
            Series(_("accepted or signed for"), "green"),
            Series(_("filed, not accepted yet"), "blue"),
            Series(_("time still runs"), "grey"),
            Series(_("late"), "red"),
            Series(_("waived"), "amber"),
        ),
        bars=tuple(bars),
        shares=True,
    )


def unsigned(user: Any) -> dict[str, Any] | None:
    """The reports that wait for the leader's own sign-off."""
    reports = list(queries.unsigned_reports(user)[:FIRST])
    return {"reports": reports} if reports else None


LINES = [Line(line.value, line.label, order) for order, line in enumerate(BusinessLine)]
SOURCES = [Source(read, permission=follows, first_page=leads)]
BLOCKS = [HomeBlock("reports/overview_unsigned.html", unsigned, order=20, permission=signs_off)]
