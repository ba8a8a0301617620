"""The audit log: everybody sees what happened on their platforms, finds it, and can take it along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, func, insert, select
from werkzeug.test import TestResponse

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import AuditEvent
from hwadmin.operations.audit import recording
from hwadmin.queries.audit.events import EventFilter, page_of_events
from hwadmin.rendering.spreadsheets import MAX_EXPORT_ROWS
from hwadmin.views.audit.events import facts
from hwadmin.web.http import time_zone
from tests.builders import Clients, World
from tests.reading_pages import sound_tree_of
from tests.running import part_of


def document(response: TestResponse) -> Element:
    """The page; it must be sound HTML."""
    assert response.status_code == 200, response.text
    return sound_tree_of(response.text)


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def lines(client: FlaskClient, address: str = "/audit/", **filters: Any) -> list[list[str]]:
    """The rows of the page: the text of each cell."""
    page = document(client.get(address, query_string=filters or None))
    return [
        [text_of(cell) for cell in row.iter("td")] for row in page.iter("tr") if row.find("td") is not None
    ]


def summaries(client: FlaskClient, **filters: Any) -> list[str]:
    """What the page says was done, in its order."""
    page = document(client.get("/audit/", query_string=filters))
    return [
        text_of(line)
        for cell in page.iter("td")
        if cell.get("data-label") == "What"
        for line in [cell.find("span[@class='sub']")]
        if line is not None
    ]


def link(client: FlaskClient, address: str, words: str) -> str | None:
    for anchor in document(client.get(address)).iter("a"):
        if words in text_of(anchor):
            return anchor.get("href")
    return None


def an_event(world: World, summary: str, kind: str = "account.changed", **values: Any) -> AuditEvent:
    actor = values.pop("actor", None) or world.piet.actor
    values.setdefault("platform", world.northwind)
    about = recording.Subject(
        **{name: values.pop(name) for name in ("order", "device", "account", "platform") if name in values}
    )
    transact(lambda: recording.record(actor, AuditKind(kind), summary, about, **values))
    return db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def many_events(connection: Connection, world: World, count: int) -> None:
    """Many events at once, past the operations: they only have to be there."""
    row = {
        "at": clock.utcnow(),
        "kind": "account.changed",
        "actor_id": world.piet.id,
        "actor_name": world.piet.name,
        "platform_id": world.northwind.id,
        "platform_name": world.northwind.name,
        "details": {"lines": ["1 × Yealink T54W"]},
    }
    connection.execute(insert(AuditEvent), [row | {"summary": f"Event {number}"} for number in range(count)])


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """The SELECTs sent meanwhile; savepoints are the tests' own."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    event.listen(connection.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection.engine, "before_cursor_execute", note)


# ---- What is shown


def test_an_event_is_shown_with_who_what_where_and_why(clients: Clients, world: World) -> None:
    order = world.an_order("rejected", account=world.an_account(name="Brightwave Clinics"))
    when, who, what, where, reference = lines(clients.ada, kind="order.rejected")[0]
    assert re.fullmatch(r"\d\d:\d\d", when)
    assert who == "Ada Okafor"
    assert what.startswith(f"Order rejected Rejected {order.reference} Reason: “Ordered twice.”")
    assert where == "Northwind Voice Brightwave Clinics"
    assert reference == order.reference


def test_the_newest_comes_first(clients: Clients, world: World) -> None:
    for name in ("one", "two", "three"):
        an_event(world, name)
    assert summaries(clients.piet) == ["three", "two", "one"]


def test_an_empty_log_and_a_filter_that_finds_nothing_say_so(clients: Clients, world: World) -> None:
    assert "Nothing on record yet" in clients.bea.get("/audit/").text
    answer = clients.bea.get("/audit/?kind=order.approved").text
    assert "No events match" in answer
    assert "Clear the filter" in answer


def test_what_people_typed_is_shown_and_not_run(clients: Clients, world: World) -> None:
    an_event(world, "<script>alert(1)</script>", details={"<b>": ["<i>x</i>"]}, reason="</td><script>")
    answer = clients.piet.get("/audit/").text
    assert "<script>alert" not in answer
    assert "<i>" not in answer
    document(clients.piet.get("/audit/"))


def test_an_event_of_a_kind_no_longer_written_is_still_shown(
    clients: Clients, world: World, connection: Connection
) -> None:
    connection.execute(
        insert(AuditEvent).values(
            at=clock.utcnow(), kind="order.faxed", actor_name="Fax", summary="Faxed", details={}
        )
    )
    assert "order.faxed" in lines(clients.ada)[0][2]


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, []),
        ({"person_id": 7, "note": None, "empty": [], "blank": ""}, []),
        ({"complete": True, "fulfilled_units": 3}, [("Complete", ["yes"]), ("Fulfilled units", ["3"])]),
        (
            {"before": ["2 × T54W"], "after": ["3 × T54W"]},
            [("Before", ["2 × T54W"]), ("After", ["3 × T54W"])],
        ),
        (
            {"plans": [{"unit": "T54W #1", "before": "nothing", "after": "Mia Brandt"}]},
            [("Plans", ["T54W #1: Mia Brandt"])],
        ),
        (
            {"changes": {"name": ["A", "B"], "role": {"from": "x", "to": "y"}}},
            [("Changes", ["Name: A, B", "Role: x → y"])],
        ),
        (
            {"lines": [{"sku": "T54W-EU", "title": "Yealink T54W", "quantity": 2}]},
            [("Lines", ["2 × Yealink T54W (T54W-EU)"])],
        ),
        (
            {"sku": "T54W", "cost": {"EUR": ["1374.00", "0.00"], "GBP": ["99.00", "32.50"]}},
            [("SKU", ["T54W"]), ("Cost", ["€ 1,374.00", "£ 99.00 and £ 32.50 a month"])],
        ),
        ({"units": list(range(9))}, [("Units", ["0", "1", "2", "3", "4", "and 4 more"])]),
        (
            {"units": [{"unit_id": 1, "unit": "T54W #1", "identifier": "80:5e"}]},
            [("Units", ["unit T54W #1, identifier 80:5e"])],
        ),
    ],
)
def test_details_are_told_in_words(details: dict[str, Any], words: list[tuple[str, list[str]]]) -> None:
    assert list(facts(details, 5)) == words


# ---- Who sees what


def test_a_platform_admin_sees_their_platforms_events_only(clients: Clients, world: World) -> None:
    an_event(world, "ours")
    an_event(world, "theirs", platform=world.blue_harbor, actor=world.bea.actor)
    an_event(world, "the product's", "person.changed", platform=None, actor=world.ada.actor)
    assert summaries(clients.piet) == summaries(clients.sam) == ["ours"]
    assert summaries(clients.bea) == ["theirs"]
    assert summaries(clients.ada) == ["the product's", "theirs", "ours"]


def test_filters_do_not_reach_other_platforms(clients: Clients, world: World) -> None:
    order = world.an_order()
    device = world.a_device(order.account)
    asked = [
        {"platform": world.northwind.id},
        {"order": order.reference},
        {"person": "Piet Jansen"},
        {"device": device.identifier},
    ]
    assert [bool(summaries(clients.piet, **filters)) for filters in asked] == [True] * 4  # type: ignore[arg-type]
    assert [summaries(clients.bea, **filters) for filters in asked] == [[]] * 4  # type: ignore[arg-type]


def test_another_platforms_device_looks_like_one_that_does_not_exist(clients: Clients, world: World) -> None:
    theirs, absent = world.a_device().identifier, "80:5e:c0:ff:ff:01"
    answers = [clients.bea.get("/audit/", query_string={"device": one}).text for one in (theirs, absent)]
    assert "No device has this identifier." in answers[0]
    assert answers[0].count(theirs) == answers[1].count(absent)


def test_support_for_all_platforms_sees_every_platform_but_not_the_product(
    clients: Clients, world: World
) -> None:
    from hwadmin.domain.permissions import Role

    an_event(world, "ours")
    an_event(world, "theirs", platform=world.blue_harbor)
    an_event(world, "the product's", "person.changed", platform=None, actor=world.ada.actor)
    tess = world.a_person("Tess Moor", Role.SUPPORT, all_platforms=True)
    assert summaries(clients.of(tess)) == ["theirs", "ours"]


def test_sign_ins_are_offered_as_a_filter_only_to_those_who_keep_people(clients: Clients) -> None:
    assert "person.signed_in" in clients.ada.get("/audit/").text
    assert "person.signed_in" not in clients.piet.get("/audit/").text


def test_the_log_asks_for_a_sign_in(clients: Clients) -> None:
    assert clients.anonymous.get("/audit/").status_code == 302
    assert clients.anonymous.post("/audit/export", data={"format": "csv"}).status_code == 401


# ---- Finding


def test_each_filter_finds_its_own(clients: Clients, world: World) -> None:
    order = world.an_order("approved")
    device = world.a_device(order.account)
    an_event(world, "by the command line", actor=COMMAND_LINE)
    an_event(world, "elsewhere", platform=world.blue_harbor, actor=world.bea.actor)
    ada = clients.ada
    assert summaries(ada, kind="order.approved") == [f"Approved {order.reference} for {order.account.name}"]
    assert summaries(ada, platform=world.blue_harbor.id) == ["elsewhere"]
    assert summaries(ada, person="Bea Lund") == summaries(ada, person="bea") == ["elsewhere"]
    assert summaries(ada, person="command") == ["by the command line"]
    assert summaries(ada, person="100%_") == []
    assert len(summaries(ada, order=order.reference)) == len(summaries(ada, order=str(order.id))) == 2
    (registered,) = summaries(ada, device=device.identifier.upper().replace(":", "-"))
    assert registered.startswith("Registered")
    assert summaries(ada, kind="order.approved", platform=world.blue_harbor.id) == []


def test_days_are_days_of_the_reader_with_both_ends(clients: Clients, world: World) -> None:
    for moment in (
        datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 10, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 12, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 13, 0, 0, tzinfo=UTC),
        datetime(2026, 8, 1, 12, 0, tzinfo=UTC),
    ):
        with clock.at(moment):
            an_event(world, f"{moment:%d.%m. %H:%M}")
    between = summaries(clients.piet, **{"from": "2026-03-10", "to": "2026-03-12"})
    assert between == ["12.03. 23:59", "10.03. 00:00"]
    assert summaries(clients.piet, **{"from": "2026-03-13"}) == ["01.08. 12:00", "13.03. 00:00"]
    assert summaries(clients.piet, to="2026-03-09") == ["09.03. 23:59"]
    assert summaries(clients.piet, **{"from": "2026-04-01", "to": "2026-07-31"}) == []
    # An hour before UTC in Paris, where the first of them is of the next day.
    clients.piet.set_cookie(time_zone.COOKIE, "Europe/Paris")
    between = summaries(clients.piet, **{"from": "2026-03-10", "to": "2026-03-12"})
    assert between == ["10.03. 00:00", "09.03. 23:59"]


def test_everything_of_one_action_is_one_click_away(clients: Clients, world: World) -> None:
    an_event(world, "before")
    mark = recording.request_id.set("11111111-2222-3333-4444-555555555555")
    an_event(world, "first half")
    an_event(world, "second half")
    recording.request_id.reset(mark)
    an_event(world, "after")
    address = link(clients.piet, "/audit/", "Show everything of this action")
    assert address is not None
    page = document(clients.piet.get(address))
    assert "in one action" in text_of(page)
    assert [row[2].split(" Details")[0] for row in lines(clients.piet, address)] == [
        "Account changed second half",
        "Account changed first half",
    ]
    assert len(summaries(clients.piet, request="11111111-2222-3333-4444-555555555555")) == 2


@pytest.mark.parametrize(
    ("field", "word", "problem"),
    [
        ("order", "banana", "An order is written like HW-000123."),
        ("kind", "order.eaten", "There is no such action."),
        ("platform", "1 OR 1=1", "There is no such platform."),
        ("from", "10.3.2026", "A day is written like 2026-11-21."),
        ("to", "2026-02-30", "A day is written like 2026-11-21."),
        ("device", "nonsense", "No device has this identifier."),
        ("person", "a\x1bb", "This contains characters that cannot be looked for."),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_and_shows_nothing(
    clients: Clients, world: World, field: str, word: str, problem: str
) -> None:
    an_event(world, "something")
    answer = clients.piet.get("/audit/", query_string={field: word})
    assert answer.status_code == 200
    assert problem in answer.text
    assert "something" not in answer.text


def test_days_the_wrong_way_round_are_said(clients: Clients) -> None:
    answer = clients.piet.get("/audit/?from=2026-03-02&to=2026-03-01").text
    assert "The last day is before the first." in answer


HOSTILE = {
    "quote": "'",
    "double quote": '"',
    "backslash": "\\",
    "wildcards": "%_",
    "negative": "-1",
    "zero": "0",
    "largest key": "9" * 18,
    "larger than a key": "9" * 19,
    "very long": "9" * 400,
    "full-width digits": "１２",
    "Arabic digit": "٣",
    "exponent": "1e9",
    "not a number": "NaN",
    "NUL": "\x00",
    "escape": "\x1b",
    "line end": "a\r\nb",
    "emoji": "😀" * 90,
    "no such day": "2026-99-99",
    "last day of all": "9999-12-31",
    "first day of all": "0001-01-01",
    "first day": "2000-01-01",
    "last day": "2099-12-31",
    "template": "{{7*7}}",
    "formula": "=1+1",
    "path": "../../etc/passwd",
    "no digits": "HW-",
    "largest order": "HW-999999999999999999",
}


@pytest.mark.parametrize("word", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_word_breaks_the_page_or_the_export(clients: Clients, world: World, word: str) -> None:
    an_event(world, "something")
    fields = [
        "person",
        "kind",
        "platform",
        "order",
        "device",
        "from",
        "to",
        "request",
        "before",
        "after",
    ]
    for field in part_of([*fields, "format", "page", "sort"], word, 3):
        assert clients.piet.get("/audit/", query_string={field: word}).status_code in (200, 400), field
        assert clients.piet.post("/audit/export", data={"format": "csv", field: word}).status_code in (
            200,
            404,
        ), field
    everything = dict.fromkeys(fields, word)
    assert clients.piet.get("/audit/", query_string=everything).status_code in (200, 400)


# ---- Pages


def test_pages_go_to_the_end_and_back_and_show_every_event_once(
    clients: Clients, world: World, connection: Connection
) -> None:
    many_events(connection, world, 120)
    newest_first = [f"Event {number}" for number in reversed(range(120))]
    address, seen, pages = "/audit/", [], []
    while address:
        found = [row[2].split()[2:4] for row in lines(clients.piet, address)]
        pages.append(found)
        seen += [" ".join(words) for words in found]
        address = link(clients.piet, last := address, "Older") or ""
    assert seen == newest_first
    assert [len(page) for page in pages] == [50, 50, 20]
    back = link(clients.piet, last, "Newer")
    assert back is not None
    assert [row[2].split()[2:4] for row in lines(clients.piet, back)] == pages[1]
    first = link(clients.piet, back, "Newer")
    assert first is not None
    assert [row[2].split()[2:4] for row in lines(clients.piet, first)] == pages[0]
    assert link(clients.piet, first, "Newer") is None


def test_paging_keeps_the_filter(clients: Clients, world: World, connection: Connection) -> None:
    many_events(connection, world, 51)
    an_event(world, "another", "device.changed")
    address = link(clients.piet, "/audit/?kind=account.changed&person=Piet", "Older")
    assert address is not None
    assert "kind=account.changed" in address
    assert "person=Piet" in address
    assert len(lines(clients.piet, address)) == 1


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_takes_six_statements_however_many_rows(
    clients: Clients, world: World, connection: Connection, count: int
) -> None:
    many_events(connection, world, count)
    for client in (clients.ada, clients.piet):
        with statements(connection) as sent:
            assert len(lines(client)) == count
        assert len(sent) <= 6, sent
        assert not any("count(*)" in statement and "audit_event" in statement for statement in sent)


# ---- Export


def exported(response: TestResponse) -> list[dict[str, str]]:
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def test_the_export_has_what_is_filtered_and_leaves_an_event(clients: Clients, world: World) -> None:
    order = world.an_order("rejected")
    an_event(world, "another")
    answer = clients.piet.post("/audit/export", data={"format": "csv", "kind": "order.rejected"})
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-log-20')
    (row,) = exported(answer)
    assert (row["Who"], row["Action"], row["Order"]) == ("Ada Okafor", "Order rejected", order.reference)
    assert row["Reason"] == "Ordered twice."
    newest = events_newest_first()[0]
    assert (newest.kind, newest.actor_name) == ("table.exported", "Piet Jansen")
    assert newest.summary == "Exported Audit log as CSV: 1 row"
    assert newest.details["filters"] == {"kind": "order.rejected"}
    assert summaries(clients.piet)[0] == newest.summary


def events_newest_first() -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())))


def test_the_excel_export_opens_and_runs_no_formula(clients: Clients, world: World) -> None:
    an_event(world, '=HYPERLINK("http://evil")')
    answer = clients.piet.post("/audit/export", data={"format": "xlsx"})
    assert answer.content_type.endswith("spreadsheetml.sheet")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    what = sheet["D2"]
    assert (what.value, what.data_type) == ('=HYPERLINK("http://evil")', "s")
    assert sheet["A2"].is_date
    (row, *_) = exported(
        clients.piet.post("/audit/export", data={"format": "csv", "kind": "account.changed"})
    )
    assert row["What"].startswith("'=")


def test_an_export_has_the_platforms_of_its_reader_only(clients: Clients, world: World) -> None:
    an_event(world, "ours")
    an_event(world, "theirs", platform=world.blue_harbor)
    answer = clients.bea.post("/audit/export", data={"format": "csv", "platform": ""})
    assert [row["What"] for row in exported(answer)] == ["theirs"]
    answer = clients.bea.post("/audit/export", data={"format": "csv", "platform": str(world.northwind.id)})
    assert exported(answer) == []


@pytest.mark.parametrize("format_", ["", "pdf", "CSV", "csv\n"])
def test_an_unknown_format_is_not_there_and_leaves_no_event(
    clients: Clients, world: World, format_: str
) -> None:
    assert clients.piet.post("/audit/export", data={"format": format_}).status_code == 404
    assert events_newest_first() == []


def test_an_export_is_a_post_with_a_token(app: Flask, clients: Clients, world: World) -> None:
    assert clients.piet.get("/audit/export?format=csv").status_code == 405
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert clients.piet.post("/audit/export", data={"format": "csv"}).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert events_newest_first() == []


def test_more_rows_than_an_export_may_have_are_refused_and_leave_no_event(
    clients: Clients, world: World, connection: Connection
) -> None:
    an_event(world, "one")
    table = AuditEvent.__table__
    copied = [column for column in table.columns if column.name != "id"]
    while (
        count := connection.execute(select(func.count()).select_from(table)).scalar_one()
    ) <= MAX_EXPORT_ROWS:
        more = min(count, MAX_EXPORT_ROWS + 1 - count)
        connection.execute(
            insert(table).from_select([column.name for column in copied], select(*copied).limit(more))
        )
    answer = clients.piet.post("/audit/export", data={"format": "csv"})
    assert answer.status_code == 422
    assert "more than 50,000 rows. Narrow the filter" in answer.text
    assert connection.execute(select(func.count()).where(table.c.kind == "table.exported")).scalar_one() == 0


def test_the_page_offers_the_export_with_the_filter_in_use(clients: Clients, world: World) -> None:
    an_event(world, "something")
    page = document(clients.piet.get("/audit/?kind=account.changed&person=Piet"))
    (form,) = [form for form in page.iter("form") if form.get("action") == "/audit/export"]
    fields = {field.get("name"): field.get("value") for field in form.iter("input")}
    assert fields.pop("csrf_token")
    assert fields == {"kind": "account.changed", "person": "Piet"}
    assert [button.get("value") for button in form.iter("button")] == ["csv", "xlsx"]


# ---- Events of one thing


def test_the_events_of_an_order_and_of_a_device_come_newest_first(world: World) -> None:
    order = world.an_order("approved")
    device = world.a_device(order.account)
    ada, bea = world.ada.actor, world.bea.actor
    of_order, of_device = EventFilter(order_id=order.id), EventFilter(device_id=device.id)
    assert [event.kind for event in page_of_events(ada, of_order).events] == [
        "order.approved",
        "order.submitted",
    ]
    assert [event.kind for event in page_of_events(ada, of_order, size=1).events] == ["order.approved"]
    assert [event.kind for event in page_of_events(ada, of_device).events] == ["device.registered"]
    assert page_of_events(bea, of_order).events == page_of_events(bea, of_device).events == []


@pytest.mark.parametrize(
    ("zone", "days", "title"),
    [
        (None, {"9 Mar 2026": ["23:59", "12:00"]}, "9 Mar 2026, 23:59 UTC"),
        ("Asia/Tokyo", {"10 Mar 2026": ["08:59"], "9 Mar 2026": ["21:00"]}, "10 Mar 2026, 08:59 JST"),
        # None that is known: as if nothing was said.
        ("../../etc/passwd", {"9 Mar 2026": ["23:59", "12:00"]}, "9 Mar 2026, 23:59 UTC"),
        ("Mars/Base", {"9 Mar 2026": ["23:59", "12:00"]}, "9 Mar 2026, 23:59 UTC"),
    ],
)
def test_events_stand_under_their_days_with_the_time_of_day(
    clients: Clients, world: World, zone: str | None, days: dict[str, list[str]], title: str
) -> None:
    for moment in (datetime(2026, 3, 9, 12, 0, tzinfo=UTC), datetime(2026, 3, 9, 23, 59, tzinfo=UTC)):
        with clock.at(moment):
            an_event(world, "Something")
    if zone:
        clients.piet.set_cookie(time_zone.COOKIE, zone)
    page = document(clients.piet.get("/audit/"))
    shown = {
        text_of(body.find(".//th")): [text_of(time) for time in body.iter("time")]  # type: ignore[arg-type]
        for body in page.iter("tbody")
    }
    assert shown == days
    newest = next(page.iter("time"))
    assert (newest.get("title"), newest.get("datetime")) == (title, "2026-03-09T23:59:00Z")
