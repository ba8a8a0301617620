"""How accounts order: settings, accounting codes, phone lines, prices by term, spares, baskets."""

from __future__ import annotations

from hwadmin.demo.accounts import BLUE_HARBOR, NORTHWIND, VANTAGE
from hwadmin.demo.demo_events import (
    AddLine,
    Books,
    Codes,
    DemoEvent,
    Fits,
    Orders,
    Piece,
    Prices,
    Puts,
    Register,
    Request,
)
from hwadmin.demo.orders import BRIGHTWATER, CITYWIDE, HALDEN, LARKSPUR, OAKRIDGE, PELICAN

MERIDIAN, NORDA = "Meridian Mobile", "Norda Mobile"

# fmt: off
PRICE_LISTS: tuple[DemoEvent, ...] = (
    Prices(NORTHWIND, "61d 17:00", "IP17P", (
        ("256 GB", 0, "1199.00", "0"), ("256 GB", 12, "599.00", "49.00"), ("256 GB", 24, "199.00", "39.00"),
        ("256 GB", 36, "99.00", "32.50"), ("512 GB", 0, "1449.00", "0"), ("512 GB", 24, "399.00", "42.00"),
        ("512 GB", 36, "249.00", "35.50"), ("1 TB", 0, "1699.00", "0"), ("1 TB", 24, "649.00", "44.00"))),
    Prices(NORTHWIND, "61d 17:04", "GS26", (
        ("128 GB", 0, "849.00", "0"), ("128 GB", 24, "99.00", "29.00"), ("256 GB", 0, "919.00", "0"),
        ("256 GB", 24, "149.00", "31.00"))),
    Prices(NORTHWIND, "61d 17:07", "IP17-256-BK", (
        ("256 GB", 0, "899.00", "0"), ("256 GB", 24, "99.00", "19.00"), ("256 GB", 36, "0", "17.50"))),
    Prices(NORTHWIND, "61d 17:09", "GA57-128-GY", (
        ("128 GB", 0, "389.00", "0"), ("128 GB", 24, "1.00", "14.90"))),
    Prices(BLUE_HARBOR, "61d 17:12", "IP17P", (
        ("256 GB", 0, "1189.00", "0"), ("256 GB", 24, "189.00", "39.00"), ("512 GB", 0, "1439.00", "0"),
        ("512 GB", 24, "389.00", "42.00"))),
    Prices(BLUE_HARBOR, "61d 17:15", "GA57-128-GY", (
        ("128 GB", 0, "379.00", "0"), ("128 GB", 24, "1.00", "14.50"))),
    Prices(VANTAGE, "61d 17:18", "GS26", (
        ("128 GB", 0, "749.00", "0"), ("128 GB", 24, "79.00", "26.00"), ("256 GB", 24, "119.00", "28.00"))),
    Fits(NORTHWIND, "61d 17:21", "CASE-IP17", ("IP17-256-BK", "IP17-256-SG", "IP17-512-BK")),
    Fits(NORTHWIND, "61d 17:22", "CASE-IP17P", ("IP17P",)),
    Fits(NORTHWIND, "61d 17:23", "CASE-GA57", ("GA57-128-GY",)),
    Fits(NORTHWIND, "61d 17:24", "PS5V2A", ("T33G", "T54W", "T57W")),
    Fits(NORTHWIND, "61d 17:25", "WH62", ("T54W", "T57W")),
    Fits(BLUE_HARBOR, "61d 17:26", "CASE-IP17", ("IP17-256-BK", "IP17-256-WH")),
    Fits(BLUE_HARBOR, "61d 17:27", "CLIP-S700", ("S700H",)),
    Fits(BLUE_HARBOR, "61d 17:28", "PSU-10W", ("D785", "D865", "D120")),
    Fits(VANTAGE, "61d 17:29", "PSU-UK", ("T54W", "T57W", "D785")),
)

HOW_THEY_ORDER: tuple[DemoEvent, ...] = (
    Orders(HALDEN, "44h", menu=True, number=True, override=True),
    Orders(OAKRIDGE, "43h", menu=True, number=True),
    Orders(LARKSPUR, "20h", approver=("Isolde Larkin", "i.larkin@larkspur.example")),
    Orders(BRIGHTWATER, "35m", menu=True, override=True),
    Orders(PELICAN, "4h", menu=True, override=True,
           approver=("Victor Adeyemi", "v.adeyemi@pelicanfreight.example")),
    Orders(CITYWIDE, "41h", number=True),

    Codes(HALDEN, "43h", (("4100", "Reception"), ("4200", "Surgery"), ("4900", "Administration"))),
    Codes(OAKRIDGE, "42h", (("SCH-01", "Teaching"), ("SCH-02", "Office"), ("SCH-09", "Sports hall"))),
    Codes(LARKSPUR, "41h", (("P-117", "Quayside flats"), ("P-121", "Town library"), ("OH", "Overheads"))),
    Codes(BRIGHTWATER, "34m", (("HBR", "Harbour office"), ("YRD", "Boatyard"))),
    Codes(PELICAN, "43h", (("70-100", "Dock"), ("70-200", "Depot West"), ("70-900", "Management"))),
    Codes(CITYWIDE, "40h", (("CLI", "Clifton"), ("BED", "Bedminster"))),

    Books(HALDEN, "42h", "Grace Halden", None, (("4200", 60), ("4900", 40))),
    Books(HALDEN, "42h", "Niamh Corrigan", "Grace Halden", (("4100", 100),)),
    Books(HALDEN, "42h", "Declan Roche", "Grace Halden", (("4200", 100),)),
    Books(LARKSPUR, "40h", "Conor Spurling", "Isolde Larkin", (("P-117", 50), ("P-121", 50))),
    Books(LARKSPUR, "40h", "Mei Tanaka", "Isolde Larkin", (("P-121", 100),)),
    Books(BRIGHTWATER, "33m", "Aoife Brennan", None, (("HBR", 100),)),
    Books(BRIGHTWATER, "33m", "Tom Hale", "Aoife Brennan", (("HBR", 50), ("YRD", 50))),
    Books(PELICAN, "42h", "Ines Duarte", "Victor Adeyemi", (("70-100", 100),)),
    Books(PELICAN, "42h", "Shauna Fitzgerald", "Victor Adeyemi", (("70-200", 70), ("70-900", 30))),

    # Eligible, not yet, owed on, out of contract, let go early by the carrier, and none's in particular.
    AddLine(HALDEN, "40h", "+353861204411", MERIDIAN, "Grace Halden", 24, ends=-41),
    AddLine(HALDEN, "40h", "+353861204412", MERIDIAN, "Owen Halden", 24, ends=203, balance="212.40"),
    AddLine(HALDEN, "40h", "+353861204418", NORDA, "Niamh Corrigan", 12, ends=-6, balance="48.00"),
    AddLine(HALDEN, "40h", "+353861204420", MERIDIAN, "Declan Roche", 36, ends=95, eligible=-10),
    AddLine(HALDEN, "40h", "+353861204433", MERIDIAN, None, None, ends=None),
    AddLine(OAKRIDGE, "40h", "+353871500901", MERIDIAN, "Meera Patel", 24, ends=690, balance="799.00"),
    AddLine(OAKRIDGE, "40h", "+353871500902", MERIDIAN, "Fionn Gallagher", 24, ends=690, balance="799.00"),
    AddLine(OAKRIDGE, "40h", "+353871500907", MERIDIAN, "Ruth Addison", 24, ends=-120),
    AddLine(LARKSPUR, "39h", "+353851177020", MERIDIAN, "Conor Spurling", 24, ends=-15),
    AddLine(LARKSPUR, "39h", "+353851177021", MERIDIAN, "Mei Tanaka", 24, ends=310, balance="402.00"),
    AddLine(BRIGHTWATER, "32m", "+353868830110", MERIDIAN, "Aoife Brennan", 24, ends=-3),
    AddLine(BRIGHTWATER, "32m", "+353868830111", MERIDIAN, "Tom Hale", 24, ends=160, balance="155.50"),
    AddLine(BRIGHTWATER, "32m", "+353868830115", NORDA, "Nora Quigley", 12, ends=45, eligible=15),
    AddLine(PELICAN, "40h", "+353879012001", MERIDIAN, "Karin Holm", 24, ends=680, balance="380.00"),
    AddLine(PELICAN, "40h", "+353879012002", NORDA, "Pawel Nowak", 24, ends=-30),
    AddLine(PELICAN, "40h", "+353879012003", NORDA, "Ines Duarte", 24, ends=-2, balance="31.00"),
    AddLine(PELICAN, "40h", "+353879012009", NORDA, "Gavin Rowe", 24, ends=260, balance="290.00"),
    AddLine(CITYWIDE, "38h", "+447700900141", MERIDIAN, "Rachel Osborne", 24, ends=-60),
    AddLine(CITYWIDE, "38h", "+447700900142", MERIDIAN, "Dev Chandra", 24, ends=120, balance="96.00"),
)

# What is used with the lines: there before them.
MOBILES: tuple[DemoEvent, ...] = (
    Register(HALDEN, "41h", "IP17-256-BK", "halden-grace", "Grace Halden"),
    Register(HALDEN, "41h", "IP17-256-SG", "halden-owen", "Owen Halden"),
    Register(HALDEN, "41h", "GA57-128-GY", "halden-niamh", "Niamh Corrigan"),
    Register(HALDEN, "41h", "IP17-512-BK", "halden-declan", "Declan Roche"),
    Register(LARKSPUR, "41h", "IP17-256-BK", "larkspur-conor", "Conor Spurling"),
    Register(LARKSPUR, "41h", "GA57-128-GY", "larkspur-mei", "Mei Tanaka"),
    Register(BRIGHTWATER, "33m", "IP17-256-BK", "brightwater-aoife", "Aoife Brennan"),
    Register(BRIGHTWATER, "33m", "IP17-256-SG", "brightwater-tom", "Tom Hale"),
    Register(BRIGHTWATER, "33m", "GA57-128-GY", "brightwater-nora", "Nora Quigley"),
)

SPARES: tuple[DemoEvent, ...] = (
    Register(HALDEN, "37h", "GA57-128-GY", "halden-spare-mobile"),
    Register(HALDEN, "37h", "T54W", "halden-spare-1"),
    Register(HALDEN, "37h", "T54W", "halden-spare-2"),
    Register(HALDEN, "37h", "W73H", "halden-spare-handset"),
    Register(BRIGHTWATER, "30m", "T54W", "brightwater-spare-1"),
    Register(BRIGHTWATER, "29m", "GA57-128-GY", "brightwater-spare-2"),
    Register(BRIGHTWATER, "28m", "GA57-128-GY", "brightwater-spare-3"),
    Register(PELICAN, "36h", "GA57-256-BL", "pelican-spare-1"),
    Register(PELICAN, "36h", "D785", "pelican-spare-2"),
    Register(CITYWIDE, "35h", "T57W", "citywide-spare"),
)

BASKETS: tuple[DemoEvent, ...] = (
    Puts(BRIGHTWATER, "6m", "IP17P", "256 GB", 24, accessories=("CASE-IP17P",)),
    Puts(BRIGHTWATER, "5m", "T54W", quantity=2),
    Puts(HALDEN, "26h", "W70B"),
    Puts(HALDEN, "26h", "W73H", quantity=3),
)
# fmt: on

# fmt: off
REQUESTS: tuple[DemoEvent, ...] = (
    Request(HALDEN, "22h", "Declan Roche", (
        Piece("IP17P", "512 GB", 24, "Deep Blue"), Piece("CASE-IP17P", with_it=True)),
        "+353861204420", "The camera is broken; it is used for X-ray consultations."),
    Request(HALDEN, "4h", "Ciara Dunne", (Piece("T54W", spare=True), Piece("WH62", with_it=True))),
    Request(HALDEN, "3h", "Owen Halden", (
        Piece("IP17P", "256 GB", 24, "Silver"), Piece("CASE-IP17P", with_it=True)),
        "+353861204412", "Fell into the harbour.", "The present phone is lost; he is on call."),
)
# fmt: on

ORDERING = (*PRICE_LISTS, *HOW_THEY_ORDER, *MOBILES, *SPARES, *BASKETS, *REQUESTS)
