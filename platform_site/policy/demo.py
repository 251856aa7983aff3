"""Demonstration data: documents that exist, with summaries in the platform's own words, and desks at work.

Numbers and dates are those that are known; nothing is made up about real documents. What is invented says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from platform_site.accounts.models import User
from platform_site.editorial import services as editorial
from platform_site.editorial.models import Piece
from platform_site.federations.models import Federation

from . import services

MARK = "（演示）"
ACFTU = "中华全国总工会"

LAW = """<h2>一、适用范围和各方职责</h2>
<p>境外非政府组织指在境外依法成立的基金会、社会团体、智库机构等非营利、非政府的社会组织；香港、澳门、台湾的组织同样适用。</p>
<p>登记管理机关是国务院公安部门和省级人民政府公安机关；业务主管单位依照公布的名录确定，对设立、变更和年度活动计划出具同意意见，对年度工作报告提出意见，并给予指导和监督。</p>
<h2>二、登记、备案和时限</h2>
<table><tbody><tr><th>事项</th><th>条款</th><th>时限</th></tr>
<tr><td>设立代表机构：取得同意后申请登记</td><td>第十二条</td><td>同意之日起三十日内</td></tr>
<tr><td>公安机关作出登记决定</td><td>第十二条</td><td>受理之日起六十日内</td></tr>
<tr><td>下一年度活动计划报业务主管单位</td><td>第十九条</td><td>每年十二月三十一日前</td></tr>
<tr><td>活动计划经同意后备案</td><td>第十九条</td><td>十日内</td></tr>
<tr><td>临时活动备案</td><td>第十七条</td><td>活动开展十五日前</td></tr>
<tr><td>年度工作报告报业务主管单位</td><td>第三十一条</td><td>每年一月三十一日前</td></tr></tbody></table>
<h2>三、临时活动</h2>
<p>未设立代表机构的，由中方合作单位办理审批和备案；中方合作单位限于国家机关、人民团体、事业单位、社会组织。临时活动期限不超过一年，结束后三十日内报送活动情况和资金使用情况。</p>"""
OPINIONS = """<h2>一、工作要求</h2><p>各级工会按照政治引领、示范带动、联系服务的要求，做好劳动关系领域社会组织工作。</p>
<h2>二、主要任务</h2><p>摸清底数，建立台账；明确联系人，建立走访和联席会议制度；加强培训和政策宣讲；通过购买服务、公益创投、孵化基地等方式引导社会组织服务职工；推动社会组织建立工会。</p>
<h2>三、保障措施</h2><p>落实分管领导、责任部门、工作力量、经费和物质保障，先行试点，逐步推开。</p>"""
INTERPRETATION = """<h2>一、为什么制定</h2><p>文件起草过程中，在工会系统上下三次征求意见，并听取社会组织代表的意见。</p>
<h2>二、联系引导做什么</h2><p>重点是政治引领、示范带动、联系服务，先摸底、后联系，再通过项目合作引导社会组织规范发展、服务职工。</p>"""
REGULATION = """<h2>一、登记管理</h2><p>成立社会团体，应当经其业务主管单位审查同意，并依照条例的规定进行登记；民政部门是登记管理机关。</p>
<h2>二、监督管理</h2><p>登记管理机关和业务主管单位依照各自职责实施监督管理和年度检查。</p>"""
PLATFORM = """<h2>一、适用范围</h2><p>第一条　本办法适用于各级工会使用全国工会社会组织工作信息平台。（演示文件）</p>
<p>第二条　平台只存放公开和内部信息，不得上传涉密内容。</p><h2>二、使用要求</h2>
<p>第三条　各级工会应当明确联系人，岗位变动的，及时办理工作交接。</p><p>第四条　数据以台账为准，由分管领导签批后报送。</p>"""


@dataclass(frozen=True)
class Desk:
    """Who writes and who holds the three reviews at one federation."""

    federation: Federation
    writer: User
    first: User
    second: User
    final: User


def load(centre: Desk, *, day: Callable[[int], dt.datetime]) -> None:
    """``day(n)`` is the morning of the nth working day from today."""
    law = _out(
        centre, day(-60),
        texts=_texts("中华人民共和国境外非政府组织境内活动管理法", LAW,
                     "规定境外非政府组织在境内开展活动的登记、备案、活动计划、年度报告和监督管理。"),
        facts={"kind": "law", "level": "state", "line": "overseas_ngos", "number": "主席令第44号",
               "issuers": ["全国人民代表大会常务委员会"], "made_on": dt.date(2016, 4, 28),
               "effective_from": dt.date(2017, 1, 1), "abridged": True},
    )  # fmt: skip
    _out(
        centre, day(-59),
        texts=_texts("关于修改境外非政府组织境内活动管理法的决定（2017年11月4日）",
                     "<p>2017年11月4日，全国人大常委会决定对境外非政府组织境内活动管理法作出修改，自公布之日起施行。</p>",
                     "2017年11月4日对境外非政府组织境内活动管理法作出修改。"),
        facts={"kind": "decision", "level": "state", "line": "overseas_ngos", "number": "主席令第81号",
               "issuers": ["全国人民代表大会常务委员会"], "made_on": dt.date(2017, 11, 4), "abridged": True,
               "relations": [{"kind": "amends", "target": str(law.pk), "note": ""}]},
    )  # fmt: skip
    _out(
        centre, day(-58),
        texts=_texts("社会团体登记管理条例", REGULATION, "规定社会团体的登记管理和监督管理。"),
        facts={"kind": "regulation", "level": "state", "number": "国务院令第250号",
               "issuers": ["国务院"], "made_on": dt.date(1998, 10, 25), "abridged": True,
               "line": "social_organisations"},
    )  # fmt: skip
    opinions = _out(
        centre, day(-50),
        texts=_texts("关于劳动关系领域社会组织工作的意见（标题以原文为准）", OPINIONS,
                     "全总2016年印发，提出政治引领、示范带动、联系服务的工作要求。起草中三次征求意见。"),
        facts={"kind": "opinions", "level": "national", "number": "总工发〔2016〕32号",
               "issuers": [ACFTU], "made_on": dt.date(2016, 12, 1), "month_only": True, "abridged": True,
               "line": "social_organisations"},
    )  # fmt: skip
    _out(
        centre, day(-49),
        texts=_texts("总工发〔2016〕32号文件解读", INTERPRETATION,
                     "说明文件的制定过程和主要任务。"),
        facts={"kind": "interpretation", "level": "national", "issuers": [ACFTU],
               "issued_on": dt.date(2016, 12, 1), "month_only": True, "abridged": True, "line": "social_organisations",
               "relations": [{"kind": "interprets", "target": str(opinions.pk), "note": ""}]},
    )  # fmt: skip
    old = _out(
        centre,
        day(-40),
        texts=_texts(
            f"信息平台使用管理暂行办法{MARK}", PLATFORM, "平台试用期间的管理要求。演示文件。"
        ),
        facts=_own(dt.date(2024, 3, 1)),
    )
    _out(
        centre, day(-20),
        texts=_texts(f"信息平台使用管理办法{MARK}", PLATFORM, "平台使用、信息报送和岗位交接的要求。演示文件。"),
        facts=_own(dt.date(2026, 3, 2)) | {
            "relations": [{"kind": "supersedes", "target": str(old.pk), "note": ""}]
        },
    )  # fmt: skip
    _waiting(centre, day)


def _waiting(centre: Desk, day: Callable[[int], dt.datetime]) -> None:
    """What the desk has before it: in each of the reviews, returned, and approved for later."""
    reviewed = _drafted(centre, day(-3), f"关于规范社会组织台账的通知{MARK}")
    reviewed = editorial.submit_piece(
        reviewed, by=centre.writer, version=reviewed.version, at=day(-3)
    )
    passed = _drafted(centre, day(-4), f"购买服务工作指引{MARK}")
    passed = editorial.submit_piece(passed, by=centre.writer, version=passed.version, at=day(-4))
    editorial.pass_first_review(
        passed, by=centre.first, version=passed.version, note="数字已核对。", at=day(-3)
    )
    returned = _drafted(centre, day(-6), f"联席会议制度（征求意见稿）{MARK}")
    returned = editorial.submit_piece(
        returned, by=centre.writer, version=returned.version, at=day(-6)
    )
    editorial.return_piece(
        returned,
        by=centre.first,
        version=returned.version,
        note="第二部分缺少责任部门，请补充。",
        at=day(-5),
    )
    later = _drafted(centre, day(-2), f"年度工作要点{MARK}", publish_at=day(5))
    later = editorial.submit_piece(later, by=centre.writer, version=later.version, at=day(-2))
    _approved(centre, later, day(-1))
    gone = _out(
        centre, day(-30),
        texts=_texts(f"关于试用平台的说明{MARK}", PLATFORM, "试用期间的说明。演示文件。"),
        facts=_own(dt.date(2024, 1, 8)),
    )  # fmt: skip
    editorial.withdraw_piece(
        gone, by=centre.second, version=gone.version, note="试用已经结束。", at=day(-10)
    )


def _texts(title: str, body: str, summary: str) -> dict[str, Any]:
    return {"title": title, "body": body, "summary": summary}


def _own(made_on: dt.date) -> dict[str, Any]:
    return {
        "kind": "rules",
        "level": "national",
        "line": "platform",
        "issuers": [ACFTU],
        "made_on": made_on,
    }


def _drafted(desk: Desk, at: dt.datetime, title: str, **texts: Any) -> Piece:
    return services.draft_document(
        by=desk.writer,
        federation=desk.federation,
        texts={**_texts(title, PLATFORM, "演示文件，内容为虚构。"), **texts},
        facts=_own(at.date()) | {"kind": "notice"},
        at=at,
    )


def _approved(desk: Desk, piece: Piece, at: dt.datetime) -> Piece:
    piece = editorial.pass_first_review(piece, by=desk.first, version=piece.version, at=at)
    piece = editorial.pass_second_review(piece, by=desk.second, version=piece.version, at=at)
    return editorial.approve_piece(piece, by=desk.final, version=piece.version, at=at)


def _out(desk: Desk, at: dt.datetime, *, texts: dict[str, Any], facts: dict[str, Any]) -> Piece:
    piece = services.draft_document(
        by=desk.writer, federation=desk.federation, texts=texts, facts=facts, at=at
    )
    piece = editorial.submit_piece(piece, by=desk.writer, version=piece.version, at=at)
    return _approved(desk, piece, at)
