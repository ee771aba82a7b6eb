"""CO₂ classes of § 3a Pkw-EnVKV, and what contradicts them.

Classes by CO₂ in g/km: A 0, B 1–95, C 96–115, D 116–135, E 136–155, F 156–175, G from 176. A plug-in
hybrid has two: of the weighted value and of the value with a discharged battery. Electric and fuel-cell
cars emit nothing: A.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.messages import Message, say
from portal.vehicle_facts.numbers import spell

CLASS_LETTERS = "ABCDEFG"
_UP_TO = (0, 95, 115, 135, 155, 175)


def class_of(co2: int | Decimal) -> str:
    """The class of a value in g/km: of 95.4 that above 95, not that of 95."""
    return CLASS_LETTERS[bisect_left(_UP_TO, co2)]


class Propulsion(StrEnum):
    """What the law tells apart."""

    COMBUSTION = "combustion"
    PLUG_IN = "plug_in"
    ELECTRIC = "electric"
    FUEL_CELL = "fuel_cell"


@dataclass(frozen=True)
class EnergyStatement:
    """What a vehicle states. CO₂ in g/km. `burns`: it states a consumption of fuel."""

    drive: Propulsion
    co2: int | Decimal | None = None
    co2_class: str | None = None
    co2_discharged: int | Decimal | None = None
    co2_class_discharged: str | None = None
    burns: bool = False

    def contradictions_of_drive(self) -> Iterator[Contradiction]:
        """An electric car burns nothing: a plug-in that was entered as one does."""
        if self.drive is Propulsion.ELECTRIC:
            if self.burns or self.co2_class_discharged or self.co2_discharged:
                yield Contradiction("electric-but-burns", "fuel")
            elif self.co2:
                yield Contradiction("electric-but-emits", "energy.co2", spell(Decimal(self.co2)))
        elif self.drive is Propulsion.FUEL_CELL and self.co2:
            yield Contradiction("electric-but-emits", "energy.co2", spell(Decimal(self.co2)))

    def contradictions_of_discharged(self) -> Iterator[Contradiction]:
        """With a discharged battery a plug-in emits more than weighted, never less."""
        weighted, discharged = self.co2, self.co2_discharged
        if weighted is not None and discharged is not None and discharged < weighted:
            yield Contradiction(
                "co2-discharged-below-weighted", "energy.co2_discharged", spell(Decimal(discharged))
            )
        elif self.co2_class and self.co2_class_discharged and self.co2_class_discharged < self.co2_class:
            yield Contradiction("co2-discharged-below-weighted", "energy.co2_class_discharged")


SENTENCES: Mapping[str, Message] = {
    "co2-class-contradicts": say(
        "Die CO₂-Klasse passt nicht zum CO₂-Wert: Zu {value} g/km gehört die Klasse {right} (§ 3a Pkw-EnVKV)."
    ),
    "electric-but-burns": say(
        "Ein Elektrofahrzeug verbraucht keinen Kraftstoff und hat keine Werte bei "
        "entladener Batterie. Ist es ein Plug-in-Hybrid, wählen Sie Kraftstoff und Hybridart neu."
    ),
    "electric-but-emits": say(
        "Ein Elektro- oder Brennstoffzellenfahrzeug hat 0 g/km, angegeben sind {value} g/km."
    ),
    "co2-discharged-below-weighted": say(
        "Bei entladener Batterie sind CO₂-Wert und CO₂-Klasse nie besser als gewichtet."
    ),
}


@dataclass(frozen=True)
class Contradiction:
    """`field` is where it is mended; `right` the class that would fit, empty where there is none."""

    code: str
    field: str
    value: str = ""
    right: str = ""

    @property
    def text(self) -> Message:
        return SENTENCES[self.code].filled(value=self.value, right=self.right)


def offered(statement: EnergyStatement) -> dict[str, str]:
    """The classes that follow from the values, by the field of the class."""
    found: dict[str, str] = {}
    emits_nothing = statement.drive in (Propulsion.ELECTRIC, Propulsion.FUEL_CELL)
    if statement.co2 is not None:
        found["energy.co2_class"] = class_of(statement.co2)
    elif emits_nothing:
        found["energy.co2_class"] = class_of(0)
    if statement.drive is Propulsion.PLUG_IN and statement.co2_discharged is not None:
        found["energy.co2_class_discharged"] = class_of(statement.co2_discharged)
    return found


def contradictions(statement: EnergyStatement) -> Iterator[Contradiction]:
    """What cannot be true together. Nothing is said of what is missing."""
    yield from statement.contradictions_of_drive()
    right = offered(statement)
    stated = {
        "energy.co2_class": statement.co2_class,
        "energy.co2_class_discharged": statement.co2_class_discharged,
    }
    for field, letter in stated.items():
        if letter and (fitting := right.get(field)) and letter != fitting:
            value = statement.co2 if field == "energy.co2_class" else statement.co2_discharged
            yield Contradiction("co2-class-contradicts", field, spell(Decimal(value or 0)), fitting)
    if statement.drive is Propulsion.PLUG_IN:
        yield from statement.contradictions_of_discharged()
