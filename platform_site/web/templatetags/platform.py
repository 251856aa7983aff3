"""Tags of the visual base: icons, dates, states."""

from __future__ import annotations

import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

#: Tone of a state where the model does not say (attribute ``STATE_TONES`` on the class).
#: A tone is never alone: each state shows an icon and its word as well.
TONES = {
    "draft": "grey",
    "cancelled": "grey",
    "withdrawn": "grey",
    "closed": "grey",
    "waived": "grey",
    "approved": "blue",
    "submitted": "blue",
    "issued": "blue",
    "open": "blue",
    "signed_for": "blue",
    "waiting": "grey",
    "claimed": "blue",
    "due_soon": "amber",
    "returned": "red",
    "overdue": "red",
    "late": "red",
    "failed": "red",
    "accepted": "green",
    "settled": "green",
    "filed": "green",
    "sent": "green",
    "done": "green",
    "active": "green",
    "refused": "red",
    "disabled": "grey",
}
TONE_ICONS = {
    "green": "circle-check",
    "amber": "clock",
    "red": "undo-2",
    "blue": "circle-dot",
    "grey": "circle-dashed",
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A line icon of the sprite; without ``label`` it is decoration and hidden from readers."""
    href = f"{static('platform/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}" focusable="false"><use href="{}"></use></svg>',
            label,
            href,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        href,
    )


@register.simple_tag
def html_lang() -> str:
    return {"zh-hans": "zh-Hans"}.get(translation.get_language() or "", "en")


@register.simple_tag
def status_tag(subject: Any, tone: str = "", label: str = "") -> SafeString:
    """The state of an object (or a plain code with ``label``) as icon, word and colour."""
    code = getattr(subject, "state", subject)
    if not label:
        display = getattr(subject, "get_state_display", None)
        label = str(display() if display else getattr(code, "label", code))
    tones = {**TONES, **getattr(type(subject), "STATE_TONES", {})}
    return render_tag(tone or tones.get(str(code), "grey"), label)


def render_tag(tone: str, label: str, icon_name: str = "") -> SafeString:
    if tone not in TONE_ICONS:
        tone = "grey"
    return format_html(
        '<span class="tag tag--{}">{}<span>{}</span></span>',
        tone,
        icon(icon_name or TONE_ICONS[tone]),
        label,
    )


@register.simple_tag
def tag(tone: str, label: str, icon: str = "") -> SafeString:
    return render_tag(tone, str(label), icon)


@register.filter
def zh_date(value: datetime.date | datetime.datetime | None) -> str:
    """2026年11月22日 in Chinese, 22 November 2026 in English; empty for no date."""
    if not value:
        return ""
    day = _local_day(value)
    if (translation.get_language() or "").startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@register.filter
def zh_datetime(value: datetime.datetime | None) -> str:
    """The day as in :func:`zh_date`, with hours and minutes in the platform's time zone."""
    if not value:
        return ""
    return f"{zh_date(value)} {timezone.localtime(value):%H:%M}"


@register.filter
def table_date(value: datetime.date | datetime.datetime | None) -> str:
    return _local_day(value).isoformat() if value else ""


@register.filter
def table_datetime(value: datetime.datetime | None) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


@register.simple_tag
def percent(part: float, whole: float) -> int:
    """Whole percent, 0 where there is nothing to divide by."""
    return round(100 * part / whole) if whole else 0


@register.filter
def file_size(value: int | None) -> str:
    """12 KB, 3.4 MB: units are the same in both languages."""
    if value is None:
        return ""
    size = float(value)
    for unit in ("B", "KB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f}".removesuffix(".0") + " MB"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters changed; None or "" takes one out."""
    request = context.get("request")
    params = request.GET.copy() if request is not None else None
    if params is None:
        return ""
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = value
    text = params.urlencode()
    return f"?{text}" if text else "?"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``mapping[key]``, or nothing."""
    try:
        return mapping.get(key)
    except AttributeError:
        return None


@register.simple_tag
def error_links(form: Any) -> list[dict[str, str]]:
    """Every problem of a form as {label, message, target}: what the error summary lists."""
    links = []
    for form_or_set in form if isinstance(form, list | tuple) else [form]:
        for message in form_or_set.non_field_errors():
            links.append({"label": "", "message": str(message), "target": ""})
        for name, messages in form_or_set.errors.items():
            if name == "__all__":
                continue
            bound = form_or_set[name] if name in form_or_set.fields else None
            # A group of radio buttons has no label of its own: its first button is the target.
            target = (bound.id_for_label or f"{bound.auto_id}_0") if bound is not None else ""
            label = str(bound.label) if bound is not None else ""
            links += [{"label": label, "message": str(m), "target": target} for m in messages]
    return links


def _local_day(value: datetime.date | datetime.datetime) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
