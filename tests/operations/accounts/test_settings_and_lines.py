"""Phone lines, accounting codes and settings of an account: what is refused, and what is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from hwadmin.domain.ordering.cost_allocation import Share, shares_of
from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import Account
from hwadmin.operations.accounts.phone_lines import (
    NewPhoneLine,
    add_phone_line,
    change_phone_line,
    end_phone_line,
    restore_phone_line,
)
from hwadmin.operations.accounts.settings import (
    OrderingSettings,
    add_code,
    archive_code,
    change_employee_defaults,
    change_ordering_settings,
    restore_code,
)
from tests.builders import World
from tests.operations.refusals import by, changes_nothing, fields, refused


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account()


def test_a_number_is_there_once_and_every_problem_of_a_line_is_told(world: World, account: Account) -> None:
    new = NewPhoneLine("+353 86 120 4420", "Meridian Mobile")
    line = by(world.piet, lambda piet: add_phone_line(piet, account.id, new))
    other = by(world.piet, lambda piet: add_phone_line(piet, account.id, replace(new, phone_number="12345")))
    wrong = replace(new, phone_number="x", mobile_carrier=" ", contract_term_months=0)
    assert set(
        fields(refused(InvalidInput, world.piet, lambda piet: add_phone_line(piet, account.id, wrong)))
    ) == {
        "phone_number",
        "mobile_carrier",
        "contract_term_months",
    }
    assert fields(refused(InvalidInput, world.piet, lambda piet: add_phone_line(piet, account.id, new))) == [
        "phone_number"
    ]
    taken = refused(InvalidInput, world.piet, lambda piet: change_phone_line(piet, other.id, new))
    assert fields(taken) == ["phone_number"]
    changes_nothing(lambda: by(world.piet, lambda piet: change_phone_line(piet, line.id, new)))


def test_a_line_ends_once_and_is_restored_once(world: World, account: Account) -> None:
    line = world.a_phone_line(account)
    refused(WrongState, world.piet, lambda piet: restore_phone_line(piet, line.id))
    by(world.piet, lambda piet: end_phone_line(piet, line.id))
    refused(WrongState, world.piet, lambda piet: end_phone_line(piet, line.id))
    by(world.piet, lambda piet: restore_phone_line(piet, line.id))
    refused(WrongState, world.piet, lambda piet: restore_phone_line(piet, line.id))


def test_a_code_is_there_once_and_archived_and_restored_once(world: World, account: Account) -> None:
    code = by(world.piet, lambda piet: add_code(piet, account.id, code="4711"))
    for text in ("4711", " ", "x" * 61):
        error = refused(
            InvalidInput, world.piet, lambda piet, text=text: add_code(piet, account.id, code=text)
        )
        assert fields(error) == ["code"]
    refused(WrongState, world.piet, lambda piet: restore_code(piet, code.id))
    by(world.piet, lambda piet: archive_code(piet, code.id))
    refused(WrongState, world.piet, lambda piet: archive_code(piet, code.id))
    by(world.piet, lambda piet: restore_code(piet, code.id))


def asking(account: Account, email: str | None) -> Callable[[Actor], Any]:
    settings = OrderingSettings(requires_manager_approval=True, approver_name="Kim", approver_email=email)
    return lambda actor: change_ordering_settings(actor, account.id, settings)


def test_who_asks_a_manager_names_one_and_saving_again_changes_nothing(
    world: World, account: Account
) -> None:
    for email in (None, " ", "nonsense"):
        assert "approver_email" in fields(refused(InvalidInput, world.piet, asking(account, email)))
    by(world.piet, asking(account, "kim@example.com"))
    assert (account.requires_manager_approval, account.approver_email) == (True, "kim@example.com")
    changes_nothing(lambda: by(world.piet, asking(account, "kim@example.com")))


def test_an_employees_manager_and_codes_are_checked_and_saved_once(world: World, account: Account) -> None:
    world.a_code(account, "4711")
    dana, eli = world.an_employee(account), world.an_employee(account)

    def save(manager_id: int | None, code: str = "4711") -> Callable[[Actor], Any]:
        shares = [Share(code, Decimal(100))]
        return lambda actor: change_employee_defaults(actor, dana.id, manager_id=manager_id, shares=shares)

    for manager_id in (dana.id, 10**9):
        assert fields(refused(InvalidInput, world.piet, save(manager_id))) == ["manager_id"]
    assert fields(refused(InvalidInput, world.piet, save(eli.id, "9"))) == ["accounting_codes"]
    by(world.piet, save(eli.id))
    assert (dana.manager_id, [share.code for share in shares_of(dana.accounting_codes)]) == (eli.id, ["4711"])
    changes_nothing(lambda: by(world.piet, save(eli.id)))
