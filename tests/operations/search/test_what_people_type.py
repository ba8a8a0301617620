"""Search finds what people type: without accents, in any case, with any signs, on both databases."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.text_folding import search_text
from hwadmin.models import Account, CatalogItem, Device, Employee, Person, PhoneLine
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.operations.orders.placements import correct_placement
from hwadmin.queries.accounts.accounts import account_search, accounts_like, accounts_named
from hwadmin.queries.accounts.phone_lines import account_phone_lines
from hwadmin.queries.audit.events import people_called
from hwadmin.queries.catalog.items import item_search
from hwadmin.queries.devices.conditions import device_search
from hwadmin.queries.directory.employees import matching_employees
from hwadmin.queries.ordering.people import employee_choices, employee_named
from hwadmin.queries.orders.orders import visible_orders
from hwadmin.queries.orders.search import matching_orders
from hwadmin.queries.search.everything import search_everything
from tests.api.callers import Callers
from tests.builders import Clients, World

pytestmark = pytest.mark.both_databases

ACCOUNT = "Straßenbau Müller & Çelik GmbH"
PEOPLE = ("Jürgen Groß", "Łukasz Żółty", "Zoë Nuñez-O’Brien")
OF_THE_ACCOUNT = (
    *("muller", "Mueller", "MÜLLER", "müller", "mu\u0308ller", "ＭÜＬＬＥＲ", "strassenbau", "STRASSENBAU"),
    *("Straßenbau", "celik", "ÇELİK", "celik muller", "mull celik"),
)
OF_PEOPLE = {
    "Jürgen Groß": ("jurgen", "Juergen", "JÜRGEN GROSS", "gross", "GROẞ", "groß", "Ju\u0308rgen"),
    "Łukasz Żółty": ("lukasz", "ŁUKASZ", "zolty", "Żółty", "z\u0307o\u0301łty", "lu zo"),
    "Zoë Nuñez-O’Brien": ("zoe", "nunez", "o'brien", "O’BRIEN", "o`brien", "oʼbrien", "nuñez\u2011o'brien"),
}


@pytest.fixture
def account(world: World) -> Account:
    """The account that is searched for, among others."""
    world.an_account(name="Old Mill")
    return world.an_account(name=ACCOUNT)


def people(world: World, account: Account) -> dict[str, Employee]:
    return {name: world.an_employee(account, name) for name in PEOPLE}


# ---- The database folds as we do


def folded_by_the_database(connection: Connection, values: list[str]) -> list[str]:
    return [connection.scalar(text("SELECT search_text(:value)"), {"value": value}) or "" for value in values]


def test_every_character_is_folded_by_the_database_as_by_us(connection: Connection) -> None:
    # Between them are Chinese and Korean, which stay as they are.
    ranges = (range(1, 0x3400), range(0xA000, 0xAC00), range(0xF900, 0x1FC00))
    letters = [
        letter
        for letter in map(chr, itertools.chain(*ranges))
        # Of those that stay as they are, some will do; those not assigned yet may be known to one of the two.
        if (letter < "\u0600" or ord(letter) % 31 == 0 or search_text(letter) != letter)
        and unicodedata.category(letter) not in ("Cn", "Cs")
    ]
    for start in range(0, len(letters), 500):
        # Each between two letters: blanks at the ends are of no account.
        several = "|".join(f"a{letter}b" for letter in letters[start : start + 500])
        assert folded_by_the_database(connection, [several]) == [search_text(several)]


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cn", "Cs")))


# Plain words, for which the database has a way of its own, and what is nearly that.
@given(value=ANY_TEXT | st.text("aZ09 -_/.'`\n"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_folded_by_the_database_as_by_us(connection: Connection, value: str) -> None:
    assert folded_by_the_database(connection, [value]) == [search_text(value)]


# ---- Each search


def test_an_account_is_found_by_what_people_type(world: World, account: Account) -> None:
    ada = world.ada.actor
    order = world.an_order(account=account)
    device = world.a_device(account)
    world.an_order()
    for typed in OF_THE_ACCOUNT:
        assert [row[0] for row in accounts_like(ada, typed)] == [account.id], typed
        assert [hit.id for hit in search_everything(ada, typed).accounts.rows] == [account.id], typed
        condition = matching_orders(ada, typed)
        assert condition is not None
        found = db.session.scalars(visible_orders(ada).where(condition))
        assert [one.id for one in found] == [order.id], typed
        assert list(db.session.scalars(select(Device.id).where(device_search(typed)))) == [device.id], typed


MORE_NAMES = {
    "\u0130brahim I\u015f\u0131k": (
        "ibrahim",
        "isik",
        "I\u015eIK",
        "\u0131\u015f\u0131k",
        "\uff49\uff53\uff49\uff4b",
    ),
    "\u0391\u03b8\u03b7\u03bd\u03ac \u039f\u03b4\u03c5\u03c3\u03c3\u03ad\u03c9\u03c2": (
        *(
            "\u03b1\u03b8\u03b7\u03bd\u03b1",
            "\u0391\u0398\u0397\u039d\u0391",
            "\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c9\u03c3",
            "\u03b1\u03b8",
        ),
    ),
    "So\ufb01e Ho\ufb00mann": ("sofie", "HOFFMANN", "so\ufb01e", "so ho"),
    "Bo Li": ("bo", "li", "Bo Li", "LI BO"),
    "Ng\u00f4 Th\u1ecb \u0110\u00e0o": ("ngo thi dao", "\u0111a", "DAO"),
    "\u0401\u043b\u043a\u0438\u043d": ("\u0435\u043b\u043a\u0438\u043d", "\u0401\u041b", "\u0451\u043b"),
}


@pytest.mark.parametrize("name", MORE_NAMES)
def test_names_of_any_script_are_found_and_two_letters_begin_a_word(
    world: World, account: Account, name: str
) -> None:
    wanted = world.an_employee(account, name)
    for other in ("Zed Abolis", "Obongo Alix", "Xadam Ealkin"):
        world.an_employee(account, other)
    for typed in MORE_NAMES[name]:
        hits = search_everything(world.ada.actor, typed).employees.rows
        assert [hit.name for hit in hits if hit.id == wanted.id or len(typed) < 3] == [name], typed


@pytest.mark.parametrize(
    "typed", ["#{}", "Order HW\u2013{}", "hw\u2011{}.", "\uff28\uff37-{}", "order no. {}", "\u2116{}"]
)
def test_an_order_is_found_by_its_number_as_people_write_it(world: World, typed: str) -> None:
    order = world.an_order()
    hits = search_everything(world.ada.actor, typed.format(order.reference.removeprefix("HW-"))).orders.rows
    assert [hit.id for hit in hits] == [order.id]


@pytest.mark.parametrize(
    "typed",
    [
        "+49 (0)151 5550177",
        "0151\u20135550177",
        "tel:+491515550177",
        "Tel. 0151 5550177",
        "\uff10\uff11\uff15\uff11 5550177",
    ],
)
def test_a_phone_number_is_found_as_people_write_it(world: World, account: Account, typed: str) -> None:
    line = world.a_phone_line(account, "+491515550177")
    assert [hit.id for hit in search_everything(world.ada.actor, typed).lines.rows] == [line.id]


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_an_employee_is_found_by_what_people_type(world: World, account: Account, name: str) -> None:
    ada, wanted = world.ada.actor, people(world, account)[name]
    held = world.a_device(account, employee_id=wanted.id)
    line = PhoneLine(
        account_id=account.id,
        platform_id=account.platform_id,
        phone_number="+353861234567",
        mobile_carrier="Télécom",
        currency="EUR",
        employee_id=wanted.id,
    )
    db.session.add(line)
    db.session.flush()
    for typed in OF_PEOPLE[name]:
        found = matching_employees(ada, account.id, typed, limit=9, offset=0)
        assert [one.id for one in found] == [wanted.id], typed
        assert [one.id for one in employee_choices(ada, account, typed)] == [wanted.id], typed
        for words in (typed, f"{typed} muller"):
            assert [hit.id for hit in search_everything(ada, words).employees.rows] == [wanted.id], words
        assert list(db.session.scalars(select(Device.id).where(device_search(typed)))) == [held.id], typed
    for words in (*OF_PEOPLE[name], "telecom", "123456"):
        assert [one.id for one in account_phone_lines(ada, account, text=words)] == [line.id], words


def test_a_whole_name_may_be_typed_without_its_accents(world: World, account: Account) -> None:
    ada, staff = world.ada.actor, people(world, account)
    for name, typed in (("Jürgen Groß", "juergen gross"), ("Zoë Nuñez-O’Brien", "ZOE NUNEZ-O'BRIEN")):
        assert employee_named(ada, account, typed, "employee") == staff[name].id
    world.northwind.name = "Northwind"
    db.session.flush()
    for typed in ("strassenbau muller & celik gmbh", "STRASSENBAU MUELLER & CELIK GMBH · northwind"):
        assert list(accounts_named(ada, typed)) == [account.id], typed
    assert list(accounts_named(ada, "strassenbau muller")) == []
    assert list(accounts_named(world.bea.actor, "strassenbau muller & celik gmbh")) == []


WHOLE_NAMES = (
    *("A", "A B C", "&", "AT&T", "Reed & Sons", "3", "Q-8", "Ré", "O’Brien", "C/O “Dana”", "東京", "電"),
    *("x" * 150, "Foo · Bar", "one two three four five six seven", "ﬁne", "ＡＢＣ Ｌｔｄ", "(Reed), [Dana]…"),
    *("it's 100 % sure_", "İstanbul", "Straße 5", "a\u0301b", "٣ Brothers", "–", "Mül-ler", "Søren’s Æbler"),
    *("and", "the * of it"),
)


def test_an_account_is_found_by_the_whole_of_whatever_it_is_called(world: World) -> None:
    ada, named = world.ada.actor, {name: world.an_account(name=name).id for name in WHOLE_NAMES}
    for name, key in named.items():
        for typed in (name, name.upper() if name.upper().lower() == name.lower() else name, f" {name} "):
            assert list(accounts_named(ada, typed)) == [key], typed
        assert list(accounts_named(ada, f"{name} · {world.northwind.name}")) == [key], name


@pytest.mark.parametrize("name", ["HP", "3M", "Ey", "Ré", "東京"])
def test_an_account_of_two_letters_is_found(world: World, name: str) -> None:
    ada, key = world.ada.actor, world.an_account(name=name).id
    renamed = world.an_account(name="Something Longer")
    renamed.name = name
    db.session.commit()
    assert {row[0] for row in accounts_like(ada, name.lower())} == {key, renamed.id}


@pytest.mark.parametrize("typed", ["telefono", "TELÉFONO", "sao 5", "São"])
def test_models_are_found_by_what_people_type(world: World, typed: str) -> None:
    item = world.an_item("deskphone", make="Teléfono", model="São 5")
    assert list(db.session.scalars(select(CatalogItem.id).where(item_search(typed)))) == [item.id]


def test_an_actor_and_a_platform_are_found_by_what_people_type(world: World, clients: Clients) -> None:
    renamed = db.session.get(Person, world.piet.id)
    assert renamed is not None
    renamed.name, world.northwind.name = "Piët Ångström", "Norðvind"
    db.session.flush()
    assert people_called("piet angstrom") == people_called("PIËT") == (world.piet.id,)
    assert "Norðvind" in clients.ada.get("/platforms/?search=nordvind").text
    assert [hit.id for hit in search_everything(world.ada.actor, "NORDVIND").platforms.rows] == [
        world.northwind.id
    ]


def test_pages_and_programs_find_the_same(
    app: Flask, world: World, clients: Clients, account: Account
) -> None:
    order, api = world.an_order(account=account), Callers(app, world)
    world.an_order()
    for typed in OF_THE_ACCOUNT:
        query = {"q": unicodedata.normalize("NFC", typed)}
        assert [row["id"] for row in api.piet.get("/accounts", query_string=query).json["items"]] == [
            account.id
        ]
        orders = api.piet.get("/orders", query_string=query).json["items"]
        assert [row["reference"] for row in orders] == [order.reference]
        page = clients.piet.get("/accounts/", query_string={"search": typed}).text
        assert "Straßenbau" in page
        assert "Old Mill" not in page


# ---- However a row is written


@pytest.mark.parametrize("words", ["groß", "gross"])
def test_what_is_changed_is_found_by_what_it_is_now(world: World, account: Account, words: str) -> None:
    employee = world.an_employee(account, "Jürgen Müller")
    ada = world.ada.actor

    def found() -> list[int]:
        return [one.id for one in matching_employees(ada, account.id, words, limit=9, offset=0)]

    assert found() == []
    db.session.execute(update(Employee).where(Employee.id == employee.id).values(name="Jürgen Groß"))
    assert found() == [employee.id]
    db.session.execute(update(Employee).where(Employee.id == employee.id).values(name="Jürgen Klein"))
    assert found() == []


def test_what_is_inserted_in_bulk_is_found(world: World) -> None:
    many = [{"platform_id": world.northwind.id, "name": f"Größe {number}"} for number in range(30)]
    db.session.execute(insert(Account), many)
    assert len(accounts_like(world.ada.actor, "grosse", limit=99)) == 30
    assert len(accounts_like(world.ada.actor, "groesse 2", limit=99)) == 12


@pytest.mark.parametrize("typed", ["´", "\u0301", "·", "\ud800", "\0", "%", "_", "\u200b"])
def test_a_word_of_which_nothing_is_left_finds_nothing(world: World, account: Account, typed: str) -> None:
    assert search_everything(world.ada.actor, typed).every == []
    for search, key in (
        (account_search, Account.id),
        (device_search, Device.id),
        (item_search, CatalogItem.id),
    ):
        found: Callable[[str], object] = search
        column: InstrumentedAttribute[int] = key
        list(db.session.scalars(select(column).where(found(typed))))  # type: ignore[arg-type]


def test_an_order_is_found_by_its_distributor(world: World) -> None:
    order, ada = world.an_order("approved"), world.ada.actor
    transact(
        lambda: mark_ordered(ada, order.id, distributor="Großhandel Süd", distributor_reference="SÜ-20391")
    )
    for typed in ("grosshandel", "sud", "SUED", "su-20391", "0391"):
        assert [hit.id for hit in search_everything(ada, typed).orders.rows] == [order.id], typed
    assert search_everything(world.bea.actor, "grosshandel").every == []
    transact(lambda: correct_placement(ada, order.id, {"distributor": "Nordlicht"}))
    assert [hit.id for hit in search_everything(ada, "nordlicht").orders.rows] == [order.id]
    assert search_everything(ada, "grosshandel").orders.rows == []
