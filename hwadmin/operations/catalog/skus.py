"""SKUs: a program names an item by its SKU in addresses such as ``/catalog/MTP43QN/A/prices``."""

from __future__ import annotations

# What an address may have behind an SKU.
WORDS_BEHIND = ("archive", "article-numbers", "fits", "prices", "restore")


def why_not_addressable(sku: str) -> str | None:
    """Why an SKU cannot stand in an address, as a sentence; None where it can.

    It may have slashes, as Apple's part numbers have.
    """
    parts = sku.split("/")
    if len(parts) > 1 and parts[-1] in WORDS_BEHIND:
        return f"Use another SKU: programs could not name this item, since “{parts[-1]}” says what to do."
    if {"", ".", ".."} & set(parts):
        return "Use an SKU with letters or digits before and after each slash: it stands in addresses."
    return None
