"""Lists of a platform's accounts with their locations and people: a row for each of them."""

from __future__ import annotations

from hwadmin.domain.text_folding import folded
from hwadmin.list_import.records.columns import ColumnKind, ListColumn, ListFormat
from hwadmin.list_import.records.employees import EMPLOYEES

# Countries whose postcodes have five digits, of which a spreadsheet drops the leading zeros.
_FIVE_DIGITS = frozenset(
    [
        *("de", "germany", "deutschland", "us", "usa", "united states", "united states of america", "fr"),
        *(
            "france",
            "frankreich",
            "it",
            "italy",
            "italia",
            "italien",
            "es",
            "spain",
            "espana",
            "spanien",
            "fi",
        ),
        *("finland", "suomi", "ee", "estonia", "hr", "croatia", "hrvatska"),
    ]
)


def whole_postcode(postcode: str, country: str) -> str:
    """A postcode with the leading zeros that its country has and a spreadsheet dropped."""
    lost = postcode.isdecimal() and 3 <= len(postcode) < 5 and folded(country) in _FIVE_DIGITS
    return postcode.zfill(5) if lost else postcode


ACCOUNTS = ListFormat(
    noun="entry",
    nouns="entries",
    columns=(
        ListColumn(
            "account",
            "Account",
            "account accountname customer customername client clientname company companyname organization "
            "organisation kunde kundenname firma klant klantnaam bedrijf name tenant",
            ColumnKind.TEXT,
        ),
        ListColumn(
            "location",
            "Location",
            "location locationname site sitename office branch store building standort filiale vestiging "
            "locatie lieu agence shipto shiptoname",
            ColumnKind.TEXT,
            120,
        ),
        ListColumn(
            "address",
            "Address",
            "address fulladdress siteaddress shippingaddress deliveryaddress adresse adres anschrift street "
            "streetaddress strasse straat rue address1 addressline1",
            ColumnKind.TEXT,
            300,
        ),
        ListColumn(
            "house_number",
            "House number",
            "houseno housenumber housenr houseflatno hausnummer hausnr huisnummer huisnr streetnumber "
            "streetno",
            ColumnKind.CODE,
            20,
        ),
        ListColumn("address_2", "Address, second line", "address2 addressline2", ColumnKind.TEXT),
        ListColumn(
            "postcode", "Postcode", "postcode postalcode zip zipcode plz codepostal", ColumnKind.CODE, 20
        ),
        ListColumn("city", "City", "city town ort stadt plaats stad ville", ColumnKind.TEXT, 100),
        ListColumn(
            "state", "State", "state province county region bundesland provincie", ColumnKind.TEXT, 100
        ),
        ListColumn("country", "Country", "country land pays countrycode", ColumnKind.TEXT, 100),
        # People as lists of employees have them.
        ListColumn(
            "name",
            "Employee",
            "employee employeename person user fullname contact contactname mitarbeiter ansprechpartner "
            "medewerker contactpersoon",
            ColumnKind.TEXT,
        ),
        *(EMPLOYEES.by_key[key] for key in ("first_name", "last_name", "email", "employee_number")),
    ),
    needs=(("account",),),
    missing="Say which column holds the names of the accounts.",
    max_rows=5_000,
)
