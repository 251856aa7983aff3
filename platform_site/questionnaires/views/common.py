"""What the builder's pages share: finding the form, who may read it, and problems beside fields."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from platform_site.problems import NotAllowed, Refused

from .. import building
from ..forms import QuestionForm
from ..models import Form, FormVersion, sees_drafts

READ_METHODS = ["GET", "HEAD"]


def check_reads(request: HttpRequest) -> None:
    if not sees_drafts(request.user):
        raise NotAllowed("not_yours", _("Only the national staff reads how forms are built."))


def may_build(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(building.PERMISSION))


def find_form(request: HttpRequest, code: str) -> Form:
    form = get_object_or_404(Form.objects.visible_to(request.user).with_current(), code=code)
    check_reads(request)
    return form


def find_version(request: HttpRequest, code: str, number: int) -> FormVersion:
    version = get_object_or_404(
        FormVersion.objects.visible_to(request.user).select_related("form"),
        form__code=code,
        number=number,
    )
    check_reads(request)
    return version


def beside_fields(form: forms.Form, refused: Refused, at: str) -> None:
    """Problems of the thing at the pointer ``at`` beside its fields, those of anything else above them."""
    for problem in refused.fields:
        inside = problem.pointer.removeprefix(f"{at}/") if problem.pointer.startswith(at) else ""
        name = form.field_of(inside) if isinstance(form, QuestionForm) else inside.partition("/")[0]
        form.add_error(name if name in form.fields else None, str(problem.message))
    if not refused.fields:
        form.add_error(None, str(refused.message))
