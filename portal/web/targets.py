"""Where data go to or come from, as a form states it: settings, stored secrets that stay or are void, the
server's key that a dealer confirmed, and the trial of all that. For deliveries and for sources alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.delivery import HostKey, StepResult
from portal.exports.stock_files.target import all_passed
from portal.models import Location
from portal.platforms.contract.fields import SettingField, defaults, secrets, validate
from portal.web.wording import translated

PLACEHOLDER = "unverändert"
"""Stands for a secret that is stored. Shown, and taken for the secret when it comes back."""
STORED = "*"
"""Given to the checks of a form in place of a secret that stays."""
SERVER = ("transport", "host", "port")
"""Settings that say which server it is: with another one the key has to be looked at again."""
_HOST_KEY = re.compile(r"[a-z0-9@.-]{1,60} SHA256:[A-Za-z0-9+/=]{20,80}")
_BETWEEN_TIMES = re.compile(r"[,;]")


@dataclass(frozen=True)
class StatedSettings:
    """What was filled in: `settings` without secrets, `errors` by field, `secrets` that were typed, and the
    names of those that are `kept` because nothing else was typed."""

    settings: Mapping[str, Any]
    errors: Mapping[str, str]
    secrets: Mapping[str, str]
    kept: frozenset[str]


@dataclass(frozen=True)
class Trial:
    """`host_key` is what the server showed and nobody has confirmed yet."""

    steps: Sequence[StepResult] = ()
    host_key: HostKey | None = None
    changed: bool = False
    """Another key was confirmed before."""
    note: str = ""

    @property
    def worked(self) -> bool:
        return bool(self.steps) and all_passed(self.steps)


def read_settings(
    fields: tuple[SettingField, ...],
    raw: Mapping[str, Any],
    form: MultiDict[str, str],
    stored: Iterable[str] = (),
    before: Mapping[str, Any] | None = None,
    beside: Mapping[str, Any] | None = None,
) -> StatedSettings:
    """`raw`: what the form says of all fields but the secrets. `stored`: names of the secrets that there are.
    `before`: the stored settings. `beside`: values of fields that are no settings."""
    typed, kept = _secrets(fields, form, stored)
    given = {**raw, **(beside or {}), **dict.fromkeys(kept, STORED), **typed}
    clean, errors = validate(fields, given)
    asked = {field.name for field in secrets(fields) if field.asked(given)}
    names = {field.name for field in secrets(fields)}
    settings = {name: value for name, value in {**raw, **clean}.items() if name not in names}
    # Stored secrets that these settings would show to somebody else than they were typed in for.
    changed = set() if before is None else moved(defaults(fields) | dict(before), settings)
    void = {field.name for field in secrets(fields) if changed & set(field.void_with)} & kept & asked
    again = _(
        "Bitte noch einmal eingeben: Der gespeicherte Wert gilt nur für das bisherige Ziel und wird keinem "
        "anderen gesendet."
    )
    found = dict.fromkeys(void, again)
    return StatedSettings(
        settings,
        found | {error.name: translated(error.text) for error in errors},
        {name: value for name, value in typed.items() if name in asked},
        frozenset(kept & asked - void),
    )


def chosen_secrets(
    typed: Mapping[str, str], kept: Iterable[str], stored: Mapping[str, str]
) -> dict[str, str]:
    """What holds from now on: what was typed, and what is kept."""
    return {name: stored[name] for name in kept if name in stored} | dict(typed)


def forget_name(name: str) -> str:
    """The box that takes a stored secret away."""
    return f"{name}-forget"


def confirmed_key(form: Mapping[str, str]) -> str:
    found = form.get("host_key", "")
    return found if _HOST_KEY.fullmatch(found) else ""


def times_of(text: str) -> list[str]:
    """As they are spelled; whether they are times is checked with the rest."""
    return [spelled for part in _BETWEEN_TIMES.split(text) if (spelled := part.strip())]


def chosen_location(text: str, locations: Sequence[Location]) -> UUID | None:
    """The only one where there is one."""
    if len(locations) == 1:
        return locations[0].id
    return next((location.id for location in locations if str(location.id) == text), None)


def trial_of(steps: Sequence[StepResult], confirmed: str) -> Trial:
    """`confirmed`: the key that was confirmed before, or nothing."""
    shown = next((step.host_key for step in steps if step.host_key is not None), None)
    unknown = shown is not None and shown.pin != confirmed
    return Trial(steps, shown if unknown else None, changed=unknown and bool(confirmed))


def unconfirmed_key(
    key: str, settings: Mapping[str, Any], key_before: str, before: Mapping[str, Any] | None
) -> dict[str, str]:
    """An error beside the server's name where nobody has looked at its key yet. `key_before` was confirmed
    for the server of the stored settings, `before`."""
    if not key:
        text = _("Testen Sie die Verbindung und bestätigen Sie den Schlüssel, den der Server zeigt.")
    elif before is not None and key == key_before and moved(before, settings) & set(SERVER):
        text = _("Der Server ist ein anderer. Testen Sie die Verbindung und bestätigen Sie seinen Schlüssel.")
    else:
        return {}
    return {"host": text}


def moved(before: Mapping[str, Any], settings: Mapping[str, Any]) -> set[str]:
    """Names of settings that are others than before."""
    return {name for name in settings if (settings[name] or None) != (before.get(name) or None)}


def _secrets(
    fields: tuple[SettingField, ...], form: Mapping[str, str], stored: Iterable[str]
) -> tuple[dict[str, str], set[str]]:
    """What was typed, and what is kept: a field that was left alone, or the placeholder that came back."""
    typed: dict[str, str] = {}
    kept: set[str] = set()
    known = set(stored)
    for field in secrets(fields):
        text = form.get(field.name, "")
        if forget_name(field.name) in form:
            continue
        if text.strip() and text != PLACEHOLDER:
            typed[field.name] = text
        elif field.name in known:
            kept.add(field.name)
    return typed, kept
