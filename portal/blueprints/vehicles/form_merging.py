"""Two forms for one vehicle: each carries the facts it was made from, so that saving it merges by field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from portal.blueprints.vehicles.form import Reading, Typed, parse, typed_from, typed_in
from portal.blueprints.vehicles.form_cards import FIELDS, FormField, tidy
from portal.blueprints.vehicles.parsing import parse_field
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.equipment import BY_CODE
from portal.vehicles.stock import merge

NO_LINES = str.maketrans("", "", "\r\n")


@dataclass(frozen=True)
class Conflict:
    """A field with what is stored now and what was typed, as people read it."""

    field: FormField
    stored: str
    typed: str


@dataclass(frozen=True)
class Merged:
    """What the form says together with what is stored; `kept` are the labels of what others changed."""

    reading: Reading
    conflicts: list[Conflict] | None
    kept: list[str]


def base_text(facts: VehicleData) -> str:
    """Neither a check nor a picture makes a form stale, another person's change of the facts does."""
    return facts.model_dump_json(exclude_defaults=True)


def base_in(form: MultiDict[str, str]) -> VehicleData | None:
    """None when the form does not say what it was made from, or nothing that can be."""
    try:
        return VehicleData.model_validate_json(form.get("base", ""))
    except ValidationError:
        return None


def merged_form(form: MultiDict[str, str], base: VehicleData, stored: VehicleData) -> Merged:
    now, typed = typed_from(stored), typed_in(form, base)
    found = merge(typed_from(base), now, typed, _alike)
    conflicts = _conflicts(found.conflicts, now, typed)
    kept = [str(FIELDS[name].label) for name in found.kept]
    reading = parse(found.merged, stored, form.getlist("confirmed"))
    return Merged(reading, conflicts or None, kept)


def all_apart(stored: VehicleData, typed: Typed) -> list[Conflict]:
    """Wherever what somebody typed is not what is stored now."""
    now = typed_from(stored)
    return _conflicts((name for name in now if not _alike(name, now[name], typed[name])), now, typed)


def _alike(name: str, one: Any, other: Any) -> bool:
    return bool(_meaning(FIELDS[name], one) == _meaning(FIELDS[name], other))


def _meaning(field: FormField, value: Any) -> Any:
    """The value behind a text, so that `11.000` is no change of `11000`; an unreadable one stands for itself.

    Stored texts lose what a browser takes from them in the form.
    """
    if field.type == "features":
        return value
    text = tidy(value)
    if field.type == "text":
        return text.translate(NO_LINES)
    try:
        return parse_field(field, text) if text else ""
    except ValueError:
        return text


def _conflicts(names: Iterable[str], stored: Typed, typed: Typed) -> list[Conflict]:
    """As people read them; of sets only what the other side does not have."""
    found = []
    for name in names:
        field, now, wanted = FIELDS[name], stored[name], typed[name]
        if field.type == "features":
            found.append(Conflict(field, _criteria(now - wanted), _criteria(wanted - now)))
        else:
            found.append(Conflict(field, _shown(field, now), _shown(field, wanted)))
    return found


def _criteria(codes: Iterable[str]) -> str:
    labels = sorted(_(BY_CODE[code].label) if code in BY_CODE else code for code in codes)
    return _("zusätzlich: %(criteria)s", criteria=", ".join(labels)) if labels else ""


def _shown(field: FormField, value: str) -> str:
    if field.type == "flag":
        return _("Ja") if value else _("Nein")
    labels = {key: str(label) for key, label in field.options}
    return labels.get(value, value)
