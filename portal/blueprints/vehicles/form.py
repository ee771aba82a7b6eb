"""Between the data form and `VehicleData`: texts as people write them, errors in their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from portal.blueprints.vehicles.form_cards import FIELDS, FormField, all_fields
from portal.blueprints.vehicles.parsing import parse_field, spell_number
from portal.blueprints.vehicles.understood import fact_at
from portal.vehicle_facts.confirmation import doubtful_amounts, holds, mark_of
from portal.vehicle_facts.data import NO_CONTROL, ONE_LINE, VehicleData
from portal.vehicle_facts.mojibake import offered_repair
from portal.vehicle_facts.understanding import NotUnderstood
from portal.vehicle_facts.vin import built_by, read_vin
from portal.web.wording import translated

Typed = dict[str, Any]
"""What stands in the form: a text for each field, a set of codes for `features`."""
REPAIR = "repair"
"""`repair=description`: take the text as it was probably meant."""
CO2_CLASS_FIELDS = ("energy.co2_class", "energy.co2_class_discharged")
OPTIONAL_PARTS = ("financing.0", "financing.1", "leasing")
"""Parts that exist as a whole or not at all."""


@dataclass(frozen=True)
class Reading:
    """Facts, or the errors by field name; `typed` is what to show again. `shown` are the facts as far as they
    can be read, also where something else is wrong."""

    typed: Typed
    facts: VehicleData | None
    errors: dict[str, str]
    shown: VehicleData | None = None


def typed_from(facts: VehicleData) -> Typed:
    return {field.name: _spell(field, _get(facts, field.name)) for field in all_fields()}


def read(form: MultiDict[str, str], before: VehicleData | None) -> Reading:
    return parse(typed_in(form, before), before, form.getlist("confirmed"))


def typed_in(form: MultiDict[str, str], before: VehicleData | None) -> Typed:
    """A field that is not in the form at all stays as it is; an empty one means: no statement."""
    typed = typed_from(before) if before else blank()
    given = {field.name: field.given(form, typed[field.name]) for field in all_fields()}
    return taken(given, form.getlist("take"))


def parse(typed: Typed, before: VehicleData | None = None, confirmed: Iterable[str] = ()) -> Reading:
    """`before` is the vehicle as it is stored; `confirmed` are the marks that were ticked."""
    data, errors = _parse_fields(typed, before)
    _read_vin(data, errors)
    # What is not typed into a field: confirmations that still hold, and what was not read and is missing.
    marks = {*confirmed, *(before.confirmed if before else ())}
    data["confirmed"] = tuple(sorted(mark for mark in marks if holds(mark, data)))
    unread = before.unread if before else ()
    data["unread"] = tuple(one for one in unread if fact_at(data, one.path) is None)
    for name, doubt in doubtful_amounts(data):
        errors.setdefault(name, _message(FIELDS[name], translated(doubt.text)))
    try:
        facts = VehicleData.model_validate(data)
    except ValidationError as error:
        return Reading(typed, None, _in_order(_explained(error) | errors))
    return Reading(typed, None if errors else facts, _in_order(errors), facts)


def doubts_of(facts: VehicleData) -> dict[str, str]:
    """The marks that would confirm what is doubtful, by field name."""
    data = facts.model_dump(mode="json", exclude_defaults=True)
    return {name: mark_of(name, _get(facts, name)) for name, _doubt in doubtful_amounts(data)}


def _read_vin(data: dict[str, Any], errors: dict[str, str]) -> None:
    """By the year of the vehicle: before 1981 a number may be shorter."""
    if not data.get("vin"):
        return
    try:
        data["vin"] = read_vin(data["vin"], built_by(data))
    except NotUnderstood as refused:
        errors["vin"] = _message(FIELDS["vin"], translated(refused.text))
        del data["vin"]


def _in_order(errors: dict[str, str]) -> dict[str, str]:
    """As their fields follow on the page."""
    return {name: errors[name] for name in FIELDS if name in errors} | errors


def taken(typed: Typed, ticked: Iterable[str]) -> Typed:
    """The form with what was ticked beside a field in its place: `energy.co2_class=D`."""
    found = dict(typed)
    for tick in ticked:
        name, _equals, value = tick.partition("=")
        if name == REPAIR and isinstance(text := found.get(value), str):
            found[value] = offered_repair(text) or text
        elif name in CO2_CLASS_FIELDS:
            found[name] = value
    return found


def blank() -> Typed:
    return {field.name: set() if field.type == "features" else "" for field in all_fields()} | {
        "kind": "used",
        "vehicle_class": "car",
        "hybrid": "none",
        "prices.vat_rate": "19",
    }


def _get(value: Any, name: str) -> Any:
    for part in name.split("."):
        if value is None:
            return None
        value = value[int(part)] if part.isdecimal() else getattr(value, part)
    return value


def _spell(field: FormField, value: Any) -> Any:
    if field.type == "features":
        return set(value)
    if value is None or value == "":
        return ""
    match field.type:
        case "lines":
            return "\n".join(value)
        case "flag":
            return "yes" if value else ""
        case "maybe":
            return "yes" if value else "no"
        case "decimal":
            return spell_number(Decimal(value).normalize()) if value else "0"
        case "month":
            year, month = value.split("-")
            return f"{month}.{year}"
        case "date":
            return f"{value:%d.%m.%Y}"
    return str(value)


def _parse_fields(typed: Typed, before: VehicleData | None) -> tuple[dict[str, Any], dict[str, str]]:
    """A text that nobody touched stays as it is stored, also where it would be written otherwise today."""
    data: dict[str, Any] = {}
    errors: dict[str, str] = {}
    stored = typed_from(before) if before else {}
    for field in all_fields():
        value = typed[field.name]
        if not value or _part_is_empty(typed, field.name):
            continue
        if before and field.type in ("text", "area", "lines") and stored[field.name] == value:
            _put(data, field.name, _get(before, field.name))
            continue
        try:
            _put(data, field.name, parse_field(field, value))
        except ValueError as error:
            errors[field.name] = _message(field, str(error))
    slots = data.pop("financing", {})
    data["financing"] = (slots.get("0"), slots.get("1"))
    return data, errors


def _part_is_empty(typed: Typed, name: str) -> bool:
    """A choice alone, which always has a value, does not make an example."""
    part = next((part for part in OPTIONAL_PARTS if name.startswith(f"{part}.")), None)
    return part is not None and not any(
        value for key, value in typed.items() if key.startswith(f"{part}.") and FIELDS[key].type != "choice"
    )


def _put(data: dict[str, Any], name: str, value: Any) -> None:
    *parents, last = name.split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
    data[last] = value


def _explained(error: ValidationError) -> dict[str, str]:
    errors: dict[str, str] = {}
    for problem in error.errors():
        # An entry of a list is wrong in the field of the list.
        path = problem["loc"]
        names = [".".join(map(str, path[:length])) for length in range(len(path), 0, -1)]
        name = next((name for name in names if name in FIELDS), names[0])
        field = FIELDS.get(name)
        text = _reason(problem["type"], problem.get("ctx") or {})
        errors.setdefault(name, _message(field, text) if field else text)
    return errors


def _message(field: FormField, text: str) -> str:
    return f"{field.label}: {text}"


def _reason(kind: str, limits: Mapping[str, Any]) -> str:
    match kind:
        case "missing":
            return _("Bitte ausfüllen.")
        case "greater_than_equal":
            return _("Der Wert muss mindestens %(limit)s sein.", limit=limits["ge"])
        case "less_than_equal":
            return _("Der Wert darf höchstens %(limit)s sein.", limit=limits["le"])
        case "string_too_long":
            return _("Der Text darf höchstens %(limit)s Zeichen haben.", limit=limits["max_length"])
        case "too_long":
            return _("Höchstens %(limit)s Angaben.", limit=limits["max_length"])
        case "string_pattern_mismatch" if limits.get("pattern") in (ONE_LINE, NO_CONTROL):
            return _("Der Text enthält Steuerzeichen.")
        case "decimal_max_places":
            return _("Höchstens %(limit)s Stellen nach dem Komma.", limit=limits["decimal_places"])
        case "decimal_max_digits" | "decimal_whole_digits":
            return _("Die Zahl ist zu groß.")
        case "enum" | "string_pattern_mismatch":
            return _("Bitte eine der Möglichkeiten wählen.")
        case _:
            return _("Bitte prüfen Sie diese Angabe.")
