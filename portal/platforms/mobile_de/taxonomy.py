"""Make, model and category: a dealer's labels and the keys the platform offers for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from portal.platforms.matching import Labels, plain
from portal.platforms.mobile_de.draft import Draft
from portal.platforms.mobile_de.reference import OTHER_MODEL
from portal.vehicles.data import BodyType, VehicleClass

CLASSES: dict[VehicleClass, str] = {
    VehicleClass.CAR: "Car",
    VehicleClass.MOTORBIKE: "Motorbike",
    VehicleClass.VAN: "VanUpTo7500",
    VehicleClass.MOTOR_HOME: "Motorhome",
}
CAR_CATEGORIES: dict[BodyType, str] = {
    BodyType.SMALL_CAR: "SmallCar",
    BodyType.SALOON: "Limousine",
    BodyType.ESTATE: "EstateCar",
    BodyType.CONVERTIBLE: "Cabrio",
    BodyType.COUPE: "SportsCar",
    BodyType.OFF_ROAD: "OffRoad",
    BodyType.MPV: "Van",
    BodyType.OTHER: "OtherCar",
}


class Fit(Enum):
    """How a model was found."""

    EXACT = auto()
    BEGINNING = auto()
    OTHER = auto()
    NONE = auto()


@dataclass(frozen=True)
class Model:
    key: str | None
    fit: Fit


def find_model(models: Labels, make_names: tuple[str, ...], label: str) -> Model:
    """The model of a make: its name alone, with the make before it, or the beginning of the label."""
    for name in (label, *_without_make(label, make_names)):
        if key := models.key(name):
            return Model(key, Fit.EXACT)
    for name in (*_without_make(label, make_names), label):
        if key := models.key_by_beginning(name):
            return Model(key, Fit.BEGINNING)
    other = models.key(OTHER_MODEL)
    return Model(other, Fit.OTHER if other else Fit.NONE)


def _without_make(label: str, make_names: tuple[str, ...]) -> tuple[str, ...]:
    spelled = plain(label)
    heads = (f"{plain(name)} " for name in make_names if name)
    return tuple(spelled.removeprefix(head) for head in heads if spelled.startswith(head))


def make_and_model(draft: Draft, vehicle_class: str) -> None:
    vehicle = draft.vehicle
    makes = draft.book.makes(vehicle_class)
    if not vehicle.make:
        draft.problem("make-empty")
        return
    make = makes.key(vehicle.make)
    if make is None:
        draft.problem("invalid-reference-data-value", "make", vehicle.make)
        return
    draft.put("make", make)
    if not vehicle.model:
        draft.problem("model-empty")
        return
    names = (vehicle.make, makes.label(make), make)
    _put_model(draft, draft.book.models(vehicle_class, make), names)


def _put_model(draft: Draft, models: Labels, make_names: tuple[str, ...]) -> None:
    label = draft.vehicle.model
    found = draft.book.remember(("model", id(models), label), lambda: find_model(models, make_names, label))
    draft.put("model", found.key)
    match found.fit:
        case Fit.NONE:
            draft.problem("invalid-model-for-make", "model", label)
        case Fit.OTHER:
            text = f"mobile.de kennt das Modell „{label}“ nicht. Das Inserat erscheint unter „Andere“."
            draft.hint("model-other", text, "model")
        case Fit.BEGINNING:
            shown = models.label(found.key or "")
            text = f"mobile.de kennt das Modell „{label}“ nicht. Das Inserat erscheint unter „{shown}“."
            draft.hint("model-simplified", text, "model")


def category(draft: Draft, vehicle_class: str) -> None:
    offered = f"classes/{vehicle_class}/categories"
    if vehicle_class == "Car":
        _car_category(draft, offered)
    else:
        _other_category(draft, offered, f"Other{vehicle_class}")


def _car_category(draft: Draft, offered: str) -> None:
    vehicle = draft.vehicle
    labelled = draft.book.enum(offered).key(vehicle.category_label) if vehicle.category_label else None
    if vehicle.body_type in (None, BodyType.OTHER) and labelled:
        draft.put("category", labelled)
    elif vehicle.body_type is not None:
        documented = CAR_CATEGORIES[vehicle.body_type]
        key = draft.book.value(offered, documented)
        draft.put("category", key)
        if key is None:
            draft.problem("invalid-reference-data-value", "body_type", documented)


def _other_category(draft: Draft, offered: str, fallback: str) -> None:
    """Vans, motorbikes, motor homes: by label, else the class's own "other"."""
    label = draft.vehicle.category_label
    categories = draft.book.enum(offered)
    found = categories.key(label) if label else None
    draft.put("category", found or _other_of(categories, fallback))
    if found is None:
        told = f"mobile.de kennt die Kategorie „{label}“ nicht." if label else "Die Kategorie fehlt."
        draft.hint("category-other", f"{told} Das Inserat erscheint unter „Andere“.", "category_label")


def _other_of(categories: Labels, fallback: str) -> str:
    if found := categories.key(fallback) or categories.key("Andere"):
        return found
    return next((key for key, _ in categories.pairs if "other" in key.casefold()), fallback)
