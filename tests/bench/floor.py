"""The floor: the same visible work by hand-written SQL, a minimal compiled template and a bare WSGI function.

It is what the work costs before any comfort: no framework, no ORM, no versions, no CSRF, no second wall between
platforms. It authenticates by the session's row, draws the menu with its badge and the same rows and forms, and
writes the same actions with their audit events in one transaction. Nobody should build a product like this.
"""

# ruff: noqa: E501 - SQL and templates, read better unbroken.
from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import jinja2
import psycopg

from hwadmin.domain import audit_hash_chain
from hwadmin.domain.text_folding import search_text

URL = os.environ["BENCH_DATABASE_URL"]
POSTGRESQL = URL.startswith("postgresql")


def _connect() -> Any:
    if POSTGRESQL:
        return psycopg.connect(
            URL.replace("+psycopg", ""),
            autocommit=True,
            prepare_threshold=1,
            # The plans are those of the product.
            options="-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c jit=off",
        )
    connection = sqlite3.connect(URL.removeprefix("sqlite:///"), timeout=15, isolation_level=None)
    # What the chain of audit events asks of every connection.
    connection.create_function("hwadmin_link", 4, audit_hash_chain.link, deterministic=True)
    connection.create_function("search_text", 1, lambda text: text and search_text(text), deterministic=True)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


_connection: Any = None


def _query(statement: str, *values: Any) -> list[Any]:
    global _connection
    if _connection is None:
        _connection = _connect()
    if POSTGRESQL:
        statement = statement.replace("%", "%%").replace("?", "%s")
    answer = _connection.execute(statement, values)
    return answer.fetchall() if answer.description else []


def _marks(values: Iterable[Any]) -> str:
    return ", ".join("?" for _ in values)


def _begin() -> None:
    _query("BEGIN" if POSTGRESQL else "BEGIN IMMEDIATE")


def _now() -> Any:
    now = datetime.now(UTC)
    return now if POSTGRESQL else now.strftime("%Y-%m-%d %H:%M:%S.%f")


def _moment(value: Any) -> datetime:
    return value if POSTGRESQL else datetime.fromisoformat(value).replace(tzinfo=UTC)


# ---- Templates

_MENU = ("orders", "devices", "accounts", "catalog", "audit", "platforms", "people")
_BASE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<link rel="stylesheet" href="/static/hw.css"><script type="module" src="/static/hw.js"></script></head><body>
<header><nav><ul>{% for entry in menu %}<li><a href="/{{ entry }}/">{{ entry }}</a>{% if loop.first %} <span>{{ badge }}</span>{% endif %}</li>{% endfor %}</ul></nav>
<a href="/my-account">{{ person }}</a><form method="post" action="/sign-out"><button>Sign out</button></form></header>
<main><h1>{{ title }}</h1>{% block content %}{% endblock %}</main></body></html>"""
_LIST = """{% extends 'base' %}{% block content %}
<nav>{% for status, count in tabs %}<a href="/orders/?status={{ status }}">{{ status }} <span>{{ count }}</span></a>{% endfor %}</nav>
<form><input type="search" name="q" value="{{ q }}"><select name="platform">{% for id, name in platforms %}<option value="{{ id }}"{% if id == platform %} selected{% endif %}>{{ name }}</option>
{% endfor %}</select><input type="date" name="since"><input type="date" name="until"><button>Search</button></form>
<table><thead><tr><th>Order</th><th>Platform</th><th>Account</th><th>Line items</th><th>Units</th><th>Status</th><th>Ordered</th><th></th></tr></thead><tbody>
{% for row in rows %}<tr data-href="/orders/{{ row.reference }}"><td><input type="checkbox" name="order" value="{{ row.id }}"></td><td><a href="/orders/{{ row.reference }}">{{ row.reference }}</a></td><td>{{ row.platform }}</td><td>{{ row.account }}{% if row.open %} <span>{{ row.open + 1 }} open orders</span>{% endif %}</td>
<td>{{ row.items }}{% if row.concern %} <span>{{ row.concern }}</span>{% endif %}</td><td>{{ row.fulfilled }}/{{ row.units }}</td><td>{{ row.status }}</td><td><time datetime="{{ row.at }}" title="{{ row.exact }}">{{ row.age }}</time></td>
<td>{% if row.status == 'submitted' %}<button formaction="/orders/{{ row.reference }}/approve" name="version" value="{{ row.version }}">Approve</button><a href="/orders/{{ row.reference }}/mark-ordered">Mark as ordered manually</a><a href="/orders/{{ row.reference }}/reject">Reject</a>{% elif row.status == 'approved' %}<a href="/orders/{{ row.reference }}/mark-ordered">Mark as ordered manually</a><a href="/orders/{{ row.reference }}/fulfill">Fulfill order</a>{% endif %}</td></tr>
{% endfor %}</tbody></table><p>{{ total }}</p>{% if rows %}<a href="?status={{ status }}&amp;before={{ rows[0].id }}">Previous</a><a href="?status={{ status }}&amp;after={{ rows[-1].id }}">Next</a>{% endif %}
{% endblock %}"""
_FULFILL = """{% extends 'base' %}{% block content %}<p>{{ order.account }} {{ order.platform }}</p>
<form method="post"><table><thead><tr><th>Unit</th><th>For</th><th>Identifier</th><th>Check</th></tr></thead><tbody>
{% for unit in units %}<tr><td>{{ unit[2] }} #{{ unit[1] }}</td><td>{{ unit[4] or '' }} {{ unit[5] or '' }}{% if unit[6] %} with {{ labels[unit[6]] }}{% endif %}</td>
<td><input name="unit-{{ unit[0] }}" id="unit-{{ unit[0] }}" value="{{ unit[7] or '' }}" aria-label="{{ unit[3] }} of {{ unit[2] }} #{{ unit[1] }}" autocomplete="off" maxlength="250"></td><td id="check-{{ unit[0] }}">not yet</td></tr>
{% endfor %}</tbody></table><button>Check</button><button>Fulfill</button></form>{% endblock %}"""
_HISTORY = """{% extends 'base' %}{% block content %}<ol>{% for event in events %}<li><strong>{{ event.actor }}</strong> {{ event.kind }} <time datetime="{{ event.at }}">{{ event.age }}</time>
<div>{{ event.summary }}</div>{% if event.reason %}<div>{{ event.reason }}</div>{% endif %}{% for change in event.changes %}<div>{{ change }}</div>{% endfor %}</li>{% endfor %}</ol>{% endblock %}"""
_templates = jinja2.Environment(
    loader=jinja2.DictLoader({"base": _BASE, "list": _LIST, "fulfill": _FULFILL, "history": _HISTORY}),
    autoescape=True,
    auto_reload=False,
)
_pages = {name: _templates.get_template(name) for name in ("list", "fulfill", "history")}


def _page(name: str, person: str, **values: Any) -> str:
    badge = _query(
        "SELECT count(*) FROM hardware_order WHERE status = 'submitted' AND manager_approval <> 'awaiting'"
    )[0][0]
    return _pages[name].render(menu=_MENU, badge=badge, person=person, **values)


def _age(moment: datetime) -> str:
    days = (datetime.now(UTC) - moment).days
    return f"{days // 365} years" if days >= 365 else f"{days // 30} months" if days >= 30 else f"{days} days"


# ---- Reading


def _person(environ: dict[str, Any]) -> tuple[int, str]:
    handle = SimpleCookie(environ.get("HTTP_COOKIE", ""))["bench"].value
    oldest = datetime.now(UTC) - timedelta(hours=12)
    found = _query(
        "SELECT p.id, p.name FROM sign_in s JOIN person p ON p.id = s.person_id"
        " WHERE s.handle_hash = ? AND s.created_at > ? AND p.disabled_at IS NULL",
        hashlib.sha256(handle.encode()).hexdigest(),
        oldest if POSTGRESQL else oldest.strftime("%Y-%m-%d %H:%M:%S.%f"),
    )
    return found[0][0], found[0][1]


_ROWS = """SELECT o.id, o.version, o.status, o.created_at, o.fulfilled_units, o.fulfillable_units, p.name, a.name, {open}
FROM hardware_order o JOIN platform p ON p.id = o.platform_id JOIN account a ON a.id = o.account_id"""
_OPEN = """(SELECT count(*) FROM hardware_order x WHERE x.account_id = o.account_id AND x.id <> o.id
AND x.status IN ('submitted', 'approved'))"""


def _list(person: str, query: dict[str, list[str]]) -> str:
    status, q = query["status"][0], query.get("q", [""])[0]
    platform = int(query["platform"][0]) if "platform" in query else None
    page = int(query.get("page", ["0"])[0])
    conditions, values = ["1 = 1"], []
    if status != "all":
        # The status as a literal, so that a plan can use what is known of it.
        conditions.append(f"o.status = '{status}'")
    if platform is not None:
        conditions.append("o.platform_id = ?")
        values.append(platform)
    tallies = dict(
        _query(
            "SELECT status, sum(orders) FROM order_tally"
            + ("" if platform is None else " WHERE platform_id = ?")
            + " GROUP BY status",
            *values,
        )
    )
    total = int(sum(tallies.values()) if status == "all" else tallies[status])
    if q:
        accounts = [row[0] for row in _query(*_accounts_named(q))]
        named = [
            row[0]
            for row in _query(
                f"SELECT id FROM platform WHERE name {'ILIKE' if POSTGRESQL else 'LIKE'} ?", f"%{q}%"
            )
        ]
        conditions.append(
            "(o.account_id = ANY(?) OR o.platform_id = ANY(?))"
            if POSTGRESQL and named
            else "o.account_id = ANY(?)"
            if POSTGRESQL
            else f"(o.account_id IN ({_marks(accounts)}) OR o.platform_id IN ({_marks(named)}))"
        )
        values += ([accounts, named] if named else [accounts]) if POSTGRESQL else [*accounts, *named]  # type: ignore[list-item]
        total = _query(
            f"SELECT count(*) FROM (SELECT 1 FROM hardware_order o WHERE {' AND '.join(conditions)} LIMIT 1001) AS few",
            *values,
        )[0][0]
    newest = status != "submitted"
    backwards = page * 50 > total // 2
    offset = max(total - page * 50 - 50, 0) if backwards else page * 50
    statement = _ROWS.format(open=_OPEN if status == "submitted" else "0")
    orders = _query(
        f"{statement} WHERE {' AND '.join(conditions)} ORDER BY o.id {'DESC' if newest != backwards else 'ASC'} LIMIT 50 OFFSET {offset}",
        *values,
    )
    if backwards:
        orders.reverse()
    ids = [order[0] for order in orders]
    lines: dict[int, list[Any]] = {}
    for line in _query(
        "SELECT order_id, quantity, kind, make, model, max_handsets FROM line_item"
        f" WHERE order_id {'= ANY(?)' if POSTGRESQL else f'IN ({_marks(ids)})'} ORDER BY order_id, position",
        *([ids] if POSTGRESQL else ids),
    ):
        lines.setdefault(line[0], []).append(line)
    rows = []
    for order_id, version, state, at, fulfilled, units, platform_name, account, others in orders:
        moment = _moment(at)
        own = lines[order_id]
        handsets = sum(line[1] for line in own if line[2] == "dect_handset")
        room = sum(line[1] * (line[5] or 0) for line in own if line[2] == "dect_base")
        rows.append(
            {
                "id": order_id,
                "reference": f"HW-{order_id:06d}",
                "version": version,
                "status": state,
                "at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                "exact": f"{moment:%d %b %Y, %H:%M} UTC",
                "age": _age(moment),
                "fulfilled": fulfilled,
                "units": units,
                "platform": platform_name,
                "account": account,
                "open": others,
                "items": ", ".join(f"{line[1]} × {line[3]} {line[4]}" for line in own),
                "concern": f"base takes {room}" if handsets > room else None,
            }
        )
    platforms = _query("SELECT id, name FROM platform ORDER BY name")
    return _page(
        "list",
        person,
        title="Hardware Orders",
        tabs=tallies.items(),
        rows=rows,
        platforms=platforms,
        platform=platform,
        q=q,
        total=total,
        status=status,
    )


def _accounts_named(q: str) -> tuple[str, str]:
    if POSTGRESQL:
        return "SELECT id FROM account WHERE search_text LIKE ?", f"%{search_text(q)}%"
    return "SELECT rowid FROM account_search WHERE account_search MATCH ?", f'"{q}"'


_UNITS = """SELECT u.id, u.number, l.model, l.kind, e.name, s.name, u.base_unit_id, d.identifier, d.identifier_key, u.employee_id,
u.location_id, l.catalog_item_id, l.make, l.sku, l.max_handsets
FROM unit u JOIN line_item l ON l.id = u.line_id LEFT JOIN employee e ON e.id = u.employee_id LEFT JOIN location s ON s.id = u.location_id
LEFT JOIN device d ON d.unit_id = u.id WHERE u.order_id = ? ORDER BY l.position, u.number"""


def _form(person: str, order_id: int) -> str:
    order = _query(
        "SELECT o.status, a.name, p.name FROM hardware_order o JOIN account a ON a.id = o.account_id"
        " JOIN platform p ON p.id = o.platform_id WHERE o.id = ?",
        order_id,
    )[0]
    assert order[0] == "approved"
    units = [unit for unit in _query(_UNITS, order_id) if unit[3] != "accessory"]
    labels = {unit[0]: f"{unit[2]} #{unit[1]}" for unit in units}
    return _page(
        "fulfill",
        person,
        title="Fulfill order",
        order={"account": order[1], "platform": order[2]},
        units=units,
        labels=labels,
    )


_WORDS = (
    "status",
    "notes",
    "reason",
    "distributor",
    "rejection_reason",
    "cancellation_reason",
    "fulfilled_units",
)


def _history(person: str, order_id: int) -> str:
    assert _query("SELECT 1 FROM hardware_order WHERE id = ?", order_id)
    changes: dict[int, list[str]] = {}
    before: Any = None
    for version in _query(
        f"SELECT transaction_id, {', '.join(_WORDS)} FROM hardware_order_version WHERE id = ? ORDER BY transaction_id",
        order_id,
    ):
        if before is not None:
            changes[version[0]] = [
                f"{word}: {old} → {new}"
                for word, old, new in zip(_WORDS, before[1:], version[1:], strict=True)
                if old != new
            ]
        before = version
    quantities: dict[int, int] = {}
    for transaction, line, make, model, quantity in _query(
        "SELECT transaction_id, id, make, model, quantity FROM line_item_version WHERE order_id = ? ORDER BY transaction_id",
        order_id,
    ):
        if line in quantities and quantities[line] != quantity:
            changes.setdefault(transaction, []).append(f"{make} {model}: {quantities[line]} → {quantity}")
        quantities[line] = quantity
    events = [
        {
            "actor": actor,
            "kind": kind,
            "at": f"{_moment(at):%Y-%m-%dT%H:%M:%SZ}",
            "age": _age(_moment(at)),
            "summary": summary,
            "reason": reason,
            "changes": changes.get(transaction, ()),
        }
        for at, kind, actor, summary, reason, transaction in _query(
            "SELECT at, kind, actor_name, summary, reason, transaction_id FROM audit_event WHERE order_id = ? ORDER BY id DESC",
            order_id,
        )
    ]
    return _page("history", person, title="History", events=events)


# ---- Writing


def _audit(person: tuple[int, str], order: Any, kind: str, summary: str, details: Any) -> None:
    _query(
        "INSERT INTO audit_event (at, kind, actor_id, actor_name, platform_id, platform_name, account_id, account_name, order_id, summary, details)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _now(),
        kind,
        *person,
        order[2],
        order[3],
        order[4],
        order[5],
        order[0],
        summary,
        json.dumps(details),
    )


def _locked(order_id: int) -> Any:
    return _query(
        "SELECT o.id, o.status, o.platform_id, p.name, o.account_id, a.name, o.version, o.fulfillable_units FROM hardware_order o"
        " JOIN platform p ON p.id = o.platform_id JOIN account a ON a.id = o.account_id WHERE o.id = ?"
        + (" FOR UPDATE OF o" if POSTGRESQL else ""),
        order_id,
    )[0]


def _approve(person: tuple[int, str], order_id: int, form: dict[str, str]) -> None:
    _begin()
    order = _locked(order_id)
    assert order[1] == "submitted"
    assert order[6] == int(form["version"])
    now = _now()
    _query(
        "UPDATE hardware_order SET status = 'approved', version = version + 1, decided_by_id = ?, decided_by_name = ?, decided_at = ?,"
        " status_at = ?, status_by_name = ?, updated_at = ?, updated_by_name = ? WHERE id = ?",
        *person,
        now,
        now,
        person[1],
        now,
        person[1],
        order_id,
    )
    _audit(person, order, "order.approved", f"Approved HW-{order_id:06d}", {})
    _query("COMMIT")


_KINDS = {"deskphone": "mac", "dect_base": "mac", "dect_handset": "ipei", "mobile": "imei"}
_COLUMNS = [
    "platform_id",
    "account_id",
    "catalog_item_id",
    "kind",
    "make",
    "model",
    "sku",
    "max_handsets",
    "identifier_kind",
    "identifier",
    "identifier_key",
    "employee_id",
    "location_id",
    "base_device_id",
    "slot",
    "unit_id",
    "unit_outcome",
    "unit_at",
    "created_at",
    "created_by_name",
]


def _read(kind: str, typed: str) -> tuple[str, str]:
    value = typed.strip().replace(":", "").replace("-", "").replace(" ", "")
    if kind == "mac":
        assert len(value) == 12
        int(value, 16)
        return value.lower(), value.lower()
    if kind == "ipei":
        assert len(value) == 10
        int(value, 16)
        return value.upper(), value.upper()
    digits = [int(digit) for digit in value]
    assert len(digits) == 15
    assert (
        sum(digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(digits))
        % 10
        == 0
    )
    return value, value[:14]


def _insert(rows: list[list[Any]]) -> dict[int, int]:
    """The devices, in the order of their keys; their keys by unit."""
    rows.sort(key=lambda row: row[10])
    columns, made = ", ".join(_COLUMNS), {}  # type: ignore[var-annotated]
    for start in range(0, len(rows), 1000):
        some = rows[start : start + 1000]
        places = f"({_marks(_COLUMNS)})"
        answer = _query(
            f"INSERT INTO device ({columns}) VALUES {', '.join([places] * len(some))}"
            " ON CONFLICT (identifier_key) DO NOTHING RETURNING unit_id, id",
            *[value for row in some for value in row],
        )
        made.update(answer)
    assert len(made) == len(rows)
    return made


def _fulfill(person: tuple[int, str], order_id: int, form: dict[str, str]) -> None:
    _begin()
    order = _locked(order_id)
    assert order[1] == "approved"
    units = _query(_UNITS, order_id)
    now = _now()
    first: list[list[Any]] = []
    handsets: list[tuple[Any, list[Any]]] = []
    keys: set[str] = set()
    for unit in units:
        if unit[3] == "accessory" or unit[8] is not None:
            continue
        kind = _KINDS[unit[3]]
        value, key = _read(kind, form[f"unit-{unit[0]}"])
        assert key not in keys
        keys.add(key)
        row = [
            order[2], order[4], unit[11], unit[3], unit[12], unit[2], unit[13], unit[14], kind, value, key,
            unit[9], unit[10], None, None, unit[0], "created", now, now, person[1],
        ]  # fmt: skip
        if unit[3] == "dect_handset":
            handsets.append((unit, row))
        else:
            first.append(row)
    known = sorted(keys)
    taken = _query(
        "SELECT identifier_key FROM device WHERE identifier_key"
        + (" = ANY(?)" if POSTGRESQL else f" IN ({_marks(known)})")
        + " ORDER BY identifier_key"
        + (" FOR UPDATE" if POSTGRESQL else ""),
        *([known] if POSTGRESQL else known),
    )
    assert not taken
    made = _insert(first)
    places = {row[15]: row[12] for row in first}
    bases = [row[15] for row in first if row[3] == "dect_base"]
    slots: dict[int, int] = {}
    for unit, row in handsets:
        base = bases[0] if len(bases) == 1 else unit[6]
        slots[base] = slots.get(base, 0) + 1
        row[12], row[13], row[14] = places[base], made[base], slots[base]
    if handsets:
        made |= _insert([row for _, row in handsets])
    _query(
        "UPDATE hardware_order SET status = 'fulfilled', version = version + 1, fulfilled_units = fulfillable_units, fulfilled_at = ?,"
        " status_at = ?, status_by_name = ?, updated_at = ?, updated_by_name = ? WHERE id = ?",
        now,
        now,
        person[1],
        now,
        person[1],
        order_id,
    )
    rows = [*first, *(row for _, row in handsets)]
    details = {
        "units": [
            {
                "unit_id": row[15],
                "identifier": row[9],
                "outcome": "created",
                "device_id": made[row[15]],
                "slot": row[14],
            }
            for row in rows
        ]
    }
    _audit(
        person, order, "order.fulfilled", f"Fulfilled HW-{order_id:06d}: {len(rows)} devices created", details
    )
    _query("COMMIT")


def _bearer(environ: dict[str, Any]) -> tuple[int, str]:
    secret = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    found = _query(
        "SELECT p.id, p.name FROM api_token t JOIN person p ON p.id = t.person_id"
        " WHERE t.secret_hash = ? AND t.revoked_at IS NULL AND t.expires_at > ? AND p.disabled_at IS NULL",
        hashlib.sha256(secret.encode()).hexdigest(),
        _now(),
    )
    return found[0][0], found[0][1]


_ITEM = ("id", "sku", "make", "model", "kind", "unit_price", "currency", "max_handsets")


def _order(person: tuple[int, str], sent: dict[str, Any]) -> str:
    _begin()
    account = _query(
        "SELECT a.id, a.name, p.id, p.name FROM account a JOIN platform p ON p.id = a.platform_id"
        " JOIN person_platform m ON m.platform_id = p.id WHERE a.id = ? AND m.person_id = ?",
        sent["account_id"],
        person[0],
    )[0]
    skus = [line["sku"] for line in sent["lines"]]
    items = {
        row[1]: row
        for row in _query(
            f"SELECT {', '.join(_ITEM)} FROM catalog_item WHERE platform_id = ? AND archived_at IS NULL"
            f" AND sku {'= ANY(?)' if POSTGRESQL else f'IN ({_marks(skus)})'}",
            account[2],
            *([skus] if POSTGRESQL else skus),
        )
    }
    now = _now()
    devices = sum(line["quantity"] for line in sent["lines"] if items[line["sku"]][4] != "accessory")
    order_id = _query(
        "INSERT INTO hardware_order (platform_id, account_id, status, version, manager_approval, created_at, updated_at, status_at,"
        " status_by_name, updated_by_name, submitted_by_id, submitted_by_name, fulfilled_units, fulfillable_units)"
        " VALUES (?, ?, 'submitted', 1, 'not_required', ?, ?, ?, ?, ?, ?, ?, 0, ?) RETURNING id",
        account[2], account[0], now, now, now, person[1], person[1], *person, devices,
    )[0][0]  # fmt: skip
    lines: list[Any] = []
    for place, line in enumerate(sent["lines"]):
        key, *item = items[line["sku"]]
        lines += [order_id, account[2], place, key, line["quantity"], line["quantity"], *item]
    made = _query(
        "INSERT INTO line_item (order_id, platform_id, position, catalog_item_id, quantity, requested_quantity, sku, make, model, kind,"
        f" unit_price, currency, max_handsets) VALUES {', '.join(['(' + ', '.join('?' * 13) + ')'] * len(skus))} RETURNING id, quantity",
        *lines,
    )
    units = [(order_id, account[2], line, number) for line, many in made for number in range(1, many + 1)]
    made = _query(
        "INSERT INTO unit (order_id, platform_id, line_id, number)"
        f" VALUES {', '.join(['(?, ?, ?, ?)'] * len(units))} RETURNING id, line_id",
        *[value for unit in units for value in unit],
    )
    contents = ", ".join(f"{line['quantity']} × {items[line['sku']][3]}" for line in sent["lines"])
    summary = f"Submitted HW-{order_id:06d}: {contents}"
    order = (order_id, "submitted", account[2], account[3], account[0], account[1])
    _audit(person, order, "order.submitted", summary, {"units": len(units)})
    _query("COMMIT")
    return json.dumps(
        {
            "reference": f"HW-{order_id:06d}",
            "status": "submitted",
            "account": {"id": account[0], "name": account[1]},
            "platform": {"id": account[2], "name": account[3]},
            "lines": [{**line, "model": items[line["sku"]][3]} for line in sent["lines"]],
            "units": [{"id": unit, "line": line} for unit, line in made],
        }
    )


# ---- HTTP

_ACTIONS: dict[str, Callable[[tuple[int, str], int, dict[str, str]], None]] = {
    "approve": _approve,
    "fulfill": _fulfill,
}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The whole of it."""
    path = environ["PATH_INFO"].strip("/").split("/")
    if path[0] == "api":
        answer = _order(
            _bearer(environ), json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        ).encode()
        start_response(
            "201 Created", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
        )
        return [answer]
    person = _person(environ)
    if environ["REQUEST_METHOD"] == "POST":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        try:
            _ACTIONS[path[2]](
                person, int(path[1].removeprefix("HW-")), dict(parse_qsl(body, keep_blank_values=True))
            )
        except BaseException:
            _query("ROLLBACK")
            raise
        start_response("302 Found", [("Location", f"/orders/{path[1]}"), ("Content-Length", "0")])
        return [b""]
    if path[1:] == ["changes"]:
        _query("SELECT id FROM audit_event WHERE order_id IS NOT NULL ORDER BY id DESC LIMIT 20")
        start_response("304 Not Modified", [])
        return [b""]
    if len(path) == 1:
        page = _list(person[1], parse_qs(environ["QUERY_STRING"]))
    elif path[2] == "fulfill":
        page = _form(person[1], int(path[1].removeprefix("HW-")))
    else:
        page = _history(person[1], int(path[1].removeprefix("HW-")))
    data = page.encode()
    start_response(
        "200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(data)))]
    )
    return [data]
