"""The way of a file onto a server, step by step: nothing is replaced before the whole file is there."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import pytest

from portal.delivery import EgressPolicy, Target
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryFailure, DeliveryStep, ServerRefusal
from portal.delivery.remote_folder import upload
from tests.words import german

OLD, NEW = b"old", b"the new file"


class Shelf:
    """A server that keeps only so much of a file without saying so, and may refuse to rename."""

    def __init__(self, keeps: int = 1_000, renames: bool = True) -> None:
        self.keeps, self.renames = keeps, renames
        self.files = {"bestand.csv": OLD}

    def store(self, name: str, stream: BinaryIO) -> None:
        self.files[name] = stream.read()[: self.keeps]

    def size(self, name: str) -> int:
        return len(self.files[name])

    def replace(self, name: str, by: str) -> None:
        if not self.renames:
            raise ServerRefusal("no")
        self.files[name] = self.files.pop(by)

    def remove(self, name: str) -> None:
        del self.files[name]

    def read(self, name: str, limit: int) -> bytes | None:
        return self.files.get(name, b"")[:limit]

    def names(self) -> list[str]:
        return list(self.files)


def brought(shelf: Shelf) -> DeliveryAttempt:
    attempt = DeliveryAttempt(Target("sftp", "localhost"), EgressPolicy(), 20)
    upload(shelf, attempt, "bestand.csv", BytesIO(NEW), len(NEW))
    return attempt


def test_the_whole_file_takes_the_place_of_the_old_one() -> None:
    shelf = Shelf()
    assert brought(shelf).step is DeliveryStep.RENAME
    assert shelf.files == {"bestand.csv": NEW}


@pytest.mark.parametrize("keeps", [0, 1, len(NEW) - 1])
def test_a_file_that_arrived_cut_never_takes_the_place_of_the_old_one(keeps: int) -> None:
    shelf = Shelf(keeps)
    with pytest.raises(DeliveryFailure) as raised:
        brought(shelf)
    assert shelf.files == {"bestand.csv": OLD}
    assert (raised.value.step, raised.value.retryable) == (DeliveryStep.WRITE, True)
    assert f"{keeps} von {len(NEW)} Bytes" in german(raised.value.reason)


def test_where_it_cannot_be_renamed_the_old_file_stays_and_nothing_is_left() -> None:
    shelf = Shelf(renames=False)
    with pytest.raises(ServerRefusal):
        brought(shelf)
    assert shelf.files == {"bestand.csv": OLD}


def test_what_earlier_deliveries_left_is_swept_and_nothing_else() -> None:
    shelf = Shelf()
    shelf.files |= {
        "bestand.csv.0123abcd.part": b"half",
        "other.csv.0123abcd.part": b"",
        "bestand.csv.part": b"",
    }
    brought(shelf)
    assert set(shelf.files) == {"bestand.csv", "other.csv.0123abcd.part", "bestand.csv.part"}
