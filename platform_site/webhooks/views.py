"""Pages of one's own webhooks: what is told where, and how each telling went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from platform_site.lists import keyset
from platform_site.problems import Invalid, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from . import exports, queries, services
from .forms import RotateForm, VersionForm, WebhookForm
from .models import Webhook, WebhookDelivery
from .tables import LogTable, WebhookTable

PAGE_SIZE = 20


@require_GET
def webhook_list(request: HttpRequest) -> HttpResponse:
    chosen = exports.select_webhooks(request.user, request.GET)
    page = keyset.page(
        chosen.queryset, order=chosen.order, size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    return render(
        request, "webhooks/webhook_list.html", {"page": page, "table": WebhookTable(page.rows)}
    )


@never_cache
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def create_webhook(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ("id", *_FIELDS)}
        made = _done(form, lambda: services.create_webhook(**fields, by=request.user))
        if made is not None:
            return _secret_shown(request, *made)
    return render(request, "webhooks/webhook_edit.html", {"form": form, "webhook": None})


#: What both forms of a webhook change.
_FIELDS = ("name", "url", "kinds", "federation")


@require_GET
def webhook_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    webhook = _own(request, pk)
    parameters = request.GET.copy()
    parameters["webhook"] = str(pk)
    chosen = exports.select_deliveries(request.user, parameters)
    page = keyset.page(
        chosen.queryset, order=chosen.order, size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    context = {
        "webhook": webhook,
        "old_secrets": queries.secrets_in_force(webhook).exclude(ends_at=None),
        "waiting": queries.waiting_of(webhook),
        "page": page,
        "table": LogTable(page.rows, request=request),
        "filter_form": chosen.form,
    }
    return render(request, "webhooks/webhook_detail.html", context)


@require_http_methods(["GET", "POST"])
def change_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    webhook = _own(request, pk)
    form = WebhookForm(request.POST or None, initial=WebhookForm.of(webhook))
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in _FIELDS}
        version = form.cleaned_data["version"] or 0
        changed = _done(
            form,
            lambda: services.change_webhook(webhook, **fields, version=version, by=request.user),
        )
        if changed is not None:
            messages.success(request, _("The webhook was saved."))
            return redirect(changed)
    return render(request, "webhooks/webhook_edit.html", {"form": form, "webhook": webhook})


@never_cache
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def rotate_secret(request: HttpRequest, pk: UUID) -> HttpResponse:
    webhook = _own(request, pk)
    form = RotateForm(request.POST or None, initial={"version": webhook.version})
    if form.is_valid():
        made = _done(
            form,
            lambda: services.rotate_secret(webhook, **form.cleaned_data, by=request.user),
        )
        if made is not None:
            return _secret_shown(request, *made)
    return render(request, "webhooks/secret_rotate.html", {"form": form, "webhook": webhook})


@sensitive_variables()
def _secret_shown(request: HttpRequest, webhook: Webhook, cleartext: str) -> HttpResponse:
    if not cleartext:  # the same form sent twice
        messages.info(
            request, _("This webhook was already made, and its secret is shown only once.")
        )
        return redirect(webhook)
    return render(
        request, "webhooks/secret_shown.html", {"webhook": webhook, "cleartext": cleartext}
    )


@require_http_methods(["GET", "POST"])
def delete_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    webhook = _own(request, pk)
    form = VersionForm(request.POST or None, initial={"version": webhook.version})
    if form.is_valid():
        version = form.cleaned_data["version"]

        def act() -> bool:
            services.delete_webhook(webhook, by=request.user, version=version)
            return True

        if _done(form, act):
            messages.success(
                request, _("The webhook %(name)s was deleted.") % {"name": webhook.name}
            )
            return redirect("webhook-list")
    return render(request, "webhooks/webhook_delete.html", {"form": form, "webhook": webhook})


@require_POST
def pause_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _step(request, pk, services.pause_webhook, _("The webhook was paused."))


@require_POST
def resume_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _step(request, pk, services.resume_webhook, _("The webhook was resumed."))


@require_POST
def ping_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    message = _("A test event is on its way. Load the page again to see how it went.")
    return _step(request, pk, services.ping_webhook, message)


@require_POST
def resend_delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    sent = get_object_or_404(
        WebhookDelivery.objects.visible_to(request.user).select_related("webhook"), pk=pk
    )
    try:
        services.resend_delivery(sent, by=request.user, version=_version(request))
    except (StepNotOpen, Stale) as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("The event waits to be sent again."))
    return redirect(sent.webhook)


# --- What the pages share -------------------------------------------------------------------------
def _own(request: HttpRequest, pk: UUID) -> Webhook:
    webhooks = Webhook.objects.visible_to(request.user).select_related("federation")
    return get_object_or_404(webhooks, pk=pk)


def _version(request: HttpRequest) -> int:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else 0


def _step(
    request: HttpRequest, pk: UUID, service: Callable[..., Webhook], message: str
) -> HttpResponse:
    """One button: what cannot be done now, or is done already, is said on the page it leads back to."""
    webhook = _own(request, pk)
    try:
        service(webhook, by=request.user, version=_version(request))
    except (StepNotOpen, Stale) as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, message)
    return redirect(webhook)


def _done(form: Any, act: Callable[[], Any]) -> Any:
    """Run the service; what it refuses stands beside the field, or above the form."""
    try:
        return act()
    except (Invalid, Stale, StepNotOpen) as refused:
        problems_to_form(form, refused)
        return None
