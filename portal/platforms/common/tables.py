"""Ready-made sets of columns for tables that people and small marketplaces read."""

from __future__ import annotations

from portal.platforms.common.catalogue import BY_NAME, FACTS
from portal.platforms.common.profile import OF_PICTURES, Column

USUAL = (
    "number",
    "vin",
    "kind",
    "vehicle_class",
    "body",
    "make",
    "model",
    "model_description",
    "first_registration",
    "mileage",
    "power",
    "displacement",
    "fuel",
    "gearbox",
    "doors",
    "seats",
    "colour",
    "inspection_due",
    "previous_owners",
    "damaged",
    "accident",
    "price",
    "taxation",
    "emission_class",
    "consumption_fuel",
    "consumption_power",
    "co2",
    "co2_class",
    "electric_range",
    "equipment",
    "description",
)
INTERNAL = frozenset({"dealer_price"})
"""Not for the public: only where a dealer chooses it."""


def columns(names: tuple[str, ...], pictures: str) -> tuple[Column, ...]:
    """With German labels; pictures in the form in which they come along."""
    extra = OF_PICTURES[pictures][:1]
    return tuple(Column(BY_NAME[name].label, fact=name) for name in (*names, *extra))


def every_column(pictures: str) -> tuple[Column, ...]:
    of_pictures = {name for names in OF_PICTURES.values() for name in names}
    names = tuple(fact.name for fact in FACTS if fact.name not in of_pictures | INTERNAL)
    return columns(names, pictures)


def named_columns() -> tuple[Column, ...]:
    """Everything under the names of the facts, for programs; pictures as addresses."""
    return tuple(
        Column(fact.name, fact=fact.name)
        for fact in FACTS
        if fact.name not in {*INTERNAL, *OF_PICTURES["zip"], "first_picture_url"}
    )
