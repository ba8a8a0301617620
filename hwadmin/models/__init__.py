"""The shape of the data, and what the database itself refuses."""

from sqlalchemy.orm import configure_mappers

from hwadmin.models.audit import AuditEvent
from hwadmin.models.catalog import CatalogItem
from hwadmin.models.devices import Device
from hwadmin.models.orders import HardwareOrder, LineItem, OrderTally, Unit, order_id_of, reference
from hwadmin.models.people import FailedSignIn, Person, SignIn, person_platform
from hwadmin.models.platforms import Account, Employee, Location, Platform

# Continuum makes its version classes now, so that migrations and the tenancy filter know them.
configure_mappers()

__all__ = [
    "Account",
    "AuditEvent",
    "CatalogItem",
    "Device",
    "Employee",
    "FailedSignIn",
    "HardwareOrder",
    "LineItem",
    "Location",
    "OrderTally",
    "Person",
    "Platform",
    "SignIn",
    "Unit",
    "order_id_of",
    "person_platform",
    "reference",
]
