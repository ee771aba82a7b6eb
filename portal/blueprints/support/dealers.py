"""Finding a dealer: by name, key, customer number or the VIN of a vehicle."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from flask_login import current_user
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.support import blueprint
from portal.extensions import db
from portal.models import Activation, Dealer, SupportSession, Vehicle
from portal.vehicle_facts.vin import normalised
from portal.web.access import support
from portal.web.responses import fragment

MOST = 30
LAST_SESSIONS = 10


@dataclass(frozen=True)
class DealersFound:
    dealers: tuple[Dealer, ...]
    more: bool


@blueprint.get("/support")
@support
def page() -> str:
    text = " ".join(request.args.get("q", "").replace("\0", "").split())[:100]
    found = find_dealers(db.session(), text)
    if fragment():
        return render_template("support/_dealers.html", found=found, text=text)
    last_sessions = (
        select(SupportSession)
        .where(SupportSession.agent_id == current_user.id)
        .options(joinedload(SupportSession.dealer))
        .order_by(SupportSession.id.desc())
        .limit(LAST_SESSIONS)
    )
    return render_template(
        "support/page.html",
        found=found,
        text=text,
        support_sessions=db.session.scalars(last_sessions).all(),
    )


def find_dealers(session: Session, text: str) -> DealersFound:
    """In the order of their names; a number or VIN must be given whole."""
    statement = select(Dealer).order_by(func.lower(Dealer.name), Dealer.id).limit(MOST + 1)
    if text:
        statement = statement.where(
            or_(
                Dealer.name.icontains(text, autoescape=True),
                Dealer.key.icontains(text, autoescape=True),
                exists().where(Activation.dealer_id == Dealer.id, Activation.customer_number == text),
                exists().where(Vehicle.dealer_id == Dealer.id, Vehicle.vin == normalised(text)),
            )
        )
    dealers = tuple(session.scalars(statement))
    return DealersFound(dealers[:MOST], len(dealers) > MOST)
