"""The shape of the code: what only one place may do, and what no place may.

Each rule carries snippets it must object to and snippets it must let pass, so that none goes blind.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask_admin import BaseView, expose
from jinja2 import Environment, nodes
from packaging.requirements import Requirement

from hwadmin.domain.permissions import Permission
from hwadmin.web import access
from hwadmin.web.admin_views import GuardedView
from tests.guards.source_tree import MODULES, ROOT, nodes_of, tree_of

TEMPLATES = ROOT / "templates"


# ---- Rules about Python


def named(node: ast.AST) -> str:
    """The last name of an expression: ``c`` of ``a.b.c``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def base_of(node: ast.AST) -> str:
    """The name an attribute is taken from: ``b`` of ``a.b.c``."""
    return named(node.value) if isinstance(node, ast.Attribute) else ""


def calls_in_chain(node: ast.AST) -> set[str]:
    """The functions called along ``a(…).b(…).c(…)``."""
    found = set()
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call):
            found.add(named(node.func))
            node = node.func
        else:
            node = node.value
    return found


def status_writes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in nodes_of(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "status"
            and isinstance(node.ctx, ast.Store | ast.Del)
        ):
            yield node
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.search(r"\bupdate\s+hardware_order\b.*\bstatus\s*=", node.value, re.IGNORECASE | re.DOTALL):
                yield node
        elif isinstance(node, ast.Call):
            function = named(node.func)
            if function in {"setattr", "set_attribute"}:
                if any(isinstance(word, ast.Constant) and word.value == "status" for word in node.args):
                    yield node
            elif function == "HardwareOrder" or (
                function in {"values", "update"} and "update" in calls_in_chain(node)
            ):
                names = [keyword.arg for keyword in node.keywords]
                for word in node.args:
                    for key in word.keys if isinstance(word, ast.Dict) else ():
                        names.append(key.value if isinstance(key, ast.Constant) else named(key or word))  # type: ignore[arg-type]
                if "status" in names:
                    yield node


def commits(tree: ast.AST) -> Iterator[ast.AST]:
    for node in nodes_of(tree):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node
        elif isinstance(node, ast.Call) and named(node.func) == "text" and node.args:
            word = node.args[0]
            if isinstance(word, ast.Constant) and str(word.value).strip().upper().startswith("COMMIT"):
                yield node


def imported_from(tree: ast.AST, module: str, names: set[str]) -> Iterator[ast.AST]:
    for node in nodes_of(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == module
            and names & {a.name for a in node.names}
        ):
            yield node


def environment_reads(tree: ast.AST) -> Iterator[ast.AST]:
    yield from imported_from(tree, "os", {"environ", "getenv"})
    for node in nodes_of(tree):
        if base_of(node) == "os" and named(node) in {"environ", "getenv"}:
            yield node


def clocks(tree: ast.AST) -> Iterator[ast.AST]:
    yield from imported_from(tree, "time", {"time", "time_ns"})
    for node in nodes_of(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr in {"now", "today", "current_timestamp"}
            or (node.attr == "utcnow" and base_of(node) != "clock")
            or (node.attr in {"time", "time_ns"} and base_of(node) == "time")
        ):
            yield node


def looks_everywhere(tree: ast.AST) -> Iterator[ast.AST]:
    for node in nodes_of(tree):
        if (isinstance(node, ast.Name | ast.Attribute) and named(node) == "EVERYWHERE") or (
            isinstance(node, ast.Constant) and node.value == "hwadmin_everywhere"
        ):
            yield node


_DATABASES = ("postgres", "psycopg", "sqlite")


def databases_named(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a database is named, outside comments and docstrings."""
    docstrings = {
        node.body[0].value
        for node in nodes_of(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes_of(tree):
        names: list[str | None] = []
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(name.name for name in node.names)]
        elif isinstance(node, ast.keyword | ast.arg):
            names = [node.arg]
        elif isinstance(node, ast.Name | ast.Attribute):
            names = [named(node)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            names = [node.value]
        if any(database in (name or "").lower() for name in names for database in _DATABASES):
            yield node


def largest_id(tree: ast.AST) -> Iterator[ast.AST]:
    """The largest key a database takes, spelled out as a number."""
    for node in nodes_of(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.LShift):
            if isinstance(node.right, ast.Constant) and node.right.value in (63, 64):
                yield node
        elif isinstance(node, ast.Constant) and node.value in (2**63, 2**63 - 1):
            yield node


def date_formats(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a day or a moment is made a text by a format of its own."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Attribute) and node.attr == "strftime":
            yield node
        elif isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            formats = [part.value for part in node.format_spec.values if isinstance(part, ast.Constant)]
            if any(re.search("%[A-Za-z]", str(text)) for text in formats):
                yield node


def selects(tree: ast.AST) -> Iterator[ast.AST]:
    for node in nodes_of(tree):
        if isinstance(node, ast.Call) and named(node.func) == "select":
            yield node


def several_bases(tree: ast.AST) -> Iterator[ast.AST]:
    """Classes that inherit more than one class of ours."""
    ours = {node.name for node in nodes_of(tree) if isinstance(node, ast.ClassDef)}
    for node in nodes_of(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hwadmin"):
            ours |= {name.asname or name.name for name in node.names}
    for node in nodes_of(tree):
        if isinstance(node, ast.ClassDef):
            bases = {named(base) for base in node.bases if named(base) in ours or base_of(base) in ours}
            if len(bases) > 1:
                yield node


@dataclass(frozen=True)
class Rule:
    """Something only the allowed modules may do, of those that are meant."""

    find: Callable[[ast.AST], Iterator[ast.AST]]
    allowed: frozenset[str]
    bad: tuple[str, ...]
    fine: tuple[str, ...] = field(default=())
    # Only the modules of these layers are meant; all of them where none is named.
    layers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.find.__name__

    @property
    def modules(self) -> list[str]:
        """The modules that are meant and not allowed to do it."""
        return [
            module
            for module in MODULES
            if module not in self.allowed and (not self.layers or module.startswith(self.layers))
        ]


RULES = (
    Rule(
        status_writes,
        # The second keeps the HTTP status of an answer to be repeated.
        frozenset({"operations/orders/transition.py", "operations/people/idempotency.py"}),
        bad=(
            "order.status = OrderStatus.APPROVED",
            "order.status: OrderStatus = target",
            "order.status, other = target, 1",
            "order.lines[0].order.status = target",
            "setattr(order, 'status', target)",
            "session.execute(update(HardwareOrder).where(HardwareOrder.id == 1).values(status='approved'))",
            "update(HardwareOrder).values({'status': 'approved'})",
            "update(HardwareOrder).values({HardwareOrder.status: 'approved'})",
            "HardwareOrder(account_id=1, status='approved')",
            "connection.execute(text('UPDATE hardware_order SET status = 1'))",
        ),
        fine=(
            "order.status is OrderStatus.APPROVED",
            "order.status_at = now",
            "HardwareOrder(account_id=1)",
            "update(Device).values(kind='mobile')",
            "setattr(order, 'notes', text)",
        ),
    ),
    Rule(
        commits,
        frozenset({"db/unit_of_work.py"}),
        bad=(
            "db.session.commit()",
            "session().commit()",
            "end = connection.commit",
            "c.execute(text('COMMIT'))",
        ),
        fine=("with unit_of_work(): approve(order)", "db.session.flush()"),
    ),
    Rule(
        environment_reads,
        frozenset({"config.py"}),
        bad=(
            "os.environ['HOME']",
            "os.getenv('HOME')",
            "from os import environ",
            "from os import getenv as g",
        ),
        fine=("os.link(a, b)", "request.environ['REMOTE_ADDR']"),
    ),
    Rule(
        clocks,
        frozenset({"clock.py"}),
        bad=(
            "datetime.now(UTC)",
            "datetime.utcnow()",
            "datetime.datetime.now()",
            "date.today()",
            "time.time()",
            "from time import time",
            "column.default(func.now())",
            "default=datetime.now",
        ),
        fine=("utcnow()", "clock.utcnow()", "time.monotonic()", "from hwadmin.clock import utcnow"),
    ),
    Rule(
        looks_everywhere,
        # Each asks whether something is taken anywhere, or finds somebody before a platform is known.
        frozenset(
            {
                "db/tenancy.py",
                "operations/accounts/accounts.py",
                "operations/directory/tokens.py",
                "operations/fulfillment/known_devices.py",
                "operations/devices/holders.py",
                "operations/people/sessions.py",
                "operations/people/tokens.py",
                "queries/orders/approvals.py",
                "queries/people/people.py",
            }
        ),
        bad=(
            "select(Device).execution_options(**{EVERYWHERE: True})",
            "tenancy.EVERYWHERE",
            "execution_options(**{'hwadmin_everywhere': True})",
        ),
        fine=("select(Device)",),
    ),
    Rule(
        databases_named,
        frozenset(
            {
                "db/dialects.py",
                # What a connection needs, how it fails, and the address of a database.
                "db/engines.py",
                "db/failures.py",
                "config.py",
                # To be moved into dialects: this part of the list only gets shorter.
                "operations/devices/holders.py",
                "queries/text_match.py",
                "scim/filters.py",
            }
        ),
        bad=(
            "if dialect.name == 'postgresql': pass",
            "from sqlalchemy.dialects import postgresql",
            "from sqlalchemy.dialects.postgresql import JSONB",
            "import sqlite3",
            "Index('ix', 'a', sqlite_where=text('a IS NULL'))",
            "if dialects.is_postgresql(): pass",
        ),
        fine=("# SQLite", "def read():\n    'PostgreSQL reads'", "dialects.insert(Device)"),
    ),
    Rule(
        largest_id,
        frozenset({"domain/row_ids.py"}),
        bad=("2**63", "key < 2**63 - 1", "1 << 63", "9223372036854775807"),
        fine=("is_valid_id(key)", "MAX_ID", "2**10"),
    ),
    Rule(
        date_formats,
        frozenset({"domain/dates.py"}),
        bad=("day.strftime('%d %b')", "f'{day:%d %b %Y}'", "f'{day.day} {day:%b}'"),
        fine=("format_date(day)", "f'{share:.0%}'", "f'{number:,}'", "day.isoformat()"),
    ),
    Rule(
        selects,
        # What is read is a query's to say.
        frozenset(),
        bad=("select(Device)", "sqlalchemy.select(Device.id)"),
        fine=("session.scalars(visible_orders(actor))", "select_device(form)"),
        layers=("views/", "api/"),
    ),
    Rule(
        several_bases,
        frozenset(),
        bad=(
            "from hwadmin.a import A, B\nclass View(A, B): pass",
            "from hwadmin.views import base\nclass A: pass\nclass View(A, base.B): pass",
        ),
        fine=("from hwadmin.a import A\nfrom flask_admin import B\nclass View(A, B): pass",),
        layers=("views/", "api/"),
    ),
)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_only_the_allowed_modules_do_it(rule: Rule) -> None:
    offences = [
        f"hwadmin/{module}:{getattr(node, 'lineno', 0)}"
        for module in rule.modules
        for node in rule.find(tree_of(module))
    ]
    instead = "; or ".join(rule.fine)
    assert offences == [], (
        f"{rule}: only {sorted(rule.allowed) or 'other layers'} may. Write for instance {instead}"
    )


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_allowance_is_used(rule: Rule) -> None:
    for module in rule.allowed:
        assert any(rule.find(tree_of(module))), f"{module} no longer needs it"


@pytest.mark.parametrize(("rule", "snippet"), [(rule, bad) for rule in RULES for bad in rule.bad], ids=str)
def test_the_rule_objects_to(rule: Rule, snippet: str) -> None:
    assert any(rule.find(ast.parse(snippet)))


@pytest.mark.parametrize(("rule", "snippet"), [(rule, fine) for rule in RULES for fine in rule.fine], ids=str)
def test_the_rule_lets_pass(rule: Rule, snippet: str) -> None:
    assert not any(rule.find(ast.parse(snippet)))


# ---- Names of modules

SAYS_NOTHING = {
    "util",
    "utils",
    "helper",
    "helpers",
    "service",
    "services",
    "manager",
    "managers",
    "common",
    "misc",
}


def names_that_say_nothing(paths: list[str]) -> list[str]:
    return [path for path in paths if SAYS_NOTHING & set(re.split(r"[/_.]", path.lower()))]


def test_every_module_says_what_it_is_about() -> None:
    tests = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")]
    assert names_that_say_nothing(MODULES + tests) == [], "Name the module by what it is about."


@pytest.mark.parametrize("path", ["utils.py", "views/helpers.py", "services/__init__.py", "order_utils.py"])
def test_a_name_that_says_nothing_is_found(path: str) -> None:
    assert names_that_say_nothing([path, "operations/orders/decisions.py"]) == [path]


# ---- Rules do not live in templates

_EXPRESSION = re.compile(r"{[{%](.*?)[}%]}", re.DOTALL)
_RULE = re.compile(
    # The status somebody filters by is theirs to choose.
    r"(?<!\bfilters\.)\bstatus\s*(==|!=|\bin\b|\bnot\s+in\b|\bis\b(?!\s+(not\s+)?(none|defined)))"
    r"|(==|!=)\s*[\w.]+\.status\b"
    # A form may have a field for it and a page may name it; asking a person for theirs is a rule.
    r"|(?<!\bform)\.role\b(?!\.label)"
    r"|\bis_(super|platform|support)"
)


def rules_in_template(source: str) -> list[str]:
    source = re.sub(r"{#.*?#}", "", source, flags=re.DOTALL)
    return [part.strip() for part in _EXPRESSION.findall(source) if _RULE.search(part)]


TEMPLATE_FILES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", TEMPLATE_FILES)
def test_a_template_shows_and_does_not_decide(name: str) -> None:
    assert rules_in_template((TEMPLATES / name).read_text()) == [], (
        "Let the view decide and pass on the outcome, such as the actions that are possible."
    )


@pytest.mark.parametrize(
    "source",
    [
        "{% if order.status == 'approved' %}",
        "{% if order.status != x %}",
        "{% if order.status in ('approved', 'submitted') %}",
        "{% if 'approved' == order.status %}",
        "{% if current_user.role == 'support' %}",
        "{{ 'Approve' if person.role }}",
        "{% if is_super_admin %}",
        "{%- if order.status\n is sameas(x) -%}",
    ],
)
def test_a_rule_in_a_template_is_found(source: str) -> None:
    assert rules_in_template(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ order.status.label }}",
        '<div role="alert">{{ message }}</div>',
        "{{ person.role_label }}",
        "{{ me.role.label }}",
        "{{ ui.field(form.role) }}",
        "{% if filters.status == tab %}",
        "{# status == x #}",
        "{% if 'approve' in actions %}",
    ],
)
def test_showing_is_not_deciding(source: str) -> None:
    assert not rules_in_template(source)


# ---- What the frame knows is not taken from it

FRAME_KNOWS = {"person", "nav", "can", "csrf_token"}


def names_taken(source: str) -> set[str]:
    """What a template gives another meaning for the whole page, the frame around it included."""
    taken: set[str] = set()
    for node in Environment().parse(source).body:
        if isinstance(node, nodes.Macro):
            taken.add(node.name)
        elif isinstance(node, nodes.Assign):
            taken |= {name.name for name in node.find_all(nodes.Name) if name.ctx == "store"}
        elif isinstance(node, nodes.Import):
            taken.add(node.target)
        elif isinstance(node, nodes.FromImport):
            taken |= {name if isinstance(name, str) else name[1] for name in node.names}
    return taken & FRAME_KNOWS


@pytest.mark.parametrize("name", TEMPLATE_FILES)
def test_a_template_leaves_the_frame_what_it_knows(name: str) -> None:
    assert names_taken((TEMPLATES / name).read_text()) == set(), (
        "Use another name: the frame of the page reads this one."
    )


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("{% macro person(one) %}{{ one }}{% endmacro %}", {"person"}),
        ("{% set nav = [] %}", {"nav"}),
        ("{% set first, can = pair %}", {"can"}),
        ("{% import 'a.html' as person %}", {"person"}),
        ("{% from 'a.html' import ask as can, csrf_token %}", {"can", "csrf_token"}),
        ("{% macro one() %}{% set person = 1 %}{% endmacro %}{% set who = person %}", set()),
        ("{% for person in people %}{{ person }}{% endfor %}", set()),
    ],
)
def test_what_a_template_takes_from_the_frame_is_found(source: str, taken: set[str]) -> None:
    assert names_taken(source) == taken


# ---- Every handler says what it asks for


def undeclared(views: list[BaseView]) -> tuple[list[str], list[str]]:
    """Handlers of ours that no view opens to anybody, and permissions that name no handler.

    A view may leave an inherited handler closed; one that is closed everywhere was forgotten.
    """
    written, opened, mistyped = set(), set(), set()
    for view in views:
        handlers = {name for _, name, _ in view._urls}
        declared = set(getattr(view, "permissions", {}))
        mistyped |= {f"{view.endpoint}.{name}" for name in declared - handlers}
        for name in handlers:
            # Flask-Admin wraps handlers into each class; the wrapper still says where they were written.
            handler = getattr(type(view), name)
            if handler.__module__.split(".")[0] != "flask_admin":
                written.add(handler.__qualname__)
                opened |= {handler.__qualname__} if name in declared else set()
    return sorted(written - opened), sorted(mistyped)


def admin_views(app: Flask) -> list[BaseView]:
    return [view for admin in app.extensions["admin"] for view in admin._views]


def test_every_handler_of_ours_names_its_permission(shared_app: Flask) -> None:
    views = admin_views(shared_app)
    assert views
    for view in views:
        assert isinstance(view, GuardedView), (
            f"Make {view.endpoint} a GuardedView (hwadmin/web/admin_views.py)."
        )
    assert undeclared(views) == ([], []), (
        "Name each handler with its permission in `permissions` of its view; the second list: no handlers."
    )


def test_a_forgotten_or_mistyped_handler_is_found() -> None:
    class Forgetful(GuardedView):
        permissions = {"index": Permission.AUDIT_READ, "edti": Permission.AUDIT_READ}

        @expose("/")
        def index(self) -> str:
            return ""

        @expose("/edit")
        def edit(self) -> str:
            return ""

    forgotten, mistyped = undeclared([Forgetful(endpoint="forgetful")])
    assert [name.split(".")[-1] for name in forgotten] == ["edit"]
    assert mistyped == ["forgetful.edti"]


def test_every_policy_belongs_to_an_endpoint_and_every_plain_endpoint_has_one(shared_app: Flask) -> None:
    table, endpoints = access.policy(shared_app), set(shared_app.view_functions)
    assert set(table) <= endpoints, "access.declare() names an endpoint that does not exist."
    # Handlers inherited from Flask-Admin are closed unless declared; everything else must say what it is.
    inherited = {f"{view.endpoint}.{name}" for view in admin_views(shared_app) for _, name, _ in view._urls}
    static = {f"{view.endpoint}.static" for view in admin_views(shared_app)}
    assert endpoints - inherited - set(table) <= static, (
        "Say by access.declare(…) or access.declare_public(…) who may call it."
    )


# ---- What is deployed is what is locked


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    blocks = re.findall(
        r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)([^\n]*\\\n(?:\s+--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
        text,
        re.M,
    )
    assert len(blocks) == len(re.findall(r"^\S", text, re.M)), "a line without a version or a hash"
    return {package.lower(): version for package, version, _ in blocks}


def requirements(group: Any) -> list[Requirement]:
    return [Requirement(line) for line in group if isinstance(line, str)]


def test_every_dependency_is_locked_with_its_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, dev = locked("requirements.txt"), locked("requirements-dev.txt")
    wanted = requirements(project["project"]["dependencies"])
    for requirement in wanted:
        assert requirement.specifier.contains(runtime[requirement.name.lower()]), requirement
    for requirement in requirements(project["dependency-groups"]["dev"]):
        assert requirement.specifier.contains(dev[requirement.name.lower()]), requirement
    assert runtime.items() <= dev.items()


def test_no_lock_names_a_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"://|index-url|find-links|\s@\s", (ROOT / name).read_text())
