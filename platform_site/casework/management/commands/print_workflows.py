from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from platform_site.accounts import permissions
from platform_site.casework.workflow import Workflow, all_workflows


def page(workflow: Workflow) -> str:
    """The step table of one workflow as a Markdown page."""
    lines = [
        f"# {workflow.name}",
        "",
        "Generated from the step table by `make workflows`; do not edit.",
        "",
        "| step | label | from | to | who | note |",
        "|---|---|---|---|---|---|",
    ]
    for step in workflow.steps.values():
        roles = ", ".join(sorted(permissions.get(step.permission).roles))
        sources = ", ".join(sorted(step.sources))
        note = "required" if step.needs_note else ""
        lines.append(f"| {step.name} | {step.label} | {sources} | {step.to} | {roles} | {note} |")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "Write docs/workflows/*.md from the step tables; --check only compares."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, check: bool, **options) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "workflows"
        folder.mkdir(parents=True, exist_ok=True)
        for workflow in all_workflows():
            path = folder / f"{workflow.name}.md"
            with translation.override("en"):
                text = page(workflow)
            if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
                raise CommandError(f"{path.name} is out of date: run make workflows")
            path.write_text(text, encoding="utf-8")
