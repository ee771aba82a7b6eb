"""The waiting side of the transfer table: recover, look, lock, note what will be sent.

A row is locked *before* its vehicle is read: whoever changes the vehicle locks the same row
(portal/outbox), so a change is either seen here or leaves a row that waits.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease, is_leased
from portal.exports.planning.cases import ExportCase
from portal.exports.planning.outcome import serialize_feedback
from portal.exports.planning.plan import Planned, PlanStep
from portal.exports.trouble import platform_state
from portal.messages import say
from portal.models.base import any_of
from portal.models.exports import (
    SERVED,
    Activation,
    ActivationState,
    Listing,
    ListingState,
    RunKind,
    Transfer,
    TransferState,
)
from portal.models.prepared import Question, place, places, question
from portal.models.runs import RUN_UNDER_WAY, Run
from portal.models.vehicles import Vehicle
from portal.outbox import SETTLING, Line
from portal.platforms.contract import Json, Prepared
from portal.vehicle_facts.data import VehicleData
from portal.vehicles.readiness import odd_hints
from portal.vehicles.status import NOT_TAKEN

IDLE_STEPS = (PlanStep.NOTHING, PlanStep.BLOCKED, PlanStep.PROTECTED)
_DUE = or_(Transfer.not_before.is_(None), Transfer.not_before <= func.now())
_DUE_APART = Transfer.not_before.is_(None), Transfer.not_before <= func.now()
"""Each a range of the index; what is put off is not read for them."""
LOOKED_AT = 2_000
"""Rows that are handed to a slice: more than it can send."""


class WaitingRow(NamedTuple):
    """A locked row that waits."""

    id: UUID
    vehicle_id: UUID
    forced: bool = False
    """Sent also when the platform took, or refused, the same payload before."""


def recover(session: Session, lease: Lease) -> int:
    """Rows that still say `sending` were left by a worker that died: they wait again.

    Where a newer change waits already, that one stands for both. Nobody knows whether their requests
    went out: the history says so, no attempt is used up, whatever was sent is given time to settle, and a
    vehicle that is wanted as it was before is sent all the same.
    """
    carry_over_force(session, lease.activation_id)
    known = {"activation": lease.activation_id, "said": json.dumps(INTERRUPTED.as_json()), **_SETTLING}
    recovered = session.execute(_RECOVER, known).all()
    let_settle(session, lease.activation_id, [row.vehicle_id for row in recovered if row.gave_way])
    of_these = any_of(Listing.vehicle_id, [row.vehicle_id for row in recovered])
    in_doubt = update(Listing).where(Listing.activation_id == lease.activation_id, of_these)
    session.execute(in_doubt.values(sent_hash=None))
    return len(recovered)


INTERRUPTED = say(
    "Abgebrochen, bevor die Antwort der Plattform vermerkt war. Es wird neu entschieden und gesendet."
)
_RECOVER = text(
    """
    UPDATE transfer AS t SET lease_token = NULL, attempt_count = greatest(t.attempt_count - 1, 0),
        attempts = t.attempts || jsonb_build_object('at', t.sent_at, 'outcome', 'unknown', 'sign', '',
            'detail', CAST(:said AS jsonb), 'not_before', CASE WHEN w.id IS NULL THEN s.settled END,
            'exchanges', CAST('[]' AS jsonb)),
        not_before = CASE WHEN w.id IS NULL THEN s.settled ELSE t.not_before END,
        state = CASE WHEN w.id IS NULL THEN 'waiting' ELSE 'discarded' END,
        finished_at = CASE WHEN w.id IS NULL THEN NULL ELSE now() END
    FROM (SELECT id, activation_id, vehicle_id,
            greatest(not_before, now() + CAST(:settling AS interval)) AS settled
        FROM transfer WHERE activation_id = :activation AND state = 'sending') AS s
    LEFT JOIN LATERAL (
        SELECT id FROM transfer WHERE vehicle_id = s.vehicle_id
            AND activation_id IS NOT DISTINCT FROM s.activation_id
            AND state IS NOT DISTINCT FROM 'waiting' OFFSET 0) AS w ON true
    WHERE s.id = t.id
    RETURNING t.vehicle_id, w.id IS NOT NULL AS gave_way
    """
)
"""OFFSET 0 keeps what waits a look-up for one vehicle after the other, and IS NOT DISTINCT FROM one by the
vehicle alone, here and below: PostgreSQL would read the whole line for each row."""


def let_settle(session: Session, activation_id: UUID, vehicle_ids: Collection[UUID]) -> None:
    """What waits for these stands for a request without an answer as well, and leaves that one its time."""
    if vehicle_ids:
        these = {"activation": activation_id, "vehicles": list(vehicle_ids), **_SETTLING}
        session.execute(_LET_SETTLE, these)


_SETTLING = {"settling": SETTLING}
_LET_SETTLE = text(
    """
    UPDATE transfer SET not_before = greatest(not_before, now() + CAST(:settling AS interval))
    WHERE vehicle_id = ANY(:vehicles) AND activation_id IS NOT DISTINCT FROM :activation
        AND state IS NOT DISTINCT FROM 'waiting'
    """
)
"""By the vehicles alone: IS NOT DISTINCT FROM keeps PostgreSQL from reading all that waits there."""


def is_due(activation_id: UUID | ColumnElement[UUID]) -> tuple[ColumnElement[bool], ...]:
    """It waits and may be sent now."""
    return Transfer.activation_id == activation_id, Transfer.state == TransferState.WAITING, _DUE


class DueRow(NamedTuple):
    """A transfer that may be sent now, and what says which reference data it needs."""

    id: UUID
    make: str | None
    order: tuple[bool, int, UUID]
    """What a person changed first; of each what was never tried, then the oldest."""


def next_due(session: Session, activation_id: UUID, most: int) -> list[DueRow]:
    """The first of those, however many wait: what is put off is not read, nor what comes later. Of more than
    so many that have been put off, those come first whose moment came first."""
    found = _in_hand(_next_due(most).ask(session, activation=activation_id))
    return sorted(found, key=lambda row: row.order)[:most]


@lru_cache(maxsize=10)
def _next_due(most: int) -> Question:
    here = waits_at(place("activation"))
    order = Transfer.not_before.nulls_first(), Transfer.bulk, Transfer.attempt_count, Transfer.id
    parts = [_due_rows().where(*here, part).order_by(*order).limit(most).subquery() for part in _DUE_APART]
    return question(union_all(*map(select, parts)))


def due(session: Session, activation_id: UUID) -> list[DueRow]:
    """The transfers that wait and may be sent now. What a person changed comes before what a machine did; of
    each, what was never tried comes first, then the oldest: after
    trouble of the whole platform the first one is the probe, and a vehicle with trouble of its own must not
    stand for all."""
    statement = _due_rows().where(*is_due(activation_id))
    ordered = statement.order_by(Transfer.bulk, Transfer.attempt_count, Transfer.id)
    return _in_hand(session.execute(ordered))


def _due_rows() -> Select[UUID, str | None, bool, int]:
    """The make is looked up for each: joined with few, PostgreSQL may read all vehicles."""
    make = select(Vehicle.make).where(Vehicle.id == Transfer.vehicle_id).scalar_subquery()
    return select(Transfer.id, make, Transfer.bulk, Transfer.attempt_count)


def _in_hand(rows: Iterable[Any]) -> list[DueRow]:
    return [DueRow(key, make, (bulk, attempts, key)) for key, make, bulk, attempts in rows]


def something_due(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of the activation in the statement around it, something waits and may be sent now. OFFSET 0 keeps it a
    look-up for each: all that waits would be read for one."""
    here = waits_at(Activation.id)
    found = (select(Transfer.id).where(*here, *conditions, part).offset(0) for part in _DUE_APART)
    return or_(*(one.exists() for one in found))


def waits_at(activation_id: Any) -> tuple[ColumnElement[bool], ...]:
    """By the index of what waits in its order, which holds only what states its condition."""
    same = func.uuid_hash(Transfer.activation_id) == func.uuid_hash(activation_id)
    waits = Transfer.state == TransferState.WAITING, Transfer.attempt_count >= text("0")
    return same, Transfer.activation_id == activation_id, *waits


def changed_since(activation_id: UUID, moment: datetime) -> ColumnElement[bool]:
    """Something that waits was noted at this moment or later."""
    key = literal(activation_id, Uuid)
    same = func.uuid_hash_extended(Transfer.activation_id, 0) == func.uuid_hash_extended(key, 0)
    here = same, Transfer.activation_id == key, Transfer.state == TransferState.WAITING
    return select(Transfer.id).where(*here, Transfer.changed_at >= moment).exists()


def line_of_waiting(session: Session, activation_id: UUID) -> Line | None:
    """Where an activation belongs of which something could be sent now that no lock holds, or whose stock is
    not released to its end; else None."""
    found = _line_of_waiting().ask(session, activation=activation_id).first()
    return None if found is None else Line.PEOPLE if found[0] else Line.BULK


@lru_cache(maxsize=1)
def _line_of_waiting() -> Question:
    may_send = (
        Activation.state.in_((ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING)),
        platform_state.may_go_out(),
        something_due(~Transfer.held),
    )
    # The run that still releases the stock of the activation in the statement around it.
    releasing = exists().where(
        Run.activation_id == Activation.id, Run.kind == RunKind.RELEASE, Run.state.in_(RUN_UNDER_WAY)
    )
    to_release = releasing, Activation.state.in_(SERVED)
    here = Activation.id == place("activation")
    return question(select(changed_by_people()).where(here, or_(and_(*may_send), and_(*to_release))))


def changed_by_people() -> ColumnElement[bool]:
    """Of the activation in the statement around it, something waits that a person has changed."""
    return something_due(~Transfer.bulk, ~Transfer.held)


def lock_waiting(session: Session, transfer_ids: Collection[UUID]) -> list[WaitingRow]:
    """Lock those that still wait; rows that a change holds right now are left for its own ring.

    They are found by their keys alone: IS NOT DISTINCT FROM keeps PostgreSQL from reading the index of all
    that waits, of every dealer, which it takes for a small one."""
    found = _lock_waiting().ask(session, transfers=list(transfer_ids))
    return [WaitingRow(*row) for row in found]


@lru_cache(maxsize=1)
def _lock_waiting() -> Question:
    named = Transfer.id == any_(places("transfers"))
    return question(
        select(Transfer.id, Transfer.vehicle_id, Transfer.forced)
        .where(named, Transfer.state.is_not_distinct_from(TransferState.WAITING))
        .order_by(Transfer.vehicle_id)
        .with_for_update(skip_locked=True, of=Transfer)
    )


def forget_idle(session: Session, rows: Sequence[WaitingRow], planned: Iterable[Planned]) -> None:
    """Locked rows with nothing to send disappear; why (preflight) stays with the publication.

    One that was tried before stays as discarded: the history explains every request.
    """
    wanted = {item.vehicle_id for item in planned if item.step not in IDLE_STEPS}
    idle = [row.id for row in rows if row.vehicle_id not in wanted]
    if idle:
        here = Transfer.id.in_(idle)
        session.execute(delete(Transfer).where(here, func.jsonb_array_length(Transfer.attempts) == 0))
        session.execute(
            update(Transfer).where(here).values(state=TransferState.DISCARDED, finished_at=func.now())
        )


def forget_trouble(session: Session, activation_id: UUID, planned: Iterable[Planned]) -> None:
    """A refusal or failure is over where the platform has the vehicle as it should be.

    They are found by their keys: asked for the last result as well, PostgreSQL reads the index of all that
    was refused for each chunk.
    """
    over = [
        item.vehicle_id for item in planned if item.as_it_should_be and item.known.last_result in NOT_TAKEN
    ]
    if over:
        session.execute(
            update(Listing)
            .where(Listing.activation_id == activation_id, any_of(Listing.vehicle_id, over))
            .values(last_result="", last_feedback=[], last_transfer_id=None, refused_hash=None)
        )


Checks = tuple[Sequence[Json], Sequence[Json]]
"""Problems and hints, as they are stored."""


def note_checks(
    session: Session, activation_id: UUID, planned: Sequence[Planned], cases: Iterable[ExportCase]
) -> None:
    """Keep what preflight found, so that pages show it without asking again; `planned` of these cases."""
    prepared = {item.vehicle_id: item.prepared for item in planned}
    cases = [case for case in cases if case.vehicle_id in prepared]
    found = {case.vehicle_id: checks_of(prepared[case.vehicle_id], case.subject.vehicle) for case in cases}
    store_checks(session, activation_id, found, {case.vehicle_id: case.noted for case in cases})


def checks_of(prepared: Prepared | None, vehicle: VehicleData) -> Checks:
    """Its problems and hints, and what is odd about the vehicle itself."""
    if prepared is None:
        return [], []
    hints = [*serialize_feedback(prepared.hints), *odd_hints(vehicle)]
    return serialize_feedback(prepared.problems), hints


def store_checks(
    session: Session, activation_id: UUID, found: Mapping[UUID, Checks], noted: Mapping[UUID, Checks]
) -> None:
    """`found` of each vehicle, apart from what is noted already."""
    changed = [
        {"activation": activation_id, "vehicle": key, "problems": _json(problems), "hints": _json(hints)}
        for key, (problems, hints) in found.items()
        if [[*problems], [*hints]] != [*map(list, noted.get(key, ((), ())))]
    ]
    if changed:
        session.execute(_NOTE_CHECKS, changed)


def _json(checks: Sequence[Json]) -> str:
    return json.dumps([*checks], default=str)


# By key, one after the other in one round trip: joined with a list of rows, PostgreSQL reads all of an
# activation that it takes for a small one.
_NOTE_CHECKS = text(
    """
    UPDATE publication SET problems = CAST(:problems AS jsonb), hints = CAST(:hints AS jsonb)
    WHERE vehicle_id = :vehicle AND activation_id = :activation
        AND (problems <> CAST(:problems AS jsonb) OR hints <> CAST(:hints AS jsonb))
    """
)


# What a transfer that is given up for a newer one hands on to it.
#
# Quick changes fold: where a newer row waits, it stands for both. When the older one had to be sent in any
# case (full transfer, sent again by hand), the newer one has to be as well, and belongs to its run.


def carry_over_force(
    session: Session, activation_id: UUID, transfer_ids: Collection[UUID] | None = None
) -> None:
    """Before rows that are being sent (these, or all of the activation) are put back to waiting."""
    session.execute(
        _CARRY_OVER_FORCE,
        {"activation": activation_id, "all": transfer_ids is None, "ids": list(transfer_ids or ())},
    )


_CARRY_OVER_FORCE = text(
    """
    WITH folded AS (
        UPDATE transfer AS t SET run_id = NULL, forced = false
        FROM transfer AS s CROSS JOIN LATERAL (
            SELECT id FROM transfer WHERE vehicle_id = s.vehicle_id
                AND activation_id IS NOT DISTINCT FROM s.activation_id
                AND state IS NOT DISTINCT FROM 'waiting' OFFSET 0) AS w
        WHERE s.id = t.id AND t.activation_id = :activation AND t.state = 'sending' AND t.forced
            AND (:all OR t.id = ANY(:ids))
        RETURNING w.id, s.run_id)
    UPDATE transfer AS w SET forced = true, run_id = coalesce(f.run_id, w.run_id)
    FROM folded AS f WHERE w.id = f.id
    """
)


# What ends when nothing of an activation waits any more.


def end_first_transfer(session: Session, activation_id: UUID) -> None:
    """Nothing of the first transfer waits any more, nor is to come: from now on the guard counts new listings
    too."""
    to_come = exists().where(
        Run.activation_id == activation_id, Run.kind == RunKind.RELEASE, Run.finished_at.is_(None)
    )
    unfinished = exists().where(
        Transfer.activation_id == activation_id,
        Transfer.state.in_((TransferState.WAITING, TransferState.SENDING)),
    )
    session.execute(
        update(Activation)
        .where(
            Activation.id == activation_id,
            Activation.state == ActivationState.ACTIVE,
            Activation.counted_from.is_(None),
            ~select(1).where(unfinished).exists(),
            ~select(1).where(to_come).exists(),
            exists().where(Listing.activation_id == activation_id),
        )
        .values(counted_from=func.now(), approved_deletions=0, approved_creations=0, approved_empty=False)
    )


def close_if_empty(session: Session, activation_id: UUID) -> None:
    """A closing activation whose last listing is gone is deactivated."""
    listed = exists().where(Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
    waiting = exists().where(
        Transfer.activation_id == activation_id,
        Transfer.state.in_((TransferState.WAITING, TransferState.SENDING)),
    )
    session.execute(
        update(Activation)
        .where(
            Activation.id == activation_id,
            Activation.state == ActivationState.CLOSING,
            ~select(1).where(listed).exists(),
            ~select(1).where(waiting).exists(),
        )
        .values(state=ActivationState.DEACTIVATED)
    )


def discard_unfinished_of_deactivated(session: Session) -> None:
    """What was on its way when an activation was deactivated, and came back undelivered."""
    ended = select(Activation.id).where(
        Activation.state == ActivationState.DEACTIVATED,
        ~is_leased(Activation.id),
    )
    session.execute(
        update(Transfer)
        .where(
            Transfer.state.in_((TransferState.WAITING, TransferState.SENDING)),
            Transfer.activation_id.in_(ended),
        )
        .values(state=TransferState.DISCARDED, finished_at=func.now(), lease_token=None)
    )
