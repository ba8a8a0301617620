"""What is typed for a basket: the ordering information, and for whom and where each unit is."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.ordering.basket import BasketContent, Information, UnitPlan
from hwadmin.domain.permissions import Actor
from hwadmin.errors import ChangedMeanwhile
from hwadmin.models import Account
from hwadmin.operations.ordering.basket import edit_basket
from hwadmin.queries.ordering.basket import usual_information


def save_information(actor: Actor, account_id: int, information: Information, mark: str) -> None:
    """Keep the ordering information as it was typed, right or wrong.

    Args:
        actor: who enters it.
        account_id: for which account.
        information: all of it, as typed.
        mark: the mark of what the form had shown.

    Raises:
        ChangedMeanwhile: it was changed in another window since; nothing was saved.
    """

    def save(account: Account, content: BasketContent) -> BasketContent:
        known = usual_information(actor, account, content)
        # A form that was not changed does not undo what another window did.
        if information.mark == mark:
            return content.model_copy(update={"information": known, "informed": True})
        if information != known and mark != known.mark:
            raise ChangedMeanwhile(
                "This was changed in another window meanwhile. What you typed is still here; "
                "send it once more to keep it instead."
            )
        return content.model_copy(update={"information": information, "informed": True})

    edit_basket(actor, account_id, save)


def save_plans(actor: Actor, account_id: int, plans: Sequence[UnitPlan]) -> set[tuple[int, int]]:
    """Keep the plans of units as they were typed, right or wrong.

    Returns:
        The units (line, number) whose plan was not saved: changed in another window since, or gone.
    """
    refused: set[tuple[int, int]] = set()

    def save(_account: Account, content: BasketContent) -> BasketContent:
        refused.clear()
        for unit in plans:
            line = content.line(unit.key)
            if line is None or unit.number > line.quantity:
                refused.add((unit.key, unit.number))
                continue
            now = line.plan(unit.number)
            # A form that was not changed does not undo what another window did.
            sent_before = unit.number <= len(line.plans)
            if sent_before and (unit.plan == now or unit.plan.mark == unit.mark):
                continue
            if unit.mark != now.mark:
                refused.add((unit.key, unit.number))
                continue
            content = content.with_line(line.with_plan(unit.number, unit.plan))
        return content

    edit_basket(actor, account_id, save)
    return refused


def copy_plan(actor: Actor, account_id: int, key: int, number: int) -> int:
    """Give the units of a line that have no plan yet the plan of one of them; returns how many."""
    filled: list[int] = []

    def fill(_account: Account, content: BasketContent) -> BasketContent:
        filled.clear()
        line = content.line(key)
        if line is None or number > line.quantity:
            return content
        plan = line.plan(number)
        for other in range(1, line.quantity + 1):
            if other != number and line.plan(other).blank:
                line = line.with_plan(other, plan)
                filled.append(other)
        return content.with_line(line)

    edit_basket(actor, account_id, fill)
    return len(filled)
