"""Shapes of the paper bridge in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer

from ..models import ReportScan


class ReportScanSerializer(ModelSerializer):
    """A stamped paper of a submitted version; it came later and changes nothing of it."""

    federation = rest.CharField(source="federation.code")
    report = rest.UUIDField(source="version_of.report_id")
    number = rest.IntegerField(source="version_of.number", help_text=_("The submitted version."))
    file = rest.SerializerMethodField()

    class Meta:
        model = ReportScan
        fields = (
            *("id", "federation", "report", "number", "how", "pages", "by_name", "at", "file"),
        )
        read_only_fields = fields

    def get_file(self, scan: Any) -> str | None:
        """The id of the attachment; its bytes are at `/attachments/{id}/content/`."""
        return str(scan.file.pk) if scan.file else None


class ScanBody(Serializer):
    """multipart/form-data: the scan; with `report` and `number` it is attached without asking its code."""

    file = rest.FileField(help_text=_("PDF, JPEG or PNG."))
    report = rest.UUIDField(required=False)
    number = rest.IntegerField(required=False, min_value=1, max_value=999_999)


class ReceivedSerializer(Serializer):
    """Where the scan went: to a version, or (`scan` is null) to the sign-off of a report not submitted yet."""

    report = rest.UUIDField(source="report.pk")
    scan = ReportScanSerializer(allow_null=True)
    superseded = rest.BooleanField(
        help_text=_("A later version was submitted; the scan belongs to this one all the same.")
    )


class PaperCodeSerializer(Serializer):
    """What is printed on the paper: of the last submitted version, or of the draft as it stands."""

    number = rest.IntegerField(allow_null=True, help_text=_("Null for a draft."))
    text = rest.CharField(help_text=_("The content of the QR code."))
