"""Every page kind under axe-core, in both languages; nothing wider than the window; no complaints."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .running import Machine

pytestmark = pytest.mark.e2e

SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="session")
def addresses(demo) -> dict[str, list[str]]:
    """The page kinds by the account that opens them."""
    centre, guangdong = Machine(demo, "officer"), Machine(demo, "440000.liaison")
    hunan, leader = Machine(demo, "430000.liaison"), Machine(demo, "leader")
    # The demo's own rows come last: each list begins with what is newest.
    notice = centre.rows("/notices/", state="issued", asks="pilot_plan")[-1]["id"]
    draft = leader.rows("/notices/", state="draft")[-1]["id"]
    waiting = centre.rows("/reports/", state="submitted")[-1]["id"]
    resubmitted = centre.rows("/reports/", federation="370000", kind="pilot_plan")[-1]["id"]
    [back] = hunan.rows("/reports/", state="returned")
    comment = hunan.get(f"/reports/{back['id']}/comments/")["results"][0]["id"]
    drafting = guangdong.rows("/reports/", state="draft")[-1]["id"]
    owed = guangdong.rows(f"/obligations/?request={notice}")[0]["id"]
    returned = back["id"]
    summary = centre.rows("/summaries/")[-1]["id"]
    circulars = {row["state"]: row["id"] for row in centre.rows("/circulars/")}
    visits = {row["state"]: row["id"] for row in centre.rows("/supervision-records/")}
    round = centre.rows("/phone-rounds/")[-1]["id"]
    statement = guangdong.rows("/work-statements/?federation=440000")[0]["id"]
    asked = centre.rows("/work-requests/")[0]["id"]
    points = {row["state"]: row["id"] for row in guangdong.rows("/action-points/")}
    job = centre.rows("/jobs/")[-1]["id"]
    made = {"name": "数据平台", "url": "https://8.8.8.8/hooks", "kinds": ["notice.issued"]}
    webhook = json.load(centre.call("POST", "/webhooks/", made))["id"]
    centre.take(f"/webhooks/{webhook}/", "pause")  # nothing of the demo goes out
    recurring = next(
        row for row in centre.rows("/notices/", state="issued") if row["frequency"] == "quarterly"
    )["id"]
    ahead = centre.get(f"/notices/{recurring}/rounds/")["ahead"][0]["period"]
    late = centre.rows(f"/obligations/?request={notice}", standing="drafting")[0]["id"]
    yunnan = Machine(demo, "530000.liaison")
    passed = yunnan.rows("/pass-downs/")[-1]["id"]
    [below] = [row["id"] for row in yunnan.rows(f"/obligations/?parent={passed}&filed=false")]
    [gathering] = [
        row["id"] for row in yunnan.rows("/reports/", federation="530000", obligation=passed)
    ]
    content = {row["state"]: row for row in centre.rows("/content/")}
    piece, out = content["draft"]["id"], centre.rows("/policies/")[0]["slug"]
    return {
        "": [
            "/policy/",
            "/policy/?validity=repealed&year=2024",
            f"/policy/{out}/",
            "/",
            "/help/",
            "/accounts/login/",
            "/accounts/password/reset/",
        ],
        "officer": [
            "/w/",
            "/w/overview/",
            "/w/todo/",
            "/w/done/",
            "/w/started/",
            "/w/matrix/",
            "/w/notices/",
            "/w/notices/new/",
            f"/w/notices/{notice}/",
            f"/w/notices/{recurring}/",
            f"/w/notices/{recurring}/rounds/{ahead}/move/",
            f"/w/notices/{draft}/edit/",
            f"/w/notices/{notice}/withdraw/",
            f"/w/notices/{notice}/chase/",
            f"/w/notices/{notice}/reminders/",
            f"/w/notices/{notice}/punctuality/",
            f"/w/obligations/{late}/",
            f"/w/obligations/{late}/extend/",
            f"/w/obligations/{late}/waive/",
            "/w/reminders/",
            "/w/reports/",
            f"/w/reports/{waiting}/",
            f"/w/reports/{waiting}/review/",
            f"/w/reports/{resubmitted}/review/",
            f"/w/reports/{resubmitted}/compare/?from=1&to=2",
            f"/w/reports/{resubmitted}/versions/1/",
            f"/w/reports/{resubmitted}/return/",
            f"/w/reports/{resubmitted}/accept/",
            f"/w/reports/{resubmitted}/?tab=comments",
            f"/w/matrix/?show={notice}",
            "/w/matrix/?as_of=2026-11-20",
            "/w/summaries/",
            f"/w/summaries/{summary}/",
            f"/w/summaries/{summary}/edit/",
            f"/w/summaries/{summary}/parts/440000/",
            f"/w/summaries/{summary}/freeze/",
            f"/w/summaries/{summary}/editions/1/",
            f"/w/summaries/{summary}/arrange/",
            f"/w/summaries/{summary}/totals/workers_served/",
            "/w/ledger/",
            "/w/circulars/",
            "/w/circulars/new/",
            f"/w/circulars/{circulars['issued']}/",
            f"/w/circulars/{circulars['issued']}/withdraw/",
            f"/w/circulars/{circulars['draft']}/",
            f"/w/circulars/{circulars['draft']}/edit/",
            f"/w/circulars/{circulars['draft']}/lines/140000/",
            "/w/supervision-records/",
            "/w/supervision-records/call/",
            "/w/supervision-records/plan/",
            f"/w/supervision-records/{visits['accepted']}/",
            f"/w/supervision-records/{visits['planned']}/hold/",
            f"/w/supervision-records/{visits['planned']}/cancel/",
            f"/w/supervision-records/{visits['held']}/write/",
            f"/w/supervision-records/{visits['returned']}/edit/",
            "/w/supervision-records/contacts/",
            "/w/phone-rounds/",
            "/w/phone-rounds/new/",
            f"/w/phone-rounds/{round}/",
            f"/w/phone-rounds/{round}/?call=520000",
            "/w/content/",
            f"/w/content/{piece}/",
            f"/w/content/{piece}/preview/",
            f"/w/content/{content['published']['id']}/",
            f"/w/content/{content['published']['id']}/compare/?from=1",
            f"/w/content/{content['published']['id']}/withdraw/",
            f"/w/content/{content['first_review']['id']}/pass-first/",
            "/w/policy/new/",
            f"/w/policy/{piece}/edit/",
            "/w/action-points/",
            f"/w/action-points/{points['reported']}/",
            f"/w/action-points/{points['reported']}/verify/",
            f"/w/action-points/{points['reported']}/reopen/",
            f"/w/action-points/new/reports.supervisionrecord:{visits['accepted']}/",
            "/w/work-system/",
            "/w/work-system/?state=gap&as_of=2024-06-01",
            "/w/work-system/ask/",
            "/w/work-system/IU03/",
            f"/w/work-requests/{asked}/",
            "/w/handovers/",
            "/w/jobs/",
            f"/w/jobs/{job}/",
            "/w/forms/",
            "/w/forms/new/",
            "/w/forms/progress_report/",
            "/w/forms/progress_report/change/",
            "/w/forms/progress_report/versions/1/",
            "/w/forms/progress_report/versions/2/",
            "/w/forms/progress_report/versions/2/preview/?section=figures",
            "/w/forms/progress_report/versions/2/discard/",
            "/w/forms/progress_report/versions/2/sections/figures/",
            "/w/forms/progress_report/versions/2/questions/workers_served/",
            "/w/forms/progress_report/versions/2/questions/new/?kind=choice",
            "/w/forms/progress_report/versions/2/questions/new/?kind=table",
            "/w/forms/quarterly_pilots/versions/1/",
            "/w/forms/quarterly_pilots/versions/1/preview/?section=sites",
            "/w/forms/quarterly_pilots/versions/1/preview/?section=papers",
            "/w/forms/progress_report/versions/2/questions/trainings/remove/",
            "/w/forms/progress_report/versions/2/rules/1/",
            "/w/figures/",
            "/w/figures/?rows=indicator&columns=period",
            "/w/figures/trend/",
            "/w/figures/ranking/?indicator=organisations_contacted",
            "/w/figures/progress/",
            "/w/figures/timing/",
            "/w/figures/sources/?indicator=organisations_contacted"
            f"&since={dt.date.today().year - 1}&until={dt.date.today().year}",
            f"/w/figures/targets/?indicator=trainings&year={dt.date.today().year}",
            "/w/indicators/",
            "/w/indicators/new/",
            "/w/indicators/workers_served/",
            "/w/document-numbers/",
            "/w/document-templates/",
            "/w/federations/",
            "/w/federations/440000/",
            "/w/notifications/",
            "/w/tokens/",
            "/w/tokens/create/",
            "/w/grants/",
            f"/w/grants/give/reports.report:{waiting}/",
            "/w/webhooks/",
            "/w/webhooks/create/",
            f"/w/webhooks/{webhook}/",
            f"/w/webhooks/{webhook}/secret/",
            f"/w/webhooks/{webhook}/delete/",
            "/w/settings/",
            "/w/no-such-page/",
        ],
        "leader": [
            "/w/",
            "/w/overview/",
            "/w/todo/",
            f"/w/notices/{draft}/",
            f"/w/notices/{draft}/approve/",
            f"/w/circulars/{circulars['draft']}/approve/",
            f"/w/supervision-records/{visits['written']}/accept/",
            f"/w/supervision-records/{visits['written']}/return/",
        ],
        "440000.liaison": [
            "/w/",
            "/w/todo/",
            f"/w/notices/{notice}/",
            f"/w/obligations/{owed}/",
            f"/w/reports/{drafting}/fill/",
            f"/w/reports/{drafting}/fill/safeguards/",
            f"/w/reports/{drafting}/workbook/",
            f"/w/reports/{drafting}/sign-off/",
            f"/w/reports/{drafting}/submit/",
            f"/w/reports/{drafting}/?tab=files",
            f"/w/reports/{drafting}/?tab=history",
            "/w/circulars/",
            f"/w/circulars/{circulars['issued']}/",
            "/w/ledger/",
            "/w/supervision-records/",
            "/w/action-points/?show=mine",
            f"/w/action-points/{points['open']}/report/",
            "/w/work-system/440000/",
            "/w/work-system/440000/state/?subject=budget",
            f"/w/work-statements/{statement}/",
            f"/w/work-statements/{statement}/correct/",
            f"/w/work-statements/{statement}/end/",
            "/w/handovers/new/",
            "/w/report-scans/",
        ],
        "430000.liaison": [
            f"/w/reports/{returned}/fill/",
            f"/w/reports/{returned}/fill/tasks/",
            f"/w/comments/{comment}/reply/",
        ],
        "530000.liaison": [
            f"/w/obligations/{passed}/passed-down/",
            f"/w/obligations/{passed}/passed-down/chase/",
            f"/w/obligations/{passed}/pass-down/",
            f"/w/obligations/{below}/take-back/",
            f"/w/reports/{gathering}/fill/figures/",
            f"/w/reports/{gathering}/roll-up/",
            f"/w/reports/{gathering}/gathering/",
            f"/w/reports/{gathering}/",
        ],
        "secadmin": ["/w/accounts/", "/w/accounts/invite/", "/w/grants/"],
        "sysadmin": ["/w/deliveries/"],
        "auditor": ["/w/audit/", f"/w/reports/{waiting}/"],
    }


#: WCAG 2.2, 2.5.8: axe leaves it out unless it is asked.
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def faults(page: Page) -> list[str]:
    # Whatever happens to be scrolled half under the bar at the foot is no small target; that the focus
    # is never hidden by it has a test of its own.
    page.evaluate(
        "document.querySelectorAll('.action-bar').forEach(e => e.style.position = 'static')"
    )
    found = Axe().run(page, options=OPTIONS).response["violations"]
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
    [
        *("", "officer", "leader", "440000.liaison", "430000.liaison", "530000.liaison"),
        *("secadmin", "sysadmin", "auditor"),
    ],
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
@pytest.mark.parametrize(
    "username",
    [
        *("", "officer", "leader", "440000.liaison", "430000.liaison", "530000.liaison"),
        *("secadmin", "auditor"),
    ],
)
def test_nothing_is_wider_than_the_window(username, width, addresses, page_for):
    page = page_for(username, viewport={"width": width, "height": 800})
    wide = []
    for address in addresses[username]:
        page.goto(address)
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            wide.append(f"{address}: {needed}")
    assert wide == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_serious_finding_beside_errors(language, owed, empty_report, page_for):
    page = page_for("440000.liaison")
    page.goto(f"/w/reports/{empty_report}/submit/")
    speak(page, language)
    found = []
    for form in ("submit", "sign-off", "fill/goals"):
        page.goto(f"/w/reports/{empty_report}/{form}/")
        page.locator("main .action-bar button[type=submit]").last.click()
        page.wait_for_load_state()
        found += [f"{form} {fault}" for fault in faults(page)]
    speak(page, "zh")
    assert "\n".join(found) == ""


#: Whether the focused control lies wholly below something else: WCAG 2.2, 2.4.11.
HIDDEN = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const r = e.getBoundingClientRect();
  if (!r.width || !r.height) return "";
  const points = [];
  for (const x of [0.1, 0.5, 0.9]) for (const y of [0.1, 0.5, 0.9])
    points.push([r.left + r.width * x, r.top + r.height * y]);
  const seen = points.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (top === e || e.contains(top) || top.contains(e) || [...(e.labels || [])].some(
      (label) => label === top || label.contains(top)));
  });
  return seen ? "" : e.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("window", [{"width": 1366, "height": 768}, {"width": 390, "height": 844}])
def test_the_focus_is_never_hidden(window, addresses, page_for):
    for username, place in (("officer", "/review/"), ("440000.liaison", "/fill/safeguards/")):
        page = page_for(username, viewport=window)
        address = next(each for each in addresses[username] if each.endswith(place))
        page.goto(address)
        hidden = []
        for key in ["Tab"] * 70 + ["Shift+Tab"] * 70:
            page.keyboard.press(key)
            hidden.append(page.evaluate(HIDDEN))
        assert [each for each in hidden if each] == [], address


def test_a_policy_breach_would_be_heard(page_for, demo):
    """The fixture that fails a test on the browser's complaints does hear them."""
    from .conftest import COMPLAINTS

    page = page_for("")
    page.goto("/")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = '1';"
        " document.head.append(s); }"
    )
    page.wait_for_function("() => true")
    assert any("Content Security Policy" in each for each in COMPLAINTS)
    COMPLAINTS.clear()
