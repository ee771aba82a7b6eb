"""Declared settings of an app: the form, its validation and the masking of secrets follow from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

FieldType = Literal[
    "customer_number",
    "location",
    "flag",
    "choice",
    "text",
    "number",
    "secret",
    "kinds",
    "schedule",
    "definition",
]
"""schedule: a list of local times `["02:00", "12:00"]`, empty for "only by hand". definition: JSON that is
edited on a page of its own; the form hands it on as it is."""

MOST_TIMES = 12
LONGEST_SECRET = 10_000
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


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
    when: tuple[str, tuple[str, ...]] | None = None
    """Asked only while another setting has one of these values: `("transport", ("sftp", "ftp"))`.
    Otherwise it has its default, whatever was filled in."""
    pattern: str = ""
    """What a text or a customer number has to match as a whole."""
    pattern_text: str = ""
    """What the dealer is told when it does not."""
    longest: int = 500
    lowest: int = 0
    highest: int = 999_999
    """Of a number."""
    lines: int = 1
    """Height of the input; a secret of several lines is a key."""
    target: bool = False
    """Says where the dealer's data go: nobody else fills it in for them."""
    void_with: tuple[str, ...] = ()
    """Of a secret: the settings that it is for. Once one of them changes, what is stored is void."""
    check: Callable[[Any], str] | None = None
    """A further check: why the value cannot be taken (German), empty when it can."""

    def asked(self, given: Mapping[str, Any]) -> bool:
        return self.when is None or given.get(self.when[0]) in self.when[1]


@dataclass(frozen=True)
class FieldError:
    name: str
    text: str


def defaults(fields: tuple[SettingField, ...]) -> dict[str, Any]:
    """What an activation has before anybody fills in anything; secrets are kept elsewhere."""
    return {f.name: f.default for f in fields if f.type not in ("customer_number", "location", "secret")}


def secrets(fields: tuple[SettingField, ...]) -> tuple[SettingField, ...]:
    return tuple(f for f in fields if f.type == "secret")


def validate(
    fields: tuple[SettingField, ...], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[FieldError]]:
    """Check raw values against the declaration; unknown names are dropped, missing ones get their default.

    Secrets are checked like the others and are part of the result.
    """
    clean: dict[str, Any] = {}
    errors: list[FieldError] = []
    complete = {f.name: f.default for f in fields} | dict(given)
    for setting in fields:
        if not setting.asked(complete):
            clean[setting.name] = setting.default
            continue
        value = _tidy(setting, given.get(setting.name, setting.default))
        problem = _problem(setting, value)
        if problem:
            errors.append(FieldError(setting.name, problem))
        elif setting.type not in ("customer_number", "location"):
            clean[setting.name] = value
    return clean, errors


def _tidy(setting: SettingField, value: Any) -> Any:
    if setting.type == "text" and isinstance(value, str):
        return value.strip()
    if setting.type == "number" and isinstance(value, str):
        digits = value.strip()
        return int(digits) if digits.isdecimal() and len(digits) < 10 else digits or None
    return value


def _problem(setting: SettingField, value: Any) -> str | None:
    if value in (None, "") and setting.type not in ("choice", "flag", "kinds", "schedule"):
        return f"{setting.label}: Bitte ausfüllen." if setting.required else None
    checked = _CHECKS.get(setting.type)
    found = checked(setting, value) if checked else None
    if found is None and setting.check is not None and (reason := setting.check(value)):
        return f"{setting.label}: {reason}"
    return found


def _choice_problem(setting: SettingField, value: Any) -> str | None:
    if value in {o.value for o in setting.options}:
        return None
    return f"{setting.label}: Bitte eine der Möglichkeiten wählen."


def _flag_problem(setting: SettingField, value: Any) -> str | None:
    return None if isinstance(value, bool) else f"{setting.label}: Bitte Ja oder Nein wählen."


def _text_problem(setting: SettingField, value: Any) -> str | None:
    if not isinstance(value, str):
        return f"{setting.label}: Bitte ausfüllen."
    if len(value) > setting.longest:
        return f"{setting.label}: Höchstens {setting.longest} Zeichen."
    if setting.lines == 1 and _CONTROL.search(value):
        return f"{setting.label}: Der Text enthält Zeichen, die nicht erlaubt sind."
    return _pattern_problem(setting, value)


def _pattern_problem(setting: SettingField, value: Any) -> str | None:
    if not setting.pattern or re.fullmatch(setting.pattern, str(value)):
        return None
    return f"{setting.label}: {setting.pattern_text or 'So ist die Angabe nicht möglich.'}"


def _number_problem(setting: SettingField, value: Any) -> str | None:
    if type(value) is int and setting.lowest <= value <= setting.highest:
        return None
    return f"{setting.label}: Bitte eine Zahl von {setting.lowest} bis {setting.highest} angeben."


def _secret_problem(setting: SettingField, value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= LONGEST_SECRET:
        return None
    return f"{setting.label}: Die Angabe ist zu lang."


def _schedule_problem(setting: SettingField, value: Any) -> str | None:
    if not isinstance(value, list | tuple) or not all(
        isinstance(time, str) and _TIME.match(time) for time in value
    ):
        return f"{setting.label}: Bitte Uhrzeiten in der Form 02:00 angeben."
    if len(set(value)) != len(value):
        return f"{setting.label}: Eine Uhrzeit steht zweimal da."
    if len(value) > MOST_TIMES:
        return f"{setting.label}: Höchstens {MOST_TIMES} Uhrzeiten am Tag."
    return None


def _kinds_problem(setting: SettingField, value: Any) -> str | None:
    """`{"used": 0, "new": 14}`: kinds that are released by themselves, after so many stock days."""
    if not isinstance(value, dict):
        return f"{setting.label}: Bitte wählen."
    for days in value.values():
        if not isinstance(days, int) or not 0 <= days <= 999:
            return f"{setting.label}: Standtage von 0 bis 999 angeben."
    return None


_CHECKS: Mapping[str, Callable[[SettingField, Any], str | None]] = {
    "customer_number": _pattern_problem,
    "choice": _choice_problem,
    "flag": _flag_problem,
    "text": _text_problem,
    "number": _number_problem,
    "secret": _secret_problem,
    "kinds": _kinds_problem,
    "schedule": _schedule_problem,
}
