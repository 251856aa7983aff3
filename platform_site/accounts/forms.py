"""The shape of what is typed on the pages of accounts; the rules are in services."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Any

from django import forms
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField, ProseFormField

from . import api_scopes, permissions, queries
from .models import ApiToken, User
from .roles import Role


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class FederationInput(forms.TextInput):
    """A code, with the first-tier federations offered while typing; works without scripts."""

    template_name = "accounts/federation_input.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}_choices"
        context["widget"]["attrs"]["list"] = list_id
        context["list_id"] = list_id
        context["federations"] = self.federations  # type: ignore[attr-defined]
        return context


class FederationField(LineFormField):
    """A federation by its code."""

    widget = FederationInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=16, **kwargs)
        self.queryset: Any = None

    def limit_to(self, queryset: Any) -> None:
        self.queryset = queryset
        self.widget.federations = queryset.filter(level__lte=2).order_by("position", "code")

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        if not code:
            return None
        federation = self.queryset.filter(code__iexact=code).first()
        if federation is None:
            raise ValidationError(
                _("There is no federation with this code that you can choose."), code="unknown"
            )
        return federation


class NoteForm(forms.Form):
    """A compulsory reason, and the version of the page it was written on."""

    note = ProseFormField(
        max_length=500, label=_("Reason"), help_text=_("It goes into the permanent record.")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    note.widget.attrs["rows"] = 3


class OfficeForm(forms.Form):
    """An office: which, where, until when."""

    role = forms.ChoiceField(label=_("Role"))
    federation = FederationField(
        label=_("Federation"),
        help_text=_(
            "Its code, for example 440000 for Guangdong. ACFTU is the national federation."
        ),
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DayInput,
        help_text=_("The last day. Leave empty for an office without an end."),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["role"].choices = [
            ("", _("Choose a role")),
            *((role.value, role.label) for role in queries.roles_given_by(by)),
        ]
        federations = queries.federations_to_give_at(by)
        self.fields["federation"].limit_to(federations)
        if not by.scope.holds(Role.SECURITY_ADMINISTRATOR):
            only = federations[:2]
            if len(only) == 1:
                self.fields["federation"].initial = only[0].code


class GiveRoleForm(OfficeForm):
    since = forms.DateField(label=_("From"), widget=DayInput, initial=timezone.localdate)
    note = ProseFormField(max_length=500, label=_("Reason"), required=False)

    field_order = ["role", "federation", "since", "until", "note"]

    note.widget.attrs["rows"] = 3


class InvitationForm(OfficeForm):
    id = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    name = LineFormField(max_length=64, label=_("Full name"))
    username = LineFormField(
        max_length=64,
        label=_("User name"),
        validators=[ASCIIUsernameValidator()],
        help_text=_("Letters, digits and @ . + - _ only. One account for each person."),
    )
    email = forms.EmailField(
        max_length=254,
        label=_("E-mail"),
        help_text=_("The invitation with the link to choose a password goes there."),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=User.Language.choices, initial=User.Language.CHINESE
    )

    field_order = ["id", "name", "username", "email", "role", "federation", "until", "language"]


class SubstituteForm(forms.Form):
    username = LineFormField(
        max_length=64,
        label=_("Who fills in"),
        help_text=_(
            "The user name of an account that exists. The substitute acts under that name."
        ),
    )
    since = forms.DateField(label=_("From"), widget=DayInput, initial=timezone.localdate)
    until = forms.DateField(label=_("Until"), widget=DayInput, help_text=_("The last day."))
    note = ProseFormField(max_length=500, label=_("Reason"), required=False)

    note.widget.attrs["rows"] = 3

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_username(self) -> User:
        account = (
            User.objects.visible_to(self.by)
            .filter(username__iexact=self.cleaned_data["username"], is_active=True)
            .first()
        )
        if account is None:
            raise ValidationError(_("There is no such account in use."), code="unknown")
        return account


class FilterForm(forms.Form):
    q = LineFormField(max_length=64, required=False, label=_("Name or user name"))
    role = forms.ChoiceField(
        required=False, label=_("Role"), choices=[("", _("All roles")), *Role.choices]
    )
    federation = LineFormField(max_length=16, required=False, label=_("Federation code"))
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[("", _("All states")), *User.State.choices],
    )


class GrantFilterForm(forms.Form):
    q = LineFormField(max_length=64, required=False, label=_("Name or user name"))
    act = forms.ChoiceField(required=False, label=_("What may be done"))
    show = forms.ChoiceField(
        required=False,
        label=_("Which"),
        choices=[
            ("", _("All that I may see")),
            ("held", _("Given to me")),
            ("given", _("Given by me")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = [("", _("All")), *act_choices(permissions.given_by_name())]


def act_choices(acts: list[permissions.Permission]) -> list[tuple[str, Any]]:
    return [(each.code, each.given.label) for each in acts if each.given is not None]


def soon() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=30)


class GrantForm(forms.Form):
    """An exception on the object at hand: to whom, which act, until when, why."""

    username = LineFormField(
        max_length=64,
        label=_("Given to"),
        help_text=_("The user name of an account in use. Ask the person for it."),
    )
    permission = forms.ChoiceField(label=_("What may be done"))
    expires_on = forms.DateField(
        label=_("Until"),
        widget=DayInput,
        initial=soon,
        help_text=_("The last day, within a year from now."),
    )
    reason = ProseFormField(
        max_length=500, label=_("Reason"), help_text=_("It goes into the permanent record.")
    )

    reason.widget.attrs["rows"] = 3

    def __init__(self, *args: Any, acts: list[permissions.Permission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permission"].choices = act_choices(acts)

    def clean_username(self) -> User:
        person = queries.person_named(self.cleaned_data["username"])
        if person is None:
            raise ValidationError(_("There is no such account in use."), code="unknown")
        return person


def default_expiry() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=90)


class TokenForm(forms.Form):
    id = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    name = LineFormField(
        max_length=80, label=_("Name"), help_text=_("What the token is for, to recognise it later.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        widget=forms.RadioSelect,
        choices=[
            (ApiToken.Kind.PERSONAL, _("Personal: for a program of my own")),
            (ApiToken.Kind.MACHINE, _("Machine: stands in another system and works by itself")),
        ],
        initial=ApiToken.Kind.PERSONAL,
    )
    system = LineFormField(
        max_length=80,
        required=False,
        label=_("System"),
        help_text=_("Of a machine token: the system that it stands in."),
    )
    networks = ProseFormField(
        max_length=1000,
        required=False,
        label=_("Network addresses"),
        help_text=_(
            "From which the token may be used, one a line, for example 10.1.2.3, 10.1.0.0/16 or"
            " 2001:db8::/48. A machine token needs at least one; empty: from anywhere."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What the token may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A token never opens more than its owner may do."),
    )
    expires_on = forms.DateField(
        label=_("Valid until"),
        widget=DayInput,
        initial=default_expiry,
        help_text=_("The last day, within a year from now."),
    )

    networks.widget.attrs["rows"] = 3

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = api_scopes.choices()

    def clean_networks(self) -> list[str]:
        return re.split(r"[\s,;，；、]+", text) if (text := self.cleaned_data["networks"]) else []


class RotateTokenForm(forms.Form):
    id = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    expires_on = TokenForm.base_fields["expires_on"]
    overlap = forms.TypedChoiceField(
        label=_("The old text"),
        coerce=lambda days: datetime.timedelta(days=int(days)),
        choices=[
            (1, _("works for one more day")),
            (7, _("works for one more week")),
            (0, _("ends at once")),
        ],
        help_text=_("Put the new text into the program while the old one still works."),
    )


class SettingsForm(forms.Form):
    name = LineFormField(max_length=64, label=_("Full name"))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=User.Language.choices,
        help_text=_("Pages, e-mails and API messages come in this language."),
    )
