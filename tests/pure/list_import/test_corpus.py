"""The corpus: every list is read as it was meant, and nothing is ever bound wrong."""

from __future__ import annotations

from typing import Any

import pytest

from hwadmin.errors import InvalidInput
from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.matching.unit_matching import matched
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.records.columns import ListFormat
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.list_import.records.reading import RecordList, file_text, read_records
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import import corpus
from tests.pure.list_import.test_evidence import planned, report_of
from tests.pure.list_import.test_unit_matching import ORDER, an_order

UNITS = planned(an_order(("T54W", 3, "deskphone", "Yealink")), [corpus.GRACE, corpus.OWEN, corpus.NIAMH])
DEVICES = dict(corpus.device_lists())
RECORDS = {name: (data, lines) for name, data, lines in corpus.record_lists()}


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(DEVICES) + len(RECORDS) + len(corpus.DAMAGED) >= 80


@pytest.mark.parametrize("name", DEVICES)
def test_each_device_goes_to_its_person(name: str) -> None:
    report = report_of(DEVICES[name], UNITS)
    given = {match.unit.person.name: match.identifier.value.replace(":", "") for match in report.matched}
    assert given == corpus.ADDRESSES
    assert not report.questions
    serials = {match.unit.person.name: match.identifier.serial for match in report.matched}
    if "first and last" not in name and "not sent" not in name:
        assert serials == corpus.SERIALS


def read(data: bytes, list_format: ListFormat) -> RecordList:
    return read_records(file_text(data, list_format), list_format, currency="EUR")


@pytest.mark.parametrize("name", RECORDS)
def test_each_record_is_read_as_it_was_meant(name: str) -> None:
    data, lines = RECORDS[name]
    records = read(data, PHONE_LINES if lines else EMPLOYEES)
    assert records.is_ready
    keys = ("phone_number", "mobile_carrier", "rate_plan", "contract_ends_on", "contract_balance")
    if not lines:
        keys = ("name", "email", "employee_number", "department", "active")
    rows = [tuple(record.values.get(key) for key in keys) for record in records.records]
    assert rows == (corpus.READ_LINES if lines else corpus.PEOPLE)
    assert not any(record.problems for record in records.records)


@pytest.mark.parametrize("name", corpus.DAMAGED)
def test_what_is_damaged_is_refused_in_words_or_binds_nothing_wrong(name: str) -> None:
    data = corpus.DAMAGED[name]()
    refusals = []
    try:
        columns = recognised(read_text(text_of_file(data)), Names(UNITS))
        report: Any = matched(columns, UNITS, reference=ORDER)
    except InvalidInput as refusal:
        refusals.append(refusal.message)
    else:
        for match in report.matched:
            address = match.identifier.value.replace(":", "")
            assert corpus.ADDRESSES[match.unit.person.name] == address
    for list_format in (EMPLOYEES, PHONE_LINES):
        try:
            records = read(data, list_format).records
        except InvalidInput as refusal:
            refusals.append(refusal.message)
        else:
            assert all(record.values or record.problems for record in records)
    assert all(message.endswith(".") for message in refusals)
