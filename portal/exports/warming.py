"""Reference data is read before rows are locked: a slow platform must not hold up whoever saves a vehicle.

A platform may fetch a list (the models of a make) when it first maps a vehicle that needs it. One
vehicle of each make is therefore mapped ahead, outside any transaction; mappers remember what they read.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.cases import load_cases
from portal.exports.context import Context
from portal.models.exports import Transfer
from portal.models.vehicles import Vehicle
from portal.platforms.contract import Mapper


def warm(
    sessions: sessionmaker[Session],
    context: Context,
    mapper: Mapper,
    transfer_ids: Collection[UUID],
    known_makes: set[str | None],
) -> None:
    """Map one vehicle of each make that is not among `known_makes`, which grows by them.

    Raises ReferenceUnavailable.
    """
    with sessions() as session:
        examples = session.execute(
            select(Vehicle.make, Vehicle.id)
            .join(Transfer, Transfer.vehicle_id == Vehicle.id)
            .where(Transfer.id.in_(transfer_ids), Vehicle.make.not_in([m for m in known_makes if m]))
            .ext(distinct_on(Vehicle.make))
            .order_by(Vehicle.make)
        ).all()
        cases = load_cases(session, context.activation, context.rules, [row.id for row in examples])
    for case in cases:
        mapper(case.subject)
    known_makes.update(row.make for row in examples)
