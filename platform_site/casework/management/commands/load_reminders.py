"""Load the default ladder of reminders."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from platform_site.casework.services import load_default_ladder


class Command(BaseCommand):
    help = "Load the default rules of reminding for each duty that has none; changed ones are left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        count = load_default_ladder()
        self.stdout.write(f"{count} rules of reminding loaded.")
