"""The order in which devices are locked, so that two transactions never wait for each other."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case

from hwadmin.domain.device_kinds import Kind
from hwadmin.models import Device


def in_lock_order() -> tuple[ColumnElement[int], ...]:
    """Bases before handsets, each in the order of their keys: whoever locks devices does it like this."""
    return case((Device.kind == Kind.DECT_BASE, 0), else_=1), Device.__table__.c.id
