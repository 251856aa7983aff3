"""Extract the texts of the pages into the catalogues, and compile the catalogues.

Babel does both, so no gettext package of the system is needed. Compiled files are not committed:
``make demo`` and ``make test`` compile them when a catalogue has changed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

CHECKOUT = Path(__file__).resolve().parents[2]
LOCALE = CHECKOUT / "locale"
DOMAIN = "django"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
#: Folders with texts; tests and tools have none that a user reads.
SOURCES = ("platform_site", "reports", "templates")
METHODS = [
    ("**/migrations/**.py", "ignore"),
    ("**.py", "python"),
    ("**.html", "platform_site.devservices.catalogues:extract_template"),
    ("**.txt", "platform_site.devservices.catalogues:extract_template"),
]


def extract_template(
    file: BinaryIO,
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Any,
) -> Iterator[Any]:
    """Babel's extractor for Django's templates: Django turns them into Python, Babel reads that."""
    from django.utils.translation.template import templatize

    # What stands before a tag on its line is no indentation of Python.
    lines = templatize(file.read().decode("utf-8")).splitlines(keepends=True)
    source = "".join(line.lstrip(" \t") for line in lines)
    yield from extract_python(BytesIO(source.encode("utf-8")), keywords, comment_tags, options)


def extract() -> list[str]:
    """Bring every catalogue up to the texts in the code; returns a line about each.

    New texts come without a translation, texts gone are dropped, translations are never guessed.
    """
    template = Catalog(project="union-platform", charset="utf-8")
    for folder in SOURCES:
        found = extract_from_dir(
            CHECKOUT / folder, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for name, _line, message, comments, context in found:
            # Without line numbers, a change of code alone leaves the catalogue as it is.
            template.add(
                message,
                locations=[(f"{folder}/{name}", 0)],
                auto_comments=comments,
                context=context,
            )
    for text in sorted(texts_of_the_api()):
        template.add(text, locations=[("docs/openapi.json", 0)])
    lines = []
    for path in sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3], domain=DOMAIN)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(
                file,
                catalogue,
                width=100,
                sort_output=True,
                include_lineno=False,
                omit_header=False,
            )
        missing = sum(1 for message in catalogue if message.id and not _translated(message.string))
        lines.append(
            f"{path.relative_to(CHECKOUT)}: {len(catalogue)} texts, {missing} untranslated"
        )
    return lines


def texts_of_the_api() -> set[str]:
    """What docstrings say in the schema of the REST API: texts that no call of gettext marks."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings.local")
    django.setup()
    from platform_site.api.documents import source_texts

    return source_texts()


def compile_catalogues() -> list[str]:
    """Compile each catalogue that is newer than its compiled file; returns a line about each."""
    lines = []
    for path in sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        compiled = path.with_suffix(".mo")
        if compiled.is_file() and compiled.stat().st_mtime >= path.stat().st_mtime:
            continue
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3], domain=DOMAIN)
        part = compiled.with_suffix(".mo.part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(compiled)  # a process that reads it meanwhile sees the old or the new one
        lines.append(f"{compiled.relative_to(CHECKOUT)}: {len(catalogue)} texts")
    return lines


def _translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)
