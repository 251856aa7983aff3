"""What the API keeps for itself: answers, so that a request sent again is not done again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: How long the answer to an Idempotency-Key is kept.
KEPT_FOR = timedelta(hours=24)


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def visible_to(self, token: Any) -> KeptAnswerQuerySet:
        """An answer is that token's alone to which it was given."""
        return self.filter(token=token.id)


class KeptAnswer(models.Model):
    """The answer to a POST that carried an Idempotency-Key, written in the act's own transaction.

    ``token`` is the id of the token and no key to its table, which lies in a room above.
    """

    token = models.UUIDField()
    key = models.CharField(max_length=200)
    #: SHA-256 of what was asked for: another request under the same key is refused.
    request = models.CharField(max_length=64)
    #: The offices and exceptions of the caller then: without them the answer is not given again.
    held = ArrayField(models.TextField())
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_key_used_once")]
        indexes = [models.Index(fields=["at"], name="api_kept_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.status} {self.key}"

    @property
    def is_over(self) -> bool:
        return self.at <= timezone.now() - KEPT_FOR

    @classmethod
    def sweep(cls) -> int:
        """Delete the answers whose time is over."""
        rows = cls._default_manager.filter(at__lte=timezone.now() - KEPT_FOR)
        return rows._raw_delete(rows.db)
