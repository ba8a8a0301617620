"""Keep what is searched cheap to write.

On SQLite an order is in the index of distributors once it has one, and not with an empty text from its first moment:
that was a sixth of what a new order costs. On PostgreSQL the function behind the other indexes answers a text of plain
letters, digits and single blanks at once, with what it answered before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_BEGIN = "BEGIN\n            IF pg_catalog.octet_length("
_QUICK = "IF value ~ '^[A-Za-z0-9_/-]+( [A-Za-z0-9_/-]+)*$' THEN RETURN pg_catalog.lower(value); END IF;"
_QUICK_BEGIN = _BEGIN.replace("IF", f"{_QUICK}\n            IF")

_TEXT = "coalesce(search_text(NEW.distributor), '') || ' ' || coalesce(search_text(NEW.distributor_reference), '')"
_ADD = f"INSERT INTO order_search (rowid, search_text) VALUES (NEW.id, {_TEXT});"  # noqa: S608
_TAKE_OUT = "DELETE FROM order_search WHERE rowid = NEW.id;"
_ON_INSERT = "CREATE TRIGGER order_search_on_insert AFTER INSERT ON hardware_order"
_ON_UPDATE = "CREATE TRIGGER order_search_on_update AFTER UPDATE OF distributor, distributor_reference ON hardware_order"
_SAID = "WHEN NEW.distributor IS NOT NULL OR NEW.distributor_reference IS NOT NULL"
_ANOTHER = "WHEN NEW.distributor IS NOT OLD.distributor OR NEW.distributor_reference IS NOT OLD.distributor_reference"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _change_function(_BEGIN, _QUICK_BEGIN)
        return
    _replace_triggers(
        f"{_ON_INSERT} {_SAID} BEGIN {_ADD} END", f"{_ON_UPDATE} {_ANOTHER} BEGIN {_TAKE_OUT} {_ADD} END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _change_function(_QUICK_BEGIN, _BEGIN)
        return
    op.execute(
        "INSERT INTO order_search (rowid, search_text) SELECT id, ' ' FROM hardware_order"
        " WHERE id NOT IN (SELECT rowid FROM order_search)"
    )
    _replace_triggers(
        f"{_ON_INSERT} BEGIN {_ADD} END",
        f"{_ON_UPDATE} BEGIN UPDATE order_search SET search_text = {_TEXT} WHERE rowid = NEW.id; {_ADD} END",  # noqa: S608
    )


def _replace_triggers(on_insert: str, on_update: str) -> None:
    for statement in (
        "DROP TRIGGER order_search_on_insert",
        "DROP TRIGGER order_search_on_update",
        on_insert,
        on_update,
    ):
        op.execute(statement)


def _change_function(before: str, since: str) -> None:
    connection = op.get_bind()
    text = "SELECT pg_get_functiondef(to_regprocedure(quote_ident(current_schema()) || '.search_text(text)'))"
    definition: str = connection.execute(sa.text(text)).scalar_one()
    assert before in definition, "the function is not that of 0038"
    connection.exec_driver_sql(definition.replace(before, since, 1))
