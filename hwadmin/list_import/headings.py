"""What a column of a list of devices can hold, and the headings it goes by."""

from __future__ import annotations

import re
from enum import StrEnum

from hwadmin.domain.text_folding import folded
from hwadmin.identifiers import IdentifierKind


class Meaning(StrEnum):
    """What a column holds."""

    MAC = "mac"
    IPEI = "ipei"
    IMEI = "imei"
    IDENTIFIER = "identifier"
    IMEI2 = "imei2"
    SERIAL = "serial"
    CODE = "code"
    OTHER_ADDRESS = "other_address"
    MODEL = "model"
    DESCRIPTION = "description"
    SKU = "sku"
    PERSON = "person"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    EMPLOYEE_NUMBER = "employee_number"
    PLACE = "place"
    ORDER = "order"
    STATUS = "status"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        """The meaning in the words of the page."""
        return _LABELS[self]

    @property
    def kinds(self) -> tuple[IdentifierKind, ...]:
        """Which identifiers the column may hold."""
        return _KINDS.get(self, ())


_KINDS = {
    Meaning.MAC: (IdentifierKind.MAC,),
    Meaning.IPEI: (IdentifierKind.IPEI,),
    Meaning.IMEI: (IdentifierKind.IMEI,),
    Meaning.IDENTIFIER: tuple(IdentifierKind),
}
_LABELS = {
    Meaning.MAC: "MAC address",
    Meaning.IPEI: "IPEI",
    Meaning.IMEI: "IMEI",
    Meaning.IDENTIFIER: "Identifier of any kind",
    Meaning.IMEI2: "IMEI of SIM 2",
    Meaning.SERIAL: "Serial number",
    Meaning.CODE: "Gigaset code",
    Meaning.OTHER_ADDRESS: "Another address of the device",
    Meaning.MODEL: "Model",
    Meaning.DESCRIPTION: "Description",
    Meaning.SKU: "SKU",
    Meaning.PERSON: "Who it is for: name",
    Meaning.FIRST_NAME: "Who it is for: first name",
    Meaning.LAST_NAME: "Who it is for: last name",
    Meaning.EMAIL: "Who it is for: e-mail",
    Meaning.EMPLOYEE_NUMBER: "Who it is for: employee number",
    Meaning.PLACE: "Where it goes",
    Meaning.ORDER: "Order number, ours or the distributor\u2019s",
    Meaning.STATUS: "Whether it was sent",
    Meaning.NOTHING: "Nothing of use",
}
# What goes with an identifier without deciding anything.
ASIDE = (Meaning.IMEI2, Meaning.SERIAL, Meaning.CODE, Meaning.OTHER_ADDRESS)
# What says which unit a row is for.
PERSON_MEANINGS = (
    Meaning.PERSON,
    Meaning.FIRST_NAME,
    Meaning.LAST_NAME,
    Meaning.EMAIL,
    Meaning.EMPLOYEE_NUMBER,
)

_HEADINGS = {
    Meaning.MAC: "direccionmac indirizzomac enderecomac adresmac macadress direccionfisica adressephysique "
    "mac macaddress macaddr macadr macadresse macadres adressemac macid lanmac lanmacaddress "
    "maclan ethernetmac ethmac macno macnumber macnr basemac phonemac devicemac",
    Meaning.IPEI: "ipei ipui ipeiipui handsetid ipeino ipeinumber ipeinr dectipei dectid ipuin handsetipei",
    Meaning.IMEI: "imei imei1 imeino imeinumber imeinr imeisim1 imei01 primaryimei imeinummer",
    Meaning.IMEI2: "imei2 imeisim2 imei02 secondimei secondaryimei",
    Meaning.IDENTIFIER: "identifier hardwareid deviceidentifier macipei maceoripei macoripei ipeimac "
    "macipeiimei macimei hardwareidentifier",
    Meaning.SERIAL: "ndeserie noserie numerodiserie numeroseriale numerodeserial numerseryjny serienr snr "
    "serial serialno serialnumber serialnr sn seriennummer serienummer serials seriennr "
    "numerodeserie nserie serialnumbers",
    Meaning.CODE: "maccode macidcode gigasetcode autoprovisioningcode",
    Meaning.OTHER_ADDRESS: "wlanmac wifimac wifimacaddress wlanmacaddress bluetoothmac btmac "
    "bluetoothaddress wirelessmac btaddress bluetoothmacaddress macwlan macwifi",
    Meaning.MODEL: "modelo modello "
    "model devicemodel phonetype modelname modelno modelnumber devicetype type phonemodel "
    "modell modele typ",
    Meaning.DESCRIPTION: "descripcion descrizione descricao libelle articolo articulo producto prodotto "
    "description item product productname itemdescription desc article artikel "
    "productdescription itemname beschreibung bezeichnung artikelbezeichnung omschrijving "
    "designation",
    Meaning.SKU: "sku partno partnumber part mpn itemcode productcode articleno artno itemno materialno "
    "artikelnummer artikelnr",
    Meaning.PERSON: "usuario utente utilizador bruger anvandare uzytkownik nombre nome navn namn ontvanger "
    "destinataire destinatario asignadoa assegnatoa attribuea zugewiesenan gebruikersnaam anwender "
    "user employee username fullname assignedto assignee enduser endusername "
    "recipient usedby foruser employeename name mitarbeiter benutzer nutzer empfanger gebruiker medewerker "
    "utilisateur naam nom assigneduser person staff staffname contactname displayname "
    "deliverto",
    Meaning.FIRST_NAME: "firstname givenname forename vorname voornaam prenom",
    Meaning.LAST_NAME: "lastname familyname surname nachname achternaam",
    Meaning.EMAIL: "correo correoelectronico epost adressemail mailadresse indirizzoemail "
    "email emailaddress mail useremail workemail emailadresse emailadres courriel "
    "employeeemail",
    Meaning.EMPLOYEE_NUMBER: "employeenumber employeeno employeeid employeenr empid empno "
    "personnelnumber personnelno staffid staffnumber personalnummer personeelsnummer userid "
    "usernumber matricule",
    Meaning.PLACE: "ubicacion sede sitio emplacement plaats niederlassung localidad "
    "site location sitename locationname standort filiale office building branch store "
    "vestiging locatie deliverylocation shiptolocation shipto shiptosite deliverysite lieu",
    Meaning.ORDER: "pedido numerodepedido ordine numerodordine numerodecommande ncommande bonnummer "
    "po ponumber yourpo pono orderref orderno ordernumber order customerpo customerpono "
    "customerponumber customerorder customerorderno purchaseorder purchaseordernumber "
    "yourreference yourref yourorder yourorderno salesorder salesorderno salesordernumber "
    "salesorderref so sono sonumber ourorder ourorderno distributororder distributororderno "
    "vendororder supplierorder orderconfirmation ordernr bestellnummer bestellung auftrag "
    "auftragsnummer auftragsnr ihrebestellung bestelnummer reference ref orderid "
    "webordernumber commande",
    Meaning.STATUS: "estado stato etat "
    "status linestatus orderstatus shippingstatus shipmentstatus deliverystatus state "
    "itemstatus lineitemstatus fulfillmentstatus zustand lieferstatus statut",
    Meaning.NOTHING: "cantidad quantita quantite quantidade fabricante produttore fabricant fabrikant "
    "despatchno deliveryno line lineno customer qty quantity manufacturer make brand vendor "
    "iccid sim ean upc gtin date no nr pos position datasequence tracking carton box pallet "
    "invoice color colour price comment comments remarks notes firmware extension menge "
    "anzahl aantal hersteller",
}
_BY_HEADING = {name: meaning for meaning, names in _HEADINGS.items() for name in names.split()}


def heading(text: str) -> Meaning | None:
    """What a heading says its column holds; None if it is no heading we know."""
    if len(text) > 40:
        return None
    return _BY_HEADING.get(re.sub(r"[\W_]", "", folded(text)))
