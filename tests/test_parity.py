"""Everything a page can do, the API can do: worked out from the code, not from a list of pairs.

- Every step of every workflow is a POST of the viewset of its model, and objects with steps list them.
- Every act (a public function that takes its actor as ``by=``) that a page calls, an API module calls.
- Every read that a page offers below ``/w/`` has a GET at the same address below ``/api/v1/``, or at the
  one that ``ELSEWHERE`` names. A form page counts by the acts of its POST.

What is missing on purpose stands in ``EXCEPTED``, with the reason; a line there that is not needed any
more fails as well.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver

from platform_site.api.router import router
from platform_site.casework.workflow import all_workflows
from platform_site.lists import exports

OURS = ("platform_site", "reports")

_NO_BACK_DOOR = "a token is made and withdrawn by a signed-in person, never by another token"
_CALENDAR = (
    "the secret address is a credential like a token, which must not make one that outlives it; what it"
    " shows is /todo/"
)
#: Acts and routes without an operation, and why.
EXCEPTED: dict[str, str] = {
    "platform_site.accounts.services.tokens.issue_token": _NO_BACK_DOOR,
    "platform_site.accounts.services.tokens.revoke_token": _NO_BACK_DOOR,
    "platform_site.accounts.services.tokens.rotate_token": _NO_BACK_DOOR,
    "platform_site.accounts.services.people.change_settings": "display: language and the like of a person",
    "platform_site.casework.services.feeds.make_feed": _CALENDAR,
    "platform_site.casework.services.feeds.revoke_feed": _CALENDAR,
    "export-start.tokens": _NO_BACK_DOOR,
    "token-list": _NO_BACK_DOOR,
    "home": "made of the to-do list, the notices and what is owed, each of which has its list",
}

#: Reads whose operation has another address: route → address below /api/v1/.
ELSEWHERE: dict[str, str] = {
    "audit-list": "audit-entries/",
    "document-template-download": "document-kinds/{}/template/",
    "document-template-sample": "document-kinds/{}/sample/",
    "document-template-version": "document-templates/{}/content/",
    "form-preview": "forms/{}/versions/{}/",
    "handover-docx": "handovers/{}/docx/",
    "handover-pdf": "handovers/{}/pdf/",
    "matrix": "notices/matrix/",
    "notice-docx": "notices/{}/docx/",
    "notice-pdf": "notices/{}/pdf/",
    "obligation-docx": "obligations/{}/docx/",
    "obligation-pdf": "obligations/{}/pdf/",
    "report-fill": "reports/{}/findings/",
    "report-gather-download": "reports/{}/gathering/",
    "report-workbook-download": "reports/{}/workbook/",
    "report-review": "reports/{}/versions/{}/",
    "report-submitted": "reports/{}/",
    "passed-down": "pass-downs/{}/",
    "piece-preview": "content/{}/",
}


# --- The code, as far as names lead ----------------------------------------------------------------
def modules() -> list[ModuleType]:
    """Every module of the project but migrations, settings and what only developers run."""
    found = []
    for root in OURS:
        package = importlib.import_module(root)
        for info in pkgutil.walk_packages(package.__path__, f"{root}."):
            if not re.search(
                r"\.(migrations|settings|devservices|demo|management|asgi|wsgi)\b", info.name
            ):
                found.append(importlib.import_module(info.name))
    return found


def is_of(module: ModuleType, kind: str) -> bool:
    """Is it ``<app>.<kind>``, or a module of that package? (The room platform_site.api is no app.)"""
    return bool(re.search(rf"^(platform_site\.\w+|reports)\.{kind}(\.|$)", module.__name__))


def ours(thing: Any) -> bool:
    return (inspect.isfunction(thing) or inspect.isclass(thing)) and (
        str(getattr(thing, "__module__", "")).split(".")[0] in OURS
    )


def name_of(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def is_act(thing: Any) -> bool:
    """A public function that takes its actor as ``by=``: it changes something in somebody's name."""
    if not inspect.isfunction(thing) or thing.__name__.startswith("_"):
        return False
    by = inspect.signature(thing).parameters.get("by")
    return by is not None and by.kind is inspect.Parameter.KEYWORD_ONLY


@functools.cache
def names_in(thing: Any) -> tuple[Any, ...]:
    """What of the project the source of a function, class or module names: called or handed on."""
    if inspect.ismodule(thing):
        module, source = thing, Path(str(thing.__file__)).read_text(encoding="utf-8")
    else:
        module = importlib.import_module(thing.__module__)
        source = textwrap.dedent(inspect.getsource(thing))
    tree = ast.parse(source)
    known = dict(vars(module))
    for node in ast.walk(tree):  # what is imported inside of a function
        if isinstance(node, ast.ImportFrom):
            package = module.__name__ if hasattr(module, "__path__") else module.__package__
            origin = importlib.import_module("." * node.level + (node.module or ""), package)
            known |= {
                alias.asname or alias.name: getattr(origin, alias.name, None)
                for alias in node.names
            }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and ours(named := _follow(node, known)):
            found.append(inspect.unwrap(named))
    return tuple(dict.fromkeys(found))


def _follow(node: ast.expr, known: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        base = _follow(node.value, known)
        return getattr(base, node.attr, None) if inspect.ismodule(base) else None
    return None


def acts_of(*starts: Any) -> set[str]:
    """The acts that these reach, over helpers of their own; what an act does inside is its own affair."""
    seen: set[Any] = set()
    acts: set[str] = set()
    waiting = list(starts)
    while waiting:
        for named in names_in(waiting.pop()):
            if named in seen:
                continue
            seen.add(named)
            if is_act(named):
                acts.add(name_of(named))
            else:
                waiting.append(named)
    return acts


@functools.cache
def acts_of_pages() -> dict[str, str]:
    """Each act that a page takes, with the module of the page."""
    return {
        act: module.__name__
        for module in modules()
        if is_of(module, "views")
        for act in acts_of(module)
    }


@functools.cache
def acts_of_the_api() -> frozenset[str]:
    return frozenset(acts_of(*(module for module in modules() if is_of(module, "api"))))


# --- The addresses -----------------------------------------------------------------------------------
def shape(address: str) -> str:
    """An address with its parameters left open: ``notices/{}/matrix/``."""
    return re.sub(r"<[^>]*>", "{}", address).strip("^$").lstrip("/")


def pages() -> Iterator[tuple[str, str, Any]]:
    """Route, address and view of everything below /w/."""

    def walk(patterns: Any, at: str) -> Iterator[tuple[str, str, Any]]:
        for pattern in patterns:
            here = at + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            elif isinstance(pattern, URLPattern) and here.startswith("w/"):
                yield pattern.name or here, shape(here.removeprefix("w/")), pattern.callback

    return walk(get_resolver().url_patterns, "")


def methods_of(view: Any) -> set[str]:
    """What Django's decorators (``require_safe`` …) let through."""
    while view is not None:
        allowed = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if allowed is not None:
            return set(allowed)
        view = getattr(view, "__wrapped__", None)
    raise AssertionError("a view says by a decorator which methods it takes")


@functools.cache
def operations() -> dict[tuple[str, str], Any]:
    """(method, address) of every operation of the API."""
    return {
        (method.upper(), shape(simplify_regex(str(pattern.pattern)))): pattern.callback
        for pattern in router.urls
        for method in getattr(pattern.callback, "actions", {})
    }


# --- Steps -------------------------------------------------------------------------------------------
def steps_of(viewset: Any) -> dict[str, Any]:
    """The actions made by ``@step``, by the last part of their address."""
    return {
        method.step_path: method
        for _name, method in inspect.getmembers(viewset)
        if hasattr(method, "step_path")
    }


def test_every_step_of_every_workflow_is_a_post():
    missing = []
    for workflow in all_workflows():
        model = apps.get_model(workflow.name)
        offered: dict[str, Any] = {}
        for _prefix, viewset, _basename in router.registry:
            if getattr(viewset, "queryset", None) is not None and viewset.queryset.model is model:
                offered |= steps_of(viewset)
        missing += [
            f'{workflow.name}: add @step("{path}") to the viewset of {model.__name__}'
            for each in workflow.steps
            if (path := each.replace("_", "-")) not in offered
            or "post" not in offered[path].mapping
        ]
    assert not missing, "\n".join(["", *missing])


def test_objects_with_steps_list_those_open_to_the_caller():
    missing = []
    for _prefix, viewset, _basename in router.registry:
        if not steps_of(viewset):
            continue
        view = viewset(action="retrieve", request=None, kwargs={}, format_kwarg=None)
        serializer = view.get_serializer_class()
        if "steps" not in serializer().fields:
            missing.append(f"{serializer.__name__}: add the field “steps” ({viewset.__name__})")
    assert not missing, "\n".join(["", *missing])


# --- Acts --------------------------------------------------------------------------------------------
def test_every_act_of_a_page_is_an_act_of_the_api():
    missing = [
        f"{act} (called from {page}): call it from an api module, or name it in EXCEPTED with the reason"
        for act, page in sorted(acts_of_pages().items())
        if act not in acts_of_the_api() and act not in EXCEPTED
    ]
    assert not missing, "\n".join(["", *missing])


def test_the_acts_are_found():
    """The walk through the code finds what it must: handed on as a value, and over a helper."""
    assert "reports.services.notices.approve_notice" in acts_of_pages()  # to views.notices._step
    assert "reports.jobs.start_chase" in acts_of_pages()
    assert "platform_site.notifications.services.notify" not in acts_of_pages()  # inside of acts
    assert "reports.services.reports.submit_report" in acts_of_the_api()


# --- Reads -------------------------------------------------------------------------------------------
def missing_read(route: str, address: str, view: Any) -> str:
    """What is to be added so that this page's read has its operation; empty where it has one."""
    methods = methods_of(view)
    if "GET" not in methods or route in EXCEPTED:
        return ""
    if ("GET", ELSEWHERE.get(route, address)) in operations():
        return ""
    # A page with a form: where one of its acts has no operation, that act is told, and once.
    if "POST" in methods and acts_of(inspect.unwrap(view)):
        return ""
    return (
        f"GET /w/{address} ({route}, {name_of(inspect.unwrap(view))}): add GET /api/v1/{address}, or name"
        " the address of its operation in ELSEWHERE, or the route in EXCEPTED with the reason"
    )


def test_every_read_of_a_page_is_a_read_of_the_api():
    missing = [told for page in pages() if (told := missing_read(*page))]
    assert not missing, "\n".join(["", *missing])


# --- Exports -----------------------------------------------------------------------------------------
def test_what_a_page_exports_a_token_exports():
    missing = [
        f"the list “{each.name}” is exported from its page alone: give its Export a resource"
        for each in exports.all_exports()
        if not each.resource and f"export-start.{each.name}" not in EXCEPTED
    ]
    assert not missing, "\n".join(["", *missing])


# --- The lists above ---------------------------------------------------------------------------------
@pytest.mark.parametrize("named", sorted({*EXCEPTED, *ELSEWHERE}))
def test_nothing_is_named_above_that_need_not_be(named, monkeypatch):
    """Left out of the lists, it is missing: else its line has to go."""
    routes = {route: (route, address, view) for route, address, view in pages()}
    for names in (EXCEPTED, ELSEWHERE):
        monkeypatch.delitem(names, named, raising=False)
    if named in routes:
        assert missing_read(*routes[named]), f"{named} has its operation: delete its line"
    elif named.startswith("export-start."):
        export = exports.find(named.partition(".")[2])
        assert export is not None
        assert not export.resource, f"{named} has its resource: delete its line"
    else:
        assert named in acts_of_pages(), f"no page calls {named}: delete its line"
        assert named not in acts_of_the_api(), f"the API calls {named}: delete its line"


@pytest.mark.parametrize("named", sorted(ELSEWHERE))
def test_the_other_addresses_exist(named):
    assert ("GET", ELSEWHERE[named]) in operations()
