"""What each platform sells, and in which currency; and from whom we buy it."""

from __future__ import annotations

from dataclasses import dataclass

from hwadmin.domain.device_kinds import Kind
from hwadmin.operations.catalog.distributors import DistributorFacts
from hwadmin.operations.catalog.items import NewItem


@dataclass(frozen=True, slots=True)
class Seller:
    """A platform and its catalog."""

    name: str
    currency: str
    items: tuple[NewItem, ...]


def _phone(sku: str, make: str, model: str, price: str) -> NewItem:
    return NewItem(sku, make, model, Kind.DESKPHONE, price)


def _base(sku: str, make: str, model: str, price: str, handsets: int) -> NewItem:
    return NewItem(sku, make, model, Kind.DECT_BASE, price, max_handsets=handsets)


def _handset(sku: str, make: str, model: str, price: str) -> NewItem:
    return NewItem(sku, make, model, Kind.DECT_HANDSET, price)


def _mobile(sku: str, make: str, model: str, price: str, variant: tuple[str, str], carrier: str) -> NewItem:
    size, color = variant
    return NewItem(sku, make, model, Kind.MOBILE, price, size=size, color=color, mobile_carrier=carrier)


def _phone_in_colors(
    sku: str, make: str, model: str, price: str, size: str, carrier: str | None, *colors: str
) -> NewItem:
    return NewItem(sku, make, model, Kind.MOBILE, price, size=size, mobile_carrier=carrier, colors=colors)


def _extra(sku: str, make: str, model: str, price: str, color: str | None = None) -> NewItem:
    return NewItem(sku, make, model, Kind.ACCESSORY, price, color=color)


SELLERS = (
    Seller(
        "Northwind Voice",
        "EUR",
        (
            _phone("T33G", "Yealink", "T33G", "74.00"),
            _phone("T54W", "Yealink", "T54W", "149.00"),
            _phone("T57W", "Yealink", "T57W", "229.00"),
            _base("W70B", "Yealink", "W70B", "119.00", 10),
            _base("W90B", "Yealink", "W90B", "389.00", 250),
            _handset("W73H", "Yealink", "W73H", "89.00"),
            _handset("W59R", "Yealink", "W59R", "219.00"),
            _handset("W56H", "Yealink", "W56H", "99.00"),
            _mobile("IP17-256-BK", "Apple", "iPhone 17", "899.00", ("256 GB", "Black"), "Meridian Mobile"),
            _mobile("IP17-256-SG", "Apple", "iPhone 17", "899.00", ("256 GB", "Sage"), "Meridian Mobile"),
            _mobile("IP17-512-BK", "Apple", "iPhone 17", "1129.00", ("512 GB", "Black"), "Meridian Mobile"),
            _mobile("GA57-128-GY", "Samsung", "Galaxy A57", "389.00", ("128 GB", "Gray"), "Norda Mobile"),
            _phone_in_colors(
                *("IP17P", "Apple", "iPhone 17 Pro", "1199.00", "256 GB", "Meridian Mobile"),
                *("Silver", "Deep Blue", "Cosmic Orange"),
            ),
            _phone_in_colors(
                *("GS26", "Samsung", "Galaxy S26", "849.00", "128 GB", "Norda Mobile"),
                *("Black", "Sky Blue", "White"),
            ),
            _phone_in_colors("FP6", "Fairphone", "Fairphone 6", "599.00", "256 GB", None, "Black", "Green"),
            _extra("CASE-IP17P", "Apple", "Clear case for iPhone 17 Pro", "55.00"),
            _extra("WH62", "Yealink", "WH62 Dual headset", "139.00"),
            _extra("PS5V2A", "Yealink", "Power supply 5 V / 2 A", "12.50"),
            _extra("CASE-IP17", "Apple", "Silicone case for iPhone 17", "49.00", "Midnight"),
            _extra("CASE-GA57", "Samsung", "Case for Galaxy A57", "24.00", "Clear"),
        ),
    ),
    Seller(
        "Blue Harbor Telecom",
        "EUR",
        (
            _phone("D785", "Snom", "D785", "169.00"),
            _phone("D865", "Snom", "D865", "219.00"),
            _phone("D120", "Snom", "D120", "52.00"),
            _base("M300", "Snom", "M300", "129.00", 20),
            _base("M700", "Snom", "M700", "279.00", 1000),
            _handset("M25", "Snom", "M25", "74.00"),
            _handset("M65", "Snom", "M65", "109.00"),
            _handset("M70", "Snom", "M70", "149.00"),
            _base("N610", "Gigaset", "N610 IP PRO", "134.00", 8),
            _base("N670", "Gigaset", "N670 IP PRO", "219.00", 20),
            _handset("S700H", "Gigaset", "S700H PRO", "99.00"),
            _handset("R700H", "Gigaset", "R700H PRO", "159.00"),
            _mobile("IP17-256-BK", "Apple", "iPhone 17", "889.00", ("256 GB", "Black"), "Norda Mobile"),
            _mobile("IP17-256-WH", "Apple", "iPhone 17", "889.00", ("256 GB", "White"), "Norda Mobile"),
            _mobile("GA57-128-GY", "Samsung", "Galaxy A57", "379.00", ("128 GB", "Gray"), "Norda Mobile"),
            _mobile(
                "GA57-256-BL", "Samsung", "Galaxy A57", "429.00", ("256 GB", "Icy Blue"), "Meridian Mobile"
            ),
            _phone_in_colors(
                *("IP17P", "Apple", "iPhone 17 Pro", "1189.00", "256 GB", "Norda Mobile"),
                *("Silver", "Deep Blue"),
            ),
            _phone_in_colors("FP6", "Fairphone", "Fairphone 6", "589.00", "256 GB", None, "Black", "Green"),
            _extra("A330D", "Snom", "A330D headset", "89.00"),
            _extra("PSU-10W", "Snom", "Power supply 10 W", "14.90"),
            _extra("CASE-IP17", "Apple", "Silicone case for iPhone 17", "49.00", "Midnight"),
            _extra("CLIP-S700", "Gigaset", "Belt clip for S700H PRO", "9.50"),
        ),
    ),
    Seller(
        "Vantage Connect",
        "GBP",
        (
            _phone("T54W", "Yealink", "T54W", "129.00"),
            _phone("T57W", "Yealink", "T57W", "199.00"),
            _phone("D785", "Snom", "D785", "145.00"),
            _base("W70B", "Yealink", "W70B", "104.00", 10),
            _handset("W73H", "Yealink", "W73H", "78.00"),
            _handset("W59R", "Yealink", "W59R", "189.00"),
            _base("N610", "Gigaset", "N610 IP PRO", "115.00", 8),
            _handset("S700H", "Gigaset", "S700H PRO", "86.00"),
            _mobile("IP17-256-BK", "Apple", "iPhone 17", "799.00", ("256 GB", "Black"), "Meridian Mobile"),
            _mobile("GA57-128-GY", "Samsung", "Galaxy A57", "349.00", ("128 GB", "Gray"), "Meridian Mobile"),
            _phone_in_colors(
                *("GS26", "Samsung", "Galaxy S26", "749.00", "128 GB", "Meridian Mobile"),
                *("Black", "White"),
            ),
            _extra("WH62", "Yealink", "WH62 Dual headset", "119.00"),
            _extra("PSU-UK", "Yealink", "Power supply 5 V / 2 A, UK plug", "11.00"),
        ),
    ),
)

LINDQVIST, BRANDT, COOPER = "Lindqvist Distribution", "Brandt & Voss Supply", "Cooper Telecom Wholesale"
DISTRIBUTORS = (
    DistributorFacts(
        LINDQVIST, "orders@lindqvist.example", "NL-20871", "Orders by noon leave the same day.", 6
    ),
    DistributorFacts(BRANDT, "bestellung@brandt-voss.example", "118-4402", None, 7),
    # Takes orders on its own pages only.
    DistributorFacts(COOPER, None, "CTW-5519", "Ordered in their shop; they take no mail.", 5),
)
