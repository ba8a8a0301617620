"""Add the outbox: events, outgoing messages and their attempts, webhooks, and who wants mail of new orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DUE = sa.text("next_at IS NOT NULL")
FAILED = sa.text("failed_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "outbox_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("types", DOCUMENT, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=True),
        sa.Column("device_ids", DOCUMENT, nullable=True),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["hardware_order.id"], name=op.f("fk_outbox_event_order_id")),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_outbox_event_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_event_next_at", "outbox_event", ["next_at"], postgresql_where=DUE, sqlite_where=DUE
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("event_types", DOCUMENT, nullable=True),
        sa.Column("secret", sa.String(length=100), nullable=True),
        sa.Column("former_secret", sa.String(length=100), nullable=True),
        sa.Column("former_until", MOMENT, nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("disabled_reason", sa.String(length=300), nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("silent_since", MOMENT, nullable=True),
        sa.Column("quiet_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(disabled_at IS NULL) = (disabled_reason IS NULL)", name=op.f("ck_webhook_endpoint_disabled")
        ),
        sa.CheckConstraint(
            "(former_secret IS NULL) = (former_until IS NULL)", name=op.f("ck_webhook_endpoint_former_secret")
        ),
        sa.CheckConstraint(
            "(deleted_at IS NULL) = (secret IS NOT NULL)", name=op.f("ck_webhook_endpoint_secret")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_webhook_endpoint_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index("ix_webhook_endpoint_platform_id_id", "webhook_endpoint", ["platform_id", "id"])
    op.create_table(
        "outgoing_message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("platform_id", KEY, nullable=True),
        sa.Column("event_id", KEY, nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("endpoint_id", KEY, nullable=True),
        sa.Column("recipient", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("lease_by", sa.String(length=120), nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.CheckConstraint("kind IN ('webhook', 'mail')", name=op.f("ck_outgoing_message_kind")),
        sa.CheckConstraint(
            "(kind = 'webhook') = (endpoint_id IS NOT NULL)", name=op.f("ck_outgoing_message_endpoint")
        ),
        sa.CheckConstraint(
            "delivered_at IS NULL OR failed_at IS NULL", name=op.f("ck_outgoing_message_one_end")
        ),
        sa.CheckConstraint(
            "(next_at IS NULL) = (delivered_at IS NOT NULL OR failed_at IS NOT NULL)",
            name=op.f("ck_outgoing_message_next_at"),
        ),
        sa.CheckConstraint(
            "(lease_until IS NULL) = (lease_by IS NULL)", name=op.f("ck_outgoing_message_lease")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outgoing_message_attempts")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_outgoing_message_endpoint_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["outbox_event.id"], name=op.f("fk_outgoing_message_event_id")),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_outgoing_message_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_message")),
        sa.UniqueConstraint("uid", name=op.f("uq_outgoing_message_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outgoing_message_next_at", "outgoing_message", ["next_at"], postgresql_where=DUE, sqlite_where=DUE
    )
    op.create_index(
        "ix_outgoing_message_failed", "outgoing_message", ["id"], postgresql_where=FAILED, sqlite_where=FAILED
    )
    op.create_index("ix_outgoing_message_endpoint_id_id", "outgoing_message", ["endpoint_id", "id"])
    op.create_index("ix_outgoing_message_order_id_id", "outgoing_message", ["order_id", "id"])
    op.create_table(
        "delivery_attempt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("excerpt", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outgoing_message.id"], name=op.f("fk_delivery_attempt_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_delivery_attempt_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempt")),
    )
    op.create_index("ix_delivery_attempt_message_id", "delivery_attempt", ["message_id"])
    # In plain SQL on both: SQLite adds a column with its CHECK in place, where Alembic would copy the table.
    op.execute(
        "ALTER TABLE person ADD COLUMN new_order_mail VARCHAR(30) DEFAULT 'at_once' NOT NULL "
        "CONSTRAINT ck_person_new_order_mail CHECK (new_order_mail IN ('at_once', 'daily', 'none'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE person DROP COLUMN new_order_mail")
    op.drop_table("delivery_attempt")
    op.drop_table("outgoing_message")
    op.drop_table("webhook_endpoint")
    op.drop_table("outbox_event")
