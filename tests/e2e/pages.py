"""What the browser's tests do on many pages."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import Locator, Page

from tests.answers import GOOD_ANSWERS

#: A whole pilot plan with one unusual figure, and why it is right.
ANSWERS = {**GOOD_ANSWERS, "pilots_county": "412"}
EXPLANATION = "全省县区全部纳入试点，已核实。"
#: The sections of a pilot plan.
SECTIONS = ("goals", "places", "tasks", "safeguards", "approval")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def fill_section(page: Page, answers: dict[str, str]) -> None:
    """Fill those of the answers that this section asks for."""
    for code, value in answers.items():
        control = page.locator(f"[name=answer-{code}]")
        if control.count() == 0:
            continue
        if control.first.get_attribute("type") == "radio":
            page.locator(f"[name=answer-{code}][value={value}]").check()
        elif control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


def sign_off(page: Page, report: str) -> None:
    """Record that the leader signed the paper today."""
    page.goto(report + "sign-off/")
    page.fill("[name=name]", "梁粤领（演示）")
    page.fill("[name=on]", dt.date.today().isoformat())
    button(page, "登记签批").click()
