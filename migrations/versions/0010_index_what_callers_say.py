"""Find employees, phone numbers, devices and placed orders by what a caller says, however many there are."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

POSTGRESQL = [
    """
    CREATE INDEX ix_employee_trigrams ON employee
    USING gin (name gin_trgm_ops, email gin_trgm_ops, employee_number gin_trgm_ops)
    """,
    """
    CREATE INDEX ix_line_of_service_trigrams ON line_of_service USING gin (phone_number gin_trgm_ops)
    """,
    # Compared byte by byte, so that the index that keeps identifiers unique finds their beginnings too.
    'ALTER TABLE device ALTER COLUMN identifier_key TYPE varchar(20) COLLATE "C"',
]
_NEW = """
    INSERT INTO employee_search (rowid, name, email, employee_number)
    VALUES (NEW.id, NEW.name, NEW.email, NEW.employee_number);
"""
_OLD = """
    INSERT INTO employee_search (employee_search, rowid, name, email, employee_number)
    VALUES ('delete', OLD.id, OLD.name, OLD.email, OLD.employee_number);
"""
_NEW_LINE = "INSERT INTO line_search (rowid, phone_number) VALUES (NEW.id, NEW.phone_number);"
_OLD_LINE = """
    INSERT INTO line_search (line_search, rowid, phone_number) VALUES ('delete', OLD.id, OLD.phone_number);
"""
SQLITE = [
    """
    CREATE VIRTUAL TABLE employee_search
    USING fts5(name, email, employee_number, content='employee', content_rowid='id', tokenize='trigram')
    """,
    f"CREATE TRIGGER employee_search_on_insert AFTER INSERT ON employee BEGIN {_NEW} END",
    f"CREATE TRIGGER employee_search_on_delete AFTER DELETE ON employee BEGIN {_OLD} END",
    f"""
    CREATE TRIGGER employee_search_on_update AFTER UPDATE OF name, email, employee_number ON employee
    BEGIN {_OLD} {_NEW} END
    """,
    "INSERT INTO employee_search (employee_search) VALUES ('rebuild')",
    """
    CREATE VIRTUAL TABLE line_search
    USING fts5(phone_number, content='line_of_service', content_rowid='id', tokenize='trigram')
    """,
    f"CREATE TRIGGER line_search_on_insert AFTER INSERT ON line_of_service BEGIN {_NEW_LINE} END",
    f"CREATE TRIGGER line_search_on_delete AFTER DELETE ON line_of_service BEGIN {_OLD_LINE} END",
    f"""
    CREATE TRIGGER line_search_on_update AFTER UPDATE OF phone_number ON line_of_service
    BEGIN {_OLD_LINE} {_NEW_LINE} END
    """,
    "INSERT INTO line_search (line_search) VALUES ('rebuild')",
]


def _run(postgresql_statements: list[str], sqlite_statements: list[str]) -> None:
    statements = postgresql_statements if op.get_bind().dialect.name == "postgresql" else sqlite_statements
    for statement in statements:
        op.execute(sa.text(statement.replace(":", "\\:")))


KNOWN = (("hardware_order", "distributor_reference"), ("device", "serial"))


def upgrade() -> None:
    _run(POSTGRESQL, SQLITE)
    for table, column in KNOWN:
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=there, sqlite_where=there)


def downgrade() -> None:
    for table, column in KNOWN:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    _run(
        [
            'ALTER TABLE device ALTER COLUMN identifier_key TYPE varchar(20) COLLATE "default"',
            "DROP INDEX ix_line_of_service_trigrams",
            "DROP INDEX ix_employee_trigrams",
        ],
        [
            *(
                f"DROP TRIGGER {table}_on_{deed}"
                for table in ("line_search", "employee_search")
                for deed in ("insert", "delete", "update")
            ),
            "DROP TABLE line_search",
            "DROP TABLE employee_search",
        ],
    )
