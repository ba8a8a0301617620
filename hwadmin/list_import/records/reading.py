"""From the text of a list to its records, with what must be asked about its columns first."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.lists import listed
from hwadmin.list_import.records.amounts import COMMA, POINT, column_mark, taken_apart
from hwadmin.list_import.records.columns import NOTHING, ColumnKind, ListColumn, ListFormat, plain_word
from hwadmin.list_import.records.currencies import stated_currencies
from hwadmin.list_import.records.days import DayOrder, column_order
from hwadmin.list_import.records.record import ANSWER, ListRecord, Value
from hwadmin.list_import.records.tables import LeftOut, RecordTable, read_tables
from hwadmin.list_import.records.values import ColumnReading, name_with_email, plain_digits, read_value
from hwadmin.list_import.text_encodings.assumed_encoding import AssumedText, read_as_assumed

ENCODING = f"{ANSWER}encoding"
LEAVE_COLUMN = "leave_out"
_MAX_WORDS = 30
_SOURCE = 80
_NAMES = ("name", "first_name", "last_name")


@dataclass(frozen=True, slots=True)
class ColumnQuestion:
    """What a column leaves open; `blocks`: nothing can be planned before it is answered."""

    name: str
    sentence: str
    options: tuple[tuple[str, str], ...]
    answer: str = ""
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list that was read. `missing`: the sentence where no column says what the rows are about."""

    tables: tuple[RecordTable, ...]
    records: tuple[ListRecord, ...]
    questions: tuple[ColumnQuestion, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    missing: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether everything is known that must be before it can be planned."""
        return not self.missing and not any(question.blocks for question in self.open_questions)

    @property
    def open_questions(self) -> list[ColumnQuestion]:
        """The questions about columns that nobody has answered."""
        return [question for question in self.questions if not question.answer]


def file_text(data: bytes, list_format: ListFormat, known: Collection[str] = ()) -> str:
    """The text of an uploaded file; `known`: words of names that are known, see ``text_of_file``.

    Raises InvalidInput with a sentence for what is no list.
    """
    most_rows = list_format.max_rows + 50
    return text_of_file(data, most_bytes=list_format.max_bytes, most_rows=most_rows, known=known)


def read_records(
    text: str,
    list_format: ListFormat,
    *,
    columns: Mapping[int, str] | None = None,
    answers: Mapping[str, str] | None = None,
    currency: str = "",
) -> RecordList:
    """Read a list.

    Args:
        text: as pasted, or from `file_text`.
        list_format: what kind of list it is.
        columns: what a person says columns mean, by number.
        answers: what a person answered to questions about columns, by the questions' names.
        currency: the one that amounts are kept in.

    Raises InvalidInput with a sentence for what is too long, empty, or no table.
    """
    assumed = read_as_assumed(text, (answers or {}).get(ENCODING, ""))
    tables, left_out = read_tables(assumed.text, list_format, columns or {})
    ready = [table for table in tables if list_format.suffices(table.meanings)]
    if not ready:
        return RecordList(tuple(tables), (), left_out=tuple(left_out), missing=list_format.missing)
    for table in tables:
        if table not in ready:
            reason = f"No column of this table holds what is needed. {list_format.missing}"
            left_out += [LeftOut(row.number, row.text, reason, row.sheet) for row in table.rows]
    reader = _Reader(list_format, answers or {}, currency)
    reader.take_encoding(assumed)
    rows = (record for table in ready for record in reader.records(table))
    records = [replace(record, index=index) for index, record in enumerate(rows)]
    reader.note_not_used(ready)
    return RecordList(
        tuple(tables),
        tuple(records),
        tuple(reader.questions),
        tuple(reader.notes),
        tuple(left_out),
    )


class _Reader:
    """Reads the columns of tables one after the other, then their rows."""

    def __init__(self, list_format: ListFormat, answers: Mapping[str, str], currency: str) -> None:
        self.list_format, self.answers, self.currency = list_format, answers, currency
        self.questions: list[ColumnQuestion] = []
        self.notes: list[str] = []

    def take_encoding(self, assumed: AssumedText) -> None:
        """Tell which encoding was assumed, or ask where several can be meant."""
        if assumed.options:
            question = ColumnQuestion(
                ENCODING, assumed.sentence, assumed.options, assumed.answer, blocks=assumed.open
            )
            self.questions.append(question)
        elif assumed.note:
            self.notes.append(assumed.note)

    def records(self, table: RecordTable) -> list[ListRecord]:
        """The rows of a table as records."""
        readings: list[tuple[int, ListColumn, ColumnReading]] = []
        for column, key in enumerate(table.meanings):
            if key == NOTHING:
                continue
            meaning = self.list_format.by_key[key]
            readings += [
                (one, meaning, self._column(table, one, meaning))
                for one in self._same_columns(table, column, meaning)
            ]
        records = []
        names_people = "name" not in self.list_format.by_key or {*_NAMES} & {*table.meanings}
        for row in table.rows:
            values: dict[str, Value] = {}
            problems: list[str] = []
            for column, meaning, reading in readings:
                text = row.cells[column] if column < len(row.cells) else ""
                if not text or reading.left_out or meaning.key in values:
                    continue
                try:
                    value = read_value(text, meaning, reading)
                except ValueError as error:
                    problems.append(f"{meaning.label}: {error}")
                    continue
                if value is not None:
                    values[meaning.key] = value
                if meaning.kind is ColumnKind.EMAIL and not names_people:
                    values |= name_with_email(text)
            if values or problems:
                source = " ".join(filter(None, row.cells))[:_SOURCE]
                records.append(ListRecord(row.number, values, tuple(problems), row.sheet, source=source))
        return records

    def note_not_used(self, tables: Sequence[RecordTable]) -> None:
        """Say once of all columns that mean nothing that they are not used."""
        if names := listed(name for table in tables for name in table.not_used):
            self.notes.append(f"Not used: {names}.")

    def _same_columns(self, table: RecordTable, column: int, meaning: ListColumn) -> list[int]:
        """The columns that say one thing; what the first leaves blank, the next one says."""
        columns = [column, *(other for other, first in table.same_as.items() if first == column)]
        if len(columns) == 1 or not table.differs(columns):
            return columns
        needed = {key for group in self.list_format.needs for key in group}
        named = " and ".join(f"\u201c{table.titles[one]}\u201d" for one in columns)
        answer = self._ask(
            f"{table.first_column + column}-which",
            f"{named} hold {meaning.label}, and differ. Which one counts?",
            tuple((str(one), table.titles[one]) for one in columns),
            blocks=meaning.key in needed or meaning.kind in (ColumnKind.MONEY, ColumnKind.DAY),
        )
        return [int(answer)] if answer else columns[:1]

    def _column(self, table: RecordTable, column: int, meaning: ListColumn) -> ColumnReading:
        values = table.values(column)
        if meaning.kind in (ColumnKind.DAY, ColumnKind.MONEY):
            values = [plain_digits(value) for value in values]
        number, heading = table.first_column + column, table.titles[column]
        if meaning.kind is ColumnKind.DAY:
            return self._days(number, heading, values)
        if meaning.kind is ColumnKind.MONEY:
            return self._amounts(
                number, heading, values, stated_currencies(table.titles, table.values, heading)
            )
        if meaning.kind is ColumnKind.WORD:
            return self._words(number, meaning, values)
        return ColumnReading()

    def _days(self, number: int, heading: str, values: list[str]) -> ColumnReading:
        reading = column_order(values)
        if reading.order is not None:
            if reading.evidence:
                self.notes.append(f"{heading} is read as {reading.order.label}, as {reading.evidence} shows.")
            return ColumnReading(order=reading.order)
        if not reading.open:
            return ColumnReading()
        why = "Its other days contradict each other. " if reading.contradicts else ""
        answer = self._ask(
            f"{number}-order",
            f"{heading} has days such as {reading.open}. {why}Which comes first, the day or the month?",
            tuple((order.value, f"{order.label}: {reading.open}") for order in DayOrder),
        )
        return ColumnReading(order=DayOrder(answer) if answer else None)

    def _amounts(
        self, number: int, heading: str, values: list[str], stated: Mapping[str, frozenset[str]]
    ) -> ColumnReading:
        reading = column_mark(values)
        left_out = False
        foreign = self._foreign(values)
        named = next((text for text, ones in stated.items() if self.currency not in ones), "")
        if foreign or (named and self.currency):
            why = (
                f"has amounts such as {foreign}" if foreign else f"is in another currency, as “{named}” says"
            )
            answer = self._ask(
                f"{number}-currency",
                f"{heading} {why}, but they are kept in {self.currency}.",
                (
                    ("same", f"They are {self.currency}, whatever the list says"),
                    (LEAVE_COLUMN, f"They are not {self.currency}: leave the column out"),
                ),
            )
            left_out = answer == LEAVE_COLUMN
        if reading.mark is not None or not reading.open or left_out:
            return ColumnReading(mark=reading.mark, left_out=left_out)
        why = "Its other amounts contradict each other. " if reading.contradicts else ""
        answer = self._ask(
            f"{number}-mark",
            f"{heading} has amounts such as {reading.open}. {why}Which mark is the decimal one?",
            ((POINT, "The point, as in 1,234.56"), (COMMA, "The comma, as in 1.234,56")),
        )
        return ColumnReading(mark=answer or None)

    def _foreign(self, values: Sequence[str]) -> str:
        """An amount in another currency than the one they are kept in; empty where there is none."""
        amounts = ((value, taken_apart(value)) for value in values) if self.currency else ()
        signed = ((value, amount.currencies) for value, amount in amounts if amount and amount.currencies)
        return next((value for value, currencies in signed if self.currency not in currencies), "")

    def _words(self, number: int, meaning: ListColumn, values: list[str]) -> ColumnReading:
        chosen: dict[str, str] = {}
        unknown = {plain_word(value): value for value in reversed(values)}
        known = meaning.words.keys() | {""}
        for word, value in list(reversed(unknown.items()))[: _MAX_WORDS + len(known)]:
            if word in known:
                continue
            answer = self._ask(
                f"{number}-{zlib.crc32(word.encode()):08x}",
                f"{meaning.label}: what does “{value[:60]}” mean?",
                (*meaning.meanings.items(), (LEAVE_COLUMN, "Nothing of this kind")),
                blocks=False,
            )
            if answer:
                chosen[word] = answer
        return ColumnReading(words=chosen)

    def _ask(
        self, name: str, sentence: str, options: tuple[tuple[str, str], ...], *, blocks: bool = True
    ) -> str:
        answer = self.answers.get(f"{ANSWER}{name}", "")
        answer = answer if answer in dict(options) else ""
        self.questions.append(ColumnQuestion(f"{ANSWER}{name}", sentence, options, answer, blocks))
        return answer
