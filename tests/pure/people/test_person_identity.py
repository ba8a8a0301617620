"""Who is meant by what somebody states: for certain, or asked about."""

from __future__ import annotations

import pytest

from hwadmin.domain.people.person_identity import (
    Identification,
    KnownPerson,
    People,
    StatedPerson,
    Way,
    email_key,
    name_keys,
    number_key,
    number_writings,
    renames,
    same_name,
    shares_name,
)

DANA = KnownPerson(1, "Dana Reed", ("dana.reed@example.com",), "00815", "okta-1")
JAN = KnownPerson(2, "Jan de Vries", ("jan@example.com",))
LEE = KnownPerson(3, "Lee Park", ("lee@example.com",), "77", "okta-3", left=True)
BO = KnownPerson(4, "Bo Bare")
NINA = KnownPerson(5, "Nina Num", (), "N100")
MAX = KnownPerson(6, "Max Twin", ("max.one@example.com",))
MAX_TOO = KnownPerson(7, "Max Twin", ("max.two@example.com",))
SHARED = "desk@example.com"
UNA = KnownPerson(8, "Una Two", (SHARED,), "11")
UWE = KnownPerson(9, "Uwe Two", (SHARED,), "12")
KNOWN = (DANA, JAN, LEE, BO, NINA, MAX, MAX_TOO, UNA, UWE)


def identify(*facts: object, **more: str) -> Identification:
    return People(KNOWN).identify(StatedPerson(*facts, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stated", "person", "way"),
    [
        (StatedPerson("Somebody", external_id="okta-1"), DANA, Way.EXTERNAL_ID),
        (StatedPerson("Dana Reed", ("x@example.com",), "9", "okta-1"), DANA, Way.EXTERNAL_ID),
        # What belonged to somebody who left may be another one's now.
        (StatedPerson("Dana Reed", ("lee@example.com",), "77", "okta-1"), DANA, Way.EXTERNAL_ID),
        (StatedPerson(None, ("DANA.Reed@example.com ",)), DANA, Way.EMAIL),
        (StatedPerson("Dana Holm", ("dana.reed@example.com",), "00815"), DANA, Way.EMAIL),
        (StatedPerson("Dana Reed", ("dana.reed@example.com",), "9"), DANA, Way.EMAIL),
        (StatedPerson("Dana Reed", (), "00815"), DANA, Way.NUMBER),
        (StatedPerson("Nina Num", ("nina@example.com",), "n100"), NINA, Way.NUMBER),
        (StatedPerson("Una Two", (SHARED,)), UNA, Way.EMAIL),
        (StatedPerson("Front Desk", (SHARED,), "12"), UWE, Way.EMAIL),
        (StatedPerson("REED, Dana"), DANA, Way.NAME),
        (StatedPerson("Lee Park"), LEE, Way.NAME),
        (StatedPerson("Bo Bare", ("bo@example.com",), "9"), BO, Way.NAME),
    ],
)
def test_who_is_meant_for_certain(stated: StatedPerson, person: KnownPerson, way: Way) -> None:
    assert People(KNOWN).identify(stated) == Identification(person, way)


@pytest.mark.parametrize(
    ("stated", "sentence", "candidates"),
    [
        (
            StatedPerson("Dana Reed", ("jan@example.com",), "00815"),
            "The e-mail address is Jan de Vries’s, the number Dana Reed’s.",
            (JAN, DANA),
        ),
        (
            StatedPerson("Dana Reed", ("jan@example.com",), external_id="okta-1"),
            "The external id is Dana Reed’s, the e-mail address Jan de Vries’s.",
            (DANA, JAN),
        ),
        (
            StatedPerson("Jan de Vries", ("dana.reed@example.com",)),
            "The e-mail address is Dana Reed’s, the name Jan de Vries’s.",
            (DANA, JAN),
        ),
        (
            StatedPerson("Front Desk", ("dana.reed@example.com",), "999"),
            "The e-mail address is Dana Reed’s, whose number is 00815, not 999.",
            (DANA,),
        ),
        (
            StatedPerson("Kim Miller", ("kim@example.com",), "00815"),
            "The number 00815 is Dana Reed’s, with another name and e-mail address.",
            (DANA,),
        ),
        (
            StatedPerson("Kim Miller", (), "815"),
            "Dana Reed has the number 00815; 815 may be the same.",
            (DANA,),
        ),
        (StatedPerson("Nobody", (SHARED,)), "There are 2 employees with this e-mail address.", (UNA, UWE)),
        (StatedPerson("Max Twin"), "There are 2 employees with this name.", (MAX, MAX_TOO)),
        (
            StatedPerson("Nina Num", ("nina@example.com",)),
            "Nina Num is known already, and may be the same.",
            (NINA,),
        ),
    ],
)
def test_what_contradicts_is_asked_about(
    stated: StatedPerson, sentence: str, candidates: tuple[KnownPerson, ...]
) -> None:
    assert People(KNOWN).identify(stated) == Identification(conflict=sentence, candidates=candidates)


def test_a_number_that_lost_its_zeros_is_noted() -> None:
    found = identify("Dana Reed", (), "815")
    assert (found.person, found.note) == (DANA, "The number 815 lost its zeros; it is 00815.")
    assert identify("Nina Num", (), "n100").note == ""


@pytest.mark.parametrize(
    ("stated", "namesakes"),
    [
        (StatedPerson("Max Twin", ("max.three@example.com",)), (MAX, MAX_TOO)),
        (StatedPerson("Dana Reed", ("other@example.com",)), (DANA,)),
        (StatedPerson("D. Reed"), (DANA,)),
        (StatedPerson("D. Reed", ("other@example.com",)), ()),
        (StatedPerson("Num, N."), (NINA,)),
        (StatedPerson("Kim Miller"), ()),
        (StatedPerson(None, ("kim@example.com",)), ()),
    ],
)
def test_somebody_new_may_have_namesakes(stated: StatedPerson, namesakes: tuple[KnownPerson, ...]) -> None:
    assert People(KNOWN).identify(stated) == Identification(namesakes=namesakes)


def test_of_two_with_one_name_the_one_who_is_here_is_meant() -> None:
    gone = KnownPerson(20, "Jan de Vries", left=True)
    assert People((*KNOWN, gone)).identify(StatedPerson("Jan de Vries")).person == JAN
    asked = People((*KNOWN, gone)).identify(StatedPerson("Jan de Vries", ("dana.reed@example.com",)))
    assert asked.candidates == (DANA, JAN)
    shared = KnownPerson(21, "Old Desk", (SHARED,), left=True)
    assert People((UNA, shared)).identify(StatedPerson(None, (SHARED,))).person == UNA


def test_a_number_may_stand_where_a_name_is_expected() -> None:
    people = People(KNOWN)
    assert people.identify_text(StatedPerson("00815")).person == DANA
    assert people.identify_text(StatedPerson("Dana Reed")).person == DANA
    assert people.identify_text(StatedPerson("00815", (), "9")).person is None
    assert people.identify_text(StatedPerson("Max Twin")).conflict


def test_who_was_added_is_known_from_then_on() -> None:
    people = People(KNOWN)
    assert people.identify(StatedPerson("Kim Miller", (), "5")).person is None
    people.add(KnownPerson(30, "Kim Miller", (), "5"))
    assert people.identify(StatedPerson("Kim Miller", (), "05")).person is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (" Dana@Example.com", "dana@example.COM", True),
        ("0123456789abcdef0123456789ABCDEFdana@example.com", "dana@example.com", True),
        ("0123456789abcdef0123456789ABCDEF@example.com", "@example.com", False),
        ("da.na@example.com", "dana@example.com", False),
    ],
)
def test_addresses_are_one_whatever_their_case_and_when_deleted(one: str, other: str, same: bool) -> None:
    assert (email_key(one) == email_key(other)) is same


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("00815", "815"),
        ("0", "0"),
        ("000", "0"),
        (" 815 ", "815"),
        ("N-01", "n-01"),
        ("007a", "007a"),
        ("٠٧", "٠٧"),
    ],
)
def test_case_and_lost_zeros_of_a_number_do_not_count(number: str, key: str) -> None:
    assert number_key(number) == key
    writings = number_writings(number)
    assert {number, key} <= set(writings)
    assert {number_key(writing) for writing in writings} == {key}
    assert len(writings) == len(set(writings))


def test_a_number_is_looked_for_with_up_to_twelve_digits() -> None:
    assert number_writings("815")[0] == "000000000815"
    assert "1" in number_writings("01")
    assert number_writings("ab") == ["AB", "ab"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Reed, Dana", "Dana Reed", True),
        ("Müller, Jörg", "joerg mueller", True),
        ("Reed,", "Reed,", True),
        ("Reed, Dana, MD", "Dana, MD Reed", False),
        ("Dana Reed", "Reed Dana", False),
    ],
)
def test_a_name_is_one_in_either_order(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert name_keys("Dana Reed") == ("dana reed",)


def test_names_share_a_word_but_not_an_initial() -> None:
    assert shares_name("Dana Reed", "Dana Holm")
    assert not shares_name("D. Reed", "D. Holm")


@pytest.mark.parametrize(
    ("known", "stated", "replaces"),
    [
        ("Dana Reed", "Dana Holm", True),
        ("Dana Reed", "Dana", False),
        ("Dana Reed", "Donna", True),
        ("Jürgen Groß", "Jurgen Gross", False),
        ("Jurgen Gross", "Jürgen Groß", True),
        ("dana reed", "Dana Reed", True),
        ("DANA REED", "Dana Reed", True),
        ("dana reed", "DANA REED", False),
        ("Dana Reed", "dana reed", False),
        ("dana reed", "Reed, Dana", False),
    ],
)
def test_a_name_is_replaced_by_another_one_or_by_one_that_says_more(
    known: str, stated: str, replaces: bool
) -> None:
    assert renames(known, stated) is replaces
