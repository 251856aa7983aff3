"""``/api/v1/audit-entries/``: the trail for the auditor; and the base of an object's own story."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Model
from django.utils.translation import gettext_noop

from platform_site.api.router import router
from platform_site.api.views import ListViewSet, ResourceViewSet

from .forms import DAYS
from .models import Entry, EntryQuerySet
from .queries import Filters, entries_about, narrowed
from .serializers import EntrySerializer, StorySerializer


class EntryFilter(filters.FilterSet):
    person = filters.CharFilter(max_length=64, help_text="part of the name")
    action = filters.CharFilter(max_length=80, help_text="code, such as reports.report.return")
    subject = filters.CharFilter(
        max_length=100, help_text="part of the object's name, its id, or the code of a federation"
    )
    result = filters.ChoiceFilter(choices=Entry.Result.choices)
    since = filters.DateFilter(validators=DAYS)
    until = filters.DateFilter(validators=DAYS, help_text="that day included")

    def filter_queryset(self, queryset: Any) -> Any:
        return narrowed(queryset, Filters(**self.form.cleaned_data))


class EntryViewSet(ResourceViewSet):
    """The trail across all objects: acts and refusals. The auditor's; nobody else finds an entry."""

    resource = gettext_noop("audit-entries")
    queryset = Entry.objects.none()
    serializer_class = EntrySerializer
    filterset_class = EntryFilter
    orderings = {"at": ("at", "id")}
    default_ordering = "-at"
    http_method_names = ["get", "head"]

    def get_queryset(self) -> EntryQuerySet:
        return Entry.objects.visible_to(self.request.user)


class StoryViewSet(ListViewSet):
    """What was done to one object, oldest first; whoever sees the object reads its story.

    ``get_subject()`` finds the object by ``visible_to()``.
    """

    queryset = Entry.objects.none()
    serializer_class = StorySerializer
    orderings = {"at": ("at", "id")}
    http_method_names = ["get", "head"]

    def get_subject(self) -> Model:
        raise NotImplementedError

    def get_queryset(self) -> EntryQuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Entry.objects.none()
        return self.told(entries_about(self.get_subject()))

    def told(self, entries: EntryQuerySet) -> EntryQuerySet:
        """What of the story this reader is told."""
        return entries


router.register("audit-entries", EntryViewSet, basename="audit-entries")
