"""The platform's field names beside ours and their German labels: one table for errors, hints
and field differences."""

from __future__ import annotations

import re

# path in the ad → (our field, German label)
FIELDS: dict[str, tuple[str, str]] = {
    "internalNumber": ("offer_number", "Fahrzeugnummer"),
    "vin": ("vin", "Fahrgestellnummer"),
    "kba": ("hsn", "HSN/TSN"),
    "kba.hsn": ("hsn", "HSN"),
    "kba.tsn": ("tsn", "TSN"),
    "vehicleClass": ("vehicle_class", "Fahrzeugart"),
    "category": ("body_type", "Karosserieform"),
    "make": ("make", "Marke"),
    "model": ("model", "Modell"),
    "modelDescription": ("model_description", "Modellbezeichnung"),
    "trimLine": ("trim_line", "Ausstattungslinie"),
    "modelRange": ("model_range", "Modellreihe"),
    "condition": ("kind", "Zustand"),
    "usageType": ("kind", "Verwendung"),
    "firstRegistration": ("first_registration", "Erstzulassung"),
    "constructionYear": ("construction_year", "Baujahr"),
    "generalInspection": ("inspection_due", "HU gültig bis"),
    "newHuAu": ("inspection_new", "HU/AU neu"),
    "newService": ("service_new", "Inspektion neu"),
    "mileage": ("mileage", "Kilometerstand"),
    "power": ("power", "Leistung"),
    "cubicCapacity": ("displacement", "Hubraum"),
    "cylinder": ("cylinders", "Zylinder"),
    "numberOfGears": ("gears", "Gänge"),
    "fuel": ("fuel", "Kraftstoff"),
    "hybridPlugin": ("hybrid", "Plug-in-Hybrid"),
    "gearbox": ("gearbox", "Getriebe"),
    "driveType": ("drive", "Antrieb"),
    "doors": ("doors", "Türen"),
    "seats": ("seats", "Sitzplätze"),
    "fuelTankVolume": ("tank_volume", "Tankvolumen"),
    "weight": ("weight", "Leergewicht"),
    "trailerLoadBraked": ("trailer_load_braked", "Anhängelast gebremst"),
    "trailerLoadUnbraked": ("trailer_load_unbraked", "Anhängelast ungebremst"),
    "exteriorColor": ("colour", "Außenfarbe"),
    "manufacturerColorName": ("colour_name", "Farbname des Herstellers"),
    "metallic": ("metallic", "Metallic"),
    "matteColor": ("matt", "Mattlack"),
    "interiorColor": ("interior_colour", "Innenfarbe"),
    "interiorType": ("interior_type", "Polster"),
    "emissionClass": ("emission_class", "Schadstoffklasse"),
    "emissionSticker": ("emission_sticker", "Umweltplakette"),
    "particulateFilterDiesel": ("particulate_filter", "Partikelfilter"),
    "numberOfPreviousOwners": ("previous_owners", "Vorbesitzer"),
    "damageUnrepaired": ("damaged", "Unreparierter Schaden"),
    "accidentDamaged": ("accident", "Unfallfahrzeug"),
    "roadworthy": ("roadworthy", "Fahrtauglich"),
    "warranty": ("warranty", "Garantie"),
    "nonSmokerVehicle": ("non_smoker", "Nichtraucherfahrzeug"),
    "fullServiceHistory": ("service_history", "Scheckheftgepflegt"),
    "countryVersion": ("country_version", "Länderversion"),
    "reserved": ("reserved", "Reserviert"),
    "price": ("prices.selling", "Preis"),
    "price.type": ("prices.on_request", "Preisart"),
    "price.currency": ("prices.selling", "Währung"),
    "price.consumerPriceGross": ("prices.selling", "Preis (brutto)"),
    "price.dealerPriceGross": ("prices.dealer", "Händlerpreis (brutto)"),
    "price.vatRate": ("prices.taxation", "MwSt.-Satz"),
    "emissions": ("energy.co2", "CO₂-Emissionen"),
    "emissions.combined.co2": ("energy.co2", "CO₂-Emissionen kombiniert"),
    "emissions.combined.co2Class": ("energy.co2_class", "CO₂-Klasse"),
    "emissions.discharged.co2": ("energy.co2_discharged", "CO₂-Emissionen bei entladener Batterie"),
    "emissions.discharged.co2Class": ("energy.co2_class_discharged", "CO₂-Klasse bei entladener Batterie"),
    "consumptions": ("energy.fuel.combined", "Verbrauch"),
    "consumptions.fuel.combined": ("energy.fuel.combined", "Kraftstoffverbrauch kombiniert"),
    "consumptions.fuel.city": ("energy.fuel.city", "Kraftstoffverbrauch Innenstadt"),
    "consumptions.fuel.suburban": ("energy.fuel.suburban", "Kraftstoffverbrauch Stadtrand"),
    "consumptions.fuel.rural": ("energy.fuel.rural", "Kraftstoffverbrauch Landstraße"),
    "consumptions.fuel.highway": ("energy.fuel.highway", "Kraftstoffverbrauch Autobahn"),
    "consumptions.power.combined": ("energy.power.combined", "Stromverbrauch kombiniert"),
    "consumptions.power.city": ("energy.power.city", "Stromverbrauch Innenstadt"),
    "consumptions.power.suburban": ("energy.power.suburban", "Stromverbrauch Stadtrand"),
    "consumptions.power.rural": ("energy.power.rural", "Stromverbrauch Landstraße"),
    "consumptions.power.highway": ("energy.power.highway", "Stromverbrauch Autobahn"),
    "consumptions.weightedCombinedFuel": ("energy.weighted_fuel", "Kraftstoffverbrauch gewichtet kombiniert"),
    "consumptions.weightedCombinedPower": ("energy.weighted_power", "Stromverbrauch gewichtet kombiniert"),
    "range": ("energy.electric_range", "Elektrische Reichweite"),
    "equivalentAllElectricRange": ("energy.electric_range", "Elektrische Reichweite (EAER)"),
    "electricRange": ("energy.electric_range", "Elektrische Reichweite"),
    "electricRangeCity": ("battery.range_city", "Elektrische Reichweite innerorts"),
    "electricEnergyConsumption": ("energy.power.combined", "Stromverbrauch"),
    "batteryCapacity": ("battery.capacity", "Batteriekapazität"),
    "batteryOwnership": ("battery.ownership", "Batterie"),
    "batteryRentalPrice": ("battery.rental_price", "Batteriemiete"),
    "batteryCertificate": ("battery.certificate", "Batteriezertifikat"),
    "batteryWarranty": ("battery.warranty", "Batteriegarantie"),
    "plugTypes": ("battery.plug_types", "Steckertyp"),
    "chargingTime": ("battery.charging_time", "Ladezeit"),
    "chargingTimeQuick": ("battery.quick_charging_time", "Schnellladezeit"),
    "description": ("description", "Beschreibung"),
    "highlights": ("highlights", "Highlights"),
    "images": ("images", "Bilder"),
    "financing": ("financing", "Finanzierung"),
    "leasing": ("leasing", "Leasing"),
    "mobileFeatures": ("bookings", "Zusatzbuchungen"),
    "climatisation": ("equipment.features", "Klimatisierung"),
    "airbag": ("equipment.features", "Airbags"),
    "parkingAssistants": ("equipment.features", "Einparkhilfe"),
    "radio": ("equipment.features", "Radio"),
    "speedControl": ("equipment.features", "Tempomat"),
    "headlightType": ("equipment.features", "Scheinwerfer"),
    "daytimeRunningLamps": ("equipment.features", "Tagfahrlicht"),
    "bendingLightsType": ("equipment.features", "Kurvenlicht"),
    "trailerCouplingType": ("equipment.features", "Anhängerkupplung"),
    "breakdownService": ("equipment.features", "Pannenhilfe"),
}

LABELS: dict[str, str] = {path: label for path, (_, label) in FIELDS.items()}
_OURS: dict[str, str] = {}
for _field, _label in FIELDS.values():
    _OURS.setdefault(_field, _label)
_OURS |= {"prices.selling": "Preis", "energy.electric_range": "Elektrische Reichweite"}

_INDEX = re.compile(r"\[\d*\]")
_HYPHEN = re.compile(r"[-_]([a-z0-9])")
_HEADS = ("ad.", "vehicle.", "$.")


def label_of(field: str) -> str:
    """The label of one of our fields; the name itself for an unknown one."""
    return _OURS.get(field, field)


def canonical(path: str) -> str:
    """`ad.vehicle.model-description` and `images[0].ref` in the spelling of the ad object."""
    name = _INDEX.sub("", path.strip()).replace("/", ".").strip(".")
    for head in _HEADS:
        name = name.removeprefix(head)
    return _HYPHEN.sub(lambda m: m.group(1).upper(), name)


def our_field(path: str) -> str | None:
    """Our field for a path in the ad; the nearest parent's when the path itself is not known."""
    name = canonical(path)
    while name:
        if name in FIELDS:
            return FIELDS[name][0]
        name = name.rpartition(".")[0]
    tail = canonical(path).rpartition(".")[2]
    return FIELDS[tail][0] if tail in FIELDS else None


def label_at(path: str) -> str:
    """What a dealer calls a path of the ad; empty for an unknown one."""
    name = canonical(path)
    tail = name.rpartition(".")[2]
    return LABELS.get(name) or LABELS.get(tail, "")
