"""The zip is one that others open: zipfile, and any unpacker that reads the format."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.archive import ZipWriter


class Sink(io.RawIOBase):
    """Takes everything, keeps nothing, cannot seek."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.size += len(memoryview(data))  # type: ignore[arg-type]
        return len(memoryview(data))  # type: ignore[arg-type]


def packed(table: bytes, pictures: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with ZipWriter(stream) as writer:
        writer.add_file("stock.csv", io.BytesIO(table))
        for name, content in pictures.items():
            writer.add(name, content)
    return stream.getvalue()


NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,20}\.jpg", fullmatch=True)


@given(st.binary(max_size=3000), st.dictionaries(NAMES, st.binary(max_size=500), max_size=5))
def test_others_read_what_was_packed(table: bytes, pictures: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(table, pictures))) as found:
        assert found.testzip() is None
        assert found.namelist() == ["stock.csv", *pictures]
        assert found.read("stock.csv") == table
        assert {name: found.read(name) for name in pictures} == pictures


def test_the_same_content_gives_the_same_bytes() -> None:
    assert packed(b"a;b\r\n", {"1.jpg": b"x"}) == packed(b"a;b\r\n", {"1.jpg": b"x"})


def test_an_empty_archive_is_one() -> None:
    stream = io.BytesIO()
    with ZipWriter(stream):
        pass
    assert zipfile.ZipFile(stream).namelist() == []


def test_more_entries_than_the_old_format_counts() -> None:
    stream = io.BytesIO()
    with ZipWriter(stream) as writer:
        for number in range(70_000):
            writer.add(f"{number}.jpg", b"")
    with zipfile.ZipFile(stream) as found:
        assert len(found.namelist()) == 70_000
        assert found.read("69999.jpg") == b""


def test_offsets_beyond_four_gibibytes() -> None:
    """zipfile forgives a beginning that is missing, so it need not be written for this."""
    stream = io.BytesIO()
    with ZipWriter(stream) as writer:
        writer._position = 5 << 30
        writer.add("1.jpg", b"first")
        writer.add("2.jpg", b"second")
    with zipfile.ZipFile(stream) as found:
        assert found.testzip() is None
        assert found.read("2.jpg") == b"second"


def test_a_file_that_failed_has_no_end() -> None:
    stream = io.BytesIO()
    with pytest.raises(OSError, match="disk"):
        _fail(stream)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(stream)


def _fail(stream: io.BytesIO) -> None:
    with ZipWriter(stream) as writer:
        writer.add("1.jpg", b"x")
        raise OSError("disk full")


def peak(entries: int) -> int:
    content = b"x" * 10_000
    tracemalloc.start()
    with ZipWriter(Sink()) as writer:  # type: ignore[arg-type]
        for number in range(entries):
            writer.add(f"A{number:06}_1.jpg", content)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_number_of_pictures() -> None:
    peak(100)
    assert peak(20_000) < 2 * max(peak(2_000), 500_000)
