"""Run as a child process: read the cells of an .xlsx, and write them to standard output as JSON.

Nothing of the project is imported here. ``python read_workbook.py PATH ROWS COLUMNS`` writes
``{"sheets": {name: [[cell, …], …]}}``, the hidden sheets too: text as it stands, numbers as decimal text, days
in ISO, true and false as such, what is empty as null. Otherwise the exit status is 1 and the word on standard
output says why: ``damaged``, ``locked``, ``strange``, ``rows``, ``columns``.
"""

import datetime
import json
import resource
import sys

#: Address space in bytes, processor seconds.
MEMORY = 300 * 1024 * 1024
CPU = 10
SHEETS = 20


def limit_self() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def cell(value: object) -> object:
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        # Excel reckons with 15 digits: what comes after them is noise of its floating point.
        text = format(value, ".15g")
        return format(int(value), "d") if float(value).is_integer() else text
    if isinstance(value, datetime.datetime):
        return (value.date() if value.time() == datetime.time() else value).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def read(path: str, most_rows: int, most_columns: int) -> tuple[str, object]:
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            if len(book.sheet_names) > SHEETS:
                return "strange", None
            sheets = {}
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                # Both count from nought.
                if sheet.total_height >= most_rows:
                    return "rows", None
                if sheet.total_width >= most_columns:
                    return "columns", None
                # From the first cell of the sheet on, so that places are those that people see.
                rows = sheet.to_python(skip_empty_area=False)
                sheets[name] = [[cell(value) for value in row] for row in rows]
    except python_calamine.PasswordError:
        return "locked", None
    except (python_calamine.CalamineError, OSError, ValueError):
        return "damaged", None
    return "", {"sheets": sheets}


if __name__ == "__main__":
    limit_self()
    try:
        verdict, found = read(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    except MemoryError:
        verdict, found = "strange", None
    if verdict:
        sys.stdout.write(verdict)
        sys.exit(1)
    json.dump(found, sys.stdout)
