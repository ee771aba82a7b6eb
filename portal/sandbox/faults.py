"""Faults to be played: which requests they strike, and how often."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from secrets import SystemRandom
from typing import Any

KINDS = (
    "sellers",
    "customers",
    "list",
    "create",
    "read",
    "update",
    "patch",
    "delete",
    "image",
    "figures",
    "rating",
    "refdata",
)
FILE_KINDS = ("connect", "login", "store", "replace", "rename", "fetch")
"""Steps of the file portal. Replace is renaming over a file that is there already."""


class Effect(StrEnum):
    """What happens. "After commit" means that the request was carried out all the same."""

    RATE_LIMIT = "rate-limit"
    ERROR = "error"
    REJECT = "reject"
    RESET = "reset"
    ERROR_AFTER_COMMIT = "error-after-commit"
    RESET_AFTER_COMMIT = "reset-after-commit"
    HALF_LIST = "half-list"
    GARBAGE = "garbage"
    SLOW = "slow"
    HANG = "hang"
    DISK_FULL = "disk-full"
    WRONG_HOST_KEY = "wrong-host-key"


FILE_EFFECTS = {
    Effect.HANG: FILE_KINDS,
    Effect.DISK_FULL: ("store",),
    Effect.WRONG_HOST_KEY: ("connect",),
}
"""What only the file portal plays, and where."""


@dataclass(frozen=True)
class Fault:
    """Empty `kinds` and unset scopes mean any. `count` is how often it still strikes (None: for ever)."""

    fault_id: int
    effect: Effect
    kinds: tuple[str, ...] = ()
    seller_id: str | None = None
    internal_number: str | None = None
    count: int | None = None
    probability: float = 1.0
    status: int = 500
    retry_after: int | None = None
    retry_after_as: str = "seconds"
    delay_ms: int = 0
    body: str = "invalid-json"
    error: Mapping[str, str] | None = None
    after_bytes: int = 0
    """At the file portal: so much of an upload is still taken."""

    def concerns(self, kind: str, seller_id: str | None, internal_number: str | None) -> bool:
        if self.kinds and kind not in self.kinds:
            return False
        if self.effect is Effect.HALF_LIST and kind != "list":
            return False
        if kind not in FILE_EFFECTS.get(self.effect, (kind,)):
            return False
        if self.seller_id is not None and self.seller_id != seller_id:
            return False
        return self.internal_number is None or self.internal_number == internal_number


class Faults:
    """In memory: a restart clears them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._random = SystemRandom()
        self._active: dict[int, Fault] = {}

    def add(self, **facts: Any) -> Fault:
        fault = Fault(next(self._numbers), **facts)
        with self._lock:
            self._active[fault.fault_id] = fault
        return fault

    def active(self) -> list[Fault]:
        with self._lock:
            return list(self._active.values())

    def remove(self, fault_id: int) -> bool:
        with self._lock:
            return self._active.pop(fault_id, None) is not None

    def clear(self) -> None:
        with self._lock:
            self._active.clear()

    def strike(self, kind: str, seller_id: str | None, internal_number: str | None) -> list[Fault]:
        """The faults for this request: any delays, and at most one other effect, the oldest."""
        if not self._active:
            return []
        struck: list[Fault] = []
        with self._lock:
            for fault in list(self._active.values()):
                decided = any(other.effect is not Effect.SLOW for other in struck)
                if decided and fault.effect is not Effect.SLOW:
                    continue
                if fault.concerns(kind, seller_id, internal_number) and self._happens(fault):
                    self._use_up(fault)
                    struck.append(fault)
        return struck

    def _happens(self, fault: Fault) -> bool:
        return fault.probability >= 1 or self._random.random() < fault.probability

    def _use_up(self, fault: Fault) -> None:
        if fault.count is None:
            return
        if fault.count <= 1:
            del self._active[fault.fault_id]
        else:
            self._active[fault.fault_id] = replace(fault, count=fault.count - 1)
