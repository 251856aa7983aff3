"""Files that are answers: they hang on the report, and the answer names them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from platform_site.accounts.models import User
from platform_site.attachments import services as attachments
from platform_site.attachments.models import Attachment
from platform_site.questionnaires.models import Answer, Question
from platform_site.questionnaires.values import NamedFile

from ..models import Report


def named_file(file: Attachment) -> dict[str, Any]:
    """A file as an answer names it."""
    return {
        "id": str(file.pk),
        "filename": file.filename,
        "size": file.size,
        "sha256": file.sha256,
    }


def files_to_name(report: Report) -> dict[str, NamedFile]:
    """The files that answers of the report may name, by id: those that hang on it today."""
    return {str(file.pk): named_file(file) for file in Attachment.objects.of(report)}


def ids_in(value: Any) -> set[str]:
    return {each["id"] for each in value or ()}


def take_off(
    report: Report,
    before: Mapping[str, Answer],
    codes: Iterable[str],
    *,
    by: User,
    at: dt.datetime,
) -> None:
    """Files that an answer named before and none names now leave the report, too.

    ``before``: the answers to these file questions as they were.
    """
    gone = {id for code in codes if code in before for id in ids_in(before[code].value)}
    if not gone:
        return
    now = report.sheet.answers.filter(question__kind=Question.Kind.FILE)
    gone -= {id for value in now.values_list("value", flat=True) for id in ids_in(value)}
    for file in Attachment.objects.of(report).filter(pk__in=gone):
        attachments.remove(file, by=by, at=at)
