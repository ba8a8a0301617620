"""Find accounts whose whole name is two letters, such as HP or 3M, on SQLite.

Its index knows pieces of three characters, of which such a name has none; with a blank behind it, it has one.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_ON_INSERT = """
    CREATE TRIGGER account_search_on_insert AFTER INSERT ON account BEGIN
        INSERT INTO account_search (rowid, search_text) VALUES (NEW.id, coalesce(search_text(NEW.name), ''){behind});
    END
"""
_ON_UPDATE = """
    CREATE TRIGGER account_search_on_update AFTER UPDATE OF name ON account BEGIN
        UPDATE account_search SET search_text = coalesce(search_text(NEW.name), ''){behind} WHERE rowid = NEW.id;
    END
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        return
    _replace_triggers(" || ' '")
    op.execute("UPDATE account_search SET search_text = search_text || ' ' WHERE length(search_text) < 3")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        _replace_triggers("")


def _replace_triggers(behind: str) -> None:
    for name, trigger in (("insert", _ON_INSERT), ("update", _ON_UPDATE)):
        op.execute(f"DROP TRIGGER account_search_on_{name}")
        op.execute(trigger.format(behind=behind))
