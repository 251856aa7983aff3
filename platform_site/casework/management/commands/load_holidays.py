from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from platform_site.casework import services
from platform_site.problems import Refused

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "calendar.csv"


class Command(BaseCommand):
    help = "Load days off and make-up working days (columns date,is_workday,name,source)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED)

    def handle(self, *args, file: Path, **options) -> None:
        try:
            moved = services.load_calendar(file)
        except Refused as refused:
            raise CommandError(str(refused.message)) from refused
        for duty, before in moved:
            self.stdout.write(f"{duty.federation}: {duty.title}: {before} → {duty.due_on}")
        self.stdout.write(self.style.SUCCESS(f"calendar loaded, {len(moved)} dates moved"))
