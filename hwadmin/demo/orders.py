"""Two months of orders, in every state, and what else happened meanwhile."""

from __future__ import annotations

from hwadmin.demo.accounts import BLUE_HARBOR, NORTHWIND
from hwadmin.demo.catalog import BRANDT, COOPER, LINDQVIST
from hwadmin.demo.demo_events import Archive, DemoEvent, Join, Leave, Move, Price, Register, Saves
from hwadmin.demo.order_histories import (
    Answer,
    Approve,
    Bought,
    Cancel,
    CloseShort,
    Copy,
    Edit,
    Fulfill,
    Note,
    Override,
    Reject,
    Reopen,
    Replace,
    Step,
    Submit,
)

HALDEN, OAKRIDGE, TILBROOK = "Halden Dental Group", "Oakridge Primary School", "Tilbrook Brewery"
FERNCLIFF, LARKSPUR, BRIGHTWATER = "Ferncliff Care Homes", "Larkspur Architects", "Brightwater Marina"
MARLOW, PELICAN, SANDGATE = "Marlow & Finch Solicitors", "Pelican Freight", "Sandgate Hotels"
KESTREL, HARBOURSIDE = "Kestrel Insurance Brokers", "Harbourside Medical Centre"
CITYWIDE, QUILLON, ASHDOWN = "Citywide Vets", "Quillon Engineering", "Ashdown Libraries"
ROSEBANK = "Rosebank Garden Centres"


def _usual(approved: str, fulfilled: str, by: str = "ada") -> tuple[Step, ...]:
    return (Approve(approved, by), Fulfill(fulfilled, by=by))


def _bought(approved: str, bought: str, fulfilled: str, distributor: str) -> tuple[Step, ...]:
    return (Approve(approved), Bought(bought, distributor), Fulfill(fulfilled))


# fmt: off
FULFILLED = (
    Submit(HALDEN, "55d 09:40", "6 T54W, 2 WH62", 6, _bought("2h", "1h", "5d", LINDQVIST)),
    Submit(OAKRIDGE, "54d 10:15", "1 W70B, 5 W73H", 5, _usual("50m", "6d"), "Main building"),
    Submit(PELICAN, "54d 13:30", "4 D785, 1 M300, 3 M25", 7, _bought("3h", "20m", "6d", BRANDT)),
    Submit(CITYWIDE, "53d 11:05", "5 T54W, 1 PSU-UK", 5, _usual("4h", "7d", "noor")),
    Submit(MARLOW, "52d 15:10", "2 IP17-256-BK, 2 CASE-IP17", "Judith Finch, Alan Marlow",
          _usual("1h", "3d")),
    Submit(TILBROOK, "51d 09:05", "3 T33G, 1 T57W", "Hugo Tilbrook", _usual("1d", "5d"), "Brewhouse"),
    Submit(QUILLON, "50d 12:00", "8 T54W, 8 WH62", 8, _bought("2h", "1d", "6d", COOPER)),
    Submit(SANDGATE, "49d 16:20", "1 N610, 6 S700H", 6, _usual("40m", "8d"), "Sandgate Strand"),
    Submit(FERNCLIFF, "48d 10:50", "1 W90B, 12 W59R", 11, _bought("5h", "2h", "9d", LINDQVIST),
          notes="Ward handsets. Please deliver to the back entrance before 11:00."),
    Submit(ASHDOWN, "46d 14:25", "2 D785, 1 PSU-UK", 2, _usual("2h", "4d", "noor"), "Central library"),
    # One was dead on arrival.
    Submit(KESTREL, "45d 09:30", "6 D865", 6,
          (*_usual("3h", "5d"),
           Note("1d", "Simon Poole called: one of the six stays dark. Asked him to try another cable first."),
           Replace("1d", 3, "Dead on arrival; sent back to Cooper.", "D86502117"),
           Note("3h", "Cooper takes it back; their return number is RMA-88214.", "ada"))),
    Submit(PELICAN, "43d 11:45", "3 GA57-256-BL", "Karin Holm, Pawel Nowak, Ines Duarte", _usual("2h", "2d")),
    # The first is a device registered before, and linked.
    Submit(HALDEN, "40d 10:05", "2 T57W, 1 W70B, 2 W73H", "Grace Halden, Owen Halden",
          (Approve("1h"), Fulfill("6d", known={0: "halden-t57w"})), "Main Street surgery"),
    Submit(HARBOURSIDE, "38d 13:50", "6 D865, 1 N670, 8 S700H", 8, _bought("1d", "3h", "6d", BRANDT)),
    Submit(QUILLON, "36d 09:15", "12 PSU-UK", 0, _usual("30m", "1d", "noor"), notes="Spares for old ones."),
    # Linked too, but it is somebody else's; and somebody left meanwhile: two plans not applied.
    Submit(FERNCLIFF, "34d 11:30", "3 T54W", "Imelda Foley, Marta Quinn, Rory Hennessy",
          (Approve("2h"), Fulfill("7d", known={1: "ferncliff-t54w"})), "Head office"),
    Submit(LARKSPUR, "32d 09:55", "5 T57W, 5 WH62", 5, _bought("1h", "30m", "5d", LINDQVIST)),
    Submit(CITYWIDE, "29d 10:40", "1 W70B, 4 W73H", 4, _usual("3h", "6d"), "Bedminster practice"),
    # Delivered in two parts, the base last.
    Submit(SANDGATE, "28d 15:35", "6 S700H, 1 N610", 0,
          (Approve("4h"), Bought("1h", BRANDT), Fulfill("4d", 6), Fulfill("3d")), "Sandgate City"),
    Submit(OAKRIDGE, "26d 08:50", "2 IP17-256-SG, 1 GA57-128-GY, 2 CASE-IP17, 1 CASE-GA57",
          "Meera Patel, Fionn Gallagher, Ruth Addison", _usual("2h", "3d")),
    # A Snom base and Gigaset handsets: they do not pair.
    Submit(HARBOURSIDE, "24d 12:10", "1 M300, 2 S700H", 0, _usual("2h", "5d", "noor"), "Laboratory"),
    Submit(KESTREL, "22d 14:45", "2 IP17-256-WH, 2 CASE-IP17", "Amir Rahimi, Simon Poole",
          _usual("1d", "2d")),
    Submit(TILBROOK, "20d 10:20", "1 W70B, 3 W73H", 3, _bought("1h", "1h", "5d", LINDQVIST), "Tap room"),
    Submit(MARLOW, "18d 09:25", "4 D785, 4 A330D", 4, _usual("3h", "4d")),
    Submit(ROSEBANK, "17d 11:15", "3 T54W, 1 W70B, 2 W59R", 5,
          _bought("2h", "1d", "5d", COOPER), "Harrogate"),
    Submit(ASHDOWN, "15d 13:05", "2 GA57-128-GY", "Kofi Asante, Polly Reeve", _usual("1h", "2d")),
    Submit(FERNCLIFF, "14d 10:00", "24 T33G", 3, _bought("2h", "2h", "6d", LINDQVIST), "Seaview House"),
    Submit(PELICAN, "11d 09:45", "5 A330D, 5 PSU-10W", 0, _usual("1h", "2d"), "Depot West"),
)

DECIDED = (
    # Approved, not bought yet.
    Submit(LARKSPUR, "2d 10:30", "1 IP17-512-BK, 1 CASE-IP17", "Isolde Larkin", (Approve("1h"),)),
    Submit(KESTREL, "3d 15:00", "2 D120", 0, (Approve("4h", "noor"),), notes="For the meeting rooms."),
    Submit(CITYWIDE, "4d 09:20", "2 T57W", "Rachel Osborne, Mark Ainsley", (Approve("2h"),)),
    # Bought already: with whom and under which number, as far as it is known.
    Submit(MARLOW, "5d 11:50", "1 D865, 1 A330D", "Rosa Bianchi", (Bought("2h", LINDQVIST, "LD-2207431"),)),
    Submit(ROSEBANK, "6d 14:10", "2 D785", 2, (Bought("3h"),), "Ripon", notes="Bought over the counter."),
    Submit(HALDEN, "7d 13:35", "1 W70B, 4 W73H", 4, (Approve("1h"), Bought("2h", LINDQVIST)),
          "Riverside surgery"),
    Submit(HARBOURSIDE, "8d 10:10", "3 R700H, 1 N670", 3,
          (Approve("5h"), Bought("1d", BRANDT)), "Laboratory"),
    # Part shipments.
    Submit(FERNCLIFF, "10d 09:00", "20 T54W, 1 W90B, 10 W59R", 12,
          (Approve("3h"), Bought("1h", LINDQVIST), Fulfill("4d", 13),
           Note("1d", "Lindqvist expects the other T54W and the handsets on Thursday.\n"
                "If they slip again, Cooper has twenty in stock.", "noor"),
           Note("4h", "Bridget Moran asks every day. She knows about Thursday.")), "Ferncliff House",
          reason="Replaces the phones of the old exchange."),
    Submit(QUILLON, "12d 15:45", "6 T54W, 1 W70B, 6 W73H", 8,
          (Approve("2h", "noor"), Bought("3h", COOPER), Fulfill("5d", 7, by="noor"))),
    Submit(PELICAN, "9d 12:25", "8 IP17-256-BK, 8 CASE-IP17", 8,
          (Approve("1h"), Bought("1h", COOPER), Fulfill("3d", 5),
           CloseShort("1d", 2, "Out of stock for good; the account does without them.")), "Dock office"),
    # The reviewer made it one phone more and one handset fewer, and not everything has come: three columns.
    Submit(ROSEBANK, "10d 10:05", "8 T54W, 1 W70B, 4 W59R", 6,
          (Edit("2h", {"T54W": 9, "W59R": 3}), Approve("20m"), Bought("1h", COOPER), Fulfill("5d", 7)),
          "Harrogate"),
    # Rejected and cancelled.
    Submit(TILBROOK, "47d 13:20", "4 IP17-512-BK", 4,
          (Reject("5h", "Phones of this price need the account’s written agreement. Order again with it."),)),
    Submit(SANDGATE, "37d 09:10", "30 D865", 0,
          (Reject("3h", "Ordered twice: the same 30 phones came in by e-mail yesterday.", "noor"),)),
    Submit(ASHDOWN, "27d 10:55", "6 W59R", 4,
          (Reject("1d", "These handsets need a base, and the library has none."),
           Copy("2h"), Edit("6m", {"W70B": 1}, "vera"), Approve("1h"), Fulfill("6d")), "Central library"),
    Submit(HARBOURSIDE, "13d 11:20", "2 M65, 1 N610", 2,
          (Reject("2h", "Snom handsets do not work on a Gigaset base. Choose S700H PRO or R700H PRO."),)),
    Submit(OAKRIDGE, "44d 14:00", "40 T54W", 0, (Cancel("1h", "The board decided for the T33G."),)),
    Submit(LARKSPUR, "25d 16:05", "1 W70B, 2 W73H", 2, (Cancel("1d"),)),
    Submit(PELICAN, "16d 08:40", "2 M700", 0, (Cancel("3h", "Wrong account: meant for Sandgate Hotels."),)),
    Submit(QUILLON, "6d 10:35", "3 GA57-128-GY", "Nadia Petrova, Wei Zhang, Theo Barker",
          (Cancel("2h", "They keep their present phones for another year."),)),
)

WAITING = (
    # Approved, then reopened to be corrected.
    Submit(TILBROOK, "5d 09:30", "5 T33G, 1 T57W", "Hugo Tilbrook, Anna Tilbrook",
          (Approve("3h"), Reopen("2d", "The tap room wants T54W; Piet will correct it.")), "Tap room"),
    Submit(HALDEN, "6d", "12 T54W, 1 W70B, 6 W73H", 10, notes="For the new wing."),
    # Its handset has been archived since.
    Submit(FERNCLIFF, "4d", "1 W70B, 3 W56H", 3, site="Seaview House"),
    # Two bases, 18 handsets, 16 slots.
    Submit(SANDGATE, "3d", "2 N610, 18 S700H", 10, site="Sandgate Strand", by="vera"),
    Submit(MARLOW, "2d", "3 D785, 1 M700", 3,
          (Note("5h", "They have a single site: is an M700 not too much? Asked Bea; wait with the approval.",
                "noor"),),
          notes="Please ring Judith Finch before delivery."),
    Submit(OAKRIDGE, "26h", "60 T33G", 11, reason="All classrooms, as agreed with the board."),
    Submit(KESTREL, "21h", "1 GA57-256-BL", "Monika Krol"),
    # The architects' manager is asked first: she agreed, has not answered, declined, and was on leave.
    Submit(LARKSPUR, "19h", "2 T54W", "Conor Spurling, Mei Tanaka", (Answer("2h"),)),
    Submit(LARKSPUR, "18h", "1 IP17-512-BK, 1 CASE-IP17", "Jack Boylan",
          reason="His phone no longer holds its charge on a building site."),
    Submit(LARKSPUR, "15h", "6 T57W", 3, (Answer("3h", "Not this year; the T33G will do."),)),
    Submit(LARKSPUR, "9h", "1 GA57-128-GY", "Ffion Rees",
          (Override("2h", "Isolde is on leave; Conor Spurling agreed by telephone."),)),
    Submit(PELICAN, "5h", "2 IP17-256-BK, 2 CASE-IP17", "Ines Duarte, Shauna Fitzgerald", site="Depot West"),
    # Handsets without a base; and the account's second open order.
    Submit(CITYWIDE, "3h", "4 S700H", 4, site="Clifton practice"),
    # Raised above what its base takes.
    Submit(BRIGHTWATER, "40m", "1 W70B, 10 W73H", "Aoife Brennan, Tom Hale", (Edit("37m", {"W73H": 12}),)),
)

EVENTS: tuple[DemoEvent, ...] = (
    Register(HALDEN, "42d 09:30", "T57W", "halden-t57w", site="Main Street surgery"),
    Register(FERNCLIFF, "35d 16:00", "T54W", "ferncliff-t54w", "Bridget Moran", "Head office"),
    Leave(FERNCLIFF, "30d 09:05", "Rory Hennessy"),
    Join(LARKSPUR, "28d 10:10", "Hanna Sorel"),
    Price(NORTHWIND, "27d 12:30", "T33G", "79.00"),
    Register(MARLOW, "23d 11:00", "N610", "marlow-n610", site="Chambers"),
    Register(MARLOW, "23d 11:06", "S700H", "marlow-s700h", "Stephen Cody", base="marlow-n610"),
    Register(MARLOW, "23d 11:09", "S700H", "marlow-s700h-2", "Kevin Mulcahy", base="marlow-n610"),
    Archive(BLUE_HARBOR, "19d 15:15", "M25"),
    Register(PELICAN, "13d 10:00", "D785", "pelican-d785", "Teresa Malone", "Depot West"),
    Move("pelican-d785", "12d 14:20", SANDGATE, "Sold on with the depot’s front desk; agreed by both."),
    Leave(CITYWIDE, "9d 16:30", "Samir Yousef"),
    Archive(NORTHWIND, "50h", "W56H"),
    Saves("ada", "30d 09:10", "orders", "status=submitted", "Waiting, oldest first", True),
    Saves("ada", "29d 17:20", "audit", "kind=order.rejected", "What we rejected"),
    Saves("noor", "8d 10:45", "orders", "status=approved&q=Ferncliff", "Ferncliff, still to come", True),
    Saves("piet", "21d 11:30", "orders", "status=all&q=Halden", "Everything for Halden"),
    Saves("bea", "17d 15:00", "orders", "status=fulfilled&q=Harbourside", "What Harbourside has had", True),
    Saves("sam", "6d 13:15", "devices", "search=W70B", "All W70B bases"),
)
# fmt: on

ORDERS = (*FULFILLED, *DECIDED, *WAITING)
