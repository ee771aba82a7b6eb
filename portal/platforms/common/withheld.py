"""What keeps a vehicle from every platform, whatever that one asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.formats.mojibake import spoilt_texts
from portal.platforms.contract import Feedback
from portal.platforms.contract.subject import Rules
from portal.translations.message import say
from portal.vehicle_facts.confirmation import doubtful_amounts
from portal.vehicle_facts.data import VehicleData

LONGEST_EXCERPT = 80


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
    yield from doubts(facts)


def doubts(facts: Mapping[str, Any]) -> Iterator[Feedback]:
    """What is hardly ever meant as it stands in a vehicle's JSON: a car for 12,99 €, `GrÃ¼n`.

    Somebody has to say so before it is published: such a car would be sold for that price.
    """
    for path, doubt in doubtful_amounts(facts):
        yield Feedback(doubt.code, doubt.text, path)
    for path, repaired in spoilt_texts(facts):
        text = say(
            "Der Text enthält zerstörte Umlaute. Vermutlich ist gemeint: „{value}“.", value=excerpt(repaired)
        )
        yield Feedback("text-spoilt", text, path)


def excerpt(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST_EXCERPT else f"{one_line[: LONGEST_EXCERPT - 1]}…"
