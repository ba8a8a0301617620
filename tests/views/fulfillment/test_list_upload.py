"""A list pasted or uploaded for an order: what it would do is shown, doubts are asked, then it is used."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Connection, func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers import display, parse
from hwadmin.list_import.file_reading import MAX_SHORT_TEXT
from hwadmin.models import AuditEvent, Device, HardwareOrder
from hwadmin.queries.units.units import units_of
from hwadmin.web.http import person_limits
from tests.builders import Answer, Clients, World, an_identifier
from tests.guards.test_statement_counts import assert_at_most, statements

LINES = [("deskphone", 2), ("dect_base", 1), ("dect_handset", 2), ("mobile", 1), ("accessory", 1)]


@pytest.fixture
def order(world: World) -> HardwareOrder:
    return world.an_order("approved", LINES)


def address(order: HardwareOrder) -> str:
    return f"/orders/{order.reference}/fulfill/list"


def send(clients: Clients, order: HardwareOrder, text: str = "", **rest: Any) -> Answer:
    return clients.ada.post(address(order), data={"text": text, **rest}, content_type="multipart/form-data")


def upload(clients: Clients, order: HardwareOrder, data: bytes, name: str = "list.csv") -> Answer:
    # Encoded here: the test client would put a large body into a file it leaves open.
    boundary, body = encode_multipart({"text": "", "file": FileStorage(io.BytesIO(data), name)})
    return clients.ada.post(
        address(order), data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )


def proposed(page: Answer) -> dict[str, str]:
    """What "Use these" would send, without what stands behind an identifier."""
    return dict(re.findall(r'name="(unit-\d+)" value="([^";]*)', page.text))


def questions(page: Answer) -> list[str]:
    """The names of the questions asked, in order."""
    return re.findall(r'<select name="(question-\w+)"', page.text)


def columns(page: Answer) -> dict[str, str]:
    """What each column is said to mean."""
    return {
        name: next(iter(re.findall(r'<option value="(\w+)" selected', body)))
        for name, body in re.findall(r'<select name="(column-\d+)".*?>(.*?)</select>', page.text)
    }


def a_list(world: World, order: HardwareOrder) -> tuple[list[list[str]], dict[str, str]]:
    """One row for each unit of the order, as a distributor writes it; and what is expected."""
    rows, expected = [["Description", "Serial Number", "MAC Address", "IPEI", "IMEI1", "IMEI2"]], {}
    for unit in units_of(order.id):
        kind = unit.kind.identifier_kind
        cells = {"mac": "", "ipei": "", "imei": ""}
        if kind:
            value = an_identifier(unit.kind)
            cells[kind.value] = value
            expected[f"unit-{unit.id}"] = display(kind, parse(kind, value).value)
        rows.append([unit.title, f"SN{unit.id:06}", *cells.values(), ""])
    return rows, expected


def as_csv(rows: list[list[str]], separator: str = ";") -> str:
    return "\r\n".join(separator.join(row) for row in rows)


def as_xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def footprint() -> tuple[int, int]:
    return (  # type: ignore[return-value]
        db.session.scalar(select(func.count()).select_from(Device)),
        db.session.scalar(select(func.count()).select_from(AuditEvent)),
    )


@pytest.mark.parametrize("way", ["paste", "csv", "utf-16", "cp1252", "xlsx"])
def test_a_list_is_reported_then_used_then_written_whole(
    world: World, clients: Clients, order: HardwareOrder, way: str
) -> None:
    assert clients.ada.get(address(order)).status_code == 200
    rows, expected = a_list(world, order)
    rows.append(["Grüße, Zoë", "", "", "", "", ""])
    before = footprint()
    if way == "paste":
        page = send(clients, order, as_csv(rows, "\t"))
    elif way == "xlsx":
        page = upload(clients, order, as_xlsx(rows), "list.xlsx")
    else:
        page = upload(clients, order, as_csv(rows).encode("utf-8-sig" if way == "csv" else way))
    assert page.status_code == 200, page.text
    assert proposed(page) == expected
    assert footprint() == before
    fulfill = f"/orders/{order.reference}/fulfill"
    check = clients.ada.post(fulfill, data={**proposed(page), "do": "check"})
    assert check.status_code == 200
    assert footprint() == before
    typed = dict(re.findall(r'name="(unit-\d+)" id="unit-\d+" value="([^"]*)"', check.text))
    assert typed == expected
    assert clients.ada.post(fulfill, data=typed).status_code == 302
    assert {
        f"unit-{unit.id}": unit.identifier_shown for unit in units_of(order.id) if unit.device_id
    } == expected


def test_the_same_list_twice_changes_nothing(world: World, clients: Clients, order: Any) -> None:
    rows, _expected = a_list(world, order)
    part = as_csv(rows[:3])
    found = proposed(send(clients, order, part))
    assert len(found) == 2
    assert clients.ada.post(f"/orders/{order.reference}/fulfill", data=found).status_code == 302
    before = footprint()
    page = send(clients, order, part)
    assert proposed(page) == {}
    assert "2 entered already" in page.text
    assert "using it again changes nothing" in page.text
    whole = proposed(send(clients, order, as_csv(rows)))
    assert not whole.keys() & found.keys()
    assert footprint() == before


def test_a_list_goes_past_what_was_entered_and_leaves_it_there(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    draft = f"/orders/{order.reference}/fulfill/draft"
    clients.ada.post(draft, json={"steps": [{"scan": "805ec0000001"}]})
    page = send(clients, order, "805ec0000001\n805ec0000002")
    assert "1 entered already" in page.text
    second = units_of(order.id)[1].id
    assert proposed(page) == {f"unit-{second}": "80:5e:c0:00:00:02"}
    check = clients.ada.post(f"/orders/{order.reference}/fulfill", data={**proposed(page), "do": "check"})
    typed = re.findall(r'name="unit-\d+" id="unit-\d+" value="([^"]*)"', check.text)
    assert typed == ["80:5e:c0:00:00:01", "80:5e:c0:00:00:02", ""]


def test_what_is_not_sure_is_asked_and_the_answer_decides(
    world: World, clients: Clients, order: HardwareOrder
) -> None:
    # A base and the phones are of one make, and nothing says which this is.
    text = "805ec0112233\n805ec0112234"
    page = send(clients, order, text)
    assert proposed(page) == {}
    (question,) = questions(page)
    lines = {unit.line_id: unit for unit in reversed(units_of(order.id))}
    phones = next(line for line, unit in lines.items() if unit.kind == "deskphone")
    page = send(clients, order, text, **{question: str(phones)})
    assert list(proposed(page).values()) == ["80:5e:c0:11:22:33", "80:5e:c0:11:22:34"]
    page = send(clients, order, text, **{question: "no"})
    assert proposed(page) == {}
    assert "Left out by you." in page.text
    # An answer that was not among the choices is none.
    handsets = next(line for line, unit in lines.items() if unit.kind == "dect_handset")
    for answer in (str(handsets), "999999999", "x", "٣"):
        page = send(clients, order, text, **{question: answer})
        assert page.status_code == 200
        assert proposed(page) == {}


def test_of_sixty_rows_the_ten_wrong_ones_stand_first_and_together(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 60)])
    rows = ["Model;MAC;Status"] + [f"T54W;805EC07B{at:04X};Shipped" for at in range(60)]
    wrong = {5: "8O5EC07B0005", 9: "805EC07B", 17: "8O5EC07B0011", 40: "3.52E+14", 50: "02C3CC8E37"}
    for at, text in wrong.items():
        rows[at + 1] = f"T54W;{text};Shipped"
    for at in (20, 21, 22, 30, 31):
        rows[at + 1] = rows[at + 1].replace("Shipped", "Returned")
    page = send(clients, order, "\n".join(rows))
    text = page.text
    assert len(proposed(page)) == 50
    assert "10 of the list are left out" in text
    first, entered = text.index("10 of the list are left out"), text.index("50 devices would be entered")
    reasons = text[first:entered]
    assert reasons.count("Its status is “Returned”, so it was not sent.") == 1
    assert all(value in reasons for value in (*wrong.values(), "805EC07B0014", "805EC07B001F"))


def test_columns_that_contradict_are_mapped_by_hand(
    world: World, clients: Clients, order: HardwareOrder
) -> None:
    text = "Serial;MAC Address;Model\n805ec0112233;SN1234567;T54W\n805ec0112234;SN1234568;T54W"
    page = send(clients, order, text)
    assert "Look at the columns first." in page.text
    assert proposed(page) == {}
    chosen = columns(page)
    assert chosen["column-0"] == "serial"
    page = send(clients, order, text, **chosen | {"column-0": "mac", "column-1": "serial"})
    assert list(proposed(page).values()) == ["80:5e:c0:11:22:33", "80:5e:c0:11:22:34"]


def test_nothing_is_dropped_silently(world: World, clients: Clients, order: Any) -> None:
    text = (
        "MAC;Model;Serial\n805ec0112233;T54W;SN1\n1565123456;T54W;SN2\n"
        "805ec0112233;T54W;SN3\n000413a10001;D785;"
    )
    page = send(clients, order, text)
    shown = unescape(page.text)
    for sentence in (
        "a leading zero lost",
        "same as in row 2",
        "The list says “D785”",
        "SN2",
        "Serial number",
    ):
        assert sentence in shown
    assert "units still empty" in shown


def test_a_clash_is_named_before_anything_is_written(
    world: World, clients: Clients, order: HardwareOrder
) -> None:
    device = world.a_device(world.an_account(name="Halden Dental"), "deskphone", "805ec0aabbcc")
    page = send(clients, order, f"T54W {device.identifier}")
    assert "1 cannot be written" in page.text
    assert "Halden Dental" in page.text


@pytest.mark.parametrize("person", ["piet", "bea", "sam"])
def test_lists_are_for_super_admins(clients: Clients, order: HardwareOrder, person: str) -> None:
    client = getattr(clients, person)
    assert client.get(address(order)).status_code == 403
    assert client.post(address(order), data={"text": "805ec0112233"}).status_code == 403


def test_an_order_that_is_not_there_or_not_open_is_refused(world: World, clients: Clients) -> None:
    assert clients.ada.get("/orders/HW-999999/fulfill/list").status_code == 404
    assert clients.ada.post("/orders/HW-999999/fulfill/list", data={"text": "x"}).status_code == 404
    waiting = world.an_order("submitted", LINES)
    assert clients.ada.get(address(waiting)).status_code == 409
    assert send(clients, waiting, "805ec0112233").status_code == 409


def a_bomb() -> Any:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    return file.getvalue()


def with_part(name: Any, text: Any) -> Any:
    """A workbook with one part replaced."""
    source, file = zipfile.ZipFile(io.BytesIO(as_xlsx([["MAC"], ["805ec0112233"]]))), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.namelist():
            archive.writestr(part, text if part == name else source.read(part))
    return file.getvalue()


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'


NO_LISTS = (
    (b"", "This file is empty."),
    (b"%PDF-1.7 ...", "This is a PDF."),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old format"),
    (b"\x89PNG\r\n\x1a\n", "This is a picture."),
    (b"PK\x03\x04 and nothing more", "damaged"),
    (b"MAC\n\x00\x01\x02\x03" + b"x" * 100, "not text"),
    (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
    (b"805ec0112233\n" * 5001, "5,001 rows"),
    (a_bomb(), "far larger than a list"),
    (with_part("xl/worksheets/sheet1.xml", LAUGHS), "not written as Office writes them"),
    (with_part("xl/worksheets/sheet1.xml", "<worksheet"), "damaged"),
    (with_part("xl/workbook.xml", "no XML"), "damaged"),
    (as_xlsx([]), "This spreadsheet is empty."),
)


def test_what_is_no_list_is_refused_by_name(clients: Clients, order: HardwareOrder) -> None:
    for data, sentence in NO_LISTS:
        page = upload(clients, order, data, "list.xlsx")
        assert page.status_code == 422, sentence
        assert sentence in page.text


HOSTILE = [
    "\0",
    "<script>alert(1)</script>;805ec0112233",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    '=HYPERLINK("x");805ec0112233',
    '"' * 999,
    "805ec0112233;" * 500,
    "\u202e805ec0112233\u202c",
    "MAC" * 5000,
    "1" * 20_000,
    "0 " * 20_000,
    "80:" * 7_000,
    "IMEI " * 4_000,
    "\n" * 6000,
    "sep=;",
    "sep=\t\n\t\t\t",
    "١٢٣٤٥٦٧٨٩٠١٢",
]


def test_hostile_texts_never_fail(clients: Clients, order: HardwareOrder) -> None:
    for text in HOSTILE:
        for data in ({"text": text}, {"text": text, "column-0": "mac"}, {"text": "x", "column-9": text[:50]}):
            page = clients.ada.post(address(order), data=data, content_type="multipart/form-data")
            assert page.status_code in (200, 422), text[:50]
            assert "<script>alert" not in page.text


def test_a_text_and_a_file_at_once_and_neither_are_refused(clients: Clients, order: Any) -> None:
    both = send(clients, order, "805ec0112233", file=(io.BytesIO(b"805ec0112234"), "list.csv"))
    assert both.status_code == 422
    assert "send one of them" in both.text
    assert "805ec0112233" in both.text
    assert send(clients, order, "  ").status_code == 422


def test_a_thousand_identifiers_are_reported_in_few_statements(
    world: World, clients: Clients, connection: Connection
) -> None:
    order = world.an_order("approved", [("deskphone", 690), ("dect_base", 10), ("dect_handset", 300)])
    rows, expected = a_list(world, order)
    text = as_csv(rows)
    clients.ada.get(address(order))
    with statements(connection) as sent:
        page = send(clients, order, text)
    assert proposed(page) == expected
    assert_at_most(13, sent)


def test_a_text_of_nothing_but_numbers_is_refused_in_words(clients: Clients, order: HardwareOrder) -> None:
    page = send(clients, order, "\n".join(["316485002291 " * 9] * 2_500))
    assert page.status_code == 422
    assert (
        "This holds more than 20,000 numbers that can be identifiers; leave out everything but the list."
        in page.text
    )


@pytest.mark.parametrize("sent", ["pasted", "file"])
def test_no_transaction_stays_open_while_a_list_is_read(
    clients: Clients, order: HardwareOrder, monkeypatch: pytest.MonkeyPatch, sent: str
) -> None:
    open_meanwhile: list[bool] = []

    def isolated(function: Callable[[], Any]) -> Any:
        open_meanwhile.append(db.session.registry().in_transaction())
        return function()

    monkeypatch.setattr(person_limits, "isolated", isolated)
    text = "MAC\n" + an_identifier(Kind.DESKPHONE) + "\n" * MAX_SHORT_TEXT
    page = send(clients, order, text) if sent == "pasted" else upload(clients, order, text.encode())
    assert page.status_code == 200
    assert "Read another list" in page.text
    page = clients.ada.post(
        f"/phone-lines/{order.account_id}/import",
        data={"text": "Number,Carrier\n0612,KPN" + "\n" * MAX_SHORT_TEXT},
    )
    assert "1 phone line would be added" in page.text
    assert open_meanwhile == [False, False]


def test_a_file_that_names_no_encoding_can_be_read_in_another_one(clients: Clients, order: Any) -> None:
    data = f"MAC;Remark\n{an_identifier(Kind.DESKPHONE)};Gökhan Doğan\n".encode("cp1254")
    page = upload(clients, order, data)
    assert "Doğan – Turkish (Windows)" in page.text
    assert "They are read as Western European (Windows): Doðan" in page.text
    text = unescape(
        re.search(r'<textarea name="text" hidden[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)[1]
    )
    answered = send(clients, order, text, **{"question-encoding": "cp1254"})
    assert "They are read as Turkish (Windows): Doğan" in answered.text
    assert proposed(answered) == proposed(page)
