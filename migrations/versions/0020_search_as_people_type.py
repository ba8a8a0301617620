"""Search what people type: keep names, numbers and models without accents, case and typographic signs.

On PostgreSQL a function does to a text what ``hwadmin.domain.text_folding.search_text`` does; a column computed from it
has the trigram index. SQLite asks that very function, by triggers that feed full-text tables of their own.
"""

# ruff: noqa: S608 - statements are put together from the names below, and from nothing else.
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# The table, its full-text table on SQLite, the index on PostgreSQL, and what is searched.
_EMPLOYEE = ("name", "email", "employee_number", "user_name_key")
SEARCHED = (
    ("account", "account_search", "ix_account_name_trigrams", ("name",)),
    ("employee", "employee_search", "ix_employee_trigrams", _EMPLOYEE),
    ("catalog_item", "catalog_search", "ix_catalog_item_trigrams", ("make", "model", "sku")),
    ("device", "device_search", "ix_device_trigrams", ("make", "model", "sku", "serial")),
    (
        "hardware_order",
        "order_search",
        "ix_hardware_order_trigrams",
        ("distributor", "distributor_reference"),
    ),
)
_SIGNS = {
    **dict.fromkeys("’‘‛ʼ′`ʹ", "'"),
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‐‒–—―−", "-"),
    **dict(zip("łŁøØđĐðÐıħĦŧŦĸŋŊ", "llooddddihhttknn", strict=True)),
    **dict.fromkeys("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029", " "),
    "Æ": "æ",
    "Œ": "œ",
    "Þ": "þ",
    "ẞ": "ß",
}
_GONE = "·\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e" + "".join(
    map(chr, (*range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF))
)
_LONGER = (("æ", "ae"), ("œ", "oe"), ("þ", "th"), ("ß", "ss"))
_SPELLED_OUT = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("å", "aa"), ("ø", "oe"))
# Behind it there are no letters with case and no marks.
_LAST_LETTER = 0x1F000


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _plain_letters() -> tuple[str, str]:
    """Letters and signs, and for each what it is without case; at the end those that go."""
    lower = {
        character: small
        for character in map(chr, range(_LAST_LETTER))
        if (small := character.casefold()) != character
        and len(small) == 1
        and unicodedata.normalize("NFKD", character) == character
    } | _SIGNS
    return "".join(lower) + _GONE, "".join(lower.values())


def _marks() -> str:
    """The expression that finds accents and other marks."""
    marks = [code for code in range(0x300, _LAST_LETTER) if unicodedata.combining(chr(code))]
    ends = [code for code in marks if code + 1 not in set(marks)]
    starts = [code for code in marks if code - 1 not in set(marks)]
    return "[" + "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in zip(starts, ends, strict=True)) + "]"


def _replaced(value: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for letter, letters in pairs:
        value = f"pg_catalog.replace({value}, '{letter}', '{letters}')"
    return value


def _functions(schema: str) -> tuple[str, str]:
    letters, plain = map(_literal, _plain_letters())
    # Two signs that Unicode would take apart into others.
    apart = "normalize(pg_catalog.translate(value, '´″', '''\"'), NFKD)"
    without_marks = f"pg_catalog.regexp_replace({apart}, '{_marks()}', '', 'g')"
    folded = _replaced(f"pg_catalog.translate({without_marks}, {letters}, {plain})", _LONGER)
    composed = "normalize(value, NFC)"
    both_cases = (*_SPELLED_OUT, *((a.upper(), b) for a, b in _SPELLED_OUT))
    return (
        f"""
        CREATE FUNCTION {schema}.search_folded(value text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
        AS $f$ SELECT pg_catalog.btrim(pg_catalog.regexp_replace({folded}, ' +', ' ', 'g')) $f$
        """,
        # Most texts are plain letters without accents, and quickly done.
        f"""
        CREATE FUNCTION {schema}.search_text(value text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
        AS $f$
        DECLARE
            plain text;
            spelled_out text;
        BEGIN
            IF pg_catalog.octet_length(value) = pg_catalog.length(value) THEN
                RETURN pg_catalog.btrim(pg_catalog.regexp_replace(
                    pg_catalog.translate(pg_catalog.lower(value), '`', ''''), '[\\x09-\\x0d\\x1c-\\x20]+', ' ', 'g'));
            END IF;
            plain := {schema}.search_folded(value);
            spelled_out := {schema}.search_folded({_replaced(composed, both_cases)});
            RETURN CASE WHEN plain = spelled_out THEN plain ELSE plain || ' ' || spelled_out END;
        END $f$
        """,
    )


def _postgresql() -> list[str]:
    connection = op.get_bind()
    schema = connection.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    statements = [*_functions(schema)]
    statements += ["DROP INDEX ix_account_name_trigrams", "DROP INDEX ix_employee_trigrams"]
    for table, _, index, columns in SEARCHED:
        parts = [f"coalesce({schema}.search_text({column}), '')" for column in columns]
        statements += [
            f"ALTER TABLE {table} ADD COLUMN search_text text GENERATED ALWAYS AS ({_joined(parts)}) STORED",
            f"CREATE INDEX {index} ON {table} USING gin (search_text gin_trgm_ops)",
        ]
    return statements


def _joined(parts: list[str]) -> str:
    return " || ' ' || ".join(parts)


def _row(name: str, columns: tuple[str, ...]) -> str:
    return _joined([f"coalesce(search_text({name}.{column}), '')" for column in columns])


def _sqlite() -> list[str]:
    statements = _without_triggers("account_search", "employee_search")
    for table, index, _, columns in SEARCHED:
        # With a content of its own: what was put in is what is taken out, whatever becomes of the function.
        add = f"INSERT INTO {index} (rowid, search_text)"
        statements += [
            f"CREATE VIRTUAL TABLE {index} USING fts5(search_text, tokenize='trigram')",
            f"{add} SELECT id, {_row(table, columns)} FROM {table}",
            f"""
            CREATE TRIGGER {index}_on_insert AFTER INSERT ON {table}
            BEGIN {add} VALUES (NEW.id, {_row("NEW", columns)}); END
            """,
            f"""
            CREATE TRIGGER {index}_on_delete AFTER DELETE ON {table}
            BEGIN DELETE FROM {index} WHERE rowid = OLD.id; END
            """,
            f"""
            CREATE TRIGGER {index}_on_update AFTER UPDATE OF {", ".join(columns)} ON {table}
            BEGIN UPDATE {index} SET search_text = {_row("NEW", columns)} WHERE rowid = NEW.id; END
            """,
        ]
    return statements


def _without_triggers(*indexes: str) -> list[str]:
    dropped = [
        f"DROP TRIGGER {index}_on_{moment}" for index in indexes for moment in ("insert", "delete", "update")
    ]
    return [*dropped, *(f"DROP TABLE {index}" for index in indexes)]


def _former_postgresql() -> list[str]:
    connection = op.get_bind()
    schema = connection.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    return [
        *(f"ALTER TABLE {table} DROP COLUMN search_text" for table, *_ in SEARCHED),
        f"DROP FUNCTION {schema}.search_text(text)",
        f"DROP FUNCTION {schema}.search_folded(text)",
        "CREATE INDEX ix_account_name_trigrams ON account USING gin (name gin_trgm_ops)",
        """
        CREATE INDEX ix_employee_trigrams ON employee
        USING gin (name gin_trgm_ops, email gin_trgm_ops, employee_number gin_trgm_ops)
        """,
    ]


def _former_sqlite() -> list[str]:
    statements = _without_triggers(*(index for _, index, *_ in SEARCHED))
    for table, columns in (("account", "name"), ("employee", "name, email, employee_number")):
        old, new = (", ".join(f"{row}.{column}" for column in columns.split(", ")) for row in ("OLD", "NEW"))
        index = f"{table}_search"
        remove = f"INSERT INTO {index} ({index}, rowid, {columns}) VALUES ('delete', OLD.id, {old});"
        add = f"INSERT INTO {index} (rowid, {columns}) VALUES (NEW.id, {new});"
        statements += [
            f"CREATE VIRTUAL TABLE {index}"
            f" USING fts5({columns}, content='{table}', content_rowid='id', tokenize='trigram')",
            f"CREATE TRIGGER {index}_on_insert AFTER INSERT ON {table} BEGIN {add} END",
            f"CREATE TRIGGER {index}_on_delete AFTER DELETE ON {table} BEGIN {remove} END",
            f"CREATE TRIGGER {index}_on_update AFTER UPDATE OF {columns} ON {table} BEGIN {remove} {add} END",
            f"INSERT INTO {index} ({index}) VALUES ('rebuild')",
        ]
    return statements


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _postgresql() if connection.dialect.name == "postgresql" else _sqlite():
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    for statement in _former_postgresql() if connection.dialect.name == "postgresql" else _former_sqlite():
        connection.exec_driver_sql(statement)
