"""Which members a listing has; kinds of values, ranges, lengths and references of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

from portal.sandbox.autoscout24.references import References
from portal.sandbox.autoscout24.rules.fields import (
    BOOLEANS,
    DECIMALS,
    FORBIDDEN,
    INTEGERS,
    MANDATORY,
    MANDATORY_FOR,
    MANDATORY_REGISTERED,
    MEMBERS,
    MONTHS,
    NUMBER_LISTS,
    NUMBER_REFERENCES,
    OBJECTS,
    REGISTERED,
    TEXT_LISTS,
    TEXT_REFERENCES,
    TEXTS,
    WLTP,
    months_since,
)
from portal.sandbox.autoscout24.rules.findings import Finding
from portal.sandbox.bodies import at

Json = dict[str, Any]
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_CLIMATE = {30, 241, 242, 243}
_SIDE_DOORS = {244, 245}
MOST_YEARS = 5


def forbidden(body: Json, kind: str) -> Iterator[Finding]:
    """`kind` is the type of vehicle, here and below."""
    for name, types in FORBIDDEN.items():
        if kind in types and body.get(name) is not None:
            yield Finding("forbidden-attribute-present", name)


def absent(body: Json, kind: str) -> Iterator[Finding]:
    names = [*MANDATORY, *(name for name, types in MANDATORY_FOR.items() if kind in types)]
    if body.get("offerType") in REGISTERED:
        names += [name for name, types in MANDATORY_REGISTERED.items() if kind in types]
    for name in names:
        if body.get(name) is None or body.get(name) == "":
            yield Finding("mandatory-attribute-missing", name)


def unknown(body: Json) -> Iterator[Finding]:
    """Members that a payload does not have: a body that was read and sent back has many of them."""
    for name in sorted(body.keys() - MEMBERS):
        yield Finding("invalid-listing-payload", name)
    for path, members in OBJECTS.items():
        value = at(body, path)
        if value is None:
            continue
        if not isinstance(value, dict):
            yield Finding("invalid-listing-payload", path)
            continue
        for name in sorted(value.keys() - set(members)):
            yield Finding("invalid-listing-payload", f"{path}.{name}")


def numbers(body: Json) -> Iterator[Finding]:
    for path, (lowest, highest) in INTEGERS.items():
        value = at(body, path)
        if value is not None:
            yield from _in_range(path, value, lowest, highest, whole=True)
    decimals = {**DECIMALS, **{f"wltp.{name}": (0.1, 10_000, 1) for name in WLTP}}
    decimals |= {f"wltp.co2EmissionsCombined{tail}": (1, 10_000, 1) for tail in ("", "Weighted")}
    for path, (low, high, _) in decimals.items():
        value = at(body, path)
        if value is not None:
            yield from _in_range(path, value, low, high)


def _in_range(
    path: str, value: object, lowest: float, highest: float, *, whole: bool = False
) -> Iterator[Finding]:
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        yield Finding("invalid-listing-payload", path)
    elif value < lowest:
        yield Finding(_range_code(path, "minimum"), path)
    elif value > highest:
        yield Finding(_range_code(path, "maximum"), path)


def _range_code(path: str, end: str) -> str:
    energy = path.startswith(("wltp.", "consumption."))
    return f"{end}-value-exceeded{'-emission-consumption' if energy else ''}"


def texts(body: Json) -> Iterator[Finding]:
    for path, (shortest, longest) in TEXTS.items():
        value = at(body, path)
        if value is None:
            continue
        if not isinstance(value, str):
            yield Finding("invalid-listing-payload", path)
        elif not shortest <= len(value) <= longest:
            yield Finding("invalid-field-length", path)


def booleans(body: Json) -> Iterator[Finding]:
    for name in (*BOOLEANS, *(f"condition.{name}" for name in OBJECTS["condition"][:4])):
        value = at(body, name)
        if value is not None and not isinstance(value, bool):
            yield Finding("invalid-listing-payload", name)


def dates(body: Json, today: date) -> Iterator[Finding]:
    for name in MONTHS:
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and _MONTH.fullmatch(value)):
            yield Finding("invalid-listing-payload", name)
    inspection = body.get("nextInspectionDate")
    if isinstance(inspection, str) and _MONTH.fullmatch(inspection):
        months = months_since(inspection, today)
        if abs(months) > 12 * MOST_YEARS:
            yield Finding("invalid-next-inspection-date", "nextInspectionDate")
    belt = body.get("lastCamBeltServiceDate")
    if isinstance(belt, str) and belt > f"{today:%Y-%m}":
        yield Finding("last-cam-belt-service-cannot-be-in-the-future", "lastCamBeltServiceDate")
    year = body.get("productionYear")
    if year is not None and not (isinstance(year, str) and re.fullmatch(r"\d{4}", year)):
        yield Finding("invalid-year-range", "productionYear")


def unknown_values(body: Json, references: References, kind: str) -> Iterator[Finding]:
    for path, (listed, code) in NUMBER_REFERENCES.items():
        value = at(body, path)
        if value is not None and not (_is_whole(value) and references.offers(listed, value, kind)):
            yield Finding(code, path)
    for path, (listed, code) in TEXT_REFERENCES.items():
        value = at(body, path)
        if value is not None and not (isinstance(value, str) and references.offers(listed, value, kind)):
            yield Finding(code, path)
    for path, (listed, code) in {**NUMBER_LISTS, **TEXT_LISTS}.items():
        values, wanted = at(body, path), int if path in NUMBER_LISTS else str
        if values is not None and not _is_listed(values, wanted, partial(references.offers, listed), kind):
            yield Finding(code, path)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_listed(values: object, wanted: type, offered: Callable[[object, str], bool], kind: str) -> bool:
    if not isinstance(values, list) or not all(type(value) is wanted for value in values):
        return False
    return len(set(values)) == len(values) and all(offered(value, kind) for value in values)


def equipment(body: Json) -> Iterator[Finding]:
    given = body.get("equipment", [])
    if not isinstance(given, list) or not all(_is_whole(value) for value in given):
        return
    chosen = set(given)
    if len(chosen & _CLIMATE) > 1 or (152 in chosen and chosen & _SIDE_DOORS):
        yield Finding("invalid-equipment", "equipment")
    if body.get("alloyWheelSize") is not None and 15 not in chosen:
        yield Finding("invalid-equipment", "alloyWheelSize")


def make(body: Json, references: References, kind: str) -> Iterator[Finding]:
    make, model = body.get("make"), body.get("model")
    if make is None:
        return
    if not references.has_make(make, kind):
        yield Finding("invalid-make", "make")
    elif model is not None and not references.has_model(make, model, kind):
        yield Finding("invalid-model", "model")
