"""What a person chooses about reminders."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from platform_site.notifications.models import chat_problem
from platform_site.problems import FieldProblem, Invalid

from ..models import ReminderPreference
from ..workflow import check_version


@transaction.atomic
def choose(
    *, by: Any, by_mail: bool, chat_address: str = "", version: int | None = None
) -> ReminderPreference:
    """Set the own choice. What is compulsory, and what comes from the due date on, comes anyway.

    ``version`` is the one that was seen (1 where nothing was chosen yet); None takes whatever stands.
    """
    chat_address = chat_address.strip()
    if chat_address and (wrong := chat_problem(chat_address)):
        raise Invalid(
            "chat_address",
            _("This address cannot be used."),
            fields=[FieldProblem("/chat_address", "not_allowed", wrong)],
        )
    ReminderPreference.objects.bulk_create([ReminderPreference(user=by)], ignore_conflicts=True)
    preference = ReminderPreference.objects.select_for_update().get(user=by)
    if version is not None:
        check_version(preference, version)
    preference.by_mail, preference.chat_address = by_mail, chat_address
    preference.version += 1
    preference.save(update_fields=["by_mail", "chat_address", "version"])
    return preference
