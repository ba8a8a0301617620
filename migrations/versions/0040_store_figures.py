"""Keep the dashboard's figures of finished days and weeks, and note the past days of which something changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# A day is kept an hour after its end. What is written to a moment of the last minutes is committed by then, so nothing
# is noted of it: not of an order that is submitted, decided or fulfilled now.
_RECENT = {
    "postgresql": "now() - interval '10 minutes'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-10 minutes')",
}
_MOMENTS = ("created_at", "decided_at", "fulfilled_at")
_VERBS = ("insert", "update", "delete")
_TRIGGERS = [f"{table}_changes_day_on_{verb}" for table in ("hardware_order", "line_item") for verb in _VERBS]


def _conditions(recent: str, differs: str) -> dict[str, str]:
    """When a trigger has something to look at."""
    moved = " OR ".join(
        f"(OLD.{moment} {differs} NEW.{moment} AND (OLD.{moment} IS NOT NULL OR NEW.{moment} < {recent}))"
        for moment in _MOMENTS
    )
    rejected = "(OLD.status = 'rejected') <> (NEW.status = 'rejected') AND OLD.decided_at IS NOT NULL"
    lines = ("order_id", "make", "model", "quantity")
    return {
        "hardware_order_changes_day_on_insert": " OR ".join(
            f"NEW.{moment} < {recent}" for moment in _MOMENTS
        ),
        "hardware_order_changes_day_on_update": f"OLD.platform_id <> NEW.platform_id OR ({rejected}) OR {moved}",
        "hardware_order_changes_day_on_delete": "",
        # Lines of a new order are requested; those that are added later are not.
        "line_item_changes_day_on_insert": "NEW.requested_quantity = 0",
        "line_item_changes_day_on_update": " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in lines),
        "line_item_changes_day_on_delete": "",
    }


_EVENTS = {
    "hardware_order_changes_day_on_insert": "INSERT",
    "hardware_order_changes_day_on_update": "UPDATE OF platform_id, status, created_at, decided_at, fulfilled_at",
    "hardware_order_changes_day_on_delete": "DELETE",
    "line_item_changes_day_on_insert": "INSERT",
    "line_item_changes_day_on_update": "UPDATE OF order_id, make, model, quantity",
    "line_item_changes_day_on_delete": "DELETE",
}
_MOMENT_OF = {
    "hardware_order": "SELECT {row}.{moment} AS moment, {row}.platform_id AS platform_id",
    "line_item": "SELECT {moment} AS moment, platform_id FROM hardware_order WHERE id = {row}.order_id",
}
_BODY = """
    INSERT INTO changed_day (day, platform_id)
    SELECT DISTINCT substr(moment, 1, 10), platform_id FROM ({moments}) WHERE moment < {recent};
"""
# As the owner of the tables: the release before goes on before the new tables are granted to anybody.
_FUNCTIONS = {
    "hardware_order_changes_day": """
        CREATE FUNCTION {schema}.hardware_order_changes_day() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                INSERT INTO {schema}.changed_day (day, platform_id)
                SELECT DISTINCT (moment AT TIME ZONE 'UTC')::date, OLD.platform_id
                FROM unnest(ARRAY[OLD.created_at, OLD.decided_at, OLD.fulfilled_at]) AS moment
                WHERE moment < {recent};
            END IF;
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO {schema}.changed_day (day, platform_id)
                SELECT DISTINCT (moment AT TIME ZONE 'UTC')::date, NEW.platform_id
                FROM unnest(ARRAY[NEW.created_at, NEW.decided_at, NEW.fulfilled_at]) AS moment
                WHERE moment < {recent};
            END IF;
            RETURN NULL;
        END $$
    """,
    "line_item_changes_day": """
        CREATE FUNCTION {schema}.line_item_changes_day() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            orders bigint[] := '{{}}';
        BEGIN
            IF TG_OP <> 'INSERT' THEN orders := orders || OLD.order_id; END IF;
            IF TG_OP <> 'DELETE' THEN orders := orders || NEW.order_id; END IF;
            INSERT INTO {schema}.changed_day (day, platform_id)
            SELECT DISTINCT (moment AT TIME ZONE 'UTC')::date, platform_id
            FROM {schema}.hardware_order, unnest(ARRAY[created_at, decided_at, fulfilled_at]) AS moment
            WHERE id = ANY (orders) AND moment < {recent};
            RETURN NULL;
        END $$
    """,
}


def upgrade() -> None:
    op.create_table(
        "figure_span",
        sa.Column("id", KEY, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_span")),
        sa.UniqueConstraint("since", name=op.f("uq_figure_span_since")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "stored_figures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("span_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=True),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["span_id"], ["figure_span.id"], name=op.f("fk_stored_figures_span_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_figures")),
        sa.UniqueConstraint("span_id", "platform_id", name=op.f("uq_stored_figures_span_id_platform_id")),
    )
    op.create_table(
        "changed_day",
        sa.Column("id", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_day")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changed_day_day", "changed_day", ["day"])
    connection = op.get_bind()
    dialect = connection.dialect.name
    _create_triggers(connection) if dialect == "postgresql" else _create_triggers_of_file(connection)


def _create_triggers(connection: sa.Connection) -> None:
    schema = connection.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    recent = _RECENT["postgresql"]
    # Whoever writes orders now is not kept waiting long: the upgrade gives up, and is run again.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
    for function in _FUNCTIONS.values():
        connection.exec_driver_sql(function.format(schema=schema, recent=recent))
    for name, condition in _conditions(recent, "IS DISTINCT FROM").items():
        function = name.partition("_on_")[0]
        table = function.removesuffix("_changes_day")
        when = f"WHEN ({condition})" if condition else ""
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} AFTER {_EVENTS[name]} ON {schema}.{table}"
            f" FOR EACH ROW {when} EXECUTE FUNCTION {schema}.{function}()"
        )


def _create_triggers_of_file(connection: sa.Connection) -> None:
    recent = _RECENT["sqlite"]
    for name, condition in _conditions(recent, "IS NOT").items():
        table = name.partition("_changes_day")[0]
        rows = [row for row, verb in (("OLD", "insert"), ("NEW", "delete")) if not name.endswith(verb)]
        moments = " UNION ".join(
            _MOMENT_OF[table].format(row=row, moment=moment) for row in rows for moment in _MOMENTS
        )
        when = f"WHEN {condition}" if condition else ""
        body = _BODY.format(moments=moments, recent=recent)
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} AFTER {_EVENTS[name]} ON {table} {when} BEGIN {body} END"
        )


def downgrade() -> None:
    connection = op.get_bind()
    for name in _TRIGGERS:
        table = name.partition("_changes_day")[0]
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        op.execute(f"DROP TRIGGER {name}{on}")
    if connection.dialect.name == "postgresql":
        for function in _FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
    for table in ("changed_day", "stored_figures", "figure_span"):
        op.drop_table(table)
