"""A version of a form as its filler will see it: the same rows, nothing saved."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from platform_site.problems import NotAllowed
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import FormVersion, sees_drafts

from ..forms.reports import SectionForm
from .reports.sections import section_rows


@require_safe
def preview_form(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One section, the first where none is named; what depends on another section is always there."""
    version = get_object_or_404(
        FormVersion.objects.visible_to(request.user).select_related("form"),
        form__code=code,
        number=number,
    )
    if not sees_drafts(request.user):
        raise NotAllowed("not_yours", _("Only the national staff reads how forms are built."))
    questions = sheets.questions_of(version)
    sections = list({each.section.code: each.section for each in questions}.values())
    codes = [each.code for each in sections]
    chosen = request.GET.get("section") or (codes[0] if codes else "")
    if codes and chosen not in codes:
        raise Http404
    context = {"version": version, "form_object": version.form, "sections": sections}
    if codes:
        place = codes.index(chosen)
        form = SectionForm([each for each in questions if each.section.code == chosen], {}, {})
        context |= {
            "section": sections[place],
            "rows": section_rows(form, questions, {}, {}, everything=True),
            "place": place + 1,
            "places": len(codes),
            "previous": codes[place - 1] if place else None,
            "next": codes[place + 1] if place + 1 < len(codes) else None,
        }
    return render(request, "reports/form_preview.html", context)
