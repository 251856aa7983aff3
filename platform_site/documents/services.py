"""Taking document numbers, keeping the series, replacing templates: the only place that changes them."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, Min, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.federations.models import Federation
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen

from .checking import check_template
from .content import Kind
from .models import DocumentKind, DocumentNumber, DocumentTemplate, NumberSeries, NumberYear
from .numbers import LARGEST_NO, Number, is_word


# --- Numbers --------------------------------------------------------------------------------------
def _locked_year(series: NumberSeries, year: int) -> NumberYear:
    """The row of the series in that year, locked until the transaction ends."""
    # Waits for whoever is making the same row; afterwards there is one, whoever made it.
    NumberYear.objects.bulk_create([NumberYear(series=series, year=year)], ignore_conflicts=True)
    return NumberYear.objects.select_for_update().get(series=series, year=year)


def _lowest_free(word: str, year: int, first: int) -> int:
    """The lowest serial from ``first`` on that nobody holds; one given up by a draft is filled again."""
    held = DocumentNumber.objects.filter(word=word, year=year)
    if not held.filter(no=first).exists():
        return first
    follower = held.filter(no=OuterRef("no") + 1)
    end = held.filter(no__gte=first).annotate(followed=Exists(follower)).filter(followed=False)
    return int(end.aggregate(at=Min("no"))["at"]) + 1


@transaction.atomic
def take_number(
    series: NumberSeries,
    *,
    by: User,
    subject: str,
    on: dt.date,
    of: models.Model | None = None,
    at: dt.datetime | None = None,
) -> Number:
    """The next number of the series in the year of ``on``, in the caller's transaction.

    Takers of one series and year wait for each other until their transactions end, so whoever rolls
    back leaves no gap and no number comes twice.
    """
    if not by.has_perm("documents.take_number", series):
        raise NotAllowed("not_yours", _("Only the body's own officers take its numbers."))
    if not series.active:
        raise StepNotOpen(
            "series_ended", _("The series %(word)s is out of use.") % {"word": series.word}
        )
    year = _locked_year(series, on.year)
    number = Number(series.word, on.year, _lowest_free(series.word, on.year, year.first))
    taken = DocumentNumber.objects.create(
        series=series,
        word=number.word,
        year=number.year,
        no=number.no,
        subject=subject[:200],
        taken_by=by,
        taken_at=at or timezone.now(),
        **_pointing_at(of),
    )
    audit.record(
        "documents.number.take",
        taken,
        by=by,
        at=at,
        federation=series.federation,
        facts={"number": str(number)},
    )
    return number


def _pointing_at(of: models.Model | None) -> dict[str, object]:
    if of is None:
        return {}
    return {"of_type": ContentType.objects.get_for_model(of), "of_id": of.pk}


@transaction.atomic
def reserve_number(
    number: Number,
    *,
    by: User,
    subject: str,
    of: models.Model,
    at: dt.datetime | None = None,
) -> None:
    """Enter a number that was typed by hand, so that its series never gives it to anybody else."""
    series = NumberSeries.objects.filter(word=number.word).first()
    if series is not None:
        _locked_year(series, number.year)
    held = DocumentNumber.objects.filter(word=number.word, year=number.year, no=number.no)
    mine = _pointing_at(of)
    if held.filter(**mine).update(subject=subject[:200]):
        return
    try:
        with transaction.atomic():
            DocumentNumber.objects.create(
                series=series,
                word=number.word,
                year=number.year,
                no=number.no,
                subject=subject[:200],
                by_hand=True,
                taken_by=by,
                taken_at=at or timezone.now(),
                **mine,
            )
    except IntegrityError:
        message = _("Another document has the number %(number)s.") % {"number": number}
        raise Invalid(
            "number_taken", message, fields=[FieldProblem("/number", "taken", message)]
        ) from None


@transaction.atomic
def release_number(of: models.Model, *, but: Number | None = None) -> None:
    """Give up what was typed by hand for ``of``; what a series gave stays for good."""
    held = DocumentNumber.objects.filter(**_pointing_at(of), by_hand=True)
    if but is not None:
        held = held.exclude(word=but.word, year=but.year, no=but.no)
    held.delete()


# --- Series ---------------------------------------------------------------------------------------
def _check_keeper(by: User) -> None:
    if not by.has_perm("documents.keep_series"):
        raise NotAllowed("not_yours", _("Only national officers keep the series of numbers."))


@transaction.atomic
def add_series(
    *,
    by: User,
    federation: Federation,
    word: str,
    issuer: str,
    label: str = "",
    printed_by: str = "",
    layout: str = DocumentKind.NOTICE,
    at: dt.datetime | None = None,
) -> NumberSeries:
    """A word that a body puts before its numbers, such as 总工办发."""
    _check_keeper(by)
    if not is_word(word):
        message = _("A document word consists of Chinese characters only, at most 20.")
        raise Invalid("word_unreadable", message, fields=[FieldProblem("/word", "word", message)])
    try:
        with transaction.atomic():
            series = NumberSeries.objects.create(
                federation=federation,
                word=word,
                issuer=issuer,
                label=label,
                printed_by=printed_by,
                layout=layout,
            )
    except IntegrityError:
        message = _("There is a series with this word already.")
        raise Invalid(
            "word_taken", message, fields=[FieldProblem("/word", "taken", message)]
        ) from None
    # Numbers typed by hand before there was a series belong to it from now on.
    DocumentNumber.objects.filter(word=word, series=None).update(series=series)
    audit.record("documents.series.add", series, by=by, at=at, federation=federation)
    return series


@transaction.atomic
def change_series(
    series: NumberSeries,
    *,
    by: User,
    version: int,
    issuer: str,
    label: str,
    printed_by: str,
    layout: str,
    active: bool,
    first: int,
    year: int,
    at: dt.datetime | None = None,
) -> NumberSeries:
    """What the series is called and with which serial it begins in ``year``."""
    _check_keeper(by)
    fresh = NumberSeries.objects.select_for_update().get(pk=series.pk)
    if fresh.version != version:
        raise Stale("stale", _("Somebody changed this series since you opened it. Look again."))
    begun = _locked_year(fresh, year)
    if not 1 <= first <= LARGEST_NO:
        message = _("Give a number from 1 on.")
        raise Invalid("first", message, fields=[FieldProblem("/first", "out_of_range", message)])
    fresh.issuer, fresh.label, fresh.layout, fresh.active = issuer, label, layout, active
    fresh.printed_by = printed_by
    fresh.version += 1
    fresh.save()
    begun.first = first
    begun.save(update_fields=["first"])
    audit.record("documents.series.change", fresh, by=by, at=at, federation=fresh.federation)
    return fresh


# --- Templates ------------------------------------------------------------------------------------
def _check_replacer(by: User) -> None:
    if not by.has_perm("documents.replace_template"):
        raise NotAllowed("not_yours", _("Only national officers replace templates."))


@transaction.atomic
def replace_template(
    kind: Kind, content: bytes, *, filename: str, by: User, at: dt.datetime | None = None
) -> DocumentTemplate:
    """Make documents of this kind with ``content`` from now on, once a sample came out well."""
    _check_replacer(by)
    check_template(kind, content)
    earlier = list(DocumentTemplate.objects.select_for_update().filter(kind=kind).defer("content"))
    _put_aside(kind)
    try:
        with transaction.atomic():
            template = DocumentTemplate.objects.create(
                kind=kind,
                number=max((each.number for each in earlier), default=0) + 1,
                filename=filename[:200],
                content=content,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                in_use=True,
                uploaded_by=by,
                uploaded_at=at or timezone.now(),
            )
    except IntegrityError:
        raise Stale(
            "stale", _("Somebody else replaced this template just now. Look at it first.")
        ) from None
    audit.record(
        "documents.template.replace", template, by=by, at=at, facts={"sha256": template.sha256}
    )
    return template


def _put_aside(kind: str) -> None:
    DocumentTemplate.objects.filter(kind=kind, in_use=True).update(in_use=False)


@transaction.atomic
def use_template(
    template: DocumentTemplate, *, by: User, at: dt.datetime | None = None
) -> DocumentTemplate:
    """Back to a version that was in use before; it is tried again first."""
    _check_replacer(by)
    fresh = DocumentTemplate.objects.select_for_update().get(pk=template.pk)
    check_template(fresh.kind, bytes(fresh.content))  # type: ignore[arg-type]
    _put_aside(fresh.kind)
    fresh.in_use = True
    fresh.save(update_fields=["in_use"])
    audit.record("documents.template.use", fresh, by=by, at=at)
    return fresh


@transaction.atomic
def use_shipped_template(kind: Kind, *, by: User, at: dt.datetime | None = None) -> None:
    """Back to the template that came with the platform."""
    _check_replacer(by)
    latest = DocumentTemplate.objects.select_for_update().filter(kind=kind, in_use=True).first()
    if latest is not None:
        _put_aside(kind)
        audit.record("documents.template.shipped", latest, by=by, at=at, facts={"kind": kind})
