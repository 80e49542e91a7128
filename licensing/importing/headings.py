"""Headings that other programs and people put above a column, in English and German.

Case, spaces and punctuation do not count. Bars separate the headings.
"""

from collections.abc import Mapping

_HEADINGS = {
    "publisher": "vendor|manufacturer|licensor|software publisher|hersteller|anbieter|lizenzgeber|verlag",
    "product": (
        "product name|software|software name|application|title|licence|license|produktname|produkt|"
        "anwendung|programm|softwareprodukt|artikel|bezeichnung|lizenz"
    ),
    "edition": "variant|plan|tier|ausgabe|variante",
    "metric": "licence metric|license metric|unit of measure|counted by|lizenzmetrik|metrik|zählweise",
    "quantity": (
        "qty|count|number of licences|number of licenses|licences|licenses|seats|menge|anzahl|"
        "stückzahl|anzahl lizenzen|lizenzanzahl|lizenzen|cores|plätze|kerne"
    ),
    "rights_per_unit": "pack size|rights per pack|seats per unit|packgröße|rechte je einheit|lizenzen je paket",
    "model": "model|licence model|license model|licence type|license type|lizenzmodell|lizenzart|lizenztyp|modell",
    "start": (
        "start date|valid from|from|begin|term start|purchase date|effective date|beginn|gültig ab|"
        "gültig von|von|laufzeitbeginn|vertragsbeginn|kaufdatum|startdatum"
    ),
    "end": (
        "end date|valid until|valid to|until|expires|expiry|expiry date|expiration date|term end|ende|"
        "gültig bis|bis|laufzeitende|vertragsende|ablaufdatum|enddatum"
    ),
    "maintenance_until": (
        "maintenance end|maintenance expires|support until|support end|software assurance until|"
        "wartung bis|wartungsende|support bis|pflege bis"
    ),
    "agreement_number": (
        "agreement|agreement no|contract|contract number|contract no|contract id|vertrag|vertragsnummer|"
        "vertrags-nr|rahmenvertrag"
    ),
    "notice_days": (
        "notice|notice period|notice period days|kündigungsfrist|kündigungsfrist tage|"
        "kündigungsfrist in tagen|frist tage"
    ),
    "auto_renew": (
        "auto renew|auto-renewal|automatic renewal|renews automatically|verlängert sich|"
        "verlängert sich automatisch|automatische verlängerung"
    ),
    "purchase_order": "po|po number|po no|purchase order number|order number|bestellung|bestellnummer|bestell-nr",
    "invoice": "invoice number|invoice no|bill|rechnung|rechnungsnummer|rechnungs-nr|re-nr|beleg",
    "sku": "part number|part no|article number|item number|artikelnummer|artikel-nr|art-nr",
    "unit_price": "price|price per unit|unit cost|cost per unit|einzelpreis|stückpreis|preis|preis je einheit",
    "currency": "curr|iso currency|währung|whg",
    "billing_period": "billing|billing cycle|payment period|per|abrechnung|abrechnungszeitraum|zahlweise|turnus",
    "cost_centre": "cost center|department|kostenstelle|kst|abteilung",
    "evidence": "evidence reference|document|proof|proof of purchase|nachweis|dokument|ablage|aktenzeichen",
    "user_name": (
        "user|username|login|account|user id|userid|assigned to|assigned user|upn|benutzer|benutzername|"
        "anmeldename|nutzer|kennung|benutzerkennung|zugewiesen an"
    ),
    "email": "email address|mail|e-mail-adresse|mailadresse",
    "employee_number": "employee id|employee no|staff number|personnel number|personalnummer|personal-nr|mitarbeiternr",
    "hostname": (
        "host|device|device name|computer|computer name|workstation|machine|asset name|gerät|gerätename|"
        "rechner|rechnername|computername"
    ),
    "serial_number": "serial|serial no|asset serial|seriennummer|serien-nr|sn",
    "external_holder": (
        "external|contractor|partner|external user|extern|externer inhaber|externer nutzer|dienstleister|externe firma"
    ),
    "since": (
        "assigned|assigned on|assigned since|assignment date|start|start date|installed on|seit|"
        "zugewiesen am|zugeteilt am|beginn|installiert am"
    ),
    "reason": "justification|comment|note|remark|grund|begründung|bemerkung|kommentar",
    "last_used": (
        "last use|last sign-in|last login|last activity|last seen|zuletzt genutzt|zuletzt benutzt|zuletzt verwendet|"
        "letzte nutzung|letzte anmeldung|zuletzt aktiv"
    ),
}

HEADINGS: Mapping[str, tuple[str, ...]] = {field: tuple(headings.split("|")) for field, headings in _HEADINGS.items()}
