"""From a notice that nobody has answered to the summary of the 32, two of them missing, as a document."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.platform_site.documents.measuring import Pdf

from .pages import button
from .running import Machine

pytestmark = pytest.mark.e2e

TITLE = f"关于报送专项工作进展情况的通知（{uuid.uuid4().hex[:6]}）"
MISSING = ("540000", "650000")


def answers(number: int) -> dict[str, str]:
    # More than anything the demo has reported before: cumulative figures do not fall.
    return {
        "done": f"第{number}个单位的做法和成效："
        + "围绕重点任务逐项推进，按月调度，责任到人。" * 6,
        "next_step": "完成台账复核，启动第二批购买服务项目，总结推广两个以上典型案例，按时报送。",
        "organisations_surveyed": str(2000 + number),
        "organisations_on_ledger": str(1500 + number),
        "organisations_contacted": str(1000 + number),
        "projects_purchased": "4",
        "funds_purchased": "12.5",
        "workers_served": "1000",
    }


@pytest.fixture
def notice(machine) -> str:
    body = {
        "id": str(uuid.uuid4()),
        "title": TITLE,
        "text": "请如实填写工作数据。",
        "asks": "progress",
        "form": "progress_report",
        "business_line": "social_organisations",
        "due_on": (dt.date.today() + dt.timedelta(days=14)).isoformat(),
    }
    machine("officer").call("POST", "/notices/", body)
    path = f"/notices/{body['id']}/"
    machine("leader").take(path, "approve")
    machine("officer").take(path, "issue")
    return body["id"]


def file_and_accept(demo, machine, notice: str) -> None:
    """Thirty provinces file through the API, as their systems would; the centre accepts each."""
    owed = [
        row
        for row in machine("officer").rows(f"/obligations/?request={notice}")
        if row["federation"] not in MISSING
    ]
    assert len(owed) == 30
    tokens = demo.tokens(*(f"{row['federation'].lower()}.liaison" for row in owed))
    for number, row in enumerate(owed):
        name = f"{row['federation'].lower()}.liaison"
        province = Machine(demo, name, tokens[name])
        path = f"/obligations/{row['id']}/"
        province.take(path, "sign-for", leader_name="负责人（演示）", department="社会联络部")
        body = {"obligation": row["id"], "answers": answers(number)}
        report = f"/reports/{json.load(province.call('POST', '/reports/', body))['id']}/"
        province.take(report, "sign-off", name="负责人（演示）", on=dt.date.today().isoformat())
        province.take(report, "submit", explanation="数据已逐项核对。")
        machine("officer").take(report, "accept")


def download(page: Page, form: str) -> bytes:
    """Ask for the file, follow the background job to its end, take the file home."""
    page.locator(f"form[action$='/build/'] button[value={form}]").click()
    page.wait_for_url("**/w/jobs/**")
    link = page.get_by_role("link", name=re.compile("下载")).or_(
        page.get_by_role("link", name=re.compile(form))
    )
    link.first.wait_for(timeout=90_000)
    with page.expect_download() as got:
        link.first.click()
    return got.value.path().read_bytes()


def test_from_an_empty_matrix_to_a_summary_of_the_32(demo, machine, notice, page_for, printed):
    officer = page_for("officer")
    officer.set_default_timeout(60_000)

    # Nobody has answered: the column is there, and no federation counts as zero of anything.
    officer.goto(f"/w/matrix/?show={notice}")
    expect(officer.locator("main")).to_contain_text(TITLE)
    before = machine("officer").get(f"/notices/{notice}/matrix/")
    assert {row["standing"] for row in before["rows"]} == {"waiting"}

    file_and_accept(demo, machine, notice)
    officer.goto(f"/w/matrix/?show={notice}")
    expect(officer.locator("main")).to_contain_text("30/32")
    after = machine("officer").get(f"/notices/{notice}/matrix/")
    assert sorted(row["federation"] for row in after["rows"] if row["filed_at"] is None) == sorted(
        MISSING
    )

    # The summary: figures with the missing by name, a paragraph for each, edited beside its source.
    officer.goto(f"/w/notices/{notice}/")
    button(officer, "汇总").click()
    officer.wait_for_url("**/w/summaries/**")
    summary = officer.url
    main = officer.locator("main")
    expect(main).to_contain_text("2个单位未报送：西藏、新疆")
    surveyed = officer.locator("#figure-organisations_surveyed")
    expect(surveyed).to_contain_text(f"{30 * 2000 + sum(range(30)):,} 家")
    expect(surveyed).to_contain_text("西藏、新疆")
    surveyed.locator("summary").click()
    assert surveyed.get_by_role("listitem").count() == 30
    surveyed.get_by_role("link", name="广东").click()  # each figure leads to its report
    expect(officer.locator("main")).to_contain_text("广东省总工会")
    officer.goto(summary)
    assert officer.locator(".summing__part").count() == 30
    officer.locator("#part-440000").get_by_role("link", name=re.compile("对照报告编辑")).click()
    expect(officer.locator("main")).to_contain_text("报送原文")
    officer.fill("[name=text]", "广东按月调度，责任到人，台账逐级复核。")
    button(officer, "保存并编辑下一段").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("广西")

    # Arranged: Guangdong stands first with a chart behind it, one report is left out by name.
    officer.goto(f"{summary}parts/630000/")
    officer.fill("[name=left_out]", "数据正在复核")
    button(officer, "保存").click()
    officer.goto(f"{summary}arrange/")
    officer.fill("[name=place_440000]", "1")
    officer.fill("[name=place_110000]", "2")
    officer.select_option("[name=new_kind]", "bars")
    officer.locator("[name=new_indicators][value=organisations_surveyed]").check()
    officer.select_option("[name=new_after]", "440000")
    button(officer, "保存").click()
    officer.wait_for_url(summary)
    expect(officer.locator(".summing__part").first).to_contain_text("广东")
    assert officer.locator(".summing__part").count() == 29
    expect(officer.locator("#left-out")).to_contain_text("青海")
    expect(officer.locator("figure .chart__table")).to_contain_text("北京")
    surveyed.locator("summary").click()
    surveyed.get_by_role("link", name=re.compile("查看全部来源和版次")).click()
    assert officer.locator("#sources tbody tr").count() == 29

    # Frozen as edition 1, and taken home in three forms.
    officer.goto(summary)
    officer.get_by_role("link", name="定稿").click()
    button(officer, "第1版定稿").click()
    officer.wait_for_url("**/editions/1/")
    edition = officer.url

    told = Document(BytesIO(docx := download(officer, "docx")))
    text = "\n".join(paragraph.text for paragraph in told.paragraphs)
    for words in (
        "应报32个单位",
        "已报30个",
        "未报2个",
        "未报送的有2个单位：西藏、新疆",
        "广东按月调度，责任到人，台账逐级复核。",
        "未列入汇总的有1个单位：青海（数据正在复核）",
        "摸底调查的社会组织数（单位：家）",
    ):
        assert words in text, words
    opened = printed(docx, "summary")
    everything = "".join(opened.text(place) for place in range(len(opened.pages)))
    assert "报送情况汇总" in everything.replace("\n", "").replace("\r", "")

    officer.goto(edition)
    made = Pdf(download(officer, "pdf"))
    assert len(made.pages) >= 4
    assert any(page.get_width() > page.get_height() for page in made.pages)  # the table, turned

    officer.goto(edition)
    sheet = load_workbook(BytesIO(download(officer, "xlsx"))).worksheets[0]
    assert sheet.max_row == 1 + 32 + 1  # heading, the 32, the whole
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]

    # The API tells the same.
    row = machine("officer").get(f"/summaries/?notice={notice}")["results"][0]
    whole = machine("officer").get(f"/summaries/{row['id']}/editions/1/")
    assert whole["content"]["counts"]["not_filed"] == 2
