"""Importing a list of an account's people: choose it, see what it would do, then do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.errors import ChangedMeanwhile, InvalidInput
from hwadmin.extensions import db
from hwadmin.forms.directory_import import ImportForm
from hwadmin.lists.people import (
    MOST_BYTES,
    MOST_PEOPLE,
    Field,
    ListedPerson,
    PeopleColumns,
    PeopleSheet,
    mapped,
    people_of,
    people_text,
    read_people,
    recognised,
)
from hwadmin.lists.reading import refuse
from hwadmin.models import Account
from hwadmin.operations.directory_import import ImportOutcome, ImportPlan, import_people, plan_import
from hwadmin.operations.platforms import find
from hwadmin.permissions import Permission
from hwadmin.uow import transact
from hwadmin.views.account_tabs import account_frame
from hwadmin.views.frame import go_back
from hwadmin.views.gate import current_actor

# Of each outcome the page shows so many; the counts say how many there are.
_ROWS_SHOWN = 200
_ROWS_SAMPLED = 5
_SHOWN = (
    ImportOutcome.REFUSED,
    ImportOutcome.ADDED,
    ImportOutcome.CHANGED,
    ImportOutcome.DEACTIVATED,
    ImportOutcome.RESTORED,
)


@dataclass(frozen=True, slots=True)
class _Read:
    """A list that was read: its text, its rows, what the columns mean, and what it says of whom."""

    text: str
    sheet: PeopleSheet
    columns: PeopleColumns
    people: list[ListedPerson]


class ImportPart:
    """The pages of an import."""

    # Flask-Admin's.
    render: Callable[..., str]

    handlers: ClassVar[Mapping[str, Permission]] = dict.fromkeys(
        ("import_form", "read_import", "apply_import"), Permission.DIRECTORY_WRITE
    )

    @expose("/<int:key>/import")
    def import_form(self, key: int) -> ResponseReturnValue:
        """A box to paste into, and a file to choose."""
        return self._import_page(find(current_actor(), Account, key), ImportForm())

    @expose("/<int:key>/import", methods=("POST",))
    def read_import(self, key: int) -> ResponseReturnValue:
        """Read the list and show what it would do; nothing is written."""
        actor, form = current_actor(), ImportForm(request.form)
        account = find(actor, Account, key)
        # Reading a long list takes a while, for which nobody else's writing shall wait.
        db.session.rollback()
        read = None
        try:
            read = _read(form)
            _require_names(read)
            plan = plan_import(actor, key, read.people, missing_left=bool(form.missing_left.data))
        except InvalidInput as refusal:
            found = find(actor, Account, key)
            return self._import_page(found, form, read, error=refusal.message, status=422)
        return self._import_page(account, form, read, plan)

    @expose("/<int:key>/import/apply", methods=("POST",))
    def apply_import(self, key: int) -> ResponseReturnValue:
        """Do what the preview said, all at once."""
        actor, form = current_actor(), ImportForm(request.form)
        find(actor, Account, key)
        db.session.rollback()
        read, missing_left = None, bool(form.missing_left.data)
        try:
            read = _read(form)
            _require_names(read)
            people = read.people
            plan = transact(
                lambda: import_people(
                    actor, key, people, missing_left=missing_left, expected=form.digest.data or None
                )
            )
        except InvalidInput as refusal:
            return self._import_page(find(actor, Account, key), form, read, error=refusal.message, status=422)
        except ChangedMeanwhile as refusal:
            assert read is not None
            plan = plan_import(actor, key, read.people, missing_left=missing_left)
            account = find(actor, Account, key)
            return self._import_page(account, form, read, plan, error=refusal.message, status=409)
        return go_back("accounts.employees", _said(plan), key=key)

    def _import_page(
        self,
        account: Account,
        form: ImportForm,
        read: _Read | None = None,
        plan: ImportPlan | None = None,
        *,
        error: str = "",
        status: int = 200,
    ) -> ResponseReturnValue:
        page = self.render(
            "admin/hw/directory/import.html",
            **account_frame(account, "directory"),
            form=form,
            text=read.text if read else form.text.data or "",
            read=read,
            plan=plan,
            error=error,
            counts=[(one, len(plan.of(one))) for one in ImportOutcome] if plan else [],
            shown=[(one, plan.of(one)) for one in _SHOWN if plan.of(one)] if plan else [],
            words=_words(plan) if plan else "",
            rows_shown=_ROWS_SHOWN,
            headings=_headings(read) if read else [],
            sample=[cells for _, cells in read.sheet.rows[:_ROWS_SAMPLED]] if read else [],
            fields=list(Field),
            most_megabytes=MOST_BYTES // 1024 // 1024,
            most_people=MOST_PEOPLE,
        )
        return page, status


def _read(form: ImportForm) -> _Read:
    text = _text(form)
    sheet = read_people(text)
    columns = mapped(recognised(sheet), form.columns.data)
    return _Read(text, sheet, columns, people_of(sheet, columns) if columns.identifies else [])


def _require_names(read: _Read) -> None:
    if not read.columns.identifies:
        raise refuse("Say which column holds the names, the e-mail addresses or the numbers.")


def _text(form: ImportForm) -> str:
    """What was pasted, or the text of the file; one of the two."""
    file = request.files.get("file")
    typed = form.text.data or ""
    if file is None or not file.filename:
        if not typed.strip():
            raise refuse("Paste a list, or choose a file.")
        return typed
    with file.stream as stream:  # a large one is a temporary file
        data = stream.read(MOST_BYTES + 1)
    if typed.strip():
        raise refuse("There is both a pasted text and a file; send one of them.")
    if not data:
        raise refuse("This file is empty.")
    return people_text(data)


def _headings(read: _Read) -> list[str]:
    """What stands above each column; its number where nothing does."""
    cells = read.sheet.rows[0][1] if read.columns.has_header else ()
    return [
        cells[place] if place < len(cells) and cells[place] else f"Column {place + 1}"
        for place in range(read.sheet.width)
    ]


_DEEDS = {
    ImportOutcome.ADDED: "add",
    ImportOutcome.CHANGED: "change",
    ImportOutcome.DEACTIVATED: "deactivate",
    ImportOutcome.RESTORED: "restore",
}


def _words(plan: ImportPlan) -> str:
    """What the button does: ``Add 14, change 2``."""
    parts = [f"{word} {len(plan.of(one)):,}" for one, word in _DEEDS.items() if plan.of(one)]
    return ", ".join(parts).capitalize()


def _said(plan: ImportPlan) -> str:
    parts = [f"{len(plan.of(one)):,} {one.value}" for one in ImportOutcome if plan.of(one)]
    return f"The list is imported: {', '.join(parts)}."
