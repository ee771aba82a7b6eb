"""Makes and models: how a dealer's label finds a platform's entry, and names that mean the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from portal.messages import Message, say
from portal.platforms.common.matching import NameAliases, ReferenceNames, plain
from portal.platforms.common.titles import (
    is_group,
    is_nameless,
    members_of,
    model_of_group,
    model_of_make,
    suggested_models,
    told_title,
    version_of,
)
from portal.platforms.contract import MODEL_OF_GROUP, MODEL_OTHER, Feedback
from portal.platforms.contract.answers import Options
from portal.vehicle_facts.data import VehicleData


class ModelFit(Enum):
    """How a model was found. NAMED: by the vehicle's title. GROUP: the platform lists the whole group, and
    the title does not say which of its models it is."""

    EXACT = auto()
    BEGINNING = auto()
    NAMED = auto()
    GROUP = auto()
    OTHER = auto()
    NONE = auto()


UNCLEAR = (ModelFit.GROUP, ModelFit.OTHER, ModelFit.NONE)


@dataclass(frozen=True)
class ModelMatch:
    key: str | None
    fit: ModelFit
    suggestions: Options = ()


def model_of(
    models: ReferenceNames, make_names: tuple[str, ...], vehicle: VehicleData, other: str, assigned: str = ""
) -> ModelMatch:
    """A vehicle's model at a platform: the one that the dealer has assigned to this spelling, else the one
    that is found; with suggestions where that is unclear.

    `other` is what the platform calls a model that it does not know.
    """
    if assigned and assigned in models:
        return ModelMatch(assigned, ModelFit.EXACT)
    found = find_model(models, make_names, vehicle.model, other, told_title(vehicle))
    if found.fit not in UNCLEAR:
        return found
    return replace(found, suggestions=suggested_models(models, vehicle.model, vehicle))


def find_model(
    models: ReferenceNames, make_names: tuple[str, ...], label: str, other: str, told: str = ""
) -> ModelMatch:
    """The model of a make: its name alone, with the make before it, a version of it (`320d`), the beginning
    of the label, or the one model that the vehicle's title (`told`) names of a group, or of the make where
    the label is no name."""
    if is_nameless(label):
        known_as = {name for given in make_names for name in (given, *MAKE_ALIASES.of(given))}
        return _by_title(models, model_of_make(models, known_as, told), other)
    for name in (label, *_without_make(label, make_names)):
        if key := models.key(name):
            return _member_or_itself(models, label, key, told)
    for name in (*_without_make(label, make_names), label):
        if key := models.key(version_of(name)) or models.key_by_beginning(name):
            return ModelMatch(key, ModelFit.BEGINNING)
    return _by_title(models, model_of_group(models, label, told), other)


def _member_or_itself(models: ReferenceNames, label: str, key: str, told: str) -> ModelMatch:
    """A group that the platform lists as well gives way to the model that the title names: buyers look for
    a 318. `3 Reihe` is found as `3`, which is another car than a 323."""
    if not is_group(label):
        return ModelMatch(key, ModelFit.EXACT)
    if closer := model_of_group(models, label, told):
        return ModelMatch(closer, ModelFit.NAMED)
    listed_as_group = is_group(models.label(key)) or is_group(key)
    unclear = listed_as_group and any(members_of(models, label))
    return ModelMatch(key, ModelFit.GROUP if unclear else ModelFit.EXACT)


def _by_title(models: ReferenceNames, key: str | None, other: str) -> ModelMatch:
    if key:
        return ModelMatch(key, ModelFit.NAMED)
    unknown = models.key(other)
    return ModelMatch(unknown, ModelFit.OTHER if unknown else ModelFit.NONE)


def model_hint(platform: str, label: str, models: ReferenceNames, found: ModelMatch) -> Feedback | None:
    """What a dealer is told of a model that is listed under another name than his."""
    names = {"platform": platform, "label": label, "shown": models.label(found.key or "")}
    match found.fit:
        case ModelFit.BEGINNING:
            text = say(
                "{platform} kennt das Modell „{label}“ nicht. Das Inserat erscheint unter „{shown}“.", **names
            )
            return Feedback("model-simplified", text, "model")
        case ModelFit.NAMED:
            text = say(
                "{platform}: „{label}“ ist kein Modell. Nach der Modellbezeichnung erscheint das Inserat "
                "unter „{shown}“.",
                **names,
            )
            return Feedback("model-simplified", text, "model")
        case ModelFit.GROUP:
            text = say(
                "{platform}: „{label}“ ist eine Gruppe von Modellen. Wer nach einem Modell sucht, findet das "
                "Inserat nicht.",
                **names,
            )
            return Feedback(MODEL_OF_GROUP, text, "model", options=found.suggestions)
    return None


def unknown_model_hint(text: Message, label: str, found: ModelMatch) -> Feedback | None:
    """None where the dealer himself says that it is another one, and nothing speaks against it."""
    if is_nameless(label) and not found.suggestions:
        return None
    return Feedback(MODEL_OTHER, text, "model", options=found.suggestions)


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
