"""A report that was returned, and one that was submitted a second time; the addresses of its pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from reports import services
from reports.models import Comment, Report
from tests.answers import GOOD_ANSWERS


def url(name: str, report: Any, *more: Any) -> str:
    return reverse(name, args=[report.pk, *more])


def fresh(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


def comment_on(
    report: Report, by: Any, question: str = "goals", text: str = "目标太笼统。"
) -> Comment:
    return services.add_comment(report, by=by, question=question, text=text)


@pytest.fixture
def returned_report(submitted_report, national_officer) -> Report:
    comment_on(submitted_report, national_officer)
    return services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note="请补充目标。"
    )


@pytest.fixture
def second_version(returned_report, guangdong_officer) -> Report:
    """Changed, replied to, signed off and submitted again."""
    saved = services.save_report(
        returned_report,
        by=guangdong_officer,
        version=returned_report.version,
        answers={"goals": GOOD_ANSWERS["goals"] + "到二〇二七年底覆盖全部地级市。"},
    )
    comment = Comment.objects.get()
    services.reply_to_comment(
        comment, by=guangdong_officer, version=comment.version, text="已补充。"
    )
    signed = services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="梁粤领",
        on=dt.date(2026, 9, 14),
    )
    return services.submit_report(signed, by=guangdong_officer, version=signed.version)
