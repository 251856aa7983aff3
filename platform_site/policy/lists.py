"""The list of published documents, said once for its page and the REST API's export."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import QueryDict

from platform_site.lists.exports import Selection

from .forms import PolicyQueryForm
from .models import PolicyDocument


def select_documents(user: Any, parameters: QueryDict) -> Selection:
    """Of what the reader may see, newest first; narrowed as :class:`PolicyQueryForm` says."""
    form = PolicyQueryForm(parameters or None)
    documents = PolicyDocument.objects.visible_to(user).with_validity().select_related("piece")
    if form.is_valid():
        chosen = form.cleaned_data
        if words := chosen["search"]:
            documents = documents.filter(
                Q(title__icontains=words) | Q(number__icontains=words) | Q(summary__icontains=words)
            )
        for name in ("kind", "level", "line", "validity"):
            if chosen[name]:
                documents = documents.filter(**{name: chosen[name]})
        if chosen["year"]:
            documents = documents.filter(dated__year=chosen["year"])
    return Selection(documents, ("-dated", "-piece"), form)
