"""`GET /api/v1/transfers`: the export history for dealers' own tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy import ColumnElement, Select, and_, any_, func, select, true
from sqlalchemy.orm import contains_eager

from portal.blueprints.api.arguments import BadArgument, read_id, read_limit, refuse_odd_query
from portal.blueprints.api.keys import with_key
from portal.blueprints.api.schema import TransferOut, Transfers
from portal.exports.history.filters import HELD
from portal.extensions import db
from portal.models import Activation, Location, Transfer, Vehicle
from portal.models.exports import TransferState
from portal.web.access import current_dealer, current_realm
from portal.web.problem_documents import problem
from portal.web.wording import translated

PAGE, LARGEST_PAGE = 100, 500
STATES = (*TransferState, HELD)
ARGUMENTS = ("state", "offer_number", "app", "limit", "before")


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/transfers", "transfers", listed)


@with_key("view")
def listed() -> Response:
    try:
        limit, statement = _wanted()
    except BadArgument as error:
        return problem(400, "Bad Request", str(error))
    rows = db.session.execute(statement).all()
    shown = tuple(_out(transfer, code) for transfer, code in rows[:limit])
    answer = Transfers(transfers=shown, next=shown[-1].id if len(rows) > limit else None)
    return Response(answer.model_dump_json(), content_type="application/json")


def _wanted() -> tuple[int, Select[Transfer, str]]:
    """The newest of each app first, then the newest of them: in the order of all transfers those of others
    would have to be passed."""
    refuse_odd_query(ARGUMENTS)
    limit = read_limit(PAGE, LARGEST_PAGE)
    newest = select(Transfer.id).where(*_conditions()).order_by(Transfer.id.desc()).limit(limit + 1)
    of_app = newest.correlate(Activation).lateral("of_app")
    mine = select(of_app.c.id).select_from(Activation).join(of_app, true())
    if app := request.args.get("app"):
        mine = mine.where(Activation.app == app)
    mine = mine.where(current_realm().of(Activation)).order_by(of_app.c.id.desc()).limit(limit + 1)
    return limit, (
        select(Transfer, Location.code)
        .join(Transfer.activation)
        .join(Transfer.vehicle)
        .join(Location, Location.id == Transfer.location_id)
        .options(contains_eager(Transfer.activation), contains_eager(Transfer.vehicle))
        .where(_one_of(Transfer.id, mine))
        .order_by(Transfer.id.desc())
    )


def _conditions() -> Iterator[ColumnElement[bool]]:
    if number := request.args.get("offer_number"):
        named = (Vehicle.dealer_id == current_dealer().id, Vehicle.offer_number == number)
        yield _one_of(Transfer.vehicle_id, select(Vehicle.id).where(*named))
        # By the vehicle alone: no index serves IS NOT DISTINCT FROM.
        yield Transfer.activation_id.is_not_distinct_from(Activation.id)
    else:
        yield Transfer.activation_id == Activation.id
    if state := request.args.get("state"):
        yield _in_state(state)
    if before := request.args.get("before"):
        yield Transfer.id < read_id("before", before, "transfer")


def _one_of(column: Any, few: Select[UUID]) -> ColumnElement[bool]:
    """Found first, so that it is looked up by their keys."""
    return column == any_(func.array(few.scalar_subquery()))  # type: ignore[no-any-return]


def _out(transfer: Transfer, location: str) -> TransferOut:
    return TransferOut(
        id=transfer.id,
        app=transfer.activation.app,
        customer_number=transfer.activation.customer_number,
        location=location,
        offer_number=transfer.vehicle.offer_number,
        action=transfer.action,
        trigger=transfer.trigger,
        state=HELD if transfer.held else transfer.state,
        listing_id=transfer.listing_id,
        url=transfer.url,
        feedback=tuple({**item, "text": translated(item.get("text", ""))} for item in transfer.feedback),
        created_at=transfer.created_at,
        sent_at=transfer.sent_at,
        finished_at=transfer.finished_at,
    )


def _in_state(text: str) -> ColumnElement[bool]:
    """As `_out` spells it: what a lock holds back is no longer just waiting."""
    if text not in STATES:
        raise BadArgument(f"state is one of: {', '.join(STATES)}.")
    if text == HELD:
        return Transfer.held.is_(True)
    found: ColumnElement[bool] = Transfer.state == text
    return and_(found, ~Transfer.held) if text == TransferState.WAITING else found
