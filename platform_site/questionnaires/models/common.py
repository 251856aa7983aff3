"""What the models of this app share: words in the reader's language, and who reads."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils.translation import get_language

from platform_site.accounts.roles import BUSINESS_ROLES, Role

#: An empty list, where the database itself fills a column in.
EMPTY_LIST = models.Value([], output_field=models.JSONField())


def worded(chinese: str, english: str) -> str:
    """The wording in the reader's language; Chinese where no English was given."""
    return chinese if (get_language() or "zh-hans").startswith("zh") or not english else english


class ReadableQuerySet(models.QuerySet[Any]):
    #: Whoever files or reads reports, or will be asked to; administrators see nothing of business.
    READERS = (*BUSINESS_ROLES, Role.AUDITOR)

    def visible_to(self, user: Any) -> Self:
        if user.is_authenticated and user.is_active and user.scope.holds(*self.READERS):
            return self.all()
        return self.none()


def sees_drafts(user: Any) -> bool:
    """The national staff and the auditor read what is being built; others what was published."""
    return bool(user.scope.national(Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, Role.AUDITOR))
