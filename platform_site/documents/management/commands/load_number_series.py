from __future__ import annotations

import json
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from platform_site.documents.models import NumberSeries
from platform_site.federations.models import Federation

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "series.json"


class Command(BaseCommand):
    help = "Load series of document numbers; a word that is there already is left alone."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED)

    @transaction.atomic
    def handle(self, *args, file: Path, **options) -> None:
        loaded = 0
        for row in json.loads(file.read_text(encoding="utf-8")):
            federation = Federation.objects.get(code=row.pop("federation"))
            _series, made = NumberSeries.objects.get_or_create(
                word=row.pop("word"), defaults=row | {"federation": federation}
            )
            loaded += made
        self.stdout.write(self.style.SUCCESS(f"{loaded} series loaded"))
