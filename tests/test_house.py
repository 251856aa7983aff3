"""Rules of the house that a reader of one file cannot see: checked over all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = [ROOT / "platform_site", ROOT / "reports"]
SOURCES = sorted(
    path
    for app in APPS
    for path in app.rglob("*.py")
    if not {"migrations", "data", "devservices"} & set(path.parts)
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def rel(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def hits(paths: list[Path], pattern: str, allowed: set[str] = frozenset()) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{rel(path)}:{number}: {line.strip()}"
        for path in paths
        if rel(path) not in allowed
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if found.search(line)
    ]


def test_nothing_is_marked_safe():
    assert hits(TEMPLATES, r"\|\s*safe\b|{%\s*autoescape off") == []
    assert hits(SOURCES, r"mark_safe|SafeString\(") == []


def test_no_inline_script_or_style():
    assert (
        hits(TEMPLATES, r"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=\"|\sstyle=\"|javascript:") == []
    )


@pytest.mark.parametrize("name", ["views", "api", "tasks"])
def test_entry_points_reach_rows_only_by_what_the_reader_may_see(name):
    """Rule 1: a view or endpoint begins with ``visible_to(user)``; the rest is services and queries."""
    entry_points = [path for path in SOURCES if (path.stem == name or name in path.parts)]
    public = "visible_to|none|national|first_tier|default_recipients|current"
    assert hits(entry_points, rf"\.objects\b(?!\s*\.\s*({public})\b)") == []


def test_one_way_out_and_one_writer():
    assert hits(SOURCES, r"\bimport requests\b|urllib\.request|httpx") == []
    assert hits(SOURCES, r"http\.client|\burllib3\b", {"platform_site/webhooks/outgoing.py"}) == []
    sheets = {"platform_site/lists/sheets.py", "platform_site/lists/form_sheets.py"}
    assert hits(SOURCES, r"xlsxwriter|openpyxl|csv\.writer", sheets) == []


def test_states_are_set_by_take_alone():
    allowed = {
        "platform_site/casework/workflow.py",
        # Deliveries are a ledger of the platform's own, not a workflow of people.
        "platform_site/notifications/delivery.py",
        "platform_site/notifications/services.py",
        "platform_site/casework/services/reminders.py",
    }
    assert hits(SOURCES, r"\.state\s*=[^=]", allowed) == []


def test_models_have_no_side_effects():
    models = [path for path in SOURCES if path.stem == "models" or "models" in path.parts]
    assert hits(models, r"import services|from \.services|def save\(") == []
    assert hits(SOURCES, r"post_save|pre_save|m2m_changed") == []


def test_one_first_migration_an_app_and_named_ones_after_it():
    """Since the first release migrations are added, each with a name of its own."""
    later = [path.stem for app in APPS for path in app.rglob("migrations/0*.py")]
    assert [name for name in later if "initial" in name and name != "0001_initial"] == []
    assert [name for name in later if "auto" in name] == []


def test_every_test_folder_is_a_package():
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [rel(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
