"""How migrations run: online only, on the application's own engine, comparing types and defaults."""

from typing import Any

from alembic import context

from hwadmin.extensions import Base, db

# What a migration keeps beside the models: full-text and trigram search, which have no portable model.
UNMODELLED = (
    *("account_search", "ix_account_name_trigrams"),
    *("employee_search", "ix_employee_trigrams"),
    *("line_search", "ix_line_of_service_trigrams"),
)


def include_name(name: str | None, _type: str, _parents: Any) -> bool:
    return name is None or not name.startswith(UNMODELLED)


if context.is_offline_mode():
    raise SystemExit("Run migrations against a database: this project has triggers for each dialect.")

with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
