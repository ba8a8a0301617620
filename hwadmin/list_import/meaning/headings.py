"""What a column of a list of devices can hold, and the headings it goes by."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from hwadmin.domain.text_folding import folded
from hwadmin.identifiers import IdentifierKind
from hwadmin.list_import.cells import heading_forms
from hwadmin.list_import.meaning import further_languages


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
    SENT = "sent"
    RETURNED = "returned"
    QUANTITY = "quantity"
    ANOTHER = "another"
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
    Meaning.SENT: "Sent: yes or no, or when",
    Meaning.RETURNED: "Returned or cancelled: yes or no, or when",
    Meaning.QUANTITY: "How many were sent",
    Meaning.ANOTHER: "Of another device, person or place",
    Meaning.NOTHING: "Nothing of use",
}
# What goes with an identifier without deciding anything.
ASIDE = (Meaning.IMEI2, Meaning.SERIAL, Meaning.CODE, Meaning.OTHER_ADDRESS)
# What a column may hold whatever its heading says, since the plan knows it.
OF_TARGET = (Meaning.PERSON, Meaning.EMAIL, Meaning.PLACE)
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
    "maclan ethernetmac ethmac macno macnumber macnr phonemac devicemac hwaddress hardwareaddress macpoe",
    Meaning.IPEI: "ipei ipui ipeiipui handsetid ipeino ipeinumber ipeinr dectipei dectid ipuin handsetipei",
    Meaning.IMEI: "imei imei1 imeino imeinumber imeinr imeisim1 imei01 primaryimei imeinummer",
    Meaning.IMEI2: "imei2 imeisim2 imei02 secondimei secondaryimei",
    Meaning.IDENTIFIER: "identifier hardwareid deviceidentifier macipei maceoripei macoripei ipeimac "
    "macipeiimei macimei hardwareidentifier",
    Meaning.SERIAL: "ndeserie nodeserie noserie numerodiserie numeroseriale numerodeserial numerseryjny "
    "serienr snr serial serialno serialnumber serialnr sn seriennummer serienummer serials seriennr "
    "numerodeserie nserie serialnumbers",
    Meaning.CODE: "maccode macidcode gigasetcode autoprovisioningcode",
    Meaning.OTHER_ADDRESS: "wlanmac wifimac wifimacaddress wlanmacaddress bluetoothmac btmac "
    "bluetoothaddress wirelessmac btaddress bluetoothmacaddress macwlan macwifi",
    Meaning.MODEL: "modelo modello "
    "model devicemodel phonetype modelname modelno modelnumber devicetype type phonemodel "
    "modell modele typ gerat geraet device phone handset toestel appareil",
    Meaning.DESCRIPTION: "descripcion descrizione descricao libelle articolo articulo producto prodotto "
    "description item product productname itemdescription desc article artikel "
    "productdescription itemname beschreibung bezeichnung artikelbezeichnung omschrijving "
    "designation",
    Meaning.SKU: "sku pn partno partnumber part mpn itemcode productcode articleno artno itemno materialno "
    "artikelnummer artikelnr",
    Meaning.PERSON: "usuario utente utilizador bruger anvandare uzytkownik nombre nome navn namn ontvanger "
    "destinataire destinatario asignadoa assegnatoa attribuea zugewiesenan gebruikersnaam anwender "
    "login loginname samaccountname logonname kullanicaadi kullaniciadi kayttajanimi "
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
    Meaning.PLACE: "address deliveryaddress shippingaddress shiptoaddress siteaddress city town ort stadt "
    "lieferadresse afleveradres ciudad ville ubicacion sede sitio emplacement plaats niederlassung localidad "
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
    "itemstatus lineitemstatus fulfillmentstatus zustand lieferstatus statut "
    # Of goods, which SAP numbers.
    "movementtype movementcode mvttype mvt mvmt mvmttype bewegungsart bwa bwart "
    "typedemouvement codemouvement bewegingssoort clasedemovimiento",
    Meaning.SENT: "shipdate shippingdate shippeddate dateshipped despatchdate dispatchdate deliverydate "
    "versanddatum lieferdatum verzenddatum leverdatum datedexpedition fechadeenvio datadispedizione",
    Meaning.QUANTITY: "cantidad quantita quantite quantidade qty quantity menge anzahl aantal pcs pieces "
    "stuck stuks qtyshipped shippedqty quantityshipped qtydelivered deliveredqty quantitydelivered qtysent "
    "sentqty liefermenge geliefertemenge aantalgeleverd quantitelivree",
    Meaning.NOTHING: "fabricante produttore fabricant fabrikant "
    "despatchno deliveryno line lineno customer manufacturer make brand vendor "
    "iccid sim ean upc gtin date no nr pos position datasequence tracking carton box pallet "
    "invoice color colour price comment comments remarks notes firmware extension "
    "hersteller",
}
_LONGEST_HEADING = 40
# Written like this in every language.
_ABBREVIATIONS = {"MAC": Meaning.MAC, "IPEI": Meaning.IPEI, "IPUI": Meaning.IPEI, "IMEI": Meaning.IMEI}
_WORD = re.compile(r"[^\W_]+")
_BY_HEADING = {
    **{
        heading_forms(name)[0]: Meaning(meaning)
        for meaning, names in further_languages.HEADINGS.items()
        if meaning in tuple(Meaning)
        for name in names.split()
    },
    **{name: meaning for meaning, names in _HEADINGS.items() for name in names.split()},
}


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


_OLD = _words(
    "old previous prev former replaced replaces replacing returned return defective faulty broken rma "
    "existing alt alte alter altes bisherige bisheriger bisheriges vorherige vorheriger defekt defekte "
    "ersetzte oud oude vorige ancien ancienne precedent precedente retour viejo vieja anterior antiguo "
    "antigua vecchio vecchia"
)
_BESIDE = _words(
    "base basis basestation ap accesspoint pc computer laptop host chassis controller headset expansion "
    "sidecar printer neighbor neighbour peer switch gateway router wan uplink server parent dongle manager "
    "supervisor requester requestor "
    "orderer buyer purchaser approver rep sender backup vorgesetzter vorgesetzte besteller "
    "ansprechpartner genehmiger contact einkaufer leidinggevende aanvrager demandeur responsable chef "
    "bill billing billto invoice invoiced sold soldto warehouse depot origin lager magazijn entrepot "
    "rechnungsadresse rechnungsempfanger factuuradres"
)
_BY = _words("by von par door")
# What such a word stands before is the device that is sent.
_NEW = _words("new neu neue neuer neues nieuw nieuwe nouveau nouvelle nuevo nueva nuovo nuova nowy nowa")
_BACK = _words(
    "return returned returns cancelled canceled cancel cancellation storniert storno stornierung retour rma "
    "backordered backorder credit gutschrift annule annulee geannuleerd devuelto cancelado"
)
_GONE = _words(
    "shipped delivered dispatched despatched sent geliefert versendet versandt verzonden geleverd "
    "expedie livre enviado spedito"
)
_OF_A_FLAG = _words("date no nr number on qty quantity flag reason note yn datum am menge")
_REMARKS = _words("comment comments remark remarks note notes")
_RANGE = _words("first last from to start end begin beginning range von bis van tot erste letzte")
_OF_AN_IDENTIFIER = _words("mac ipei imei address adresse adres id identifier")


@lru_cache(maxsize=4096)
def heading(text: str) -> Meaning | None:
    """What a heading says its column holds; None if it is no heading we know."""
    if len(text) > _LONGEST_HEADING:
        return None
    forms = heading_forms(text)
    if forms and (whole := _BY_HEADING.get(forms[0])):
        return whole
    words = text.split()
    if len(words) > 1 and folded(words[0]) in _NEW:
        return heading(" ".join(words[1:]))
    known = {meaning for form in forms[1:] if (meaning := _BY_HEADING.get(form))}
    qualified = _qualified(_WORD.findall(folded(text))) if forms else None
    return qualified or (known.pop() if len(known) == 1 else _by_abbreviation(text))


def _by_abbreviation(text: str) -> Meaning | None:
    """The address a heading names by its abbreviation, beside words of a language we do not know."""
    words = _WORD.findall(text)
    known = [word for word in words if word in _ABBREVIATIONS]
    others = [word for word in words if word not in _ABBREVIATIONS]
    is_plain = all(not word.isascii() or folded(word).startswith(("adre", "addre")) for word in others)
    return _ABBREVIATIONS[known[0]] if len(known) == 1 and others and is_plain else None


def may_hold_remarks(text: str) -> bool:
    """Whether anything may stand below a heading: it is none we know, or that of remarks."""
    return heading(text) is None or bool(_REMARKS & {*_WORD.findall(folded(text))})


def names_range(text: str) -> bool:
    """Whether a heading may be that of the first or the last of a range of identifiers."""
    words = set(_WORD.findall(folded(text)))
    return bool(words & _RANGE) and bool(words & _OF_AN_IDENTIFIER)


def _qualified(words: list[str]) -> Meaning | None:
    """What a heading of several words says: "Old MAC" is no MAC address of this device."""
    several = set(words)
    if several & _BACK and several <= _BACK | _OF_A_FLAG:
        return Meaning.RETURNED
    if several and several <= _GONE:
        return Meaning.SENT
    if several & _RANGE and several & {"mac", "ipei", "imei"}:
        return Meaning.IDENTIFIER
    if several & _OLD or several & _BESIDE or (len(words) > 1 and words[-1] in _BY):
        return Meaning.ANOTHER
    return None
