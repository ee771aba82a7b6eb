"""A doorbell for tests."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from portal.outbox import Line


class Bell:
    """Notes who was rung."""

    def __init__(self) -> None:
        self.rung: list[UUID] = []
        self.lines: list[Line] = []
        """In which line each was rung for."""

    def __call__(self, activation_ids: Iterable[UUID], line: Line = Line.PEOPLE, /) -> None:
        rung = list(activation_ids)
        self.rung += rung
        self.lines += [line] * len(rung)
