"""What the shapes of this app share: the files of a record."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as rest

from platform_site.attachments.queries import of_owner
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.casework.serializers import user_of


def files_of(serializer: rest.BaseSerializer, owner: Any) -> list[dict[str, Any]]:
    """The files of a record that this reader may see: not those of a draft that others write."""
    files = of_owner(owner, user_of(serializer))
    return AttachmentSerializer(files, many=True, context=serializer.context).data
