"""Signing in by identity providers: who somebody is there, what it gives them, and mails about signing in."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("next_at IS NOT NULL")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.add_column("person", sa.Column("managed_by", sa.String(length=40), nullable=True))
    op.add_column(
        "person",
        sa.Column("access_withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("sign_in", sa.Column("provider", sa.String(length=40), nullable=True))
    op.add_column("sign_in", sa.Column("provider_session", sa.String(length=255), nullable=True))
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("external_identity", "person_id", "person"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identity")),
    )
    op.create_index("ix_external_identity_person_id", "external_identity", ["person_id"])
    op.create_table(
        "sign_in_request",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("unsaved_input", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("sign_in_request", "person_id", "person"),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_in_request")),
    )
    op.create_index("ix_sign_in_request_created_at", "sign_in_request", ["created_at"])
    op.create_index("ix_sign_in_request_person_id", "sign_in_request", ["person_id"])
    _rules()
    op.create_table(
        "account_notice",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('break_glass', 'new_browser')", name=op.f("ck_account_notice_kind")),
        _reference("account_notice", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_notice")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_notice_person_id", "account_notice", ["person_id"])
    op.create_index(
        "ix_account_notice_next_at",
        "account_notice",
        ["next_at"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )


def _rules() -> None:
    op.create_table(
        "access_rule",
        sa.Column("id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("claim", sa.String(length=100), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("all_platforms", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "role IN ('super_admin', 'platform_admin', 'support')", name=op.f("ck_access_rule_role")
        ),
        sa.CheckConstraint(
            "NOT all_platforms OR role = 'support'", name=op.f("ck_access_rule_all_platforms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_rule")),
        sa.UniqueConstraint("provider", "claim", "value", name=op.f("uq_access_rule_provider_claim_value")),
    )
    op.create_table(
        "access_rule_platform",
        sa.Column("access_rule_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        _reference("access_rule_platform", "access_rule_id", "access_rule"),
        _reference("access_rule_platform", "platform_id", "platform"),
        sa.PrimaryKeyConstraint("access_rule_id", "platform_id", name=op.f("pk_access_rule_platform")),
    )


def downgrade() -> None:
    for table in (
        "account_notice",
        "access_rule_platform",
        "access_rule",
        "sign_in_request",
        "external_identity",
    ):
        op.drop_table(table)
    for column in ("provider_session", "provider"):
        op.execute(sa.text(f"ALTER TABLE sign_in DROP COLUMN {column}"))
    for column in ("access_withdrawn", "managed_by"):
        op.execute(sa.text(f"ALTER TABLE person DROP COLUMN {column}"))
