"""The code of a unit: written, printed, scanned with the wrong keyboard, and told from everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.identifiers import IdentifierError, IdentifierKind, parse
from hwadmin.identifiers.unit_code import read_unit_code, unit_code
from hwadmin.models import reference


@given(st.integers(1, 10**17), st.integers(1, 99_999))
def test_what_is_written_is_read(order_id: int, place: int) -> None:
    assert read_unit_code(unit_code(reference(order_id), place)) == (order_id, place)


@pytest.mark.parametrize(
    "text", ["HW-000123/17", " hw-000123/17 ", "HWß000123-17", "HW'000123&17", "HW000123/17", "HW–000123/17"]
)
def test_a_scanner_with_another_countrys_keyboard_is_understood(text: str) -> None:
    assert read_unit_code(text) == (123, 17)


NO_CODES = ["", "HW-000123", "HW-000123/", "HW-000123/0", "HW-0/1", "000123/17", "HW-000123/17/2", "HW-12a/3"]
OTHERS = ["/17", "805ec0112233", "80:5e:c0:11:22:33", "352099001761481", "11324 0822839 *", "HW-١٢٣/٤"]


@pytest.mark.parametrize("text", [*NO_CODES, *OTHERS])
def test_what_is_no_code_is_not_read(text: str) -> None:
    assert read_unit_code(text) is None


@given(st.integers(1, 10**9), st.integers(1, 1000))
def test_no_code_is_an_identifier(order_id: int, place: int) -> None:
    for kind in IdentifierKind:
        with pytest.raises(IdentifierError):
            parse(kind, unit_code(reference(order_id), place))
