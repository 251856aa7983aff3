"""What the pages of this app share: finding notices and obligations."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from platform_site.obligations.models import Obligation

from ..models import Notice

READ_METHODS = ["GET", "HEAD"]


def notices_for(user: Any) -> QuerySet[Notice]:
    """What the user may see, each row with its due date."""
    return Notice.objects.visible_to(user).with_request().with_due_date()


def find_obligation(request: HttpRequest, pk: uuid.UUID) -> Obligation:
    visible = Obligation.objects.visible_to(request.user).select_related(
        "federation",
        "leader",
        "signed_for_by",
        "parent__federation",
        "round__request__federation",
        "round__request__notice",
        "pass_down",
    )
    return get_object_or_404(visible, pk=pk)
