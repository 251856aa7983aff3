"""The tree of federations of trade unions, and who holds which post in them and when."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from platform_site.audit.history import track_fields
from platform_site.text.fields import LineField


class FederationQuerySet(models.QuerySet["Federation"]):
    def visible_to(self, user: Any) -> Self:
        """The tree is the platform's directory: whoever signs in sees it, nobody else does."""
        if getattr(user, "is_authenticated", False) and getattr(user, "is_active", False):
            return self.all()
        return self.none()

    def current(self, on: datetime.date | None = None) -> Self:
        """Federations that exist on the day (default: today)."""
        day = on or timezone.localdate()
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
        )

    def national(self) -> Federation:
        return self.get(level=Federation.Level.NATIONAL)

    def first_tier(self) -> Self:
        """The 43 units that file with the national federation, in official order."""
        return self.current().filter(level=Federation.Level.FIRST_TIER).order_by("position")

    def default_recipients(self) -> Self:
        """The 31 provincial-level federations and that of the Corps, in official order."""
        return self.first_tier().filter(
            kind__in=(Federation.Kind.PROVINCIAL, Federation.Kind.CORPS)
        )

    def below(self, federation: Federation) -> Self:
        """The subtree of ``federation``, itself included."""
        column = {
            Federation.Level.NATIONAL: None,
            Federation.Level.FIRST_TIER: "first_tier",
            Federation.Level.PREFECTURE: "prefecture",
        }.get(federation.level, "pk")
        return self.filter(**{column: federation.pk}) if column else self.all()

    def matching(self, words: str) -> Self:
        """Search by code, by Chinese or English name, by pinyin or by its initials."""
        words = words.strip()
        if not words:
            return self
        pinyin = "".join(words.lower().replace("'", "").split())
        return self.filter(
            Q(code__istartswith=words)
            | Q(name_zh__contains=words)
            # From the beginning of a word: "gz" are the initials of Guangzhou, not part of Cangzhou.
            | Q(name_en__istartswith=words)
            | Q(name_en__icontains=f" {words}")
            | Q(search_key__startswith=pinyin)
            | Q(search_key__contains=f" {pinyin}")
        )


class Federation(models.Model):
    """One federation of trade unions (总工会), or a body of the same rank.

    Codes are those of GB/T 2260 for the places; ``ACFTU``, ``XPCC``, ``XPCC01``–``XPCC14``,
    ``IU01``–``IU10`` and ``CSO`` are the platform's own. The parent is given, never derived from
    the code: districts of municipalities and counties under a province have no prefecture above.
    ``first_tier`` and ``prefecture`` are the ancestors at those levels, the row itself included.
    """

    class Level(models.IntegerChoices):
        NATIONAL = 1, _("National")
        FIRST_TIER = 2, _("First tier")
        PREFECTURE = 3, _("Prefecture")
        COUNTY = 4, _("County")

    class Kind(models.TextChoices):
        NATIONAL = "national", _("National federation")
        PROVINCIAL = "provincial", _("Provincial federation")
        CORPS = "corps", _("Federation of the Production and Construction Corps")
        INDUSTRIAL = "industrial", _("National industrial union")
        CENTRAL_ORGANS = "central_organs", _("Joint union of central organs")
        PREFECTURE = "prefecture", _("Prefecture federation")
        DIVISION = "division", _("Federation of a division of the Corps")
        COUNTY = "county", _("County federation")

    code = LineField(_("code"), max_length=16, unique=True)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("federation above"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    first_tier = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    prefecture = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name_zh = LineField(_("Chinese name"), max_length=64)
    name_en = LineField(_("English name"), max_length=160)
    short_zh = LineField(_("short Chinese name"), max_length=32)
    short_en = LineField(_("short English name"), max_length=96)
    #: Pinyin of the short name, a space between syllables: sorts "xi an" before "xian".
    sort_key = LineField(_("pinyin"), max_length=160)
    #: The pinyin run together and its initials ("guangzhou gz"), for the search field.
    search_key = LineField(max_length=200)
    #: Place in the official order of first-tier units; below them the order of the codes.
    position = models.PositiveIntegerField(_("official order"))
    valid_from = models.DateField(_("exists from"), null=True, blank=True)
    #: The first day on which it no longer exists.
    valid_to = models.DateField(_("exists until"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
    )
    version = models.PositiveIntegerField(default=1)

    objects = FederationQuerySet.as_manager()

    class Meta:
        verbose_name = _("federation")
        verbose_name_plural = _("federations")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="federations_federation_place_in_tree",
                condition=Q(level=1, parent__isnull=True)
                | Q(level__in=(2, 3, 4), parent__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["level"],
                condition=Q(level=1),
                name="federations_federation_one_national",
            ),
            models.CheckConstraint(
                name="federations_federation_period",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
            ),
        ]
        indexes = [
            models.Index(fields=["level", "position", "id"], name="federations_by_level"),
            models.Index(fields=["parent", "position", "id"], name="federations_by_parent"),
            models.Index(fields=["position", "id"], name="federations_in_order"),
            models.Index(fields=["sort_key", "id"], name="federations_by_pinyin"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("federation-detail", args=[self.code])

    @property
    def name(self) -> str:
        """The full name in the language of the page."""
        return self.name_en if _english() else self.name_zh

    @property
    def short_name(self) -> str:
        """The name of the place alone ("广东", "Guangdong"), for tight places."""
        return self.short_en if _english() else self.short_zh

    @property
    def is_current(self) -> bool:
        today = timezone.localdate()
        begun = self.valid_from is None or self.valid_from <= today
        return begun and (self.valid_to is None or self.valid_to > today)


track_fields(exclude=("search_key",))(Federation)


def _english() -> bool:
    return (get_language() or "").startswith("en")


class Scoped(models.Model):
    """A row that belongs to one federation and is seen along the tree.

    ``first_tier`` and ``prefecture`` are stamped by a trigger from the federation's own row, so
    that the subtree of an officer is an equality on one column and needs no join.
    """

    federation = models.ForeignKey(
        Federation,
        verbose_name=_("federation"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    first_tier = models.ForeignKey(
        Federation,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    prefecture = models.ForeignKey(
        Federation,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        abstract = True
        triggers = [
            pgtrigger.Trigger(
                name="stamp_place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("federation_id", "first_tier_id", "prefecture_id"),
                func=(
                    "SELECT f.first_tier_id, f.prefecture_id"
                    " INTO NEW.first_tier_id, NEW.prefecture_id"
                    " FROM federations_federation f WHERE f.id = NEW.federation_id;"
                    " RETURN NEW;"
                ),
            )
        ]


class DateRange(Func):
    """``daterange(since, until, '[)')``: the last day is not part of the period."""

    function = "DATERANGE"
    output_field = DateRangeField()


class HoldingQuerySet(models.QuerySet["Holding"]):
    def visible_to(self, user: Any) -> Self:
        """Posts of one's own subtree, of the federations above and of the national one.

        An officer must know whom to call above and below. The auditor reads all of them (with
        masked telephone numbers); administrators none.
        """
        scope = getattr(user, "scope", None)
        if scope is None or not getattr(user, "is_active", False):
            return self.none()
        if scope.holds("auditor"):
            return self.all()
        subtree = scope.q()
        if subtree is None:
            return self.none()
        if not subtree:
            return self.all()
        above = Q(federation_id__in=scope.lineage())
        national = Q(federation__level=Federation.Level.NATIONAL)
        return self.filter(subtree | above | national)

    def on(self, day: datetime.date) -> Self:
        """Held on that day."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)


class Holding(Scoped):
    """One person in one post of one federation for one period; the centre asks who was it when.

    Not an account: the post-holder may never sign in. Name and telephone number are personal and
    are left out of the field history.
    """

    class Post(models.TextChoices):
        LEADER_IN_CHARGE = "leader_in_charge", _("Leader in charge")
        DEPARTMENT_HEAD = "department_head", _("Head of the responsible department")
        LIAISON_OFFICER = "liaison_officer", _("Liaison officer")

    #: Posts that one person holds at a time; liaison officers may be several.
    SINGLE_SEATS = (Post.LEADER_IN_CHARGE, Post.DEPARTMENT_HEAD)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.CharField(_("post"), max_length=24, choices=Post.choices)
    name = LineField(_("name"), max_length=64)
    title = LineField(_("title"), max_length=64, blank=True)
    department = LineField(_("department"), max_length=64, blank=True)
    phone = LineField(_("telephone"), max_length=32, blank=True)
    since = models.DateField(_("since"))
    #: The first day on which the post is no longer held; equal to ``since`` where somebody else
    #: was named on the same day (an empty period, which overlaps nothing).
    until = models.DateField(_("until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = HoldingQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("post-holder")
        verbose_name_plural = _("post-holders")
        ordering = ["-since", "id"]
        constraints = [
            ExclusionConstraint(
                name="federations_holding_one_at_a_time",
                expressions=[
                    ("federation", RangeOperators.EQUAL),
                    ("post", RangeOperators.EQUAL),
                    (
                        DateRange("since", "until", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(post__in=["leader_in_charge", "department_head"]),
                violation_error_message=_("Another person holds this post in that period."),
            ),
            models.CheckConstraint(
                name="federations_holding_period",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                violation_error_message=_("The period cannot end before it begins."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["federation", "post", "-since"],
                name="federations_holding_by_post",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()} · {self.federation}"

    def get_absolute_url(self) -> str:
        return self.federation.get_absolute_url()

    @property
    def masked_phone(self) -> str:
        """The number with its middle hidden, as it stands in lists: 138****5678."""
        return mask_phone(self.phone)


track_fields(personal=("name", "phone", "title", "department"))(Holding)


def mask_phone(phone: str) -> str:
    if len(phone) < 7:
        return "*" * len(phone)
    kept = 4 if len(phone) >= 11 else 2
    return f"{phone[:3]}{'*' * (len(phone) - 3 - kept)}{phone[-kept:]}"
