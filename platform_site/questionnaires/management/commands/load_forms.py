from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from platform_site.questionnaires.models import Form, FormVersion, Indicator, Question, Section

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "forms.json"


class Command(BaseCommand):
    help = "Load the indicators and forms that ship with the platform; forms that exist are kept."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED)

    @transaction.atomic
    def handle(self, *args, file: Path, **options) -> None:
        given = json.loads(file.read_text(encoding="utf-8"))
        for row in given["indicators"]:
            Indicator.objects.get_or_create(code=row["code"], defaults=row)
        loaded = [self._load(row) for row in given["forms"]]
        self.stdout.write(self.style.SUCCESS(f"{sum(loaded)} forms loaded"))

    def _load(self, row: dict[str, Any]) -> bool:
        """A form that is there already is left alone: rounds run on it, officers may have changed it."""
        sections = row.pop("sections")
        form, created = Form.objects.get_or_create(code=row["code"], defaults=row)
        if not created:
            return False
        version = FormVersion.objects.create(form=form, number=1)
        for position, section_row in enumerate(sections):
            questions = section_row.pop("questions")
            section = Section.objects.create(version=version, position=position, **section_row)
            for place, question in enumerate(questions):
                if code := question.pop("indicator", None):
                    question["indicator"] = Indicator.objects.get(code=code)
                Question.objects.create(section=section, position=place, **question)
        return True
