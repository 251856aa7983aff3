"""Every page kind under axe-core, in both languages; nothing wider than the window; no complaints."""

from __future__ import annotations

import json
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.e2e

SERIOUS = {"serious", "critical"}


def first(demo, username: str, path: str, **wanted: str) -> str:
    """The id of the first row of an API list with these values."""
    asked = urllib.request.Request(
        f"{demo.url}/api/v1/{path}/?page_size=100",
        headers={"Authorization": f"Bearer {demo.accounts[username]['token']}"},
    )
    rows = json.load(urllib.request.urlopen(asked))["results"]
    return next(
        row["id"] for row in rows if all(row[key] == value for key, value in wanted.items())
    )


@pytest.fixture(scope="session")
def addresses(demo) -> dict[str, list[str]]:
    """The page kinds by the account that opens them."""
    notice = first(demo, "officer", "notices", state="issued")
    draft = first(demo, "officer", "notices", state="draft")
    waiting = first(demo, "officer", "reports", state="submitted")
    resubmitted = first(demo, "officer", "reports", federation="370000")
    returned = first(demo, "430000.liaison", "reports")
    drafting = first(demo, "440000.liaison", "reports", state="draft")
    return {
        "": ["/", "/help/", "/accounts/login/", "/accounts/password/reset/"],
        "officer": [
            "/w/",
            "/w/todo/",
            "/w/done/",
            "/w/started/",
            "/w/notices/",
            "/w/notices/new/",
            f"/w/notices/{notice}/",
            f"/w/notices/{draft}/edit/",
            f"/w/notices/{notice}/withdraw/",
            "/w/reports/",
            f"/w/reports/{waiting}/",
            f"/w/reports/{waiting}/review/",
            f"/w/reports/{resubmitted}/review/",
            f"/w/reports/{resubmitted}/compare/?from=1&to=2",
            "/w/federations/",
            "/w/federations/440000/",
            "/w/notifications/",
            "/w/tokens/",
            "/w/settings/",
            "/w/no-such-page/",
        ],
        "440000.liaison": [
            "/w/",
            f"/w/reports/{drafting}/fill/",
            f"/w/reports/{drafting}/fill/safeguards/",
            f"/w/reports/{drafting}/sign-off/",
            f"/w/reports/{drafting}/submit/",
            f"/w/reports/{drafting}/?tab=files",
            f"/w/reports/{drafting}/?tab=history",
        ],
        "430000.liaison": [f"/w/reports/{returned}/fill/", f"/w/reports/{returned}/fill/tasks/"],
        "secadmin": ["/w/accounts/", "/w/accounts/invite/"],
        "sysadmin": ["/w/deliveries/"],
        "auditor": ["/w/audit/", f"/w/reports/{waiting}/"],
    }


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in found
        if each["impact"] in SERIOUS
    ]


def speak(page: Page, language: str) -> None:
    """Switch the language as a person does: with the button in the bar."""
    if page.locator("html").get_attribute("lang").startswith(language):
        return
    page.locator("form[action='/language/'] button").first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "username",
    ["", "officer", "440000.liaison", "430000.liaison", "secadmin", "sysadmin", "auditor"],
)
def test_no_serious_finding(username, language, addresses, page_for):
    page = page_for(username)
    page.goto("/w/" if username else "/")
    speak(page, language)
    found = []
    for address in addresses[username]:
        page.goto(address)
        assert page.locator("html").get_attribute("lang").startswith(language)
        assert page.locator("h1").count() == 1, address
        found += [f"{address} {fault}" for fault in faults(page)]
    speak(page, "zh")
    assert "\n".join(found) == ""


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("username", ["", "officer", "440000.liaison", "430000.liaison"])
def test_nothing_is_wider_than_the_window(username, width, addresses, page_for):
    page = page_for(username, viewport={"width": width, "height": 800})
    wide = []
    for address in addresses[username]:
        page.goto(address)
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            wide.append(f"{address}: {needed}")
    assert wide == []
