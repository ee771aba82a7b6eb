"""Facts of a file in a dealer's words, for the preview of an import."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal.vehicle_facts.attributes import Attribute
from portal.vehicle_facts.data import Taxation
from portal.vehicle_facts.registry import REGISTRY
from portal.web.templating import NOTHING, euro, number
from portal.web.wording import translated

COLUMNS: tuple[Attribute, ...] = tuple(
    REGISTRY[name]
    for name in (
        *("make", "model", "prices.selling", "prices.taxation", "kind", "first_registration"),
        *("mileage", "power", "fuel", "gearbox", "vin"),
    )
)
"""What shows soonest that columns are mistaken for others."""


def cells(facts: dict[str, Any]) -> list[tuple[Attribute, str]]:
    """`facts` as `StockRow` has them: JSON without defaults."""
    return [(column, _worded(column, facts)) for column in COLUMNS]


def _worded(attribute: Attribute, facts: dict[str, Any]) -> str:
    value: Any = facts
    for part in attribute.name.split("."):
        value = (value or {}).get(part)
    if attribute.name == "prices.taxation":
        return _taxation(value)
    if attribute.name == "kind":
        value = value or "used"
    if value is None or value == "":
        return NOTHING
    if attribute.choices:
        return translated(dict(attribute.choices)[value])
    if attribute.type == "month":
        return f"{value[5:7]}.{value[:4]}"
    if attribute.name == "prices.selling":
        return euro(value)
    return f"{number(value)} {attribute.unit}" if attribute.type == "whole" else str(value)


def _taxation(value: str | None) -> str:
    """Column L is the one that systems fill in both ways round: its meaning is written out."""
    if value is None:
        return NOTHING
    if value == Taxation.VAT_DEDUCTIBLE:
        return _("MwSt. ausweisbar (L = 0)")
    return _("Differenzbesteuert nach § 25a UStG, MwSt. nicht ausweisbar (L = 1)")
