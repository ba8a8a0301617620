"""Identifiers of devices: read, checked, normalised, explained. Pure Python, no web and no database."""

from hwadmin.identifiers.formats.serial import normalise_serial
from hwadmin.identifiers.identifier import Identifier, display, forms, parse, same_device_key
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind
from hwadmin.identifiers.plausibility import near_duplicates, odd_one_out, warnings
from hwadmin.identifiers.search import search_prefix, search_values
from hwadmin.identifiers.vendors import same_make, vendor

__all__ = [
    "Identifier",
    "IdentifierError",
    "IdentifierKind",
    "display",
    "forms",
    "near_duplicates",
    "normalise_serial",
    "odd_one_out",
    "parse",
    "same_device_key",
    "same_make",
    "search_prefix",
    "search_values",
    "vendor",
    "warnings",
]
