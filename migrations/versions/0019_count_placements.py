"""Count what has still to be bought, and what is with the distributor, as the statuses are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_hardware_order_to_be_placed": "status = 'approved' AND placed_at IS NULL AND NOT nothing_to_buy",
    "ix_hardware_order_with_distributor": "status = 'approved' AND placed_at IS NOT NULL",
}
# One function for three triggers. Rows of two statuses are changed in the order of their words, so that two
# transactions never wait for each other.
_FUNCTION = """
    CREATE OR REPLACE FUNCTION {schema}.hardware_order_tally() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.status <= NEW.status) THEN
            UPDATE {schema}.order_tally SET orders = orders - 1, to_be_placed = to_be_placed - {old},
                placed = placed - (OLD.placed_at IS NOT NULL)::int
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO {schema}.order_tally (platform_id, status, orders, to_be_placed, placed)
            VALUES (NEW.platform_id, NEW.status, 1, {new}, (NEW.placed_at IS NOT NULL)::int)
            ON CONFLICT (platform_id, status) DO UPDATE SET orders = order_tally.orders + 1,
                to_be_placed = order_tally.to_be_placed + EXCLUDED.to_be_placed,
                placed = order_tally.placed + EXCLUDED.placed;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.status > NEW.status THEN
            UPDATE {schema}.order_tally SET orders = orders - 1, to_be_placed = to_be_placed - {old},
                placed = placed - (OLD.placed_at IS NOT NULL)::int
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        RETURN NULL;
    END $$
"""
_FORMER_FUNCTION = """
    CREATE OR REPLACE FUNCTION {schema}.hardware_order_tally() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.status < NEW.status) THEN
            UPDATE {schema}.order_tally SET orders = orders - 1
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO {schema}.order_tally (platform_id, status, orders)
            VALUES (NEW.platform_id, NEW.status, 1)
            ON CONFLICT (platform_id, status) DO UPDATE SET orders = order_tally.orders + 1;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.status > NEW.status THEN
            UPDATE {schema}.order_tally SET orders = orders - 1
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        RETURN NULL;
    END $$
"""
_ON_UPDATE = """
    CREATE TRIGGER hardware_order_tally_on_update AFTER UPDATE OF {columns} ON hardware_order
    FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION hardware_order_tally()
"""
_CHANGED = (
    "OLD.status <> NEW.status OR (OLD.placed_at IS NULL) <> (NEW.placed_at IS NULL)"
    " OR OLD.nothing_to_buy <> NEW.nothing_to_buy"
)


def _open(row: str) -> str:
    return f"({row}.status = 'approved' AND {row}.placed_at IS NULL AND NOT {row}.nothing_to_buy)"


_PLUS = """
    INSERT INTO order_tally (platform_id, status, orders, to_be_placed, placed)
    VALUES (NEW.platform_id, NEW.status, 1, {new}, NEW.placed_at IS NOT NULL)
    ON CONFLICT (platform_id, status) DO UPDATE SET orders = orders + 1,
        to_be_placed = to_be_placed + excluded.to_be_placed, placed = placed + excluded.placed;
""".replace("{new}", _open("NEW"))
_MINUS = """
    UPDATE order_tally SET orders = orders - 1, to_be_placed = to_be_placed - {old},
        placed = placed - (OLD.placed_at IS NOT NULL)
    WHERE platform_id = OLD.platform_id AND status = OLD.status;
""".replace("{old}", _open("OLD"))
_FORMER_PLUS = """
    INSERT INTO order_tally (platform_id, status, orders) VALUES (NEW.platform_id, NEW.status, 1)
    ON CONFLICT (platform_id, status) DO UPDATE SET orders = orders + 1;
"""
_FORMER_MINUS = """
    UPDATE order_tally SET orders = orders - 1 WHERE platform_id = OLD.platform_id AND status = OLD.status;
"""


def upgrade() -> None:
    op.execute("ALTER TABLE hardware_order ADD COLUMN nothing_to_buy BOOLEAN DEFAULT FALSE NOT NULL")
    op.execute("ALTER TABLE order_tally ADD COLUMN to_be_placed INTEGER DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE order_tally ADD COLUMN placed INTEGER DEFAULT 0 NOT NULL")
    op.execute(
        "UPDATE hardware_order SET nothing_to_buy = TRUE WHERE"
        " EXISTS (SELECT 1 FROM line_item WHERE order_id = hardware_order.id)"
        " AND NOT EXISTS (SELECT 1 FROM line_item WHERE order_id = hardware_order.id AND NOT from_spare)"
    )
    op.execute(
        "UPDATE order_tally SET placed = (SELECT count(placed_at) FROM hardware_order"
        " WHERE platform_id = order_tally.platform_id AND status = order_tally.status)"
    )
    op.execute(
        "UPDATE order_tally SET to_be_placed = (SELECT count(*) FROM hardware_order"
        " WHERE platform_id = order_tally.platform_id AND status = 'approved' AND placed_at IS NULL"
        " AND NOT nothing_to_buy) WHERE status = 'approved'"
    )
    for name, condition in _INDEXES.items():
        op.create_index(
            name,
            "hardware_order",
            ["id"],
            postgresql_where=sa.text(condition),
            sqlite_where=sa.text(condition),
        )
    _replace_triggers(former=False)


def downgrade() -> None:
    _replace_triggers(former=True)
    for name in _INDEXES:
        op.drop_index(name, table_name="hardware_order")
    op.execute("ALTER TABLE order_tally DROP COLUMN placed")
    op.execute("ALTER TABLE order_tally DROP COLUMN to_be_placed")
    op.execute("ALTER TABLE hardware_order DROP COLUMN nothing_to_buy")


def _replace_triggers(*, former: bool) -> None:
    connection = op.get_bind()
    columns = "status" if former else "status, placed_at, nothing_to_buy"
    condition = "OLD.status <> NEW.status" if former else _CHANGED
    if connection.dialect.name == "postgresql":
        schema = connection.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
        function = _FORMER_FUNCTION if former else _FUNCTION
        values = {"schema": schema, "old": f"{_open('OLD')}::int", "new": f"{_open('NEW')}::int"}
        op.execute("DROP TRIGGER hardware_order_tally_on_update ON hardware_order")
        connection.exec_driver_sql(function.format(**values))
        connection.exec_driver_sql(_ON_UPDATE.format(columns=columns, condition=condition))
        return
    plus, minus = (_FORMER_PLUS, _FORMER_MINUS) if former else (_PLUS, _MINUS)
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER hardware_order_tally_on_{event}")
    for event, changes, body in (
        ("insert", "INSERT ON hardware_order", plus),
        ("delete", "DELETE ON hardware_order", minus),
        ("update", f"UPDATE OF {columns} ON hardware_order WHEN {condition}", minus + plus),
    ):
        connection.exec_driver_sql(
            f"CREATE TRIGGER hardware_order_tally_on_{event} AFTER {changes} BEGIN {body} END"
        )
