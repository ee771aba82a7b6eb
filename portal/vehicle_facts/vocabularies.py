"""One vocabulary per fact: the spellings of platforms (mobile.de, AutoScout24, Meta, Google) and dealer
systems. The values are those of `VehicleData`.

What is not in a vocabulary is not understood: it is kept as it was written, shown and reported, and never
goes out as another value.
"""

from __future__ import annotations

import re

from portal.vehicle_facts.spelling import Vocabulary, folded
from portal.vehicle_facts.understanding import NotUnderstood


class _Fuels(Vocabulary):
    """A spelling may name the kind of hybrid as well, in any order: `Diesel MHEV`, `Benzin mHEV 48V`."""

    def find(self, text: str) -> str | None:
        found = super().find(text)
        if found is None and hybrid_of(text):
            bare = _OF_HYBRIDS.sub("", folded(text))
            return _HYBRID_FUELS.get(super().find(bare) or "" if bare else "petrol")
        return found


FUELS = _Fuels(
    {
        "petrol": (
            *("Benzin", "Super", "Super E10", "Super Plus", "Normalbenzin", "Ottokraftstoff", "Otto"),
            *("Super 95", "Super 98", "Super E5", "E5", "E10", "Super bleifrei", "Gasoline", "Benzin E10"),
            *("Benziner", "Superbenzin", "Ottomotor", "Super (Benzin)", "Bleifrei"),
            *("Benzin (E10-geeignet)", "Benzin E10 geeignet"),
        ),
        "diesel": (
            "Diesel",
            "Dieselkraftstoff",
            "Biodiesel",
            "Diesel (Partikelfilter)",
            "Dieselmotor",
            *("HVO", "HVO100", "Diesel (HVO)", "Diesel (HVO100)", "Diesel/AdBlue", "Diesel (AdBlue)"),
        ),
        "lpg": (
            *("Autogas (LPG)", "Autogas", "LPG", "Flüssiggas", "GPL", "Benzin/Autogas", "Benzin/LPG"),
            *("Autogas/Benzin", "LPG/Benzin", "Autogas (LPG)/Benzin"),
            *("Benzin und Autogas", "Benzin + Autogas", "Benzin + LPG", "Benzin und Autogas (LPG)"),
            *("LPG (Autogas)", "Benzin/Flüssiggas", "Benzin/Flüssiggas (LPG)", "Flüssiggas (LPG)"),
        ),
        "cng": (
            *("Erdgas (CNG)", "Erdgas", "CNG", "Methan", "natural gas", "Metano"),
            *(
                "Benzin/Erdgas",
                "Benzin/CNG",
                "Erdgas/Benzin",
                "CNG/Benzin",
                "Benzin + CNG",
                "Benzin + Erdgas",
            ),
            *("CNG (Erdgas)", "Benzin/Erdgas (CNG)", "Benzin/komp. Erdgas"),
        ),
        "electric": (
            *("Elektro", "Elektrisch", "Strom", "Electricity", "Elektroantrieb", "BEV", "EV"),
            *("Elektroauto", "rein elektrisch", "battery electric", "Elektro (BEV)", "Elektromotor"),
        ),
        "hybrid_petrol": (
            *("Hybrid (Benzin/Elektro)", "Hybrid", "Hybrid Benzin", "Benzin/Elektro", "Elektro/Benzin"),
            *("hybrid petrol electric", "Petrol/Electric", "Electric/Gasoline", "Hybrid-Benzin"),
            *("Benzin-Hybrid", "Gasoline Hybrid", "HEV", "Vollhybrid", "full hybrid", "Mildhybrid"),
            *("mild hybrid", "MHEV", "Mild-Hybrid Benzin", "Plug-in-Hybrid", "PHEV", "plugin hybrid"),
            *("Plug-in-Hybrid (Benzin/Elektro)", "Plug-in-Hybrid Benzin", "Plug-in hybrid petrol"),
            *("Hybrid (Elektro/Benzin)", "Plug-in-Hybrid (Elektro/Benzin)", "PHEV Benzin", "MHEV Benzin"),
            *("Plug-in-Hybrid Elektro/Benzin", "Benzin/Elektro (Plug-in)", "Plug-in (Benzin/Elektro)"),
            *("Plug-in-Hybrid (Benzin)", "Mild-Hybrid (Benzin)", "Voll-Hybrid (Benzin)", "Plug-in"),
            *("Hybr.Benzin/E", "Benzin/E", "Otto/Elektro", "Elektro und Benzin", "Benzin und Elektro"),
            *("Elektro + Benzin", "Benzin + Elektro"),
            *("Strom/Benzin", "Mild-Hybrid (Benzin/Elektro)", "Mild-Hybrid (Elektro/Benzin)"),
        ),
        "hybrid_diesel": (
            *("Hybrid (Diesel/Elektro)", "Hybrid Diesel", "Diesel/Elektro", "Elektro/Diesel"),
            *("hybrid diesel electric", "Diesel/Electric", "Electric/Diesel", "Diesel-Hybrid"),
            *("Mild-Hybrid Diesel", "Plug-in-Hybrid (Diesel/Elektro)", "Plug-in-Hybrid Diesel"),
            *("Hybrid (Elektro/Diesel)", "Plug-in-Hybrid (Elektro/Diesel)", "PHEV Diesel", "MHEV Diesel"),
            *("Plug-in-Hybrid (Diesel)", "Mild-Hybrid (Diesel)", "Diesel/Elektro (Plug-in)"),
            *(
                "Hybr.Diesel/E",
                "Diesel/E",
                "Elektro und Diesel",
                "Diesel und Elektro",
                "Elektro + Diesel",
                "Diesel + Elektro",
            ),
            *("Strom/Diesel", "Mild-Hybrid (Diesel/Elektro)", "Mild-Hybrid (Elektro/Diesel)"),
        ),
        "hydrogen": (
            *("Wasserstoff", "Hydrogenium", "H2", "Brennstoffzelle", "fuel cell", "FCEV"),
            "Wasserstoff/Brennstoffzelle",
        ),
        "ethanol": (
            "Ethanol (E85)",
            "Ethanol",
            "E85",
            "Ethanol (FFV, E85 etc.)",
            "FFV",
            "Flexfuel",
            "Flex",
            *("Flexifuel", "Benzin/Ethanol", "Benzin/Ethanol (E85)"),
        ),
        "other": ("Andere", "Anderer", "Sonstige", "Sonstiger", "Sonstiges", "others"),
    }
)
_PLUG_IN = re.compile("plugin|phev|extern?aufl[a-z]*|extaufl[a-z]*")
_MILD = re.compile("mildhybrid|hybridmild|mhev")
_FULL = re.compile("vollhybrid|fullhybrid|(?<![pmc])hev")

_OF_HYBRIDS = re.compile(
    f"{_PLUG_IN.pattern}|{_MILD.pattern}|{_FULL.pattern}|hybrid|hybr|48v(?:olt)?|elektro|strom|mild|voll"
)
_HYBRID_FUELS = {
    "petrol": "hybrid_petrol",
    "diesel": "hybrid_diesel",
    "hybrid_petrol": "hybrid_petrol",
    "hybrid_diesel": "hybrid_diesel",
}

HYBRIDS = Vocabulary(
    {
        "none": ("Kein Hybrid", "kein", "nein", "no", "not hybrid"),
        "mild": ("Mild-Hybrid", "Mild", "MHEV", "mild hybrid"),
        "full": ("Voll-Hybrid", "Voll", "Vollhybrid", "HEV", "full hybrid", "self charging"),
        "plug_in": ("Plug-in-Hybrid", "PHEV", "Plug-in", "plugin hybrid"),
    }
)

KINDS = Vocabulary(
    {
        "used": (
            "Gebrauchtwagen",
            "gebraucht",
            "Gebrauchtfahrzeug",
            "GW",
            "used car",
            "used vehicle",
            "pre-owned",
            *("gebr.", "Gebrauchte", "Gebrauchter"),
        ),
        "new": ("Neuwagen", "neu", "Neufahrzeug", "NW", "new car", "new vehicle", "fabrikneu"),
        "demonstrator": (
            "Vorführwagen",
            "Vorführfahrzeug",
            "Vorführer",
            "VFW",
            "demo",
            "demonstration",
            "demo car",
        ),
        "one_day_registration": ("Tageszulassung", "TZ", "Kurzzulassung", "pre-registered", "pre registered"),
        "employees_car": (
            *("Jahres- und Dienstwagen", "Jahreswagen", "Dienstwagen", "Werkswagen", "JW", "company car"),
            *("employee's car", "Werksdienstwagen", "Geschäftswagen"),
        ),
        "classic": ("Oldtimer", "classic car", "Klassiker", "vintage", "Youngtimer"),
    }
)

BATTERY_OWNERSHIPS = Vocabulary(
    {
        "included": ("Im Preis enthalten", "enthalten", "inklusive", "gekauft"),
        "rented": ("Gemietet", "Miete", "Mietbatterie"),
        "excluded": ("Nicht enthalten", "ohne"),
    }
)

_WITH_GEARS = re.compile(
    r"\b(?:\d{1,2}|ein|fünf|sechs|sieben|acht)[ -]?(?:gang|stufen?|g)\b[ -]*", re.IGNORECASE
)
"""`7-Gang-DSG`, `Schaltgetriebe 6-Gang`: how many there are is another fact."""
GEARBOXES = Vocabulary(
    {
        "manual": (
            *("Schaltgetriebe", "Manuell", "Schaltung", "Handschaltung", "Handschalter", "Schalter"),
            *("manual gear", "manuelles Getriebe", "5-Gang", "6-Gang", "5-Gang-Schaltgetriebe"),
            *("6-Gang-Schaltgetriebe", "mechanisch", "manual transmission", "Handschaltgetriebe"),
            *("Schaltgetr.", "Schaltwagen", "Schalt.", "Manuelle Schaltung"),
        ),
        "semi_automatic": (
            *("Halbautomatik", "semiautomatic gear", "halbautomatisch", "semi automatic"),
            *(
                "automatisiertes Schaltgetriebe",
                "sequentiell",
                "ASG",
                "AMT",
                "SMG",
                "Easytronic",
                "Sensodrive",
            ),
        ),
        "automatic": (
            *("Automatik", "automatic gear", "Automatikgetriebe", "automatisch", "Automat", "Auto"),
            *("DSG", "Doppelkupplung", "Doppelkupplungsgetriebe", "CVT", "Tiptronic", "S-tronic", "S tronic"),
            *("Steptronic", "Multitronic", "PDK", "7G-Tronic", "9G-Tronic", "EDC", "EAT8", "EAT6"),
            *("stufenlos", "automatic transmission", "Direktschaltgetriebe", "DCT", "Stufenlose Automatik"),
            *("Doppelkupplungsgetriebe (DSG)", "stufenloses Getriebe", "Automatik (DSG)", "e-CVT", "Xtronic"),
            *("Automatikgetriebe (DSG)", "Wandlerautomatik", "Reduktionsgetriebe"),
            *("DKG", "Autom.", "Geartronic", "Powershift", "Sport-Automatik", "Tiptronic S", "Lineartronic"),
            *("DSG-Getriebe", "Stufenautomatik", "Xtronic CVT", "Speedshift", "Automatik (Tiptronic)"),
            *("Automatik (CVT)", "Automatik (Doppelkupplung)", "R-tronic"),
        ),
    },
    _WITH_GEARS,
)

DRIVES = Vocabulary(
    {
        "front": (
            "Vorderrad",
            "Vorderradantrieb",
            "Frontantrieb",
            "FWD",
            "Vorne",
            "Vorn",
            "front wheel drive",
        ),
        "rear": ("Hinterrad", "Hinterradantrieb", "Heckantrieb", "RWD", "Heck", "Hinten", "rear wheel drive"),
        "all_wheel": (
            *("Allrad", "Allradantrieb", "AWD", "4WD", "4x4", "4-Rad", "Quattro", "4Motion", "xDrive"),
            *("4Matic", "all wheel drive", "four wheel drive", "ALL4", "permanenter Allradantrieb"),
            *("Vierradantrieb", "Allrad zuschaltbar", "zuschaltbarer Allradantrieb"),
        ),
    }
)

STICKERS = Vocabulary(
    {
        "none": ("Keine", "1", "1 (Keine)", "emissionssticker none", "no sticker"),
        "red": ("Rot (2)", "Rot", "2", "2 (Rot)", "emissionssticker red"),
        "yellow": ("Gelb (3)", "Gelb", "3", "3 (Gelb)", "emissionssticker yellow"),
        "green": ("Grün (4)", "Grün", "4", "4 (Grün)", "emissionssticker green", "Grüne"),
    },
    re.compile(r"(?:umwelt|feinstaub)?plakette|(?:schadstoff)?gruppe", re.IGNORECASE),
)

TAXATIONS = Vocabulary(
    {
        "vat_deductible": (
            *("MwSt. ausweisbar", "ausweisbar", "MwSt. ausgewiesen", "Regelbesteuerung", "regelbesteuert"),
            *("vatable", "19", "19%", "19,00", "19,00 %", "MwSt. 19%"),
        ),
        "margin_scheme": (
            *("§ 25a UStG", "§ 25a", "25a", "Differenzbesteuerung", "differenzbesteuert"),
            *("Differenzbesteuert (§ 25a UStG)", "MwSt. nicht ausweisbar", "nicht ausweisbar"),
            *("Differenzbesteuert nach § 25a UStG", "margin"),
        ),
    }
)
"""0 and 1 are codes of the CSV layout alone: 0 shows VAT, 1 is § 25a."""

COLOURS = Vocabulary(
    {
        "Beige": ("Beige", "Creme", "Sand", "Champagner", "ivory", "cream"),
        "Blau": ("Blau", "blue", "Türkis", "turquoise"),
        "Braun": ("Braun", "brown", "Bronze"),
        "Gelb": ("Gelb", "yellow"),
        "Gold": ("Gold", "golden"),
        "Grau": ("Grau", "grey", "gray", "Anthrazit", "anthracite"),
        "Grün": ("Grün", "green"),
        "Lila": ("Lila", "Violett", "purple", "violet"),
        "Orange": ("Orange",),
        "Rot": ("Rot", "red", "Bordeaux"),
        "Schwarz": ("Schwarz", "black"),
        "Silber": ("Silber", "silver"),
        "Weiß": ("Weiß", "white"),
    }
)
"""The base colours; any other word is the maker's name of a colour and stays as it is."""
_SHADE = re.compile(r"^\s*(?:dunkel|hell|dark |light )", re.IGNORECASE)
_FINISH = re.compile(r"[\s,/-]*(?:metallic|met\.?|perleffekt|uni(?:lack)?|matt|pearl)\s*$", re.IGNORECASE)

INTERIORS = Vocabulary(
    {
        "Vollleder": ("Vollleder", "leather", "Leder", "full leather"),
        "Teilleder": ("Teilleder", "partial leather", "Stoff/Leder"),
        "Stoff": ("Stoff", "fabric", "cloth", "Textil"),
        "Velours": ("Velours", "velour"),
        "Alcantara": ("Alcantara",),
        "Kunstleder": ("Kunstleder", "imitation leather", "artificial leather"),
        "Andere": ("Andere", "other interior type", "Sonstige", "other"),
    }
)

_LEATHER_PARTS = re.compile("leder(?:lenkrad|schalt[a-z]*|paket)")
"""Of a car with any seats."""
_LOOKS_LIKE_LEATHER = (
    "kunstleder|leder(?:imitat|optik|look|ersatz|nachbildung)|vegan|leatherette|artico|sensatec"
)
_PART_LEATHER = (
    "teilleder|halbleder|partialleather|(?:stoff|textil|velours).*leder|leder.*(?:stoff|textil|velours)"
)
_NO_LEATHER = re.compile("(?:kein|ohne)[a-z]{0,2}leder")
_UPHOLSTERY: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Kunstleder", re.compile(_LOOKS_LIKE_LEATHER)),
    ("Alcantara", re.compile("alcantara")),
    ("Vollleder", re.compile("veloursleder|wildleder")),
    ("Teilleder", re.compile(_PART_LEATHER)),
    ("Vollleder", re.compile("leder|leather")),
    ("Velours", re.compile("velours")),
    ("Stoff", re.compile("(?<!kunst)stoff|textil")),
)
EMISSION_CLASSES = Vocabulary(
    {
        "Euro 1": ("Euro 1", "Euro I"),
        "Euro 2": ("Euro 2", "Euro II"),
        "Euro 3": ("Euro 3", "Euro III"),
        "Euro 4": ("Euro 4", "Euro IV", "D4"),
        "Euro 5": ("Euro 5", "Euro V", "Euro 5a", "Euro 5b", "EEV"),
        "Euro 6": ("Euro 6", "Euro VI", "Euro 6b"),
        "Euro 6c": ("Euro 6c",),
        "Euro 6d-TEMP": (
            *("Euro 6d-TEMP", "Euro 6d Temporary", "Euro 6dT", "Euro 6d-TEMP-EVAP"),
            *("Euro 6d-T-EVAP", "Euro 6d-T-EVAP-ISC"),
            *("Euro 6d-TEMP-EVAP-ISC", "Euro 6d-TEMP-ISC"),
        ),
        "Euro 6d": ("Euro 6d", "Euro 6d-ISC", "Euro 6d-ISC-FCM"),
        "Euro 6e": ("Euro 6e", "Euro 6e-bis", "Euro 6ea", "Euro 6eb"),
        "Euro 7": ("Euro 7", "Euro VII"),
    }
)
_LEADING = re.compile(
    r"(?:schadstoffklasse|schadstoffarm|emissionsklasse|emissionsnorm|abgasnorm|norm|klasse|\(wltp\)"
    r"|eu[ -]?(?=\d))",
    re.IGNORECASE,
)

YES = frozenset(map(folded, ("1", "ja", "j", "yes", "y", "true", "wahr", "x", "vorhanden", "mit")))
NO = frozenset(map(folded, ("0", "nein", "n", "no", "false", "falsch", "ohne", "nicht vorhanden")))
NEW_INSPECTION = frozenset(
    map(folded, ("neu", "HU neu", "HU/AU neu", "TÜV neu", "neue HU", "neuer TÜV", "TÜV/AU neu", "new"))
)
"""What stands in the column of the general inspection when it was just passed."""


def read_flag(text: str) -> bool:
    """Raises NotUnderstood."""
    word = folded(text)
    if word in YES or text in ("✓", "✔"):
        return True
    if word in NO:
        return False
    raise NotUnderstood("flag-unreadable", value=text[:60])


def read_emission_class(text: str) -> str:
    """`EURO6D_TEMP`, `Euro6`, `6d` → as labelled in Germany. Raises NotUnderstood."""
    bare = _LEADING.sub("", text).strip()
    return EMISSION_CLASSES.find(bare) or EMISSION_CLASSES.find(f"Euro {bare}") or EMISSION_CLASSES.read(text)


def base_colour(text: str) -> str | None:
    """The base colour of a label, with or without shade and finish: `Dunkelblau metallic` is blue."""
    bare = _FINISH.sub("", text)
    return COLOURS.find(text) or COLOURS.find(bare) or COLOURS.find(_SHADE.sub("", bare))


def base_interior(text: str) -> str:
    """The upholstery of a label, `Leder schwarz`; the label itself where none is known. What only looks like
    leather is none, what has some is no full one."""
    if found := INTERIORS.find(text):
        return found
    word = _NO_LEATHER.sub("", _LEATHER_PARTS.sub("", folded(text)))
    return next((value for value, pattern in _UPHOLSTERY if pattern.search(word)), text)


def hybrid_of(text: str) -> str | None:
    """What the spelling of a fuel says of the kind of hybrid, if it does."""
    word = folded(text)
    kinds = {"plug_in": _PLUG_IN, "mild": _MILD, "full": _FULL}
    return next((kind for kind, pattern in kinds.items() if pattern.search(word)), None)
