"""Delete files that no row names: what a crash between file and row left behind."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from platform_site.attachments import services


class Command(BaseCommand):
    help = "Delete stored files that no attachment names and that are older than a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=float, default=24.0, help="younger ones stay")
        parser.add_argument("--dry-run", action="store_true", help="only print their names")

    def handle(self, *args: Any, **options: Any) -> None:
        gone = services.sweep_orphans(
            older_than=options["hours"] * 3600, dry_run=options["dry_run"]
        )
        for name in gone:
            self.stdout.write(name)
        verb = "would be deleted" if options["dry_run"] else "deleted"
        self.stdout.write(f"{len(gone)} files without a row {verb}.")
