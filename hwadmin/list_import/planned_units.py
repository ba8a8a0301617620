"""The units of an order as lists and scans see them, and whom and what places they are planned for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.people.person_identity import KnownPerson, People, email_key, name_keys
from hwadmin.domain.text_folding import folded, spellings

_NO_LETTER = re.compile(r"[\W_]")
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
        self._names: dict[str, list[tuple[tuple[str, ...], KnownPerson]]] = {}
        for person in persons.values():
            for name in (*name_keys(person.name), *map(email_key, person.emails)):
                words = tuple(_WORD.findall(folded(name)))
                if len(words) > 1 or "@" in name:
                    self._names.setdefault(words[0], []).append((words, person))
        self._logins: dict[str, dict[int, KnownPerson]] = {}
        for person in persons.values():
            for email in person.emails:
                self._logins.setdefault(email_key(email).partition("@")[0], {})[person.id] = person
        self._keys = {key for person in persons.values() for key in name_keys(person.name)}
        self._keys |= {email_key(email) for person in persons.values() for email in person.emails}
        self.has_people, self.has_places = bool(persons), bool(self._at_place)

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


@lru_cache(maxsize=4096)
def _place_keys(name: str) -> frozenset[str]:
    """What two writings of one place share."""
    return frozenset(_NO_LETTER.sub("", spelling) for spelling in spellings(name))
