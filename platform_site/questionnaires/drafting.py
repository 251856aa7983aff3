"""One change of a draft at a time, as the pages make it: each gives the whole document as it would be.

Nothing here writes or checks; :func:`building.save_draft` does both.
"""

from __future__ import annotations

import copy
from typing import Any

from .kinds import Document

UP, DOWN = "up", "down"


def section_place(document: Document, code: str) -> int | None:
    for place, section in enumerate(document["sections"]):
        if section["code"] == code:
            return place
    return None


def question_place(document: Document, code: str) -> tuple[int, int] | None:
    for place, section in enumerate(document["sections"]):
        for order, question in enumerate(section["questions"]):
            if question["code"] == code:
                return place, order
    return None


def with_section(
    document: Document, place: int | None, values: dict[str, Any]
) -> tuple[Document, str]:
    """Changed, or added at the end where ``place`` is None; with the pointer to the section."""
    fresh = copy.deepcopy(document)
    if place is None:
        fresh["sections"].append({**values, "questions": []})
        place = len(fresh["sections"]) - 1
    else:
        fresh["sections"][place] |= values
    return fresh, f"/sections/{place}"


def without_section(document: Document, place: int) -> Document:
    fresh = copy.deepcopy(document)
    del fresh["sections"][place]
    return fresh


def moved_section(document: Document, place: int, way: str) -> Document:
    fresh = copy.deepcopy(document)
    _swap(fresh["sections"], place, way)
    return fresh


def with_question(
    document: Document, at: tuple[int, int] | None, section: int, values: dict[str, Any]
) -> tuple[Document, str]:
    """Changed, or added to the end of ``section``; given another section it moves to the end of that."""
    fresh = copy.deepcopy(document)
    if at is not None and at[0] == section:
        fresh["sections"][section]["questions"][at[1]] |= values
        return fresh, f"/sections/{section}/questions/{at[1]}"
    if at is not None:
        values = fresh["sections"][at[0]]["questions"].pop(at[1]) | values
    questions = fresh["sections"][section]["questions"]
    questions.append(values)
    return fresh, f"/sections/{section}/questions/{len(questions) - 1}"


def without_question(document: Document, at: tuple[int, int]) -> Document:
    fresh = copy.deepcopy(document)
    del fresh["sections"][at[0]]["questions"][at[1]]
    return fresh


def moved_question(document: Document, at: tuple[int, int], way: str) -> Document:
    """Up or down within its section."""
    fresh = copy.deepcopy(document)
    _swap(fresh["sections"][at[0]]["questions"], at[1], way)
    return fresh


def with_rule(
    document: Document, place: int | None, values: dict[str, Any]
) -> tuple[Document, str]:
    fresh = copy.deepcopy(document)
    if place is None:
        fresh["rules"].append(values)
        place = len(fresh["rules"]) - 1
    else:
        fresh["rules"][place] |= values
    return fresh, f"/rules/{place}"


def without_rule(document: Document, place: int) -> Document:
    fresh = copy.deepcopy(document)
    del fresh["rules"][place]
    return fresh


def _swap(things: list[Any], place: int, way: str) -> None:
    """At either end it stays where it is: a second click does no harm."""
    other = place - 1 if way == UP else place + 1
    if 0 <= other < len(things):
        things[place], things[other] = things[other], things[place]
