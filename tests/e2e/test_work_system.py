"""The centre finds a gap, the province closes it; a printed report comes back as a scan by itself."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from .running import Machine

pytestmark = pytest.mark.e2e

HUNAN = "430000.liaison"


def _budget(demo) -> str:
    row = Machine(demo, "officer").get("/work-system/430000/")
    return next(cell["state"] for cell in row["cells"] if cell["subject"] == "budget")


def test_a_gap_is_seen_looked_back_from_and_closed(demo, page_for, tmp_path):
    assert _budget(demo) == "missing"
    page = page_for("officer")
    page.goto("/w/work-system/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="湖南", exact=True))
    assert row.get_by_text("未落实").count() == 1
    page.get_by_label("截至日期").fill("2023-12-31")
    page.get_by_role("button", name="搜索").click()
    page.get_by_text("2023年12月31日").first.wait_for()
    page.get_by_role("link", name="四川", exact=True).click()
    former = page.locator("#leader p").first.inner_text()
    page.get_by_role("link", name="查看当前情况").click()
    assert page.locator("#leader p").first.inner_text() != former

    paper = tmp_path / "经费安排.txt"
    paper.write_text("年度经费安排。", encoding="utf-8")
    page = page_for(HUNAN)
    page.goto("/w/work-system/430000/")
    page.locator("#budget").get_by_role("link", name="重新填报").click()
    page.get_by_label("金额（万元）").fill("86.5")
    page.get_by_label("发文字号").fill("湘工办〔2026〕15号")
    page.get_by_label("佐证材料").set_input_files(paper)
    page.get_by_role("button", name="保存填报").click()
    card = page.locator("#budget")
    card.get_by_text("已落实").wait_for()
    assert "86.5万元" in card.inner_text()
    assert "1 个文件" in card.inner_text()
    assert _budget(demo) == "settled"


def test_a_printed_report_attaches_its_own_scan(demo, page_for, tmp_path):
    machine = Machine(demo, HUNAN)
    report = machine.rows("/reports/?state=accepted", federation="430000")[0]["id"]
    number = machine.rows(f"/reports/{report}/versions/")[-1]["number"]
    page = page_for(HUNAN)
    page.goto(f"/w/reports/{report}/versions/{number}/")
    printed = pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4")))
    scan = tmp_path / "盖章件.png"
    printed[0].render(scale=2).to_pil().convert("L").rotate(1.2, fillcolor=255).save(scan)
    page.get_by_role("link", name="上传盖章扫描件").click()
    page.get_by_label("扫描件").set_input_files(scan)
    page.get_by_role("button", name="上传", exact=True).click()
    line = page.locator("[data-scan]")
    line.get_by_text("已归入").wait_for()
    line.get_by_role("link").click()
    page.get_by_role("link", name="盖章件.png").wait_for()
    assert page.url.endswith(f"/w/reports/{report}/versions/{number}/")
