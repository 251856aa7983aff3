"""The only writers of files and of announced uploads."""

from .files import (
    attach,
    drop_made,
    drop_unused,
    freeze,
    keep_made,
    remove,
    sweep_orphans,
    upload,
)
from .uploads import abandon, announce, expire_uploads, receive

__all__ = [
    "abandon",
    "announce",
    "attach",
    "drop_made",
    "drop_unused",
    "expire_uploads",
    "freeze",
    "keep_made",
    "receive",
    "remove",
    "sweep_orphans",
    "upload",
]
