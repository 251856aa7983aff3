"""Papers as a scanner gives them: a page with a code on it, as a picture or a PDF of some pages."""

from __future__ import annotations

import io

import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw


def page(text: str | None, *, turned: float = 0) -> Image.Image:
    """An A4 page at 150 dpi, grey as paper is, a little crooked where ``turned``."""
    sheet = Image.new("L", (1240, 1754), 236)
    draw = ImageDraw.Draw(sheet)
    for line in range(12):
        draw.line((140, 600 + line * 70, 1100, 600 + line * 70), fill=90, width=3)
    if text is not None:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        drawn = memoryview(zxingcpp.write_barcode_to_image(barcode, scale=1))
        side = drawn.shape[0]
        code = Image.frombytes("L", (side, side), bytes(drawn))
        sheet.paste(code.resize((190, 190), Image.Resampling.NEAREST), (140, 140))
    return sheet.rotate(turned, fillcolor=236, expand=True)


def scan(
    *texts: str | None, kind: str = "pdf", turned: float = 0, name: str = "扫描件"
) -> SimpleUploadedFile:
    """A file of as many pages as there are texts; None is a page without a code."""
    pages = [page(text, turned=turned) for text in texts]
    made = io.BytesIO()
    if kind == "pdf":
        pages[0].save(made, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    else:
        pages[0].save(made, {"jpg": "JPEG", "png": "PNG"}[kind], quality=70)
    return SimpleUploadedFile(f"{name}.{kind}", made.getvalue())
