"""A customer whose people come from their HR directory: what it pushed, and when."""

from __future__ import annotations

from hwadmin.demo.context import DemoState, customer
from hwadmin.demo.orders import FERNCLIFF
from hwadmin.domain.permissions import Actor, Permission, Role
from hwadmin.operations.directory.employees import add_entry, change_entry, entry_of
from hwadmin.operations.directory.entry_checks import DirectoryEntry
from hwadmin.operations.directory.pushes import close_push, open_push
from hwadmin.scim.schema import ENTERPRISE

ACCOUNT = FERNCLIFF
CONNECTED, LATER = "25d 07:05", "7h"
# Name, title, department, cost center; Imelda Foley is everybody's manager.
STAFF = (
    ("Imelda Foley", "Managing director", "Management", "CC-100"),
    ("Marta Quinn", "Care manager", "Ferncliff House", "CC-210"),
    ("Bridget Moran", "Nurse", "Ferncliff House", "CC-210"),
    ("Tomasz Kowal", "Technician", "Facilities", "CC-400"),
    ("Elaine Tierney", "Care manager", "Seaview House", "CC-220"),
    ("Noel Shaw", "Nurse", "Seaview House", "CC-220"),
    ("Carmel Doherty", "Nurse", "Seaview House", "CC-220"),
    ("Yusuf Demir", "Cook", "Facilities", "CC-400"),
    ("Patricia Lawlor", "Bookkeeper", "Management", "CC-100"),
    ("Gerard Hynes", "Night porter", "Facilities", "CC-400"),
    ("Linda Osei", "Receptionist", "Management", "CC-100"),
    ("Aidan Power", "Nurse", "Seaview House", "CC-220"),
)
_MANAGER = STAFF[0][0]
_LEAVES = "Gerard Hynes"


def pusher(state: DemoState) -> Actor:
    """The identity provider of the customer."""
    platform = state.platforms[customer(ACCOUNT).platform]
    return Actor(
        None,
        "Okta (directory)",
        Role.PLATFORM_ADMIN,
        frozenset({platform}),
        frozenset({Permission.DIRECTORY_WRITE}),
    )


def connect(state: DemoState, actor: Actor) -> None:
    """Everybody for the first time: those who were typed in before become the directory's."""
    push = open_push(actor, state.sites[ACCOUNT].id)
    for name, title, department, code in STAFF:
        add_entry(push, _entry(name, title, department, code))
    close_push(push)


def change(state: DemoState, actor: Actor) -> None:
    """One has left, and one is promoted."""
    push = open_push(actor, state.sites[ACCOUNT].id)
    keys = {one.name: str(one.scim_id) for one in push.account.employees if one.scim_id}
    for name, title, department, code in STAFF:
        new = {"Noel Shaw": "Head nurse"}.get(name, title)
        employee = entry_of(push, keys[name])
        assert employee is not None
        change_entry(push, employee, _entry(name, new, department, code, active=name != _LEAVES))
    close_push(push)
    state.sites[ACCOUNT].employees.pop(_LEAVES, None)


def _entry(name: str, title: str, department: str, code: str, *, active: bool = True) -> DirectoryEntry:
    email = customer(ACCOUNT).employee(name, 0).email or ""
    manager = None if name == _MANAGER else customer(ACCOUNT).employee(_MANAGER, 0).email
    staff = [*customer(ACCOUNT).staff.split(", "), "Aidan Power"]
    number = customer(ACCOUNT).employee(name, staff.index(name)).employee_number
    company = {"employeeNumber": str(number), "department": department, "costCenter": code}
    record = {
        "userName": email,
        "displayName": name,
        "title": title,
        "active": active,
        "emails": [{"value": email, "type": "work", "primary": True}],
        ENTERPRISE: company if manager is None else {**company, "manager": {"value": manager}},
    }
    return DirectoryEntry(
        email,
        name,
        active=active,
        email=email,
        employee_number=number,
        title=title,
        department=department,
        cost_center=code,
        manager=manager,
        record=record,
    )
