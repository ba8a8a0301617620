"""What the status of a row says of its device: that it was sent, that it was not, or neither."""

from __future__ import annotations

import re
import unicodedata

from hwadmin.domain.text_folding import folded

_WORDS = (
    "shipped ship despatched dispatched delivered delivery sent complete completed ok fulfilled invoiced "
    "packed picked intransit ontheway received shippedcomplete fullyshipped geliefert versendet versandt "
    "ausgeliefert verzonden geleverd expedie livre yes y ja oui enviado entregado expedido despachado "
    "enviada entregue spedito consegnato inviato evaso wyslano wyslany wyslane dostarczono zrealizowano "
    "zugestellt unterwegs bezorgd onderweg encoursdelivraison wysylka indelivery outfordelivery "
    "levererad skickad sendt leveret levert afsendt toimitettu lahetetty odeslano doruceno dodano "
    "expedovano elkuldve kiszallitva gonderildi teslimedildi kargolandi отправлено отгружено доставлено "
    "出荷済 納品済 已发货 已發貨 已送达 발송완료 new neu nieuw "
    "נשלח סופק נמסר تمالشحن تمالتسليم شحن εστάλη παραδόθηκε livrat expediat відправлено доставлено "
)
_NOT_SENT = re.compile(
    r"return|rma|cancel|backorder|pending|open|process|hold|reject|refus|lost|damag|defect|doa|missing|await|"
    r"reserv|schedul|planned|retour|stornier|ruckstand|rueckstand|geannuleerd|annul|nachliefer|partial|delay|"
    r"nonship|notship|notsent|notdeliver|unship|undeliver|notyet|void|credit|outofstock|discontinu|offen|"
    r"zuruck|zurueck|nalever|devuel|devolu|cancelad|anulad|pendient|pendente|attente|attesa|sospes|resoda|"
    r"^reso$|^resi$|rientr|zwroc|zwrot|anulow|oczek|makuler|restnot|palaut|peru|vrac|zrus|cek[ae]|visszak|"
    r"torol|iade|iptal|beklemede|возвр|возврат|отмен|ожид|キャンセル|返品|未出荷|取消|退货|退貨|未发|未發|缺货|취소|반품|"
    r"הוחזר|החזר|בוטל|ממתין|مرتجع|إرجاع|ملغ|معلق|επιστρ|ακυρ|εκκρεμ|retur|anulat|поверн|скасов|"
    r"^(?:no|nein|nee|non|nej|nie|n|0|false)$"
)
# Movements of goods as SAP numbers them: those that bring a device, and those that take it back. The next
# number reverses a movement.
_MOVEMENT = re.compile(r"([1-9][0-9]{2})(?![0-9]).{0,60}", re.DOTALL)
_BRINGS = frozenset(
    (101, 103, 105, 107, 109, 201, 221, 231, 241, 251, 261, 281, 291, 601, 641, 643, 645, 647, 671)
)
_TAKES_BACK = frozenset((122, 124, 161, 451, 651, 653, 655, 657))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"[\W_]", "", folded(text)))


# When it was: "Delivered on 02.03.2026".
_WHEN = re.compile(
    r"(?:\s+(?:on|am|le|op|dnia|il|el))?\s*[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}\s*$", re.IGNORECASE
)
_SENT = frozenset(map(_plain, _WORDS.split()))


def brings_by_number(movement: str) -> bool | None:
    """Whether a movement of goods, by SAP's number, brings a device or takes it back; None: not sure."""
    found = _MOVEMENT.fullmatch(movement.strip())
    number = int(found[1]) if found else 0
    if number in _BRINGS:
        return True
    return False if number in _TAKES_BACK or number - 1 in _BRINGS else None


def by_status(status: str) -> tuple[str, str]:
    """The sentence that a device was not sent, or the status where it says neither."""
    if (brings := brings_by_number(status)) is not None:
        return "" if brings else f"Its movement is “{status}”, which takes it back.", ""
    plain = _plain(_WHEN.sub("", status))
    if not plain or plain in _SENT:
        return "", ""
    if _NOT_SENT.search(plain):
        return f"Its status is “{status}”, so it was not sent.", ""
    return "", status
