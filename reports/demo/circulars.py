"""Circulars in the demo: one about last month's progress reports, issued; a draft about older rounds."""

from __future__ import annotations

from platform_site.documents.models import NumberSeries
from platform_site.federations.models import Federation

from .. import services
from ..models import CircularList, Notice
from ..queries.circulars import rounds_for
from .people import Cast, at_hour, working_day

BEFORE = """为进一步压实报送责任，现将有关单位报送情况通报如下。"""
AFTER = """请未报送单位于三个工作日内补报，并说明原因；逾期报送单位要加强内部审签衔接，按时限要求报送。"""


def load(cast: Cast, notice: Notice) -> None:
    """``notice`` is that of last month's progress reports, with which nine federations are late."""
    centre = Federation.objects.national()
    circular = services.draft_circular(
        by=cast.officer,
        federation=centre,
        title="关于上月社会组织工作进展情况报送情况的通报",
        as_of=working_day(-1),
        rounds=notice.request.rounds.all(),
        before=BEFORE,
        after=AFTER,
        number_series=NumberSeries.objects.get(word="演示发"),
        at=at_hour(working_day(-1), 17, 30),
    )
    circular = services.set_line(
        circular,
        by=cast.officer,
        version=circular.version,
        federation=Federation.objects.get(code="440000"),
        remark="数据与台账一致，做法写得具体。",
        at=at_hour(working_day(-1), 17, 35),
    )
    circular = services.approve_circular(
        circular, by=cast.leader, version=circular.version, at=at_hour(working_day(-1), 17, 40)
    )
    services.issue_circular(
        circular, by=cast.officer, version=circular.version, at=at_hour(working_day(-1), 17, 45)
    )
    rounds = rounds_for(cast.officer).filter(request__notice__asks="progress")
    services.draft_circular(
        by=cast.officer,
        federation=centre,
        title="关于近期进展情况报送情况的通报",
        as_of=working_day(-1),
        rounds=list(rounds[:2])[::-1],
        before=BEFORE,
        lists=[CircularList.LATE, CircularList.SILENT, CircularList.QUALITY, CircularList.TABLE],
        at=at_hour(working_day(-1), 17, 50),
    )
