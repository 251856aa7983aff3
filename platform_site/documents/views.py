"""The register and the series of document numbers; the templates of official documents."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.attachments.download import serve_bytes
from platform_site.lists import keyset
from platform_site.problems import NotAllowed, Refused
from platform_site.web.forms import problems_to_form

from . import queries, services
from .checking import KNOWN
from .content import KINDS, Kind
from .forms import SeriesChangeForm, SeriesForm, TemplateForm
from .models import DocumentKind, DocumentNumber, DocumentTemplate, NumberSeries

PAGE_SIZE = 50
READ_METHODS = ["GET", "HEAD"]


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return name


# --- Numbers --------------------------------------------------------------------------------------
@require_safe
def number_list(request: HttpRequest) -> HttpResponse:
    """发文登记: the series of the own body and the numbers that are in use, the newest first."""
    numbers = DocumentNumber.objects.visible_to(request.user).select_related("taken_by")
    page = keyset.page(
        numbers,
        order=("-taken_at", "-id"),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    year = timezone.localdate().year
    context = {
        "page": page,
        "year": year,
        "series": queries.in_year(NumberSeries.objects.visible_to(request.user), year),
        "may_keep": request.user.has_perm("documents.keep_series"),
    }
    return render(request, "documents/number_list.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def add_series(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("documents.keep_series"):
        raise NotAllowed("not_yours", _("Only national officers keep the series of numbers."))
    form = SeriesForm(
        request.POST if request.method == "POST" else None, initial={"layout": DocumentKind.NOTICE}
    )
    if form.is_valid():
        try:
            series = services.add_series(by=request.user, **form.cleaned_data)
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The series %(word)s was added.") % {"word": series.word})
            return redirect("number-list")
    context = {"form": form}
    return render(request, "documents/series_add.html", context, status=422 if form.errors else 200)


@require_http_methods([*READ_METHODS, "POST"])
def change_series(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    year = timezone.localdate().year
    visible = NumberSeries.objects.visible_to(request.user)
    series = get_object_or_404(queries.in_year(visible, year), pk=pk)
    if not request.user.has_perm("documents.keep_series"):
        raise NotAllowed("not_yours", _("Only national officers keep the series of numbers."))
    initial = {
        name: getattr(series, name)
        for name in ("version", "issuer", "label", "layout", "printed_by", "active", "first")
    }
    form = SeriesChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            services.change_series(series, by=request.user, year=year, **form.cleaned_data)
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The series %(word)s was changed.") % {"word": series.word})
            return redirect("number-list")
    context = {"form": form, "series": series}
    return render(
        request, "documents/series_change.html", context, status=422 if form.errors else 200
    )


# --- Templates ------------------------------------------------------------------------------------
def _keeper(request: HttpRequest) -> None:
    if not request.user.has_perm("documents.replace_template"):
        raise NotAllowed("not_yours", _("Only national officers replace templates."))


def _as_docx(content: bytes, filename: str) -> HttpResponse:
    return serve_bytes(content, filename=filename, media_type=queries.MEDIA_TYPES["docx"])


@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    _keeper(request)
    return _templates_page(request)


def _templates_page(
    request: HttpRequest, refused_kind: str = "", form: TemplateForm | None = None
) -> HttpResponse:
    rows = [
        (row, form if form is not None and row.kind == refused_kind else TemplateForm())
        for row in queries.template_rows(request.user)
    ]
    for row, each in rows:
        each.auto_id = f"id_{row.kind}_%s"
    context = {"rows": rows, "form": form, "fields": sorted(KNOWN)}
    return render(
        request, "documents/template_list.html", context, status=422 if form is not None else 200
    )


@require_safe
def download_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The template in use, to be changed and brought back."""
    _keeper(request)
    filename, content = queries.current_template(_kind(kind))
    return _as_docx(content, filename)


@require_safe
def sample_of_template(request: HttpRequest, kind: str) -> HttpResponse:
    """What the template in use makes of a document with every part."""
    _keeper(request)
    filename, content = queries.sample_of(_kind(kind))
    return _as_docx(content, filename)


@require_POST
def replace_template(request: HttpRequest, kind: str) -> HttpResponse:
    _keeper(request)
    form = TemplateForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            services.replace_template(
                _kind(kind), file.read(), filename=file.name or "", by=request.user
            )
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(
                request,
                _("A sample came out well: documents are made with this template from now on."),
            )
            return redirect("document-template-list")
    return _templates_page(request, _kind(kind), form)


@require_safe
def download_version(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    template = get_object_or_404(DocumentTemplate.objects.visible_to(request.user), pk=pk)
    return _as_docx(bytes(template.content), template.filename or f"{template}.docx")


@require_POST
def use_template(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    template = get_object_or_404(DocumentTemplate.objects.visible_to(request.user), pk=pk)
    _keeper(request)
    services.use_template(template, by=request.user)
    messages.success(request, _("Documents are made with this version again."))
    return redirect("document-template-list")


@require_POST
def use_shipped_template(request: HttpRequest, kind: str) -> HttpResponse:
    _keeper(request)
    services.use_shipped_template(_kind(kind), by=request.user)
    messages.success(request, _("Documents are made with the shipped template again."))
    return redirect("document-template-list")
