"""From a SCIM filter or sort to SQL that means the same as the library's own evaluation of it.

Every condition is true or false and never unknown, so that ``not`` negates what it should. What stands in a
column of its own is compared there, by its index; everything else in the record, without its case.
"""

from __future__ import annotations

import operator
from datetime import UTC, datetime
from typing import Any

from scim2_models import InvalidFilterException, InvalidPathException, SearchRequest
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)
from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    column,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from hwadmin.db.engines import LOWER
from hwadmin.models import Employee
from hwadmin.scim.schema import ENTERPRISE, PATH, USER, User
from hwadmin.scim.untrusted import can_be_stored

# Attributes with several values; and the parts of those that have parts, where a presence is asked for.
_SEVERAL = {"emails": "emails", "phone_numbers": "phoneNumbers"}
_PARTS = {
    "emails": ("value", "type", "primary"),
    "phone_numbers": ("value", "type", "primary"),
    "name": ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"),
    "manager": ("value",),
}
_ORDERING = {
    CompareOperator.gt: operator.gt,
    CompareOperator.ge: operator.ge,
    CompareOperator.lt: operator.lt,
    CompareOperator.le: operator.le,
}


def conditions(request: SearchRequest[Any], dialect: str) -> list[ColumnElement[bool]]:
    """The conditions of a search.

    Raises:
        InvalidFilterException: the filter asks for something that is not kept.
    """
    return [] if request.filter is None else [_Condition(dialect).visit(request.filter.ast)]


def order(request: SearchRequest[Any], dialect: str) -> list[ColumnElement[Any]]:
    """The order of a search: who has no value comes last, and first where it descends.

    Raises:
        InvalidPathException: nothing can be sorted by the attribute.
    """
    if request.sort_by is None:
        return []
    binding = request.sort_binding(USER)
    expression: Any = None
    if binding is not None and (binding.field_name, binding.sub_field_name) == ("emails", "value"):
        expression = Employee.email_key
    elif binding is not None and not binding.is_multivalued:
        expression = _Condition(dialect).place(binding)
    if binding is None or expression is None:
        raise InvalidPathException(
            path=str(request.sort_by), detail=f"The directory is not sorted by {request.sort_by}."
        )
    if binding.target_type is bool:
        expression = case((expression.is_(None), None), (expression, 1), else_=0)
    elif dialect == "postgresql" and binding.target_type is not datetime:
        expression = expression.collate("C")
    if request.sort_order == SearchRequest.SortOrder.descending:
        return [expression.desc().nulls_first()]
    return [expression.asc().nulls_last()]


class _Condition(FilterVisitor[ColumnElement[bool]]):
    """The condition of a filter over people."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect

    # ---- What an attribute means, and where its value is

    def meant(self, path: AttrPath) -> AttributeBinding | None:
        """The attribute a path means; None where there is none such."""
        return PATH(str(path)).resolve()

    def place(self, binding: AttributeBinding) -> Any:
        """The SQL of a single value; None where it is not kept."""
        name, part = binding.field_name, binding.sub_field_name
        core = issubclass(binding.model, User)
        if core and (name, part) in _COLUMNS:
            return _COLUMNS[name, part]
        if name in ("meta", "schemas") or (name == "manager" and part != "value"):
            return None
        attributes = binding.urn.rpartition(":")[2].split(".")
        found = Employee.directory_record[tuple(attributes if core else [ENTERPRISE, *attributes])]
        return found.as_string() if binding.case_exact else self.lowered(found.as_string())

    def lowered(self, text: Any) -> Any:
        """A text without its case, whatever its script."""
        return func.lower(text) if self.dialect == "postgresql" else getattr(func, LOWER)(text)

    def entries(self, name: str) -> Any:
        """The values of an attribute that has several, as rows."""
        if self.dialect == "postgresql":
            found = func.jsonb_extract_path(Employee.directory_record, _SEVERAL[name])
            return func.jsonb_array_elements(found).table_valued(column("value", JSONB), name="entry")
        path = f"$.{_SEVERAL[name]}"
        return func.json_each(Employee.directory_record, path).table_valued("value", name="entry")

    # ---- Nodes

    def visit_not(self, node: Not) -> ColumnElement[bool]:
        return not_(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> ColumnElement[bool]:
        terms = [self.visit(term) for term in node.terms]
        return and_(true(), *terms) if node.op == LogicalOperator.and_ else or_(false(), *terms)

    def visit_comparison(self, node: Comparison) -> ColumnElement[bool]:
        binding = self.meant(node.attr_path)
        if binding is None:
            return false()
        if binding.field_name not in _SEVERAL:
            return self.compared(binding, self.place(binding), node)
        rows, part = self.entries(binding.field_name), binding.sub_field_name or "value"
        one = _OfEntry(self.dialect, binding.field_name, rows)
        compared = one.visit(Comparison(AttrPath(part), node.op, node.value))
        # "ne" of several: none of them equals it, as the library reads it.
        return not_(_any(rows, not_(compared))) if node.op == CompareOperator.ne else _any(rows, compared)

    def compared(self, binding: AttributeBinding, place: Any, node: Comparison) -> ColumnElement[bool]:
        """One value compared."""
        if place is None:
            raise InvalidFilterException(detail=f"The directory is not searched by {node.attr_path}.")
        value = _comparable(binding, node)
        there: ColumnElement[bool] = place.is_not(None)
        if value is None:
            if node.op == CompareOperator.eq:
                return not_(there)
            return there if node.op == CompareOperator.ne else false()
        if node.op == CompareOperator.eq:
            return and_(there, place == value)
        if node.op == CompareOperator.ne:
            return not_(and_(there, place == value))
        if node.op in _ORDERING:
            if isinstance(value, str) and self.dialect == "postgresql":
                place = place.collate("C")
            return and_(there, _ORDERING[node.op](place, value))
        if not isinstance(value, str) or binding.target_type is datetime:
            return false()
        return and_(there, self.holds(place, value, node.op))

    def holds(self, text: Any, part: str, op: CompareOperator) -> ColumnElement[bool]:
        """Whether a text contains another, begins or ends with it; without patterns, so that % is a sign."""
        postgresql = self.dialect == "postgresql"
        if not part:
            return true()
        found: ColumnElement[bool]
        if op == CompareOperator.sw:
            found = func.substr(text, 1, len(part)) == part
        elif op == CompareOperator.ew:
            end = func.right(text, len(part)) if postgresql else func.substr(text, -len(part))
            found = end == part
        else:
            found = (func.strpos(text, part) if postgresql else func.instr(text, part)) > 0
        return found

    def visit_present(self, node: Present) -> ColumnElement[bool]:
        binding = self.meant(node.attr_path)
        if binding is None:
            return false()
        name, part, path = binding.field_name, binding.sub_field_name, node.attr_path
        if name in ("id", "meta", "schemas"):
            return true()
        parts = _PARTS[name] if name in _PARTS and part is None else ()
        if name in _SEVERAL:
            rows = self.entries(name)
            one = _OfEntry(self.dialect, name, rows)
            presences = [Present(AttrPath(word)) for word in (parts or (str(part),))]
            return _any(rows, or_(false(), *map(one.visit, presences)))
        if parts:
            presences = [Present(AttrPath(path.attr, word, path.uri)) for word in parts]
            return or_(false(), *map(self.visit, presences))
        place = self.place(binding)
        if place is None:
            raise InvalidFilterException(detail=f"The directory is not searched by {path}.")
        there: ColumnElement[bool] = place.is_not(None)
        return there if binding.target_type is bool else and_(there, place != "")

    def visit_value_path(self, node: ValuePath) -> ColumnElement[bool]:
        binding = self.meant(node.attr_path)
        if binding is None or binding.field_name not in _SEVERAL:
            return false()
        rows = self.entries(binding.field_name)
        return _any(rows, _OfEntry(self.dialect, binding.field_name, rows).visit(node.val_filter))


def _comparable(binding: AttributeBinding, node: Comparison) -> Any:
    """What an attribute is compared with."""
    value = binding.comparable(coerce_value(binding, node.value, node.op))
    if isinstance(value, datetime):
        try:
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except OverflowError:
            raise InvalidFilterException(
                detail="The filter names a moment before or after all time."
            ) from None
    if isinstance(value, str) and not can_be_stored(value):
        # Written as an escape within the filter, which nobody but its parser takes apart.
        raise InvalidFilterException(detail="The filter has a NUL or half a character in it.")
    return value


class _OfEntry(_Condition):
    """The condition of a filter over the e-mail addresses or phone numbers of a person."""

    def __init__(self, dialect: str, attribute: str, rows: Any) -> None:
        super().__init__(dialect)
        self.attribute, self.rows = attribute, rows

    def meant(self, path: AttrPath) -> AttributeBinding | None:
        if path.sub_attr is not None or path.uri is not None:
            return None
        return PATH(f"{_SEVERAL[self.attribute]}.{path.attr}").resolve()

    def place(self, binding: AttributeBinding) -> Any:
        part = binding.sub_field_name
        if self.dialect == "postgresql":
            found: Any = self.rows.c.value.op("->>")(part)
            return found == "true" if part == "primary" else self.lowered(found)
        found = func.json_extract(self.rows.c.value, f"$.{part}")
        return found == 1 if part == "primary" else self.lowered(found)

    def visit_comparison(self, node: Comparison) -> ColumnElement[bool]:
        binding = self.meant(node.attr_path)
        return false() if binding is None else self.compared(binding, self.place(binding), node)

    def visit_present(self, node: Present) -> ColumnElement[bool]:
        binding = self.meant(node.attr_path)
        if binding is None:
            return false()
        place = self.place(binding)
        there: ColumnElement[bool] = place.is_not(None)
        return there if binding.target_type is bool else and_(there, place != "")

    def visit_value_path(self, node: ValuePath) -> ColumnElement[bool]:
        return false()


def _any(rows: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(literal(1)).select_from(rows).where(condition).exists()


_COLUMNS: dict[tuple[str, str | None], Any] = {
    ("id", None): Employee.scim_id,
    ("external_id", None): Employee.external_id,
    ("user_name", None): Employee.user_name_key,
    # Who was never given the attribute is active, and does not have it.
    ("active", None): case(
        (Employee.deactivated_at.is_not(None), false()),
        (Employee.directory_record["active"].as_boolean(), true()),
    ),
    ("meta", "created"): Employee.created_at,
    ("meta", "last_modified"): Employee.updated_at,
    ("meta", "resource_type"): literal("user"),
}
