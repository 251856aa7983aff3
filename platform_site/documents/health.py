"""What the operator's check (``manage.py doctor``) asks of this room: are the faces there?"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from platform_site.web import health


def look_at_faces() -> health.Finding:
    """A folder that was named must be there and hold what the PDF looks for; none is well too."""
    from .fonts import FREE, faces

    folder = settings.DOCUMENT_FONTS_DIR
    if not folder:
        return health.Finding(True, _("Official documents are set in the free faces"))
    licensed = [name for name, face in faces().items() if face != FREE[name]]
    if Path(folder).is_dir() and licensed:
        return health.Finding(
            True,
            _("Official documents have licensed faces for: %(names)s")
            % {"names": ", ".join(licensed)},
        )
    return health.Finding(
        False,
        _("DOCUMENT_FONTS_DIR holds none of the official faces"),
        _("Put the font files there, or name their families in DOCUMENT_FACES"),
    )


def register() -> None:
    health.DOCTOR.append(look_at_faces)
