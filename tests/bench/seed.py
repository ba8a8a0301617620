"""Fills a migrated database with any number of orders, by SQL over whole sets.

Every value follows from the number of its row, so that two databases of one size hold the same orders: 200
platforms of very different size, ten orders an account, three lines and six units an order, most of them
fulfilled and their units devices. What the measured actions use up lies behind them, in orders of its own.
"""

# ruff: noqa: E501 - SQL, read better unbroken.
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, text

from hwadmin.db.extensions import db
from hwadmin.models import HardwareOrder

PLATFORMS = 200
ORDERS_PER_ACCOUNT = 10
# Part of the name of every hundredth account.
SEARCHED = "harborgate"
# A platform of 2 % of the orders.
FILTERED_PLATFORM = 3
# The account of the orders that are used up, its people and sites.
WORKPLACE = "Bench Workplace"
STAFF, SITES = 1000, 5

_FIRST = ["North", "South", "Blue", "Silver", "Oak", "River", "Stone", "Maple", "Harbor", "Summit"]
_SECOND = ["field", "bridge", "wood", "gate", "haven", "ridge", "brook", "crest", "view", "land"]
_TRADES = [
    "Logistics",
    "Clinics",
    "Bakery",
    "Foods",
    "Dental",
    "Books",
    "Motors",
    "Travel",
    "Garden",
    "Legal",
]

# Kind, make, model, room for handsets.
CATALOG = (
    ("deskphone", "Yealink", "T54W", None),
    ("dect_base", "Yealink", "W70B", 10),
    ("dect_handset", "Yealink", "W73H", None),
    ("mobile", "Apple", "iPhone 17", None),
    ("accessory", "Jabra", "Engage 50", None),
)
# The lines of an order: place in the catalog, from 0, and quantity. Every third order is of the second sort.
_KITS = (((0, 2), (1, 1), (2, 3)), ((0, 3), (3, 2), (4, 1)))
_DEVICES = (6, 5)


@dataclass
class Seeded:
    """What the measuring needs to know of a filled database."""

    orders: int
    history: int = 0
    form: int = 0
    to_approve: list[int] = field(default_factory=list)
    # Number of units → orders, each with the units' kinds by key.
    to_fulfill: dict[int, list[tuple[int, dict[int, str]]]] = field(default_factory=dict)
    # An account of the platform that lists are filtered by.
    account: int = 0


class _Dialect:
    """The few words the two databases say differently."""

    def __init__(self, connection: Connection) -> None:
        self.postgresql = connection.dialect.name == "postgresql"
        self.parent = connection

    def series(self, most: int) -> str:
        if self.postgresql:
            return f"generate_series(1::bigint, {most}) AS s(i)"
        return f"(WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s WHERE i < {most}) SELECT i FROM s) AS s"

    def ago(self, seconds: str) -> str:
        """The moment so many seconds ago; in the future where they are negative."""
        if self.postgresql:
            return f"(now() - make_interval(secs => ({seconds})))"
        return (
            f"strftime('%Y-%m-%d %H:%M:%S.000000', 'now', printf('%+d seconds', -CAST({seconds} AS INTEGER)))"
        )

    def hexadecimal(self, number: str, width: int) -> str:
        if self.postgresql:
            return f"lpad(to_hex({number}), {width}, '0')"
        return f"lower(printf('%0{width}x', {number}))"

    def run(self, statement: str) -> None:
        # A colon is a parameter to text(); none is meant here.
        self.parent.execute(text(statement.replace(":", "\\:")))

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        places = ", ".join(["%s" if self.postgresql else "?"] * len(columns))
        cursor = self.parent.connection.cursor()
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", [tuple(row) for row in rows]
        )
        cursor.close()


def seed(connection: Connection, orders: int, *, approve: int, fulfill: dict[int, int]) -> Seeded:
    """Fill the database.

    Args:
        connection: to a migrated, empty database; committed here.
        orders: how many.
        approve: how many more to approve.
        fulfill: number of units → how many more orders of so many to fulfill.
    """
    dialect = _Dialect(connection)
    triggers: list[str] = []
    indexes: list[tuple[str, str]] = []
    if dialect.postgresql:
        # Neither triggers nor foreign keys: the rows fit, and the tallies are counted at the end.
        dialect.run("SET session_replication_role = replica")
        dialect.run("SET statement_timeout = 0")
        dialect.run("SET synchronous_commit = off")
        dialect.run("SET maintenance_work_mem = '512MB'")
        # An index built at once, from all rows, costs a fraction of one that grows by each of them.
        plain = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            # Neither those of a key nor those a foreign key leans on.
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = CAST(indexname AS regclass))"
        )
        indexes = [(row.indexname, row.indexdef) for row in connection.execute(text(plain))]
        for name, _ in indexes:
            dialect.run(f"DROP INDEX {name}")
    else:
        own = connection.execute(
            text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        ).all()
        triggers = [trigger.sql for trigger in own]
        for trigger in own:
            dialect.run(f"DROP TRIGGER {trigger.name}")
    # Ended in between: the locks of everything at once are more than a server keeps room for.
    connection.commit()
    _reference_data(dialect, orders)
    _orders(dialect, orders)
    connection.commit()
    _history(dialect, orders)
    made = _used_up(dialect, orders, approve, fulfill)
    dialect.run(
        "INSERT INTO order_tally (platform_id, status, orders, to_be_placed, placed)"
        " SELECT platform_id, status, count(*),"
        " sum(CASE WHEN status = 'approved' AND placed_at IS NULL THEN 1 ELSE 0 END), count(placed_at)"
        " FROM hardware_order GROUP BY platform_id, status"
    )
    if dialect.postgresql:
        for table in db.metadata.tables.values():
            _continue_numbers(dialect, table)
        for _, definition in indexes:
            connection.commit()
            dialect.run(definition)
        dialect.run("RESET session_replication_role")
    else:
        dialect.run("INSERT INTO line_search (line_search) VALUES ('rebuild')")
        for trigger in own:
            if trigger.name.endswith("_on_insert") and "(rowid, search_text) VALUES (" in trigger.sql:
                # What the trigger puts in of one row, of all of them.
                statement = (
                    trigger.sql.split("BEGIN", 1)[1].rsplit(");", 1)[0].replace("VALUES (", "SELECT ", 1)
                )
                dialect.run(f"{statement} FROM {trigger.tbl_name} AS NEW")
        for trigger in triggers:  # type: ignore[assignment]
            dialect.run(trigger)  # type: ignore[arg-type]
    connection.commit()
    return made


def settle(connection: Connection) -> None:
    """Let the database learn what it holds, as it would by itself in a night."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    if connection.dialect.name == "postgresql":
        raw.autocommit = True
        raw.execute("SET statement_timeout = 0")
        raw.execute("VACUUM ANALYZE")
        raw.execute("CHECKPOINT")
        raw.autocommit = False
    else:
        raw.execute("ANALYZE")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _continue_numbers(dialect: _Dialect, table: Table) -> None:
    key = list(table.primary_key)
    if len(key) == 1 and key[0].name == "id" and not table.name.endswith("_version"):
        dialect.run(
            f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM \"{table.name}\"))"
            f" WHERE pg_get_serial_sequence('\"{table.name}\"', 'id') IS NOT NULL"
        )


def _values(name: str, words: Sequence[str]) -> str:
    rows = ", ".join(f"({number}, '{word}')" for number, word in enumerate(words))
    return f"{name}(n, word) AS (VALUES {rows})"


def _reference_data(dialect: _Dialect, orders: int) -> None:
    accounts = orders // ORDERS_PER_ACCOUNT
    false = "false" if dialect.postgresql else "0"
    long_ago = dialect.ago("63072000")
    dialect.run(
        "INSERT INTO platform (id, name, currency, forbids_self_approval, created_at)"
        f" SELECT i, 'Platform ' || i, 'EUR', {false}, {long_ago} FROM {dialect.series(PLATFORMS)}"
    )
    kinds = ", ".join(
        f"({place}, '{kind}', '{make}', '{model}', {room if room else 'CAST(NULL AS INTEGER)'})"
        for place, (kind, make, model, room) in enumerate(CATALOG)
    )
    dialect.run(
        "INSERT INTO catalog_item (id, platform_id, sku, make, model, kind, unit_price, currency, max_handsets, created_at)"
        f" WITH item(place, kind, make, model, room) AS (VALUES {kinds})"
        f" SELECT (i - 1) * {len(CATALOG)} + place + 1, i, 'SKU-' || place, make, model, kind, 12900, 'EUR', room, {long_ago}"
        f" FROM {dialect.series(PLATFORMS)} CROSS JOIN item"
    )
    # Few platforms have most of the accounts.
    hashed = "((i * 7919) % 1000)"
    dialect.run(
        "INSERT INTO account (id, platform_id, name, created_at)"
        f" WITH {_values('a', _FIRST)}, {_values('b', _SECOND)}, {_values('c', _TRADES)}"
        f" SELECT i, 1 + {hashed} * {hashed} * {PLATFORMS} / 1000000, a.word || b.word || ' ' || c.word || ' ' || i, {long_ago}"
        f" FROM {dialect.series(accounts)} JOIN a ON a.n = i % 10 JOIN b ON b.n = (i / 10) % 10 JOIN c ON c.n = (i / 100) % 10"
    )
    dialect.run(
        "INSERT INTO location (id, platform_id, account_id, name, address)"
        " SELECT id, platform_id, id, 'Head office', '' FROM account"
    )
    dialect.run(
        "INSERT INTO employee (id, platform_id, account_id, name, email, employee_number)"
        " SELECT (id - 1) * 4 + i, platform_id, id, 'Employee ' || id || '-' || i,"
        " 'person.' || ((id - 1) * 4 + i) || '@account' || id || '.example', 'E' || (100000 + id) || '-' || i"
        f" FROM account CROSS JOIN {dialect.series(4)}"
    )


def _orders(dialect: _Dialect, orders: int) -> None:
    accounts = orders // ORDERS_PER_ACCOUNT
    # Two years of orders; what is still open is among the latest fifth.
    age = f"({orders} - i) * {63072000 / orders!r}"
    ordered = dialect.ago(age)
    # Decided within three days, fulfilled within two weeks of that; the latest orders sooner, at any moment since.
    deciding, fulfilling = "3600 * (1 + i % 72)", "3600 * (24 + i % 312)"
    since = f"(CASE WHEN {age} >= {deciding} THEN {age} - {deciding} ELSE {age} * (i % 89) / 89.0 END)"
    decided = dialect.ago(since)
    # By the usual rules a decision is due after two days, and after it placing the order within one more.
    due = dialect.ago(f"{age} - CASE WHEN i % 100 < 10 THEN 172800 ELSE 86400 + 3600 * (1 + i % 72) END")
    fulfilled = dialect.ago(
        f"CASE WHEN {since} >= {fulfilling} THEN {since} - {fulfilling} ELSE {since} * (i % 83) / 83.0 END"
    )
    status = (
        f"CASE WHEN i > {orders * 8 // 10} AND i % 100 < 10 THEN 'submitted'"
        f" WHEN i > {orders * 8 // 10} AND i % 100 < 25 THEN 'approved'"
        " WHEN i % 100 >= 98 THEN 'rejected' WHEN i % 100 = 97 THEN 'cancelled' ELSE 'fulfilled' END"
    )
    devices = f"CASE WHEN i % 3 = 0 THEN {_DEVICES[1]} ELSE {_DEVICES[0]} END"
    dialect.run(
        "INSERT INTO hardware_order (id, platform_id, account_id, status, version, manager_approval, created_at, updated_at,"
        " status_at, status_by_name, updated_by_name, submitted_by_name, decided_by_name, decided_at, rejection_reason,"
        " distributor, distributor_reference, fulfilled_at, fulfilled_units, fulfillable_units, waits_for, waits_since, due_at)"
        " SELECT o.i, account.platform_id, account.id, o.status, CASE o.status WHEN 'submitted' THEN 1 WHEN 'fulfilled' THEN 3 ELSE 2 END,"
        " 'not_required', o.at, o.at, o.at, 'Ada Okafor', 'Ada Okafor', 'Piet Jansen',"
        " CASE WHEN o.status IN ('approved', 'fulfilled', 'rejected') THEN 'Ada Okafor' END,"
        " CASE WHEN o.status IN ('approved', 'fulfilled', 'rejected') THEN o.decided END,"
        " CASE WHEN o.status = 'rejected' THEN 'Ordered twice.' END,"
        " CASE WHEN o.status = 'fulfilled' THEN 'Voxport' END, CASE WHEN o.status = 'fulfilled' THEN 'VX-' || o.i END,"
        " CASE WHEN o.status = 'fulfilled' THEN o.fulfilled END,"
        " CASE WHEN o.status = 'fulfilled' THEN o.devices ELSE 0 END, o.devices,"
        " CASE o.status WHEN 'submitted' THEN 'decision' WHEN 'approved' THEN 'placement' END,"
        " CASE o.status WHEN 'submitted' THEN o.at WHEN 'approved' THEN o.decided END,"
        " CASE WHEN o.status IN ('submitted', 'approved') THEN o.due END"
        f" FROM (SELECT i, {status} AS status, {devices} AS devices, {ordered} AS at, {decided} AS decided, {fulfilled} AS fulfilled, {due} AS due FROM {dialect.series(orders)}) AS o"
        # The factor has no divisor in common with any number of accounts: every account gets its ten.
        f" JOIN account ON account.id = 1 + (o.i * 7919) % {accounts} ORDER BY o.i"
    )
    kit = ", ".join(
        f"({sort}, {position}, {item}, {quantity})"
        for sort, lines in enumerate(_KITS)
        for position, (item, quantity) in enumerate(lines, 1)
    )
    sort = "CASE WHEN o.id % 3 = 0 THEN 1 ELSE 0 END"
    dialect.run(
        "INSERT INTO line_item (id, order_id, platform_id, position, catalog_item_id, quantity, requested_quantity, sku, make,"
        " model, kind, unit_price, currency, max_handsets)"
        f" WITH kit(sort, position, item, quantity) AS (VALUES {kit})"
        " SELECT (o.id - 1) * 3 + kit.position, o.id, o.platform_id, kit.position, item.id, kit.quantity, kit.quantity, item.sku,"
        " item.make, item.model, item.kind, item.unit_price, item.currency, item.max_handsets"
        f" FROM hardware_order AS o JOIN kit ON kit.sort = {sort}"
        f" JOIN catalog_item AS item ON item.id = (o.platform_id - 1) * {len(CATALOG)} + kit.item + 1 ORDER BY o.id, kit.position"
    )
    # Six units an order: line and number within it follow from their place.
    places = ", ".join(
        f"({sort}, {place}, {position}, {number})"
        for sort, lines in enumerate(_KITS)
        for place, (position, number) in enumerate(
            (
                (position, number)
                for position, (_, quantity) in enumerate(lines, 1)
                for number in range(1, quantity + 1)
            ),
            1,
        )
    )
    dialect.run(
        "INSERT INTO unit (id, order_id, platform_id, line_id, number, employee_id, location_id)"
        f" WITH place(sort, place, position, number) AS (VALUES {places})"
        " SELECT (o.id - 1) * 6 + place.place, o.id, o.platform_id, (o.id - 1) * 3 + place.position, place.number,"
        " CASE WHEN place.position <> 2 THEN (o.account_id - 1) * 4 + place.number END,"
        " CASE WHEN place.position <> 3 THEN o.account_id END"
        f" FROM hardware_order AS o JOIN place ON place.sort = {sort} ORDER BY o.id, place.place"
    )
    other = dialect.hexadecimal("u.id", 8)
    pairs = [f"substr({other}, {place}, 2)" for place in (1, 3, 5, 7)]
    mac = " || ':' || ".join(["'00:15'", *pairs])
    digits = "lpad(CAST(u.id AS text), 12, '0')" if dialect.postgresql else "printf('%012d', u.id)"
    identifier = f"CASE l.kind WHEN 'dect_handset' THEN upper('02' || {other}) WHEN 'mobile' THEN '35' || {digits} || '0' ELSE {mac} END"
    key = f"CASE l.kind WHEN 'dect_handset' THEN upper('02' || {other}) WHEN 'mobile' THEN '35' || {digits} ELSE {mac} END"
    dialect.run(
        "INSERT INTO device (id, platform_id, account_id, catalog_item_id, kind, make, model, sku, max_handsets, identifier_kind,"
        " identifier, identifier_key, employee_id, location_id, base_device_id, slot, unit_id, unit_outcome, unit_at, created_at,"
        " created_by_name)"
        " SELECT u.id, o.platform_id, o.account_id, l.catalog_item_id, l.kind, l.make, l.model, l.sku, l.max_handsets,"
        " CASE l.kind WHEN 'dect_handset' THEN 'ipei' WHEN 'mobile' THEN 'imei' ELSE 'mac' END,"
        f" {identifier}, {key}, CASE WHEN l.kind <> 'dect_base' THEN u.employee_id END, u.location_id,"
        " CASE WHEN l.kind = 'dect_handset' THEN (o.id - 1) * 6 + 3 END, CASE WHEN l.kind = 'dect_handset' THEN u.number END,"
        " u.id, 'created', o.created_at, o.created_at, 'Ada Okafor'"
        " FROM unit AS u JOIN line_item AS l ON l.id = u.line_id JOIN hardware_order AS o ON o.id = u.order_id"
        " WHERE o.status = 'fulfilled' AND l.kind <> 'accessory' ORDER BY u.id"
    )


def _versioned_columns() -> str:
    return ", ".join(
        column.name
        for column in HardwareOrder.__table__.columns
        if column.name not in HardwareOrder.__versioned__["exclude"]
    )


def _history(dialect: _Dialect, orders: int) -> None:
    """Versions and audit events of every tenth order: submitted, and what was decided."""
    part = "o.id % 10 = 0"
    dialect.run(
        f'INSERT INTO "transaction" (id, issued_at) SELECT i, CURRENT_TIMESTAMP FROM {dialect.series(orders // 5)}'
    )
    columns = _versioned_columns()
    for step, operation in ((1, 0), (0, 1)):
        chosen = columns
        if step:  # As it was submitted.
            for column in ("decided_by_name", "decided_at", "rejection_reason", "fulfilled_at"):
                chosen = chosen.replace(column, f"NULL AS {column}")
            if dialect.postgresql:
                chosen = chosen.replace("NULL AS decided_at", "CAST(NULL AS timestamptz)").replace(
                    "NULL AS fulfilled_at", "CAST(NULL AS timestamptz)"
                )
            chosen = (
                f" {chosen}".replace(" status,", " 'submitted',")
                .replace(" version,", " 1,")
                .replace(" fulfilled_units,", " 0,")
            )
        dialect.run(
            f"INSERT INTO hardware_order_version ({columns}, transaction_id, operation_type)"
            f" SELECT {chosen}, o.id / 5 - {step}, {operation} FROM hardware_order AS o WHERE {part}"
            + ("" if step else " AND o.status <> 'submitted'")
        )
    dialect.run(
        "INSERT INTO line_item_version (id, order_id, platform_id, position, catalog_item_id, quantity, requested_quantity, sku, make,"
        " model, kind, unit_price, currency, max_handsets, transaction_id, operation_type)"
        " SELECT l.id, l.order_id, l.platform_id, l.position, l.catalog_item_id, l.quantity, l.requested_quantity, l.sku, l.make, l.model,"
        " l.kind, l.unit_price, l.currency, l.max_handsets, o.id / 5 - 1, 0 FROM line_item AS l"
        f" JOIN hardware_order AS o ON o.id = l.order_id WHERE {part}"
    )
    for step, kind, only in (
        (1, "'order.submitted'", "1 = 1"),
        (0, "'order.' || o.status", "o.status <> 'submitted'"),
    ):
        dialect.run(
            "INSERT INTO audit_event (at, kind, actor_name, platform_id, platform_name, account_id, account_name, order_id, summary,"
            " details, transaction_id)"
            f" SELECT o.created_at, {kind}, 'Ada Okafor', p.id, p.name, a.id, a.name, o.id, 'What happened to HW-' || o.id, '{{}}',"
            f" o.id / 5 - {step} FROM hardware_order AS o JOIN platform AS p ON p.id = o.platform_id"
            f" JOIN account AS a ON a.id = o.account_id WHERE {part} AND {only} ORDER BY o.id"
        )


def _kinds(units: int) -> list[tuple[int, int]]:
    """The lines of an order of so many units: place in the catalog and quantity."""
    bases = max(1, units // 50)
    handsets = units // 5
    mobiles = units // 10
    return [(0, units - bases - handsets - mobiles), (1, bases), (2, handsets), (3, mobiles)]


def _used_up(dialect: _Dialect, orders: int, approve: int, fulfill: dict[int, int]) -> Seeded:
    """The orders the measured actions use up, on an account of their own with people and sites."""
    now, due = dialect.parent.execute(text(f"SELECT {dialect.ago('90000')}, {dialect.ago('-86400')}")).one()
    account = orders // ORDERS_PER_ACCOUNT + 1
    platform, employee, location = 1, account * 4 + 1, account + 1
    dialect.insert(
        "account", ("id", "platform_id", "name", "created_at"), [(account, platform, WORKPLACE, now)]
    )
    dialect.insert(
        "employee",
        ("id", "platform_id", "account_id", "name"),
        [(employee + number, platform, account, f"Worker {number:04d}") for number in range(STAFF)],
    )
    dialect.insert(
        "location",
        ("id", "platform_id", "account_id", "name", "address"),
        [(location + number, platform, account, f"Site {number}", "") for number in range(SITES)],
    )
    made = Seeded(orders)
    wanted: list[tuple[str, int, list[tuple[int, int]]]] = [
        ("submitted", 6, [(0, 2), (1, 1), (2, 3)]) for _ in range(approve)
    ]
    wanted += [("approved", units, _kinds(units)) for units, count in fulfill.items() for _ in range(count)]
    wanted.append(("approved", 1000, _kinds(1000)))
    rows, lines, units = [], [], []
    line_id, unit_id = orders * 3, orders * 6
    for order_id, (status, size, kit) in enumerate(wanted, orders + 1):
        decided = ("Ada Okafor", now) if status == "approved" else (None, None)
        rows.append(
            (
                order_id,
                platform,
                account,
                status,
                1,
                "not_required",
                now,
                now,
                now,
                "Ada",
                "Ada",
                "Piet",
                *decided,
                0,
                size,
                "decision" if status == "submitted" else "placement",
                now,
                due,
            )
        )
        kinds: dict[int, str] = {}
        bases: list[int] = []
        place = 0
        for position, (item, quantity) in enumerate(kit, 1):
            kind, make, model, room = CATALOG[item]
            line_id += 1
            lines.append(
                (
                    line_id,
                    order_id,
                    platform,
                    position,
                    (platform - 1) * len(CATALOG) + item + 1,
                    quantity,
                    quantity,
                    f"SKU-{item}",
                    make,
                    model,
                    kind,
                    12900,
                    "EUR",
                    room,
                )
            )
            for number in range(1, quantity + 1):
                unit_id += 1
                place += 1
                kinds[unit_id] = kind
                if kind == "dect_base":
                    bases.append(unit_id)
                units.append(
                    (
                        unit_id,
                        order_id,
                        platform,
                        line_id,
                        number,
                        None if kind == "dect_base" else employee + place % STAFF,
                        location + place % SITES if kind in ("deskphone", "dect_base") else None,
                        bases[(number - 1) * len(bases) // quantity] if kind == "dect_handset" else None,
                    )
                )
        if status == "submitted":
            made.to_approve.append(order_id)
        else:
            made.to_fulfill.setdefault(size, []).append((order_id, kinds))
    made.form = made.to_fulfill[1000].pop()[0]
    dialect.insert(
        "hardware_order",
        [
            "id",
            "platform_id",
            "account_id",
            "status",
            "version",
            "manager_approval",
            "created_at",
            "updated_at",
            "status_at",
            "status_by_name",
            "updated_by_name",
            "submitted_by_name",
            "decided_by_name",
            "decided_at",
            "fulfilled_units",
            "fulfillable_units",
            "waits_for",
            "waits_since",
            "due_at",
        ],
        rows,
    )
    dialect.insert(
        "line_item",
        [
            "id",
            "order_id",
            "platform_id",
            "position",
            "catalog_item_id",
            "quantity",
            "requested_quantity",
            "sku",
            "make",
            "model",
            "kind",
            "unit_price",
            "currency",
            "max_handsets",
        ],
        lines,
    )
    dialect.insert(
        "unit",
        ["id", "order_id", "platform_id", "line_id", "number", "employee_id", "location_id", "base_unit_id"],
        units,
    )
    columns = _versioned_columns()
    dialect.run(
        f"INSERT INTO hardware_order_version ({columns}, transaction_id, operation_type)"
        f" SELECT {columns}, 0, 0 FROM hardware_order AS o WHERE o.id > {orders}"
    )
    made.history = orders * 8 // 10
    _much_history(dialect, made.history, orders // 5)
    return made


def _much_history(dialect: _Dialect, order_id: int, last: int) -> None:
    """Give one order a history worth reading: six events, each with a version that differs."""
    columns = _versioned_columns()
    for step in range(1, 5):
        changed = columns.replace(" notes,", f" 'Note {step}' AS notes,").replace(
            " version,", f" version + {step} AS version,"
        )
        dialect.run(
            f"INSERT INTO hardware_order_version ({columns}, transaction_id, operation_type)"
            f" SELECT {changed}, {last + step}, 1 FROM hardware_order AS o WHERE o.id = {order_id}"
        )
        dialect.run(
            "INSERT INTO audit_event (at, kind, actor_name, platform_id, order_id, summary, details, transaction_id)"
            f" SELECT o.created_at, 'order.edited', 'Ada Okafor', o.platform_id, o.id, 'Edited its notes', '{{}}', {last + step}"
            f" FROM hardware_order AS o WHERE o.id = {order_id}"
        )
