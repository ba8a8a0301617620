"""How identifiers, their labels and numbers like them are written in free text, and where each begins.

Every pattern begins at the first word of what it matches. So a line is divided into words once, and each
pattern is tried only at words as long as its own first one: at every character, it took seconds a megabyte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from hwadmin.identifiers.kinds import IdentifierKind

MAC, IPEI, IMEI = IdentifierKind.MAC, IdentifierKind.IPEI, IdentifierKind.IMEI
_FLAGS = re.IGNORECASE | re.ASCII
# Not inside a word of any script; an underscore joins names, not digits.
_START = r"(?:(?<=[\W_])|^)"
_END = r"(?:(?=[\W_])|$)"
_BETWEEN = r"""["'>\])]*(?: ?(?:no|nr|number|is)\b)?\.?[ \t]*[:=#-]*[ \t]*["'<\[(]*(?:%3A)?"""


def _whole(pattern: str) -> re.Pattern[str]:
    # Word characters of every script: é805ec… is one word.
    return re.compile(f"{_START}(?:{pattern}){_END}", re.IGNORECASE)


_D, _H = "[0-9]", "[0-9a-f]"
_PAIRS = rf"{_H}{{2}}(?P<p>[:. -]){_H}{{2}}(?:(?P=p){_H}{{2}}){{4}}"
# Each with the lengths its first word can have.
SHAPES: tuple[tuple[IdentifierKind, re.Pattern[str], tuple[int, ...]], ...] = (
    (MAC, _whole(rf"(?:{_H}{{12}}|{_PAIRS}) ?- ?[0-9a-z]{{4}}"), (2, 12)),
    (MAC, _whole(_PAIRS), (2,)),
    (MAC, _whole(rf"{_H}{{4}}(?P<p>[:. -]){_H}{{4}}(?P=p){_H}{{4}}"), (4,)),
    (IMEI, _whole(rf"{_D}{{2}}(?P<p>[ ./-]){_D}{{6}}(?P=p){_D}{{6}}(?P=p){_D}"), (2,)),
    (IMEI, _whole(rf"{_D}{{6}}(?P<p>[ ./-]){_D}{{2}}(?P=p){_D}{{6}}(?P=p){_D}"), (6,)),
    (IMEI, _whole(rf"{_D}{{8}}(?P<p>[ ./-]){_D}{{6}}(?P=p){_D}"), (8,)),
    # A star ends no word.
    (
        IPEI,
        re.compile(rf"{_START}{_D}{{5}}[ .:-]?{_D}{{7}}[ .:-]?(?:[0-9x]{_END}|\*)", re.IGNORECASE),
        (5, 12, 13),
    ),
    (IPEI, _whole(rf"{_D}{{5}}[ .:-]{_D}{{7}}"), (5,)),
    (IPEI, _whole(rf"0x{_H}{{10}}"), (12,)),
    (MAC, _whole(rf"{_H}{{6}}[:. -]{_H}{{6}}"), (6,)),
    (IMEI, _whole(rf"{_D}{{15}}"), (15,)),
    (MAC, _whole(rf"{_H}{{12}}"), (12,)),
    (IPEI, _whole(rf"0{_H}{{9}}"), (10,)),
)
# A line that is one of these and nothing else; which kind, the name of its group says.
ALONE = re.compile(
    rf"(?P<mac>{_H}{{12}}|{_PAIRS})|(?P<ipei>0{_H}{{9}})|(?P<imei>{_D}{{15}})", re.IGNORECASE | re.ASCII
)
# Behind a label the writings without a check digit count as well.
LABELLED = {
    MAC: [pattern for kind, pattern, _ in SHAPES if kind is MAC],
    IPEI: [pattern for kind, pattern, _ in SHAPES if kind is IPEI] + [_whole(rf"{_D}{{12}}")],
    IMEI: [pattern for kind, pattern, _ in SHAPES if kind is IMEI] + [_whole(rf"{_D}{{14}}|{_D}{{16}}")],
}
# What most labels have behind them; nothing joins it to what follows.
BARE = {
    MAC: re.compile(r"[0-9A-Fa-f]{12}(?=[;,]|\s(?!-)|$)"),
    IPEI: re.compile(r"0[0-9A-Fa-f]{9}(?=[;,]|\s(?!-)|$)"),
    IMEI: re.compile(r"[0-9]{15}(?=[;,]|\s(?!-)|$)"),
}
_LABEL = re.compile(
    _START + r"(?:(?P<other>(?:wlan|wi-?fi|wireless|bluetooth|bt|ble)[ _-]*mac(?:[ _-]*(?:address|addr|id))?)"
    r"|(?P<mac>(?:(?:lan|ethernet|eth)[ _-]*)?mac(?:[ _-]*(?:addresses|address|adresse|addr|adr|id))?)"
    r"|(?P<ipei>(?:dect[ _-]*)?(?:ipei|ipui)(?: */ *(?:ipei|ipui))?|handset id)"
    r"|(?P<imei>imei(?:sv)?(?:[ _-]*\(?(?P<slot>[12])\)?(?= *[:=#\"'>]|[ -]+[0-9]{15}(?![0-9])"
    r"|[ -]+[0-9]{2}[ /-][0-9]{6}[ /-]))?)"
    r"|(?P<serial>s/n|sn|serial(?:[ _-]*(?:number|no|nr))?)"
    r"|(?P<sim>iccid|sim(?: card)?|eid|ean|upc|gtin|imsi)"
    r"|(?P<secret>(?:(?:wi-?fi|wlan|network|security|admin|wpa[23]?|wep)[ /_-]*)?"
    r"(?:password|passwort|passwd|passphrase|kennwort|wachtwoord|pwd|psk|key|schl.{1,2}ssel|pin|puk)"
    r"(?: ?\([^()]{1,12}\))?|ssid|wpa[23]?|admin */)"
    r"|(?P<phone>tel|telephone|phone|fax|mobile|call)|(?P<number>order|po|invoice|tracking|ticket|vat|iban|uuid|"
    r"despatch|delivery|customer|account|ref|reference))" + _END,
    _FLAGS,
)
# How each alternative of it begins.
_LABEL_BEGINNINGS = frozenset(
    [
        "wl", "wi", "bl", "bt", "la", "et", "ma", "de", "ip", "ha", "im", "s/", "sn", "se", "ic", "si",
        "ei", "ea", "up", "gt", "te", "ph", "fa", "mo", "ca", "or", "po", "in", "tr", "ti", "va", "ib",
        "uu", "cu", "ac", "re", "ad", "ke", "ne", "pa", "pi", "ps", "pu", "pw", "ss", "wa", "we", "wp",
    ]
)  # fmt: skip
GAP = re.compile(_BETWEEN, re.IGNORECASE)
TOKEN = re.compile(r"""[^\s,;|"'<>()]{4,60}""")
# A telephone's digits stand in groups, fifteen at most; other numbers are one word.
TELEPHONE = re.compile(r"\+?[0-9](?:[ ()./-]{0,2}[0-9]){5,14}")
NUMBER = re.compile(r"[0-9]{2,}(?:[./-][0-9]+){0,5}")
WORD_BEFORE = re.compile(r"([^\W_]+)([:.*-])$")
WORD_AFTER = re.compile(r"([:.-])([^\W_]+)")
_SUSPECT = _whole(
    r"[0-9]+(?:[.,][0-9]+)?e\+[0-9]+|[1-9][.,][0-9]+e[0-9]{1,3}|[0-9a-f]{16}|[0-9]{13}|[0-9]{15}|"
    r"(?=[0-9a-f]*[0-9])[0-9a-f]{11}|[0-9a-f]{13}|(?:[0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}|"
    r"(?=[0-9a-z]*[0-9])(?=[0-9a-z]*[oil])[0-9a-foil]{12}"
)
_SUSPECT_LENGTHS = (1, 2, 11, 12, 13, 15, 16)
_WORD, _ASCII_WORD = re.compile(r"[^\W_]+"), re.compile(r"[^\W_]+", re.ASCII)
_FIRST = frozenset("0123456789abcdefABCDEFoOiIlL")


@lru_cache(maxsize=4096)
def _shapes_of(
    present: tuple[int, ...],
) -> tuple[tuple[IdentifierKind, re.Pattern[str], tuple[int, ...]], ...]:
    """The shapes that can begin with a word of one of these lengths."""
    return tuple(shape for shape in SHAPES if any(length in present for length in shape[2]))


class WrittenForms:
    """Where identifiers, labels and suspicious numbers may stand in a line."""

    def __init__(self, line: str) -> None:
        self.line = line
        # The beginnings of words, by the words' lengths.
        self._starts: dict[int, list[int]] = {}
        # How many characters these words have.
        self.characters = 0
        for word in _WORD.finditer(line):
            start, end = word.span()
            if line[start] in _FIRST:
                self._starts.setdefault(end - start, []).append(start)
                self.characters += end - start

    def labels(self) -> Iterator[re.Match[str]]:
        """The labels, in the order of the line."""
        line, end = self.line, 0
        for word in _ASCII_WORD.finditer(line):
            start = word.start()
            if start >= end and line[start : start + 2].lower() in _LABEL_BEGINNINGS:
                label = _LABEL.match(line, start)
                if label:
                    end = label.end()
                    yield label

    def shapes(self) -> Iterator[tuple[IdentifierKind, re.Match[str]]]:
        """What is written as an identifier can be: the surest writings first, then by the line."""
        for kind, pattern, lengths in _shapes_of(tuple(self._starts)):
            for match in self._matches(pattern, lengths):
                yield kind, match

    def suspects(self) -> Iterator[re.Match[str]]:
        """What looks like a damaged identifier."""
        lengths = tuple(self._starts) if "+" in self.line else _SUSPECT_LENGTHS
        return self._matches(_SUSPECT, lengths)

    def _matches(self, pattern: re.Pattern[str], lengths: tuple[int, ...]) -> Iterator[re.Match[str]]:
        several = [self._starts[length] for length in lengths if length in self._starts]
        end = 0
        for start in several[0] if len(several) == 1 else sorted(chain.from_iterable(several)):
            if start >= end and (match := pattern.match(self.line, start)):
                end = match.end()
                yield match
