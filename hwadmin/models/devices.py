"""Devices: the real things, made or linked by fulfillment, or registered by other means."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.models.accounts import Account, Employee, Location
from hwadmin.models.catalog import title
from hwadmin.models.people import Platform
from hwadmin.models.types import Document, Key, UTCDateTime, Word, one_of

RETIRED = "retired_at IS NOT NULL"
REPLACED = "replaced_by_id IS NOT NULL"
NUMBERED = "serial IS NOT NULL"
DUAL = "second_imei_key IS NOT NULL"


class Device(Tenanted, Base):
    """A real desk phone, base, handset or mobile of an account."""

    __tablename__ = "device"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        # One device per identifier in the whole estate, whatever two people do at the same moment.
        UniqueConstraint("identifier_key"),
        UniqueConstraint("base_device_id", "slot"),
        # One device per unit, whatever two people do at the same moment.
        UniqueConstraint("unit_id"),
        CheckConstraint("(unit_id IS NULL) = (unit_outcome IS NULL)", name="unit_outcome"),
        CheckConstraint("(unit_id IS NULL) = (unit_at IS NULL)", name="unit_at"),
        CheckConstraint("unit_outcome IN ('created', 'linked')", name="unit_outcome_word"),
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint(one_of("identifier_kind", IdentifierKind), name="identifier_kind"),
        CheckConstraint("(base_device_id IS NULL) = (slot IS NULL)", name="slot"),
        CheckConstraint("slot > 0", name="slot_number"),
        CheckConstraint("base_device_id IS NULL OR kind = 'dect_handset'", name="only_handsets_pair"),
        CheckConstraint("employee_id IS NULL OR kind <> 'dect_base'", name="no_employee_on_a_base"),
        CheckConstraint("serial <> ''", name="serial_said"),
        CheckConstraint("second_imei IS NULL OR identifier_kind = 'imei'", name="second_imei_of_mobiles"),
        CheckConstraint("second_imei <> identifier", name="second_imei_is_another"),
        CheckConstraint(
            "second_imei_key IS NULL OR (second_imei IS NOT NULL AND retired_at IS NULL)",
            name="second_imei_key",
        ),
        CheckConstraint(
            "(retired_at IS NULL) = (retired_reason IS NULL)"
            " AND (retired_at IS NULL) = (retired_by_name IS NULL)",
            name="retired",
        ),
        CheckConstraint(
            "(retired_at IS NULL) = (substr(identifier_key, 1, 8) <> 'retired:')", name="retired_key"
        ),
        CheckConstraint(
            "retired_at IS NULL OR (unit_id IS NULL AND employee_id IS NULL AND location_id IS NULL"
            " AND base_device_id IS NULL)",
            name="retired_is_nowhere",
        ),
        CheckConstraint("replaced_by_id IS NULL OR retired_at IS NOT NULL", name="replaced_is_retired"),
        dialects.external_key("device", "platform_id"),
        Index("ix_device_account_id", "account_id"),
        Index("ix_device_platform_id_id", "platform_id", "id"),
        Index("ix_device_employee_id", "employee_id"),
        # Only of those that have one: else SQLite reckons with all devices for each, and reads the table.
        dialects.partial_index("uq_device_second_imei_key", "second_imei_key", where=DUAL, unique=True),
        dialects.partial_index("ix_device_serial", "serial", where=NUMBERED),
        # What is out of service is still found by its identifier, and by what took its place.
        dialects.partial_index("ix_device_retired", "identifier", where=RETIRED),
        dialects.partial_index("ix_device_replaced_by_id", "replaced_by_id", where=REPLACED),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    catalog_item_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_item.id"))
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    make: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(120))
    sku: Mapped[str] = mapped_column(String(60))
    max_handsets: Mapped[int | None]
    identifier_kind: Mapped[IdentifierKind] = mapped_column(Word(IdentifierKind))
    # Normalised: see hwadmin/identifiers.
    identifier: Mapped[str] = mapped_column(String(20))
    # What uniqueness compares: the identifier, but an IMEI without its check digit. A device out of service
    # has a word of its own there (``retired:9``), so that its identifier is free again.
    identifier_key: Mapped[str] = mapped_column(String(20))
    # Gigaset's MAC-ID code, which their redirect service asks for.
    mac_id_code: Mapped[str | None] = mapped_column(String(4))
    # As printed; opaque, and of no more than one maker unique.
    serial: Mapped[str | None] = mapped_column(String(40))
    # Of a mobile with two SIMs; the key is what uniqueness compares, as with the identifier.
    second_imei: Mapped[str | None] = mapped_column(String(15))
    second_imei_key: Mapped[str | None] = mapped_column(String(14))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    # Pairing in our records; the radio is registered on site.
    base_device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    slot: Mapped[int | None]
    # The unit of an order this device fulfills. Kept here and not on the unit, so that a thousand units are
    # fulfilled by one insert; whether the device was made for the unit or was there already and linked.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit_outcome: Mapped[str | None] = mapped_column(String(20))
    unit_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Sentences about intents of the unit that could not be applied.
    not_applied: Mapped[list[str] | None] = mapped_column(Document)
    # The key another program knows it by.
    external_id: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)
    created_by_name: Mapped[str] = mapped_column(String(200))
    # Out of service for good: broken, or never there. Its history stays, with what took its place.
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retired_reason: Mapped[str | None] = mapped_column(String(2000))
    retired_by_name: Mapped[str | None] = mapped_column(String(200))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))

    platform: Mapped[Platform] = relationship(
        viewonly=True, primaryjoin="foreign(Device.platform_id) == Platform.id"
    )
    account: Mapped[Account] = relationship(viewonly=True)
    employee: Mapped[Employee | None] = relationship(viewonly=True)
    location: Mapped[Location | None] = relationship(viewonly=True)
    base: Mapped[Device | None] = relationship(
        viewonly=True, remote_side="Device.id", foreign_keys="Device.base_device_id"
    )

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)
