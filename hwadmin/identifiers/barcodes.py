"""What a label's bar code holds, as people would write it: ``MAC: 805EC0112201; S/N: 3146018091637055``.

Read are GS1 element strings (by biip; with or without brackets or symbology prefix), ISO 15434 messages with
data identifiers of ISO 15418, and web addresses that name the identifier. Some scanners drop the separators;
then only what can stand in one place is read. Everything else stays as it is.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from stdnum import luhn

_GS, _RS, _EOT = "\x1d", "\x1e", "\x04"
# Some scanners write the separators out.
_WRITTEN = re.compile(r"<(GS|RS|EOT)>|\{(GS|RS|EOT)\}|\^(?:\]|\^)|\u241d|\u241e|\u2404")
_SIGNS = {"GS": _GS, "RS": _RS, "EOT": _EOT, "^]": _GS, "^^": _RS}
_SIGNS |= {"\u241d": _GS, "\u241e": _RS, "\u2404": _EOT}
_SYMBOLOGY = re.compile(r"\](?:C1|e0|d2|Q3|J1)")
# Nothing but the digits: an article's number and something behind it, or an IMEI.
_BARE_ELEMENTS = re.compile(r"01[0-9]{14}.|8002[0-9]{15}")
_BRACKETS = re.compile(r"\((\d{2,4})\)([^()]+)")
_IMEI_AT_END = re.compile(r"8002([0-9]{15})")
_MAC = "[0-9A-Fa-f]{12}"
_DATA_IDENTIFIER = re.compile(rf"23S({_MAC})")
_MAX_LENGTH = 500
# What is shorter is an identifier, a serial number, or an address with its data identifier.
_SHORTEST = 19

# Keys of a keyboard as French and Belgian layouts have them, where the scanner believes in an English one.
_AZERTY = str.maketrans("&\u00e9\"'(-\u00e8_\u00e7\u00e0\u00a7qQ", "12345678906aA")
_LAYOUT_SEPARATORS = str.maketrans("\u00d6\u00f6\u00df\u00c6\u00e6", "::-::")


def label_text(text: str) -> str:
    """The identifier and the serial number of a bar code with their labels; any other text as it is."""
    if len(text) > _MAX_LENGTH or (len(text) < _SHORTEST and "23S" not in text):
        return text
    plain = text.strip(" \t\r\n")
    if plain.startswith("[)>"):
        return _iso_15434(plain) or text
    if match := _DATA_IDENTIFIER.fullmatch(plain):
        return f"MAC: {match[1]}"
    if plain[:8].lower().startswith(("http://", "https:/")):
        return _web_address(plain) or text
    if plain.startswith(("]", "(")) or _GS in plain or _BARE_ELEMENTS.match(plain):
        return _gs1(plain) or text
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


def _written(fields: dict[str, str]) -> str:
    identifier = fields.get("MAC") or fields.get("IMEI")
    if not identifier:
        return ""
    label = "MAC" if "MAC" in fields else "IMEI"
    serial = f"; S/N: {fields['S']}" if fields.get("S") and fields["S"] != identifier else ""
    return f"{label}: {identifier}{serial}"


# ---- ISO 15434


def _iso_15434(text: str) -> str:
    text = _WRITTEN.sub(lambda match: _SIGNS[match[1] or match[2] or match[0]], text)
    body = text.removeprefix("[)>").lstrip(_RS).rstrip(_RS + _EOT)
    if not body.startswith("06"):
        return ""
    body = body[2:]
    if _GS not in body:
        return _without_separators(body)
    fields: dict[str, str] = {}
    for part in body.split(_GS):
        if match := _DATA_IDENTIFIER.fullmatch(part):
            fields["MAC"] = match[1]
        elif part.startswith("S") and len(part) > 4:
            fields["S"] = part[1:]
        elif re.fullmatch(r"(?:\d{0,2}[A-Z])?[0-9]{15}", part) and luhn.is_valid(part[-15:]):
            fields.setdefault("IMEI", part[-15:])
    return _written(fields)


def _without_separators(body: str) -> str:
    """The address at the end is sure; the serial number only where it can begin in one place."""
    match = re.fullmatch(rf"(.*?)23S({_MAC})", body)
    if match is None:
        return ""
    before = re.sub(r"^1P.", "", match[1]) if match[1].startswith("1P") else match[1]
    fields = {"MAC": match[2]}
    if before.count("S") == 1:
        fields["S"] = before.partition("S")[2]
    return _written(fields)


# ---- GS1


def _gs1(text: str) -> str:
    values = _bracketed(text) if "(" in text else _elements(_SYMBOLOGY.sub("", text, count=1).lstrip(_GS))
    imei = values.get("8002", "")
    serial = values.get("21", "")
    fields = {"S": serial}
    if re.fullmatch("[0-9]{15}", imei) and luhn.is_valid(imei):
        fields["IMEI"] = imei
    elif re.fullmatch(_MAC, serial) and ("01" in values or "240" in values) and not serial.isdecimal():
        fields = {"MAC": serial}
    return _written(fields)


def _bracketed(text: str) -> dict[str, str]:
    values = dict(_BRACKETS.findall(_SYMBOLOGY.sub("", text, count=1)))
    return {key: value.strip(_GS + " ") for key, value in values.items()}


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
    fields: dict[str, str] = {}
    for key, value in parse_qsl(parts.query, max_num_fields=50) if parts.query.count("&") < 50 else ():
        name = re.sub(r"[\W_]", "", key).lower()
        if name in ("mac", "macaddress", "macaddr", "macid"):
            fields["MAC"] = value
        elif name in ("imei", "imei1"):
            fields["IMEI"] = value
        elif name in ("sn", "serial", "serialno", "serialnumber"):
            fields["S"] = value
    return _written(fields)
