"""The kinds of identifier a device can carry, and how a refused one explains itself."""

from __future__ import annotations

from enum import StrEnum


class IdentifierKind(StrEnum):
    """What kind of number tells one device from every other."""

    MAC = "mac"
    IPEI = "ipei"
    IMEI = "imei"

    @property
    def noun(self) -> str:
        """The kind as a sentence calls it: "MAC address", "IPEI", "IMEI"."""
        return "MAC address" if self is IdentifierKind.MAC else self.value.upper()

    @property
    def with_article(self) -> str:
        """The noun with its article: "a MAC address", "an IPEI", "an IMEI"."""
        return f"a {self.noun}" if self is IdentifierKind.MAC else f"an {self.noun}"


WHERE_TO_FIND = {
    IdentifierKind.MAC: "the MAC address is on the label of the device",
    IdentifierKind.IPEI: "the IPEI is under the battery or at *#06#",
    IdentifierKind.IMEI: "the IMEI is on the box or at *#06#",
}


class IdentifierError(ValueError):
    """Text that is no valid identifier.

    `str(error)` is one complete sentence for the person who typed it; `code` is a stable word for programs.
    """

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence, code)  # both in args, so that the error survives pickling
        self.code: str = code

    def __str__(self) -> str:
        return str(self.args[0])


def wrong_kind(found: IdentifierKind, expected: IdentifierKind) -> IdentifierError:
    """The refusal for an identifier of another kind: what it is, and where the expected one is found."""
    article = "a" if found is IdentifierKind.MAC else "an"
    return IdentifierError(
        f"This is {found.with_article}; {WHERE_TO_FIND[expected]}.", f"is_{article}_{found}"
    )
