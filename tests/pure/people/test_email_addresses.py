"""E-mail addresses: which there are, and that a long text is not read as one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hwadmin.domain.people import email_addresses
from hwadmin.domain.people.email_addresses import MAX_LENGTH, company_address, normal_address

BOTH = pytest.mark.parametrize("address", [normal_address, company_address])


@BOTH
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("dana@example.com", "dana@example.com"),
        ("Dana@EXAMPLE.com", "Dana@example.com"),
        ("dana@clinic.test", "dana@clinic.test"),
        ("dana", None),
        ("dana@", None),
        ("dana@clinic", None),
        ("a b@example.com", None),
        ("", None),
    ],
)
def test_an_address_is_kept_in_its_usual_spelling(
    address: Callable[[str], str | None], typed: str, kept: str | None
) -> None:
    assert address(typed) == kept


def test_the_domain_of_a_company_need_not_be_public() -> None:
    assert company_address("dana@clinic.local") == "dana@clinic.local"
    assert normal_address("dana@clinic.local") is None


@BOTH
def test_a_long_text_is_not_even_read(
    address: Callable[[str], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(email_addresses, "validate_email", lambda text, **_: read.append(text))
    assert address("x" * MAX_LENGTH + "@example.com") is None
    assert read == []
