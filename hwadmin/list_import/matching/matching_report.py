"""What a list would do to an order, and what is asked before it does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from hwadmin.identifiers import Identifier
from hwadmin.list_import.lists import LeftOutRows, by_reason
from hwadmin.list_import.planned_units import ListUnit
from hwadmin.list_import.row_reading import Candidate, Unused

LEAVE_OUT = "no"
USE = "yes"
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An identifier of the list for an open unit of the order."""

    unit: ListUnit
    identifier: Identifier
    row: int
    text: str

    @property
    def value(self) -> str:
        """The identifier as it goes into the unit's field, with all that is kept beside it."""
        return self.identifier.written


@dataclass(slots=True)
class Question:
    """What is asked of identifiers that are doubtful for the same reason.

    `name` is the same for the same question, whatever else is in the list; `options` are values and titles.
    """

    name: str
    reason: str
    options: Choices
    candidates: list[Candidate] = field(default_factory=list)
    answer: str = ""


@dataclass(slots=True)
class ListReport:
    """What a list would do to an order; nothing of it is done yet."""

    matched: list[Match] = field(default_factory=list)
    done: list[Match] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    duplicates: list[Unused] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    aside: list[Unused] = field(default_factory=list)
    empty: list[ListUnit] = field(default_factory=list)

    @property
    def open_questions(self) -> int:
        """How many identifiers wait for an answer."""
        return sum(len(question.candidates) for question in self.questions if not question.answer)

    @property
    def wrong(self) -> list[LeftOutRows]:
        """The identifiers that are left out, by reason, but for those of other orders."""
        left_out = (one for one in self.unused if not (one.whole_row or one.order))
        return by_reason((one.reason, one.text, one.place) for one in left_out)

    @property
    def not_read(self) -> list[Unused]:
        """The rows without an identifier (headings, comments, what is hidden) and those of other orders."""
        return [one for one in self.unused if one.whole_row or one.order]

    @property
    def other_orders(self) -> list[tuple[str, int]]:
        """The other orders of ours the list has rows for, and how many."""
        counts: dict[str, int] = {}
        for unused in self.unused:
            if unused.order:
                counts[unused.order] = counts.get(unused.order, 0) + 1
        return sorted(counts.items())


class Questions:
    """The questions of one list, with the answers given so far."""

    def __init__(self, report: ListReport, answers: Mapping[str, str]) -> None:
        self._report, self._answers = report, answers
        self._questions: dict[str, Question] = {}

    @property
    def all(self) -> list[Question]:
        """All questions, those that were answered included."""
        return list(self._questions.values())

    def ask(self, candidate: Candidate, reason: str, choices: Choices, about: str = "") -> str:
        """Put an identifier to the question of its kind; the answer, or nothing while there is none.

        `about`: what keeps a question apart from others for the same reason.
        """
        # What is doubtful of one identifier says nothing of the next.
        word = repr((reason, choices, candidate.key if candidate.concern else about))
        name = f"question-{blake2b(word.encode(), digest_size=6).hexdigest()}"
        question = self._questions.setdefault(name, Question(name, reason, choices))
        question.candidates.append(candidate)
        answer = self._answers.get(name, "")
        if answer == LEAVE_OUT:
            question.answer = answer
            self._report.unused.append(
                Unused(candidate.row, candidate.text, "Left out by you.", candidate.sheet)
            )
            return answer
        if any(answer == value for value, _title in choices):
            question.answer = answer
            return answer
        return ""

    def may_use(self, candidate: Candidate, reason: str) -> bool:
        """Ask whether an identifier is to be used at all."""
        return self.ask(candidate, reason, ((USE, "Use it"),)) == USE


def lines_as_choices(lines: Sequence[int], items: Mapping[int, ListUnit]) -> Choices:
    """The lines of an order to choose from."""
    titles = {line: items[line] for line in dict.fromkeys(lines)}
    return tuple((str(line), f"For {unit.make} {unit.model} ({unit.sku})") for line, unit in titles.items())
