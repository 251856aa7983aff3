"""Run as a child process: find the QR codes on the pages of a scan, and write them to standard output as JSON.

Nothing of the project is imported here. ``python read_codes.py pdf|jpeg|png PATH`` writes
``{"pages": 3, "read": 3, "codes": [[1, "text"], …]}``: how many pages there are, how many were looked at
before the time ran out, and each code with its page. Otherwise the exit status is 1 and the word on standard
output says why: ``damaged``, ``locked``, ``strange``, ``pages``.
"""

import json
import math
import resource
import sys
import time
import warnings
from typing import Any

#: Address space in bytes, processor seconds, and how many of them are spent on looking.
MEMORY = 1024 * 1024 * 1024
CPU = 15
LOOK = 9.0
PAGES = 300
#: Pixels of a picture, and of a page as it is rendered.
PIXELS = 100_000_000
PAGE_PIXELS = 16_000_000
#: Dots to the inch at which a page is looked at.
DPI = 200
CODES = 50
TEXT = 200


def limit_self() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def texts_on(image: Any) -> list[str]:
    import zxingcpp

    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return [barcode.text for barcode in found if barcode.valid and len(barcode.text) <= TEXT]


def pdf(path: str) -> tuple[str, object]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        return "locked" if "password" in str(error).lower() else "damaged", None
    if not 0 < pages <= PAGES:
        return "pages" if pages else "damaged", None
    codes: list[list[object]] = []
    read = 0
    for number in range(pages):
        if time.process_time() > LOOK or len(codes) >= CODES:
            break
        try:
            page = document[number]
            width, height = page.get_size()
            scale = min(DPI / 72, math.sqrt(PAGE_PIXELS / max(1.0, width * height)))
            image = page.render(scale=scale, grayscale=True).to_pil()
        except (pypdfium2.PdfiumError, ValueError):
            return "damaged", None
        codes += [[number + 1, text] for text in texts_on(image)]
        read = number + 1
    return "", {"pages": pages, "read": read, "codes": codes[:CODES]}


def picture(path: str, kind: str) -> tuple[str, object]:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=[kind.upper()]) as opened:
            if opened.width * opened.height > PIXELS:
                return "strange", None
            side = math.isqrt(PAGE_PIXELS)
            if kind == "jpeg":
                opened.draft("L", (side, side))
            image = opened.convert("L")
            image.thumbnail((side, side))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "strange", None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return "damaged", None
    codes = [[1, text] for text in texts_on(image)]
    return "", {"pages": 1, "read": 1, "codes": codes[:CODES]}


if __name__ == "__main__":
    kind, path = sys.argv[1:3]
    limit_self()
    try:
        verdict, found = pdf(path) if kind == "pdf" else picture(path, kind)
    except MemoryError:
        verdict, found = "strange", None
    if verdict:
        sys.stdout.write(verdict)
        sys.exit(1)
    json.dump(found, sys.stdout)
