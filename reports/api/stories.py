"""The story of an object (办理留痕): who may see the object may read what was done to it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.mixins import ListModelMixin

from platform_site.api.router import router
from platform_site.api.views import ActViewSet
from platform_site.audit.models import Entry
from platform_site.obligations.models import Obligation

from ..models import Notice, Report
from ..queries import notice_story
from ..serializers.reminding import StoryEntrySerializer


class _StoryViewSet(ListModelMixin, ActViewSet):
    queryset = Entry.objects.none()
    serializer_class = StoryEntrySerializer
    orderings = {"at": ("at", "id")}
    http_method_names = ("get", "head")

    def get_queryset(self) -> QuerySet[Entry]:
        if getattr(self, "swagger_fake_view", False):
            return Entry.objects.none()
        return self.get_story()

    def get_story(self) -> QuerySet[Entry]:
        raise NotImplementedError


class NoticeStoryViewSet(_StoryViewSet):
    """What was done to a notice; outside of the centre, that it was issued and how it ended."""

    resource = "notices"

    def get_story(self) -> QuerySet[Entry]:
        notices = Notice.objects.visible_to(self.request.user)
        return notice_story(
            get_object_or_404(notices, pk=self.kwargs["notice_id"]), self.request.user
        )


class ObligationStoryViewSet(_StoryViewSet):
    """What was done about what one federation owes."""

    resource = "obligations"

    def get_story(self) -> QuerySet[Entry]:
        owed = Obligation.objects.visible_to(self.request.user)
        return Entry.objects.about(get_object_or_404(owed, pk=self.kwargs["obligation_id"]))


class ReportStoryViewSet(_StoryViewSet):
    """What was done to a report, by whom and why."""

    resource = "reports"

    def get_story(self) -> QuerySet[Entry]:
        reports = Report.objects.visible_to(self.request.user)
        return Entry.objects.about(get_object_or_404(reports, pk=self.kwargs["report_id"]))


ID = "[0-9a-f-]{36}"
router.register(rf"notices/(?P<notice_id>{ID})/story", NoticeStoryViewSet, basename="notice-story")
router.register(
    rf"obligations/(?P<obligation_id>{ID})/story",
    ObligationStoryViewSet,
    basename="obligation-story",
)
router.register(rf"reports/(?P<report_id>{ID})/story", ReportStoryViewSet, basename="report-story")
