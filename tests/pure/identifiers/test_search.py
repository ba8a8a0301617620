"""From search text to stored identifiers, and what holds for all kinds alike."""

from __future__ import annotations

import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.identifiers import (
    IdentifierError,
    IdentifierKind,
    display,
    forms,
    parse,
    same_device_key,
    search_prefix,
    search_values,
)

MAC, IPEI, IMEI = IdentifierKind.MAC, IdentifierKind.IPEI, IdentifierKind.IMEI


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80:5E:C0:09:AB:DC", {(MAC, "80:5e:c0:09:ab:dc")}),
        ("805ec009abdc", {(MAC, "80:5e:c0:09:ab:dc")}),
        ("80:5E-C0 09ABDC", {(MAC, "80:5e:c0:09:ab:dc")}),
        ("MAC: 805EC009ABDC", {(MAC, "80:5e:c0:09:ab:dc")}),
        ("7C2F80E0D605-1A2B", {(MAC, "7c:2f:80:e0:d6:05")}),
        ("11324 0822839 *", {(IPEI, "02C3CC8E37")}),
        ("IPEI/IPUI No 11324 0822839 *", {(IPEI, "02C3CC8E37")}),
        ("02c3cc8e37", {(IPEI, "02C3CC8E37")}),
        ("00146 01565", {(IPEI, "0014601565")}),
        ("00146 0156577", {(IPEI, "00092263A1"), (MAC, "00:14:60:15:65:77")}),
        ("001460156577", {(IPEI, "00092263A1"), (MAC, "00:14:60:15:65:77")}),
        ("IPEI 001460156577", {(IPEI, "00092263A1")}),
        ("MAC 001460156577", {(MAC, "00:14:60:15:65:77")}),
        ("00:14:60:15:65:77", {(IPEI, "00092263A1"), (MAC, "00:14:60:15:65:77")}),
        ("IMEI 2: 352099001761481", {(IMEI, "352099001761481")}),
        ("35209900176148", {(IMEI, "352099001761481")}),
        ("3520990017614823", {(IMEI, "352099001761481")}),
        ("352099001761482", set()),
        ("57005 0782068 3", set()),
        ("T54W", set()),
        ("", set()),
        ("\x00", set()),
        ("a" * 1_000_000, set()),
        ("\uff18\uff10", set()),
    ],
)
def test_a_search_finds_every_identifier_the_text_could_denote(
    text: str, expected: set[tuple[IdentifierKind, str]]
) -> None:
    assert search_values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("805e", {(MAC, "80:5e")}),
        ("80:5E:C", {(MAC, "80:5e:c")}),
        ("02C3", {(MAC, "02:c3"), (IPEI, "02C3")}),
        ("11324", {(MAC, "11:32:4"), (IPEI, "02C3C"), (IMEI, "11324")}),
        ("3520990", {(MAC, "35:20:99:0"), (IMEI, "3520990")}),
        ("80", set()),
        ("Ada", set()),
        ("", set()),
        ("\uff18\uff10\uff15\uff15", set()),
        ("a" * 1_000_000, set()),
    ],
)
def test_a_beginning_is_offered_in_the_form_it_is_stored(
    text: str, expected: set[tuple[IdentifierKind, str]]
) -> None:
    assert search_prefix(text) == expected


# --- properties over all kinds ---------------------------------------------------------------------------

STORED = st.one_of(
    st.binary(min_size=6, max_size=6)
    .filter(lambda octets: not octets[0] & 1 and any(octets))
    .map(lambda octets: (MAC, octets.hex(":"))),
    st.integers(1, 2**36 - 1).map(lambda number: (IPEI, f"{number:010X}")),
    st.integers(1, 10**14 - 1).map(lambda number: (IMEI, parse(IMEI, f"{number:014d}").value)),
)
# Text close to identifiers is likelier to find a hole than text from the whole of Unicode.
NEARLY = st.text(string.hexdigits + " :-._*xXOoIlE+,\u00a0\u200b\"'%=3ANMCPU/#", max_size=40)
LABELLED = st.builds(
    lambda label, rest: label + rest,
    st.sampled_from(["MAC", "MAC: ", "IPEI ", "IPUI", "IMEI", "IMEI 1 ", "S/N: ", "0x", "LAN "]),
    NEARLY,
)
ANY_TEXT = st.one_of(st.text(), st.text(st.characters(), max_size=300), NEARLY, LABELLED)


@given(STORED)
def test_a_search_finds_the_value_by_every_form_it_is_shown_in(pair: tuple[IdentifierKind, str]) -> None:
    kind, value = pair
    for form in (value, *forms(kind, value), display(kind, value).replace(" ", ""), value.replace(":", "")):
        assert pair in search_values(form)
        assert pair in search_values(f"{kind.noun}: {form}")


@given(STORED)
def test_a_stored_value_reads_back_unchanged_and_so_does_its_display(
    pair: tuple[IdentifierKind, str],
) -> None:
    kind, value = pair
    assert parse(kind, value).value == value
    assert parse(kind, parse(kind, value).display).value == value


@given(STORED, st.integers(4, 9))
def test_the_beginning_of_a_stored_value_is_offered(pair: tuple[IdentifierKind, str], length: int) -> None:
    kind, value = pair
    beginning = value.replace(":", "")[:length]
    assert any(found is kind and value.startswith(prefix) for found, prefix in search_prefix(beginning))


@given(st.sampled_from(IdentifierKind), ANY_TEXT)
def test_any_text_is_read_or_refused_with_one_short_sentence(kind: IdentifierKind, text: str) -> None:
    refused = None
    try:
        identifier = parse(kind, text)
    except IdentifierError as error:
        refused = error
    if refused is None:
        assert (kind, identifier.value) in search_values(text)
        assert parse(kind, identifier.value).value == identifier.value
        return
    sentence = str(refused)
    assert refused.code.replace("_", "").isalnum()
    assert sentence[0].isupper()
    assert sentence[-1] in ".?"
    assert "\n" not in sentence
    assert len(sentence) < 200
    sentence.encode()  # no half of a surrogate pair comes back


@given(st.sampled_from(IdentifierKind), ANY_TEXT)
def test_nothing_is_read_into_a_value_whose_digits_were_not_typed(kind: IdentifierKind, text: str) -> None:
    try:
        identifier = parse(kind, text)
    except IdentifierError:
        return
    typed = "".join(one for one in text.upper() if one in "0123456789ABCDEF*")
    wanted = {one.replace(" ", "").replace(":", "").upper() for one in forms(kind, identifier.value)}
    if kind is IMEI:
        wanted = {same_device_key(IMEI, identifier.value)}
    if kind is IPEI and identifier.notes:
        wanted = {one[:12] for one in wanted}
    assert any(digits in typed for digits in wanted) or "%" in text


@given(ANY_TEXT)
def test_a_search_never_raises(text: str) -> None:
    assert isinstance(search_values(text), frozenset)
    assert isinstance(search_prefix(text), frozenset)


def test_an_unknown_kind_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="iccid"):
        parse("iccid", "1")


def test_a_refusal_keeps_its_sentence_and_code_when_copied_between_processes() -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(MAC, "8")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.code) == (str(caught.value), caught.value.code)
