"""Random people do random things to orders, ten thousand times; a plain model says what must come of it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import case, func, select
from sqlalchemy_continuum import version_class

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import COMMAND_LINE, Actor
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import ChangedMeanwhile, DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AuditEvent, Device, HardwareOrder, LineItem, OrderTally, Unit
from hwadmin.operations.devices.devices import register_device
from hwadmin.operations.fulfillment.corrections.device_links import unlink_device
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import (
    approve_order,
    cancel_order,
    mark_ordered,
    reject_order,
    reopen_order,
)
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.builders import World, an_identifier
from tests.databases import Template
from tests.operations.orders.copying import copy_order
from tests.running import FULL

KINDS = ("deskphone", "mobile", "accessory")
ORDERS, EVENTS, DEVICES, UNITS, LINES, TALLY = (
    model.__table__ for model in (HardwareOrder, AuditEvent, Device, Unit, LineItem, OrderTally)
)
VERSIONS = version_class(HardwareOrder).__table__

# As many orders at a time; the more there are, the less happens to each.
MOST_ORDERS = 12

# The rules, told once more and on purpose without looking at the product's own table.
MAY = {
    "edit": {"ada", "piet", "bea"},
    "approve": {"ada"},
    "mark_ordered": {"ada"},
    "reject": {"ada"},
    "reopen": {"ada"},
    "fulfill": {"ada"},
    "close_short": {"ada"},
    "unlink": {"ada"},
    "replace": {"ada"},
    "cancel": {"piet", "bea"},
    "copy": {"ada", "piet", "bea"},
}
SEES = {
    "ada": {"northwind", "blue_harbor"},
    "piet": {"northwind"},
    "sam": {"northwind"},
    "bea": {"blue_harbor"},
}
EVENT = {
    "edit": "order.edited",
    "approve": "order.approved",
    "mark_ordered": "order.marked_ordered",
    "reject": "order.rejected",
    "cancel": "order.cancelled",
    "reopen": "order.reopened",
    "fulfill": "order.fulfilled",
    "close_short": "order.closed_short",
    "unlink": "order.unlinked",
    "replace": "device.replaced",
}


@dataclass
class Expected:
    """What an order must look like."""

    id: int
    platform: str
    account_id: int
    quantities: dict[str, int]
    status: str = "submitted"
    version: int = 1
    decided_by: str | None = None
    rejected_because: str | None = None
    cancelled_because: str | None = None
    placed: bool = False
    # The identifier of each unit that has a device.
    devices: dict[int, str] = field(default_factory=dict)
    # The units among them whose device was made for them; the others were linked to one there was.
    made: set[int] = field(default_factory=set)
    # Why each unit that will not come is closed, and whether it would have become a device.
    closed: dict[int, str] = field(default_factory=dict)
    closed_devices: int = 0
    events: Counter[str] = field(default_factory=lambda: Counter({"order.submitted": 1}))
    updated_by: str = "Piet Jansen"
    status_by: str = "Piet Jansen"

    @property
    def fulfillable(self) -> int:
        ordered = sum(quantity for kind, quantity in self.quantities.items() if kind != "accessory")
        return ordered - self.closed_devices

    def refusal(self, who: str, action: str, stale: bool, reason: str | None) -> type[DomainError] | None:
        """How the action is refused, or None where it is done."""
        if who not in MAY[action]:
            return NotAllowed
        if self.platform not in SEES[who]:
            return NotFound
        if action == "copy":
            return None
        if stale:
            return ChangedMeanwhile
        fits = {
            "edit": self.status == "submitted",
            "approve": self.status == "submitted",
            "mark_ordered": self.status == "submitted" or (self.status == "approved" and not self.placed),
            "reject": self.status == "submitted",
            "cancel": self.status == "submitted",
            "reopen": self.status == "approved" and not self.devices,
            "fulfill": self.status in ("approved", "fulfilled"),
        }
        if not fits[action]:
            return WrongState
        if action in ("reject", "reopen") and not reason:
            return InvalidInput
        return None

    def moved(self, name: str, action: str) -> None:
        self.version += 1
        self.updated_by = name
        self.events[EVENT[action]] += 1

    def becomes(self, status: str, name: str) -> None:
        if self.status != status:
            self.status, self.status_by = status, name


class Lifecycle(RuleBasedStateMachine):
    """Orders of two platforms and four people, one of whom only looks."""

    world: ClassVar[World]
    steps: ClassVar[int]
    done: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        self.actors: dict[str, Actor] = {
            name: getattr(world, name).actor for name in ("ada", "piet", "bea", "sam")
        }
        self.accounts = [
            (platform, world.an_account(getattr(world, platform)).id)
            for platform in ("northwind", "northwind", "blue_harbor")
        ]
        self.orders: list[Expected] = []
        # Identifier → account and the unit that has it, if any.
        self.known: dict[str, tuple[int, int | None]] = {}
        # The identifiers of what is out of service.
        self.retired: list[str] = []
        self.devices_by_hand = 0
        for place in (0, 1, 2):
            self._submitted(place, {"deskphone": 2})
        self._decide(0, "ada", "approve", "right", None)

    # ---- The actions

    @precondition(lambda self: len(self.orders) < MOST_ORDERS)
    @rule(
        place=st.integers(0, 2),
        kinds=st.dictionaries(st.sampled_from(KINDS), st.integers(1, 3), min_size=1),
    )
    def submit(self, place: int, kinds: dict[str, int]) -> None:
        type(self).steps += 1
        self._check(self._submitted(place, kinds))

    @precondition(lambda self: sum(unit is None for _, unit in self.known.values()) < 4)
    @rule(place=st.integers(0, 2), kind=st.sampled_from(["deskphone", "mobile"]))
    def register_by_hand(self, place: int, kind: str) -> None:
        type(self).steps += 1
        platform, account_id = self.accounts[place]
        sku = self._sku(platform, kind)
        identifier = an_identifier(kind)
        made = self._do("ada", lambda ada: register_device(ada, account_id, sku=sku, identifier=identifier))
        self.known[made.identifier] = (account_id, None)

    @rule(
        place=st.integers(0, 11),
        who=st.sampled_from(["ada", "ada", "piet", "bea", "sam"]),
        action=st.sampled_from(
            ["approve", "mark_ordered", "reject", "cancel", "reopen", "approve", "reopen"]
        ),
        stated=st.sampled_from(["none", "right", "right", "stale"]),
        reason=st.sampled_from([None, " ", "Because."]),
    )
    def decide(self, place: int, who: str, action: str, stated: str, reason: str | None) -> None:
        self._decide(place, who, action, stated, reason)

    @rule(
        place=st.integers(0, 11),
        who=st.sampled_from(["ada", "piet"]),
        action=st.sampled_from(["approve", "mark_ordered", "reopen", "reject", "cancel"]),
        reason=st.just("Because."),
    )
    def decide_on_what_is_there(self, place: int, who: str, action: str, reason: str) -> None:
        self._decide(place, who, action, "right", reason)

    def _decide(self, place: int, who: str, action: str, stated: str, reason: str | None) -> None:
        order = self.orders[place % len(self.orders)]
        version = {"none": None, "right": order.version, "stale": order.version - 1}[stated]
        name = self.actors[who].name
        fields: dict[str, Any] = {"expected_version": version}
        if action in ("reject", "cancel", "reopen"):
            fields["reason"] = reason
        kept = (reason or "").strip() or None
        work = {
            "approve": approve_order,
            "mark_ordered": mark_ordered,
            "reject": reject_order,
            "cancel": cancel_order,
            "reopen": reopen_order,
        }[action]
        if self._refused(
            order, who, action, stated == "stale", kept, lambda actor: work(actor, order.id, **fields)
        ):
            return
        if action in ("approve", "mark_ordered") and order.status == "submitted":
            order.decided_by = name
            order.becomes("approved", name)
        if action == "mark_ordered":
            order.placed = True
        if action == "reject":
            order.decided_by, order.rejected_because = name, kept
            order.becomes("rejected", name)
        if action == "cancel":
            order.cancelled_because = kept
            order.becomes("cancelled", name)
        if action == "reopen":
            order.decided_by, order.placed = None, False
            order.closed, order.closed_devices = {}, 0
            order.becomes("submitted", name)
        order.moved(name, action)
        self._check(order)

    @rule(
        place=st.integers(0, 11),
        who=st.sampled_from(["ada", "piet", "bea", "sam"]),
        stated=st.sampled_from(["none", "right", "right", "stale"]),
        wanted=st.dictionaries(st.sampled_from(KINDS), st.integers(1, 4), min_size=1),
    )
    def edit(self, place: int, who: str, stated: str, wanted: dict[str, int]) -> None:
        order = self.orders[place % len(self.orders)]
        version = {"none": None, "right": order.version, "stale": order.version - 1}[stated]
        skus = {self._sku(order.platform, kind): quantity for kind, quantity in wanted.items()}

        def work(actor: Actor) -> object:
            return edit_lines(actor, order.id, skus, expected_version=version)

        if self._refused(order, who, "edit", stated == "stale", None, work):
            return
        if wanted != order.quantities:
            order.quantities = dict(wanted)
            order.moved(self.actors[who].name, "edit")
        self._check(order)

    @rule(
        place=st.integers(0, 11),
        anywhere=st.sampled_from([False, False, True]),
        who=st.sampled_from(["ada", "ada", "ada", "piet", "sam"]),
        stated=st.sampled_from(["none", "none", "right", "stale"]),
        typed=st.lists(
            st.sampled_from(["new", "new", "blank", "again", "bad", "known", "twice", "retired"]), max_size=6
        ),
        only_valid=st.booleans(),
        twice=st.booleans(),
    )
    def fulfill(
        self,
        place: int,
        anywhere: bool,
        who: str,
        stated: str,
        typed: list[str],
        only_valid: bool,
        twice: bool,
    ) -> None:
        order = self._order(place, None if anywhere else _is_approved)
        version = {"none": None, "right": order.version, "stale": order.version - 1}[stated]
        units = self._units(order)
        identifiers = self._typed(order, units, typed)

        def work(actor: Actor) -> Any:
            return fulfill_order(
                actor, order.id, identifiers, only_valid=only_valid, expected_version=version
            )

        if self._refused(order, who, "fulfill", stated == "stale", None, work):
            return
        outcomes = self._outcomes(order, units, identifiers)
        report = self.result
        assert {row.unit_id: row.outcome for row in report.units} == outcomes
        wanted = [unit for unit, one in outcomes.items() if one in (UnitOutcome.CREATED, UnitOutcome.LINKED)]
        written = only_valid or UnitOutcome.REFUSED not in outcomes.values()
        if order.status == "approved" and written:
            for unit in wanted:
                order.devices[unit] = identifiers[unit]
                if outcomes[unit] is UnitOutcome.CREATED:
                    order.made.add(unit)
                self.known[identifiers[unit]] = (order.account_id, unit)
            complete = len(order.devices) == order.fulfillable
            if complete:
                order.becomes("fulfilled", self.actors[who].name)
            if wanted or complete:
                order.moved(self.actors[who].name, "fulfill")
        self._check(order)
        if twice and stated != "right":  # The same form once more, from another browser.
            self._do(who, work)
            self._check(order)

    @rule(
        place=st.integers(0, 11),
        anywhere=st.sampled_from([False, False, True]),
        who=st.sampled_from(["ada", "ada", "ada", "piet", "sam"]),
        chosen=st.sets(st.integers(0, 11), max_size=3),
        strange=st.sampled_from([False, False, False, True]),
        reason=st.sampled_from([None, "Because.", "Because.", "Because."]),
    )
    def close_short(
        self, place: int, anywhere: bool, who: str, chosen: set[int], strange: bool, reason: str | None
    ) -> None:
        order = self._order(place, None if anywhere else _is_approved)
        units = self._units(order, accessories=True)
        keys = [unit for unit, _ in units]
        wanted = {keys[one % len(keys)] for one in chosen} | ({keys[-1] + 10**6} if strange else set())
        closing = [(unit, kind) for unit, kind in units if unit in wanted and unit not in order.closed]
        # Closed already, all of them: sent twice, and nothing is left to do.
        again = bool(wanted) and wanted <= {*order.closed}
        expected: type[DomainError] | None = None
        if who not in MAY["close_short"]:
            expected = NotAllowed
        elif again:
            expected = None
        elif order.status != "approved":
            expected = WrongState
        elif (
            not wanted
            or strange
            or wanted & {*order.devices}
            or wanted | {*order.closed} >= {*keys}
            or not reason
        ):
            expected = InvalidInput

        def work(actor: Actor) -> object:
            return close_short(actor, order.id, wanted, reason=reason)

        if self._tried(order, who, "close_short", expected, work):
            return
        if not again:
            order.closed |= {unit: reason or "" for unit, _ in closing}
            order.closed_devices += sum(kind != "accessory" for _, kind in closing)
            if 0 < order.fulfillable == len(order.devices):
                order.becomes("fulfilled", self.actors[who].name)
            order.moved(self.actors[who].name, "close_short")
        self._check(order)

    @precondition(lambda self: any(order.devices for order in self.orders))
    @rule(
        place=st.integers(0, 11),
        anywhere=st.sampled_from([False, False, True]),
        number=st.integers(0, 11),
        who=st.sampled_from(["ada", "ada", "ada", "piet", "sam"]),
        stale=st.sampled_from([False, False, False, True]),
        reason=st.sampled_from([None, "Wrong one.", "Wrong one.", "Wrong one."]),
    )
    def unlink(
        self, place: int, anywhere: bool, number: int, who: str, stale: bool, reason: str | None
    ) -> None:
        order = self._order(place, None if anywhere else lambda one: bool(one.devices))
        units = [*order.devices] or [unit for unit, _ in self._units(order, accessories=True)]
        unit = units[number % len(units)]
        seen = self._device_of(unit) + stale
        expected: type[DomainError] | None = None
        if who not in MAY["unlink"]:
            expected = NotAllowed
        elif unit not in order.devices:
            expected = WrongState
        elif stale:
            expected = ChangedMeanwhile
        elif not reason:
            expected = InvalidInput

        def work(actor: Actor) -> object:
            return unlink_device(actor, order.id, unit, device_id=seen, reason=reason)

        if self._tried(order, who, "unlink", expected, work):
            return
        identifier = order.devices.pop(unit)
        if unit in order.made:
            order.made.remove(unit)
            self._retire(identifier)
        else:
            self.known[identifier] = (order.account_id, None)
        if order.status == "fulfilled":  # It is final, and so its unit will not come.
            order.closed[unit] = reason or ""
            order.closed_devices += 1
        order.moved(self.actors[who].name, "unlink")
        self._check(order)

    @precondition(lambda self: self.known)
    @rule(
        number=st.integers(0, 40),
        who=st.sampled_from(["ada", "ada", "ada", "piet", "sam"]),
        typed=st.sampled_from(["new", "new", "retired", "known", "known", "same", "bad"]),
        other=st.integers(0, 40),
        reason=st.sampled_from([None, "Broken.", "Broken.", "Broken."]),
    )
    def replace(self, number: int, who: str, typed: str, other: int, reason: str | None) -> None:
        former = [*self.known][number % len(self.known)]
        account_id, unit = self.known[former]
        order = next((one for one in self.orders if unit in one.devices), None)
        kind = "deskphone" if ":" in former else "mobile"
        alike = [one for one in self.known if _same_kind(one, former)]
        retired = [one for one in self.retired if _same_kind(one, former)]
        match typed:
            case "known":
                identifier = alike[other % len(alike)]
            case "retired" if retired:
                identifier = retired[other % len(retired)]
            case "same":
                identifier = former
            case "bad":
                identifier = "nonsense"
            case _:
                identifier = self._fresh(kind)
        known = self.known.get(identifier)
        expected: type[DomainError] | None = None
        if who not in MAY["replace"]:
            expected = NotAllowed
        elif not reason or identifier in (former, "nonsense"):
            expected = InvalidInput
        elif known is not None and known != (account_id, None):
            expected = WrongState
        device_id = self._device_with(former)

        def work(actor: Actor) -> object:
            return replace_device(actor, device_id, identifier=identifier, reason=reason)

        if self._tried(order, who, "replace", expected, work):
            return
        self._retire(former)
        self.known[identifier] = (account_id, unit)
        if order is None or unit is None:
            return
        order.devices[unit] = identifier
        if known is None:
            order.made.add(unit)
        else:
            order.made.discard(unit)
        order.moved(self.actors[who].name, "replace")
        self._check(order)

    @precondition(lambda self: len(self.orders) < MOST_ORDERS)
    @rule(place=st.integers(0, 11), who=st.sampled_from(["ada", "piet", "bea", "sam"]))
    def copy(self, place: int, who: str) -> None:
        order = self.orders[place % len(self.orders)]
        if self._refused(order, who, "copy", False, None, lambda actor: copy_order(actor, order.id)):
            return
        name = self.actors[who].name
        copy = Expected(self.result.id, order.platform, order.account_id, dict(order.quantities))
        copy.updated_by = copy.status_by = name
        self.orders.append(copy)
        self._check(order)
        self._check(copy)

    # ---- How they are done

    def _order(self, place: int, fits: Callable[[Expected], bool] | None) -> Expected:
        """One of the orders; one that the action fits where there is one: most are refused all alike."""
        orders = [one for one in self.orders if fits is None or fits(one)] or self.orders
        return orders[place % len(orders)]

    def _sku(self, platform: str, kind: str) -> str:
        return self.world.item(kind, getattr(self.world, platform)).sku

    def _do(self, who: str, work: Any) -> Any:
        actor = self.actors[who]
        with acting_as(db.session, actor):
            return transact(lambda: work(actor))

    def _submitted(self, place: int, kinds: dict[str, int]) -> Expected:
        platform, account_id = self.accounts[place]
        lines = [NewLine(self._sku(platform, kind), quantity) for kind, quantity in kinds.items()]
        who = "piet" if platform == "northwind" else "bea"
        made = self._do(who, lambda actor: submit_order(actor, NewOrder(account_id, lines)))
        order = Expected(made.id, platform, account_id, dict(kinds))
        order.updated_by = order.status_by = self.actors[who].name
        self.orders.append(order)
        return order

    def _refused(
        self, order: Expected, who: str, action: str, stale: bool, reason: str | None, work: Any
    ) -> bool:
        """Do the action; whether it was refused, as it must be or must not."""
        return self._tried(order, who, action, order.refusal(who, action, stale, reason), work)

    def _tried(
        self, order: Expected | None, who: str, action: str, expected: type[DomainError] | None, work: Any
    ) -> bool:
        type(self).steps += 1
        got: type[DomainError] | None = None
        try:
            self.result = self._do(who, work)
        except DomainError as error:
            got = type(error)
        assert got is expected, (who, action, order)
        type(self).done[f"{action}: {got.__name__ if got else 'done'}"] += 1
        if got and order:
            self._check(order)
        return got is not None

    def _retire(self, identifier: str) -> None:
        del self.known[identifier]
        self.retired.append(identifier)

    def _fresh(self, kind: str) -> str:
        """A new identifier as it is stored."""
        made = an_identifier(kind)
        pairs = ":".join(made[at : at + 2] for at in range(0, 12, 2))
        return pairs if kind == "deskphone" else made

    def _device_of(self, unit: int) -> int:
        """The key of the unit's device; 0 where it has none."""
        query = select(DEVICES.c.id).where(DEVICES.c.unit_id == unit)
        return db.session.connection().execute(query).scalar_one_or_none() or 0

    def _device_with(self, identifier: str) -> int:
        query = select(DEVICES.c.id).where(DEVICES.c.identifier == identifier, DEVICES.c.retired_at.is_(None))
        return db.session.connection().execute(query).scalar_one()

    def _units(self, order: Expected, accessories: bool = False) -> list[tuple[int, str]]:
        rows = db.session.connection().execute(
            select(UNITS.c.id, LINES.c.kind)
            .join(LINES, LINES.c.id == UNITS.c.line_id)
            .where(UNITS.c.order_id == order.id, accessories or LINES.c.kind != Kind.ACCESSORY)  # type: ignore[arg-type]
            .order_by(LINES.c.position, UNITS.c.number)
        )
        return [(unit, kind.value) for unit, kind in rows]

    def _typed(self, order: Expected, units: list[tuple[int, str]], ways: list[str]) -> dict[int, str]:
        typed: dict[int, str] = {}
        for place, ((unit, kind), way) in enumerate(zip(units, ways, strict=False)):
            known = [one for one in self.known if (":" in one) == (kind == "deskphone")]
            retired = [one for one in self.retired if (":" in one) == (kind == "deskphone")]
            match way:
                case "blank":
                    typed[unit] = " "
                case "bad":
                    typed[unit] = "nonsense"
                case "again" if unit in order.devices:
                    typed[unit] = order.devices[unit]
                case "known" if known:
                    typed[unit] = known[-1 - place % len(known)]
                case "twice" if typed:
                    typed[unit] = next(iter(typed.values()))
                case "retired" if retired:
                    typed[unit] = retired[-1 - place % len(retired)]
                case _:
                    typed[unit] = self._fresh(kind)
        return typed

    def _outcomes(
        self, order: Expected, units: list[tuple[int, str]], typed: dict[int, str]
    ) -> dict[int, UnitOutcome]:
        outcomes: dict[int, UnitOutcome] = {}
        seen: set[str] = set()
        for unit, kind in units:
            value = typed.get(unit, "").strip()
            right_kind = (":" in value) == (kind == "deskphone")
            if not value:
                outcomes[unit] = UnitOutcome.SKIPPED if unit in order.devices else UnitOutcome.EMPTY
            elif unit in order.closed or value == "nonsense" or not right_kind:
                outcomes[unit] = UnitOutcome.REFUSED
            elif unit in order.devices:
                same = order.devices[unit] == value
                outcomes[unit] = UnitOutcome.SKIPPED if same else UnitOutcome.REFUSED
                if same:
                    seen.add(value)
            elif value in seen:
                outcomes[unit] = UnitOutcome.REFUSED
            else:
                seen.add(value)
                account_id, holder = self.known.get(value, (order.account_id, None))
                taken = account_id != order.account_id or holder is not None
                fits = UnitOutcome.LINKED if value in self.known else UnitOutcome.CREATED
                outcomes[unit] = UnitOutcome.REFUSED if taken else fits
        return outcomes

    # ---- What must be true

    def _check(self, order: Expected) -> None:
        connection = db.session.connection()
        row = connection.execute(select(ORDERS).where(ORDERS.c.id == order.id)).mappings().one()
        assert (row["status"].value, row["version"]) == (order.status, order.version)
        assert row["decided_by_name"] == order.decided_by
        assert (row["decided_at"] is None) == (order.decided_by is None)
        assert row["rejection_reason"] == order.rejected_because
        assert row["cancellation_reason"] == order.cancelled_because
        assert (row["placed_at"] is not None, row["placed_by_name"] is not None) == (order.placed,) * 2
        assert (row["fulfilled_at"] is not None) == (order.status == "fulfilled")
        assert (row["fulfilled_units"], row["fulfillable_units"]) == (len(order.devices), order.fulfillable)
        assert (row["updated_by_name"], row["status_by_name"]) == (order.updated_by, order.status_by)
        assert row["updated_at"] >= row["status_at"] >= row["created_at"]
        kinds = connection.execute(
            select(EVENTS.c.kind, func.count()).where(EVENTS.c.order_id == order.id).group_by(EVENTS.c.kind)
        )
        assert {kind: count for kind, count in kinds} == order.events  # noqa: C416

    def teardown(self) -> None:
        connection = db.session.connection()
        for order in self.orders:
            self._check(order)
            lines = connection.execute(select(LINES).where(LINES.c.order_id == order.id)).mappings().all()
            assert {line["kind"].value: line["quantity"] for line in lines} == order.quantities
            per_line = connection.execute(
                select(UNITS.c.line_id, func.count())
                .where(UNITS.c.order_id == order.id)
                .group_by(UNITS.c.line_id)
            )
            assert dict(tuple(row) for row in per_line) == {line["id"]: line["quantity"] for line in lines}
            made = connection.execute(
                select(DEVICES.c.unit_id, DEVICES.c.identifier, DEVICES.c.account_id).where(
                    DEVICES.c.unit_id.in_(select(UNITS.c.id).where(UNITS.c.order_id == order.id))
                )
            )
            assert {unit: identifier for unit, identifier, _ in made} == order.devices
            closed = connection.execute(
                select(UNITS.c.id, UNITS.c.closed_reason).where(
                    UNITS.c.order_id == order.id, UNITS.c.closed_at.is_not(None)
                )
            )
            assert dict(tuple(row) for row in closed) == order.closed
            versions = connection.execute(
                select(VERSIONS.c.version)
                .where(VERSIONS.c.id == order.id)
                .order_by(VERSIONS.c.transaction_id)
            )
            assert versions.scalars().all() == list(range(1, order.version + 1))
        to_be_placed = (
            (ORDERS.c.status == OrderStatus.APPROVED)
            & ORDERS.c.placed_at.is_(None)
            & ~ORDERS.c.nothing_to_buy
        )
        recounted = connection.execute(
            select(
                ORDERS.c.platform_id,
                ORDERS.c.status,
                func.count(),
                func.count(case((to_be_placed, 1))),
                func.count(ORDERS.c.placed_at),
            ).group_by(ORDERS.c.platform_id, ORDERS.c.status)
        )
        tallied = connection.execute(select(TALLY).where(TALLY.c.orders != 0))
        assert {tuple(row) for row in tallied} == {tuple(row) for row in recounted}
        holders = connection.execute(
            select(DEVICES.c.identifier, DEVICES.c.account_id, DEVICES.c.unit_id, DEVICES.c.retired_at).where(
                DEVICES.c.account_id.in_([account_id for _, account_id in self.accounts])
            )
        ).all()
        here = {one: (account_id, unit) for one, account_id, unit, gone in holders if gone is None}
        assert here == self.known
        gone = [(one, unit) for one, _, unit, gone in holders if gone is not None]
        assert Counter(gone) == Counter((one, None) for one in self.retired)


def _is_approved(order: Expected) -> bool:
    return order.status == "approved"


def _same_kind(one: str, other: str) -> bool:
    """Whether both are MAC addresses, or both IMEIs."""
    return (":" in one) == (":" in other)


@pytest.fixture
def long_world(request: pytest.FixtureRequest, template: Template) -> Iterator[World]:
    """A world for thousands of actions in one test.

    PostgreSQL keeps a lock for every savepoint until the whole transaction ends, and runs out of them; there
    the actions are really committed, in a database of their own.
    """
    if template.kind == "sqlite":
        yield request.getfixturevalue("world")
        return
    app = request.getfixturevalue("own_app")
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        yield World()
        db.session.remove()


# In two halves, each with dice of its own, for two workers to share; one of them is enough by default.
@pytest.mark.slow
@pytest.mark.parametrize("half", range(2 if FULL else 1))
def test_whatever_people_do_an_order_is_what_the_model_says(long_world: World, half: int) -> None:
    world = long_world
    # Ten thousand steps in all when everything runs; an eighth of them otherwise.
    steps = (4250 if db.engine.dialect.name == "sqlite" else 750) // (1 if FULL else 8)
    # Everybody and everything the machine speaks of is made once.
    machine: Any = type("Orders", (Lifecycle,), {"world": world, "steps": 0, "done": Counter()})
    for platform in (world.northwind, world.blue_harbor):
        for kind in KINDS:
            world.item(kind, platform)
    assert all((world.ada, world.piet, world.bea, world.sam))
    dice = itertools.count(half, 2)
    wanted = {f"{action}: {outcome}" for action in MAY for outcome in ("done", "NotAllowed")}
    wanted |= {f"{action}: ChangedMeanwhile" for action in ("edit", "approve", "fulfill", "unlink")}
    wanted |= {f"{action}: WrongState" for action in ("close_short", "unlink", "replace")}
    # Where the dice leave something out, they are thrown a while longer.
    while machine.steps < steps or (wanted - {*machine.done} and machine.steps < max(3 * steps, 3000)):
        run_state_machine_as_test(
            seed(next(dice))(machine),
            settings=settings(
                max_examples=8,
                stateful_step_count=100,
                deadline=None,
                database=None,
                print_blob=True,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert wanted <= {*machine.done}
    assert {one for one in machine.done if one.endswith(": done")} <= wanted
