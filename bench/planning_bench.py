"""Planning a full transfer beside its floor: select, map, spell and hash the same vehicles, nothing else.

The plan adds what makes it one: rows that are locked, releases, pictures and listings as they are known,
preflight, what differs from what the platform took last, and what is noted for the pages.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from bench.report import Row, at_most
from bench.surroundings import make_dealer, surroundings
from portal.audit import Who
from portal.exports.core.runtime import Runtime, make_runtime
from portal.exports.dispatch.claims import changes_since_sent
from portal.exports.full_transfer import control, task
from portal.exports.full_transfer.control import FullTransferReason
from portal.exports.planning import queue
from portal.exports.planning.cases import load_cases, rules_of
from portal.exports.planning.plan import SENT_STEPS, hash_payload, plan
from portal.models.base import any_of
from portal.models.exports import Activation, Listing, ListingState
from portal.models.vehicles import Vehicle
from portal.platforms import get_app
from portal.platforms.contract import Account, Json, Mapper, Rules, Subject
from portal.vehicle_facts.data import VehicleData
from tests.exports.leases import hold

VEHICLES = 50_000
CHUNK = 1_000
WARM = 2_000
"""Vehicles of a first round that does not count."""
DIFFERS = 100
"""One listing in so many was sent with another mileage."""


@dataclass(frozen=True)
class Desk:
    """What a plan is made with."""

    runtime: Runtime
    activation: Activation
    rules: Rules
    mapper: Mapper


def run() -> list[Row]:
    with surroundings() as around:
        runtime = make_runtime(around.settings, ring=lambda *_: None)
        desk = _desk(runtime, make_dealer(around.settings, VEHICLES))
        _list_everything(desk)
        marking, floor, planning = _measured(desk)
        runtime.engine.dispose()
    name = f"planning a full transfer of {VEHICLES:,} vehicles"
    ratio = planning / floor
    return [
        at_most(name, f"{planning:.2f} s", f"{floor:.2f} s select + map + dumps + sha256", ratio, 1.6),
        Row("marking its vehicles before", f"{marking:.2f} s", "one statement", marking / floor, "–", True),
    ]


def _desk(runtime: Runtime, activation_id: UUID) -> Desk:
    with runtime.sessions() as session:
        activation = session.get_one(Activation, activation_id)
        rules = rules_of(activation.dealer)
        account = Account.from_json(activation.account)
        platform, stores = runtime.platform(activation.app), runtime.stores(activation.app)
        mapper = platform.mapper(activation.settings, account, rules, stores)
        session.expunge(activation)
    return Desk(runtime, activation, rules, mapper)


def _vehicle_ids(session: Session) -> list[UUID]:
    return list(session.scalars(select(Vehicle.id).order_by(Vehicle.id)))


def _list_everything(desk: Desk) -> None:
    """Every vehicle is online, most of them as they are now."""
    with desk.runtime.sessions.begin() as session:
        for chunk in _chunks(_vehicle_ids(session)):
            cases = load_cases(session, desk.activation, desk.rules, chunk)
            rows = [_listing(desk, case.vehicle_id, desk.mapper(case.subject).payload) for case in cases]
            session.execute(insert(Listing), rows)
    with desk.runtime.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _listing(desk: Desk, vehicle_id: UUID, payload: Json) -> Json:
    old = payload | {"mileage": 1} if vehicle_id.int % DIFFERS == 0 else payload
    return {
        "activation_id": desk.activation.id,
        "vehicle_id": vehicle_id,
        "state": ListingState.ONLINE,
        "listing_id": str(uuid4()),
        "sent_hash": hash_payload(old),
        "sent_payload": old,
    }


def _bare(desk: Desk, vehicle_ids: Sequence[UUID]) -> None:
    """The same mapper over the same vehicles."""
    with desk.runtime.sessions() as session:
        for (data,) in session.execute(select(Vehicle.data).where(any_of(Vehicle.id, vehicle_ids))):
            prepared = desk.mapper(Subject(VehicleData.model_validate(data), "B"))
            hashlib.sha256(json.dumps(prepared.payload).encode()).hexdigest()


def _measured(desk: Desk) -> tuple[float, float, float]:
    """Seconds to mark the vehicles of a full transfer, of the floor, and to plan all of them."""
    runtime, activation_id = desk.runtime, desk.activation.id
    with runtime.sessions.begin() as session:
        activation = session.get_one(Activation, activation_id)
        control.start(session, activation, FullTransferReason.MISSING, Who(name="bench"))
    with hold(runtime.sessions, activation_id) as lease:
        if lease is None:
            raise RuntimeError("somebody else holds the lease")
        started = time.perf_counter()
        task.begin_run(runtime, lease)
        marked = time.perf_counter() - started
    _in_turns(desk, WARM)
    return marked, *_in_turns(desk, VEHICLES)


def _in_turns(desk: Desk, most: int) -> tuple[float, float]:
    """Floor and plan take turns chunk by chunk, so that what else the machine does meets both alike.

    Nothing is sent, so all of them still wait afterwards.
    """
    with desk.runtime.sessions() as session:
        vehicles = _vehicle_ids(session)[:most]
        due = [row.id for row in queue.due(session, desk.activation.id)][:most]
    floor = ours = 0.0
    planned = 0
    for bare, rows in zip(_chunks(vehicles), _chunks(due), strict=True):
        started = time.perf_counter()
        _bare(desk, bare)
        between = time.perf_counter()
        planned += _plan_chunk(desk, rows)
        floor += between - started
        ours += time.perf_counter() - between
    if planned != most:
        raise RuntimeError(f"{planned} of {most} vehicles would be sent")
    return floor, ours


def _plan_chunk(desk: Desk, transfer_ids: Sequence[UUID]) -> int:
    """How many of these would be sent."""
    activation_id = desk.activation.id
    with desk.runtime.sessions.begin() as session:
        rows = queue.lock_waiting(session, transfer_ids)
        vehicle_ids = {row.vehicle_id for row in rows}
        cases = load_cases(session, desk.activation, desk.rules, vehicle_ids)
        planned = plan(cases, desk.mapper, vehicle_ids)
        queue.forget_idle(session, rows, planned)
        queue.forget_trouble(session, activation_id, planned)
        queue.note_checks(session, activation_id, planned, cases)
        sent = [item for item in planned if item.step in SENT_STEPS]
        changes_since_sent(session, activation_id, sent, get_app(desk.activation.app).labels)
    return len(sent)


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
