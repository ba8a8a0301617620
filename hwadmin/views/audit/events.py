"""The audit log: who did what, when and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.dates import day_of
from hwadmin.domain.event_kinds import INTERNAL_KINDS, AuditKind
from hwadmin.domain.money import money
from hwadmin.domain.permissions import Permission
from hwadmin.domain.wording import from_to
from hwadmin.models import AuditEvent, order_id_of, reference
from hwadmin.queries.audit import events as audit
from hwadmin.queries.audit.events import EventFilter, ExportedEvent
from hwadmin.rendering.spreadsheets import MAX_EXPORT_ROWS
from hwadmin.web import access
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.downloads import download

# What can be asked for, as it is called in the address.
FIELDS = ("person", "kind", "platform", "order", "device", "from", "to", "request")
COLUMNS = (
    "When (UTC)",
    "Who",
    "Action",
    "What",
    "Platform",
    "Account",
    "Order",
    "Reason",
    "Details",
    "Request",
)

_DAY = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_LABELS = AuditKind.labels()
_LINES_SHOWN = 12
_LINES_EXPORTED = 200


@dataclass
class FilterInput:
    """The filter as it was asked for: its words, what they mean, and what could not be understood."""

    words: dict[str, str]
    event_filter: EventFilter = field(default_factory=EventFilter)
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, values: Mapping[str, str]) -> FilterInput:
        """Read the filter from an address or a form."""
        words = {name: values.get(name, "").strip()[:100] for name in FIELDS}
        filter_input = cls({name: word for name, word in words.items() if word})
        # Control characters are in no name, and PostgreSQL refuses to compare with some.
        for name, word in filter_input.words.items():
            if not word.isprintable():
                filter_input.problems[name] = "This contains characters that cannot be looked for."
        if not filter_input.problems:
            filter_input.event_filter = filter_input._understand()
        return filter_input

    def _understand(self) -> EventFilter:
        words = self.words
        people = audit.people_called(words["person"]) or None if "person" in words else None
        event_filter = EventFilter(
            person_ids=people,
            other_name=words.get("person") if people is None else None,
            kind=words.get("kind"),
            platform_id=_key(words.get("platform")),
            order_id=order_id_of(words.get("order", "")),
            device_id=self._device(),
            since=self._day("from"),
            until=self._day("to"),
            request_id=words.get("request"),
        )
        self._note_problems(event_filter)
        return event_filter

    def _note_problems(self, event_filter: EventFilter) -> None:
        """Say of each word that means nothing why it does not."""
        words = self.words
        if "kind" in words and words["kind"] not in _LABELS:
            self.problems["kind"] = "There is no such action."
        if "platform" in words and event_filter.platform_id is None:
            self.problems["platform"] = "There is no such platform."
        if "order" in words and event_filter.order_id is None:
            self.problems["order"] = "An order is written like HW-000123."
        if "device" in words and event_filter.device_id is None:
            self.problems["device"] = "No device has this identifier."
        if event_filter.since and event_filter.until and event_filter.since > event_filter.until:
            self.problems["to"] = "The last day is before the first."

    def _device(self) -> int | None:
        word = self.words.get("device")
        return audit.device_called(access.current_actor(), word) if word else None

    def _day(self, name: str) -> date | None:
        word = self.words.get(name)
        if word is None:
            return None
        try:
            return date.fromisoformat(word if _DAY.fullmatch(word) else "")
        except ValueError:
            self.problems[name] = "A day is written like 2026-11-21."
            return None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as the page shows it."""

    event: AuditEvent
    action: str
    order: str | None
    order_url: str | None
    facts: list[tuple[str, list[str]]]


class AuditView(GuardedView):
    """Everything that was done, newest first; a person sees what happened on their platforms."""

    permissions = {"index_view": Permission.AUDIT_READ, "export": Permission.EXPORT}

    def __init__(self) -> None:
        super().__init__(name="Audit log", endpoint="audit", url="/audit")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        actor = access.current_actor()
        filter_input = FilterInput.read(request.args)
        page = (
            audit.AuditPage([], None, None)
            if filter_input.problems
            else audit.page_of_events(
                actor,
                filter_input.event_filter,
                before=_key(request.args.get("before")),
                after=_key(request.args.get("after")),
            )
        )
        return render_template(
            "admin/hw/audit/events.html",
            admin_view=self,
            filter_input=filter_input,
            days=[
                (day, [_line(event) for event in events])
                for day, events in groupby(page.events, key=lambda event: day_of(event.at))
            ],
            page=page,
            kinds=_kinds_to_choose(actor.can(Permission.PEOPLE_READ)),
            platforms=audit.platforms_to_choose(actor),
            verifies=actor.can(Permission.AUDIT_READ_ALL),
        )

    @expose("/export", methods=["POST"])
    def export(self) -> ResponseReturnValue:
        filter_input = FilterInput.read(request.form)
        events = (
            iter(())
            if filter_input.problems
            else audit.every_event(access.current_actor(), filter_input.event_filter, MAX_EXPORT_ROWS + 1)
        )
        return download(request.form.get("format"), "Audit log", COLUMNS, map(_exported, events))


def _key(word: str | None) -> int | None:
    """A row's key from an address, or None for what cannot be one."""
    return int(word) if word and word.isascii() and word.isdigit() and len(word) <= 18 else None


def _kinds_to_choose(people_too: bool) -> dict[str, dict[str, str]]:
    """The kinds of events by what they are about; those of no platform only for who may see people."""
    groups: dict[str, dict[str, str]] = {}
    for kind in AuditKind:
        about = kind.value.split(".")[0]
        if people_too or (about != "person" and kind not in INTERNAL_KINDS):
            groups.setdefault(about.capitalize(), {})[kind.value] = kind.label
    return groups


def _line(event: AuditEvent) -> EventRow:
    # The kind may be one that is no longer written; the trail keeps it.
    action = _LABELS.get(event.kind, event.kind)
    if event.order_id is None:
        return EventRow(event, action, None, None, list(facts(event.details, _LINES_SHOWN)))
    order = reference(event.order_id)
    known = "order.show" in current_app.view_functions
    return EventRow(
        event,
        action,
        order,
        url_for("order.show", reference=order) if known else None,
        list(facts(event.details, _LINES_SHOWN)),
    )


def _exported(event: ExportedEvent) -> tuple[object, ...]:
    return (
        event.at,
        event.actor_name,
        _LABELS.get(event.kind, event.kind),
        event.summary,
        event.platform_name,
        event.account_name,
        reference(event.order_id) if event.order_id is not None else None,
        event.reason,
        "; ".join(f"{name}: {', '.join(lines)}" for name, lines in facts(event.details, _LINES_EXPORTED)),
        event.request_id,
    )


# ---- Details in words


def facts(details: Mapping[str, Any], most: int) -> Iterator[tuple[str, list[str]]]:
    """The facts of an event for people: name → lines. Keys of rows and what is empty are left out."""
    for name, value in details.items():
        if _says_nothing(name, value):
            continue
        if name == "cost":
            lines = [_phrase_cost(currency, *amounts) for currency, amounts in value.items()]
        elif isinstance(value, dict):
            lines = [
                f"{_name(key)}: {_phrase(one)}" for key, one in value.items() if not _says_nothing(key, one)
            ]
        elif isinstance(value, list):
            lines = [_phrase(one) for one in value]
        else:
            lines = [_phrase(value)]
        if len(lines) > most:
            lines = [*lines[:most], f"and {len(lines) - most:,} more"]
        if lines:
            yield _name(name), lines


def _phrase_cost(currency: str, now: str, monthly: str) -> str:
    text = money(Decimal(now), currency)
    return f"{text} and {money(Decimal(monthly), currency)} a month" if Decimal(monthly) else text


def _says_nothing(name: str, value: Any) -> bool:
    return name.endswith(("_id", "_ids", "_digest")) or value is None or value in ("", [], {})


# Names that are not written as other words.
_NAMES = {"sku": "SKU", "email": "E-mail", "imei": "IMEI", "second_imei": "Second IMEI", "id": "ID"}


def _name(key: str) -> str:
    words = key.replace("_", " ")
    return _NAMES.get(key) or words[:1].upper() + words[1:]


def _phrase(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_phrase, value)) or "nothing"
    if not isinstance(value, dict):
        return "nothing" if value is None else str(value)
    rest = {key: one for key, one in value.items() if not _says_nothing(key, one)}
    for old, new in (("before", "after"), ("old", "new"), ("from", "to")):
        if old in value and new in value:
            change = from_to(_phrase(value[old]), _phrase(value[new]))
            about = [_phrase(one) for key, one in rest.items() if key not in (old, new)]
            return f"{', '.join(about)}: {change}" if about else change
    if {"quantity", "title"} <= value.keys():
        sku = f" ({value['sku']})" if value.get("sku") else ""
        return f"{value['quantity']} × {value['title']}{sku}"
    return ", ".join(f"{_name(key).lower()} {_phrase(one)}" for key, one in rest.items())
