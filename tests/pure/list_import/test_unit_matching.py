"""A corpus of lists as people have them, each with the units its identifiers belong to, and what is asked.

The rule above all others: no identifier ever lands on a wrong unit. What is not sure is asked or left out.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from hwadmin.domain.device_kinds import Kind
from hwadmin.errors import InvalidInput
from hwadmin.identifiers import parse
from hwadmin.list_import.file_reading import decoded, text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.lists import Sheet
from hwadmin.list_import.matching.matching_report import LEAVE_OUT, ListReport
from hwadmin.list_import.matching.unit_matching import matched
from hwadmin.list_import.meaning.columns import Columns, mapped, recognised
from hwadmin.list_import.meaning.headings import Meaning
from hwadmin.list_import.planned_units import ListUnit
from hwadmin.list_import.text_tables import read_text
from tests.running import examples

ORDER = "HW-004483"
A, B, C, D = "805ec0000001", "805ec0000002", "805ec0000003", "805ec0000004"
S, T = "000413a10001", "000413a10002"
G = "7c2f80e0d605"
H, K, J = "02C3CC8E37", "02C332B510", "00C0235C63"
HP, IP = "11324 0822839 *", "11315 0177424 2"
M, N, Q = "352099001761481", "352099001761499", "490154203237518"


def an_order(*lines: Any) -> list[ListUnit]:
    """Units of "T54W 3 deskphone Yealink"-like lines; the SKU is the model's with S- in front."""
    units: list[ListUnit] = []
    for line_id, (model, count, kind, make) in enumerate(lines, start=1):
        for number in range(1, count + 1):
            label, sku = f"{model} #{number}", f"S-{model}"
            units.append(ListUnit(len(units) + 1, label, line_id, Kind(kind), make, model, sku))
    return units


PHONES = an_order(("T54W", 3, "deskphone", "Yealink"))
TWO_MODELS = an_order(("T54W", 2, "deskphone", "Yealink"), ("T57W", 2, "deskphone", "Yealink"))
TWO_MAKES = an_order(("T54W", 2, "deskphone", "Yealink"), ("D785", 2, "deskphone", "Snom"))
DECT = an_order(("W70B", 1, "dect_base", "Yealink"), ("W73H", 2, "dect_handset", "Yealink"))
GIGASET = an_order(("N670", 1, "dect_base", "Gigaset"), ("S700H", 1, "dect_handset", "Gigaset"))
MOBILES = an_order(("iPhone 17", 2, "mobile", "Apple"), ("iPhone 17 Pro", 1, "mobile", "Apple"))
PHONES_AND_MORE = an_order(
    ("T54W", 2, "deskphone", "Yealink"),
    ("Engage 50", 2, "accessory", "Jabra"),
    ("M700", 1, "dect_base", "Snom"),
)


def plain(text: str) -> str:
    return "".join(character for character in text if character not in " :").upper()


@dataclass(frozen=True)
class Case:
    """A list, its order, the units its identifiers belong to, and what else is said of it."""

    name: str
    units: list[ListUnit]
    text: str | bytes
    matches: dict[str, str]
    # What is asked about, and a word of every reason; words of the reasons of what is unused.
    asked: tuple[str, ...] = ()
    why: str = ""
    unused: tuple[str, ...] = ()
    aside: int = 0
    duplicates: int = 0
    unclear: int = 0


def xlsx(*rows: Any, merged: Any = (), formats: Any = ()) -> Any:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    for cell, number_format in formats:
        book.active[cell].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


CORPUS = (
    # ---- The shapes of vendors' and distributors' files
    Case("two columns, quoted", PHONES, f'"{A}","T54W"\n"{B}","T54W"', {"T54W #1": A, "T54W #2": B}),
    Case(
        "semicolons and trailing separators",
        TWO_MAKES,
        f"mac_address;serial_number;device_model;site_name;;\n{S};3146;D785;Main;;\n{A};3147;T54W;Main;;\n",
        {"D785 #1": S, "T54W #1": A},
        aside=2,
    ),
    Case(
        "one row per unit, dispatch file",
        DECT,
        "Despatch No,Your PO,Line,SKU,Description,Qty,Serial Number,MAC Address,IPEI\n"
        f"D1,4711,1,S-W73H,Yealink W73H handset,1,X1001,,{H}\n"
        f"D1,4711,2,S-W70B,Yealink W70B base,1,X1002,{A},\n"
        f"D1,4711,3,S-W73H,Yealink W73H handset,1,X1003,,{K}\n",
        {"W73H #1": H, "W70B #1": A, "W73H #2": K},
        aside=3,
    ),
    Case(
        "a mail with several in a line",
        TWO_MAKES,
        f"Hello Ada,\n\n2 x Snom D785  MAC: {S.upper()} / MAC: {T.upper()}\n\nRegards, Piet, tel. 0612345678",
        {"D785 #1": S, "D785 #2": T},
    ),
    Case(
        "mobiles with two IMEIs",
        MOBILES,
        "Order Ref,Manufacturer,Model,IMEI1,IMEI2,Serial,ICCID\n"
        f"{ORDER},Apple,iPhone 17 Pro,{M},{N},F2LX1,8931089310893108931\n"
        f"{ORDER},Apple,iPhone 17,{Q},,F2LX2,8931089310893108932\n",
        {"iPhone 17 Pro #1": M, "iPhone 17 #1": Q},
        aside=3,
    ),
    Case(
        "comments and IPEIs in the fourth column",
        DECT,
        f"# handsets\ndata_sequence;number\n101;PP 1;;{H};101\n102;PP 2;;{K};102\n",
        {"W73H #1": H, "W73H #2": K},
        unused=("A comment",),
    ),
    # ---- Columns alone
    Case("a bare column", PHONES, f"{A}\n{B}\n{C}", {"T54W #1": A, "T54W #2": B, "T54W #3": C}),
    Case("a column with a heading", PHONES, f"MAC Address\n{A}\n{B}", {"T54W #1": A, "T54W #2": B}),
    Case("a column of several kinds", DECT, f"{H}\n{A}\n{IP}", {"W73H #1": H, "W70B #1": A, "W73H #2": K}),
    Case(
        "a column of two makes",
        TWO_MAKES,
        f"{A}\n{S}\n{B}\n{T}",
        {"T54W #1": A, "D785 #1": S, "T54W #2": B, "D785 #2": T},
    ),
    Case(
        "many writings of one kind",
        PHONES,
        "80:5E:C0:00:00:01\n80-5e-c0-00-00-02\n805e.c000.0003",
        {"T54W #1": A, "T54W #2": B, "T54W #3": C},
    ),
    Case("no line end at all", PHONES, A, {"T54W #1": A}),
    Case("old line ends", PHONES, f"{A}\r{B}\r", {"T54W #1": A, "T54W #2": B}),
    # ---- Separators, quotes, encodings
    Case("tabs", TWO_MODELS, f"Model\tMAC\nT57W\t{A}\nT54W\t{B}", {"T57W #1": A, "T54W #1": B}),
    Case("bars", TWO_MODELS, f"Model|MAC\nT57W|{A}\nT54W|{B}", {"T57W #1": A, "T54W #1": B}),
    Case("Excel's own separator line", PHONES, f"sep=;\nModel;MAC\nT54W;{A}", {"T54W #1": A}),
    Case(
        "a quote that is never closed",
        TWO_MODELS,
        f'Model;Site;MAC\nT57W;"Main;{A}\nT54W;Annex;{B}',
        {"T57W #1": A, "T54W #1": B},
    ),
    Case(
        "commas inside quotes",
        TWO_MODELS,
        f'MAC,Site,Model\n{A},"Main, upstairs",T57W\n{B},"Annex, T54W room",T54W',
        {"T57W #1": A, "T54W #1": B},
    ),
    Case("UTF-8 with its mark", PHONES, f"MAC;Model\n{A};T54W".encode("utf-8-sig"), {"T54W #1": A}),
    Case("UTF-16", PHONES, f"MAC\tModel\n{A}\tT54W".encode("utf-16"), {"T54W #1": A}),
    Case("UTF-16 without a mark", PHONES, f"MAC\tModel\n{A}\tT54W".encode("utf-16-le"), {"T54W #1": A}),
    Case("Windows-1252", PHONES, f"MAC;Model;Büro\n{A};T54W;Café".encode("cp1252"), {"T54W #1": A}),
    Case(
        "mixed encodings",
        PHONES,
        f"MAC;Model;Büro\n{A};T54W;".encode("cp1252") + f"Café\n{B};T54W;Zoë".encode(),
        {"T54W #1": A, "T54W #2": B},
    ),
    # ---- Spreadsheets
    Case("XLSX", TWO_MODELS, xlsx(["Model", "MAC"], ["T57W", A], ["T54W", B]), {"T57W #1": A, "T54W #1": B}),
    Case(
        "XLSX with merged cells",
        TWO_MODELS,
        xlsx(["Model", "MAC"], ["T57W", A], [None, B], ["T54W", C], merged=("A2:A3",)),
        {"T57W #1": A, "T57W #2": B, "T54W #1": C},
    ),
    Case(
        "XLSX with numbers for IMEIs",
        MOBILES,
        xlsx(["Model", "IMEI"], ["iPhone 17", int(M)], ["iPhone 17", float(N)]),
        {"iPhone 17 #1": M, "iPhone 17 #2": N},
    ),
    Case(
        "XLSX with zeros only in the format",
        PHONES,
        xlsx(["MAC"], [1565123456], merged=(), formats=(("A2", "000000000000"),)),
        {"T54W #1": "001565123456"},
    ),
    Case(
        "XLSX with lost zeros and a power of ten",
        PHONES,
        xlsx(["MAC"], [1565123456], [8.05e11], ["8.05E+11"], [A]),
        {"T54W #1": A},
        unused=("leading zero", "spreadsheet has turned"),
    ),
    Case(
        "XLSX with a title above",
        PHONES,
        xlsx(["Delivery of May"], [], ["Item", "MAC address"], ["T54W", A]),
        {"T54W #1": A},
    ),
    # ---- Damaged
    Case(
        "lost zeros and powers of ten",
        PHONES,
        f"MAC;Model\n1565E00012;T54W\n8,05E+11;T54W\n{A};T54W",
        {"T54W #1": A},
        unused=("leading zero", "spreadsheet has turned"),
    ),
    Case(
        "a lost zero of an IPEI",
        DECT,
        f"IPEI\n3074 0220259 3\n30740220259\n{H}",
        {"W73H #1": H},
        unused=("leading zero",),
    ),
    Case("a wrong check", DECT, f"IPEI\n11324 0822839 0\n{K}", {"W73H #1": K}, unused=("should be *",)),
    Case("an O for a zero", PHONES, f"MAC\n8O5ec0000001\n{B}", {"T54W #1": B}, unused=("did you mean",)),
    Case(
        "wrong columns",
        PHONES,
        f"Serial;MAC;Model\n{A};X1001;T54W\n{B};X1002;T54W",
        {},
        unclear=1,
    ),
    Case(
        "a shifted row",
        PHONES,
        f"MAC;Serial;Model\n{A};X1;T54W\n;{B};T54W\n{C};X3;T54W",
        {"T54W #1": A, "T54W #2": C},
        asked=(B,),
        why="outside the column",
        aside=2,
    ),
    Case("two columns of MAC addresses", PHONES, f"{A};{B};T54W\n{C};{D};T54W", {}, unclear=1),
    Case("headings said twice", PHONES, f"MAC;MAC;Model\n{A};{B};T54W", {}, unclear=1),
    Case(
        "identifiers of a wrong kind under a heading",
        DECT,
        f"Model;IPEI\nW73H;{H}\nW73H;{A}\nW73H;{K}",
        {"W73H #1": H, "W73H #2": K},
        unused=("This is a MAC address",),
    ),
    # ---- More, fewer, twice
    Case("fewer than ordered", PHONES, f"T54W {A}", {"T54W #1": A}),
    Case(
        "more than ordered",
        PHONES,
        "\n".join((A, B, C, D)),
        {"T54W #1": A, "T54W #2": B, "T54W #3": C},
        unused=("Too many",),
    ),
    Case(
        "the same twice", PHONES, f"{A}\n{B}\n80:5E:C0:00:00:01", {"T54W #1": A, "T54W #2": B}, duplicates=1
    ),
    Case(
        "the same for two models",
        TWO_MODELS,
        f"MAC;Model\n{A};T54W\n{A};T57W\n{B};T57W",
        {"T57W #1": B},
        asked=(A,),
        why="different items",
        duplicates=1,
    ),
    # ---- What must be asked
    Case("two models of one make", TWO_MODELS, f"{A}\n{B}", {}, asked=(A, B), why="several items"),
    Case(
        "a model the order has not",
        PHONES,
        f"MAC;Model\n{A};T54W\n{B};T46U",
        {"T54W #1": A},
        asked=(B,),
        why="T46U",
    ),
    Case("an unknown model without headings", PHONES, f"{A};T46U\n{B};T46U", {}, asked=(A, B), why="T46U"),
    Case("an unknown model in a mail", PHONES, f"1 x T46U: {A}\n1 x T54W: {B}", {"T54W #1": B}, (A,), "T46U"),
    Case(
        "a better model of the same name",
        an_order(("iPhone 17", 1, "mobile", "Apple")),
        f"iPhone 17 Pro {M}\niPhone 17 {Q}",
        {"iPhone 17 #1": Q},
        asked=(M,),
        why="iPhone 17 Pro",
    ),
    Case("a MAC of another make", PHONES, f"{S}\n{A}", {"T54W #1": A}, asked=(S,), why="registered to Snom"),
    Case(
        "a maker nobody knows",
        TWO_MAKES,
        "MAC\n4a:4b:4c:4d:4e:4f",
        {},
        asked=("4a4b4c4d4e4f",),
        why="Nothing says",
    ),
    Case(
        "twelve decimal digits, and both kinds ordered",
        DECT,
        "identifier\n001460156577",
        {},
        asked=("001460156577",),
        why="MAC address or an IPEI",
    ),
    Case("twelve decimal digits by their column", DECT, "IPEI\n001460156577", {"W73H #1": "00092263A1"}),
    Case(
        "twelve decimal digits by the model",
        DECT,
        "identifier;model\n001460156577;W73H",
        {"W73H #1": "00092263A1"},
    ),
    Case(
        "a telephone number",
        DECT,
        f"W73H {H}\ncall me at 0612345678",
        {"W73H #1": H},
        ("0612345678",),
        "telephone",
    ),
    Case(
        "two IMEIs in a line of a mail",
        an_order(("iPhone 17", 2, "mobile", "Apple")),
        f"iPhone 17: {M} {N}",
        {"iPhone 17 #1": M},
        asked=(N,),
        why="two SIMs",
    ),
    Case(
        "two in one cell",
        TWO_MODELS,
        f"Model;MAC\nT54W;{A} / {B}\nT57W;{C}",
        {"T57W #1": C},
        asked=(A, B),
        why="one cell",
    ),
    Case(
        "SKU and model contradict",
        TWO_MODELS,
        f"SKU;Model;MAC\nS-T54W;T57W;{A}\nS-T57W;T57W;{B}",
        {"T57W #1": B},
        asked=(A,),
        why="at once",
    ),
    # ---- Mails
    Case(
        "models as headings",
        TWO_MODELS,
        f"T57W:\n{A}\n{B}\n\nT54W:\n{C}\n",
        {"T57W #1": A, "T57W #2": B, "T54W #1": C},
    ),
    Case(
        "after the end of a heading's list",
        TWO_MODELS,
        f"T57W:\n{A}\n\nand one more:\n{B}\n",
        {"T57W #1": A},
        asked=(B,),
        why="several items",
    ),
    Case(
        "an unknown heading between",
        TWO_MODELS,
        f"T57W:\n{A}\nT46U:\n{B}\n",
        {"T57W #1": A},
        asked=(B,),
        why="T46U",
    ),
    Case("model behind", TWO_MODELS, f"{A} T57W, {B} T54W", {"T57W #1": A, "T54W #1": B}),
    Case("model before", TWO_MODELS, f"T57W {A}, T54W {B}", {"T57W #1": A, "T54W #1": B}),
    Case(
        "model around",
        TWO_MODELS,
        f"T57W {A} T54W {B} T57W",
        {},
        asked=(A, B),
        why="several items",
    ),
    Case(
        "a bundle of base and handset",
        DECT,
        f"W70B + W73H: MAC {A}, IPEI {HP}",
        {"W70B #1": A, "W73H #1": H},
    ),
    Case("a quoted mail", PHONES, f"> On Monday you wrote:\n> > T54W MAC={A}\n> thanks", {"T54W #1": A}),
    Case(
        "lists for several orders",
        PHONES,
        f"PO;MAC;Model\n{ORDER};{A};T54W\nHW-000001;{B};T54W\n",
        {"T54W #1": A},
        unused=("This is for HW-000001",),
    ),
    # ---- Beside the identifier
    Case(
        "Gigaset MAC-ID and a handset",
        GIGASET,
        f"MAC-ID 7C2F80E0D605-1A2B\nIPUI {H}",
        {"N670 #1": "7C2F80E0D605-1A2B", "S700H #1": H},
    ),
    Case(
        "Gigaset code in a column",
        GIGASET,
        f"Model;MAC;MAC code\nN670;{G};1a2b",
        {"N670 #1": "7C2F80E0D605-1A2B"},
        aside=1,
    ),
    Case(
        "another address of the device", PHONES, f"Model;MAC;WLAN MAC\nT54W;{A};{B}", {"T54W #1": A}, aside=1
    ),
    Case(
        "a serial that looks like an IMEI",
        MOBILES,
        f"iPhone 17 S/N {Q} IMEI {M}",
        {"iPhone 17 #1": M},
        aside=1,
    ),
    Case(
        "an accessory's number",
        PHONES_AND_MORE,
        f"Model;MAC\nT54W;{A}\nEngage 50;{B}",
        {"T54W #1": A},
        unused=("is an accessory",),
    ),
    Case(
        "nothing of this kind ordered", PHONES, f"{H}\n{A}", {"T54W #1": A}, unused=("Nothing in this order",)
    ),
    Case(
        "a description in the make's words",
        TWO_MODELS,
        f"Product,MAC\nYealink SIP-T57W IP Phone (with PSU),{A}\nYEALINK SIP T54W,{B}",
        {"T57W #1": A, "T54W #1": B},
    ),
)


def read(case: Case) -> tuple[Sheet, Columns]:
    sheet = read_text(text_of_file(case.text)) if isinstance(case.text, bytes) else read_text(case.text)
    return sheet, recognised(sheet, Names(case.units))


def reported(case: Case, **rest: Any) -> tuple[Columns, ListReport]:
    _sheet, columns = read(case)
    return columns, matched(columns, case.units, reference=ORDER, **rest)


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_every_list_of_the_corpus(case: Case) -> None:
    columns, report = reported(case)
    assert len(columns.unclear) == case.unclear, columns.unclear
    if case.unclear:
        return  # somebody must say what the columns mean first
    assert {match.unit.label: plain(match.value.split(";")[0]) for match in report.matched} == {
        label: plain(parsed(value)) for label, value in case.matches.items()
    }
    asked = [candidate.text for question in report.questions for candidate in question.candidates]
    assert sorted(map(plain, asked)) == sorted(map(plain, case.asked))
    assert all(case.why in question.reason for question in report.questions)
    reasons = " ".join(one.reason for one in report.unused)
    for word in case.unused:
        assert word in reasons
    assert len(report.aside) == case.aside
    assert len(report.duplicates) == case.duplicates


def parsed(value: str) -> str:
    """What a unit's field is given: a printed IPEI for a hexadecimal one."""
    from hwadmin.identifiers import display

    return display("ipei", value) if len(value) == 10 else value


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_no_row_is_dropped_silently(case: Case) -> None:
    sheet, columns = read(case)
    report = matched(columns, case.units, reference=ORDER)
    reported_rows = {one.row for one in (*report.unused, *report.aside, *report.duplicates)}
    reported_rows |= {match.row for match in (*report.matched, *report.done)}
    reported_rows |= {candidate.row for question in report.questions for candidate in question.candidates}
    assert {row.number for row in sheet.rows if any(row.cells)} <= reported_rows


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_the_same_list_again_changes_nothing(case: Case) -> None:
    _columns, report = reported(case)
    keys = {match.unit.id: match.identifier for match in report.matched}
    registered = [
        replace(unit, key=keys[unit.id].value[: 14 if keys[unit.id].kind == "imei" else None])
        if unit.id in keys
        else unit
        for unit in case.units
    ]
    _columns, again = reported(replace(case, units=registered))
    assert not {match.identifier for match in again.matched} & set(keys.values())
    assert {match.unit.id: match.identifier for match in again.done} == keys


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 40
    assert len({case.name for case in CORPUS}) == len(CORPUS)


def test_answers_decide_and_strange_ones_do_not() -> None:
    case = replace(CORPUS[0], units=TWO_MODELS, text=f"{A}\n{B}")
    _columns, report = reported(case)
    (question,) = report.questions
    for answer in ("", "99", "x", "１"):
        assert not reported(case, answers={question.name: answer})[1].matched
    _columns, report = reported(case, answers={question.name: "2"})
    assert [match.unit.label for match in report.matched] == ["T57W #1", "T57W #2"]
    assert not report.open_questions
    _columns, report = reported(case, answers={question.name: LEAVE_OUT})
    assert not report.matched
    assert {one.reason for one in report.unused} == {"Left out by you."}


def test_columns_are_mapped_by_hand() -> None:
    case = next(case for case in CORPUS if case.name == "wrong columns")
    _sheet, columns = read(case)
    assert columns.meanings[:2] == (Meaning.SERIAL, Meaning.MAC)
    columns = mapped(columns, {0: "mac", 1: "serial", 7: "mac", 2: "nonsense"})
    assert not columns.unclear
    report = matched(columns, case.units, reference=ORDER)
    assert [plain(match.identifier.display) for match in report.matched] == [plain(A), plain(B)]


def test_a_spare_goes_to_the_unit_it_is_kept_for_and_nothing_else_does() -> None:
    units = [replace(PHONES[0], reserved="80:5e:c0:00:00:03"), *PHONES[1:]]
    case = Case("spares", units, f"{A}\n{B}\n{C}\n{D}", {})
    _columns, report = reported(case)
    assert {match.unit.label: plain(match.value) for match in report.matched} == {
        "T54W #1": plain(C),
        "T54W #2": plain(A),
        "T54W #3": plain(B),
    }
    assert [one.text for one in report.unused] == [D]


@pytest.mark.parametrize("text", ["", " \n\t\n", "x" * (2 * 1024 * 1024 + 1), "x\n" * 5001])
def test_what_is_empty_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_text(text)


# ---- Properties

hexadecimal = st.text("0123456789abcdef", min_size=6, max_size=6)
rows_of = st.lists(
    st.tuples(st.sampled_from(["T54W", "T57W", "D785", "W73H"]), hexadecimal),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[1],
)
MIXED = an_order(
    ("T54W", 9, "deskphone", "Yealink"),
    ("T57W", 9, "deskphone", "Yealink"),
    ("D785", 9, "deskphone", "Snom"),
    ("W73H", 9, "dect_handset", "Yealink"),
)


@settings(max_examples=examples(150), deadline=None)
@given(rows_of, st.sampled_from(";,\t|"), st.permutations(["model", "mac", "ipei", "site"]), st.booleans())
def test_whatever_the_columns_and_separators_each_lands_on_its_model(
    rows: list[tuple[str, str]], separator: str, order: list[str], quoted: bool
) -> None:
    lines, expected = [order], {}
    for model, tail in rows:
        cells = {"model": model, "mac": "", "ipei": "", "site": "Main"}
        if model == "W73H":
            cells["ipei"] = f"02C3{tail}".upper()
        else:
            cells["mac"] = ("000413" if model == "D785" else "805ec0") + tail
        expected[plain(parsed(cells["ipei"]) if cells["ipei"] else cells["mac"])] = model
        lines.append([cells[name] for name in order])
    around = '"{}"' if quoted else "{}"
    text = "\r\n".join(separator.join(around.format(cell) for cell in line) for line in lines)
    case = Case("generated", MIXED, text, {})
    _columns, report = reported(case)
    landed = {plain(match.value): match.unit.model for match in report.matched}
    assert landed.items() <= expected.items()
    left = [one for one in report.unused if "Too many" in one.reason]
    assert len(landed) + len(left) == len(expected)


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=400) | st.binary(max_size=400))
def test_anything_is_read_or_refused_with_a_sentence(data: bytes | str) -> None:
    try:
        sheet = read_text(text_of_file(data)) if isinstance(data, bytes) else read_text(data)
    except InvalidInput:
        return
    assert isinstance(sheet, Sheet)
    columns = recognised(sheet, Names(MIXED))
    matched(columns, MIXED, reference=ORDER)


@given(st.text(max_size=200))
def test_every_encoding_gives_the_text_back(text: str) -> None:
    text = text.replace("\0", "").replace("\ufeff", "")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            return
        if encoding == "utf-8" and data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        assert decoded(data) == text


@pytest.mark.parametrize(
    ("units", "text", "expected"),
    [
        (
            PHONES,
            f"MAC;Serial\n{A};3146-001\n{B};x\n",
            {"T54W #1": ("3146-001", None), "T54W #2": (None, None)},
        ),
        (
            MOBILES,
            f"Model,IMEI1,IMEI2,Serial\niPhone 17 Pro,{M},{N},F2LX1\niPhone 17,{Q},{Q},\n",
            {"iPhone 17 Pro #1": ("F2LX1", N), "iPhone 17 #1": (None, None)},
        ),
        (MOBILES, f"iPhone 17 S/N F2LX9 IMEI1: {M} IMEI2: {N}", {"iPhone 17 #1": ("F2LX9", N)}),
        (GIGASET, f"Model;MAC;MAC code;S/N\nN670;{G};1a2b;GS-77", {"N670 #1": ("GS-77", None)}),
        # Which of two devices it belongs to is not known.
        (PHONES, f"2 x T54W {A} and {B} S/N 3146-001", {"T54W #1": (None, None), "T54W #2": (None, None)}),
    ],
)
def test_a_serial_and_a_second_imei_go_with_the_only_device_of_their_row(
    units: list[ListUnit], text: str, expected: Any
) -> None:
    sheet = read_text(text)
    report = matched(recognised(sheet, Names(units)), units, reference=ORDER)
    found = {one.unit.label: (one.identifier.serial, one.identifier.second_imei) for one in report.matched}
    assert found == expected
    for match in report.matched:
        # What goes into the field is read back as it was.
        read = parse(match.identifier.kind, match.value)
        assert (read.serial, read.second_imei, read.code) == (
            match.identifier.serial,
            match.identifier.second_imei,
            match.identifier.code,
        )
    kept = [one for one in report.aside if one.reason.endswith("stored with the device.")]
    assert len(kept) == sum(bool(value) for pair in expected.values() for value in pair) + text.count("1a2b")
