"""The ports of a platform, kept in memory."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from portal.platforms.contract import ImageRef, Stores

Pairs = tuple[tuple[str, str], ...]


class MemoryImages:
    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.refs: dict[tuple[str, str], str] = {}

    def add(self, name: str, jpeg: bytes) -> ImageRef:
        self.pictures[name] = jpeg
        return ImageRef(name, len(jpeg))

    def jpeg(self, sha256: str) -> bytes | None:
        return self.pictures.get(sha256)

    def known_ref(self, account: str, sha256: str) -> str | None:
        return self.refs.get((account, sha256))

    def remember_ref(self, account: str, sha256: str, ref: str) -> None:
        self.refs[account, sha256] = ref

    def forget_ref(self, account: str, sha256: str) -> None:
        self.refs.pop((account, sha256), None)


class MemoryReferences:
    """Lists never age by themselves; `expire` makes all of them old."""

    def __init__(self) -> None:
        self.lists: dict[str, Pairs] = {}
        self.stale: dict[str, Pairs] = {}

    def get(self, path: str) -> Pairs | None:
        return self.lists.get(path)

    def get_stale(self, path: str) -> Pairs | None:
        return self.lists.get(path, self.stale.get(path))

    def put(self, path: str, values: Sequence[tuple[str, str]]) -> None:
        self.lists[path] = tuple(values)

    def expire(self) -> None:
        self.stale |= self.lists
        self.lists.clear()


def memory_stores() -> tuple[Stores, MemoryImages, MemoryReferences]:
    images, references = MemoryImages(), MemoryReferences()
    return Stores(images, references), images, references


def a_jpeg(width: int = 64, height: int = 48, colour: str = "navy") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "JPEG")
    return stream.getvalue()
