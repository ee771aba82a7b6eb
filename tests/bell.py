"""A doorbell for tests."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID


class Bell:
    """Notes who was rung."""

    def __init__(self) -> None:
        self.rung: list[UUID] = []

    def __call__(self, activation_ids: Iterable[UUID]) -> None:
        self.rung += activation_ids
