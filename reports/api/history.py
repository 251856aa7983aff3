"""``/api/v1/notices/{id}/history/`` and the like: what was done to it, as its page tells it."""

from __future__ import annotations

from django.db.models import Model
from rest_framework.generics import get_object_or_404

from platform_site.api.router import router
from platform_site.audit.api import StoryViewSet
from platform_site.audit.models import EntryQuerySet
from platform_site.obligations.models import Obligation

from .. import queries
from ..models import Notice, Report


class NoticeHistoryViewSet(StoryViewSet):
    """The story of a notice; outside the centre only that it went out and how it ended."""

    resource = "notices"

    def get_subject(self) -> Model:
        visible = Notice.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["notice_id"])

    def told(self, entries: EntryQuerySet) -> EntryQuerySet:
        return queries.told_of_notice(entries, self.request.user)


class ObligationHistoryViewSet(StoryViewSet):
    """The story of what one federation owes."""

    resource = "obligations"

    def get_subject(self) -> Model:
        visible = Obligation.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["obligation_id"])


class ReportHistoryViewSet(StoryViewSet):
    """The story of a report."""

    resource = "reports"

    def get_subject(self) -> Model:
        visible = Report.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["report_id"])


for _name, _viewset in {
    "notice": NoticeHistoryViewSet,
    "obligation": ObligationHistoryViewSet,
    "report": ReportHistoryViewSet,
}.items():
    router.register(
        rf"{_name}s/(?P<{_name}_id>[0-9a-f-]{{36}})/history",
        _viewset,
        basename=f"{_name}-history",
    )
