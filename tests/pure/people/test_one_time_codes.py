"""One-time codes as RFC 6238 has them, and recovery codes."""

from __future__ import annotations

import base64
import math

import pytest

from hwadmin.domain.people.one_time_codes import (
    RECOVERY_CODES,
    app_address,
    code_at,
    is_secret,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_code_hash,
)

# RFC 6238, appendix B, for SHA-1; of its eight digits the last six.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(moment: int, code: str) -> None:
    assert code_at(RFC_SECRET, moment // 30) == code
    assert matching_step(RFC_SECRET, code, moment) == moment // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    code = code_at(RFC_SECRET, 100)
    found = [matching_step(RFC_SECRET, code, step * 30) for step in range(97, 104)]
    assert found == [None, None, 100, 100, 100, None, None]


def test_no_code_counts_twice_nor_one_before_it() -> None:
    code, before = code_at(RFC_SECRET, 100), code_at(RFC_SECRET, 99)
    assert matching_step(RFC_SECRET, code, 3000, last_step=99) == 100
    assert matching_step(RFC_SECRET, code, 3000, last_step=100) is None
    assert matching_step(RFC_SECRET, before, 3000, last_step=100) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "28708a", "²87082", "-87082", "\x00" * 6])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert matching_step(RFC_SECRET, typed, 59) is None


def test_a_code_may_be_typed_in_groups() -> None:
    assert matching_step(RFC_SECRET, " 287 082 ", 59) == 1


def test_secrets_are_random_and_known_as_such() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(is_secret(secret) for secret in secrets)
    assert not any(is_secret(text) for text in ("", "AAAA", "not base 32!", RFC_SECRET[:-2]))


def test_an_app_is_told_whose_code_it_is() -> None:
    address = app_address("ABC", "ada+1@example.com")
    assert address == "otpauth://totp/hwadmin:ada%2B1%40example.com?secret=ABC&issuer=hwadmin"


def test_recovery_codes_differ_and_may_be_typed_as_one_likes() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    # Of 31 letters and digits: 112 bits or more, for which a plain hash is enough.
    assert all(len(code.replace("-", "")) * math.log2(31) >= 112 for code in codes)
    plain = codes[0].replace("-", "").upper()
    assert recovery_code_hash(7, plain) == recovery_code_hash(7, f" {codes[0]} ")
    assert recovery_code_hash(8, plain) != recovery_code_hash(7, plain)
