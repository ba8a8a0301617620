"""One clean-up for every cell of every list, and what stands in a cell that says nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from hwadmin.domain.text_folding import folded
from hwadmin.identifiers.barcodes import label_text
from hwadmin.list_import.lists import LINE_BREAK, MAX_CELL

# Nobody can see them, and they separate nothing. Marks of text direction inside stay, to be refused.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_AT_ENDS = "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Letters, digits and signs as wide as those of Chinese and Japanese.
_FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)}
_FORMULA_TEXT = re.compile(r'="([^"]*)"?')
# As in 't Hart and 's-Gravesande, which are names.
_SHORT_ARTICLE = re.compile(r"'(?:[tsn](?:[ -]|$)|'$)", re.IGNORECASE)
# As Markdown and wikis write what is bold or code.
_EMPHASIZED = re.compile(r"(`{1,3}|\*{1,3}|_{2})(?![\s*`])(.+?)\1")
_WHOLE = re.compile(r"([0-9]{1,15})\.0")
_ERRORS = frozenset(
    [
        "#n/a", "#n/v", "#nv", "#ref!", "#bezug!", "#value!", "#wert!", "#name?", "#div/0!", "#null!",
        "#num!",
        "#zahl!", "#spill!", "#calc!", "#getting_data", "#field!", "#blocked!", "#unknown!", "#nb", "#verw!",
    ]
)  # fmt: skip
_NOTHING = frozenset(
    [
        "n/a", "na", "n.a.", "n/v", "nil", "null", "none", "nan", "(blank)", "(empty)", "(null)", "<na>",
        "tbd", "tbc", "unknown", "s.o.", "-", "--", "---", "\u2013", "\u2014", "?", ".", "k.a.",
        "n.v.t.", "nvt",
    ]
)  # fmt: skip
_NO_SERIALS = frozenset(
    ("true", "false", "wahr", "falsch", "vrai", "faux", "waar", "onwaar", "yes", "pending", "idem", "ditto")
)
_SIGNS = re.compile(r"[\W_]")
_MONTHS = "jan|feb|mar|mrz|m\u00e4r|mrt|apr|may|mai|mei|jun|jul|aug|sep|oct|okt|nov|dec|dez"
_DAY = re.compile(
    r"(?:1[89]|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3]?[0-9]([./-])[0-3]?[0-9]\1(?:19|20)?[0-9]{2}"
    rf"|[0-3]?[0-9][.\s-]+(?:{_MONTHS})[a-z]*\.?(?:[\s-]+[0-9]{{2,4}})?|(?:{_MONTHS})[a-z]*\.?[\s-]+[0-9]{{2,4}}",
    re.IGNORECASE,
)
_LOST = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")
# "SN1 (was SN2)", "SN1 / SN2", "SN1, SN2"
_MORE_THAN_ONE = re.compile(
    r"\w ?\(.*[ :].*\)|\w \(\w{4,}\)|\w{3,} ?[,;] ?\w{3,}|\w{3,} [/+&>] \w{3,}|->|\u2192"
)
_DECIMALS = re.compile(r"[0-9]+[.,][0-9]{1,3}|[0-9]{1,3}(?:([.,'\u2019])[0-9]{3})(?:\1[0-9]{3})+", re.ASCII)
_TIME = re.compile(
    r"[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?(?: ?[ap]m)?|.{8,10}[ T][0-9]{1,2}:[0-5][0-9].*", re.ASCII
)
NO_RESULT = "#FORMULA!"
_NUMBER_SIGN = re.compile("#|n\u00b0", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]?")
_TWO_NAMES = re.compile(r"[/|:\u2028\n]| [-\u2013\u2014] ")
_MOST_DIGITS_OF_NAME = 3
_SAMPLE = 60


def clean_cell(text: str) -> str:
    """A cell without what programs wrap around its value.

    Composed letters, single spaces, nothing invisible, no ``="…"``, no leading apostrophe, and a whole number
    without its ``.0``. What a spreadsheet has damaged stays as it is, to be refused by its column.
    """
    if text.isascii() and text.isalnum():
        return label_text(text)
    text = label_text(text.translate(_FULL_WIDTH))
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text).strip(_AT_ENDS))
    text = LINE_BREAK.join(" ".join(line.split()) for line in text.split(LINE_BREAK))
    if formula := _FORMULA_TEXT.fullmatch(text):
        text = formula[1].strip()
    if text.startswith("'") and len(text) > 1 and not _SHORT_ARTICLE.match(text):
        text = text[1:].lstrip()
    if emphasized := _EMPHASIZED.fullmatch(text):
        text = emphasized[2].strip()
    if whole := _WHOLE.fullmatch(text):
        text = whole[1]
    return text[:MAX_CELL]


def heading_forms(text: str) -> list[str]:
    """What a heading may be known by: itself, without its brackets, and each of several names it gives.

    Without accents, case, spaces and signs; ``Employee #`` is ``employeeno``, ``Name / Nom`` two names.
    """
    if sum(map(str.isdigit, text)) > _MOST_DIGITS_OF_NAME:
        return []
    text = _NUMBER_SIGN.sub(" no ", text)
    forms = [text, _BRACKETED.sub(" ", text), *_TWO_NAMES.split(_BRACKETED.sub(" ", text))]
    return [form for form in dict.fromkeys(_SIGNS.sub("", folded(form)) for form in forms) if form]


def are_whole_names(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a column of names holds the first, or last, names of another column too."""
    known = {f" {folded(part)} " for part in parts[:_SAMPLE]}
    plain = [f" {_SIGNS.sub(' ', folded(name))} " for name in names[:_SAMPLE]]
    return sum(any(part in name for part in known) for name in plain) * 2 > len(plain)


def is_error(text: str) -> bool:
    """Whether a text is the error of a formula, in any language a spreadsheet speaks."""
    return text.casefold() in _ERRORS


def damaged_serial(text: str) -> str:
    """Why a serial number of a list is none: what a spreadsheet or somebody in a hurry put there instead.

    Empty where nothing speaks against it: serial numbers are opaque, and not judged by their shape otherwise.
    """
    if _DAY.fullmatch(text) or _TIME.fullmatch(text):
        return (
            "A spreadsheet has turned this serial number into a day; copy it from a column formatted as text."
        )
    if _DECIMALS.fullmatch(text):
        return "A spreadsheet has turned this serial number into a number with marks in it."
    if _MORE_THAN_ONE.search(text):
        return "This is more than one serial number."
    if text.casefold() in _NO_SERIALS or len(set(text.casefold())) == 1:
        return "This says that the serial number is not known."
    if not any(character.isdigit() for character in text) and (text != text.upper() or " " in text):
        return "This is a word, not a serial number."
    return ""


def made_a_day(text: str) -> bool:
    """Whether a spreadsheet may have turned a code into a day: ``1-Mar`` was MAR1."""
    return any(map(str.isalpha, text)) and _DAY.fullmatch(text) is not None


def damaged_text(text: str) -> str:
    """Why the letters of a text are not those that were written, a sentence; empty where they may be."""
    if text.isascii():
        return ""
    if "\ufffd" in text:
        return f"“{text[:60]}” has lost letters; save the list anew, as UTF-8."
    for encoding in ("cp1252", "latin-1"):
        try:
            meant = text.encode(encoding).decode()
        except UnicodeError:
            continue
        return (
            f"“{text[:60]}” was written as “{meant[:60]}” and read in another encoding; save the list anew."
        )
    return ""


def is_name_damaged(name: str) -> bool:
    """Whether question marks stand for letters of a name that a program could not write: ``J?rgen``."""
    return _LOST.search(name) is not None


def no_value(text: str) -> str:
    """Why a cell holds no value although it is not blank; empty where it holds one."""
    if not text or len(text) > 20:
        return ""
    plain = text.casefold()
    if text == NO_RESULT:
        return "The file holds no result of this formula; open it in a spreadsheet program and save it again."
    if is_error(text):
        return "This is the error of a formula, not a value."
    return "This says that there is no value." if plain in _NOTHING else ""
