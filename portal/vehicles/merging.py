"""Two people change one vehicle: what each of them changed stays, what both changed is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
"""A value for each field, by its dotted name."""


@dataclass(frozen=True)
class Merge:
    """`merged` holds the form's value where both changed a field: nothing typed is lost.

    `conflicts`: changed in both places, to different values. `kept`: changed only in the meantime.
    """

    merged: dict[str, Any]
    conflicts: tuple[str, ...]
    kept: tuple[str, ...]


def _equal(_name: str, one: Any, other: Any) -> bool:
    return bool(one == other)


def merge(
    base: Values, stored: Values, typed: Values, alike: Callable[[str, Any, Any], bool] = _equal
) -> Merge:
    """Bring together what is stored now and what was typed into a form made from `base`.

    All three have the same names. `alike(name, one, other)` says whether two values of a field mean the same.
    """
    here = {name for name in base if not alike(name, base[name], typed[name])}
    elsewhere = {name for name in base if not alike(name, base[name], stored[name])}
    apart = {name for name in here & elsewhere if not alike(name, stored[name], typed[name])}
    return Merge(
        {name: typed[name] if name in here else stored[name] for name in base},
        tuple(name for name in base if name in apart),
        tuple(name for name in base if name in elsewhere - here),
    )
