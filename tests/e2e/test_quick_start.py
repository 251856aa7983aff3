"""The shell lines of ``docs/api.md`` run as they stand, and leave a filed report behind."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.platform_site.attachments.conftest import pdf

from .running import CHECKOUT, Machine

pytestmark = pytest.mark.e2e

#: Stops at the first line that is refused; in the end it says what was made.
BEFORE = """
set -euo pipefail
curl() { command curl --fail-with-body --show-error "$@"; }
"""
AFTER = """
echo
echo "REPORT=$R NOTICE=$N JOB=$JOB"
"""


def shell_lines() -> str:
    page = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```$", page, re.DOTALL | re.MULTILINE)
    return "\n".join(re.sub(f"^{indent}", "", block, flags=re.M) for indent, block in blocks)


def test_the_lines_of_the_page_do_what_it_says(demo, tmp_path):
    lines = shell_lines()
    assert lines.count("curl ") > 12
    lines = lines.replace("http://localhost:8000", demo.url)
    lines = lines.replace("~/demo/accounts.json", str(demo.place / "accounts.json"))
    # Its reader has a server of their own; here no name may be to be found at all.
    lines = lines.replace("https://data.example.org/", "https://8.8.8.8/")
    (tmp_path / "plan.pdf").write_bytes(pdf())
    ran = subprocess.run(
        ["bash", "-c", BEFORE + lines + AFTER],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    made = dict(re.findall(r"(\w+)=(\S+)", ran.stdout.splitlines()[-1]))
    # Filed, returned for the comment; the two files hang on it; the notice was closed in bulk.
    report = Machine(demo, "430000.liaison").get(f"/reports/{made['REPORT']}/")
    assert [version["number"] for version in report["versions"]] == [1]
    assert report["state"] == "returned"
    assert [file["filename"] for file in report["attachments"]] == ["plan.pdf", "plan.pdf"]
    assert Machine(demo, "officer").get(f"/notices/{made['NOTICE']}/")["state"] == "closed"
    assert made["JOB"].startswith(demo.url)
