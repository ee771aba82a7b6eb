"""What is written down of mobile.de's values: enumerations with their German labels, words for colours,
names that mean the same make or model.

The platform's own reference lists come first; these stand in where it offers none, and their
labels find the platform's spelling of a value.
"""

from __future__ import annotations

from portal.platforms.common.matching import NameAliases

Pairs = tuple[tuple[str, str], ...]

ENUMS: dict[str, Pairs] = {
    "conditions": (("NEW", "Neufahrzeug"), ("USED", "Gebrauchtfahrzeug")),
    "usagetypes": (
        ("PRE_REGISTRATION", "Tageszulassung"),
        ("EMPLOYEES_CAR", "Jahreswagen"),
        ("CLASSIC", "Oldtimer"),
        ("DEMONSTRATION", "Vorführfahrzeug"),
    ),
    "fuels": (
        ("PETROL", "Benzin"),
        ("DIESEL", "Diesel"),
        ("LPG", "Autogas (LPG)"),
        ("CNG", "Erdgas (CNG)"),
        ("ELECTRICITY", "Elektro"),
        ("HYBRID", "Hybrid (Benzin/Elektro)"),
        ("HYBRID_DIESEL", "Hybrid (Diesel/Elektro)"),
        ("HYDROGENIUM", "Wasserstoff"),
        ("ETHANOL", "Ethanol (FFV, E85 etc.)"),
        ("OTHER", "Andere"),
    ),
    "gearboxes": (
        ("MANUAL_GEAR", "Schaltgetriebe"),
        ("SEMIAUTOMATIC_GEAR", "Halbautomatik"),
        ("AUTOMATIC_GEAR", "Automatik"),
    ),
    "drivetypes": (("FRONT", "Vorderrad"), ("REAR", "Hinterrad"), ("ALL_WHEEL", "Allrad")),
    "doorcounts": (("TWO_OR_THREE", "2/3"), ("FOUR_OR_FIVE", "4/5"), ("SIX_OR_SEVEN", "6/7")),
    "colors": (
        ("BLACK", "Schwarz"),
        ("GREY", "Grau"),
        ("BEIGE", "Beige"),
        ("BROWN", "Braun"),
        ("RED", "Rot"),
        ("GREEN", "Grün"),
        ("BLUE", "Blau"),
        ("PURPLE", "Violett"),
        ("GOLD", "Gold"),
        ("WHITE", "Weiß"),
        ("ORANGE", "Orange"),
        ("SILVER", "Silber"),
        ("YELLOW", "Gelb"),
    ),
    "interiorcolors": (
        ("BLACK", "Schwarz"),
        ("GREY", "Grau"),
        ("BEIGE", "Beige"),
        ("BROWN", "Braun"),
        ("RED", "Rot"),
        ("BLUE", "Blau"),
        ("OTHER_INTERIOR_COLOR", "Andere"),
    ),
    "interiortypes": (
        ("LEATHER", "Vollleder"),
        ("PARTIAL_LEATHER", "Teilleder"),
        ("FABRIC", "Stoff"),
        ("VELOUR", "Velours"),
        ("ALCANTARA", "Alcantara"),
        ("IMITATION_LEATHER", "Kunstleder"),
        ("OTHER_INTERIOR_TYPE", "Andere"),
    ),
    "climatisations": (
        ("NO_CLIMATISATION", "Keine Klimaanlage oder -automatik"),
        ("MANUAL_CLIMATISATION", "Klimaanlage"),
        ("AUTOMATIC_CLIMATISATION", "Klimaautomatik"),
        ("AUTOMATIC_CLIMATISATION_2_ZONES", "2-Zonen-Klimaautomatik"),
        ("AUTOMATIC_CLIMATISATION_3_ZONES", "3-Zonen-Klimaautomatik"),
        ("AUTOMATIC_CLIMATISATION_4_ZONES", "4-Zonen-Klimaautomatik"),
    ),
    "airbags": (
        ("DRIVER_AIRBAG", "Fahrer-Airbag"),
        ("FRONT_AIRBAGS", "Front-Airbags"),
        ("FRONT_AND_SIDE_AIRBAGS", "Front- und Seiten-Airbags"),
        ("FRONT_AND_SIDE_AND_MORE_AIRBAGS", "Front-, Seiten- und weitere Airbags"),
    ),
    "parkingassistants": (
        ("FRONT_SENSORS", "Vorne"),
        ("REAR_SENSORS", "Hinten"),
        ("REAR_VIEW_CAM", "Kamera"),
        ("CAM_360_DEGREES", "360°-Kamera"),
        ("AUTOMATIC_PARKING", "Selbstlenkende Systeme"),
    ),
    "radiotypes": (("TUNER", "Tuner/Radio"), ("DAB_RADIO", "Radio DAB")),
    "speedcontrols": (("CRUISE_CONTROL", "Tempomat"), ("ADAPTIVE_CRUISE_CONTROL", "Abstandstempomat")),
    "headlighttypes": (
        ("XENON_HEADLIGHTS", "Xenonscheinwerfer"),
        ("BI_XENON_HEADLIGHTS", "Bi-Xenon Scheinwerfer"),
        ("LED_HEADLIGHTS", "LED-Scheinwerfer"),
        ("LASER_HEADLIGHTS", "Laserlicht"),
    ),
    "daytimerunninglamps": (
        ("DAYTIME_RUNNING_LIGHTS", "Tagfahrlicht"),
        ("LED_RUNNING_LIGHTS", "LED-Tagfahrlicht"),
    ),
    "bendinglightstypes": (
        ("BENDING_LIGHTS", "Kurvenlicht"),
        ("ADAPTIVE_BENDING_LIGHTS", "Adaptives Kurvenlicht"),
    ),
    "trailercouplingtypes": (
        ("TRAILER_COUPLING_PREPARATION", "Anhängerkupplung Vorbereitung"),
        ("TRAILER_COUPLING_FIX", "Anhängerkupplung fest"),
        ("TRAILER_COUPLING_SWIVELING", "Anhängerkupplung schwenkbar"),
        ("TRAILER_COUPLING_DETACHABLE", "Anhängerkupplung abnehmbar"),
    ),
    "breakdownservices": (
        ("SPARE_WHEEL", "Reserverad"),
        ("EMERGENCY_WHEEL", "Notrad"),
        ("REPAIR_KIT", "Pannenkit"),
    ),
    "emissionclasses": (
        ("EURO1", "Euro1"),
        ("EURO2", "Euro2"),
        ("EURO3", "Euro3"),
        ("EURO4", "Euro4"),
        ("EURO5", "Euro5"),
        ("EURO6", "Euro6"),
        ("EURO6C", "Euro6c"),
        ("EURO6D_TEMP", "Euro6d-TEMP"),
        ("EURO6D", "Euro6d"),
        ("EURO6E", "Euro6e"),
        ("EURO7", "Euro7"),
    ),
    "emissionstickers": (
        ("EMISSIONSSTICKER_GREEN", "4 (Grün)"),
        ("EMISSIONSSTICKER_YELLOW", "3 (Gelb)"),
        ("EMISSIONSSTICKER_RED", "2 (Rot)"),
        ("EMISSIONSSTICKER_NONE", "1 (Keine)"),
    ),
    "pricetypes": (("FIXED", "Festpreis"), ("ON_REQUEST", "Auf Anfrage")),
    "classes/Car/categories": (
        ("Cabrio", "Cabrio/Roadster"),
        ("EstateCar", "Kombi"),
        ("Limousine", "Limousine"),
        ("OffRoad", "SUV/Geländewagen/Pickup"),
        ("SmallCar", "Kleinwagen"),
        ("SportsCar", "Sportwagen/Coupé"),
        ("Van", "Van/Minibus"),
        ("OtherCar", "Andere"),
    ),
    "sites/GERMANY/vatrates": (("19.00", "19%"), ("0.00", "0%")),
}

# words in a dealer's colour → documented key, the first that occurs wins
COLOUR_WORDS: tuple[tuple[str, str], ...] = (
    ("schwarz", "BLACK"),
    ("anthrazit", "GREY"),
    ("grau", "GREY"),
    ("silber", "SILVER"),
    ("weiss", "WHITE"),
    ("beige", "BEIGE"),
    ("creme", "BEIGE"),
    ("champagner", "BEIGE"),
    ("braun", "BROWN"),
    ("bronze", "BROWN"),
    ("bordeaux", "RED"),
    ("rot", "RED"),
    ("grun", "GREEN"),
    ("gruen", "GREEN"),
    ("turkis", "BLUE"),
    ("tuerkis", "BLUE"),
    ("blau", "BLUE"),
    ("violett", "PURPLE"),
    ("lila", "PURPLE"),
    ("gold", "GOLD"),
    ("orange", "ORANGE"),
    ("gelb", "YELLOW"),
    ("black", "BLACK"),
    ("grey", "GREY"),
    ("gray", "GREY"),
    ("silver", "SILVER"),
    ("white", "WHITE"),
    ("brown", "BROWN"),
    ("red", "RED"),
    ("green", "GREEN"),
    ("blue", "BLUE"),
)


# Names that mean the same make or model. Data only: no key of the platform is assumed here.


MAKE_ALIASES = NameAliases(
    (
        ("VW", "Volkswagen", "VW Nutzfahrzeuge", "Volkswagen Nutzfahrzeuge", "Volkswagen VW", "VAG"),
        ("Mercedes-Benz", "Mercedes", "Mercedes Benz", "Daimler-Benz", "Daimler Benz", "Mercedes-AMG", "MB"),
        ("BMW", "BMW i", "BMW M", "Bayerische Motoren Werke"),
        ("Alfa Romeo", "Alfa", "AlfaRomeo"),
        ("smart", "MCC smart", "Smart MCC"),
        ("MINI", "BMW MINI", "Mini Cooper"),
        ("Citroën", "Citroen", "Citr"),
        ("DS Automobiles", "DS"),
        ("Land Rover", "Landrover", "Range Rover"),
        ("Rolls-Royce", "Rolls Royce", "RollsRoyce"),
        ("Aston Martin", "AstonMartin"),
        ("Škoda", "Skoda", "Skoda Auto"),
        ("Seat", "SEAT S.A."),
        ("SsangYong", "Ssang Yong", "KGM", "KG Mobility"),
        ("Chevrolet", "Chevy", "GM Chevrolet"),
        ("Lada", "Lada Automobile", "VAZ"),
        ("MG", "MG Roewe", "MG Motor"),
        ("GWM", "Great Wall", "GWM ORA"),
        ("Lynk & Co", "Lynk&Co", "Lynk und Co"),
        ("Harley-Davidson", "Harley Davidson", "Harley"),
        ("Moto Guzzi", "MotoGuzzi", "Guzzi"),
        ("KTM", "KTM Sportmotorcycle"),
        ("Knaus", "Knaus Tabbert"),
        ("Andere", "Sonstige", "Other", "Others", "Weitere"),
    )
)

MODEL_ALIASES = NameAliases(
    (
        ("T5", "T5 Transporter", "Transporter T5", "T5 Kasten"),
        ("T6", "T6 Transporter", "Transporter T6", "T6 Kasten"),
        ("C-Klasse", "C Klasse", "C-Class"),
        ("fortwo", "ForTwo", "City Coupé", "smart fortwo"),
        ("forfour", "ForFour", "smart forfour"),
        ("Cee'd", "ceed", "cee'd Sportswagon"),
        ("Mégane", "Megane"),
        ("Scénic", "Scenic"),
        ("Beetle", "New Beetle"),
        ("Ka", "Ka/Ka+"),
        ("Andere", "Sonstige", "Other", "Others", "andere Modelle"),
    )
)
