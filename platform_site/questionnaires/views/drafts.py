"""One version: its content, and the changes of a draft one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.problems import Invalid, Refused, Stale, StepNotOpen

from .. import building, drafting, queries, uses
from ..expressions import in_words
from ..forms import (
    MoveForm,
    QuestionForm,
    RuleForm,
    SectionForm,
    VersionForm,
    as_typed,
)
from ..kinds import OF_KIND, Document, numbers_of
from ..models import FormVersion, Question, Rule
from ..structure import RULE_FIELDS, SECTION_FIELDS, document_of
from ..tables import state_tag
from .common import READ_METHODS, beside_fields, find_version, may_build


@require_safe
def form_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The content of a version, with what can be done to it while it is a draft."""
    return _outline(request, find_version(request, code, number))


def _outline(
    request: HttpRequest, version: FormVersion, refused: Refused | None = None
) -> HttpResponse:
    document = document_of(version)
    builds = may_build(request)
    labels = _labels(document)
    draft = queries.draft_of(version.form)
    context = {
        "version": version,
        "form_object": version.form,
        "state": state_tag(version),
        "sections": [
            section | {"lines": [_line(question, document) for question in section["questions"]]}
            for section in document["sections"]
        ],
        "rules": [
            rule
            | {
                "place": place + 1,
                "words": _in_words(rule, labels),
                "hard": rule["level"] == Rule.Level.HARD,
            }
            for place, rule in enumerate(document["rules"])
        ],
        "uses": uses.uses_of([version.pk], request.user).get(version.pk, []),
        "kinds": Question.Kind.choices,
        "may_change": builds and version.is_draft,
        "may_begin": builds and draft is None,
        "draft": draft if builds else None,
        "problems": [
            {"label": "", "message": str(problem.message), "target": ""}
            for problem in (refused.fields if refused else ())
        ],
        "refused": str(refused.message) if refused else "",
    }
    return render(
        request,
        "questionnaires/form_version.html",
        context,
        status=refused.status if refused else 200,
    )


def _labels(document: Document) -> dict[str, str]:
    """By code of a question, and of the total of a table."""
    labels: dict[str, str] = {}
    for section in document["sections"]:
        for question in section["questions"]:
            labels[question["code"]] = question["name_zh"]
            labels |= {code: each["name_zh"] for code, each in numbers_of(question).items()}
    return labels


def _in_words(rule: Document, labels: dict[str, str]) -> str:
    comparison = dict(Rule.Comparison.choices)[rule["comparison"]]
    return f"{in_words(rule['left'], labels)} {comparison} {in_words(rule['right'], labels)}"


def _line(question: Document, document: Document) -> dict[str, Any]:
    """A question of the outline: its kind, limits and condition in words."""
    on, answer = question["shown_if_question"], question["shown_if_answer"]
    condition = ""
    if on:
        at = drafting.question_place(document, on)
        asked = document["sections"][at[0]]["questions"][at[1]] if at else None
        words = {"yes": _("Yes"), "no": _("No")}
        if asked:
            words |= {option["code"]: option["zh"] for option in asked["options"]}
        condition = _("Only if “%(question)s” is answered “%(answer)s”.") % {
            "question": asked["name_zh"] if asked else on,
            "answer": words.get(answer, answer),
        }
    return question | {
        "kind_label": Question.Kind(question["kind"]).label,
        "condition": condition,
        "columns_label": _("; ").join(column["name_zh"] for column in question["columns"]),
        "rows_label": _("; ").join(row["zh"] for row in question["rows"]),
    }


# --- Steps of the version ---------------------------------------------------------------------------
@require_POST
def publish_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    version = find_version(request, code, number)
    building.check_builds(request.user)
    given = VersionForm(request.POST)
    try:
        building.publish_version(version, by=request.user, version=_seen(given, version))
    except (Invalid, Stale, StepNotOpen) as refused:
        return _outline(request, find_version(request, code, number), refused)
    messages.success(
        request, _("Version %(number)s is published: notices ask with it.") % {"number": number}
    )
    return redirect(version.form)


@require_http_methods([*READ_METHODS, "POST"])
def discard_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    version = find_version(request, code, number)
    building.check_builds(request.user)
    building.check_is_draft(version)
    form = VersionForm(request.POST or None, initial={"version": version.version})
    if form.is_valid():
        try:
            building.discard_version(version, by=request.user, **form.cleaned_data)
        except (Stale, StepNotOpen) as refused:
            form.add_error(None, str(refused.message))
        else:
            messages.success(request, _("Draft %(number)s is discarded.") % {"number": number})
            return redirect(version.form)
    context = {"form": form, "version": version, "form_object": version.form}
    return render(
        request,
        "questionnaires/form_version_discard.html",
        context,
        status=422 if form.errors else 200,
    )


def _seen(given: forms.Form, version: FormVersion) -> int:
    return int(given.cleaned_data["version"]) if given.is_valid() else version.version


# --- Changes of a draft -----------------------------------------------------------------------------
class Draft:
    """The draft that a page changes: its document, and the saving of what the change makes of it."""

    def __init__(self, request: HttpRequest, code: str, number: int) -> None:
        self.request = request
        self.version = find_version(request, code, number)
        building.check_builds(request.user)
        building.check_is_draft(self.version)
        self.document = document_of(self.version)

    def section(self, code: str) -> int:
        place = drafting.section_place(self.document, code)
        if place is None:
            raise Http404
        return place

    def question(self, code: str) -> tuple[int, int]:
        at = drafting.question_place(self.document, code)
        if at is None:
            raise Http404
        return at

    def rule(self, number: int) -> int:
        if not 1 <= number <= len(self.document["rules"]):
            raise Http404
        return number - 1

    def save(self, document: Document, *, seen: int) -> None:
        self.version = building.save_draft(
            self.version, by=self.request.user, version=seen, **document
        )

    def back(self, anchor: str = "") -> HttpResponse:
        address = self.version.get_absolute_url()
        return redirect(f"{address}#{anchor}" if anchor else address)

    def try_save(self, form: forms.Form, document: Document, at: str) -> bool:
        """Keep the document; a refusal comes beside the fields of ``form``, what was typed stays."""
        try:
            self.save(document, seen=form.cleaned_data["version"])
        except (Invalid, Stale, StepNotOpen) as refused:
            beside_fields(form, refused, at)
            return False
        return True

    def page(self, template: str, form: forms.Form, **more: Any) -> HttpResponse:
        context = {
            "form": form,
            "version": self.version,
            "form_object": self.version.form,
            **more,
        }
        return render(
            self.request,
            f"questionnaires/{template}.html",
            context,
            status=422 if form.errors else 200,
        )

    def initial(self, values: dict[str, Any]) -> dict[str, Any]:
        return values | {"version": self.version.version}


def _moved(draft: Draft, change: Callable[[str], Document], anchor: str) -> HttpResponse:
    form = MoveForm(draft.request.POST)
    if form.is_valid():
        try:
            draft.save(change(form.cleaned_data["way"]), seen=form.cleaned_data["version"])
        except (Invalid, Stale, StepNotOpen) as refused:
            return _outline(draft.request, draft.version, refused)
    return draft.back(anchor)


def _removed(draft: Draft, document: Document, what: str) -> HttpResponse:
    """Asks first, naming what goes."""
    form = VersionForm(draft.request.POST or None, initial=draft.initial({}))
    if form.is_valid() and draft.try_save(form, document, "-"):
        messages.success(draft.request, _("“%(what)s” is removed.") % {"what": what})
        return draft.back()
    return draft.page("form_remove", form, what=what)


@require_http_methods([*READ_METHODS, "POST"])
def section(request: HttpRequest, code: str, number: int, section: str = "") -> HttpResponse:
    draft = Draft(request, code, number)
    place = draft.section(section) if section else None
    stored = draft.document["sections"][place] if place is not None else {}
    initial = draft.initial({name: stored.get(name, "") for name in SECTION_FIELDS})
    form = SectionForm(request.POST or None, initial=initial)
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in SECTION_FIELDS}
        document, at = drafting.with_section(draft.document, place, values)
        if draft.try_save(form, document, at):
            return draft.back(f"section-{values['code']}")
    return draft.page("form_section", form, section=stored)


@require_POST
def move_section(request: HttpRequest, code: str, number: int, section: str) -> HttpResponse:
    draft = Draft(request, code, number)
    place = draft.section(section)
    return _moved(
        draft,
        lambda way: drafting.moved_section(draft.document, place, way),
        f"section-{section}",
    )


@require_http_methods([*READ_METHODS, "POST"])
def remove_section(request: HttpRequest, code: str, number: int, section: str) -> HttpResponse:
    draft = Draft(request, code, number)
    place = draft.section(section)
    document = drafting.without_section(draft.document, place)
    return _removed(draft, document, draft.document["sections"][place]["name_zh"])


@require_http_methods([*READ_METHODS, "POST"])
def question(request: HttpRequest, code: str, number: int, question: str = "") -> HttpResponse:
    """Add a question of the kind that the address names, or change one."""
    draft = Draft(request, code, number)
    at = draft.question(question) if question else None
    stored: Document = {}
    if at is not None:
        stored = draft.document["sections"][at[0]]["questions"][at[1]]
        kind = request.GET.get("kind") or stored["kind"]
        initial = as_typed(stored) | {"section": draft.document["sections"][at[0]]["code"]}
    else:
        kind = request.GET.get("kind") or str(Question.Kind.TEXT)
        initial = {"required": True, "section": request.GET.get("section", "")}
        if not draft.document["sections"]:
            messages.warning(request, _("Add a section first."))
            return draft.back()
    if kind not in OF_KIND:
        raise Http404
    form = QuestionForm(
        request.POST or None,
        kind=kind,
        document=draft.document,
        at=at,
        initial=draft.initial(initial),
    )
    if form.is_valid():
        values = form.values()
        place = draft.section(form.cleaned_data["section"])
        document, pointer = drafting.with_question(draft.document, at, place, values)
        if draft.try_save(form, document, pointer):
            return draft.back(f"question-{values['code']}")
    published = building.known_for(draft.version).earlier if stored else {}
    return draft.page(
        "form_question",
        form,
        question=stored,
        kind=kind,
        kind_label=Question.Kind(kind).label,
        kinds=Question.Kind.choices,
        kind_stays=bool(stored) and stored["code"] in published,
    )


@require_POST
def move_question(request: HttpRequest, code: str, number: int, question: str) -> HttpResponse:
    draft = Draft(request, code, number)
    at = draft.question(question)
    return _moved(
        draft,
        lambda way: drafting.moved_question(draft.document, at, way),
        f"question-{question}",
    )


@require_http_methods([*READ_METHODS, "POST"])
def remove_question(request: HttpRequest, code: str, number: int, question: str) -> HttpResponse:
    draft = Draft(request, code, number)
    at = draft.question(question)
    document = drafting.without_question(draft.document, at)
    return _removed(draft, document, _labels(draft.document)[question])


@require_http_methods([*READ_METHODS, "POST"])
def rule(request: HttpRequest, code: str, number: int, rule: int = 0) -> HttpResponse:
    draft = Draft(request, code, number)
    place = draft.rule(rule) if request.resolver_match.url_name != "form-rule-add" else None
    stored = draft.document["rules"][place] if place is not None else {}
    form = RuleForm(request.POST or None, initial=draft.initial(dict(stored)))
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in RULE_FIELDS}
        document, at = drafting.with_rule(draft.document, place, values)
        if draft.try_save(form, document, at):
            return draft.back("rules")
    numbers = [
        number | {"code": name}
        for each in draft.document["sections"]
        for asked in each["questions"]
        for name, number in numbers_of(asked).items()
    ]
    return draft.page("form_rule", form, rule=stored, numbers=numbers, place=rule)


@require_http_methods([*READ_METHODS, "POST"])
def remove_rule(request: HttpRequest, code: str, number: int, rule: int) -> HttpResponse:
    draft = Draft(request, code, number)
    place = draft.rule(rule)
    words = _in_words(draft.document["rules"][place], _labels(draft.document))
    return _removed(draft, drafting.without_rule(draft.document, place), words)
