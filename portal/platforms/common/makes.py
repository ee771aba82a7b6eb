"""Makes and models: how a dealer's label finds a platform's entry, and names that mean the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from portal.platforms.common.matching import NameAliases, ReferenceList, plain


class ModelFit(Enum):
    """How a model was found."""

    EXACT = auto()
    BEGINNING = auto()
    OTHER = auto()
    NONE = auto()


@dataclass(frozen=True)
class ModelMatch:
    key: str | None
    fit: ModelFit


def find_model(models: ReferenceList, make_names: tuple[str, ...], label: str, other: str) -> ModelMatch:
    """The model of a make: its name alone, with the make before it, or the beginning of the label.

    `other` is what the platform calls a model that it does not know.
    """
    for name in (label, *_without_make(label, make_names)):
        if key := models.key(name):
            return ModelMatch(key, ModelFit.EXACT)
    for name in (*_without_make(label, make_names), label):
        if key := models.key_by_beginning(name):
            return ModelMatch(key, ModelFit.BEGINNING)
    unknown = models.key(other)
    return ModelMatch(unknown, ModelFit.OTHER if unknown else ModelFit.NONE)


def _without_make(label: str, make_names: tuple[str, ...]) -> tuple[str, ...]:
    spelled = plain(label)
    heads = (f"{plain(name)} " for name in make_names if name)
    return tuple(spelled.removeprefix(head) for head in heads if spelled.startswith(head))


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
