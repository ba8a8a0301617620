"""The numbers of rows, and of orders as people write them."""

from __future__ import annotations

import pytest

from hwadmin.domain.row_ids import MAX_ID, is_valid_id, order_id_of, reference, unit_label, valid_ids


@pytest.mark.parametrize(
    ("number", "valid"),
    [(None, False), (-1, False), (0, False), (1, True), (2**63 - 1, True), (2**63, False)],
)
def test_a_number_is_one_of_a_row_where_both_databases_take_it(number: int | None, valid: bool) -> None:
    assert is_valid_id(number) is valid
    assert valid_ids([number, 7, 7]) == ({number, 7} if valid else {7})


@pytest.mark.parametrize(
    "written", ["HW-000123", "hw-123", "HW 123", "hw123", "123", "000123", " HW-000123\n", "HW - 123"]
)
def test_the_number_of_an_order_is_read_however_it_is_written(written: str) -> None:
    assert order_id_of(written) == 123


@pytest.mark.parametrize(
    "written",
    ["", "HW", "HW-", "0", "HW-000000", "-123", "+123", "12 3", "HW-123a", "XW-123", "١٢٣", "9" * 19],
)
def test_what_is_no_number_of_an_order_is_none(written: str) -> None:
    assert order_id_of(written) is None


def test_a_number_that_people_read_is_read_back() -> None:
    assert [reference(number) for number in (1, 123456, 1234567)] == ["HW-000001", "HW-123456", "HW-1234567"]
    assert order_id_of(reference(10**18 - 1)) == 10**18 - 1 < MAX_ID
    assert unit_label("W73H", 3) == "W73H #3"
