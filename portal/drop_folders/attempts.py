"""How often somebody may try a password. In this process: one serves all folders."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress

WITHIN = 15 * 60.0
"""Seconds."""
MOST_AT_LOGIN, MOST_FROM_ADDRESS = 10, 30
MOST_KEPT = 10_000
"""Logins and addresses that are remembered; the oldest are forgotten first."""


class Attempts:
    """Failures of the last quarter of an hour, by login at an address, and by address.

    A stranger elsewhere locks nobody out: a login counts together with where it was tried from.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def admit(self, login: str, address: str) -> bool:
        return self._count((address, login)) < MOST_AT_LOGIN and self._count((address,)) < MOST_FROM_ADDRESS

    def fail(self, login: str, address: str) -> float:
        """Its moment, by which it can be forgiven."""
        moment = self._clock()
        for key in ((address, login), (address,)):
            self._failures.setdefault(key, deque(maxlen=MOST_FROM_ADDRESS)).append(moment)
            self._failures.move_to_end(key)
        while len(self._failures) > MOST_KEPT:
            self._failures.popitem(last=False)
        return moment

    def forgive(self, login: str, address: str, moment: float) -> None:
        """It was none: with it go those at the login, but not those at others from the address, where a
        vendor's machine may serve a hundred dealers."""
        self._failures.pop((address, login), None)
        with suppress(KeyError, ValueError):
            self._failures[address,].remove(moment)

    def _count(self, key: tuple[str, ...]) -> int:
        since = self._clock() - WITHIN
        return sum(moment > since for moment in self._failures.get(key, ()))
