"""The last period beside the present one: its values, what is taken over, a change above the threshold."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest
from django.urls import reverse

from platform_site.audit.models import Entry
from platform_site.obligations.models import Obligation
from platform_site.obligations.schedules import DateRule, Plan
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires import building
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Figure, Indicator
from platform_site.questionnaires.services import open_sheet
from reports import queries, services
from reports.models import Notice, Report

pytestmark = pytest.mark.django_db

BEIJING = dt.timezone(dt.timedelta(hours=8))
SECTIONS = [
    {
        "code": "work",
        "name_zh": "工作",
        "questions": [
            {"code": "done", "kind": "text", "name_zh": "主要工作"},
            {"code": "advice", "kind": "text", "name_zh": "建议", "required": False},
            {"code": "has_team", "kind": "yes_no", "name_zh": "是否有专班"},
            {"code": "asked_on", "kind": "date", "name_zh": "开会日期", "required": False},
        ],
    },
    {
        "code": "figures",
        "name_zh": "数据",
        "questions": [
            {
                "code": "ledger",
                "kind": "number",
                "name_zh": "台账数",
                "unit_zh": "家",
                "indicator": "organisations_on_ledger",
            },
            {
                "code": "workers",
                "kind": "number",
                "name_zh": "服务职工人数",
                "unit_zh": "人",
                "indicator": "workers_served",
                "doubt_change": 50,
            },
        ],
    },
]
LAST = {
    "done": "走访二十家。", "advice": "编印范本。", "has_team": "yes", "asked_on": "2026-09-30",
    "ledger": "40", "workers": "1000",
}  # fmt: skip


def on(day: str, hour: int = 9) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(hour=hour, tzinfo=BEIJING)


@pytest.fixture
def notice(the_day, draft, national_leader, national_officer, guangdong_officer) -> Notice:
    """Asked for two quarters of Guangdong and Hunan; Guangdong's third quarter is accepted."""
    form = building.make_form(
        by=national_officer, code="quarter", name_zh="季报", purpose="progress"
    )
    version = building.save_draft(
        form.versions.get(), by=national_officer, version=1, sections=SECTIONS, rules=[]
    )
    building.publish_version(version, by=national_officer, version=version.version)
    plan = Plan("quarterly", "2026-Q3", "", DateRule(1, 10, "working"))
    notice = draft(asks="progress", form=form, schedule=plan, due_on=None)
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    notice = services.issue_notice(notice, by=national_officer, version=notice.version)
    owed = owed_by(notice, "440000", "2026-Q3")
    owed = services.sign_for(
        owed, by=guangdong_officer, version=owed.version, leader_name="梁粤领", department="联络部"
    )
    accept(
        file(owed, guangdong_officer, LAST, on("2026-10-09")), national_officer, on("2026-10-12")
    )
    services.open_due_rounds(at=on("2027-01-01"))
    return Notice.objects.with_request().get(pk=notice.pk)


def owed_by(notice, code, period) -> Obligation:
    return Obligation.objects.select_related("round").get(
        round__request=notice.pk, round__period=period, federation__code=code
    )


def file(owed, officer, answers, at) -> Report:
    report = services.start_report(owed, by=officer, at=at)
    report = services.save_report(
        report, by=officer, version=report.version, answers=answers, strict=True, at=at
    ).report
    report = services.sign_off_report(
        report, by=officer, version=report.version, name="梁粤领", on=at.date(), at=at
    )
    return services.submit_report(report, by=officer, version=report.version, at=at)


def accept(report, by, at) -> Report:
    return services.accept_report(report, by=by, version=report.version, at=at)


@pytest.fixture
def report(notice, guangdong_officer) -> Report:
    owed = owed_by(notice, "440000", "2026-Q4")
    return services.start_report(owed, by=guangdong_officer, at=on("2027-01-02"))


def last_of(report):
    return queries.last_values(report, sheets.questions_of(report.sheet.form_version))


def test_each_answer_has_that_of_the_last_period_beside_it(report):
    last = last_of(report)
    assert {code: each.shown for code, each in last.items()} == {
        "done": "走访二十家。", "advice": "编印范本。", "has_team": "是", "asked_on": "2026年9月30日",
        "ledger": "40 家", "workers": "1000 人",
    }  # fmt: skip
    assert {each.period for each in last.values()} == {"2026-Q3"}
    assert last["done"].label == "上期（2026年第三季度）"


def test_what_was_not_accepted_is_not_the_last_period(notice, hunan_officer, national_officer):
    owed = owed_by(notice, "430000", "2026-Q3")
    owed = services.sign_for(
        owed, by=hunan_officer, version=owed.version, leader_name="某某", department="联络部"
    )
    file(owed, hunan_officer, LAST, on("2026-10-20"))
    report = services.start_report(
        owed_by(notice, "430000", "2026-Q4"), by=hunan_officer, at=on("2027-01-02")
    )
    assert last_of(report) == {}


def test_a_figure_of_another_form_is_the_last_one_and_a_quarter_goes_before_a_month(
    report, guangdong
):
    """The indicator leads, whatever asked for it; months in between are not compared with quarters."""
    workers = Indicator.objects.get(code="workers_served")

    def figure(period, start, number):
        sheet = open_sheet(
            report.sheet.form_version, federation=guangdong, period=period, period_start=start
        )
        Figure.objects.create(
            sheet=sheet, indicator=workers, federation=guangdong, period_start=start, number=number
        )

    figure("2026-09", dt.date(2026, 9, 1), 300)
    assert last_of(report)["workers"].shown == "1000 人"
    Figure.objects.filter(sheet__period="2026-Q3", indicator=workers).delete()
    assert (last_of(report)["workers"].shown, last_of(report)["workers"].period) == (
        "300 人",
        "2026-09",
    )


def test_taking_over_fills_what_is_empty_and_never_a_number_of_the_period(
    report, guangdong_officer
):
    report = services.save_report(
        report, by=guangdong_officer, version=report.version, answers={"done": "本期走访三十家。"}
    ).report
    report = services.bring_forward(report, by=guangdong_officer, version=report.version)
    values = {code: each.value for code, each in sheets.answers_of(report.sheet).items()}
    assert values == {
        "done": "本期走访三十家。",
        "advice": "编印范本。",
        "has_team": True,
        "ledger": "40",
    }
    assert report.brought_forward == ["advice", "has_team", "ledger"]
    assert Entry.objects.filter(action="reports.report.bring_forward").count() == 1
    with pytest.raises(StepNotOpen) as refused:
        services.bring_forward(report, by=guangdong_officer, version=report.version)
    assert refused.value.code == "nothing_to_bring"


def test_the_mark_goes_when_an_answer_is_changed_or_its_section_saved(report, guangdong_officer):
    report = services.bring_forward(report, by=guangdong_officer, version=report.version)
    report = services.save_report(
        report, by=guangdong_officer, version=report.version, answers={"ledger": "41"}
    ).report
    assert report.brought_forward == ["advice", "done", "has_team"]
    saved = services.save_report(
        report, by=guangdong_officer, version=report.version, looked_at=["done", "has_team"]
    ).report
    saved.refresh_from_db()
    assert (saved.brought_forward, saved.version) == (["advice"], report.version)


def test_taking_over_is_for_whoever_fills_in_and_only_once_it_was_read(
    report, guangdong_officer, hunan_officer, national_officer
):
    for person in (hunan_officer, national_officer):
        with pytest.raises(NotAllowed):
            services.bring_forward(report, by=person, version=report.version)
    with pytest.raises(Stale):
        services.bring_forward(report, by=guangdong_officer, version=99)


def test_a_change_above_the_threshold_asks_for_an_explanation(report, guangdong_officer):
    with pytest.raises(Invalid) as refused:
        file(report.obligation, guangdong_officer, LAST | {"workers": "1600"}, on("2027-01-04"))
    assert ("/answers/workers", "changed") in [
        (each.pointer, each.code) for each in refused.value.fields
    ]
    report = Report.objects.get(pk=report.pk)
    report = services.sign_off_report(
        report, by=guangdong_officer, version=report.version, name="梁粤领", on=dt.date(2026, 9, 14)
    )
    report = services.submit_report(
        report, by=guangdong_officer, version=report.version, explanation="新增两个驿站。"
    )
    assert [each["code"] for each in report.versions.get().doubts] == ["changed"]


# --- The pages --------------------------------------------------------------------------------------


def test_the_page_shows_the_last_values_and_says_a_change_before_submitting(
    report, client_for, guangdong_officer
):
    client = client_for(guangdong_officer)
    page = client.get(reverse("report-section", args=[report.pk, "figures"])).content.decode()
    assert "上期（2026年第三季度）" in page
    assert "1000 人" in page
    answer = client.post(
        reverse("report-answers", args=[report.pk]),
        json.dumps({"answers": {"workers": "1600", "ledger": "40"}, "version": report.version}),
        content_type="application/json",
    ).json()
    assert answer["notes"]["ledger"] == []
    [note] = answer["notes"]["workers"]
    assert "1000" in note
    page = client.get(reverse("report-section", args=[report.pk, "figures"])).content.decode()
    assert note in page


def test_the_button_takes_over_and_the_task_list_says_what_to_look_at(
    report, client_for, guangdong_officer
):
    client = client_for(guangdong_officer)
    address = reverse("report-fill", args=[report.pk])
    assert ">带入上期内容<" in client.get(address).content.decode()
    done = client.post(
        reverse("report-bring-forward", args=[report.pk]), {"version": report.version}, follow=True
    )
    page = done.content.decode()
    assert "已带入上期内容 4 项" in page
    assert "有 3 项上期内容待核对" in page
    assert ">带入上期内容<" not in page
    section = client.get(reverse("report-section", args=[report.pk, "work"])).content.decode()
    assert section.count("data-brought") == 3
    report.refresh_from_db()
    posted = {"answer-done": "走访二十家。", "answer-advice": "编印范本。", "answer-has_team": "yes",
              "answer-asked_on": "", "version": report.version}  # fmt: skip
    client.post(reverse("report-section", args=[report.pk, "work"]), posted)
    report.refresh_from_db()
    assert report.brought_forward == ["ledger"]


def test_a_replay_of_the_button_is_told_and_changes_nothing(report, client_for, guangdong_officer):
    client = client_for(guangdong_officer)
    address = reverse("report-bring-forward", args=[report.pk])
    for version in (report.version, report.version, "x"):
        answer = client.post(address, {"version": version})
        assert answer.status_code in (302, 400)
    report.refresh_from_db()
    assert report.version == 2


def test_the_workbook_shows_the_last_period(report):
    _name, content = queries.workbook_of(report)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    texts = {row[0].value: row[5].value for row in sheet.iter_rows(min_row=5)}
    assert texts["workers"] == "1000 人 (2026年第三季度)"
    assert texts["done"] == "走访二十家。 (2026年第三季度)"


def test_the_api_tells_the_last_period_and_takes_over(report, api_for, guangdong_officer):
    client = api_for(guangdong_officer)
    address = f"/api/v1/reports/{report.pk}/"
    body = client.get(address + "last-period/").json()
    assert {each["question"]: each["shown"] for each in body["answers"]}["ledger"] == "40 家"
    assert body["to_bring"] == ["done", "advice", "has_team", "ledger"]
    etag = client.get(address).headers["ETag"]
    answer = client.post(address + "bring-forward/", {}, content_type="application/json",
                         headers={"if-match": etag})  # fmt: skip
    assert answer.status_code == 200
    assert answer.json()["answers"]["done"] == "走访二十家。"
    assert client.get(address + "last-period/").json()["to_bring"] == []


def test_the_section_page_asks_as_often_with_last_values_as_without(
    report, notice, client_for, guangdong_officer, hunan_officer, django_assert_max_num_queries
):
    client = client_for(guangdong_officer)
    address = reverse("report-section", args=[report.pk, "figures"])
    client.get(address)
    with django_assert_max_num_queries(16):
        client.get(address)
