"""What a person chooses about reminders."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from platform_site.notifications.models import chat_problem
from platform_site.problems import FieldProblem, Invalid

from ..models import ReminderPreference


@transaction.atomic
def choose(*, by: Any, by_mail: bool, chat_address: str = "") -> ReminderPreference:
    """Set the own choice. What is compulsory, and what comes from the due date on, comes anyway."""
    chat_address = chat_address.strip()
    if chat_address and (wrong := chat_problem(chat_address)):
        raise Invalid(
            "chat_address",
            _("This address cannot be used."),
            fields=[FieldProblem("/chat_address", "not_allowed", wrong)],
        )
    preference, _made = ReminderPreference.objects.update_or_create(
        user=by, defaults={"by_mail": by_mail, "chat_address": chat_address}
    )
    return preference
