"""The paper bridge: what is printed carries a code; the stamped scan finds its version by it."""

from __future__ import annotations

import io
import re
import uuid

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.utils import InternalError
from django.test import override_settings
from django.urls import reverse
from PIL import Image

from platform_site.attachments.codes import read_codes
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import upload
from platform_site.audit.queries import story
from platform_site.problems import Invalid, NotAllowed, Refused
from reports import services
from reports.models import Report, ReportScan
from reports.queries.papers import PaperCode, code_of, code_of_draft, drawn, read_code
from tests.conftest import THE_DAY
from tests.papers import scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(submitted_report):
    return submitted_report.versions.get()


@pytest.fixture
def kept(guangdong_officer):
    """Upload a scan as the federation's officer does: loose for now."""

    def keep(*texts, by=guangdong_officer, **how):
        file = scan(*texts, **how)
        return upload(file, by=by, name=file.name)

    return keep


@pytest.fixture
def resubmitted(submitted_report, national_officer, guangdong_officer):
    """Returned, changed and submitted again: version 1 is superseded."""
    report = services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note="请补充。"
    )
    report = services.save_report(
        report,
        by=guangdong_officer,
        version=report.version,
        answers={"places": "广州市、佛山市顺德区。"},
        strict=True,
    ).report
    report = services.sign_off_report(
        report, by=guangdong_officer, version=report.version, name="梁粤领",
        on=report.signed_off_on or report.submitted_at.date(),
    )  # fmt: skip
    return services.submit_report(report, by=guangdong_officer, version=report.version)


class TestCode:
    def test_it_says_which_report_and_version_and_nothing_else(self, version):
        code = code_of(version)
        assert read_code(code.text) == PaperCode(version.report_id, 1)
        assert re.fullmatch(r"[0-9A-Z:]{50,64}", code.text)

    @pytest.mark.parametrize("place", [7, 8, 20, -1])
    def test_one_changed_character_makes_it_worthless(self, version, place):
        text = list(code_of(version).text)
        text[place] = "A" if text[place] != "A" else "B"
        assert read_code("".join(text)) is None

    def test_another_key_makes_another_code_and_a_former_one_still_holds(self, version, settings):
        text = code_of(version).text
        with override_settings(SECRET_KEY="another"):
            assert read_code(text) is None
        with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            assert read_code(text) == code_of(version)

    @pytest.mark.parametrize(
        "text", ["", "UNION1", "UNION1:V1:AA:BB", "https://example.org/", "UNION1:::"]
    )
    def test_nonsense_is_no_code(self, text):
        assert read_code(text) is None

    def test_a_draft_is_named_by_its_answers(self, draft_report, guangdong_officer):
        before = code_of_draft(draft_report)
        services.save_report(
            draft_report, by=guangdong_officer, version=draft_report.version, explanation="说明"
        )
        draft_report.refresh_from_db()
        assert code_of_draft(draft_report) == before
        services.save_report(
            draft_report,
            by=guangdong_officer,
            version=draft_report.version,
            answers={"places": "广州市。"},
        )
        draft_report.refresh_from_db()
        assert code_of_draft(draft_report) != before

    def test_the_drawing_is_read_again(self, version, kept):
        text = code_of(version).text
        side, path = drawn(text)
        picture = Image.new("L", (side * 8, side * 8), 255)
        for column, row in re.findall(r"M(\d+) (\d+)h1", path):
            dark = Image.new("L", (8, 8), 0)
            picture.paste(dark, (int(column) * 8, int(row) * 8))
        made = io.BytesIO()
        picture.save(made, "PNG")
        file = kept(None)
        file = upload(
            SimpleUploadedFile("a.png", made.getvalue()), by=file.uploaded_by, name="a.png"
        )
        assert [found.text for found in read_codes(file).found] == [text]


class TestReading:
    @pytest.mark.parametrize("kind", ["pdf", "png", "jpg"])
    @pytest.mark.parametrize("turned", [0, 2.5, 90, 180])
    def test_crooked_and_upside_down(self, version, kept, kind, turned):
        found = read_codes(kept(code_of(version).text, kind=kind, turned=turned))
        assert [each.text for each in found.found] == [code_of(version).text]

    def test_of_many_pages_each_is_looked_at(self, version, kept):
        codes = read_codes(kept(None, None, code_of(version).text, None))
        assert (codes.pages, codes.read) == (4, 4)
        assert [found.page for found in codes.found] == [3]

    def test_what_is_no_scan_is_refused(self, guangdong_officer):
        from tests.access.world import a_file

        with pytest.raises(Refused) as refused:
            read_codes(a_file(guangdong_officer))
        assert refused.value.code == "no_scan"

    def test_too_many_pages_are_refused_and_the_site_goes_on(self, guangdong_officer, tmp_path):
        document = pypdfium2.PdfDocument.new()
        for _page in range(301):
            document.new_page(200, 200)
        made = io.BytesIO()
        document.save(made)
        file = upload(
            SimpleUploadedFile("a.pdf", made.getvalue()), by=guangdong_officer, name="a.pdf"
        )
        with pytest.raises(Refused) as refused:
            read_codes(file)
        assert refused.value.code == "too_many_pages"

    def test_a_page_as_large_as_a_house_takes_no_memory(self, guangdong_officer):
        document = pypdfium2.PdfDocument.new()
        document.new_page(14_000, 14_000)
        made = io.BytesIO()
        document.save(made)
        file = upload(
            SimpleUploadedFile("a.pdf", made.getvalue()), by=guangdong_officer, name="a.pdf"
        )
        assert read_codes(file).found == ()


class TestAttaching:
    def test_it_attaches_itself_and_the_version_is_not_touched(
        self, version, kept, guangdong_officer, national_officer, hunan_officer
    ):
        before = (version.content, Report.objects.get(pk=version.report_id).version)
        received = services.receive_scan(kept(code_of(version).text, None), by=guangdong_officer)
        assert (received.scan.version_of, received.scan.how, received.scan.pages) == (
            version, "code", 2,
        )  # fmt: skip
        file = Attachment.objects.of(received.scan).get()
        assert file.frozen
        version.refresh_from_db()
        assert (version.content, Report.objects.get(pk=version.report_id).version) == before
        seen = [
            ReportScan.objects.visible_to(person).exists()
            for person in (guangdong_officer, national_officer, hunan_officer)
        ]
        assert seen == [True, True, False]
        told = {entry.action for entry in story(received.scan)}
        assert told == {"attachments.attach_file", "reports.reportscan.attach"}

    def test_a_later_version_does_not_take_the_paper_in(
        self, version, kept, guangdong_officer, resubmitted
    ):
        received = services.receive_scan(kept(code_of(version).text), by=guangdong_officer)
        assert received.superseded
        assert received.scan.version_of.number == 1
        named = {
            each["sha256"] for each in resubmitted.versions.get(number=2).content["attachments"]
        }
        assert received.scan.sha256 not in named

    def test_the_same_scan_twice_is_one(self, version, kept, guangdong_officer):
        text = code_of(version).text
        first = services.receive_scan(kept(text, kind="png"), by=guangdong_officer)
        again = services.receive_scan(kept(text, kind="png"), by=guangdong_officer)
        assert again.scan == first.scan

    def test_nobody_changes_or_deletes_it(self, version, kept, guangdong_officer):
        scan_ = services.receive_scan(kept(code_of(version).text), by=guangdong_officer).scan
        for change in (
            lambda: ReportScan.objects.filter(pk=scan_.pk).update(pages=9),
            lambda: ReportScan.objects.filter(pk=scan_.pk).delete(),
        ):
            with pytest.raises(InternalError), transaction.atomic():
                change()

    @pytest.mark.parametrize(
        ("texts", "code"),
        [
            ((None,), "no_code"),
            (("https://example.org/",), "no_code"),
            (("UNION1:V1:AAAAAAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAA",), "forged_code"),
            (("version", "other"), "several_codes"),
            (("missing",), "unknown_version"),
            (("nowhere",), "unknown_paper"),
        ],
    )
    def test_what_cannot_be_attached_is_told(self, version, kept, guangdong_officer, texts, code):
        known = {
            "version": code_of(version).text,
            "other": PaperCode(version.report_id, 2).text,
            "missing": PaperCode(version.report_id, 7).text,
            "nowhere": PaperCode(uuid.uuid4(), 1).text,
        }
        file = kept(*[known.get(text, text) for text in texts])
        with pytest.raises(Invalid) as refused:
            services.receive_scan(file, by=guangdong_officer)
        assert refused.value.code == code
        assert not ReportScan.objects.exists()

    def test_a_paper_of_another_federation_is_refused_without_saying_whose(
        self, version, kept, hunan_officer
    ):
        with pytest.raises(NotAllowed) as refused:
            services.receive_scan(kept(code_of(version).text, by=hunan_officer), by=hunan_officer)
        assert "广东" not in str(refused.value.message)

    def test_the_centre_hands_in_nobodys_papers(self, version, kept, national_officer):
        with pytest.raises(NotAllowed):
            services.receive_scan(
                kept(code_of(version).text, by=national_officer), by=national_officer
            )

    def test_by_hand_where_no_code_tells(self, version, kept, guangdong_officer):
        received = services.attach_scan(kept(None), version, by=guangdong_officer)
        assert received.scan.how == "chosen"

    def test_by_hand_not_against_the_code(self, version, kept, guangdong_officer):
        with pytest.raises(Invalid) as refused:
            services.attach_scan(
                kept(PaperCode(uuid.uuid4(), 1).text), version, by=guangdong_officer
            )
        assert refused.value.code == "another_paper"


class TestDraft:
    def test_a_signed_draft_becomes_the_scan_of_the_sign_off(
        self, ready_report, kept, guangdong_officer
    ):
        file = kept(code_of_draft(ready_report).text)
        received = services.receive_scan(file, by=guangdong_officer)
        assert received.scan is None
        report = Report.objects.get(pk=ready_report.pk)
        assert report.signed_off_scan == file
        submitted = services.submit_report(report, by=guangdong_officer, version=report.version)
        assert file.sha256 in {
            each["sha256"] for each in submitted.versions.get().content["attachments"]
        }

    def test_it_may_come_before_the_sign_off_is_recorded(
        self, draft_report, kept, guangdong_officer
    ):
        file = kept(code_of_draft(draft_report).text)
        report = services.receive_scan(file, by=guangdong_officer).report
        report = services.sign_off_report(
            report, by=guangdong_officer, version=report.version, name="梁粤领", on=THE_DAY.date()
        )
        assert report.signed_off_scan == file

    def test_arrived_after_submission_it_goes_to_the_version_with_these_answers(
        self, ready_report, kept, guangdong_officer
    ):
        text = code_of_draft(ready_report).text
        report = services.submit_report(
            ready_report, by=guangdong_officer, version=ready_report.version
        )
        received = services.receive_scan(kept(text), by=guangdong_officer)
        assert received.scan.version_of == report.versions.get()

    def test_changed_since_it_was_printed(self, draft_report, kept, guangdong_officer):
        text = code_of_draft(draft_report).text
        services.save_report(
            draft_report,
            by=guangdong_officer,
            version=draft_report.version,
            answers={"places": "广州市。"},
        )
        with pytest.raises(Invalid) as refused:
            services.receive_scan(kept(text), by=guangdong_officer)
        assert refused.value.code == "answers_changed"


class TestPages:
    def test_the_printed_pages_carry_the_code(self, version, client_for, national_officer):
        client = client_for(national_officer)
        for address in (
            reverse("report-version", args=[version.report_id, 1]),
            reverse("report-detail", args=[version.report_id]),
        ):
            html = client.get(address).content.decode()
            assert drawn(code_of(version).text)[1] in html

    def test_several_files_at_once_each_with_its_word(self, version, client_for, guangdong_officer):
        client = client_for(guangdong_officer)
        answer = client.post(
            reverse("scan-upload"),
            {
                "file": [
                    scan(code_of(version).text, name="一"),
                    scan(None, name="二"),
                    scan("UNION1:V1:A:B", kind="png", name="三"),
                ]
            },
        )
        assert answer.status_code == 422
        html = answer.content.decode()
        assert html.count("data-scan") == 3
        assert reverse("report-version", args=[version.report_id, 1]) in html
        loose = Attachment.objects.filter(owner_id=None)
        assert loose.count() == 2
        answer = client.post(
            reverse("scan-choose"), {"attachment": loose[0].pk, "version": version.pk}
        )
        assert answer.status_code == 302
        assert ReportScan.objects.count() == 2
        html = client.get(reverse("report-version", args=[version.report_id, 1])).content.decode()
        assert "一.pdf" in html

    def test_nothing_chosen_and_nonsense_are_told(self, version, client_for, guangdong_officer):
        client = client_for(guangdong_officer)
        assert client.post(reverse("scan-upload"), {}).status_code == 422
        broken = SimpleUploadedFile("x.pdf", b"%PDF-1.4\nnonsense")
        assert client.post(reverse("scan-upload"), {"file": broken}).status_code == 422
        text = SimpleUploadedFile("x.txt", "文字".encode())
        assert client.post(reverse("scan-upload"), {"file": text}).status_code == 422
        answer = client.post(
            reverse("scan-choose"), {"attachment": uuid.uuid4(), "version": version.pk}
        )
        assert answer.status_code == 404


class TestApi:
    def test_a_scan_attaches_itself(self, version, api_for, guangdong_officer):
        client = api_for(guangdong_officer)
        told = client.get(f"/api/v1/reports/{version.report_id}/paper-code/").json()
        assert told == {"number": 1, "text": code_of(version).text}
        answer = client.post("/api/v1/report-scans/", {"file": scan(told["text"])})
        assert answer.status_code == 201, answer.content
        body = answer.json()
        assert (body["superseded"], body["scan"]["number"]) == (False, 1)
        rows = client.get(f"/api/v1/report-scans/?report={version.report_id}").json()["results"]
        assert [row["id"] for row in rows] == [body["scan"]["id"]]
        content = client.get(f"/api/v1/attachments/{rows[0]['file']}/content/")
        assert content.getvalue().startswith(b"%PDF-")

    def test_unread_it_is_told_and_leaves_nothing_behind(self, version, api_for, guangdong_officer):
        client = api_for(guangdong_officer)
        answer = client.post("/api/v1/report-scans/", {"file": scan(None)})
        assert (answer.status_code, answer.json()["code"]) == (422, "no_code")
        assert answer.json()["errors"][0]["pointer"] == "/file"
        assert not Attachment.objects.filter(owner_id=None).exists()
        answer = client.post(
            "/api/v1/report-scans/",
            {"file": scan(None), "report": str(version.report_id), "number": "1"},
        )
        assert (answer.status_code, answer.json()["scan"]["how"]) == (201, "chosen")
        answer = client.post(
            "/api/v1/report-scans/", {"file": scan(None), "report": str(version.report_id)}
        )
        assert answer.status_code == 422

    def test_a_paper_of_another_federation(self, version, api_for, hunan_officer, national_officer):
        for person in (hunan_officer, national_officer):
            answer = api_for(person).post(
                "/api/v1/report-scans/", {"file": scan(code_of(version).text)}
            )
            assert answer.status_code == 403
