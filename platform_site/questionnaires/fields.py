"""Fields that several of the builder's forms have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.text.clean import clean_line
from platform_site.text.fields import ProseFormField

from .models import Indicator
from .values import plain


class WholeField(forms.IntegerField):
    """A whole number from 0 on; left empty it is 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=0, **kwargs)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return 0 if found is None else found


class BoundField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_digits=20, decimal_places=4, **kwargs)
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return plain(value)


class OptionsField(ProseFormField):
    """``code | 中文 | English`` on a line each, as a list of options."""

    def __init__(self, *, rows: int = 6, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(max_length=10_000, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        options = []
        for line in text.replace("｜", "|").splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) not in (2, 3):
                raise forms.ValidationError(
                    _("Write each of them as code | Chinese | English, on a line of its own."),
                    code="unreadable",
                )
            option = {"code": parts[0], "zh": clean_line(parts[1], max_length=200)}
            if len(parts) == 3 and parts[2]:
                option["en"] = clean_line(parts[2], max_length=200)
            options.append(option)
        return options


def options_text(options: list[dict[str, str]]) -> str:
    return "\n".join(
        " | ".join(filter(None, (each["code"], each["zh"], each.get("en", "")))) for each in options
    )


def indicator_choices() -> list[tuple[str, str]]:
    rows = Indicator.objects.order_by("code")
    return [
        ("", gettext("none")),
        *((row.code, f"{row} ({row.unit}) · {row.code}") for row in rows),
    ]
