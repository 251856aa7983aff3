"""Reading what people typed into a workbook: its cells as values, by a child process, nothing kept.

Formulas are not reckoned and not followed: a cell gives what it showed when the file was saved.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from platform_site.problems import Invalid, TooLarge, WrongType

from . import children, filetypes, store

#: What a cell holds: text (of numbers and days too), true or false, nothing.
Cell = str | bool | None
Sheets = dict[str, list[list[Cell]]]


def read_sheets(file: UploadedFile[Any], *, most_rows: int, most_columns: int) -> Sheets:
    """The rows of every sheet, the hidden ones too, by its name.

    Refused (:class:`WrongType`, :class:`TooLarge`, :class:`Invalid`) is what is no .xlsx, protected, damaged,
    oddly built, or larger than that many rows or columns.
    """
    if (file.size or 0) > store.max_bytes():
        raise store.too_large(file.size or 0)
    name = filetypes.clean_name(file.name or "")
    if not name.lower().endswith(".xlsx"):
        raise WrongType("not_xlsx", _("Send the workbook as .xlsx: save it as such and try again."))
    with store.receive(file.chunks()) as incoming:
        filetypes.check(incoming.path, name, incoming.size)
        ended = children.run(
            "read_workbook.py", str(incoming.path), str(most_rows), str(most_columns)
        )
    if ended is None:
        raise filetypes.strange()
    well, written = ended
    if well:
        sheets: Sheets = json.loads(written)["sheets"]
        return sheets
    verdict = written.decode("ascii", "ignore").strip()
    if verdict == "rows":
        raise TooLarge(
            "too_many_rows",
            _("A sheet of the workbook has more than %(limit)s rows.") % {"limit": most_rows},
        )
    if verdict == "columns":
        raise Invalid(
            "too_many_columns",
            _("A sheet of the workbook has more than %(limit)s columns.") % {"limit": most_columns},
        )
    raise filetypes.verdict_of(verdict, filetypes.TYPES["xlsx"])
