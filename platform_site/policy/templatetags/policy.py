"""Marks of policy documents."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from platform_site.policy.models import PolicyDocument
from platform_site.policy.queries import validity_of
from platform_site.web.templatetags.platform import render_tag

register = template.Library()


@register.simple_tag
def validity_tag(document: PolicyDocument) -> SafeString:
    """有效性, as a mark in words and colour."""
    validity = validity_of(document)
    return render_tag(PolicyDocument.TONES[validity], str(validity.label))
