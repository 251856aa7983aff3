"""Settings of the schema. Read by the project's settings: imports nothing of Django."""

from __future__ import annotations

from typing import Any

DESCRIPTION = """\
Resources of the trade-union platform for work with social organisations. Text is UTF-8 JSON.

**Sign-in.** `Authorization: Bearer <token>`; a token carries scopes such as `reports:read` and
never opens more than its owner's office does. What the owner may not see answers 404.

**Versions.** Every object has an `ETag` of the form `"v<version>-<hash>"`. `PATCH`, `PUT`, `DELETE`
and the steps need it back as `If-Match`: 428 when it is missing, 412 when somebody changed the
object since. `If-None-Match` answers 304 when nothing changed.

**Lists** hold `next`, `previous` and `results`; `page_size` is at most 200. Follow the links: the
cursor is opaque. A query parameter that is not documented is refused (400).

**Refusals** are `application/problem+json` (RFC 9457), in the language of `Accept-Language`;
`errors` points at each field at fault with a JSON pointer.
"""

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Union platform API",
    "DESCRIPTION": DESCRIPTION,
    # "v1", by the address; with a second number here it would say both.
    "VERSION": None,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": True,
    "WEBHOOKS": "platform_site.webhooks.schema.WEBHOOKS",
    "DEFAULT_GENERATOR_CLASS": "platform_site.api.schema.Generator",
    "GET_LIB_DOC_EXCLUDES": "platform_site.api.schema.doc_excludes",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "platform_site.api.schema.add_tags",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # No outside validator: the page talks to this server alone.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "REDOC_DIST": "SIDECAR",
    "APPEND_COMPONENTS": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}
