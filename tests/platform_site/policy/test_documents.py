"""Policy documents: what readers find, which of them holds, and what may not be said of two of them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from platform_site.editorial import services as editorial
from platform_site.policy import services
from platform_site.policy.models import PolicyDocument, PolicyDraft, PolicyRelation
from platform_site.problems import Invalid
from tests.factories import content

pytestmark = pytest.mark.django_db


def validity(document, day=None) -> str:
    return PolicyDocument.objects.with_validity(day).get(pk=document.pk).validity


@pytest.fixture
def older(the_day, centre_editor, acftu, publish):
    piece = content.drafted(
        centre_editor,
        acftu,
        title="旧意见",
        number="总工发〔2010〕5号",
        made_on=dt.date(2010, 5, 1),
    )
    return publish(piece).policy


@pytest.fixture
def bearing(centre_editor, acftu, publish, older):
    """Publishes a document that bears on the older one."""

    def make(kind="repeals", **changes):
        relation = {"kind": kind, "target": older.pk, "note": ""}
        piece = content.drafted(
            centre_editor, acftu, title="新意见", relations=[relation], **changes
        )
        return publish(piece).policy

    return make


def pointers(refused):
    return [each.pointer for each in refused.value.fields]


def test_it_reads_the_number_with_any_brackets(piece, centre_editor):
    piece = services.edit_document(
        piece, by=centre_editor, version=1, texts={}, facts={"number": "总工发[2016] 第32号"}
    )
    assert piece.policy_draft.number == "总工发〔2016〕32号"
    services.edit_document(
        piece, by=centre_editor, version=2, texts={}, facts={"number": "主席令第44号"}
    )
    piece.policy_draft.refresh_from_db()
    assert piece.policy_draft.number == "主席令第44号"


def test_a_number_is_one_documents(older, piece, centre_editor):
    with pytest.raises(Invalid) as refused:
        services.edit_document(
            piece, by=centre_editor, version=1, texts={}, facts={"number": "总工发（2010）5号"}
        )
    assert pointers(refused) == ["/number"]
    assert "旧意见" in str(refused.value.fields[0].message)
    same = PolicyDraft.objects.filter(piece=piece)
    with pytest.raises(IntegrityError), transaction.atomic():
        same.update(number=older.piece.policy_draft.number)


@pytest.mark.parametrize(
    ("kind", "then"),
    [
        ("repeals", "repealed"), ("supersedes", "repealed"), ("amends", "amended"),
        ("partly_repeals", "partly_void"), ("implements", "in_force"), ("interprets", "in_force"),
    ],
)  # fmt: skip
def test_what_holds_follows_from_what_bears_on_it(older, bearing, kind, then):
    assert validity(older) == "in_force"
    bearing(kind)
    assert validity(older) == then


def test_a_repeal_counts_from_the_day_it_is_in_force(older, bearing):
    bearing(effective_from=dt.date(2026, 10, 1))
    assert validity(older) == "in_force"
    assert validity(older, dt.date(2026, 10, 1)) == "repealed"


def test_a_draft_and_a_withdrawn_document_change_nothing(
    older, bearing, centre_editor, acftu, national_officer
):
    relation = {"kind": "repeals", "target": older.pk, "note": ""}
    content.drafted(centre_editor, acftu, title="草稿", relations=[relation])
    assert validity(older) == "in_force"
    newer = bearing()
    editorial.withdraw_piece(
        newer.piece, by=national_officer, version=newer.piece.version, note="有误。"
    )
    assert validity(older) == "in_force"


def test_dates_and_a_hand_decide_too(the_day, centre_editor, acftu, publish):
    facts = {"effective_from": dt.date(2016, 1, 1), "effective_to": dt.date(2020, 12, 31)}
    document = publish(content.drafted(centre_editor, acftu, **facts)).policy
    assert validity(document) == "lapsed"
    assert validity(document, dt.date(2020, 12, 31)) == "in_force"
    assert validity(document, dt.date(2015, 12, 31)) == "not_yet"
    set_by_hand = {"validity_set": "partly_void", "validity_reason": "清理决定第三项"}
    other = publish(content.drafted(centre_editor, acftu, title="另一件", **set_by_hand)).policy
    assert validity(other) == "partly_void"


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"issuers": []}, "/issuers"),
        (
            {"effective_from": dt.date(2020, 1, 2), "effective_to": dt.date(2020, 1, 1)},
            "/effective_to",
        ),
        ({"validity_set": "lapsed"}, "/validity_reason"),
        ({"kind": "poem"}, "/kind"),
    ],
)
def test_what_no_document_may_say(the_day, centre_editor, acftu, facts, pointer):
    with pytest.raises(Invalid) as refused:
        content.drafted(centre_editor, acftu, **facts)
    assert pointers(refused) == [pointer]


def test_a_later_document_cannot_be_repealed_by_an_earlier_one(older, centre_editor, acftu):
    relation = {"kind": "repeals", "target": older.pk}
    with pytest.raises(Invalid) as refused:
        content.drafted(centre_editor, acftu, made_on=dt.date(2009, 1, 1), relations=[relation])
    assert pointers(refused) == ["/relations/0/target"]


def test_no_circle_and_not_itself_and_not_twice(older, bearing, centre_editor, publish):
    newer = bearing("implements")
    old = editorial.revise_piece(older.piece, by=centre_editor, version=older.piece.version)
    for relations, place in (
        ([{"kind": "implements", "target": newer.pk}], 0),
        ([{"kind": "implements", "target": older.pk}], 0),
        ([{"kind": "forwards", "target": newer.pk}, {"kind": "forwards", "target": newer.pk}], 1),
        ([{"kind": "forwards", "target": "00000000-0000-4000-8000-000000000000"}], 0),
    ):
        with pytest.raises(Invalid) as refused:
            services.edit_document(
                old, by=centre_editor, version=old.version, texts={}, facts={"relations": relations}
            )
        assert pointers(refused) == [f"/relations/{place}/target"]


def test_it_does_not_go_to_review_without_a_day_and_a_summary(the_day, centre_editor, acftu):
    piece = content.drafted(centre_editor, acftu, made_on=None, summary="", body="")
    with pytest.raises(Invalid) as refused:
        content.in_review(piece, centre_editor)
    assert set(pointers(refused)) == {"/made_on", "/summary", "/body"}
    piece.refresh_from_db()
    assert piece.state == "draft"


class TestPublicPages:
    def test_anybody_reads_list_and_page(self, client, older, bearing):
        newer = bearing(note="")
        page = client.get("/policy/", headers={"accept-language": "zh-hans"}).content.decode()
        assert page.index("新意见") < page.index("旧意见")
        assert "已废止" in page
        sheet = client.get(older.get_absolute_url()).content.decode()
        assert "总工发〔2010〕5号" in sheet
        assert newer.get_absolute_url() in sheet
        assert '<p id="art-1">' in sheet

    def test_facets_narrow(self, client, older, bearing):
        bearing()
        for query, many in (
            ({"validity": "repealed"}, 1), ({"year": 2016}, 1), ({"search": "总工发〔2010〕"}, 1),
            ({"kind": "law"}, 0), ({"level": "national"}, 2), ({"line": "social_organisations"}, 2),
        ):  # fmt: skip
            page = client.get("/policy/", query).content.decode()
            assert page.count('class="policies__item"') == many, query

    def test_a_draft_has_no_page_and_a_withdrawn_one_says_so(
        self, client, piece, publish, national_officer
    ):
        address = reverse("policy-page", args=[piece.slug])
        assert client.get(address).status_code == 404
        piece = publish(piece)
        assert client.get(address).status_code == 200
        editorial.withdraw_piece(
            piece, by=national_officer, version=piece.version, note="内容有误。"
        )
        gone = client.get(address)
        assert gone.status_code == 410
        assert "内容有误" in gone.content.decode()

    def test_internal_documents_are_not_there_for_strangers(
        self, client, the_day, centre_editor, acftu, publish, hunan_officer, client_for
    ):
        document = publish(content.drafted(centre_editor, acftu, audience="internal")).policy
        address = document.get_absolute_url()
        assert client.get(address).status_code == 404
        assert document.title not in client.get("/policy/").content.decode()
        assert client_for(hunan_officer).get(address).status_code == 200

    @pytest.mark.parametrize(("ending", "begins"), [("docx", b"PK"), ("pdf", b"%PDF")])
    def test_it_is_given_out_as_a_document(self, client, older, ending, begins):
        answer = client.get(reverse(f"policy-{ending}", args=[older.piece.slug]))
        assert b"".join(answer.streaming_content).startswith(begins)

    def test_the_list_asks_a_fixed_number_of_times(
        self, client, older, bearing, django_assert_max_num_queries
    ):
        bearing()
        with django_assert_max_num_queries(8):
            client.get("/policy/")


def test_relations_are_rewritten_when_it_comes_out_anew(older, bearing, centre_editor, publish):
    newer = bearing("repeals")
    piece = editorial.revise_piece(newer.piece, by=centre_editor, version=newer.piece.version)
    piece = services.edit_document(
        piece, by=centre_editor, version=piece.version, texts={}, facts={"relations": []}
    )
    assert validity(older) == "repealed"
    publish(piece)
    assert validity(older) == "in_force"
    assert not PolicyRelation.objects.exists()


def test_the_site_leads_to_the_documents(client, reference):
    page = client.get("/").content.decode()
    assert f'href="{reverse("policy-list")}"' in page
    here = client.get("/policy/").content.decode()
    assert f'href="{reverse("policy-list")}" aria-current="page"' in here
