"""Forms of 四落实: what the matrix is narrowed to, a statement, its correction and end, the centre's call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation, Holding
from platform_site.text.fields import LineFormField, ProseFormField

from ..models import WORK_COLUMNS, DepartmentKind, WorkStatement, WorkSubject
from ..queries import Group
from ..queries.work_system import WorkState, words_of_leader
from ..services.work_system import CONTENT, SAID
from .matrix import AsOfForm
from .supervision import _day, _prose


class WorkForm(AsOfForm):
    """``followed`` is off for readers of one federation, who have no groups to choose from."""

    subject = forms.ChoiceField(
        label=_("Matter"),
        choices=[("", _("All subjects")), *[(each.value, each.label) for each in WORK_COLUMNS]],
        required=False,
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("All states")), ("gap", _("any gap")), *WorkState.choices],
        required=False,
    )
    group = forms.ChoiceField(
        label=_("Federations"),
        choices=[("", _("All federations")), *Group.choices],
        required=False,
    )
    under = forms.ModelChoiceField(
        label=_("With those below"),
        queryset=Federation.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("Nobody in particular"),
    )

    def __init__(self, *args: Any, followed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if followed:
            self.fields["under"].queryset = Federation.objects.first_tier()  # type: ignore[attr-defined]
        else:
            del self.fields["group"]
            del self.fields["under"]


class _LeaderField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{words_of_leader(obj)} · {obj.since.isoformat()}"


def _content_fields(federation: Federation) -> dict[str, forms.Field]:
    """A field for each thing that a statement can say."""
    number = {"min_value": 0, "required": False}
    return {
        "holding": _LeaderField(
            label=_("Leader in charge"),
            queryset=Holding.objects.none(),
            required=False,
            empty_label=_("Choose the leader"),
            help_text=_("As recorded in the register of posts."),
            error_messages={"invalid_choice": _("Choose one of the list.")},
        ),
        "text": _prose(_("What there is"), rows=4, length=1000, required=False),
        "department_kind": forms.ChoiceField(
            label=_("Kind of department"),
            choices=[("", _("Choose the kind")), *DepartmentKind.choices],
            required=False,
        ),
        "full_time": forms.IntegerField(label=_("Full-time staff"), **number),
        "part_time": forms.IntegerField(
            label=_("Part-time staff"), help_text=_("Numbers only, no names."), **number
        ),
        "amount": forms.DecimalField(
            label=_("Amount (10,000 yuan)"),
            max_digits=12,
            decimal_places=2,
            error_messages={"max_decimal_places": _("Two decimal places at the most.")},
            **number,
        ),
        "year": forms.IntegerField(label=_("Budget year"), required=False),
        "yes": forms.TypedChoiceField(
            label=_("Yes or no"),
            choices=[("", _("Choose")), ("yes", _("Yes")), ("no", _("No"))],
            coerce=lambda value: value == "yes",
            empty_value=None,
            required=False,
        ),
    }


class _SayingForm(forms.Form):
    """The fields of one subject; what is missing is said by the service."""

    #: Where they stand among the other fields.
    after: tuple[str, ...] = ()

    def __init__(self, *args: Any, federation: Federation, subject: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = _content_fields(federation)
        fields["holding"].queryset = Holding.objects.filter(  # type: ignore[attr-defined]
            federation=federation, post=Holding.Post.LEADER_IN_CHARGE
        ).order_by("-since")
        for name in SAID[subject]:
            self.fields[name] = fields[name]
        if subject == WorkSubject.DEPARTMENT:
            self.fields["text"] = LineFormField(
                label=_("Name of the department"), max_length=100, required=False
            )
        if subject in (WorkSubject.LEADING_GROUP, WorkSubject.REFORM_PLAN):
            self.fields["yes"].label = WorkSubject(subject).label
        self.order_fields([*self.after, *SAID[subject]])


class StatementForm(_SayingForm):
    """What there is from a day on. ``id`` makes a replay harmless."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    since = _day(_("From"), help_text=_("The former statement ends on this day."))
    document_number = LineFormField(
        label=_("Document number"),
        max_length=80,
        required=False,
        help_text=_("Of the paper that settles it, such as 粤工办〔2026〕12号."),
    )
    note = _prose(_("Note"), rows=2, length=1000, required=False)
    after = ("id", "since")


class CorrectionForm(_SayingForm):
    """The same, put right, with the reason; the day stays."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    document_number = LineFormField(label=_("Document number"), max_length=80, required=False)
    note = _prose(_("Note"), rows=2, length=1000, required=False)
    reason = _prose(
        _("What was wrong"),
        rows=2,
        length=500,
        error_messages={"required": _("Give the reason.")},
        help_text=_("Both rows stay in the history."),
    )
    after = ("version",)

    @staticmethod
    def initial_of(statement: WorkStatement) -> dict[str, Any]:
        given = {name: getattr(statement, name) for name in (*CONTENT, "document_number", "note")}
        given["yes"] = {True: "yes", False: "no"}.get(statement.yes)
        return {**given, "version": statement.version}


class EndForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    until = _day(_("No longer from"), help_text=_("The first day on which it does not hold."))
    note = _prose(_("Note"), rows=2, length=500, required=False)


class AskForm(forms.Form):
    """催填: whom, by when, and a sentence of one's own."""

    federations = forms.MultipleChoiceField(
        label=_("Federations with gaps"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one federation.")},
    )
    due_on = _day(_("To be filled in by"))
    sentence = ProseFormField(
        label=_("A sentence of your own"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
