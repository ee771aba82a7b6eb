"""Makes and models, and what a type certificate says of energy. Keys are ours but in the platform's form."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cached_property
from typing import Any

from portal.sandbox.autoscout24_ch.clients import GIVEN
from portal.sandbox.database import SHARED_DATA

FILES = {
    "car": "makes-car.json",
    "motorcycle": "makes-motorbike.json",
    "utility": "makes-van.json",
    "truck": "makes-van.json",
    "camper": "makes-motorhome.json",
}
TRAILERS = ("Böckmann", "Humbaur", "Stema", "Unsinn", "Westfalia")
Named = tuple[str, str]
"""Key and name."""


class References:
    @cached_property
    def _makes(self) -> dict[str, dict[Named, tuple[Named, ...]]]:
        """Models by make, by category."""
        found = {category: _read(file) for category, file in FILES.items()}
        return found | {"trailer": {(_key(name), name): () for name in TRAILERS}}

    def makes(self, category: str) -> list[Named] | None:
        """None for a category that there is not."""
        return list(self._makes[category]) if category in self._makes else None

    def models(self, category: str, make: str) -> list[Named]:
        makes = self._makes.get(category, {})
        return next((list(models) for (key, _), models in makes.items() if key == make), [])

    def name(self, category: str, make: str) -> str:
        return next((name for key, name in self.makes(category) or () if key == make), make)

    def model_name(self, category: str, make: str, model: str) -> str:
        return next((name for key, name in self.models(category, make) if key == model), model)

    def certificate(self, number: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = GIVEN["certificates"].get(number)
        return found


def _read(file: str) -> dict[Named, tuple[Named, ...]]:
    content: dict[str, Any] = json.loads((SHARED_DATA / file).read_text("utf-8"))
    found: dict[Named, tuple[Named, ...]] = {}
    for entry in content.values():
        names = [one if isinstance(one, str) else one[1] for one in entry["models"]]
        found[_key(entry["label"]), entry["label"]] = tuple((_key(name), name) for name in names)
    return found


def _key(name: str) -> str:
    """`Mercedes-Benz` → `mercedes-benz`."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")
