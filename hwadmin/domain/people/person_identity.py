"""Who a person is: one rule for directories, imported lists, and rows that name the user of a device.

The external id decides before the e-mail address, the address before the employee number, the number before
the name. Leavers count: whoever returns is the same person. What contradicts is a conflict, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hwadmin.domain.people.similar_names import NamesByWord, words_of_name
from hwadmin.domain.text_folding import spellings

# Entra renames whom it deletes: 32 hexadecimal digits are put before the user name.
_TOMBSTONE = re.compile(r"[0-9a-f]{32}(?=[^@\s]+@)", re.IGNORECASE)


class Way(StrEnum):
    """By what a person was recognised."""

    EXTERNAL_ID = "external id"
    EMAIL = "e-mail address"
    NUMBER = "number"
    NAME = "name"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody we have. `emails` are their address, and their user name where it is one."""

    id: int
    name: str
    emails: tuple[str, ...] = ()
    number: str | None = None
    external_id: str | None = None
    left: bool = False


@dataclass(frozen=True, slots=True)
class StatedPerson:
    """What somebody else says of a person; None and nothing where it says nothing."""

    name: str | None = None
    emails: tuple[str, ...] = ()
    number: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identification:
    """Who is meant: nobody we have, a person, or several where that is not sure.

    `conflict`: why it is not sure, a sentence. `note`: what to look at although it is. `namesakes`: where
    nobody is meant, those who have the name, or one like it; where people can be asked, ask.
    """

    person: KnownPerson | None = None
    way: Way = Way.NOTHING
    conflict: str = ""
    note: str = ""
    candidates: tuple[KnownPerson, ...] = ()
    namesakes: tuple[KnownPerson, ...] = ()


def email_key(address: str) -> str:
    """What two e-mail addresses share exactly if they are one; a deleted account's is what it was before."""
    return _TOMBSTONE.sub("", address.strip(), count=1).casefold()


def number_key(number: str) -> str:
    """What two employee numbers share exactly if they are one: case and lost zeros do not count."""
    plain = number.strip().casefold()
    return plain.lstrip("0") or "0" if plain.isascii() and plain.isdecimal() else plain


def number_writings(number: str) -> list[str]:
    """The ways an employee number that is this one may be kept: in any case, with zeros or without."""
    key = number_key(number)
    lengths = range(1, 13) if key.isdecimal() and key.isascii() else ()
    return sorted({number, number.strip(), key, key.upper(), *map(key.zfill, lengths)})


def name_keys(name: str) -> tuple[str, ...]:
    """The ways a name may be written, without accents; "Last, First" is the same name as "First Last"."""
    last, comma, first = name.partition(",")
    straight = f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name
    return spellings(straight)


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, in either order and with or without accents."""
    return bool(set(name_keys(one)) & set(name_keys(other)))


def shares_name(one: str, other: str) -> bool:
    """Whether two names have a word in common, as those of somebody who married; initials do not count."""
    words, others = (
        {word for key in name_keys(name) for word in re.findall(r"[^\W\d_]{2,}", key)}
        for name in (one, other)
    )
    return bool(words & others)


def number_conflict(person: KnownPerson, stated: StatedPerson) -> str:
    """Why a number alone does not make somebody stated the person who has it: it was given to somebody else.

    Empty where a word of the name, or an address, is the same, or one of the two has no address.
    """
    speaks_for = not stated.name or shares_name(person.name, stated.name) or _same_email(person, stated)
    if speaks_for or not (person.emails and stated.emails):
        return ""
    return f"The number {stated.number} is {person.name}\u2019s, with another name and e-mail address."


def renames(known: str, stated: str) -> bool:
    """Whether a name that is stated of somebody known is to replace the one we have.

    The same name in other letters does not: Jürgen Groß stays who he is where a list has "Jurgen Gross". It
    does where it says more: accents that ours lacks, or capitals where ours has none or nothing else.
    """
    if not same_name(known, stated):
        # A first name alone says less.
        return len(stated.split()) > 1 or not words_of_name(stated) < words_of_name(known)
    if "," in stated:
        return False
    plain_case = known in (known.lower(), known.upper()) and stated not in (stated.lower(), stated.upper())
    return (known.isascii() and not stated.isascii()) or plain_case


class People:
    """The people of one account, to tell who is meant."""

    def __init__(self, people: Iterable[KnownPerson]) -> None:
        self._by: dict[Way, dict[str, dict[int, KnownPerson]]] = {way: {} for way in Way}
        self._known = {person.id: person for person in people}
        self._names: NamesByWord | None = None  # made when it is needed first
        for person in self._known.values():
            self.add(person)

    def add(self, person: KnownPerson) -> None:
        """Take in one more."""
        keys: list[tuple[Way, str]] = [(Way.EMAIL, email_key(email)) for email in person.emails if email]
        keys += [(Way.NAME, key) for key in name_keys(person.name)]
        if person.number:
            keys.append((Way.NUMBER, number_key(person.number)))
        if person.external_id:
            keys.append((Way.EXTERNAL_ID, person.external_id))
        for way, key in keys:
            self._by[way].setdefault(key, {})[person.id] = person

    def identify(self, stated: StatedPerson) -> Identification:
        """Who is meant by what is stated."""
        by_id = self._unique(Way.EXTERNAL_ID, [stated.external_id] if stated.external_id else [], stated)
        by_email = self._unique(Way.EMAIL, [email_key(email) for email in stated.emails if email], stated)
        by_number = self._unique(Way.NUMBER, [number_key(stated.number)] if stated.number else [], stated)
        decided = [match for match in (by_id, by_email, by_number) if match.person or match.conflict]
        if not decided:
            return self._by_name(stated)
        first = decided[0]
        if first.conflict or first.person is None:
            return first
        for other in decided[1:]:
            if other.person is not None and other.person.id != first.person.id:
                # An address or a number may have been somebody's who left.
                if first.way is Way.EXTERNAL_ID and other.person.left:
                    continue
                return _conflict(
                    f"The {first.way} is {first.person.name}\u2019s, "
                    f"the {other.way} {other.person.name}\u2019s.",
                    first.person,
                    other.person,
                )
        return self._checked(first.person, first.way, stated)

    def identify_text(self, stated: StatedPerson) -> Identification:
        """The same where the name comes of a column that may hold numbers: a name nobody has may be one."""
        match = self.identify(stated)
        if match.person is None and not match.conflict and stated.name and not stated.number:
            return self.identify(StatedPerson(None, stated.emails, stated.name))
        return match

    def _unique(self, way: Way, keys: list[str], stated: StatedPerson) -> Identification:
        """The one person with one of the keys; among several the one whose number or name fits as well."""
        several: dict[int, KnownPerson] = {}
        for key in keys:
            several.update(self._by[way].get(key, {}))
        people = list(several.values())
        for fits in (_has_number, _same_number, _same_name, _is_here) if len(people) > 1 else ():
            people = [person for person in people if fits(person, stated)] or people
        if len(people) > 1:
            return _conflict(f"There are {len(people)} employees with this {way}.", *people)
        return Identification(people[0], way) if people else Identification()

    def _checked(self, person: KnownPerson, way: Way, stated: StatedPerson) -> Identification:
        """The person found, unless what else is stated speaks against it."""
        agrees = _same_name(person, stated)
        if way is Way.NUMBER and (given_on := number_conflict(person, stated)):
            return _conflict(given_on, person)
        if not agrees and way in (Way.EMAIL, Way.NUMBER) and (namesake := self._namesake(stated)):
            return _conflict(
                f"The {way} is {person.name}\u2019s, the name {namesake.name}\u2019s.", person, namesake
            )
        if way is Way.EMAIL and _is_given_on(person, stated):
            return _conflict(f"The e-mail address was {person.name}\u2019s, who left.", person)
        differs = bool(stated.number and person.number) and not _same_number(person, stated)
        if way is Way.EMAIL and differs and not agrees:
            return _conflict(
                f"The e-mail address is {person.name}\u2019s, whose number is {person.number}, "
                f"not {stated.number}.",
                person,
            )
        if not _same_number(person, stated) or not stated.number or stated.number == person.number:
            return Identification(person, way)
        says_more = bool(stated.name or stated.emails)
        if way is Way.NUMBER and says_more and not (agrees or _same_email(person, stated)):
            return _conflict(
                f"{person.name} has the number {person.number}; {stated.number} may be the same.", person
            )
        zeros = len(stated.number.strip()) != len((person.number or "").strip())
        lost = f"The number {stated.number} lost its zeros; it is {person.number}."
        return Identification(person, way, note=lost if zeros else "")

    def _namesake(self, stated: StatedPerson) -> KnownPerson | None:
        """The one person who has the name that is stated; of several the one who is here."""
        keys = name_keys(stated.name) if stated.name else ()
        named = {key: one for name in keys for key, one in self._by[Way.NAME].get(name, {}).items()}
        here = [one for one in named.values() if not one.left] or list(named.values())
        return here[0] if len(here) == 1 else None

    def _by_name(self, stated: StatedPerson) -> Identification:
        """By nothing but the name: only where nothing that is known of the two speaks against it."""
        several: dict[int, KnownPerson] = {}
        for key in name_keys(stated.name) if stated.name else ():
            several.update(self._by[Way.NAME].get(key, {}))
        if not several:
            return Identification(namesakes=self._similar(stated))
        if not stated.emails and not stated.number:
            people = [person for person in several.values() if not person.left] or list(several.values())
            if len(people) > 1:
                return _conflict(f"There are {len(people)} employees with this name.", *people)
            return Identification(people[0], Way.NAME)
        # With an address or a number of their own they are namesakes, unless only the name was ever known.
        bare = [person for person in several.values() if not person.emails and not person.number]
        if len(bare) == 1:
            return Identification(bare[0], Way.NAME)
        if half := [person for person in several.values() if not _contradicts(person, stated)]:
            return _conflict(f"{half[0].name} is known already, and may be the same.", *half)
        return Identification(namesakes=tuple(several.values()))

    def _similar(self, stated: StatedPerson) -> tuple[KnownPerson, ...]:
        """Those known from the start with a name like this, whose address or number does not contradict."""
        if not stated.name:
            return ()
        if self._names is None:
            self._names = NamesByWord()
            for key, person in self._known.items():
                self._names.add(key, person.name)
        like = map(self._known.__getitem__, self._names.like(stated.name))
        return tuple(person for person in like if not _contradicts(person, stated))


def _conflict(sentence: str, *people: KnownPerson) -> Identification:
    return Identification(conflict=sentence, candidates=people)


def _has_number(person: KnownPerson, stated: StatedPerson) -> bool:
    return bool(stated.number) and person.number == stated.number


def _same_number(person: KnownPerson, stated: StatedPerson) -> bool:
    return bool(person.number and stated.number) and number_key(person.number or "") == number_key(
        stated.number or ""
    )


def _same_name(person: KnownPerson, stated: StatedPerson) -> bool:
    return bool(stated.name) and same_name(person.name, stated.name or "")


def _same_email(person: KnownPerson, stated: StatedPerson) -> bool:
    return bool({email_key(email) for email in person.emails} & {email_key(email) for email in stated.emails})


def _contradicts(person: KnownPerson, stated: StatedPerson) -> bool:
    """Whether both have an address, or both a number: by those they were compared already."""
    return bool(stated.emails and person.emails) or bool(stated.number and person.number)


def _is_given_on(person: KnownPerson, stated: StatedPerson) -> bool:
    """Whether an address went from somebody who left to somebody else: neither id nor any name is theirs."""
    other = bool(person.external_id and stated.external_id) and person.external_id != stated.external_id
    return person.left and other and not shares_name(person.name, stated.name or person.name)


def _is_here(person: KnownPerson, stated: StatedPerson) -> bool:
    return not person.left
