from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from platform_site.lists.tables import KeysetTable
from platform_site.web.templatetags.platform import status_tag, table_date, table_datetime

from .models import ApiToken, ObjectGrant, User


class AccountTable(KeysetTable):
    name = tables.Column(_("Full name"), linkify=True)
    username = tables.Column(_("User name"))
    offices_today = tables.Column(_("Offices"), empty_values=())
    email = tables.Column(_("E-mail"))
    state = tables.Column(_("State"), empty_values=())
    last_login = tables.Column(_("Last sign-in"))

    class Meta(getattr(KeysetTable, "Meta", object)):
        model = User
        fields = ["name", "username", "offices_today", "email", "state", "last_login"]
        sequence = fields

    def __init__(self, *args: Any, masked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.masked = masked

    def render_email(self, record: User) -> str:
        return record.masked_email if self.masked else record.email

    def render_offices_today(self, record: Any) -> str:
        return (
            format_html_join(
                "",
                "<div>{} · {}</div>",
                ((o.get_role_display(), o.federation) for o in record.offices_today),
            )
            or "–"
        )

    def render_state(self, record: User) -> str:
        return state_tag(record)

    def render_last_login(self, value: Any) -> str:
        return table_datetime(value)


#: The tone of each state's mark.
TONES = {
    User.State.ACTIVE: "active",
    User.State.INVITED: "waiting",
    User.State.DISABLED: "disabled",
}


def state_tag(account: User) -> str:
    return status_tag(TONES[account.state], label=str(account.state.label))


class TokenTable(KeysetTable):
    name = tables.Column(_("Name"))
    token_key = tables.Column(_("Begins with"))
    scopes = tables.Column(_("What the token may do"))
    networks = tables.Column(_("Used from"), empty_values=())
    created = tables.Column(_("Made on"))
    expiry = tables.Column(_("Valid until"))
    last_used_at = tables.Column(_("Last used"))
    actions = tables.TemplateColumn(
        template_name="accounts/token_actions_cell.html",
        verbose_name=_("Action"),
        orderable=False,
    )

    class Meta(getattr(KeysetTable, "Meta", object)):
        model = ApiToken
        fields = [
            "name",
            "token_key",
            "scopes",
            "networks",
            "created",
            "expiry",
            "last_used_at",
            "actions",
        ]
        sequence = fields

    def render_name(self, record: ApiToken) -> str:
        if record.kind != ApiToken.Kind.MACHINE:
            return record.name
        return format_html("{}<div>{} · {}</div>", record.name, _("Machine"), record.system)

    def render_token_key(self, value: str) -> str:
        return format_html('<code class="nowrap">{}</code>', value)

    def render_scopes(self, value: list[str]) -> str:
        scopes = format_html_join(" ", "<code>{}</code>", ((scope,) for scope in value))
        if len(value) <= 6:
            return scopes
        words = ngettext("%(n)s scope", "%(n)s scopes", len(value)) % {"n": len(value)}
        return format_html("<details><summary>{}</summary>{}</details>", words, scopes)

    def render_networks(self, value: list[str]) -> str:
        if not value:
            return str(_("Anywhere"))
        return format_html_join(
            "", '<div class="nowrap"><code>{}</code></div>', ((network,) for network in value)
        )

    def render_created(self, value: Any) -> str:
        return _day(value)

    def render_expiry(self, record: ApiToken) -> str:
        if record.expired:
            word = str(_("Expired"))
            return format_html("{} {}", _day(record.last_day), status_tag("disabled", label=word))
        return _day(record.last_day)

    def render_last_used_at(self, record: ApiToken) -> str:
        when = table_datetime(record.last_used_at)
        if not record.last_used_from:
            return when
        return format_html("{}<div>{}</div>", when, record.last_used_from)


class GrantTable(KeysetTable):
    user = tables.TemplateColumn(
        '{{ record.user.name }}<br><span class="meta">{{ record.user.username }}</span>',
        verbose_name=_("Given to"),
        orderable=False,
    )
    act = tables.Column(_("What may be done"))
    about = tables.TemplateColumn(
        template_name="accounts/grant_object_cell.html", verbose_name=_("Object"), orderable=False
    )
    expires_on = tables.Column(_("Until"))
    reason = tables.Column(_("Reason"))
    granted_by = tables.TemplateColumn(
        '{{ record.granted_by.name|default:"–" }}<br>'
        '<span class="meta">{% load platform %}{{ record.granted_at|table_date }}</span>',
        verbose_name=_("Given by"),
        orderable=False,
    )
    revoke = tables.TemplateColumn(
        template_name="accounts/grant_revoke_cell.html",
        verbose_name=_("Action"),
        orderable=False,
    )

    class Meta(getattr(KeysetTable, "Meta", object)):
        model = ObjectGrant
        fields = ["user", "act", "about", "expires_on", "reason", "granted_by", "revoke"]
        sequence = fields

    def render_expires_on(self, value: Any) -> str:
        return table_date(value)


def _day(value: Any) -> str:
    return format_html('<span class="nowrap">{}</span>', table_date(value))
