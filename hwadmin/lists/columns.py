"""What the columns of a list mean: by their headings, by what is in them, or as a person says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hwadmin.identifiers import IdentifierError, IdentifierKind, parse
from hwadmin.identifiers.harvest import harvest
from hwadmin.lists.names import Names
from hwadmin.lists.reading import Row, Sheet

_SAMPLE = 150
_HEADINGS_WITHIN = 40


class Meaning(StrEnum):
    """What a column holds."""

    MAC = "mac"
    IPEI = "ipei"
    IMEI = "imei"
    IDENTIFIER = "identifier"
    IMEI2 = "imei2"
    SERIAL = "serial"
    CODE = "code"
    OTHER_ADDRESS = "other_address"
    MODEL = "model"
    DESCRIPTION = "description"
    SKU = "sku"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        """The meaning in the words of the page."""
        return _LABELS[self]

    @property
    def kinds(self) -> tuple[IdentifierKind, ...]:
        """Which identifiers the column may hold."""
        if self is Meaning.IDENTIFIER:
            return tuple(IdentifierKind)
        return (IdentifierKind(self.value),) if self.value in tuple(IdentifierKind) else ()


_LABELS = {
    Meaning.MAC: "MAC address",
    Meaning.IPEI: "IPEI",
    Meaning.IMEI: "IMEI",
    Meaning.IDENTIFIER: "Identifier of any kind",
    Meaning.IMEI2: "IMEI of SIM 2",
    Meaning.SERIAL: "Serial number",
    Meaning.CODE: "Gigaset code",
    Meaning.OTHER_ADDRESS: "Another address of the device",
    Meaning.MODEL: "Model",
    Meaning.DESCRIPTION: "Description",
    Meaning.SKU: "SKU",
    Meaning.NOTHING: "Nothing of use",
}
ASIDE = (Meaning.IMEI2, Meaning.SERIAL, Meaning.CODE, Meaning.OTHER_ADDRESS)

_HEADINGS = {
    Meaning.MAC: "mac macaddress macaddr macadr macadresse macid lanmac lanmacaddress maclan ethernetmac "
    "ethmac macno macnumber macnr basemac phonemac",
    Meaning.IPEI: "ipei ipui ipeiipui handsetid ipeino ipeinumber ipeinr dectipei dectid ipuin handsetipei",
    Meaning.IMEI: "imei imei1 imeino imeinumber imeinr imeisim1 imei01 primaryimei",
    Meaning.IMEI2: "imei2 imeisim2 imei02 secondimei secondaryimei",
    Meaning.IDENTIFIER: "identifier hardwareid deviceidentifier macipei maceoripei macoripei ipeimac "
    "macipeiimei macimei hardwareidentifier",
    Meaning.SERIAL: "serial serialno serialnumber serialnr sn seriennummer serienummer serials",
    Meaning.CODE: "maccode macidcode gigasetcode autoprovisioningcode",
    Meaning.OTHER_ADDRESS: "wlanmac wifimac wifimacaddress wlanmacaddress bluetoothmac btmac "
    "bluetoothaddress wirelessmac btaddress bluetoothmacaddress macwlan macwifi",
    Meaning.MODEL: "model devicemodel phonetype modelname modelno modelnumber devicetype type phonemodel",
    Meaning.DESCRIPTION: "description item product productname itemdescription desc article artikel "
    "productdescription itemname",
    Meaning.SKU: "sku partno partnumber part mpn itemcode productcode articleno artno itemno materialno",
    Meaning.NOTHING: "po ponumber yourpo pono orderref orderno ordernumber despatchno deliveryno line lineno "
    "qty quantity manufacturer make brand vendor iccid sim sitename site location ean upc gtin date status "
    "no nr pos position datasequence user employee tracking carton box pallet customer invoice color colour "
    "name price comment comments remarks notes firmware extension username firstname lastname email",
}
_BY_HEADING = {name: meaning for meaning, names in _HEADINGS.items() for name in names.split()}


def heading(text: str) -> Meaning | None:
    """What a heading says its column holds; None if it is no heading we know."""
    if len(text) > 40:
        return None
    return _BY_HEADING.get(re.sub(r"[\W_]", "", text).lower())


@dataclass(frozen=True, slots=True)
class Columns:
    """The meaning of each column, the row of the headings, and whether a person should look.

    `doubts`: why they should, each a sentence.
    """

    meanings: tuple[Meaning, ...]
    header: int | None = None
    doubts: tuple[str, ...] = ()

    @property
    def has_identifiers(self) -> bool:
        """Whether some column holds identifiers; else every line is searched."""
        return any(meaning.kinds for meaning in self.meanings)

    def of(self, *wanted: Meaning) -> list[int]:
        """The columns with one of the meanings."""
        return [place for place, meaning in enumerate(self.meanings) if meaning in wanted]


def mapped(found: Columns, chosen: Mapping[int, str]) -> Columns:
    """The columns as a person says they are; what they do not say stays as it was found."""
    meanings = list(found.meanings)
    for place, word in chosen.items():
        if 0 <= place < len(meanings) and word in tuple(Meaning):
            meanings[place] = Meaning(word)
    return replace(found, meanings=tuple(meanings), doubts=())


def recognised(sheet: Sheet, names: Names) -> Columns:
    """What the columns of a list mean, as far as can be told."""
    header, said = _header(sheet)
    rows = [row for row in sheet.rows if not row.comment and (header is None or row.number > header)]
    if sheet.separator is None and header is None:
        return Columns((Meaning.NOTHING,) * sheet.width)
    doubts: list[str] = []
    meanings = []
    for place in range(sheet.width):
        values = [row.cells[place] for row in rows if place < len(row.cells) and row.cells[place]]
        by_heading = said.get(place)
        by_content = _content(values[:_SAMPLE], names)
        meanings.append(by_heading or by_content or Meaning.NOTHING)
        if by_heading and by_content and _contradict(by_heading, by_content, values[:_SAMPLE]):
            doubts.append(
                f"Column {place + 1} is headed {by_heading.label}, but holds {by_content.label}."
                if by_heading is not Meaning.NOTHING
                else f"Column {place + 1} holds {by_content.label}, though its heading says otherwise."
            )
    for meaning in (Meaning.MAC, Meaning.IPEI, Meaning.IMEI, Meaning.IDENTIFIER):
        same = [place + 1 for place, one in enumerate(meanings) if one is meaning]
        if len(same) > 1:
            listed = " and ".join(map(str, same))
            doubts.append(f"Columns {listed} both hold {meaning.label}; say which is the one of the unit.")
    if Meaning.IDENTIFIER in meanings and header is None:
        doubts.append("A column of digits may hold identifiers; say what they are.")
    return Columns(tuple(meanings), header, tuple(doubts))


def _header(sheet: Sheet) -> tuple[int | None, dict[int, Meaning]]:
    for row in [row for row in sheet.rows if any(row.cells)][:_HEADINGS_WITHIN]:
        cells = [cell.lstrip("# ") if row.comment else cell for cell in row.cells]
        said = {place: meaning for place, cell in enumerate(cells) if (meaning := heading(cell))}
        names_one = any(meaning.kinds for meaning in said.values())
        enough = len(said) >= 2 or (names_one and len([cell for cell in cells if cell]) <= 2)
        if said and enough and not harvest(row.text).found:
            return row.number, said
    return None, {}


def _content(values: Sequence[str], names: Names) -> Meaning | None:
    """What most of the values are; None where they are nothing in particular."""
    if not values:
        return None
    counts: dict[Meaning, int] = {}
    for value in values:
        for meaning in _meanings_of(value, names):
            counts[meaning] = counts.get(meaning, 0) + 1
    best = max(counts, key=lambda meaning: counts[meaning], default=None)
    enough = 0.4 if best in (Meaning.MODEL, Meaning.SKU) else 0.6
    return best if best and counts[best] >= enough * len(values) else None


def _meanings_of(value: str, names: Names) -> list[Meaning]:
    found = harvest(value).found
    if len(found) == 1 and found[0].end - found[0].start >= len(value.strip("\"' ")) - 8:
        if found[0].certain:
            return [Meaning(found[0].readings[0].kind.value)]
        if not value.startswith("0") or len(found[0].readings) > 1:
            return [Meaning.IDENTIFIER]
    if names.is_sku(value):
        return [Meaning.SKU]
    return [Meaning.MODEL] if names.by_model(value).lines else []


def _contradict(said: Meaning, found: Meaning, values: Sequence[str]) -> bool:
    """Whether a heading and what stands under it disagree about an identifier."""
    if not found.kinds or found is Meaning.IDENTIFIER or said is found:
        return False
    if said in ASIDE and not (said is Meaning.SERIAL and found in (Meaning.MAC, Meaning.IPEI)):
        return False  # IMEI2 holds IMEIs, WLAN MAC holds MAC addresses
    if not said.kinds:
        return True
    return sum(_reads(said.kinds, value) for value in values) * 2 < len(values)


def _reads(kinds: Sequence[IdentifierKind], value: str) -> bool:
    for kind in kinds:
        try:
            parse(kind, value)
        except IdentifierError:
            continue
        return True
    return False


def preview(sheet: Sheet, columns: Columns, most: int = 6) -> list[Row]:
    """The first rows below the headings, to choose the meaning of columns by."""
    rows = [row for row in sheet.rows if any(row.cells) and not row.comment and row.number != columns.header]
    after = [row for row in rows if columns.header is None or row.number > columns.header]
    return (after or rows)[:most]
