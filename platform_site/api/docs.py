"""The schema and its pages. All are public: they tell what the API can do, not what it holds.

In the language of ``Accept-Language``, or of ``?lang=``.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views import View
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from platform_site.problems import FieldProblem, Unreadable

from . import documents, problems, versions
from .limits import Limited

#: What people write for a language, and which it is.
_LANGUAGES = {"zh": "zh-hans", **{code: code for code in documents.LANGUAGES}}
#: The parameters of the schema, and what each may be.
_CHOICES = {"lang": tuple(_LANGUAGES), "oas": documents.VERSIONS}


class SchemaView(View):
    """OpenAPI 3.1; with ``?oas=3.0`` the copy for older generators."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wrong = [
            FieldProblem(
                f"/{name}",
                "not_an_option",
                _("Choose one of: %(names)s.") % {"names": ", ".join(_CHOICES.get(name, ()))}
                if name in _CHOICES
                else _("This parameter is not known here. Known are: %(names)s.")
                % {"names": ", ".join(_CHOICES)},
            )
            for name, value in request.GET.items()
            if value not in _CHOICES.get(name, ())
        ]
        if wrong:
            refused = Unreadable("bad_parameter", wrong[0].message, fields=wrong)
            return problems.handle(refused, {"request": request}) or HttpResponse(status=400)
        body = documents.served(_language(request), request.GET.get("oas", documents.VERSIONS[0]))
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        held = request.headers.get("If-None-Match", "")
        answer = (
            HttpResponseNotModified()
            if versions.is_unchanged(held, tag)
            else HttpResponse(body, content_type="application/json")
        )
        answer["ETag"], answer["Cache-Control"] = tag, "no-cache"
        patch_vary_headers(answer, ["Accept-Language"])
        return answer


def _language(request: HttpRequest) -> str:
    given = request.GET.get("lang") or translation.get_language()
    return _LANGUAGES.get(given, documents.LANGUAGES[0])


class _InTheirLanguage:
    """A page of the documentation; its links keep the language."""

    url_name = "api:schema"
    title: Any = _("REST API")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(_language(request)):
            answer = super().get(request, *args, **kwargs)  # type: ignore[misc]
            answer.data["languages"] = documents.LANGUAGES
            # Rendered here: later, the language would be that of the browser again.
            self.headers["Vary"] = "Accept, Accept-Language"  # type: ignore[attr-defined]
            rendered: HttpResponse = self.finalize_response(request, answer).render()  # type: ignore[attr-defined]
            return rendered


class DocsView(Limited, _InTheirLanguage, SpectacularSwaggerSplitView):
    """Swagger UI from our own server. The split view serves its start-up script from an address of
    its own, so the page needs no inline script and keeps the strict policy of all other pages.
    """

    template_name = "api/docs.html"


class RedocView(Limited, _InTheirLanguage, SpectacularRedocView):
    """Redoc from our own server, to be read rather than tried."""

    template_name = "api/redoc.html"
