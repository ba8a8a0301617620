"""Searching in further scripts and writings: words of two letters, signs left out, numbers in any form."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from hwadmin.models import Account
from hwadmin.queries.search.everything import search_everything
from tests.builders import World
from tests.operations.search.test_by_an_index import ORDERS, SEARCHES, plans

pytestmark = pytest.mark.both_databases


@pytest.fixture
def account(world: World) -> Account:
    world.an_account(name="Old Mill")
    return world.an_account(name="Reed & Sons")


NAMES = {
    "山田 太郎": ("山田", "太郎", "太郎 山田"),
    "東京支店 営業部": ("東京", "支店", "京支", "営業", "営業部"),
    "김철수": ("철수", "김철수", "김철"),
    "ｱﾝﾄﾞｳ ﾐｷ": ("アンドウ", "アン", "ミキ"),
    "משה כהן": ("משה", "כה", "מֹשֶׁה"),
    "مُحَمَّد علي": ("محمد", "عل", "علي"),
    "สมชาย ใจดี": ("สม", "สมชาย"),
    "Zoë O’Brien": ("obrien", "OBRIEN", "o'brien,", "(O’Brien)", "“O‘Brien”", "brien zoe"),
    "Liam OBrien": ("o'brien", "O’Brien", "obrien"),
    "J.P. Morgan": ("jp morgan", "JP", "j.p.", "J.P. Morgan"),
    "Anne-Marie Weiß": ("anne marie", "anne‑marie", "WEISS, Anne-Marie", "Weiß;", "ANNE–MARIE"),
    "İpek Iğdır": ("ipek", "İPEK", "igdir", "IĞDIR", "ığdır"),
    "Þórður Æsir": ("thordur", "aesir", "þó", "ÆS"),
    "Ǆordan Œuvre": ("dzordan", "oeuvre", "œu"),
    "Naïve Coöperatie": ("naive", "cooperatie", "COÖP"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_as_people_write_it(world: World, account: Account, name: str) -> None:
    wanted = world.an_employee(account, name)
    for other in ("Zed Abolis", "日本 一郎", "כל דוד", "Bo Li"):
        world.an_employee(account, other)
    for typed in NAMES[name]:
        hits = search_everything(world.ada.actor, typed).employees.rows
        assert [hit.id for hit in hits] == [wanted.id], typed


@pytest.mark.parametrize(("search", "indexes"), SEARCHES)
def test_two_letters_of_any_script_are_never_looked_for_row_by_row(
    world: World, connection: Connection, search: object, indexes: tuple[tuple[str, str], ...]
) -> None:
    ada = world.ada.actor
    for words in ("東京", "כה", "A東", "αb", "--", "東京 müller"):
        plan = plans(connection, lambda words=words: search(ada, words))
        if connection.dialect.name == "sqlite":
            reads = [line for line in plan for _index, table in indexes if f"SCAN {table} VIRTUAL" in line]
            assert all("INDEX 0:=" in line or "INDEX 0:M" in line for line in reads), (words, reads)
        elif words[0] not in "α-":
            text = "\n".join(plan)
            assert all(index in text for index, _table in indexes if index != ORDERS[0]), (words, plan)


NUMBERS = (
    *("(0151) 555-0177", "0049 151 5550177", "+49-151-555-0177", "151 5550177", "5550177", "550177"),
    *("+49 151 5550177,", "٠١٥١ ٥٥٥٠١٧٧", "０１５１-5550177", "Tel.: 0151/5550177", "+49.151.5550177"),
)


def test_a_phone_number_is_found_in_every_writing(world: World, account: Account) -> None:
    line = world.a_phone_line(account, "+491515550177")
    for typed in NUMBERS:
        assert [hit.id for hit in search_everything(world.ada.actor, typed).lines.rows] == [line.id], typed


MAC = (
    *("80:5e:c0:1d:65:4a", "80-5E-C0-1D-65-4A", "805e.c01d.654a", "805EC01D654A", "805EC0-1D654A"),
    *(
        "80 5E C0 1D 65 4A",
        "MAC: 805EC01D654A",
        "８０５ＥＣ０１Ｄ６５４Ａ",
        "80:5e:c0",
        "805ec01d",
        "mac=80:5E:C0:1D:65:4A",
    ),
    *("“80:5e:c0:1d:65:4a”", "80‑5E‑C0‑1D‑65‑4A"),
)


def test_a_device_is_found_by_every_writing_of_its_mac(world: World, account: Account) -> None:
    device = world.a_device(account, identifier="80:5e:c0:1d:65:4a")
    for typed in MAC:
        hits = search_everything(world.ada.actor, typed).devices.rows
        assert [hit.id for hit in hits] == [device.id], typed


@pytest.mark.parametrize("typed", ["sip-t54w", "SIP T54W", "t54w", "1301 111", "“SIP-T54W”", "sip‑t54w"])
def test_a_model_is_found_by_its_number(world: World, typed: str) -> None:
    world.an_item("deskphone", make="Yealink", model="SIP-T54W", sku="1301-111")
    assert [hit.model for hit in search_everything(world.ada.actor, typed).models.rows] == ["SIP-T54W"]


JOINED = {
    "Reed & Sons": (
        "reed and sons",
        "Reed&Sons",
        "reed + sons",
        "Reed und Sons",
        "sons & reed",
        "“Reed & Sons”",
    ),
    "Müller und Çelik GmbH": (
        "Müller & Çelik",
        "mueller&celik",
        "müller + celik",
        "Müller*",
        "‚Müller‘",
        "Müller…",
    ),
    "AT&T": ("at&t", "AT&T"),
    "And Sons": ("and", "and sons"),
}


@pytest.mark.parametrize("name", JOINED)
def test_what_joins_the_words_of_a_name_is_written_in_any_way(world: World, name: str) -> None:
    wanted = world.an_account(name=name)
    world.an_account(name="Old Mill")
    for typed in JOINED[name]:
        hits = search_everything(world.ada.actor, typed).accounts.rows
        assert [hit.id for hit in hits] == [wanted.id], typed
