"""盖章扫描件: the stamped paper of a submitted version, which comes later and changes nothing of it."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Scoped
from platform_site.text.fields import LineField

from .reports import Report, ReportVersion


class ReportScanQuerySet(models.QuerySet["ReportScan"]):
    def visible_to(self, user: Any) -> ReportScanQuerySet:
        """Whoever sees the report sees the papers of its submitted versions."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        reports = Report.objects.visible_to(user)
        return self.filter(version_of__report__in=reports.values("pk"))


class ReportScan(Scoped):
    """A scan that was attached to a version, by the code on it or by hand. Its file is kept for good."""

    class How(models.TextChoices):
        CODE = "code", _("by the code on it")
        CHOSEN = "chosen", _("chosen by hand")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version_of = models.ForeignKey(
        ReportVersion,
        on_delete=models.PROTECT,
        related_name="scans",
        verbose_name=_("submitted version"),
    )
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(_("pages"), null=True)
    how = models.CharField(_("how it was attached"), max_length=8, choices=How)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=64)
    at = models.DateTimeField()

    objects = ReportScanQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("stamped scan")
        verbose_name_plural = _("stamped scans")
        constraints = [
            models.UniqueConstraint(fields=["version_of", "sha256"], name="report_scan_once")
        ]
        indexes = [models.Index(fields=["-at", "-id"], name="report_scan_newest")]
        triggers = [
            *Scoped.Meta.triggers,
            pgtrigger.Protect(name="scan_stays", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.version_of}"

    def get_absolute_url(self) -> str:
        return reverse("report-version", args=[self.version_of.report_id, self.version_of.number])
