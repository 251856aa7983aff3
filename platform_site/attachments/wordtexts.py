"""Reading the text of a Word document as HTML, by a child process; nothing is kept of the file.

What comes back is raw: whoever uses it cleans it (``text/html.py``), as everything that comes in.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from platform_site.problems import WrongType

from . import children, filetypes, store


def read_word(file: UploadedFile[Any]) -> str:
    """The document's headings, paragraphs, lists, tables and links.

    Refused (:class:`WrongType`, :class:`TooLarge`) is what is no .docx, protected, damaged or oddly built.
    """
    if (file.size or 0) > store.max_bytes():
        raise store.too_large(file.size or 0)
    name = filetypes.clean_name(file.name or "")
    if not name.lower().endswith(".docx"):
        raise WrongType("not_docx", _("Send the document as .docx: save it as such and try again."))
    with store.receive(file.chunks()) as incoming:
        filetypes.check(incoming.path, name, incoming.size)
        ended = children.run("read_word.py", str(incoming.path))
    if ended is None:
        raise filetypes.strange()
    well, written = ended
    if not well:
        raise filetypes.verdict_of("damaged", filetypes.TYPES["docx"])
    return written.decode()
