"""What the platform takes of a listing: members, words and bounds as its OpenAPI document states them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.sandbox.autoscout24_ch.clients import DATA

TERMS: dict[str, Any] = json.loads((DATA / "terms.json").read_text("utf-8"))
CREATE_ONLY = frozenset(TERMS["createOnly"])
_KINDS = ("whole", "decimal", "texts", "patterns", "choices")
MEMBERS = (
    frozenset(TERMS["flags"]) | frozenset(TERMS["dates"]) | {name for one in _KINDS for name in TERMS[one]}
)


def faults_of(body: Any, *, create: bool) -> list[str]:
    """What is wrong with a body, a sentence each. An update cannot change what was fixed by the create."""
    if not isinstance(body, dict):
        return ["The body must be an object"]
    due = [*TERMS["due"], *(TERMS["createDue"] if create else ())]
    return [
        *(f"{name} must not be null" for name in due if body.get(name) is None),
        *(found for name, value in body.items() if (found := _fault(name, value, create=create))),
    ]


def _fault(name: str, value: Any, *, create: bool) -> str:
    if name not in MEMBERS or (not create and name in CREATE_ONLY):
        return f"{name} is not a known property"
    if value is None:
        return ""
    return next(_of_kind(name, value), "")


def _of_kind(name: str, value: Any) -> Iterator[str]:
    """By the kind of member: at most one sentence."""
    pattern = TERMS["patterns"].get(name)
    if name in TERMS["flags"] and not isinstance(value, bool):
        yield f"{name} must be a boolean"
    elif name in TERMS["dates"] and not _is_day(value):
        yield f"{name} must be a date"
    elif name in TERMS["choices"] and value not in TERMS["words"][TERMS["choices"][name]]:
        yield f"{name} has an unknown value"
    elif pattern and not (isinstance(value, str) and re.fullmatch(pattern.strip("^$"), value)):
        yield f"{name} must match {pattern}"
    elif name in TERMS["texts"] and not (isinstance(value, str) and len(value) <= TERMS["texts"][name]):
        yield f"{name} size must be between 0 and {TERMS['texts'][name]}"
    elif name in TERMS["whole"] and not _between(value, int, *TERMS["whole"][name]):
        yield f"{name} must be a whole number within its bounds"
    elif name in TERMS["decimal"] and not _between(value, (int, float), *TERMS["decimal"][name]):
        yield f"{name} must be a number within its bounds"


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _between(value: Any, kind: Any, lowest: float, highest: float) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and lowest <= value <= highest


def unknown_attributes(body: Any) -> list[str]:
    """Of the equipment: search attributes that there are not; a body that is none counts as one."""
    given = body.get("searchAttributes", []) if isinstance(body, dict) else None
    if not isinstance(given, list):
        return ["searchAttributes"]
    return [str(one) for one in given if one not in TERMS["attributes"]]
