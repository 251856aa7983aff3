"""Sheets: the answers of one federation to one version of a form."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Scoped
from platform_site.text.fields import ProseField

from .forms import FormVersion
from .questions import Question


class Sheet(Scoped):
    """The answers of one federation to one version of a form, while they are filled in.

    Its ``version`` counts the savings; each answer carries the version that last changed it, so that
    two people who answer different questions merge and two who answer the same one are told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=20, blank=True)
    period_start = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")

    def __str__(self) -> str:
        return f"{self.federation}: {self.form_version}"


class Answer(models.Model):
    """What stands in a sheet for one question. None is "not answered", never zero.

    ``value`` as JSON, by the kind of the question:

    ========  ==============================================================================
    text      text of several lines, as typed
    number    a decimal string without trailing zeros, ``"12.5"``
    money     the same, in the question's unit (元 or 万元)
    choice    the code of an option
    choices   codes of options, in the order of the form: ``["a", "c"]``
    date      an ISO day, ``"2026-09-14"``
    yes_no    true or false
    table     free rows: a list of rows, ``[{"name": "…", "persons": "12"}]``; fixed rows: an
              object by row code, ``{"east": {"persons": "12"}}``. A cell has the shape of its
              column's kind; blank cells and blank rows are left out
    file      the files, ``[{"id": …, "filename": …, "size": …, "sha256": …}]``; each hangs on
              the record that the sheet belongs to
    ========  ==============================================================================

    ``typed`` keeps what was typed where it cannot be read as a value, so that nothing is lost; of a table
    all of its cells, as JSON text in the same shape.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    value = models.JSONField(null=True)
    typed = ProseField(max_length=200_000, blank=True)
    version = models.PositiveIntegerField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["sheet", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.question}: {self.value}"
