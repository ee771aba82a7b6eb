"""Every reason why something is not online, grouped by its cause. No Flask.

Red: no platform can publish the vehicle. Orange: preflight found what one platform would refuse.
Rejected and failed: how the last transfer of a vehicle to an account ended, kept by the listing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, text
from sqlalchemy.orm import Session

from portal.exports.full_transfer.control import ListingKey
from portal.messages import Wording, from_json, say
from portal.models import Activation, Lock, Run
from portal.models.exports import ActivationState, RunKind, RunState
from portal.models.listing_conditions import FAILED_AT_ONE, TROUBLE_CONDITION, VANISHED_CONDITION
from portal.models.prepared import question
from portal.models.realm import Realm
from portal.platforms.contract import Actor
from portal.vehicle_facts import plausibility


class ProblemSource(StrEnum):
    """Where the reason was found. REJECTED and FAILED can be sent again; VANISHED is found by the stock
    check, and to have it created again may cost. HINT is remarked and sent all the same."""

    VEHICLE = "vehicle"
    PREFLIGHT = "preflight"
    REJECTED = "rejected"
    FAILED = "failed"
    VANISHED = "vanished"
    HINT = "hint"


RESENDABLE_SOURCES = (ProblemSource.REJECTED, ProblemSource.FAILED)


@dataclass(frozen=True)
class ProblemCause:
    """A reason that several vehicles share; `code` and `field` are those of their `Feedback`."""

    source: ProblemSource
    code: str
    field: str
    who: str
    text: Wording
    vehicles: int
    apps: tuple[str, ...]
    """Slugs of the platforms concerned; none when it is all of them."""

    @property
    def odd(self) -> bool:
        """Of the vehicle itself: the list finds it by an index of its own."""
        return self.source == ProblemSource.HINT and self.code in plausibility.SENTENCES

    @property
    def resendable(self) -> bool:
        return self.source in RESENDABLE_SOURCES

    @property
    def resend_helps(self) -> bool:
        """Without a change before: a value that the platform refused, it would refuse again."""
        wrong_value = self.source == ProblemSource.REJECTED and self.who == Actor.DEALER and bool(self.field)
        return self.resendable and not wrong_value


@dataclass(frozen=True)
class ProblemVehicle:
    """One vehicle that a platform refused, or does not have any more, at one account."""

    activation_id: UUID
    vehicle_id: UUID
    transfer_id: UUID | None
    """None when the transfer is older than the history, and deleted."""
    app: str
    customer_number: str
    offer_number: str
    title: str
    text: Wording

    @property
    def pair(self) -> ListingKey:
        return self.activation_id, self.vehicle_id


@dataclass(frozen=True)
class CauseKey:
    """Names a cause among those that can be sent again; empty names mean: every one."""

    source: str = ""
    code: str = ""
    field: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> CauseKey:
        return cls(args.get("source", ""), args.get("code", ""), args.get("field", ""))

    @classmethod
    def of(cls, cause: ProblemCause) -> CauseKey:
        return cls(cause.source, cause.code, cause.field)


def find_causes(session: Session, realm: Realm) -> list[ProblemCause]:
    """The dealer's own tasks first, then what concerns most vehicles; one query."""
    gone = {"code": ProblemSource.VANISHED, "who": Actor.DEALER, "text": GONE_FROM_PLATFORM.as_json()}
    rows = session.execute(_CAUSES, {**_within(realm), "gone": json.dumps(gone)})
    causes = [
        ProblemCause(ProblemSource(source), code, field, who, from_json(message), vehicles, tuple(apps))
        for source, code, field, who, message, vehicles, apps in rows
    ]

    def urgency(cause: ProblemCause) -> tuple[bool, bool, int, str]:
        """What only remarks comes last."""
        hint = cause.source == ProblemSource.HINT
        return hint, cause.who != Actor.DEALER, -cause.vehicles, str(cause.text)

    return sorted(causes, key=urgency)


def find_refusals(
    session: Session, realm: Realm, which: CauseKey, limit: int | None = None
) -> list[ProblemVehicle]:
    """Vehicles that were rejected or failed the last time, each account for itself."""
    rows = session.execute(
        _REFUSALS,
        {
            **_within(realm),
            "source": which.source,
            "code": which.code,
            "field": which.field,
            "every": which == CauseKey(),
            "most": limit,
        },
    )
    return [_problem_vehicle(row) for row in rows]


def find_vanished(session: Session, realm: Realm, limit: int) -> list[ProblemVehicle]:
    """Vehicles that a platform does not list any more, each account for itself."""
    rows = session.execute(
        _VANISHED, {**_within(realm), "most": limit, "gone": json.dumps(GONE_FROM_PLATFORM.as_json())}
    )
    return [_problem_vehicle(row) for row in rows]


def _problem_vehicle(row: Any) -> ProblemVehicle:
    found = ProblemVehicle(*row)
    return replace(found, text=from_json(found.text))


def find_halted(session: Session, realm: Realm) -> list[Activation]:
    """Accounts to which nothing goes: until a named cause is removed, or before the dealer has decided about
    two stocks. Those stopped come first, the one that has been for longest before all."""
    undecided = exists().where(
        Run.activation_id == Activation.id,
        Run.kind == RunKind.RECONCILIATION,
        Run.state == RunState.HELD,
    )
    reconciling = and_(Activation.state == ActivationState.RECONCILING, undecided)
    statement = (
        select(Activation)
        .where(realm.of(Activation), or_(Activation.state == ActivationState.STOPPED, reconciling))
        .order_by(Activation.stopped_at.nulls_last(), Activation.customer_number)
    )
    return list(session.scalars(statement))


def find_locked(session: Session, realm: Realm) -> list[tuple[Activation, Lock]]:
    """Accounts to which nothing goes until somebody has looked at a deviation."""
    statement = (
        select(Activation, Lock)
        .join(Lock, (Lock.activation_id == Activation.id) & Lock.closed_at.is_(None))
        .where(realm.of(Activation))
        .order_by(Lock.opened_at)
    )
    return [(activation, lock) for activation, lock in session.execute(statement)]


def _within(realm: Realm) -> dict[str, Any]:
    return {
        "dealer": realm.dealer_id,
        "everywhere": not realm.limited,
        "locations": list(realm.location_ids),
    }


GONE_FROM_PLATFORM = say("Auf der Plattform nicht mehr vorhanden")

_HERE = "(:everywhere OR location_id = ANY (CAST(:locations AS uuid[])))"
_TROUBLE = f"""
    live AS (
        SELECT id, app, customer_number, location_id, counts_for_warning, state FROM activation
        WHERE dealer_id = :dealer AND {_HERE}
            AND state IN ('reconciling', 'active', 'locked', 'stopped', 'closing')
    ),
    trouble AS (
        SELECT live.app, live.customer_number, listing.activation_id, listing.vehicle_id,
            listing.last_result, listing.last_feedback, listing.last_transfer_id
        FROM live JOIN listing ON listing.activation_id = live.id
        WHERE {TROUBLE_CONDITION} AND (live.state <> 'closing' OR listing.state <> 'absent')
    )
"""  # noqa: S608

_STOCK = """LATERAL (
    SELECT id, location_id, problems FROM vehicle
    WHERE id = p.vehicle_id AND withdrawn_at IS NULL AND online OFFSET 0) AS stock"""
"""The vehicle of a publication, looked up by its key alone: a stock that PostgreSQL takes for a small one
would be read for each of them."""


def find_failed(session: Session, activation_id: UUID) -> list[ListingKey]:
    """Vehicles whose last transfer to this account could not be delivered, all of them."""
    rows = _FAILED.ask(session, activation=activation_id, most=None)
    return [(activation_id, vehicle_id) for (vehicle_id,) in rows]


# The statements below are put together from the constants above, nothing else (S608).
_CAUSES = text(
    f"""
    WITH {_TROUBLE},
    item AS (
        SELECT 'vehicle' AS source, id AS vehicle_id, NULL AS app, item
        FROM vehicle CROSS JOIN jsonb_array_elements(problems) AS item
        WHERE dealer_id = :dealer AND {_HERE} AND withdrawn_at IS NULL AND online
        UNION ALL
        SELECT 'preflight', stock.id, live.app, item
        FROM live JOIN publication p ON p.activation_id = live.id AND p.released AND p.problems <> '[]'
            AND live.counts_for_warning AND live.state <> 'closing'
        CROSS JOIN {_STOCK}
        CROSS JOIN jsonb_array_elements(p.problems) AS item
        WHERE stock.location_id = live.location_id
            AND NOT stock.problems @> jsonb_build_array(jsonb_build_object('field', item->'field'))
        UNION ALL
        SELECT 'hint', stock.id, live.app, item
        FROM live JOIN publication p ON p.activation_id = live.id AND p.released AND p.hints <> '[]'
            AND live.state <> 'closing'
        CROSS JOIN {_STOCK}
        CROSS JOIN jsonb_array_elements(p.hints) AS item
        WHERE stock.location_id = live.location_id
        UNION ALL
        SELECT trouble.last_result, trouble.vehicle_id, trouble.app, item
        FROM trouble LEFT JOIN jsonb_array_elements(trouble.last_feedback) AS item ON true
        UNION ALL
        SELECT 'vanished', listing.vehicle_id, live.app, CAST(:gone AS jsonb)
        FROM live JOIN listing ON listing.activation_id = live.id
        WHERE {VANISHED_CONDITION} AND live.state <> 'closing'
    )
    SELECT source, coalesce(item->>'code', ''), coalesce(item->>'field', ''),
        coalesce(item->>'who', 'dealer'), CAST(min(CAST(item->'text' AS text)) AS jsonb),
        count(DISTINCT vehicle_id),
        coalesce(array_agg(DISTINCT app) FILTER (WHERE app IS NOT NULL), '{{}}')
    FROM item GROUP BY 1, 2, 3, 4
    """  # noqa: S608
)

_REFUSALS = text(
    f"""
    WITH {_TROUBLE},
    found AS (
        SELECT DISTINCT ON (v.offer_number, v.id, r.activation_id) r.activation_id, v.id AS vehicle_id,
            r.last_transfer_id, r.app, r.customer_number, v.offer_number,
            concat_ws(' ', v.make, v.model, nullif(v.data->>'model_description', '')) AS title,
            item->'text' AS said
        FROM trouble r JOIN vehicle v ON v.id = r.vehicle_id
        LEFT JOIN jsonb_array_elements(r.last_feedback) AS item ON true
        WHERE :every OR (r.last_result = :source AND coalesce(item->>'code', '') = :code
            AND coalesce(item->>'field', '') = :field)
        ORDER BY v.offer_number, v.id, r.activation_id LIMIT CAST(:most AS bigint)
    )
    SELECT activation_id, vehicle_id, (SELECT t.id FROM transfer t WHERE t.id = last_transfer_id),
        app, customer_number, offer_number, title, said
    FROM found ORDER BY offer_number, vehicle_id, activation_id
    """  # noqa: S608
)

_VANISHED = text(
    f"""
    WITH {_TROUBLE}
    SELECT live.id, v.id, NULL, live.app, live.customer_number, v.offer_number,
        concat_ws(' ', v.make, v.model, nullif(v.data->>'model_description', '')), CAST(:gone AS jsonb)
    FROM live JOIN listing ON listing.activation_id = live.id JOIN vehicle v ON v.id = listing.vehicle_id
    WHERE {VANISHED_CONDITION} AND live.state <> 'closing'
    ORDER BY v.offer_number, v.id, live.id LIMIT CAST(:most AS bigint)
    """  # noqa: S608
)

_FAILED = question(text(FAILED_AT_ONE), planned_once=False)
