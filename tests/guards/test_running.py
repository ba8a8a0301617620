"""How the suite itself runs: what is chosen by default, and that a slow test is refused."""

from __future__ import annotations

import ast
import gc
import inspect
import sys
import weakref
from collections import Counter

import psycopg
import pytest
from sqlalchemy import Connection, event, insert, select, text

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.models import Platform
from tests import databases, mutants
from tests.borrowed_apps import borrowed_app
from tests.guards.source_tree import ROOT
from tests.quick_imports import module_of
from tests.running import LIMIT, examples, in_turn, keep_what_is_there, too_slow


def test_a_test_that_takes_long_is_refused_unless_it_says_so() -> None:
    assert too_slow(LIMIT - 1, set()) is None
    assert "mark it slow" in (too_slow(LIMIT + 1, {"both_databases"}, lambda: 1) or "")
    assert too_slow(LIMIT + 1, set(), lambda: 2) is None
    assert "mark it slow" in (too_slow(LIMIT * 10, set()) or "")
    assert too_slow(LIMIT + 1, {"slow"}) is None
    assert too_slow(LIMIT + 1, {"full"}) is None


def test_properties_are_tried_less_often_by_default_but_never_only_a_few_times() -> None:
    assert 8 <= examples(20) <= 20
    assert 33 <= examples(100) <= 100


def test_cases_are_spread_over_the_databases_there_are() -> None:
    cases = [f"tests/some/test_thing.py::test_something[-{number}]" for number in range(1000)]
    counts = Counter(in_turn(case, databases.KINDS) for case in cases)
    assert set(counts) == set(databases.KINDS)
    assert min(counts.values()) > 400
    assert {in_turn(case, ("sqlite",)) for case in cases} == {"sqlite"}
    assert [in_turn(case, databases.KINDS) for case in cases] == [
        in_turn(case, databases.KINDS) for case in cases
    ]


def test_the_modules_that_are_mutated_and_their_tests_exist() -> None:
    for module, tests in (mutants.PURE | mutants.WITH_DATABASE).items():
        assert [path for path in (module, *tests) if not (mutants.ROOT / path).exists()] == []
        assert mutants.mutants_of(module), module


def test_a_borrowed_application_is_as_new_whatever_was_done_to_the_one_before(own_database: Settings) -> None:
    with borrowed_app(own_database) as first:
        first.config["PASSWORD_HASHER"] = first.extensions["left behind"] = "somebody's"
        first.test_client().get("/sign-in")
    with borrowed_app(own_database) as again:
        assert again is first
        assert "PASSWORD_HASHER" not in again.config
        assert "left behind" not in again.extensions
        again.add_url_rule("/left-behind", "left_behind", lambda: "")
    with borrowed_app(own_database) as another, another.app_context():
        assert another is not first
        event.listen(db.engine, "connect", lambda *_: None)
    with borrowed_app(own_database) as yet_another:
        assert yet_another is not another


def test_what_a_server_has_prepared_outlives_the_test(connection: Connection) -> None:
    driver: object = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        pytest.skip("SQLite prepares everything itself.")
    for _ in range(3):
        with connection.begin_nested() as savepoint:
            connection.execute(text("SELECT 4711"))
            savepoint.rollback()
    names = "SELECT name FROM pg_prepared_statements WHERE statement = 'SELECT 4711'"
    assert len(connection.exec_driver_sql(names).all()) == 1


def test_what_was_collected_is_set_aside_and_garbage_is_looked_for_again() -> None:
    # To count what is set aside takes a second: there are millions.
    assert not any(one is ast for one in gc.get_objects())
    assert gc.isenabled()


# How a test in a browser must not wait, and why.
WAITS_BY_CHANCE = {
    "wait_for_function": "the pages' policy refuses it from its second look on: evaluate a promise instead",
    "wait_for_timeout": "a busy machine needs longer: wait for what is to be seen",
    "networkidle": "pages ask again by themselves: wait for what is to be seen",
}


def waits_by_chance(text: str) -> set[str]:
    """What of ``WAITS_BY_CHANCE`` a test uses, comments left out."""
    if not any(word in text for word in WAITS_BY_CHANCE):
        return set()
    words = {
        str(getattr(node, "attr", None) or getattr(node, "value", None)) for node in ast.walk(ast.parse(text))
    }
    return words & WAITS_BY_CHANCE.keys()


def test_no_test_in_a_browser_waits_by_chance() -> None:
    found = {
        path.name: {word: WAITS_BY_CHANCE[word] for word in words}
        for path in (ROOT / "tests" / "browser").glob("*.py")
        if (words := waits_by_chance(path.read_text()))
    }
    assert found == {}


def test_waiting_by_chance_is_found() -> None:
    assert waits_by_chance("# Not by wait_for_function.\npage.wait_for_url('**/orders/')") == set()
    assert waits_by_chance("page.wait_for_function('ready')\npage.wait_for_timeout(50)") == {
        "wait_for_function",
        "wait_for_timeout",
    }
    assert waits_by_chance("page.goto(url, wait_until='networkidle')") == {"networkidle"}


class Knot:
    """Refers to itself, so that only the garbage collector clears it away."""

    def __init__(self) -> None:
        self.itself = self


def test_what_outlives_many_tests_is_set_aside_without_the_garbage() -> None:
    lasting, garbage = Knot(), weakref.ref(Knot())
    assert any(one is lasting for one in gc.get_objects())
    keep_what_is_there()
    assert garbage() is None
    assert not any(one is lasting for one in gc.get_objects())


def test_engines_of_one_kind_share_what_was_compiled(
    templates: databases.Templates,
) -> None:
    engines = {}
    for name, kind in (("one", "sqlite"), ("another", "sqlite"), ("server", "postgresql")):
        if kind in databases.available_kinds():
            app = databases.new_app(templates[kind].settings(name))
            engines[name] = db._app_engines[app][None]
    one, another = engines["one"], engines["another"]
    assert one is not another
    assert one._compiled_cache is another._compiled_cache
    assert {one.dialect: "compiled"}[another.dialect] == "compiled"
    if "server" in engines:
        assert engines["server"]._compiled_cache is not one._compiled_cache
        assert engines["server"].dialect != one.dialect


def test_what_frames_a_test_is_no_statement_and_is_undone(connection: Connection) -> None:
    sent: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *about: sent.append(about[2].split()[0]))
    with connection.begin_nested() as savepoint:
        connection.execute(insert(Platform).values(name="Gone"))
        savepoint.rollback()
    assert connection.scalars(select(Platform.name)).all() == []
    assert sent == ["INSERT", "SELECT"]


def test_the_module_of_a_frame_is_found_by_its_name() -> None:
    frames = inspect.stack()
    assert len(frames) > 20
    for one in frames[:5]:
        assert module_of(one.frame) is sys.modules[one.frame.f_globals["__name__"]]
    assert module_of(frames[0].frame) is module_of(Knot) is sys.modules[__name__]
