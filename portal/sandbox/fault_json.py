"""Faults as the control endpoint reads and shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal.sandbox.faults import FILE_KINDS, KINDS, Effect, Fault

BODIES = ("invalid-json", "html", "wrong-shape")
Json = dict[str, Any]


def facts(given: Any, seller_id_of: Callable[[str], str]) -> Json:
    """The facts of a fault; raises ValueError with the reason for anything unknown or out of range."""
    if not isinstance(given, Mapping):
        raise ValueError("A fault is an object.")
    unknown = set(given) - _READERS.keys() - {"id"}
    if unknown:
        raise ValueError(f"Unknown members: {', '.join(sorted(unknown))}.")
    if given.get("effect") not in list(Effect):
        raise ValueError(f"effect must be one of {', '.join(Effect)}.")
    read = {
        name: reader(member, given[member])
        for member, (name, reader) in _READERS.items()
        if given.get(member) is not None
    }
    if "seller_id" in read:
        read["seller_id"] = seller_id_of(read["seller_id"])
    return read


def _kinds(member: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(kind in (*KINDS, *FILE_KINDS) for kind in value):
        raise ValueError(f"{member} must be a list of {', '.join((*KINDS, *FILE_KINDS))}.")
    return tuple(value)


def _text(member: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{member} must be a text.")
    return value


def _number(lowest: int, highest: int) -> Callable[[str, Any], int]:
    def read(member: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(f"{member} must be a whole number from {lowest} to {highest}.")
        return value

    return read


def _share(member: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
        raise ValueError(f"{member} must be above 0 and at most 1.")
    return float(value)


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def read(member: str, value: Any) -> str:
        if value not in choices:
            raise ValueError(f"{member} must be one of {', '.join(choices)}.")
        return str(value)

    return read


def _error(member: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not {"key"} <= set(value) <= {"key", "message", "path", "value"}:
        raise ValueError(f"{member} must be an object with key and, if you like, message, path, value.")
    return {str(name): str(text) for name, text in value.items()}


# member of the JSON object → (member of Fault, how it is read)
_READERS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "effect": ("effect", lambda _member, value: Effect(value)),
    "kinds": ("kinds", _kinds),
    "seller": ("seller_id", _text),
    "internalNumber": ("internal_number", _text),
    "count": ("count", _number(1, 1_000_000)),
    "probability": ("probability", _share),
    "status": ("status", _number(400, 599)),
    "retryAfter": ("retry_after", _number(0, 86_400)),
    "retryAfterAs": ("retry_after_as", _one_of("seconds", "date")),
    "delayMs": ("delay_ms", _number(0, 600_000)),
    "body": ("body", _one_of(*BODIES)),
    "error": ("error", _error),
    "afterBytes": ("after_bytes", _number(0, 1_000_000_000)),
}


def shown(fault: Fault) -> Json:
    members = {member: getattr(fault, name) for member, (name, _) in _READERS.items()}
    return {"id": fault.fault_id, **members}
