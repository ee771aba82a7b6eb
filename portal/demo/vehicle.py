"""A vehicle of the demo: its facts, and what its pictures show."""

from __future__ import annotations

from dataclasses import dataclass

from portal.vehicles.data import VehicleData


@dataclass(frozen=True)
class DemoVehicle:
    """`body`, `paint` and `interior` say which pictures show it."""

    facts: VehicleData
    body: str
    paint: str
    interior: str
    online: bool = True
    pictures: bool = True
