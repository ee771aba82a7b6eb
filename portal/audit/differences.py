"""Field differences, for people: of a vehicle before and after a change, of a listing and what it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.messages import Wording, as_json, say

Json = dict[str, Any]
LONGEST_VALUE = 200
"""Characters of a value that are kept."""


def differences(old: Json, new: Json, labels: Mapping[str, Wording]) -> list[Json]:
    """`{"field", "label", "old", "new"}` for each path that differs, in the order of the payload."""
    return [
        {"field": path, "label": as_json(labels.get(path) or path), "old": before, "new": after}
        for path, before, after in changed_paths(old, new)
    ]


def changed_paths(old: Json, new: Json) -> Iterator[tuple[str, Any, Any]]:
    """Each path that differs with its two values as they are shown, in the order of the new document."""
    before, after = dict(_flat(old)), dict(_flat(new))
    for path in dict.fromkeys([*after, *before]):
        if before.get(path) != after.get(path):
            yield _cut(path), _shown(before.get(path)), _shown(after.get(path))


def _flat(value: Json, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        path = f"{prefix}{key}"
        if isinstance(item, dict):
            yield from _flat(item, f"{path}.")
        else:
            yield path, item


def _shown(value: Any) -> Any:
    """A value as it is shown, as JSON. Pictures are named by the head of their hash."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return (say("ja") if value else say("nein")).as_json()
    if isinstance(value, list):
        items = (
            "/".join(str(part)[:8] for part in item.values()) if isinstance(item, dict) else str(item)
            for item in value
        )
        return _cut(", ".join(items))
    return _cut(str(value))


def _cut(text: str) -> str:
    """Without what no database holds: a platform may show anything."""
    text = text.replace("\x00", "").encode(errors="ignore").decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
