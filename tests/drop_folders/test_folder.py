"""The folder on disk: what makes way for something new, and what stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.drop_folders.folder import DropFolder, FolderBounds, NotTaken

KILOBYTE = 1024


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    return DropFolder(tmp_path / "one", FolderBounds(2 * KILOBYTE, 3 * KILOBYTE))


def put(folder: DropFolder, name: str, size: int = KILOBYTE) -> None:
    upload = folder.begin(name)
    try:
        upload.write(0, b"x" * size)
    except NotTaken:
        folder.discard(upload)
        raise
    folder.finish(upload)


def settle(folder: DropFolder) -> None:
    for dropped in list(folder.waiting()):
        folder.settle(dropped)


def test_the_oldest_that_was_taken_makes_way(folder: DropFolder, tmp_path: Path) -> None:
    for age, name in ((30, "first.csv"), (20, "second.csv"), (10, "third.csv")):
        put(folder, name)
        os.utime(tmp_path / "one" / "files" / name, (1_000_000 - age, 1_000_000 - age))
    settle(folder)
    put(folder, "fourth.csv")
    assert folder.names() == ["fourth.csv", "second.csv", "third.csv"]


def test_what_waits_makes_no_way(folder: DropFolder) -> None:
    for name in ("first.csv", "second.csv", "third.csv"):
        put(folder, name)
    with pytest.raises(NotTaken):
        put(folder, "fourth.csv")
    assert folder.names() == ["first.csv", "second.csv", "third.csv"]


@pytest.mark.parametrize("name", ["stock.csv.part", "STOCK.CSV.PART", "stock.Tmp"])
def test_what_is_still_to_be_renamed_makes_no_way_however_it_is_written(
    folder: DropFolder, name: str
) -> None:
    put(folder, name)
    assert list(folder.waiting()) == []
    for other in ("first.csv", "second.csv", "third.csv"):
        put(folder, other)
        settle(folder)
    assert name in folder.names()
