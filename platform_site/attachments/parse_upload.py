"""Run as a child process: open one upload with a real parser and say what became of it.

Nothing of the project is imported here. Exit status 0: the file is what it claims. Otherwise the
word on standard output says why: ``damaged``, ``locked``, ``strange``.
"""

import resource
import sys
import warnings

#: Address space in bytes, processor seconds.
MEMORY = 1024 * 1024 * 1024
CPU = 10
PIXELS = 100_000_000
PAGES = 5_000


def limit_self() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def pdf(path: str) -> str:
    import pikepdf

    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            return "" if 0 < len(document.pages) <= PAGES else "strange"
    except pikepdf.PasswordError:
        return "locked"
    except pikepdf.PdfError:
        return "damaged"


def picture(path: str, kind: str) -> str:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=[kind.upper()]) as image:
            if image.width * image.height > PIXELS:
                return "strange"
            image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "strange"
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return "damaged"
    return ""


if __name__ == "__main__":
    what, path = sys.argv[1:3]
    limit_self()
    try:
        verdict = pdf(path) if what == "pdf" else picture(path, what)
    except MemoryError:
        verdict = "strange"
    if verdict:
        sys.stdout.write(verdict)
        sys.exit(1)
