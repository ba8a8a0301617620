"""Identifiers in lines of text: a mail, a delivery note, a bare column; and what the lines say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hwadmin.domain.people.person_identity import KnownPerson, StatedPerson
from hwadmin.identifiers import IdentifierKind
from hwadmin.identifiers.harvest import Aside, Damaged, Harvest, TextIdentifier, harvest, is_serial_label
from hwadmin.list_import.cells import no_value
from hwadmin.list_import.delivery_words import begins_range, delivery_concern
from hwadmin.list_import.item_names import Mention, Named, Names
from hwadmin.list_import.lists import SourceRow
from hwadmin.list_import.meaning.columns import Table
from hwadmin.list_import.meaning.contents import may_be_names
from hwadmin.list_import.meaning.headings import Meaning, heading
from hwadmin.list_import.planned_units import Planned
from hwadmin.list_import.row_reading import AdjacentValues, Candidate, Candidates, range_concern
from hwadmin.list_import.row_targets import NO_TARGET, Target, maybe_for, stated_person

_LABELLED = re.compile(r"[\s>*•-]*([^:=]{1,40}?)\s*[:=]\s*(\S.*?)\s*")
_FOR = re.compile(r"^(?:for|f\u00fcr|fuer|voor|pour|para|per|to|an)\b[: ]*", re.IGNORECASE)


class Context:
    """What the lines above speak of: "2 x Snom D785:" and then the addresses, until something else begins."""

    def __init__(self, names: Names) -> None:
        self.names, self.planned = names, names.planned
        self.named = Named()
        self.target = NO_TARGET
        self.used = False
        # Whether an identifier stood before anything was named: then names may stand below theirs.
        self.unnamed_before = False
        # The same of whom and where they are for, and whether such lines begin with people of the plan.
        self.untargeted_before = self.targets_below = self.names_people = False

    def pause(self) -> None:
        """A blank line or a sentence ends what a heading began, once identifiers have followed it."""
        if self.used:
            self.named, self.target, self.used = Named(), NO_TARGET, False

    def heading(self, text: str, mentions: list[Mention]) -> None:
        """Take a line without identifiers."""
        unknown = self.names.unknown(text, mentions)
        whose = self._stated(text)
        doubtful = delivery_concern(text)
        if whose != NO_TARGET:
            self.target, self.used = whose, False
            self.targets_below = self.targets_below or self.untargeted_before
        elif doubtful:
            self.target, self.used = NO_TARGET, False
        elif self.target.delivery_concern:
            self.target = replace(self.target, delivery_concern="")
        if doubtful:
            self.target = replace(self.target, delivery_concern=doubtful)
        if mentions:
            self.named, self.used = Named(_all_lines(mentions)), False
        elif unknown:
            self.named, self.used = Named(unknown=unknown), False
        elif whose == NO_TARGET and not self.target.place and not doubtful:
            self.pause()

    def _stated(self, text: str) -> Target:
        """Whom or where the lines below are for: by a label, or by nothing but the name."""
        if (labelled := _labelled(text, self.planned)) != NO_TARGET:
            return labelled
        people, plain = self.planned.mentioned(text), text.strip(" \t:;-")
        if len(people) == 1:
            self.names_people = True
            return for_person(people)
        if self.planned.has_places and self.planned.at_place(plain):
            return Target(place=plain)
        if parts := self.planned.by_parts(plain):
            return maybe_for(plain, parts)
        # Where a name of the plan stands above, another name does as well.
        return Target(StatedPerson(plain)) if self.names_people and may_be_names([plain]) else NO_TARGET


def read_line(row: SourceRow, table: Table, context: Context, result: Candidates) -> None:
    """Read a line that is not of a table, or stands outside its columns of identifiers."""
    read = harvest(row.text)
    for damaged in read.damaged:
        result.leave(row, damaged.reason, damaged.text)
    before, beside = len(result.candidates), _values_beside(row, read, result)
    everything: list[TextIdentifier | Damaged | Aside] = [*read.identifiers, *read.damaged, *read.aside]
    spans = [(match.start, match.end) for match in everything]
    mentions = [
        mention
        for mention in context.names.mentions(row.text)
        if not any(start < mention.end and mention.start < end for start, end in spans)
    ]
    if read.identifiers:
        _add_candidates(_Line(row, read, mentions, spans), table, context, beside, result)
    elif not read.damaged:
        context.heading(row.text, mentions)
        result.leave(row, "Names an item, but holds no identifier." if mentions else "Holds no identifier.")
    beside.attach(before, result)


def _values_beside(row: SourceRow, read: Harvest, result: Candidates) -> AdjacentValues:
    beside = AdjacentValues()
    for aside in read.aside:
        if is_serial_label(aside.label):
            beside.add(row, Meaning.SERIAL, aside.text)
        else:
            result.put_aside(row, aside.text, f"{aside.label}: not stored.")
    return beside


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with what was found in it: identifiers, names of items, and where everything stands."""

    row: SourceRow
    read: Harvest
    mentions: list[Mention]
    spans: list[tuple[int, int]]


def _add_candidates(
    line: _Line, table: Table, context: Context, beside: AdjacentValues, result: Candidates
) -> None:
    row, read, mentions = line.row, line.read, line.mentions
    target = _target(line, context)
    sides = _sides(read, mentions)
    unknown = context.names.unknown(_blanked(row.text, line.spans), mentions)
    people = context.planned.mentioned(row.text)
    warnings = _warnings(row.text, read, table, people)
    for match, lines, concern in zip(read.identifiers, sides, warnings, strict=True):
        if match.label == "imei2":
            beside.add(row, Meaning.IMEI2, match.text)
            continue
        own = Named(lines) if lines is not None else Named(unknown=unknown) if unknown else None
        inherited = own is None and bool(context.named)
        if own is None and not context.named:
            context.unnamed_before = True
        if not (target.person or target.place):
            context.untargeted_before = True
        if inherited and context.unnamed_before and len(context.names.items) > 1:
            concern = concern or "It is unclear whether its model is named above it or below it."
        result.candidates.append(
            Candidate(
                row.number,
                match.text,
                match.readings,
                own or context.named,
                match.certain,
                concern,
                inherited=inherited,
                target=target,
                sheet=row.sheet,
            )
        )
    if mentions:
        # What a line names, it names for the lines below as well, as far as they go on without a break.
        context.named = Named(_all_lines(mentions))
    if people:
        context.target = Target(delivery_concern=context.target.delivery_concern)
    context.used = bool(context.named or context.target != NO_TARGET)


def _target(line: _Line, context: Context) -> Target:
    """Whom a line is for, and why it may be no delivery: by itself, or else by the lines above."""
    people = context.planned.mentioned(line.row.text)
    target = for_person(people) if people else _beside(line, context.planned) or context.target
    if not (people or target.person or target.place) and context.planned.has_people:
        rest = _blanked(line.row.text, [*line.spans, *((one.start, one.end) for one in line.mentions)])
        if parts := context.planned.named_in(rest):
            target = maybe_for(" ".join(rest.split()).strip(" \t,;:|()[]-–—"), parts)
    doubtful = delivery_concern(_blanked(line.row.text, line.spans)) or context.target.delivery_concern
    return replace(target, delivery_concern=doubtful) if doubtful else target


def _beside(line: _Line, planned: Planned) -> Target | None:
    """Whom or where a line says it is for in so many words, although nobody of the plan is named."""
    spans = line.spans + [(mention.start, mention.end) for mention in line.mentions]
    rest = re.sub(r"\s+", " ", _blanked(line.row.text, spans)).strip(" \t,;:|()[]-–—")
    if (labelled := _labelled(rest, planned)) != NO_TARGET:
        return labelled
    name = _FOR.sub("", rest)
    if planned.has_places and planned.at_place(name):
        return Target(place=name)
    return Target(StatedPerson(name)) if planned.has_people and may_be_names([name]) else None


def _labelled(text: str, planned: Planned) -> Target:
    """Whom or where a text says by a label: ``Ship to: Cork``."""
    pair = _LABELLED.fullmatch(text)
    meaning = heading(pair[1]) if pair else None
    if pair is None or meaning is None or no_value(pair[2]):
        return NO_TARGET
    if meaning is Meaning.PLACE and planned.has_places:
        return Target(place=pair[2])
    return Target(stated_person({meaning: pair[2]})) if planned.has_people else NO_TARGET


def _warnings(text: str, read: Harvest, table: Table, people: list[KnownPerson]) -> list[str]:
    """For each identifier of a line, why somebody should decide; empty where nothing speaks for that."""
    warnings = []
    imeis = 0
    outside = "This is outside the column of identifiers." if table.has_identifiers else ""
    for match in read.identifiers:
        concern = ""
        if match.readings[0].kind is IdentifierKind.IMEI and match.label != "imei2":
            imeis += 1
            if imeis > 1 and not match.label:
                concern = "There are two IMEIs in one line: of two phones, or of one with two SIMs."
        if len(read.identifiers) == 2:
            first, last = read.identifiers
            concern = (
                range_concern(text[first.end : last.start], first.readings[0], last.readings[0]) or concern
            )
        concern = concern or begins_range(text, match.start, match.end)
        if len(people) > 1:
            concern = concern or "This line names several people."
        warnings.append(concern or outside)
    return warnings


def for_person(people: list[KnownPerson]) -> Target:
    """The target of what names exactly one person."""
    if len(people) != 1:
        return NO_TARGET
    person = people[0]
    return Target(StatedPerson(person.name, person.emails, person.number))


def _all_lines(mentions: list[Mention]) -> frozenset[int]:
    return frozenset().union(*(mention.lines for mention in mentions))


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _sides(read: Harvest, mentions: list[Mention]) -> list[frozenset[int] | None]:
    """For each identifier of a line the lines of the order it is named for; None where nothing is named.

    With several names in a line, an identifier belongs to the names right before it if the line begins with a
    name, and to those right behind it if it ends with one. Otherwise to any of them, which is asked.
    """
    if not mentions:
        return [None] * len(read.identifiers)
    first, last = read.identifiers[0], read.identifiers[-1]
    names_first = mentions[0].start < first.start and mentions[-1].start < last.start
    names_last = first.start < mentions[0].start and last.start < mentions[-1].start
    sides: list[frozenset[int] | None] = []
    for match in read.identifiers:
        before = [mention for mention in mentions if mention.end <= match.start]
        behind = [mention for mention in mentions if mention.start >= match.end]
        if names_first and before:
            since = max((other.end for other in read.identifiers if other.end <= before[-1].start), default=0)
            sides.append(_all_lines([mention for mention in before if mention.start >= since]))
        elif names_last and behind:
            until = min(
                (other.start for other in read.identifiers if other.start >= behind[0].end),
                default=behind[-1].end,
            )
            sides.append(_all_lines([mention for mention in behind if mention.end <= until]))
        else:
            sides.append(_all_lines(mentions))
    return sides
