"""The scopes a token can carry: one to read and one to write for each resource of the API."""

from __future__ import annotations

from django.utils.translation import gettext as _

from platform_site.api.router import router


def resources() -> list[str]:
    return sorted(
        {
            resource
            for _prefix, viewset, _basename in router.registry
            if (resource := getattr(viewset, "resource", ""))
        }
    )


def choices() -> list[tuple[str, str]]:
    # A resource is called as its model is in the plural, so its name stands in the catalogue.
    return [
        choice
        for resource in resources()
        for choice in (
            (f"{resource}:read", _("%(resource)s: read") % {"resource": _(resource)}),
            (f"{resource}:write", _("%(resource)s: write") % {"resource": _(resource)}),
        )
    ]


def known() -> set[str]:
    return {code for code, _label in choices()}
