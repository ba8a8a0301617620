"""What an imported list does, as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hwadmin.list_import.records.plan import ListPlan, PlannedRow, RowOutcome
from hwadmin.schemas import response_models

if TYPE_CHECKING:
    from hwadmin.list_import.matching.matching_report import ListReport
    from hwadmin.list_import.records.reading import RecordList


def list_report(
    plan: ListPlan[Any], records: RecordList, *, written: bool
) -> response_models.ListReportResponse:
    """What a list did, or would do."""
    return response_models.ListReportResponse(
        written=written,
        digest=plan.digest,
        counts={outcome.value: plan.count(outcome) for outcome in RowOutcome},
        notes=list(records.notes),
        questions=[
            response_models.ListQuestionResponse(
                name=question.name,
                sentence=question.sentence,
                options=[
                    response_models.RowOptionResponse(value=value, label=label)
                    for value, label in question.options
                ],
                answer=question.answer,
            )
            for question in records.questions
        ],
        rows=[_row(row) for row in plan.rows],
    )


def _row(row: PlannedRow) -> response_models.ListRowResponse:
    question = row.question
    return response_models.ListRowResponse(
        row=row.row,
        sheet=row.sheet,
        title=row.title,
        outcome=row.outcome.value,
        changes=list(row.changes),
        notes=list(row.notes),
        question=None
        if question is None
        else response_models.ListQuestionResponse(
            name=str(row.index),
            sentence=question.sentence,
            options=[
                response_models.RowOptionResponse(value=option.value, label=option.label)
                for option in question.options
            ],
            answer=question.answer,
        ),
    )


def list_choices(report: ListReport) -> list[response_models.ListQuestionResponse]:
    """What a list of identifiers leaves open, each with the answers there are."""
    from hwadmin.list_import.matching.matching_report import LEAVE_OUT

    return [
        response_models.ListQuestionResponse(
            name=question.name,
            sentence=question.reason,
            options=[
                response_models.RowOptionResponse(value=value, label=label)
                for value, label in (*question.options, (LEAVE_OUT, "Leave it out"))
            ],
            answer=question.answer,
        )
        for question in report.questions
    ]
