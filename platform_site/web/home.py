"""The first page of the workbench is made of blocks that the apps register in ``menu.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .menu import Permission, may_open, menu_modules


@dataclass(frozen=True)
class HomeBlock:
    """A part of the first page; ``context(user)`` returning None leaves it out."""

    template: str
    context: Callable[[Any], dict[str, Any] | None] | None = None
    order: int = 100
    permission: Permission = None


def blocks_for(request: HttpRequest) -> list[SafeString]:
    return rendered(
        request, [block for module in menu_modules() for block in getattr(module, "HOME", [])]
    )


def rendered(request: HttpRequest, blocks: Iterable[HomeBlock]) -> list[SafeString]:
    """The blocks that this reader may see and that have something to say, in order."""
    shown = []
    for block in sorted(blocks, key=lambda block: block.order):
        if not may_open(request.user, block.permission):
            continue
        context = block.context(request.user) if block.context else {}
        if context is not None:
            shown.append(render_to_string(block.template, context, request=request))
    return shown
