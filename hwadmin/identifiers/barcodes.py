"""What a label's bar code holds, as people would write it: ``MAC: 805EC0112201; S/N: 3146018091637055``.

Read are GS1 element strings (by biip; with or without brackets), ISO 15434 messages of formats 05 and 06,
data identifiers of ISO 15418 alone, and web addresses that name the identifier; each with or without the
prefix a scanner puts before a code (ISO 15424). Some scanners drop the separators; then only what can stand
in one place is read. Several identifiers stay several. Everything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import SplitResult, parse_qsl, urlsplit

from stdnum import luhn

_GS, _RS, _EOT = "\x1d", "\x1e", "\x04"
# Some scanners write the separators out.
_WRITTEN = re.compile(
    r"[<{\[](GS|RS|EOT|FNC1)[>}\]]|(?:_x00|\\x|\\u00|<0x|%)(1D|1E|04)[_>]?|\^\]|\^\^|\u241d|\u241e|\u2404",
    re.IGNORECASE,
)
_SIGNS = {"GS": _GS, "RS": _RS, "EOT": _EOT, "FNC1": _GS, "^]": _GS, "^^": _RS}
_SIGNS |= {"1D": _GS, "1E": _RS, "04": _EOT}
_SIGNS |= {"\u241d": _GS, "\u241e": _RS, "\u2404": _EOT}
# What kind of bar code it was: a bracket, a letter, a modifier.
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z] ?")
_OF_GS1 = frozenset(("]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"))
# Nothing but the digits: an article's number and something behind it, or an IMEI.
_BARE_ELEMENTS = re.compile(r"01[0-9]{14}.|8002[0-9]{15}")
_BRACKETS = re.compile(r"\((\d{2,4})\)([^()]+)")
_IMEI_AT_END = re.compile(r"8002([0-9]{15})")
_WIRELESS = re.compile(r"WIFI:(?:[TSPHERIAtspheria]+:(?:\\.|[^;\\])*;)+;?$")
_MAC = "[0-9A-Fa-f]{12}"
_DATA_IDENTIFIER = re.compile(rf"23S({_MAC}|(?:[0-9A-Fa-f]{{2}}[:-]){{5}}[0-9A-Fa-f]{{2}})")
_MAX_LENGTH = 500
_MAX_FIELDS = 50
# What is shorter is an identifier, a serial number, or an address with its data identifier.
_SHORTEST = 19

# Keys of a keyboard as French and Belgian layouts have them, where the scanner believes in an English one.
_AZERTY = str.maketrans("&\u00e9\"'(-\u00e8_\u00e7\u00e0\u00a7qQ", "12345678906aA")
_LAYOUT_SEPARATORS = str.maketrans("\u00d6\u00f6\u00df\u00c6\u00e6", "::-::")


def label_text(text: str) -> str:
    """The identifier and the serial number of a bar code with their labels; any other text as it is."""
    if len(text) > _MAX_LENGTH or (len(text) < _SHORTEST and "23S" not in text and not text.startswith("]")):
        return text
    plain = text.strip(" \t\r\n")
    if not plain.startswith(("http", "HTTP")):
        plain = _WRITTEN.sub(lambda match: _SIGNS[(match[1] or match[2] or match[0]).upper()], plain)
    if _WIRELESS.match(plain):
        return "Wi-Fi"  # a network with its password, of whatever digits
    if prefix := _SYMBOLOGY.match(plain):
        code = plain[prefix.end() :].lstrip(_GS)
        return (_gs1(code) if prefix.group().rstrip() in _OF_GS1 else "") or label_text(code) or text
    if plain.startswith("[)>"):
        return _iso_15434(plain) or text
    if match := _DATA_IDENTIFIER.fullmatch(plain):
        return f"MAC: {match[1]}"
    if plain[:8].lower().startswith(("http://", "https:/")):
        return _web_address(plain) or text
    if plain.startswith("(") or _GS in plain or _BARE_ELEMENTS.match(plain):
        return _data_identifiers(plain.split(_GS)) or _gs1(plain.lstrip(_GS)) or text
    return text


def on_another_keyboard(text: str) -> str:
    """The MAC address a scan would be if the computer's keyboard layout were the scanner's; else empty."""
    plain = text.strip()
    if len(plain) > 40 or (plain.isascii() and plain.isalnum()):
        return ""
    for table in (_AZERTY, _LAYOUT_SEPARATORS):
        digits = re.sub("[:.-]", "", plain.translate(table))
        if re.fullmatch(_MAC, digits) and not re.fullmatch(_MAC, re.sub("[:. -]", "", plain)):
            return digits
    return ""


@dataclass(slots=True)
class _Label:
    """What a label holds. Two MAC addresses are two, whoever must choose; two IMEIs may be of one mobile."""

    macs: list[str] = field(default_factory=list)
    imeis: list[str] = field(default_factory=list)
    serial: str = ""

    @property
    def written(self) -> str:
        """As people would write it; empty where there is no identifier."""
        label, values = ("MAC", self.macs) if self.macs else ("IMEI", self.imeis)
        values = list(dict.fromkeys(values))
        if not values:
            return ""
        text = "; ".join(f"{label}: {value}" for value in values)
        return f"{text}; S/N: {self.serial}" if self.serial and self.serial not in values else text


# ---- ISO 15434


def _iso_15434(text: str) -> str:
    body = text.removeprefix("[)>").lstrip(_RS).rstrip(_RS + _EOT)
    if body.startswith("05"):
        return _gs1(body[2:].lstrip(_GS))
    if not body.startswith("06"):
        return ""
    body = body[2:]
    return _data_identifiers(body.split(_GS)) if _GS in body else _without_separators(body)


def _data_identifiers(parts: Sequence[str]) -> str:
    """What stands behind the data identifiers of ISO 15418: 23S an address, S a serial number."""
    label = _Label()
    for part in parts:
        if match := _DATA_IDENTIFIER.fullmatch(part):
            label.macs.append(match[1])
        elif part.startswith("S") and len(part) > 4:
            label.serial = part[1:]
        elif re.fullmatch(r"\d{0,2}[A-Z][0-9]{15}", part) and luhn.is_valid(part[-15:]):
            label.imeis.append(part[-15:])
    return label.written


def _without_separators(body: str) -> str:
    """The address at the end is sure; the serial number only where it can begin in one place."""
    match = re.fullmatch(rf"(.*?)23S({_MAC})", body)
    if match is None:
        return ""
    before = re.sub(r"^1P.", "", match[1]) if match[1].startswith("1P") else match[1]
    serial = before.partition("S")[2] if before.count("S") == 1 else ""
    return _Label([match[2]], serial=serial).written


# ---- GS1


def _gs1(text: str) -> str:
    pairs = _BRACKETS.findall(text) if "(" in text else list(_elements(text).items())
    values = {key: value.strip(_GS + " ") for key, value in pairs}
    imeis = [value.strip(_GS + " ") for key, value in pairs if key == "8002"]
    label = _Label(serial=values.get("21", ""))
    label.imeis = [imei for imei in imeis if re.fullmatch("[0-9]{15}", imei) and luhn.is_valid(imei)]
    named = "01" in values or "240" in values
    if not label.imeis and named and re.fullmatch(_MAC, label.serial) and not label.serial.isdecimal():
        label = _Label([label.serial])
    return label.written


def _elements(text: str) -> dict[str, str]:
    # Its tables take a moment to load.
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    if not (text.isascii() and text[:2].isdecimal()):
        return {}
    if _GS not in text and (lost := _IMEI_AT_END.fullmatch(text[-19:])) and len(text) > 19:
        # The separator in front was lost: fifteen digits with a right check stand at the end.
        before = _elements(text[:-19]) if luhn.is_valid(lost[1]) else {}
        if before:
            return {**before, "8002": lost[1]}
    try:
        message = GS1Message.parse(text)
    except (ParseError, ValueError):
        return {}
    return {element.ai.ai: element.value for element in message.element_strings}


# ---- Web addresses


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    label = _Label()
    for key, value in _stated(parts):
        name = re.sub(r"[\W_]", "", key).lower()
        if name in ("mac", "macaddress", "macaddr", "macid"):
            label.macs.append(value)
        elif name in ("imei", "imei1", "8002"):
            label.imeis.append(value)
        elif name in ("sn", "serial", "serialno", "serialnumber", "21"):
            label.serial = value
    if not label.macs and not label.imeis and re.fullmatch(_MAC, label.serial):
        label = _Label([label.serial])
    return label.written


def _stated(parts: SplitResult) -> list[tuple[str, str]]:
    """The names of an address and what they are: in its path (GS1 Digital Link), its query, its fragment."""
    folders = parts.path.strip("/").split("/")[:20]
    stated = list(pairwise(folders))
    for query in (parts.query, parts.fragment):
        if query.count("&") < _MAX_FIELDS:
            stated += parse_qsl(query)
    return stated
