"""What is locked before employees whose devices, lines and units are going to be changed as well.

Others lock an order, a device or a line first, and refer to an employee then: whoever did it the other way
round would wait for them while they wait. See docs/developers/locks.md.
"""

from __future__ import annotations

from sqlalchemy import Select, or_, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, Basket, Device, Employee, HardwareOrder, PhoneLine, Unit
from hwadmin.operations.units.device_locks import in_lock_order
from hwadmin.queries.scope import find


def lock_what_they_have(actor: Actor, account_id: int, employee_ids: list[int]) -> None:
    """Lock some employees of an account with everything that refers to them: nobody gives them more.

    Raises:
        TryAgain: somebody just has; the unit of work begins anew.
    """
    find(actor, Account, account_id, lock=True, lets_others_refer=True)
    statements = _what_they_have(employee_ids)
    locked = [set(db.session.scalars(_locking(statement))) for statement in statements]
    # Whoever refers to them already is waited for; then it shows what they were given.
    db.session.execute(
        select(Employee.id).where(Employee.id.in_(employee_ids)).order_by(Employee.id).with_for_update()
    )
    for statement, keys in zip(statements, locked, strict=True):
        if not keys.issuperset(db.session.scalars(statement)):
            raise TryAgain


def lock_whole_account(actor: Actor, account_id: int) -> None:
    """Lock everything of an account that may say who somebody is, and that others lock before an employee."""
    db.session.execute(
        select(Basket.id).where(Basket.account_id == account_id).order_by(Basket.id).with_for_update()
    )
    find(actor, Account, account_id, lock=True, lets_others_refer=True)
    for statement in (
        select(HardwareOrder.id).where(HardwareOrder.account_id == account_id),
        select(Device.id).where(Device.account_id == account_id),
        select(PhoneLine.id).where(PhoneLine.account_id == account_id),
        select(Employee.id).where(Employee.account_id == account_id),
    ):
        db.session.execute(_locking(statement))


def _what_they_have(employee_ids: list[int]) -> list[Select[int]]:
    """The orders with units or devices of employees, their devices and lines, and who reports to them."""
    units = select(Unit.order_id).where(Unit.employee_id.in_(employee_ids))
    delivered = (
        select(Unit.order_id)
        .join(Device, Device.unit_id == Unit.id)
        .where(Device.employee_id.in_(employee_ids))
    )
    return [
        select(HardwareOrder.id).where(HardwareOrder.id.in_(units.union(delivered))),
        select(Device.id).where(Device.employee_id.in_(employee_ids)),
        select(PhoneLine.id).where(PhoneLine.employee_id.in_(employee_ids)),
        select(Employee.id).where(or_(Employee.id.in_(employee_ids), Employee.manager_id.in_(employee_ids))),
    ]


def _locking(statement: Select[int]) -> Select[int]:
    """The statement, locking its rows in the order in which everybody locks rows of this kind."""
    model = statement.column_descriptions[0]["entity"]
    order = in_lock_order() if model is Device else (model.id,)
    # Who changes an employee may name another one as their manager, and must not wait for us then.
    return statement.order_by(*order).with_for_update(key_share=model is Employee)
