"""The units of an order as lists and scans see them, and whom and what places they are planned for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.people.person_identity import KnownPerson, People, email_key, name_keys, number_key
from hwadmin.domain.text_folding import folded, spellings

_NAME_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")
# Shorter ones may be counts or positions.
_SHORTEST_NUMBER = 3
_NO_LETTER = re.compile(r"[\W_]")
# What stands with a name without being part of it.
_TITLES = frozenset(
    [
        *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "hr", "fr", "dhr", "mevr", "mw"),
        *("mme", "mlle", "sr", "sra", "sig", "dott", "dipl", "ing", "mag", "msc", "bsc", "phd", "mba"),
    ]
)
_WORD = re.compile(r"[^\W_]+(?:[.'@+-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class ListUnit:
    """A unit of the order as far as lists and scans are concerned.

    `key`: its device's identifier key, if any. `reserved`: that of the spare kept for it, the only device it
    can become. `closed`: nothing is awaited for it any more. `person`, `places`: whom and where it is planned
    for, the place by every name it goes by.
    """

    id: int
    label: str
    line_id: int
    kind: Kind
    make: str
    model: str
    sku: str
    key: str | None = None
    reserved: str | None = None
    closed: bool = False
    person: KnownPerson | None = None
    places: tuple[str, ...] = ()


def known_names(units: Sequence[ListUnit]) -> list[str]:
    """The names of the people and places that units are planned for."""
    people = [unit.person.name for unit in units if unit.person is not None]
    return [*people, *(place for unit in units for place in unit.places)]


class Planned:
    """Whom and what places the units of an order are planned for, to compare what a list says with."""

    def __init__(self, units: Sequence[ListUnit]) -> None:
        self._of_person: dict[int, list[ListUnit]] = {}
        # By each way to write a place's name, and in the order of the units.
        self._at_place: dict[str, dict[int, ListUnit]] = {}
        for unit in units:
            if unit.person is not None:
                self._of_person.setdefault(unit.person.id, []).append(unit)
            for name in unit.places:
                for key in _place_keys(name):
                    self._at_place.setdefault(key, {})[unit.id] = unit
        self._order = {unit.id: place for place, unit in enumerate(units)}
        persons = {unit.person.id: unit.person for unit in units if unit.person is not None}
        self.people = People(persons.values())
        self._persons = persons
        self._index_names(persons.values())
        self.has_people, self.has_places = bool(persons), bool(self._at_place)

    def _index_names(self, persons: Collection[KnownPerson]) -> None:
        self._names: dict[str, list[tuple[tuple[str, ...], KnownPerson]]] = {}
        for person in persons:
            for name in (*name_keys(person.name), *map(email_key, person.emails)):
                words = tuple(_WORD.findall(folded(name)))
                if len(words) > 1 or "@" in name:
                    self._names.setdefault(words[0], []).append((words, person))
        self._logins: dict[str, dict[int, KnownPerson]] = {}
        for person in persons:
            for email in person.emails:
                self._logins.setdefault(email_key(email).partition("@")[0], {})[person.id] = person
        self._keys = {key for person in persons for key in name_keys(person.name)}
        self._keys |= {email_key(email) for person in persons for email in person.emails}
        self._parts: dict[str, set[int]] = {}
        for person in persons:
            for word in _words_of(person.name):
                self._parts.setdefault(word, set()).add(person.id)
        self._numbers = {number_key(person.number) for person in persons if person.number}

    def at_place(self, text: str) -> list[ListUnit]:
        """The units planned for a place."""
        found: dict[int, ListUnit] = {}
        for key in _place_keys(text):
            found |= self._at_place.get(key, {})
        return sorted(found.values(), key=lambda unit: self._order[unit.id])

    def of_person(self, person: KnownPerson) -> list[ListUnit]:
        """The units planned for a person."""
        return self._of_person.get(person.id, [])

    def is_person(self, text: str) -> bool:
        """Whether a text is the name of somebody the order is planned for."""
        return any(key in self._keys for key in name_keys(text))

    def is_email(self, text: str) -> bool:
        """Whether a text is the e-mail address of somebody the order is planned for."""
        return "@" in text and email_key(text) in self._keys

    def by_login(self, text: str) -> KnownPerson | None:
        """The one person whose address begins with a text: their name where they sign in."""
        several = list(self._logins.get(text.rpartition("\\")[2].casefold(), {}).values())
        return several[0] if len(several) == 1 else None

    def is_number(self, text: str) -> bool:
        """Whether a text is the employee number of somebody the order is planned for, and hardly a count."""
        return len(text) >= _SHORTEST_NUMBER and number_key(text) in self._numbers

    def whole(self, text: str) -> KnownPerson | None:
        """The one person whose whole name a text has, in any order, with a title or their number."""
        words = [word for word in _words_of(text) if word not in _TITLES]
        fits = [
            person
            for person in self.by_parts(text)
            if set(_words_of(person.name)) <= {*words} and not any(len(word) == 1 for word in words)
        ]
        return fits[0] if len(fits) == 1 and len(words) > 1 else None

    def by_parts(self, text: str) -> list[KnownPerson]:
        """Those who may be meant by a part of a name: ``Niamh``, ``N. Corrigan``, ``Corrigan N``.

        Every word must be one of the person's name, or its first letter; figures, their number.
        """
        words = [word for word in _words_of(text) if word not in _TITLES]
        numbers = re.findall(r"[0-9]+", text)
        known = [self._parts[word] for word in words if word in self._parts]
        if not known or len(numbers) > 1:
            return []
        found = []
        for key in sorted(set.intersection(*known)):
            person = self._persons[key]
            others = _words_of(person.name)
            fits = all(word in others or (len(word) == 1 and _begins(others, word)) for word in words)
            own = not numbers or (person.number and number_key(person.number) == number_key(numbers[0]))
            if fits and own:
                found.append(person)
        return found

    def meant_by(self, text: str) -> list[KnownPerson]:
        """Those who may be meant by a text that is no whole name: ``Niamh gets it``, ``Grace / Owen``."""
        return self.by_parts(text) or self.mentioned(text) or self.named_in(text)

    def named_in(self, text: str) -> list[KnownPerson]:
        """Those of whom a line has a first or last name, written with a capital: ``Niamh gets it``."""
        words = {folded(word) for word in _NAME_WORD.findall(text) if word[0].isupper()}
        keys = {key for word in words for key in self._parts.get(word, ())}
        return [self._persons[key] for key in sorted(keys)]

    def mentioned(self, text: str) -> list[KnownPerson]:
        """The people a line of text names, by first and last name or by address."""
        if not self._names:
            return []
        words = _WORD.findall(folded(text))
        persons: dict[int, KnownPerson] = {}
        for index, word in enumerate(words):
            for name, person in self._names.get(word, ()):
                if tuple(words[index : index + len(name)]) == name:
                    persons[person.id] = person
        return list(persons.values())


def _words_of(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", folded(name))


def _begins(words: Sequence[str], letter: str) -> bool:
    return any(word.startswith(letter) for word in words)


@lru_cache(maxsize=4096)
def _place_keys(name: str) -> frozenset[str]:
    """What two writings of one place share."""
    return frozenset(_NO_LETTER.sub("", spelling) for spelling in spellings(name))
