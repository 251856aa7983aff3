"""Taking back what nobody needs to be told any more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from platform_site.notifications.models import Delivery
from platform_site.notifications.services import cancel_deliveries

from ..models import Duty, Reminder


@transaction.atomic
def cancel_reminders(duties: Collection[Any]) -> int:
    """Cancel what is recorded or waiting about these duties; what has been sent stays as it is.

    A collective message goes on when it also speaks of something else that is still open.
    """
    pending = Reminder.objects.filter(duty__in=duties)
    cancelled = pending.filter(state=Reminder.State.RECORDED).update(state=Reminder.State.CANCELLED)
    waiting = set(
        pending.filter(
            delivery__state__in=[Delivery.State.WAITING, Delivery.State.CLAIMED]
        ).values_list("delivery", flat=True)
    )
    if waiting:
        shared = set(
            Reminder.objects.filter(delivery__in=waiting, duty__in=Duty.objects.open())
            .exclude(duty__in=duties)
            .values_list("delivery", flat=True)
        )
        cancel_deliveries(waiting - shared)
    return cancelled + len(waiting)
