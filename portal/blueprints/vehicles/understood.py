"""Facts of a file in a dealer's words, for the preview of an import."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
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
TAXATION = REGISTRY["prices.taxation"]


def cells(facts: Mapping[str, Any]) -> list[tuple[Attribute, str]]:
    """Of a row in mobile.de's layout; `facts` as `StockRow` has them: JSON without defaults."""
    return [(one, _taxation(facts) if one is TAXATION else worded(one, facts)) for one in COLUMNS]


def cells_of_layout(facts: Mapping[str, Any]) -> list[tuple[Attribute, str]]:
    """Of a row in a dealer's own layout."""
    return [(one, worded(one, facts)) for one in COLUMNS]


def worded(attribute: Attribute, facts: Mapping[str, Any]) -> str:
    value = _stated(attribute, facts)
    if value is None or value == "":
        return NOTHING
    if attribute.choices:
        value = {True: "yes", False: "no"}.get(value, value)
        return translated(dict(attribute.choices).get(value, str(value)))
    if attribute.unit == "€":
        return euro(value)
    if attribute.type == "month" and isinstance(value, str):
        return f"{value[5:7]}.{value[:4]}"
    if isinstance(value, bool):
        return _("Ja") if value else _("Nein")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    with_unit = attribute.type in ("whole", "decimal") and attribute.unit
    return f"{number(Decimal(value))} {translated(attribute.unit)}" if with_unit else str(value)


def fact_at(facts: Mapping[str, Any], path: str) -> Any:
    """None where there is no such part."""
    value: Any = facts
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _stated(attribute: Attribute, facts: Mapping[str, Any]) -> Any:
    """What stands there, or what a vehicle is without a statement."""
    value = fact_at(facts, attribute.name)
    if attribute.name == "kind":
        return value or "used"
    if attribute.name == "first_registration":
        return value or facts.get("registration_year")
    return value


def _taxation(facts: Mapping[str, Any]) -> str:
    """Column L is the one that systems fill in both ways round: its meaning is written out."""
    value = _stated(TAXATION, facts)
    if value is None:
        return NOTHING
    if value == Taxation.VAT_DEDUCTIBLE:
        return _("MwSt. ausweisbar (L = 0)")
    return _("Differenzbesteuert nach § 25a UStG, MwSt. nicht ausweisbar (L = 1)")
