"""The catalogue of indicators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.lists import keyset
from platform_site.problems import Invalid, Stale
from platform_site.web.forms import problems_to_form

from .. import building, queries
from ..exports import select_indicators
from ..forms import IndicatorChangeForm, IndicatorForm
from ..models import Indicator
from ..tables import IndicatorTable
from .common import READ_METHODS, check_reads, may_build

PAGE_SIZE = 50
FIELDS = ("name_zh", "name_en", "unit_zh", "unit_en", "measure", "adds_up", "version")


@require_safe
def indicator_list(request: HttpRequest) -> HttpResponse:
    check_reads(request)
    chosen = select_indicators(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    builds = may_build(request)
    context = {
        "page": page,
        "table": IndicatorTable(page.rows, may_change=builds),
        "may_build": builds,
        "filter_form": chosen.form,
    }
    return render(request, "questionnaires/indicator_list.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def add_indicator(request: HttpRequest) -> HttpResponse:
    building.check_builds(request.user)
    form = IndicatorForm(request.POST or None)
    if form.is_valid():
        try:
            added = building.add_indicator(by=request.user, **form.cleaned_data)
        except Invalid as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("“%(name)s” is in the catalogue.") % {"name": added})
            return redirect("indicator-list")
    context = {"form": form}
    return render(
        request, "questionnaires/indicator_add.html", context, status=422 if form.errors else 200
    )


@require_http_methods([*READ_METHODS, "POST"])
def change_indicator(request: HttpRequest, code: str) -> HttpResponse:
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    check_reads(request)
    building.check_builds(request.user)
    form = IndicatorChangeForm(
        request.POST or None,
        initial={name: getattr(indicator, name) for name in FIELDS},
        in_use=queries.indicator_is_used(indicator),
    )
    if form.is_valid():
        try:
            building.change_indicator(indicator, by=request.user, **form.cleaned_data)
        except (Invalid, Stale) as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("“%(name)s” is kept.") % {"name": form["name_zh"].value()})
            return redirect("indicator-list")
    context = {"form": form, "indicator": indicator}
    return render(
        request, "questionnaires/indicator_change.html", context, status=422 if form.errors else 200
    )
