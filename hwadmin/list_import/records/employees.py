"""Lists of an account's people."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hwadmin.domain.people.person_identity import same_name
from hwadmin.list_import.records.columns import (
    ColumnKind,
    ListColumn,
    ListFormat,
    plain_word,
    words_for,
)

WORKS_HERE, HAS_LEFT = "works_here", "has_left"

EMPLOYEES = ListFormat(
    noun="employee",
    nouns="employees",
    columns=(
        ListColumn(
            "name",
            "Name",
            "name fullname displayname employee employeename user person mitarbeiter mitarbeiterin naam nom "
            "medewerker legalname preferredname workername worker fn formattedname firstnamelastname "
            "lastnamefirstname "
            "nombre nombrecompleto nombreyapellidos nome nomecompleto nominativo imieinazwisko namn navn "
            "namevorname vornamename naamvoornaam voornaamnaam surnamefirstname nazwiskoimie "
            "cognomenome apellidosnombre mitarbeitername naammedewerker medewerkernaam payrollname cn "
            "nachnamevorname vornamenachname nomprenom prenomnom fio \u0444\u0438\u043e \u0438\u043c\u044f",
            ColumnKind.TEXT,
        ),
        ListColumn(
            "first_name",
            "First name",
            "firstname givenname forename vorname voornaam prenom first legalfirstname preferredfirstname "
            "prenoms imie fornamn fornavn primernombre",
            ColumnKind.NAME,
        ),
        ListColumn(
            "last_name",
            "Last name",
            "lastname familyname surname nachname achternaam nomdefamille last legallastname "
            "apellido apellidos primerapellido cognome nazwisko sobrenome apelido efternamn etternavn "
            "familienname sn",
            ColumnKind.NAME,
        ),
        # Kept apart from the last name in Dutch lists, and part of it.
        ListColumn(
            "name_prefix",
            "Prefix of the last name",
            "tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels infix nameprefix lastnameprefix "
            "surnameprefix namensvorsatz namenszusatz vorsatzwort particule",
            ColumnKind.NAME,
        ),
        ListColumn(
            "email",
            "E-mail",
            "email emailaddress mail workemail emailwork primaryemail emailadresse emailadres courriel "
            "businessemail companyemail primaryworkemail workemailaddress emailprimarywork upn "
            "userprincipalname workcontactworkemail adresseemail adressemail mailadresse emailprofessionnel "
            "correo correoelectronico direcciondecorreo indirizzoemail epost adresemail "
            "\u043f\u043e\u0447\u0442\u0430",
            ColumnKind.EMAIL,
            254,
        ),
        ListColumn(
            "employee_number",
            "Employee number",
            "employeenumber employeeno employeeid employeenr empid empno number personnelnumber personnelno "
            "staffid staffnumber workerid personalnummer personeelsnummer id hrid matricule payrollid "
            "associateid filenumber persno persnr personalnr stammnummer numeroempleado noempleado "
            "numerodeempleado "
            "matricola numerdipendente numerpracownika anstallningsnummer",
            ColumnKind.CODE,
            60,
        ),
        ListColumn(
            "title",
            "Title",
            "title jobtitle position role jobname function funktion functie businesstitle poste",
            ColumnKind.TEXT,
        ),
        ListColumn(
            "department", "Department", "department dept abteilung afdeling team departement", ColumnKind.TEXT
        ),
        ListColumn("division", "Division", "division bereich businessunit unit", ColumnKind.TEXT),
        ListColumn(
            "organization",
            "Organization",
            "organization organisation company employer firma bedrijf legalentity societe",
            ColumnKind.TEXT,
        ),
        ListColumn(
            "phone",
            "Phone",
            "phone phonenumber telephone mobile mobilephone workphone telefon telefoon tel mobil cell "
            "telefonnummer rufnummer mobilnummer telefondienstlich mobildienstlich",
            ColumnKind.CODE,
            60,
        ),
        ListColumn(
            "cost_center",
            "Accounting code",
            "costcenter costcentre accountingcode accountcode kostenstelle kostenplaats cc glcode "
            "accountingcodes centredecout",
            ColumnKind.CODE,
            60,
        ),
        ListColumn(
            "manager",
            "Manager",
            "manager managername manageremail managerid supervisor reportsto linemanager vorgesetzter "
            "leidinggevende manageremployeeid managernumber supervisorname superieur "
            "workersmanager",
            ColumnKind.TEXT,
            254,
        ),
        ListColumn(
            "left_on",
            "Left on",
            "terminationdate leavedate leavingdate dateofleaving lastday lastdayofwork lastworkingday "
            "enddate "
            "employmentenddate contractenddate austritt austrittsdatum austrittam datumuitdienst uitdienst "
            "einddatum datedesortie datededepart fechadebaja fechabaja datacessazione",
            ColumnKind.DAY,
        ),
        ListColumn(
            "active",
            "Works here",
            "active status employmentstatus state aktiv actief employeestatus isactive enabled workerstatus "
            "accountenabled statut positionstatus estado stato",
            ColumnKind.WORD,
            words=words_for(
                WORKS_HERE,
                "yes y true 1 active employed current enabled ja j aktiv actief oui working hired a actif "
                "present aactive zatrudniony zatrudniona aktywny attivo activo member",
            )
            | words_for(
                HAS_LEFT,
                "no n false 0 inactive left terminated leaver former disabled nein nee inaktiv inactief non "
                "retired suspended ausgeschieden t inactif separated resigned uitdienst ausgetreten sorti "
                "deactivated deprovisioned tterminated zwolniony zwolniona parti baja cessato gekundigt",
            ),
            meanings={WORKS_HERE: "Works here", HAS_LEFT: "Has left"},
        ),
    ),
    needs=(("name", "first_name", "last_name", "email", "employee_number"),),
    whole_name="name",
    has_titles=True,
    missing="Say which column holds the names, the e-mail addresses or the numbers.",
    max_rows=20_000,
)
_STATE = re.compile(r"(.*\S)\s*\(([^()]+)\)")
_PARTS = ("first_name", "name_prefix", "last_name")
_AWAY = frozenset(("onleave", "leave", "parentalleave", "sickleave", "beurlaubt", "elternzeit"))


def name_and_state(name: str) -> tuple[str, str]:
    """A name without the state that programs write behind it, and whether they work here by it.

    ``Owen Halden (Terminated)`` has left. What else stands in brackets is part of the name.
    """
    found = _STATE.fullmatch(name)
    word = plain_word(found[2]) if found else ""
    state = WORKS_HERE if word in _AWAY else EMPLOYEES.by_key["active"].words.get(word, "")
    return (found[1], state) if found and len(word) > 1 and state else (name, "")


def whole_name(stated: Mapping[str, object]) -> str | None:
    """The name of a row, put together where it stands in two columns, without the state written behind it."""
    first, *rest = (str(stated[key]) if stated.get(key) else "" for key in _PARTS)
    name, last = str(stated.get("name") or ""), " ".join(filter(None, rest))
    if last and len(name.split()) == 1:
        # What somebody likes to be called, in place of the first name.
        first, name = first if same_name(name, last) else name, ""
    name = name or f"{first} {last}".strip()
    return name_and_state(name)[0] if name else None
