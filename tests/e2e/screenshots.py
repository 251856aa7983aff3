"""The pictures of the README, from a demo that this script starts: ``make screenshots``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from .conftest import ARGS, CHROMIUM, DESKTOP, PHONE, Demo
from .test_accessibility import first

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"


def pages(demo: Demo) -> list[tuple[str, str, str, dict[str, int]]]:
    """Name, account, address, window."""
    notice = first(demo, "officer", "notices", state="issued")
    drafting = first(demo, "440000.liaison", "reports", state="draft")
    resubmitted = first(demo, "officer", "reports", federation="370000")
    return [
        ("todo", "officer", "/w/", DESKTOP),
        ("notice", "officer", f"/w/notices/{notice}/", DESKTOP),
        (
            "section",
            "440000.liaison",
            f"/w/reports/{drafting}/fill/safeguards/#id_answer-contact_persons_field",
            DESKTOP,
        ),
        ("review", "officer", f"/w/reports/{resubmitted}/review/", DESKTOP),
        ("phone", "440000.liaison", f"/w/reports/{drafting}/fill/", PHONE),
    ]


def shrink(path: Path) -> None:
    """Few colours are enough for a page, and a clone stays small."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="platform-pictures-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        demo = Demo(folder)
        try:
            demo.wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
                for title, username, address, window in pages(demo):
                    context = browser.new_context(
                        base_url=demo.url, viewport=window, locale="zh-CN"
                    )
                    page = context.new_page()
                    page.goto("/accounts/login/")
                    page.fill("input[name=login]", username)
                    page.fill("input[name=password]", demo.accounts[username]["password"])
                    page.click("button.button--identity")
                    page.wait_for_url("**/w/")
                    page.goto(address)
                    page.screenshot(path=FOLDER / f"{title}.png")
                    shrink(FOLDER / f"{title}.png")
                    context.close()
                browser.close()
        finally:
            demo.stop()


if __name__ == "__main__":
    main()
