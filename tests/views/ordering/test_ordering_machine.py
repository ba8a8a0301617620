"""Random steps through ordering, in any order and from any window; whatever is confirmed must be right."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.ordering.basket import read
from hwadmin.models import (
    Basket,
    CatalogItem,
    CatalogPrice,
    Device,
    Employee,
    HardwareOrder,
    Location,
    PhoneLine,
    Unit,
)
from tests.acceptance.test_ordering import Shop
from tests.builders import Clients, World

_AMOUNT = re.compile(r"data-sum-(now|month)>€ ([\d,.]+)<")
_HIDDEN = re.compile(r'name="(submission_key|seen|mark|u-\d+-\d+-mark)" value="([^"]*)"')
PAGES = ("", "new", "new?spare=1", "upgrade", "accessories", "information", "employees", "confirm")
TEXTS = st.sampled_from(["", "Dana Reed", "E-17", "a@example.com", "no address", "\0", "<b>", "x" * 3000])
NUMBERS = st.sampled_from(["0", "1", "2", "3", "7", "2000", "2001", "-1", "x", ""])


class Ordering(RuleBasedStateMachine):
    """Piet in several windows at once; what he sends may be old, foreign or nonsense."""

    world: World
    clients: Clients
    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        # Each walk begins in the same world.
        self.connection.exec_driver_sql("SAVEPOINT walk")
        self.shop = shop = Shop(self.world, allows_upgrade_override=True)
        world, self.client = self.world, self.clients.piet
        shop.codes("4711")
        other = world.an_account(world.blue_harbor)
        their_item = world.an_item("deskphone", world.blue_harbor)
        self.mine = {
            "employee": [shop.employee().id, shop.employee("Tom Hale", employee_number="T-1").id],
            "location": [world.a_location(shop.account).id],
            "line": [shop.line(-5).id, shop.line(90, phone_number="+31600000001").id],
            "spare": [world.a_device(shop.account, item=shop.phone).id for _ in range(2)],
        }
        theirs = PhoneLine(
            platform_id=other.platform_id,
            account_id=other.id,
            phone_number="+31699",
            mobile_carrier="Meridian Mobile",
            currency="EUR",
        )
        self.foreign = {
            "employee": [world.an_employee(other).id],
            "location": [world.a_location(other).id],
            "line": [world._add(theirs).id],
            "spare": [world.a_device(other, item=their_item).id],
            "item": [their_item.sku],
        }
        self.skus = ["IP17", "GA57", "T54W", "CASE", "WH62", "none such"]
        # What each thing costs, told once more beside the product's own reading.
        self.prices: dict[tuple[str, str, int], tuple[Decimal, Decimal]] = {
            ("IP17", "256 GB", 0): (Decimal("899.00"), Decimal(0)),
            ("IP17", "256 GB", 24): (Decimal("99.00"), Decimal("19.00")),
            ("IP17", "512 GB", 0): (Decimal("1129.00"), Decimal(0)),
            ("GA57", "", 0): (Decimal("100.00"), Decimal(0)),
            ("T54W", "", 0): (Decimal("149.00"), Decimal(0)),
            ("CASE", "", 0): (Decimal("29.00"), Decimal(0)),
            ("WH62", "", 0): (Decimal("100.00"), Decimal(0)),
        }
        self.confirmed: list[int] = []
        # What windows have shown: hidden fields of pages, the newest last.
        self.windows: list[dict[str, str]] = [{}]
        self.amounts: dict[str, dict[str, Decimal]] = {}

    # ---- Asking

    def post(self, part: str, data: dict[str, Any]) -> Any:
        answer = self.client.post(f"{self.shop.page}{part}", data=data)
        assert answer.status_code in (302, 303, 200, 404, 409, 422), (part, data, answer.status_code)
        return answer

    def some(self, draw: Any, kind: str) -> Any:
        some = [*self.mine.get(kind, self.skus), *self.foreign[kind], "", "999999"]
        return some[draw(st.integers(0, 7)) % len(some)]

    def hidden(self, draw: Any) -> dict[str, str]:
        """The hidden fields of some window, old or new."""
        newest, which = draw(st.integers(0, 3)) > 0, draw(st.integers(0, 30))
        return self.windows[-1] if newest else self.windows[which % len(self.windows)]

    # ---- Steps

    @rule(part=st.sampled_from(PAGES))
    def look(self, part: str) -> None:
        answer = self.client.get(f"{self.shop.page}{part}")
        assert answer.status_code in (200, 302)
        fields = dict(_HIDDEN.findall(answer.text))
        if fields:
            self.windows.append(self.windows[-1] | fields)
        if "seen" in fields:
            self.amounts[fields["seen"]] = {
                name: Decimal(amount.replace(",", "")) for name, amount in _AMOUNT.findall(answer.text)
            }

    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        draw = data.draw
        sent = {
            "do": draw(st.sampled_from(["add", "add", "add", "update", "select"])),
            "item": self.some(draw, "item"),
            "size": draw(st.sampled_from(["", "256 GB", "512 GB", "1 TB"])),
            "term": draw(st.sampled_from(["0", "24", "x"])),
            "color": draw(st.sampled_from(["", "Black", "Sage", "Mauve"])),
            "quantity": draw(NUMBERS),
            "override_reason": draw(TEXTS),
            "with": draw(st.sampled_from(["", "1", "2", "9"])),
            "page": draw(st.sampled_from(["", "device"])),
        }
        if draw(st.booleans()):
            sent["with"] = ""
        if draw(st.integers(0, 3)) == 0:
            sent["line"] = self.some(draw, "line")
        if draw(st.integers(0, 4)) == 0:
            sent["spare"] = self.some(draw, "spare")
        for item in (self.shop.case.id, self.shop.headset.id, self.shop.phone.id):
            if draw(st.integers(0, 3)) == 0:
                sent[f"acc-{item}"] = draw(NUMBERS)
        self.post("choose", sent)

    @rule(sku=st.sampled_from(["IP17 256 GB 24", "IP17 256 GB 0", "T54W  0", "WH62  0"]))
    def add_plainly(self, sku: str) -> None:
        item, size, term = re.fullmatch(r"(\w+) (.*) (\d+)", sku).groups()
        self.post("choose", {"do": "add", "item": item, "size": size, "term": term})

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        draw, key = data.draw, data.draw(st.integers(1, 5))
        sent = {
            f"quantity-{key}": draw(NUMBERS),
            f"was-quantity-{key}": draw(st.sampled_from(["1", "1", "2"])),
            f"color-{key}": draw(st.sampled_from(["Black", "Sage", "Mauve"])),
            f"was-color-{key}": draw(st.sampled_from(["Black", "Black", "Sage", ""])),
            "go": draw(st.sampled_from(["stay", "information"])),
        }
        if draw(st.integers(0, 3)) == 0:
            sent["remove"] = str(draw(st.integers(1, 5)))
        self.post("basket", sent)

    @rule(data=st.data())
    def inform(self, data: st.DataObject) -> None:
        draw = data.draw
        self.post(
            "information",
            {
                "mark": self.hidden(draw).get("mark", ""),
                "requester": draw(TEXTS),
                "notify": draw(st.sampled_from(["", "", "a@example.com", "nobody"])),
                "ship_to": self.some(draw, "location"),
                "notes": draw(TEXTS),
                "go": draw(st.sampled_from(["choose", "employees", "confirm", "?"])),
            },
        )

    @rule(data=st.data())
    def plan(self, data: st.DataObject) -> None:
        draw, unit = data.draw, f"u-{data.draw(st.integers(1, 4))}-{data.draw(st.integers(1, 3))}"
        self.post(
            "employees",
            {
                f"{unit}-mark": self.hidden(draw).get(f"{unit}-mark", ""),
                f"{unit}-employee": self.some(draw, "employee"),
                f"{unit}-name": draw(TEXTS),
                f"{unit}-number": draw(st.sampled_from(["", "E-1", "E-2"])),
                f"{unit}-location": self.some(draw, "location"),
                f"{unit}-base": draw(st.sampled_from(["", "", "1.1", "x"])),
                f"{unit}-code-0": draw(st.sampled_from(["", "", "4711", "none"])),
                f"{unit}-percent-0": draw(st.sampled_from(["", "", "100", "50", "x"])),
                "go": draw(st.sampled_from(["confirm", "page", f"copy-{unit}", f"fill-{unit}", "choose"])),
            },
        )

    @rule(start=st.booleans())
    def begin_anew(self, start: bool) -> None:
        if start:
            self.post("basket/delete", {"version": str(self.kept().version), "sure": "yes"})

    @rule(up=st.sampled_from(["1.00", "0.05"]))
    def prices_change(self, up: str) -> None:
        phone = db.session.get(CatalogItem, self.shop.phone.id)
        price = db.session.scalars(
            select(CatalogPrice).where(
                CatalogPrice.catalog_item_id == self.shop.iphone.id, CatalogPrice.term_months == 24
            )
        ).one()
        assert phone is not None
        phone.unit_price += Decimal(up)
        price.monthly_price += Decimal(up)
        self.prices["T54W", "", 0] = phone.unit_price, Decimal(0)
        self.prices["IP17", "256 GB", 24] = price.unit_price, price.monthly_price
        db.session.commit()

    @rule(gone=st.booleans())
    def the_headset_is_archived(self, gone: bool) -> None:
        headset = db.session.get(CatalogItem, self.shop.headset.id)
        assert headset is not None
        headset.archived_at = utcnow() if gone else None
        db.session.commit()

    @rule(data=st.data(), twice=st.booleans(), meanwhile=st.sampled_from(["", "", "price", "phone"]))
    def confirm(self, data: st.DataObject, twice: bool, meanwhile: str) -> None:
        if data.draw(st.integers(0, 2)):
            self.look("confirm")
        if meanwhile == "price":
            self.prices_change("1.00")
        elif meanwhile == "phone":
            self.add_plainly("T54W  0")
        window = self.hidden(data.draw)
        sent = {name: window.get(name, "") for name in ("submission_key", "seen")}
        before = self.orders()
        answers = [self.post("confirm", sent) for _ in range(2 if twice else 1)]
        made = [key for key in self.orders() if key not in before]
        assert len(made) <= 1
        if made:
            assert {answer.location for answer in answers} == {answers[0].location}
            self.check(made[0], self.amounts[sent["seen"]])

    # ---- What must hold

    def kept(self) -> Basket:
        db.session.expire_all()
        kept = db.session.scalars(
            select(Basket).where(Basket.account_id == self.shop.account.id)
        ).one_or_none()
        return kept or Basket(content={}, version=1)

    def orders(self) -> list[int]:
        query = select(HardwareOrder.id).where(HardwareOrder.account_id == self.shop.account.id)
        return list(db.session.scalars(query.order_by(HardwareOrder.id)))

    def check(self, key: int, shown: dict[str, Decimal]) -> None:
        """An order is of this account only, at today's prices, and comes to what was confirmed."""
        db.session.expire_all()
        order = db.session.get(HardwareOrder, key)
        assert order is not None
        assert order.lines
        assert order.submitted_by_id == self.world.piet.id
        now = month = Decimal(0)
        for line in order.lines:
            assert line.platform_id == line.catalog_item.platform_id == self.shop.account.platform_id
            if line.from_spare:
                assert (line.unit_price, line.monthly_price) == (0, 0)
            else:
                cost = self.prices[line.sku, line.size or "", line.term_months or 0]
                assert (line.unit_price, line.monthly_price) == cost, line.sku
            now += line.unit_price * line.quantity
            month += line.monthly_price * line.quantity
        assert {"now": now, "month": month} == shown
        if order.ship_to_location_id:
            place = db.session.get(Location, order.ship_to_location_id)
            assert place is not None
            assert place.account_id == order.account_id
        for unit in db.session.scalars(select(Unit).where(Unit.order_id == key)):
            for model, row_id in (
                (Employee, unit.employee_id),
                (Location, unit.location_id),
                (Device, unit.reserved_device_id),
                (PhoneLine, unit.line_of_service_id),
            ):
                row = db.session.get(model, row_id) if row_id else None
                assert row is None or row.account_id == order.account_id  # type: ignore[attr-defined]
        self.confirmed.append(key)
        assert read(self.kept().content)[0].lines == ()

    @invariant()
    def nothing_is_ordered_but_what_was_confirmed(self) -> None:
        assert self.orders() == self.confirmed

    @invariant()
    def what_is_kept_can_be_read(self) -> None:
        assert read(self.kept().content)[1] == 0

    def teardown(self) -> None:
        db.session.rollback()
        taken = db.session.execute(
            select(Unit.reserved_device_id, func.count())
            .where(Unit.reserved_device_id.is_not(None))
            .group_by(Unit.reserved_device_id)
        ).all()
        db.session.rollback()
        self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT walk")
        db.session.expire_all()
        assert all(count == 1 for _, count in taken)


def run(world: World, clients: Clients, connection: Connection, *, examples: int, steps: int) -> int:
    """Walk at random; how many orders came of it."""
    made: list[int] = []

    class Walk(Ordering):
        def teardown(self) -> None:
            super().teardown()
            made.extend(self.confirmed)

    Walk.world, Walk.clients, Walk.connection = world, clients, connection
    # What all walks know is there before the first.
    assert all((world.northwind, world.blue_harbor, world.ada, world.piet, clients.piet))
    walk = seed(20261121)(Walk)
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return len(made)


@pytest.mark.slow
def test_random_steps_never_order_anything_wrong(
    world: World, clients: Clients, connection: Connection
) -> None:
    assert run(world, clients, connection, examples=6, steps=50) >= 3


@pytest.mark.full
def test_many_random_steps_never_order_anything_wrong(
    world: World, clients: Clients, connection: Connection
) -> None:
    assert run(world, clients, connection, examples=150, steps=80) > 50
