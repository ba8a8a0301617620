"""Upgrading phone lines with a new order: which line, whether it may, and why all the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.models import Account, CatalogItem, PhoneLine, reference
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.accounts.phone_lines import may_upgrade, open_upgrade

REASON_FOR_THE_MANAGER = "Give the reason for the upgrade; it is what the manager decides on."


@dataclass(slots=True)
class Upgrades:
    """The phone lines a new order upgrades."""

    account: Account
    lines: dict[int, tuple[PhoneLine, int | None]] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def read(self, intents: Iterable[NewIntent], *, lock: bool) -> None:
        """Read the lines named; locked, nobody else can order an upgrade of them meanwhile."""
        ids = {intent.line_of_service_id for intent in intents if is_valid_id(intent.line_of_service_id)}
        if not ids:
            return
        own_lines = (PhoneLine.account_id == self.account.id, PhoneLine.id.in_(ids))
        if lock:
            db.session.execute(
                select(PhoneLine.id).where(*own_lines).order_by(PhoneLine.id).with_for_update()
            )
        rows = db.session.execute(
            select(PhoneLine, open_upgrade()).where(*own_lines).execution_options(populate_existing=True)
        )
        self.lines = {line.id: (line, order_id) for line, order_id in rows}

    def check(
        self, where: str, item: CatalogItem, carrier: str | None, intent: NewIntent, problems: Problems
    ) -> NewIntent:
        """The intent with the reasons of its upgrade; every problem of it is collected."""
        upgrade_reason = problems.text(
            f"{where}.upgrade_reason", intent.upgrade_reason, most=2000, lines=True
        )
        override_reason = problems.text(
            f"{where}.override_reason", intent.override_reason, most=2000, lines=True
        )
        if intent.line_of_service_id is None:
            nothing_said = intent.upgrade_reason is None and intent.override_reason is None
            return intent if nothing_said else intent._replace(upgrade_reason=None, override_reason=None)
        why = self._why_not(item, carrier, intent.line_of_service_id)
        if why is not None:
            problems.add(f"{where}.line_of_service_id", why)
            return intent
        self._seen.add(intent.line_of_service_id)
        line, _ = self.lines[intent.line_of_service_id]
        eligible = may_upgrade(line)
        if not eligible.eligible:
            if not self.account.allows_upgrade_override:
                problems.add(
                    f"{where}.line_of_service_id",
                    f"{line.phone_number} cannot be upgraded yet. {eligible.why}",
                )
            elif override_reason is None:
                problems.add(
                    f"{where}.override_reason",
                    f"Say why {line.phone_number} is upgraded all the same. {eligible.why}",
                )
        if upgrade_reason is None and self.account.requires_manager_approval:
            problems.add(
                f"{where}.upgrade_reason",
                REASON_FOR_THE_MANAGER,
            )
        return intent._replace(
            upgrade_reason=upgrade_reason,
            override_reason=None if eligible.eligible else override_reason,
        )

    def carrier_of(self, intents: Iterable[NewIntent]) -> str | None:
        """The carrier of a line whose every unit upgrades a number of that carrier."""
        carriers = {
            self.lines[key][0].mobile_carrier if (key := intent.line_of_service_id) in self.lines else None
            for intent in intents
        }
        return carriers.pop() if len(carriers) == 1 else None

    def _why_not(self, item: CatalogItem, carrier: str | None, line_id: int) -> str | None:
        if item.kind is not Kind.MOBILE:
            return "Only a mobile upgrades a phone line."
        if line_id not in self.lines:
            return f"This is not a phone line of {self.account.name}."
        line, open_order = self.lines[line_id]
        if line_id in self._seen:
            return f"{line.phone_number} is upgraded twice in this order."
        if line.ended_at is not None:
            return f"{line.phone_number} is no longer in service."
        if open_order is not None:
            return f"{line.phone_number} is already being upgraded by {reference(open_order)}."
        if carrier is not None and carrier != line.mobile_carrier:
            return f"{line.phone_number} is with {line.mobile_carrier}; this {item.title} is for {carrier}."
        return None
