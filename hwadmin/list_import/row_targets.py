"""What a row says about the unit it is for: a person, a place, an order, and whether the device was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hwadmin.domain.people.person_identity import KnownPerson, StatedPerson
from hwadmin.domain.text_folding import folded
from hwadmin.list_import.cells import no_value
from hwadmin.list_import.delivery_words import delivery_concern, is_no, is_none_sent
from hwadmin.list_import.lists import SourceRow
from hwadmin.list_import.meaning.columns import Table
from hwadmin.list_import.meaning.headings import PERSON_MEANINGS, Meaning, may_hold_remarks
from hwadmin.list_import.planned_units import Planned
from hwadmin.list_import.statuses import brings_by_number, by_status

_REFERENCE = re.compile(r"(?<![^\W_])HW-[0-9]{3,12}(?![^\W_])", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>():;,]+@[^\s<>():;,]+")
# "Type" may be a model, or whether it is a delivery or a return.
_FREE = (Meaning.NOTHING, Meaning.MODEL, Meaning.DESCRIPTION)
_OF_ONE = (Meaning.PERSON, Meaning.EMAIL, Meaning.EMPLOYEE_NUMBER, Meaning.PLACE)
# What stands before the name of somebody a device is for.
_FOR = re.compile(
    r"(?:attn|att|attention|fao|c/o|z\.?\s?h\.?d|t\.?a\.?v|for|fur|voor|pour|para|per|user|mr|ms)[.:]*"
)
_POSITION = re.compile(r"[-/._ ]0*[0-9]{1,6}$")
_NUMBER = re.compile(r"[\w./-]{4,60}")


@dataclass(frozen=True, slots=True)
class OrderNumbers:
    """The numbers orders go by: those of this order, and of others the reference of each of ours."""

    own: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def key(number: str) -> str:
        """What two writings of one order number share."""
        return re.sub(r"[\W_]", "", number).casefold()

    def key_of(self, number: str) -> str:
        """The key of a number, without the position of an order that stands behind it: ``SO-55012-10``."""
        key, order = self.key(number), self.key(_POSITION.sub("", number.strip()))
        return order if order != key and not self._has(key) and self._has(order) else key

    def known(self, number: str) -> bool:
        """Whether a text is the number of this order or of another one of ours."""
        return self._has(self.key_of(number))

    def _has(self, key: str) -> bool:
        return key in self.own or key in self.others


@dataclass(frozen=True, slots=True)
class Target:
    """What a row says; empty where it says nothing.

    `order`: a number that is none we know. `other_order`: the reference of another order of ours. `unsent`:
    the sentence that a device was not sent. `status`: one that says neither.
    """

    person: StatedPerson | None = None
    place: str = ""
    order: str = ""
    own_order: bool = False
    other_order: str = ""
    status: str = ""
    unsent: str = ""
    # Why it may be no delivery, and why whom it is for is not sure; each a sentence.
    delivery_concern: str = ""
    concern: str = ""
    # Those of the plan who may be meant by a part of a name, one of whom somebody chooses.
    maybe: tuple[KnownPerson, ...] = ()

    @property
    def person_text(self) -> str:
        """The person as the list writes them."""
        if self.person is None:
            return ""
        return self.person.name or next(iter(self.person.emails), "") or self.person.number or ""


NO_TARGET = Target()


def maybe_for(text: str, people: Sequence[KnownPerson]) -> Target:
    """A target of which a part of a name tells, so that somebody says whether it is theirs."""
    names = " or ".join(person.name for person in people[:4])
    return Target(concern=f"The list says “{text[:60]}”, which may be {names}.", maybe=tuple(people[:4]))


def target_of_row(
    row: SourceRow, table: Table, numbers: OrderNumbers, reference: str, planned: Planned
) -> Target:
    """What the cells of a row of a table say about its unit."""
    cells = _stated_cells(row, table, numbers)
    values, order_cells = cells.values, cells.orders
    remarked = _remarked_person(row, table, planned, values)
    concern = cells.concern or remarked.concern
    named = _orders(row.text, order_cells, numbers, reference)
    if named.own and named.others:
        concern = concern or "The list names this order and another one of ours in the same row."
    return Target(
        person=stated_person(values) or remarked.person,
        place=values.get(Meaning.PLACE, ""),
        order=named.unknown,
        own_order=named.own,
        other_order=named.other,
        status="" if cells.unsent else cells.unclear,
        unsent=cells.unsent,
        delivery_concern=cells.doubtful,
        concern=concern,
        maybe=() if cells.concern else remarked.maybe,
    )


@dataclass(slots=True)
class _StatedCells:
    """What the cells of a row say, by meaning, and the sentences of what is to be asked about them."""

    values: dict[Meaning, str] = field(default_factory=dict)
    orders: list[str] = field(default_factory=list)
    concern: str = ""
    unsent: str = ""
    # A status that says neither that it was sent nor that it was not.
    unclear: str = ""
    doubtful: str = ""


def _stated_cells(row: SourceRow, table: Table, numbers: OrderNumbers) -> _StatedCells:
    stated = _StatedCells()
    values = stated.values
    statuses = [
        cell for meaning, cell in zip(table.meanings, row.cells, strict=False) if meaning is Meaning.STATUS
    ]
    sign_counts = not any(brings_by_number(cell) for cell in statuses)
    for column, (meaning, cell) in enumerate(zip(table.meanings, row.cells, strict=False)):
        if not cell or (no_value(cell) and meaning is not Meaning.STATUS):
            if meaning is Meaning.SENT and table.says_something(column):
                stated.doubtful = f"Its “{table.heading(column)}” is empty, so it may not have been sent."
            continue
        if meaning in _FREE:
            stated.doubtful = stated.doubtful or delivery_concern(cell, alone=meaning is not Meaning.NOTHING)
        if meaning in (Meaning.ORDER, Meaning.NOTHING):
            # An order of ours is known wherever it stands.
            if meaning is Meaning.ORDER or (len(cell) >= 5 and numbers.known(cell)):
                stated.orders.append(cell)
        elif meaning is Meaning.STATUS:
            not_sent, unclear = by_status(cell)
            stated.unsent, stated.unclear = stated.unsent or not_sent, stated.unclear or unclear
        elif _is_unsent(meaning, cell, sign_counts=sign_counts):
            stated.unsent = stated.unsent or f"Its “{table.heading(column)}” is “{cell}”, so it was not sent."
        elif values.setdefault(meaning, cell) != cell and meaning in _OF_ONE:
            stated.concern = f"The list says both “{values[meaning]}” and “{cell}”."
    return stated


def _remarked_person(row: SourceRow, table: Table, planned: Planned, values: Mapping[Meaning, str]) -> Target:
    """Whom a remark names of the plan where no column of people does, or may name: then it is asked."""
    if not planned.has_people or values.keys() & {*PERSON_MEANINGS}:
        return NO_TARGET
    remarks = [
        (column, cell)
        for column, (meaning, cell) in enumerate(zip(table.meanings, row.cells, strict=False))
        if cell and meaning in _FREE
    ]
    named = next((cell for _, cell in remarks if planned.is_person(cell) or planned.is_email(cell)), "")
    if named:
        return Target(stated_person({Meaning.PERSON: named}))
    mentioned = {person.id: (person, cell) for _, cell in remarks for person in planned.mentioned(cell)}
    people = [person for person, _cell in mentioned.values()]
    if len(people) > 1:
        return replace(maybe_for("", people), concern="The list names several people in the same row.")
    for person, cell in mentioned.values():
        around = [word for word in folded(cell).split() if word not in folded(person.name).split()]
        if all(_FOR.fullmatch(word) for word in around):
            return Target(StatedPerson(person.name))
        concern = f"“{cell[:60]}” stands with it, so it may be for {person.name}."
        return replace(maybe_for(cell, people), concern=concern)
    for column, cell in remarks:
        # "Niamh gets the red one"
        is_remark = table.meanings[column] is Meaning.NOTHING and may_hold_remarks(table.heading(column))
        if is_remark and (parts := planned.named_in(cell)):
            return maybe_for(cell, parts)
    return NO_TARGET


def _is_unsent(meaning: Meaning, cell: str, *, sign_counts: bool) -> bool:
    if meaning is Meaning.RETURNED:
        return not is_no(cell)
    if meaning is Meaning.QUANTITY:
        return is_none_sent(cell, sign_counts=sign_counts)
    return meaning is Meaning.SENT and is_no(cell)


def stated_person(values: Mapping[Meaning, str]) -> StatedPerson | None:
    """Whom values say by what they mean; None where they name nobody."""
    both = " ".join(values[part] for part in (Meaning.FIRST_NAME, Meaning.LAST_NAME) if part in values)
    name = values.get(Meaning.PERSON) or both or None
    email, number = values.get(Meaning.EMAIL), values.get(Meaning.EMPLOYEE_NUMBER)
    if name and not email and (address := _ADDRESS.search(name)):
        # "Grace Halden <grace@example.com>"
        rest = f"{name[: address.start()]} {name[address.end() :]}"
        email, name = address.group(), re.sub(r"mailto:|[<>();,\s]+", " ", rest).strip() or None
    if email and (address := _ADDRESS.search(email.lower().removeprefix("mailto:"))):
        email = address.group()
    if not (name or email or number):
        return None
    return StatedPerson(name, (email,) if email else (), number)


def orders_of_text(text: str, numbers: OrderNumbers, reference: str) -> tuple[bool, str]:
    """Whether a line of text names this order, and which other one of ours."""
    tokens = _NUMBER.findall(text) if numbers.own or numbers.others else ()
    cells = [token for token in tokens if numbers.known(token)]
    named = _orders(text, cells, numbers, reference)
    return named.own, named.other


def has_order_alone(row: SourceRow, numbers: OrderNumbers) -> bool:
    """Whether a cell of a row is the number of an order and nothing else: then it may go on below."""
    return any(_REFERENCE.fullmatch(cell) or numbers.known(cell) for cell in row.cells if cell)


@dataclass(frozen=True, slots=True)
class _Orders:
    """The orders a text names: this one, others of ours by reference, and a number that is none we know."""

    own: bool
    others: frozenset[str]
    unknown: str = ""

    @property
    def other(self) -> str:
        """The other order a row is for; of this one it is where it names both."""
        return "" if self.own or not self.others else min(self.others)


def _orders(text: str, cells: list[str], numbers: OrderNumbers, reference: str) -> _Orders:
    ours = {match.upper() for match in _REFERENCE.findall(text)} if "-" in text else set()
    if not (ours or cells):
        return _NO_ORDERS
    keys = [numbers.key_of(cell) for cell in cells]
    own = reference.upper() in ours or any(key in numbers.own for key in keys)
    others = (ours - {reference.upper()}) | {numbers.others[key] for key in keys if key in numbers.others}
    unknown = next(
        (
            cell
            for cell, key in zip(cells, keys, strict=True)
            if key and key not in numbers.own and key not in numbers.others and not _REFERENCE.search(cell)
        ),
        "",
    )
    return _Orders(own, frozenset(others), unknown)


_NO_ORDERS = _Orders(False, frozenset())
