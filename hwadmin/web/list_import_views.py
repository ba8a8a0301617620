"""The pages of every imported list: paste or upload it, see what it would do, then do it.

What was pasted or read from a file goes with each step, and with it what somebody chose; nothing is stored.
Each list states its columns and its operations; the rest is here and in `admin_views/list_import.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.errors import ChangedMeanwhile, InvalidInput
from hwadmin.forms.fields import ImportedListForm
from hwadmin.list_import.records.columns import NOTHING, ListFormat
from hwadmin.list_import.records.plan import ListPlan, PlannedRow, RowOutcome
from hwadmin.list_import.records.record import ANSWER, ListRecord
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.http.person_limits import read_upload
from hwadmin.web.http.sent_lists import sent_list
from hwadmin.web.layout import go_back

if TYPE_CHECKING:
    from hwadmin.list_import.records.reading import RecordList

_COLUMN, _ROW = "column-", "row-"
# Of each group the page shows so many; its sentence says how many there are.
_ROWS_SHOWN, _QUESTIONS_SHOWN, _MOST_DIGITS = 200, 100, 9
HANDLERS = ("import_form", "read_import", "apply_import")
_PAST = {"deactivate": "deactivated", "end": "ended", "archive": "archived"}
_SHOWN = tuple(outcome for outcome in RowOutcome if outcome is not RowOutcome.UNCHANGED)


@dataclass(frozen=True)
class ListWords:
    """How the pages speak of one kind of list. `option`: a choice before the list is read."""

    heading: str
    help: str
    option: str = ""
    deactivate: str = "deactivate"


@dataclass(frozen=True, slots=True)
class ListChoices:
    """What somebody chose: the meaning of columns, answers about columns, answers about rows."""

    columns: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[int, str] = field(default_factory=dict)
    option: bool = False


@dataclass(frozen=True, slots=True)
class ListTarget:
    """What a list is imported to, read before the list is."""

    currency: str
    # The page to go on to: its endpoint, and what its address needs.
    back: str
    values: Mapping[str, Any] = field(default_factory=dict)
    # Names that speak for an encoding, asked for where a file names none.
    known_names: Callable[[], Sequence[str]] = tuple


@dataclass(frozen=True, slots=True)
class Submitted:
    """A list that was read: its text, and what is in it."""

    text: str
    records: RecordList
    choices: ListChoices


class ListImportView(GuardedView):
    """The pages of one kind of list."""

    list_format: ClassVar[ListFormat]
    list_words: ClassVar[ListWords]

    # ---- What a list states

    def list_target(self, key: int) -> ListTarget:
        """What the list is imported to; raises NotFound where it is not there for this person."""
        raise NotImplementedError

    def list_frame(self, key: int) -> dict[str, Any]:
        """What the page around it needs."""
        raise NotImplementedError

    def plan_list(self, key: int, records: Sequence[ListRecord], choices: ListChoices) -> ListPlan[Any]:
        """What it would do."""
        raise NotImplementedError

    def write_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices, expected: str | None
    ) -> ListPlan[Any]:
        """Do it, within a unit of work; raises ChangedMeanwhile where it is not what was expected."""
        raise NotImplementedError

    # ---- The handlers

    @expose("/<int:key>/import")
    def import_form(self, key: int) -> ResponseReturnValue:
        """A box to paste into, and a file to choose."""
        self.list_target(key)
        return self._import_page(key, ImportedListForm(), None)

    @expose("/<int:key>/import", methods=("POST",))
    def read_import(self, key: int) -> ResponseReturnValue:
        """Read the list and show what it would do; nothing is written."""
        form, target = ImportedListForm(request.form), self.list_target(key)
        try:
            submitted = self._submitted(form, target)
        except InvalidInput as refusal:
            return self._import_page(key, form, None, error=refusal.message, status=422)
        if submitted.records.missing:
            return self._import_page(key, form, submitted, error=submitted.records.missing, status=422)
        return self._import_page(key, form, submitted, self._plan(key, submitted))

    @expose("/<int:key>/import/apply", methods=("POST",))
    def apply_import(self, key: int) -> ResponseReturnValue:
        """Do what the preview showed, all at once."""
        form, target = ImportedListForm(request.form), self.list_target(key)
        try:
            submitted = self._submitted(form, target)
        except InvalidInput as refusal:
            return self._import_page(key, form, None, error=refusal.message, status=422)
        records, digest = submitted.records, form.digest.data or None
        if not records.is_ready:
            error = records.missing or "Answer what is asked about the columns first."
            return self._import_page(key, form, submitted, error=error, status=422)
        try:
            plan = transact(lambda: self.write_list(key, records.records, submitted.choices, digest))
        except ChangedMeanwhile as refusal:
            now = self._plan(key, submitted)
            return self._import_page(key, form, submitted, now, error=refusal.message, status=409)
        return go_back(target.back, _done(plan), **target.values)

    # ---- Reading

    def _submitted(self, form: ImportedListForm, target: ListTarget) -> Submitted:
        """What was sent, read; nobody's writing waits for that."""
        # What reads lists is loaded by the first one, and before the process that reads it is forked.
        from hwadmin.list_import.file_reading import words_that_decide
        from hwadmin.list_import.records.reading import file_text, read_records

        data, pasted = sent_list(form.text.data or "", self.list_format.max_bytes)
        choices = _choices(form)
        list_format, currency = self.list_format, target.currency
        known = words_that_decide(data, target.known_names)

        def read() -> Submitted:
            text = pasted if data is None else file_text(data, list_format, known)
            records = read_records(
                text, list_format, columns=choices.columns, answers=choices.answers, currency=currency
            )
            return Submitted(text, records, choices)

        return read_upload(pasted if data is None else data, read)

    def _plan(self, key: int, submitted: Submitted) -> ListPlan[Any] | None:
        if not submitted.records.is_ready:
            return None
        return self.plan_list(key, submitted.records.records, submitted.choices)

    # ---- The page

    def _import_page(
        self,
        key: int,
        form: ImportedListForm,
        submitted: Submitted | None,
        plan: ListPlan[Any] | None = None,
        *,
        error: str = "",
        status: int = 200,
    ) -> ResponseReturnValue:
        records = submitted.records if submitted else None
        page = self.render(
            "admin/hw/admin_views/list_import.html",
            **self.list_frame(key),
            words=self.list_words,
            list_format=self.list_format,
            meanings=[
                *((column.key, column.label) for column in self.list_format.columns),
                (NOTHING, "Nothing of use"),
            ],
            read_url=f"{self.endpoint}.read_import",
            apply_url=f"{self.endpoint}.apply_import",
            key=key,
            form=form,
            text=submitted.text if submitted else form.text.data or "",
            records=records,
            choices=submitted.choices if submitted else None,
            plan=plan,
            error=error,
            tiles=self._tiles(plan, records),
            groups=self._groups(plan),
            questions=plan.questions[:_QUESTIONS_SHOWN] if plan else [],
            button=_button(plan, self.list_words),
            rows_shown=_ROWS_SHOWN,
        )
        return page, status

    def _tiles(self, plan: ListPlan[Any] | None, records: RecordList | None) -> list[tuple[int, str]]:
        if plan is None or records is None:
            return []
        tiles = [
            (plan.count(outcome), self._fate(outcome))
            for outcome in RowOutcome
            if plan.count(outcome) or outcome in (RowOutcome.ADDED, RowOutcome.CHANGED, RowOutcome.REFUSED)
        ]
        return [*tiles, (len(records.left_out), "not read")] if records.left_out else tiles

    def _fate(self, outcome: RowOutcome) -> str:
        return {
            RowOutcome.REFUSED: "cannot be used",
            RowOutcome.OPEN: "wait for your choice",
            RowOutcome.ADDED: "would be added",
            RowOutcome.CHANGED: "would be changed",
            RowOutcome.DEACTIVATED: f"would be {_PAST[self.list_words.deactivate]}",
            RowOutcome.RESTORED: "would be restored",
            RowOutcome.UNCHANGED: "stay as they are",
        }[outcome]

    def _groups(self, plan: ListPlan[Any] | None) -> list[tuple[RowOutcome, str, list[PlannedRow]]]:
        """The rows by what becomes of them, each group with one sentence."""
        groups: list[tuple[RowOutcome, str, list[PlannedRow]]] = []
        if plan is None:
            return groups
        for outcome in _SHOWN:
            rows: list[PlannedRow] = plan.of(outcome)
            if rows:
                noun = self.list_format.noun if len(rows) == 1 else self.list_format.nouns
                row = "row" if len(rows) == 1 else "rows"
                sentence = {
                    RowOutcome.REFUSED: f"{len(rows):,} {row} cannot be used and would be left out",
                    RowOutcome.OPEN: f"{len(rows):,} {row} would be left out until you choose",
                }.get(outcome, f"{len(rows):,} {noun} {self._fate(outcome)}")
                groups.append((outcome, sentence, rows))
        noted = [row for row in plan.rows if row.outcome is RowOutcome.UNCHANGED and row.notes]
        if noted:
            groups.append((RowOutcome.UNCHANGED, f"{len(noted):,} stay as they are, but look at them", noted))
        return groups


def _choices(form: ImportedListForm) -> ListChoices:
    answers = {name: value for name, value in request.form.items() if name.startswith(ANSWER) and value}
    return ListChoices(_numbered(_COLUMN), answers, _numbered(_ROW), bool(form.option.data))


def _numbered(prefix: str) -> dict[int, str]:
    chosen = {}
    for name, value in request.form.items():
        number = name.removeprefix(prefix)
        if name != number and number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS:
            chosen[int(number)] = value
    return chosen


def _button(plan: ListPlan[Any] | None, words: ListWords) -> str:
    """What the button does: ``Add 14, change 2``."""
    verbs = {
        RowOutcome.ADDED: "add",
        RowOutcome.CHANGED: "change",
        RowOutcome.DEACTIVATED: words.deactivate,
        RowOutcome.RESTORED: "restore",
    }
    if plan is None:
        return ""
    parts = [f"{verb} {plan.count(outcome):,}" for outcome, verb in verbs.items() if plan.count(outcome)]
    return ", ".join(parts).capitalize()


def _done(plan: ListPlan[Any]) -> str:
    parts = [
        f"{plan.count(outcome):,} {'left open' if outcome is RowOutcome.OPEN else outcome.value}"
        for outcome in (*(one for one in RowOutcome if one is not RowOutcome.REFUSED), RowOutcome.REFUSED)
        if plan.count(outcome)
    ]
    return f"The list is imported: {', '.join(parts) or 'it says nothing new'}."
