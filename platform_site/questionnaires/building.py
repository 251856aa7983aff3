"""Building forms and keeping the catalogue of indicators: the only place that changes either.

A draft is written whole (:func:`save_draft`), by a page after one change or by a program; published, a
version stays as it is, and the next one is begun as its copy.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework.workflow import check_version, lock
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from . import purposes, queries
from .kinds import CODE, Document
from .models import Form, FormVersion, Indicator, Question, Section
from .structure import (
    QUESTION_FIELDS,
    RULE_FIELDS,
    SECTION_FIELDS,
    Known,
    document_of,
    problems_of,
    problems_of_publishing,
    whole,
)
from .values import plain

PERMISSION = "questionnaires.build_forms"


def check_builds(by: User) -> None:
    """Raises NotAllowed for whoever does not build forms."""
    if not by.has_perm(PERMISSION):
        raise NotAllowed("not_yours", _("Only national officers build forms and keep indicators."))


def _invalid(problems: list[FieldProblem], message: str) -> Invalid:
    return Invalid("form_invalid", message, fields=problems)


# --- Forms ----------------------------------------------------------------------------------------
@transaction.atomic
def make_form(*, by: User, code: str, name_zh: str, purpose: str, name_en: str = "") -> Form:
    """A new form with an empty draft of its first version."""
    check_builds(by)
    problems = []
    if not CODE.fullmatch(code):
        message = _("Give a code: a small letter, then small letters, digits and _.")
        problems.append(FieldProblem("/code", "invalid_code", message))
    elif Form.objects.filter(code=code).exists():
        problems.append(FieldProblem("/code", "taken", _("Another form has this code.")))
    if not name_zh.strip():
        problems.append(FieldProblem("/name_zh", "required", _("Give the Chinese name.")))
    if not purposes.is_known(purpose):
        message = _("Choose what the form is filled in for.")
        problems.append(FieldProblem("/purpose", "unknown", message))
    if problems:
        raise _invalid(problems, _("The form cannot be made."))
    try:
        with transaction.atomic():
            form = Form.objects.create(
                code=code, name_zh=name_zh.strip(), name_en=name_en.strip(), purpose=purpose
            )
    except IntegrityError:  # sent twice at once: the other one was faster
        taken = FieldProblem("/code", "taken", _("Another form has this code."))
        raise _invalid([taken], _("The form cannot be made.")) from None
    FormVersion.objects.create(form=form, number=1, is_draft=True)
    audit.record("questionnaires.form.make", form, by=by, facts={"code": code})
    return form


@transaction.atomic
def change_form(
    form: Form,
    *,
    by: User,
    version: int,
    name_zh: str | None = None,
    name_en: str | None = None,
) -> Form:
    """Change what the form is called; what is not given stays. Code and purpose stay for good."""
    check_builds(by)
    fresh = lock(form)
    check_version(fresh, version)
    if name_zh is not None and not name_zh.strip():
        missing = FieldProblem("/name_zh", "required", _("Give the Chinese name."))
        raise _invalid([missing], _("The form cannot be kept."))
    if name_zh is not None:
        fresh.name_zh = name_zh.strip()
    if name_en is not None:
        fresh.name_en = name_en.strip()
    fresh.version += 1
    fresh.save()
    audit.record("questionnaires.form.change", fresh, by=by, facts={"code": fresh.code})
    return fresh


# --- Versions -------------------------------------------------------------------------------------
@transaction.atomic
def begin_version(form: Form, *, by: User, version: int) -> Form:
    """Begin the next version as a copy of the newest one. There is one draft at a time."""
    check_builds(by)
    fresh = lock(form)
    check_version(fresh, version)
    newest = queries.newest_version(fresh)
    if newest is not None and newest.is_draft:
        raise StepNotOpen(
            "draft_exists",
            _("Version %(number)s is still a draft: go on with it, publish it or discard it.")
            % {"number": newest.number},
        )
    draft = FormVersion.objects.create(
        form=fresh, number=newest.number + 1 if newest else 1, is_draft=True
    )
    if newest is not None:
        _write(draft, document_of(newest))
    fresh.version += 1
    fresh.save(update_fields=["version"])
    _record("begin", draft, by)
    return fresh


def _record(step: str, version: FormVersion, by: User, **facts: Any) -> None:
    audit.record(
        f"questionnaires.version.{step}",
        version,
        by=by,
        facts={"form": version.form.code, "number": version.number, **facts},
    )


def check_is_draft(form_version: FormVersion) -> None:
    """Raises StepNotOpen for what was published: rounds ask with it, and answers hang on it."""
    if not form_version.is_draft:
        raise StepNotOpen(
            "version_published",
            _("Version %(number)s is published and stays as it is: begin the next version.")
            % {"number": form_version.number},
        )


def _locked_draft(form_version: FormVersion, by: User, version: int) -> FormVersion:
    check_builds(by)
    fresh = lock(form_version)
    check_is_draft(fresh)
    check_version(fresh, version)
    return fresh


@transaction.atomic
def save_draft(
    form_version: FormVersion,
    *,
    by: User,
    version: int,
    sections: list[Document],
    rules: list[Document],
) -> FormVersion:
    """Replace the content of a draft: sections with their questions in order, and the rules.

    Whatever speaks against it is said at once, by pointer, and then nothing is written.
    """
    fresh = _locked_draft(form_version, by, version)
    document = whole({"sections": sections, "rules": rules})
    if problems := problems_of(document, known_for(fresh)):
        raise _invalid(problems, _("The version cannot be kept."))
    fresh.sections.all().delete()
    _write(fresh, document)
    fresh.version += 1
    fresh.save(update_fields=["version"])
    many = sum(len(section["questions"]) for section in document["sections"])
    _record("change", fresh, by, questions=many, rules=len(document["rules"]))
    return fresh


def known_for(form_version: FormVersion) -> Known:
    """The catalogue, and what the published versions of the form ask under which code."""
    asked = (
        Question.objects.filter(
            section__version__form=form_version.form_id, section__version__is_draft=False
        )
        .order_by("section__version__number")
        .values_list("code", "kind", "unit_zh", "columns")
    )
    earlier: dict[str, tuple[str, str]] = {}
    for code, kind, unit, columns in asked:
        earlier[code] = (kind, unit)
        for column in columns:
            earlier[f"{code}.{column['code']}"] = (column["kind"], column.get("unit_zh", ""))
    return Known(indicators={each.code: each for each in Indicator.objects.all()}, earlier=earlier)


def _write(version: FormVersion, document: Document) -> None:
    indicators = {each.code: each for each in Indicator.objects.all()}
    questions = []
    for place, given in enumerate(document["sections"]):
        section = Section.objects.create(
            version=version, position=place, **{name: given[name] for name in SECTION_FIELDS}
        )
        for order, asked in enumerate(given["questions"]):
            fields = {name: asked[name] for name in QUESTION_FIELDS}
            fields["indicator"] = indicators.get(asked["indicator"])
            fields["columns"] = [_kept_column(column) for column in asked["columns"]]
            questions.append(Question(section=section, position=order, **fields))
    Question.objects.bulk_create(questions)
    version.rules = [{name: rule[name] for name in RULE_FIELDS} for rule in document["rules"]]
    version.save(update_fields=["rules"])


def _kept_column(column: Document) -> Document:
    """As JSON: bounds as decimal strings."""
    return column | {
        name: None if column[name] is None else plain(column[name])
        for name in ("minimum", "maximum")
    }


@transaction.atomic
def publish_version(form_version: FormVersion, *, by: User, version: int) -> FormVersion:
    """From now on notices ask with it, and nobody changes it any more."""
    fresh = _locked_draft(form_version, by, version)
    document = document_of(fresh)
    # The catalogue may have changed since the draft was saved.
    problems = [*problems_of_publishing(document), *problems_of(document, known_for(fresh))]
    if problems:
        raise _invalid(problems, _("The version cannot be published yet."))
    fresh.is_draft = False
    fresh.version += 1
    fresh.save(update_fields=["is_draft", "version"])
    _touch(fresh.form)
    _record("publish", fresh, by)
    return fresh


#: Questions that a federation adds to a form it passes down.
MOST_OWN_QUESTIONS = 20


@transaction.atomic
def extend_version(
    base: FormVersion, questions: list[Document], *, by: User, name_zh: str, name_en: str = ""
) -> FormVersion:
    """A version that asks all that ``base`` asks and, in a section of its own at the end, ``questions``.

    It belongs to a form of its own that is in no list. The codes of the questions are given here. What speaks
    against them is said by pointer, such as ``/questions/0/name_zh``. The caller has asked whether ``by`` may.
    """
    if len(questions) > MOST_OWN_QUESTIONS:
        message = _("At most %(most)s questions can be added.") % {"most": MOST_OWN_QUESTIONS}
        raise _invalid([FieldProblem("/questions", "too_many", message)], message)
    document = document_of(base)
    place = len(document["sections"])
    taken = {each["code"] for each in document["sections"]}
    taken |= {each["code"] for section in document["sections"] for each in section["questions"]}
    section = {"code": _free("own", taken), "name_zh": name_zh, "name_en": name_en}
    taken.add(section["code"])
    asked = []
    for given in questions:
        asked.append({**given, "code": _free("own_question", taken)})
        taken.add(asked[-1]["code"])
    own = whole({"sections": [{**section, "questions": asked}], "rules": []})
    document["sections"] += own["sections"]
    known = Known(indicators={each.code: each for each in Indicator.objects.all()})
    at = f"/sections/{place}"
    problems = [
        replace(each, pointer=each.pointer.removeprefix(at))
        for each in problems_of(document, known)
        if each.pointer.startswith(f"{at}/")
    ]
    if problems:
        raise _invalid(problems, _("The questions cannot be added like this."))
    form = Form.objects.create(
        code=f"{base.form.code[:40]}-{uuid.uuid4().hex[:12]}",
        name_zh=base.form.name_zh,
        name_en=base.form.name_en,
        purpose=base.form.purpose,
        extends=base,
    )
    version = FormVersion.objects.create(form=form, number=1)
    _write(version, document)
    _record("extend", version, by, questions=len(asked))
    return version


def _free(stem: str, taken: set[str]) -> str:
    """The stem with the lowest number that nobody has yet."""
    return next(code for n in itertools.count(1) if (code := f"{stem}_{n}") not in taken)


@transaction.atomic
def discard_version(form_version: FormVersion, *, by: User, version: int) -> None:
    """Throw a draft away. What was published stays for good."""
    fresh = _locked_draft(form_version, by, version)
    _record("discard", fresh, by)
    form = fresh.form
    fresh.delete()
    _touch(form)


def _touch(form: Form) -> None:
    """What the form shows of its versions has changed."""
    fresh = lock(form)
    fresh.version += 1
    fresh.save(update_fields=["version"])


# --- Indicators -----------------------------------------------------------------------------------
#: 人次 and 人: attendances and persons.
ATTENDANCES, PERSONS = "人次", "人"


def _counts(unit: str) -> str:
    """Whether a unit counts persons, attendances, or something else."""
    for each in (ATTENDANCES, PERSONS):
        if unit.endswith(each):
            return each
    return ""


def _indicator_problems(entry: Indicator) -> list[FieldProblem]:
    problems = []
    if not CODE.fullmatch(entry.code):
        message = _("Give a code: a small letter, then small letters, digits and _.")
        problems.append(FieldProblem("/code", "invalid_code", message))
    for name, message in (
        ("name_zh", _("Give the Chinese name.")),
        ("name_en", _("Give the English name.")),
        ("unit_zh", _("Give the unit in Chinese.")),
        ("unit_en", _("Give the unit in English.")),
    ):
        if not getattr(entry, name).strip():
            problems.append(FieldProblem(f"/{name}", "required", message))
    if entry.measure not in Indicator.Measure.values:
        problems.append(FieldProblem("/measure", "invalid", _("Choose what is measured.")))
    if entry.adds_up not in Indicator.AddsUp.values:
        problems.append(FieldProblem("/adds_up", "invalid", _("Choose how figures combine.")))
    same = Indicator.objects.exclude(pk=entry.pk).filter(name_zh=entry.name_zh.strip())
    if entry.name_zh.strip() and same.exists():
        message = _("Another indicator has this name.")
        problems.append(FieldProblem("/name_zh", "taken", message))
    return problems


@transaction.atomic
def add_indicator(
    *,
    by: User,
    code: str,
    name_zh: str,
    name_en: str,
    unit_zh: str,
    unit_en: str,
    measure: str,
    adds_up: str,
) -> Indicator:
    """A new figure that is followed over time."""
    check_builds(by)
    entry = Indicator(
        code=code,
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        unit_zh=unit_zh.strip(),
        unit_en=unit_en.strip(),
        measure=measure,
        adds_up=adds_up,
    )
    problems = _indicator_problems(entry)
    taken = FieldProblem("/code", "taken", _("Another indicator has this code."))
    if Indicator.objects.filter(code=code).exists():
        problems.append(taken)
    if problems:
        raise _invalid(problems, _("The indicator cannot be kept."))
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:  # sent twice at once: the other one was faster
        raise _invalid([taken], _("The indicator cannot be kept.")) from None
    audit.record("questionnaires.indicator.add", entry, by=by, facts={"code": code})
    return entry


@transaction.atomic
def change_indicator(indicator: Indicator, *, by: User, version: int, **changes: str) -> Indicator:
    """Change names and unit, and while no figure was accepted also how it is measured and combined.

    A unit never turns from persons (人) into attendances (人次) or back once questions ask by it: what
    was reported would mean something else. Drafts take the new unit over.
    """
    check_builds(by)
    fresh = lock(indicator)
    check_version(fresh, version)
    before = (fresh.unit_zh, fresh.measure, fresh.adds_up)
    for name in ("name_zh", "name_en", "unit_zh", "unit_en", "measure", "adds_up"):
        if name in changes:
            setattr(fresh, name, changes[name].strip())
    problems = _indicator_problems(fresh)
    in_use = queries.indicator_is_used(fresh)
    for name, was in (("measure", before[1]), ("adds_up", before[2])):
        if in_use and getattr(fresh, name) != was:
            message = _("Accepted figures use it: add another indicator instead.")
            problems.append(FieldProblem(f"/{name}", "in_use", message))
    asked = Question.objects.filter(
        Q(indicator=fresh) | Q(columns__contains=[{"indicator": fresh.code}])
    )
    published = asked.filter(section__version__is_draft=False)
    another = _counts(fresh.unit_zh) != _counts(before[0])
    if another and (in_use or published.exists()):
        message = _(
            "Persons (人) and attendances (人次) are never mixed: reports were asked for by the old"
            " unit. Add another indicator instead."
        )
        problems.append(FieldProblem("/unit_zh", "in_use", message))
    if problems:
        raise _invalid(problems, _("The indicator cannot be kept."))
    fresh.version += 1
    fresh.save()
    for question in asked.filter(section__version__is_draft=True):
        units = {"unit_zh": fresh.unit_zh, "unit_en": fresh.unit_en}
        if question.indicator_id:
            question.unit_zh, question.unit_en = fresh.unit_zh, fresh.unit_en
        question.columns = [
            column | units if column.get("indicator") == fresh.code else column
            for column in question.columns
        ]
        question.save(update_fields=["unit_zh", "unit_en", "columns"])
    audit.record(
        "questionnaires.indicator.change",
        fresh,
        by=by,
        facts={"code": fresh.code, "changed": sorted(changes)},
    )
    return fresh
