"""A notice as an official document, addressed to all of its recipients or to one."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.attachments.models import Attachment as File
from platform_site.documents.content import Attachment, Official, blocks_of
from platform_site.documents.models import NumberSeries
from platform_site.documents.queries import made, series_of_word
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.problems import StepNotOpen

from .. import queries
from ..models import Notice
from ..workflow import NoticeState

#: The usual address of a notice to all federations of a kind; part of the document, so not translated.
ALL_PROVINCES = "各省、自治区、直辖市总工会"
ALL_PROVINCES_AND_CORPS = "各省、自治区、直辖市总工会，新疆生产建设兵团总工会"
ALL_INDUSTRIAL_UNIONS = "各全国产业工会"
#: How many there are of these (see ``federations/data``).
PROVINCES, INDUSTRIAL_UNIONS = 31, 10


def addressee_line(addressees: list[Federation]) -> str:
    """主送机关: the usual words where all of a kind are addressed, else their names."""
    by_kind = Counter(each.kind for each in addressees)
    kinds = Federation.Kind
    parts, named = [], set()
    if by_kind[kinds.PROVINCIAL] == PROVINCES:
        named.add(kinds.PROVINCIAL)
        parts.append(ALL_PROVINCES)
        if by_kind[kinds.CORPS]:
            named.add(kinds.CORPS)
            parts = [ALL_PROVINCES_AND_CORPS]
    if by_kind[kinds.INDUSTRIAL] == INDUSTRIAL_UNIONS:
        named.add(kinds.INDUSTRIAL)
        parts.append(ALL_INDUSTRIAL_UNIONS)
    rest = "、".join(each.name_zh for each in addressees if each.kind not in named)
    return "，".join([*parts, rest] if rest else parts)


def has_document(notice: Notice) -> bool:
    """Of a notice from before the platform neither number, day nor wording is known: none is made up."""
    return notice.month_year is None


def series_of(notice: Notice) -> NumberSeries | None:
    """The series that the number is of, or will be: it says who issues, in which format."""
    if notice.number_series is None and notice.number_word:
        return series_of_word(notice.number_word)
    return notice.number_series


def issuer_of(notice: Notice) -> str:
    """发文机关: the series' own (the General Office has its words), else the federation."""
    series = series_of(notice)
    return series.issuer if series else notice.federation.name_zh


def official_of(notice: Notice, *, addressee: Federation | None = None) -> Official:
    """The notice laid out; before issue a draft without number and date.

    ``addressee`` is the federation whose copy it is; without one the line names all recipients.
    Issuer, format and imprint are those of the number's series.
    """
    series, issuer = series_of(notice), issuer_of(notice)
    is_letter = series is not None and series.layout == "letter"
    draft = notice.state in (NoticeState.DRAFT, NoticeState.APPROVED)
    day = timezone.localdate(notice.issued_at) if notice.issued_at and not draft else None
    recipients = queries.addressees_of(notice)
    files = File.objects.of(notice).order_by("created_at", "pk")
    contact = [("联系人：", notice.contact_name), ("联系电话：", notice.contact_phone)]
    return Official(
        kind="letter" if is_letter else "notice",
        title=notice.title,
        body=tuple(blocks_of(notice.text)),
        issuer=issuer,
        issuer_mark=issuer if is_letter else f"{issuer}文件",
        number=None if draft else notice.document_number,
        addressee=addressee.name_zh if addressee else addressee_line(recipients),
        attachments=tuple(Attachment(file.filename.rpartition(".")[0]) for file in files),
        signed_by_name=issuer,
        made_on=day,
        notes="，".join(label + value for label, value in contact if value),
        printed_by=series.printed_by if series and not draft else "",
        printed_on=day,
        sample=settings.DEMO_MODE,
        draft=draft,
        names=tuple(each.name_zh for each in [notice.federation, *recipients]),
    )


def document_of(
    notice: Notice, ending: str, *, obligation: Obligation | None = None
) -> tuple[str, bytes]:
    """File name and bytes of the notice (``docx`` or ``pdf``), or of one recipient's copy.

    Whoever it was passed down to is no recipient of the document: theirs names those it was issued to.
    """
    if obligation is not None and obligation.parent_id is not None:
        obligation = None
    if not has_document(notice):
        raise StepNotOpen(
            "no_document",
            _("This notice is from before the platform; its wording is not known here."),
        )
    official = official_of(notice, addressee=obligation.federation if obligation else None)
    parts = [official.mark, str(official.number or ""), notice.title]
    name = " ".join(part for part in parts if part)
    if obligation:
        name += f"（{obligation.federation.name_zh}）"
    for character in '/\\:*?"<>|':
        name = name.replace(character, "_")
    return f"{name[:150]}.{ending}", made(official, ending)
