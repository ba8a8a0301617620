"""What a person typed or pasted, freed of everything that is not the identifier.

Decided here, for all kinds alike:

* The length is looked at first, so a pasted document is refused at once.
* White space, quotes, a comma or semicolon, and invisible marks (zero-width, byte order, text direction) are
  dropped at the ends of the text and between label and value. An invisible mark in the middle is refused:
  what cannot be seen cannot be checked by eye.
* Every kind of space inside counts as a space, and every kind of dash as a hyphen, because mail programs and
  word processors exchange them. Full-width and other digits beyond 0-9 are refused, never converted.
"""

from __future__ import annotations

import re

from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind, wrong_kind

MAX_LENGTH = 200

_SPACES = (
    "\t \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_LINE_ENDS = "\n\r\v\f\u0085\u2028\u2029"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_MARKS = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_QUOTES = "\"'`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_ENDS = _SPACES + _LINE_ENDS + _MARKS + _QUOTES + ",;"

_ALIKE = str.maketrans(dict.fromkeys(_SPACES, " ") | dict.fromkeys(_DASHES, "-"))
_PERCENT = re.compile("%(3A|20|2D)", re.IGNORECASE)
_PERCENT_MEANS = {"3A": ":", "20": " ", "2D": "-"}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

# A label is read from the front only. Keeping every hexadecimal digit of "MAC: 805EC0..." would keep A and C.
_LABEL_END = r"\.? *[:=#-]* *"
_FLAGS = re.IGNORECASE | re.ASCII
_LABELS = {
    IdentifierKind.MAC: re.compile(
        r"(?:(?:lan|ethernet|eth)[ _-]*)?mac(?:[ _-]*(?:address|adresse|addr|adr|id|number|no|nr))?"
        + _LABEL_END,
        _FLAGS,
    ),
    IdentifierKind.IPEI: re.compile(
        r"(?:(?:dect[ _-]*)?(?:ipei|ipui)(?: */ *(?:ipei|ipui))?(?:[ _-]*(?:number|no|nr|code|type n|n))?"
        r"|handset id)" + _LABEL_END,
        _FLAGS,
    ),
    # "IMEI 2: 35..." numbers the SIM slots. A slot number without a colon counts only before a whole IMEI.
    IdentifierKind.IMEI: re.compile(
        r"imei(?:sv)?(?:[ _-]*(?:number|no|nr)\b)?"
        r"(?:[ _-]*[12](?= *[:=#]|[ -]+(?:[0-9][ ./-]*){15,16}$))?" + _LABEL_END,
        _FLAGS,
    ),
}
SERIAL_LABEL = re.compile(r"(?:s/?n|serial(?:[ _-]*(?:number|no|nr))?)\.? *[:=#] *", _FLAGS)


# Most of what is read: nothing but the characters of written identifiers, without a blank at the ends.
_BARE = re.compile(r"[0-9a-f](?:[0-9a-fx:.*-]| (?! ))*(?<! )", re.IGNORECASE | re.ASCII)


def is_bare(text: str) -> bool:
    """Whether a text is an identifier's characters alone, so that nothing needs to be taken off it."""
    return len(text) <= MAX_LENGTH and _BARE.fullmatch(text) is not None


def trimmed(text: str, noun: str) -> str:
    """The text without anything invisible or decorative at its ends, with one kind of space and of hyphen.

    Raises IdentifierError `too_long` or `empty`.
    """
    if len(text) > MAX_LENGTH:
        raise IdentifierError(
            f"This text has {len(text):,} characters, far more than one {noun}; enter one {noun} only.",
            "too_long",
        )
    text = text.strip(_ENDS).translate(_ALIKE)
    if not text:
        raise IdentifierError(f"No {noun} was given.", "empty")
    return text


def plain(text: str, noun: str) -> str:
    """The trimmed text with what web addresses and spreadsheets wrap around it undone.

    Raises IdentifierError as `trimmed` does.
    """
    text = trimmed(text, noun)
    if "%" in text:  # copied out of a web address or a label's QR code: MAC%3A805EC0...
        text = _PERCENT.sub(lambda match: _PERCENT_MEANS[match[1].upper()], text)
    return text.removeprefix('="')  # ="0012" keeps a spreadsheet from dropping zeros; its last quote is gone


def value_text(kind: IdentifierKind, text: str) -> str:
    """The written value alone: no label, only printable ASCII, single spaces.

    Raises IdentifierError for what no kind of identifier may hold, and for the label of another kind.
    """
    if is_bare(text):
        return text
    value = trimmed(_without_label(kind, plain(text, kind.noun)), kind.noun)
    _refuse_odd_characters(value, kind)
    return re.sub(" +", " ", value) if "  " in value else value


def _without_label(kind: IdentifierKind, text: str) -> str:
    if label := _LABELS[kind].match(text):
        return text[label.end() :]
    for other, pattern in _LABELS.items():
        if other is not kind and pattern.match(text):
            raise wrong_kind(other, kind)
    if SERIAL_LABEL.match(text):
        raise IdentifierError(f"This is a serial number; enter the {kind.noun} here.", "is_a_serial")
    return text


def _refuse_odd_characters(value: str, kind: IdentifierKind) -> None:
    if value.isascii() and value.isprintable():
        return
    if any(end in value for end in _LINE_ENDS):
        raise IdentifierError(f"This has several lines; enter one {kind.noun} only.", "several_lines")
    if _CONTROL.search(value):
        raise IdentifierError(
            f"There is a control character inside; type the {kind.noun} instead of pasting it.",
            "control_character",
        )
    if any(mark in value for mark in _MARKS):
        raise IdentifierError(
            f"There is an invisible character inside; type the {kind.noun} instead of pasting it.",
            "invisible_character",
        )
    odd = next(character for character in value if not character.isascii())
    raise IdentifierError(
        f"The character U+{ord(odd):04X} cannot be part of {kind.with_article}; "
        "use plain digits 0-9 and letters A-Z.",
        "not_ascii",
    )


def refuse_character(value: str, allowed: str, kind: IdentifierKind) -> IdentifierError:
    """The refusal that names the first character of the value that is not among the allowed ones."""
    odd = next((character for character in value if character not in allowed), None)
    if odd is None:
        return IdentifierError(f"This is not written like {kind.with_article}.", "not_understood")
    return IdentifierError(
        f"The character \u201c{odd}\u201d cannot be part of {kind.with_article}.", "bad_character"
    )


def spreadsheet_number(kind: IdentifierKind) -> IdentifierError:
    """The refusal for a number whose digits a spreadsheet has dropped."""
    return IdentifierError(
        "A spreadsheet has turned this into a number and may have lost digits; "
        f"copy the {kind.noun} from a column formatted as text.",
        "spreadsheet_number",
    )


def letter_for_digit(value: str, meant: str, kind: IdentifierKind) -> IdentifierError:
    """The refusal for O, I or L typed for a digit, proposing what was meant."""
    letter = next(character for character in value if character in "OoIiLl")
    return IdentifierError(
        f"The letter \u201c{letter}\u201d cannot be part of {kind.with_article}; did you mean {meant}?",
        "letter_for_digit",
    )
