"""What faults do to one step of a file transfer."""

from __future__ import annotations

from collections.abc import Sequence
from errno import ENOSPC

from portal.sandbox.faults import Effect, Fault


class Cut(Exception):
    """The connection ends now, without a word."""


class Hang(Exception):
    """Nothing is answered any more."""


class DiskFull(OSError):
    def __init__(self) -> None:
        super().__init__(ENOSPC, "No space left on device")


class Strain:
    """The faults that struck one login, upload, renaming …

    `cut` and `hang` hold from the beginning; an upload asks `room` block by block, because there they may
    begin after so many bytes.
    """

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self.seconds = sum(fault.delay_ms for fault in faults) / 1000
        self.names = ", ".join(fault.effect for fault in faults) or None
        self._fault = next((fault for fault in faults if fault.effect is not Effect.SLOW), None)
        self._taken = 0

    def has(self, effect: Effect) -> bool:
        return self._fault is not None and self._fault.effect is effect

    @property
    def refused(self) -> bool:
        return self.has(Effect.REJECT)

    def begin(self) -> None:
        """For steps without content. Raises Cut or Hang."""
        if self.has(Effect.RESET):
            raise Cut
        if self.has(Effect.HANG):
            raise Hang

    def room(self, size: int) -> int:
        """How many bytes of a block are still taken."""
        if self._fault is None or self._fault.effect not in (Effect.RESET, Effect.HANG, Effect.DISK_FULL):
            return size
        left = max(0, self._fault.after_bytes - self._taken)
        self._taken += size
        return min(size, left)

    def full(self) -> OSError | Cut | Hang:
        """What happens to the bytes for which there is no room."""
        if self.has(Effect.DISK_FULL):
            return DiskFull()
        return Cut() if self.has(Effect.RESET) else Hang()
