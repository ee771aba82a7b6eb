"""Declared settings of an app: the form, its validation and the masking of secrets follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

FieldType = Literal["customer_number", "location", "flag", "choice", "text", "secret", "kinds"]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    example: str = ""
    """Shown small and rendered beside the option; newlines become lines."""


@dataclass(frozen=True)
class SettingField:
    """One setting. `step` places it in the activation page: access, transfer or check."""

    name: str
    label: str
    type: FieldType
    help: str = ""
    options: tuple[Option, ...] = ()
    default: Any = None
    required: bool = False
    change_warning: str = ""
    """Shown when a live activation changes it, because it may cost money."""
    step: Literal["access", "transfer", "release"] = "transfer"


@dataclass(frozen=True)
class FieldError:
    name: str
    text: str


def defaults(fields: tuple[SettingField, ...]) -> dict[str, Any]:
    return {f.name: f.default for f in fields if f.type not in ("customer_number", "location")}


def validate(
    fields: tuple[SettingField, ...], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[FieldError]]:
    """Check raw values against the declaration; unknown names are dropped, missing ones get their default."""
    clean: dict[str, Any] = {}
    errors: list[FieldError] = []
    for setting in fields:
        value = given.get(setting.name, setting.default)
        problem = _problem(setting, value)
        if problem:
            errors.append(FieldError(setting.name, problem))
        elif setting.type not in ("customer_number", "location"):
            clean[setting.name] = value
    return clean, errors


def _problem(setting: SettingField, value: Any) -> str | None:
    if setting.required and value in (None, ""):
        return f"{setting.label}: Bitte ausfüllen."
    if setting.type == "choice" and value not in {o.value for o in setting.options}:
        return f"{setting.label}: Bitte eine der Möglichkeiten wählen."
    if setting.type == "flag" and not isinstance(value, bool):
        return f"{setting.label}: Bitte Ja oder Nein wählen."
    if setting.type == "kinds":
        return _kinds_problem(setting, value)
    return None


def _kinds_problem(setting: SettingField, value: Any) -> str | None:
    """`{"used": 0, "new": 14}`: kinds that are released by themselves, after so many stock days."""
    if not isinstance(value, dict):
        return f"{setting.label}: Bitte wählen."
    for days in value.values():
        if not isinstance(days, int) or not 0 <= days <= 999:
            return f"{setting.label}: Standtage von 0 bis 999 angeben."
    return None
