"""Makes and models: how a dealer's label finds a platform's entry, and names that mean the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from portal.platforms.common.matching import NameAliases, ReferenceList, plain, series, tight
from portal.vehicle_facts.data import VehicleData


def told_title(vehicle: VehicleData) -> str:
    """What a dealer calls the vehicle: further down, a description may speak of other models."""
    return vehicle.model_description or vehicle.description.partition("\n")[0][:200]


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


def find_model(
    models: ReferenceList, make_names: tuple[str, ...], label: str, other: str, told: str = ""
) -> ModelMatch:
    """The model of a make: its name alone, with the make before it, the beginning of the label, or the one
    model of a group that the vehicle's title (`told`) names.

    `other` is what the platform calls a model that it does not know.
    """
    for name in (label, *_without_make(label, make_names)):
        if key := models.key(name):
            closer = model_of_group(models, label, told) if _is_reduced(models, label) else None
            return ModelMatch(closer, ModelFit.BEGINNING) if closer else ModelMatch(key, ModelFit.EXACT)
    for name in (*_without_make(label, make_names), label):
        if key := models.key_by_beginning(name):
            return ModelMatch(key, ModelFit.BEGINNING)
    if key := model_of_group(models, label, told):
        return ModelMatch(key, ModelFit.BEGINNING)
    unknown = models.key(other)
    return ModelMatch(unknown, ModelFit.OTHER if unknown else ModelFit.NONE)


def model_of_group(models: ReferenceList, label: str, told: str) -> str | None:
    """The one model of a group (`2 Reihe`, `MX Reihe`, `Grand`) that a title names (`Peugeot 207 CC`).

    None where it names none, or two. A number that may be a year, a tyre, a power or a mileage names nothing.
    """
    head = series(label)
    words = _UNLIKE_MODELS.sub(" ", plain_words(told)).split()
    spelled = {found[1] for word in words if (found := _VERSION.match(word))} if head.isdigit() else set()
    spelled |= {"".join(words[at : at + count]) for at in range(len(words)) for count in (1, 2, 3)}
    named = {
        tight(name): key
        for key, name in models.pairs
        if head and tight(name) != head and tight(name).startswith(head) and tight(name) in spelled
    }
    longest = {name: key for name, key in named.items() if not any(_extends(one, name) for one in named)}
    return next(iter(longest.values())) if len(longest) == 1 else None


_UNLIKE_MODELS = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{3} ?(?:ps|kw|km|tkm|tsd|ccm|eur|euro)\b|\b\d{3} ?[/x] ?\d{2,3}\b|\b\d+[.,]\d+"
)


_VERSION = re.compile(r"^(\d{3})[a-z]{1,3}$")
"""`318is`, `323f`: the number is the model."""


def is_group(label: str) -> bool:
    """Whether it is a range of models: `3er`, `2 Reihe`, `C-Klasse`."""
    return series(label) != tight(label)


def _is_reduced(models: ReferenceList, label: str) -> bool:
    """A group that the platform does not list as it is: `3 Reihe` is found as `3`, which is another car than
    a 323."""
    return is_group(label) and all(tight(name) != tight(label) for pair in models.pairs for name in pair)


def _extends(longer: str, name: str) -> bool:
    return longer != name and longer.startswith(name)


def plain_words(text: str) -> str:
    """Small letters with the marks between digits, which tell a tyre or litres from a model."""
    return _BETWEEN_WORDS.sub(" ", text.casefold())


_BETWEEN_WORDS = re.compile(r"[^\w.,/]+|[.,/](?!\d)|(?<!\d)[.,/]")


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
