"""The schema: migrations make what the models say, and the database refuses what the models forbid."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    CheckConstraint,
    Connection,
    and_,
    case,
    delete,
    func,
    insert,
    inspect,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy_continuum import versioning_manager

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base, db
from hwadmin.db.tenancy import Shared, Tenanted
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import AuditEvent, OrderTally
from hwadmin.models.orders import TO_BE_PLACED
from tests.builders import World
from tests.running import examples

pytestmark = pytest.mark.both_databases

TABLES = Base.metadata.tables


# ---- Migrations


def schema(connection: Connection) -> list[tuple[Any, ...]]:
    """Everything the database holds beside rows, as text that can be compared."""
    if connection.dialect.name == "sqlite":
        statement = (
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1, 2"
        )
    else:
        statement = """
            SELECT 'column', table_name || '.' || column_name, data_type, is_nullable || column_default
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT 'constraint', conname, conrelid::regclass::text, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT 'index', indexname, tablename, indexdef
            FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT 'trigger', tgname, tgrelid::regclass::text, pg_get_triggerdef(oid)
            FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'function', proname, '', prosrc
            FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
            WHERE lanname = 'plpgsql' AND pronamespace = 'public'::regnamespace
            ORDER BY 1, 2, 3
        """
    return [tuple(row) for row in connection.execute(text(statement))]


def test_migrations_go_down_to_nothing_and_up_again_to_the_same(own_app: Flask) -> None:
    with own_app.app_context():
        with db.engine.connect() as connection:
            before = schema(connection)
        flask_migrate.downgrade(revision="base")
        with db.engine.connect() as connection:
            left = [row for row in schema(connection) if "alembic_version" not in str(row)]
            assert left == []
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert schema(connection) == before


def test_the_models_and_the_migrated_schema_are_the_same(own_app: Flask) -> None:
    with own_app.app_context():
        flask_migrate.check()


def test_a_difference_between_models_and_schema_is_found(own_app: Flask) -> None:
    with own_app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE person ADD COLUMN nickname VARCHAR(10)"))
        with pytest.raises(SystemExit):
            flask_migrate.check()


def checks(table: Any) -> dict[str, str]:
    return {
        str(constraint.name): str(constraint.sqltext)
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


def test_the_schema_has_every_check_of_the_models(connection: Connection) -> None:
    for name, table in TABLES.items():
        there = {check["name"]: check["sqltext"] for check in inspect(connection).get_check_constraints(name)}
        assert set(there) == set(checks(table)), name
        if connection.dialect.name == "sqlite":  # PostgreSQL writes them in its own way.
            assert there == checks(table), name


# ---- Whose rows


def unmarked(classes: Iterable[type]) -> set[str]:
    """The classes that do not say whether their rows belong to a platform, or say both."""
    return {cls.__name__ for cls in classes if issubclass(cls, Tenanted) == issubclass(cls, Shared)}


def test_every_model_says_whose_its_rows_are() -> None:
    # Continuum's own list of transactions holds numbers and times only.
    bookkeeping = {versioning_manager.transaction_cls.__name__}
    assert unmarked(mapper.class_ for mapper in Base.registry.mappers) == bookkeeping


def test_every_tenanted_model_has_a_column_that_names_its_platform() -> None:
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, Tenanted):
            assert hasattr(mapper.class_, "platform_id"), mapper.class_


def test_a_model_that_does_not_say_whose_its_rows_are_is_found() -> None:
    class Forgotten: ...

    class Torn(Tenanted, Shared): ...

    assert unmarked([Forgotten, Torn, AuditEvent]) == {"Forgotten", "Torn"}


# ---- The audit trail is append-only


@pytest.fixture
def event(connection: Connection) -> int:
    return connection.execute(
        insert(AuditEvent)
        .values(at=utcnow(), kind="order.approved", actor_name="Ada Okafor", summary="Approved", details={})
        .returning(AuditEvent.id)
    ).scalar_one()


def assert_append_only(connection: Connection, *statements: Any) -> None:
    before = connection.execute(select(AuditEvent.__table__)).all()
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
            connection.execute(statement)
    assert connection.execute(select(AuditEvent.__table__)).all() == before


def test_an_audit_event_is_neither_changed_nor_removed(connection: Connection, event: int) -> None:
    assert_append_only(
        connection,
        update(AuditEvent).where(AuditEvent.id == event).values(actor_name="Nobody"),
        update(AuditEvent).values(summary=AuditEvent.summary),
        delete(AuditEvent).where(AuditEvent.id == event),
        delete(AuditEvent),
    )


def test_an_audit_event_is_not_replaced_or_truncated_away(connection: Connection, event: int) -> None:
    values = "(id, at, kind, actor_name, summary, details) VALUES (:id, :at, 'x', 'Nobody', 'x', '{}')"
    replacement = {
        "sqlite": [f"INSERT OR REPLACE INTO audit_event {values}", f"REPLACE INTO audit_event {values}"],
        "postgresql": [
            f"INSERT INTO audit_event {values} ON CONFLICT (id) DO UPDATE SET actor_name = 'Nobody'"
        ],
    }[connection.dialect.name]
    statements = [text(statement).bindparams(id=event, at="2026-11-21 00:00:00") for statement in replacement]
    if connection.dialect.name == "postgresql":
        statements = [text(statement).bindparams(id=event, at=utcnow()) for statement in replacement] + [
            text("TRUNCATE audit_event")
        ]
    assert_append_only(connection, *statements)


# ---- The database refuses nonsense, whoever writes it

DECIDED = {"decided_at": "'2026-11-21'", "decided_by_name": "'Ada'"}
UNIT = {"unit_id": ":unit", "unit_outcome": "'created'", "unit_at": "'2026-11-21'"}
DONE = {"next_at": "NULL"}
RETIRED = {
    "retired_at": "'2026-11-21'",
    "retired_reason": "'Broken'",
    "retired_by_name": "'Ada'",
    "identifier_key": "'retired:9'",
}
DUAL = {"identifier_kind": "'imei'", "second_imei": "'352099001761481'"}
CLOSED = {"closed_at": "'2026-11-21'", "closed_reason": "'Gone'", "closed_by_name": "'Ada'"}
ANONYMIZED = {"anonymized_at": "'2026-11-21'", "deactivated_at": "'2026-11-21'"}
PAIRED = {"kind": "'dect_handset'", "base_device_id": ":base", "slot": "1"}

# Constraint → what breaks it and nothing else, as SQL: the models would already refuse some of these words.
NONSENSE: list[tuple[str, dict[str, str]]] = [
    ("ck_hardware_order_status", {"status": "'basket'"}),
    ("ck_hardware_order_manager_approval", {"manager_approval": "'perhaps'"}),
    ("ck_hardware_order_rejected_has_reason", {"status": "'rejected'"} | DECIDED),
    ("ck_hardware_order_rejected_has_reason", {"rejection_reason": "'Too dear'"}),
    ("ck_hardware_order_rejected_has_reason", {"status": "'approved'", "rejection_reason": "'No'"} | DECIDED),
    ("ck_hardware_order_rejection_reason_said", {"status": "'rejected'", "rejection_reason": "''"} | DECIDED),
    ("ck_hardware_order_decided", DECIDED),
    ("ck_hardware_order_decided", {"status": "'approved'"}),
    ("ck_hardware_order_decided", {"status": "'approved'", "decided_at": "'2026-11-21'"}),
    ("ck_hardware_order_decided", {"status": "'approved'", "decided_by_name": "'Ada'"}),
    ("ck_hardware_order_decided", {"status": "'rejected'", "rejection_reason": "'No'"}),
    ("ck_hardware_order_decided", {"status": "'fulfilled'", "fulfilled_at": "'2026-11-21'"}),
    ("ck_hardware_order_decided", {"status": "'cancelled'"} | DECIDED),
    ("ck_hardware_order_fulfilled_at", {"status": "'fulfilled'"} | DECIDED),
    ("ck_hardware_order_fulfilled_at", {"fulfilled_at": "'2026-11-21'"}),
    ("ck_hardware_order_placed_only_when_approved", {"placed_at": "'2026-11-21'"}),
    ("ck_hardware_order_placed_only_when_approved", {"status": "'cancelled'", "placed_at": "'2026-11-21'"}),
    ("ck_hardware_order_sent_is_placed", {"sent_to": "'orders@voxport.example'"}),
    ("ck_distributor_named", {"name": "''"}),
    ("ck_distributor_expected_days", {"expected_days": "0"}),
    ("ck_article_number_stated", {"number": "''"}),
    ("ck_hardware_order_fulfilled_units", {"fulfilled_units": "1"}),
    ("ck_hardware_order_fulfilled_units", {"fulfilled_units": "-1"}),
    ("ck_hardware_order_version", {"version": "0"}),
    ("ck_line_item_quantity", {"quantity": "0"}),
    ("ck_line_item_quantity", {"quantity": "-1"}),
    ("ck_line_item_price", {"unit_price": "-1"}),
    ("ck_line_item_kind", {"kind": "'toaster'"}),
    ("ck_unit_number", {"number": "0"}),
    ("ck_unit_closed", {"closed_at": "'2026-11-21'"}),
    ("ck_unit_closed", CLOSED | {"closed_reason": "NULL"}),
    ("ck_unit_closed", CLOSED | {"closed_by_name": "NULL"}),
    ("ck_unit_closed_reason_said", CLOSED | {"closed_reason": "''"}),
    ("ck_device_kind", {"kind": "'toaster'"}),
    ("ck_device_identifier_kind", {"identifier_kind": "'serial'"}),
    ("ck_device_slot", {"slot": "1"}),
    ("ck_device_slot", PAIRED | {"slot": "NULL"}),
    ("ck_device_slot_number", PAIRED | {"slot": "0"}),
    ("ck_device_only_handsets_pair", PAIRED | {"kind": "'deskphone'"}),
    ("ck_device_no_employee_on_a_base", {"kind": "'dect_base'", "employee_id": ":employee"}),
    ("ck_device_serial_said", {"serial": "''"}),
    ("ck_device_second_imei_of_mobiles", {"second_imei": "'352099001761481'"}),
    ("ck_device_second_imei_is_another", DUAL | {"second_imei": "identifier"}),
    ("ck_device_second_imei_key", {"second_imei_key": "'35209900176148'"}),
    ("ck_device_second_imei_key", RETIRED | DUAL | {"second_imei_key": "'35209900176148'"}),
    ("ck_device_retired", RETIRED | {"retired_reason": "NULL"}),
    ("ck_device_retired", RETIRED | {"retired_by_name": "NULL"}),
    ("ck_device_retired_key", RETIRED | {"identifier_key": "'805e01000002'"}),
    ("ck_device_retired_key", {"identifier_key": "'retired:9'"}),
    ("ck_device_retired_is_nowhere", RETIRED | {"employee_id": ":employee"}),
    ("ck_device_retired_is_nowhere", RETIRED | UNIT),
    ("ck_device_retired_is_nowhere", RETIRED | PAIRED),
    ("ck_device_replaced_is_retired", {"replaced_by_id": ":base"}),
    ("ck_device_unit_outcome", UNIT | {"unit_outcome": "NULL"}),
    ("ck_device_unit_at", UNIT | {"unit_at": "NULL"}),
    ("ck_device_unit_outcome_word", UNIT | {"unit_outcome": "'found'"}),
    ("ck_catalog_item_kind", {"kind": "'toaster'"}),
    ("ck_catalog_item_price", {"unit_price": "-1"}),
    ("ck_catalog_item_handsets", {"max_handsets": "10"}),
    ("ck_catalog_item_handsets", {"kind": "'dect_base'", "max_handsets": "0"}),
    ("ck_employee_named", {"name": "''"}),
    ("ck_employee_source", {"source": "'rumour'"}),
    ("ck_employee_version", {"version": "0"}),
    ("ck_employee_in_directory", {"source": "'scim'", "scim_id": "'5f'"}),
    ("ck_employee_in_directory", {"user_name_key": "'dana'"}),
    ("ck_employee_from_directory", {"scim_id": "'5f'", "user_name_key": "'dana'"}),
    ("ck_directory_token_named", {"name": "''"}),
    ("ck_staff_token_named", {"name": "''"}),
    ("ck_staff_token_revoked", {"revoked_at": "'2026-11-21'"}),
    ("ck_directory_token_revoked", {"revoked_at": "'2026-11-21'"}),
    ("ck_directory_token_revoked", {"revoked_by_name": "'Ada'"}),
    ("ck_employee_anonymized", {"anonymized_at": "'2026-11-21'"}),
    ("ck_employee_anonymized", ANONYMIZED | {"email": "'dana@example.com'"}),
    ("ck_employee_anonymized", ANONYMIZED | {"employee_number": "'1001'"}),
    ("ck_person_role", {"role": "'owner'"}),
    ("ck_person_email_lower", {"email": "'Ada@example.com'"}),
    ("ck_person_all_platforms", {"all_platforms": "TRUE"}),
    ("ck_service_account_named", {"name": "''"}),
    ("ck_api_token_one_owner", {"service_account_id": ":service_account"}),
    ("ck_api_token_one_owner", {"person_id": "NULL"}),
    ("ck_api_token_revoked", {"revoked_at": "'2026-11-21'"}),
    ("ck_api_token_revoked", {"revoked_by_name": "'Ada'"}),
    ("ck_person_new_order_mail", {"new_order_mail": "'hourly'"}),
    ("ck_access_rule_role", {"role": "'manager'"}),
    ("ck_access_rule_all_platforms", {"all_platforms": "TRUE"}),
    ("ck_account_notice_kind", {"kind": "'gossip'"}),
    ("ck_webhook_endpoint_disabled", {"disabled_at": "'2026-11-21'"}),
    ("ck_webhook_endpoint_disabled", {"disabled_reason": "'Gone'"}),
    ("ck_webhook_endpoint_former_secret", {"former_secret": "'whsec_b'"}),
    ("ck_webhook_endpoint_former_secret", {"former_until": "'2026-11-21'"}),
    ("ck_webhook_endpoint_secret", {"secret": "NULL"}),
    ("ck_webhook_endpoint_secret", {"deleted_at": "'2026-11-21'"}),
    ("ck_outgoing_message_kind", {"kind": "'fax'"}),
    ("ck_outgoing_message_endpoint", {"kind": "'webhook'"}),
    ("ck_outgoing_message_endpoint", {"endpoint_id": ":webhook_endpoint"}),
    ("ck_outgoing_message_one_end", {"delivered_at": "'2026-11-21'", "failed_at": "'2026-11-21'"} | DONE),
    ("ck_outgoing_message_next_at", DONE),
    ("ck_outgoing_message_next_at", {"delivered_at": "'2026-11-21'"}),
    ("ck_outgoing_message_lease", {"lease_until": "'2026-11-21'"}),
    ("ck_outgoing_message_lease", {"lease_by": "'one'"}),
    ("ck_saved_search_named", {"name": "''"}),
    ("ck_saved_search_page", {"page": "'people'"}),
    ("ck_order_note_said", {"text": "''"}),
    ("ck_order_note_removed", {"text": "NULL"}),
    ("ck_order_note_removed", {"removed_at": "'2026-11-21'", "removed_by_name": "'Ada'"}),
    ("ck_order_note_removed_by", {"removed_at": "'2026-11-21'", "text": "NULL"}),
    ("ck_order_note_removed_by", {"removed_by_name": "'Ada'"}),
    ("ck_outgoing_message_attempts", {"attempts": "-1"}),
    ("ck_approval_request_answer", {"answer": "'perhaps'", "used_at": "'2026-11-21'"} | DONE),
    ("ck_approval_request_used", {"used_at": "'2026-11-21'"} | DONE),
    ("ck_approval_request_used", {"answer": "'agreed'"}),
    ("ck_approval_request_declined_has_reason", {"answer": "'declined'", "used_at": "'2026-11-21'"} | DONE),
    (
        "ck_approval_request_declined_has_reason",
        {"answer": "'declined'", "used_at": "'2026-11-21'", "reason": "''"} | DONE,
    ),
    (
        "ck_approval_request_one_end",
        {"answer": "'agreed'", "used_at": "'2026-11-21'", "closed_at": "'2026-11-21'"} | DONE,
    ),
    ("ck_approval_request_expires_later", {"expires_at": "sent_at"}),
    ("ck_approval_request_next_at", {"closed_at": "'2026-11-21'"}),
    ("ck_approval_request_next_at", {"answer": "'agreed'", "used_at": "'2026-11-21'"}),
    ("ck_approval_request_reminders", {"reminders": "-1"}),
    ("ck_accounting_code_said", {"code": "''"}),
    ("ck_catalog_price_term", {"term_months": "-1"}),
    ("ck_catalog_price_price", {"unit_price": "-1"}),
    ("ck_catalog_price_price", {"monthly_price": "-1"}),
    ("ck_accessory_fit_two_items", {"device_item_id": "accessory_id"}),
    ("ck_line_of_service_number", {"phone_number": "''"}),
    ("ck_line_of_service_term", {"contract_term_months": "0"}),
    ("ck_line_of_service_balance", {"contract_balance": "-1"}),
    ("ck_basket_version", {"version": "0"}),
    ("ck_line_item_monthly_price", {"monthly_price": "-1"}),
    ("ck_unit_override", {"override_reason": "'Broken'"}),
]


@pytest.fixture
def estate(connection: Connection, world: World) -> dict[str, int]:
    """One sound row in every table that has a CHECK; the keys of the rows, by table."""
    account, item = world.an_account(), world.an_item("deskphone")
    employee = world.an_employee(account)

    def add(table: str, **values: Any) -> int:
        columns = TABLES[table].columns
        if "platform_id" in columns:
            values["platform_id"] = account.platform_id
        return connection.execute(insert(TABLES[table]).values(values).returning(columns.id)).scalar_one()

    order = add("hardware_order", account_id=account.id, **ORDER)
    line = add(
        "line_item",
        order_id=order,
        position=1,
        catalog_item_id=item.id,
        quantity=2,
        requested_quantity=2,
        **{name: getattr(item, name) for name in ("sku", "make", "model", "kind", "unit_price", "currency")},
    )
    unit = add("unit", order_id=order, line_id=line, number=1)
    base, device = (
        add(
            "device",
            account_id=account.id,
            kind=kind,
            make="Yealink",
            model="W70B",
            sku="W70B",
            identifier_kind="mac",
            identifier=identifier,
            identifier_key=identifier,
            created_by_name="Ada",
        )
        for kind, identifier in (("dect_base", "805e01000001"), ("deskphone", "805e01000002"))
    )
    service_account = add("service_account", name="Billing")
    token = add(
        "api_token",
        prefix="hw_live_abcd",
        secret_hash="0" * 64,
        name="Billing",
        person_id=world.piet.id,
        created_by_name="Piet",
        expires_at=utcnow(),
    )
    endpoint = add("webhook_endpoint", url="https://example.com/", secret="whsec_a", created_by_name="Piet")
    message = add(
        "outgoing_message",
        uid="one",
        kind="mail",
        type="order.submitted",
        recipient="ada@example.com",
        subject="New",
        payload="{}",
    )
    accessory = world.an_item("accessory")
    asked = add(
        "approval_request",
        order_id=order,
        approver_name="Maria",
        approver_email="maria@example.com",
        seed="0" * 64,
        sent_at=utcnow(),
        expires_at=utcnow() + timedelta(days=14),
        next_at=utcnow(),
    )
    directory_token = add(
        "directory_token",
        account_id=account.id,
        prefix="hws_abcdefgh",
        secret_hash="1" * 64,
        name="Okta",
        created_by_name="Piet",
    )
    distributor = add("distributor", name="Voxport", folded_name="voxport")
    return {
        "access_rule": add(
            "access_rule", provider="okta", claim="groups", value="desk", role="platform_admin"
        ),
        "account_notice": add(
            "account_notice", kind="new_browser", person_id=world.piet.id, address="", browser=""
        ),
        "distributor": distributor,
        "article_number": add(
            "article_number", distributor_id=distributor, catalog_item_id=item.id, number="V-1"
        ),
        "directory_token": directory_token,
        "staff_token": add(
            "staff_token",
            provider="okta",
            name="Okta",
            prefix="hwp_abcdefgh",
            secret_hash="2" * 64,
            created_by_name="Ada",
        ),
        "approval_request": asked,
        "accounting_code": add("accounting_code", account_id=account.id, code="4711", description=""),
        "catalog_price": add("catalog_price", catalog_item_id=item.id, unit_price=Decimal(1)),
        "accessory_fit": add("accessory_fit", accessory_id=accessory.id, device_item_id=item.id),
        "line_of_service": add(
            "line_of_service",
            account_id=account.id,
            phone_number="+31612345678",
            mobile_carrier="KPN",
            currency="EUR",
        ),
        "basket": add("basket", account_id=account.id, person_id=world.piet.id, content={}),
        "saved_search": add("saved_search", person_id=world.piet.id, name="Mine", page="orders", query=""),
        "order_note": add("order_note", order_id=order, text="The customer rang.", author_name="Ada"),
        "webhook_endpoint": endpoint,
        "outgoing_message": message,
        "hardware_order": order,
        "line_item": line,
        "unit": unit,
        "device": device,
        "base": base,
        "catalog_item": item.id,
        "employee": employee.id,
        "person": world.piet.id,
        "service_account": service_account,
        "api_token": token,
    }


def table_of(constraint: str) -> str:
    return next(name for name, table in TABLES.items() if constraint in checks(table))


def refusal(
    connection: Connection, estate: dict[str, int], table: str, values: dict[str, str]
) -> IntegrityError | None:
    """What the database says of a row of the estate being changed so; it is as before afterwards."""
    assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
    bound = {name: key for name, key in estate.items() if f":{name}" in assignments}
    statement = text(f"UPDATE {table} SET {assignments} WHERE id = :row")
    attempt = connection.begin_nested()
    try:
        connection.execute(statement.bindparams(row=estate[table], **bound))
    except IntegrityError as error:
        return error
    finally:
        attempt.rollback()
    return None


# All on one estate: building it takes as long as thirty changes.
def test_the_database_refuses_what_makes_no_sense(connection: Connection, estate: dict[str, int]) -> None:
    wrong = {}
    for constraint, values in NONSENSE:
        answer = str(refusal(connection, estate, table_of(constraint), values))
        if not re.search(rf"\b{constraint}\b", answer):
            wrong[constraint, str(values)] = answer
    assert wrong == {}


SENSE: list[tuple[str, dict[str, str]]] = [
    ("hardware_order", {"status": "'approved'", "placed_at": "'2026-11-21'"} | DECIDED),
    ("hardware_order", {"status": "'fulfilled'", "fulfilled_at": "'2026-11-21'"} | DECIDED),
    ("hardware_order", {"status": "'rejected'", "rejection_reason": "'Too dear'"} | DECIDED),
    ("hardware_order", {"status": "'cancelled'", "cancellation_reason": "'Moved'"}),
    ("hardware_order", {"fulfillable_units": "2", "fulfilled_units": "2"}),
    ("device", UNIT),
    ("device", PAIRED),
    ("device", RETIRED | {"replaced_by_id": ":base"}),
    ("device", DUAL | {"second_imei_key": "'35209900176148'"}),
    ("device", RETIRED | DUAL),
    ("unit", CLOSED),
    ("device", {"employee_id": ":employee"}),
    ("catalog_item", {"kind": "'dect_base'", "max_handsets": "10"}),
    ("api_token", {"person_id": "NULL", "service_account_id": ":service_account"}),
    ("api_token", {"revoked_at": "'2026-11-21'", "revoked_by_name": "'Ada'"}),
    ("person", {"new_order_mail": "'daily'"}),
    ("webhook_endpoint", {"deleted_at": "'2026-11-21'", "secret": "NULL"}),
    ("outgoing_message", {"kind": "'webhook'", "endpoint_id": ":webhook_endpoint"}),
    ("outgoing_message", {"delivered_at": "'2026-11-21'"} | DONE),
    ("outgoing_message", {"failed_at": "'2026-11-21'"} | DONE),
    ("approval_request", {"answer": "'agreed'", "used_at": "'2026-11-21'"} | DONE),
    (
        "approval_request",
        {"answer": "'declined'", "used_at": "'2026-11-21'", "reason": "'Too dear'"} | DONE,
    ),
    ("approval_request", {"closed_at": "'2026-11-21'"} | DONE),
    ("unit", {"override_reason": "'Broken'", "line_of_service_id": ":line_of_service"}),
    ("unit", {"reserved_device_id": ":device"}),
    ("order_note", {"text": "NULL", "removed_at": "'2026-11-21'", "removed_by_name": "'Ada'"}),
]


def test_the_database_takes_what_makes_sense(connection: Connection, estate: dict[str, int]) -> None:
    refused = [str(error) for table, values in SENSE if (error := refusal(connection, estate, table, values))]
    assert refused == []


def test_every_check_is_tried() -> None:
    tried = {constraint for constraint, _ in NONSENSE}
    existing = {name for table in TABLES.values() for name in checks(table)}
    assert existing == tried, (
        f"Add to NONSENSE a row that each of these refuses: {sorted(existing - tried)}; "
        f"these are no constraints: {sorted(tried - existing)}."
    )


# ---- Counts kept by triggers

ORDER: dict[str, Any] = {"status_by_name": "Piet", "updated_by_name": "Piet", "submitted_by_name": "Piet"}
statuses = st.sampled_from(OrderStatus)
actions = st.lists(
    st.tuples(
        st.just("insert"),
        st.lists(st.tuples(st.integers(0, 1), statuses, st.booleans()), min_size=1, max_size=4),
    )
    | st.tuples(st.just("move"), st.tuples(st.integers(0, 9), statuses))
    | st.tuples(st.just("move all"), st.tuples(statuses, statuses))
    | st.tuples(st.just("place"), st.tuples(st.integers(0, 9), st.booleans()))
    | st.tuples(st.just("spare"), st.tuples(st.integers(0, 9), st.booleans()))
    | st.tuples(st.just("delete"), st.integers(0, 9))
    | st.tuples(st.just("delete all"), statuses),
    max_size=12,
)


def having(status: OrderStatus) -> dict[str, Any]:
    """The columns of an order with this status, so that no CHECK objects."""
    decided = status in (OrderStatus.APPROVED, OrderStatus.FULFILLED, OrderStatus.REJECTED)
    return {
        "status": status,
        "decided_at": utcnow() if decided else None,
        "decided_by_name": "Ada" if decided else None,
        "fulfilled_at": utcnow() if status is OrderStatus.FULFILLED else None,
        "rejection_reason": "No" if status is OrderStatus.REJECTED else None,
        "placed_at": None,
    }


def do(connection: Connection, accounts: list[tuple[int, int]], action: str, what: Any) -> None:
    order = TABLES["hardware_order"]
    if action == "insert":
        connection.execute(
            insert(order),
            [
                {"platform_id": accounts[whose][0], "account_id": accounts[whose][1]}
                | ORDER
                | having(status)
                | {"nothing_to_buy": spares}
                for whose, status, spares in what
            ],
        )
        return
    where = {  # type: ignore[no-untyped-call]
        "spare": lambda: order.c.id.in_(select(order.c.id).order_by(order.c.id).offset(what[0]).limit(1)),
        "move": lambda: order.c.id.in_(select(order.c.id).order_by(order.c.id).offset(what[0]).limit(1)),
        "place": lambda: and_(
            order.c.id.in_(select(order.c.id).order_by(order.c.id).offset(what[0]).limit(1)),
            order.c.status.in_([OrderStatus.APPROVED, OrderStatus.FULFILLED]),
        ),
        "move all": lambda: order.c.status == what[0],
        "delete": lambda: order.c.id.in_(select(order.c.id).order_by(order.c.id).offset(what).limit(1)),
        "delete all": lambda: order.c.status == what,
    }[action]()
    if action.startswith("move"):
        connection.execute(update(order).where(where).values(having(what[1])))
    elif action == "spare":
        connection.execute(update(order).where(where).values(nothing_to_buy=what[1]))
    elif action == "place":
        connection.execute(update(order).where(where).values(placed_at=utcnow() if what[1] else None))
    else:
        connection.execute(delete(order).where(where))


Counts = tuple[int, int, int]


def miscounts(connection: Connection) -> dict[tuple[int, str], tuple[Counts, Counts]]:
    """Where a kept count differs from a recount: platform and status → kept, counted."""
    order, tally = TABLES["hardware_order"].c, TABLES["order_tally"].c
    to_be_placed = func.sum(case((literal_column(f"({TO_BE_PLACED})"), 1), else_=0))
    recount = {
        (row[0], row[1]): (int(row[2]), int(row[3]), int(row[4]))
        for row in connection.execute(
            select(
                order.platform_id, order.status, func.count(), to_be_placed, func.count(order.placed_at)
            ).group_by(order.platform_id, order.status)
        )
    }
    kept = {
        (row[0], row[1]): (row[2], row[3], row[4])
        for row in connection.execute(
            select(tally.platform_id, tally.status, tally.orders, tally.to_be_placed, tally.placed)
        )
    }
    none = (0, 0, 0)
    return {
        key: (kept.get(key, none), recount.get(key, none))
        for key in kept.keys() | recount.keys()
        if kept.get(key, none) != recount.get(key, none)
    }


@settings(
    deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions)
def test_the_tally_equals_a_recount_whatever_is_done_to_orders(
    connection: Connection, world: World, actions: list[tuple[str, Any]]
) -> None:
    accounts = [
        (platform.id, world.an_account(platform).id) for platform in (world.northwind, world.blue_harbor)
    ]
    with connection.begin_nested() as transaction:
        for action, what in actions:
            do(connection, accounts, action, what)
        assert miscounts(connection) == {}
        transaction.rollback()


def test_a_wrong_tally_is_found(connection: Connection, world: World) -> None:
    account = world.an_account()
    do(connection, [(account.platform_id, account.id)], "insert", [(0, OrderStatus.SUBMITTED, False)])
    assert miscounts(connection) == {}
    connection.execute(update(OrderTally).values(orders=2))
    assert miscounts(connection) == {(account.platform_id, OrderStatus.SUBMITTED): ((2, 0, 0), (1, 0, 0))}
