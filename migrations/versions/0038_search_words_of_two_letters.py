"""Search for pairs of letters of scripts in which two are a word, and for words without the signs within them.

What is searched follows ``hwadmin.domain.text_folding.search_text``: on PostgreSQL by a function of this name, on SQLite by
that very one. Only texts with such letters are computed anew. The release before finds what it found.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_SEARCHED = {
    "account": ("account_search", ("name",)),
    "employee": ("employee_search", ("name", "email", "employee_number", "user_name_key")),
    "catalog_item": ("catalog_search", ("make", "model", "sku")),
    "device": ("device_search", ("make", "model", "sku", "serial")),
    "hardware_order": ("order_search", ("distributor", "distributor_reference")),
}
_WIDE = "[\u0530-\u1cff\u2e80-\U0003ffff]"
# A word with a sign within it that people leave out: O'Brien, J.P.
_SIGNS = "[^ ][''.][^ ]"
_CHANGES = (
    ("plain text;", "plain text; kept text; part text;"),
    ("RETURN pg_catalog.btrim(", "plain := pg_catalog.btrim("),
    ("END IF;\n            plain := ", "spelled_out := plain;\n            ELSE\n            plain := "),
    (
        "RETURN CASE WHEN plain = spelled_out THEN plain ELSE plain || ' ' || spelled_out END;",
        f"""END IF;
            kept := CASE WHEN plain = spelled_out THEN plain ELSE plain || ' ' || spelled_out END;
            IF plain ~ '{_SIGNS}' THEN
                FOREACH part IN ARRAY pg_catalog.string_to_array(plain, ' ') LOOP
                    IF part ~ '{_SIGNS}' AND part !~ '@' THEN
                        kept := kept || ' ' || pg_catalog.translate(part, '.''', '');
                    END IF;
                END LOOP;
            END IF;
            IF plain ~ '{_WIDE}' THEN
                FOR place IN 1 .. pg_catalog.length(plain) - 1 LOOP
                    part := pg_catalog.substr(plain, place, 2);
                    IF part ~ '{_WIDE}' AND part !~ ' ' THEN
                        kept := kept || ' z' || part;
                    END IF;
                END LOOP;
            END IF;
            RETURN kept;""",
    ),
)
# Whose text has become another one; most addresses have dots, and stay as they were.
_ON_POSTGRESQL = f"search_text ~ '{_WIDE}' OR search_text ~ '(^| )[^ @]*[^ @][''.][^ @]+( |$)'"
_ON_SQLITE = f"search_text GLOB '*{_WIDE}*' OR search_text LIKE '%''%' OR search_text LIKE '%.%'"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _replace_function(_CHANGES)
        return
    for table, (index, columns) in _SEARCHED.items():
        kept = " || ' ' || ".join(f"coalesce(search_text({column}), '')" for column in columns)
        op.execute(
            f"UPDATE {index} SET search_text = (SELECT {kept} FROM {table} WHERE id = {index}.rowid)"  # noqa: S608
            f" WHERE {_ON_SQLITE}"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _replace_function([(since, before) for before, since in reversed(_CHANGES)])


def _replace_function(changes: Iterable[tuple[str, str]]) -> None:
    """Change the text of the function, and compute anew what it is of."""
    connection = op.get_bind()
    text = "SELECT pg_get_functiondef(to_regprocedure(quote_ident(current_schema()) || '.search_text(text)'))"
    definition: str = connection.execute(sa.text(text)).scalar_one()
    for before, since in changes:
        assert before in definition, "the function is not that of 0020"
        definition = definition.replace(before, since, 1)
    connection.exec_driver_sql(definition)
    for table, (_, columns) in _SEARCHED.items():
        connection.exec_driver_sql(
            f"UPDATE {table} SET {columns[0]} = {columns[0]} WHERE {_ON_POSTGRESQL}"  # noqa: S608
        )
