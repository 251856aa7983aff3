"""From who filed when to a numbered circular that a federation reads: four people, one document."""

from __future__ import annotations

import re
import uuid
from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.platform_site.documents.measuring import Pdf

from .pages import button
from .test_summary import download

pytestmark = pytest.mark.e2e

TITLE = f"关于月度进展情况报送情况的通报（{uuid.uuid4().hex[:6]}）"


@pytest.fixture
def monthly(machine) -> dict:
    """The demo's notice of last month: most filed on time, one late, nine are late and silent."""
    for row in machine("officer").rows("/notices/", state="issued", asks="progress"):
        if re.fullmatch(r"关于报送\d+月份社会组织工作进展情况的通知", row["title"]):
            return row
    raise LookupError("the demo has no notice of last month")


def test_a_circular_about_who_filed_when(monthly, page_for):
    officer = page_for("officer")
    officer.set_default_timeout(60_000)

    # Drafted from the punctuality of the notice: its lists are those of the platform.
    officer.goto(f"/w/notices/{monthly['id']}/punctuality/")
    expect(officer.locator("#silent")).to_contain_text("西藏")
    officer.get_by_role("link", name="起草通报").click()
    officer.fill("[name=title]", TITLE)
    officer.fill("[name=before]", "现将上月进展情况报送情况通报如下。")
    officer.fill("[name=after]", "请未报送单位抓紧补报。")
    officer.select_option("[name=number_series]", "演示发")
    officer.select_option("[name=place_silent]", "1")
    officer.select_option("[name=place_late]", "2")
    officer.select_option("[name=place_on_time]", "3")
    button(officer, "保存并预览").click()
    officer.wait_for_url(re.compile(r"/w/circulars/[0-9a-f-]{36}/$"))
    address = officer.url
    sheet = officer.locator("#document")
    expect(sheet).to_contain_text("未报送的单位（9个）")
    expect(sheet).to_contain_text(re.compile("甘肃（.*报送，逾期"))
    expect(sheet).to_contain_text("请未报送单位抓紧补报。")
    expect(officer.get_by_role("link", name="批准", exact=True)).to_have_count(0)

    # One is left out, with a reason; it cannot be moved to another list.
    row = officer.locator("#federations tr", has_text="西藏")
    row.get_by_role("link").click()
    officer.fill("[name=left_out]", "通信中断，已电话说明")
    button(officer, "保存").click()
    expect(sheet).to_contain_text("未报送的单位（8个）")
    expect(sheet).to_contain_text("不列入本通报1个")

    # Another person reads why, sees the document and approves it.
    leader = page_for("leader")
    leader.goto("/w/todo/")
    leader.get_by_role("link", name=re.compile(re.escape(TITLE))).first.click()
    leader.get_by_role("link", name="批准", exact=True).click()
    expect(leader.locator("main")).to_contain_text("通信中断，已电话说明")
    expect(leader.locator("main")).to_contain_text("未报送的单位（8个）")
    button(leader, "批准").click()
    expect(leader.locator("main")).to_contain_text("已批准")

    # Issued, it takes its number and goes to all who were asked.
    officer.goto(address)
    officer.get_by_role("link", name="下发", exact=True).click()
    officer.get_by_role("button", name=re.compile("32 ?家工会")).click()
    expect(officer.locator("main")).to_contain_text(re.compile(r"演示发〔\d{4}〕\d+号"))

    told = Document(BytesIO(download(officer, "docx")))
    text = "\n".join(paragraph.text for paragraph in told.paragraphs)
    for words in ("未报送的单位（8个）", "演示发〔", "现将上月进展情况报送情况通报如下。"):
        assert words in text, words
    assert "通信中断" not in text
    officer.goto(address)
    made = Pdf(download(officer, "pdf"))
    assert len(made.pages) >= 2
    officer.goto(address)
    cells = load_workbook(BytesIO(download(officer, "xlsx"))).worksheets[0]
    assert cells.max_row == 1 + 31

    # A federation finds it in its list and reads the same, without the reason of the other.
    liaison = page_for("440000.liaison")
    liaison.goto("/w/circulars/")
    liaison.get_by_role("link", name=TITLE).click()
    expect(liaison.locator("#document")).to_contain_text("未报送的单位（8个）")
    expect(liaison.locator("main")).not_to_contain_text("通信中断")
    expect(liaison.get_by_role("link", name="撤销", exact=True)).to_have_count(0)

    # Withdrawn, it stays, and says so.
    officer.goto(address)
    officer.get_by_role("link", name="撤销", exact=True).click()
    officer.fill("[name=note]", "数据核对后另行通报")
    button(officer, "撤销").click()
    liaison.reload()
    expect(liaison.locator("main")).to_contain_text("数据核对后另行通报")


def test_the_ledger_leads_from_a_notice_to_its_summary(monthly, page_for):
    officer = page_for("officer")
    officer.goto(f"/w/ledger/?notice={monthly['id']}&step=accepted")
    line = officer.locator("main tbody tr", has_text="广东")
    expect(line).to_contain_text("审核通过")
    line.get_by_role("link", name="第1版").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("报送情况汇总")
