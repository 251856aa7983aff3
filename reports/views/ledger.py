"""The page of the notice ledger."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from platform_site.lists import keyset
from platform_site.problems import NotAllowed

from ..exports.ledger import select_ledger
from ..menu import reads_obligations
from ..queries import follows_all
from ..queries.ledger import prepare_ledger
from ..tables import LedgerTable

PAGE_SIZE = 40


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """A line for each notice and federation, from the number to the summary."""
    if not reads_obligations(request.user):
        raise NotAllowed("not_yours", _("The notice ledger is not part of your office."))
    chosen = select_ledger(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    prepare_ledger(page.rows, request.user)
    form = chosen.form
    context = {
        "form": form,
        "page": page,
        "table": LedgerTable(page.rows, summed=follows_all(request.user)),
        "narrowed": form is not None and any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "reports/ledger.html", context)
