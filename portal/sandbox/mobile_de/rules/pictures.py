"""The list of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from portal.sandbox.mobile_de.rules.findings import AdFinding


def refused(
    ad: dict[str, Any], most: int, unknown_refs: Callable[[list[str]], list[str]]
) -> Iterator[AdFinding]:
    """No list is fine, and so is an empty one."""
    if "images" not in ad:
        return
    given = ad["images"]
    if not isinstance(given, list) or not all(
        isinstance(one, dict) and isinstance(one.get("ref"), str) for one in given
    ):
        yield AdFinding("invalid-format", "images", str(given))
        return
    if len(given) > most:
        yield AdFinding("too-many-images", "images", str(len(given)))
        return
    for ref in unknown_refs([entry["ref"] for entry in given]):
        yield AdFinding("unknown-image-ref", "images", ref)
