"""What is hashed of an audit event: its facts for good, and its words so that they can be taken out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from hwadmin.domain.audit_hash_chain import (
    FACTS,
    WORDS,
    commitment,
    digest,
    digest_of_redactions,
    fresh_salt,
    genesis,
    link,
    seal,
)

WHEN = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
EVENT: dict[str, Any] = dict.fromkeys((*FACTS, *WORDS)) | {
    "at": WHEN,
    "kind": "order_approved",
    "summary": "Zoë",
}


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_link_holds_the_one_before_its_place_its_event_and_what_that_says() -> None:
    assert genesis(0) == hashed("The chain begins after event 0.")
    assert genesis(41) != genesis(0)
    assert link("before", 2, 7, "digest") == hashed("before:2:7:digest")
    links = [link("before", 2, 7, "digest"), link("other", 2, 7, "digest"), link("before", 3, 7, "digest")]
    assert len({*links, link("before", 2, 8, "digest"), link("before", 2, 7, "other")}) == 5


@pytest.mark.parametrize("field", FACTS)
def test_every_fact_of_an_event_is_hashed(field: str) -> None:
    other = WHEN + timedelta(microseconds=1) if field == "at" else "other"
    assert digest(EVENT, "words") != digest(EVENT | {field: other}, "words")
    assert commitment("salt", EVENT) == commitment("salt", EVENT | {field: other})


@pytest.mark.parametrize("field", WORDS)
def test_every_word_of_an_event_is_committed_to_and_reaches_the_digest_through_that_alone(field: str) -> None:
    changed = EVENT | {field: "other"}
    assert commitment("salt", EVENT) != commitment("salt", changed)
    assert digest(EVENT, "words") == digest(changed, "words")
    assert digest(EVENT, "words") != digest(EVENT, "other words")


def test_the_same_words_under_another_salt_are_another_commitment() -> None:
    salts = {fresh_salt() for _ in range(50)}
    assert len(salts) == 50
    assert {len(salt) for salt in salts} == {32}
    assert commitment("a", EVENT) != commitment("b", EVENT)


def test_an_event_is_sealed_with_a_salt_of_its_own() -> None:
    one, other = seal(EVENT), seal(EVENT)
    assert one["salt"] != other["salt"]
    assert one["commitment"] == commitment(one["salt"], EVENT)
    assert one["digest"] == digest(EVENT, one["commitment"])


def test_a_moment_is_the_same_in_every_zone_and_what_has_no_text_is_refused() -> None:
    there = WHEN.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert digest(EVENT | {"at": there}, "words") == digest(EVENT, "words")
    with pytest.raises(TypeError, match="object cannot be hashed"):
        digest(EVENT | {"at": object()}, "words")


def test_redactions_are_hashed_whatever_their_order() -> None:
    rows = [(1, 10, "a"), (2, 9, "b")]
    assert (
        digest_of_redactions(rows) == digest_of_redactions(reversed(rows)) == hashed('[[1,10,"a"],[2,9,"b"]]')
    )
    assert digest_of_redactions(rows) != digest_of_redactions([(1, 10, "a"), (2, 9, "c")])


def test_the_words_are_written_in_one_way_on_every_machine() -> None:
    words = dict.fromkeys(WORDS)
    assert commitment("s", words | {"summary": "Zoë", "details": {"b": 1, "a": [True]}}) == hashed(
        's:{"account_name":null,"actor_name":null,"details":{"a":[true],"b":1},"platform_name":null,'
        '"reason":null,"summary":"Zoë"}'
    )
