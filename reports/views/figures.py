"""Figures: tables, trend, ranking, targets, timeliness, and the reports that a number comes from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.federations import tiles
from platform_site.jobs.answers import follow
from platform_site.problems import Invalid, Stale, Unreadable
from platform_site.questionnaires import targets as setting
from platform_site.questionnaires.models import Indicator
from platform_site.questionnaires.values import plain
from platform_site.web.charts import LineChart, Point
from platform_site.web.forms import problems_to_form

from ..forms.figures import FiguresForm, SourcesForm, TargetsForm, YearForm
from ..jobs import FigureView, start_export_figures
from ..queries import figures as queries
from ..queries import follows_all
from ..queries.figures import Amount, Axis, Cell, Choice
from ..queries.timing import timing
from ..queries.trends import Progress, Ranking, Track, Trend, progress, ranking, trend
from ..templatetags.figures import change_words, grouped, sources_url, with_unit
from .common import READ_METHODS

#: What goes with the reader from one part of the area to the next.
SHARED = ("indicator", "group", "unit", "since", "until")


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A part of the area; what cannot be read is said beside its field."""
    form = context["form"]
    shared = QueryDict(mutable=True)
    for each in SHARED:
        if values := request.GET.getlist(each):
            shared.setlist(each, values)
    context |= {
        "shared": f"?{shared.urlencode()}" if shared else "",
        "view_name": name,
        "followed": follows_all(request.user),
        "may_set": request.user.has_perm(setting.PERMISSION),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, f"reports/figure_{name}.html", context, status=status)


def _asked(request: HttpRequest, *besides: str) -> tuple[FiguresForm, Choice | None]:
    """The choice by this page's own parameters; what belongs to another part is let be."""
    given = {name: request.GET.getlist(name) for name in (*SHARED, *besides) if name in request.GET}
    form = FiguresForm(given, user=request.user)
    choice = form.choice() if form.is_valid() else None
    form.offer()
    return form, choice


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    form, choice = _asked(request, "rows", "columns", "period", "federation")
    context: dict[str, Any] = {"form": form}
    if choice is not None:
        view = queries.pivot(request.user, choice)
        context |= {"view": view, "missing": _missing(view), "empty": not _has_numbers(view)}
    return _page(request, "table", context)


def _has_numbers(view: queries.Pivot) -> bool:
    return any(cell.amount.number is not None for line in view.lines for cell in line.cells)


def _missing(view: queries.Pivot) -> list[dict[str, Any]]:
    """Each total that is not whole, with the names of those that are not in it."""
    by_indicator = Axis.INDICATOR in (view.choice.rows, view.choice.columns)
    by_period = Axis.PERIOD in (view.choice.rows, view.choice.columns)
    found = []
    for cell, _head in view.totals():
        if not cell.amount.missing:
            continue
        words = [str(cell.indicator)] if by_indicator else []
        if by_period:
            words.append(cell.period.label if cell.period else _("Over all periods"))
        found.append({"where": " · ".join(words) or str(cell.indicator), "amount": cell.amount})
    return found


@require_safe
def figure_trend(request: HttpRequest) -> HttpResponse:
    form, choice = _asked(request, "federation")
    context: dict[str, Any] = {"form": form}
    if choice is not None:
        view = trend(request.user, choice)
        context |= {
            "view": view,
            "charts": [_chart(view, track, choice) for track in view.tracks],
        }
    return _page(request, "trend", context)


def _chart(view: Trend, track: Track, choice: Choice) -> LineChart:
    together = track.federation is None
    name = _("All together") if track.federation is None else track.federation.name
    numbers = [each.amount.number for each in track.points if each.amount.number is not None]
    headings = [_("Against the period before"), _("Against the year before")]
    if together:
        headings.insert(0, _("Reported"))
    return LineChart(
        code=f"trend-{track.federation.code if track.federation else 'all'}",
        title=f"{name} · {with_unit(view.indicator)}",
        category=_("Period"),
        heading=view.indicator.unit,
        headings=tuple(headings),
        points=tuple(
            Point(
                each.period.label,
                each.amount.number,
                grouped(each.amount.number),
                (
                    *([_of(each.amount)] if together else []),
                    change_words(each.before, over=together),
                    change_words(each.year, over=together),
                ),
                sources_url(
                    Cell(each.amount, view.indicator, track.federation, each.period),
                    choice.group,
                    each.period,
                    each.period,
                ),
            )
            for each in track.points
        ),
        low=grouped(min([Decimal(0), *numbers])),
        high=grouped(max([Decimal(0), *numbers])),
    )


def _of(amount: Amount) -> str:
    return f"{amount.reported}/{amount.of}"


@require_safe
def figure_ranking(request: HttpRequest) -> HttpResponse:
    form, choice = _asked(request, "period")
    context: dict[str, Any] = {"form": form}
    if choice is not None:
        view = ranking(request.user, choice)
        most = max((abs(line.point.amount.number or 0) for line in view.lines), default=0)
        context |= {
            "view": view,
            "lines": [
                {
                    "line": line,
                    "url": sources_url(
                        Cell(line.point.amount, view.indicator, line.federation, view.period),
                        choice.group,
                        view.period,
                        view.period,
                    ),
                    "width": f"{100 * abs(line.point.amount.number or 0) / most:.1f}%"
                    if most
                    else "0",
                }
                for line in view.lines
            ],
            "tiles": _tiles(view) if follows_all(request.user) else [],
        }
    return _page(request, "ranking", context)


def _tiles(view: Ranking) -> list[tiles.Tile]:
    """The provinces on the map: the number, and outlined where none is reported."""
    numbers = {line.federation.code: line.point.amount.number for line in view.lines}
    placed = [
        tiles.Tile(
            tiles.PLACES[each.code],
            each.short_name,
            grouped(numbers.get(each.code)),
            "blue" if each.code in numbers else "",
        )
        for each in view.federations
        if each.code in tiles.PLACES
    ]
    return tiles.in_reading_order([*placed, *tiles.inactive()]) if placed else []


@require_safe
def figure_progress(request: HttpRequest) -> HttpResponse:
    catalogue = list(Indicator.objects.visible_to(request.user).order_by("pk"))
    form = YearForm(request.GET, catalogue=catalogue)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        one = {each.code: each for each in catalogue}.get(form.cleaned_data["indicator"])
        lines = progress(request.user, form.cleaned_data["year"], one)
        context |= {"lines": [_progress_line(each) for each in lines], "year": form["year"].value()}
        context["elapsed"] = lines[0].elapsed * 100 if lines else None
    return _page(request, "progress", context)


def _progress_line(line: Progress) -> dict[str, Any]:
    """The line, its bar, and the mark of the day: everything in percent of the target, 100 at the most."""
    percent = line.percent
    return {
        "line": line,
        "width": f"{min(max(percent or 0, 0), 100)}%",
        "mark": f"{line.elapsed * 100:.1f}%",
    }


@require_safe
def figure_timing(request: HttpRequest) -> HttpResponse:
    form = YearForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        view = timing(request.user, form.cleaned_data["year"])
        context |= {"timing": view, "view": view.view}
    return _page(request, "timing", context)


@require_safe
def figure_sources(request: HttpRequest) -> HttpResponse:
    """The reports that one number of these pages comes from."""
    form = SourcesForm(request.GET, user=request.user)
    if not form.is_valid():
        words = " ".join(str(each) for found in form.errors.values() for each in found)
        raise Unreadable("bad_filter", words)
    asked = form.cleaned_data
    sources = queries.figure_sources(request.user, asked["entry"], asked["among"], asked["shown"])
    context = {
        "indicator": asked["entry"],
        "shown": asked["shown"],
        "among": asked["among"],
        "origins": queries.origins_of(request.user, sources),
    }
    return render(request, "reports/figure_sources.html", context)


@require_POST
def export_figures(request: HttpRequest) -> HttpResponse:
    """A part of the area as its address narrows it, as a workbook: a background job."""
    view = request.POST.get("view", "")
    if view not in FigureView.values:
        raise Unreadable("bad_filter", _("Choose what is to be exported."))
    asked: Any = (
        YearForm(request.GET)
        if view in (FigureView.PROGRESS, FigureView.TIMING)
        else FiguresForm(request.GET, user=request.user)
    )
    if not asked.is_valid():  # the page itself says what is wrong
        page = reverse("figures" if view == FigureView.TABLE else f"figure-{view}")
        return redirect(f"{page}?{request.GET.urlencode()}")
    given = {name: request.GET.getlist(name) for name in request.GET}
    job = start_export_figures(by=request.user, view=FigureView(view), given=given)
    return follow(request, job)


@require_http_methods([*READ_METHODS, "POST"])
def set_targets(request: HttpRequest) -> HttpResponse:
    """The year's targets of one indicator: chosen above, typed or pasted below."""
    setting.check_sets_targets(request.user)
    catalogue = list(Indicator.objects.visible_to(request.user).order_by("pk"))
    chooser = YearForm(request.GET, catalogue=catalogue)
    chosen = request.POST.get("indicator") or request.GET.get("indicator") or ""
    year = request.POST.get("year") or request.GET.get("year") or chooser["year"].value()
    indicator = {each.code: each for each in catalogue}.get(chosen)
    known = str(year).isdigit() and int(year) in dict(chooser.fields["year"].choices)
    context: dict[str, Any] = {"chooser": chooser, "indicator": indicator, "year": year}
    form = None
    if indicator is not None and known:
        form = _targets_form(request, indicator, int(year), catalogue)
        if form.is_bound and form.is_valid():
            asked = form.cleaned_data
            try:
                setting.set_targets(
                    asked["indicator"],
                    by=request.user,
                    year=asked["year"],
                    targets=asked["targets"],
                    seen=asked["seen"] or None,
                )
            except (Invalid, Stale) as refused:
                problems_to_form(form, refused)
            else:
                messages.success(
                    request, _("The targets of “%(name)s” are kept.") % {"name": indicator}
                )
                return redirect(f"{reverse('figure-progress')}?year={asked['year']}")
    context["form"] = form
    failed = request.method == "POST" and (form is None or bool(form.errors))
    return render(
        request, "reports/figure_set_targets.html", context, status=422 if failed else 200
    )


def _targets_form(
    request: HttpRequest, indicator: Indicator, year: int, catalogue: list[Indicator]
) -> TargetsForm:
    now = setting.targets_of(indicator, year)
    # Names that reading them back knows.
    country = _("Whole country")
    lines = [
        f"{country if each.first_tier_id is None else each.federation.short_name}"
        f" {plain(each.number)}"
        for each in now
    ]
    return TargetsForm(
        request.POST if request.method == "POST" else None,
        catalogue=catalogue,
        initial={
            "indicator": indicator.code,
            "year": year,
            "targets": "\n".join(lines),
            "seen": setting.stamp_of(now),
        },
    )
