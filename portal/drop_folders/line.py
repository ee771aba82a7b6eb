"""Whose file is taken next."""

from __future__ import annotations

import asyncio
from uuid import UUID


class TurnOfDealers:
    """Folders in the order in which they came; whoever comes again goes to the end. Of a dealer one is served
    at a time: many or large files keep nobody else waiting as long as there is another turn."""

    def __init__(self) -> None:
        self._dealers: dict[UUID, UUID] = {}
        """Of the folders that wait, in their order."""
        self._busy: set[UUID] = set()
        self._changed = asyncio.Event()

    def join(self, source_id: UUID, dealer_id: UUID) -> None:
        """Nothing changes for one that waits already."""
        self._dealers.setdefault(source_id, dealer_id)
        self._changed.set()

    async def next(self) -> tuple[UUID, UUID]:
        """A folder and its dealer, who is busy until `leave`."""
        while (found := self._first()) is None:
            self._changed.clear()
            await self._changed.wait()
        source_id, dealer_id = found
        del self._dealers[source_id]
        self._busy.add(dealer_id)
        return source_id, dealer_id

    def leave(self, dealer_id: UUID) -> None:
        self._busy.discard(dealer_id)
        self._changed.set()

    def _first(self) -> tuple[UUID, UUID] | None:
        free = ((source, dealer) for source, dealer in self._dealers.items() if dealer not in self._busy)
        return next(free, None)
