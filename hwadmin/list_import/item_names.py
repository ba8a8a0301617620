"""Which items of an order a text names, and whether it names one the order has not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hwadmin.identifiers.vendors import same_make
from hwadmin.list_import.planned_units import ListUnit, Planned


@dataclass(frozen=True, slots=True)
class Mention:
    """An item named in a text."""

    start: int
    end: int
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names: lines of the order, or something it has not."""

    lines: frozenset[int] = frozenset()
    unknown: str = ""

    def __bool__(self) -> bool:
        return bool(self.lines or self.unknown)


# T54W is no T54, and an iPhone 17 Pro no iPhone 17: what follows a model may make it another one.
_VARIANT = re.compile(
    r"[ -]*(?:pro|max|plus|mini|air|ultra|fe|lite|xl|se|fold|flip|sc|hc|xr|teams|e2|gen ?[2-9]|g[2-9]|v[2-9])"
    r"(?![^\W_])|\+",
    re.IGNORECASE,
)
_NO_MODEL = "HW|PO|RE|NO|PP|SO|DN|INV|KW|CW|VAT|RMA|REF|IP|LAN|USB|SIM|GB|DHL|UPS|SN"
_MODEL_LIKE = re.compile(
    rf"(?<![^\W_])(?:SIP-?)?(?!(?:{_NO_MODEL})[ -]?[0-9])[A-Z]{{1,4}}[ -]?[0-9]{{2,4}}[A-Z]{{0,3}}(?![^\W_])"
    r"|(?<![^\W_])(?i:iphone|galaxy|pixel|xperia|nokia|fairphone|rove|vvx|ccx)[ -]?"
    r"[A-Za-z]?[0-9]{1,3}[A-Za-z]?(?: (?i:pro|max|plus|mini|air|ultra|fe|lite|xl))*(?![^\W_])"
)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).upper()


NOTHING_NAMED = Named()


class Names:
    """The names of an order's items."""

    def __init__(self, units: Sequence[ListUnit]) -> None:
        self.planned = Planned(units)
        self.items: dict[int, ListUnit] = {}
        for unit in units:
            self.items.setdefault(unit.line_id, unit)
        self._skus: dict[str, set[int]] = {}
        self._models: dict[str, set[int]] = {}
        patterns: dict[str, set[int]] = {}
        for line_id, unit in self.items.items():
            self._skus.setdefault(_plain(unit.sku), set()).add(line_id)
            for model in {_plain(unit.model), _plain(_bare_model(unit))}:
                self._models.setdefault(model, set()).add(line_id)
            patterns.setdefault(_pattern(unit), set()).add(line_id)
        self._skus.pop("", None)
        self._models.pop("", None)
        self._patterns = [
            (re.compile(pattern, re.IGNORECASE), frozenset(lines))
            for pattern, lines in sorted(patterns.items(), key=lambda item: -len(item[0]))
            if pattern
        ]
        self._makes = tuple(dict.fromkeys(unit.make for unit in units if unit.make))
        self._known: dict[str, Named] = {}

    def is_sku(self, text: str) -> bool:
        """Whether a text is a SKU of the order."""
        return _plain(text) in self._skus

    def is_item(self, text: str) -> bool:
        """Whether a text is a SKU or a model of the order."""
        plain = _plain(text)
        return plain in self._skus or bool({plain, plain.removeprefix("SIP")} & self._models.keys())

    def by_sku(self, text: str) -> Named:
        """What a cell of a column of SKUs names."""
        plain = _plain(text)
        if not plain:
            return Named()
        lines = self._skus.get(plain) or self._models.get(plain)
        return Named(frozenset(lines)) if lines else Named(unknown=text[:60])

    def by_sheet(self, text: str) -> Named:
        """What the name of a sheet names: an item, something like a model that is none, or nothing."""
        named = self.by_model(text)
        return Named(named.lines) if named.lines else Named(unknown=self.unknown(text, ()))

    def by_model(self, text: str) -> Named:
        """What a cell of a column of models or descriptions names; the make may stand in front."""
        if text not in self._known:
            self._known[text] = self._by_model(text)
        return self._known[text]

    def _by_model(self, text: str) -> Named:
        plain = _plain(text)
        if not plain:
            return Named()
        for make in self._makes:
            plain = plain.removeprefix(_plain(make))
        exact = (
            self._models.get(plain) or self._models.get(plain.removeprefix("SIP")) or self._skus.get(plain)
        )
        if exact:
            lines = frozenset(line for line in exact if not self._of_another_make(text, line))
            return Named(lines) if lines else Named(unknown=text[:60])
        lines = frozenset().union(*(mention.lines for mention in self.mentions(text)))
        return Named(lines) if lines else Named(unknown=text[:60])

    def _of_another_make(self, text: str, line_id: int) -> bool:
        words = re.findall(r"[^\W_]+", text)
        makes = [word for word in words if any(same_make(word, make) for make in self._makes)]
        return bool(makes) and not any(same_make(word, self.items[line_id].make) for word in makes)

    def mentions(self, text: str) -> list[Mention]:
        """The items a text names, in its order; the longest name where one holds another."""
        found: list[Mention] = []
        for pattern, lines in self._patterns:
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(one.start < end and start < one.end for one in found):
                    continue
                if not _VARIANT.match(text, end):
                    found.append(Mention(start, end, lines))
        for match in re.finditer(r"[^\s,;|\"'()]{3,40}", text):
            lines_of = self._skus.get(_plain(match.group()))
            if lines_of and not any(one.start < match.end() and match.start() < one.end for one in found):
                found.append(Mention(match.start(), match.end(), frozenset(lines_of)))
        return sorted(found, key=lambda one: one.start)

    def unknown(self, text: str, mentions: Sequence[Mention]) -> str:
        """Something written like a model that is none of the order's; empty where there is none."""
        for match in _MODEL_LIKE.finditer(text):
            if not any(one.start < match.end() and match.start() < one.end for one in mentions):
                return match.group()
        return ""


def _bare_model(unit: ListUnit) -> str:
    """A model without the make and the “SIP-” that lists leave out: Yealink SIP-T54W is T54W."""
    make = re.escape(unit.make) if unit.make else "(?!)"
    return re.sub(rf"^(?:{make}[ -]+)?(?:SIP[ -]?(?=[A-Z]?\d))?", "", unit.model, flags=re.IGNORECASE)


def _pattern(unit: ListUnit) -> str:
    chunks = re.findall(r"[^\W\d_]+|\d+", _bare_model(unit))
    if not chunks:
        return ""
    body = "[ _-]?".join(re.escape(chunk) for chunk in chunks)
    if len(chunks) == 1:
        # 7841 alone may be any number, and "Rove" a word.
        words = re.findall(r"[^\W_]+", unit.make)
        if not words:
            return ""
        body = r"\W{1,3}".join(re.escape(word) for word in words) + r"\W{1,3}" + body
    return rf"(?<![^\W_])(?:SIP[ -]?)?{body}(?![^\W_])"
