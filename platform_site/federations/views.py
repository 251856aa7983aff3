"""The directory: the tree of federations, a federation's page, and the register of its posts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.lists import keyset
from platform_site.problems import Invalid, NotAllowed, Stale
from platform_site.web.forms import problems_to_form

from . import queries, services
from .exports import select_federations
from .forms import AppointForm, EndForm
from .models import Federation, Holding
from .tables import FederationTable

PAGE_SIZE = 50


@require_safe
def federation_list(request: HttpRequest) -> HttpResponse:
    chosen = select_federations(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    requested = request.GET.get("ordering") or "position"
    table = FederationTable(page.rows, ordering=requested, request=request)
    context = {"form": chosen.form, "page": page, "table": table}
    return render(request, "federations/federation_list.html", context)


@require_safe
def federation_detail(request: HttpRequest, code: str) -> HttpResponse:
    federation = _visible(request, code)
    below = (
        Federation.objects.visible_to(request.user)
        .current()
        .filter(parent=federation)
        .select_related("parent")
    )
    page = keyset.page(
        below, order=("position", "id"), size=PAGE_SIZE, cursor=request.GET.get("cursor") or None
    )
    posts = queries.posts_of(federation, request.user)
    context = {
        "federation": federation,
        "above": queries.above(federation),
        "posts": posts,
        "posts_visible": queries.may_see_posts(federation, request.user),
        "any_former": any(post.former for post in posts),
        "any_held": any(post.now or post.former for post in posts),
        "counts": queries.counts_below(federation),
        "page": page,
        "may_record": request.user.has_perm("federations.record_holding", federation),
    }
    return render(request, "federations/federation_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def federation_appoint(request: HttpRequest, code: str) -> HttpResponse:
    federation = _visible(request, code)
    if not request.user.has_perm("federations.record_holding", federation):
        raise NotAllowed(
            "not_yours", _("Only the federation itself keeps the register of its posts.")
        )
    initial = {"post": request.GET.get("post", "")}
    form = AppointForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            holding = services.appoint(federation, by=request.user, **form.cleaned_data)
        except Invalid as problem:
            problems_to_form(form, problem)
        else:
            messages.success(
                request,
                _("Recorded: %(name)s, %(post)s.")
                % {"name": holding.name, "post": holding.get_post_display()},
            )
            return redirect(federation)
    context = {"federation": federation, "form": form, "above": queries.above(federation)}
    return render(
        request,
        "federations/federation_appoint.html",
        context,
        status=422 if form.is_bound and form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def holding_end(request: HttpRequest, pk: str) -> HttpResponse:
    holding = get_object_or_404(
        Holding.objects.visible_to(request.user).select_related("federation"), pk=pk
    )
    federation = holding.federation
    if not request.user.has_perm("federations.record_holding", federation):
        raise NotAllowed(
            "not_yours", _("Only the federation itself keeps the register of its posts.")
        )
    form = EndForm(
        request.POST if request.method == "POST" else None, initial={"version": holding.version}
    )
    if form.is_valid():
        try:
            services.end(holding, by=request.user, **form.cleaned_data)
        except (Invalid, Stale) as problem:
            problems_to_form(form, problem)
        else:
            messages.success(request, _("The end of the period was recorded."))
            return redirect(federation)
    context = {
        "federation": federation,
        "holding": holding,
        "form": form,
        "above": queries.above(federation),
    }
    return render(
        request,
        "federations/holding_end.html",
        context,
        status=422 if form.is_bound and form.errors else 200,
    )


def _visible(request: HttpRequest, code: str) -> Federation:
    visible = Federation.objects.visible_to(request.user).select_related("parent", "successor")
    return get_object_or_404(visible, code=code)
