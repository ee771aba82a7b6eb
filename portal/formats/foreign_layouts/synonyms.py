"""What dealer systems call their columns, in German and English, by what the column can mean.

A name is compared without case, umlauts, blanks and signs; a unit in brackets or at its end says in which
unit the column is. `net` prices and other currencies are no synonym of ours, on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from portal.vehicle_facts.equipment import CRITERIA
from portal.vehicle_facts.registry import REGISTRY
from portal.vehicle_facts.spelling import folded

FEATURE = "equipment.features:"
"""Begins the name of what a column of yes and no says of one search criterion; its code follows."""
POWER_IN_PS = "power:ps"

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "offer_number": (
        *("Interne Nummer", "Fahrzeugnummer", "Fahrzeug-Nr.", "Fzg-Nr.", "Fzg.Nr.", "Angebotsnummer"),
        *(
            "Angebots-Nr.",
            "Bestandsnummer",
            "Bestandsnr",
            "Lagernummer",
            "Lager-Nr.",
            "Wagennummer",
            "Nummer",
        ),
        *("interne Nr.", "Internenummer", "Inseratsnummer", "Stock number", "Stock no", "Stock", "Stock id"),
        *(
            "Vehicle id",
            "Vehicle number",
            "internal number",
            "offer number",
            "id",
            "SKU",
            "Nr.",
            "unit number",
        ),
        *("Fahrzeug-ID", "Artikelnummer", "reference", "Referenz", "ref", "internal id"),
    ),
    "vin": (
        *("FIN", "VIN", "Fahrgestellnummer", "Fahrgestell-Nr.", "FG-Nr.", "Fahrzeugidentnummer", "Chassis"),
        *("Fahrzeug-Identifizierungsnummer", "Fahrgestellnr", "VIN code", "VIN number", "Chassis number"),
        *("Ident-Nr.", "vehicle identification number", "FIN/VIN", "VIN/FIN", "Fahrzeugident"),
    ),
    "hsn": ("HSN", "KBA HSN", "Herstellerschlüssel", "Herstellerschlüsselnummer", "zu 2.1", "zu 2"),
    "tsn": ("TSN", "KBA TSN", "Typschlüssel", "Typschlüsselnummer", "zu 2.2", "zu 3"),
    "kind": ("Fahrzeugart", "Zustand", "Fahrzeugzustand", "Condition", "Vehicle condition", "Art", "Usage"),
    "vehicle_class": ("Fahrzeugklasse", "Vehicle class", "Vehicle type", "Fahrzeugtyp"),
    "body_type": (
        *(
            "Karosserie",
            "Karosserieform",
            "Aufbau",
            "Aufbauart",
            "Body",
            "Body type",
            "Body style",
            "Kategorie",
        ),
        *("Bauform", "Category", "Bodytype"),
    ),
    "make": ("Marke", "Hersteller", "Fabrikat", "Make", "Brand", "Manufacturer", "Automarke"),
    "model": ("Modell", "Model", "Modellname", "Baureihe/Modell", "Model name"),
    "model_description": (
        *("Modellbeschreibung", "Bezeichnung", "Modellbezeichnung", "Titel", "Überschrift", "Headline"),
        *("Title", "Version", "Variante", "Typ", "Typbezeichnung", "Model description", "Modellvariante"),
        *("Fahrzeugbezeichnung", "Inseratstitel"),
    ),
    "trim_line": ("Ausstattungslinie", "Trim", "Trim line", "Ausstattungsvariante", "Linie", "Trim level"),
    "model_range": ("Modellreihe", "Baureihe", "Model range", "Series"),
    "first_registration": (
        *(
            "Erstzulassung",
            "EZ",
            "Zulassung",
            "Zulassungsdatum",
            "Datum Erstzulassung",
            "Erstzul.",
            "Erstzul",
        ),
        *(
            "First registration",
            "Registration date",
            "Registration",
            "Reg date",
            "EZ Datum",
            "Erstzulassungsdatum",
        ),
        *("first registration date",),
    ),
    "construction_year": ("Baujahr", "Year of construction", "Construction year", "Build year", "BJ"),
    "mileage": (
        *(
            "Kilometerstand",
            "Kilometer",
            "Laufleistung",
            "KM-Stand",
            "KM",
            "Mileage",
            "Odometer",
            "Tachostand",
        ),
        *("km Stand", "Laufleistung km", "Mileage km", "gelaufene Kilometer"),
    ),
    "country_version": ("Länderversion", "Country version", "Landesversion"),
    "stock_date": ("Standdatum", "Im Bestand seit", "Zugang", "Zugangsdatum", "Stock date", "Einkaufsdatum"),
    "contact": ("Ansprechpartner", "Verkäufer", "Contact", "Salesperson", "Kontakt", "Berater"),
    "fuel": ("Kraftstoff", "Kraftstoffart", "Treibstoff", "Fuel", "Fuel type", "Antriebsart", "Motorart"),
    "hybrid": ("Hybridart", "Hybrid", "Hybrid type", "Hybridtyp"),
    "power": ("Leistung", "kW", "Motorleistung", "Power", "Leistung kW", "Power kW", "Engine power"),
    POWER_IN_PS: ("PS", "Leistung PS", "Power PS", "HP", "Horsepower", "Power HP", "bhp", "Motorleistung PS"),
    "displacement": (
        *(
            "ccm",
            "cm³",
            "Displacement",
            "Engine size",
            "Engine capacity",
            "Hubraum ccm",
            "Cubic capacity",
        ),
    ),
    "gearbox": ("Getriebe", "Getriebeart", "Gearbox", "Transmission", "Schaltung", "Gear type"),
    "gears": ("Gänge", "Anzahl Gänge", "Gears", "Ganganzahl"),
    "drive": ("Antrieb", "Antriebsräder", "Drive", "Drivetrain", "Drive type", "Wheel drive", "Allrad"),
    "cylinders": ("Zylinder", "Cylinders", "Anzahl Zylinder", "Zylinderzahl"),
    "doors": ("Türen", "Anzahl Türen", "Türanzahl", "Doors", "Tür", "Number of doors", "Türenanzahl"),
    "seats": ("Sitze", "Sitzplätze", "Anzahl Sitze", "Seats", "Sitzplatzanzahl", "Number of seats"),
    "tank_volume": ("Tankvolumen", "Tankinhalt", "Tank", "Tank volume"),
    "weight": ("Leergewicht", "Gewicht", "Weight", "Kerb weight"),
    "trailer_load_braked": ("Anhängelast gebremst", "Anhängelast", "Trailer load braked"),
    "trailer_load_unbraked": ("Anhängelast ungebremst", "Trailer load unbraked"),
    "payload": ("Zuladung", "Nutzlast", "Payload"),
    "belted_seats": ("Sitzplätze mit Gurt", "Gurtplätze", "Belted seats", "Seatbelt seats"),
    "standing_height": ("Stehhöhe", "Standing height", "Headroom"),
    "colour": (
        *(
            "Farbe",
            "Außenfarbe",
            "Color",
            "Colour",
            "Exterior color",
            "Exterior colour",
            "Grundfarbe",
            "Lack",
        ),
        *("Farbe außen", "Lackfarbe"),
    ),
    "colour_name": (
        "Farbbezeichnung",
        "Herstellerfarbe",
        "Farbname",
        "Colour name",
        "Color name",
        "Lackierung",
    ),
    "metallic": ("Metallic", "Metallic-Lackierung"),
    "interior_colour": ("Innenfarbe", "Farbe innen", "Interior color", "Interior colour", "Polsterfarbe"),
    "interior_type": ("Polster", "Polsterung", "Innenausstattung", "Interior", "Upholstery", "Bezug"),
    "prices.selling": (
        *("Preis", "Verkaufspreis", "Bruttopreis", "Preis brutto", "VK", "VK brutto", "VK-Preis", "Price"),
        *(
            "Endpreis",
            "Angebotspreis",
            "Selling price",
            "Sales price",
            "Retail price",
            "Gross price",
            "Barpreis",
        ),
        *("Verkaufspreis brutto", "Hauspreis", "Preis EUR", "Price EUR", "VKP", "Endkundenpreis"),
    ),
    "prices.promo": ("Aktionspreis", "Sonderpreis", "Promo price", "Special price", "Aktionspreis brutto"),
    "prices.dealer": (
        "Händlerpreis",
        "Dealer price",
        "Wiederverkäuferpreis",
        "Trade price",
        "Händlerpreis brutto",
    ),
    "prices.msrp": (
        "UVP",
        "UPE",
        "Neupreis",
        "Listenpreis",
        "MSRP",
        "List price",
        "unverbindliche Preisempfehlung",
    ),
    "prices.taxation": (
        *("Besteuerung", "Besteuerungsart", "MwSt. ausweisbar", "Steuerart", "Taxation", "VAT type", "MwSt"),
        *("Differenzbesteuerung", "VAT reclaimable", "VAT deductible", "Mehrwertsteuer", "Ust", "VAT"),
    ),
    "prices.vat_rate": ("MwSt-Satz", "Steuersatz", "VAT rate", "Mehrwertsteuersatz", "USt-Satz"),
    "emission_class": (
        *("Schadstoffklasse", "Abgasnorm", "Euronorm", "Emission class", "Emissionsklasse", "Euro-Norm"),
        *("Emission standard", "Schadstoffnorm"),
    ),
    "emission_sticker": ("Umweltplakette", "Plakette", "Feinstaubplakette", "Emission sticker"),
    "particulate_filter": ("Partikelfilter", "DPF", "Particulate filter"),
    "energy.co2": ("CO2", "CO2-Emission", "CO2-Emissionen", "CO2 kombiniert", "CO2 g/km", "CO2 Ausstoß"),
    "energy.co2_class": ("CO2-Klasse", "CO2 class", "Effizienzklasse"),
    "energy.fuel.combined": (
        *("Verbrauch", "Verbrauch kombiniert", "Kraftstoffverbrauch", "Kraftstoffverbrauch kombiniert"),
        *("Consumption", "Consumption combined", "Fuel consumption", "Fuel consumption combined"),
    ),
    "energy.power.combined": ("Stromverbrauch", "Stromverbrauch kombiniert", "Power consumption"),
    "energy.electric_range": (
        "Reichweite",
        "Elektrische Reichweite",
        "Electric range",
        "Range",
        "WLTP Reichweite",
    ),
    "damaged": ("Beschädigt", "Schaden", "Damaged", "Unfallschaden unrepariert"),
    "accident": ("Unfall", "Unfallfahrzeug", "Unfallwagen", "Accident", "Had accident"),
    "roadworthy": ("Fahrbereit", "Fahrtauglich", "Roadworthy"),
    "previous_owners": (
        "Vorbesitzer",
        "Anzahl Vorbesitzer",
        "Halter",
        "Anzahl Halter",
        "Owners",
        "Previous owners",
    ),
    "inspection_due": (
        "HU",
        "TÜV",
        "HU/AU",
        "HU bis",
        "TÜV bis",
        "nächste HU",
        "HU fällig",
        "General inspection",
    ),
    "last_maintenance": ("Letzte Inspektion", "Letzter Service", "Letzte Wartung", "Last maintenance"),
    "service_history": ("Scheckheft", "Scheckheftgepflegt", "Service history", "Full service history"),
    "warranty": ("Garantie", "Warranty", "Gebrauchtwagengarantie"),
    "non_smoker": ("Nichtraucher", "Nichtraucherfahrzeug", "Non smoker"),
    "reserved": ("Reserviert", "Reserved"),
    "sold": ("Verkauft", "Sold"),
    "equipment.features": (
        *("Ausstattung", "Equipment", "Features", "Ausstattungsmerkmale", "Sonderausstattung", "Extras"),
        *("Ausstattungen", "Options", "Ausstattungsliste"),
    ),
    "description": (
        *(
            "Beschreibung",
            "Bemerkung",
            "Bemerkungen",
            "Description",
            "Text",
            "Freitext",
            "Langtext",
            "Remarks",
        ),
        *("Fahrzeugbeschreibung", "Notes", "Inseratstext", "Comment", "Kommentar"),
    ),
}

KNOWN_MAKES = frozenset(
    map(
        folded,
        (
            *("Abarth", "Alfa Romeo", "Alpine", "Aston Martin", "Audi", "Bentley", "BMW", "BYD", "Chevrolet"),
            *("Chrysler", "Citroën", "Cupra", "Dacia", "Daihatsu", "Dodge", "DS", "Ferrari", "Fiat", "Ford"),
            *("Genesis", "Honda", "Hyundai", "Infiniti", "Isuzu", "Iveco", "Jaguar", "Jeep", "Kia", "Lada"),
            *("Lamborghini", "Lancia", "Land Rover", "Lexus", "Lynk & Co", "MAN", "Maserati", "Mazda"),
            *(
                "Mercedes-Benz",
                "Mercedes",
                "MG",
                "MINI",
                "Mitsubishi",
                "Nissan",
                "Opel",
                "Peugeot",
                "Polestar",
            ),
            *("Porsche", "Renault", "Rolls-Royce", "Rover", "Saab", "Seat", "Skoda", "smart", "SsangYong"),
            *("Subaru", "Suzuki", "Tesla", "Toyota", "Volkswagen", "Volvo", "VW", "XPeng"),
        ),
    )
)
"""By which a column of makes is told."""
_UNITS = re.compile(
    r"\s*[\[(]?\s*(?:€|eur|euro|km|ccm|cm³|cm3|g/km|l/100\s?km|kwh/100\s?km|kg|kw|ps|hp|l)\s*[\])]?\s*\Z",
    re.I,
)
_IN_PS = re.compile(r"(?<![a-z])(?:ps|hp|bhp)(?![a-z])", re.I)


def _table() -> Mapping[str, str]:
    """By the folded name; labels of ours are names as well, the words of the list go before them."""
    found: dict[str, str] = {}
    for target, names in SYNONYMS.items():
        for name in names:
            found.setdefault(folded(name), target)
    for attribute in REGISTRY:
        if attribute.group.startswith(("financing", "leasing", "equipment")):
            continue
        for name in (attribute.label, attribute.public_term, attribute.heading, attribute.name):
            found.setdefault(folded(name), attribute.name)
    for criterion in CRITERIA:
        for name in (criterion.label, criterion.code):
            found.setdefault(folded(name), FEATURE + criterion.code)
    return found


_TARGETS = _table()


def meaning_of(name: str) -> str | None:
    """What a column of this name means, None where it is no name that we know.

    `Leistung (PS)`, `Preis in €`, `Kilometerstand [km]`.
    """
    if target := _TARGETS.get(folded(name)):
        return target
    bare = _UNITS.sub("", name)
    target = _TARGETS.get(folded(bare)) or _TARGETS.get(folded(bare.removesuffix(" in").rstrip(" [(")))
    return POWER_IN_PS if target == "power" and _IN_PS.search(name) else target


def is_known_heading(cell: str) -> bool:
    return 1 < len(cell) <= 60 and meaning_of(cell) is not None
