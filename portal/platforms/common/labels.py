"""What a dealer calls the facts of a vehicle, for feedback about them and for columns of files."""

from __future__ import annotations

from portal.vehicle_facts.registry import REGISTRY

LABELS: dict[str, str] = {attribute.name: attribute.public_term for attribute in REGISTRY} | {
    "prices.taxation": "MwSt.-Satz",
    "prices.on_request": "Preisart",
    "images": "Bilder",
    "financing": "Finanzierung",
    "leasing": "Leasing",
}


def german(field: str) -> str:
    """The label of a fact; the name itself for one without."""
    return LABELS.get(field, field)
