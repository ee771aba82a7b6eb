"""Members of a listing: which types of vehicle may have them, and what may stand in them."""

from __future__ import annotations

from datetime import date

CAR, BIKE, VAN, CARAVAN, TRAILER = "C", "B", "X", "N", "L"

MANDATORY = ("vehicleType", "make", "offerType", "availability", "publication", "bodyType", "prices")
MANDATORY_FOR = {"model": "CB", "modelName": "XNL"}
MANDATORY_REGISTERED = {"firstRegistrationDate": "CBX", "mileage": "CBX"}
"""When the offer type is one of those that have been on the road."""
REGISTERED = ("J", "O", "S", "U")

FORBIDDEN = {
    "model": "XNL",
    "modelName": "CB",
    "mileage": "L",
    **dict.fromkeys(
        (
            "additionalFuelTypes",
            "belgianCarpassMileageUrl",
            "co2Emissions",
            "consumption",
            "cylinderCapacity",
            "cylinderCount",
            "drivetrain",
            "eCode",
            "euEmissionStandard",
            "fuelCategory",
            "gearCount",
            "hasParticleFilter",
            "isMetallic",
            "isNonSmoking",
            "lastCamBeltServiceDate",
            "power",
            "primaryFuelType",
            "seatCount",
            "transmission",
            "upholsteryColor",
            "upholsteryType",
            "wltp",
        ),
        "L",
    ),
    **dict.fromkeys(("efficiencyClass", "germanEmissionsSticker"), "BL"),
    **dict.fromkeys(("grossVehicleWeight", "payload", "axleCount"), "CB"),
    **dict.fromkeys(
        ("loadHeight", "loadLength", "loadWidth", "loadVolume", "europalletStorageSpaces"), "CBN"
    ),
    **dict.fromkeys(("frontAxleWeightRating", "rearAxleWeightRating"), "CBN"),
    **dict.fromkeys(("wheelbase", "maximumTowingWeight"), "CBL"),
    **dict.fromkeys(("totalHeight", "totalLength", "totalWidth", "bedCount"), "CBXL"),
    "hasCarRegistration": "CBL",
    "wasCabOrRental": "BNL",
    "drivingMode": "CXNL",
    "engineHours": "CN",
}

INTEGERS: dict[str, tuple[int, int]] = {
    "alloyWheelSize": (10, 26),
    "axleCount": (1, 6),
    "bedCount": (0, 9),
    "co2Emissions": (0, 10_000),
    "cylinderCapacity": (1, 99_999),
    "cylinderCount": (1, 99),
    "doorCount": (1, 9),
    "electricRange": (1, 10_000),
    "electricRangeCity": (1, 10_000),
    "emptyWeight": (1, 99_999),
    "engineHours": (0, 1_000_000),
    "europalletStorageSpaces": (0, 1_000),
    "frontAxleWeightRating": (1, 100_000),
    "gearCount": (1, 99),
    "grossVehicleWeight": (1, 9_999_999),
    "loadHeight": (1, 9_999_999),
    "loadLength": (1, 9_999_999),
    "loadWidth": (1, 9_999_999),
    "maximumTowingWeight": (1, 9_999_999),
    "mileage": (0, 9_999_999),
    "payload": (0, 9_999_999),
    "power": (1, 9_999),
    "previousOwnerCount": (0, 99),
    "rearAxleWeightRating": (1, 100_000),
    "seatCount": (1, 99),
    "totalHeight": (1, 9_999_999),
    "totalLength": (1, 9_999_999),
    "totalWidth": (1, 9_999_999),
    "warranty": (0, 999),
    "wheelbase": (1, 9_999_999),
    "battery.capacity": (0, 999_999),
    "battery.chargingTime": (1, 1_439),
    "battery.chargingTime10to80Minutes": (1, 25_200),
    "battery.warrantyPeriod": (1, 99),
    "battery.warrantyMileage": (1, 999_999),
    "financingOffer.duration": (1, 999),
}
DECIMALS: dict[str, tuple[float, float, int]] = {
    "battery.stateOfHealth": (0.1, 100, 1),
    "loadVolume": (0.01, 100_000, 2),
    "prices.public.vatRate": (0, 100, 1),
    "prices.dealer.vatRate": (0, 100, 1),
    "consumption.combined": (0.1, 99.9, 1),
    "consumption.electricCombined": (0.1, 99.9, 1),
    "costModel.consumptionCosts": (0.1, 10_000, 2),
    "costModel.energyPrice": (0.1, 10_000, 3),
    "costModel.fuelPrice": (0.1, 10_000, 3),
    "costModel.vehicleTax": (0.1, 10_000, 2),
    "financingOffer.annualRate": (0, 99.99, 2),
    "financingOffer.debitInterestRate": (0, 99.99, 2),
    "financingOffer.closingCosts": (0, 999_999.99, 2),
    "financingOffer.endingRate": (0, 999_999.99, 2),
    "financingOffer.grossCreditAmount": (0.01, 999_999_999.99, 2),
    "financingOffer.initialPayment": (0, 999_999.99, 2),
    "financingOffer.monthlyRate": (0, 999_999.99, 2),
    "financingOffer.netCreditAmount": (0, 999_999_999.99, 2),
    "financingOffer.paymentProtectionInsurance": (0, 999_999_999.99, 2),
}
"""Lowest, highest, and the decimals that are kept; more are cut, not rounded."""
TEXTS: dict[str, tuple[int, int]] = {
    "crossReferenceId": (1, 50),
    "offerReferenceId": (1, 50),
    "modelName": (1, 50),
    "vin": (17, 17),
    "hsn": (4, 4),
    "tsn": (3, 3),
    "licencePlate": (1, 10),
    "eCode": (15, 15),
    "natCode": (1, 22),
    "schwackeCode": (1, 22),
    "youtubeVideoUrl": (1, 256),
    "financingOffer.bank": (0, 2_000),
    "marketing.mia.subtitle": (1, 55),
}
CUT = {"modelVersion": 121, "bodyColorName": 30}
"""Longer texts are taken and cut."""
BOOLEANS = (
    "hasCarRegistration",
    "hasFullServiceHistory",
    "hasParticleFilter",
    "hasWarranty",
    "isEUReimport",
    "isMetallic",
    "isNonSmoking",
    "isPluginHybrid",
    "isReserved",
    "wasCabOrRental",
)
MONTHS = (
    "firstRegistrationDate",
    "firstModelsProductionDate",
    "lastCamBeltServiceDate",
    "lastTechnicalServiceDate",
    "nextInspectionDate",
)
NUMBER_REFERENCES = {
    "availability.availabilityType": ("AvailabilityType", "invalid-availability"),
    "bodyColor": ("BodyColor", "invalid-body-color"),
    "bodyType": ("BodyType", "invalid-body-type"),
    "efficiencyClass": ("EfficiencyClass", "invalid-efficiency-class"),
    "germanEmissionsSticker": ("GermanEmissionsSticker", "invalid-german-emissions-sticker"),
    "primaryFuelType": ("FuelType", "invalid-primary-fuel-type"),
    "upholsteryColor": ("UpholsteryColor", "invalid-upholstery-color"),
    "wltp.co2Class": ("Co2Class", "invalid-co-2-class"),
    "wltp.co2ClassDischarged": ("Co2Class", "invalid-co-2-class-discharged"),
    "financingOffer.debitInterestType": ("DebitInterestType", "invalid-debit-interest-type"),
}
TEXT_REFERENCES = {
    "battery.ownershipType": ("BatteryOwnershipType", "invalid-reference"),
    "countryVersion": ("Country", "invalid-country-version"),
    "drivetrain": ("Drivetrain", "invalid-drivetrain"),
    "euEmissionStandard": ("EuEmissionStandard", "invalid-eu-emission-standard"),
    "fuelCategory": ("FuelCategory", "invalid-fuel-category"),
    "offerType": ("OfferType", "invalid-offer-type"),
    "transmission": ("Transmission", "invalid-transmission"),
    "upholsteryType": ("UpholsteryType", "invalid-upholstery-type"),
}
NUMBER_LISTS = {
    "additionalFuelTypes": ("FuelType", "invalid-additional-supported-fuel-types"),
    "equipment": ("Equipment", "invalid-equipment"),
    "includedServices": ("IncludedService", "invalid-included-services"),
}
TEXT_LISTS = {
    "battery.plugTypes": ("PlugType", "invalid-references"),
    "battery.bidirectionalChargingTypes": (
        "BidirectionalChargingType",
        "invalid-bidirectional-charging-types",
    ),
}
WLTP = (
    "co2EmissionsCombined",
    "co2EmissionsCombinedWeighted",
    "co2EmissionsDischarged",
    "consumptionCombined",
    "consumptionCombinedDischarged",
    "consumptionCombinedWeighted",
    "consumptionElectricCombined",
    "consumptionElectricCombinedWeighted",
    *(f"consumption{phase}" for phase in ("City", "Suburban", "Rural", "Highway")),
    *(f"consumptionElectric{phase}" for phase in ("City", "Suburban", "Rural", "Highway")),
    *(f"consumption{phase}Discharged" for phase in ("City", "Suburban", "Rural", "Highway")),
)
"""Numbers with one decimal; beside them the two classes."""
OBJECTS = {
    "availability": ("availabilityType", "deliveryDays", "deliveryDate"),
    "battery": (
        "ownershipType",
        "capacity",
        "chargingTime",
        "chargingTime10to80Minutes",
        "plugTypes",
        "warrantyPeriod",
        "warrantyMileage",
        "stateOfHealth",
        "bidirectionalChargingTypes",
    ),
    "condition": (
        "hadAccident",
        "isCurrentlyDamaged",
        "isRoadworthy",
        "hasRepairedDamages",
        "description",
    ),
    "consumption": ("combined", "electricCombined"),
    "costModel": (
        "co2Costs",
        "consumptionCosts",
        "consumptionCostsYear",
        "energyPrice",
        "fuelPrice",
        "timeFrame",
        "vehicleTax",
    ),
    "financingOffer": (
        "annualRate",
        "bank",
        "closingCosts",
        "currency",
        "debitInterestRate",
        "debitInterestType",
        "duration",
        "endingRate",
        "financingType",
        "grossCreditAmount",
        "initialPayment",
        "monthlyRate",
        "netCreditAmount",
        "paymentProtectionInsurance",
    ),
    "leasingOffers": ("providerId", "offers"),
    "marketing": ("mia", "listingBoost", "exclusiveOffer", "redPencil"),
    "marketing.mia": ("requestedTier", "subtitle"),
    "marketing.listingBoost": ("requested",),
    "prices": ("public", "dealer", "manufacturersSuggestedRetail"),
    "prices.public": (
        "price",
        "currency",
        "isNegotiable",
        "isTaxDeductible",
        "vatRate",
        "netPrice",
        "germanEnvironmentalGrant",
    ),
    "prices.dealer": ("price", "currency", "netPrice", "vatRate"),
    "prices.manufacturersSuggestedRetail": ("price", "currency"),
    "publication": ("status", "channels"),
    "twinner": ("key",),
    "wltp": (*WLTP, "co2Class", "co2ClassDischarged"),
}
OTHERS = (
    "belgianCarpassMileageUrl",
    "description",
    "drivingMode",
    "externalCustomerId",
    "highlights",
    "images",
    "make",
    "model",
    "productionYear",
    "requestedSeals",
    "vehicleType",
)
MEMBERS = frozenset(
    name
    for name in (
        *INTEGERS,
        *DECIMALS,
        *TEXTS,
        *CUT,
        *BOOLEANS,
        *MONTHS,
        *NUMBER_REFERENCES,
        *TEXT_REFERENCES,
        *NUMBER_LISTS,
        *OBJECTS,
        *OTHERS,
    )
    if "." not in name
)
NOT_IN_PATCH = ("leasingOffers", "financingOffer", "highlights")


def months_since(month: str, today: date) -> int:
    """Of a month as `2024-05`; negative for one to come."""
    return (today.year - int(month[:4])) * 12 + today.month - int(month[5:])
