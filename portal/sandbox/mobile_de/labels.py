"""What buyers read for the members of an ad: German labels and units."""

from __future__ import annotations

BOOKINGS = {
    "EYE_CATCHER": "Blickfänger",
    "TOP_OF_PAGE": "Top-Inserat",
    "PAGE_ONE_AD": "Seite-1-Inserat",
    "RED_PENCIL": "Rotstiftpreis",
    "EBAY_EXPORT": "Kleinanzeigen",
}
ENUMS = {
    "category": "Kategorie",
    "condition": "Zustand",
    "usageType": "Verwendung",
    "fuel": "Kraftstoff",
    "gearbox": "Getriebe",
    "driveType": "Antrieb",
    "doors": "Türen",
    "exteriorColor": "Farbe",
    "interiorColor": "Innenfarbe",
    "interiorType": "Polster",
    "emissionClass": "Schadstoffklasse",
    "emissionSticker": "Umweltplakette",
    "countryVersion": "Länderversion",
    "batteryOwnership": "Batterie",
}
PLAIN = {
    "trimLine": "Ausstattungslinie",
    "manufacturerColorName": "Farbe (Hersteller)",
    "seats": "Sitzplätze",
    "cylinder": "Zylinder",
    "numberOfGears": "Gänge",
    "numberOfPreviousOwners": "Fahrzeughalter",
    "constructionYear": "Baujahr",
    "vin": "Fahrgestellnummer",
}
UNITS = {
    "cubicCapacity": ("Hubraum", "cm³"),
    "weight": ("Leergewicht", "kg"),
    "fuelTankVolume": ("Tankvolumen", "l"),
    "trailerLoadBraked": ("Anhängelast gebremst", "kg"),
    "trailerLoadUnbraked": ("Anhängelast ungebremst", "kg"),
    "payload": ("Zuladung", "kg"),
    "seatbeltSeats": ("Sitzplätze mit Gurt", ""),
    "standingHeight": ("Stehhöhe", "cm"),
    "lastMaintenanceDate": ("Letzte Inspektion", ""),
    "range": ("Elektrische Reichweite", "km"),
    "equivalentAllElectricRange": ("Elektrische Reichweite (EAER)", "km"),
    "batteryCapacity": ("Batteriekapazität", "kWh"),
}
ENERGY = {
    "consumptions.fuel.combined": ("Kraftstoffverbrauch kombiniert", "l/100 km"),
    "consumptions.power.combined": ("Stromverbrauch kombiniert", "kWh/100 km"),
    "consumptions.weightedCombinedFuel": ("Kraftstoffverbrauch gewichtet, kombiniert", "l/100 km"),
    "consumptions.weightedCombinedPower": ("Stromverbrauch gewichtet, kombiniert", "kWh/100 km"),
    "emissions.combined.co2": ("CO₂-Emissionen kombiniert", "g/km"),
    "emissions.combined.co2Class": ("CO₂-Klasse", ""),
    "emissions.discharged.co2Class": ("CO₂-Klasse bei entladener Batterie", ""),
}
YES = {
    "accidentDamaged": "Unfallfahrzeug",
    "damageUnrepaired": "Unreparierter Schaden",
    "fullServiceHistory": "Scheckheftgepflegt",
    "hybridPlugin": "Plug-in-Hybrid",
    "matteColor": "Mattlack",
    "metallic": "Metallic",
    "newHuAu": "HU/AU neu",
    "newService": "Inspektion neu",
    "nonSmokerVehicle": "Nichtraucherfahrzeug",
    "particulateFilterDiesel": "Partikelfilter",
    "warranty": "Garantie",
}
EQUIPMENT = ("climatisation", "airbag", "parkingAssistants", "radio", "speedControl", "headlightType")
MORE_EQUIPMENT = ("daytimeRunningLamps", "bendingLightsType", "trailerCouplingType", "breakdownService")
HEADINGS = {"parkingAssistants": "Einparkhilfe"}
