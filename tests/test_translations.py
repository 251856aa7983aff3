"""The Chinese catalogue is complete, up to the code, and the only language of a Chinese page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import chain

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from platform_site.accounts.models import User
from platform_site.audit.models import Entry
from platform_site.casework.models import CalendarDay
from platform_site.devservices import catalogues
from platform_site.documents.models import NumberSeries
from platform_site.federations.models import Federation
from platform_site.notifications.models import PortalNotice
from tests.answers import GOOD_ANSWERS

PLACEHOLDER = re.compile(r"%\([a-zA-Z_]+\)[sd]|%[sd]|\{\w*\}")
PO = catalogues.LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def catalogue():
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def ids(message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple | list) else (message.id,)


def strings(message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple | list) else (message.string,)


def test_nothing_is_untranslated_or_doubtful(catalogue):
    missing = [ids(each) for each in catalogue if each.id and not all(strings(each))]
    assert missing == []
    assert [ids(each) for each in catalogue if each.id and each.fuzzy] == []


def test_placeholders_are_those_of_the_text(catalogue):
    wrong = [
        ids(each)
        for each in catalogue
        if each.id
        # A singular may leave its number out; Chinese has the form of the plural alone.
        and any(
            sorted(PLACEHOLDER.findall(string)) != sorted(PLACEHOLDER.findall(ids(each)[-1]))
            for string in strings(each)
        )
    ]
    assert wrong == []


def test_the_catalogue_is_up_to_the_code(catalogue):
    known = {(each.context, ids(each)[0]) for each in catalogue if each.id}
    found = set()
    for folder in catalogues.SOURCES:
        for _name, _line, message, _comments, context in extract_from_dir(
            catalogues.CHECKOUT / folder, catalogues.METHODS, keywords=catalogues.KEYWORDS
        ):
            found.add((context, message[0] if isinstance(message, tuple) else message))
    found |= {(None, text) for text in catalogues.texts_of_the_api()}
    assert found - known == set(), "run make messages, and translate what is new"
    assert known - found == set(), "run make messages: these texts are gone"


class Words(HTMLParser):
    """The words of a page that a reader sees or hears; data in ``<code>`` is left out."""

    SILENT = frozenset({"script", "style", "code", "pre", "textarea"})
    HEARD = frozenset({"alt", "title", "aria-label", "placeholder"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        self.depth += tag in self.SILENT
        self.words += [value for name, value in attrs if name in self.HEARD and value]

    def handle_endtag(self, tag):
        self.depth -= tag in self.SILENT

    def handle_data(self, data):
        if not self.depth:
            self.words.append(data)


def leaks(html: str, pattern: str) -> set[str]:
    reader = Words()
    reader.feed(html)
    return {found for text in reader.words for found in re.findall(pattern, text)}


#: Latin words that are Chinese usage, and data of the tests (ids, names of accounts, scopes).
USUAL = re.compile(
    r"(?i)^(english|word|excel|pdf|docx?|xlsx?|pptx?|ofd|wps|et|txt|csv|jpe?g|png|api|rest|json|token|url|ip|"
    r"mb|kb|gb|totp|curl|xpcc\d*|acftu|iu\d*|cso|get|post|patch|delete|head|app|"
    r"[0-9a-f]{3,}|[a-z_.\d]+@[a-z.]+|[a-z_]+\.[\w.]*|[a-z_]+:(read|write))$"
)
PAGES = {
    "national_officer": [
        "/w/",
        "/w/todo/",
        "/w/done/",
        "/w/started/",
        "/w/jobs/",
        "/w/notices/",
        "/w/notices/new/",
        "/w/notices/{notice}/",
        "/w/notices/{notice}/withdraw/",
        "/w/reports/",
        "/w/reports/{report}/",
        "/w/reports/{report}/?tab=history",
        "/w/reports/{report}/review/",
        "/w/notifications/",
        "/w/settings/",
        "/w/federations/",
        "/w/federations/440000/",
        "/w/document-numbers/",
        "/w/document-numbers/series/new/",
        "/w/document-templates/",
        "/w/missing/",
    ],
    "guangdong_officer": [
        "/w/",
        "/w/notices/{notice}/",
        "/w/reports/{report}/",
        "/w/reports/{report}/submitted/",
        "/w/reports/{report}/recall/",
        "/w/federations/440000/appoint/",
    ],
    "security_administrator": ["/w/", "/w/accounts/", "/w/accounts/invite/"],
    "system_administrator": ["/w/deliveries/"],
    "auditor": ["/w/audit/", "/w/reports/{report}/"],
}


#: Read without signing in, and by nobody in particular.
OPEN_PAGES = [
    "/",
    "/help/",
    "/nowhere/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
]
#: While a report is being filled in.
DRAFT_PAGES = [
    "/w/",
    "/w/todo/",
    "/w/reports/{report}/",
    "/w/reports/{report}/fill/",
    "/w/reports/{report}/fill/{section}/",
    "/w/reports/{report}/sign-off/",
    "/w/reports/{report}/submit/",
    "/w/notifications/",
    "/w/tokens/",
    "/w/tokens/create/",
    "/w/settings/",
]


def get(client, address, report=None, **changes) -> str:
    if report:
        address = address.format(
            report=report.pk,
            notice=report.notice.pk,
            section=report.sheet.form_version.sections.first().code,
        )
    response = client.get(address, **changes)
    assert response.status_code in (200, 404), (address, response.status_code)
    return response.content.decode()


def latin(html: str) -> set[str]:
    # Data: receipt numbers, addresses, and the federation's English name beside its Chinese one.
    html = re.sub(r"\d{4}-[0-9A-F]{8}-\d+|https?://[^\s<]+", "", html)
    html = html.replace("Guangdong Provincial Federation of Trade Unions", "")
    words = leaks(html, r"[A-Za-z][A-Za-z.:_@\d]{2,}")
    return {each for each in words if not USUAL.match(each.strip(".:"))}


def chinese(html: str, data: list[str]) -> set[str]:
    reader = Words()
    reader.feed(html)
    words = "\n".join(reader.words)
    for each in sorted(filter(None, data), key=len, reverse=True):
        words = words.replace(each, "")
    return set(re.findall(r"[\u4e00-\u9fff]+", words))


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_is_chinese(name, request, submitted_report, client_for):
    client = client_for(request.getfixturevalue(name))
    found = {page: latin(get(client, page, submitted_report)) for page in PAGES[name]}
    assert {page: words for page, words in found.items() if words} == {}


@pytest.mark.django_db
def test_a_report_is_filled_in_in_chinese(draft_report, guangdong_officer, client_for):
    client = client_for(guangdong_officer)
    found = {page: latin(get(client, page, draft_report)) for page in DRAFT_PAGES}
    assert {page: words for page, words in found.items() if words} == {}


@pytest.mark.django_db
def test_an_open_page_is_chinese(reference, client):
    found = {page: latin(get(client, page)) for page in OPEN_PAGES}
    assert {page: words for page, words in found.items() if words} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/w/notices/new/", "/w/settings/"])
def test_a_refused_form_is_chinese(page, reference, national_officer, client_for):
    html = client_for(national_officer).post(page, {"name": ""}).content.decode()
    assert "error-summary" in html
    assert latin(html) == set()


@pytest.mark.django_db
def test_a_refused_sign_in_is_chinese(reference, client):
    html = client.post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    assert latin(html) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_an_english_page_is_english(name, request, submitted_report, client_for):
    person = request.getfixturevalue(name)
    person.language = "en"
    person.save(update_fields=["language"])
    client = client_for(person)
    data = data_of(submitted_report)
    found = {page: chinese(get(client, page, submitted_report), data) for page in PAGES[name]}
    assert {page: words for page, words in found.items() if words} == {}


@pytest.mark.django_db
def test_a_report_is_filled_in_in_english(draft_report, guangdong_officer, client_for):
    guangdong_officer.language = "en"
    guangdong_officer.save(update_fields=["language"])
    client = client_for(guangdong_officer)
    data = data_of(draft_report)
    found = {page: chinese(get(client, page, draft_report), data) for page in DRAFT_PAGES}
    assert {page: words for page, words in found.items() if words} == {}


@pytest.mark.django_db
def test_an_open_page_is_english(reference, client):
    client.cookies["django_language"] = "en"
    found = {page: chinese(get(client, page), ["简体中文", "中文"]) for page in OPEN_PAGES}
    assert {page: words for page, words in found.items() if words} == {}


def data_of(report) -> list[str]:
    """What stays Chinese on an English page: what people wrote, names, the record of past acts."""
    notice = report.notice
    bodies = PortalNotice.objects.values_list("body", flat=True)
    return [
        "简体中文",
        "中文",
        "梁粤领",
        "副主席",
        "社会联络部",
        "总工办发〔2026〕12号",
        "“一、”",
        "“文件”",
        "粤工发",
        *chain(*NumberSeries.objects.values_list("word", "issuer", "label", "printed_by")),
        notice.title,
        *notice.text.splitlines(),
        *(value for value in GOOD_ANSWERS.values() if isinstance(value, str)),
        *User.objects.values_list("name", flat=True),
        *CalendarDay.objects.values_list("name", flat=True),
        *chain(*Entry.objects.values_list("actor_office", "subject_label")),
        *PortalNotice.objects.values_list("title", flat=True),
        *(line for body in bodies for line in body.splitlines()),
        *chain(*Federation.objects.values_list("name_zh", "short_zh")),
    ]
