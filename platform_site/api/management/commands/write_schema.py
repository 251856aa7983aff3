"""Writes ``docs/openapi.json``, in English; ``--check`` says whether it is right."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...compatibility import breaking
from ...documents import document

FOLDER = Path(settings.BASE_DIR) / "docs"
CURRENT, RELEASED = FOLDER / "openapi.json", FOLDER / "openapi.released.json"


class Command(BaseCommand):
    help = "Writes the schema of the REST API into docs/."

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--check",
            action="store_true",
            help="fail where the file is old, or where a client of the release would break",
        )
        group.add_argument(
            "--release", action="store_true", help="freeze it as what the next change is held to"
        )

    def handle(self, *args: Any, check: bool, release: bool, **options: Any) -> None:
        schema = document("en")
        text = json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        if check:
            self._check(schema, text)
            return
        CURRENT.write_text(text, encoding="utf-8")
        if release:
            RELEASED.write_text(text, encoding="utf-8")

    def _check(self, schema: dict[str, Any], text: str) -> None:
        if not CURRENT.is_file() or CURRENT.read_text(encoding="utf-8") != text:
            raise CommandError("docs/openapi.json is not up to the code: run make schema")
        released = json.loads(RELEASED.read_text(encoding="utf-8"))
        if found := breaking(released, schema, dt.date.today()):
            raise CommandError(
                "Clients of the last release would break (docs/api.md, What may change):\n"
                + "\n".join(f"  {each}" for each in found)
            )
