"""Kinds of work that do what a test asks for, and a way to start and run one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from platform_site.jobs import kinds, services
from platform_site.jobs.kinds import Kind, Result, Work
from platform_site.jobs.models import Job
from platform_site.notifications import bell


@pytest.fixture(autouse=True)
def open_bell() -> Iterator[None]:
    bell.listen_again()
    yield
    bell.listen_again()


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def kind() -> Iterator[Callable[..., str]]:
    """``kind(run)`` registers a kind for this test and answers its code."""
    made: list[str] = []

    def make(run: Callable[[Work], Result], **options: Any) -> str:
        code = f"tests.kind{len(made)}"
        kinds.register(Kind(code, "试验", run=run, **options))
        made.append(code)
        return code

    yield make
    for code in made:
        kinds.unregister(code)


@pytest.fixture
def begin(kind: Any, guangdong_officer: Any) -> Callable[..., Job]:
    """Ask for work that does ``run``, for Guangdong's officer."""

    def make(run: Callable[[Work], Result], **options: Any) -> Job:
        code = kind(run, **options)
        return services.start(code, by=guangdong_officer, title="试验任务", parameters={})

    return make


def a_file(work: Work) -> Result:
    return Result(file="汇总".encode(), name="汇总.txt", summary="共1行。")
