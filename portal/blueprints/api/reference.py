"""`GET /api/v1/reference`: the values that facts can have."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import or_, select

from portal.blueprints.api.keys import with_key
from portal.blueprints.api.reading import WORDS
from portal.blueprints.api.schema import Feature, Reference
from portal.extensions import db
from portal.models import ReferenceList
from portal.vehicle_facts.equipment import CRITERIA
from portal.vehicle_facts.registry import REGISTRY
from portal.vehicle_facts.vocabularies import EMISSION_CLASSES
from portal.web.wording import translated

SPELLED = {**WORDS, "emission_class": EMISSION_CLASSES}
"""Texts that have to be one of these words."""


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/reference", "reference", shown)


@with_key("view")
def shown() -> Response:
    features = tuple(
        Feature(code=one.code, label=translated(one.label), group=translated(one.group), choice=one.choice)
        for one in CRITERIA
    )
    # Makes as the platforms spell them: a path of theirs ends or begins with the word.
    lists = select(ReferenceList.values).where(
        or_(ReferenceList.path.like("%/makes"), ReferenceList.path.like("makes/%"))
    )
    makes = {str(label) for pairs in db.session.scalars(lists) for _key, label in pairs}
    answer = Reference(features=features, values=values(), makes=tuple(sorted(makes)))
    return Response(answer.model_dump_json(), content_type="application/json")


def values() -> dict[str, tuple[str, ...]]:
    """By the path of a fact."""
    chosen = {one.name: tuple(str(value) for value, _ in one.choices) for one in REGISTRY if one.choices}
    return chosen | {path: tuple(known) for path, known in SPELLED.items()}
