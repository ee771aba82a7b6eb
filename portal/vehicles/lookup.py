"""A few vehicles while somebody types: by the beginning of number or VIN, else by words. No Flask.

Bounded whatever the stock: the beginning is found by index, words are looked for in the newest vehicles only.
The list of vehicles (`search.py`) finds the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, true, union
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from portal.models import Vehicle
from portal.models.plans import in_order_of_an_index
from portal.models.realm import Realm
from portal.vehicle_facts.vin import normalised

SHORTEST = 2
"""Characters; one letter finds anything."""
LOOKED_AT = 20_000
"""Vehicles through which words are looked for."""
WITH_ONE_BEGINNING = 500
"""Vehicles whose number begins alike, before those are left out that may not be seen or are sold."""
LAST = "\uffff"
"""Stands behind every letter."""


def look_up(session: Session, realm: Realm, text: str, most: int) -> list[Vehicle]:
    """At most `most`: three queries, planned for the order of an index. Numbers that begin so come first."""
    if len(text) < SHORTEST:
        return []
    # Numbers are written in capitals or as they are typed.
    parts = [_between(realm, Vehicle.offer_number, number) for number in {text, text.upper()}]
    if len(vin := normalised(text)) >= SHORTEST:
        parts.append(_between(realm, Vehicle.vin, vin))
    begin = union(*parts).subquery()
    with in_order_of_an_index(session):
        ids = list(session.scalars(select(begin.c.id).order_by(begin.c.offer_number, begin.c.id).limit(most)))
        if len(ids) < most:
            ids += session.scalars(_with_words(realm, text, ids).limit(most - len(ids)))
    if not ids:
        return []
    found = select(Vehicle).where(Vehicle.id.in_(ids)).options(joinedload(Vehicle.location))
    return sorted(session.scalars(found), key=lambda vehicle: ids.index(vehicle.id))


def _between(realm: Realm, column: InstrumentedAttribute[Any], beginning: str) -> Select[UUID, str]:
    """A range of an index, whatever the planner might think of. What may not be seen is left out after it."""
    near = (
        select(Vehicle.id, Vehicle.offer_number, Vehicle.location_id, Vehicle.withdrawn_at)
        .where(Vehicle.dealer_id == realm.dealer_id, column >= beginning, column < beginning + LAST)
        .where(func.starts_with(column, beginning))
        .order_by(column)
        .limit(WITH_ONE_BEGINNING)
        .subquery()
    )
    seen = near.c.location_id.in_(realm.location_ids) if realm.limited else true()
    return select(near.c.id, near.c.offer_number).where(near.c.withdrawn_at.is_(None), seen)


def _with_words(realm: Realm, text: str, known: Sequence[UUID]) -> Select[UUID]:
    stock_date = func.coalesce(Vehicle.stock_date, "")
    newest = (
        select(Vehicle.id, Vehicle.search)
        .where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
        .order_by(stock_date.desc(), Vehicle.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    words = (newest.c.search.contains(word, autoescape=True) for word in text.lower().split())
    return select(newest.c.id).where(newest.c.id.not_in(known), *words)
