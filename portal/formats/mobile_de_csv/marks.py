"""Rows that were read before: known again by their marks, they need not be read to facts once more."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

DIGEST_BYTES = 16
BETWEEN = "\0"
"""Parts the cells of a row in its text."""


class RowMarks:
    """A mark is the digest of a row's cells, as one layout takes them, with the columns that it used.

    `layout` names everything but the code by which a row is read; `bits` is how many say what a row used.
    """

    def __init__(self, layout: bytes, bits: int) -> None:
        self._seed = blake2b(layout, digest_size=DIGEST_BYTES)
        self._used_bytes = (bits + 7) // 8
        self.known: Mapping[bytes, int] = {}
        """By the digest what the row used."""

    @property
    def layout_key(self) -> str:
        return self._seed.hexdigest()

    @property
    def length(self) -> int:
        """Bytes of a mark."""
        return DIGEST_BYTES + self._used_bytes

    def digest_of(self, text: str, cells: int) -> bytes:
        """`text` is that of so many cells. Empty where one of them holds the sign that parts them: another
        row could look like it."""
        if text.count(BETWEEN) != cells - 1:
            return b""
        digest = self._seed.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.digest()

    def mark(self, digest: bytes, used: int) -> bytes:
        return digest + used.to_bytes(self._used_bytes)

    def remember(self, marks: bytes) -> None:
        """`marks` stand one after the other; most rows use the same columns, and share what says so."""
        shared: dict[bytes, int] = {}
        known: dict[bytes, int] = {}
        for start in range(0, len(marks), self.length):
            end = start + DIGEST_BYTES
            used = marks[end : start + self.length]
            known[marks[start:end]] = shared.setdefault(used, int.from_bytes(used))
        self.known = known
