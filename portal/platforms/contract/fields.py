"""Declared settings of an app: the form, its validation and the masking of secrets follow from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from portal.messages import Wording, listed, say

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
    label: Wording
    example: Wording = ""
    """Shown small and rendered beside the option; newlines become lines."""


@dataclass(frozen=True)
class SettingField:
    """One setting. `step` places it in the activation page: access, transfer or check."""

    name: str
    label: Wording
    type: FieldType
    help: Wording = ""
    options: tuple[Option, ...] = ()
    default: Any = None
    required: bool = False
    change_warning: Wording = ""
    """Shown when a live activation changes it, because it may cost money."""
    step: Literal["access", "transfer", "release"] = "transfer"
    when: tuple[str, tuple[str, ...]] | None = None
    """Asked only while another setting has one of these values: `("transport", ("sftp", "ftp"))`.
    Otherwise it has its default, whatever was filled in."""
    pattern: str = ""
    """What a text or a customer number has to match as a whole."""
    pattern_text: Wording = ""
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
    check: Callable[[Any], Wording] | None = None
    """A further check: why the value cannot be taken, empty when it can."""

    def asked(self, given: Mapping[str, Any]) -> bool:
        return self.when is None or given.get(self.when[0]) in self.when[1]

    def tidied(self, value: Any) -> Any:
        """As it is kept: text without blanks around it, digits as a number."""
        if self.type == "text" and isinstance(value, str):
            return value.strip()
        if self.type == "number" and isinstance(value, str):
            digits = value.strip()
            return int(digits) if digits.isdecimal() and len(digits) < 10 else digits or None
        return value

    def problem(self, value: Any) -> Wording | None:
        """Why the value cannot be taken; None when it can."""
        if value in (None, "") and self.type not in ("choice", "flag", "kinds", "schedule"):
            return say("{label}: Bitte ausfüllen.", label=self.label) if self.required else None
        checked = _CHECKS.get(self.type)
        found = checked(self, value) if checked else None
        if found is None and self.check is not None and (reason := self.check(value)):
            return listed((self.label, reason), ": ")
        return found

    def _pattern_problem(self, value: Any) -> Wording | None:
        if not self.pattern or re.fullmatch(self.pattern, str(value)):
            return None
        return listed((self.label, self.pattern_text or say("So ist die Angabe nicht möglich.")), ": ")

    def _choice_problem(self, value: Any) -> Wording | None:
        if value in {o.value for o in self.options}:
            return None
        return say("{label}: Bitte eine der Möglichkeiten wählen.", label=self.label)

    def _flag_problem(self, value: Any) -> Wording | None:
        return (
            None if isinstance(value, bool) else say("{label}: Bitte Ja oder Nein wählen.", label=self.label)
        )

    def _text_problem(self, value: Any) -> Wording | None:
        if not isinstance(value, str):
            return say("{label}: Bitte ausfüllen.", label=self.label)
        if len(value) > self.longest:
            return say("{label}: Höchstens {longest} Zeichen.", label=self.label, longest=self.longest)
        if self.lines == 1 and _CONTROL.search(value):
            return say("{label}: Der Text enthält Zeichen, die nicht erlaubt sind.", label=self.label)
        return self._pattern_problem(value)

    def _number_problem(self, value: Any) -> Wording | None:
        if type(value) is int and self.lowest <= value <= self.highest:
            return None
        return say(
            "{label}: Bitte eine Zahl von {lowest} bis {highest} angeben.",
            label=self.label,
            lowest=self.lowest,
            highest=self.highest,
        )

    def _secret_problem(self, value: Any) -> Wording | None:
        if isinstance(value, str) and len(value) <= LONGEST_SECRET:
            return None
        return say("{label}: Die Angabe ist zu lang.", label=self.label)

    def _schedule_problem(self, value: Any) -> Wording | None:
        if not isinstance(value, list | tuple) or not all(
            isinstance(time, str) and _TIME.match(time) for time in value
        ):
            return say("{label}: Bitte Uhrzeiten in der Form 02:00 angeben.", label=self.label)
        if len(set(value)) != len(value):
            return say("{label}: Eine Uhrzeit steht zweimal da.", label=self.label)
        if len(value) > MOST_TIMES:
            return say("{label}: Höchstens {most} Uhrzeiten am Tag.", label=self.label, most=MOST_TIMES)
        return None

    def _kinds_problem(self, value: Any) -> Wording | None:
        """`{"used": 0, "new": 14}`: kinds that are released by themselves, after so many stock days."""
        if not isinstance(value, dict):
            return say("{label}: Bitte wählen.", label=self.label)
        for days in value.values():
            if not isinstance(days, int) or not 0 <= days <= 999:
                return say("{label}: Standtage von 0 bis 999 angeben.", label=self.label)
        return None


_CHECKS: Mapping[str, Callable[[SettingField, Any], Wording | None]] = {
    "customer_number": SettingField._pattern_problem,
    "choice": SettingField._choice_problem,
    "flag": SettingField._flag_problem,
    "text": SettingField._text_problem,
    "number": SettingField._number_problem,
    "secret": SettingField._secret_problem,
    "kinds": SettingField._kinds_problem,
    "schedule": SettingField._schedule_problem,
}


@dataclass(frozen=True)
class FieldError:
    name: str
    text: Wording


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
        value = setting.tidied(given.get(setting.name, setting.default))
        problem = setting.problem(value)
        if problem:
            errors.append(FieldError(setting.name, problem))
        elif setting.type not in ("customer_number", "location"):
            clean[setting.name] = value
    return clean, errors
