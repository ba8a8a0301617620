"""Carriers' lists: the phone lines of an account."""

from __future__ import annotations

from hwadmin.list_import.records.columns import ColumnKind, ListColumn, ListFormat, words_for

IN_SERVICE, ENDED = "in_service", "ended"

PHONE_LINES = ListFormat(
    noun="phone line",
    nouns="phone lines",
    columns=(
        ListColumn(
            "phone_number",
            "Phone number",
            "number phone phonenumber mobile mobilenumber mobilephone mobilephonenumber msisdn mtn cell "
            "cellnumber cellphone wirelessnumber subscribernumber servicenumber linenumber line telephone "
            "telephonenumber telnumber tel ctn mdn rufnummer mobilnummer handynummer telefonnummer telefon "
            "nummer mobielnummer mobielenummer telefoonnummer telefoon 06nummer numero numerodetelephone "
            "numeromobile numerodeligne ligne numerodetelefono telefono movil numeromovil linea "
            "numerodelinea "
            "numeroditelefono utenza cellulare numertelefonu msisdnnummer simnumber 06nr",
            ColumnKind.CODE,
            40,
        ),
        ListColumn(
            "mobile_carrier",
            "Carrier",
            "carrier mobilecarrier provider network operator mobileoperator mobilenetwork serviceprovider "
            "vendor anbieter netzbetreiber netz mobilfunkanbieter aanbieder operateur reseau",
            ColumnKind.TEXT,
            60,
        ),
        ListColumn(
            "rate_plan",
            "Rate plan",
            "plan rateplan priceplan tariff tarif tarief abonnement planname planrate pricing serviceplan "
            "wirelessplan calldataplan bundle vertrag vertragsart forfait abo plandescription currentplan",
            ColumnKind.TEXT,
            120,
        ),
        ListColumn(
            "person",
            "Who uses it: name",
            "user employee username name fullname assignedto assignee enduser employeename subscriber "
            "subscribername wirelessusername mitarbeiter benutzer nutzer gebruiker medewerker naam nom "
            "utilisateur person contact displayname lineuser wirelessuserfullname userfullname titular "
            "usuario karteninhaber anschlussinhaber kartennutzer vertragsinhaber "
            "utente intestatario uzytkownik",
            ColumnKind.TEXT,
        ),
        ListColumn(
            "first_name",
            "Who uses it: first name",
            "firstname givenname forename vorname voornaam prenom",
            ColumnKind.NAME,
        ),
        ListColumn(
            "last_name",
            "Who uses it: last name",
            "lastname familyname surname nachname achternaam nomdefamille",
            ColumnKind.NAME,
        ),
        ListColumn(
            "email",
            "Who uses it: e-mail",
            "email emailaddress mail useremail workemail emailadresse emailadres courriel employeeemail",
            longest=254,
        ),
        ListColumn(
            "employee_number",
            "Who uses it: employee number",
            "employeenumber employeeno employeeid employeenr empid empno personnelnumber personnelno staffid "
            "staffnumber personalnummer personeelsnummer userid usernumber matricule",
            ColumnKind.CODE,
            60,
        ),
        ListColumn(
            "device_identifier",
            "Device: IMEI or another identifier",
            "imei imei1 imeino imeinumber imeinr imeinummer deviceid deviceimei currentimei identifier "
            "equipmentid esn meid deviceidentifier mac macaddress",
            ColumnKind.CODE,
            60,
        ),
        ListColumn(
            "device_serial",
            "Device: serial number",
            "serial serialno serialnumber serialnr sn seriennummer serienummer deviceserial "
            "deviceserialnumber",
            ColumnKind.CODE,
            60,
        ),
        ListColumn(
            "device_model",
            "Device: model",
            "device model devicemodel currentdevice devicename devicetype handset equipment equipmentmodel "
            "phonemodel gerat geraet endgerat toestel appareil modell",
            ColumnKind.TEXT,
        ),
        ListColumn(
            "contract_term_months",
            "Contract term",
            "term contractterm months termmonths contractlength contractmonths laufzeit vertragslaufzeit "
            "mindestlaufzeit "
            "looptijd contractduration duree duration",
            ColumnKind.MONTHS,
        ),
        ListColumn(
            "contract_ends_on",
            "Contract ends",
            "contractends contractend contractendson contractenddate enddate contractexpiry expirydate "
            "expirationdate contractexpires contractexpirationdate contractexpirydate termenddate expires "
            "vertragsende laufzeitende einddatum contracteinde findecontrat datedefin commitmentenddate "
            "einddatumcontract datedefindengagement findengagement findepermanencia permanencia scadenza "
            "scadenzacontratto contractfinish bindefrist bindefristende bindefristbis vertragslaufzeitende "
            "mindestlaufzeitende mvlzende mvlz mindestvertragslaufzeitende laufzeitbis vertragbis",
            ColumnKind.DAY,
        ),
        ListColumn(
            "contract_balance",
            "Balance",
            "balance contractbalance remainingbalance devicebalance installmentbalance amountowed "
            "outstandingbalance balancedue restbetrag restschuld saldo openstaand openstaandbedrag solde "
            "remaininginstallments payoff payoffamount restwert restwertgerat montantrestant penalizacion "
            "etf earlyterminationfee terminationfee ablosesumme abloesesumme",
            ColumnKind.MONEY,
        ),
        ListColumn(
            "eligible_from",
            "Eligible for an upgrade from",
            "eligiblefrom upgradedate upgradeeligibledate upgradeeligibilitydate eligibledate "
            "eligibilitydate upgradeeligibility nextupgrade nextupgradedate verlangerungab upgradefrom "
            "upgradevanaf verlangerungmoglichab nextupgradeeligibilitydate earlyupgradedate "
            "vertragsverlangerungab vertragsverlangerungmoglichab vertragsverlangerung vvlab vvldatum",
            ColumnKind.DAY,
        ),
        ListColumn(
            "status",
            "Whether it is in service",
            "status linestatus state servicestatus zustand statut actief active",
            ColumnKind.WORD,
            words=words_for(
                IN_SERVICE,
                "active inservice live connected enabled aktiv actief actif yes ja oui open",
            )
            | words_for(
                ENDED,
                "cancelled canceled ended disconnected terminated deactivated inactive closed ported "
                "portedout gekundigt gekuendigt inaktiv beeindigd opgezegd resilie no nein nee non",
            ),
            meanings={IN_SERVICE: "In service", ENDED: "Out of service"},
        ),
    ),
    needs=(("phone_number",),),
    whole_name="person",
    missing="Say which column holds the phone numbers.",
)
