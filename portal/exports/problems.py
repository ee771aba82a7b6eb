"""Every reason why something is not online, grouped by its cause. No Flask.

Red: no platform can publish the vehicle. Orange: preflight found what one platform would refuse.
Rejected and failed: what the last transfer of a vehicle to an account ended with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.exports.resending import Pair
from portal.models import Activation
from portal.models.exports import ActivationState
from portal.platforms.base import Actor


class Source(StrEnum):
    """Where the reason was found. The last two can be sent again."""

    VEHICLE = "vehicle"
    PREFLIGHT = "preflight"
    REJECTED = "rejected"
    FAILED = "failed"


SENT = (Source.REJECTED, Source.FAILED)


@dataclass(frozen=True)
class Cause:
    """A reason that several vehicles share; `code` and `field` are those of their `Feedback`."""

    source: Source
    code: str
    field: str
    who: str
    text: str
    vehicles: int
    apps: tuple[str, ...]
    """Slugs of the platforms concerned; none when it is all of them."""

    @property
    def resendable(self) -> bool:
        return self.source in SENT


@dataclass(frozen=True)
class Refusal:
    """One vehicle that a platform refused, at one account."""

    activation_id: UUID
    vehicle_id: UUID
    transfer_id: UUID | None
    """None when the transfer is older than the history."""
    app: str
    customer_number: str
    offer_number: str
    title: str
    text: str

    @property
    def pair(self) -> Pair:
        return self.activation_id, self.vehicle_id


@dataclass(frozen=True)
class Which:
    """Names a cause among those that can be sent again; empty names mean: every one."""

    source: str = ""
    code: str = ""
    field: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Which:
        return cls(args.get("source", ""), args.get("code", ""), args.get("field", ""))

    @classmethod
    def of(cls, cause: Cause) -> Which:
        return cls(cause.source, cause.code, cause.field)


def find_causes(session: Session, dealer_id: UUID) -> list[Cause]:
    """The dealer's own tasks first, then what concerns most vehicles; one query."""
    rows = session.execute(_CAUSES, {"dealer": dealer_id})
    causes = [
        Cause(Source(source), code, field, who, message, vehicles, tuple(apps))
        for source, code, field, who, message, vehicles, apps in rows
    ]
    return sorted(causes, key=lambda cause: (cause.who != Actor.DEALER, -cause.vehicles, cause.text))


def find_refusals(session: Session, dealer_id: UUID, which: Which, limit: int | None = None) -> list[Refusal]:
    """Vehicles whose last transfer was rejected or failed, each account for itself."""
    rows = session.execute(
        _REFUSALS,
        {
            "dealer": dealer_id,
            "source": which.source,
            "code": which.code,
            "field": which.field,
            "every": which == Which(),
            "most": limit,
        },
    )
    return [Refusal(*row) for row in rows]


def find_stopped(session: Session, dealer_id: UUID) -> list[Activation]:
    """Accounts to which nothing goes until a named cause is removed."""
    statement = (
        select(Activation)
        .where(Activation.dealer_id == dealer_id, Activation.state == ActivationState.STOPPED)
        .order_by(Activation.stopped_at)
    )
    return list(session.scalars(statement))


# Begins at the few transfers that ended badly (index ix_transfer_facets) and at the refusals that
# listings remember longer than the history, never at all listings. What waits is being seen to.
_REFUSED = """
    live AS (
        SELECT id, app, customer_number, location_id FROM activation
        WHERE dealer_id = :dealer AND state IN ('active', 'stopped')
    ),
    bad AS (
        SELECT t.state AS source, t.activation_id, t.vehicle_id, t.id AS transfer_id, t.feedback
        FROM live JOIN transfer t ON t.activation_id = live.id AND t.state IN ('rejected', 'failed')
        WHERE t.id = (
            SELECT last.id FROM transfer last WHERE last.vehicle_id = t.vehicle_id
            AND last.activation_id = t.activation_id ORDER BY last.id DESC LIMIT 1)
    ),
    refused AS (
        SELECT * FROM bad
        UNION ALL
        SELECT 'rejected', l.activation_id, l.vehicle_id, CAST(NULL AS uuid), CAST('[]' AS jsonb)
        FROM live JOIN listing l ON l.activation_id = live.id AND l.refused_hash IS NOT NULL
        WHERE NOT EXISTS (
            SELECT FROM transfer t WHERE t.vehicle_id = l.vehicle_id AND t.activation_id = l.activation_id)
    )
"""
_REMEMBERED = (
    "jsonb_build_array(jsonb_build_object('text', 'Die Plattform hat die Angaben zuletzt abgelehnt.'))"
)
_ITEMS = f"jsonb_array_elements(CASE WHEN r.feedback = '[]' THEN {_REMEMBERED} ELSE r.feedback END)"

# The statements below are put together from the constants above, nothing else (S608).
_CAUSES = text(
    f"""
    WITH {_REFUSED},
    stock AS (
        SELECT id, location_id, problems FROM vehicle
        WHERE dealer_id = :dealer AND withdrawn_at IS NULL AND online
    ),
    item AS (
        SELECT 'vehicle' AS source, stock.id AS vehicle_id, NULL AS app, item
        FROM stock CROSS JOIN jsonb_array_elements(stock.problems) AS item
        UNION ALL
        SELECT 'preflight', stock.id, live.app, item
        FROM live JOIN publication p ON p.activation_id = live.id AND p.released AND p.problems <> '[]'
        JOIN stock ON stock.id = p.vehicle_id AND stock.location_id = live.location_id
        CROSS JOIN jsonb_array_elements(p.problems) AS item
        UNION ALL
        SELECT r.source, r.vehicle_id, live.app, item
        FROM refused r JOIN live ON live.id = r.activation_id CROSS JOIN {_ITEMS} AS item
    )
    SELECT source, coalesce(item->>'code', ''), coalesce(item->>'field', ''),
        coalesce(item->>'who', 'dealer'), min(item->>'text'), count(DISTINCT vehicle_id),
        coalesce(array_agg(DISTINCT app) FILTER (WHERE app IS NOT NULL), '{{}}')
    FROM item GROUP BY 1, 2, 3, 4
    """  # noqa: S608
)

_REFUSALS = text(
    f"""
    WITH {_REFUSED}
    SELECT DISTINCT ON (v.offer_number, v.id, live.id) live.id, v.id, r.transfer_id, live.app,
        live.customer_number, v.offer_number,
        concat_ws(' ', v.make, v.model, nullif(v.data->>'model_description', '')), item->>'text'
    FROM refused r JOIN live ON live.id = r.activation_id JOIN vehicle v ON v.id = r.vehicle_id
    CROSS JOIN {_ITEMS} AS item
    WHERE :every OR (r.source = :source AND coalesce(item->>'code', '') = :code
        AND coalesce(item->>'field', '') = :field)
    ORDER BY v.offer_number, v.id, live.id LIMIT CAST(:most AS bigint)
    """  # noqa: S608
)
