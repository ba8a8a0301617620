"""Lists of what a platform sells: items, and their prices by size and term."""

from __future__ import annotations

from hwadmin.domain.device_kinds import Kind
from hwadmin.list_import.records.columns import ColumnKind, ListColumn, ListFormat, words_for

CATALOG = ListFormat(
    noun="catalog item",
    nouns="catalog items",
    columns=(
        ListColumn(
            "sku",
            "SKU",
            "sku partno partnumber part mpn itemcode productcode articleno articlenumber artno itemno "
            "itemnumber artikelnummer artikelnr artnr bestellnummer referencia codigo codice productid "
            "stockcode code reference ref mfrpart mfrpartno mfrpartnumber mfgpart mfgpartno mfgpartnumber "
            "manufacturerpartno manufacturerpartnumber vendorpartno vendorpartnumber vpn herstellernr "
            "herstellernummer herstellerartikelnr herstellerartikelnummer herstellerteilenr fabrikantnr",
            ColumnKind.CODE,
            60,
        ),
        ListColumn(
            "make",
            "Make",
            "make manufacturer brand vendor maker hersteller marke fabrikant merk marque fabricant",
            ColumnKind.TEXT,
            60,
        ),
        ListColumn(
            "model",
            "Model",
            "model modelname product productname description item itemname device name bezeichnung "
            "artikelbezeichnung omschrijving designation modell modele",
            ColumnKind.TEXT,
            120,
        ),
        ListColumn(
            "kind",
            "Kind",
            "kind type category devicetype producttype productgroup kategorie art soort categorie",
            ColumnKind.WORD,
            words=words_for(
                Kind.DESKPHONE.value, "deskphone deskphones phone sipphone ipphone tischtelefon bureautoestel"
            )
            | words_for(Kind.DECT_BASE.value, "dectbase base basestation dectbasestation dectbasis basis")
            | words_for(Kind.DECT_HANDSET.value, "decthandset handset dectphone mobilteil handsets dect")
            | words_for(Kind.MOBILE.value, "mobile mobiles mobilephone smartphone cellphone handy gsm")
            | words_for(
                Kind.ACCESSORY.value, "accessory accessories zubehor zubehoer accessoire headset charger"
            ),
            meanings={kind.value: kind.label for kind in Kind},
        ),
        ListColumn(
            "unit_price",
            "Price",
            "price unitprice listprice netprice onetimeprice onetime upfront upfrontprice preis stuckpreis "
            "priceexclvat priceexvat netunitprice nettopreis nettoprijs prixht prixunitaireht prijsexclbtw "
            "einzelpreis prijs stukprijs prix prixunitaire cost eknetto ek uvp vk precio prezzo cena "
            # Beside a list price it is asked which of them counts.
            "hek handlerek handlerpreis einkaufspreis inkoopprijs prixdachat yourprice dealerprice buyprice "
            "resellerprice purchaseprice specialprice msrp rrp srp retailprice adviesprijs preisnetto "
            "preisbrutto bruttopreis grossprice brutoprijs prixttc priceinclvat priceincvat",
            ColumnKind.MONEY,
        ),
        ListColumn(
            "monthly_price",
            "Price per month",
            "monthly monthlyprice permonth pricepermonth mrc monatlich monatspreis permaand maandprijs "
            "mensuel parmois",
            ColumnKind.MONEY,
        ),
        ListColumn(
            "price_quantity",
            "How many the price is for",
            "priceunit preiseinheit pe priceper priceperquantity pricequantity prijseenheid prijsper "
            "uniteprix quantiteprix",
            ColumnKind.COUNT,
        ),
        ListColumn(
            "term_months",
            "Term",
            "term months termmonths contractterm laufzeit looptijd duree",
            ColumnKind.MONTHS,
        ),
        ListColumn(
            "size", "Size", "size storage capacity grosse groesse maat taille memory", ColumnKind.TEXT, 40
        ),
        ListColumn("color", "Color", "color colour farbe kleur couleur", ColumnKind.TEXT, 40),
        ListColumn(
            "mobile_carrier", "Carrier", "carrier mobilecarrier network provider netz", ColumnKind.TEXT, 60
        ),
        ListColumn(
            "max_handsets",
            "Handsets it takes",
            "maxhandsets handsetsmax maxnumberofhandsets handsetsittakes",
            ColumnKind.COUNT,
        ),
        ListColumn(
            "colors",
            "Colors to choose from",
            "colors colours colorchoices availablecolors farben kleuren couleurs colores",
            ColumnKind.TEXT,
            1_000,
        ),
        ListColumn(
            "fits",
            "Fits (SKUs)",
            "fits fitsskus fitsdevices compatiblewith compatibility passtzu passendfur geschiktvoor "
            "pastbij compatibleavec",
            ColumnKind.TEXT,
            10_000,
        ),
    ),
    needs=(("sku",),),
    missing="Say which column holds the SKUs.",
    max_rows=2_000,
)
