"""督导: a round of calls, what was promised on the telephone, and how it ends."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from .pages import button

pytestmark = pytest.mark.e2e


def today() -> dt.date:
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def test_a_promise_on_the_telephone_becomes_an_action_point_and_is_verified(demo, page_for):
    officer = page_for("officer")
    officer.goto("/w/phone-rounds/")
    officer.get_by_role("link", name="新建通话轮次").first.click()
    # Nobody chosen: what was typed stays, and the reason stands at the top.
    officer.get_by_label("标题").fill("十二月集中电话交流")
    day = today()
    officer.get_by_label("起始日期").fill(day.isoformat())
    officer.get_by_label("截止日期").fill((day + dt.timedelta(days=7)).isoformat())
    for box in officer.get_by_role("checkbox").all():
        box.set_checked(False)
    button(officer, "新建轮次").click()
    officer.get_by_role("alert").get_by_text("请至少选择").wait_for()
    assert officer.get_by_label("标题").input_value() == "十二月集中电话交流"
    for name in ("湖南", "吉林"):
        officer.get_by_role("checkbox", name=re.compile(name)).check()
    button(officer, "新建轮次").click()

    officer.get_by_role("link", name=re.compile("填写通话结果.*湖南")).click()
    outcome = officer.get_by_label("结果")
    assert outcome.is_visible()
    button(officer, "登记通话").click()
    officer.get_by_text("请填写通话结果").first.wait_for()
    outcome.fill("试点台账已建，约定补齐两个市的联系人。")
    button(officer, "登记通话").click()
    officer.get_by_text("约定补齐两个市的联系人").wait_for()
    assert officer.get_by_role("link", name=re.compile("填写通话结果.*湖南")).count() == 0
    assert officer.get_by_role("link", name=re.compile("填写通话结果.*吉林")).count() == 1

    officer.locator("#called").get_by_role("link", name=re.compile("湖南")).click()
    officer.get_by_role("link", name="提出整改事项").click()
    officer.get_by_label("需要落实的事项").fill("补齐两个市的联系人名单。")
    officer.get_by_label("截止日期").fill((day + dt.timedelta(days=14)).isoformat())
    button(officer, "提出整改事项").click()

    liaison = page_for("430000.liaison")
    liaison.goto("/w/todo/")
    liaison.get_by_role("link", name=re.compile("补齐两个市的联系人名单")).first.click()
    liaison.get_by_role("link", name="报告完成").click()
    button(liaison, "报告完成").click()
    liaison.get_by_text("请说明").first.wait_for()
    liaison.get_by_label("完成情况").fill("名单已补齐，联系人12名均已到位。")
    button(liaison, "报告完成").click()
    liaison.get_by_text("已报告完成").first.wait_for()
    assert liaison.get_by_role("link", name="核实").count() == 0

    officer.goto("/w/todo/")
    officer.get_by_role("link", name=re.compile("补齐两个市的联系人名单")).first.click()
    officer.get_by_role("link", name="核实").click()
    button(officer, "核实").click()
    officer.get_by_text("已核实").first.wait_for()
    liaison.goto("/w/todo/")
    assert liaison.get_by_role("link", name=re.compile("补齐两个市的联系人名单")).count() == 0
