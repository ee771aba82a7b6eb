"""What the folder of a platform hands the sandbox; the registry stands in `portal.sandbox`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flask import Blueprint

from portal.sandbox.database import Database


class MarketState(Protocol):
    """What a platform holds: accounts, listings, pictures."""

    def owner_id(self, number: str) -> str | None:
        """What faults and the request log call a dealer, by any number that the platform knows them by."""

    def reset(self) -> None:
        """Back to the first start."""


@dataclass(frozen=True)
class Marketplace:
    slug: str
    """As the portal's registry calls it."""
    name: str
    blueprints: tuple[Blueprint, ...]
    state: Callable[[Database], MarketState]
    schema: Path
    home: str
    """Endpoint of the first page for people."""
    machine_paths: tuple[str, ...]
    """Beginnings of the addresses that answer programs: their errors are no pages."""
