"""The pictures of the README: ``make screenshots``, from a new demo that this script starts.

``make screenshots ARGS="--port 8000 --demo-dir FOLDER"`` takes them from one that runs already.
"""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from .running import DESKTOP, PHONE, Demo, Machine, chromium, sign_in, started_demo

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
MOST_BYTES = 250_000


def pictures(demo: Demo) -> list[tuple[str, str, str, str, dict[str, int]]]:
    """Name, account, address, what is to be seen in the middle ("" for the top), window."""
    officer, province = Machine(demo, "officer"), Machine(demo, "440000.liaison")
    notice = officer.rows("/notices/", state="issued", asks="pilot_plan")[-1]["id"]
    drafting = province.rows("/reports/", state="draft")[-1]["id"]
    summary = officer.rows("/summaries/")[-1]["id"]
    resubmitted = officer.rows("/reports/", federation="370000", kind="pilot_plan")[-1]["id"]
    return [
        ("todo", "officer", "/w/", "", DESKTOP),
        ("notice", "officer", f"/w/notices/{notice}/", "", DESKTOP),
        (
            *("section", "440000.liaison", f"/w/reports/{drafting}/fill/safeguards/"),
            *("[name=answer-contact_persons]", DESKTOP),
        ),
        ("matrix", "officer", "/w/matrix/", "", DESKTOP),
        ("summary", "officer", f"/w/summaries/{summary}/", "#figures", DESKTOP),
        ("review", "officer", f"/w/reports/{resubmitted}/review/", "#answer-tasks", DESKTOP),
        (
            *("figures", "officer", "/w/figures/ranking/?indicator=organisations_contacted"),
            *("", DESKTOP),
        ),
        ("work-system", "officer", "/w/work-system/", "", DESKTOP),
        ("phone", "440000.liaison", f"/w/reports/{drafting}/fill/", "", PHONE),
    ]


def shrink(path: Path) -> None:
    """Few colours are enough for a page, and a clone stays small."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path} has {path.stat().st_size} bytes, more than {MOST_BYTES}.")


def show(page: Page, middle: str) -> None:
    if middle:
        page.locator(middle).evaluate("e => e.scrollIntoView({block: 'center'})")


def take(demo: Demo) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for title, username, address, middle, window in pictures(demo):
            context = browser.new_context(base_url=demo.url, viewport=window, locale="zh-CN")
            sign_in(context, username, demo.accounts[username]["password"])
            page = context.new_page()
            page.goto(address)
            show(page, middle)
            path = FOLDER / f"{title}.png"
            page.screenshot(path=path)
            shrink(path)
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, help="the port of a demo that runs already")
    parser.add_argument("--demo-dir", type=Path, help="the folder of that demo")
    given = parser.parse_args()
    if bool(given.port) != bool(given.demo_dir):
        parser.error("--port and --demo-dir go together")
    running: AbstractContextManager[Demo] = (
        nullcontext(Demo(f"http://localhost:{given.port}", given.demo_dir))
        if given.port
        else started_demo()
    )
    with running as demo:
        take(demo)


if __name__ == "__main__":
    main()
