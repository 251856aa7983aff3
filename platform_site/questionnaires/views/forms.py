"""Forms: the list, one form with its versions, making one, beginning the next version."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.lists import keyset
from platform_site.problems import Invalid, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import building, purposes, uses
from ..exports import select_forms, with_uses
from ..forms import FormForm, FormNamesForm, VersionForm
from ..models import FormVersion
from ..tables import FormTable, state_tag
from .common import READ_METHODS, check_reads, find_form, may_build

PAGE_SIZE = 20


@require_safe
def form_list(request: HttpRequest) -> HttpResponse:
    check_reads(request)
    chosen = select_forms(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    with_uses(page.rows, request.user)
    context = {"page": page, "table": FormTable(page.rows), "may_build": may_build(request)}
    return render(request, "questionnaires/form_list.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def make_form(request: HttpRequest) -> HttpResponse:
    building.check_builds(request.user)
    form = FormForm(request.POST or None)
    if form.is_valid():
        try:
            made = building.make_form(by=request.user, **form.cleaned_data)
        except Invalid as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The form is made. Add its sections and questions."))
            return redirect("form-version", made.code, 1)
    context = {"form": form}
    return render(
        request, "questionnaires/form_make.html", context, status=422 if form.errors else 200
    )


@require_safe
def form_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The versions of a form, and what each is used by."""
    form = find_form(request, code)
    versions = list(
        FormVersion.objects.visible_to(request.user).filter(form=form).order_by("-number")
    )
    used = uses.uses_of([each.pk for each in versions], request.user)
    context = {
        "form": form,
        "purpose": purposes.label(form.purpose),
        "versions": [
            {"version": each, "state": state_tag(each), "uses": used.get(each.pk, [])}
            for each in versions
        ],
        "draft": next((each for each in versions if each.is_draft), None),
        "may_build": may_build(request),
    }
    return render(request, "questionnaires/form_detail.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def change_form(request: HttpRequest, code: str) -> HttpResponse:
    found = find_form(request, code)
    building.check_builds(request.user)
    initial = {name: getattr(found, name) for name in ("name_zh", "name_en", "version")}
    form = FormNamesForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            building.change_form(found, by=request.user, **form.cleaned_data)
        except (Invalid, Stale) as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The names are kept."))
            return redirect(found)
    context = {"form": form, "subject": found}
    return render(
        request, "questionnaires/form_change.html", context, status=422 if form.errors else 200
    )


@require_POST
def begin_version(request: HttpRequest, code: str) -> HttpResponse:
    found = find_form(request, code)
    building.check_builds(request.user)
    given = VersionForm(request.POST)
    try:
        version = given.cleaned_data["version"] if given.is_valid() else found.version
        building.begin_version(found, by=request.user, version=version)
    except (StepNotOpen, Stale) as refused:
        messages.warning(request, str(refused.message))
        return redirect(found)
    draft = found.versions.get(is_draft=True)
    messages.success(request, _("The next version is begun as a copy; change it, then publish it."))
    return redirect("form-version", found.code, draft.number)
