"""Words that say of a device that it may be no delivery, or of an identifier that it stands for several."""

from __future__ import annotations

import re
from functools import lru_cache

from hwadmin.domain.text_folding import folded

# Beside an identifier, or above a group of them. They are reasons to ask, never to leave out.
_DOUBT = re.compile(
    r"(?<![^\W_])(?:"
    r"returned|returns?|rma|cancell?ed|cancell?ations?|back[ -]?order(?:ed|s)?|defective|faulty|doa|"
    r"replaces|replaced|replacing|old|previous|former|swap(?:ped)?|lost|missing|damaged|pending|on hold|"
    r"(?:came|sent|send|gone) back|do not use|don[’']?t use|broken|kaputt|"
    r"awaiting|to follow|out of stock|not (?:yet )?(?:shipped|sent|delivered|dispatched|included)|"
    r"storn\w+|zuruck\w*|alte[rns]?|defekt\w*|ersetzt|nachlieferung|retour\w*|annul\w+|geannuleerd|oude?|"
    r"ancien(?:ne)?s?|anterior|devuelt[oa]s?|cancelad[oa]s?|credit(?:ed)?)(?![^\W_])"
)
# What the name of a sheet says of all that stands in it.
_NO_DELIVERY = re.compile(
    r"(?<![^\W_])(?:stock|inventory|lager\w*|bestand|voorraad|spares?|reserve|archi[vf]\w*|templates?|vorlage|"
    r"samples?|examples?|beispiel|muster|voorbeeld|exemple|test\w*|demo|loan|drafts?|entwurf|planned|open)(?![^\W_])"
)
_BEGINS_RANGE = re.compile(
    r"\W{0,3}(?:-|\u2013|\u2014|/|\.{2,}|\u2026|to|bis|through|thru|until|t/m)\W{0,2}"
    r"(?:[0-9a-f]{1,6}|\.{2,}[0-9a-f]{1,6})(?![0-9a-z:])"
    r"|(?:\s*(?:,|&|\+|and|und)\s*[0-9a-f]{2}(?![0-9a-z:.-])){2,}|\s*\+ ?[0-9]{1,3}(?![0-9a-z])"
    r"|\W{0,2}(?:ff\b|and (?:up|following|above)|onwards?|etc\b|\u2026|\.{3})"
    r"|\W{0,2}(?:\(x ?[0-9]+\)|x ?[0-9]+\b|\u00d7 ?[0-9]+)",
    re.IGNORECASE,
)
_ENDS_AT_RANGE = re.compile(
    r"(?<![^\W_])(?:from|to|bis|until|through|(?:starting|beginning)(?: at| with)?|ab|range:?)\W{0,2}$",
    re.IGNORECASE,
)
_NO = frozenset(
    (
        *("no", "n", "nein", "nee", "non", "nej", "nie", "ei", "nem", "0", "0.0", "0.00", "false", "falsch"),
        *("faux", "onwaar", "none", "\u2717", "\u2718", "\u2715", "\u2716", "\u274c", "\u2610", "\u00d7"),
    )
)
# The sign stands behind it in what SAP prints.
_QUANTITY = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-\u2212]?)\s*(?P<count>[0-9]+(?:[.,][0-9]+)?)"
    r"\s*(?P<sign_behind>[-\u2212]?)\s*(?P<close>\))?",
    re.ASCII,
)


@lru_cache(maxsize=4096)
def delivery_concern(text: str, *, alone: bool = False) -> str:
    """Why what a text speaks of may be no delivery, a sentence; empty where it says nothing of the kind.

    `alone`: only where the text says nothing else.
    """
    plain = folded(text)
    found = _DOUBT.fullmatch(plain) if alone else _DOUBT.search(plain)
    return f"“{found.group()}” is written beside it, so it may not have been sent." if found else ""


def sheet_concern(name: str) -> str:
    """Why the devices of a sheet may not have been sent, a sentence; empty where its name does not say so."""
    found = _NO_DELIVERY.search(folded(name))
    doubt = f"They stand in the sheet “{name[:60]}”, so they may not have been sent." if found else ""
    return delivery_concern(name) or doubt


def begins_range(text: str, start: int, end: int) -> str:
    """Why an identifier at this place may stand for several, a sentence; empty where nothing says so."""
    behind = _BEGINS_RANGE.match(text, end)
    if behind or _ENDS_AT_RANGE.search(text[max(0, start - 30) : start]):
        shown = behind.group().strip() if behind else ""
        return f"This may be the beginning of a range{f' ({shown})' if shown else ''}; list each device."
    return ""


def is_no(text: str) -> bool:
    """Whether a cell that answers yes or no says no."""
    return text.strip().casefold() in _NO


def is_none_sent(text: str, *, sign_counts: bool = True) -> bool:
    """Whether a quantity says that nothing was sent: zero, or less where it was taken back.

    `sign_counts`: not where the row's movement tells what was done; what leaves a stock is less than zero.
    """
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        return False
    is_less = bool(found["open"] and found["close"]) or bool(found["sign"] or found["sign_behind"])
    return (is_less and sign_counts) or not float(found["count"].replace(",", "."))
