"""``{% work_mark cell %}``: the state of one subject as icon, word and colour."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from platform_site.web.templatetags.platform import render_tag

from ..queries.work_system import WorkState

register = template.Library()

#: An icon of its own for each, so that no colour is needed.
LOOKS = {
    WorkState.SETTLED: ("green", "circle-check"),
    WorkState.MISSING: ("red", "circle-x"),
    WorkState.EXPIRED: ("red", "clock"),
    WorkState.UNCONFIRMED: ("red", "triangle-alert"),
}


@register.simple_tag
def work_mark(state: WorkState) -> SafeString:
    tone, name = LOOKS[state]
    return render_tag(tone, str(state.label), name)
