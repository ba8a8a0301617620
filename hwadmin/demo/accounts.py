"""Who signs in, and the platforms' customers with their sites and people."""

from __future__ import annotations

from dataclasses import dataclass

from hwadmin.domain.permissions import Role
from hwadmin.operations.accounts.employees import NewEmployee
from hwadmin.operations.accounts.locations import NewLocation

# No secret: it is printed, and production refuses the demo.
PASSWORD = "demo-demo-demo-demo"  # noqa: S105  # nosec B105


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person who signs in; ``key`` is what they are called in the tables of the demo."""

    key: str
    name: str
    role: Role
    # Names of platforms; "all" for support that is given every one.
    platforms: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.key}@example.com"


NORTHWIND, BLUE_HARBOR, VANTAGE = "Northwind Voice", "Blue Harbor Telecom", "Vantage Connect"

PEOPLE = (
    Somebody("ada", "Ada Okafor", Role.SUPER_ADMIN),
    Somebody("noor", "Noor Haddad", Role.SUPER_ADMIN),
    Somebody("piet", "Piet Jansen", Role.PLATFORM_ADMIN, (NORTHWIND,)),
    Somebody("bea", "Bea Lund", Role.PLATFORM_ADMIN, (BLUE_HARBOR,)),
    Somebody("vera", "Vera Antonelli", Role.PLATFORM_ADMIN, (BLUE_HARBOR, VANTAGE)),
    Somebody("sam", "Sam Reyes", Role.SUPPORT, ("all",)),
)
# Who orders for a platform.
ORDERS_FOR = {NORTHWIND: "piet", BLUE_HARBOR: "bea", VANTAGE: "vera"}


@dataclass(frozen=True, slots=True)
class Customer:
    """An account, since when it is there, and everything on it.

    ``sites`` are names and addresses; ``staff`` are names, comma-separated; e-mails and numbers follow.
    """

    name: str
    platform: str
    since: str
    domain: str
    sites: tuple[tuple[str, str], ...]
    staff: str

    @property
    def locations(self) -> list[NewLocation]:
        return [NewLocation(name, address) for name, address in self.sites]

    @property
    def employees(self) -> list[NewEmployee]:
        return [self.employee(name, number) for number, name in enumerate(self.staff.split(", "))]

    def employee(self, name: str, place: int) -> NewEmployee:
        """A person of the account with an e-mail and a number as everybody there has."""
        first, _, last = name.lower().replace("’", "").partition(" ")
        address = f"{first[0]}.{last.replace(' ', '')}@{self.domain}"
        return NewEmployee(name, address, f"{self.domain[:2].upper()}-{1004 + 7 * place}")


CUSTOMERS = (
    Customer(
        "Halden Dental Group",
        NORTHWIND,
        "60d 09:12",
        "haldendental.example",
        (
            ("Main Street surgery", "14 Main Street, Kilkenny R95 X2T4"),
            ("Riverside surgery", "2 Riverside Court, Thomastown R95 F6H1"),
        ),
        "Grace Halden, Owen Halden, Niamh Corrigan, Declan Roche, Petra Novak, Sinead Walsh, Liam Farrell, "
        "Orla Keane, Jonas Weber, Ciara Dunne",
    ),
    Customer(
        "Oakridge Primary School",
        NORTHWIND,
        "59d 10:30",
        "oakridgeschool.example",
        (
            ("Main building", "Oakridge Avenue, Swords, Co. Dublin K67 P3V8"),
            ("Sports hall", "Oakridge Avenue 3, Swords, Co. Dublin K67 P3V9"),
        ),
        "Meera Patel, Fionn Gallagher, Ruth Addison, Colm Brady, Sofia Marques, Helen Prior, Ben Okoro, "
        "Aisling Burke, Tadhg Nolan, Julia Stein, Maeve Quinn, Peter Lamb",
    ),
    Customer(
        "Tilbrook Brewery",
        NORTHWIND,
        "58d 14:05",
        "tilbrook.example",
        (("Brewhouse", "Mill Lane 7, Dundalk A91 C5K2"), ("Tap room", "Quay Street 21, Dundalk A91 C5P0")),
        "Hugo Tilbrook, Anna Tilbrook, Marek Zielinski, Dara Byrne, Clodagh Ryan, Sean Doyle, Eva Horvath",
    ),
    Customer(
        "Ferncliff Care Homes",
        NORTHWIND,
        "57d 11:40",
        "ferncliff.example",
        (
            ("Ferncliff House", "Cliff Road 1, Bray A98 T2W6"),
            ("Seaview House", "Strand Road 88, Greystones A63 HV20"),
            ("Head office", "Castle Street 12, Bray A98 K4E1"),
        ),
        "Imelda Foley, Marta Quinn, Rory Hennessy, Bridget Moran, Tomasz Kowal, Elaine Tierney, Noel Shaw, "
        "Carmel Doherty, Yusuf Demir, Patricia Lawlor, Gerard Hynes, Linda Osei",
    ),
    Customer(
        "Larkspur Architects",
        NORTHWIND,
        "36d 15:20",
        "larkspur.example",
        (("Studio", "Merchant’s Yard 5, Galway H91 N8C3"),),
        "Isolde Larkin, Conor Spurling, Mei Tanaka, Jack Boylan, Ffion Rees",
    ),
    Customer(
        "Brightwater Marina",
        NORTHWIND,
        "44m",
        "brightwater.example",
        (
            ("Harbour office", "Quay Road 4, Kinsale P17 A9N2"),
            ("Boatyard", "Slipway 1, Kinsale P17 E4X8"),
        ),
        "Aoife Brennan, Tom Hale, Cathal Healy, Nora Quigley, Finbar Crowe, Mairead Lynch, Oskar Nilsson, "
        "Deirdre Foy, Paul Tobin, Una Sheehan, Eoin Cotter, Sarah Kinsella, Mick Deasy, Lena Vogt",
    ),
    Customer(
        "Marlow & Finch Solicitors",
        BLUE_HARBOR,
        "60d 11:02",
        "marlowfinch.example",
        (("Chambers", "Bishop’s Square 9, Limerick V94 T6K3"),),
        "Judith Finch, Alan Marlow, Priya Nair, Stephen Cody, Rosa Bianchi, Kevin Mulcahy, Hannah Pryce",
    ),
    Customer(
        "Pelican Freight",
        BLUE_HARBOR,
        "59d 08:25",
        "pelicanfreight.example",
        (
            ("Dock office", "Alexandra Quay 30, Dublin D01 W2P8"),
            ("Depot West", "Ballycoolin Road 112, Dublin D15 K1R7"),
        ),
        "Victor Adeyemi, Karin Holm, Dermot Casey, Ines Duarte, Pawel Nowak, Gavin Rowe, Teresa Malone, "
        "Lukas Brandt, Shauna Fitzgerald",
    ),
    Customer(
        "Sandgate Hotels",
        BLUE_HARBOR,
        "58d 16:10",
        "sandgatehotels.example",
        (
            ("Sandgate Strand", "The Promenade 1, Tramore X91 H7D2"),
            ("Sandgate City", "George’s Street 44, Waterford X91 PK15"),
        ),
        "Colette Sands, Marco Ferri, Joan Whelan, Adrian Popescu, Nuala Grace, Oliver Benson, Zofia Lis, "
        "Eamon Power, Katie Mordaunt, Daniel Achterberg",
    ),
    Customer(
        "Kestrel Insurance Brokers",
        BLUE_HARBOR,
        "56d 09:50",
        "kestrel.example",
        (("Office", "South Mall 71, Cork T12 V8X4"),),
        "Barry Kestrel, Louise Hartnett, Amir Rahimi, Grainne Daly, Simon Poole, Monika Krol",
    ),
    Customer(
        "Harbourside Medical Centre",
        BLUE_HARBOR,
        "41d 13:15",
        "harbourside.example",
        (("Clinic", "Custom House Parade 6, Cobh P24 R5C9"), ("Laboratory", "Lower Road 15, Cobh P24 N0D3")),
        "Dr Emer Lacey, Dr Karl Winter, Bronagh Tully, Femi Alade, Stella Ricci, Donal Hurley, Agnes Toth, "
        "Moira Keogh",
    ),
    Customer(
        "Citywide Vets",
        VANTAGE,
        "60d 10:45",
        "citywidevets.example",
        (
            ("Clifton practice", "21 Alma Vale Road, Bristol BS8 2HL"),
            ("Bedminster practice", "140 North Street, Bristol BS3 1HF"),
        ),
        "Rachel Osborne, Dev Chandra, Lily Thornton, Mark Ainsley, Joanna Pike, Samir Yousef, Beth Calloway",
    ),
    Customer(
        "Quillon Engineering",
        VANTAGE,
        "58d 12:20",
        "quillon.example",
        (("Works", "Unit 8, Sheaf Bank Business Park, Sheffield S2 3EN"),),
        "Edward Quillon, Nadia Petrova, Gordon Bell, Wei Zhang, Fiona Marsh, Callum Reid, Theo Barker, "
        "Alice Eyre",
    ),
    Customer(
        "Ashdown Libraries",
        VANTAGE,
        "52d 09:35",
        "ashdownlibraries.example",
        (
            ("Central library", "Market Place 2, Lewes BN7 2NA"),
            ("Mobile library", "Depot Road 6, Lewes BN7 1YH"),
        ),
        "Margaret Dunhill, Kofi Asante, Polly Reeve, Ian Whitlock, Samantha Cruz",
    ),
    Customer(
        "Rosebank Garden Centres",
        VANTAGE,
        "20d 14:30",
        "rosebank.example",
        (
            ("Harrogate", "Otley Road 210, Harrogate HG3 1PR"),
            ("Ripon", "Boroughbridge Road 9, Ripon HG4 1UE"),
        ),
        "Sylvia Rose, Graham Banks, Tilda Moss, Arjun Mehta, Wendy Fowler, Luke Hartley",
    ),
)
