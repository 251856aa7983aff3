"""The national view: the matrix, the map and the rates, today or as of a past day."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from platform_site.federations import tiles
from platform_site.federations.models import Federation
from platform_site.jobs.answers import follow

from .. import queries
from ..forms.matrix import MatrixForm
from ..jobs import start_export_matrix
from ..queries import Cell, Column, Matrix, Rates, Row, Standing
from ..templatetags.standings import LOOKS, cell_url


@dataclass(frozen=True)
class Line:
    """A federation on the map and in the table beside it: a cell, or the rates over all notices."""

    federation: Federation
    cell: Cell | None
    rates: Rates
    tile: tiles.Tile


@dataclass(frozen=True)
class Map:
    """One notice, or all that the page shows, on the tile map; ``beside`` are the industrial unions."""

    column: Column | None
    tiles: list[tiles.Tile]
    lines: list[Line]
    beside: list[Line]


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    followed = queries.follows_all(request.user)
    form = MatrixForm(request.GET or None, followed=followed)
    context: dict[str, Any] = {"form": form, "followed": followed}
    if form.is_bound and not form.is_valid():
        return render(request, "reports/matrix.html", context, status=422)
    view = queries.matrix_for(
        request.user,
        form.wanted() if form.is_bound else None,
        cursor=request.GET.get("cursor") or None,
    )
    chosen = _chosen(view, request.GET.get("show", ""))
    context |= {
        "view": view,
        "page": view,
        "cards": _cards(view),
        "counts": _counts(view),
        "map": _map(view, chosen) if followed and view.columns else None,
        "kept": [(name, value) for name, value in request.GET.items() if name != "show"],
        "key": list(Standing),
        "narrowed": form.is_bound and any(form.cleaned_data.values()),
    }
    return render(request, "reports/matrix.html", context)


@require_POST
def export_matrix(request: HttpRequest) -> HttpResponse:
    """The overview as the page's address narrows it, as a workbook: a background job."""
    form = MatrixForm(request.GET, followed=queries.follows_all(request.user))
    if not form.is_valid():  # the page itself says what is wrong
        return redirect(f"{reverse('matrix')}?{request.GET.urlencode()}")
    given = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    job = start_export_matrix(
        by=request.user, given=given, lines=request.POST.get("lines") == "yes"
    )
    return follow(request, job)


def _chosen(view: Matrix, given: str) -> int | None:
    """The place of the round that the map shows, or of the newest one of a notice; none for all of them."""
    try:
        wanted = uuid.UUID(given)
    except ValueError:
        return None
    places = [(column.round.pk, column.pk) for column in view.columns]
    return next((place for place, keys in enumerate(places) if wanted in keys), None)


def _counts(view: Matrix) -> list[tuple[Any, int]]:
    """How many cells stand where, those that want something done first."""
    order = [Standing.SILENT, "late", *[each for each in Standing if each != Standing.SILENT]]
    return [(each, view.tally[str(each)]) for each in order if view.tally.get(str(each))]


def _cards(view: Matrix) -> list[dict[str, Any]]:
    """A notice each, for narrow screens: how many stand where, or the only cell there is."""
    cards = []
    for number, column in enumerate(view.columns):
        cells = [cell for _row, cell in view.column_cells(number) if cell]
        counts = Counter(cell.standing for cell in cells)
        cards.append(
            {
                "column": column,
                "only": cells[0] if len(view.rows) == 1 and cells else None,
                "counts": [(each, counts[each]) for each in Standing if counts[each]],
            }
        )
    return cards


def _map(view: Matrix, chosen: int | None) -> Map:
    lines = [_line(view, row, chosen) for row in view.rows]
    placed = [line.tile for line in lines if line.federation.code in tiles.PLACES]
    return Map(
        column=None if chosen is None else view.columns[chosen],
        tiles=tiles.in_reading_order([*placed, *tiles.inactive()]),
        lines=lines,
        beside=[line for line in lines if line.federation.code not in tiles.PLACES],
    )


def _line(view: Matrix, row: Row, chosen: int | None) -> Line:
    federation = row.federation
    cell = None if chosen is None else row.cells[chosen]
    word, tone, icon, url = "", "", "", ""
    if cell is not None:
        tone, icon = LOOKS[cell.standing]
        word, url = cell.word, cell_url(cell, view.as_of)
        if cell.is_late:
            tone = "amber" if cell.is_done else "red"
    elif chosen is None and row.rates.completeness.whole:
        word, tone, icon = _overall(row)
    place = tiles.PLACES.get(federation.code) or tiles.Place(federation.code, 0, 0, "")
    tile = tiles.Tile(place, federation.short_name, word, tone, icon, url)
    return Line(federation, cell, row.rates, tile)


def _overall(row: Row) -> tuple[str, str, str]:
    """Word, colour and icon over all notices: complete, something late and open, or running."""
    done = row.rates.completeness
    word = f"{done.percent}%"
    if done.part == done.whole:
        return word, "green", "circle-check"
    missing = any(cell and cell.is_owed and cell.is_late and not cell.is_done for cell in row.cells)
    if missing or any(cell and cell.standing == Standing.SILENT for cell in row.cells):
        return word, "red", "triangle-alert"
    return word, "blue", "circle-dot"
