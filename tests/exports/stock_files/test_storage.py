"""Files in pieces: what was written comes back, plain and as one gzip file."""

from __future__ import annotations

import gzip
import hashlib
import io
import tracemalloc
import zlib
from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exports.core.lease import LeaseLost
from portal.exports.stock_files import control, storage
from portal.exports.stock_files.storage import PART_SIZE
from portal.models.exports import RunKind
from portal.models.runs import Run
from tests.exports.leases import hold
from tests.exports.stock_files.conftest import FileStage


@given(st.lists(st.binary(max_size=2_000), max_size=6))
def test_pieces_one_after_the_other_are_one_gzip_file(pieces: list[bytes]) -> None:
    """Read by Python's gzip, and by a decoder that stops after the first member, as HTTP clients do."""
    plain = b"".join(pieces)
    packed = [storage.pack(piece) for piece in pieces]
    whole = storage.GZIP_HEADER + b"".join(packed) + storage.trailer(zlib.crc32(plain), len(plain))
    assert gzip.decompress(whole) == plain
    single = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert single.decompress(whole) == plain
    assert single.eof
    assert single.unused_data == b""
    assert len(whole) == storage.gzip_size(sum(map(len, packed)))
    assert [storage.unpack(piece) for piece in packed] == pieces


@pytest.mark.parametrize("size", [0, 1, PART_SIZE - 1, PART_SIZE, PART_SIZE + 1, 3 * PART_SIZE + 7])
def test_a_stream_hands_over_full_pieces(size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    kept: list[bytes] = []
    stream = storage.PartStream(lambda position, packed: kept.insert(position, storage.unpack(packed)))
    for start in range(0, size, 700_001):
        assert stream.write(content[start : start + 700_001])
    written = stream.finish()
    assert b"".join(kept) == content
    assert all(len(piece) == PART_SIZE for piece in kept[:-1])
    assert written.sha256 == hashlib.sha256(content).hexdigest()
    assert (written.size, written.crc32) == (size, zlib.crc32(content))


def test_a_text_wrapper_may_close_it_before_the_end(stage: FileStage) -> None:
    stream = storage.PartStream(lambda _position, _packed: None)
    text = io.TextIOWrapper(stream, encoding="utf-8")  # type: ignore[type-var]
    text.write("ä")
    text.close()
    assert stream.finish().size == 2


def test_a_file_is_found_once_it_is_whole(stage: FileStage) -> None:
    assert storage.find_file(stage.session, _run(stage)) is None
    found = storage.find_file(stage.session, _write(stage, [b"abc"]))
    assert found is not None
    with storage.spooled(stage.runtime.sessions, found) as stream:
        assert stream.read() == b"abc"
    assert gzip.decompress(b"".join(storage.gzip_pieces(stage.runtime.sessions, found))) == b"abc"


def test_a_file_that_was_tampered_with_is_not_delivered(stage: FileStage) -> None:
    found = storage.find_file(stage.session, _write(stage, [b"abc"]))
    assert found is not None
    found.sha256 = "0" * 64
    with (
        pytest.raises(OSError, match="not as it was written"),
        storage.spooled(stage.runtime.sessions, found),
    ):
        pass


def test_without_the_lease_nothing_is_written(stage: FileStage) -> None:
    with hold(stage.runtime.sessions, stage.activation.id) as lease:
        assert lease is not None
        run_id = _run(stage)
        stage.lose_lease()
        stream = storage.open_stream(stage.runtime.sessions, lease, run_id, "text/csv")
        with pytest.raises(LeaseLost):
            stream.write(b"x" * PART_SIZE)


def test_neither_writing_nor_reading_holds_the_whole_file(stage: FileStage) -> None:
    """40 MiB pass through a few MiB."""
    tracemalloc.start()
    try:
        run_id = _write(stage, (bytes([number]) * PART_SIZE for number in range(40)))
        found = storage.find_file(stage.session, run_id)
        assert found is not None
        assert sum(map(len, storage.plain_pieces(stage.runtime.sessions, found))) == 40 * PART_SIZE
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * PART_SIZE


def _run(stage: FileStage) -> UUID:
    with stage.runtime.sessions.begin() as session:
        run = Run(activation_id=stage.activation.id, kind=RunKind.FILE)
        session.add(run)
        session.flush()
        storage.begin_file(session, run.id, "a.csv", "text/csv")
        return run.id


def _write(stage: FileStage, pieces: Iterable[bytes]) -> UUID:
    with stage.runtime.sessions.begin() as session:
        control.cancel_run(session, stage.activation.id, "")
    run_id = _run(stage)
    with hold(stage.runtime.sessions, stage.activation.id) as lease:
        assert lease is not None
        stream = storage.open_stream(stage.runtime.sessions, lease, run_id, "text/csv")
        for piece in pieces:
            stream.write(piece)
        written = stream.finish()
    with stage.runtime.sessions.begin() as session:
        storage.complete_file(session, run_id, written)
    return run_id
