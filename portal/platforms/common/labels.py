"""What a dealer calls the facts of a vehicle, for feedback about them and for columns of files."""

from __future__ import annotations

from portal.messages import N_, Wording, say
from portal.vehicle_facts.registry import REGISTRY

LABELS: dict[str, str] = {attribute.name: attribute.public_term for attribute in REGISTRY} | {
    "prices.taxation": N_("MwSt.-Satz"),
    "prices.on_request": N_("Preisart"),
    "images": N_("Bilder"),
    "financing": N_("Finanzierung"),
    "leasing": N_("Leasing"),
}


def label_of(field: str) -> Wording:
    """The label of a fact; the name itself for one without."""
    return say(LABELS[field]) if field in LABELS else field
