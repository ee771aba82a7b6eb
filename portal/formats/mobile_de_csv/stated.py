"""Checks the facts that a row states, and no others: a dozen of a hundred, the rest a model fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from portal.vehicles.data import VehicleData


def check(facts: Mapping[str, Any]) -> None:
    """Raises ValidationError where `VehicleData.model_validate` would, and the same one."""
    try:
        _checker(VehicleData)(facts)
    except (KeyError, AttributeError, ValidationError):
        VehicleData.model_validate(facts)


@cache
def _checker(model: type[BaseModel]) -> Callable[[Mapping[str, Any]], None]:
    checks = {name: _check_of(field) for name, field in model.model_fields.items()}
    needed = [name for name, field in model.model_fields.items() if field.is_required()]

    def check_stated(stated: Mapping[str, Any]) -> None:
        for name in needed:
            stated[name]
        for name, value in stated.items():
            checks[name](value)

    return check_stated


def _check_of(field: FieldInfo) -> Callable[[Any], object]:
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _checker(kind)
    return TypeAdapter(field.rebuild_annotation()).validator.validate_python
