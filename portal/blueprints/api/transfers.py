"""`GET /api/v1/transfers`: the export history for dealers' own tools."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import contains_eager

from portal.blueprints.api.arguments import BadArgument, read_id, read_limit, refuse_odd_query
from portal.blueprints.api.keys import with_key
from portal.blueprints.api.schema import TransferOut, Transfers
from portal.exports.history.filters import HELD
from portal.extensions import db
from portal.models import Activation, Location, Transfer, Vehicle
from portal.models.exports import TransferState
from portal.web.access import current_realm
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
    rows = db.session.execute(statement.limit(limit + 1)).all()
    shown = tuple(_out(transfer, code) for transfer, code in rows[:limit])
    answer = Transfers(transfers=shown, next=shown[-1].id if len(rows) > limit else None)
    return Response(answer.model_dump_json(), content_type="application/json")


def _wanted() -> tuple[int, Select[Transfer, str]]:
    refuse_odd_query(ARGUMENTS)
    statement = (
        select(Transfer, Location.code)
        .join(Transfer.activation)
        .join(Transfer.vehicle)
        .join(Location, Location.id == Transfer.location_id)
        .options(contains_eager(Transfer.activation), contains_eager(Transfer.vehicle))
        .where(current_realm().of(Activation))
        .order_by(Transfer.id.desc())
    )
    if state := request.args.get("state"):
        statement = statement.where(_in_state(state))
    if number := request.args.get("offer_number"):
        statement = statement.where(Vehicle.offer_number == number)
    if app := request.args.get("app"):
        statement = statement.where(Activation.app == app)
    if before := request.args.get("before"):
        statement = statement.where(Transfer.id < read_id("before", before, "transfer"))
    return read_limit(PAGE, LARGEST_PAGE), statement


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
