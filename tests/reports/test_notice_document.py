"""A notice comes out as an official document; each recipient's copy carries its name."""

import datetime as dt
from importlib import import_module
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.attachments.services import upload
from platform_site.documents.models import DocumentNumber, NumberSeries
from platform_site.documents.services import take_number
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, StepNotOpen
from reports import services
from reports.documents import official_of
from reports.models import Notice
from tests.platform_site.documents.measuring import Pdf, texts

pytestmark = pytest.mark.django_db

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def series(reference) -> NumberSeries:
    return NumberSeries.objects.get(word="总工办发")


@pytest.fixture
def issue(national_leader, national_officer):
    def make(notice: Notice) -> Notice:
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        return services.issue_notice(notice, by=national_officer, version=notice.version)

    return make


def body(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


# --- The number ---------------------------------------------------------------------------------
def test_the_number_is_taken_at_issue_and_not_before(the_day, draft, issue, series):
    first, second = draft(number_series=series), draft(title="第二件", number_series=series)
    assert first.number == ""
    assert not DocumentNumber.objects.exists()
    assert issue(second).number == "总工办发〔2026〕1号"
    assert issue(first).number == "总工办发〔2026〕2号"
    held = DocumentNumber.objects.get(no=1)
    assert (held.subject, held.of_id) == ("第二件", second.pk)


def test_an_issue_that_fails_leaves_no_gap(
    the_day, draft, issue, series, national_leader, national_officer
):
    late = draft(number_series=series)
    late = services.approve_notice(late, by=national_leader, version=late.version)
    the_day.shift(dt.timedelta(days=60))
    with pytest.raises(Invalid):
        services.issue_notice(late, by=national_officer, version=late.version)
    on_time = draft(title="第二件", number_series=series, due_on=dt.date(2026, 12, 1))
    assert issue(on_time).number == "总工办发〔2026〕1号"


def test_typed_and_from_a_series_at_once_is_refused(the_day, draft, series, national_officer):
    with pytest.raises(Invalid) as refused:
        draft(number=("总工办发", 2026, 5), number_series=series)
    assert refused.value.fields[0].pointer == "/number_series"
    assert not DocumentNumber.objects.exists()
    notice = draft(number=("总工办发", 2026, 5))
    changed = services.edit_notice(
        notice, by=national_officer, version=notice.version, number=None, number_series=series
    )
    assert changed.number == ""
    assert not DocumentNumber.objects.exists()


def test_a_typed_number_belongs_to_one_notice(the_day, draft, issue, series, national_officer):
    notice = draft(number=("总工办发", 2026, 1))
    with pytest.raises(Invalid) as refused:
        draft(title="第二件", number=("总工办发", 2026, 1))
    assert refused.value.fields[0].pointer == "/number"
    assert issue(draft(title="第三件", number_series=series)).number == "总工办发〔2026〕2号"
    services.edit_notice(
        notice, by=national_officer, version=notice.version, number=("总工办发", 2026, 9)
    )
    assert issue(draft(title="第四件", number_series=series)).number == "总工办发〔2026〕1号"


def test_the_officer_chooses_on_the_page(the_day, client_for, national_officer, guangdong):
    client = client_for(national_officer)
    given = {
        "title": "关于报送情况的通知",
        "number_series": "总工办发",
        "business_line": "platform",
        "asks": "nothing",
        "due_on": "2026-10-15",
        "text": "请签收。",
        "recipients": ["440000"],
    }
    both = client.post("/w/notices/new/", given | {"number": "总工办发〔2026〕3号"})
    assert both.status_code == 422
    assert client.post("/w/notices/new/", given).status_code == 302
    notice = Notice.objects.get(request__title="关于报送情况的通知")
    page = client.get(notice.get_absolute_url()).content.decode()
    assert "总工办发" in page
    edited = client.get(f"/w/notices/{notice.pk}/edit/").content.decode()
    assert '<option value="总工办发" selected>' in edited


def test_programs_choose_it_too(the_day, api_for, national_officer):
    given = {
        "title": "关于报送情况的通知",
        "text": "请签收。",
        "asks": "nothing",
        "business_line": "platform",
        "due_on": "2026-10-15",
        "number_series": "总工函",
    }
    api = api_for(national_officer)
    answer = api.post("/api/v1/notices/", given, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["number_series"] == "总工函"
    wrong = api.post(
        "/api/v1/notices/", given | {"number_series": "没有"}, content_type="application/json"
    )
    assert wrong.status_code == 422


# --- The document -------------------------------------------------------------------------------
def test_an_issued_notice_as_docx_and_pdf(
    the_day, draft, issue, series, client_for, national_officer
):
    notice = draft(number_series=series)
    file = SimpleUploadedFile("编制要点.txt", "要点".encode())
    upload(file, by=national_officer, name="编制要点.txt", owner=notice)
    notice = issue(notice)
    client = client_for(national_officer)
    answer = client.get(f"/w/notices/{notice.pk}/document.docx")
    told = texts(body(answer))
    assert told[0] == "中华全国总工会办公厅文件"
    assert told[1] == "总工办发〔2026〕1号"
    assert "湖南省总工会、广东省总工会：" in told
    assert "附件：编制要点" in told
    assert "2026年9月14日" in told
    assert "（联系人：林国章，联系电话：010-00000000）" in told
    assert answer["Content-Type"] == DOCX
    assert answer["X-Content-Type-Options"] == "nosniff"
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "总工办发〔2026〕1号" in unquote(disposition)
    pdf = client.get(f"/w/notices/{notice.pk}/document.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert "总工办发〔2026〕1号" in Pdf(body(pdf)).text(0)


def test_before_issue_it_is_a_draft_without_number_and_date(
    the_day, draft, client_for, national_officer
):
    notice = draft(number=("总工办发", 2026, 7))
    answer = client_for(national_officer).get(f"/w/notices/{notice.pk}/document.pdf")
    made = Pdf(body(answer))
    told = "".join(made.text(n) for n in range(len(made.pages)))
    assert "草稿，未发文" in told
    assert "〕7号" not in told
    assert "2026年9月14日" not in told


def test_a_recipients_copy_carries_its_name(
    obligation, issued_notice, client_for, guangdong_officer, hunan_officer
):
    client = client_for(guangdong_officer)
    page = client.get(issued_notice.get_absolute_url()).content.decode()
    address = f"/w/obligations/{obligation.pk}/document"
    assert f"{address}.docx" in page
    told = texts(body(client.get(f"{address}.docx")))
    assert "广东省总工会：" in told
    assert not any("湖南" in each for each in told)
    answer = client.get(f"{address}.pdf")
    assert "广东省总工会" in unquote(answer["Content-Disposition"])
    assert "广东省总工会：" in Pdf(body(answer)).text(0).replace("\n", "")
    assert client_for(hunan_officer).get(f"{address}.docx").status_code == 404


def test_programs_fetch_both(obligation, issued_notice, api_for, guangdong_officer, hunan_officer):
    api = api_for(guangdong_officer, "notices:read", "obligations:read")
    for address in (f"notices/{issued_notice.pk}", f"obligations/{obligation.pk}"):
        pdf = api.get(f"/api/v1/{address}/pdf/", headers={"accept": "application/pdf"})
        assert body(pdf).startswith(b"%PDF")
        assert body(api.get(f"/api/v1/{address}/docx/")).startswith(b"PK")
    wrong = api.get(f"/api/v1/notices/{issued_notice.pk}/pdf/?size=a5")
    assert wrong.status_code == 400
    other = api_for(hunan_officer)
    assert other.get(f"/api/v1/obligations/{obligation.pk}/pdf/").status_code == 404
    without = api_for(guangdong_officer, "reports:read")
    assert without.get(f"/api/v1/notices/{issued_notice.pk}/pdf/").status_code == 403


def test_all_32_are_addressed_in_the_usual_words(the_day, draft):
    official = official_of(draft(recipients=None))
    assert official.addressee == "各省、自治区、直辖市总工会，新疆生产建设兵团总工会"
    named = official_of(draft(title="二", recipients=Federation.objects.filter(code="440000")))
    assert named.addressee == "广东省总工会"


def test_a_letters_series_gives_a_letter(the_day, draft, issue):
    letters = NumberSeries.objects.get(word="总工函")
    official = official_of(issue(draft(number_series=letters)))
    assert (official.kind, official.issuer_mark) == ("letter", "中华全国总工会")


def test_demo_documents_are_marked(the_day, draft, settings):
    settings.DEMO_MODE = True
    assert official_of(draft()).mark == "样例·草稿"


def test_nothing_is_made_up_for_history(
    the_day, acftu, national_officer, client_for, guangdong, draft
):
    notice = services.import_notice(
        by=None,
        federation=acftu,
        drafted_by=national_officer,
        title="2016年9月的通知",
        text="原文待查。",
        asks="nothing",
        business_line="platform",
        form=None,
        year=2016,
        month=9,
        recipients=[guangdong],
    )
    client = client_for(national_officer)
    assert "document.docx" not in client.get(notice.get_absolute_url()).content.decode()
    assert client.get(f"/w/notices/{notice.pk}/document.pdf").status_code == 409
    assert Obligation.objects.filter(round__request=notice.pk).count() == 1
    with pytest.raises(StepNotOpen):
        services.issue_notice(notice, by=national_officer, version=notice.version)


def test_numbers_from_before_the_register_are_entered_once(
    the_day, draft, series, national_officer
):
    notice = draft()
    Notice.objects.filter(pk=notice.pk).update(
        number_word="总工办发", number_year=2026, number_no=1
    )
    migration = import_module("reports.migrations.0004_enter_numbers")
    for _twice in range(2):
        migration.enter(apps, None)
    assert DocumentNumber.objects.get().of_id == notice.pk
    number = take_number(series, by=national_officer, subject="次", on=dt.date(2026, 9, 14))
    assert number.no == 2
