"""Between the data form and `VehicleData`: texts as people write them, errors in their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from portal.blueprints.vehicles.form_cards import FIELDS, FormField, all_fields
from portal.blueprints.vehicles.parsing import PARSERS, spell_number
from portal.vehicle_facts.data import VehicleData

Typed = dict[str, Any]
"""What stands in the form: a text for each field, a set of codes for `features`."""
OPTIONAL_PARTS = ("financing.0", "financing.1", "leasing")
"""Parts that exist as a whole or not at all."""


@dataclass(frozen=True)
class Reading:
    """Facts, or the errors by field name; `typed` is what to show again."""

    typed: Typed
    facts: VehicleData | None
    errors: dict[str, str]


def typed_from(facts: VehicleData) -> Typed:
    return {field.name: _spell(field, _get(facts, field.name)) for field in all_fields()}


def read(form: MultiDict[str, str], before: VehicleData | None) -> Reading:
    return parse(typed_in(form, before))


def typed_in(form: MultiDict[str, str], before: VehicleData | None) -> Typed:
    """A field that is not in the form at all stays as it is; an empty one means: no statement."""
    typed = typed_from(before) if before else blank()
    return {field.name: _given(form, field, typed[field.name]) for field in all_fields()}


def parse(typed: Typed) -> Reading:
    data, errors = _parse_fields(typed)
    try:
        facts = VehicleData.model_validate(data)
    except ValidationError as error:
        return Reading(typed, None, _in_order(_explained(error) | errors))
    return Reading(typed, None if errors else facts, errors)


def _in_order(errors: dict[str, str]) -> dict[str, str]:
    """As their fields follow on the page."""
    return {name: errors[name] for name in FIELDS if name in errors} | errors


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
    if field.type == "lines":
        return "\n".join(value)
    if field.type == "flag":
        return "yes" if value else ""
    if field.type == "maybe":
        return "yes" if value else "no"
    return _spell_scalar(field, value)


def _spell_scalar(field: FormField, value: Any) -> str:
    if field.type == "decimal":
        return spell_number(value.normalize()) if value else "0"
    if field.type == "month":
        year, month = value.split("-")
        return f"{month}.{year}"
    if field.type == "date":
        return f"{value:%d.%m.%Y}"
    return str(value)


def _given(form: MultiDict[str, str], field: FormField, before: Any) -> Any:
    if field.type == "features":
        return {code for code in form.getlist(field.name) if code}
    if field.type == "flag":
        return "yes" if form.get(field.name) else ""
    return tidy(form.get(field.name, before))


def tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _parse_fields(typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    data: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in all_fields():
        value = typed[field.name]
        if not value or _part_is_empty(typed, field.name):
            continue
        try:
            _put(data, field.name, PARSERS[field.type](value))
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
        name = ".".join(str(part) for part in problem["loc"])
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
        case "decimal_max_places":
            return _("Höchstens %(limit)s Stellen nach dem Komma.", limit=limits["decimal_places"])
        case "decimal_max_digits" | "decimal_whole_digits":
            return _("Die Zahl ist zu groß.")
        case "enum" | "string_pattern_mismatch":
            return _("Bitte eine der Möglichkeiten wählen.")
        case _:
            return _("Bitte prüfen Sie diese Angabe.")
