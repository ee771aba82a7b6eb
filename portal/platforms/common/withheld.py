"""What keeps a vehicle from every platform, whatever that one asks for."""

from __future__ import annotations

from collections.abc import Iterator

from portal.messages import say
from portal.platforms.contract import Feedback
from portal.platforms.contract.subject import Rules
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.doubts import doubts


def withheld(vehicle: VehicleData, rules: Rules) -> Iterator[Feedback]:
    """Asked by the preflight of every app before anything else."""
    if vehicle.sold:
        yield Feedback("sold", say("Das Fahrzeug ist verkauft und wird deshalb nicht übertragen."), "sold")
    if vehicle.trade_in and not rules.trade_ins:
        text = say("Inzahlungnahmen werden nach Ihren Einstellungen nicht exportiert.")
        yield Feedback("trade-in", text, "trade_in")
    # Only the parts that `doubts` looks at: writing all of it as JSON would double the planning.
    facts = vars(vehicle) | {
        "prices": vars(vehicle.prices),
        "leasing": vars(vehicle.leasing) if vehicle.leasing else {},
        "energy": vars(vehicle.energy),
        "battery": vars(vehicle.battery),
        "equipment": vars(vehicle.equipment),
        "financing": [vars(example) if example else {} for example in vehicle.financing],
    }
    for doubt in doubts(facts):
        yield Feedback(doubt.code, doubt.text, doubt.path)
