"""Policy documents: what is being written about them, what readers find, and how they bear on each other."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.audit.history import track_fields
from platform_site.editorial.models import SUMMARY_LENGTH, TITLE_LENGTH, Audience, Piece
from platform_site.federations.lines import BusinessLine
from platform_site.text.fields import LineField, ProseField

MOST_ISSUERS = 12
NUMBER_LENGTH = 60


class PolicyKind(models.TextChoices):
    """The kinds of official documents that occur here, laws and rules, and what explains them."""

    LAW = "law", _("law")
    REGULATION = "regulation", _("administrative regulation")
    RULES = "rules", _("rules and measures")
    OPINIONS = "opinions", _("opinions (official document)")
    DECISION = "decision", _("decision (official document)")
    NOTICE = "notice", _("notice (official document)")
    PLAN = "plan", _("plan (official document)")
    REPLY = "reply", _("reply (official document)")
    LETTER = "letter", _("letter (official document)")
    MINUTES = "minutes", _("minutes (official document)")
    INTERPRETATION = "interpretation", _("interpretation")
    OTHER = "other", pgettext_lazy("policy document", "other")


class Level(models.TextChoices):
    STATE = "state", _("state law and regulation")
    MINISTRY = "ministry", _("central department")
    NATIONAL = "national", _("national federation")
    PROVINCIAL = "provincial", _("provincial federation")


class Validity(models.TextChoices):
    IN_FORCE = "in_force", _("in force")
    NOT_YET = "not_yet", _("not yet in force")
    AMENDED = "amended", _("amended")
    PARTLY_VOID = "partly_void", _("partly void")
    REPEALED = "repealed", _("repealed")
    LAPSED = "lapsed", _("lapsed")


class PolicyFacts(models.Model):
    """F.2 of the field's metadata: number, kind, who made it, from when to when it holds."""

    number = LineField(_("document number"), max_length=NUMBER_LENGTH, blank=True)
    index_number = LineField(_("index number"), max_length=40, blank=True)
    kind = models.CharField(_("kind of document"), max_length=16, choices=PolicyKind)
    level = models.CharField(
        pgettext_lazy("policy document", "level"), max_length=12, choices=Level
    )
    line = models.CharField(
        _("business line"), max_length=24, choices=BusinessLine, default=BusinessLine.PLATFORM
    )
    #: The first one leads: the number is its own.
    issuers = ArrayField(
        LineField(max_length=100), verbose_name=_("issuing bodies"), size=MOST_ISSUERS
    )
    made_on = models.DateField(_("made on"), null=True, blank=True)
    issued_on = models.DateField(_("printed and issued on"), null=True, blank=True)
    #: Of these two days only the month is known.
    month_only = models.BooleanField(_("only the month is known"), default=False)
    effective_from = models.DateField(_("in force from"), null=True, blank=True)
    effective_to = models.DateField(_("in force until"), null=True, blank=True)
    #: The text here is a summary of the platform's own; the original holds.
    abridged = models.BooleanField(_("summary only"), default=False)
    #: Where relations and dates do not tell: with the reason.
    validity_set = models.CharField(
        _("validity, set by hand"), max_length=12, choices=Validity, blank=True
    )
    validity_reason = LineField(_("reason for it"), max_length=200, blank=True)

    class Meta:
        abstract = True


def _facts_hold(name: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(
            fields=["number"], condition=~Q(number=""), name=f"{name}_number_once"
        ),
        models.CheckConstraint(
            condition=Q(effective_from=None)
            | Q(effective_to=None)
            | Q(effective_to__gte=F("effective_from")),
            name=f"{name}_holds_forwards",
        ),
        models.CheckConstraint(
            condition=Q(validity_set="") | ~Q(validity_reason=""), name=f"{name}_validity_reason"
        ),
    ]


@track_fields()
class PolicyDraft(PolicyFacts):
    """What is being written about a policy document; its text is the piece's."""

    piece = models.OneToOneField(
        Piece, primary_key=True, on_delete=models.PROTECT, related_name="policy_draft"
    )
    #: [{"kind", "target": piece id, "note"}]: they bear on the others once this one is out.
    relations = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("draft of a policy document")
        verbose_name_plural = _("drafts of policy documents")
        constraints = _facts_hold("policy_draft")
        triggers = [pgtrigger.Protect(name="policy_draft_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.piece)


class PolicyDocumentQuerySet(models.QuerySet["PolicyDocument"]):
    def visible_to(self, user: Any) -> Self:
        """What is out: public documents for everybody, internal ones for whoever is signed in."""
        return self.filter(piece__in=Piece.objects.readable_by(user))

    def with_validity(self, on: dt.date | None = None) -> Self:
        """``validity`` as of a day (today): from what is set by hand, dates and relations."""
        day = on or timezone.localdate()
        bearing = PolicyRelation.objects.bearing(day).filter(target=OuterRef("pk"))
        return self.annotate(
            validity=Case(
                When(~Q(validity_set=""), then=F("validity_set")),
                When(effective_to__lt=day, then=Value(Validity.LAPSED.value)),
                When(
                    Exists(bearing.filter(kind__in=PolicyRelation.ENDING)),
                    then=Value(Validity.REPEALED.value),
                ),
                When(effective_from__gt=day, then=Value(Validity.NOT_YET.value)),
                When(
                    Exists(bearing.filter(kind=PolicyRelation.Kind.PARTLY_REPEALS)),
                    then=Value(Validity.PARTLY_VOID.value),
                ),
                When(
                    Exists(bearing.filter(kind=PolicyRelation.Kind.AMENDS)),
                    then=Value(Validity.AMENDED.value),
                ),
                default=Value(Validity.IN_FORCE.value),
                output_field=models.CharField(max_length=12),
            )
        )


@track_fields()
class PolicyDocument(PolicyFacts):
    """政策文件 as readers find it: what the published revision says, with how it bears on others.

    Written at publication alone, from the revision.
    """

    piece = models.OneToOneField(
        Piece, primary_key=True, on_delete=models.PROTECT, related_name="policy"
    )
    title = LineField(_("title"), max_length=TITLE_LENGTH)
    summary = ProseField(pgettext_lazy("content", "summary"), max_length=SUMMARY_LENGTH, blank=True)
    #: The day that lists are ordered by: made, else issued, else published.
    dated = models.DateField()

    objects = PolicyDocumentQuerySet.as_manager()

    TONES = {
        Validity.IN_FORCE: "green",
        Validity.NOT_YET: "blue",
        Validity.AMENDED: "amber",
        Validity.PARTLY_VOID: "amber",
        Validity.REPEALED: "grey",
        Validity.LAPSED: "grey",
    }

    class Meta:
        verbose_name = _("policy document")
        verbose_name_plural = _("policy documents")
        constraints = _facts_hold("policy_document")
        indexes = [models.Index(fields=["-dated", "-piece"], name="policy_newest")]
        triggers = [pgtrigger.Protect(name="policy_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("policy-page", args=[self.piece.slug])

    @property
    def is_public(self) -> bool:
        return self.piece.audience == Audience.PUBLIC


class PolicyRelationQuerySet(models.QuerySet["PolicyRelation"]):
    def bearing(self, day: dt.date) -> Self:
        """Of documents that are out and in force on that day."""
        return self.filter(
            source__piece__published__isnull=False, source__piece__withdrawn_at=None
        ).filter(Q(source__effective_from=None) | Q(source__effective_from__lte=day))


class PolicyRelation(models.Model):
    """How one published document bears on another; rewritten when its source is published anew."""

    class Kind(models.TextChoices):
        SUPERSEDES = "supersedes", _("supersedes")
        REPEALS = "repeals", _("repeals")
        PARTLY_REPEALS = "partly_repeals", _("repeals in part")
        AMENDS = "amends", _("amends")
        IMPLEMENTS = "implements", _("implements")
        INTERPRETS = "interprets", _("interprets")
        FORWARDS = "forwards", _("forwards")

    #: Which leave nothing of the other in force.
    ENDING = (Kind.SUPERSEDES, Kind.REPEALS)
    #: Which a document can only do to an earlier one.
    CHANGING = (Kind.SUPERSEDES, Kind.REPEALS, Kind.PARTLY_REPEALS, Kind.AMENDS)

    source = models.ForeignKey(PolicyDocument, on_delete=models.PROTECT, related_name="bears_on")
    target = models.ForeignKey(PolicyDocument, on_delete=models.PROTECT, related_name="borne_by")
    kind = models.CharField(max_length=16, choices=Kind)
    #: Which articles, where not the whole.
    note = LineField(_("which articles"), max_length=200, blank=True)

    objects = PolicyRelationQuerySet.as_manager()

    class Meta:
        verbose_name = _("relation between documents")
        verbose_name_plural = _("relations between documents")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "kind"], name="policy_relation_once"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="policy_relation_other"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.get_kind_display()} {self.target}"
