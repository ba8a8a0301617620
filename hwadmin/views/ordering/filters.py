"""The filters of the catalog pages, read from and written to their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from hwadmin.domain.device_kinds import Kind
from hwadmin.forms.fields import key_of, whole

DEVICES = tuple(kind for kind in Kind if kind is not Kind.ACCESSORY)
# How many cards a page has: on a phone twice as many are a list that nobody scrolls through.
CARDS_PER_PAGE = 30


@dataclass(frozen=True)
class Filters:
    """The filters of a list of the catalog, as they stand in its address."""

    address: str
    make: str = ""
    kind: str = ""
    carrier: str = ""
    price: str = ""
    q: str = ""
    spare: str = ""
    fits: str = ""
    # The phone line that is upgraded, and the line of the basket accessories are for.
    line: str = ""
    goes_with: str = ""
    page: int = 0

    def page_url(self, page: int) -> str:
        """The address of another page of the same list."""
        return self.url(page=page)

    def url(self, **changes: Any) -> str:
        """The address of the same list with something changed."""
        params = {
            "make": self.make,
            "kind": self.kind,
            "carrier": self.carrier,
            "price": self.price,
            "q": self.q,
            "spare": self.spare,
            "fits": self.fits,
            "line": self.line,
            "with": self.goes_with,
        } | changes
        return address_of(self.address, params)

    @property
    def cleared(self) -> str:
        """The address of the whole list."""
        return address_of(self.address, {"line": self.line, "with": self.goes_with})

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The hidden fields of the form of the filters."""
        fields = (("make", self.make), ("line", self.line), ("with", self.goes_with), ("spare", self.spare))
        return [(name, value) for name, value in fields if value]

    @property
    def any(self) -> bool:
        """Whether any filter is set."""
        return bool(self.make or self.kind or self.carrier or self.price or self.q or self.spare or self.fits)

    @cached_property
    def max_price(self) -> Decimal | None:
        """The most one may cost now; None where the text is no amount."""
        text = self.price.strip().replace(",", ".")
        if not text or len(text) > 12:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            return None
        return value if value.is_finite() and value >= 0 else None

    @property
    def device_kind(self) -> Kind | None:
        """The kind of device, where it is one."""
        return next((kind for kind in DEVICES if kind.value == self.kind), None)


def address_of(path: str, params: Mapping[str, Any]) -> str:
    """An address with these parameters; empty ones are left out."""
    query = urlencode({name: value for name, value in params.items() if value})
    return f"{path}?{query}" if query else path


def read_filters(address: str, args: Mapping[str, str]) -> Filters:
    """The filters in an address."""
    text = {
        name: args.get(name, "")[:100] for name in ("make", "kind", "carrier", "price", "q", "spare", "fits")
    }
    return Filters(
        address,
        **text,
        line=str(key_of(args.get("line", "")) or ""),
        goes_with=str(key_of(args.get("with", "")) or ""),
        page=whole(args.get("page", "")),
    )
