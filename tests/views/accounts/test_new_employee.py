"""Adding a person whose name somebody of the account has already."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.models import Employee
from tests.builders import Clients, World


def people_named(name: str) -> int:
    return db.session.scalar(select(func.count()).where(Employee.name == name)) or 0


def test_who_has_the_name_is_shown_beside_what_was_typed(world: World, clients: Clients) -> None:
    account = world.an_account()
    known = world.an_employee(
        account, "Niamh Corrigan", email="niamh@example.com", employee_number="4711", department="Sales"
    )
    address = f"/accounts/{account.id}/employees/new/"
    typed = {"name": "Niamh CORRIGAN", "email": "n.corrigan@example.com"}
    answer = clients.piet.post(address, data=typed)
    assert answer.status_code == 422
    table = answer.text.partition("Who is known by this name")[2]
    for fact in ("n.corrigan@example.com", "niamh@example.com", "4711", "Sales"):
        assert fact in table
    assert re.search(
        rf'href="/accounts/{account.id}/employees/{known.id}/"[^>]*>It is Niamh Corrigan<', table
    )
    assert people_named("Niamh CORRIGAN") == 0
    assert clients.piet.post(address, data={**typed, "somebody_else": "y"}).status_code == 302
    assert people_named("Niamh CORRIGAN") == 1


def test_nobody_is_shown_where_something_else_is_wrong(world: World, clients: Clients) -> None:
    address = f"/accounts/{world.an_account().id}/employees/new/"
    answer = clients.piet.post(address, data={"name": "Niamh Corrigan", "email": "no address"})
    assert answer.status_code == 422
    assert "Who is known by this name" not in answer.text
    assert "somebody_else" not in answer.text
